//! Modules whose imports were found ahead.

use crate::{AsContextMut, Instance, Module, Result, Store};
use core::fmt;
use dayfly_runtime::host::Linked;

/// A module with all its imports found and checked, ready to be instantiated in any
/// number of stores. Cheap to clone, and may be shared by threads.
///
/// ```
/// use dayfly::{Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (func (export "answer") (result i32) i32.const 42))
/// "#)?;
/// let pre = Linker::new(&engine).instantiate_pre(&module)?;
/// for _ in 0..3 {
///     let mut store = Store::new(&engine, ());
///     let instance = pre.instantiate(&mut store)?;
///     let answer = instance.get_typed_func::<(), i32>(&mut store, "answer")?;
///     assert_eq!(answer.call(&mut store, ())?, 42);
/// }
/// # Ok::<(), dayfly::Error>(())
/// ```
pub struct InstancePre<T: 'static> {
    module: Module,
    linked: Linked<T>,
}

impl<T: 'static> InstancePre<T> {
    pub(crate) fn new(module: &Module, linked: Linked<T>) -> InstancePre<T> {
        InstancePre { module: module.clone(), linked: linked.prepare() }
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Makes an instance and runs its start function.
    ///
    /// # Errors
    /// When a limit stands against it, a segment is out of bounds, or the start
    /// function fails.
    ///
    /// # Panics
    /// If the store is of another engine, or an import was defined in another store.
    pub fn instantiate(&self, store: impl AsContextMut<Data = T>) -> Result<Instance> {
        self.linked.instantiate(store)
    }
}

impl<T: 'static> InstancePre<T> {
    /// The same module, of which instances start from the state after `init`: memories,
    /// globals and tables are as `init` left them, and the start function does not run
    /// again. `store` is an empty one, made for this.
    ///
    /// ```
    /// use dayfly::{Engine, Linker, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///         (memory 1)
    ///         (func (export "prepare") (i32.store (i32.const 8) (i32.const 42)))
    ///         (func (export "get") (result i32) (i32.load (i32.const 8))))
    /// "#)?;
    /// let cold = Linker::new(&engine).instantiate_pre(&module)?;
    /// let warm = cold.warm(Store::new(&engine, ()), |store, instance| {
    ///     instance.get_typed_func::<(), ()>(&mut *store, "prepare")?.call(store, ())
    /// });
    /// # let Ok(warm) = warm else { return Ok(()) };
    /// let mut store = Store::new(&engine, ());
    /// let instance = warm.instantiate(&mut store)?;
    /// assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "get")?.call(&mut store, ())?, 42);
    /// # Ok::<(), dayfly::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the instance cannot be made, when `init` fails, when an instance cannot be used
    /// again (see [`Config::instance_reuse`](crate::Config::instance_reuse)), or when its state
    /// depends on the store: functions, memories, tables or instances that the host has added,
    /// or references to such.
    ///
    /// # Panics
    /// If the store is of another engine.
    pub fn warm(
        &self,
        store: Store<T>,
        init: impl FnOnce(&mut Store<T>, Instance) -> Result<()>,
    ) -> Result<InstancePre<T>> {
        Ok(InstancePre { module: self.module.clone(), linked: self.linked.warm(store, init)? })
    }

    pub(crate) fn linked(&self) -> &Linked<T> {
        &self.linked
    }
}

impl<T: 'static> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        InstancePre { module: self.module.clone(), linked: self.linked.clone() }
    }
}

impl<T: 'static> fmt::Debug for InstancePre<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre").field("module", &self.module).finish_non_exhaustive()
    }
}
