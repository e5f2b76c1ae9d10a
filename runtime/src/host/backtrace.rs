//! Where a guest was: the frames that a failed call left, or that are active.

use crate::fault::FailureFrame;
use crate::host::AsContext;
use crate::store::InstanceId;
use crate::vm::Frame;
use core::fmt;
use dayfly_parser::{ExportItem, FuncIdx, Module};
use std::sync::Arc;

/// The frames of guest code, innermost first. An error that ended a call carries
/// one: `error.downcast_ref::<WasmBacktrace>()`.
#[derive(Clone, Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    omitted: usize,
}

/// A frame of guest code.
#[derive(Clone, Debug)]
pub struct FrameInfo {
    module: Arc<Module>,
    instance: Option<InstanceId>,
    func: FuncIdx,
    offset: Option<usize>,
}

impl WasmBacktrace {
    /// Frames that a backtrace keeps at most.
    pub const MAX_FRAMES: usize = crate::fault::Failure::MAX_FRAMES;

    /// The frames that are active in a store: those below the host function that
    /// asks, none when no guest runs.
    pub fn capture(store: impl AsContext) -> WasmBacktrace {
        let store = store.as_context().opaque();
        let mut backtrace = WasmBacktrace { frames: Vec::new(), omitted: 0 };
        store.walk_stack(&mut |frame| {
            // SAFETY: what active frames execute is alive.
            let module = unsafe { (*frame.shape).module().clone() };
            let Frame { instance, func, offset, .. } = frame;
            backtrace.push(&FailureFrame { module, instance, func, offset });
            true
        });
        backtrace
    }

    /// The frames, innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// How many frames there were that are not kept.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// The backtrace of a failure; `None` when no guest was involved. `inner` is
    /// that of a nested call whose error went on.
    pub(crate) fn of_failure(
        inner: Option<WasmBacktrace>,
        frames: &[FailureFrame],
        omitted: usize,
    ) -> Option<WasmBacktrace> {
        if inner.is_none() && frames.is_empty() {
            return None;
        }
        let mut backtrace = inner.unwrap_or(WasmBacktrace { frames: Vec::new(), omitted: 0 });
        for frame in frames {
            backtrace.push(frame);
        }
        backtrace.omitted += omitted;
        Some(backtrace)
    }

    fn push(&mut self, frame: &FailureFrame) {
        if self.frames.len() == Self::MAX_FRAMES {
            self.omitted += 1;
            return;
        }
        let FailureFrame { module, instance, func, offset } = frame.clone();
        self.frames.push(FrameInfo { module, instance, func, offset });
    }
}

impl FrameInfo {
    /// The function's index in its module.
    pub fn func_index(&self) -> u32 {
        self.func.0
    }

    /// The function's name, from the `name` section or else from an export.
    pub fn func_name(&self) -> Option<&str> {
        self.module.names().func(self.func).or_else(|| {
            let mut exports = self.module.exports().iter();
            Some(&*exports.find(|export| export.item == ExportItem::Func(self.func))?.name)
        })
    }

    /// The module's name, from its `name` section.
    pub fn module_name(&self) -> Option<&str> {
        self.module.names().module()
    }

    /// The module.
    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// The instance. Unknown for a frame of compiled code where the store has
    /// several instances of its module.
    pub fn instance(&self) -> Option<InstanceId> {
        self.instance
    }

    /// The offset in the module's bytes of the operator that was executed.
    pub fn module_offset(&self) -> Option<usize> {
        self.offset
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error while executing at wasm backtrace:")?;
        for (i, frame) in self.frames.iter().enumerate() {
            write!(f, "\n  {i:>3}: ")?;
            if let Some(offset) = frame.offset {
                write!(f, "{offset:#6x} - ")?;
            }
            write!(f, "{}!", shortened(frame.module_name().unwrap_or("<unknown>")))?;
            match frame.func_name() {
                Some(name) => write!(f, "{}", shortened(name))?,
                None => write!(f, "<wasm function {}>", frame.func)?,
            }
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "\n       and {omitted} more"),
        }
    }
}

/// A name as it is shown: a guest's may be as long as its module.
fn shortened(name: &str) -> impl fmt::Display {
    const MAX_BYTES: usize = 1000;
    let end = name.floor_char_boundary(MAX_BYTES);
    fmt::from_fn(move |f| {
        f.write_str(name.get(..end).unwrap_or_default())?;
        if end < name.len() { f.write_str("...") } else { Ok(()) }
    })
}

impl core::error::Error for WasmBacktrace {}
