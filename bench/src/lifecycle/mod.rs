//! Suites about the life of instances, not of programs: a full cycle of a request
//! (`cycle`), real handlers with an instance each (`serve`), many instances alive at once
//! (`density`). Each contender runs in a process of its own; within a round they take turns.

mod contender;
mod cycle;
mod dayfly;
mod density;
mod floor;
mod module;
mod sampling;
mod serve;
mod show;
#[cfg(feature = "wasmtime")]
mod wasmtime;

use crate::child;
use crate::conditions::Conditions;
use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use contender::Choice;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The argument that makes this program measure one contender.
pub const CHILD: &str = "measure-lifecycle";

/// The suites, as the first argument of the program.
pub const SUITES: [&str; 3] = ["cycle", "serve", "density"];

/// Measures what instances cost, beside Wasmtime.
#[derive(Parser)]
#[command(after_help = after_help())]
struct Args {
    #[command(subcommand)]
    suite: Suite,
    /// Contenders, in the order of tables
    #[arg(long, global = true, value_delimiter = ',', default_values_t = default_contenders())]
    engines: Vec<String>,
    /// How often everything is measured; medians are reported
    #[arg(long, global = true, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Milliseconds for each figure of a round
    #[arg(long, global = true, default_value_t = 40)]
    time: u64,
    /// Write all figures to a file
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Suite {
    /// New store, instance, an export that reads a word and writes pages, all dropped
    Cycle,
    /// Requests to real handlers, with a fresh instance each
    Serve,
    /// Many instances alive at once, most of them parked
    Density {
        /// How many
        #[arg(long, default_value_t = 1_000_000)]
        instances: u32,
        /// Lines of 64 bytes that each writes in each of its four pages
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
        lines: u32,
    },
}

/// What a child does.
#[derive(Serialize, Deserialize)]
struct Task {
    contender: String,
    milliseconds: u64,
    work: Work,
}

#[derive(Serialize, Deserialize)]
enum Work {
    Cycle,
    Serve { guests: Vec<serve::Guest> },
    Density { instances: u32, lines: u32 },
}

/// The command line without the program's name.
pub fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the child does.
pub fn child() -> ExitCode {
    child::answer(|task: Task| {
        let choice = contender::by_name(&task.contender)?;
        let time = Duration::from_millis(task.milliseconds);
        Ok(match task.work {
            Work::Cycle => serde_json::to_value(cycle::measure(&choice, time)?)?,
            Work::Serve { guests } => serde_json::to_value(serve::measure(&choice, &guests, time)?)?,
            Work::Density { instances, lines } => {
                serde_json::to_value(density::measure(&choice, instances, lines)?)?
            }
        })
    })
}

fn run(args: &Args) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("warning: this is a debug build, figures mean nothing");
    }
    let choices = args.engines.iter().map(|name| contender::by_name(name)).collect::<Result<Vec<_>>>()?;
    let engines = choices.iter().map(|choice| (choice.name, choice.package, choice.settings)).collect();
    let mut conditions = Conditions::of(engines, args.rounds);
    let (text, figures) = match args.suite {
        Suite::Cycle => {
            let rounds = rounds(args, &choices, || Ok(Work::Cycle))?;
            (cycle::tables(&choices, &rounds), serde_json::to_value(&rounds)?)
        }
        Suite::Serve => {
            let guests = serve::guests()?;
            let rounds = rounds(args, &choices, || Ok(Work::Serve { guests: guests.clone() }))?;
            (serve::tables(&choices, &rounds)?, serde_json::to_value(&rounds)?)
        }
        Suite::Density { instances, lines } => {
            let rounds = rounds(args, &choices, || Ok(Work::Density { instances, lines }))?;
            (density::tables(&choices, &rounds), serde_json::to_value(&rounds)?)
        }
    };
    conditions.finish();
    print!("{conditions}\n{text}");
    if let Some(path) = &args.json {
        let facts: serde_json::Map<_, _> =
            conditions.facts.iter().map(|(name, value)| (name.to_string(), value.clone().into())).collect();
        let engines: Vec<_> = conditions.engines.iter().map(|(name, version, settings)| {
            serde_json::json!({ "name": name, "version": version, "settings": settings })
        }).collect();
        let report = serde_json::json!({
            "conditions": facts,
            "engines": engines,
            "figures": "of every round, then of every engine in the order above; times in nanoseconds",
            "rounds": figures,
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The figures of every round, of every contender.
fn rounds<F: DeserializeOwned>(
    args: &Args,
    choices: &[Choice],
    work: impl Fn() -> Result<Work>,
) -> Result<Vec<Vec<F>>> {
    /// Nothing takes so long that works.
    const LIMIT: Duration = Duration::from_secs(600);
    let mut rounds = Vec::new();
    for round in 0..args.rounds as usize {
        let mut figures: Vec<Option<F>> = choices.iter().map(|_| None).collect();
        for turn in 0..choices.len() {
            let at = (turn + round) % choices.len();
            let contender = choices[at].name.to_owned();
            eprintln!("round {} of {}: {contender}", round + 1, args.rounds);
            let task = Task { contender, milliseconds: args.time, work: work()? };
            match child::run(CHILD, &task, LIMIT).with_context(|| choices[at].name)? {
                Some(found) => figures[at] = Some(found),
                None => bail!("{}: not done in {LIMIT:?}", choices[at].name),
            }
        }
        rounds.push(figures.into_iter().map(|found| found.expect("each had its turn")).collect());
    }
    Ok(rounds)
}

fn default_contenders() -> Vec<String> {
    contender::all().iter().map(|choice| choice.name.to_owned()).collect()
}

fn after_help() -> String {
    let mut help = "Engines:\n".to_owned();
    for choice in contender::all() {
        help.push_str(&format!("  {:<18} {}\n", choice.name, choice.settings));
    }
    help
}
