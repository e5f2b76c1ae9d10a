//! The state of an instance, in a form that a module can start with.

use super::sparse::{MAX_RUNS, Run, runs};
use crate::{AsContext, AsContextMut, Error, Func, Instance, InstanceItem, Ref, Result, Val};
use core::fmt;
use dayfly_parser::{
    CompositeType, ConstExpr, ConstOp, DataIdx, ElemIdx, ElementItems, ExportItem, FieldType, FuncIdx,
    Global, GlobalIdx, ImportType, MemoryIdx, Module, SegmentMode, StorageType, TableIdx, TypeIdx,
};
use std::collections::HashMap;

/// What a constant expression of the new module makes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(i128),
    Null,
    Func(FuncIdx),
    I31(i32),
    /// The expression that the module has makes an equal value: of immutable globals only.
    AsBefore,
}

/// A memory of the module's own.
pub(super) struct MemoryState {
    pub(super) pages: u64,
    /// Its bytes, but for most of those that are zero.
    pub(super) runs: Vec<Run>,
}

/// The state of an instance: what is its module's own, in the order of the index spaces.
pub(super) struct State {
    pub(super) memories: Vec<MemoryState>,
    pub(super) tables: Vec<Vec<Value>>,
    pub(super) globals: Vec<Value>,
    /// For each data segment, whether `memory.init` still finds its bytes.
    pub(super) data: Vec<bool>,
    /// For each element segment, whether `table.init` still finds its items.
    pub(super) elements: Vec<bool>,
}

impl State {
    /// Reads the state of an instance of the module.
    pub(super) fn read(mut store: impl AsContextMut, instance: Instance, module: &Module) -> Result<State> {
        let imported = module.imported();
        let mut reader =
            Reader { funcs: functions(&store, instance, module), store: &mut store, instance, module };
        let memories =
            (imported.memories..module.memories().len() as u32).map(|n| reader.memory(MemoryIdx(n)));
        let memories = memories.collect::<Result<_>>()?;
        let tables = (imported.tables..module.tables().len() as u32).map(|n| reader.table(TableIdx(n)));
        let tables = tables.collect::<Result<_>>()?;
        let globals = (imported.globals..module.globals().len() as u32).map(|n| reader.global(GlobalIdx(n)));
        let globals = globals.collect::<Result<_>>()?;
        let data = (0..module.data().len() as u32).map(|n| !instance.data_dropped(&reader.store, DataIdx(n)));
        let data = data.collect();
        let elements = (0..module.elements().len() as u32).map(|n| reader.element_segment(ElemIdx(n)));
        let elements = elements.collect::<Result<_>>()?;
        Ok(State { memories, tables, globals, data, elements })
    }
}

/// The module's functions as references, imported ones among them. A function that is
/// imported twice gets one of its indices.
fn functions(store: impl AsContext, instance: Instance, module: &Module) -> HashMap<Func, FuncIdx> {
    let all = (0..module.funcs().len() as u32).rev().map(FuncIdx);
    let found = all.filter_map(|func| match instance.item(&store, ExportItem::Func(func)) {
        Some(InstanceItem::Func(reference)) => Some((reference, func)),
        _ => None,
    });
    found.collect()
}

struct Reader<'a, C> {
    store: C,
    instance: Instance,
    module: &'a Module,
    funcs: HashMap<Func, FuncIdx>,
}

impl<C: AsContextMut> Reader<'_, C> {
    fn memory(&mut self, memory: MemoryIdx) -> Result<MemoryState> {
        let page_size = self.module.memories()[memory.index()].page_size();
        let max_runs = MAX_RUNS / self.module.memories().len();
        let state =
            |bytes: &[u8]| MemoryState { pages: bytes.len() as u64 / page_size, runs: runs(bytes, max_runs) };
        Ok(match self.item(ExportItem::Memory(memory)) {
            InstanceItem::Memory(memory) => state(memory.data(self.store.as_context())),
            InstanceItem::SharedMemory(memory) => {
                let mut bytes = vec![0; (memory.ty().min * page_size) as usize];
                memory.read(0, &mut bytes)?;
                state(&bytes)
            }
            _ => unreachable!("a memory was asked for"),
        })
    }

    fn table(&mut self, table: TableIdx) -> Result<Vec<Value>> {
        let InstanceItem::Table(entries) = self.item(ExportItem::Table(table)) else {
            unreachable!("a table was asked for")
        };
        let mut values = Vec::new();
        for index in 0..entries.size(&self.store) {
            let entry = entries.get(&mut self.store, index).expect("the index is below the size");
            let value = self.reference(entry).map_err(|what| {
                not_written(
                    &format!("entry {index} of {}", Where::new(self.module, ExportItem::Table(table))),
                    what,
                )
            });
            values.push(value?);
        }
        Ok(values)
    }

    fn global(&mut self, index: GlobalIdx) -> Result<Value> {
        let InstanceItem::Global(global) = self.item(ExportItem::Global(index)) else {
            unreachable!("a global was asked for")
        };
        let reference = match global.get(&mut self.store) {
            Val::I32(n) => return Ok(Value::I32(n)),
            Val::I64(n) => return Ok(Value::I64(n)),
            Val::F32(bits) => return Ok(Value::F32(bits)),
            Val::F64(bits) => return Ok(Value::F64(bits)),
            Val::V128(v) => {
                let [low, high] = v.to_u64x2().map(u128::from);
                return Ok(Value::V128((high << 64 | low) as i128));
            }
            reference => reference.ref_().expect("all others are references"),
        };
        self.reference(reference).or_else(|what| {
            if makes_the_same(self.module, &self.module.globals()[index.index()]) {
                return Ok(Value::AsBefore);
            }
            Err(not_written(&Where::new(self.module, ExportItem::Global(index)).to_string(), what))
        })
    }

    /// Whether an element segment is still there; an error if its items may have changed.
    fn element_segment(&mut self, elem: ElemIdx) -> Result<bool> {
        if self.instance.elem_dropped(&self.store, elem) {
            return Ok(false);
        }
        let segment = &self.module.elements()[elem.index()];
        debug_assert_eq!(segment.mode, SegmentMode::Passive, "all others count as dropped");
        match &segment.items {
            ElementItems::Exprs(exprs)
                if !exprs.iter().all(|expr| allocates_constants(self.module, expr)) =>
            {
                Err(not_written(&format!("element segment {}", elem.0), Unwritten::Object))
            }
            _ => Ok(true),
        }
    }

    fn reference(&self, reference: Ref) -> Result<Value, Unwritten> {
        match reference {
            reference if reference.is_null() => Ok(Value::Null),
            Ref::Func(Some(func)) => {
                self.funcs.get(&func).map(|func| Value::Func(*func)).ok_or(Unwritten::ForeignFunction)
            }
            Ref::Any(Some(any)) => match any.as_i31(&self.store) {
                Ok(Some(i31)) => Ok(Value::I31(i31.get_i32())),
                _ => Err(Unwritten::Object),
            },
            Ref::Exn(_) => Err(Unwritten::Exception),
            _ => Err(Unwritten::HostValue),
        }
    }

    fn item(&self, item: ExportItem) -> InstanceItem {
        self.instance.item(&self.store, item).expect("only functions may have no reference")
    }
}

/// Whether a global's expression, evaluated again, makes what it holds: it cannot have
/// been written, nor can what it refers to.
fn makes_the_same(module: &Module, global: &Global) -> bool {
    !global.ty.mutable && global.init.as_ref().is_some_and(|init| allocates_constants(module, init))
}

/// Whether all objects that an expression makes are immutable.
fn allocates_constants(module: &Module, expr: &ConstExpr) -> bool {
    let immutable = |ty: &TypeIdx| match &module.types()[ty.index()].composite {
        CompositeType::Struct(fields) => fields.iter().all(|field| !field.mutable),
        CompositeType::Array(FieldType {
            mutable,
            storage: StorageType::I8 | StorageType::I16 | StorageType::Val(_),
        }) => !mutable,
        CompositeType::Func(_) | CompositeType::Cont(_) => false,
    };
    expr.ops.iter().all(|op| match op {
        ConstOp::StructNew(ty)
        | ConstOp::StructNewDefault(ty)
        | ConstOp::ArrayNew(ty)
        | ConstOp::ArrayNewDefault(ty)
        | ConstOp::ArrayNewFixed(ty, _) => immutable(ty),
        _ => true,
    })
}

/// Names an item: its index and, if it has one, a name that users know it by.
pub(super) struct Where<'a> {
    module: &'a Module,
    item: ExportItem,
}

impl<'a> Where<'a> {
    pub(super) fn new(module: &'a Module, item: ExportItem) -> Where<'a> {
        Where { module, item }
    }

    /// The names of the item as an import.
    fn import(&self, index: u32) -> Option<(&'a str, &'a str)> {
        let of_kind = self.module.imports().iter().filter(|import| {
            matches!(
                (import.ty, self.item),
                (ImportType::Memory(_), ExportItem::Memory(_))
                    | (ImportType::Table(_), ExportItem::Table(_))
                    | (ImportType::Global(_), ExportItem::Global(_))
            )
        });
        let import = of_kind.into_iter().nth(index as usize)?;
        Some((&import.module, &import.name))
    }
}

impl fmt::Display for Where<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, index) = match self.item {
            ExportItem::Memory(n) => ("memory", n.0),
            ExportItem::Table(n) => ("table", n.0),
            ExportItem::Global(n) => ("global", n.0),
            ExportItem::Func(n) => ("function", n.0),
            ExportItem::Tag(n) => ("tag", n.0),
        };
        write!(f, "{kind} {index}")?;
        if let Some((module, name)) = self.import(index) {
            return write!(f, " (`{}::{}`)", module.escape_debug(), name.escape_debug());
        }
        match self.module.exports().iter().find(|export| export.item == self.item) {
            Some(export) => write!(f, " (`{}`)", export.name.escape_debug()),
            None => Ok(()),
        }
    }
}

/// Why a reference cannot be written.
#[derive(Clone, Copy)]
enum Unwritten {
    ForeignFunction,
    Object,
    Exception,
    HostValue,
}

#[cold]
fn not_written(place: &str, what: Unwritten) -> Error {
    let what = match what {
        Unwritten::ForeignFunction => "a function that is neither the module's own nor one of its imports",
        Unwritten::Object => "an object of the heap, which a module cannot start with as it is",
        Unwritten::Exception => "an exception, which a module cannot start with",
        Unwritten::HostValue => "a value of the host, which a module cannot start with",
    };
    Error::msg(format!("{place} refers to {what}"))
}
