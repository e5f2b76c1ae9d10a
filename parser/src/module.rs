//! A decoded module: every section as data, bodies as byte ranges.
//! A `Module` never changes after it was decoded; no tier keeps notes in it.
//! Spec: syntax/modules.

use crate::bytes::{Bytes, Entries};
use crate::decode;
use crate::features::Features;
use crate::hints::BranchHints;
use crate::index::*;
use crate::names::Names;
use crate::types::*;
use core::ops::{Deref, Range};

/// A decoded WebAssembly module.
#[derive(Debug)]
pub struct Module {
    pub(crate) bytes: Bytes,
    pub(crate) types: Vec<SubType>,
    pub(crate) rec_groups: Vec<RecGroup>,
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<Export>,
    pub(crate) funcs: Vec<TypeIdx>,
    pub(crate) tables: Vec<Table>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<Global>,
    pub(crate) tags: Vec<TagType>,
    pub(crate) imported: ImportCounts,
    pub(crate) start: Option<FuncIdx>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Entries<DataSegment>,
    pub(crate) counts_data: bool,
    pub(crate) bodies: Entries<Body>,
    pub(crate) escaping: Vec<bool>,
    pub(crate) names: Names,
    pub(crate) hints: BranchHints,
    pub(crate) customs: Vec<CustomSection>,
    pub(crate) checks: crate::validate::BodyChecks,
    pub(crate) written: crate::validate::Written,
    pub(crate) features: Features,
}

/// How many entries of each index space are imported; they come first in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Imported functions.
    pub funcs: u32,
    /// Imported tables.
    pub tables: u32,
    /// Imported memories.
    pub memories: u32,
    /// Imported globals.
    pub globals: u32,
    /// Imported tags.
    pub tags: u32,
}

/// An import: two names and what is expected under them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// The module's name.
    pub module: Box<str>,
    /// The field's name.
    pub name: Box<str>,
    /// What is expected.
    pub ty: ImportType,
}

/// What an import expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportType {
    /// A function of this type.
    Func(TypeIdx),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag.
    Tag(TagType),
}

/// An export: a name and what is found under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// The name.
    pub name: Box<str>,
    /// What it names.
    pub item: ExportItem,
}

/// What an export names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportItem {
    /// A function.
    Func(FuncIdx),
    /// A table.
    Table(TableIdx),
    /// A memory.
    Memory(MemoryIdx),
    /// A global.
    Global(GlobalIdx),
    /// A tag.
    Tag(TagIdx),
}

/// A table. `init` is the initial entry where the module gives one; without it entries are null.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Its type.
    pub ty: TableType,
    /// Initial entry; `None` for imported tables too.
    pub init: Option<ConstExpr>,
}

/// A global. `init` is `None` for imported ones.
#[derive(Clone, PartialEq, Debug)]
pub struct Global {
    /// Its type.
    pub ty: GlobalType,
    /// Initial value.
    pub init: Option<ConstExpr>,
}

/// When a segment is written.
#[derive(Clone, PartialEq, Debug)]
pub enum SegmentMode<I> {
    /// At instantiation, to `target` at `offset`.
    Active {
        /// The table or memory.
        target: I,
        /// Where in it.
        offset: ConstExpr,
    },
    /// By `table.init` or `memory.init`.
    Passive,
    /// Never: only declares function references.
    Declared,
}

/// An element segment.
#[derive(Clone, PartialEq, Debug)]
pub struct ElementSegment {
    /// When it is written.
    pub mode: SegmentMode<TableIdx>,
    /// What its items are.
    pub ty: RefType,
    /// The items.
    pub items: ElementItems,
}

/// The items of an element segment, in the module's shorter or longer form.
#[derive(Clone, PartialEq, Debug)]
pub enum ElementItems {
    /// Function indices.
    Funcs(Box<[FuncIdx]>),
    /// Expressions.
    Exprs(Box<[ConstExpr]>),
}

impl ElementItems {
    /// How many items there are.
    pub fn len(&self) -> usize {
        match self {
            ElementItems::Funcs(f) => f.len(),
            ElementItems::Exprs(e) => e.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A data segment: its bytes are a range of the module's bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct DataSegment {
    /// When it is written (never `Declared`).
    pub mode: SegmentMode<MemoryIdx>,
    /// Where its bytes stand in the module.
    pub bytes: Range<usize>,
}

/// A function body: a range of the module's bytes (locals, then operators).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    /// Where it stands in the module.
    pub range: Range<usize>,
}

/// A custom section, where it stands in the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomSection {
    /// Its name.
    pub name: Box<str>,
    /// Its contents, without the name.
    pub bytes: Range<usize>,
}

/// A constant expression, validated.
#[derive(Clone, PartialEq, Debug)]
pub struct ConstExpr {
    /// The operators, in stack order, without the final `end`.
    pub ops: ConstOps,
}

/// Operators of a constant expression; nearly always it is one.
#[derive(Clone, Debug)]
pub enum ConstOps {
    /// One.
    One(ConstOp),
    /// Any number of them.
    Many(Box<[ConstOp]>),
}

impl Deref for ConstOps {
    type Target = [ConstOp];

    fn deref(&self) -> &[ConstOp] {
        match self {
            ConstOps::One(op) => core::slice::from_ref(op),
            ConstOps::Many(ops) => ops,
        }
    }
}

impl PartialEq for ConstOps {
    fn eq(&self, other: &ConstOps) -> bool {
        **self == **other
    }
}

/// An operator of a constant expression. Spec: valid/instructions, "Constant Expressions".
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ConstOp {
    /// `i32.const`
    I32Const(i32),
    /// `i64.const`
    I64Const(i64),
    /// `f32.const`, as bits.
    F32Const(u32),
    /// `f64.const`, as bits.
    F64Const(u64),
    /// `v128.const`, little-endian.
    V128Const([u8; 16]),
    /// `global.get`
    GlobalGet(GlobalIdx),
    /// `ref.null`
    RefNull(HeapType),
    /// `ref.func`
    RefFunc(FuncIdx),
    /// `i32.add`
    I32Add,
    /// `i32.sub`
    I32Sub,
    /// `i32.mul`
    I32Mul,
    /// `i64.add`
    I64Add,
    /// `i64.sub`
    I64Sub,
    /// `i64.mul`
    I64Mul,
    /// `ref.i31`
    RefI31,
    /// `struct.new`
    StructNew(TypeIdx),
    /// `struct.new_default`
    StructNewDefault(TypeIdx),
    /// `array.new`
    ArrayNew(TypeIdx),
    /// `array.new_default`
    ArrayNewDefault(TypeIdx),
    /// `array.new_fixed` of so many elements.
    ArrayNewFixed(TypeIdx, u32),
    /// `any.convert_extern`
    AnyConvertExtern,
    /// `extern.convert_any`
    ExternConvertAny,
}

impl Module {
    /// The module's bytes, as given.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The proposals that were on when the module was made.
    pub fn features(&self) -> Features {
        self.features
    }

    /// All types, in index order.
    pub fn types(&self) -> &[SubType] {
        &self.types
    }

    /// The recursion groups, in order; together they cover `types`.
    pub fn rec_groups(&self) -> &[RecGroup] {
        &self.rec_groups
    }

    /// The imports, in the module's order.
    pub fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// The exports, in the module's order.
    pub fn exports(&self) -> &[Export] {
        &self.exports
    }

    /// The type of every function, imported ones first.
    pub fn funcs(&self) -> &[TypeIdx] {
        &self.funcs
    }

    /// Every table, imported ones first.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Every memory, imported ones first.
    pub fn memories(&self) -> &[MemoryType] {
        &self.memories
    }

    /// Every global, imported ones first.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// Every tag, imported ones first.
    pub fn tags(&self) -> &[TagType] {
        &self.tags
    }

    /// How much of each index space is imported.
    pub fn imported(&self) -> ImportCounts {
        self.imported
    }

    /// The start function.
    pub fn start(&self) -> Option<FuncIdx> {
        self.start
    }

    /// The element segments.
    pub fn elements(&self) -> &[ElementSegment] {
        &self.elements
    }

    /// The data segments.
    pub fn data(&self) -> &[DataSegment] {
        self.data.get(|section| decode::data(&self.bytes, section, self.features))
    }

    /// Whether code may name data segments: then the module tells beforehand how many there are.
    pub fn names_data(&self) -> bool {
        self.counts_data
    }

    /// The bytes of a data segment.
    pub fn data_bytes(&self, data: DataIdx) -> &[u8] {
        &self.bytes[self.data()[data.index()].bytes.clone()]
    }

    /// The bodies of the functions that the module defines.
    pub fn bodies(&self) -> &[Body] {
        self.bodies.get(|section| decode::bodies(&self.bytes, section, self.features))
    }

    /// The functions that the module defines, without looking at their bodies.
    pub fn defined_funcs(&self) -> impl ExactSizeIterator<Item = DefinedFuncIdx> + use<> {
        (0..self.funcs.len() as u32 - self.imported.funcs).map(DefinedFuncIdx)
    }

    /// Names from the `name` section; empty where there are none.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The custom sections.
    pub fn customs(&self) -> &[CustomSection] {
        &self.customs
    }

    /// The function type of a function.
    pub fn func_type(&self, func: FuncIdx) -> &FuncType {
        self.type_func(self.funcs[func.index()])
    }

    /// The function type at a type index.
    ///
    /// # Panics
    /// If the type is not a function type; in a validated module every index
    /// that is used as one is.
    pub fn type_func(&self, ty: TypeIdx) -> &FuncType {
        self.types[ty.index()].as_func().expect("a validated module uses a function type here")
    }

    /// The position of a function among those that the module defines.
    pub fn defined(&self, func: FuncIdx) -> Option<DefinedFuncIdx> {
        func.0.checked_sub(self.imported.funcs).map(DefinedFuncIdx)
    }

    /// The index of a function that the module defines.
    pub fn func_index(&self, func: DefinedFuncIdx) -> FuncIdx {
        FuncIdx(func.0 + self.imported.funcs)
    }

    /// Whether a reference to the function can exist: it is exported, in an
    /// element segment, a global or the operand of a `ref.func`.
    pub fn escapes(&self, func: FuncIdx) -> bool {
        self.escaping[func.index()]
    }

    /// Whether a body may write, fill or grow the table; always with [`Validation::Lazy`](crate::Validation::Lazy), for
    /// then bodies have not been looked at. Active segments are no bodies.
    pub fn writes_table(&self, table: TableIdx) -> bool {
        self.written.table(table.index())
    }

    /// Whether a body may write the global; always with [`Validation::Lazy`](crate::Validation::Lazy).
    pub fn writes_global(&self, global: GlobalIdx) -> bool {
        self.written.global(global.index())
    }
}
