//! Rust types that stand for WebAssembly types, and tuples of them as parameters
//! and results. Their slots are written and read without allocation.

use crate::host::rooted::other_store;
use crate::host::{Error, GcRef, I31, OwnedRooted, Ref, Result, Rooted};
use crate::num::V128;
use crate::store::{Func, StoreOpaque};
use crate::vm::Slot;
use dayfly_parser::{HeapType, RefType, ValType};

/// A Rust type that stands for a WebAssembly type: `i32`, `u32`, `i64`, `u64`,
/// `f32`, `f64`, `V128`, `Func`, [`I31`], [`Rooted`] and [`OwnedRooted`] of any kind of
/// reference, and `Option` of those from `Func` on, which are the nullable types.
///
/// # Safety
/// `store` writes, and `load` reads, the `TYPE.slots()` first slots as a value of
/// `TYPE`. `check_type` accepts only what is of the type.
pub unsafe trait WasmTy: Send + 'static {
    /// The WebAssembly type.
    #[doc(hidden)]
    const TYPE: ValType;

    /// Slots that a value takes.
    #[doc(hidden)]
    const SLOTS: usize = match Self::TYPE {
        ValType::V128 => 2,
        _ => 1,
    };

    /// Fails unless the value may be given to the store.
    #[doc(hidden)]
    #[inline(always)]
    fn check(&self, _store: &StoreOpaque) -> Result<()> {
        Ok(())
    }

    /// Fails unless the value, which may be given to the store, is of a concrete type
    /// that is below `TYPE`.
    #[doc(hidden)]
    fn check_type(&self, _ty: RefType, _store: &StoreOpaque) -> Result<()> {
        Err(no_reference())
    }

    /// Writes a value that `check` accepts.
    #[doc(hidden)]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque);

    /// Reads a value.
    ///
    /// # Safety
    /// The slots hold a value of `TYPE` in the store.
    #[doc(hidden)]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> Self;
}

/// A Rust type for the parameters of a function: a value, or a tuple of up to 16.
///
/// # Safety
/// `store_all` writes, and `load_all` reads, the `SLOTS` first slots as values of `TYPES`.
pub unsafe trait WasmParams: Send + 'static {
    /// The WebAssembly types.
    #[doc(hidden)]
    const TYPES: &'static [ValType];

    /// Slots that the values take.
    #[doc(hidden)]
    const SLOTS: usize;

    /// Fails unless all values may be given to the store.
    #[doc(hidden)]
    fn check_all(&self, store: &StoreOpaque) -> Result<()>;

    /// Fails unless the values, which may be given to the store, are of these types,
    /// each of which is the value's type in `TYPES` or a concrete one below it.
    #[doc(hidden)]
    fn check_types(&self, types: &[ValType], store: &StoreOpaque) -> Result<()>;

    /// Writes values that `check_all` accepts.
    #[doc(hidden)]
    fn store_all(self, slots: &mut [Slot], store: &StoreOpaque);

    /// Reads values.
    ///
    /// # Safety
    /// The slots hold values of `TYPES` in the store.
    #[doc(hidden)]
    unsafe fn load_all(slots: &[Slot], store: &mut StoreOpaque) -> Self;
}

/// A Rust type for the results of a function: `()`, a value, or a tuple of up to 16.
pub trait WasmResults: WasmParams {}

impl<P: WasmParams> WasmResults for P {}

/// What a host function may return: results, or a `Result` of them.
pub trait WasmRet: 'static {
    /// The results.
    #[doc(hidden)]
    type Results: WasmResults;

    /// The results or why there are none.
    #[doc(hidden)]
    fn into_results(self) -> Result<Self::Results>;
}

impl<R: WasmResults> WasmRet for R {
    type Results = R;

    #[inline(always)]
    fn into_results(self) -> Result<R> {
        Ok(self)
    }
}

impl<R: WasmResults> WasmRet for Result<R, Error> {
    type Results = R;

    #[inline(always)]
    fn into_results(self) -> Result<R> {
        self
    }
}

macro_rules! numbers {
    ($($Type:ident $TYPE:ident |$value:ident| $to:expr, |$slot:ident| $from:expr;)*) => {$(
        // SAFETY: one slot, whose upper bits are zero for narrow types.
        unsafe impl WasmTy for $Type {
            const TYPE: ValType = ValType::$TYPE;

            #[inline(always)]
            fn store(self, slots: &mut [Slot], _: &StoreOpaque) {
                let $value = self;
                slots[0] = $to;
            }

            #[inline(always)]
            unsafe fn load(slots: &[Slot], _: &mut StoreOpaque) -> Self {
                let $slot = slots[0];
                $from
            }
        }
    )*};
}

numbers! {
    i32 I32 |n| u64::from(n as u32), |slot| slot as i32;
    u32 I32 |n| u64::from(n), |slot| slot as u32;
    i64 I64 |n| n as u64, |slot| slot as i64;
    u64 I64 |n| n, |slot| slot;
    f32 F32 |x| u64::from(x.to_bits()), |slot| f32::from_bits(slot as u32);
    f64 F64 |x| x.to_bits(), |slot| f64::from_bits(slot);
}

// SAFETY: two slots, low half first.
unsafe impl WasmTy for V128 {
    const TYPE: ValType = ValType::V128;

    #[inline(always)]
    fn store(self, slots: &mut [Slot], _: &StoreOpaque) {
        slots[..2].copy_from_slice(&self.to_u64x2());
    }

    #[inline(always)]
    unsafe fn load(slots: &[Slot], _: &mut StoreOpaque) -> V128 {
        V128::from_u64x2([slots[0], slots[1]])
    }
}

// SAFETY: one slot, as the store writes and reads function references.
unsafe impl WasmTy for Option<Func> {
    const TYPE: ValType = ValType::FUNCREF;

    #[inline]
    fn check(&self, store: &StoreOpaque) -> Result<()> {
        match self {
            Some(func) if !store.owns(func.store) => Err(other_store()),
            _ => Ok(()),
        }
    }

    fn check_type(&self, ty: RefType, store: &StoreOpaque) -> Result<()> {
        Ref::Func(*self).check(ty, store)
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        slots[0] = store.func_to_slot(self);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> Option<Func> {
        // SAFETY: the caller vouches for the slot.
        unsafe { store.slot_to_func(slots[0]) }
    }
}

// SAFETY: one slot, as the store writes and reads references to the GC heap.
unsafe impl<T: GcRef> WasmTy for Option<Rooted<T>> {
    const TYPE: ValType = ValType::Ref(RefType { nullable: true, heap: T::HEAP });

    #[inline]
    fn check(&self, store: &StoreOpaque) -> Result<()> {
        self.as_ref().map_or(Ok(()), |reference| reference.root().check(store))
    }

    fn check_type(&self, ty: RefType, store: &StoreOpaque) -> Result<()> {
        Ref::from(*self).check(ty, store)
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        slots[0] = reference_slot(self.as_deref(), store);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> Option<Rooted<T>> {
        // SAFETY: the caller vouches for the slot.
        unsafe { Rooted::from_slot(slots[0], store) }
    }
}

// SAFETY: as for `Option<Rooted<T>>`.
unsafe impl<T: GcRef> WasmTy for Option<OwnedRooted<T>> {
    const TYPE: ValType = <Option<Rooted<T>>>::TYPE;

    #[inline]
    fn check(&self, store: &StoreOpaque) -> Result<()> {
        self.as_ref().map_or(Ok(()), |reference| reference.root().check(store))
    }

    fn check_type(&self, ty: RefType, store: &StoreOpaque) -> Result<()> {
        let reference = self.as_ref().map(|reference| Rooted::<T>::of(reference.root()));
        Ref::from(reference).check(ty, store)
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        slots[0] = reference_slot(self.as_deref(), store);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> Option<OwnedRooted<T>> {
        // SAFETY: the caller vouches for the slot.
        unsafe { OwnedRooted::from_slot(slots[0], store) }
    }
}

// SAFETY: one slot; an `i31` is in the reference itself.
unsafe impl WasmTy for Option<I31> {
    const TYPE: ValType = ValType::Ref(RefType { nullable: true, heap: HeapType::I31 });

    #[inline]
    fn store(self, slots: &mut [Slot], _: &StoreOpaque) {
        slots[0] = self.map_or(0, |value| value.reference().into());
    }

    #[inline]
    unsafe fn load(slots: &[Slot], _: &mut StoreOpaque) -> Option<I31> {
        (slots[0] != 0).then(|| I31::of_reference(slots[0] as u32))
    }
}

/// A reference that is not null; `Option` of it is the same type with null.
pub trait NotNull: Clone + Send + 'static {}

impl NotNull for Func {}
impl NotNull for I31 {}
impl<T: GcRef> NotNull for Rooted<T> {}
impl<T: GcRef> NotNull for OwnedRooted<T> {}

// SAFETY: as for `Option<T>`; the type excludes null.
unsafe impl<T: NotNull> WasmTy for T
where
    Option<T>: WasmTy,
{
    const TYPE: ValType = match <Option<T>>::TYPE {
        ValType::Ref(ty) => ValType::Ref(RefType { nullable: false, ..ty }),
        number => number,
    };

    #[inline]
    fn check(&self, store: &StoreOpaque) -> Result<()> {
        Some(self.clone()).check(store)
    }

    fn check_type(&self, ty: RefType, store: &StoreOpaque) -> Result<()> {
        Some(self.clone()).check_type(ty, store)
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        Some(self).store(slots, store);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> T {
        // SAFETY: the caller vouches for the slot.
        let value = unsafe { <Option<T>>::load(slots, store) };
        value.expect("a reference that is not nullable is not null")
    }
}

// SAFETY: one value is what its type says.
unsafe impl<A: WasmTy> WasmParams for A {
    const TYPES: &'static [ValType] = &[A::TYPE];
    const SLOTS: usize = A::SLOTS;

    #[inline(always)]
    fn check_all(&self, store: &StoreOpaque) -> Result<()> {
        A::check(self, store)
    }

    fn check_types(&self, types: &[ValType], store: &StoreOpaque) -> Result<()> {
        check_one(self, types[0], store)
    }

    #[inline(always)]
    fn store_all(self, slots: &mut [Slot], store: &StoreOpaque) {
        A::store(self, slots, store);
    }

    #[inline(always)]
    unsafe fn load_all(slots: &[Slot], store: &mut StoreOpaque) -> A {
        // SAFETY: the caller vouches for the slots.
        unsafe { A::load(slots, store) }
    }
}

macro_rules! tuples {
    ($(($($A:ident),*))*) => {$(
        // SAFETY: values one after the other, each as its type says.
        unsafe impl<$($A: WasmTy),*> WasmParams for ($($A,)*) {
            const TYPES: &'static [ValType] = &[$($A::TYPE),*];
            const SLOTS: usize = 0 $(+ $A::SLOTS)*;

            #[inline(always)]
            #[allow(non_snake_case, unused_variables, reason = "values are named as their types; the empty tuple has none")]
            fn check_all(&self, store: &StoreOpaque) -> Result<()> {
                let ($($A,)*) = self;
                $($A.check(store)?;)*
                Ok(())
            }

            #[allow(non_snake_case, unused_variables, unused_mut, reason = "as above")]
            fn check_types(&self, types: &[ValType], store: &StoreOpaque) -> Result<()> {
                let ($($A,)*) = self;
                let mut types = types.iter();
                $(check_one($A, *types.next().expect("a type for each value"), store)?;)*
                Ok(())
            }

            #[inline(always)]
            #[allow(non_snake_case, unused_variables, unused_mut, unused_assignments, reason = "as above")]
            fn store_all(self, slots: &mut [Slot], store: &StoreOpaque) {
                let ($($A,)*) = self;
                let mut at = 0;
                $(
                    WasmTy::store($A, &mut slots[at..at + <$A as WasmTy>::SLOTS], store);
                    at += <$A as WasmTy>::SLOTS;
                )*
            }

            #[inline(always)]
            #[allow(non_snake_case, unused_variables, unused_mut, unused_assignments, clippy::unused_unit, reason = "as above")]
            unsafe fn load_all(slots: &[Slot], store: &mut StoreOpaque) -> Self {
                let mut at = 0;
                $(
                    // SAFETY: the caller vouches for the slots.
                    let $A = unsafe { <$A as WasmTy>::load(&slots[at..at + <$A as WasmTy>::SLOTS], store) };
                    at += <$A as WasmTy>::SLOTS;
                )*
                ($($A,)*)
            }
        }
    )*};
}

tuples! {
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

/// A reference as it stands in a slot, once it was checked.
#[inline]
fn reference_slot<T: GcRef>(reference: Option<&T>, store: &StoreOpaque) -> Slot {
    reference.map_or(0, |reference| store.root_to_slot(reference.root().store, reference.root().index))
}

/// Fails unless a value is of a type: its own or a concrete one below it.
fn check_one<A: WasmTy>(value: &A, ty: ValType, store: &StoreOpaque) -> Result<()> {
    match ty {
        ValType::Ref(ty @ RefType { heap: HeapType::Concrete(_), .. }) => value.check_type(ty, store),
        _ => Ok(()),
    }
}

#[cold]
fn no_reference() -> Error {
    Error::msg("the value is of no concrete type")
}
