//! Instances: made from a module and its imports, asked for their exports.
//! Spec: appendix/embedding, "Modules".

use crate::host::{AsContext, AsContextMut, Error, Result, StoreContext, TypedFunc, WasmParams, WasmResults};
use crate::instance::Blueprint;
use crate::instantiate::InstantiateError;
use crate::memory::SharedMemory;
use crate::store::{Extern, Func, Global, Instance, Memory, Table, Tag};
use std::sync::Arc;

/// An export of an instance.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    name: &'a str,
    item: Extern,
}

impl<'a> Export<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// What is exported.
    pub fn into_extern(self) -> Extern {
        self.item
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        self.item.into_func()
    }

    /// The memory, if it is one that is not shared.
    pub fn into_memory(self) -> Option<Memory> {
        self.item.into_memory()
    }

    /// The shared memory, if it is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        self.item.into_shared_memory()
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        self.item.into_table()
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        self.item.into_global()
    }
}

/// All methods panic if the instance is of another store than they are given.
impl Instance {
    /// Makes an instance and runs its start function. `imports` stand in the
    /// module's order; `module` is a `dayfly::Module`.
    ///
    /// # Errors
    /// When imports are missing, too many or of the wrong type
    /// ([`LinkError`](crate::link::LinkError)), when a limit stands against it, when a
    /// segment is out of bounds or the start function fails.
    ///
    /// # Panics
    /// If the module is of another engine, or an import of another store.
    pub fn new(
        mut store: impl AsContextMut,
        module: &impl AsRef<Arc<Blueprint>>,
        imports: &[Extern],
    ) -> Result<Instance> {
        let (blueprint, mut context) = (module.as_ref(), store.as_context_mut());
        let store = context.opaque_mut();
        if imports.len() > blueprint.imports().len() {
            return Err(too_many(blueprint.imports().len(), imports.len()));
        }
        store.instantiate(blueprint, imports).map_err(Error::from_instantiate)
    }

    /// Makes the instance what it was when it was made, and runs its start function again:
    /// memories, tables, globals and segments, the GC heap, and what the instance has thrown.
    /// Handles of it stay good. Everything else that is in the store (what the host made there,
    /// further instances) is dropped, and using it panics; references to the GC heap
    /// have come to the end of their scope. The host's data, fuel and deadlines stay.
    ///
    /// # Errors
    /// When the instance was not made from an `InstancePre` as the store's first, when that
    /// could not prepare for it (imports that are not functions of the host, a shared memory,
    /// a system without the means), or while its code runs. When the start function fails.
    /// When it cannot be made anew, as when the store's limiter refuses: then the instance is gone, and using it
    /// panics. (Also if the limiter panics.)
    pub fn reset(&self, mut store: impl AsContextMut) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let made = store.reset_instance(*self).ok_or_else(not_resettable)?;
        made.map_err(Error::from_instantiate)
    }

    /// An export by name.
    pub fn get_export(&self, mut store: impl AsContextMut, name: &str) -> Option<Extern> {
        store.as_context_mut().opaque_mut().instance_export(*self, name)
    }

    /// An exported function.
    pub fn get_func(&self, store: impl AsContextMut, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// An exported function with its types checked.
    ///
    /// # Errors
    /// When there is no such function, or it has other types.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        mut store: impl AsContextMut,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>> {
        let func = self.get_func(&mut store, name).ok_or_else(|| no_such_function(name))?;
        func.typed(&store).map_err(|error| error.context(format!("the exported function `{name}`")))
    }

    /// An exported memory that is not shared.
    pub fn get_memory(&self, store: impl AsContextMut, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// An exported shared memory.
    pub fn get_shared_memory(&self, store: impl AsContextMut, name: &str) -> Option<SharedMemory> {
        self.get_export(store, name)?.into_shared_memory()
    }

    /// An exported table.
    pub fn get_table(&self, store: impl AsContextMut, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// An exported global.
    pub fn get_global(&self, store: impl AsContextMut, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// An exported tag.
    pub fn get_tag(&self, store: impl AsContextMut, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }

    /// All exports, in the module's order.
    pub fn exports<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> {
        let exports = store.into().opaque().instance_exports(*self);
        exports.map(|(name, item)| Export { name, item }).collect::<Vec<_>>().into_iter()
    }

    /// What the instance was made from.
    pub fn blueprint(&self, store: impl AsContext) -> Arc<Blueprint> {
        let store = store.as_context().opaque();
        store.check(self.store);
        store.instance_blueprint(self.id).clone()
    }
}

impl Error {
    #[cold]
    pub(crate) fn from_instantiate(error: InstantiateError) -> Error {
        match error {
            InstantiateError::Link(error) => Error::new(error),
            InstantiateError::Resource(error) => Error::from_resource(error),
            InstantiateError::Failure(failure) => Error::from_failure(failure),
            InstantiateError::Unsupported(error) => Error::new(error),
        }
    }
}

#[cold]
fn too_many(expected: usize, found: usize) -> Error {
    Error::msg(format!("the module has {expected} imports, {found} were given"))
}

#[cold]
fn not_resettable() -> Error {
    Error::msg(
        "the instance cannot be reset: it was not made from an `InstancePre` as the first of its store, or it runs",
    )
}

#[cold]
fn no_such_function(name: &str) -> Error {
    Error::msg(format!("there is no exported function `{name}`"))
}
