//! Random modules in wasmi, for a comparison: numeric functions give the same results or trap both, and leave the same memories.
//! Invariant: what is told here is told in the words of `plain`.

use crate::agreement::compare;
use crate::apart::apart;
use crate::plain::{
    self, ELEMENTS, MEMORY, NO_ROOM, NO_START, of_bits, of_f32, of_f64, of_memory, of_reference,
};
use dayfly::{Config, Engine, Strategy};
use wasmi::{Extern, Func, Linker, Module, Store, StoreLimits, StoreLimitsBuilder, TrapCode, Val};

/// The engines of ours that are compared, with wide arithmetic and custom page sizes.
pub fn engines(seed: u64) -> Vec<Engine> {
    [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(seed)]
        .into_iter()
        .filter_map(|strategy| {
            let mut config = Config::new();
            config.strategy(strategy).checked_compilation(true).parallel_compilation(false);
            config.wasm_wide_arithmetic(true).wasm_custom_page_sizes(true);
            Engine::new(&config).ok()
        })
        .collect()
}

/// Runs a module in wasmi and in ours, and panics if they differ.
pub fn differ(wasm: &[u8], seed: u64) {
    let Some(expected) = describe(wasm) else { return };
    for engine in engines(seed) {
        if let Err(difference) = compare(&expected, &plain::describe(&engine, wasm), |line| line == NO_ROOM) {
            panic!("{difference}");
        }
    }
}

/// What `plain::describe` tells, from wasmi; `None` if it does not know what the module needs.
pub fn describe(wasm: &[u8]) -> Option<Vec<String>> {
    let mut config = wasmi::Config::default();
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true).wasm_multi_memory(true);
    let engine = wasmi::Engine::new(&config);
    let module = Module::new(&engine, apart(wasm)?).ok()?;
    let limits = StoreLimitsBuilder::new().memory_size(MEMORY).table_elements(ELEMENTS).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let Ok(instance) = Linker::new(&engine).instantiate_and_start(&mut store, &module) else {
        return Some(vec![NO_START.to_owned()]);
    };
    let mut exports: Vec<(String, Extern)> =
        instance.exports(&store).map(|export| (export.name().to_owned(), export.into_extern())).collect();
    exports.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut lines = Vec::new();
    for (name, export) in &exports {
        if let Extern::Func(func) = export {
            let Some(outcome) = call(&mut store, *func) else {
                lines.push(NO_ROOM.to_owned());
                return Some(lines);
            };
            lines.push(format!("{name}: {outcome}"));
        }
    }
    for (name, export) in &exports {
        if let Extern::Memory(memory) = export {
            lines.push(format!("{name}: {}", of_memory(memory.data(&store))));
        }
    }
    Some(lines)
}

fn call(store: &mut Store<StoreLimits>, func: Func) -> Option<String> {
    let ty = func.ty(&*store);
    let args: Vec<Val> = ty.params().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    match func.call(store, &args, &mut results) {
        Ok(()) => Some(results.iter().map(of_value).collect()),
        Err(error) => match error.as_trap_code() {
            Some(TrapCode::StackOverflow | TrapCode::OutOfSystemMemory) => None,
            _ => Some("trap".to_owned()),
        },
    }
}

fn of_value(value: &Val) -> String {
    match value {
        Val::I32(n) => of_bits(*n as u32 as u128),
        Val::I64(n) => of_bits(*n as u64 as u128),
        Val::F32(n) => of_f32(n.to_bits()),
        Val::F64(n) => of_f64(n.to_bits()),
        Val::V128(n) => of_bits(n.as_u128()),
        Val::FuncRef(reference) => of_reference(reference.is_null()),
        Val::ExternRef(reference) => of_reference(reference.is_null()),
    }
}
