//! Dayfly runs WebAssembly inside a Rust program.
//!
//! ```
//! use dayfly::{Caller, Engine, Linker, Module, Store};
//!
//! # fn main() -> dayfly::Result<()> {
//! // An engine compiles modules; a program needs one.
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"
//!     (module
//!         (import "host" "log" (func $log (param i32)))
//!         (func (export "add") (param $a i32) (param $b i32) (result i32)
//!             (local $sum i32)
//!             (local.set $sum (i32.add (local.get $a) (local.get $b)))
//!             (call $log (local.get $sum))
//!             (local.get $sum)))
//! "#)?;
//!
//! // A linker says what guests may import.
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<i32>>, value: i32| {
//!     caller.data_mut().push(value);
//! })?;
//!
//! // A store holds instances, and data of the host: here what was logged.
//! let mut store = Store::new(&engine, Vec::new());
//! let instance = linker.instantiate(&mut store, &module)?;
//! let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
//! assert_eq!(add.call(&mut store, (2, 3))?, 5);
//! assert_eq!(store.data(), &[5]);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to start
//!
//! - [`Engine`] and [`Config`]: settings. [`Module`]: code, from bytes or text.
//! - [`Store`]: the world of some instances. One per task: it is cheap, and nothing in
//!   it is freed before it is dropped.
//! - [`Linker`] and [`InstancePre`]: imports found by name, once for many instances.
//! - [`Instance`], [`Func`], [`TypedFunc`], [`Memory`], [`Table`], [`Global`]: handles to
//!   what is in a store. They are plain copies; methods take the store as an argument,
//!   and panic if it is another than the handle's.
//! - [`Caller`]: the store as a host function sees it.
//! - [`Error`]: finds the [`Trap`], the [`WasmBacktrace`] or the host's own error inside.
//! - [`Store::set_fuel`], [`Store::set_epoch_deadline`], [`Store::limiter`]: bounds on
//!   what guests use.
//!
//! Guests get nothing but what is linked: no files, no clock, no network. The crate
//! `dayfly-wasi` links the system interface that most programs expect.
//!
//! # Features
//!
//! `wat` (on by default) accepts the text format wherever a module is accepted.

#![forbid(unsafe_code)]

mod config;
mod engine;
mod error;
mod instance_pre;
mod linker;
mod module;
mod text;
mod tier;
mod unknown_imports;

pub use config::{Config, Strategy};
pub use engine::{Engine, EngineOf};
pub use error::UnknownImportError;
pub use instance_pre::InstancePre;
pub use linker::Linker;
pub use module::{ExportType, ImportType, Module, ModuleOf};

pub use dayfly_parser as parser;
pub use dayfly_parser::{
    Error as ParseError, ErrorKind, Feature, Features, FuncType, GlobalType, HeapType, Limits, MemoryType, RefType,
    TableType, ValType,
};
pub use dayfly_runtime::fault::CompileError;
pub use dayfly_runtime::host::{
    AnyRef, AsContext, AsContextMut, Caller, Context, Error, ExnRef, Export, ExternType, FrameInfo, IntoFunc,
    MemoryAccessError, Ref, Result, Store, StoreContext, StoreContextMut, TagType, TypedFunc, UpdateDeadline, Val,
    WasmBacktrace, WasmParams, WasmResults, WasmRet, WasmTy,
};
pub use dayfly_runtime::limits::{Resource, ResourceError, ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use dayfly_runtime::link::LinkError;
pub use dayfly_runtime::num::V128;
pub use dayfly_runtime::store::{Extern, ExternRef, Func, FuelDisabled, Global, Instance, Memory, Table, Tag};
pub use dayfly_runtime::trap::Trap;
