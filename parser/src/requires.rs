//! Which proposals a module uses: asked of the validator, which knows best.

use crate::features::Features;
use crate::module::Module;
use crate::validate;

impl Module {
    /// The proposals without which the module is not valid; parts of proposals
    /// ([`Features::BULK_MEMORY_OPT`]) where the part is enough.
    ///
    /// Validates the module several times: meant for tools. Of a module with an invalid
    /// body, which [`Validation::Lazy`](crate::Validation::Lazy) lets through, the answer
    /// is the proposals that it was made with.
    pub fn required_features(&self) -> Features {
        let (found, complete) = self.features_asked_for();
        if complete {
            return found;
        }
        let mut left = self.features;
        for feature in Features::ALL.iter().rev() {
            let less = left.without_own_bit(feature.bit);
            if less != left && less.contains(found) && validate::again(self, less).is_ok() {
                left = less;
            }
        }
        left
    }

    /// Adds what the validator asks for by name. Often that is all; `false` if it is not.
    fn features_asked_for(&self) -> (Features, bool) {
        let mut found = Features::none();
        while let Err(error) = validate::again(self, found) {
            match error.missing_feature() {
                Some(missing) if !found.contains(missing.bit) => found = found.with(missing.bit),
                _ => return (found, false),
            }
        }
        (found, true)
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
