//! The reference interpreter.
//!
//! A body is lowered, when it is first called, to register code over 8-byte frame
//! slots (`lower`); the code is a row of words, each instruction starting with the
//! address of its handler (`exec`). Frames are plain data in the store's guest
//! stack, so guest calls do not recurse on the native one.
//!
//! What operators compute is not here but in `dayfly_runtime::num`.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::panic, clippy::string_slice))]
#![deny(unsafe_code)]

mod counts;
mod disas;
#[allow(unsafe_code, reason = "handlers trust the code that `lower` made of a validated body")]
mod exec;
mod lower;
#[allow(unsafe_code, reason = "records are shared by threads and reached by address")]
mod record;

pub use counts::{FuncCounts, LoopCount, executions};
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
    ///
    /// # Errors
    /// `UnfitBuild`.
    pub fn compile_part(&self, shape: &Arc<Shape>, own: Box<[bool]>) -> Result<Arc<dyn Code>, Fault> {
        self.code(shape, Some(own))
    }

    fn code(&self, shape: &Arc<Shape>, own: Option<Box<[bool]>>) -> Result<Arc<dyn Code>, Fault> {
        if Interp::is_threaded() && exec::probe::leaves_frames() {
            return Err(Fault::Host(UnfitBuild.into()));
        }
        Ok(record::Bytecode::new(shape, own))
    }

    /// Whether handlers reach each other by jumps, as optimised builds have it,
    /// or by way of a loop.
    pub fn is_threaded() -> bool {
        cfg!(dayfly_threaded)
    }
}

/// This program was built in a way that the interpreter does not notice beforehand and
/// that it cannot run in: guests would overflow the native stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnfitBuild;

impl core::fmt::Display for UnfitBuild {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(
            "this build cannot run guests: the handlers of its interpreter call each other, where the optimiser \
             was to make jumps of that; build with optimisation, or with DAYFLY_DISPATCH=loop in the environment",
        )
    }
}

impl core::error::Error for UnfitBuild {}

impl Backend for Interp {
    fn compile(&self, shape: &Arc<Shape>) -> Result<Arc<dyn Code>, Fault> {
        self.code(shape, None)
    }
}
