//! Bytes to `Module`: every section becomes data and is given to the validator.
//! Invariant: nothing is allocated in proportion to a number in the module unless
//! as many bytes follow; every bound of `Limits` on sections is checked first, and
//! before the validator sees the section.
//! Spec: binary/modules.

mod consts;
mod known;
mod sections;
mod segments;
mod types;

use crate::bytes::{Bytes, Entries};
use crate::config::{Config, Validation};
use crate::error::Error;
use crate::features::Features;
use crate::hints::{BRANCH_HINTS, BranchHints};
use crate::index::FuncIdx;
use crate::module::*;
use crate::names::Names;
use crate::validate::{self, BodyChecks, Sections, Written};
use core::ops::Range;
pub(crate) use known::{bodies, data};
use std::sync::Arc;
use wasmparser::{CustomSectionReader, Encoding, FunctionBody, Parser, Payload};

impl Module {
    /// Decodes and validates a module, which keeps the bytes: a `Vec` as it is, of
    /// anything else a copy.
    ///
    /// Of several things wrong the same one is reported every time; a module that is
    /// both malformed and invalid is malformed.
    pub fn new(bytes: impl AsRef<[u8]> + Into<Vec<u8>>, config: &Config) -> Result<Arc<Module>, Error> {
        let (mut module, names) = decode_and_validate(bytes.as_ref(), config)?;
        module.bytes = Bytes::new(bytes.into());
        if let Some(section) = names {
            module.names = Names::new(module.bytes.clone(), section);
        }
        Ok(Arc::new(module))
    }

    /// Decodes and validates a module and keeps nothing.
    pub fn validate(bytes: &[u8], config: &Config) -> Result<(), Error> {
        decode_and_validate(bytes, &Config { validation: Validation::Eager, ..config.clone() })?;
        Ok(())
    }
}

/// A module that has no bytes yet, and where its names are.
fn decode_and_validate(bytes: &[u8], config: &Config) -> Result<(Module, Option<Range<usize>>), Error> {
    let Decoded { mut module, names, unsupported, sections } = decode(bytes, config)?;
    (module.checks, module.written) = validate::module(&module, bytes, sections, config)?;
    match unsupported {
        Some(error) => Err(error),
        None => Ok((module, names)),
    }
}

/// What decoding gives. It may be that the module is not valid.
struct Decoded {
    module: Module,
    /// The section of names.
    names: Option<Range<usize>>,
    /// What cannot be represented.
    unsupported: Option<Error>,
    /// What the validator says of everything but bodies.
    sections: Sections,
}

/// A module in the making.
struct Decoder<'a> {
    config: &'a Config,
    bytes: &'a [u8],
    /// Its bytes are set last.
    module: Module,
    names: Option<Range<usize>>,
    /// Functions that a reference can exist to; their indices are not checked yet.
    escaping: Vec<FuncIdx>,
    sink: Sink,
}

/// Collects what cannot be represented. It counts only in a module that is valid.
#[derive(Default)]
struct Sink {
    first: Option<Error>,
}

impl Sink {
    #[cold]
    fn unsupported(&mut self, at: usize, what: &str) {
        self.first.get_or_insert_with(|| Error::unsupported(at, what));
    }
}

/// Decodes, and validates sections on the way: the bytes are gone through once.
fn decode(bytes: &[u8], config: &Config) -> Result<Decoded, Error> {
    check_length(bytes, config)?;
    let mut decoder = Decoder::new(bytes, config);
    let features = config.features.to_wasmparser();
    let mut sections = Sections::new(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        let payload = payload.map_err(Error::decoding)?;
        decoder.payload(&payload)?;
        sections.add(&payload);
    }
    Ok(decoder.finish(sections))
}

/// The most that a module can have, whatever the limits say: offsets have a bit left for makers of code.
const MAX_BYTES: usize = 1 << 31;

fn check_length(bytes: &[u8], config: &Config) -> Result<(), Error> {
    match config.limits.module_bytes.min(MAX_BYTES) {
        limit if bytes.len() > limit => Err(Error::limit(0, "bytes", limit as u64)),
        _ => Ok(()),
    }
}

impl Module {
    fn empty(features: Features) -> Module {
        Module {
            bytes: Bytes::default(),
            types: Vec::new(),
            rec_groups: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            funcs: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            imported: ImportCounts::default(),
            start: None,
            elements: Vec::new(),
            data: Entries::default(),
            counts_data: false,
            bodies: Entries::default(),
            escaping: Vec::new(),
            names: Names::default(),
            hints: BranchHints::default(),
            customs: Vec::new(),
            checks: BodyChecks::default(),
            written: Written::default(),
            features,
        }
    }
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8], config: &'a Config) -> Decoder<'a> {
        let module = Module::empty(config.features);
        Decoder { config, bytes, module, names: None, escaping: Vec::new(), sink: Sink::default() }
    }

    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                Err(Error::unsupported(4, "this is a component, not a module; components are"))
            }
            Payload::Version { .. } | Payload::End(_) => Ok(()),
            Payload::DataCountSection { .. } => {
                self.module.counts_data = true;
                Ok(())
            }
            Payload::TypeSection(section) => self.types(section.clone()),
            Payload::ImportSection(section) => self.imports(section.clone()),
            Payload::FunctionSection(section) => self.functions(section.clone()),
            Payload::TableSection(section) => self.tables(section.clone()),
            Payload::MemorySection(section) => self.memories(section.clone()),
            Payload::TagSection(section) => self.tags(section.clone()),
            Payload::GlobalSection(section) => self.globals(section.clone()),
            Payload::ExportSection(section) => self.exports(section.clone()),
            Payload::StartSection { func, .. } => {
                self.module.start = Some(FuncIdx(*func));
                Ok(())
            }
            Payload::ElementSection(section) => self.elements(section.clone()),
            Payload::CodeSectionStart { count, unchecked_range, .. } => {
                let bytes = range(unchecked_range).len();
                self.module.bodies.make().reserve_exact((*count as usize).min(bytes));
                Ok(())
            }
            Payload::CodeSectionEntry(body) => self.body(body),
            Payload::DataSection(section) => self.data(section.clone()),
            Payload::CustomSection(section) => self.custom(section),
            Payload::UnknownSection { id, range, .. } => Err(Error::malformed(
                range.start as usize,
                format!("malformed section id {id}: not a section of a module"),
            )),
            _ => Err(Error::malformed(0, "not a section of a module")),
        }
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), Error> {
        let range = range(&body.range());
        let limit = self.config.limits.body_bytes;
        if range.len() > limit as usize {
            return Err(Error::limit(range.start, "bytes in a function body", limit.into()));
        }
        self.module.bodies.make().push(Body { range });
        Ok(())
    }

    /// Keeps where a custom section stands. Of names and hints the first section counts.
    fn custom(&mut self, section: &CustomSectionReader<'_>) -> Result<(), Error> {
        let bytes = range(&section.data_range());
        let limit = self.config.limits.custom_sections;
        check(self.module.customs.len(), 1, limit, "custom sections", bytes.start)?;
        let module = &mut self.module;
        let short = bytes.len() <= self.config.limits.name_bytes;
        match section.name() {
            "name" if short && self.names.is_none() => self.names = Some(bytes.clone()),
            BRANCH_HINTS if short && module.hints.is_absent() => {
                module.hints = BranchHints::new(bytes.clone());
            }
            _ => {}
        }
        module.customs.push(CustomSection { name: section.name().into(), bytes });
        Ok(())
    }

    fn finish(mut self, sections: Sections) -> Decoded {
        let unsupported = self.sink.first.take();
        let (module, names) = self.into_module();
        Decoded { module, names, unsupported, sections }
    }

    /// The module, and where its names are.
    fn into_module(self) -> (Module, Option<Range<usize>>) {
        let mut module = self.module;
        module.escaping = vec![false; module.funcs.len()];
        for func in self.escaping {
            if let Some(escapes) = module.escaping.get_mut(func.index()) {
                *escapes = true;
            }
        }
        (module, self.names)
    }
}

/// A range of the module's bytes; positions fit, as the bytes are in memory.
fn range(range: &Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// Refuses `more` things where there are `have` and may be `limit`.
fn check(have: usize, more: u32, limit: u32, what: &str, at: usize) -> Result<(), Error> {
    if have as u64 + u64::from(more) > u64::from(limit) {
        return Err(Error::limit(at, what, limit.into()));
    }
    Ok(())
}
