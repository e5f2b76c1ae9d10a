//! Machine code in files.

use super::*;
use dayfly_jit::artifact::{Artifact, ArtifactError, Target, write};
use dayfly_jit::compile::Looks;
use dayfly_jit::trap_code::trap_code;
use dayfly_parser::{Config, Features};
use dayfly_runtime::fault::Fault;
use dayfly_runtime::trap::Trap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn target() -> Target {
    Target::new(&*isa(), Looks::Address, &RuntimeConfig::default(), Features::default())
}

/// Body 0 calls body 1, which traps for 0.
fn bytes() -> Vec<u8> {
    let store = store_with(RuntimeConfig::default());
    let caller = body(0, |mut m| {
        let result = m.call(1, m.arg);
        let result = m.b.ins().iadd_imm_s(result, 1);
        m.finish(result);
    });
    let callee = body(1, |mut m| {
        m.b.ins().trapz(m.arg, trap_code(Trap::CastFailure));
        let arg = m.arg;
        m.finish(arg);
    });
    write(&code(&shape(&store, 2), vec![caller, callee]), &target())
}

fn put(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("code.dfa");
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    path
}

fn instance_of(store: &mut StoreOpaque, artifact: &Artifact) -> Instance {
    let module = Module::known(artifact.module(), &Config::default()).unwrap();
    let shape = Shape::new(module, store.shared().types().clone(), store.shared().config().clone()).unwrap();
    let code: Arc<dyn Code> = artifact.code(&shape).unwrap();
    let blueprint = Blueprint::new(shape, code, store.shared()).unwrap();
    store.instantiate(&blueprint, &[]).unwrap()
}

#[test]
fn code_from_a_file_runs_in_any_engine() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), &bytes());
    let artifact = Artifact::open(&path, &target()).unwrap();
    // What is mapped stays when the file's name goes.
    fs::remove_file(&path).unwrap();
    for _ in 0..2 {
        let mut store = store_with(RuntimeConfig::default());
        let instance = instance_of(&mut store, &artifact);
        assert_eq!(call(&mut store, instance, 0, 41).unwrap(), 42);
        let failure = call(&mut store, instance, 0, 0).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::CastFailure)), "{failure:?}");
        assert_eq!(failure.frames.len(), 2);
    }
}

#[test]
fn code_from_a_file_can_be_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = bytes();
    let artifact = Artifact::open(&put(folder.path(), &bytes), &target()).unwrap();
    let store = store_with(RuntimeConfig::default());
    let code = artifact.code(&shape(&store, 2)).unwrap();
    assert!(write(&code, &target()) == bytes, "the same code gives the same file");
}

#[test]
fn damage_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let good = bytes();
    let open = |bytes: &[u8]| Artifact::open(&put(folder.path(), bytes), &target());
    // All that stands in the first page, and bytes of all others.
    let places = (0..300).chain((300..good.len()).step_by(211));
    for at in places {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        match open(&bad) {
            Err(ArtifactError::NotAnArtifact) => assert!(at < 8, "{at}"),
            Err(ArtifactError::Incompatible(_)) => assert!((8..16).contains(&at), "{at}"),
            Err(ArtifactError::Damaged) => assert!(at >= 16, "{at}"),
            other => panic!("byte {at}: {other:?}"),
        }
    }
    for len in [0, 7, 8, 100, 4096, good.len() - 1] {
        assert!(open(&good[..len]).is_err(), "{len} bytes");
    }
    assert!(matches!(open(&[&good[..], &[0]].concat()), Err(ArtifactError::Damaged)));
    assert!(open(&good).is_ok());
}

#[test]
fn what_others_can_write_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), &bytes());
    for (mode, trusted) in [(0o644, true), (0o664, false), (0o646, false), (0o400, true)] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        match Artifact::open(&path, &target()) {
            Ok(_) => assert!(trusted, "{mode:o}"),
            Err(ArtifactError::Untrusted(_)) => assert!(!trusted, "{mode:o}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn code_for_other_settings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), &bytes());
    let fuel = RuntimeConfig { fuel: true, ..RuntimeConfig::default() };
    let others = [
        Target::new(&*isa(), Looks::Address, &fuel, Features::default()),
        Target::new(&*isa(), Looks::Address, &RuntimeConfig::default(), Features::wasm1()),
    ];
    for (other, subject) in others.iter().zip(["engine settings", "proposals"]) {
        match Artifact::open(&path, other) {
            Err(ArtifactError::Incompatible(what)) => assert!(what.contains(subject), "{what}"),
            other => panic!("{other:?}"),
        }
    }
    // Settings that code does not depend on.
    let small = RuntimeConfig { max_gc_heap: 1 << 20, ..RuntimeConfig::default() };
    assert!(
        Artifact::open(&path, &Target::new(&*isa(), Looks::Address, &small, Features::default())).is_ok()
    );
}
