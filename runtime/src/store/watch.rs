//! Who is to be interrupted. Code that would lose time by comparing epochs looks at one byte instead, which tells
//! that its store's deadline may have come: the engine sets it when it moves the epoch on.
//!
//! A store that enters such code takes a `Watch` of its engine's for as long as it runs. So there are as many of them as
//! stores have ever run at the same time, however many stores there are.
//!
//! Invariant: a watch lives as long as its engine, and moving the epoch on takes no lock and frees nothing: signal
//! handlers may do it. A byte that is set without need does no harm, for who finds it set compares epochs.

use super::StoreOpaque;
use crate::vm::VmStore;
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

/// What code looks at, and what is known of the store that runs it. Each has cache lines of its own, because every
/// look reads them.
#[repr(C, align(128))]
#[derive(Debug)]
pub struct Watch {
    /// 1 if the deadline may have come, else 0. At the very start: machine code counts on it.
    pub reached: AtomicU64,
    /// `VmStore::code_limit`, for code that finds the watch faster than the store. Who enters code sets it.
    pub limit: AtomicUsize,
    /// The deadline; `u64::MAX` while no store has this watch.
    deadline: AtomicU64,
    taken: AtomicBool,
    /// The one that was made before.
    next: *mut Watch,
}

impl Watch {
    /// Looks out for a deadline.
    fn set(&self, deadline: u64, epoch: &AtomicU64) {
        self.reached.store(0, Ordering::Relaxed);
        // Whoever moves the epoch on at the same time finds the deadline here, or else the new epoch is seen below:
        // both sides write first and read then.
        self.deadline.swap(deadline, Ordering::SeqCst);
        if epoch.load(Ordering::SeqCst) >= deadline {
            self.reached.store(1, Ordering::Relaxed);
        }
    }
}

const _: () = assert!(offset_of!(Watch, reached) == 0);

/// The watches of an engine: a list that only grows.
#[derive(Debug)]
pub struct Watches {
    first: AtomicPtr<Watch>,
}

// SAFETY: all that changes in a watch is atomic, and watches are freed by the owner alone.
unsafe impl Send for Watches {}
// SAFETY: as above.
unsafe impl Sync for Watches {}

impl Watches {
    /// None yet.
    pub(super) const fn new() -> Watches {
        Watches { first: AtomicPtr::new(ptr::null_mut()) }
    }

    fn iter(&self) -> impl Iterator<Item = &Watch> {
        let mut next = self.first.load(Ordering::Acquire);
        core::iter::from_fn(move || {
            // SAFETY: a watch in the list is whole, and freed with `self`.
            let watch = unsafe { next.as_ref() }?;
            next = watch.next;
            Some(watch)
        })
    }

    /// The epoch is `now`: tells those whose deadline that reaches.
    pub(super) fn tell(&self, now: u64) {
        for watch in self.iter() {
            if watch.deadline.load(Ordering::SeqCst) <= now {
                watch.reached.store(1, Ordering::Relaxed);
            }
        }
    }

    /// One that nobody has, `hint` if it is free: null or a watch of this engine.
    fn take(&self, hint: *const Watch) -> *const Watch {
        let is_free = |watch: &Watch| {
            !watch.taken.load(Ordering::Relaxed)
                && watch.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
        };
        // SAFETY: the caller's promise.
        let hint = unsafe { hint.as_ref() };
        match hint.into_iter().chain(self.iter()).find(|watch| is_free(watch)) {
            Some(watch) => watch,
            None => self.add(),
        }
    }

    #[cold]
    fn add(&self) -> *const Watch {
        let mut next = self.first.load(Ordering::Acquire);
        let watch = Box::into_raw(Box::new(Watch {
            reached: AtomicU64::new(0),
            limit: AtomicUsize::new(0),
            deadline: AtomicU64::new(u64::MAX),
            taken: AtomicBool::new(true),
            next,
        }));
        loop {
            match self.first.compare_exchange(next, watch, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return watch,
                Err(other) => next = other,
            }
            // SAFETY: nobody else knows it yet.
            unsafe { (*watch).next = next };
        }
    }
}

impl Drop for Watches {
    fn drop(&mut self) {
        let mut next = *self.first.get_mut();
        while !next.is_null() {
            // SAFETY: made by `add`, and the engine has no store any more.
            next = unsafe { Box::from_raw(next) }.next;
        }
    }
}

/// Starts to look out for a store's deadline, as long as `end` is not called; false if that is done already.
///
/// # Safety
/// The store is alive, this thread is about to enter code of it, and nobody borrows it.
#[inline]
pub unsafe fn begin(store: *mut VmStore) -> bool {
    // SAFETY: the caller's promise; the store refers to its engine, whose watches the store's is one of.
    unsafe {
        if (*store).watched {
            return false;
        }
        let watches = (*(*store).store).shared.watches();
        (*store).watch = watches.take((*store).watch);
        (*store).watched = true;
        renew(store);
    }
    true
}

/// Ends what `begin` began.
///
/// # Safety
/// As `begin`, which returned true.
#[inline]
pub unsafe fn end(store: *mut VmStore) {
    // SAFETY: the caller's promise; the watch is the store's until it is given back here.
    unsafe {
        (*store).watched = false;
        let watch = &*(*store).watch;
        watch.deadline.store(u64::MAX, Ordering::Relaxed);
        watch.taken.store(false, Ordering::Release);
    }
}

/// Looks out for the store's deadline anew.
///
/// # Safety
/// The store is alive, and `begin` was called.
unsafe fn renew(store: *mut VmStore) {
    // SAFETY: the caller's promise.
    unsafe { (*(*store).watch).set((*store).epoch_deadline, &*(*store).epoch) }
}

impl StoreOpaque {
    /// The deadline is another, or it was found to be reached.
    pub(crate) fn renew_watch(&mut self) {
        let store = self.vm_store();
        // SAFETY: the block is alive as long as the store, and only this thread uses it.
        unsafe {
            if (*store).watched {
                renew(store);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RuntimeConfig;
    use crate::store::Shared;
    use std::sync::Arc;

    fn store(shared: &Arc<Shared>) -> Box<StoreOpaque> {
        let mut store = StoreOpaque::new(shared.clone(), Box::new(()));
        let this: *mut StoreOpaque = &mut *store;
        // SAFETY: the store is alive.
        unsafe { (*store.vm_store()).store = this };
        store
    }

    fn is_reached(store: &StoreOpaque) -> bool {
        // SAFETY: the store has begun to watch.
        unsafe { (*(*store.vm_store()).watch).reached.load(Ordering::Relaxed) == 1 }
    }

    #[test]
    fn who_runs_is_told_of_the_own_deadline_and_nobody_else() {
        let shared = Shared::new(RuntimeConfig { epoch_interruption: true, ..RuntimeConfig::default() });
        let [mut a, mut b] = [store(&shared), store(&shared)];
        a.set_epoch_deadline(1);
        b.set_epoch_deadline(2);
        // SAFETY: the stores are alive; they are said to run and do not.
        unsafe {
            assert!(begin(a.vm_store()) && begin(b.vm_store()));
            assert!(!begin(a.vm_store()), "it runs already");
        }
        assert!(!is_reached(&a) && !is_reached(&b));
        shared.increment_epoch();
        assert!(is_reached(&a) && !is_reached(&b));
        a.set_epoch_deadline(1);
        assert!(!is_reached(&a));
        shared.increment_epoch();
        assert!(is_reached(&a) && is_reached(&b));
        // One that is behind its deadline when it starts knows at once.
        // SAFETY: as above.
        unsafe {
            end(a.vm_store());
            assert!(begin(a.vm_store()));
        }
        assert!(is_reached(&a));
        b.set_epoch_deadline(0);
        assert!(is_reached(&b));
    }

    #[test]
    fn there_are_as_many_as_run_at_once() {
        let shared = Shared::new(RuntimeConfig { epoch_interruption: true, ..RuntimeConfig::default() });
        let count = || shared.watches().iter().count();
        for _ in 0..10 {
            let store = store(&shared);
            // SAFETY: the store is alive.
            unsafe {
                assert!(begin(store.vm_store()));
                end(store.vm_store());
            }
        }
        assert_eq!(count(), 1);
        let stores: Vec<_> = (0..4).map(|_| store(&shared)).collect();
        // SAFETY: as above.
        assert!(stores.iter().all(|store| unsafe { begin(store.vm_store()) }));
        assert_eq!(count(), 4);
    }

    #[test]
    fn no_deadline_is_missed_while_others_move_the_epoch_on() {
        let shared = Shared::new(RuntimeConfig { epoch_interruption: true, ..RuntimeConfig::default() });
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    for _ in 0..2_000 {
                        let mut store = store(&shared);
                        store.set_epoch_deadline(1);
                        // SAFETY: the store is alive.
                        unsafe { assert!(begin(store.vm_store())) };
                        shared.increment_epoch();
                        assert!(is_reached(&store));
                        store.set_epoch_deadline(1);
                        shared.increment_epoch();
                        assert!(is_reached(&store));
                        // SAFETY: as above.
                        unsafe { end(store.vm_store()) };
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
