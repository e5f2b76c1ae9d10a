//! The part of WASI preview 1 that the programs use, written once for all engines, so
//! that what the host costs is the same for each. Files are in memory; time is real;
//! random numbers are the same in every run.

mod call;
mod fd;
mod files;
mod guest;
mod path;

pub use call::{Args, FUNCTIONS, Fail, Function};
pub use files::Files;
pub use guest::GuestMemory;

use crate::meter::Meter;
use fd::Fd;
use std::time::Instant;

/// The module name that guests import the functions from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// What one guest sees of the world, and what it wrote.
pub struct Wasi {
    args: Vec<String>,
    input: Vec<u8>,
    input_at: usize,
    output: Vec<u8>,
    error_output: Vec<u8>,
    files: Files,
    fds: Vec<Option<Fd>>,
    exit: Option<i32>,
    started: Instant,
    random: u64,
    stopwatch: Option<Stopwatch>,
}

/// Tells when the guest first calls.
enum Stopwatch {
    Runs(Meter),
    Stopped((f64, f64)),
}

impl Wasi {
    /// A world with these arguments (the first is the program's name) and input, and
    /// with `folders`, paths in `files`, granted.
    pub fn new(args: Vec<String>, input: Vec<u8>, files: Files, folders: &[String]) -> Wasi {
        let mut fds = vec![Some(Fd::Input), Some(Fd::Output), Some(Fd::ErrorOutput)];
        fds.extend(folders.iter().map(|path| Some(Fd::granted(&files, path))));
        Wasi {
            args,
            input,
            input_at: 0,
            output: Vec::new(),
            error_output: Vec::new(),
            files,
            fds,
            exit: None,
            started: Instant::now(),
            random: 0x9e37_79b9_7f4a_7c15,
            stopwatch: None,
        }
    }

    /// This world, but it ends the guest at its first call, at which it reads the meter.
    pub fn with_stopwatch(mut self, meter: Meter) -> Wasi {
        self.stopwatch = Some(Stopwatch::Runs(meter));
        self
    }

    /// What the meter was at when the guest first called, if it did.
    pub fn stopped_at(&self) -> Option<(f64, f64)> {
        match self.stopwatch {
            Some(Stopwatch::Stopped(at)) => Some(at),
            Some(Stopwatch::Runs(_)) | None => None,
        }
    }

    /// Whether the guest is to end, because it has called.
    pub fn stops(&mut self) -> bool {
        if let Some(Stopwatch::Runs(meter)) = &self.stopwatch {
            self.stopwatch = Some(Stopwatch::Stopped(meter.read()));
            self.exit = Some(0);
        }
        self.stopwatch.is_some()
    }

    /// A world without anything.
    pub fn empty() -> Wasi {
        Wasi::new(Vec::new(), Vec::new(), Files::new(), &[])
    }

    /// What the guest wrote to its standard output.
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// What the guest wrote to its standard error output.
    pub fn error_output(&self) -> &[u8] {
        &self.error_output
    }

    /// The status that the guest exited with, if it did.
    pub fn exit(&self) -> Option<i32> {
        self.exit
    }

    /// The contents of a file.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.contents(path)
    }

    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
