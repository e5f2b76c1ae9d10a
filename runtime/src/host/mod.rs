//! The embedding side of the runtime: stores with typed data, values, typed calls,
//! host functions. `dayfly` offers it to its users.
//!
//! Unsafe code is kept to two kinds: slots become typed values where their types
//! were checked, and a store's data is taken as the type that its `Store<T>` says.

mod any_ref;
mod array_ref;
mod backtrace;
mod caller;
mod context;
mod deadline;
mod defined_type;
mod eq_ref;
mod error;
mod exception;
mod exn_ref;
mod extern_ref;
mod extern_type;
mod func;
mod global;
mod host_func;
mod i31;
mod inspect;
mod instance;
mod into_func;
mod linked;
mod memory;
mod memory_view;
mod owned_rooted;
mod parked;
mod reference;
mod root_scope;
mod rooted;
mod shared_memory;
mod store;
mod struct_ref;
mod table;
mod typed;
mod val;
mod wasm_ty;

pub use any_ref::{AnyRef, IsA};
pub use array_ref::{ArrayRef, ArrayRefPre};
pub use backtrace::{FrameInfo, WasmBacktrace};
pub use caller::Caller;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use deadline::Deadline;
pub use defined_type::{ArrayType, ExnType, Finality, StructType};
pub use eq_ref::EqRef;
pub use error::{Context, Error, Result};
pub use exn_ref::{ExnRef, ExnRefPre};
pub use extern_ref::ExternRef;
pub use extern_type::{ExternType, TagType};
pub use host_func::HostFunc;
pub use i31::I31;
pub use inspect::{GlobalView, InstanceItem, TableView};
pub use instance::Export;
pub use into_func::{HostFuncOf, IntoFunc};
pub use linked::{LinkItem, Linked};
pub use memory::MemoryAccessError;
pub use memory_view::MemoryView;
pub use owned_rooted::OwnedRooted;
pub use parked::Parked;
pub use reference::Ref;
pub use root_scope::RootScope;
pub use rooted::{GcRef, Rooted};
pub use store::{Store, UpdateDeadline};
pub use struct_ref::{StructRef, StructRefPre};
pub use typed::TypedFunc;
pub use val::Val;
pub use wasm_ty::{WasmParams, WasmResults, WasmRet, WasmTy};
