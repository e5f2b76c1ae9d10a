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
    Error as ParseError, ErrorKind, Feature, Features, FuncType, GlobalType, HeapType, Limits, MemoryType,
    RefType, TableType, ValType,
};
pub use dayfly_runtime::fault::CompileError;
pub use dayfly_runtime::host::{
    AnyRef, AsContext, AsContextMut, Context, ExnRef, Export, ExternType, FrameInfo, IntoFunc,
    MemoryAccessError, Ref, Result, StoreContext, StoreContextMut, TagType, UpdateDeadline, WasmBacktrace,
    WasmParams, WasmResults, WasmRet, WasmTy,
};
pub use dayfly_runtime::limits::{Resource, ResourceError, StoreLimits, StoreLimitsBuilder};
pub use dayfly_runtime::link::LinkError;
pub use dayfly_runtime::num::V128;
pub use dayfly_runtime::store::{Extern, FuelDisabled, Tag};
pub use dayfly_runtime::trap::Trap;

// What follows is documented with examples, which need this crate to run.

/// ```
/// use dayfly::{Engine, Store};
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, vec!["data of the host"]);
/// store.data_mut().push("more");
/// assert_eq!(store.into_data().len(), 2);
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::Store;

/// ```
/// use dayfly::{Caller, Engine, Error, Func, Instance, Module, Result, Store};
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, String::new());
/// let print = |mut caller: Caller<'_, String>, at: u32, len: u32| -> Result<()> {
///     let memory = caller.get_export("memory").and_then(|e| e.into_memory());
///     let memory = memory.ok_or_else(|| Error::msg("the guest exports no memory"))?;
///     let (bytes, output) = memory.data_and_store_mut(&mut caller);
///     let text = bytes.get(at as usize..).and_then(|b| b.get(..len as usize));
///     output.push_str(std::str::from_utf8(text.ok_or_else(|| Error::msg("out of bounds"))?)?);
///     Ok(())
/// };
/// let print = Func::wrap(&mut store, print);
/// let module = Module::new(&engine, r#"
///     (module
///         (import "" "print" (func $print (param i32 i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 8) "hello")
///         (func (export "run") (call $print (i32.const 8) (i32.const 5))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[print.into()])?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(store.data(), "hello");
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::Caller;

/// ```
/// use dayfly::{Engine, Instance, Module, Store, Trap, WasmBacktrace};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $m (func $f (export "f") unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
/// let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
/// assert_eq!(backtrace.frames()[0].func_name(), Some("f"));
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::Error;

/// ```
/// use dayfly::{Engine, Func, Store, Val};
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let add = Func::wrap(&mut store, |a: i32, b: i32| a + b);
/// let mut results = [Val::I32(0)];
/// add.call(&mut store, &[Val::I32(2), Val::I32(3)], &mut results)?;
/// assert_eq!(results[0].unwrap_i32(), 5);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::store::Func;

/// ```
/// use dayfly::{Engine, Func, Store};
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let divide = Func::wrap(&mut store, |a: u32, b: u32| (a / b, a % b));
/// let divide = divide.typed::<(u32, u32), (u32, u32)>(&store)?;
/// assert_eq!(divide.call(&mut store, (17, 5))?, (3, 2));
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::TypedFunc;

/// ```
/// use dayfly::{Engine, Func, Store, Val, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// assert_eq!(Val::from(7u32).i32(), Some(7));
/// assert_eq!(Val::from(1.5f64).f64(), Some(1.5));
/// assert_eq!(Val::default_for_ty(ValType::FUNCREF).unwrap().unwrap_func_ref(), None);
/// let func = Func::wrap(&mut store, || {});
/// assert!(matches!(Val::from(func), Val::FuncRef(Some(_))));
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::Val;

/// ```
/// use dayfly::{Engine, Memory, MemoryType, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 10, b"bytes")?;
/// let mut buffer = [0; 5];
/// memory.read(&store, 10, &mut buffer)?;
/// assert_eq!(&buffer, b"bytes");
/// assert_eq!(&memory.data(&store)[9..12], b"\0by");
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// assert!(memory.grow(&mut store, 1).is_err());
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::store::Memory;

/// ```
/// use dayfly::{Engine, Func, Ref, RefType, Store, Table, TableType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TableType { element: RefType::FUNCREF, min: 2, max: None, table64: false, shared: false };
/// let table = Table::new(&mut store, ty, Ref::Func(None))?;
/// let func = Func::wrap(&mut store, || 1);
/// table.set(&mut store, 1, func.into())?;
/// assert!(table.get(&mut store, 0).unwrap().is_null());
/// assert_eq!(table.get(&mut store, 1).unwrap().as_func(), Some(func));
/// assert!(table.get(&mut store, 2).is_none());
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::store::Table;

/// ```
/// use dayfly::{Engine, Global, GlobalType, Store, Val, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType { content: ValType::I64, mutable: true, shared: false };
/// let global = Global::new(&mut store, ty, Val::I64(1))?;
/// global.set(&mut store, Val::I64(2))?;
/// assert_eq!(global.get(&mut store).unwrap_i64(), 2);
/// assert!(global.set(&mut store, Val::I32(2)).is_err());
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::store::Global;

/// ```
/// use dayfly::{Engine, ExternRef, Func, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let pass = Func::wrap(&mut store, |value: Option<ExternRef>| value);
/// let pass = pass.typed::<Option<ExternRef>, Option<ExternRef>>(&store)?;
/// let value = ExternRef::new(&mut store, "any value of the host")?;
/// let back = pass.call(&mut store, Some(value))?.unwrap();
/// assert_eq!(back.data(&store).unwrap().downcast_ref(), Some(&"any value of the host"));
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::store::ExternRef;

/// ```
/// use dayfly::{Engine, Extern, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (memory (export "memory") 1) (func (export "f")))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// assert!(instance.get_memory(&mut store, "memory").is_some());
/// assert!(matches!(instance.get_export(&mut store, "f"), Some(Extern::Func(_))));
/// let names: Vec<_> = instance.exports(&store).map(|export| export.name()).collect();
/// assert_eq!(names, ["memory", "f"]);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::store::Instance;

/// ```
/// use dayfly::{Engine, Memory, MemoryType, Store, StoreLimits, StoreLimitsBuilder};
///
/// let limits = StoreLimitsBuilder::new().memory_size(2 << 16).build();
/// let mut store = Store::new(&Engine::default(), limits);
/// store.limiter(|limits| limits);
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// memory.grow(&mut store, 1)?;
/// assert!(memory.grow(&mut store, 1).is_err());
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::limits::ResourceLimiter;

// The example in README.md is a test too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
