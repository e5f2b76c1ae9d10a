//! Which code is at an address: all machine code of the process. Looking it up takes no lock and
//! allocates nothing, because signal handlers do it; adding and removing replaces the list and
//! waits until nobody looks at the old one. The list is in chunks, which the new one shares with the old one,
//! all but the one that changes; so it may be long.

use crate::code::MachineCode;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// Where code is, ordered by address.
#[derive(Clone, Default)]
struct List {
    /// None is empty or longer than `MAX_CHUNK`.
    chunks: Vec<Arc<[Place]>>,
}

/// Places of a chunk: what is copied for each change, as are the chunks' addresses.
const MAX_CHUNK: usize = 128;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    let place = reader.list()?.find(pc)?;
    // SAFETY: code leaves the list before it is freed, and `remove` waits for this reader.
    Some(run(unsafe { &*place.code }))
}

/// Adds code, which is to be removed before it is freed.
pub fn add(code: &MachineCode) {
    let range = code.addresses();
    let place = Place { start: range.start, end: range.end, code };
    replace(writer(), |list| list.add(place));
}

/// Removes code. When this returns, nobody looks at it any more.
pub fn remove(code: &MachineCode) {
    let start = code.addresses().start;
    replace(writer(), |list| list.remove(start));
}

impl List {
    /// The chunk that an address belongs to, if it is behind the start of any.
    fn chunk(&self, address: usize) -> Option<usize> {
        self.chunks.partition_point(|chunk| chunk[0].start <= address).checked_sub(1)
    }

    fn find(&self, pc: usize) -> Option<Place> {
        let chunk = &self.chunks[self.chunk(pc)?];
        let at = chunk.partition_point(|place| place.start <= pc).checked_sub(1)?;
        Some(chunk[at]).filter(|place| pc < place.end)
    }

    fn add(&mut self, place: Place) {
        let Some(at) = self.chunk(place.start).or(self.chunks.len().checked_sub(1).and(Some(0))) else {
            self.chunks.push(Arc::new([place]));
            return;
        };
        let mut places = self.chunks[at].to_vec();
        places.insert(places.partition_point(|other| other.start < place.start), place);
        if places.len() > MAX_CHUNK {
            let upper = places.split_off(places.len() / 2);
            self.chunks.insert(at + 1, upper.into());
        }
        self.chunks[at] = places.into();
    }

    /// Removes what starts at an address.
    fn remove(&mut self, start: usize) {
        let Some(at) = self.chunk(start) else { return };
        let rest: Vec<Place> = self.chunks[at].iter().copied().filter(|place| place.start != start).collect();
        if rest.is_empty() {
            self.chunks.remove(at);
        } else {
            self.chunks[at] = rest.into();
        }
    }
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

    /// The list, if there is one yet.
    fn list(&self) -> Option<&List> {
        // SAFETY: the list is freed only when this reader is gone, and never changes.
        unsafe { LIST.load(Ordering::SeqCst).as_ref() }
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

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: usize = 10_000;

    fn place(n: usize) -> Place {
        Place { start: 0x1000 + n * 64, end: 0x1000 + n * 64 + 32, code: ptr::null() }
    }

    /// All numbers below `COUNT`, in no order.
    fn numbers() -> impl Iterator<Item = usize> {
        (0..COUNT).map(|n| n * 7919 % COUNT)
    }

    fn check(list: &List, is_there: impl Fn(usize) -> bool) {
        assert!(list.chunks.iter().all(|chunk| (1..=MAX_CHUNK).contains(&chunk.len())));
        for n in 0..COUNT {
            let place = place(n);
            let found = is_there(n).then_some(place);
            assert_eq!([place.start, place.end - 1].map(|pc| list.find(pc)), [found; 2], "{n}");
            assert_eq!(list.find(place.end), None);
        }
        assert_eq!(list.find(0), None);
    }

    #[test]
    fn thousands_are_added_and_removed_chunk_by_chunk() {
        let mut list = List::default();
        for n in numbers() {
            let before = list.clone();
            list.add(place(n));
            let shared =
                list.chunks.iter().filter(|&chunk| before.chunks.iter().any(|b| Arc::ptr_eq(b, chunk)));
            assert!(list.chunks.len() - shared.count() <= 2, "the others are not copied");
        }
        check(&list, |_| true);
        for n in numbers().filter(|n| n % 3 != 0) {
            list.remove(place(n).start);
        }
        check(&list, |n| n % 3 == 0);
        for n in numbers() {
            list.remove(place(n).start);
        }
        assert!(list.chunks.is_empty());
        list.remove(0);
    }
}
