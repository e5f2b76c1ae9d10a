//! Engines whose instances are measured. What their crates spell alike is written once.

use super::density::Crowd;
use crate::engines;
use anyhow::Result;

/// An engine with a module whose imports were found, from which instances are made.
pub trait Contender: Sync {
    /// So many full cycles: a new store, an instance, its export `run` found and called with
    /// a number of pages, all dropped. Returns the last result.
    fn cycles(&self, pages: i32, times: u64) -> Result<i32>;

    /// Handles so many requests with an instance each, and leaves the last response.
    fn requests(&self, request: &[u8], initialise: bool, times: u64, response: &mut Vec<u8>) -> Result<()>;
}

/// An engine in one configuration.
pub struct Choice {
    /// What `--engines` calls it.
    pub name: &'static str,
    /// The crate whose version is reported.
    pub package: &'static str,
    /// The settings, in words.
    pub settings: &'static str,
    /// Loads a module.
    pub load: Box<dyn Fn(&[u8]) -> Result<Box<dyn Contender>>>,
    /// Loads a module of which many instances are to be alive.
    pub crowd: Box<dyn Fn(&[u8]) -> Result<Box<dyn Crowd>>>,
}

/// Those that this program was built with.
pub fn all() -> Vec<Choice> {
    let mut all = super::dayfly::choices();
    #[cfg(feature = "wasmtime")]
    all.extend(super::wasmtime::choices());
    all
}

/// The one of a name.
pub fn by_name(name: &str) -> Result<Choice> {
    engines::find(all(), name, |choice| choice.name)
}

/// `Ready`, which implements `Contender`, of the engine whose `Engine`, `InstancePre`, `Linker`,
/// `Module` and `Store` are in scope.
macro_rules! contender {
    () => {
        use super::contender::Contender;
        use crate::engines::failure;
        use anyhow::{Context, Result};

        struct Ready {
            engine: Engine,
            pre: InstancePre<()>,
        }

        impl Ready {
            /// Functions that are imported trap: what is measured calls none.
            fn new(engine: Engine, wasm: &[u8]) -> Result<Ready> {
                let module = Module::new(&engine, wasm).map_err(failure)?;
                let mut linker = Linker::new(&engine);
                linker.define_unknown_imports_as_traps(&module).map_err(failure)?;
                let pre = linker.instantiate_pre(&module).map_err(failure)?;
                Ok(Ready { engine, pre })
            }

            fn request(&self, request: &[u8], initialise: bool, response: &mut Vec<u8>) -> Result<()> {
                let mut store = Store::new(&self.engine, ());
                let instance = self.pre.instantiate(&mut store).map_err(failure)?;
                if initialise {
                    for name in ["_initialize", "wizer-initialize"] {
                        let func = instance.get_typed_func::<(), ()>(&mut store, name).map_err(failure)?;
                        func.call(&mut store, ()).map_err(failure)?;
                    }
                }
                let memory = instance.get_memory(&mut store, "memory").context("no memory")?;
                let buffer = instance.get_typed_func::<(), i32>(&mut store, "req_buf").map_err(failure)?;
                let at = buffer.call(&mut store, ()).map_err(failure)? as u32 as usize;
                memory.write(&mut store, at, request).map_err(failure)?;
                let handle = instance.get_typed_func::<i32, i32>(&mut store, "handle").map_err(failure)?;
                let len = handle.call(&mut store, request.len() as i32).map_err(failure)? as u32 as usize;
                let buffer = instance.get_typed_func::<(), i32>(&mut store, "rsp_buf").map_err(failure)?;
                let at = buffer.call(&mut store, ()).map_err(failure)? as u32 as usize;
                response.resize(len, 0);
                memory.read(&store, at, response).map_err(failure)
            }
        }

        impl Contender for Ready {
            fn cycles(&self, pages: i32, times: u64) -> Result<i32> {
                let mut result = 0;
                for _ in 0..times {
                    let mut store = Store::new(&self.engine, ());
                    let instance = self.pre.instantiate(&mut store).map_err(failure)?;
                    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").map_err(failure)?;
                    result = run.call(&mut store, pages).map_err(failure)?;
                }
                Ok(result)
            }

            fn requests(
                &self,
                request: &[u8],
                initialise: bool,
                times: u64,
                response: &mut Vec<u8>,
            ) -> Result<()> {
                for _ in 0..times {
                    self.request(request, initialise, response)?;
                }
                Ok(())
            }
        }
    };
}
pub(super) use contender;
