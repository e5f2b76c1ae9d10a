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
//! - [`Rooted`] and [`OwnedRooted`]: references to the objects of guests, which stay alive
//!   for a scope or for as long as they are owned: [`StructRef`], [`ArrayRef`], [`ExnRef`],
//!   [`AnyRef`], and [`ExternRef`] for values of the host.
//! - [`Error`]: finds the [`Trap`], the [`WasmBacktrace`] or the host's own error inside.
//! - [`Store::set_fuel`], [`Store::set_epoch_deadline`], [`Store::limiter`]: bounds on
//!   what guests use.
//!
//! Guests get nothing but what is linked: no files, no clock, no network. The crate
//! `dayfly-wasi` links the system interface that most programs expect.
//!
//! # Features
//!
//! `wat` (on by default) accepts the text format wherever a module is accepted; `snapshot` (on by
//! default) has `Snapshot`, which writes pre-initialised modules.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::panic, clippy::string_slice))]
#![forbid(unsafe_code)]

mod artifact;
mod cache;
mod config;
mod engine;
mod error;
mod instance_pre;
mod linker;
pub mod listing;
mod module;
mod park;
#[cfg(feature = "snapshot")]
mod snapshot;
mod text;
mod tier;
mod unknown_imports;

pub use cache::Cache;
pub use config::{Config, Profiler, Strategy};
pub use engine::{Engine, EngineOf};
pub use error::UnknownImportError;
pub use instance_pre::InstancePre;
pub use linker::Linker;
pub use module::{ExportType, ImportType, Module, ModuleOf};
pub use park::{InstancePark, ParkPolicy};
#[cfg(feature = "snapshot")]
pub use snapshot::Snapshot;

pub use dayfly_interp::{FuncCounts, LoopCount};
pub use dayfly_jit::artifact::ArtifactError;
pub use dayfly_parser as parser;
pub use dayfly_parser::{
    Error as ParseError, ErrorKind, Feature, Features, FieldType, FuncType, GlobalType, HeapType, Limits,
    MemoryType, RefType, StorageType, TableType, ValType,
};
pub use dayfly_runtime::config::MemoryTracking;
pub use dayfly_runtime::fault::{CompileError, ThrownException};
pub use dayfly_runtime::gc::GcStats;
pub use dayfly_runtime::host::{
    ArrayRefPre, ArrayType, AsContext, AsContextMut, Context, Deadline, EqRef, ExnRefPre, ExnType, Export,
    ExternType, Finality, FrameInfo, GcRef, GlobalView, InstanceItem, IntoFunc, IsA, MemoryAccessError,
    MemoryView, Ref, Result, StoreContext, StoreContextMut, StructRefPre, TableView, TagType, UpdateDeadline,
    WasmBacktrace, WasmParams, WasmResults, WasmRet, WasmTy,
};
pub use dayfly_runtime::limits::{Resource, ResourceError, StoreLimits, StoreLimitsBuilder};
pub use dayfly_runtime::link::LinkError;
pub use dayfly_runtime::memory::WaitResult;
pub use dayfly_runtime::num::V128;
pub use dayfly_runtime::store::{Extern, FuelDisabled, NotCaptured, Tag};
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
/// assert_eq!(Val::default_for_ty(ValType::FUNCREF).unwrap().unwrap_funcref(), None);
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
/// use dayfly::{Engine, Instance, MemoryType, Module, SharedMemory, Store};
///
/// let engine = Engine::default();
/// let memory = SharedMemory::new(&engine, MemoryType { shared: true, ..MemoryType::new(1, Some(1)) })?;
/// let module = Module::new(&engine, r#"
///     (module
///         (import "" "memory" (memory 1 1 shared))
///         (func (export "count")
///             (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))
/// "#)?;
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let mut store = Store::new(&engine, ());
///             let instance = Instance::new(&mut store, &module, &[memory.clone().into()])?;
///             instance.get_typed_func::<(), ()>(&mut store, "count")?.call(&mut store, ())
///         });
///     }
/// });
/// let mut count = [0; 4];
/// memory.read(0, &mut count)?;
/// assert_eq!(u32::from_le_bytes(count), 2);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::memory::SharedMemory;

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
/// use dayfly::{Engine, ExternRef, Func, Rooted, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let pass = Func::wrap(&mut store, |value: Option<Rooted<ExternRef>>| value);
/// let pass = pass.typed::<Rooted<ExternRef>, Option<Rooted<ExternRef>>>(&store)?;
/// let value = ExternRef::new(&mut store, "any value of the host")?;
/// let back = pass.call(&mut store, value)?.unwrap();
/// let data = back.data(&store)?.and_then(|data| data.downcast_ref::<&str>());
/// assert_eq!(data, Some(&"any value of the host"));
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::ExternRef;

/// ```
/// use dayfly::{AnyRef, Engine, HeapType, I31, Instance, Module, Rooted, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (func (export "next") (param i31ref) (result anyref)
///             (ref.i31 (i32.add (i31.get_s (local.get 0)) (i32.const 1)))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let next = instance.get_typed_func::<I31, Option<Rooted<AnyRef>>>(&mut store, "next")?;
/// let value = next.call(&mut store, I31::wrapping_i32(-4))?.unwrap();
/// assert_eq!(value.unwrap_i31(&store)?.get_i32(), -3);
/// assert_eq!(value.ty(&store)?, HeapType::I31);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::AnyRef;

/// ```
/// use dayfly::I31;
///
/// assert_eq!(I31::new_i32(-5).map(I31::get_i32), Some(-5));
/// assert_eq!(I31::new_u32(1 << 31), None);
/// assert_eq!(I31::wrapping_u32(1 << 31), I31::default());
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::I31;

/// ```
/// use dayfly::{
///     Engine, FieldType, Instance, Module, Rooted, StorageType, Store, StructRef, StructRefPre,
///     StructType, Val, ValType,
/// };
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (type $point (struct (field i32) (field (mut i8))))
///         (func (export "swap") (param $p (ref $point)) (result (ref $point))
///             (struct.new $point
///                 (struct.get_u $point 1 (local.get $p))
///                 (struct.get $point 0 (local.get $p)))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
///
/// // Types are what they look like: this is the module's `$point`.
/// let x = FieldType { storage: StorageType::Val(ValType::I32), mutable: false };
/// let y = FieldType { storage: StorageType::I8, mutable: true };
/// let point = StructRefPre::new(&mut store, StructType::new(&engine, [x, y])?);
/// let point = StructRef::new(&mut store, &point, &[Val::I32(3), Val::I32(4)])?;
///
/// let swap = instance.get_typed_func::<Rooted<StructRef>, Rooted<StructRef>>(&mut store, "swap")?;
/// let swapped = swap.call(&mut store, point)?;
/// assert_eq!(swapped.field(&mut store, 0)?.unwrap_i32(), 4);
/// swapped.set_field(&mut store, 1, Val::I32(0x105))?;
/// let values: Vec<_> = swapped.fields(&mut store)?.map(|value| value.unwrap_i32()).collect();
/// assert_eq!(values, [4, 5]);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::StructRef;

/// ```
/// use dayfly::{Engine, FieldType, StorageType, StructType, ValType};
///
/// let engine = Engine::default();
/// let field = FieldType { storage: StorageType::Val(ValType::I64), mutable: false };
/// let ty = StructType::new(&engine, [field])?;
/// assert_eq!(ty, StructType::from_heap_type(&engine, ty.heap_type()).unwrap());
/// assert_eq!(ty.to_string(), "(struct (field i64))");
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::StructType;

/// ```
/// use dayfly::{ArrayRef, ArrayRefPre, ArrayType, Engine, FieldType, StorageType, Store, Val};
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let bytes = ArrayType::new(&engine, FieldType { storage: StorageType::I8, mutable: true })?;
/// let bytes = ArrayRefPre::new(&mut store, bytes);
/// let zeros = ArrayRef::new(&mut store, &bytes, &Val::I32(0), 1000)?;
/// assert_eq!(zeros.len(&store)?, 1000);
/// let text = ArrayRef::new_from_i8_slice(&mut store, &bytes, b"text")?;
/// text.set(&mut store, 0, Val::I32(b'n'.into()))?;
/// let mut buffer = [0; 4];
/// text.copy_to_i8_slice(&mut store, &mut buffer)?;
/// assert_eq!(&buffer, b"next");
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::ArrayRef;

/// ```
/// use dayfly::{
///     Caller, Engine, ExnRef, ExnRefPre, ExnType, Func, FuncType, Instance, Module, Result, Store, Tag,
///     TagType, ThrownException, Val, ValType,
/// };
///
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let ty = TagType::new(FuncType::new([ValType::I32], []));
/// let tag = Tag::new(&mut store, ty.clone())?;
/// let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&engine, &ty)?);
///
/// // A host function throws, and a guest catches.
/// let throw = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>, code: i32| -> Result<()> {
///     let exception = ExnRef::new(&mut caller, &pre, &tag, &[Val::I32(code)])?;
///     caller.throw(exception)
/// });
/// let module = Module::new(&engine, r#"
///     (module
///         (import "" "tag" (tag $tag (param i32)))
///         (import "" "throw" (func $throw (param i32)))
///         (func (export "catch") (param i32) (result i32)
///             (block $caught (result i32)
///                 (try_table (catch $tag $caught) (call $throw (local.get 0)))
///                 (i32.const 0)))
///         (func (export "throw") (param i32) (throw $tag (local.get 0))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[tag.into(), throw.into()])?;
/// let catch = instance.get_typed_func::<i32, i32>(&mut store, "catch")?;
/// assert_eq!(catch.call(&mut store, 7)?, 7);
///
/// // A guest throws, and the host looks at what it threw.
/// let throw = instance.get_typed_func::<i32, ()>(&mut store, "throw")?;
/// let error = throw.call(&mut store, 8).unwrap_err();
/// assert!(error.is::<ThrownException>());
/// let exception = store.take_pending_exception().unwrap();
/// assert_eq!(exception.tag(&mut store)?, tag);
/// assert_eq!(exception.field(&mut store, 0)?.unwrap_i32(), 8);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::ExnRef;

/// ```
/// use dayfly::{Engine, ExternRef, Rooted, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let value = ExternRef::new(&mut store, 1)?;
/// let same = value;
/// assert!(Rooted::rooted_eq(value, same));
/// let other = ExternRef::new(&mut store, 1)?;
/// assert!(!Rooted::ref_eq(&store, &value, &other)?);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::Rooted;

/// ```
/// use dayfly::{Engine, ExternRef, OwnedRooted, RootScope, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let owned: OwnedRooted<ExternRef> = {
///     let mut scope = RootScope::new(&mut store);
///     let value = ExternRef::new(&mut scope, String::from("long-lived"))?;
///     value.to_owned_rooted(&mut scope)?
/// };
/// store.gc();
/// assert!(owned.data(&store)?.unwrap().is::<String>());
/// drop(owned);
/// store.gc();
/// assert_eq!(store.gc_stats().live_bytes, 0);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::OwnedRooted;

/// ```
/// use dayfly::{Engine, ExternRef, RootScope, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let value = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "short-lived")?
/// };
/// assert!(value.data(&store).is_err());
/// # Ok::<(), dayfly::Error>(())
/// ```
#[doc(inline)]
pub use dayfly_runtime::host::RootScope;

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
