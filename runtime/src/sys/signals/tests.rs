//! Faults that are made on purpose: known ones go on, unknown ones reach who was there
//! before.

use super::*;
use crate::sys::{Mapping, page_size};
use core::sync::atomic::{AtomicUsize, Ordering};

/// The page that the handler makes accessible.
static PAGE: AtomicUsize = AtomicUsize::new(0);
/// How often it did.
static OPENED: AtomicUsize = AtomicUsize::new(0);

/// Makes the test's page accessible, so that the access succeeds when it is made again.
fn open_page(fault: &mut FaultContext) -> bool {
    let page = PAGE.load(Ordering::SeqCst);
    if page == 0 || fault.address() & !(page_size() - 1) != page || fault.signal() != Signal::Segv {
        return false;
    }
    assert!(fault.pc() != 0 && fault.sp() != 0);
    // SAFETY: the page is the test's.
    let opened =
        unsafe { libc::mprotect(page as *mut c_void, page_size(), libc::PROT_READ | libc::PROT_WRITE) };
    OPENED.fetch_add(1, Ordering::SeqCst);
    opened == 0
}

#[test]
fn a_known_fault_goes_on() {
    assert!(set_code_handler(open_page));
    assert!(set_code_handler(open_page), "the same one may be registered again");
    assert!(ensure_alt_stack());
    let mapping = Mapping::reserve(page_size()).unwrap();
    PAGE.store(mapping.base().addr(), Ordering::SeqCst);
    // SAFETY: the page becomes accessible when it is touched.
    unsafe { mapping.base().write_volatile(7) };
    // SAFETY: as above.
    assert_eq!(unsafe { mapping.base().read_volatile() }, 7);
    assert_eq!(OPENED.load(Ordering::SeqCst), 1);
    PAGE.store(0, Ordering::SeqCst);
}

#[test]
fn an_unknown_fault_ends_the_process_as_ever() {
    assert!(set_code_handler(open_page));
    // SAFETY: the child touches nothing but its own address space, and ends.
    let status = unsafe {
        let child = libc::fork();
        if child == 0 {
            let mapping = libc::mmap(
                ptr::null_mut(),
                page_size(),
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANON,
                -1,
                0,
            );
            mapping.cast::<u8>().write_volatile(1);
            libc::_exit(0);
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        status
    };
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status:#x}");
}

#[test]
fn every_thread_can_have_a_stack_for_signals() {
    let given = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ensure_alt_stack)).collect();
        threads.into_iter().all(|thread| thread.join().unwrap())
    });
    assert!(given);
}
