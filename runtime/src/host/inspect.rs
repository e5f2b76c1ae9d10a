//! An instance's insides, exported or not, for tools that save or compare state.
//! Invariant: nothing here changes what it looks at, or lets others do so. Compiled code counts on it: what a module
//! neither exports nor writes stays what it was.

use crate::host::{AsContext, AsContextMut, Ref, Val};
use crate::memory::SharedMemory;
use crate::store::{Extern, Func, Global, Instance, Memory, Table, Tag};
use dayfly_parser::{DataIdx, ElemIdx, ExportItem};

/// Something in an instance, to be looked at.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum InstanceItem {
    /// A function.
    Func(Func),
    /// A table.
    Table(TableView),
    /// A memory of one store.
    Memory(Memory),
    /// A memory that stores share.
    SharedMemory(SharedMemory),
    /// A global.
    Global(GlobalView),
    /// A tag.
    Tag(Tag),
}

/// A table that can be read and not written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TableView(Table);

/// A global that can be read and not written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GlobalView(Global);

/// All methods panic if the table is of another store than they are given.
impl TableView {
    /// The size in entries.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.0.size(store)
    }

    /// An entry; `None` outside of the table.
    pub fn get(&self, store: impl AsContextMut, index: u64) -> Option<Ref> {
        self.0.get(store, index)
    }
}

/// All methods panic if the global is of another store than they are given.
impl GlobalView {
    /// The value.
    pub fn get(&self, store: impl AsContextMut) -> Val {
        self.0.get(store)
    }
}

/// All methods panic if the instance is of another store than they are given.
impl Instance {
    /// An item of the instance's index spaces, whether it is exported or not; `None` for a
    /// function that nothing can refer to.
    ///
    /// # Panics
    /// If the module has no such item.
    pub fn item(&self, store: impl AsContext, item: ExportItem) -> Option<InstanceItem> {
        Some(match store.as_context().opaque().instance_item(*self, item)? {
            Extern::Func(func) => InstanceItem::Func(func),
            Extern::Table(table) => InstanceItem::Table(TableView(table)),
            Extern::Memory(memory) => InstanceItem::Memory(memory),
            Extern::SharedMemory(memory) => InstanceItem::SharedMemory(memory),
            Extern::Global(global) => InstanceItem::Global(GlobalView(global)),
            Extern::Tag(tag) => InstanceItem::Tag(tag),
        })
    }

    /// Whether a data segment was dropped; one that is not passive counts as dropped.
    pub fn data_dropped(&self, store: impl AsContext, data: DataIdx) -> bool {
        store.as_context().opaque().data_dropped(*self, data)
    }

    /// Whether an element segment was dropped; one that is not passive counts as dropped.
    pub fn elem_dropped(&self, store: impl AsContext, elem: ElemIdx) -> bool {
        store.as_context().opaque().elem_dropped(*self, elem)
    }
}
