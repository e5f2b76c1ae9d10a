//! Scopes of the host's roots.

use crate::host::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::store::RootScopeMark;
use core::fmt;

/// A scope of roots: it is used in place of the store that it is made from, and the
/// [`Rooted`](crate::host::Rooted) references that are made meanwhile end with it. A
/// host that makes many at the top level of a store needs it, so that they do not
/// keep objects alive for as long as the store lives.
pub struct RootScope<C: AsContextMut> {
    store: C,
    mark: Option<RootScopeMark>,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope, which ends when it is dropped.
    pub fn new(mut store: C) -> RootScope<C> {
        let mark = store.as_context_mut().opaque_mut().enter_scope();
        RootScope { store, mark: Some(mark) }
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        if let Some(mark) = self.mark.take() {
            self.store.as_context_mut().opaque_mut().exit_scope(mark);
        }
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}

impl<'a, C: AsContextMut> From<&'a RootScope<C>> for StoreContext<'a, C::Data> {
    fn from(scope: &'a RootScope<C>) -> Self {
        scope.as_context()
    }
}

impl<'a, C: AsContextMut> From<&'a mut RootScope<C>> for StoreContext<'a, C::Data> {
    fn from(scope: &'a mut RootScope<C>) -> Self {
        (&*scope).into()
    }
}

impl<'a, C: AsContextMut> From<&'a mut RootScope<C>> for StoreContextMut<'a, C::Data> {
    fn from(scope: &'a mut RootScope<C>) -> Self {
        scope.as_context_mut()
    }
}

impl<C: AsContextMut> fmt::Debug for RootScope<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootScope").finish_non_exhaustive()
    }
}
