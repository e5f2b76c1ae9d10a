//! Measures Dayfly beside other engines: `cargo run --release -- --help`.

#![deny(unsafe_code)]

mod args;
mod artifact;
mod chart;
mod child;
mod conditions;
mod engines;
mod lifecycle;
mod measure;
mod meter;
mod program;
mod report;
mod results;
mod suite;
mod table;
mod wasi;
mod workload;

use anyhow::{Context, Result, bail};
use args::Args;
use clap::Parser;
use conditions::Conditions;
use engines::Choice;
use measure::{Sample, Task};
use results::{Cell, Results, Row};
use std::fs;
use std::process::ExitCode;
use suite::{Case, Suite};

/// The argument that makes this program measure once.
const CHILD: &str = "measure-one";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(CHILD) => return child::answer(|task: Task| measure::measure(&task)),
        Some(artifact::CHILD) => return child::answer(artifact::write),
        Some(lifecycle::CHILD) => return lifecycle::child(),
        Some(suite) if lifecycle::SUITES.contains(&suite) => return lifecycle::main(),
        _ => {}
    }
    match compare(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and reports; `false` if something failed in an engine.
fn compare(args: &Args) -> Result<bool> {
    let engines = args.engines.iter().map(|name| engines::by_name(name)).collect::<Result<Vec<_>>>()?;
    let base = match &args.base {
        None => 0,
        Some(base) => match engines.iter().position(|engine| engine.name == base) {
            Some(base) => base,
            None => bail!("`--base {base}` is not among the chosen engines"),
        },
    };
    if cfg!(debug_assertions) {
        eprintln!("warning: this is a debug build, figures mean nothing");
    }
    let names = engines.iter().map(|engine| (engine.name, engine.package, engine.settings)).collect();
    let mut conditions = Conditions::of(names, args.rounds);
    if args.suite.contains(&Suite::Artifact) {
        conditions.facts.push(("artifacts", artifact::CONDITIONS.to_owned()));
    }
    let mut suites = Vec::new();
    for suite in &args.suite {
        let cases = suite.cases(&args.workloads)?;
        let rows = rows(args, *suite, &engines, &cases)?;
        let engines = args.engines.clone();
        suites.push(Results { suite: *suite, engines, base, rows });
    }
    conditions.finish();
    if suites.iter().all(|results| results.rows.is_empty()) {
        bail!("no program of these suites has a name that contains one of: {}", args.workloads.join(", "));
    }

    print!("{conditions}");
    for results in &suites {
        print!("{}", table::Tables(results));
    }
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report::report(&conditions, &suites))?;
        fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    let drawn = suites.iter().find(|results| results.suite == Suite::Run).or(suites.last());
    if let (Some(path), Some(results)) = (&args.svg, drawn) {
        fs::write(path, chart::svg(results, &conditions))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(suites.iter().all(|results| results.failures().next().is_none()))
}

/// Measures all cases in all engines: round by round, case by case, the engines in turn,
/// so that what disturbs the machine disturbs all alike.
fn rows(args: &Args, suite: Suite, engines: &[Choice], cases: &[Case]) -> Result<Vec<Row>> {
    let row = |case: &Case| Row {
        name: case.name.clone(),
        cells: engines.iter().map(|engine| first_cell(engine, suite, case)).collect(),
    };
    let mut rows: Vec<Row> = cases.iter().map(row).collect();
    let folder = artifact::Folder::new()?;
    if suite == Suite::Artifact {
        for (at, (case, row)) in cases.iter().zip(&mut rows).enumerate() {
            eprintln!("compiling {}", case.name);
            for (engine, cell) in engines.iter().zip(&mut row.cells) {
                if let (Cell::Measured(_), Err(error)) = (&*cell, folder.make(engine.name, case, at)) {
                    *cell = Cell::Failed(format!("{error:#}"));
                }
            }
        }
        artifact::let_settle();
    }
    let task = |engine: &Choice, number: usize| Task {
        engine: engine.name.to_owned(),
        suite,
        case: cases[number].clone(),
        artifact: folder.path(engine.name, number),
    };
    if suite == Suite::Artifact {
        // Once for nothing: what is measured are not the first processes that read the files.
        for (number, row) in rows.iter_mut().enumerate() {
            for (engine, cell) in engines.iter().zip(&mut row.cells) {
                if let (Cell::Measured(_), Err(error)) =
                    (&*cell, child::run::<Sample>(CHILD, &task(engine, number), args.timeout))
                {
                    *cell = Cell::Failed(format!("{error:#}"));
                }
            }
        }
    }
    for round in 0..args.rounds {
        for (number, (case, row)) in cases.iter().zip(&mut rows).enumerate() {
            eprintln!("round {} of {}, {}: {}", round + 1, args.rounds, suite.name(), case.name);
            for turn in 0..engines.len() {
                let at = (turn + round as usize) % engines.len();
                let Cell::Measured(samples) = &mut row.cells[at] else { continue };
                match child::run(CHILD, &task(&engines[at], number), args.timeout) {
                    Ok(Some(sample)) => samples.push(sample),
                    Ok(None) => row.cells[at] = Cell::TooLong,
                    Err(error) => row.cells[at] = Cell::Failed(format!("{error:#}")),
                }
            }
        }
    }
    Ok(rows)
}

/// What is known before anything was measured.
fn first_cell(engine: &Choice, suite: Suite, case: &Case) -> Cell {
    if suite == Suite::Decode && !engine.validates {
        return Cell::Lacks("validation alone".to_owned());
    }
    if suite == Suite::Artifact && !engine.serializes {
        return Cell::Lacks("machine code".to_owned());
    }
    let lacks = (engine.lacks)();
    let needs = &case.workload.features;
    match needs.iter().find(|need| lacks.contains(&need.as_str())) {
        Some(proposal) => Cell::Lacks(proposal.clone()),
        None => Cell::Measured(Vec::new()),
    }
}
