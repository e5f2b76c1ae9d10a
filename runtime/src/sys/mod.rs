//! What the operating system is asked for. Both files have the same API; nothing
//! outside of this folder knows the system. Miri knows none, but what is allocated.

#[cfg(any(not(unix), miri))]
mod fallback;
#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) mod fork;
#[cfg(not(all(target_os = "linux", not(miri))))]
#[path = "fork_disabled.rs"]
pub(crate) mod fork;
pub(crate) mod lines;
#[cfg(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
))]
pub mod signals;
#[cfg(not(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
)))]
#[path = "signals_disabled.rs"]
pub mod signals;
mod stack_pointer;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
pub(crate) mod tracking;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
#[path = "tracking_disabled.rs"]
pub(crate) mod tracking;
#[cfg(all(unix, not(miri)))]
mod unix;

pub(crate) use stack_pointer::stack_pointer;

#[cfg(any(not(unix), miri))]
pub(crate) use fallback::{CAN_RESERVE, ImageFile, Mapping, native_stack, page_size};
#[cfg(all(unix, not(miri)))]
pub(crate) use unix::{CAN_RESERVE, ImageFile, Mapping, native_stack, page_size};
