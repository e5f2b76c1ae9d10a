//! The kernel's userfaultfd, as far as it is needed here: protecting pages against
//! writing without splitting mappings, and having the first write reported by a signal
//! or, for pages that change every time, only recorded.
//!
//! Invariant: a descriptor is about the process that opened it, also where a child has
//! inherited it; so children ask it for nothing.

use crate::sys::fork;
use core::ffi::{c_int, c_ulong};
use core::ops::Range;
use rustix::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;

const API: u64 = 0xaa;
const UFFDIO_API: c_ulong = 0xc018_aa3f;
const UFFDIO_REGISTER: c_ulong = 0xc020_aa00;
const UFFDIO_UNREGISTER: c_ulong = 0x8010_aa01;
const UFFDIO_WRITEPROTECT: c_ulong = 0xc018_aa06;
const USER_MODE_ONLY: c_int = 1;
const REGISTER_WP: u64 = 1 << 1;
const PROTECT: u64 = 1 << 0;
const DONT_WAKE: u64 = 1 << 1;

const FLAG_WP: u64 = 1 << 0;
const SIGBUS: u64 = 1 << 7;
const WP_SHMEM: u64 = 1 << 12;
const WP_UNPOPULATED: u64 = 1 << 13;
const WP_ASYNC: u64 = 1 << 15;

/// A descriptor with a way of reporting writes.
#[derive(Debug)]
pub(super) struct UserFault(OwnedFd);

impl UserFault {
    /// One by which the first write to a protected page is a `SIGBUS`, for the whole process.
    pub(super) fn by_signal() -> Option<&'static UserFault> {
        static FD: OnceLock<Option<UserFault>> = OnceLock::new();
        FD.get_or_init(|| UserFault::new(SIGBUS)).as_ref()
    }

    /// One by which the first write to a protected page succeeds and is recorded.
    pub(super) fn by_record() -> Option<&'static UserFault> {
        static FD: OnceLock<Option<UserFault>> = OnceLock::new();
        FD.get_or_init(|| UserFault::new(WP_ASYNC)).as_ref()
    }

    fn new(feature: u64) -> Option<UserFault> {
        if !fork::watch() {
            return None;
        }
        // SAFETY: takes no pointers.
        let fd = unsafe { libc::syscall(libc::SYS_userfaultfd, libc::O_CLOEXEC | USER_MODE_ONLY) };
        if fd < 0 {
            return None;
        }
        // SAFETY: the descriptor was made just now.
        let this = UserFault(unsafe { OwnedFd::from_raw_fd(fd as c_int) });
        let mut api = [API, FLAG_WP | WP_SHMEM | WP_UNPOPULATED | feature, 0];
        this.ioctl(UFFDIO_API, &mut api)?;
        Some(this)
    }

    /// Takes a range of whole pages under control. Nothing is protected yet.
    pub(super) fn register(&self, range: Range<usize>) -> Option<()> {
        self.ioctl(UFFDIO_REGISTER, &mut [range.start as u64, range.len() as u64, REGISTER_WP, 0])
    }

    /// Gives up control of a range; nothing of it is protected any more.
    pub(super) fn unregister(&self, range: Range<usize>) -> Option<()> {
        self.ioctl(UFFDIO_UNREGISTER, &mut [range.start as u64, range.len() as u64])
    }

    /// Protects or releases whole pages of a registered range. May be called from a
    /// signal handler.
    pub(super) fn protect(&self, range: Range<usize>, protect: bool) -> Option<()> {
        let mode = if protect { PROTECT } else { DONT_WAKE };
        self.ioctl(UFFDIO_WRITEPROTECT, &mut [range.start as u64, range.len() as u64, mode])
    }

    /// `None` in a child too: it would change the protection of its parent's pages.
    fn ioctl<const N: usize>(&self, request: c_ulong, argument: &mut [u64; N]) -> Option<()> {
        if fork::forked() {
            return None;
        }
        // SAFETY: each request is made with a structure of its own size, all of 8-byte
        // fields, and changes protection only, which those who register ranges expect.
        let result = unsafe { libc::ioctl(self.0.as_raw_fd(), request as _, argument.as_mut_ptr()) };
        (result == 0).then_some(())
    }
}
