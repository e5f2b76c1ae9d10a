//! Rust functions as functions of the host: closures over typed parameters, and
//! closures over lists of values with a type given at run time.

use crate::host::{AsContextMut, Caller, Error, HostFunc, Result, Val, WasmParams, WasmRet, WasmTy};
use crate::store::{Func, InstanceId, Shared, StoreOpaque};
use crate::types::{TypeId, TypeRegistry};
use crate::vm::Slot;
use core::fmt;
use core::marker::PhantomData;
use dayfly_parser::{FuncType, ValType};
use std::sync::Arc;

/// A Rust closure that can be a function of the host in stores with data `T`.
///
/// It takes up to 16 [`WasmTy`] parameters, before them a [`Caller`] if it wants
/// one, and returns `()`, a `WasmTy`, a tuple of them, or a [`Result`] of any of
/// these. An error ends the running call and comes out of it unchanged.
pub trait IntoFunc<T: 'static, Params, Results>: Send + Sync + 'static {
    /// The host function.
    #[doc(hidden)]
    fn into_func(self, types: &Arc<TypeRegistry>) -> HostFuncOf<T>;
}

/// A function of the host for the stores of one engine whose data is a `T`.
pub struct HostFuncOf<T: 'static> {
    func: Arc<HostFunc>,
    data: PhantomData<fn(T)>,
}

impl<T: 'static> HostFuncOf<T> {
    /// A function that takes and returns what the type of a closure says.
    pub fn wrap<Params, Results>(
        engine: &impl AsRef<Arc<Shared>>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> HostFuncOf<T> {
        func.into_func(engine.as_ref().types())
    }

    /// A function of a type given at run time. `func` gets the arguments and a place
    /// for the results; results of another type end the call by an error.
    pub fn new(
        engine: &impl AsRef<Arc<Shared>>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> HostFuncOf<T> {
        let types = engine.as_ref().types();
        HostFuncOf::of_type(types, types.register_func(&ty), func)
    }

    /// As `new`, of a canonical type.
    ///
    /// # Panics
    /// If there is no such type in the engine, or it is not a function's.
    pub fn with_type_id(
        engine: &impl AsRef<Arc<Shared>>,
        ty: TypeId,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> HostFuncOf<T> {
        HostFuncOf::of_type(engine.as_ref().types(), ty, func)
    }

    pub(crate) fn of_type(
        types: &Arc<TypeRegistry>,
        ty: TypeId,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> HostFuncOf<T> {
        let signature = types.func(ty);
        let (params, results) = (signature.params.clone(), signature.results.clone());
        // SAFETY: results are checked before they are written; `insert` and the
        // linker let only stores with data `T` use the function.
        let func = unsafe {
            HostFunc::new::<_, true>(types, ty, move |store, instance, slots| {
                with_vals(params.len() + results.len(), |vals| {
                    let (args, out) = vals.split_at_mut(params.len());
                    load(&params, args, slots, store);
                    func(Caller::new(store, instance), args, out)?;
                    store_results(&results, out, slots, store)
                })
            })
        };
        HostFuncOf { func, data: PhantomData }
    }

    /// The function's type, in canonical types.
    pub fn ty(&self) -> &FuncType {
        self.func.types().func(self.func.type_id())
    }

    /// The function in a store.
    ///
    /// # Panics
    /// If the store is of another engine.
    pub fn insert(&self, mut store: impl AsContextMut<Data = T>) -> Func {
        self.insert_in(store.as_context_mut().opaque_mut())
    }

    /// As `insert`, for a store whose data the caller knows to be a `T`.
    pub(crate) fn insert_in(&self, store: &mut StoreOpaque) -> Func {
        self.check_engine(store.shared());
        store.keep_host_func(self.func.clone())
    }

    /// The function without the type of the data.
    pub(crate) fn shared(&self) -> &Arc<HostFunc> {
        &self.func
    }

    /// The canonical id of the function's type.
    pub(crate) fn type_id(&self) -> TypeId {
        self.func.type_id()
    }

    /// Panics if the function is of another engine.
    pub(crate) fn check_engine(&self, engine: &Shared) {
        let same = Arc::ptr_eq(self.func.types(), engine.types());
        assert!(same, "host function used with another engine than it was made for");
    }
}

impl<T: 'static> Clone for HostFuncOf<T> {
    fn clone(&self) -> Self {
        HostFuncOf { func: self.func.clone(), data: PhantomData }
    }
}

impl<T: 'static> fmt::Debug for HostFuncOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.func.fmt(f)
    }
}

/// A function whose arguments and results are typed. `CALLER` is whether it may use its first.
fn typed<const CALLER: bool, T, P, R>(
    types: &Arc<TypeRegistry>,
    func: impl Fn(Caller<'_, T>, P) -> R + Send + Sync + 'static,
) -> HostFuncOf<T>
where
    T: 'static,
    P: WasmParams,
    R: WasmRet,
{
    let ty = types.register_func(&FuncType::new(P::TYPES, R::Results::TYPES));
    let body = move |store: &mut StoreOpaque, instance: Option<InstanceId>, slots: &mut [Slot]| {
        // SAFETY: the arguments have the types that `ty` says; only stores with data `T` can use the function.
        let (args, caller) = unsafe { (P::load_all(slots, store), Caller::new(store, instance)) };
        let results = func(caller, args).into_results()?;
        results.check_all(store).map_err(wrong_result)?;
        results.store_all(slots, store);
        Ok(())
    };
    // SAFETY: the results have the types that `ty` says and are checked to belong to the store.
    // Who has neither the store nor gets references makes no roots.
    let func = unsafe {
        if CALLER || P::TYPES.iter().any(|ty| ty.as_ref().is_some()) {
            HostFunc::new::<_, true>(types, ty, body)
        } else {
            HostFunc::new::<_, false>(types, ty, body)
        }
    };
    HostFuncOf { func, data: PhantomData }
}

macro_rules! closures {
    ($(($($A:ident),*))*) => {$(
        #[allow(non_snake_case, reason = "arguments are named as their types")]
        impl<T, Fun, Ret, $($A),*> IntoFunc<T, ($($A,)*), Ret> for Fun
        where
            T: 'static,
            Fun: Fn($($A),*) -> Ret + Send + Sync + 'static,
            Ret: WasmRet,
            $($A: WasmTy,)*
        {
            fn into_func(self, types: &Arc<TypeRegistry>) -> HostFuncOf<T> {
                typed::<false, T, _, _>(types, move |_: Caller<'_, T>, ($($A,)*): ($($A,)*)| self($($A),*))
            }
        }

        #[allow(non_snake_case, reason = "arguments are named as their types")]
        impl<T, Fun, Ret, $($A),*> IntoFunc<T, (Caller<'_, T>, $($A,)*), Ret> for Fun
        where
            T: 'static,
            Fun: Fn(Caller<'_, T>, $($A),*) -> Ret + Send + Sync + 'static,
            Ret: WasmRet,
            $($A: WasmTy,)*
        {
            fn into_func(self, types: &Arc<TypeRegistry>) -> HostFuncOf<T> {
                typed::<true, T, _, _>(types, move |caller: Caller<'_, T>, ($($A,)*): ($($A,)*)| self(caller, $($A),*))
            }
        }
    )*};
}

closures! {
    ()
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
    (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
    (A, B, C, D, E, F, G, H, I)
    (A, B, C, D, E, F, G, H, I, J)
    (A, B, C, D, E, F, G, H, I, J, K)
    (A, B, C, D, E, F, G, H, I, J, K, L)
    (A, B, C, D, E, F, G, H, I, J, K, L, M)
    (A, B, C, D, E, F, G, H, I, J, K, L, M, N)
    (A, B, C, D, E, F, G, H, I, J, K, L, M, N, O)
    (A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P)
}

/// Lends `count` values, from the native stack if they are few.
fn with_vals<R>(count: usize, run: impl FnOnce(&mut [Val]) -> R) -> R {
    const FEW: usize = 8;
    if count <= FEW { run(&mut [Val::I32(0); FEW][..count]) } else { run(&mut vec![Val::I32(0); count]) }
}

/// Reads arguments.
///
/// # Safety
/// The slots hold values of the types in the store.
unsafe fn load(types: &[ValType], vals: &mut [Val], slots: &[Slot], store: &mut StoreOpaque) {
    let mut at = 0;
    for (&ty, val) in types.iter().zip(vals) {
        // SAFETY: the caller vouches for the slots.
        *val = unsafe { Val::from_slots(ty, &slots[at..], store) };
        at += ty.slots() as usize;
    }
}

/// Checks results and writes them.
fn store_results(types: &[ValType], vals: &[Val], slots: &mut [Slot], store: &StoreOpaque) -> Result<()> {
    let mut at = 0;
    for (&ty, val) in types.iter().zip(vals) {
        val.check(ty, store).map_err(wrong_result)?;
        at += val.to_slots(&mut slots[at..], store);
    }
    Ok(())
}

#[cold]
fn wrong_result(error: Error) -> Error {
    error.context("a host function returned a value that does not fit its type")
}
