//! An operator as the engines see it: grouped by class, its immediates decoded,
//! its branches resolved. The numeric rows of each class come from the table in
//! `ops`. Spec: syntax/instructions.

use crate::index::*;
use crate::ops::*;
use crate::types::*;

/// The address immediate of a memory access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemArg {
    /// Which memory.
    pub memory: MemoryIdx,
    /// Constant that is added to the address; below 2^32 for 32-bit memories.
    pub offset: u64,
    /// Logarithm of the promised alignment.
    pub align_log2: u8,
}

/// The type of a block: what it takes from and leaves on the operand stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockType {
    /// Nothing to nothing.
    Empty,
    /// Nothing to one value.
    Result(ValType),
    /// As a function type says.
    Func(TypeIdx),
}

/// Where a branch goes. Frames of the control stack are counted from the
/// function's own frame, which is 0: `frame` is absolute, so an engine can keep
/// an array beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label {
    /// The control frame that is the target.
    pub frame: u32,
    /// Whether it is a loop: the branch goes backwards, to its start.
    pub is_loop: bool,
    /// How many values the branch carries.
    pub arity: u32,
    /// Height of the operand stack, in values, under the carried ones at the target.
    pub height: u32,
}

/// How a `try_table` or legacy handler catches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CatchKind {
    /// Of a tag: pushes its parameters.
    Tag(TagIdx),
    /// Of a tag: pushes its parameters and the exception.
    TagRef(TagIdx),
    /// Any exception.
    All,
    /// Any exception, which it pushes.
    AllRef,
}

/// One clause of a `try_table`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Catch {
    /// What it catches.
    pub kind: CatchKind,
    /// Where it goes.
    pub label: Label,
}

/// How a struct or array field narrower than a value is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extend {
    /// The field is a whole value.
    None,
    /// Sign-extended.
    Signed,
    /// Zero-extended.
    Unsigned,
}

/// A validated, reachable operator.
///
/// Operators that cannot be reached are never delivered, except the `Else` and
/// `End` that close a frame whose opening was.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Op {
    // Control.
    /// `unreachable`
    Unreachable,
    /// `block`
    Block(BlockType),
    /// `loop`
    Loop(BlockType),
    /// `if`
    If(BlockType),
    /// `else`; `live` tells whether the end of the first arm is reached.
    Else {
        /// Whether control falls out of the first arm.
        live: bool,
    },
    /// `end` of a block, loop, if, try or of the function itself.
    End {
        /// Whether control falls out of the body that ends here.
        live: bool,
    },
    /// `br`
    Br(Label),
    /// `br_if`
    BrIf(Label),
    /// `br_table`: the targets, the default last, are in `Cursor::br_targets`.
    BrTable,
    /// `return`
    Return,
    /// `call`
    Call(FuncIdx),
    /// `call_indirect`
    CallIndirect {
        /// The expected type.
        ty: TypeIdx,
        /// The table.
        table: TableIdx,
    },
    /// `call_ref`
    CallRef(TypeIdx),
    /// `return_call`
    ReturnCall(FuncIdx),
    /// `return_call_indirect`
    ReturnCallIndirect {
        /// The expected type.
        ty: TypeIdx,
        /// The table.
        table: TableIdx,
    },
    /// `return_call_ref`
    ReturnCallRef(TypeIdx),
    // Exceptions.
    /// `try_table`: its clauses are in `Cursor::catches`.
    TryTable(BlockType),
    /// `throw`
    Throw(TagIdx),
    /// `throw_ref`
    ThrowRef,
    /// Legacy `try`
    Try(BlockType),
    /// Legacy `catch` or `catch_all` (`None`); `live` as for `Else`.
    Catch {
        /// What is caught; `None` is `catch_all`.
        tag: Option<TagIdx>,
        /// Whether control falls out of the arm before.
        live: bool,
    },
    /// Legacy `delegate`: closes a `try` like `End`; exceptions in it go to the handler around `frame`.
    Delegate {
        /// The control frame delegated to, counted like `Label::frame`.
        frame: u32,
        /// Whether control falls out of the body that ends here.
        live: bool,
    },
    /// Legacy `rethrow` of the exception that the catch arm of `frame` caught.
    Rethrow {
        /// The control frame whose exception is meant, counted like `Label::frame`.
        frame: u32,
    },
    // Parametric and variables.
    /// `drop` of a value of this type.
    Drop(ValType),
    /// `select` between values of this type.
    Select(ValType),
    /// `local.get`
    LocalGet(LocalIdx),
    /// `local.set`
    LocalSet(LocalIdx),
    /// `local.tee`
    LocalTee(LocalIdx),
    /// `global.get`
    GlobalGet(GlobalIdx),
    /// `global.set`
    GlobalSet(GlobalIdx),
    // Constants.
    /// `i32.const`
    I32Const(i32),
    /// `i64.const`
    I64Const(i64),
    /// `f32.const`, as bits
    F32Const(u32),
    /// `f64.const`, as bits
    F64Const(u64),
    /// `v128.const`, little-endian
    V128Const([u8; 16]),
    // Numbers, by class.
    /// One operand.
    Unary(UnOp),
    /// Two operands.
    Binary(BinOp),
    /// Two operands of one type, compared; the result is an i32.
    Compare(CmpOp),
    /// Three vectors.
    Ternary(TernOp),
    /// A lane out of a vector.
    ExtractLane(ExtractOp, u8),
    /// A lane into a vector.
    ReplaceLane(ReplaceOp, u8),
    /// `i8x16.shuffle`
    I8x16Shuffle([u8; 16]),
    /// Wide arithmetic: two results.
    Wide(WideOp),
    // Memory.
    /// A load.
    Load(LoadOp, MemArg),
    /// A store.
    Store(StoreOp, MemArg),
    /// A load into one lane of a vector.
    LoadLane(LoadLaneOp, MemArg, u8),
    /// A store of one lane of a vector.
    StoreLane(StoreLaneOp, MemArg, u8),
    /// `memory.size`
    MemorySize(MemoryIdx),
    /// `memory.grow`
    MemoryGrow(MemoryIdx),
    /// `memory.fill`
    MemoryFill(MemoryIdx),
    /// `memory.copy`
    MemoryCopy {
        /// Written to.
        dst: MemoryIdx,
        /// Read from.
        src: MemoryIdx,
    },
    /// `memory.init`
    MemoryInit {
        /// Written to.
        memory: MemoryIdx,
        /// Read from.
        data: DataIdx,
    },
    /// `data.drop`
    DataDrop(DataIdx),
    // Atomics.
    /// An atomic load.
    AtomicLoad(AtomicLoadOp, MemArg),
    /// An atomic store.
    AtomicStore(AtomicStoreOp, MemArg),
    /// An atomic read-modify-write.
    AtomicRmw(AtomicRmwOp, MemArg),
    /// An atomic compare-exchange.
    AtomicCmpxchg(AtomicCmpxchgOp, MemArg),
    /// `memory.atomic.notify`
    AtomicNotify(MemArg),
    /// `memory.atomic.wait32`
    AtomicWait32(MemArg),
    /// `memory.atomic.wait64`
    AtomicWait64(MemArg),
    /// `atomic.fence`
    AtomicFence,
    // Tables.
    /// `table.get`
    TableGet(TableIdx),
    /// `table.set`
    TableSet(TableIdx),
    /// `table.size`
    TableSize(TableIdx),
    /// `table.grow`
    TableGrow(TableIdx),
    /// `table.fill`
    TableFill(TableIdx),
    /// `table.copy`
    TableCopy {
        /// Written to.
        dst: TableIdx,
        /// Read from.
        src: TableIdx,
    },
    /// `table.init`
    TableInit {
        /// Written to.
        table: TableIdx,
        /// Read from.
        elem: ElemIdx,
    },
    /// `elem.drop`
    ElemDrop(ElemIdx),
    // References.
    /// `ref.null`
    RefNull(HeapType),
    /// `ref.is_null` of an operand of this type
    RefIsNull(RefType),
    /// `ref.func`
    RefFunc(FuncIdx),
    /// `ref.eq`
    RefEq,
    /// `ref.as_non_null`
    RefAsNonNull,
    /// `br_on_null`
    BrOnNull(Label),
    /// `br_on_non_null`
    BrOnNonNull(Label),
    /// `ref.test`
    RefTest(RefType),
    /// `ref.cast`
    RefCast(RefType),
    /// `br_on_cast`
    BrOnCast {
        /// Where to.
        label: Label,
        /// Static type of the operand.
        from: RefType,
        /// Tested type.
        to: RefType,
    },
    /// `br_on_cast_fail`
    BrOnCastFail {
        /// Where to.
        label: Label,
        /// Static type of the operand.
        from: RefType,
        /// Tested type.
        to: RefType,
    },
    // Aggregates.
    /// `ref.i31`
    RefI31,
    /// `i31.get_s`
    I31GetS,
    /// `i31.get_u`
    I31GetU,
    /// `struct.new`
    StructNew(TypeIdx),
    /// `struct.new_default`
    StructNewDefault(TypeIdx),
    /// `struct.get` and its extending forms
    StructGet(TypeIdx, FieldIdx, Extend),
    /// `struct.set`
    StructSet(TypeIdx, FieldIdx),
    /// `array.new`
    ArrayNew(TypeIdx),
    /// `array.new_default`
    ArrayNewDefault(TypeIdx),
    /// `array.new_fixed` of so many elements
    ArrayNewFixed(TypeIdx, u32),
    /// `array.new_data`
    ArrayNewData(TypeIdx, DataIdx),
    /// `array.new_elem`
    ArrayNewElem(TypeIdx, ElemIdx),
    /// `array.get` and its extending forms
    ArrayGet(TypeIdx, Extend),
    /// `array.set`
    ArraySet(TypeIdx),
    /// `array.len`
    ArrayLen,
    /// `array.fill`
    ArrayFill(TypeIdx),
    /// `array.copy`
    ArrayCopy {
        /// Written to.
        dst: TypeIdx,
        /// Read from.
        src: TypeIdx,
    },
    /// `array.init_data`
    ArrayInitData(TypeIdx, DataIdx),
    /// `array.init_elem`
    ArrayInitElem(TypeIdx, ElemIdx),
    /// `any.convert_extern`
    AnyConvertExtern,
    /// `extern.convert_any`
    ExternConvertAny,
}
