//! Runs scripts on one engine configuration.

use crate::play::{Play, is_assertion};
use crate::report::{Outcome, Report, Verdict};
use crate::script::Script;
use dayfly::Engine;
use std::path::Path;

/// What a [`Runner`] runs scripts on.
#[derive(Clone, Debug)]
pub struct RunnerConfig {
    /// How the configuration is called in messages.
    pub name: String,
    /// The configuration.
    pub config: dayfly::Config,
}

impl RunnerConfig {
    /// A configuration and what it is called.
    pub fn new(name: impl Into<String>, config: dayfly::Config) -> RunnerConfig {
        RunnerConfig { name: name.into(), config }
    }
}

/// Runs scripts, each in a store of its own.
#[derive(Clone, Debug)]
pub struct Runner {
    config: RunnerConfig,
}

impl Runner {
    /// A runner for a configuration.
    pub fn new(config: RunnerConfig) -> Runner {
        Runner { config }
    }

    /// How the configuration is called.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// The configuration.
    pub fn config(&self) -> &dayfly::Config {
        &self.config.config
    }

    /// Runs the script in a file. A file that cannot be read is one failure.
    pub fn run_file(&self, path: &Path) -> Report {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.run_script(&name, &text),
            Err(error) => whole_script_failed(&name, format!("cannot be read: {error}")),
        }
    }

    /// Runs a script given as text; `name` is what outcomes call it. A panic of the
    /// engine fails the directive during which it happened.
    pub fn run_script(&self, name: &str, text: &str) -> Report {
        let engine = match Engine::new(&self.config.config) {
            Ok(engine) => engine,
            Err(error) => {
                let reason = format!("configuration {}: {error:#}", self.config.name);
                return whole_script_failed(name, reason);
            }
        };
        let mut play = match Play::new(&engine, name) {
            Ok(play) => play,
            Err(error) => return whole_script_failed(name, format!("{error:#}")),
        };
        Script::new(text).for_each(|form| match form {
            Ok((form, directive)) => play.directive(form, &[], directive),
            Err((line, reason)) => play.note(line, Verdict::Failed(reason)),
        });
        Report { outcomes: play.finish() }
    }

    /// Skips every assertion of a script, for `reason`.
    pub fn skip_script(&self, name: &str, text: &str, reason: &str) -> Report {
        let mut outcomes = Vec::new();
        Script::new(text).for_each(|form| {
            if let Ok((form, directive)) = form
                && is_assertion(&directive)
            {
                let verdict = Verdict::Skipped(reason.to_owned());
                outcomes.push(Outcome { file: name.to_owned(), line: form.line(directive.span()), verdict });
            }
        });
        Report { outcomes }
    }
}

fn whole_script_failed(name: &str, reason: String) -> Report {
    Report { outcomes: vec![Outcome { file: name.to_owned(), line: 0, verdict: Verdict::Failed(reason) }] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str) -> Report {
        Runner::new(RunnerConfig::new("default", dayfly::Config::new())).run_script("test.wast", script)
    }

    fn failing_lines(script: &str) -> Vec<usize> {
        run(script).failures().map(|outcome| outcome.line).collect()
    }

    const MODULE: &str = r#"(module
        (func (export "one") (result i32) (i32.const 1))
        (func (export "nan") (result f32) (f32.const nan:0x200000))
        (func (export "trap") (unreachable))
        (func $deep (export "deep") (call $deep)))"#;

    #[test]
    fn a_wrong_expectation_fails_at_its_line() {
        let script = format!(
            "{MODULE}
            (assert_return (invoke \"one\") (i32.const 1))
            (assert_return (invoke \"one\") (i32.const 2))
            (assert_return (invoke \"one\") (i64.const 1))
            (assert_return (invoke \"one\"))
            (assert_return (invoke \"nan\") (f32.const nan:arithmetic))
            (assert_return (invoke \"trap\"))
            (assert_trap (invoke \"one\") \"unreachable\")
            (assert_trap (invoke \"trap\") \"integer overflow\")
            (assert_exhaustion (invoke \"trap\") \"call stack exhausted\")"
        );
        assert_eq!(failing_lines(&script), [7, 8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(run(&script).passed(), 1);
    }

    #[test]
    fn right_expectations_pass() {
        let script = format!(
            "{MODULE}
            (assert_return (invoke \"one\") (either (i32.const 0) (i32.const 1)))
            (assert_return (invoke \"nan\") (f32.const nan:0x200000))
            (assert_trap (invoke \"trap\") \"unreachable\")
            (assert_exhaustion (invoke \"deep\") \"call stack exhausted\")
            (assert_trap (module (func $f unreachable) (start $f)) \"unreachable\")"
        );
        assert_eq!(run(&script).failures().next(), None);
        assert_eq!(run(&script).passed(), 5);
    }

    #[test]
    fn refusals_are_told_apart() {
        let verdicts = |module: &str| {
            let script = format!(
                "(assert_malformed {module} \"\")\n(assert_invalid {module} \"\")\n(assert_unlinkable (module) \"\")"
            );
            failing_lines(&script)
        };
        assert_eq!(verdicts("(module (func (result i32)))"), [1, 3]);
        assert_eq!(verdicts("(module binary \"\\00asm\")"), [2, 3]);
        assert_eq!(verdicts("(module quote \"(func (i32.nothing))\")"), [2, 3]);
        assert_eq!(verdicts("(module)"), [1, 2, 3]);
    }

    #[test]
    fn links_are_checked() {
        let script = r#"(module $M (func (export "f")))
            (register "M" $M)
            (assert_unlinkable (module (import "M" "f" (func (param i32)))) "incompatible import type")
            (assert_unlinkable (module (import "M" "f" (func))) "incompatible import type")
            (assert_unlinkable (module (import "M" "g" (func))) "unknown import")
            (module (import "nowhere" "g" (func)))"#;
        assert_eq!(failing_lines(script), [4, 6]);
    }

    #[test]
    fn a_module_that_fails_leaves_no_instance() {
        let script = r#"(module (func (export "f")))
            (module (import "nowhere" "g" (func)))
            (assert_return (invoke "f"))"#;
        assert_eq!(failing_lines(script), [2, 3]);
    }

    #[test]
    fn definitions_are_instantiated_on_demand() {
        let script = r#"(module definition $D (global (export "g") (mut i32) (i32.const 0))
              (func (export "set") (global.set 0 (i32.const 5))))
            (module instance $a $D)
            (module instance $b $D)
            (invoke $a "set")
            (assert_return (get $a "g") (i32.const 5))
            (assert_return (get $b "g") (i32.const 0))
            (assert_return (get $c "g") (i32.const 0))"#;
        assert_eq!(failing_lines(script), [8]);
    }

    #[test]
    fn threads_share_memories_and_nothing_else() {
        let script = r#"(module $M (memory (export "m") 1 1 shared) (func (export "f")))
            (thread $T (shared (module $M))
              (register "M" $M)
              (assert_unlinkable (module (import "M" "f" (func))) "unknown import")
              (module (import "M" "m" (memory 1 1 shared))
                (func (export "set") (i32.store8 (i32.const 0) (i32.const 7))))
              (invoke "set")
              (thread $inner (assert_unlinkable (module) "unknown import"))
              (wait $inner)
              (assert_return (invoke "get") (i32.const 7)))
            (wait $T)
            (wait $T)
            (register "M" $M)
            (module (import "M" "m" (memory 1 1 shared))
              (func (export "get") (result i32) (i32.load8_u (i32.const 0))))
            (assert_return (invoke "get") (i32.const 7))
            (thread $unjoined (assert_return (invoke "get")))"#;
        assert_eq!(failing_lines(script), [8, 10, 12, 17]);
        assert_eq!(run(script).passed(), 2);
    }

    #[test]
    fn references_are_matched() {
        let script = r#"(module
              (func (export "id") (param externref) (result externref) (local.get 0))
              (func $f (export "f") (result funcref) (ref.func $f)))
            (assert_return (invoke "id" (ref.extern 7)) (ref.extern 7))
            (assert_return (invoke "id" (ref.extern 7)) (ref.extern))
            (assert_return (invoke "id" (ref.null extern)) (ref.null extern))
            (assert_return (invoke "f") (ref.func))
            (assert_return (invoke "id" (ref.extern 7)) (ref.extern 8))
            (assert_return (invoke "id" (ref.null extern)) (ref.null func))
            (assert_return (invoke "f") (ref.null))"#;
        assert_eq!(failing_lines(script), [8, 9, 10]);
    }
}
