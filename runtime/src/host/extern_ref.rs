//! Values of the host that guests hold without looking inside.

use crate::host::{AsContextMut, Result, StoreContext};
use crate::store::ExternRef;
use core::any::Any;
use std::sync::Arc;

impl ExternRef {
    /// Gives a value to the store, which keeps it as long as it lives.
    ///
    /// # Errors
    /// When the store cannot hold more.
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Result<ExternRef> {
        Ok(store.as_context_mut().opaque_mut().new_extern(Arc::new(value)))
    }

    /// The value.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a (dyn Any + Send + Sync) {
        &**store.into().opaque().extern_value(*self)
    }
}
