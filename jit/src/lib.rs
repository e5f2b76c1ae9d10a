//! The compiler to machine code.
//!
//! `lower` and `compile` make code that is independent of where it lies; `link` makes one image of it;
//! `code` is the image where it runs, as the runtime knows it. `activation` enters it, `builtins` is what it
//! calls, `unwind` walks its frames, `signal` turns its faults into traps.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "enters machine code")]
pub mod activation;
#[allow(unsafe_code, reason = "assembly that machine code calls")]
pub mod arch;
#[allow(unsafe_code, reason = "called by machine code with raw addresses")]
pub mod builtins;
#[allow(unsafe_code, reason = "makes functions of addresses of machine code")]
pub mod code;
pub mod compile;
mod isa;
pub mod link;
mod lower;
mod memory;
pub mod num;
#[allow(unsafe_code, reason = "read by signal handlers, so without locks")]
mod registry;
#[allow(unsafe_code, reason = "sets the registers with which a thread goes on")]
mod signal;
pub mod tables;
pub mod trap_code;
#[allow(unsafe_code, reason = "reads frames of machine code")]
mod unwind;
