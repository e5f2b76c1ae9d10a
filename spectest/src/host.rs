//! The module `spectest` that scripts import from.
//! Spec: the reference interpreter's README, "Spectest host module".

use dayfly::{
    Global, GlobalType, Linker, Memory, MemoryType, Ref, RefType, Result, SharedMemory, Store, Table,
    TableType, Val, ValType,
};

/// Defines `spectest`. What its functions are asked to print is not printed.
pub(crate) fn define_spectest(linker: &mut Linker<()>, store: &mut Store<()>) -> Result<()> {
    const MODULE: &str = "spectest";
    linker.func_wrap(MODULE, "print", || {})?;
    linker.func_wrap(MODULE, "print_i32", |_: i32| {})?;
    linker.func_wrap(MODULE, "print_i64", |_: i64| {})?;
    linker.func_wrap(MODULE, "print_f32", |_: f32| {})?;
    linker.func_wrap(MODULE, "print_f64", |_: f64| {})?;
    linker.func_wrap(MODULE, "print_i32_f32", |_: i32, _: f32| {})?;
    linker.func_wrap(MODULE, "print_f64_f64", |_: f64, _: f64| {})?;

    let globals = [
        ("global_i32", ValType::I32, Val::I32(666)),
        ("global_i64", ValType::I64, Val::I64(666)),
        ("global_f32", ValType::F32, Val::F32(666.6f32.to_bits())),
        ("global_f64", ValType::F64, Val::F64(666.6f64.to_bits())),
    ];
    for (name, content, value) in globals {
        let ty = GlobalType { content, mutable: false, shared: false };
        let global = Global::new(&mut *store, ty, value)?;
        linker.define(&mut *store, MODULE, name, global)?;
    }
    for (name, table64) in [("table", false), ("table64", true)] {
        let ty = TableType { element: RefType::FUNCREF, min: 10, max: Some(20), table64, shared: false };
        let table = Table::new(&mut *store, ty, Ref::Func(None))?;
        linker.define(&mut *store, MODULE, name, table)?;
    }
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(&mut *store, MODULE, "memory", memory)?;
    let shared = MemoryType { shared: true, ..MemoryType::new(1, Some(2)) };
    let shared = SharedMemory::new(linker.engine(), shared)?;
    linker.define(&mut *store, MODULE, "shared_memory", shared)?;
    Ok(())
}
