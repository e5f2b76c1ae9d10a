//! `jit-PID.dump`, which `perf inject --jit` reads: a header, then a record for each piece of code with its bytes.
//! `perf record -k mono` finds the file because the process maps its first page as code. Numbers are
//! as the machine has them; the format is that of Linux's `tools/perf/Documentation/jitdump-specification.txt`.

use super::symbols;
use crate::code::MachineCode;
use memmap2::{Mmap, MmapOptions};
use rustix::fs::OFlags;
use rustix::time::{ClockId, clock_gettime};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Mutex;

const MAGIC: u32 = 0x4a69_5444;
const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 40;
/// The machine, as ELF numbers it.
const MACHINE: u32 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
/// A record: code was loaded.
const CODE_LOAD: u32 = 0;
/// Bytes of such a record before the name.
const CODE_LOAD_BYTES: usize = 56;

/// The process's dump.
struct Dump {
    file: File,
    /// How many pieces of code were told.
    count: u64,
    /// By this `perf` finds the file; it lasts as long as the process.
    _mark: Mmap,
}

static DUMP: Mutex<Option<Dump>> = Mutex::new(None);

pub fn open() -> io::Result<()> {
    let mut dump = DUMP.lock().unwrap_or_else(|e| e.into_inner());
    if dump.is_some() {
        return Ok(());
    }
    let path = format!("jit-{}.dump", std::process::id());
    let no_follow = OFlags::NOFOLLOW.bits() as i32;
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(true);
    let mut file = options.custom_flags(no_follow).open(path)?;
    let mut header = Vec::new();
    for word in [MAGIC, VERSION, HEADER_BYTES, MACHINE, 0, std::process::id()] {
        header.extend_from_slice(&word.to_ne_bytes());
    }
    for word in [now(), 0] {
        header.extend_from_slice(&word.to_ne_bytes());
    }
    file.write_all(&header)?;
    // SAFETY: nobody reads or executes the page, so it does not matter what happens to the file.
    let mark = unsafe { MmapOptions::new().len(HEADER_BYTES as usize).map_exec(&file)? };
    *dump = Some(Dump { file, count: 0, _mark: mark });
    Ok(())
}

pub fn add(code: &MachineCode) -> io::Result<()> {
    let mut dump = DUMP.lock().unwrap_or_else(|e| e.into_inner());
    let Some(dump) = dump.as_mut() else { return Ok(()) };
    let thread = rustix::thread::gettid().as_raw_nonzero().get() as u32;
    let mut records = Vec::new();
    for symbol in symbols(code) {
        let size = CODE_LOAD_BYTES + symbol.name.len() + 1 + symbol.bytes.len();
        for word in [CODE_LOAD, size as u32] {
            records.extend_from_slice(&word.to_ne_bytes());
        }
        records.extend_from_slice(&now().to_ne_bytes());
        for word in [std::process::id(), thread] {
            records.extend_from_slice(&word.to_ne_bytes());
        }
        let address = symbol.address as u64;
        for word in [address, address, symbol.bytes.len() as u64, dump.count] {
            records.extend_from_slice(&word.to_ne_bytes());
        }
        records.extend_from_slice(symbol.name.as_bytes());
        records.push(0);
        records.extend_from_slice(symbol.bytes);
        dump.count += 1;
    }
    dump.file.write_all(&records)
}

/// Nanoseconds of the clock that `perf record -k mono` uses.
fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
