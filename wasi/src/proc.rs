//! `proc_exit`, `proc_raise`, `sched_yield`: what ends or yields the guest.

use crate::errno::Errno;
use std::fmt;

/// The guest ended itself, by `proc_exit` or by raising a signal that ends a process; the error of the
/// call into the guest.
///
/// ```
/// use dayfly_wasi::I32Exit;
/// fn exit_code(error: &dayfly::Error) -> Option<i32> {
///     error.downcast_ref::<I32Exit>().map(|exit| exit.0)
/// }
/// assert_eq!(exit_code(&dayfly::Error::from(I32Exit(3))), Some(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I32Exit(
    /// The exit code as the guest gave it; operating systems keep only its lowest byte.
    pub i32,
);

impl fmt::Display for I32Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the guest exited with code {}", self.0)
    }
}

impl std::error::Error for I32Exit {}

/// What raising a signal comes to, without handlers: nothing, an error number, or the end of the guest.
pub(crate) fn raise(signal: u32) -> Result<Errno, I32Exit> {
    const LAST: u32 = 30;
    match signal {
        // None, and those that are ignored unless handled: CHLD, CONT, URG, WINCH.
        0 | 16 | 17 | 22 | 27 => Ok(Errno::Success),
        // STOP, TSTP, TTIN, TTOU: nobody could continue the guest.
        18..=21 => Ok(Errno::Notsup),
        1..=LAST => Err(I32Exit(128 + signal as i32)),
        _ => Ok(Errno::Inval),
    }
}

pub(crate) fn sched_yield() {
    std::thread::yield_now();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals() {
        assert_eq!(raise(0), Ok(Errno::Success));
        assert_eq!(raise(6), Err(I32Exit(134)));
        assert_eq!(raise(30), Err(I32Exit(158)));
        assert_eq!(raise(31), Ok(Errno::Inval));
        assert_eq!(raise(u32::MAX), Ok(Errno::Inval));
    }
}
