//! Why a module was refused, and at which byte of it.
//! An error is one word; whoever meets one calls a cold constructor here.

use crate::features::{Feature, Features};
use core::fmt;

/// Why a module was refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    offset: usize,
    message: String,
    /// None or one bit.
    missing: Features,
}

/// What is wrong with a module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorKind {
    /// The bytes are not a module. Spec: binary.
    Malformed,
    /// The bytes are a module that breaks a rule of validation. Spec: valid.
    Invalid,
    /// The module asks for more than `Limits` allow.
    Limit,
    /// The module is valid but uses something that is not implemented.
    Unsupported,
}

impl Error {
    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The byte of the module at which it was noticed.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The reason, without kind and offset.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The proposal that would have to be switched on for the module to be accepted at
    /// this byte; `None` does not mean that there is none.
    pub fn missing_feature(&self) -> Option<&'static Feature> {
        Features::ALL.iter().find(|feature| feature.bit == self.0.missing)
    }

    #[cold]
    fn new(kind: ErrorKind, offset: usize, message: impl Into<String>) -> Error {
        Error(Box::new(Inner { kind, offset, message: message.into(), missing: Features::none() }))
    }

    #[cold]
    pub(crate) fn malformed(offset: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Malformed, offset, message)
    }

    #[cold]
    pub(crate) fn invalid(offset: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Invalid, offset, message)
    }

    /// More of `what` than `limit`.
    #[cold]
    pub(crate) fn limit(offset: usize, what: &str, limit: u64) -> Error {
        Error::new(ErrorKind::Limit, offset, format!("more than {limit} {what}"))
    }

    /// The operators of a body move more values than it may.
    #[cold]
    pub(crate) fn too_much_work(offset: usize, per_byte: u32) -> Error {
        let message = format!(
            "the operators of a function body move more than {per_byte} values for each of its bytes; \
             split the function, use smaller types or raise the limit `moves_per_byte`"
        );
        Error::new(ErrorKind::Limit, offset, message)
    }

    #[cold]
    pub(crate) fn unsupported(offset: usize, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, offset, format!("{what} not supported"))
    }

    /// A failure of the decoder.
    #[cold]
    pub(crate) fn decoding(error: wasmparser::Error) -> Error {
        let message = error.message();
        let kind = if message.contains("size is out of bounds") || message.contains("size out of bounds") {
            ErrorKind::Limit
        } else if message.contains("type index too large") || message.contains("implementation limits") {
            // Well-formed, but above what a module can have types.
            ErrorKind::Invalid
        } else {
            ErrorKind::Malformed
        };
        Error::from_wasmparser(kind, error)
    }

    /// A failure of the validator.
    #[cold]
    pub(crate) fn validation(error: wasmparser::Error) -> Error {
        const LIMITS: [&str; 5] = [
            "exceeds limit of",
            "exceeds the limit of",
            "locals exceed maximum",
            "implementation limit",
            "number of elements is out of bounds",
        ];
        let message = error.message();
        let kind = if LIMITS.iter().any(|phrase| message.contains(phrase)) {
            ErrorKind::Limit
        } else if message == "data count section required"
            || message.starts_with("shared tables require")
            || message.starts_with("shared globals require")
        {
            // The binary format itself demands the section, and knows no such tables and globals.
            ErrorKind::Malformed
        } else {
            ErrorKind::Invalid
        };
        Error::from_wasmparser(kind, error)
    }

    #[cold]
    fn from_wasmparser(kind: ErrorKind, error: wasmparser::Error) -> Error {
        let message = error.message();
        let offset = usize::try_from(error.offset()).unwrap_or(usize::MAX);
        let missing = error.missing_wasm_feature().and_then(Features::from_wasmparser);
        match missing {
            Some(feature) => {
                let message = format!("{message} (the {} proposal is switched off)", feature.name);
                Error(Box::new(Inner { kind, offset, message, missing: feature.bit }))
            }
            None => Error::new(kind, offset, message),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.0.kind {
            ErrorKind::Malformed => "malformed module",
            ErrorKind::Invalid => "invalid module",
            ErrorKind::Limit => "module too large",
            ErrorKind::Unsupported => "unsupported module",
        };
        write!(f, "{kind} at offset {:#x}: {}", self.0.offset, self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("offset", &self.0.offset)
            .field("message", &self.0.message)
            .finish()
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_one_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn display_names_kind_offset_and_reason() {
        let error = Error::invalid(0x1f, "type mismatch: expected i32, found i64");
        assert_eq!(
            error.to_string(),
            "invalid module at offset 0x1f: type mismatch: expected i32, found i64"
        );
        assert_eq!(
            Error::limit(8, "types", 3).to_string(),
            "module too large at offset 0x8: more than 3 types"
        );
    }
}
