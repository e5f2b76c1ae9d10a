//! How a call into a guest fails: why, and where the guest was.

use crate::store::InstanceId;
use crate::trap::Trap;
use core::any::Any;
use dayfly_parser::{FuncIdx, Module};
use std::sync::Arc;

/// An error of the host: whatever a host function or limiter returns.
pub type HostError = crate::host::Error;

/// Why a call failed.
#[derive(Debug)]
pub enum Fault {
    /// The guest trapped.
    Trap(Trap),
    /// An exception was thrown and not caught; the store has it in `VmStore::exception`.
    Exception,
    /// A host function returned an error.
    Host(HostError),
    /// A host function panicked; resumed when the outermost call returns.
    Panic(Box<dyn Any + Send>),
    /// A body that was not validated ahead turned out to be invalid, or cannot be compiled.
    Body(dayfly_parser::Error),
    /// A body is valid but more than the engine can make code for.
    Compile(CompileError),
}

/// An operator failed, and the failure is parked in `VmStore::pending`. It fits in a
/// register, so that code which runs an operator needs no memory of its own for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parked;

/// Why an engine cannot make code for a valid body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompileError {
    /// The function.
    pub func: FuncIdx,
    /// The offset in the module's bytes of the operator at which it gave up.
    pub offset: usize,
    /// What it cannot do.
    pub message: &'static str,
}

impl core::fmt::Display for CompileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "cannot compile function {} at offset {:#x}: {}", self.func, self.offset, self.message)
    }
}

impl core::error::Error for CompileError {}

/// An exception was thrown and not caught. The store that it was thrown in has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThrownException;

impl core::fmt::Display for ThrownException {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("uncaught exception")
    }
}

impl core::error::Error for ThrownException {}

/// A fault and the guest frames that it passed through, innermost first.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub fault: Fault,
    /// Where, as far as frames were kept.
    pub frames: Vec<FailureFrame>,
    /// How many frames were not kept.
    pub omitted: usize,
    /// The error as which a host function let an exception pass.
    pub passed_as: Option<HostError>,
}

/// A guest frame of a failure.
#[derive(Clone, Debug)]
pub struct FailureFrame {
    /// The module.
    pub module: Arc<Module>,
    /// The instance, if the frame told.
    pub instance: Option<InstanceId>,
    /// The function.
    pub func: FuncIdx,
    /// The offset of the operator in the module's bytes.
    pub offset: Option<usize>,
}

impl Failure {
    /// Frames that a failure keeps at most.
    pub const MAX_FRAMES: usize = 100;

    /// A failure that has passed through no frame yet.
    #[cold]
    pub fn new(fault: Fault) -> Box<Failure> {
        Box::new(Failure { fault, frames: Vec::new(), omitted: 0, passed_as: None })
    }

    /// Whether the next frame will be kept, so that its offset is worth finding out.
    pub fn wants_offset(&self) -> bool {
        self.frames.len() < Self::MAX_FRAMES
    }

    /// Notes a frame that the failure passes through.
    pub fn push(&mut self, frame: FailureFrame) {
        if self.frames.len() < Self::MAX_FRAMES {
            self.frames.push(frame);
        } else {
            self.omitted += 1;
        }
    }
}

impl From<Trap> for Fault {
    fn from(trap: Trap) -> Fault {
        Fault::Trap(trap)
    }
}
