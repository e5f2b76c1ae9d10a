//! What `Module::new` accepts and how it goes about it.

use crate::features::Features;
use crate::limits::Limits;

/// How a module is decoded and validated.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The proposals that a module may use.
    pub features: Features,
    /// How much a module may ask for.
    pub limits: Limits,
    /// When function bodies are validated.
    pub validation: Validation,
    /// At most how many threads validate bodies; 0 is as many as the machine
    /// runs in parallel. Small modules are validated on the caller's thread.
    pub threads: usize,
}

/// When function bodies are validated. Everything else always is at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Validation {
    /// With the module: a module with an invalid body is never made.
    #[default]
    Eager,
    /// Each with its first `Cursor` (or `Module::check_body`), which fails then.
    Lazy,
}
