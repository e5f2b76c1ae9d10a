//! Finds the handler of an instruction: tables of all instantiations, one row an
//! operator, built from the operator table at compile time.

use crate::exec::control::*;
use crate::exec::dispatch::Handler;
use crate::exec::memory::*;
use crate::exec::numeric::*;
use crate::exec::operand::{A, I, Operand, S, ToAcc, ToSlot};
use core::marker::PhantomData;
use dayfly_parser::ValType;
use dayfly_parser::ops::*;
use dayfly_runtime::num::ops;
use dayfly_runtime::num::ops::{Binary, Compare, Extract, Unary};
use dayfly_runtime::num::{V128, Value};

/// Where an operand comes from: the classes of `operand`, as a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A slot.
    S,
    /// An immediate.
    I,
    /// The accumulator.
    A,
}

/// The handlers of a value-producing instruction: one that writes the result's
/// slot, and one that leaves it in the accumulator, where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Writes the slot, and the accumulator if the result has one.
    pub to_slot: Handler,
    /// What happens to the accumulator of the result's bank.
    pub acc: InAcc,
}

/// What an instruction does to the accumulator of its result's bank.
#[derive(Clone, Copy, Debug)]
pub enum InAcc {
    /// Nothing.
    Untouched,
    /// The result is there as well as in its slot.
    Too,
    /// As `Too`; and this handler leaves the result there alone.
    Alone(Handler),
}

impl Pair {
    /// An instruction that does not touch the accumulators.
    pub fn slot_only(to_slot: Handler) -> Pair {
        Pair { to_slot, acc: InAcc::Untouched }
    }

    fn new([to_slot, to_acc]: [Handler; 2], vector: bool) -> Pair {
        Pair { to_slot, acc: if vector { InAcc::Too } else { InAcc::Alone(to_acc) } }
    }
}

/// Whether any of the types is a vector, which lives in slots only.
const fn vector<X: Value>() -> bool {
    matches!(X::TYPE, ValType::V128)
}

/// Fills the places of a table that no instruction uses.
const NONE: Handler = unreachable;

struct BinaryRow<O>(PhantomData<O>);
impl<O: Binary<A: Operand, B: Operand, R: Operand>> BinaryRow<O> {
    const ROW: [[Handler; 2]; 9] = if vector::<O::A>() || vector::<O::B>() || vector::<O::R>() {
        let mut row = [[NONE; 2]; 9];
        row[0][0] = binary::<O, S, S, ToSlot>;
        row
    } else {
        [
            [binary::<O, S, S, ToSlot>, binary::<O, S, S, ToAcc>],
            [binary::<O, S, I, ToSlot>, binary::<O, S, I, ToAcc>],
            [binary::<O, S, A, ToSlot>, binary::<O, S, A, ToAcc>],
            [binary::<O, I, S, ToSlot>, binary::<O, I, S, ToAcc>],
            [NONE, NONE],
            [binary::<O, I, A, ToSlot>, binary::<O, I, A, ToAcc>],
            [binary::<O, A, S, ToSlot>, binary::<O, A, S, ToAcc>],
            [binary::<O, A, I, ToSlot>, binary::<O, A, I, ToAcc>],
            [binary::<O, A, A, ToSlot>, binary::<O, A, A, ToAcc>],
        ]
    };
    const VECTOR: bool = vector::<O::A>() || vector::<O::B>() || vector::<O::R>();
}

struct UnaryRow<O>(PhantomData<O>);
impl<O: Unary<A: Operand, R: Operand>> UnaryRow<O> {
    const ROW: [[Handler; 2]; 2] = if vector::<O::A>() || vector::<O::R>() {
        [[unary::<O, S, ToSlot>, NONE], [NONE, NONE]]
    } else {
        [[unary::<O, S, ToSlot>, unary::<O, S, ToAcc>], [unary::<O, A, ToSlot>, unary::<O, A, ToAcc>]]
    };
    const VECTOR: bool = vector::<O::A>() || vector::<O::R>();
}

struct CompareRow<O>(PhantomData<O>);
impl<O: Compare<A: Operand>> CompareRow<O> {
    /// By classes of `CMP_CLASSES`; the value to the slot or accumulator, the branch when false or true.
    const ROW: [[Handler; 4]; 6] = [
        Self::entry_s::<S>(),
        Self::entry_s::<I>(),
        Self::entry_s::<A>(),
        Self::entry_a::<S>(),
        Self::entry_a::<I>(),
        Self::entry_a::<A>(),
    ];
    const fn entry_s<Y: crate::exec::operand::Src>() -> [Handler; 4] {
        [
            compare::<O, S, Y, ToSlot>,
            compare::<O, S, Y, ToAcc>,
            compare_branch::<O, S, Y, false>,
            compare_branch::<O, S, Y, true>,
        ]
    }
    const fn entry_a<Y: crate::exec::operand::Src>() -> [Handler; 4] {
        [
            compare::<O, A, Y, ToSlot>,
            compare::<O, A, Y, ToAcc>,
            compare_branch::<O, A, Y, false>,
            compare_branch::<O, A, Y, true>,
        ]
    }
}

struct ExtractRow<O>(PhantomData<O>);
impl<O: Extract<R: Operand>> ExtractRow<O> {
    const ROW: [Handler; 2] = [extract_lane::<O, ToSlot>, extract_lane::<O, ToAcc>];
}

macro_rules! tables {
    (Binary $($Op:ident $f:ident $code:literal $name:literal ($A:ident $B:ident -> $R:ident) $p:ident;)*) => {
        static BINARY: &[[[Handler; 2]; 9]] = &[$(BinaryRow::<ops::binary::$Op>::ROW,)*];
        static BINARY_VECTOR: &[bool] = &[$(BinaryRow::<ops::binary::$Op>::VECTOR,)*];
    };
    (Unary $($Op:ident $f:ident $code:literal $name:literal ($A:ident -> $R:ident) $p:ident;)*) => {
        static UNARY: &[[[Handler; 2]; 2]] = &[$(UnaryRow::<ops::unary::$Op>::ROW,)*];
        static UNARY_VECTOR: &[bool] = &[$(UnaryRow::<ops::unary::$Op>::VECTOR,)*];
    };
    (Compare $($Op:ident $f:ident $code:literal $name:literal ($A:ident $B:ident -> $R:ident) $p:ident;)*) => {
        static COMPARE: &[[[Handler; 4]; 6]] = &[$(CompareRow::<ops::compare::$Op>::ROW,)*];
    };
    (Ternary $($Op:ident $f:ident $code:literal $name:literal ($A:ident $B:ident $C:ident -> $R:ident) $p:ident;)*) => {
        static TERNARY: &[Handler] = &[$(ternary::<ops::ternary::$Op>,)*];
    };
    (Load $($Op:ident $f:ident $code:literal $name:literal ($N:literal -> $R:ident) $p:ident;)*) => {
        static LOAD: &[[[Handler; 2]; 2]] = &[$([
            [load::<ops::load::$Op, S, ToSlot, $N>, load::<ops::load::$Op, S, ToAcc, $N>],
            [load::<ops::load::$Op, A, ToSlot, $N>, load::<ops::load::$Op, A, ToAcc, $N>],
        ],)*];
        static LOAD_ANY: &[Handler] = &[$(load_any::<ops::load::$Op, $N>,)*];
    };
    (Store $($Op:ident $f:ident $code:literal $name:literal ($A:ident -> $N:literal) $p:ident;)*) => {
        static STORE: &[[[Handler; 3]; 2]] = &[$([
            [
                store::<ops::store::$Op, S, S, $N>,
                store::<ops::store::$Op, S, I, $N>,
                store::<ops::store::$Op, S, A, $N>,
            ],
            [
                store::<ops::store::$Op, A, S, $N>,
                store::<ops::store::$Op, A, I, $N>,
                store::<ops::store::$Op, A, A, $N>,
            ],
        ],)*];
        static STORE_ANY: &[Handler] = &[$(store_any::<ops::store::$Op, $N>,)*];
    };
    (Extract $($Op:ident $f:ident $code:literal $name:literal [$lanes:literal] ($A:ident -> $R:ident) $p:ident;)*) => {
        static EXTRACT: &[[Handler; 2]] = &[$(ExtractRow::<ops::extract::$Op>::ROW,)*];
    };
    (Replace $($Op:ident $f:ident $code:literal $name:literal [$lanes:literal] ($A:ident $B:ident -> $R:ident) $p:ident;)*) => {
        static REPLACE: &[Handler] = &[$(replace_lane::<ops::replace::$Op>,)*];
    };
    (LoadLane $($Op:ident $f:ident $code:literal $name:literal [$lanes:literal] ($N:literal $A:ident -> $R:ident) $p:ident;)*) => {
        static LOAD_LANE: &[Handler] = &[$(load_lane::<ops::load_lane::$Op, $N>,)*];
    };
    (StoreLane $($Op:ident $f:ident $code:literal $name:literal [$lanes:literal] ($A:ident -> $N:literal) $p:ident;)*) => {
        static STORE_LANE: &[Handler] = &[$(store_lane::<ops::store_lane::$Op, $N>,)*];
    };
}

dayfly_parser::for_each_binary! { tables, Binary }
dayfly_parser::for_each_unary! { tables, Unary }
dayfly_parser::for_each_compare! { tables, Compare }
dayfly_parser::for_each_ternary! { tables, Ternary }
dayfly_parser::for_each_load! { tables, Load }
dayfly_parser::for_each_store! { tables, Store }
dayfly_parser::for_each_extract! { tables, Extract }
dayfly_parser::for_each_replace! { tables, Replace }
dayfly_parser::for_each_load_lane! { tables, LoadLane }
dayfly_parser::for_each_store_lane! { tables, StoreLane }

/// Whether the operator touches vectors, and so takes slots only.
pub fn binary_is_vector(op: BinOp) -> bool {
    BINARY_VECTOR[op as usize]
}

/// Whether the operator touches vectors, and so takes slots only.
pub fn unary_is_vector(op: UnOp) -> bool {
    UNARY_VECTOR[op as usize]
}

/// A binary operator; not both operands are immediates.
pub fn of_binary(op: BinOp, x: Class, y: Class) -> Pair {
    Pair::new(BINARY[op as usize][x as usize * 3 + y as usize], binary_is_vector(op))
}

/// A unary operator on a slot or the accumulator.
pub fn of_unary(op: UnOp, x: Class) -> Pair {
    Pair::new(UNARY[op as usize][(x == Class::A) as usize], unary_is_vector(op))
}

/// A comparison; the first operand is no immediate.
pub fn of_compare(op: CmpOp, x: Class, y: Class) -> Pair {
    let [to_slot, to_acc, ..] = COMPARE[op as usize][(x == Class::A) as usize * 3 + y as usize];
    Pair::new([to_slot, to_acc], false)
}

/// A branch taken if the comparison is `when`; the first operand is no immediate.
pub fn of_compare_branch(op: CmpOp, x: Class, y: Class, when: bool) -> Handler {
    COMPARE[op as usize][(x == Class::A) as usize * 3 + y as usize][2 + when as usize]
}

/// An operator with three vector operands.
pub fn of_ternary(op: TernOp) -> Handler {
    TERNARY[op as usize]
}

/// A load from memory 0, 32-bit, its address in a slot or the accumulator.
pub fn of_load(op: LoadOp, address: Class) -> Pair {
    Pair::new(LOAD[op as usize][(address == Class::A) as usize], op.result() == ValType::V128)
}

/// A load from any memory.
pub fn of_load_any(op: LoadOp) -> Pair {
    Pair { to_slot: LOAD_ANY[op as usize], acc: InAcc::Too }
}

/// A store to memory 0, 32-bit, its address in a slot or the accumulator.
pub fn of_store(op: StoreOp, address: Class, value: Class) -> Handler {
    STORE[op as usize][(address == Class::A) as usize][value as usize]
}

/// A store to any memory.
pub fn of_store_any(op: StoreOp) -> Handler {
    STORE_ANY[op as usize]
}

/// A lane out of a vector.
pub fn of_extract(op: ExtractOp) -> Pair {
    Pair::new(EXTRACT[op as usize], false)
}

/// A lane into a vector.
pub fn of_replace(op: ReplaceOp) -> Handler {
    REPLACE[op as usize]
}

/// A load of one lane.
pub fn of_load_lane(op: LoadLaneOp) -> Handler {
    LOAD_LANE[op as usize]
}

/// A store of one lane.
pub fn of_store_lane(op: StoreLaneOp) -> Handler {
    STORE_LANE[op as usize]
}

/// `$handler::<V, ..>` with `V` the value type that lies in slots like `$ty`.
macro_rules! by_type {
    ($ty:expr, $handler:ident $(, $class:ty)*) => {
        match $ty {
            ValType::I32 => $handler::<i32 $(, $class)*>,
            ValType::F32 => $handler::<f32 $(, $class)*>,
            ValType::F64 => $handler::<f64 $(, $class)*>,
            ValType::V128 => $handler::<V128 $(, $class)*>,
            ValType::I64 | ValType::Ref(_) => $handler::<i64 $(, $class)*>,
        }
    };
}

/// `global.get` of a global that the module defines.
pub fn of_global_get(ty: ValType) -> Pair {
    let to_slot: Handler = by_type!(ty, global_get, ToSlot);
    Pair::new([to_slot, by_type!(ty, global_get, ToAcc)], ty == ValType::V128)
}

/// `global.get` of an imported global.
pub fn of_global_get_imported(ty: ValType) -> Pair {
    Pair { to_slot: by_type!(ty, global_get_imported), acc: InAcc::Too }
}

/// `global.set` of a global that the module defines.
pub fn of_global_set(ty: ValType, x: Class) -> Handler {
    match x {
        Class::A => by_type!(ty, global_set, A),
        _ => by_type!(ty, global_set, S),
    }
}

/// `global.set` of an imported global.
pub fn of_global_set_imported(ty: ValType) -> Handler {
    by_type!(ty, global_set_imported)
}

/// The return of one value that takes one slot.
pub fn of_return(ty: ValType, x: Class) -> Handler {
    use crate::exec::call::ret_value;
    match x {
        Class::S => by_type!(ty, ret_value, S),
        Class::I => by_type!(ty, ret_value, I),
        Class::A => by_type!(ty, ret_value, A),
    }
}
