//! Finds imports by name.

use crate::{
    AsContext, AsContextMut, Caller, Engine, Extern, FuncType, Instance, InstancePre, IntoFunc, Module,
    Result, Val, error,
};
use core::fmt;
use dayfly_runtime::host::{HostFuncOf, LinkItem, Linked};
use std::collections::HashMap;

/// Definitions by two names, from which the imports of modules are satisfied.
///
/// Functions of the host are for every store of the engine; everything else is for
/// the store that it was defined with. A linker may be shared by threads.
///
/// ```
/// use dayfly::{Caller, Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "count", |mut caller: Caller<'_, u32>, by: u32| {
///     *caller.data_mut() += by;
/// })?;
///
/// let module = Module::new(&engine, r#"
///     (module
///         (import "env" "count" (func $count (param i32)))
///         (func (export "run") (call $count (i32.const 2)) (call $count (i32.const 3))))
/// "#)?;
/// let mut store = Store::new(&engine, 0);
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), 5);
/// # Ok::<(), dayfly::Error>(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    items: HashMap<Box<str>, Names<T>>,
    allow_shadowing: bool,
}

/// The definitions under one module name.
type Names<T> = HashMap<Box<str>, LinkItem<T>>;

impl<T: 'static> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker { engine: engine.clone(), items: HashMap::new(), allow_shadowing: false }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again, the later definition winning. Default: no.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Linker<T> {
        self.allow_shadowing = allow;
        self
    }

    /// Defines something of a store.
    ///
    /// # Errors
    /// When the name is taken.
    ///
    /// # Panics
    /// If the item is of another store.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Linker<T>> {
        self.insert(module, name, LinkItem::of_store(store, item.into()))
    }

    /// Defines something of a store under one name: the module name is empty.
    ///
    /// # Errors
    /// As [`Linker::define`].
    ///
    /// # Panics
    /// As [`Linker::define`].
    pub fn define_name(
        &mut self,
        store: impl AsContext<Data = T>,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Linker<T>> {
        self.define(store, "", name, item)
    }

    /// Defines a function of the host with a type given at run time. `func` gets the
    /// arguments and a place for the results.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Linker<T>> {
        let func = HostFuncOf::new(&self.engine, ty, func);
        self.insert(module, name, LinkItem::host(func))
    }

    /// Defines a function of the host from a closure over Rust types, see [`IntoFunc`].
    ///
    /// # Errors
    /// When the name is taken.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Linker<T>> {
        let func = HostFuncOf::wrap(&self.engine, func);
        self.insert(module, name, LinkItem::host(func))
    }

    /// Defines all exports of an instance under a module name.
    ///
    /// # Errors
    /// When a name is taken.
    ///
    /// # Panics
    /// If the instance is of another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> Result<&mut Linker<T>> {
        let mut context = store.as_context_mut();
        let exports: Vec<_> =
            instance.exports(&mut context).map(|e| (Box::from(e.name()), e.into_extern())).collect();
        for (name, item) in exports {
            let name: Box<str> = name;
            self.insert(module, &name, LinkItem::of_store(&context, item))?;
        }
        Ok(self)
    }

    /// Defines what a module exports. A command (it exports `_start`) is instantiated
    /// anew for each call of one of its functions, which are all that is defined; any
    /// other module is instantiated at once, its `_initialize` called.
    ///
    /// # Errors
    /// When an import of the module is not defined, a name is taken, or instantiation fails.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        name: &str,
        module: &Module,
    ) -> Result<&mut Linker<T>> {
        if module.get_export("_start").is_some() {
            return self.command(name, module);
        }
        let instance = self.instantiate(&mut store, module)?;
        if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
            initialize.call(&mut store, &[], &mut [])?;
        }
        self.instance(store, name, instance)
    }

    /// Gives a definition a second name.
    ///
    /// # Errors
    /// When there is no such definition, or the new name is taken.
    pub fn alias(
        &mut self,
        module: &str,
        name: &str,
        as_module: &str,
        as_name: &str,
    ) -> Result<&mut Linker<T>> {
        let item = self.find(module, name).ok_or_else(|| error::not_defined(module, name))?.clone();
        self.insert(as_module, as_name, item)
    }

    /// Gives all definitions under a module name a second module name.
    ///
    /// # Errors
    /// When there are no such definitions, or a new name is taken.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<&mut Linker<T>> {
        let names = self.items.get(module).ok_or_else(|| error::module_not_defined(module))?.clone();
        for (name, item) in names {
            self.insert(as_module, &name, item)?;
        }
        Ok(self)
    }

    /// A definition, in a store.
    ///
    /// # Panics
    /// If the store is of another engine.
    pub fn get(&self, store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        Some(self.find(module, name)?.to_extern(store))
    }

    /// Makes an instance of a module, with what is defined as its imports.
    ///
    /// # Errors
    /// As [`Linker::instantiate_pre`] and [`InstancePre::instantiate`].
    ///
    /// # Panics
    /// If the store or the module is of another engine, or an import was defined in
    /// another store.
    pub fn instantiate(&self, store: impl AsContextMut<Data = T>, module: &Module) -> Result<Instance> {
        self.link(module)?.instantiate(store)
    }

    /// Finds and checks the imports of a module, to instantiate it many times.
    ///
    /// # Errors
    /// [`LinkError`](crate::LinkError) for the first import that is not defined or of
    /// another type than the module expects.
    ///
    /// # Panics
    /// If the module is of another engine.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>> {
        Ok(InstancePre::new(module, self.link(module)?))
    }

    pub(crate) fn insert(&mut self, module: &str, name: &str, item: LinkItem<T>) -> Result<&mut Linker<T>> {
        if !self.items.contains_key(module) {
            self.items.insert(module.into(), HashMap::new());
        }
        let names = self.items.get_mut(module).expect("it was just inserted");
        if !self.allow_shadowing && names.contains_key(name) {
            return Err(error::defined_twice(module, name));
        }
        names.insert(name.into(), item);
        Ok(self)
    }

    pub(crate) fn find(&self, module: &str, name: &str) -> Option<&LinkItem<T>> {
        self.items.get(module)?.get(name)
    }

    fn link(&self, module: &Module) -> Result<Linked<T>> {
        let imports = module.parsed().imports().iter();
        let found = imports.map(|import| self.find(&import.module, &import.name).cloned());
        Ok(Linked::new(module, found)?)
    }

    fn command(&mut self, module_name: &str, module: &Module) -> Result<&mut Linker<T>> {
        let pre = self.instantiate_pre(module)?;
        for export in module.parsed().exports() {
            let dayfly_runtime::link::ExternType::Func(ty) = module.link_type(export.item) else { continue };
            let (pre, name) = (pre.clone(), export.name.clone());
            let func = HostFuncOf::with_type_id(&self.engine, ty, move |mut caller, args, results| {
                let instance = pre.instantiate(&mut caller)?;
                let func = instance.get_func(&mut caller, &name).expect("the module exports the function");
                func.call(&mut caller, args, results)
            });
            self.insert(module_name, &export.name, LinkItem::host(func))?;
        }
        Ok(self)
    }
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Self {
        let items = self.items.clone();
        Linker { engine: self.engine.clone(), items, allow_shadowing: self.allow_shadowing }
    }
}

impl<T: 'static> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            self.items.iter().flat_map(|(module, names)| names.keys().map(move |n| format!("{module}::{n}")));
        f.debug_set().entries(names).finish()
    }
}
