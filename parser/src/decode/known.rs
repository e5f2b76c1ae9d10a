//! Modules that were decoded and found valid before, perhaps by another process: nothing is checked again, and
//! what most users of such a module never look at, bodies and data segments, is not even read.

use super::{Decoder, check_length, range};
use crate::bytes::{Bytes, Entries};
use crate::config::Config;
use crate::error::Error;
use crate::features::Features;
use crate::module::{Body, DataSegment, Module};
use crate::names::Names;
use core::ops::Range;
use std::sync::Arc;
use wasmparser::{BinaryReader, Chunk, CodeSectionReader, DataSectionReader, Parser, Payload};

impl Module {
    /// Decodes a module that is known to be valid, where it is. Its owner must not change it.
    ///
    /// Bytes that are not a valid module give an error or some module: whoever cannot exclude them
    /// takes [`Module::new`].
    pub fn known(
        owner: impl AsRef<[u8]> + Send + Sync + 'static,
        config: &Config,
    ) -> Result<Arc<Module>, Error> {
        let bytes = Bytes::new(owner);
        check_length(&bytes, config)?;
        let mut decoder = Decoder::new(&bytes, config);
        let features = config.features.to_wasmparser();
        let mut parser = Parser::new(0);
        parser.set_features(features);
        let (mut code, mut data) = (0..0, 0..0);
        let mut rest = &bytes[..];
        loop {
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true).map_err(Error::decoding)?
            else {
                return Err(Error::malformed(bytes.len(), "unexpected end"));
            };
            rest = &rest[consumed..];
            match payload {
                Payload::CodeSectionStart { unchecked_range, size, .. } => {
                    code = range(&unchecked_range);
                    parser.skip_section();
                    rest = rest.get(size as usize..).unwrap_or_default();
                }
                Payload::DataSection(section) => data = range(&section.range()),
                Payload::End(_) => break,
                payload => decoder.payload(&payload)?,
            }
        }
        let (mut module, names) = decoder.into_module();
        module.bodies = Entries::later(code);
        module.data = Entries::later(data);
        module.names = names.map_or_else(Names::default, |section| Names::new(bytes.clone(), section));
        module.bytes = bytes;
        Ok(Arc::new(module))
    }
}

/// A section of a valid module.
fn reader(bytes: &[u8], section: Range<usize>, features: Features) -> Option<BinaryReader<'_>> {
    let contents = bytes.get(section.clone()).filter(|contents| !contents.is_empty())?;
    Some(BinaryReader::new_features(contents, section.start as u64, features.to_wasmparser()))
}

/// The bodies in a section; none that make no sense.
pub(crate) fn bodies(bytes: &[u8], section: Range<usize>, features: Features) -> Vec<Body> {
    let bodies = reader(bytes, section, features).and_then(|reader| CodeSectionReader::new(reader).ok());
    let bodies = bodies.into_iter().flatten().map_while(Result::ok);
    bodies.map(|body| Body { range: range(&body.range()) }).collect()
}

/// The data segments in a section; none that make no sense.
pub(crate) fn data(bytes: &[u8], section: Range<usize>, features: Features) -> Vec<DataSegment> {
    let section = reader(bytes, section, features).and_then(|reader| DataSectionReader::new(reader).ok());
    let config = Config { features, ..Config::default() };
    let mut decoder = Decoder::new(bytes, &config);
    // What was read before a failure is kept.
    let _ = section.map(|section| decoder.data(section));
    std::mem::take(decoder.module.data.make())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_module_is_the_same() {
        let wat = r#"(module $m (import "a" "b" (func $b (param i32)))
            (memory 1) (data (i32.const 8) "abc") (data "passive")
            (table 3 funcref) (elem (i32.const 1) $f $g)
            (func $f (export "f") (result i32) (i32.const 1)) (func $g (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 1)))
            (@custom "later" "x"))"#;
        let bytes = wat::parse_str(wat).unwrap();
        let config = Config::default();
        let [new, known] =
            [Module::new(&bytes[..], &config), Module::known(bytes.clone(), &config)].map(Result::unwrap);
        assert_eq!((new.bodies(), new.data()), (known.bodies(), known.data()));
        assert_eq!(
            (new.funcs(), new.exports(), new.imports()),
            (known.funcs(), known.exports(), known.imports())
        );
        assert_eq!((new.elements(), new.customs()), (known.elements(), known.customs()));
        assert_eq!((new.bytes(), new.names().module()), (known.bytes(), known.names().module()));
        assert!(known.names_data() && new.names_data());
        assert_eq!(known.defined_funcs().len(), known.bodies().len());
        let escaping =
            |module: &Module| (0..3).map(|f| module.escapes(crate::FuncIdx(f))).collect::<Vec<_>>();
        assert_eq!(escaping(&new), escaping(&known));
    }

    #[test]
    fn bytes_that_are_no_module_do_no_harm() {
        let bytes =
            wat::parse_str(r#"(module (memory 1) (data (i32.const 8) "abc") (func (nop)) (func))"#).unwrap();
        for at in 0..bytes.len() {
            for change in [1, 0x80, 0xff] {
                let mut bad = bytes.clone();
                bad[at] ^= change;
                if let Ok(module) = Module::known(bad, &Config::default()) {
                    assert!(module.bodies().len() <= bytes.len() && module.data().len() <= bytes.len());
                }
            }
            if let Ok(module) = Module::known(bytes[..at].to_vec(), &Config::default()) {
                assert!(module.bodies().len() <= 2);
            }
        }
    }
}
