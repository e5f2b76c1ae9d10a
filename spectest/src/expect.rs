//! The cases that are known to fail, each with its reason. The list is checked:
//! a listed case that passes is a failure of the run.

use crate::report::{Outcome, Verdict};

/// A case that is known to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expected {
    /// The end of the script's path, in whole components; `*` as the last one is
    /// any file of that folder.
    pub file: &'static str,
    /// The line of the directive; `None` is the whole script.
    pub line: Option<usize>,
    /// Whether it is run.
    pub mode: Mode,
    /// Why it fails.
    pub reason: &'static str,
}

/// What is done with a listed case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// It is run and must fail: the directive at the line, or at least one
    /// directive of the script. Failures are counted as skipped.
    Fail,
    /// It is not run: for scripts that would not end or would take the process down.
    Skip,
}

/// The official cases that are known to fail.
pub const EXPECTED: &[Expected] = &[];

impl Expected {
    /// Whether the entry is about a script.
    pub(crate) fn is_about(&self, script: &str) -> bool {
        let mut script = script.rsplit(['/', '\\']);
        self.file.rsplit('/').all(|wanted| script.next().is_some_and(|part| wanted == "*" || wanted == part))
    }
}

/// The outcomes of a script under the entries that are about it: expected failures
/// become skips, entries without a failure become failures.
pub(crate) fn apply(script: &str, mut outcomes: Vec<Outcome>, listed: &[&Expected]) -> Vec<Outcome> {
    for entry in listed {
        let mut met = false;
        for outcome in &mut outcomes {
            let here = entry.line.is_none_or(|line| line == outcome.line);
            if here && matches!(outcome.verdict, Verdict::Failed(_) | Verdict::Skipped(_)) {
                outcome.verdict = Verdict::Skipped(entry.reason.to_owned());
                met = true;
            }
        }
        if !met {
            let reason = format!("listed as failing ({}), but passes: remove it from the list", entry.reason);
            let line = entry.line.unwrap_or(0);
            outcomes.push(Outcome { file: script.to_owned(), line, verdict: Verdict::Failed(reason) });
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Expected =
        Expected { file: "gc/array.wast", line: Some(3), mode: Mode::Fail, reason: "why" };

    fn outcome(line: usize, verdict: Verdict) -> Outcome {
        Outcome { file: "x".to_owned(), line, verdict }
    }

    #[test]
    fn entries_name_the_end_of_a_path() {
        assert!(ENTRY.is_about("../core/gc/array.wast"));
        assert!(ENTRY.is_about("gc/array.wast"));
        assert!(!ENTRY.is_about("array.wast"));
        assert!(!ENTRY.is_about("core/magic/array.wast"));
        let folder = Expected { file: "gc/*", ..ENTRY };
        assert!(folder.is_about("core/gc/i31.wast"));
        assert!(!folder.is_about("core/i31.wast"));
    }

    #[test]
    fn an_expected_failure_is_a_skip() {
        let failed = || Verdict::Failed("no".to_owned());
        let after = apply("x", vec![outcome(3, failed()), outcome(4, failed())], &[&ENTRY]);
        assert_eq!(after[0].verdict, Verdict::Skipped("why".to_owned()));
        assert_eq!(after[1].verdict, failed());
        assert_eq!(after.len(), 2);
    }

    #[test]
    fn a_listed_case_that_passes_is_a_failure() {
        let after = apply("x", vec![outcome(3, Verdict::Passed)], &[&ENTRY]);
        assert_eq!((after.len(), after[1].line), (2, 3));
        assert!(matches!(after[1].verdict, Verdict::Failed(_)));
        let whole = Expected { line: None, ..ENTRY };
        let after = apply("x", vec![outcome(3, Verdict::Passed)], &[&whole]);
        assert!(matches!(after[1].verdict, Verdict::Failed(_)));
    }
}
