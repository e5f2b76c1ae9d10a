//! Pre-initialised modules: an initialisation function is run once, and a plain module
//! is written whose instances start from the state that it left. `docs/snapshot.md`.
//! Invariant: what cannot be written is an error that names it; nothing is left out.

mod outside;
mod plan;
mod rewrite;
mod run;
mod segments;
mod sparse;
mod state;

use crate::{AsContextMut, Context, Linker, Module, Result, RootScope};
use plan::Plan;
use state::State;

/// Runs a module's initialisation ahead of time, as Wizer does.
///
/// [`Snapshot::take`] instantiates a module, runs its start function, its `_initialize` and
/// then its initialisation function, and writes a module without these whose memories,
/// tables and globals start with what they hold then.
///
/// ```
/// use dayfly::{Engine, Instance, Linker, Module, Snapshot, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (memory 1)
///         (func (export "wizer-initialize") (i32.store (i32.const 8) (i32.const 42)))
///         (func (export "get") (result i32) (i32.load (i32.const 8))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let bytes = Snapshot::new().take(&mut store, &Linker::new(&engine), &module)?;
///
/// let module = Module::from_binary(&engine, &bytes)?;
/// assert!(module.get_export("wizer-initialize").is_none());
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "get")?.call(&mut store, ())?, 42);
/// # Ok::<(), dayfly::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    init_func: Option<String>,
    renames: Vec<(String, String)>,
    keep_init_func: bool,
}

impl Snapshot {
    /// The default: calls `wizer-initialize` (or, if there is none, `wizer.initialize`, as old
    /// versions of Wizer name it) and leaves it out of the new module.
    pub fn new() -> Snapshot {
        Snapshot::default()
    }

    /// The exported function to call; it takes and returns nothing.
    pub fn init_func(&mut self, name: impl Into<String>) -> &mut Snapshot {
        self.init_func = Some(name.into());
        self
    }

    /// Whether the new module still exports the initialisation function. Default: no.
    pub fn keep_init_func(&mut self, keep: bool) -> &mut Snapshot {
        self.keep_init_func = keep;
        self
    }

    /// Exports the function `old` as `new` in the new module, in place of what was exported
    /// as `new`. A command whose work is split names its second half so: `rename_func("_start", "resume")`.
    pub fn rename_func(&mut self, new: impl Into<String>, old: impl Into<String>) -> &mut Snapshot {
        self.renames.push((new.into(), old.into()));
        self
    }

    /// Initialises an instance of `module` in `store` and writes the new module.
    ///
    /// The linker says what initialisation may import. Functions that it does not define can be
    /// imported but not called. The new module has the same imports as the old one.
    ///
    /// # Errors
    /// When the module has no such function, an import other than a function is not defined,
    /// initialisation fails or calls what is not defined, or when its state cannot be written:
    /// references to host values and to objects that may have changed, functions that are neither
    /// the module's own nor among its imports, imported memories, tables and globals that changed.
    ///
    /// # Panics
    /// If the store, the linker and the module are not of one engine.
    pub fn take<T: 'static>(
        &self,
        mut store: impl AsContextMut<Data = T>,
        linker: &Linker<T>,
        module: &Module,
    ) -> Result<Vec<u8>> {
        let plan = Plan::new(self, module)?;
        let mut store = RootScope::new(&mut store);
        let instance = run::initialise(&mut store, linker, module, &plan)?;
        let state = State::read(&mut store, instance, module.parsed())?;
        let bytes = rewrite::rewrite(module.parsed(), &state, &plan)?;
        Module::validate(module.engine(), &bytes).context("the snapshot is not accepted as a module")?;
        Ok(bytes)
    }
}
