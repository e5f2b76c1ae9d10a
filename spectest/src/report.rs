//! What came of a script: a verdict for every directive that asserts something,
//! and for every other directive that could not be carried out.

use std::fmt;
use std::ops::{Add, AddAssign};

/// What came of a directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As the script expects.
    Passed,
    /// Not as the script expects, and how.
    Failed(String),
    /// Not judged, and why.
    Skipped(String),
}

/// A directive and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The script.
    pub file: String,
    /// The line of the directive, from 1; 0 if the outcome is about the whole script.
    pub line: usize,
    /// What came of it.
    pub verdict: Verdict,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line != 0 {
            write!(f, ":{}", self.line)?;
        }
        match &self.verdict {
            Verdict::Passed => f.write_str(": passed"),
            Verdict::Failed(reason) => write!(f, ": {reason}"),
            Verdict::Skipped(reason) => write!(f, ": skipped: {reason}"),
        }
    }
}

/// The outcomes of a script, in its order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The outcomes. Directives that assert nothing (modules, registrations,
    /// bare invocations) are listed only if they failed or were skipped.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// How many assertions passed.
    pub fn passed(&self) -> usize {
        self.totals().passed
    }

    /// How many directives failed.
    pub fn failed(&self) -> usize {
        self.totals().failed
    }

    /// How many directives were skipped.
    pub fn skipped(&self) -> usize {
        self.totals().skipped
    }

    /// All three counts.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for outcome in &self.outcomes {
            match outcome.verdict {
                Verdict::Passed => totals.passed += 1,
                Verdict::Failed(_) => totals.failed += 1,
                Verdict::Skipped(_) => totals.skipped += 1,
            }
        }
        totals
    }

    /// The outcomes that are failures.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|o| matches!(o.verdict, Verdict::Failed(_)))
    }
}

/// Counts over scripts; displayed as `N passed, N failed, N skipped`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Assertions that passed.
    pub passed: usize,
    /// Directives that failed.
    pub failed: usize,
    /// Directives that were skipped.
    pub skipped: usize,
}

impl Add for Totals {
    type Output = Totals;

    fn add(self, other: Totals) -> Totals {
        Totals {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        *self = *self + other;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}
