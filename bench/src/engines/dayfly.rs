//! Dayfly.

use super::Choice;
use dayfly::{
    Caller, Config, Engine, Error, FuncType, Instance, Linker, Memory, Module, Store, Strategy, Val, ValType,
};

peer!();

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    let choice = |name, settings, by_default, make| Choice {
        name,
        package: "dayfly",
        settings,
        by_default,
        validates: true,
        // What compiles.
        serializes: name == "dayfly" || name.starts_with("dayfly-jit"),
        lacks: || &[],
        make,
    };
    vec![
        choice("dayfly", "default: compiles at load time with all cores, or else interprets", true, || {
            make(&Config::new())
        }),
        choice(
            "dayfly-interp",
            "interpreter: validates at load time with all cores, lowers at first call",
            true,
            || make(&interpreter()),
        ),
        choice("dayfly-serial", "interpreter: validates at load time with one thread", false, || {
            make(interpreter().parallel_validation(false))
        }),
        choice("dayfly-lazy", "interpreter: validates and lowers at first call", false, || {
            make(interpreter().lazy_validation(true))
        }),
        choice("dayfly-counts", "interpreter: counts calls and rounds of loops", false, || {
            make(interpreter().count_executions(true))
        }),
        choice(
            "dayfly-jit",
            "the compiler, before the module can be instantiated, in parallel",
            true,
            || make(Config::new().strategy(Strategy::Compiler)),
        ),
        choice("dayfly-jit-calls", "the compiler but inlining(false)", false, || {
            make(Config::new().strategy(Strategy::Compiler).inlining(false))
        }),
        choice("dayfly-jit-lazy", "the compiler, each function at its first call", false, || {
            make(Config::new().strategy(Strategy::Compiler).lazy_compilation(true))
        }),
        choice("dayfly-jit-epochs", "the compiler and epoch_interruption", false, || {
            make(Config::new().strategy(Strategy::Compiler).epoch_interruption(true))
        }),
        choice("dayfly-jit-spectre", "the compiler and spectre_hardening", false, || {
            make(Config::new().strategy(Strategy::Compiler).spectre_hardening(true))
        }),
        choice("dayfly-jit-fuel", "the compiler and consume_fuel", false, || {
            make(Config::new().strategy(Strategy::Compiler).consume_fuel(true))
        }),
    ]
}

fn interpreter() -> Config {
    let mut config = Config::new();
    config.strategy(Strategy::Interpreter);
    config
}

fn make(config: &Config) -> Result<Box<dyn Peer>> {
    ThisPeer::boxed(Engine::new(config).map_err(failure)?)
}

fn validate(engine: &Engine, wasm: &[u8]) -> Result<()> {
    Module::validate(engine, wasm).map_err(failure)
}

fn serialize(module: &Module) -> Result<Vec<u8>> {
    module.serialize().map_err(failure)
}

fn deserialize(engine: &Engine, path: &Path) -> Result<Module> {
    Module::deserialize_file(engine, path).map_err(failure)
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

fn heap(store: &Store<Host>) -> Option<Heap> {
    let stats = store.gc_stats();
    Some(Heap {
        bytes_allocated: stats.bytes_allocated as f64,
        collections: stats.collections as f64,
        pauses: stats.pause_total.as_secs_f64(),
        longest_pause: stats.pause_max.as_secs_f64(),
        capacity: stats.capacity as f64,
    })
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

fn func_type(_: &Engine, function: &Function) -> FuncType {
    let (params, results) = value_types(function);
    FuncType::new(params, results)
}

fn message(text: &str) -> Error {
    Error::msg(text.to_owned())
}
