//! Files of compiled modules that were changed: an error, or the module that it was; never code that was not
//! compiled.

use dayfly::{ArtifactError, Config, Engine, Instance, Module, Store, Strategy};
use std::fs;
use std::io::Write;
use std::sync::OnceLock;

/// Loads the file of a compiled module with changes, if the machine has a compiler.
pub fn try_changed(changes: &[u8]) {
    static ORIGINAL: OnceLock<Option<Original>> = OnceLock::new();
    if let Some(original) = ORIGINAL.get_or_init(Original::new) {
        original.try_changed(changes);
    }
}

/// A compiled module whose function gives 42, and the engine that it is for.
struct Original {
    engine: Engine,
    bytes: Vec<u8>,
}

impl Original {
    /// `None` if the machine has no compiler.
    fn new() -> Option<Original> {
        let engine = Engine::new(Config::new().strategy(Strategy::Compiler)).ok()?;
        let wat = r#"(module (memory 1) (data (i32.const 0) "x") (func $f (param i32) (result i32) (local.get 0))
            (func (export "f") (result i32) (call $f (i32.const 42))))"#;
        let bytes = Module::new(&engine, wat).unwrap().serialize().unwrap();
        Some(Original { engine, bytes })
    }

    /// Loads a file with changes: triples of a place, in two bytes, and what is added there; a fourth of the files
    /// is cut off at the last place.
    fn try_changed(&self, changes: &[u8]) {
        let mut bytes = self.bytes.clone();
        for change in changes.chunks_exact(3) {
            let at = usize::from(u16::from_le_bytes([change[0], change[1]])) * 7 % bytes.len();
            bytes[at] = bytes[at].wrapping_add(change[2]);
        }
        if let [.., low, high, 0..64] = *changes {
            bytes.truncate(usize::from(u16::from_le_bytes([low, high])) * 7 % bytes.len());
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        file.flush().unwrap();
        match Module::deserialize_file(&self.engine, file.path()) {
            Ok(module) => {
                assert!(bytes == self.bytes, "a file that was changed was loaded");
                let mut store = Store::new(&self.engine, ());
                let instance = Instance::new(&mut store, &module, &[]).unwrap();
                let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
                assert_eq!(f.call(&mut store, ()).unwrap(), 42);
            }
            Err(error) => assert!(error.is::<ArtifactError>(), "{error:#}"),
        }
        // What is mapped must not be cut off while it is in use; it no longer is.
        let _ = fs::remove_file(file.path());
    }
}

#[test]
fn changed_files_are_not_loaded() {
    try_changed(&[]);
    let mut state = 1u64;
    for length in 0..400 {
        let changes: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 40) as u8
        })
        .take(length % 12)
        .collect();
        try_changed(&changes);
    }
}
