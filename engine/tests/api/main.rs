//! The embedding API, from outside. Each module tests one subject.

mod addresses;
mod artifacts;
mod borders;
mod calls;
mod compiled;
mod errors;
mod exceptions;
mod gc_heap;
mod gc_objects;
mod gc_roots;
mod halves;
mod hostile;
mod instances;
mod interruption;
mod lazy;
mod limiter;
mod linking;
mod memories;
mod modules;
#[cfg(target_os = "linux")]
mod pages;
mod recursion;
mod reuse;
mod snapshot;
mod stores;
mod tables_and_globals;
mod threads;
mod tiers;
mod traps;
mod unknown_imports;
mod values;

use dayfly::{AsContextMut, Config, Engine, Instance, Module, Store, TypedFunc, WasmParams, WasmResults};

/// An instance without imports, in a store of its own.
fn instance(wat: &str) -> (Store<()>, Instance) {
    instance_in(&Engine::default(), wat)
}

/// An instance without imports, in a store of its own.
fn instance_in(engine: &Engine, wat: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, wat).unwrap();
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

/// An engine with settings.
fn engine(configure: impl FnOnce(&mut Config) -> &mut Config) -> Engine {
    let mut config = Config::new();
    configure(&mut config);
    Engine::new(&config).unwrap()
}

/// An exported function.
fn func<P: WasmParams, R: WasmResults>(
    store: impl AsContextMut,
    instance: Instance,
    name: &str,
) -> TypedFunc<P, R> {
    instance.get_typed_func(store, name).unwrap()
}
