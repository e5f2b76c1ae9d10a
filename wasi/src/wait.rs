//! Waiting for a host descriptor without giving up the host's thread for good.
//! Invariant: no wait is longer than a slice without a question to the interrupt hook.

use crate::ctx::Interrupt;
use crate::errno::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno as Os;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// The most that is read or written between two questions: disks are not waited for, but may be slow.
pub(crate) const PIECE: u32 = 8 << 20;

/// The longest wait between two questions to the interrupt hook.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// How one operation waits.
#[derive(Clone, Copy)]
pub(crate) struct Waiting<'a> {
    pub interrupt: &'a Interrupt,
    /// Do not wait: fail with `Again`.
    pub nonblocking: bool,
}

impl Waiting<'_> {
    /// Returns when `fd` is ready for `events`, or has failed so that the operation will say why.
    pub(crate) fn until_ready(&self, fd: BorrowedFd<'_>, events: PollFlags) -> Result<(), Errno> {
        let slice = if self.nonblocking { Duration::ZERO } else { SLICE };
        loop {
            if self.interrupt.requested() {
                return Err(Errno::Intr);
            }
            if ready(&mut [PollFd::from_borrowed_fd(fd, events)], slice)? {
                return Ok(());
            }
            if self.nonblocking {
                return Err(Errno::Again);
            }
        }
    }

    /// Repeats `operation` on a non-blocking `fd` until it does not have to wait.
    pub(crate) fn repeat<T>(
        &self,
        fd: BorrowedFd<'_>,
        events: PollFlags,
        mut operation: impl FnMut() -> Result<T, Os>,
    ) -> Result<T, Errno> {
        loop {
            match operation() {
                Err(Os::AGAIN) => self.until_ready(fd, events)?,
                Err(Os::INTR) if self.interrupt.requested() => return Err(Errno::Intr),
                Err(Os::INTR) => {}
                result => return result.map_err(Errno::from),
            }
        }
    }
}

/// Polls for at most `timeout`; whether any of `fds` is ready. A signal counts as "none is".
pub(crate) fn ready(fds: &mut [PollFd<'_>], timeout: Duration) -> Result<bool, Errno> {
    let timeout = Timespec::try_from(timeout).map_err(|_| Errno::Inval)?;
    match poll(fds, Some(&timeout)) {
        Ok(count) => Ok(count > 0),
        Err(Os::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
