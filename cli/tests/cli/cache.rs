//! One cache of compiled modules for several processes at once, some of which are killed, and in folders that
//! were damaged or take nothing: results are right, files whole, and nothing is left lying about.

use crate::command::{command, dayfly, finish};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// How many modules.
const MODULES: usize = 3;

/// A module whose `f` gives `10 * n`, large enough to be kept and to take a while.
fn module(folder: &Path, n: usize) -> PathBuf {
    let body =
        |k: usize| format!("(func (param i32) (result i32) {} (i32.const {k}))\n", "(nop)".repeat(k % 50));
    let funcs: String = (0..600).map(body).collect();
    let path = folder.join(format!("{n}.wat"));
    fs::write(&path, format!("(module (func (export \"f\") (result i32) (i32.const {}))\n{funcs})", 10 * n))
        .unwrap();
    path
}

/// Starts a process that uses a cache below `home`.
fn start(module: &Path, home: &Path) -> Child {
    let mut command = command(&["--engine", "jit", "--invoke", "f", module.to_str().unwrap()]);
    command.env("XDG_CACHE_HOME", home).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn is_right(child: Child, n: usize) {
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", 10 * n), "{output:?}");
}

/// Files of a cache below `home` whose names end so.
fn kept(home: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.join("dayfly")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|own| own == extension)).collect()
}

/// Whether a file of a cache is a whole compiled module of this version.
fn is_whole(file: &Path) -> bool {
    dayfly(&["--engine", "jit", "--invoke", "f", file.to_str().unwrap()]).status == Some(0)
}

#[test]
fn processes_share_a_cache_and_some_are_killed() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let modules: Vec<PathBuf> = (0..MODULES).map(|n| module(folder.path(), n)).collect();
    let sane = command(&["--engine", "jit", "--no-cache", "--invoke", "f", modules[1].to_str().unwrap()]);
    if finish(sane, b"").status != Some(0) {
        eprintln!("skipped: no compiler for this machine");
        return;
    }
    let run_all = || (0..MODULES).for_each(|n| is_right(start(&modules[n], &home), n));
    for round in 0..3 {
        let mut children: Vec<_> = (0..4 * MODULES).map(|n| start(&modules[n % MODULES], &home)).collect();
        // A third of them, at different times.
        for (n, child) in children.iter_mut().enumerate().filter(|(n, _)| n % 4 == round) {
            std::thread::sleep(Duration::from_millis(20 * n as u64));
            child.kill().unwrap();
        }
        for (n, child) in children.into_iter().enumerate() {
            if n % 4 == round {
                child.wait_with_output().unwrap();
            } else {
                is_right(child, n % MODULES);
            }
        }
        assert!(kept(&home, "dfa").iter().all(|file| is_whole(file)));
    }
    run_all();
    let files = kept(&home, "dfa");
    assert_eq!(files.len(), MODULES);

    // What a killed process has left, and what somebody is writing.
    let unfinished = |name: &str| home.join("dayfly").join(name).with_extension("tmp");
    fs::write(unfinished("1-1-1"), "half of it").unwrap();
    fs::write(unfinished("1-1-2"), "half of it, too").unwrap();
    let living = File::open(unfinished("1-1-2")).unwrap();
    living.lock().unwrap();
    // And files that are cut off, changed and empty.
    let good: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let mut changed = good[1].clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 8;
    for (file, bytes) in files.iter().zip([&good[0][..good[0].len() / 2], &changed, b""]) {
        fs::write(file, bytes).unwrap();
        assert!(!is_whole(file));
    }
    run_all();
    assert_eq!(kept(&home, "tmp"), [unfinished("1-1-2")]);
    for (file, good) in files.iter().zip(&good) {
        assert!(fs::read(file).unwrap() == *good, "it was written anew");
    }
    drop(living);
    fs::write(&files[0], "").unwrap();
    run_all();
    assert_eq!(kept(&home, "tmp").len() + kept(&home, "dfa").len(), MODULES);
}

#[cfg(unix)]
#[test]
fn a_cache_that_takes_nothing_costs_nothing_but_time() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let module = module(folder.path(), 2);
    // A folder that must not be written. (The administrator writes it all the same.)
    let closed = folder.path().join("closed");
    fs::create_dir_all(closed.join("dayfly")).unwrap();
    fs::set_permissions(closed.join("dayfly"), fs::Permissions::from_mode(0o500)).unwrap();
    is_right(start(&module, &closed), 2);
    // One that is no folder.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    is_right(start(&module, &file), 2);
    // A disk that is full after some thousand bytes.
    let full = folder.path().join("full");
    let mut command = std::process::Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_dayfly"), "--invoke", "f"]).arg(&module);
    command.env("XDG_CACHE_HOME", &full);
    finish(command, b"").exits(0).prints("20\n");
    assert_eq!((kept(&full, "dfa"), kept(&full, "tmp")), (vec![], vec![]));
}
