//! The types of what is imported and exported, as the host reads them, and the
//! kinds of things that can be. Concrete types in them are canonical.

use crate::host::AsContext;
use crate::link;
use crate::memory::SharedMemory;
use crate::store::{Extern, Func, Global, Memory, Table, Tag};
use crate::types::TypeRegistry;
use core::fmt;
use dayfly_parser::{FuncType, GlobalType, MemoryType, TableType};

/// The type of something that is imported or exported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag.
    Tag(TagType),
}

/// The type of a tag.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TagType {
    /// A function type without results; its parameters are what exceptions carry.
    pub func: FuncType,
}

impl TagType {
    /// The type of tags whose exceptions carry the parameters of `func`.
    pub fn new(func: FuncType) -> TagType {
        TagType { func }
    }
}

impl ExternType {
    /// The type that the runtime links by, with function types written out.
    pub fn from_link(ty: &link::ExternType, types: &TypeRegistry) -> ExternType {
        match ty {
            link::ExternType::Func(id) => ExternType::Func(types.func(*id).clone()),
            link::ExternType::Table(ty) => ExternType::Table(*ty),
            link::ExternType::Memory(ty) => ExternType::Memory(*ty),
            link::ExternType::Global(ty) => ExternType::Global(*ty),
            link::ExternType::Tag(id) => ExternType::Tag(TagType { func: types.func(*id).clone() }),
        }
    }
}

impl fmt::Display for TagType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.func.fmt(f)
    }
}

impl Extern {
    /// The type.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        let store = store.as_context().opaque();
        ExternType::from_link(&link::ExternType::of(store, self), store.shared().types())
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        match self {
            Extern::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        match self {
            Extern::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The memory, if it is one that is not shared.
    pub fn into_memory(self) -> Option<Memory> {
        match self {
            Extern::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    /// The shared memory, if it is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        match self {
            Extern::SharedMemory(memory) => Some(memory),
            _ => None,
        }
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        match self {
            Extern::Global(global) => Some(global),
            _ => None,
        }
    }

    /// The tag, if it is one.
    pub fn into_tag(self) -> Option<Tag> {
        match self {
            Extern::Tag(tag) => Some(tag),
            _ => None,
        }
    }
}
