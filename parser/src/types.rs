//! Types as a module writes them: concrete heap types are indices into the
//! module's own type section. Canonical, engine-wide identities are the
//! runtime's matter. Spec: syntax/types.

use crate::index::TypeIdx;
use core::fmt;
use core::ops::Range;

/// A value type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// Reference.
    Ref(RefType),
}

impl ValType {
    /// `funcref`.
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `externref`.
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

    /// How many 8-byte slots a value of this type takes in a frame: 2 for `v128`, else 1.
    #[inline]
    pub fn slots(self) -> u32 {
        if self == ValType::V128 { 2 } else { 1 }
    }

    /// The reference type, if it is one.
    #[inline]
    pub fn as_ref(self) -> Option<RefType> {
        match self {
            ValType::Ref(r) => Some(r),
            _ => None,
        }
    }

    /// Whether a local or table entry of this type has a default value.
    pub fn is_defaultable(self) -> bool {
        self.as_ref().is_none_or(|r| r.nullable)
    }
}

/// A reference type: a heap type and whether null belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RefType {
    /// Whether null is a value of the type.
    pub nullable: bool,
    /// What is referred to.
    pub heap: HeapType,
}

impl RefType {
    /// `(ref null func)`.
    pub const FUNCREF: RefType = RefType { nullable: true, heap: HeapType::Func };
    /// `(ref null extern)`.
    pub const EXTERNREF: RefType = RefType { nullable: true, heap: HeapType::Extern };
}

/// A heap type: abstract, or a type of the module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HeapType {
    /// Any function.
    Func,
    /// Any host value.
    Extern,
    /// Any internal reference.
    Any,
    /// Any internal reference that can be compared.
    Eq,
    /// An unboxed 31-bit integer.
    I31,
    /// Any structure.
    Struct,
    /// Any array.
    Array,
    /// Any exception.
    Exn,
    /// Any continuation (stack switching).
    Cont,
    /// Bottom of the internal hierarchy.
    None,
    /// Bottom of the function hierarchy.
    NoFunc,
    /// Bottom of the external hierarchy.
    NoExtern,
    /// Bottom of the exception hierarchy.
    NoExn,
    /// Bottom of the continuation hierarchy.
    NoCont,
    /// A type of the module's type section.
    Concrete(TypeIdx),
}

/// Parameters and results of a function.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct FuncType {
    /// Parameter types.
    pub params: Box<[ValType]>,
    /// Result types.
    pub results: Box<[ValType]>,
}

impl FuncType {
    /// A function type of the given parameters and results.
    pub fn new(params: impl Into<Box<[ValType]>>, results: impl Into<Box<[ValType]>>) -> FuncType {
        FuncType { params: params.into(), results: results.into() }
    }

    /// Slots that the parameters take.
    pub fn param_slots(&self) -> u32 {
        self.params.iter().map(|t| t.slots()).sum()
    }

    /// Slots that the results take.
    pub fn result_slots(&self) -> u32 {
        self.results.iter().map(|t| t.slots()).sum()
    }
}

/// What a field of a structure or array stores.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StorageType {
    /// 8-bit integer.
    I8,
    /// 16-bit integer.
    I16,
    /// A whole value.
    Val(ValType),
}

impl StorageType {
    /// The type of the value that is read and written: `i32` for the packed ones.
    pub fn unpacked(self) -> ValType {
        match self {
            StorageType::I8 | StorageType::I16 => ValType::I32,
            StorageType::Val(ty) => ty,
        }
    }
}

/// A field of a structure, or the element of an array.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FieldType {
    /// What it stores.
    pub storage: StorageType,
    /// Whether it can be written.
    pub mutable: bool,
}

/// The shape of a defined type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CompositeType {
    /// A function.
    Func(FuncType),
    /// A structure.
    Struct(Box<[FieldType]>),
    /// An array.
    Array(FieldType),
    /// A continuation of a function type (stack switching).
    Cont(TypeIdx),
}

/// A defined type: its shape, whether it is final, its declared supertype.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SubType {
    /// Whether other types may not derive from it.
    pub is_final: bool,
    /// The declared supertype.
    pub supertype: Option<TypeIdx>,
    /// The shape.
    pub composite: CompositeType,
    /// Whether it may cross threads (shared-everything-threads).
    pub shared: bool,
}

impl SubType {
    /// A final type without supertype.
    pub fn plain(composite: CompositeType) -> SubType {
        SubType { is_final: true, supertype: None, composite, shared: false }
    }

    /// The function type, if it is one.
    pub fn as_func(&self) -> Option<&FuncType> {
        match &self.composite {
            CompositeType::Func(f) => Some(f),
            _ => None,
        }
    }
}

/// A recursion group: the range of type indices that it defines.
pub type RecGroup = Range<u32>;

/// The type of a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TableType {
    /// What its entries are.
    pub element: RefType,
    /// Entries at the start.
    pub min: u64,
    /// Entries at most.
    pub max: Option<u64>,
    /// Whether indices are 64 bits wide.
    pub table64: bool,
    /// Whether threads may share it.
    pub shared: bool,
}

/// The type of a memory. Sizes are in pages of `1 << page_size_log2` bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MemoryType {
    /// Pages at the start.
    pub min: u64,
    /// Pages at most.
    pub max: Option<u64>,
    /// Whether addresses are 64 bits wide.
    pub memory64: bool,
    /// Whether threads may share it.
    pub shared: bool,
    /// Logarithm of the page size: 16, or 0 with custom page sizes.
    pub page_size_log2: u32,
}

impl MemoryType {
    /// A 32-bit memory of 64 KiB pages that is not shared.
    pub fn new(min: u64, max: Option<u64>) -> MemoryType {
        MemoryType { min, max, memory64: false, shared: false, page_size_log2: 16 }
    }

    /// Bytes in a page.
    pub fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }

    /// The most pages that the address type can address: the declared maximum
    /// is never above it, and growth never goes beyond it.
    pub fn address_limit(&self) -> u64 {
        if self.memory64 {
            if self.page_size_log2 == 0 { u64::MAX } else { 1 << (64 - self.page_size_log2) }
        } else {
            if self.page_size_log2 == 0 { u32::MAX as u64 } else { 1 << (32 - self.page_size_log2) }
        }
    }
}

/// The type of a global.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GlobalType {
    /// What it holds.
    pub content: ValType,
    /// Whether it can be written.
    pub mutable: bool,
    /// Whether threads may share it.
    pub shared: bool,
}

/// The type of a tag: a function type whose parameters an exception carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TagType {
    /// The function type.
    pub func: TypeIdx,
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(r) => r.fmt(f),
        }
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageType::I8 => f.write_str("i8"),
            StorageType::I16 => f.write_str("i16"),
            StorageType::Val(ty) => ty.fmt(f),
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mutable { write!(f, "(mut {})", self.storage) } else { self.storage.fmt(f) }
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.heap {
            HeapType::None => "null",
            HeapType::NoFunc => "nullfunc",
            HeapType::NoExtern => "nullextern",
            HeapType::NoExn => "nullexn",
            HeapType::NoCont => "nullcont",
            HeapType::Concrete(_) => "",
            h => h.name(),
        };
        match (self.nullable, name) {
            (true, "") => write!(f, "(ref null {})", self.heap),
            (true, name) => write!(f, "{name}ref"),
            (false, _) => write!(f, "(ref {})", self.heap),
        }
    }
}

impl HeapType {
    fn name(self) -> &'static str {
        match self {
            HeapType::Func => "func",
            HeapType::Extern => "extern",
            HeapType::Any => "any",
            HeapType::Eq => "eq",
            HeapType::I31 => "i31",
            HeapType::Struct => "struct",
            HeapType::Array => "array",
            HeapType::Exn => "exn",
            HeapType::Cont => "cont",
            HeapType::None => "none",
            HeapType::NoFunc => "nofunc",
            HeapType::NoExtern => "noextern",
            HeapType::NoExn => "noexn",
            HeapType::NoCont => "nocont",
            HeapType::Concrete(_) => "concrete",
        }
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapType::Concrete(t) => t.fmt(f),
            h => f.write_str(h.name()),
        }
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| {
            for (i, t) in types.iter().enumerate() {
                write!(f, "{}{t}", if i == 0 { "" } else { " " })?;
            }
            Ok(())
        };
        f.write_str("[")?;
        list(f, &self.params)?;
        f.write_str("] -> [")?;
        list(f, &self.results)?;
        f.write_str("]")
    }
}
