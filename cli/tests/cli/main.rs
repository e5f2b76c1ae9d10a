//! The built command on small guests, and the programs of `../shared/bench`.

mod cache;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod code;
mod command;
mod compile;
mod errors;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod memory;
mod run;
mod snapshot;
mod tools;
mod wasi;
mod workloads;
