//! The engines that are compared, behind one face. Each is measured by the same code:
//! what their crates spell alike is written once, in `shape.rs`.

#[macro_use]
mod shape;

mod dayfly;
#[cfg(feature = "wasm3")]
mod wasm3;
#[cfg(feature = "wasmi")]
mod wasmi;
#[cfg(feature = "wasmtime")]
mod wasmtime;

use crate::wasi::Wasi;
use anyhow::{Result, anyhow, bail};
use std::path::Path;

/// An engine with its settings, ready to load modules.
pub trait Peer {
    /// Bytes to a module that can be instantiated.
    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Code>>;

    /// Decodes and validates, nothing more.
    fn validate(&self, wasm: &[u8]) -> Result<()>;

    /// A compiled module as bytes that `load_file` reads from a file.
    fn serialize(&self, wasm: &[u8]) -> Result<Vec<u8>>;

    /// As `load`, from a file with what `serialize` gave.
    fn load_file(&self, path: &Path) -> Result<Box<dyn Code>>;
}

/// A loaded module.
pub trait Code {
    /// Makes an instance in a store of its own; functions that are imported from
    /// elsewhere than WASI return zero if `stub_imports`, else are an error.
    fn instantiate(&self, wasi: Wasi, stub_imports: bool) -> Result<Box<dyn Guest>>;

    /// Makes and drops a store with an instance, `times` times.
    fn instantiate_repeatedly(&self, times: u64) -> Result<()>;
}

/// An instance.
pub trait Guest {
    /// Finds an exported function, as is done before it is called.
    fn find(&mut self, function: &str) -> Result<()>;

    /// Calls an exported function of at most one parameter and one result, both
    /// integers. The result is zero when there is none. A guest that ends itself is
    /// no error.
    fn call(&mut self, function: &str, args: &[i64]) -> Result<i64>;

    /// Calls an exported function from `i32` to `i32`, `times` times.
    fn call_repeatedly(&mut self, function: &str, times: u64) -> Result<()>;

    /// Copies from the guest's memory.
    fn read(&mut self, address: usize, into: &mut [u8]) -> Result<()>;

    /// Copies to the guest's memory.
    fn write(&mut self, address: usize, bytes: &[u8]) -> Result<()>;

    /// Bytes of the guest's memory.
    fn memory_size(&mut self) -> usize;

    /// What the guest did to the world.
    fn wasi(&self) -> Result<&Wasi>;

    /// The heap for references, if the engine tells of it.
    fn heap(&self) -> Option<Heap>;
}

/// What the heap for references of a store has done: seconds and bytes.
pub struct Heap {
    /// Of all objects ever made.
    pub bytes_allocated: f64,
    /// How many.
    pub collections: f64,
    /// Time of all collections.
    pub pauses: f64,
    /// Time of the longest collection.
    pub longest_pause: f64,
    /// What objects can take without another collection.
    pub capacity: f64,
}

/// An engine in one configuration.
pub struct Choice {
    /// What `--engines` calls it.
    pub name: &'static str,
    /// The crate whose version is reported.
    pub package: &'static str,
    /// The settings, in words.
    pub settings: &'static str,
    /// Whether it is measured when no engines are chosen.
    pub by_default: bool,
    /// Whether it validates without doing more.
    pub validates: bool,
    /// Whether compiled modules can be kept in files.
    pub serializes: bool,
    /// Proposals, as the list of workloads calls them, that it does not run.
    pub lacks: fn() -> &'static [&'static str],
    /// Makes it.
    pub make: fn() -> Result<Box<dyn Peer>>,
}

/// Those that this program was built with.
pub fn all() -> Vec<Choice> {
    let mut all = dayfly::choices();
    #[cfg(feature = "wasmi")]
    all.extend(wasmi::choices());
    #[cfg(feature = "wasm3")]
    all.extend(wasm3::choices());
    #[cfg(feature = "wasmtime")]
    all.extend(wasmtime::choices());
    all
}

/// The one of a name.
pub fn by_name(name: &str) -> Result<Choice> {
    find(all(), name, |choice| choice.name)
}

/// The one of `all` whose name is `name`.
pub fn find<T>(mut all: Vec<T>, name: &str, name_of: impl Fn(&T) -> &'static str) -> Result<T> {
    match all.iter().position(|one| name_of(one) == name) {
        Some(at) => Ok(all.swap_remove(at)),
        None => {
            let known: Vec<_> = all.iter().map(name_of).collect();
            bail!("there is no engine `{name}`, but {}", known.join(", "))
        }
    }
}

/// An engine's error, with its causes.
pub fn failure(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error:#}")
}
