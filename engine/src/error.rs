//! What the engine itself says when something goes wrong.

use crate::Error;
use core::fmt;

/// A function was called that was imported but not provided: see
/// [`Linker::define_unknown_imports_as_traps`](crate::Linker::define_unknown_imports_as_traps).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownImportError {
    pub(crate) module: Box<str>,
    pub(crate) name: Box<str>,
}

impl UnknownImportError {
    /// The first of the import's two names.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The second of the import's two names.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for UnknownImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown import: `{}::{}` has not been defined", self.module, self.name)
    }
}

impl std::error::Error for UnknownImportError {}

#[cold]
pub(crate) fn feature_without(feature: &str, needed: &str) -> Error {
    Error::msg(format!("the proposal `{feature}` needs `{needed}`, which is switched off"))
}

#[cold]
pub(crate) fn defined_twice(module: &str, name: &str) -> Error {
    Error::msg(format!(
        "`{module}::{name}` is defined twice; `allow_shadowing` lets the later definition win"
    ))
}

#[cold]
pub(crate) fn not_defined(module: &str, name: &str) -> Error {
    Error::msg(format!("`{module}::{name}` is not defined"))
}

#[cold]
pub(crate) fn module_not_defined(module: &str) -> Error {
    Error::msg(format!("nothing is defined in `{module}`"))
}

#[cold]
pub(crate) fn no_default(module: &str, name: &str, ty: impl fmt::Display) -> Error {
    Error::msg(format!("`{module}::{name}` cannot be defined by a default: {ty} has none"))
}

#[cold]
pub(crate) fn not_defined_in_module(func: u32) -> Error {
    Error::msg(format!("the module defines no function {func}"))
}

#[cold]
pub(crate) fn not_compiled() -> Error {
    Error::msg("the module has no machine code: it is interpreted")
}

#[cold]
pub(crate) fn no_compiler() -> Error {
    Error::msg("there is no compiler for this machine; use `Strategy::Interpreter` or `Strategy::Auto`")
}
