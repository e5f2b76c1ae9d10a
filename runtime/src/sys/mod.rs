//! What the operating system is asked for. Both files have the same API; nothing
//! outside of this folder knows the system.

#[cfg(not(unix))]
mod fallback;
#[cfg(target_os = "linux")]
pub(crate) mod fork;
#[cfg(not(target_os = "linux"))]
#[path = "fork_disabled.rs"]
pub(crate) mod fork;
pub(crate) mod lines;
#[cfg(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub mod signals;
#[cfg(not(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
#[path = "signals_disabled.rs"]
pub mod signals;
mod stack_pointer;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) mod tracking;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "tracking_disabled.rs"]
pub(crate) mod tracking;
#[cfg(unix)]
mod unix;

pub(crate) use stack_pointer::stack_pointer;

#[cfg(not(unix))]
pub(crate) use fallback::{CAN_RESERVE, ImageFile, Mapping, native_stack, page_size};
#[cfg(unix)]
pub(crate) use unix::{CAN_RESERVE, ImageFile, Mapping, native_stack, page_size};
