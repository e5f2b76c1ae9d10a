//! What a module imports besides functions. A snapshot cannot carry its contents, which
//! come from whoever instantiates the new module; so initialisation must not change them.

use super::state::Where;
use crate::{AsContextMut, Error, Instance, InstanceItem, Ref, Result, Rooted, Val};
use dayfly_parser::{ExportItem, GlobalIdx, MemoryIdx, Module, TableIdx};

/// The contents of imported memories, tables and globals before initialisation.
pub(super) struct Outside {
    items: Vec<(ExportItem, Contents)>,
}

enum Contents {
    Bytes(Vec<u8>),
    Entries(Vec<Ref>),
    Value(Val),
}

impl Outside {
    pub(super) fn read(mut store: impl AsContextMut, instance: Instance, module: &Module) -> Result<Outside> {
        let mut kept = Vec::new();
        for item in imported(module) {
            kept.push((item, contents(&mut store, instance, item)?));
        }
        Ok(Outside { items: kept })
    }

    /// Fails for the first import that is not as it was.
    pub(super) fn check_unchanged(
        &self,
        mut store: impl AsContextMut,
        instance: Instance,
        module: &Module,
    ) -> Result<()> {
        for (item, before) in &self.items {
            let after = contents(&mut store, instance, *item)?;
            if !same(&mut store, before, &after)? {
                return Err(changed(&Where::new(module, *item)));
            }
        }
        Ok(())
    }
}

/// Memories, tables and globals that are imported.
fn imported(module: &Module) -> impl Iterator<Item = ExportItem> {
    let counts = module.imported();
    let memories = (0..counts.memories).map(|n| ExportItem::Memory(MemoryIdx(n)));
    let tables = (0..counts.tables).map(|n| ExportItem::Table(TableIdx(n)));
    let globals = (0..counts.globals).map(|n| ExportItem::Global(GlobalIdx(n)));
    memories.chain(tables).chain(globals)
}

fn contents(mut store: impl AsContextMut, instance: Instance, item: ExportItem) -> Result<Contents> {
    let found = instance.item(&store, item).expect("only functions may have no reference");
    Ok(match found {
        InstanceItem::Memory(memory) => Contents::Bytes(memory.data(store.as_context()).to_vec()),
        InstanceItem::SharedMemory(memory) => {
            let pages = memory.ty().min;
            let mut bytes = vec![0; (pages * memory.page_size()) as usize];
            memory.read(0, &mut bytes)?;
            Contents::Bytes(bytes)
        }
        InstanceItem::Table(table) => {
            let size = table.size(&store);
            let entry = |index| table.get(&mut store, index).expect("the index is below the size");
            Contents::Entries((0..size).map(entry).collect())
        }
        InstanceItem::Global(global) => Contents::Value(global.get(&mut store)),
        InstanceItem::Func(_) | InstanceItem::Tag(_) => unreachable!("functions and tags have no contents"),
    })
}

fn same(mut store: impl AsContextMut, a: &Contents, b: &Contents) -> Result<bool> {
    match (a, b) {
        (Contents::Bytes(a), Contents::Bytes(b)) => Ok(a == b),
        (Contents::Entries(a), Contents::Entries(b)) => {
            let mut equal = a.len() == b.len();
            for (a, b) in a.iter().zip(b) {
                equal = equal && same_ref(&mut store, a, b)?;
            }
            Ok(equal)
        }
        (Contents::Value(a), Contents::Value(b)) => same_value(store, a, b),
        _ => Ok(false),
    }
}

fn same_value(store: impl AsContextMut, a: &Val, b: &Val) -> Result<bool> {
    Ok(match (a, b) {
        (Val::I32(a), Val::I32(b)) => a == b,
        (Val::I64(a), Val::I64(b)) => a == b,
        (Val::F32(a), Val::F32(b)) => a == b,
        (Val::F64(a), Val::F64(b)) => a == b,
        (Val::V128(a), Val::V128(b)) => a.to_u64x2() == b.to_u64x2(),
        _ => match (a.ref_(), b.ref_()) {
            (Some(a), Some(b)) => return same_ref(store, &a, &b),
            _ => false,
        },
    })
}

fn same_ref(store: impl AsContextMut, a: &Ref, b: &Ref) -> Result<bool> {
    match (a, b) {
        (Ref::Func(a), Ref::Func(b)) => Ok(a == b),
        (Ref::Extern(Some(a)), Ref::Extern(Some(b))) => Rooted::ref_eq(&store, a, b),
        (Ref::Any(Some(a)), Ref::Any(Some(b))) => Rooted::ref_eq(&store, a, b),
        (Ref::Exn(Some(a)), Ref::Exn(Some(b))) => Rooted::ref_eq(&store, a, b),
        (a, b) => Ok(a.is_null() && b.is_null()),
    }
}

#[cold]
fn changed(item: &Where<'_>) -> Error {
    Error::msg(format!(
        "initialisation changed {item}, which is imported: a snapshot holds only what is the module's own"
    ))
}
