//! References of any type, and their way into slots and back. Spec: exec/runtime,
//! "Values".

use crate::host::rooted::{Root, other_store};
use crate::host::val::mismatch;
use crate::host::{AnyRef, AsContext, ExnRef, ExternRef, GcRef, Result, Rooted, Val};
use crate::store::{Func, StoreOpaque};
use crate::types::{TypeId, TypeRegistry};
use crate::vm::Slot;
use dayfly_parser::{CompositeType, HeapType, RefType, ValType};

/// A reference of any type.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Ref {
    /// A function, or null.
    Func(Option<Func>),
    /// A value of the host, or null.
    Extern(Option<Rooted<ExternRef>>),
    /// A structure, array or `i31`, or null.
    Any(Option<Rooted<AnyRef>>),
    /// An exception, or null.
    Exn(Option<Rooted<ExnRef>>),
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

    /// The external reference, if it is one that is not null.
    pub fn as_extern(&self) -> Option<Rooted<ExternRef>> {
        match *self {
            Ref::Extern(value) => value,
            _ => None,
        }
    }

    /// The structure, array or `i31`, if it is one and not null.
    pub fn as_any(&self) -> Option<Rooted<AnyRef>> {
        match *self {
            Ref::Any(value) => value,
            _ => None,
        }
    }

    /// The exception, if it is one that is not null.
    pub fn as_exn(&self) -> Option<Rooted<ExnRef>> {
        match *self {
            Ref::Exn(value) => value,
            _ => None,
        }
    }

    /// The type: of a function, structure or array its own, of null the most special.
    ///
    /// # Errors
    /// When the scope of the reference has ended.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn ty(&self, store: impl AsContext) -> Result<RefType> {
        self.ty_in(store.as_context().opaque())
    }

    /// Whether it is of a type; concrete types are canonical.
    ///
    /// # Errors
    /// When the scope of the reference has ended.
    ///
    /// # Panics
    /// If it is of another store, or a concrete type of another engine.
    pub fn matches_ty(&self, store: impl AsContext, ty: &RefType) -> Result<bool> {
        let store = store.as_context().opaque();
        Ok(store.shared().types().ref_is_subtype(self.ty_in(store)?, *ty))
    }

    /// Fails unless the reference can stand where `ty` is expected in this store.
    pub(crate) fn check(&self, ty: RefType, store: &StoreOpaque) -> Result<()> {
        let fits = match (*self, self.root()) {
            (Ref::Func(Some(func)), _) if !store.owns(func.store_id()) => Err(other_store()),
            (_, Some(root)) => root.check(store),
            _ => Ok(()),
        };
        fits.map_err(|error| error.context(expected(ty)))?;
        if store.shared().types().ref_is_subtype(self.ty_in(store)?, ty) {
            return Ok(());
        }
        let found = if self.is_null() { "null" } else { Val::from(*self).kind() };
        Err(mismatch(ValType::Ref(ty), found))
    }

    /// The reference as it stands in a slot.
    ///
    /// # Panics
    /// If it is of another store, or its scope has ended.
    pub(crate) fn to_slot(self, store: &StoreOpaque) -> Slot {
        match self {
            Ref::Func(func) => store.func_to_slot(func),
            _ => self.root().map_or(0, |root| store.root_to_slot(root.store, root.index)),
        }
    }

    /// The reference in a slot, rooted in the innermost scope.
    ///
    /// # Safety
    /// The slot holds a reference of the type in this store.
    pub(crate) unsafe fn from_slot(heap: HeapType, slot: Slot, store: &mut StoreOpaque) -> Ref {
        let null = Ref::null_in(heap, store.shared().types());
        // SAFETY: the caller vouches for the slot.
        unsafe {
            match null {
                Some(Ref::Func(_)) => Ref::Func(store.slot_to_func(slot)),
                Some(Ref::Extern(_)) => Ref::Extern(Rooted::from_slot(slot, store)),
                Some(Ref::Exn(_)) => Ref::Exn(Rooted::from_slot(slot, store)),
                Some(Ref::Any(_)) | None => Ref::Any(Rooted::from_slot(slot, store)),
            }
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

    fn ty_in(&self, store: &StoreOpaque) -> Result<RefType> {
        let heap = match *self {
            Ref::Func(Some(func)) => store.func_type_id(func).heap(),
            Ref::Func(None) => HeapType::NoFunc,
            Ref::Extern(Some(value)) => value.root().reference(store).map(|_| HeapType::Extern)?,
            Ref::Extern(None) => HeapType::NoExtern,
            Ref::Any(Some(value)) => value.root().any_type(store)?,
            Ref::Any(None) => HeapType::None,
            Ref::Exn(Some(value)) => value.root().reference(store).map(|_| HeapType::Exn)?,
            Ref::Exn(None) => HeapType::NoExn,
        };
        Ok(RefType { nullable: self.is_null(), heap })
    }

    /// The root, if it is a reference to the GC heap that is not null.
    fn root(&self) -> Option<Root> {
        match *self {
            Ref::Func(_) => None,
            Ref::Extern(value) => value.map(|value| value.root()),
            Ref::Any(value) => value.map(|value| value.root()),
            Ref::Exn(value) => value.map(|value| value.root()),
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

impl<T: GcRef> From<Rooted<T>> for Ref {
    fn from(reference: Rooted<T>) -> Ref {
        T::into_ref(Some(reference))
    }
}

impl<T: GcRef> From<Option<Rooted<T>>> for Ref {
    fn from(reference: Option<Rooted<T>>) -> Ref {
        T::into_ref(reference)
    }
}

fn expected(ty: RefType) -> String {
    format!("expected {ty}")
}
