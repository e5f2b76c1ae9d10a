//! Exceptions of the GC heap. Spec: exec/runtime, "Exception Instances".

use crate::gc::ObjectKind;
use crate::host::rooted::{Root, sealed};
use crate::host::struct_ref::{check_values, no_such, read_value, write_values};
use crate::host::{
    AsContext, AsContextMut, Error, ExnType, GcRef, Ref, Result, Rooted, StoreContextMut, Val,
};
use crate::store::{StoreId, StoreOpaque, Tag};
use dayfly_parser::HeapType;

/// What an `exnref` refers to, through a [`Rooted`] or
/// [`OwnedRooted`](crate::host::OwnedRooted).
///
/// All methods fail when the scope of the reference has ended, and panic if it is of
/// another store than they are given.
#[repr(transparent)]
#[derive(Debug)]
pub struct ExnRef(Root);

/// What is needed to make exceptions of a type in a store.
#[derive(Clone, Debug)]
pub struct ExnRefPre {
    store: StoreId,
    ty: ExnType,
}

impl ExnRefPre {
    /// To make exceptions of this type.
    ///
    /// # Panics
    /// If the type is of another engine than the store.
    pub fn new(mut store: impl AsContextMut, ty: ExnType) -> ExnRefPre {
        ExnRefPre { store: ty.check_engine(store.as_context_mut().opaque_mut()), ty }
    }
}

impl ExnRef {
    /// An exception of a tag that carries these values. It is not thrown: a host
    /// function does that by returning what
    /// [`StoreContextMut::throw`](crate::host::StoreContextMut::throw) gives. May
    /// collect garbage.
    ///
    /// # Errors
    /// When the tag is of another type; when number or types of the values are not the
    /// tag's; when the GC heap is full
    /// ([`Trap::GcHeapExhausted`](crate::trap::Trap::GcHeapExhausted)).
    ///
    /// # Panics
    /// If the type was prepared for another store, or the tag is of another.
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &ExnRefPre,
        tag: &Tag,
        fields: &[Val],
    ) -> Result<Rooted<ExnRef>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        store.check(allocator.store);
        let types = allocator.ty.raw_fields();
        if *store.shared().types().func(store.tag_type(*tag)).params != *types {
            return Err(Error::msg(format!("the tag is of another type than {}", allocator.ty)));
        }
        check_values(store, "fields", types.iter().copied(), fields)?;
        let root = store.new_exception(*tag)?;
        // SAFETY: the values were checked against the tag and the store.
        unsafe { write_values(store, root, fields) };
        Ok(Rooted::new(store, root))
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> Result<ExnType> {
        self.ty_in(store.as_context().opaque())
    }

    /// Whether it is of a type of the `exn` hierarchy.
    pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
        self.0.reference(store.as_context().opaque())?;
        Ok(*ty == HeapType::Exn)
    }

    /// The values that it carries.
    pub fn fields<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let store = store.into().opaque();
        let ty = self.ty_in(store)?;
        Ok((0..ty.raw_fields().len()).map(move |n| {
            let ty = ty.raw_fields()[n];
            read_value(store, self.0, n as u32, ty).expect("the exception has the field")
        }))
    }

    /// A value that it carries.
    ///
    /// # Errors
    /// Also when there is no such value.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let ty = self.ty_in(store)?.field(index).ok_or_else(|| no_such("field", index))?;
        read_value(store, self.0, index as u32, ty)
    }

    /// The tag.
    pub fn tag(&self, mut store: impl AsContextMut) -> Result<Tag> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        self.0.reference(store)?;
        Ok(store.exception_tag(self.0.index))
    }

    fn ty_in(&self, store: &StoreOpaque) -> Result<ExnType> {
        match self.0.kind(store)? {
            ObjectKind::Exception(ty) => Ok(ExnType::of(store, ty)),
            _ => unreachable!("the reference is to an exception"),
        }
    }
}

// SAFETY: transparent around a `Root`.
unsafe impl GcRef for ExnRef {
    const HEAP: HeapType = HeapType::Exn;

    fn into_ref(reference: Option<Rooted<ExnRef>>) -> Ref {
        Ref::Exn(reference)
    }
}

impl sealed::Sealed for ExnRef {}
