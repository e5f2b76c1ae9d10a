//! Many scripts on several threads, with the proposals that each folder needs
//! and the list of expected failures applied.

use crate::expect::{self, Expected, Mode};
use crate::report::{Report, Totals};
use crate::runner::{Runner, RunnerConfig};
use dayfly::Features;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Bytes of stack of a thread that runs scripts: their text is parsed recursively.
const STACK: usize = 64 << 20;

/// A script to run.
#[derive(Clone, Debug)]
pub struct Case {
    /// What outcomes and the list of expected failures call it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Scripts to run.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    cases: Vec<Case>,
}

impl Suite {
    /// A suite of these scripts.
    pub fn new(cases: Vec<Case>) -> Suite {
        Suite { cases }
    }

    /// A suite of the `.wast` files that `path` is or contains, folders included,
    /// in the order of their names.
    ///
    /// # Errors
    /// If a file or folder cannot be read.
    pub fn load(path: &Path) -> io::Result<Suite> {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        files.sort();
        let read = |file: PathBuf| {
            let text = std::fs::read(&file).map_err(|e| named(e, &file))?;
            let text = String::from_utf8(text).map_err(|_| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: not UTF-8", file.display()))
            })?;
            Ok(Case { name: file.display().to_string(), text })
        };
        files.into_iter().map(read).collect::<io::Result<_>>().map(Suite::new)
    }

    /// How many scripts there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Keeps the scripts whose name contains `part`.
    pub fn filter(&mut self, part: &str) {
        self.cases.retain(|case| case.name.contains(part));
    }

    /// Runs all scripts on `threads` threads; `expected` are the cases that are
    /// known to fail. `each` is called with the report of every script as it
    /// ends, one at a time.
    pub fn run(
        &self,
        runner: &Runner,
        threads: usize,
        expected: &[Expected],
        each: impl FnMut(&Report) + Send,
    ) -> Totals {
        let next = AtomicUsize::new(0);
        let done = Mutex::new((Totals::default(), each));
        let work = || {
            while let Some(case) = self.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let report = run_case(runner, case, expected);
                let mut done = done.lock().unwrap_or_else(|e| e.into_inner());
                done.0 += report.totals();
                (done.1)(&report);
            }
        };
        thread::scope(|scope| {
            for _ in 0..threads.clamp(1, self.cases.len().max(1)) {
                let spawned = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
                if spawned.is_err() {
                    work();
                }
            }
        });
        done.into_inner().unwrap_or_else(|e| e.into_inner()).0
    }
}

fn run_case(runner: &Runner, case: &Case, expected: &[Expected]) -> Report {
    let listed: Vec<&Expected> = expected.iter().filter(|e| e.is_about(&case.name)).collect();
    if let Some(entry) = listed.iter().find(|e| e.mode == Mode::Skip && e.line.is_none()) {
        return runner.skip_script(&case.name, &case.text, entry.reason);
    }
    let whole = || std::fs::canonicalize(&case.name).ok()?.to_str().and_then(folder_features);
    let report = match folder_features(&case.name).or_else(whole) {
        Some(features) => {
            let mut config = runner.config().clone();
            config.wasm_features(features);
            Runner::new(RunnerConfig::new(runner.name(), config)).run_script(&case.name, &case.text)
        }
        None => runner.run_script(&case.name, &case.text),
    };
    Report { outcomes: expect::apply(&case.name, report.outcomes, &listed) }
}

/// The proposals that the scripts of an official folder are written for: a script
/// may assert that what a later proposal permits is malformed. Scripts from
/// elsewhere are run with the proposals of the runner's configuration.
fn folder_features(name: &str) -> Option<Features> {
    const V1: Features = Features::wasm1();
    const V2: Features = Features::wasm2();
    const V3: Features = Features::wasm3();
    let folders: &[(&str, Features)] = &[
        ("custom-page-sizes", V3.with(Features::CUSTOM_PAGE_SIZES)),
        ("wide-arithmetic", V3.with(Features::WIDE_ARITHMETIC)),
        ("package/threads", V2.with(Features::THREADS).without(Features::REFERENCE_TYPES)),
        ("threads", V2.with(Features::THREADS)),
        ("legacy", V3.with(Features::LEGACY_EXCEPTIONS)),
        ("stack-switching", V3.with(Features::STACK_SWITCHING)),
        ("custom-descriptors", V3.with(Features::CUSTOM_DESCRIPTORS)),
        ("compact-import-section", V3.with(Features::COMPACT_IMPORTS)),
        ("shared-everything-threads", V3.with(Features::SHARED_EVERYTHING_THREADS).with(Features::THREADS)),
        ("package/wasm-v1", V1),
        ("package/wasm-v2", V2),
        ("package/multi-value", V1.with(Features::MULTI_VALUE)),
        ("package/mutable-global", V1),
        ("package/reference-types", V2),
        ("package/function-references", V2.with(Features::FUNCTION_REFERENCES).with(Features::TAIL_CALL)),
        ("package/extended-const", V2.with(Features::EXTENDED_CONST)),
        ("package/memory64", V2.with(Features::MEMORY64)),
        ("package", V3),
        ("test/core", V3),
        ("test/custom", V3),
    ];
    let path = format!("/{}/", name.replace('\\', "/"));
    folders.iter().find(|(folder, _)| path.contains(&format!("/{folder}/"))).map(|(_, features)| *features)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        std::fs::metadata(path).map_err(|e| named(e, path))?;
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(|e| named(e, path))? {
        let entry = entry.map_err(|e| named(e, path))?.path();
        if entry.is_dir() {
            collect(&entry, files)?;
        } else if entry.extension().is_some_and(|extension| extension == "wast") {
            files.push(entry);
        }
    }
    Ok(())
}

fn named(error: io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    #[test]
    fn folders_have_the_proposals_that_their_scripts_are_written_for() {
        assert_eq!(folder_features("../spec/test/core/gc/array.wast"), Some(Features::wasm3()));
        let threads = folder_features("threads/test/core/atomic.wast").unwrap();
        assert!(threads.contains(Features::THREADS));
        assert!(!folder_features("test/core/memory.wast").unwrap().contains(Features::THREADS));
        assert_eq!(folder_features("mine.wast"), None);
    }

    #[test]
    fn a_suite_runs_every_script_once() {
        let case = |i: usize| Case {
            name: format!("{i}.wast"),
            text: "(assert_malformed (module quote \"(\") \"\")\n(assert_return (invoke \"f\"))".to_owned(),
        };
        let suite = Suite::new((0..5).map(case).collect());
        let runner = Runner::new(RunnerConfig::new("default", dayfly::Config::new()));
        let mut names = Vec::new();
        let listed = Expected { file: "3.wast", line: Some(2), mode: Mode::Fail, reason: "why" };
        let totals = suite.run(&runner, 2, &[listed], |report| {
            names.extend(
                report.outcomes.iter().filter(|o| o.verdict != Verdict::Passed).map(|o| o.file.clone()),
            );
        });
        names.sort();
        assert_eq!(names, ["0.wast", "1.wast", "2.wast", "3.wast", "4.wast"]);
        assert_eq!(totals, Totals { passed: 5, failed: 4, skipped: 1 });
    }

    #[test]
    fn a_skipped_script_is_not_run() {
        let text = "(module (func (export \"f\") (loop (br 0))))\n(assert_return (invoke \"f\"))".to_owned();
        let suite = Suite::new(vec![Case { name: "endless.wast".to_owned(), text }]);
        let runner = Runner::new(RunnerConfig::new("default", dayfly::Config::new()));
        let listed = Expected { file: "endless.wast", line: None, mode: Mode::Skip, reason: "no end" };
        assert_eq!(suite.run(&runner, 1, &[listed], |_| {}), Totals { passed: 0, failed: 0, skipped: 1 });
    }
}
