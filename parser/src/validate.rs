//! Validation: sections in order, then bodies, by wasmparser's validator.
//! Invariant: no body is read by a `Cursor` before it was found valid.
//! Spec: valid.

mod bodies;
mod work;
mod written;

use crate::config::{Config, Validation};
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::index::DefinedFuncIdx;
use crate::limits::Limits;
use crate::module::Module;
use bodies::BodyValidator;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use wasmparser::{Parser, Payload, ValidPayload, Validator, ValidatorResources, WasmFeatures};

pub(crate) use written::Written;

/// What a module keeps to check bodies later: nothing if all were checked.
#[derive(Default)]
pub(crate) struct BodyChecks(Option<Box<Pending>>);

struct Pending {
    validator: BodyValidator,
    /// One bit for each body that was found valid.
    checked: Box<[AtomicU64]>,
}

impl fmt::Debug for BodyChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "BodyChecks(lazy)" } else { "BodyChecks(done)" })
    }
}

/// Validates everything but bodies, section by section.
pub(crate) struct Sections {
    validator: Validator,
    features: WasmFeatures,
    /// What bodies are validated against, once there is one.
    resources: Option<ValidatorResources>,
    failure: Option<wasmparser::Error>,
}

impl Sections {
    /// Nothing was validated yet.
    pub fn new(features: WasmFeatures) -> Sections {
        let validator = Validator::new_with_features(features);
        Sections { validator, features, resources: None, failure: None }
    }

    /// Validates the next part of a module, unless a part before it was invalid.
    pub fn add(&mut self, payload: &Payload<'_>) {
        if self.failure.is_some() {
            return;
        }
        match self.validator.payload(payload) {
            Ok(ValidPayload::Func(func, _)) if self.resources.is_none() => {
                self.resources = Some(func.resources);
            }
            Ok(_) => {}
            Err(error) => self.failure = Some(error),
        }
    }

    /// What validates the bodies of the module; `None` if it has none.
    fn bodies(self, module: &Module, limits: &Limits) -> Result<Option<BodyValidator>, Error> {
        match self.failure {
            Some(error) => Err(Error::validation(error)),
            None => Ok(self
                .resources
                .map(|resources| BodyValidator::new(module, resources, self.features, limits.clone()))),
        }
    }
}

/// Validates the bodies of a module decoded from these bytes, as the configuration says. Tells what they write too.
pub(crate) fn module(
    module: &Module,
    bytes: &[u8],
    sections: Sections,
    config: &Config,
) -> Result<(BodyChecks, Written), Error> {
    let features = sections.features;
    let checks = sections.bodies(module, &config.limits).and_then(|validator| {
        let Some(validator) = validator else { return Ok((BodyChecks(None), Written::default())) };
        if config.validation == Validation::Eager {
            validator.check_all(module, bytes, config.threads)?;
            return Ok((BodyChecks(None), validator.written));
        }
        let checked = (0..module.bodies().len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok((BodyChecks(Some(Box::new(Pending { validator, checked }))), Written::default()))
    });
    checks.map_err(|error| match error.kind() {
        // Being malformed comes before being invalid, wherever it is.
        ErrorKind::Invalid | ErrorKind::Limit => {
            bodies::first_malformed(module, bytes, features).unwrap_or(error)
        }
        _ => error,
    })
}

/// Validates all of a module again, with other proposals than it was made with.
pub(crate) fn again(module: &Module, features: Features) -> Result<(), Error> {
    let features = features.to_wasmparser();
    let mut sections = Sections::new(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(&module.bytes) {
        sections.add(&payload.map_err(Error::validation)?);
    }
    match sections.bodies(module, &Limits::default())? {
        Some(validator) => validator.check_all(module, &module.bytes, 0),
        None => Ok(()),
    }
}

impl Module {
    /// Makes sure that a body is valid. With [`Validation::Eager`] it is known to be; with
    /// [`Validation::Lazy`] it is found out the first time, by whichever thread comes first.
    pub fn check_body(&self, func: DefinedFuncIdx) -> Result<(), Error> {
        match &self.checks.0 {
            None => Ok(()),
            Some(pending) => pending.check(self, func),
        }
    }
}

impl Pending {
    fn check(&self, module: &Module, func: DefinedFuncIdx) -> Result<(), Error> {
        let bit = 1 << (func.0 % 64);
        let word = self.checked.get(func.index() / 64).filter(|_| func.index() < module.bodies().len());
        let word = word.ok_or_else(|| Error::invalid(module.bytes.len(), "no such function"))?;
        if word.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        self.validator.check(module, &module.bytes, func, &mut Default::default())?;
        // The bit publishes no memory: the module does not change.
        word.fetch_or(bit, Ordering::Relaxed);
        Ok(())
    }
}
