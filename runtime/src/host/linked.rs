//! A module with all its imports found, ready to be instantiated many times.
//! Invariant: an item that is not of a store has been checked against its import.

use crate::host::{AsContext, AsContextMut, Error, HostFuncOf, Result};
use crate::instance::{Blueprint, TemplateOwner};
use crate::link::{ExternType, LinkError, check_import};
use crate::store::{Extern, Instance, StoreOpaque};
use core::fmt;
use std::sync::Arc;

/// Something that can be given for an import in stores with data `T`.
pub struct LinkItem<T: 'static>(Item<T>);

enum Item<T: 'static> {
    /// A host function, for any store of its engine.
    Host(HostFuncOf<T>),
    /// Something of one store or a shared memory, and its type when it was defined.
    Store(Extern, ExternType),
}

/// A module whose imports were all found.
pub struct Linked<T: 'static> {
    blueprint: Arc<Blueprint>,
    items: Arc<[LinkItem<T>]>,
    template: Option<Arc<TemplateOwner>>,
}

impl<T: 'static> LinkItem<T> {
    /// A host function.
    pub fn host(func: HostFuncOf<T>) -> LinkItem<T> {
        LinkItem(Item::Host(func))
    }

    /// Something of a store, for use in that store; a shared memory, for any store of
    /// its engine.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn of_store(store: impl AsContext<Data = T>, item: Extern) -> LinkItem<T> {
        let ty = ExternType::of(store.as_context().opaque(), &item);
        LinkItem(Item::Store(item, ty))
    }

    /// The item in a store.
    ///
    /// # Panics
    /// If it is a host function of another engine.
    pub fn to_extern(&self, mut store: impl AsContextMut<Data = T>) -> Extern {
        self.in_store(store.as_context_mut().opaque_mut())
    }

    fn in_store(&self, store: &mut StoreOpaque) -> Extern {
        match &self.0 {
            Item::Host(func) => Extern::Func(func.insert_in(store)),
            Item::Store(item, _) => item.clone(),
        }
    }

    /// Checks the item against an import as far as that can be done without its store.
    fn check(&self, blueprint: &Blueprint, import: usize) -> Result<(), LinkError> {
        match &self.0 {
            Item::Host(func) => check_import(blueprint, import, &ExternType::Func(func.type_id())),
            Item::Store(_, ty) => {
                // What has a size may have grown since; instantiation looks again.
                let mut grown = *ty;
                match &mut grown {
                    ExternType::Memory(ty) => ty.min = u64::MAX,
                    ExternType::Table(ty) => ty.min = u64::MAX,
                    _ => (),
                }
                check_import(blueprint, import, &grown).or_else(|_| check_import(blueprint, import, ty))
            }
        }
    }
}

impl<T: 'static> Linked<T> {
    /// Links a module: `items` stand in the order of its imports, `None` where nothing
    /// was found.
    ///
    /// # Errors
    /// For the first import that is missing or of another type than expected.
    ///
    /// # Panics
    /// If a host function is of another engine than the module.
    pub fn new(
        module: &impl AsRef<Arc<Blueprint>>,
        items: impl IntoIterator<Item = Option<LinkItem<T>>>,
    ) -> Result<Linked<T>, LinkError> {
        let blueprint = module.as_ref();
        let mut given = items.into_iter();
        let item = |n| {
            let item: LinkItem<T> = given.next().flatten().ok_or_else(|| LinkError::missing(blueprint, n))?;
            if let Item::Host(func) = &item.0 {
                func.check_engine(blueprint.shared());
            }
            item.check(blueprint, n)?;
            Ok(item)
        };
        let items = (0..blueprint.imports().len()).map(item).collect::<Result<_, LinkError>>()?;
        Ok(Linked { blueprint: blueprint.clone(), items, template: None })
    }

    /// Prepares for many instances, which use again what others leave behind, if that is
    /// possible with these imports.
    pub fn prepare(mut self) -> Linked<T> {
        let func = |item: &LinkItem<T>| match &item.0 {
            Item::Host(func) => Some(func.shared().clone()),
            Item::Store(..) => None,
        };
        let imports: Option<Vec<_>> = self.items.iter().map(func).collect();
        let template = imports.and_then(|imports| TemplateOwner::new(&self.blueprint, imports));
        self.template = template.map(Arc::new);
        self
    }

    /// What instances are made from by using others again.
    pub(crate) fn template(&self) -> Option<&TemplateOwner> {
        self.template.as_deref()
    }

    /// The same with another template for the same module and imports.
    pub(crate) fn with_template(&self, template: TemplateOwner) -> Linked<T> {
        Linked { template: Some(Arc::new(template)), ..self.clone() }
    }

    /// The module.
    pub fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// Makes an instance and runs its start function.
    ///
    /// # Errors
    /// When a memory or table is smaller than expected, a limit stands against it, a
    /// segment is out of bounds or the start function fails.
    ///
    /// # Panics
    /// If the store is of another engine, or an item of another store.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        if let Some(owner) = &self.template {
            if let Some(made) = store.instantiate_template(owner) {
                return made.map_err(Error::from_instantiate);
            }
            if owner.template().warm().is_some() {
                return Err(not_warm());
            }
        }
        let mut imports = Vec::with_capacity(self.items.len());
        for (n, item) in self.items.iter().enumerate() {
            let given = item.in_store(store);
            if matches!(item.0, Item::Store(..)) {
                check_import(&self.blueprint, n, &ExternType::of(store, &given))?;
            }
            imports.push(given);
        }
        // SAFETY: host functions were checked by `new`, everything else just now.
        let made = unsafe { store.instantiate_checked(&self.blueprint, &imports) };
        made.map_err(Error::from_instantiate)
    }
}

#[cold]
fn not_warm() -> Error {
    Error::msg(
        "an instance that starts from the state of another is to be the first in its store, \
         and the system has to give the memory for it",
    )
}

impl<T: 'static> Clone for LinkItem<T> {
    fn clone(&self) -> Self {
        LinkItem(match &self.0 {
            Item::Host(func) => Item::Host(func.clone()),
            Item::Store(item, ty) => Item::Store(item.clone(), *ty),
        })
    }
}

impl<T: 'static> Clone for Linked<T> {
    fn clone(&self) -> Self {
        let template = self.template.clone();
        Linked { blueprint: self.blueprint.clone(), items: self.items.clone(), template }
    }
}

impl<T: 'static> fmt::Debug for LinkItem<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Item::Host(func) => func.fmt(f),
            Item::Store(item, _) => item.fmt(f),
        }
    }
}

impl<T: 'static> fmt::Debug for Linked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked").field("items", &self.items).finish_non_exhaustive()
    }
}
