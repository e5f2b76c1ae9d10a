//! What a module does, in words that any engine can say: numbers, traps, sums of memories.
//! Invariant: no line depends on an engine but `NO_ROOM`, after which nothing is compared.

use dayfly::{
    Engine, Extern, Func, Instance, Module, Store, StoreLimits, StoreLimitsBuilder, Trap, Val, ValType,
};

/// Bytes that a memory may have in either engine.
pub const MEMORY: usize = 4 << 20;

/// Elements that a table may have in either engine.
pub const ELEMENTS: usize = 2_000;

/// The stack is used up, which comes sooner in one engine than in another.
pub const NO_ROOM: &str = "no room";

/// The module has no instance: its start function or one of its segments traps.
pub const NO_START: &str = "does not start";

/// A line for each exported function and memory, in the order of their names.
pub fn describe(engine: &Engine, wasm: &[u8]) -> Vec<String> {
    let module = Module::new(engine, wasm).expect("the module is valid");
    let limits = StoreLimitsBuilder::new().memory_size(MEMORY).table_elements(ELEMENTS).build();
    let mut store = Store::new(engine, limits);
    store.limiter(|limits: &mut StoreLimits| limits);
    let Ok(instance) = Instance::new(&mut store, &module, &[]) else { return vec![NO_START.to_owned()] };
    let mut exports: Vec<(String, Extern)> =
        instance.exports(&mut store).map(|export| (export.name().to_owned(), export.into_extern())).collect();
    exports.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut lines = Vec::new();
    for (name, export) in &exports {
        if let Extern::Func(func) = export {
            let Some(outcome) = call(&mut store, *func) else {
                lines.push(NO_ROOM.to_owned());
                return lines;
            };
            lines.push(format!("{name}: {outcome}"));
        }
    }
    for (name, export) in &exports {
        if let Extern::Memory(memory) = export {
            lines.push(format!("{name}: {}", of_memory(memory.data(&store))));
        }
    }
    lines
}

/// Calls a function with zeros and nulls; `None` if there was no room.
fn call(store: &mut Store<StoreLimits>, func: Func) -> Option<String> {
    let ty = func.ty(&*store);
    let args: Vec<Val> = ty.params.iter().map(|ty| zero(*ty)).collect();
    let mut results = vec![Val::I32(0); ty.results.len()];
    match func.call(store, &args, &mut results) {
        Ok(()) => Some(results.iter().map(of_value).collect()),
        Err(error) => match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => None,
            _ => Some("trap".to_owned()),
        },
    }
}

fn zero(ty: ValType) -> Val {
    Val::default_for_ty(ty).expect("only proposals of objects have references that are not null")
}

fn of_value(value: &Val) -> String {
    match value {
        Val::I32(n) => of_bits(*n as u32 as u128),
        Val::I64(n) => of_bits(*n as u64 as u128),
        Val::F32(bits) => of_f32(*bits),
        Val::F64(bits) => of_f64(*bits),
        Val::V128(bits) => of_bits(u128::from_le_bytes(bits.0)),
        reference => of_reference(reference.ref_().is_some_and(|reference| reference.is_null())),
    }
}

/// A number or a vector.
pub fn of_bits(bits: u128) -> String {
    format!("{bits:x} ")
}

/// A float; all NaNs are the same.
pub fn of_f32(bits: u32) -> String {
    if f32::from_bits(bits).is_nan() { "nan ".to_owned() } else { of_bits(bits.into()) }
}

/// A float; all NaNs are the same.
pub fn of_f64(bits: u64) -> String {
    if f64::from_bits(bits).is_nan() { "nan ".to_owned() } else { of_bits(bits.into()) }
}

/// A reference.
pub fn of_reference(null: bool) -> String {
    if null { "null " } else { "reference " }.to_owned()
}

/// What a memory holds, as a sum.
pub fn of_memory(bytes: &[u8]) -> String {
    format!("{} bytes, {:x}", bytes.len(), sum(bytes))
}

/// A sum that depends on each byte and its place.
pub fn sum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
