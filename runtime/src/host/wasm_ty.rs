//! Rust types that stand for WebAssembly types, and tuples of them as parameters
//! and results. Their slots are written and read without allocation.

use crate::host::{Error, Result};
use crate::num::V128;
use crate::store::{ExternRef, Func, StoreOpaque};
use crate::vm::Slot;
use dayfly_parser::{HeapType, RefType, ValType};

/// A Rust type that stands for a WebAssembly type: `i32`, `u32`, `i64`, `u64`,
/// `f32`, `f64`, `V128`, `Func`, `ExternRef`, and `Option` of the last two, which
/// are the nullable types.
///
/// # Safety
/// `store` writes, and `load` reads, the `TYPE.slots()` first slots as a value of `TYPE`.
pub unsafe trait WasmTy: Copy + Send + 'static {
    /// The WebAssembly type.
    #[doc(hidden)]
    const TYPE: ValType;

    /// Slots that a value takes.
    #[doc(hidden)]
    const SLOTS: usize = match Self::TYPE {
        ValType::V128 => 2,
        _ => 1,
    };

    /// Whether the value may be given to the store.
    #[doc(hidden)]
    #[inline(always)]
    fn belongs_to(&self, _store: &StoreOpaque) -> bool {
        true
    }

    /// Writes a value that belongs to the store.
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
pub unsafe trait WasmParams: Copy + Send + 'static {
    /// The WebAssembly types.
    #[doc(hidden)]
    const TYPES: &'static [ValType];

    /// Slots that the values take.
    #[doc(hidden)]
    const SLOTS: usize;

    /// Whether all values may be given to the store.
    #[doc(hidden)]
    fn all_belong_to(&self, store: &StoreOpaque) -> bool;

    /// Writes values that belong to the store.
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
    fn belongs_to(&self, store: &StoreOpaque) -> bool {
        self.is_none_or(|func| func.store == store.id())
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

// SAFETY: as for `Option<Func>`; the type excludes null.
unsafe impl WasmTy for Func {
    const TYPE: ValType = ValType::Ref(RefType { nullable: false, heap: HeapType::Func });

    #[inline]
    fn belongs_to(&self, store: &StoreOpaque) -> bool {
        Some(*self).belongs_to(store)
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        Some(self).store(slots, store);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> Func {
        // SAFETY: the caller vouches for the slot.
        unsafe { Option::<Func>::load(slots, store) }.expect("a reference that is not nullable is not null")
    }
}

// SAFETY: one slot, as the store writes and reads references to host values.
unsafe impl WasmTy for Option<ExternRef> {
    const TYPE: ValType = ValType::EXTERNREF;

    #[inline]
    fn belongs_to(&self, store: &StoreOpaque) -> bool {
        self.is_none_or(|value| value.store == store.id())
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        slots[0] = store.extern_to_slot(self);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> Option<ExternRef> {
        // SAFETY: the caller vouches for the slot.
        unsafe { store.slot_to_extern(slots[0]) }
    }
}

// SAFETY: as for `Option<ExternRef>`; the type excludes null.
unsafe impl WasmTy for ExternRef {
    const TYPE: ValType = ValType::Ref(RefType { nullable: false, heap: HeapType::Extern });

    #[inline]
    fn belongs_to(&self, store: &StoreOpaque) -> bool {
        Some(*self).belongs_to(store)
    }

    #[inline]
    fn store(self, slots: &mut [Slot], store: &StoreOpaque) {
        Some(self).store(slots, store);
    }

    #[inline]
    unsafe fn load(slots: &[Slot], store: &mut StoreOpaque) -> ExternRef {
        // SAFETY: the caller vouches for the slot.
        unsafe { store.slot_to_extern(slots[0]) }.expect("a reference that is not nullable is not null")
    }
}

// SAFETY: one value is what its type says.
unsafe impl<A: WasmTy> WasmParams for A {
    const TYPES: &'static [ValType] = &[A::TYPE];
    const SLOTS: usize = A::SLOTS;

    #[inline(always)]
    fn all_belong_to(&self, store: &StoreOpaque) -> bool {
        A::belongs_to(self, store)
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
            fn all_belong_to(&self, store: &StoreOpaque) -> bool {
                let ($($A,)*) = self;
                true $(&& $A.belongs_to(store))*
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
