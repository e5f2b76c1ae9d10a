//! Instances: what is computed once per module (`Blueprint`) and the block of
//! raw memory that each instance is. Spec: exec/runtime, "Module Instances".

mod block;
mod blueprint;
mod segments;
mod template;

pub use blueprint::Blueprint;

pub(crate) use block::{Block, func_ref};
pub(crate) use segments::Segments;
pub(crate) use template::{Template, TemplateOwner, Warm};
