//! Values as the host sees them when their type is known only at run time, and
//! their way into slots and back. Spec: exec/runtime, "Values".

use crate::host::{AsContext, Error, Result};
use crate::num::V128;
use crate::store::{ExternRef, Func, RootIndex, StoreId, StoreOpaque};
use crate::types::{TypeId, TypeRegistry};
use crate::vm::Slot;
use dayfly_parser::{CompositeType, HeapType, RefType, ValType};

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
    ExternRef(Option<ExternRef>),
    /// A value of the guest's own heap, or null.
    AnyRef(Option<AnyRef>),
    /// An exception, or null.
    ExnRef(Option<ExnRef>),
}

/// A reference of any type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Ref {
    /// A function, or null.
    Func(Option<Func>),
    /// A value of the host, or null.
    Extern(Option<ExternRef>),
    /// A value of the guest's own heap, or null.
    Any(Option<AnyRef>),
    /// An exception, or null.
    Exn(Option<ExnRef>),
}

/// A reference to a structure, array or `i31` of a guest, which a host can pass on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AnyRef(Rooted);

/// A reference to an exception, which a host can pass on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExnRef(Rooted);

/// A reference that is rooted in the scope in which the host got it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Rooted {
    store: StoreId,
    root: RootIndex,
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

    /// The type: of a function its own, of any other reference the most general of
    /// its kind, of null the most special.
    ///
    /// # Panics
    /// If a reference is of another store.
    pub fn ty(&self, store: impl AsContext) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            reference => ValType::Ref(reference.as_ref().expect("all others are references").ty(store)),
        }
    }

    /// The reference, if it is one.
    pub fn as_ref(&self) -> Option<Ref> {
        match *self {
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
            (_, ValType::Ref(ty)) => match self.as_ref() {
                Some(reference) => reference.check(ty, store),
                None => Err(mismatch(ValType::Ref(ty), self.kind())),
            },
            _ => Err(mismatch(ty, self.kind())),
        }
    }

    /// Writes the slots of the value and returns how many they are.
    ///
    /// # Panics
    /// If a reference is of another store.
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
            reference => reference.as_ref().expect("all others are references").to_slot(store),
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

    fn kind(&self) -> &'static str {
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

impl Ref {
    /// Null of the hierarchy that an abstract heap type belongs to; `None` for
    /// concrete types and continuations.
    pub fn null(heap: HeapType) -> Option<Ref> {
        match heap {
            HeapType::Func | HeapType::NoFunc => Some(Ref::Func(None)),
            HeapType::Extern | HeapType::NoExtern => Some(Ref::Extern(None)),
            HeapType::Exn | HeapType::NoExn => Some(Ref::Exn(None)),
            HeapType::Cont | HeapType::NoCont | HeapType::Concrete(_) => None,
            HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Struct
            | HeapType::Array
            | HeapType::None => Some(Ref::Any(None)),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Ref::Func(None) | Ref::Extern(None) | Ref::Any(None) | Ref::Exn(None))
    }

    /// The function, if it is one that is not null.
    pub fn as_func(&self) -> Option<Func> {
        match *self {
            Ref::Func(func) => func,
            _ => None,
        }
    }

    /// The type: of a function its own, of any other reference the most general of
    /// its kind, of null the most special.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn ty(&self, store: impl AsContext) -> RefType {
        self.ty_in(store.as_context().opaque())
    }

    /// Fails unless the reference can stand where `ty` is expected in this store.
    pub(crate) fn check(&self, ty: RefType, store: &StoreOpaque) -> Result<()> {
        if self.store_id().is_some_and(|id| id != store.id()) {
            return Err(other_store(ValType::Ref(ty)));
        }
        if store.shared().types().ref_is_subtype(self.ty_in(store), ty) {
            return Ok(());
        }
        let found = if self.is_null() { "null" } else { Val::from(*self).kind() };
        Err(mismatch(ValType::Ref(ty), found))
    }

    /// The reference as it stands in a slot.
    ///
    /// # Panics
    /// If it is of another store.
    pub(crate) fn to_slot(self, store: &StoreOpaque) -> Slot {
        let rooted = |value: Option<Rooted>| value.map_or(0, |v| store.root_to_slot(v.store, v.root));
        match self {
            Ref::Func(func) => store.func_to_slot(func),
            Ref::Extern(value) => store.extern_to_slot(value),
            Ref::Any(value) => rooted(value.map(|v| v.0)),
            Ref::Exn(value) => rooted(value.map(|v| v.0)),
        }
    }

    /// The reference in a slot.
    ///
    /// # Safety
    /// The slot holds a reference of the type in this store.
    pub(crate) unsafe fn from_slot(heap: HeapType, slot: Slot, store: &mut StoreOpaque) -> Ref {
        let id = store.id();
        // SAFETY: the caller vouches for the slot.
        let rooted = |store: &mut StoreOpaque| unsafe {
            store.slot_to_root(slot).map(|root| Rooted { store: id, root })
        };
        match Ref::null_in(heap, store.shared().types()) {
            // SAFETY: the caller vouches for the slot.
            Some(Ref::Func(_)) => Ref::Func(unsafe { store.slot_to_func(slot) }),
            // SAFETY: the caller vouches for the slot.
            Some(Ref::Extern(_)) => Ref::Extern(unsafe { store.slot_to_extern(slot) }),
            Some(Ref::Exn(_)) => Ref::Exn(rooted(store).map(ExnRef)),
            Some(Ref::Any(_)) | None => Ref::Any(rooted(store).map(AnyRef)),
        }
    }

    /// Null of the hierarchy that a heap type belongs to; `None` for continuations.
    pub(crate) fn null_in(heap: HeapType, types: &TypeRegistry) -> Option<Ref> {
        match heap {
            HeapType::Concrete(idx) => match types.get(TypeId(idx.0)).composite {
                CompositeType::Func(_) => Some(Ref::Func(None)),
                CompositeType::Struct(_) | CompositeType::Array(_) => Some(Ref::Any(None)),
                CompositeType::Cont(_) => None,
            },
            heap => Ref::null(heap),
        }
    }

    fn ty_in(&self, store: &StoreOpaque) -> RefType {
        let heap = match *self {
            Ref::Func(Some(func)) => store.func_type_id(func).heap(),
            Ref::Func(None) => HeapType::NoFunc,
            Ref::Extern(Some(_)) => HeapType::Extern,
            Ref::Extern(None) => HeapType::NoExtern,
            Ref::Any(Some(_)) => HeapType::Any,
            Ref::Any(None) => HeapType::None,
            Ref::Exn(Some(_)) => HeapType::Exn,
            Ref::Exn(None) => HeapType::NoExn,
        };
        RefType { nullable: self.is_null(), heap }
    }

    fn store_id(&self) -> Option<StoreId> {
        match *self {
            Ref::Func(value) => value.map(|v| v.store),
            Ref::Extern(value) => value.map(|v| v.store),
            Ref::Any(value) => value.map(|v| v.0.store),
            Ref::Exn(value) => value.map(|v| v.0.store),
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
    func_ref unwrap_func_ref Option<Func>: Val::FuncRef(f) => f;
    extern_ref unwrap_extern_ref Option<ExternRef>: Val::ExternRef(e) => e;
    any_ref unwrap_any_ref Option<AnyRef>: Val::AnyRef(a) => a;
    exn_ref unwrap_exn_ref Option<ExnRef>: Val::ExnRef(e) => e;
}

/// Conversions into `Val`, and into `Ref` for references.
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
    ExternRef, e => Val::ExternRef(Some(e));
    Option<ExternRef>, e => Val::ExternRef(e);
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

impl From<Func> for Ref {
    fn from(func: Func) -> Ref {
        Ref::Func(Some(func))
    }
}

impl From<Option<Func>> for Ref {
    fn from(func: Option<Func>) -> Ref {
        Ref::Func(func)
    }
}

impl From<ExternRef> for Ref {
    fn from(value: ExternRef) -> Ref {
        Ref::Extern(Some(value))
    }
}

impl From<Option<ExternRef>> for Ref {
    fn from(value: Option<ExternRef>) -> Ref {
        Ref::Extern(value)
    }
}

#[cold]
fn mismatch(expected: ValType, found: &str) -> Error {
    Error::msg(format!("type mismatch: expected {expected}, found {found}"))
}

#[cold]
fn other_store(expected: ValType) -> Error {
    Error::msg(format!("expected {expected}, found a reference of another store"))
}
