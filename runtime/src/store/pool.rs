//! Where stores wait to be used again, with the parts of the instance that they last
//! had: a stack for each thread, or for a few threads where there are many.
//!
//! Invariant: what waits here is as if it had just been made. Nobody waits for a lock:
//! where one is taken, another stack is used, or nothing is kept. Parts that wait without a store take no more
//! than `RuntimeConfig::max_idle_memory`: one store at a time can leave those of any number of modules behind.

use super::StoreOpaque;
use super::slot::Slot;
use crate::instance::Template;
use crate::sys::fork;
use core::cell::{Cell, UnsafeCell};
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What stores of an engine leave behind.
pub(crate) struct Pool {
    shards: Box<[Shard]>,
    /// Whether there is an owner, who will empty the pool: what waits here keeps the engine.
    open: AtomicBool,
    /// Bytes of the parts that wait without a store, in all stacks, and how many may.
    apart: AtomicU64,
    max_apart: u64,
    owner: Mutex<Weak<PoolOwner>>,
}

/// A stack and who uses it. On a cache line of its own.
#[repr(align(128))]
struct Shard {
    busy: AtomicBool,
    idle: UnsafeCell<Idle>,
}

/// What waits: last in, first out, because it is still in the cache then.
#[derive(Default)]
#[allow(clippy::vec_box, reason = "they are taken and given as boxes")]
struct Idle {
    stores: Vec<Box<StoreOpaque>>,
    slots: Vec<Box<Slot>>,
}

// SAFETY: `idle` is reached by who has set `busy` alone. What waits belongs to no thread:
// a store has no data of the host, whatever else it owns may be sent.
unsafe impl Send for Shard {}
// SAFETY: as above.
unsafe impl Sync for Shard {}

/// Stores, and as many slots, that one stack keeps.
const MAX_IDLE: usize = 256;

/// Stacks that are looked at before something is made or thrown away.
const NEIGHBOURS: usize = 4;

/// Whoever has it, directly or through a module, may make stores of an engine. When the
/// last one is dropped, the pool is emptied.
#[derive(Debug)]
pub struct PoolOwner(Arc<super::Shared>);

impl PoolOwner {
    /// The owner of an engine's pool; while there is one, stores are used again.
    pub fn of(engine: &Arc<super::Shared>) -> Arc<PoolOwner> {
        let pool = engine.pool();
        let mut owner = pool.owner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = owner.upgrade() {
            return owner;
        }
        let new = Arc::new(PoolOwner(engine.clone()));
        *owner = Arc::downgrade(&new);
        pool.open.store(engine.config().instance_reuse && fork::watch(), Ordering::Release);
        new
    }
}

impl Drop for PoolOwner {
    fn drop(&mut self) {
        let pool = self.0.pool();
        let owner = pool.owner.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have come in between.
        let last = owner.strong_count() == 0;
        if last {
            pool.open.store(false, Ordering::Release);
        }
        drop(owner);
        if last {
            pool.release();
        }
    }
}

impl Pool {
    /// An empty pool without an owner.
    pub(super) fn new(max_apart: u64) -> Pool {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let count = (4 * threads).next_power_of_two().clamp(NEIGHBOURS, 1024);
        let shard = |_| Shard { busy: AtomicBool::new(false), idle: UnsafeCell::default() };
        Pool {
            shards: (0..count).map(shard).collect(),
            open: AtomicBool::new(false),
            apart: AtomicU64::new(0),
            max_apart,
            owner: Mutex::default(),
        }
    }

    /// A store that waits.
    #[inline]
    pub(super) fn take_store(&self) -> Option<Box<StoreOpaque>> {
        if !self.usable() {
            return None;
        }
        self.find(|idle| idle.stores.pop())
    }

    /// Keeps a store that was made as new, or drops it.
    #[inline]
    pub(super) fn give_store(store: Box<StoreOpaque>) {
        let pool: *const Pool = store.shared().pool();
        // SAFETY: the store keeps the engine, and with it the pool, until it is kept or
        // dropped; once it is kept, the pool is not touched any more.
        let refused = unsafe { Pool::keep(pool, store) };
        drop(refused);
    }

    /// The parts of an instance of a template that wait, for those of another, which are
    /// kept or dropped.
    pub(super) fn exchange_slot(
        &self,
        given: Option<Box<Slot>>,
        wanted: &Arc<Template>,
    ) -> Option<Box<Slot>> {
        if !self.usable() {
            return None;
        }
        let mut given = given;
        // What is dropped may run code of the host, which is not to find the stack taken.
        let mut dropped = Vec::new();
        let found = self.find(|idle| {
            let wanted = |slot: &Slot| Arc::ptr_eq(slot.template(), wanted);
            let at = idle.slots.iter().rposition(|slot| wanted(slot));
            let found = at.map(|at| self.take_apart(idle, at));
            if let Some(slot) = given.take_if(|slot| slot.template().is_open()) {
                self.keep_apart(idle, slot, &mut dropped);
            }
            if found.is_some() {
                return found;
            }
            idle.stores.iter_mut().rev().find_map(|store| store.take_slot_if(wanted))
        });
        drop((given, dropped));
        found
    }

    /// Keeps parts without a store. Others, or they themselves, are to be dropped if there is not room for all.
    #[allow(clippy::vec_box, reason = "they are taken and given as boxes")]
    fn keep_apart(&self, idle: &mut Idle, slot: Box<Slot>, dropped: &mut Vec<Box<Slot>>) {
        self.apart.fetch_add(slot.kept_bytes(), Ordering::Relaxed);
        idle.slots.push(slot);
        // Where the other stacks have taken all the room, nothing is left here.
        while idle.slots.len() > MAX_IDLE
            || !idle.slots.is_empty() && self.apart.load(Ordering::Relaxed) > self.max_apart
        {
            dropped.push(self.take_apart(idle, 0));
        }
    }

    /// Takes parts out of a stack that wait without a store. Nothing changes them while they do.
    fn take_apart(&self, idle: &mut Idle, at: usize) -> Box<Slot> {
        let slot = idle.slots.remove(at);
        self.apart.fetch_sub(slot.kept_bytes(), Ordering::Relaxed);
        slot
    }

    /// Frees what waits and belongs to a template.
    pub(crate) fn forget(&self, template: &Arc<Template>) {
        let mine = |slot: &Slot| Arc::ptr_eq(slot.template(), template);
        for shard in &self.shards {
            let mut found = Vec::new();
            shard.wait(|idle| {
                while let Some(at) = idle.slots.iter().position(|slot| mine(slot)) {
                    found.push(self.take_apart(idle, at));
                }
                found.extend(idle.stores.iter_mut().filter_map(|store| store.take_slot_if(mine)));
            });
            drop(found);
        }
    }

    /// Frees everything that waits, and returns how many stores and parts of instances that were.
    pub(crate) fn release(&self) -> usize {
        let mut count = 0;
        for shard in &self.shards {
            let idle = shard.wait(core::mem::take);
            count += idle.stores.len() + idle.slots.len();
            let apart = idle.slots.iter().map(|slot| slot.kept_bytes()).sum();
            self.apart.fetch_sub(apart, Ordering::Relaxed);
            drop(idle);
        }
        count
    }

    fn usable(&self) -> bool {
        self.open.load(Ordering::Relaxed) && !fork::forked()
    }

    /// What the first stack that has it gives, the thread's own before those of others.
    #[inline]
    fn find<R>(&self, mut take: impl FnMut(&mut Idle) -> Option<R>) -> Option<R> {
        let first = thread_number();
        (0..NEIGHBOURS.min(self.shards.len())).find_map(|n| {
            let shard = &self.shards[first.wrapping_add(n) & (self.shards.len() - 1)];
            shard.try_lock().then(|| {
                // SAFETY: the lock was taken just now.
                let found = unsafe { take(&mut *shard.idle.get()) };
                shard.busy.store(false, Ordering::Release);
                found
            })?
        })
    }

    /// Keeps the store in a stack, or gives it back.
    ///
    /// # Safety
    /// The pool is alive as long as the store is not kept.
    unsafe fn keep(pool: *const Pool, store: Box<StoreOpaque>) -> Option<Box<StoreOpaque>> {
        // SAFETY: the caller's promise; the shards are as long alive.
        let shards: *const [Shard] = unsafe { &*(*pool).shards };
        let first = thread_number();
        for n in 0..NEIGHBOURS.min(shards.len()) {
            let at = first.wrapping_add(n) & (shards.len() - 1);
            // SAFETY: the index is inside; as above.
            let shard = unsafe { &raw const (*shards)[at] };
            // SAFETY: as above, until the store is in the stack and the lock is given back,
            // after which nothing is touched: whoever empties the stack may free it at once.
            unsafe {
                if !(*shard).try_lock() {
                    continue;
                }
                let idle = &mut *(*shard).idle.get();
                // Looked at under the lock: whoever closes the pool empties the stack after it.
                let keep = (*pool).open.load(Ordering::Acquire) && idle.stores.len() < MAX_IDLE;
                let kept = if keep {
                    idle.stores.push(store);
                    None
                } else {
                    Some(store)
                };
                (&raw const (*shard).busy).as_ref()?.store(false, Ordering::Release);
                return kept;
            }
        }
        Some(store)
    }
}

impl Shard {
    #[inline]
    fn try_lock(&self) -> bool {
        !self.busy.swap(true, Ordering::Acquire)
    }

    /// Does something once the stack is free, which is soon.
    fn wait<R>(&self, work: impl FnOnce(&mut Idle) -> R) -> R {
        while !self.try_lock() {
            std::thread::yield_now();
        }
        // SAFETY: the lock was taken just now.
        let result = unsafe { work(&mut *self.idle.get()) };
        self.busy.store(false, Ordering::Release);
        result
    }
}

/// Which stack is the thread's own.
#[inline]
fn thread_number() -> usize {
    thread_local! {
        /// Given at first use.
        static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.get();
    if number != usize::MAX {
        return number;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NUMBER.set(number);
    number
}

impl core::fmt::Debug for Pool {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pool").field("open", &self.open).finish_non_exhaustive()
    }
}
