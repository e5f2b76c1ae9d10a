//! Finds the handler of an instruction: tables of all instantiations, one row an
//! operator, built from the operator table at compile time.

use crate::exec::call::ret_value;
use crate::exec::control::*;
use crate::exec::dispatch::Handler;
use crate::exec::fused::*;
use crate::exec::memory::*;
use crate::exec::numeric::*;
use crate::exec::operand::{A, I, Operand, P, S, Src, ToAcc, ToPin, ToSlot};
use core::marker::PhantomData;
use dayfly_parser::ValType;
use dayfly_parser::ops::*;
use dayfly_runtime::num::ops;
use dayfly_runtime::num::ops::{Binary, Compare, Extract, Load, Store, Unary};
use dayfly_runtime::num::{Scalar, V128, Value};

/// Where an operand comes from: the classes of `operand`, as a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A slot.
    S,
    /// An immediate.
    I,
    /// The accumulator.
    A,
    /// The pin.
    P,
}

/// The handlers of a value-producing instruction, by where the result goes.
#[derive(Clone, Copy, Debug)]
pub struct Variants {
    /// Writes the slot, and the accumulator if the result has one.
    pub to_slot: Handler,
    /// What happens to the accumulator of the result's bank.
    pub acc: InAcc,
    /// Writes the pin as well, if there is such a handler.
    pub to_pin: Option<Handler>,
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

impl Variants {
    /// An instruction that does not touch the accumulators.
    pub fn slot_only(to_slot: Handler) -> Variants {
        Variants { to_slot, acc: InAcc::Untouched, to_pin: None }
    }

    /// An instruction whose result is always in its slot, and in the accumulator too.
    pub fn slot_and_acc(to_slot: Handler) -> Variants {
        Variants { to_slot, acc: InAcc::Too, to_pin: None }
    }

    /// By `ToSlot`, `ToAcc`, `ToPin`; the latter two where they are handlers at all.
    fn of([to_slot, to_acc, to_pin]: [Handler; 3]) -> Variants {
        let real = |handler: Handler| (!core::ptr::fn_addr_eq(handler, NONE)).then_some(handler);
        let acc = real(to_acc).map_or(InAcc::Too, InAcc::Alone);
        Variants { to_slot, acc, to_pin: real(to_pin) }
    }
}

/// Whether any of the types is a vector, which lives in slots only.
const fn vector<X: Value>() -> bool {
    matches!(X::TYPE, ValType::V128)
}

/// Fills the places of a table that no instruction uses.
const NONE: Handler = unreachable;

/// Whether values of the type can be pinned.
const fn pinned<X: Value>() -> bool {
    matches!(X::TYPE, ValType::I32 | ValType::I64 | ValType::F64)
}

/// `$handler::<O, .., Z>` for each `Z`; without a `ToPin` if `$pins` is not set.
macro_rules! by_dst {
    ($pins:expr, $handler:ident::<$($arg:ty),*>) => {
        [$handler::<$($arg,)* ToSlot>, $handler::<$($arg,)* ToAcc>, if $pins { $handler::<$($arg,)* ToPin> } else { NONE }]
    };
}

struct BinaryRow<O>(PhantomData<O>);
impl<O: Binary<A: Operand, B: Operand, R: Operand>> BinaryRow<O> {
    /// By the classes of the operands; of vectors, in slots only.
    const ROW: &[[Handler; 3]] = if vector::<O::A>() || vector::<O::B>() || vector::<O::R>() {
        &[[binary::<O, S, S, ToSlot>, NONE, NONE]]
    } else if pinned::<O::A>() {
        &[
            by_dst!(true, binary::<O, S, S>),
            by_dst!(true, binary::<O, S, I>),
            by_dst!(true, binary::<O, S, A>),
            by_dst!(true, binary::<O, S, P>),
            by_dst!(true, binary::<O, I, S>),
            [NONE, NONE, NONE],
            by_dst!(true, binary::<O, I, A>),
            by_dst!(true, binary::<O, I, P>),
            by_dst!(true, binary::<O, A, S>),
            by_dst!(true, binary::<O, A, I>),
            by_dst!(true, binary::<O, A, A>),
            by_dst!(true, binary::<O, A, P>),
            by_dst!(true, binary::<O, P, S>),
            by_dst!(true, binary::<O, P, I>),
            by_dst!(true, binary::<O, P, A>),
            by_dst!(true, binary::<O, P, P>),
        ]
    } else {
        &[
            by_dst!(false, binary::<O, S, S>),
            by_dst!(false, binary::<O, S, I>),
            by_dst!(false, binary::<O, S, A>),
            [NONE, NONE, NONE],
            by_dst!(false, binary::<O, I, S>),
            [NONE, NONE, NONE],
            by_dst!(false, binary::<O, I, A>),
            [NONE, NONE, NONE],
            by_dst!(false, binary::<O, A, S>),
            by_dst!(false, binary::<O, A, I>),
            by_dst!(false, binary::<O, A, A>),
        ]
    };
}

struct UnaryRow<O>(PhantomData<O>);
impl<O: Unary<A: Operand, R: Operand>> UnaryRow<O> {
    /// By the class of the operand, slot or accumulator; of vectors, in a slot only.
    const ROW: &[[Handler; 3]] = if vector::<O::A>() || vector::<O::R>() {
        &[[unary::<O, S, ToSlot>, NONE, NONE]]
    } else if pinned::<O::R>() {
        &[by_dst!(true, unary::<O, S>), by_dst!(true, unary::<O, A>)]
    } else {
        &[by_dst!(false, unary::<O, S>), by_dst!(false, unary::<O, A>)]
    };
}

struct CompareRow<O>(PhantomData<O>);
impl<O: Compare<A: Operand>> CompareRow<O> {
    /// By the classes of the operands, the first of which is no immediate.
    const ROW: &[[Handler; 4]] = if pinned::<O::A>() {
        &[
            Self::entry::<S, S>(),
            Self::entry::<S, I>(),
            Self::entry::<S, A>(),
            Self::entry::<S, P>(),
            Self::entry::<A, S>(),
            Self::entry::<A, I>(),
            Self::entry::<A, A>(),
            Self::entry::<A, P>(),
            Self::entry::<P, S>(),
            Self::entry::<P, I>(),
            Self::entry::<P, A>(),
            Self::entry::<P, P>(),
        ]
    } else {
        &[
            Self::entry::<S, S>(),
            Self::entry::<S, I>(),
            Self::entry::<S, A>(),
            [NONE; 4],
            Self::entry::<A, S>(),
            Self::entry::<A, I>(),
            Self::entry::<A, A>(),
        ]
    };

    /// The value to the slot or accumulator, the branch when false or true.
    const fn entry<X: Src, Y: Src>() -> [Handler; 4] {
        [
            compare::<O, X, Y, ToSlot>,
            compare::<O, X, Y, ToAcc>,
            compare_branch::<O, X, Y, false>,
            compare_branch::<O, X, Y, true>,
        ]
    }
}

/// Where the address of an access is that is a sum, as a row of tables.
fn sum_row(x: Class, y: Class) -> Option<usize> {
    Some(match (x, y) {
        (Class::S, Class::S) => 0,
        (Class::S, Class::I) => 1,
        (Class::S, Class::A) => 2,
        (Class::S, Class::P) => 3,
        (Class::A, Class::I) => 4,
        (Class::P, Class::I) => 5,
        (Class::P, Class::A) => 6,
        _ => return None,
    })
}

struct LoadRow<O, const N: usize>(PhantomData<O>);
impl<O: Load<Mem = [u8; N], R: Operand>, const N: usize> LoadRow<O, N> {
    const VECTOR: bool = vector::<O::R>();
    const PINS: bool = pinned::<O::R>();

    /// By the class of the address.
    const ROW: &[[Handler; 3]] = &[
        Self::by_dst(load_at::<O, S, ToSlot, N>, load_at::<O, S, ToAcc, N>, load_at::<O, S, ToPin, N>),
        Self::by_dst(load_at::<O, I, ToSlot, N>, load_at::<O, I, ToAcc, N>, load_at::<O, I, ToPin, N>),
        Self::by_dst(load_at::<O, A, ToSlot, N>, load_at::<O, A, ToAcc, N>, load_at::<O, A, ToPin, N>),
        Self::by_dst(load_at::<O, P, ToSlot, N>, load_at::<O, P, ToAcc, N>, load_at::<O, P, ToPin, N>),
    ];

    /// By `sum_row`.
    const SUM: &[[Handler; 3]] = &[
        Self::sum::<S, S>(),
        Self::sum::<S, I>(),
        Self::sum::<S, A>(),
        Self::sum::<S, P>(),
        Self::sum::<A, I>(),
        Self::sum::<P, I>(),
        Self::sum::<P, A>(),
    ];

    /// By the class of what is added, slot or immediate, and that of what is shifted.
    const SCALED: &[[Handler; 3]] = &[
        Self::scaled::<S, S>(),
        Self::scaled::<S, A>(),
        Self::scaled::<S, P>(),
        Self::scaled::<I, S>(),
        Self::scaled::<I, A>(),
        Self::scaled::<I, P>(),
    ];

    const fn scaled<X: Src, Y: Src>() -> [Handler; 3] {
        Self::by_dst(load_scaled::<O, X, Y, ToSlot, N>, load_scaled::<O, X, Y, ToAcc, N>, NONE)
    }

    const fn sum<X: Src, Y: Src>() -> [Handler; 3] {
        Self::by_dst(load_sum::<O, X, Y, ToSlot, N>, load_sum::<O, X, Y, ToAcc, N>, NONE)
    }

    const fn by_dst(to_slot: Handler, to_acc: Handler, to_pin: Handler) -> [Handler; 3] {
        [to_slot, if Self::VECTOR { NONE } else { to_acc }, if Self::PINS { to_pin } else { NONE }]
    }
}

struct StoreRow<O, const N: usize>(PhantomData<O>);
impl<O: Store<Mem = [u8; N], A: Operand>, const N: usize> StoreRow<O, N> {
    const VECTOR: bool = vector::<O::A>();
    const PINS: bool = pinned::<O::A>();

    /// By the classes of the address and the value.
    const ROW: &[[Handler; 4]] = &[Self::row::<S>(), Self::row::<I>(), Self::row::<A>(), Self::row::<P>()];

    /// By `sum_row` and the class of the value.
    const SUM: &[[Handler; 4]] = &[
        Self::sum::<S, S>(),
        Self::sum::<S, I>(),
        Self::sum::<S, A>(),
        Self::sum::<S, P>(),
        Self::sum::<A, I>(),
        Self::sum::<P, I>(),
        Self::sum::<P, A>(),
    ];

    const fn row<X: Src>() -> [Handler; 4] {
        let of_pin: Handler = if Self::PINS { store_at::<O, X, P, N> } else { NONE };
        if Self::VECTOR {
            [store_at::<O, X, S, N>, NONE, NONE, NONE]
        } else {
            [store_at::<O, X, S, N>, store_at::<O, X, I, N>, store_at::<O, X, A, N>, of_pin]
        }
    }

    const fn sum<X: Src, Y: Src>() -> [Handler; 4] {
        let of_pin: Handler = if Self::PINS { store_sum::<O, X, Y, P, N> } else { NONE };
        if Self::VECTOR {
            [store_sum::<O, X, Y, S, N>, NONE, NONE, NONE]
        } else {
            [store_sum::<O, X, Y, S, N>, NONE, store_sum::<O, X, Y, A, N>, of_pin]
        }
    }
}

struct ExtractRow<O>(PhantomData<O>);
impl<O: Extract<R: Operand>> ExtractRow<O> {
    const ROW: [Handler; 2] = [extract_lane::<O, ToSlot>, extract_lane::<O, ToAcc>];
}

macro_rules! tables {
    (Binary $($Op:ident $f:ident $code:literal $name:literal ($A:ident $B:ident -> $R:ident) $p:ident;)*) => {
        static BINARY: &[&[[Handler; 3]]] = &[$(BinaryRow::<ops::binary::$Op>::ROW,)*];
        static BINARY_LOAD: &[&[[Handler; 3]]] = &[$(BinaryLoadRow::<ops::binary::$Op>::ROW,)*];
    };
    (Unary $($Op:ident $f:ident $code:literal $name:literal ($A:ident -> $R:ident) $p:ident;)*) => {
        static UNARY: &[&[[Handler; 3]]] = &[$(UnaryRow::<ops::unary::$Op>::ROW,)*];
    };
    (Compare $($Op:ident $f:ident $code:literal $name:literal ($A:ident $B:ident -> $R:ident) $p:ident;)*) => {
        static COMPARE: &[&[[Handler; 4]]] = &[$(CompareRow::<ops::compare::$Op>::ROW,)*];
        static ADD_COMPARE: &[&[[Handler; 4]]] = &[$(AddCompareRow::<ops::compare::$Op>::ROW,)*];
    };
    (Ternary $($Op:ident $f:ident $code:literal $name:literal ($A:ident $B:ident $C:ident -> $R:ident) $p:ident;)*) => {
        static TERNARY: &[Handler] = &[$(ternary::<ops::ternary::$Op>,)*];
    };
    (Load $($Op:ident $f:ident $code:literal $name:literal ($N:literal -> $R:ident) $p:ident;)*) => {
        static LOAD: &[&[[Handler; 3]]] = &[$(LoadRow::<ops::load::$Op, $N>::ROW,)*];
        static LOAD_SCALED: &[&[[Handler; 3]]] = &[$(LoadRow::<ops::load::$Op, $N>::SCALED,)*];
        static LOAD_SUM: &[&[[Handler; 3]]] = &[$(LoadRow::<ops::load::$Op, $N>::SUM,)*];
        static LOAD_ANY: &[Handler] = &[$(load_any::<ops::load::$Op, $N>,)*];
    };
    (Store $($Op:ident $f:ident $code:literal $name:literal ($A:ident -> $N:literal) $p:ident;)*) => {
        static STORE: &[&[[Handler; 4]]] = &[$(StoreRow::<ops::store::$Op, $N>::ROW,)*];
        static STORE_SUM: &[&[[Handler; 4]]] = &[$(StoreRow::<ops::store::$Op, $N>::SUM,)*];
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
    BINARY[op as usize].len() == 1
}

/// Whether the operator touches vectors, and so takes slots only.
pub fn unary_is_vector(op: UnOp) -> bool {
    UNARY[op as usize].len() == 1
}

/// A binary operator; not both operands are immediates.
pub fn of_binary(op: BinOp, x: Class, y: Class) -> Variants {
    Variants::of(BINARY[op as usize][x as usize * 4 + y as usize])
}

/// A unary operator on a slot or the accumulator.
pub fn of_unary(op: UnOp, x: Class) -> Variants {
    Variants::of(UNARY[op as usize][(x == Class::A) as usize])
}

/// The row of a comparison for operands of these classes.
fn compare_row(op: CmpOp, x: Class, y: Class) -> [Handler; 4] {
    let first = match x {
        Class::P => 2,
        Class::A => 1,
        _ => 0,
    };
    COMPARE[op as usize][first * 4 + y as usize]
}

/// A comparison; the first operand is no immediate.
pub fn of_compare(op: CmpOp, x: Class, y: Class) -> Variants {
    let [to_slot, to_acc, ..] = compare_row(op, x, y);
    Variants::of([to_slot, to_acc, NONE])
}

/// A branch taken if the comparison is `when`; the first operand is no immediate.
pub fn of_compare_branch(op: CmpOp, x: Class, y: Class, when: bool) -> Handler {
    compare_row(op, x, y)[2 + when as usize]
}

/// An operator with three vector operands.
pub fn of_ternary(op: TernOp) -> Handler {
    TERNARY[op as usize]
}

/// A load from memory 0, 32-bit.
pub fn of_load(op: LoadOp, address: Class) -> Variants {
    Variants::of(LOAD[op as usize][address as usize])
}

/// A load from memory 0, 32-bit, whose address is a sum: see `has_sum`.
pub fn of_load_sum(op: LoadOp, x: Class, y: Class) -> Variants {
    Variants::of(sum_row(x, y).map_or([NONE; 3], |row| LOAD_SUM[op as usize][row]))
}

/// A load from any memory.
pub fn of_load_any(op: LoadOp) -> Variants {
    Variants::slot_and_acc(LOAD_ANY[op as usize])
}

/// A store to memory 0, 32-bit.
pub fn of_store(op: StoreOp, address: Class, value: Class) -> Handler {
    STORE[op as usize][address as usize][value as usize]
}

/// A store to memory 0, 32-bit, whose address is a sum: see `has_sum`. The value is no
/// immediate.
pub fn of_store_sum(op: StoreOp, x: Class, y: Class, value: Class) -> Handler {
    sum_row(x, y).map_or(NONE, |row| STORE_SUM[op as usize][row][value as usize])
}

/// A load from memory 0, 32-bit, whose address is `x + (y << k)`: `x` in a slot or the
/// instruction, `y` not there.
pub fn of_load_scaled(op: LoadOp, x: Class, y: Class) -> Variants {
    Variants::of(LOAD_SCALED[op as usize][scaled_row(x, y)])
}

/// The row of `x + (y << k)`.
fn scaled_row(x: Class, y: Class) -> usize {
    let shifted = match y {
        Class::S | Class::I => 0,
        Class::A => 1,
        Class::P => 2,
    };
    if x == Class::I { 3 + shifted } else { shifted }
}

/// Whether accesses can have an address that is a sum of operands of these classes.
pub fn has_sum(x: Class, y: Class) -> bool {
    sum_row(x, y).is_some()
}

/// A store to any memory.
pub fn of_store_any(op: StoreOp) -> Handler {
    STORE_ANY[op as usize]
}

/// A lane out of a vector.
pub fn of_extract(op: ExtractOp) -> Variants {
    let [to_slot, to_acc] = EXTRACT[op as usize];
    Variants::of([to_slot, to_acc, NONE])
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
pub fn of_global_get(ty: ValType) -> Variants {
    let to_acc: Handler = if ty == ValType::V128 { NONE } else { by_type!(ty, global_get, ToAcc) };
    Variants::of([by_type!(ty, global_get, ToSlot), to_acc, NONE])
}

/// `global.get` of an imported global.
pub fn of_global_get_imported(ty: ValType) -> Variants {
    Variants::slot_and_acc(by_type!(ty, global_get_imported))
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

/// The return of one value that takes one slot, not from a pin.
pub fn of_return(ty: ValType, x: Class) -> Handler {
    match x {
        Class::I => by_type!(ty, ret_value, I),
        Class::A => by_type!(ty, ret_value, A),
        Class::S | Class::P => by_type!(ty, ret_value, S),
    }
}

/// What loads the pin of a type; there is none for references, f32 and vectors.
pub fn of_pin(ty: ValType) -> Handler {
    match ty {
        ValType::F64 => pin::<f64>,
        _ => pin::<i64>,
    }
}

struct AddCompareRow<O>(PhantomData<O>);
impl<O: Compare<A: Operand + Scalar>> AddCompareRow<O> {
    /// By whether what is added and what is compared with are immediates.
    const ROW: &[[Handler; 4]] = if matches!(<O::A as Value>::TYPE, ValType::I32 | ValType::I64) {
        &[Self::entry::<S, S>(), Self::entry::<S, I>(), Self::entry::<I, S>(), Self::entry::<I, I>()]
    } else {
        &[]
    };

    /// By whether the local is pinned, and when the branch is taken.
    const fn entry<K: Src, Y: Src>() -> [Handler; 4] {
        [
            add_compare_branch::<O, K, Y, false, false>,
            add_compare_branch::<O, K, Y, false, true>,
            add_compare_branch::<O, K, Y, true, false>,
            add_compare_branch::<O, K, Y, true, true>,
        ]
    }
}

/// An addition of `k` to a local, `pin` if it is pinned, and a branch taken if its comparison
/// with `y` is `when`; `None` if there is none for operands of this type or these classes.
pub fn of_add_compare_branch(op: CmpOp, k: Class, y: Class, pin: bool, when: bool) -> Option<Handler> {
    if !matches!(k, Class::S | Class::I) || !matches!(y, Class::S | Class::I) {
        return None;
    }
    let row = ADD_COMPARE[op as usize].get((k == Class::I) as usize * 2 + (y == Class::I) as usize)?;
    Some(row[pin as usize * 2 + when as usize])
}

static SHL_ADD: [[Handler; 3]; 6] = [
    by_dst!(true, shl_add::<S, S>),
    by_dst!(true, shl_add::<S, A>),
    by_dst!(true, shl_add::<S, P>),
    by_dst!(true, shl_add::<I, S>),
    by_dst!(true, shl_add::<I, A>),
    by_dst!(true, shl_add::<I, P>),
];

/// `x + (y << k)`: `x` in a slot or the instruction, `y` not there.
pub fn of_shl_add(x: Class, y: Class) -> Variants {
    Variants::of(SHL_ADD[scaled_row(x, y)])
}

/// Whether an operator can take its second operand from memory. More would pay in no
/// program that was measured.
pub const fn takes_memory(op: BinOp) -> bool {
    use BinOp::*;
    matches!(
        op,
        I32Add
            | I32Sub
            | I32And
            | I32Or
            | I32Xor
            | I64Add
            | I64Sub
            | I64Xor
            | F64Add
            | F64Sub
            | F64Mul
            | F32Add
            | F32Sub
            | F32Mul
    )
}

struct BinaryLoadRow<O>(PhantomData<O>);
impl<O: Binary<A: Operand, B: Whole, R: Operand>> BinaryLoadRow<O> {
    const PINS: bool = pinned::<O::A>();

    /// By the classes of the first operand and of the address, of which none is an immediate.
    const ROW: &[[Handler; 3]] = if takes_memory(O::OP) {
        &[
            by_dst!(Self::PINS, binary_load::<O, S, S>),
            by_dst!(Self::PINS, binary_load::<O, S, A>),
            by_dst!(Self::PINS, binary_load::<O, S, P>),
            by_dst!(Self::PINS, binary_load::<O, A, S>),
            by_dst!(Self::PINS, binary_load::<O, A, A>),
            by_dst!(Self::PINS, binary_load::<O, A, P>),
            Self::of_pin([
                binary_load::<O, P, S, ToSlot>,
                binary_load::<O, P, S, ToAcc>,
                binary_load::<O, P, S, ToPin>,
            ]),
            Self::of_pin([
                binary_load::<O, P, A, ToSlot>,
                binary_load::<O, P, A, ToAcc>,
                binary_load::<O, P, A, ToPin>,
            ]),
            Self::of_pin([
                binary_load::<O, P, P, ToSlot>,
                binary_load::<O, P, P, ToAcc>,
                binary_load::<O, P, P, ToPin>,
            ]),
        ]
    } else {
        &[]
    };

    const fn of_pin(handlers: [Handler; 3]) -> [Handler; 3] {
        if Self::PINS { handlers } else { [NONE; 3] }
    }
}

/// A binary operator that `takes_memory`, its second operand loaded whole from memory 0,
/// 32-bit, at an address of class `address`. Neither operand is an immediate.
pub fn of_binary_load(op: BinOp, x: Class, address: Class) -> Variants {
    let number = |class| match class {
        Class::S | Class::I => 0,
        Class::A => 1,
        Class::P => 2,
    };
    Variants::of(BINARY_LOAD[op as usize][number(x) * 3 + number(address)])
}

/// A branch taken if some bits are what they are compared with, or are not.
pub fn of_mask_branch(x: Class, when: bool) -> Handler {
    match (x, when) {
        (Class::A, false) => mask_branch::<A, false>,
        (Class::A, true) => mask_branch::<A, true>,
        (Class::P, false) => mask_branch::<P, false>,
        (Class::P, true) => mask_branch::<P, true>,
        (_, false) => mask_branch::<S, false>,
        (_, true) => mask_branch::<S, true>,
    }
}
