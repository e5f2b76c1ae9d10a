//! Telling profilers which machine code is which function. `perf` reads what it needs of the process from
//! files, one of a kind for each process: so they are the process's here too, whatever makes the code.

#[cfg(target_os = "linux")]
mod jitdump;
#[cfg(target_os = "linux")]
mod perf_map;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(not(target_os = "linux"))]
use unsupported::{self as jitdump, self as perf_map};

use crate::code::MachineCode;
use crate::compile::FuncKey;
use dayfly_parser::{DefinedFuncIdx, ExportItem, FuncIdx, Module};
use std::collections::HashMap;
use std::io;

/// The files that profilers read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// `/tmp/perf-PID.map`: addresses and names.
    PerfMap,
    /// `jit-PID.dump` in the current folder: addresses, names, times and the code itself.
    JitDump,
}

impl Profile {
    /// Makes the file, if the process has none yet.
    ///
    /// # Errors
    /// When it cannot be made, and on systems without `perf`.
    pub fn open(self) -> io::Result<()> {
        match self {
            Profile::PerfMap => perf_map::open(),
            Profile::JitDump => jitdump::open(),
        }
    }

    /// Tells of code before it runs for the first time. A file that cannot be written to any more is left as it is:
    /// guests run on.
    pub fn add(self, code: &MachineCode) {
        let _ = match self {
            Profile::PerfMap => perf_map::add(code),
            Profile::JitDump => jitdump::add(code),
        };
    }
}

/// A piece of code as a profiler knows it.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there is no profiler"))]
struct Symbol<'a> {
    name: String,
    address: usize,
    bytes: &'a [u8],
}

/// All pieces of a module's code.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there is no profiler"))]
fn symbols(code: &MachineCode) -> impl Iterator<Item = Symbol<'_>> {
    let module = code.shape().module();
    let exports: HashMap<FuncIdx, &str> = module
        .exports()
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Func(func) => Some((func, &*export.name)),
            _ => None,
        })
        .collect();
    let name = module.names().module();
    let prefix = name.map_or("wasm".to_owned(), |name| format!("wasm {}", shortened(name)));
    code.tables().pieces().map(move |(key, range)| Symbol {
        name: printable(&format!("{prefix}::{}", piece(module, &exports, key))),
        address: code.address(range.start),
        bytes: &code.text()[range.start as usize..range.end as usize],
    })
}

/// The name of a function, else that of its export, else its index.
fn piece(module: &Module, exports: &HashMap<FuncIdx, &str>, key: FuncKey) -> String {
    match key {
        FuncKey::Body(index) => {
            let func = module.func_index(DefinedFuncIdx(index));
            let name = module.names().func(func).or_else(|| exports.get(&func).copied());
            name.map_or_else(|| format!("function {func}"), |name| shortened(name).to_owned())
        }
        FuncKey::Entry(number) => format!("(entry {number})"),
        FuncKey::Adapter(number) => format!("(adapter {number})"),
        FuncKey::Import(func) => format!("(import {func})"),
        FuncKey::Interrupt => "(interrupt)".to_owned(),
    }
}

/// The beginning of a name. That of the module is told with each of its functions, and may be as long as the module.
fn shortened(name: &str) -> &str {
    const MAX_BYTES: usize = 500;
    name.get(..name.floor_char_boundary(MAX_BYTES)).unwrap_or_default()
}

/// Names are the guest's; a line of the file is ours.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
