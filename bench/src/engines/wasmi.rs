//! Wasmi.

use super::Choice;
use wasmi::{
    Caller, CompilationMode, Config, Engine, Error, FuncType, Instance, Linker, Memory, Module, Store, Val,
    ValType,
};

peer!();

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    let choice = |name, settings, by_default, make| Choice {
        name,
        package: "wasmi",
        settings,
        by_default,
        validates: true,
        serializes: false,
        lacks: || &["exceptions", "gc", "simd"],
        make,
    };
    vec![
        choice("wasmi", "default: lazy translation, validates at load time", true, || {
            make(CompilationMode::LazyTranslation)
        }),
        choice("wasmi-lazy", "validates and translates at first call", false, || make(CompilationMode::Lazy)),
        choice("wasmi-eager", "validates and translates at load time", false, || {
            make(CompilationMode::Eager)
        }),
    ]
}

fn make(mode: CompilationMode) -> Result<Box<dyn Peer>> {
    ThisPeer::boxed(Engine::new(Config::default().compilation_mode(mode)))
}

fn validate(engine: &Engine, wasm: &[u8]) -> Result<()> {
    Module::validate(engine, wasm).map_err(failure)
}

fn serialize(_: &Module) -> Result<Vec<u8>> {
    Err(anyhow!("wasmi keeps no compiled modules"))
}

fn deserialize(_: &Engine, _: &Path) -> Result<Module> {
    Err(anyhow!("wasmi keeps no compiled modules"))
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
    instance.get_memory(store, "memory")
}

fn heap(_: &Store<Host>) -> Option<Heap> {
    None
}

fn instantiate_with_stubs(_: &Linker<Host>, _: &mut Store<Host>, _: &Module) -> Result<Instance> {
    Err(anyhow!("wasmi has no stand-ins for imports"))
}

fn func_type(_: &Engine, function: &Function) -> FuncType {
    let (params, results) = value_types(function);
    FuncType::new(params, results)
}

fn message(text: &str) -> Error {
    Error::new(text.to_owned())
}
