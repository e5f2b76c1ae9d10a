//! Which engine makes the code: the only place that names one.

use crate::{Result, Strategy};
use dayfly_interp::Interp;
use dayfly_parser::DefinedFuncIdx;
use dayfly_runtime::backend::Backend;
use dayfly_runtime::shape::Shape;
use std::sync::Arc;

/// The maker of code that a strategy asks for.
pub(crate) fn backend(strategy: Strategy) -> Arc<dyn Backend> {
    match strategy {
        Strategy::Auto | Strategy::Interpreter => Arc::new(Interp::new()),
    }
}

/// The code of a function as text.
pub(crate) fn disassemble(shape: &Arc<Shape>, func: DefinedFuncIdx) -> Result<String> {
    Ok(dayfly_interp::disassemble(shape, func)?)
}
