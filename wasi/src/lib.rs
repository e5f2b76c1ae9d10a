//! WASI preview 1 for Dayfly: `wasi_snapshot_preview1`, all of its functions, and its predecessor
//! `wasi_unstable`.
//!
//! A guest has what the host grants through [`WasiCtxBuilder`], and nothing else: a path that leaves a
//! granted directory, by `..`, from the root or through a symbolic link, is an error to the guest
//! (`ENOTCAPABLE`), on which it can act.
//!
//! ```
//! use dayfly::{Engine, Linker, Module, Store};
//! use dayfly_wasi::{I32Exit, MemoryOutput, WasiCtx, WasiCtxBuilder};
//!
//! # fn main() -> dayfly::Result<()> {
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"
//!     (module
//!       (import "wasi_snapshot_preview1" "fd_write"
//!         (func $write (param i32 i32 i32 i32) (result i32)))
//!       (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
//!       (memory (export "memory") 1)
//!       (data (i32.const 0) "\10\00\00\00\06\00\00\00")
//!       (data (i32.const 16) "hello\n")
//!       (func (export "_start")
//!         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
//!         (call $exit (i32.const 3))))
//! "#)?;
//!
//! let mut linker = Linker::new(&engine);
//! dayfly_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx)?;
//!
//! let stdout = MemoryOutput::new(1024);
//! let mut store = Store::new(&engine, WasiCtxBuilder::new().stdout(stdout.clone()).build());
//! let instance = linker.instantiate(&mut store, &module)?;
//! let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
//! let error = start.call(&mut store, ()).unwrap_err();
//! assert_eq!(error.downcast_ref::<I32Exit>(), Some(&I32Exit(3)));
//! assert_eq!(stdout.contents(), b"hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! The crate is for Unix: files are reached through cap-std and rustix.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::panic, clippy::unreachable, clippy::string_slice))]
#![forbid(unsafe_code)]

mod args;
mod call;
mod clock;
mod ctx;
mod errno;
mod fd;
mod guest;
mod io;
mod linker;
mod open;
mod path;
mod poll;
mod proc;
mod random;
mod readdir;
mod sock;
mod stream;
mod table;
mod types;
mod wait;

#[cfg(test)]
mod escape;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod testing;

pub use clock::{MonotonicClock, WallClock};
pub use ctx::{WasiCtx, WasiCtxBuilder};
pub use linker::add_to_linker;
pub use proc::I32Exit;
pub use random::RandomSource;
pub use stream::{InputStream, MemoryInput, MemoryOutput, OutputStream};
pub use types::{DirPerms, FilePerms};
