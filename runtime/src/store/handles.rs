//! Handles: what a host holds of a store's contents. They are plain copies that
//! carry the id of their store; every use compares it, so that a handle is never
//! followed in a store that it does not belong to.

use crate::memory::SharedMemory;
use crate::vm::FuncRef;
use core::num::NonZeroU64;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

/// The identity of a store: never used twice in a process.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct StoreId(NonZeroU64);

/// Ids that no store had before, for a store that is used again and again.
#[derive(Debug)]
pub(crate) struct StoreIds {
    next: u64,
    end: u64,
}

impl StoreIds {
    /// Taken at once, so that threads seldom meet.
    const BLOCK: u64 = 1 << 12;

    /// None yet.
    pub(crate) fn new() -> StoreIds {
        StoreIds { next: 0, end: 0 }
    }

    /// The next one.
    #[inline]
    pub(crate) fn fresh(&mut self) -> StoreId {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        if self.next == self.end {
            self.next = NEXT.fetch_add(Self::BLOCK, Ordering::Relaxed);
            self.end = self.next + Self::BLOCK;
        }
        let id = self.next;
        self.next += 1;
        StoreId(NonZeroU64::new(id).expect("2^64 stores were created"))
    }
}

/// The position of an instance in its store.
#[repr(transparent)]
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct InstanceId(pub u32);

/// A function of a store: of an instance, or the host's.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Func {
    pub(crate) store: StoreId,
    pub(crate) func: NonNull<FuncRef>,
}

// SAFETY: the pointer is followed only by a store whose id matches, and that
// store keeps what it points to alive.
unsafe impl Send for Func {}
// SAFETY: as for `Send`.
unsafe impl Sync for Func {}

/// A memory of a store.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Memory {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

/// A table of a store.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Table {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

/// A global of a store.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Global {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

/// A tag of a store.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Tag {
    pub(crate) store: StoreId,
    pub(crate) index: u32,
}

/// An instance of a store.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct Instance {
    pub(crate) store: StoreId,
    pub(crate) id: InstanceId,
}

impl Instance {
    /// The position in the store.
    pub fn id(&self) -> InstanceId {
        self.id
    }
}

/// Anything that an instance imports or exports.
#[derive(Clone, Eq, PartialEq, Hash, Debug)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A table.
    Table(Table),
    /// A memory of one store.
    Memory(Memory),
    /// A memory that stores share.
    SharedMemory(SharedMemory),
    /// A global.
    Global(Global),
    /// A tag.
    Tag(Tag),
}

impl Extern {
    /// The store that it belongs to; `None` if stores share it.
    pub fn store_id(&self) -> Option<StoreId> {
        match self {
            Extern::Func(f) => Some(f.store),
            Extern::Table(t) => Some(t.store),
            Extern::Memory(m) => Some(m.store),
            Extern::SharedMemory(_) => None,
            Extern::Global(g) => Some(g.store),
            Extern::Tag(t) => Some(t.store),
        }
    }
}

macro_rules! store_id {
    ($($handle:ident $variant:ident,)*) => {$(
        store_id!($handle);

        impl From<$handle> for Extern {
            fn from(item: $handle) -> Extern {
                Extern::$variant(item)
            }
        }
    )*};
    ($handle:ident) => {
        impl $handle {
            /// The store that it belongs to.
            pub fn store_id(&self) -> StoreId {
                self.store
            }
        }
    };
}

store_id! {
    Func Func,
    Table Table,
    Memory Memory,
    Global Global,
    Tag Tag,
}
store_id!(Instance);
