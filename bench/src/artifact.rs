//! Compiled modules in files: made once by each engine, in a process of its own and outside of all
//! measurements; then read, in a fresh process for each, up to the first thing that the guest does.

use crate::child;
use crate::engines::{self, Peer};
use crate::measure::Sample;
use crate::meter::{MemoryMeter, Meter};
use crate::suite::Case;
use crate::workload::Kind;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The argument that makes this program write an artifact.
pub const CHILD: &str = "compile-one";

/// What figures of artifacts are worth.
pub const CONDITIONS: &str = "compiled beforehand and read once before; a fresh process for each round, with the file \
     in the page cache; making the engine and its linker is not timed";

/// Nothing takes so long to compile.
const LIMIT: Duration = Duration::from_secs(300);

/// Waits until files are no longer new: Dayfly remembers that it has found a file whole only then.
pub fn let_settle() {
    std::thread::sleep(Duration::from_secs(3));
}

/// What is to be written.
#[derive(Serialize, Deserialize)]
pub struct Order {
    engine: String,
    case: Case,
    path: PathBuf,
}

/// Writes an artifact; returns its length.
pub fn write(order: Order) -> Result<usize> {
    let peer = (engines::by_name(&order.engine)?.make)()?;
    let bytes = peer.serialize(&order.case.wasm()?)?;
    fs::write(&order.path, &bytes)?;
    Ok(bytes.len())
}

/// Reads one and starts it, once.
pub fn measure(peer: &dyn Peer, case: &Case, path: &Path) -> Result<Sample> {
    let workload = &case.workload;
    let world = workload.world()?;
    // The program's own file has been read, too, as far as it is needed for this.
    let memory = MemoryMeter::start();
    let meter = Meter::start();
    let code = peer.load_file(path)?;
    let mut guest = code.instantiate(world.with_stopwatch(meter), workload.has_stubs())?;
    guest.find(workload.entry())?;
    let (ready, ready_cpu) = meter.read();
    let (first, first_cpu) = match &workload.kind {
        Kind::WasiP1(_) => {
            guest.call(workload.entry(), &[])?;
            guest.wasi()?.stopped_at().context("the guest has not called the host")?
        }
        Kind::Exports { calls, .. } => {
            let call = calls.first().context("there is nothing to call")?;
            let result = guest.call(&call.f, &call.args)?;
            let read = meter.read();
            ensure!(call.expect.is_none_or(|expected| expected == result), "{} returned {result}", call.f);
            read
        }
    };
    let peak = memory.peak();
    let size = fs::metadata(path)?.len() as f64;
    Ok(vec![Some(ready), Some(ready_cpu), Some(first), Some(first_cpu), Some(size), peak])
}

/// A folder for artifacts, which is deleted in the end.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub fn new() -> Result<Folder> {
        let path = std::env::temp_dir().join(format!("dayfly-bench-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Folder(path))
    }

    /// Where an engine's artifact of a case is.
    pub fn path(&self, engine: &str, case: usize) -> PathBuf {
        self.0.join(format!("{engine}-{case}"))
    }

    /// Lets an engine compile a case.
    pub fn make(&self, engine: &str, case: &Case, number: usize) -> Result<()> {
        let path = self.path(engine, number);
        let order = Order { engine: engine.to_owned(), case: case.clone(), path };
        match child::run::<usize>(CHILD, &order, LIMIT)? {
            Some(_) => Ok(()),
            None => bail!("it is not compiled after {LIMIT:?}"),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}
