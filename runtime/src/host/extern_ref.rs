//! Values of the host that guests hold without looking inside.

use crate::host::{AsContextMut, Result, StoreContext};
use crate::store::ExternRef;
use core::any::Any;
use std::sync::Arc;

impl ExternRef {
    /// Gives a value to the store, which keeps it as long as a guest or the host
    /// refers to it. What the host gets refers to it until the scope ends in which it
    /// was made: that of the running host function, else that of the store.
    ///
    /// # Errors
    /// When the store's GC heap is full.
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Result<ExternRef> {
        Ok(store.as_context_mut().opaque_mut().new_extern(Arc::new(value))?)
    }

    /// The value; `None` if it is a guest's, made external by `extern.convert_any`.
    ///
    /// # Panics
    /// If it is of another store, or was used after its scope.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Option<&'a (dyn Any + Send + Sync)> {
        store.into().opaque().extern_value(*self).map(|value| &**value)
    }
}
