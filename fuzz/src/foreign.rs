//! A comparison with wasmi: numeric functions give the same results or trap both, and leave the same memories.
//! Invariant: what is compared does not depend on the room that an engine gives its guests.

use dayfly::{Config, Engine, Extern, Instance, Module, Store, Trap, Val, ValType};

/// A result in bits; NaNs are all the same.
#[derive(PartialEq, Debug)]
enum Seen {
    Values(Vec<u64>),
    Trap,
    /// There was no more room: nothing can be said from here on.
    NoRoom,
}

/// Runs a module in both engines, and panics if they differ.
pub fn differ(wasm: &[u8]) {
    let mut config = wasmi::Config::default();
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true).wasm_multi_memory(true);
    let foreign = wasmi::Engine::new(&config);
    // It knows fewer proposals: what it refuses is not compared.
    let Ok(foreign_module) = wasmi::Module::new(&foreign, wasm) else { return };
    let mut theirs = wasmi::Store::new(&foreign, ());
    let Ok(their_instance) = wasmi::Linker::new(&foreign).instantiate_and_start(&mut theirs, &foreign_module)
    else {
        return;
    };
    let mut config = Config::new();
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wasm).expect("the other engine accepts it");
    let mut ours = Store::new(&engine, ());
    let our_instance = Instance::new(&mut ours, &module, &[]).expect("the other engine can instantiate it");
    let exports: Vec<(String, Extern)> = our_instance
        .exports(&mut ours)
        .map(|export| (export.name().to_owned(), export.into_extern()))
        .collect();
    for (name, export) in &exports {
        let Extern::Func(func) = export else { continue };
        let ty = func.ty(&ours);
        let is_number =
            |ty: &ValType| matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64);
        if !ty.params.iter().chain(ty.results.iter()).all(is_number) {
            // It may change what the others see: nothing is compared any more.
            return;
        }
        let args: Vec<Val> = ty.params.iter().map(|ty| Val::default_for_ty(*ty).unwrap()).collect();
        let mut results = vec![Val::I32(0); ty.results.len()];
        let our_end = match func.call(&mut ours, &args, &mut results) {
            Ok(()) => Seen::Values(results.iter().map(bits).collect()),
            Err(error) => match error.downcast_ref::<Trap>() {
                Some(Trap::StackOverflow | Trap::GcHeapExhausted) => Seen::NoRoom,
                _ => Seen::Trap,
            },
        };
        let their_func = their_instance.get_func(&theirs, name).unwrap();
        let args: Vec<wasmi::Val> = ty.params.iter().map(|ty| their_zero(*ty)).collect();
        let mut results = vec![wasmi::Val::I32(0); ty.results.len()];
        let their_end = match their_func.call(&mut theirs, &args, &mut results) {
            Ok(()) => Seen::Values(results.iter().map(their_bits).collect()),
            Err(error) => match error.as_trap_code() {
                Some(wasmi::TrapCode::StackOverflow | wasmi::TrapCode::OutOfSystemMemory) => Seen::NoRoom,
                _ => Seen::Trap,
            },
        };
        if our_end == Seen::NoRoom || their_end == Seen::NoRoom {
            return;
        }
        assert_eq!(our_end, their_end, "{name}");
    }
    for (name, export) in &exports {
        if let Extern::Memory(memory) = export {
            let theirs = their_instance.get_memory(&theirs, name).unwrap().data(&theirs).to_vec();
            assert!(memory.data(&ours) == theirs, "memory {name}");
        }
    }
}

fn bits(value: &Val) -> u64 {
    match *value {
        Val::I32(n) => n as u32 as u64,
        Val::I64(n) => n as u64,
        Val::F32(bits) if f32::from_bits(bits).is_nan() => 1,
        Val::F32(bits) => bits.into(),
        Val::F64(bits) if f64::from_bits(bits).is_nan() => 1,
        Val::F64(bits) => bits,
        _ => unreachable!("only numbers are compared"),
    }
}

fn their_bits(value: &wasmi::Val) -> u64 {
    match value {
        wasmi::Val::I32(n) => *n as u32 as u64,
        wasmi::Val::I64(n) => *n as u64,
        wasmi::Val::F32(n) if f32::from_bits(n.to_bits()).is_nan() => 1,
        wasmi::Val::F32(n) => n.to_bits().into(),
        wasmi::Val::F64(n) if f64::from_bits(n.to_bits()).is_nan() => 1,
        wasmi::Val::F64(n) => n.to_bits(),
        _ => unreachable!("only numbers are compared"),
    }
}

fn their_zero(ty: ValType) -> wasmi::Val {
    match ty {
        ValType::I32 => wasmi::Val::I32(0),
        ValType::I64 => wasmi::Val::I64(0),
        ValType::F32 => wasmi::Val::F32(0.0.into()),
        _ => wasmi::Val::F64(0.0.into()),
    }
}
