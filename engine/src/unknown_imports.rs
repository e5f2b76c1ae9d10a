//! Stand-ins for imports that nobody provides.

use crate::error::{UnknownImportError, no_default};
use crate::{AsContextMut, Extern, Global, Linker, Memory, Module, Ref, Result, SharedMemory, Table, Val};
use dayfly_parser::{HeapType, RefType, ValType};
use dayfly_runtime::host::{HostFuncOf, LinkItem};
use dayfly_runtime::link::ExternType;
use dayfly_runtime::types::TypeId;

impl<T: 'static> Linker<T> {
    /// Defines every function that the module imports and that is not defined yet, as
    /// one that fails with an [`UnknownImportError`] when it is called. Other imports
    /// are left undefined.
    ///
    /// # Errors
    /// None at present.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<()> {
        for (import, ty) in self.unknown_imports(module) {
            let ExternType::Func(ty) = ty else { continue };
            let error = import.clone();
            let func = HostFuncOf::with_type_id(self.engine(), ty, move |_, _, _| Err(error.clone().into()));
            self.insert(&import.module, &import.name, LinkItem::host(func))?;
        }
        Ok(())
    }

    /// Defines everything that the module imports and that is not defined yet: functions
    /// that return zeros and nulls, zero globals, empty memories and tables of the least
    /// size. All but functions are for this store.
    ///
    /// # Errors
    /// When a type has no default, as references that cannot be null and tags have
    /// none, and when a memory or table cannot be made.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<()> {
        for (import, ty) in self.unknown_imports(module) {
            let item = match ty {
                ExternType::Func(ty) => LinkItem::host(self.default_func(&import, ty)?),
                other => {
                    let item = default_item(&mut store, module, &import, other)?;
                    LinkItem::of_store(&store, item)
                }
            };
            self.insert(&import.module, &import.name, item)?;
        }
        Ok(())
    }

    fn default_func(&self, import: &UnknownImportError, ty: TypeId) -> Result<HostFuncOf<T>> {
        let types = self.engine().shared().types();
        let default = |&ty: &ValType| default_val(ty, |id| types.get(id).as_func().is_some(), import);
        let defaults = types.func(ty).results.iter().map(default).collect::<Result<Vec<_>>>()?;
        Ok(HostFuncOf::with_type_id(self.engine(), ty, move |_, _, results| {
            results.copy_from_slice(&defaults);
            Ok(())
        }))
    }

    /// Imports that are not defined, each once.
    fn unknown_imports(&self, module: &Module) -> Vec<(UnknownImportError, ExternType)> {
        let mut unknown: Vec<(UnknownImportError, ExternType)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (import, ty) in module.parsed().imports().iter().zip(module.blueprint().imports()) {
            let known = self.find(&import.module, &import.name).is_some();
            if !known && seen.insert((&import.module, &import.name)) {
                let names = UnknownImportError { module: import.module.clone(), name: import.name.clone() };
                unknown.push((names, *ty));
            }
        }
        unknown
    }
}

fn default_item(
    mut store: impl AsContextMut,
    module: &Module,
    import: &UnknownImportError,
    ty: ExternType,
) -> Result<Extern> {
    let types = module.engine().shared().types();
    let is_func = |id| types.get(id).as_func().is_some();
    Ok(match ty {
        ExternType::Memory(ty) if ty.shared => SharedMemory::new(module.engine(), ty)?.into(),
        ExternType::Memory(ty) => Memory::new(&mut store, ty)?.into(),
        ExternType::Global(ty) => {
            let value = default_val(ty.content, is_func, import)?;
            Global::new(&mut store, ty, value)?.into()
        }
        ExternType::Table(ty) => {
            let null = default_val(ValType::Ref(ty.element), is_func, import)?;
            let null = null.ref_().expect("the default of a reference type is a reference");
            Table::new(&mut store, ty, null)?.into()
        }
        ExternType::Func(_) | ExternType::Tag(_) => {
            return Err(no_default(&import.module, &import.name, ty.in_words(types)));
        }
    })
}

/// Zero or null. `is_func` tells what a concrete type is.
fn default_val(ty: ValType, is_func: impl Fn(TypeId) -> bool, import: &UnknownImportError) -> Result<Val> {
    let val = match ty {
        ValType::Ref(RefType { nullable: true, heap: HeapType::Concrete(idx) }) => {
            Some(if is_func(TypeId(idx.0)) { Ref::Func(None) } else { Ref::Any(None) }.into())
        }
        ty => Val::default_for_ty(ty),
    };
    val.ok_or_else(|| no_default(&import.module, &import.name, ty))
}
