//! Values of the host that guests hold without looking inside.

use crate::gc::ObjectKind;
use crate::host::rooted::{Root, sealed};
use crate::host::{AnyRef, AsContextMut, GcRef, Ref, Result, Rooted, StoreContext, StoreContextMut};
use crate::store::StoreOpaque;
use core::any::Any;
use dayfly_parser::HeapType;
use std::sync::Arc;

/// What an `externref` refers to, through a [`Rooted`] or
/// [`OwnedRooted`](crate::host::OwnedRooted): a value of the host, or one of a guest
/// that `extern.convert_any` has let out.
///
/// All methods fail when the scope of the reference has ended, and panic if it is of
/// another store than they are given.
#[repr(transparent)]
#[derive(Debug)]
pub struct ExternRef(Root);

impl ExternRef {
    /// Gives a value to the store, which drops it some time after the last reference
    /// to it is gone, of guests and of the host. May collect garbage.
    ///
    /// # Errors
    /// When the GC heap is full ([`Trap::GcHeapExhausted`](crate::trap::Trap::GcHeapExhausted)).
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Result<Rooted<ExternRef>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let root = store.new_extern(Arc::new(value))?;
        Ok(Rooted::new(store, root))
    }

    /// An internal reference as an external one, as `extern.convert_any` does.
    ///
    /// # Errors
    /// When the scope of the reference has ended.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn convert_any(mut store: impl AsContextMut, reference: Rooted<AnyRef>) -> Result<Rooted<ExternRef>> {
        reference.root().again(store.as_context_mut().opaque_mut())
    }

    /// The host's value; `None` if it is one of a guest.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let store = store.into().opaque();
        Ok(self.host_index(store)?.map(|index| &**store.host_value(index)))
    }

    /// The host's value, to change it; `None` if it is one of a guest.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let store = store.into().opaque();
        Ok(match self.host_index(store)? {
            Some(index) => store.host_value_mut(index),
            None => None,
        })
    }

    fn host_index(&self, store: &StoreOpaque) -> Result<Option<u32>> {
        let kind = self.0.kind(store)?;
        Ok(if let ObjectKind::Host(index) = kind { Some(index) } else { None })
    }
}

// SAFETY: transparent around a `Root`.
unsafe impl GcRef for ExternRef {
    const HEAP: HeapType = HeapType::Extern;

    fn into_ref(reference: Option<Rooted<ExternRef>>) -> Ref {
        Ref::Extern(reference)
    }
}

impl sealed::Sealed for ExternRef {}
