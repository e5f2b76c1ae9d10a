//! One measurement, in a process of its own.

use crate::artifact;
use crate::engines::{self, Guest, Heap, Peer};
use crate::meter::{MemoryMeter, Meter};
use crate::suite::{CALL_CASES, Case, Suite};
use crate::wasi::Wasi;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A short thing is repeated until that takes so many seconds.
const BATCH_SECONDS: f64 = 0.03;

/// Of so many batches the quickest counts.
const BATCHES: usize = 5;

/// What is to be measured.
#[derive(Serialize, Deserialize)]
pub struct Task {
    /// The name of an engine.
    pub engine: String,
    /// The phase.
    pub suite: Suite,
    /// The program.
    pub case: Case,
    /// Where the engine's artifact of it is, if the phase needs it.
    pub artifact: PathBuf,
}

/// Figures in the order of [`Suite::metrics`]; `None` where there is no figure.
pub type Sample = Vec<Option<f64>>;

/// Measures.
pub fn measure(task: &Task) -> Result<Sample> {
    let peer = (engines::by_name(&task.engine)?.make)()?;
    let case = &task.case;
    match task.suite {
        Suite::Decode => decode(&*peer, &case.wasm()?),
        Suite::Compile => compile(&*peer, &case.wasm()?),
        Suite::Instantiate => instantiate(&*peer, case),
        Suite::Call => call(&*peer, case),
        Suite::Run => run(&*peer, case),
        Suite::Gc => gc(&*peer, case),
        Suite::Artifact => artifact::measure(&*peer, case, &task.artifact),
    }
}

fn decode(peer: &dyn Peer, wasm: &[u8]) -> Result<Sample> {
    let (mut best_wall, mut best_cpu) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..BATCHES {
        let meter = Meter::start();
        peer.validate(wasm)?;
        let (wall, cpu) = meter.read();
        best_wall = best_wall.min(wall);
        best_cpu = best_cpu.min(cpu);
    }
    Ok([best_wall, best_cpu].map(|seconds| Some(seconds / wasm.len() as f64)).into())
}

fn compile(peer: &dyn Peer, wasm: &[u8]) -> Result<Sample> {
    let (mut best_wall, mut best_cpu) = (f64::INFINITY, f64::INFINITY);
    let whole = Meter::start();
    for _ in 0..BATCHES {
        let meter = Meter::start();
        let code = peer.load(wasm)?;
        let (wall, cpu) = meter.read();
        drop(code);
        best_wall = best_wall.min(wall);
        best_cpu = best_cpu.min(cpu);
        if whole.read().0 > 1.0 {
            break;
        }
    }
    Ok(vec![Some(best_wall), Some(best_cpu)])
}

fn instantiate(peer: &dyn Peer, case: &Case) -> Result<Sample> {
    let code = peer.load(&case.wasm()?)?;
    Ok(repeat(|times| code.instantiate_repeatedly(times))?.map(Some).into())
}

fn call(peer: &dyn Peer, case: &Case) -> Result<Sample> {
    let code = peer.load(&case.wasm()?)?;
    let mut guest = code.instantiate(Wasi::empty(), false)?;
    case.workload.run(&mut *guest)?;
    let [from_host, to_host, within] = CALL_CASES;
    let seconds = match case.name.as_str() {
        name if name == from_host => repeat(|times| guest.call_repeatedly("next", times))?,
        name if name == to_host => beyond_empty_loop(&mut *guest, "call_host")?,
        name if name == within => beyond_empty_loop(&mut *guest, "call_guest")?,
        other => bail!("there is no measurement `{other}`"),
    };
    Ok(seconds.map(Some).into())
}

fn run(peer: &dyn Peer, case: &Case) -> Result<Sample> {
    let workload = &case.workload;
    let wasm = case.wasm()?;
    let world = workload.world()?;
    let memory = MemoryMeter::start();

    let start = Meter::start();
    let code = peer.load(&wasm)?;
    let mut guest = code.instantiate(world, workload.has_stubs())?;
    guest.find(workload.entry())?;
    let (start_wall, start_cpu) = start.read();

    let execution = Meter::start();
    workload.run(&mut *guest)?;
    let (wall, cpu) = execution.read();
    let (own_peak, peak) = (memory.own_peak(), memory.peak());
    workload.check(&mut *guest)?;
    Ok(vec![Some(start_wall), Some(start_cpu), Some(wall), Some(cpu), own_peak, peak])
}

fn gc(peer: &dyn Peer, case: &Case) -> Result<Sample> {
    let workload = &case.workload;
    let code = peer.load(&case.wasm()?)?;
    let mut guest = code.instantiate(Wasi::empty(), false)?;
    let memory = MemoryMeter::start();
    let execution = Meter::start();
    workload.run(&mut *guest)?;
    let (_, cpu) = execution.read();
    let peak = memory.peak();
    let heap = guest.heap();
    let of = |figure: fn(&Heap) -> f64| heap.as_ref().map(figure);
    Ok(vec![
        Some(cpu),
        workload.objects.map(|objects| cpu / objects as f64),
        of(|heap| heap.bytes_allocated).map(|bytes| cpu / bytes),
        of(|heap| heap.collections),
        of(|heap| heap.pauses),
        of(|heap| heap.longest_pause),
        of(|heap| heap.capacity),
        peak,
    ])
}

/// Seconds per turn that a loop in the guest takes more than one that does nothing.
fn beyond_empty_loop(guest: &mut dyn Guest, function: &str) -> Result<[f64; 2]> {
    let mut turn = |function: &str| {
        repeat(|times| {
            let times = i64::try_from(times).ok().filter(|times| *times <= i64::from(i32::MAX));
            guest.call(function, &[times.context("the loop does not take any time")?]).map(drop)
        })
    };
    let (whole, empty) = (turn(function)?, turn("count")?);
    Ok([0, 1].map(|n: usize| (whole[n] - empty[n]).max(0.0)))
}

/// Seconds, and CPU seconds, that one of many takes in the best of some batches.
fn repeat(mut batch: impl FnMut(u64) -> Result<()>) -> Result<[f64; 2]> {
    let mut times = 1;
    loop {
        let meter = Meter::start();
        batch(times)?;
        if meter.read().0 >= BATCH_SECONDS || times >= 1 << 30 {
            break;
        }
        times *= 2;
    }
    let mut best = [f64::INFINITY; 2];
    for _ in 0..BATCHES {
        let meter = Meter::start();
        batch(times)?;
        let (wall, cpu) = meter.read();
        best = [best[0].min(wall / times as f64), best[1].min(cpu / times as f64)];
    }
    Ok(best)
}
