//! Functions: made by the host, called with values whose types are checked at each call.

use crate::host::{
    AsContext, AsContextMut, Caller, Error, HostFuncOf, IntoFunc, Result, TypedFunc, Val, WasmParams,
    WasmResults,
};
use crate::store::{Func, StoreOpaque};
use crate::vm::Slot;
use dayfly_parser::FuncType;

/// Arguments and results up to so many slots are passed from the native stack.
const FEW_SLOTS: usize = 16;

impl Func {
    /// A host function of a type given at run time. `func` gets the arguments and a
    /// place for the results; results of another type end the call by an error.
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Func {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let types = store.shared().types();
        HostFuncOf::of_type(types, types.register_func(&ty), func).insert_in(store)
    }

    /// A host function from a closure over Rust types; see [`IntoFunc`].
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        func.into_func(store.shared().types()).insert_in(store)
    }

    /// The function's type, in canonical types.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        self.ty_in(store.as_context().opaque()).clone()
    }

    /// Calls the function. `results` must be as many as the function has.
    ///
    /// # Errors
    /// When number or types of `args`, or the number of `results`, are not the
    /// function's; when the guest traps (the error then is a
    /// [`Trap`](crate::trap::Trap)); when a host function fails (the error is that
    /// function's).
    ///
    /// # Panics
    /// If the function is of another store, and with the panic of a host function.
    pub fn call(&self, mut store: impl AsContextMut, args: &[Val], results: &mut [Val]) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let ty = self.ty_in(store);
        check_count("arguments", ty.params.len(), args.len())?;
        check_count("places for results", ty.results.len(), results.len())?;
        for (n, (val, ty)) in args.iter().zip(&ty.params).enumerate() {
            val.check(*ty, store).map_err(|error| wrong_argument(n, error))?;
        }
        let count = ty.param_slots().max(ty.result_slots()) as usize;
        if count <= FEW_SLOTS {
            self.call_with(store, &mut [0; FEW_SLOTS][..count], args, results)
        } else {
            self.call_with(store, &mut vec![0; count], args, results)
        }
    }

    /// The function with its types checked, to be called without further checks.
    ///
    /// # Errors
    /// When the function has other types.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>> {
        TypedFunc::new(*self, &store)
    }

    /// Calls with arguments that were checked and slots that are enough.
    fn call_with(
        &self,
        store: &mut StoreOpaque,
        slots: &mut [Slot],
        args: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let mut at = 0;
        for val in args {
            at += val.to_slots(&mut slots[at..], store);
        }
        // SAFETY: the arguments were checked, and there are slots for them and the results.
        unsafe { store.call_raw(*self, slots) }.map_err(Error::from_failure)?;
        let mut at = 0;
        let types = store.shared().types().clone();
        for (val, &ty) in results.iter_mut().zip(&types.func(store.func_type_id(*self)).results) {
            // SAFETY: the function leaves values of its result types.
            *val = unsafe { Val::from_slots(ty, &slots[at..], store) };
            at += ty.slots() as usize;
        }
        Ok(())
    }

    fn ty_in<'a>(&self, store: &'a StoreOpaque) -> &'a FuncType {
        store.shared().types().func(store.func_type_id(*self))
    }
}

fn check_count(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found { Ok(()) } else { Err(wrong_count(what, expected, found)) }
}

#[cold]
fn wrong_count(what: &str, expected: usize, found: usize) -> Error {
    Error::msg(format!("expected {expected} {what}, found {found}"))
}

#[cold]
fn wrong_argument(n: usize, error: Error) -> Error {
    error.context(format!("argument {n} does not fit the function"))
}
