//! What the operating system is asked for. Both files have the same API; nothing
//! outside of this folder knows the system.

#[cfg(not(unix))]
mod fallback;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use fallback::{CAN_RESERVE, ImageFile, Mapping, native_stack, page_size};
#[cfg(unix)]
pub(crate) use unix::{CAN_RESERVE, ImageFile, Mapping, native_stack, page_size};
