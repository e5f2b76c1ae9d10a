//! The embedding side of the runtime: stores with typed data, values, typed calls,
//! host functions. `dayfly` offers it to its users.
//!
//! Unsafe code is kept to two kinds: slots become typed values where their types
//! were checked, and a store's data is taken as the type that its `Store<T>` says.

mod backtrace;
mod caller;
mod context;
mod error;
mod extern_ref;
mod extern_type;
mod func;
mod global;
mod host_func;
mod instance;
mod into_func;
mod linked;
mod memory;
mod shared_memory;
mod store;
mod table;
mod typed;
mod val;
mod wasm_ty;

pub use backtrace::{FrameInfo, WasmBacktrace};
pub use caller::Caller;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use error::{Context, Error, Result};
pub use extern_type::{ExternType, TagType};
pub use host_func::HostFunc;
pub use instance::Export;
pub use into_func::{HostFuncOf, IntoFunc};
pub use linked::{LinkItem, Linked};
pub use memory::MemoryAccessError;
pub use store::{Store, UpdateDeadline};
pub use typed::TypedFunc;
pub use val::{AnyRef, ExnRef, Ref, Val};
pub use wasm_ty::{WasmParams, WasmResults, WasmRet, WasmTy};
