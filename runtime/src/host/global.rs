//! Globals and tags, as the host uses them. Spec: appendix/embedding, "Globals", "Tags".

use crate::host::{AsContext, AsContextMut, Error, Result, TagType, Val};
use crate::store::{Global, StoreOpaque, Tag};
use crate::vm::Slot;
use dayfly_parser::GlobalType;

/// All methods panic if the global is of another store than they are given.
impl Global {
    /// A global of the host. The type is canonical.
    ///
    /// # Errors
    /// When `value` does not fit the type.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Global> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let slots = checked_slots(store, ty, value)?;
        // SAFETY: the value was checked against the type and the store.
        Ok(unsafe { store.new_global(ty, slots) })
    }

    /// The global's type, in canonical types.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        store.as_context().opaque().global_type(*self)
    }

    /// The value.
    pub fn get(&self, mut store: impl AsContextMut) -> Val {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let (ty, slots) = (store.global_type(*self), store.global_get_slots(*self));
        // SAFETY: a global holds a value of its type.
        unsafe { Val::from_slots(ty.content, &slots, store) }
    }

    /// Writes the value.
    ///
    /// # Errors
    /// When the global is immutable, or `value` does not fit the type.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let ty = store.global_type(*self);
        if !ty.mutable {
            return Err(Error::msg("the global is immutable"));
        }
        let slots = checked_slots(store, ty, value)?;
        // SAFETY: the global is mutable, the value was checked against type and store.
        unsafe { store.global_set_slots(*self, slots) };
        Ok(())
    }
}

/// All methods panic if the tag is of another store than they are given.
impl Tag {
    /// A tag of the host.
    ///
    /// # Errors
    /// When the function type has results.
    pub fn new(mut store: impl AsContextMut, ty: TagType) -> Result<Tag> {
        if !ty.func.results.is_empty() {
            return Err(Error::msg("a tag's type has no results"));
        }
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let id = store.shared().types().register_func(&ty.func);
        Ok(store.new_tag(id))
    }

    /// The tag's type, in canonical types.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let store = store.as_context().opaque();
        TagType { func: store.shared().types().func(store.tag_type(*self)).clone() }
    }
}

fn checked_slots(store: &StoreOpaque, ty: GlobalType, value: Val) -> Result<[Slot; 2]> {
    value.check(ty.content, store).map_err(|error| error.context("value of a global"))?;
    let mut slots = [0; 2];
    value.to_slots(&mut slots, store);
    Ok(slots)
}
