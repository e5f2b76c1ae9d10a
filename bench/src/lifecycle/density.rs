//! Many instances alive at once, each of which has written to four pages of its 2 MiB. Dayfly
//! parks them; others keep them as they are, as many as they can.

use super::contender::Choice;
use super::module::marked;
use super::sampling::quantile;
use super::show::{micros, table};
use crate::meter::resident;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// How many are woken at random; times are of these.
const WAKINGS: u32 = 400_000;

/// The figures of a crowd; times in nanoseconds.
#[derive(Serialize, Deserialize)]
pub struct Figure {
    /// How many live at once: as many as were asked for, or as many as could be made.
    alive: u32,
    /// Bytes of resident memory, of all of them.
    resident: f64,
    /// To make one, have it write its pages, and park it where that is done.
    make: Waits,
    /// To wake a random one, have it read and write its pages, and park it again.
    wake: Option<Waits>,
    /// What the guest takes of that: the same call of an instance that stays awake.
    guest: Option<f64>,
}

/// Times of single events.
#[derive(Serialize, Deserialize)]
struct Waits {
    median: f64,
    p99: f64,
    mean: f64,
}

/// Instances that are called by their number.
pub trait Crowd {
    /// Calls `run` of an instance, which is made if it is not there. `None` if it cannot be made.
    fn run(&mut self, number: u32, mark: i32) -> Result<Option<i32>>;

    /// Calls `run` of an instance that is always awake.
    fn run_awake(&mut self, mark: i32) -> Result<i32>;

    /// Whether instances are parked between calls, so that it says something to time calls.
    fn parks(&self) -> bool;
}

/// Measures one engine.
pub fn measure(choice: &Choice, instances: u32, lines: u32) -> Result<Figure> {
    let wasm = wat::parse_str(marked(lines))?;
    let mut crowd = (choice.crowd)(&wasm)?;
    let before = resident("VmRSS:").context("the system does not tell of memory")?;
    let mut marks: Vec<i32> = Vec::with_capacity(instances as usize);
    let mut times = Vec::with_capacity(instances as usize);
    for number in 0..instances {
        let (mark, start) = (number as i32 + 1, Instant::now());
        if crowd.run(number, mark)?.is_none() {
            break;
        }
        times.push(start.elapsed().as_nanos() as f64);
        marks.push(mark);
    }
    let resident = resident("VmRSS:").unwrap_or(f64::NAN) - before;
    let make = waits(&times);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    times.clear();
    if crowd.parks() {
        for n in 0..WAKINGS {
            // An xorshift; it need not be good.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let number = (random % marks.len() as u64) as usize;
            let (mark, start) = (i32::MAX - n as i32, Instant::now());
            let seen = crowd.run(number as u32, mark)?;
            times.push(start.elapsed().as_nanos() as f64);
            ensure!(seen == Some(marks[number]), "instance {number} was left with {}", marks[number]);
            marks[number] = mark;
        }
    }
    let guest = if crowd.parks() { Some(guest(&mut *crowd)?) } else { None };
    for (number, mark) in marks.iter().enumerate() {
        let seen = crowd.run(number as u32, -1)?;
        ensure!(seen == Some(*mark), "instance {number} has {seen:?} and was left with {mark}");
    }
    let wake = (!times.is_empty()).then(|| waits(&times));
    Ok(Figure { alive: marks.len() as u32, resident, make, wake, guest })
}

/// Nanoseconds that a call takes of which nothing else is to be done, as it is timed here.
fn guest(crowd: &mut dyn Crowd) -> Result<f64> {
    let mut times = Vec::new();
    for mark in 1..20_000 {
        let start = Instant::now();
        let seen = crowd.run_awake(mark)?;
        times.push(start.elapsed().as_nanos() as f64);
        ensure!(mark == 1 || seen == mark - 1, "an instance that is awake has {seen}");
    }
    Ok(quantile(times, 0.5))
}

fn waits(times: &[f64]) -> Waits {
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    Waits { median: quantile(times.to_vec(), 0.5), p99: quantile(times.to_vec(), 0.99), mean }
}

/// A row for each engine.
pub fn tables(choices: &[Choice], rounds: &[Vec<Figure>]) -> String {
    let heading = [
        "engine",
        "alive, checked",
        "MiB resident",
        "KiB each",
        "make, us",
        "(p99; mean)",
        "wake, us",
        "(p99; mean)",
        "of it the guest",
    ];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for (engine, choice) in choices.iter().enumerate() {
        let median = |of: &dyn Fn(&Figure) -> f64| {
            quantile(rounds.iter().map(|round| of(&round[engine])).collect(), 0.5)
        };
        let (alive, resident) =
            (median(&|figure| f64::from(figure.alive)), median(&|figure| figure.resident));
        let mut row = vec![
            choice.name.to_owned(),
            format!("{alive}"),
            format!("{:.0}", resident / f64::from(1 << 20)),
            format!("{:.2}", resident / 1024.0 / alive),
        ];
        let mut add = |of: fn(&Figure) -> Option<&Waits>| {
            let figure = |field: fn(&Waits) -> f64| micros(median(&|f| of(f).map_or(f64::NAN, field)));
            if rounds.iter().all(|round| of(&round[engine]).is_some()) {
                row.push(figure(|waits| waits.median));
                row.push(format!("({}; {})", figure(|waits| waits.p99), figure(|waits| waits.mean)));
            }
        };
        add(|figure| Some(&figure.make));
        add(|figure| figure.wake.as_ref());
        if rounds.iter().all(|round| round[engine].guest.is_some()) {
            row.push(micros(median(&|figure| figure.guest.unwrap_or(f64::NAN))));
        }
        rows.push(row);
    }
    table(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::contender;

    #[test]
    fn instances_keep_their_marks() {
        for choice in contender::all() {
            let figure = measure(&choice, 300, 3).unwrap();
            assert_eq!(figure.alive, 300, "{}", choice.name);
        }
    }
}
