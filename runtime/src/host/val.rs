//! Values as the host sees them when their type is known only at run time, and
//! their way into slots and back. Spec: exec/runtime, "Values".

use crate::host::{AnyRef, AsContext, Error, ExnRef, ExternRef, GcRef, Ref, Result, Rooted};
use crate::num::V128;
use crate::store::{Func, StoreOpaque};
use crate::vm::Slot;
use dayfly_parser::ValType;

/// A value of any type.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A 128-bit vector.
    V128(V128),
    /// A function, or null.
    FuncRef(Option<Func>),
    /// A value of the host, or null.
    ExternRef(Option<Rooted<ExternRef>>),
    /// A structure, array or `i31`, or null.
    AnyRef(Option<Rooted<AnyRef>>),
    /// An exception, or null.
    ExnRef(Option<Rooted<ExnRef>>),
}

impl Val {
    /// Null of the function type hierarchy.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// Null of the external type hierarchy.
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// Null of the internal type hierarchy.
    pub const fn null_any_ref() -> Val {
        Val::AnyRef(None)
    }

    /// Null of the exception type hierarchy.
    pub const fn null_exn_ref() -> Val {
        Val::ExnRef(None)
    }

    /// Zero or null; `None` for a reference type without null, and for a concrete
    /// one, of which only an engine knows what its null is.
    pub fn default_for_ty(ty: ValType) -> Option<Val> {
        Some(match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128::from_u64x2([0, 0])),
            ValType::Ref(ty) => Ref::null(ty.heap).filter(|_| ty.nullable)?.into(),
        })
    }

    /// The type: of a function, structure or array its own, of null the most special.
    ///
    /// # Errors
    /// When the scope of a reference has ended.
    ///
    /// # Panics
    /// If a reference is of another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ValType> {
        Ok(match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            reference => ValType::Ref(reference.ref_().expect("all others are references").ty(store)?),
        })
    }

    /// Whether it is of a type; concrete types are canonical.
    ///
    /// # Errors
    /// When the scope of a reference has ended.
    ///
    /// # Panics
    /// If a reference is of another store, or a concrete type of another engine.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> Result<bool> {
        let store = store.as_context();
        Ok(store.opaque().shared().types().val_is_subtype(self.ty(store)?, *ty))
    }

    /// The reference, if it is one.
    pub fn ref_(self) -> Option<Ref> {
        match self {
            Val::FuncRef(f) => Some(Ref::Func(f)),
            Val::ExternRef(e) => Some(Ref::Extern(e)),
            Val::AnyRef(a) => Some(Ref::Any(a)),
            Val::ExnRef(e) => Some(Ref::Exn(e)),
            _ => None,
        }
    }

    /// Fails unless the value can stand where `ty` is expected in this store.
    pub(crate) fn check(&self, ty: ValType, store: &StoreOpaque) -> Result<()> {
        match (self, ty) {
            (Val::I32(_), ValType::I32)
            | (Val::I64(_), ValType::I64)
            | (Val::F32(_), ValType::F32)
            | (Val::F64(_), ValType::F64)
            | (Val::V128(_), ValType::V128) => Ok(()),
            (_, ValType::Ref(ty)) => match self.ref_() {
                Some(reference) => reference.check(ty, store),
                None => Err(mismatch(ValType::Ref(ty), self.kind())),
            },
            _ => Err(mismatch(ty, self.kind())),
        }
    }

    /// Writes the slots of the value and returns how many they are.
    ///
    /// # Panics
    /// If a reference is of another store, or its scope has ended.
    pub(crate) fn to_slots(self, slots: &mut [Slot], store: &StoreOpaque) -> usize {
        slots[0] = match self {
            Val::I32(n) => u64::from(n as u32),
            Val::I64(n) => n as u64,
            Val::F32(bits) => u64::from(bits),
            Val::F64(bits) => bits,
            Val::V128(v) => {
                slots[..2].copy_from_slice(&v.to_u64x2());
                return 2;
            }
            reference => reference.ref_().expect("all others are references").to_slot(store),
        };
        1
    }

    /// The value in the first slots.
    ///
    /// # Safety
    /// The slots hold a value of the type in this store.
    pub(crate) unsafe fn from_slots(ty: ValType, slots: &[Slot], store: &mut StoreOpaque) -> Val {
        match ty {
            ValType::I32 => Val::I32(slots[0] as i32),
            ValType::I64 => Val::I64(slots[0] as i64),
            ValType::F32 => Val::F32(slots[0] as u32),
            ValType::F64 => Val::F64(slots[0]),
            ValType::V128 => Val::V128(V128::from_u64x2([slots[0], slots[1]])),
            // SAFETY: the caller vouches for the slot.
            ValType::Ref(ty) => unsafe { Ref::from_slot(ty.heap, slots[0], store) }.into(),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Val::I32(_) => "i32",
            Val::I64(_) => "i64",
            Val::F32(_) => "f32",
            Val::F64(_) => "f64",
            Val::V128(_) => "v128",
            Val::FuncRef(_) => "funcref",
            Val::ExternRef(_) => "externref",
            Val::AnyRef(_) => "anyref",
            Val::ExnRef(_) => "exnref",
        }
    }
}

/// Accessors: `i32` is the value if it is of that kind, `unwrap_i32` panics if it is not.
macro_rules! accessors {
    ($($get:ident $unwrap:ident $Type:ty: $pattern:pat => $value:expr;)*) => {
        impl Val {$(
            #[doc = concat!("The value, if it is of kind `", stringify!($get), "`.")]
            pub fn $get(&self) -> Option<$Type> {
                match *self {
                    $pattern => Some($value),
                    _ => None,
                }
            }

            #[doc = concat!("The value of kind `", stringify!($get), "`.\n\n# Panics\nIf it is of another kind.")]
            #[track_caller]
            pub fn $unwrap(&self) -> $Type {
                self.$get().unwrap_or_else(|| panic!("expected {}, found {}", stringify!($get), self.kind()))
            }
        )*}
    };
}

accessors! {
    i32 unwrap_i32 i32: Val::I32(n) => n;
    i64 unwrap_i64 i64: Val::I64(n) => n;
    f32 unwrap_f32 f32: Val::F32(bits) => f32::from_bits(bits);
    f64 unwrap_f64 f64: Val::F64(bits) => f64::from_bits(bits);
    v128 unwrap_v128 V128: Val::V128(v) => v;
    funcref unwrap_funcref Option<Func>: Val::FuncRef(f) => f;
    externref unwrap_externref Option<Rooted<ExternRef>>: Val::ExternRef(e) => e;
    anyref unwrap_anyref Option<Rooted<AnyRef>>: Val::AnyRef(a) => a;
    exnref unwrap_exnref Option<Rooted<ExnRef>>: Val::ExnRef(e) => e;
}

/// Conversions into `Val`.
macro_rules! conversions {
    ($($Type:ty, $value:ident => $val:expr;)*) => {$(
        impl From<$Type> for Val {
            fn from($value: $Type) -> Val {
                $val
            }
        }
    )*};
}

conversions! {
    i32, n => Val::I32(n);
    u32, n => Val::I32(n as i32);
    i64, n => Val::I64(n);
    u64, n => Val::I64(n as i64);
    f32, x => Val::F32(x.to_bits());
    f64, x => Val::F64(x.to_bits());
    V128, v => Val::V128(v);
    Func, f => Val::FuncRef(Some(f));
    Option<Func>, f => Val::FuncRef(f);
}

impl From<Ref> for Val {
    fn from(reference: Ref) -> Val {
        match reference {
            Ref::Func(f) => Val::FuncRef(f),
            Ref::Extern(e) => Val::ExternRef(e),
            Ref::Any(a) => Val::AnyRef(a),
            Ref::Exn(e) => Val::ExnRef(e),
        }
    }
}

impl<T: GcRef> From<Rooted<T>> for Val {
    fn from(reference: Rooted<T>) -> Val {
        Some(reference).into()
    }
}

impl<T: GcRef> From<Option<Rooted<T>>> for Val {
    fn from(reference: Option<Rooted<T>>) -> Val {
        T::into_ref(reference).into()
    }
}

#[cold]
pub(crate) fn mismatch(expected: ValType, found: &str) -> Error {
    Error::msg(format!("type mismatch: expected {expected}, found {found}"))
}
