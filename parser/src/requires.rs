//! Which proposals a module uses: asked of the validator, which knows best.

use crate::error::Error;
use crate::features::Features;
use crate::module::Module;
use crate::validate;

impl Module {
    /// The proposals without which the module is not valid; parts of proposals
    /// ([`Features::BULK_MEMORY_OPT`]) where the part is enough.
    ///
    /// Validates the module several times: meant for tools. Of a module with an
    /// invalid body, which `Validation::Lazy` lets through, it tells what is used up
    /// to there.
    pub fn required_features(&self) -> Features {
        let mut found = Features::none();
        let mut outcome = validate::again(self, found);
        while let Err(error) = outcome {
            let Some((more, next)) = self.one_more(found, &error) else { break };
            (found, outcome) = (more, next);
        }
        found
    }

    /// Adds the proposal that gets validation past an error, or furthest past it.
    fn one_more(&self, found: Features, error: &Error) -> Option<(Features, Result<(), Error>)> {
        if let Some(missing) = error.missing_feature().filter(|missing| !found.contains(missing.bit)) {
            let more = found.with(missing.bit);
            return Some((more, validate::again(self, more)));
        }
        let progress =
            |outcome: &Result<(), Error>| outcome.as_ref().map_or_else(Error::offset, |_| usize::MAX);
        let mut best: Option<(Features, Result<(), Error>)> = None;
        for feature in Features::ALL.iter().filter(|feature| !found.contains(feature.bit)) {
            let more = found.with(feature.bit);
            let outcome = validate::again(self, more);
            let beaten = best.as_ref().map_or(error.offset(), |(_, best)| progress(best));
            if progress(&outcome) > beaten {
                best = Some((more, outcome));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn required(text: &str) -> Features {
        Module::new(wat::parse_str(text).unwrap(), &Config::default()).unwrap().required_features()
    }

    #[test]
    fn what_modules_use() {
        let cases = [
            ("(module)", Features::none()),
            ("(module (global (export \"g\") (mut i32) (i32.const 0)))", Features::MUTABLE_GLOBAL),
            ("(module (memory i64 1))", Features::MEMORY64),
            ("(module (memory 1 (pagesize 1)))", Features::CUSTOM_PAGE_SIZES),
            ("(module (func $f (return_call $f)))", Features::TAIL_CALL),
            (
                "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
                Features::BULK_MEMORY_OPT,
            ),
            (
                "(module (func (drop (i32x4.relaxed_trunc_f32x4_s (v128.const i64x2 0 0)))))",
                Features::SIMD.with(Features::RELAXED_SIMD),
            ),
            ("(module (tag $t) (func try catch $t end))", Features::LEGACY_EXCEPTIONS),
        ];
        for (text, expected) in cases {
            let found = required(text);
            assert!(found.contains(expected), "{text}: {found:?}");
        }
        assert_eq!(required("(module)"), Features::none());
        assert_eq!(required("(module (func $f (return_call $f)))"), Features::TAIL_CALL);
    }
}
