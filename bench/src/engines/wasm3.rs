//! Wasm3, through the crate `wasm3x`. It leaves imports that nobody defines to trap
//! when they are called, and reads a module anew for each instance.

use super::Choice;
use wasm3x::{
    Caller, CompilationMode, Config, Engine, Error, FuncType, Instance, Linker, Memory, Module, Store, Val,
    ValType,
};

peer!();

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    let choice = |name, settings, by_default, make| Choice {
        name,
        package: "wasm3x",
        settings,
        by_default,
        validates: false,
        serializes: false,
        lacks,
        make,
    };
    vec![
        choice("wasm3", "Wasm3 0.9.0, default: compiles and validates at first call", true, || {
            make(CompilationMode::Lazy)
        }),
        choice("wasm3-eager", "Wasm3 0.9.0, compiles and validates for each instance", false, || {
            make(CompilationMode::Eager)
        }),
    ]
}

/// Tail calls depend on the C compiler that built it.
fn lacks() -> &'static [&'static str] {
    if wasm3x::has_guaranteed_tail_calls() {
        &["exceptions", "gc", "simd"]
    } else {
        &["exceptions", "gc", "simd", "tail-call"]
    }
}

fn make(mode: CompilationMode) -> Result<Box<dyn Peer>> {
    ThisPeer::boxed(Engine::new(Config::new().compilation_mode(mode)))
}

fn validate(_: &Engine, _: &[u8]) -> Result<()> {
    Err(anyhow!("wasm3 does not validate without compiling"))
}

fn serialize(_: &Module) -> Result<Vec<u8>> {
    Err(anyhow!("wasm3 keeps no compiled modules"))
}

fn deserialize(_: &Engine, _: &Path) -> Result<Module> {
    Err(anyhow!("wasm3 keeps no compiled modules"))
}

fn instantiate(linker: &Linker<Host>, store: &mut Store<Host>, module: &Module) -> Result<Instance> {
    linker.instantiate_and_start(store, module).map_err(failure)
}

fn instantiate_repeatedly(code: &ThisCode, times: u64) -> Result<()> {
    for _ in 0..times {
        let mut store = Store::new(&code.engine, Host::default());
        code.linker.instantiate_and_start(&mut store, &code.module).map_err(failure)?;
    }
    Ok(())
}

fn memory_of(instance: &Instance, store: &mut Store<Host>) -> Option<Memory> {
    instance.get_memory(store)
}

fn heap(_: &Store<Host>) -> Option<Heap> {
    None
}

fn instantiate_with_stubs(
    linker: &Linker<Host>,
    store: &mut Store<Host>,
    module: &Module,
) -> Result<Instance> {
    instantiate(linker, store, module)
}

fn func_type(_: &Engine, function: &Function) -> FuncType {
    let (params, results) = value_types(function);
    FuncType::new(params, results)
}

fn message(text: &str) -> Error {
    Error::new(text)
}
