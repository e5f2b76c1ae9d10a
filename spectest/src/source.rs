//! The modules that scripts contain, and the verdicts on those that must be
//! refused. What the reference interpreter tells apart by exception (`Syntax`,
//! `Code`, `Invalid`) is told apart here by stage and error kind.

use crate::report::Verdict;
use crate::script::encode_quoted;
use dayfly::{Engine, ErrorKind, Module, ParseError};
use wast::{QuoteWat, QuoteWatTest};

/// Why the module of a script was not made.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The text is not a module; there are no bytes.
    Text(String),
    /// The bytes were refused by the engine.
    Module(dayfly::Error),
}

impl Refusal {
    fn kind(&self) -> Option<ErrorKind> {
        match self {
            Refusal::Text(_) => Some(ErrorKind::Malformed),
            Refusal::Module(error) => error.downcast_ref::<ParseError>().map(ParseError::kind),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Text(reason) => write!(f, "the text parser cannot read this: {reason}"),
            Refusal::Module(error) => write!(f, "{error:#}"),
        }
    }
}

/// Makes the module of a directive.
pub(crate) fn compile(engine: &Engine, module: &mut QuoteWat<'_>) -> Result<Module, Refusal> {
    let bytes = match module.to_test().map_err(|e| Refusal::Text(e.message()))? {
        QuoteWatTest::Binary(bytes) => bytes,
        QuoteWatTest::Text(text) => encode_quoted(&text).map_err(Refusal::Text)?,
    };
    Module::from_binary(engine, &bytes).map_err(Refusal::Module)
}

/// The verdict on a module that must be refused as malformed.
pub(crate) fn malformed(engine: &Engine, module: &mut QuoteWat<'_>, expected: &str) -> Verdict {
    refused(engine, module, ErrorKind::Malformed, expected)
}

/// The verdict on a module that must be refused as invalid.
pub(crate) fn invalid(engine: &Engine, module: &mut QuoteWat<'_>, expected: &str) -> Verdict {
    refused(engine, module, ErrorKind::Invalid, expected)
}

/// The verdict on a module that is accepted, but whose custom sections or the
/// annotations that they are made from are not what the standard says.
pub(crate) fn wrong_customs(
    engine: &Engine,
    module: &mut QuoteWat<'_>,
    kind: ErrorKind,
    expected: &str,
) -> Verdict {
    let found = match compile(engine, module) {
        Ok(module) => match module.parsed().check_custom_sections() {
            Ok(()) => "nothing was found wrong with the custom sections".to_owned(),
            Err(error) if error.kind() == kind => return Verdict::Passed,
            Err(error) => error.to_string(),
        },
        // What an annotation says is checked where it is read.
        Err(Refusal::Text(_)) if kind == ErrorKind::Malformed => return Verdict::Passed,
        Err(refusal) => refusal.to_string(),
    };
    Verdict::Failed(format!("expected {kind:?} ({expected}), but {found}"))
}

fn refused(engine: &Engine, module: &mut QuoteWat<'_>, kind: ErrorKind, expected: &str) -> Verdict {
    match compile(engine, module) {
        Ok(_) => Verdict::Failed(format!("expected {kind:?} ({expected}), but the module was accepted")),
        Err(refusal) if refusal.kind() == Some(kind) => Verdict::Passed,
        Err(refusal) => Verdict::Failed(format!("expected {kind:?} ({expected}), got: {refusal}")),
    }
}
