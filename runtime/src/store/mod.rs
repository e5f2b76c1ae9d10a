//! The store: it owns everything that guests reach, and frees it all at once
//! when it is dropped; nothing is freed before, so addresses that code and
//! instances hold stay good. Spec: exec/runtime, "Store".
//!
//! Aliasing: what code reads (`VmStore`, instance blocks, memories, tables,
//! global cells) are raw allocations. They are never inside a struct that a
//! `&mut StoreOpaque` covers, so a host function may hold one while code runs.

mod arena;
mod call;
mod delta;
mod funcs;
mod gc;
mod globals;
mod handles;
mod instances;
mod interrupt;
mod memories;
mod objects;
mod pool;
mod reuse;
mod roots;
mod shared;
mod slot;
mod tables;
mod tail;
mod walk;
pub mod watch;

pub use arena::Arena;
pub use handles::{Extern, Func, Global, Instance, InstanceId, Memory, StoreId, Table, Tag};
pub use interrupt::{EpochAction, EpochCallback, FuelDisabled};
pub use pool::PoolOwner;
pub use roots::{RootIndex, RootReleases, RootScopeMark};
pub use shared::Shared;
pub use tail::{TailCall, call, finish};

pub use delta::NotCaptured;

pub(crate) use arena::Blob;
pub(crate) use delta::Rest;
pub(crate) use globals::GlobalRecord;
pub(crate) use instances::{InstanceRecord, Positions};
pub(crate) use memories::MemoryRecord;
pub(crate) use reuse::{Kept, Settings};
pub(crate) use roots::{ConstValue, RootTable};
pub(crate) use tables::TableRecord;

use handles::StoreIds;
use slot::{Counts, Slot};

use crate::gc::{GcHeap, HostTable};
use crate::host::HostFunc;
use crate::limits::ResourceLimiter;
use crate::stack::GuestStack;
use crate::vm::{Fuel, Place, VmGlobal, VmStore, VmTag};
use core::any::Any;
use core::ptr::{self, NonNull};
use std::sync::Arc;

/// Finds the limiter in the store's data.
pub type LimiterAccess = Box<dyn (Fn(&mut dyn Any) -> &mut dyn ResourceLimiter) + Send + Sync>;

/// A store, whatever the type of its data.
pub struct StoreOpaque {
    id: StoreId,
    /// The owner of what a reset of the store's instance drops.
    rest: StoreId,
    ids: StoreIds,
    shared: Arc<Shared>,
    vm: NonNull<VmStore>,
    data: Box<dyn Any>,
    pub(crate) instances: Vec<InstanceRecord>,
    pub(crate) memories: Vec<MemoryRecord>,
    pub(crate) tables: Vec<TableRecord>,
    pub(crate) globals: Vec<GlobalRecord>,
    /// Boxed, because their addresses are their identities.
    #[allow(clippy::vec_box, reason = "the address of a tag is its identity")]
    pub(crate) tags: Vec<Box<VmTag>>,
    /// The cells of globals that the host made.
    host_cells: Vec<NonNull<VmGlobal>>,
    host_funcs: Vec<Arc<HostFunc>>,
    gc: GcHeap,
    pub(crate) roots: RootTable,
    hosts: HostTable,
    stack: Option<GuestStack>,
    /// As configured: looked at by each call.
    max_native_stack: usize,
    limiter: Option<LimiterAccess>,
    epoch_callback: Option<EpochCallback>,
    /// Parts of an instance that wait, or the other side of those that are in use.
    slot: Option<Box<Slot>>,
    /// Whether the first instance is of the slot.
    slot_in_use: bool,
    /// For what is written down of instances, so that it allocates only what is kept.
    buffer: Vec<u8>,
}

impl StoreOpaque {
    /// An empty store. Nothing is mapped before it is needed.
    pub fn new(shared: Arc<Shared>, data: Box<dyn Any>) -> Box<StoreOpaque> {
        let vm = Box::new(VmStore {
            fuel: Fuel::NONE,
            epoch: shared.epoch(),
            epoch_deadline: u64::MAX,
            stack_top: ptr::null_mut(),
            stack_limit: ptr::null_mut(),
            native_limit: 0,
            code_limit: 0,
            max_code_stack: shared.config().max_wasm_stack,
            activation: ptr::null(),
            store: ptr::null_mut(),
            pending: None,
            gc_base: ptr::null_mut(),
            gc_next: 0,
            gc_limit: 0,
            tail: TailCall::NONE,
            exception: 0,
            watched: false,
            watch: ptr::null(),
            displays: shared.types().displays(),
            limits_of: Place::NONE,
        });
        let vm = NonNull::from(Box::leak(vm));
        let mut ids = StoreIds::new();
        Box::new(StoreOpaque {
            id: ids.fresh(),
            rest: ids.fresh(),
            ids,
            vm,
            data,
            instances: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            host_cells: Vec::new(),
            host_funcs: Vec::new(),
            gc: GcHeap::new(vm, shared.config()),
            roots: RootTable::default(),
            hosts: HostTable::default(),
            stack: None,
            max_native_stack: shared.config().max_native_stack,
            limiter: None,
            epoch_callback: None,
            slot: None,
            slot_in_use: false,
            buffer: Vec::new(),
            shared,
        })
    }

    /// The store's identity.
    #[inline]
    pub fn id(&self) -> StoreId {
        self.id
    }

    /// What the store has in common with others of its engine.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The host's data.
    #[inline]
    pub fn data(&self) -> &dyn Any {
        &*self.data
    }

    /// The host's data.
    #[inline]
    pub fn data_mut(&mut self) -> &mut dyn Any {
        &mut *self.data
    }

    /// Takes the host's data out; `()` is left.
    pub fn take_data(&mut self) -> Box<dyn Any> {
        core::mem::replace(&mut self.data, Box::new(()))
    }

    /// The state that code sees; good as long as the store.
    #[inline]
    pub fn vm_store(&self) -> *mut VmStore {
        self.vm.as_ptr()
    }

    /// Sets who decides what guests may take; `None` allows all that the system gives.
    pub fn set_limiter(&mut self, limiter: Option<LimiterAccess>) {
        self.limiter = limiter;
    }

    fn limiter(&mut self) -> Option<&mut dyn ResourceLimiter> {
        match &self.limiter {
            Some(limiter) => Some(limiter(&mut *self.data)),
            None => None,
        }
    }

    fn free_host_cells(&mut self) {
        for cell in self.host_cells.drain(..) {
            // SAFETY: made by `Box::leak`, listed once, reachable only by code of this store.
            drop(unsafe { Box::from_raw(cell.as_ptr()) });
        }
    }

    /// The owner that handles name: the store, or, of what a reset of its instance drops, `rest`, which is another
    /// one after each reset. So a handle of what was dropped is refused as those of other stores are.
    #[inline]
    fn owner(&self, stays: bool) -> StoreId {
        if stays || !self.slot_in_use { self.id } else { self.rest }
    }

    /// How many instances, memories, tables, globals and tags stay when the store's instance is reset.
    fn staying(&self) -> Counts {
        self.slot.as_ref().map_or(Counts::default(), |slot| slot.counts())
    }

    /// Whether a handle is of this store.
    #[inline]
    pub(crate) fn owns(&self, owner: StoreId) -> bool {
        owner == self.id || owner == self.rest
    }

    /// Panics if a handle is of another store.
    #[inline]
    pub(crate) fn check(&self, owner: StoreId) {
        if !self.owns(owner) {
            wrong_store();
        }
    }
}

#[cold]
fn wrong_store() -> ! {
    panic!("object used with the wrong store")
}

impl Drop for StoreOpaque {
    fn drop(&mut self) {
        // Other threads write the mirrors of shared memories as long as they are attached.
        self.memories.clear();
        self.free_host_cells();
        // SAFETY: made by `Box::leak` in `new`; no code of this store runs any more.
        drop(unsafe { Box::from_raw(self.vm.as_ptr()) });
    }
}

impl core::fmt::Debug for StoreOpaque {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("StoreOpaque").field("id", &self.id).finish_non_exhaustive()
    }
}
