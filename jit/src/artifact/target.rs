//! What code depends on besides its module: who made it, for which processor, with which settings. It is
//! text, a line to a subject, so that a difference can be told to people.

use crate::lower::Looks;
use cranelift_codegen::isa::TargetIsa;
use dayfly_parser::Features;
use dayfly_runtime::config::RuntimeConfig;
use std::fmt::Write;

/// What code is made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    text: String,
}

/// The line that lists what the processor must have: the machine may have more.
const PROCESSOR: &str = "processor features";

impl Target {
    /// What code depends on that a compiler makes with these settings.
    pub fn new(isa: &dyn TargetIsa, looks: Looks, config: &RuntimeConfig, features: Features) -> Target {
        let has = isa.isa_flags().into_iter().filter(|flag| flag.as_bool() == Some(true));
        let has: Vec<&str> = has.map(|flag| flag.name).collect();
        let mut compiler = isa.flags().to_string();
        compiler.retain(|character| character != '\n');
        let lines = [
            ("version", format!("{} {}", env!("CARGO_PKG_VERSION"), env!("DAYFLY_SOURCES"))),
            ("Cranelift", cranelift_codegen::VERSION.to_owned()),
            ("machine", isa.triple().to_string()),
            (PROCESSOR, has.join(" ")),
            ("compiler settings", compiler),
            ("engine settings", engine_settings(config, looks)),
            ("proposals", format!("{features:?}")),
        ];
        let mut text = String::new();
        for (subject, value) in lines {
            writeln!(text, "{subject}: {value}").expect("text takes what is written");
        }
        Target { text }
    }

    /// What was written to an artifact.
    pub(super) fn from_text(text: &str) -> Target {
        Target { text: text.to_owned() }
    }

    /// As it is written to an artifact.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why code that was made for `self` does not work for `here`, if it does not.
    pub fn differs_from(&self, here: &Target) -> Option<String> {
        for line in here.text.lines() {
            let (subject, wanted) = line.split_once(": ").unwrap_or((line, ""));
            let mut made = self.text.lines().filter_map(|made| made.split_once(": "));
            let made = made.find(|(made, _)| *made == subject).map_or("unknown", |(_, value)| value);
            if subject == PROCESSOR {
                let lacks: Vec<_> =
                    made.split(' ').filter(|feature| !wanted.split(' ').any(|has| has == *feature)).collect();
                if !lacks.is_empty() {
                    return Some(format!("it needs a processor with {}", lacks.join(", ")));
                }
            } else if made != wanted {
                return Some(format!("{subject}: it was made for `{made}`, this is `{wanted}`"));
            }
        }
        None
    }
}

/// The settings that change code. All are named here, so that none can be forgotten.
fn engine_settings(config: &RuntimeConfig, looks: Looks) -> String {
    let RuntimeConfig {
        fuel,
        epoch_interruption,
        count_executions: _,
        max_wasm_stack: _,
        max_native_stack: _,
        memory_reservation,
        memory_guard,
        memory_guarded,
        memory_images: _,
        instance_reuse: _,
        max_idle_memory: _,
        memory_tracking: _,
        check_instance_reuse: _,
        deterministic_relaxed_simd,
        max_gc_heap: _,
        max_types: _,
        gc_torture: _,
        refer_to_all,
        inlining,
        spectre_hardening,
    } = config;
    let epochs = epoch_interruption.then_some(looks);
    format!(
        "fuel={fuel} epochs={epochs:?} reservation={memory_reservation} guard={memory_guard} \
         guarded={memory_guarded} deterministic={deterministic_relaxed_simd} all_referable={refer_to_all} inlining={inlining} spectre={spectre_hardening}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(processor: &str, version: &str) -> Target {
        Target { text: format!("version: {version}\n{PROCESSOR}: {processor}\n") }
    }

    #[test]
    fn a_machine_may_have_more_than_is_needed() {
        assert_eq!(target("a b", "1").differs_from(&target("b c a", "1")), None);
        let lacks = target("a b d", "1").differs_from(&target("b c a", "1"));
        assert_eq!(lacks.unwrap(), "it needs a processor with d");
    }

    #[test]
    fn everything_else_has_to_be_the_same() {
        let differs = target("a", "1").differs_from(&target("a", "2"));
        assert_eq!(differs.unwrap(), "version: it was made for `1`, this is `2`");
        assert!(Target::from_text("").differs_from(&target("a", "2")).is_some());
    }
}
