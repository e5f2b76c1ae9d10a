//! The GC heap and the exceptions of a store, as the host uses them.
//! Spec: exec/instructions, "throw_ref"; appendix/embedding, "Exceptions".

use crate::fault::ThrownException;
use crate::gc::GcStats;
use crate::host::{
    AsContext, AsContextMut, Caller, Error, ExnRef, GcRef, Result, Rooted, Store, StoreContextMut,
};

impl<T: 'static> StoreContextMut<'_, T> {
    /// Frees the objects of the GC heap that nothing refers to, and the host values
    /// among them. It happens by itself when the heap is full.
    pub fn gc(&mut self) {
        self.opaque_mut().gc();
    }

    /// What the GC heap has done and what it takes.
    pub fn gc_stats(&self) -> GcStats {
        self.as_context().opaque().gc_stats()
    }

    /// Throws an exception: makes it the store's pending one and gives a
    /// [`ThrownException`], which a host function returns. Guests may catch it; if none
    /// does, it ends the call by a `ThrownException` and is pending in the store.
    ///
    /// # Errors
    /// Always; when the scope of the exception has ended, by another error.
    ///
    /// # Panics
    /// If the exception is of another store.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R> {
        let store = self.opaque_mut();
        exception.root().reference(store)?;
        store.set_exception(exception.root().index);
        Err(Error::new(ThrownException))
    }

    /// The exception that ended a call by a [`ThrownException`], which then is no longer
    /// pending: a host function that returns the error does not pass the exception on.
    /// It is rooted in the innermost scope.
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        let store = self.opaque_mut();
        let index = store.take_exception()?;
        Some(Rooted::new(store, index))
    }

    /// Whether an exception ended a call and was not taken.
    pub fn has_pending_exception(&self) -> bool {
        self.as_context().opaque().has_exception()
    }
}

impl<T: 'static> Store<T> {
    /// As [`StoreContextMut::gc`].
    pub fn gc(&mut self) {
        self.as_context_mut().gc();
    }

    /// As [`StoreContextMut::gc_stats`].
    pub fn gc_stats(&self) -> GcStats {
        self.as_context().opaque().gc_stats()
    }

    /// As [`StoreContextMut::throw`].
    ///
    /// # Errors
    /// Always.
    ///
    /// # Panics
    /// If the exception is of another store.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R> {
        self.as_context_mut().throw(exception)
    }

    /// As [`StoreContextMut::take_pending_exception`].
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.as_context_mut().take_pending_exception()
    }

    /// As [`StoreContextMut::has_pending_exception`].
    pub fn has_pending_exception(&self) -> bool {
        self.as_context().opaque().has_exception()
    }
}

impl<T: 'static> Caller<'_, T> {
    /// As [`StoreContextMut::gc`].
    pub fn gc(&mut self) {
        self.as_context_mut().gc();
    }

    /// As [`StoreContextMut::gc_stats`].
    pub fn gc_stats(&self) -> GcStats {
        self.as_context().opaque().gc_stats()
    }

    /// As [`StoreContextMut::throw`].
    ///
    /// # Errors
    /// Always.
    ///
    /// # Panics
    /// If the exception is of another store.
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R> {
        self.as_context_mut().throw(exception)
    }

    /// As [`StoreContextMut::take_pending_exception`].
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.as_context_mut().take_pending_exception()
    }

    /// As [`StoreContextMut::has_pending_exception`].
    pub fn has_pending_exception(&self) -> bool {
        self.as_context().opaque().has_exception()
    }
}
