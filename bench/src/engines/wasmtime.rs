//! Wasmtime, with Cranelift.

use super::Choice;
use wasmtime::{
    Caller, Config, Engine, Error, FuncType, Instance, InstanceAllocationStrategy, Linker, Memory, Module,
    PoolingAllocationConfig, Store, Val, ValType,
};

peer!();

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    let choice = |name, settings, by_default, make| Choice {
        name,
        package: "wasmtime",
        settings,
        by_default,
        validates: true,
        serializes: true,
        lacks: || &[],
        make,
    };
    vec![
        choice("wasmtime", "default: Cranelift, compiles at load time with all cores", true, || {
            make(&mut Config::new())
        }),
        choice("wasmtime-pooling", "default but instances come from a pool", false, || {
            let pool = InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::default());
            make(Config::new().allocation_strategy(pool))
        }),
        choice("wasmtime-epochs", "default and epoch_interruption", false, || {
            make(Config::new().epoch_interruption(true))
        }),
        choice("wasmtime-fuel", "default and consume_fuel", false, || make(Config::new().consume_fuel(true))),
    ]
}

fn make(config: &mut Config) -> Result<Box<dyn Peer>> {
    ThisPeer::boxed(Engine::new(config.wasm_exceptions(true)).map_err(failure)?)
}

fn validate(engine: &Engine, wasm: &[u8]) -> Result<()> {
    Module::validate(engine, wasm).map_err(failure)
}

fn serialize(module: &Module) -> Result<Vec<u8>> {
    module.serialize().map_err(failure)
}

#[allow(unsafe_code, reason = "Wasmtime leaves it to its user to trust a file")]
fn deserialize(engine: &Engine, path: &Path) -> Result<Module> {
    // SAFETY: the file is one that this program has written, for this engine.
    unsafe { Module::deserialize_file(engine, path) }.map_err(failure)
}

fn instantiate(linker: &Linker<Host>, store: &mut Store<Host>, module: &Module) -> Result<Instance> {
    // Where they are looked at: fuel that lasts, and a deadline that does not come.
    let _ = store.set_fuel(i64::MAX as u64);
    store.set_epoch_deadline(1);
    linker.instantiate(store, module).map_err(failure)
}

fn instantiate_repeatedly(code: &ThisCode, times: u64) -> Result<()> {
    let ready = code.linker.instantiate_pre(&code.module).map_err(failure)?;
    for _ in 0..times {
        let mut store = Store::new(&code.engine, Host::default());
        ready.instantiate(&mut store).map_err(failure)?;
    }
    Ok(())
}

fn memory_of(instance: &Instance, store: &mut Store<Host>) -> Option<Memory> {
    instance.get_memory(store, "memory")
}

fn heap(_: &Store<Host>) -> Option<Heap> {
    None
}

fn instantiate_with_stubs(
    linker: &Linker<Host>,
    store: &mut Store<Host>,
    module: &Module,
) -> Result<Instance> {
    let mut linker = linker.clone();
    linker.define_unknown_imports_as_default_values(&mut *store, module).map_err(failure)?;
    instantiate(&linker, store, module)
}

fn func_type(engine: &Engine, function: &Function) -> FuncType {
    let (params, results) = value_types(function);
    FuncType::new(engine, params, results)
}

fn message(text: &str) -> Error {
    Error::msg(text.to_owned())
}
