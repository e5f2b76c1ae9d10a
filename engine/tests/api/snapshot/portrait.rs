//! All state of an instance as text, exported or not, so that two can be compared.

use dayfly::parser::{ExportItem, FuncIdx, GlobalIdx, MemoryIdx, TableIdx};
use dayfly::{Func, Instance, InstanceItem, ModuleOf, Ref, RootScope, Store, Val};
use std::collections::HashMap;

/// A line for each memory, global and entry of a table. Functions are named by their index.
pub fn of<T: 'static>(store: &mut Store<T>, instance: Instance) -> Vec<String> {
    let mut store = RootScope::new(store);
    let module = instance.module(&store);
    let parsed = module.parsed();
    let mut funcs: HashMap<Func, u32> = HashMap::new();
    for n in (0..parsed.funcs().len() as u32).rev() {
        if let Some(InstanceItem::Func(func)) = instance.item(&store, ExportItem::Func(FuncIdx(n))) {
            funcs.insert(func, n);
        }
    }
    let show = |store: &mut RootScope<&mut Store<T>>, value: Val| match value.ref_() {
        None => format!("{value:?}"),
        Some(reference) if reference.is_null() => "null".to_owned(),
        Some(Ref::Func(Some(func))) => format!("function {}", funcs[&func]),
        Some(Ref::Any(Some(any))) => match any.as_i31(&*store).unwrap() {
            Some(i31) => format!("{i31:?}"),
            None => format!("{}", any.ty(&*store).unwrap()),
        },
        Some(other) => format!("{}", other.ty(&*store).unwrap()),
    };
    let mut lines = Vec::new();
    for n in 0..parsed.memories().len() as u32 {
        let line = match instance.item(&store, ExportItem::Memory(MemoryIdx(n))) {
            Some(InstanceItem::Memory(memory)) => (memory.size(&store), sum(memory.data(&store))),
            Some(InstanceItem::SharedMemory(memory)) => {
                let mut bytes = vec![0; (memory.ty().min * memory.page_size()) as usize];
                memory.read(0, &mut bytes).unwrap();
                (memory.ty().min, sum(&bytes))
            }
            other => panic!("{other:?}"),
        };
        lines.push(format!("memory {n}: {} pages, {:x}", line.0, line.1));
    }
    for n in 0..parsed.globals().len() as u32 {
        let Some(InstanceItem::Global(global)) = instance.item(&store, ExportItem::Global(GlobalIdx(n)))
        else {
            panic!("global {n}")
        };
        let value = global.get(&mut store);
        lines.push(format!("global {n}: {}", show(&mut store, value)));
    }
    for n in 0..parsed.tables().len() as u32 {
        let Some(InstanceItem::Table(table)) = instance.item(&store, ExportItem::Table(TableIdx(n))) else {
            panic!("table {n}")
        };
        for index in 0..table.size(&store) {
            let entry = table.get(&mut store, index).unwrap();
            lines.push(format!("table {n}, entry {index}: {}", show(&mut store, entry.into())));
        }
    }
    lines
}

fn sum(bytes: &[u8]) -> u64 {
    let place =
        |(n, &byte): (usize, &u8)| u64::from(byte).wrapping_mul((n as u64).wrapping_mul(0x9e37_79b9) | 1);
    bytes.iter().enumerate().map(place).fold(0, u64::wrapping_add)
}
