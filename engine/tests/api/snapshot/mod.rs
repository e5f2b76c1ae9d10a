//! Pre-initialised modules: what they start with is what initialisation left.

mod imports;
mod portrait;
mod random;
mod refused;
mod state;

use dayfly::{Engine, Instance, Linker, Module, Result, Snapshot, Store};

/// The snapshot of a module without imports.
fn take(snapshot: &Snapshot, wat: &str) -> Result<Module> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat)?;
    let bytes = snapshot.take(Store::new(&engine, ()), &Linker::new(&engine), &module)?;
    Module::from_binary(&engine, &bytes)
}

/// Why there is no snapshot of a module without imports.
fn refusal(wat: &str) -> String {
    format!("{:#}", take(&Snapshot::new(), wat).unwrap_err())
}

/// An instance of a module's snapshot.
fn snapshot(wat: &str) -> (Store<()>, Instance) {
    let module = take(&Snapshot::new(), wat).unwrap();
    let mut store = Store::new(module.engine(), ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

/// Asserts that an instance of the snapshot has the state of an initialised instance, and
/// gives the module for a closer look.
fn assert_same(wat: &str) -> Module {
    let module = take(&Snapshot::new(), wat).unwrap();
    let original = Module::new(module.engine(), wat).unwrap();
    let mut store = Store::new(module.engine(), ());
    let initialised = Instance::new(&mut store, &original, &[]).unwrap();
    if let Some(init) = initialised.get_func(&mut store, "_initialize") {
        init.call(&mut store, &[], &mut []).unwrap();
    }
    super::func::<(), ()>(&mut store, initialised, "wizer-initialize").call(&mut store, ()).unwrap();
    let expected = portrait::of(&mut store, initialised);
    let mut store = Store::new(module.engine(), ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(portrait::of(&mut store, instance), expected);
    module
}
