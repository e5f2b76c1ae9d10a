//! What is written for one processor: the stub by which compiled code calls builtins, and the register by which it
//! finds what its thread is to look at.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod x64;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub use x64::{SUPPORTED, exit, has_segment, segment, set_segment};

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod unsupported;
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub use unsupported::{SUPPORTED, exit, has_segment, segment, set_segment};
