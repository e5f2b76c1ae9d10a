//! Execution: handlers, how they reach each other, frames, entry and exit. The
//! unsafe code of the interpreter is here and in `record`; what it relies on is
//! that `lower` makes code from validated bodies only.

pub mod atomic;
pub mod bulk;
pub mod call;
pub mod control;
pub mod dispatch;
pub mod fail;
pub mod frame;
pub mod fused;
pub mod gc;
pub mod memory;
pub mod numeric;
pub mod operand;
pub mod probe;
pub mod raise;
pub mod run;
pub mod select;
