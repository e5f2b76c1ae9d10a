//! Random modules: the snapshot starts with the state that initialisation left, and does the
//! same from there. `DAYFLY_RANDOM_MODULES=n` runs `n` modules instead of some hundreds.

use super::portrait;
use dayfly::{
    Engine, Error, Func, Instance, Linker, Module, Snapshot, Store, StoreLimits, StoreLimitsBuilder, Val,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Modules of an ordinary run.
const MODULES: u64 = 300;

const THREADS: usize = 2;

const INIT: &str = "init";

/// What modules export.
const EXPORTS: &str = r#"
    (module
        (func (export "init"))
        (func (export "a"))
        (func (export "b") (param i32 i64 funcref) (result f64 f32) unreachable)
        (func (export "c") (param f32 externref) (result i32 v128) unreachable))"#;

#[test]
fn random_modules_go_on_from_their_snapshot() {
    let count = match std::env::var("DAYFLY_RANDOM_MODULES") {
        Ok(count) => count.parse().expect("DAYFLY_RANDOM_MODULES is a number"),
        Err(_) => MODULES,
    };
    let (next, taken) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let engine = Engine::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        break;
                    }
                    taken.fetch_add(u64::from(compare(&engine, seed)), Ordering::Relaxed);
                }
            });
        }
    });
    let taken = taken.into_inner();
    println!("{taken} snapshots of {count} modules");
    assert!(taken > count / 4, "{taken} snapshots of {count} modules");
}

/// Compares, if the module can be initialised.
fn compare(engine: &Engine, seed: u64) -> bool {
    let Some(bytes) = module(seed) else { return false };
    let original = Module::from_binary(engine, &bytes).unwrap();
    let mut first = store(engine);
    let Ok(initialised) = Instance::new(&mut first, &original, &[]) else { return false };
    if call(&mut first, initialised, INIT).is_err() {
        return false;
    }
    let snapshot = Snapshot::new()
        .init_func(INIT)
        .keep_init_func(true)
        .take(store(engine), &Linker::new(engine), &original)
        .unwrap_or_else(|error| panic!("module {seed}: {error:?}"));
    let snapshot = Module::from_binary(engine, &snapshot).unwrap();
    let mut other = store(engine);
    let started = Instance::new(&mut other, &snapshot, &[]).unwrap();
    let expected = portrait::of(&mut first, initialised);
    assert_eq!(portrait::of(&mut other, started), expected, "module {seed}");
    for export in original.exports().map(|export| export.name().to_owned()) {
        let seen = [call(&mut first, initialised, &export), call(&mut other, started, &export)];
        let seen = seen.map(|outcome| outcome.map_err(|error| error.to_string()));
        assert_eq!(seen[0], seen[1], "module {seed}, `{export}`");
    }
    let expected = portrait::of(&mut first, initialised);
    assert_eq!(portrait::of(&mut other, started), expected, "module {seed}, after calls");
    true
}

/// A store in which memories and tables stay small enough to be compared.
fn store(engine: &Engine) -> Store<StoreLimits> {
    let mut store =
        Store::new(engine, StoreLimitsBuilder::new().memory_size(2 << 20).table_elements(1_000).build());
    store.limiter(|limits| limits);
    store
}

/// Calls a function with zeros and nulls; what has none, or is no function, is passed over.
fn call(store: &mut Store<StoreLimits>, instance: Instance, name: &str) -> Result<String, Error> {
    let Some(func) = instance.get_func(&mut *store, name) else { return Ok(String::new()) };
    let ty = Func::ty(&func, &*store);
    let Some(args) = ty.params.iter().map(|ty| Val::default_for_ty(*ty)).collect::<Option<Vec<_>>>() else {
        return Ok(String::new());
    };
    let mut results = vec![Val::I32(0); ty.results.len()];
    func.call(&mut *store, &args, &mut results)?;
    let show = |value: &Val| match value.ref_() {
        Some(reference) => format!("{}", reference.is_null()),
        None => format!("{value:?}"),
    };
    Ok(results.iter().map(show).collect::<Vec<_>>().join(" "))
}

/// A module that is sure to end.
fn module(seed: u64) -> Option<Vec<u8>> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let dna: Vec<u8> = (0..512 + next() % 4096).flat_map(|_| next().to_le_bytes()).collect();
    let config = wasm_smith::Config {
        allow_start_export: true,
        compact_imports_enabled: false,
        custom_descriptors_enabled: false,
        disallow_traps: !seed.is_multiple_of(4),
        exceptions_enabled: true,
        exports: Some(wat::parse_str(EXPORTS).unwrap()),
        gc_enabled: false,
        max_data_segments: 6,
        max_element_segments: 6,
        max_elements: 20,
        max_funcs: 8,
        max_globals: 8,
        max_imports: 0,
        max_instructions: 300,
        max_memories: 3,
        max_memory32_bytes: 1 << 18,
        max_memory64_bytes: 1 << 18,
        max_table_elements: 50,
        max_tables: 3,
        min_funcs: 3,
        min_globals: 2,
        min_memories: 1,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..wasm_smith::Config::default()
    };
    let mut module = wasm_smith::Module::new(config, &mut arbitrary::Unstructured::new(&dna)).ok()?;
    module.ensure_termination(1_000).ok()?;
    Some(module.to_bytes())
}
