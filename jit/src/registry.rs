//! Which code is at an address: all machine code of the process. Looking it up takes no lock and
//! allocates nothing, because signal handlers do it; adding and removing replaces the whole list and
//! waits until nobody looks at the old one.

use crate::code::MachineCode;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Where code is, ordered by address.
type List = Vec<Place>;

#[derive(Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
    code: *const MachineCode,
}

/// The list; null before there is one.
static LIST: AtomicPtr<List> = AtomicPtr::new(ptr::null_mut());

/// How many are looking at a list. Who comes takes the counter that `SIDE` tells; so one of them
/// runs dry even if there is always somebody.
static READERS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
static SIDE: AtomicUsize = AtomicUsize::new(0);

/// Held while the list is replaced.
static WRITER: Mutex<()> = Mutex::new(());

/// Does something with the code that contains an address. The code stays alive meanwhile.
pub fn with<R>(pc: usize, run: impl FnOnce(&MachineCode) -> R) -> Option<R> {
    let reader = Reader::new();
    let list = reader.list();
    let at = list.partition_point(|place| place.start <= pc).checked_sub(1)?;
    let place = list.get(at).filter(|place| pc < place.end)?;
    // SAFETY: code leaves the list before it is freed, and `remove` waits for this reader.
    Some(run(unsafe { &*place.code }))
}

/// Adds code, which is to be removed before it is freed.
pub fn add(code: &MachineCode) {
    let range = code.addresses();
    let place = Place { start: range.start, end: range.end, code };
    replace(writer(), |list| {
        let at = list.partition_point(|other| other.start < place.start);
        list.insert(at, place);
    });
}

/// Removes code. When this returns, nobody looks at it any more.
pub fn remove(code: &MachineCode) {
    replace(writer(), |list| list.retain(|place| !ptr::eq(place.code, code)));
}

fn writer() -> MutexGuard<'static, ()> {
    WRITER.lock().unwrap_or_else(|e| e.into_inner())
}

fn replace(_writer: MutexGuard<'static, ()>, change: impl FnOnce(&mut List)) {
    let old = LIST.load(Ordering::SeqCst);
    // SAFETY: lists are freed below only, under the lock.
    let mut list = unsafe { old.as_ref() }.cloned().unwrap_or_default();
    change(&mut list);
    LIST.store(Box::into_raw(Box::new(list)), Ordering::SeqCst);
    // Whoever looks at the old list was counted before it was replaced, on either side. Those who
    // come now are counted on `side`; when the other one is empty, they go there.
    let side = SIDE.load(Ordering::SeqCst);
    wait_for_none(side ^ 1);
    SIDE.store(side ^ 1, Ordering::SeqCst);
    wait_for_none(side);
    if !old.is_null() {
        // SAFETY: made by `Box::into_raw` above; nobody looks at it.
        drop(unsafe { Box::from_raw(old) });
    }
}

fn wait_for_none(side: usize) {
    while READERS[side].load(Ordering::SeqCst) != 0 {
        std::thread::yield_now();
    }
}

/// Somebody who looks at the list.
struct Reader {
    side: usize,
}

impl Reader {
    fn new() -> Reader {
        let side = SIDE.load(Ordering::SeqCst);
        READERS[side].fetch_add(1, Ordering::SeqCst);
        Reader { side }
    }

    fn list(&self) -> &List {
        static EMPTY: List = Vec::new();
        // SAFETY: the list is freed only when this reader is gone, and never changes.
        unsafe { LIST.load(Ordering::SeqCst).as_ref() }.unwrap_or(&EMPTY)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        READERS[self.side].fetch_sub(1, Ordering::SeqCst);
    }
}

// SAFETY: a place is an address; what is there may be used by all threads.
unsafe impl Sync for Place {}
// SAFETY: as above.
unsafe impl Send for Place {}
