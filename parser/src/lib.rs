//! WebAssembly modules: decoded, validated, and read operator by operator.
//!
//! [`Module::new`] turns bytes into an immutable [`Module`]: every section as
//! data, function bodies as byte ranges. What it accepts is a matter of a
//! [`Config`]: the proposals that are on ([`Features`]), how much a module may
//! ask for ([`Limits`]), and whether bodies are validated at once or when they
//! are first read ([`Validation`]).
//!
//! [`Cursor`] reads the body of a function as [`Op`]s: validated, without what
//! cannot be reached, branches resolved to control frames, numeric and memory
//! operators grouped by class ([`ops`] is their table). An engine matches on some
//! 40 classes and follows neither types nor reachability itself.
//!
//! This crate does not run anything, reads no text format and no components.
//!
//! ```
//! use dayfly_parser::{Config, Cursor, DefinedFuncIdx, Module, Op};
//!
//! # let bytes = wat::parse_str("(module (func (param i32) (result i32) local.get 0))").unwrap();
//! let module = Module::new(bytes, &Config::default())?;
//! let mut cursor = Cursor::new(&module, DefinedFuncIdx(0))?;
//! while let Some(op) = cursor.next()? {
//!     println!("{:#x} {}", cursor.offset(), op.name());
//! }
//! # Ok::<(), dayfly_parser::Error>(())
//! ```

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::panic, clippy::string_slice))]
#![forbid(unsafe_code)]

mod body;
mod bytes;
mod config;
mod custom_check;
mod decode;
mod error;
mod features;
mod hints;
mod index;
mod limits;
mod module;
mod names;
mod op;
mod op_name;
mod op_text;
pub mod ops;
mod requires;
mod types;
mod validate;

pub use body::{Cursor, CursorBuffers, Frame, FrameKind, Skim, Skimmed};
pub use config::{Config, Validation};
pub use error::{Error, ErrorKind};
pub use features::{Feature, Features};
pub use index::*;
pub use limits::Limits;
pub use module::*;
pub use names::Names;
pub use op::*;
pub use types::*;
