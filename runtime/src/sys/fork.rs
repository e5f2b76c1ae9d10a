//! Whether this process is the child of one that used what does not survive `fork`: the
//! kernel keeps page protection by userfaultfd to the parent, so memory that relies on it
//! must not be used again in the child.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

/// A page that is not zero in the process that made it, and zero in its children.
static MARK: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

/// Sees to it that children are known as such. False if the system cannot do it.
pub(crate) fn watch() -> bool {
    if !MARK.load(Ordering::Acquire).is_null() {
        return true;
    }
    let len = super::page_size();
    let access = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new page where the system likes it.
    let Ok(page) = (unsafe { mmap_anonymous(ptr::null_mut(), len, access, MapFlags::PRIVATE) }) else {
        return false;
    };
    // SAFETY: the page is ours; children get it zeroed.
    let marked = unsafe { madvise(page, len, Advice::LinuxWipeOnFork) }.is_ok();
    let mark = page.cast::<u8>();
    // SAFETY: as above.
    unsafe { mark.write(1) };
    let first =
        marked && MARK.compare_exchange(ptr::null_mut(), mark, Ordering::AcqRel, Ordering::Acquire).is_ok();
    if !first {
        // SAFETY: nobody has seen this page.
        let _ = unsafe { munmap(page, len) };
    }
    marked
}

/// Whether the process is a child of one that called `watch`.
#[inline]
pub(crate) fn forked() -> bool {
    let mark = MARK.load(Ordering::Acquire);
    // SAFETY: the page stays mapped as long as the process.
    !mark.is_null() && unsafe { mark.read_volatile() } == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_knows_that_it_is_one() {
        assert!(watch() && !forked());
        // SAFETY: the child only reads the mark and ends.
        let status = unsafe {
            let child = libc::fork();
            if child == 0 {
                libc::_exit(if forked() { 33 } else { 0 });
            }
            let mut status = 0;
            libc::waitpid(child, &mut status, 0);
            status
        };
        assert_eq!(libc::WEXITSTATUS(status), 33);
    }
}
