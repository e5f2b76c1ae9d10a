//! Clocks and memory of this process.

use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::Instant;

/// Measures from its making on.
#[derive(Clone, Copy)]
pub struct Meter {
    wall: Instant,
    cpu: f64,
}

impl Meter {
    /// Starts measuring.
    pub fn start() -> Meter {
        Meter { cpu: cpu(), wall: Instant::now() }
    }

    /// Seconds of time, and seconds that all threads of the process worked.
    pub fn read(&self) -> (f64, f64) {
        (self.wall.elapsed().as_secs_f64(), cpu() - self.cpu)
    }
}

/// Measures how far resident memory rises.
pub struct MemoryMeter {
    /// Resident memory at the start, and how much of it is files, if the system tells.
    before: Option<(f64, f64)>,
}

impl MemoryMeter {
    /// Starts measuring: forgets earlier peaks.
    pub fn start() -> MemoryMeter {
        let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
        MemoryMeter { before: if reset { resident("VmRSS:").zip(resident("RssFile:")) } else { None } }
    }

    /// Bytes between the start and the peak since; `None` where the system does not tell.
    pub fn peak(&self) -> Option<f64> {
        Some((resident("VmHWM:")? - self.before?.0).max(0.0))
    }

    /// As `peak`, without pages of files that were read since the start: these are of this program's own code, of
    /// which a page is in memory once it was used, and once for all processes.
    pub fn own_peak(&self) -> Option<f64> {
        let files = resident("RssFile:")? - self.before?.1;
        Some((self.peak()? - files.max(0.0)).max(0.0))
    }
}

fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// A field of the process's status, in bytes; `None` where the system does not tell.
pub fn resident(field: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}
