//! Calls whose types are checked once. Invariant: the function of a `TypedFunc`
//! accepts its parameter types and gives its result types.

use crate::backend::REGISTER_SLOTS;
use crate::host::{AsContext, AsContextMut, Error, Result, WasmParams, WasmResults};
use crate::store::{Func, StoreOpaque};
use crate::vm::Slot;
use core::fmt;
use core::marker::PhantomData;
use dayfly_parser::{FuncType, HeapType, RefType, ValType};

/// A function with parameters `Params` and results `Results`, as Rust types.
/// Calling it neither allocates nor checks types, except where the function takes
/// references of a type that a module defines: there each argument is checked.
pub struct TypedFunc<Params, Results> {
    func: Func,
    /// Whether arguments are to be checked at each call.
    checks: bool,
    /// Whether they are not, and the function belongs to an instance, which never changes.
    is_plain: bool,
    types: PhantomData<fn(Params) -> Results>,
}

/// Slots of the largest tuple: 16 values of two slots.
const MAX_SLOTS: usize = 32;

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    /// The function with its types checked.
    pub(crate) fn new(func: Func, store: &impl AsContext) -> Result<TypedFunc<Params, Results>> {
        let store = store.as_context().opaque();
        let types = store.shared().types();
        let ty = types.func(store.func_type_id(func));
        let accepts = |given: &[ValType], wanted: &[ValType]| {
            given.len() == wanted.len() && given.iter().zip(wanted).all(|(g, w)| types.val_is_subtype(*g, *w))
        };
        // No Rust type stands for a type of a module, so those are for each call to check.
        let may_accept = |(given, wanted): (&ValType, &ValType)| match (given, wanted) {
            (ValType::Ref(given), ValType::Ref(RefType { heap: wanted @ HeapType::Concrete(_), .. })) => {
                types.heap_is_subtype(*wanted, given.heap)
            }
            (given, wanted) => types.val_is_subtype(*given, *wanted),
        };
        let checks = !accepts(Params::TYPES, &ty.params);
        let may_accept = !checks
            || Params::TYPES.len() == ty.params.len() && Params::TYPES.iter().zip(&ty.params).all(may_accept);
        if may_accept && accepts(&ty.results, Results::TYPES) {
            let is_plain = !checks && !store.func_ref(func).vm.is_null();
            return Ok(TypedFunc { func, checks, is_plain, types: PhantomData });
        }
        Err(other_type(ty, FuncType::new(Params::TYPES, Results::TYPES)))
    }

    /// The function.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    /// When the guest traps (the error then is a [`Trap`](crate::trap::Trap)), when a
    /// host function fails (the error is that function's), or when a reference among
    /// the parameters is of another store, of another type, or its scope has ended.
    ///
    /// # Panics
    /// If the function is of another store, and with the panic of a host function.
    // It is short, and a call of it and its return would take about a fifth of the time of all.
    #[inline(always)]
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        if Self::FEW && self.is_plain {
            params.check_all(store).map_err(wrong_argument)?;
            let mut slots = [0; REGISTER_SLOTS];
            params.store_all(&mut slots, store);
            // SAFETY: the types were checked, the values belong to the store, and so does the function to an instance.
            return match unsafe { store.call_few(self.func, slots) } {
                // SAFETY: the function leaves its result, whose type was checked, if it has one.
                Ok(result) => Ok(unsafe { Results::load_all(&[result], store) }),
                Err(failure) => Err(Error::from_failure(failure)),
            };
        }
        self.call_by_slots(store, params)
    }

    /// Whether functions of these types are called by `RegisterCall`.
    const FEW: bool =
        Params::SLOTS <= REGISTER_SLOTS && Params::SLOTS == Params::TYPES.len() && Results::SLOTS <= 1;

    #[inline(never)]
    fn call_by_slots(&self, store: &mut StoreOpaque, params: Params) -> Result<Results> {
        // The branch is decided when the function is compiled.
        match Params::SLOTS.max(Results::SLOTS) {
            0..=4 => self.call_with([0; 4], store, params),
            5..=12 => self.call_with([0; 12], store, params),
            _ => self.call_with([0; MAX_SLOTS], store, params),
        }
    }

    #[inline]
    fn call_with<const N: usize>(
        &self,
        mut slots: [Slot; N],
        store: &mut StoreOpaque,
        params: Params,
    ) -> Result<Results> {
        params.check_all(store).map_err(wrong_argument)?;
        if self.checks {
            let ty = store.shared().types().func(store.func_type_id(self.func));
            params.check_types(&ty.params, store).map_err(wrong_argument)?;
        }
        params.store_all(&mut slots, store);
        // SAFETY: the types were checked, the values belong to the store, and `N` is
        // enough for both.
        match unsafe { store.call_raw(self.func, &mut slots) } {
            // SAFETY: the function leaves its results, whose types were checked.
            Ok(()) => Ok(unsafe { Results::load_all(&slots, store) }),
            Err(failure) => Err(Error::from_failure(failure)),
        }
    }
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

#[cold]
fn other_type(found: &FuncType, asked: FuncType) -> Error {
    Error::msg(format!("type mismatch: the function has type {found}, it was asked for as {asked}"))
}

#[cold]
fn wrong_argument(error: Error) -> Error {
    error.context("an argument does not fit the function")
}
