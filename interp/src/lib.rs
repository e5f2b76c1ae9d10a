//! The reference interpreter.
//!
//! A body is lowered, when it is first called, to register code over 8-byte frame
//! slots (`lower`); the code is a row of words, each instruction starting with the
//! address of its handler (`exec`). Frames are plain data in the store's guest
//! stack, so guest calls do not recurse on the native one.
//!
//! What operators compute is not here but in `dayfly_runtime::num`.

#![deny(unsafe_code)]

mod disas;
#[allow(unsafe_code, reason = "handlers trust the code that `lower` made of a validated body")]
mod exec;
mod lower;
#[allow(unsafe_code, reason = "records are shared by threads and reached by address")]
mod record;

pub use disas::disassemble;

use dayfly_runtime::backend::{Backend, Code};
use dayfly_runtime::fault::Fault;
use dayfly_runtime::shape::Shape;
use std::sync::Arc;

/// The interpreter, as a maker of code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interp;

impl Interp {
    /// The interpreter.
    pub fn new() -> Interp {
        Interp
    }

    /// The code of some functions of a module, named by their positions; others run the
    /// rest. Each function must have a reference in the module's layout.
    pub fn compile_part(&self, shape: &Arc<Shape>, own: Box<[bool]>) -> Arc<dyn Code> {
        record::Bytecode::new(shape, Some(own))
    }

    /// Whether handlers reach each other by jumps, as optimised builds have it,
    /// or by way of a loop.
    pub fn is_threaded() -> bool {
        cfg!(dayfly_threaded)
    }
}

impl Backend for Interp {
    fn compile(&self, shape: &Arc<Shape>) -> Result<Arc<dyn Code>, Fault> {
        Ok(record::Bytecode::new(shape, None))
    }
}
