//! The full cycle of a request: a new store, an instance, an export found and called, which
//! reads a word and writes to some pages, all dropped. One thread, then two at once.

use super::contender::Choice;
use super::floor::{Floor, floor};
use super::module::{SUBJECTS, WORD};
use super::sampling::{Times, quantile, times};
use super::show::{micros, table, thousands};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many threads run cycles at once.
const THREADS: [usize; 2] = [1, 2];

/// The figures of one module with one number of pages.
#[derive(Serialize, Deserialize)]
pub struct Figure {
    module: String,
    pages: i32,
    threads: usize,
    #[serde(flatten)]
    times: Times,
}

/// Measures everything in one engine.
pub fn measure(choice: &Choice, time: Duration) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for subject in &SUBJECTS {
        let wasm = wat::parse_str(subject.wat())?;
        let contender = (choice.load)(&wasm).with_context(|| subject.name)?;
        for &pages in subject.pages {
            for threads in THREADS {
                let work = |times| {
                    let word = contender.cycles(pages, times)?;
                    ensure!(word == WORD, "an instance of {} found {word:#x}", subject.name);
                    Ok(())
                };
                let times = times(threads, time, work)?;
                figures.push(Figure { module: subject.name.to_owned(), pages, threads, times });
            }
        }
    }
    Ok(figures)
}

/// Medians over the rounds, a table for each module.
pub fn tables(choices: &[Choice], rounds: &[Vec<Vec<Figure>>]) -> String {
    let mut text = String::new();
    for subject in &SUBJECTS {
        for threads in THREADS {
            text += &match threads {
                1 => format!("{}, 1 thread: us, median (p99)\n", subject.name),
                n => format!(
                    "{}, {n} threads: thousand cycles a second (times that of one thread; {n} times \
                     the same by their processor time)\n",
                    subject.name
                ),
            };
            let mut heading = vec!["pages".to_owned()];
            heading.extend(choices.iter().map(|choice| choice.name.to_owned()));
            if choices.len() > 1 && threads == 1 {
                heading.push(format!("best other / {}", choices[0].name));
            }
            if threads == 1 {
                heading.push("pages copied, read".to_owned());
            }
            let mut rows = vec![heading];
            for &pages in subject.pages {
                let mut row = row(choices.len(), rounds, subject.name, pages, threads);
                if threads == 1 {
                    let Floor { copy, read } = floor(subject.stride(), pages as usize);
                    row.push(format!("{}, {}", micros(copy), micros(read)));
                }
                rows.push(row);
            }
            text += &table(&rows);
            text.push('\n');
        }
    }
    text
}

fn row(engines: usize, rounds: &[Vec<Vec<Figure>>], module: &str, pages: i32, threads: usize) -> Vec<String> {
    let median = |engine: usize, threads: usize, of: fn(&Times) -> f64| {
        let found = rounds.iter().flat_map(|round| &round[engine]);
        let same =
            |figure: &&Figure| figure.module == module && figure.pages == pages && figure.threads == threads;
        quantile(found.filter(same).map(|figure| of(&figure.times)).collect(), 0.5)
    };
    let mut row = vec![pages.to_string()];
    for engine in 0..engines {
        row.push(match threads {
            1 => {
                let p99 = micros(median(engine, 1, |times| times.p99));
                format!("{} ({p99})", micros(median(engine, 1, |times| times.median)))
            }
            n => {
                let all = median(engine, n, |times| times.per_second);
                let by = |of: fn(&Times) -> f64| median(engine, n, of) / median(engine, 1, of);
                format!(
                    "{} ({:.2}; {:.2})",
                    thousands(all),
                    by(|times| times.per_second),
                    n as f64 * by(|times| times.per_cpu_second)
                )
            }
        });
    }
    if engines > 1 && threads == 1 {
        let others = (1..engines).map(|engine| median(engine, 1, |times| times.median));
        let best = others.fold(f64::INFINITY, f64::min);
        row.push(format!("{:.1}", best / median(0, 1, |times| times.median)));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::contender;

    #[test]
    fn every_engine_runs_every_module() {
        for choice in contender::all() {
            for subject in &SUBJECTS {
                let wasm = wat::parse_str(subject.wat()).unwrap();
                let contender = (choice.load)(&wasm).unwrap();
                for &pages in subject.pages {
                    assert_eq!(
                        contender.cycles(pages, 3).unwrap(),
                        WORD,
                        "{}, {}",
                        choice.name,
                        subject.name
                    );
                }
            }
        }
    }
}
