//! How structures, arrays and exceptions lie in the GC heap: a header of 8 bytes,
//! then the fields, each aligned to its size (at most 8) and placed in the first
//! gap that fits. Invariant: a field's offset depends on the fields before it
//! alone, so that a subtype's first fields lie where its supertype's do.

use crate::types::{TypeId, TypeRegistry};
use dayfly_parser::{CompositeType, HeapType, RefType, StorageType, ValType};

/// Bytes of every object's header.
pub const HEADER_SIZE: u32 = 8;

/// Bytes of an object that stands for a value of the host. It has no more than a header, but is as large as what is kept
/// outside of the heap for such a value, so that the heap's limit is one for that, too.
pub(crate) const HOST_SIZE: u32 = 64;

/// Where the elements of an array begin, in bytes from the array.
pub const ELEMENTS_OFFSET: u32 = HEADER_SIZE;

/// Where an exception's tag, a pointer, stands.
pub(crate) const EXCEPTION_TAG_OFFSET: u32 = HEADER_SIZE;

const EXCEPTION_FIELDS_OFFSET: u32 = EXCEPTION_TAG_OFFSET + 8;

/// What a field or element holds in the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// 8 bits of an `i32`.
    I8,
    /// 16 bits of an `i32`.
    I16,
    /// An `i32`.
    I32,
    /// An `i64`.
    I64,
    /// An `f32`.
    F32,
    /// An `f64`.
    F64,
    /// A `v128`, aligned to 8 bytes.
    V128,
    /// A reference to the GC heap, or an `i31`: 32 bits.
    Ref,
    /// An address that the collector leaves alone: a function or continuation.
    Func,
}

/// A field of a structure or exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// In bytes from the object.
    pub offset: u32,
    /// What it holds.
    pub storage: Storage,
}

/// How the objects of a type lie in the heap.
#[derive(Debug)]
pub struct GcType {
    id: TypeId,
    kind: GcKind,
    /// Offsets of the fields that the collector follows.
    refs: Box<[u32]>,
}

/// What kind of object a type describes.
#[derive(Debug)]
pub enum GcKind {
    /// A structure.
    Struct {
        /// Bytes of an object, a multiple of 8.
        size: u32,
        /// Its fields.
        fields: Box<[Field]>,
    },
    /// An array; its length is in the header, its elements follow.
    Array {
        /// What an element holds.
        element: Storage,
    },
    /// An exception whose tag is of this function type.
    Exception {
        /// Bytes of an object, a multiple of 8.
        size: u32,
        /// The tag's parameters.
        fields: Box<[Field]>,
    },
}

impl Storage {
    /// What a field of a canonical storage type holds.
    pub fn of(types: &TypeRegistry, ty: StorageType) -> Storage {
        match ty {
            StorageType::I8 => Storage::I8,
            StorageType::I16 => Storage::I16,
            StorageType::Val(ValType::I32) => Storage::I32,
            StorageType::Val(ValType::I64) => Storage::I64,
            StorageType::Val(ValType::F32) => Storage::F32,
            StorageType::Val(ValType::F64) => Storage::F64,
            StorageType::Val(ValType::V128) => Storage::V128,
            StorageType::Val(ValType::Ref(ty)) if types.is_gc_ref(ty) => Storage::Ref,
            StorageType::Val(ValType::Ref(_)) => Storage::Func,
        }
    }

    /// Bytes that it takes.
    #[inline]
    pub const fn size(self) -> u32 {
        1 << self.size_log2()
    }

    /// Logarithm of `size`.
    #[inline]
    pub const fn size_log2(self) -> u32 {
        match self {
            Storage::I8 => 0,
            Storage::I16 => 1,
            Storage::I32 | Storage::F32 | Storage::Ref => 2,
            Storage::I64 | Storage::F64 | Storage::Func => 3,
            Storage::V128 => 4,
        }
    }

    /// Slots that its value takes in a frame.
    #[inline]
    pub const fn slots(self) -> u32 {
        if matches!(self, Storage::V128) { 2 } else { 1 }
    }
}

impl GcType {
    /// The layout of a canonical type. That of a function type is what exceptions
    /// whose tag is of this type have.
    pub(crate) fn new(types: &TypeRegistry, id: TypeId) -> GcType {
        let storage = |ty| Storage::of(types, ty);
        let kind = match &types.get(id).composite {
            CompositeType::Struct(fields) => {
                let (size, fields) = place(HEADER_SIZE, fields.iter().map(|f| storage(f.storage)));
                GcKind::Struct { size, fields }
            }
            CompositeType::Array(element) => GcKind::Array { element: storage(element.storage) },
            CompositeType::Func(func) => {
                let params = func.params.iter().map(|ty| storage(StorageType::Val(*ty)));
                let (size, fields) = place(EXCEPTION_FIELDS_OFFSET, params);
                GcKind::Exception { size, fields }
            }
            CompositeType::Cont(_) => GcKind::Struct { size: HEADER_SIZE, fields: Box::default() },
        };
        let refs = match &kind {
            GcKind::Struct { fields, .. } | GcKind::Exception { fields, .. } => {
                fields.iter().filter(|f| f.storage == Storage::Ref).map(|f| f.offset).collect()
            }
            GcKind::Array { .. } => Box::default(),
        };
        GcType { id, kind, refs }
    }

    /// The canonical id.
    #[inline]
    pub fn id(&self) -> TypeId {
        self.id
    }

    /// What kind of object it is.
    #[inline]
    pub fn kind(&self) -> &GcKind {
        &self.kind
    }

    /// The fields of a structure or exception; none for an array.
    #[inline]
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            GcKind::Struct { fields, .. } | GcKind::Exception { fields, .. } => fields,
            GcKind::Array { .. } => &[],
        }
    }

    /// What an element of an array holds.
    #[inline]
    pub fn element(&self) -> Option<Storage> {
        match self.kind {
            GcKind::Array { element } => Some(element),
            _ => None,
        }
    }

    /// The element of an array at an index, which exists, as if it were a field.
    pub(crate) fn element_field(&self, index: u32) -> Option<Field> {
        let storage = self.element()?;
        Some(Field { offset: ELEMENTS_OFFSET + (index << storage.size_log2()), storage })
    }

    /// Whether it is a structure.
    #[inline]
    pub fn is_struct(&self) -> bool {
        matches!(self.kind, GcKind::Struct { .. })
    }

    /// Bytes of an object, a multiple of 8; `len` matters for an array alone.
    #[inline]
    pub fn object_size(&self, len: u32) -> u64 {
        match self.kind {
            GcKind::Struct { size, .. } | GcKind::Exception { size, .. } => u64::from(size),
            GcKind::Array { element } => array_size(element, len),
        }
    }

    /// Offsets of the fields of a structure or exception that the collector follows.
    #[inline]
    pub(crate) fn refs(&self) -> &[u32] {
        &self.refs
    }
}

/// Bytes of an array, a multiple of 8.
#[inline]
pub fn array_size(element: Storage, len: u32) -> u64 {
    (u64::from(ELEMENTS_OFFSET) + (u64::from(len) << element.size_log2())).next_multiple_of(8)
}

impl TypeRegistry {
    /// Whether values of a canonical reference type lie in the GC heap: all but
    /// functions and continuations.
    pub fn is_gc_ref(&self, ty: RefType) -> bool {
        use HeapType::*;
        match ty.heap {
            Func | NoFunc | Cont | NoCont => false,
            Extern | NoExtern | Any | Eq | I31 | Struct | Array | Exn | None | NoExn => true,
            Concrete(idx) => match self.get(TypeId(idx.0)).composite {
                CompositeType::Struct(_) | CompositeType::Array(_) => true,
                CompositeType::Func(_) | CompositeType::Cont(_) => false,
            },
        }
    }
}

/// Places fields from `start` on, which is a multiple of 8; also returns the size
/// of the whole.
fn place(start: u32, storages: impl Iterator<Item = Storage>) -> (u32, Box<[Field]>) {
    let mut end = start;
    // Gaps left by alignment, of sizes 1, 2 and 4. A new one is made only when no gap
    // of that size is left, so there is never more than one of each.
    let mut gaps: [Option<u32>; 3] = [None; 3];
    let fields = storages.map(|storage| {
        let size_log2 = storage.size_log2() as usize;
        let found = (size_log2..gaps.len()).find(|&gap| gaps[gap].is_some());
        let (offset, split_from) = match found {
            Some(gap) => (gaps[gap].take().expect("the gap was found"), gap),
            // Of 8 fresh bytes, what the field does not take becomes gaps.
            None => {
                let offset = end;
                end += storage.size().next_multiple_of(8);
                (offset, gaps.len())
            }
        };
        for (log2, gap) in gaps.iter_mut().enumerate().take(split_from).skip(size_log2) {
            *gap = Some(offset + (1 << log2));
        }
        Field { offset, storage }
    });
    let fields = fields.collect();
    (end, fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(storages: &[Storage]) -> (Vec<u32>, u32) {
        let (size, fields) = place(8, storages.iter().copied());
        (fields.iter().map(|f| f.offset).collect(), size)
    }

    #[test]
    fn fields_fill_gaps_and_are_aligned() {
        use Storage::*;
        assert_eq!(offsets(&[]), (vec![], 8));
        assert_eq!(offsets(&[Ref, I32]), (vec![8, 12], 16));
        assert_eq!(offsets(&[I8, I64, I16, I32, I8]), (vec![8, 16, 10, 12, 9], 24));
        assert_eq!(offsets(&[I8, V128, Func, I8]), (vec![8, 16, 32, 9], 40));
        assert_eq!(offsets(&[I16, I8, F64, F32]), (vec![8, 10, 16, 12], 24));
    }

    #[test]
    fn no_two_fields_overlap() {
        use Storage::*;
        let all = [I8, I16, I32, I64, F32, F64, V128, Ref, Func];
        let mut state = 1u32;
        for _ in 0..500 {
            let storages: Vec<_> = (0..state % 23)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    all[(state >> 16) as usize % all.len()]
                })
                .collect();
            state = state.wrapping_add(1);
            let (size, fields) = place(16, storages.iter().copied());
            let mut taken = vec![false; size as usize];
            for field in &fields {
                assert_eq!(field.offset % field.storage.size().min(8), 0);
                for byte in field.offset..field.offset + field.storage.size() {
                    assert!(!core::mem::replace(&mut taken[byte as usize], true), "{storages:?}");
                }
            }
            // Whatever follows, the first fields stay where they are.
            let (_, first) = place(16, storages[..storages.len() / 2].iter().copied());
            assert_eq!(first[..], fields[..first.len()]);
        }
    }

    #[test]
    fn sizes_of_arrays_do_not_overflow() {
        assert_eq!(array_size(Storage::I8, 0), 8);
        assert_eq!(array_size(Storage::I8, 9), 24);
        assert_eq!(array_size(Storage::V128, u32::MAX), (u64::from(u32::MAX) << 4) + 8);
    }
}
