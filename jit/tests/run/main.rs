//! Machine code in the runtime: entered, left and unwound.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod host;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod mutation;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod snapshot;
