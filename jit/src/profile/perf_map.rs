//! `/tmp/perf-PID.map`, which `perf report` reads: a line for each piece of code, its address and size in
//! hexadecimal digits and its name.

use super::symbols;
use crate::code::MachineCode;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Mutex;

/// The process's map.
static MAP: Mutex<Option<File>> = Mutex::new(None);

pub fn open() -> io::Result<()> {
    let mut map = MAP.lock().unwrap_or_else(|e| e.into_inner());
    if map.is_none() {
        let path = format!("/tmp/perf-{}.map", std::process::id());
        // What an earlier process of this number left is overwritten, but no link of anybody's is followed.
        let no_follow = OFlags::NOFOLLOW.bits() as i32;
        let mut options = OpenOptions::new();
        *map = Some(options.write(true).create(true).truncate(true).custom_flags(no_follow).open(path)?);
    }
    Ok(())
}

pub fn add(code: &MachineCode) -> io::Result<()> {
    let mut map = MAP.lock().unwrap_or_else(|e| e.into_inner());
    let Some(map) = map.as_mut() else { return Ok(()) };
    let mut lines = BufWriter::new(map);
    for symbol in symbols(code) {
        writeln!(lines, "{:x} {:x} {}", symbol.address, symbol.bytes.len(), symbol.name)?;
    }
    lines.flush()
}
