//! Every operator of the table with what it is compiled to and what it computes, straight
//! from the rows.

mod access;

pub use access::{atomic, memory};

use crate::values::{Bits, Memory};
use cranelift_codegen::ir::types::I32;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_jit::num::{self as lowering, NumCx};
use dayfly_parser::ValType;
use dayfly_parser::ops::*;
use dayfly_runtime::num::{self, V128, Value as Typed, ops};
use dayfly_runtime::trap::Trap;

/// Compiles an operator; the first value is the memory's address.
type Emit = dyn Fn(&mut FunctionBuilder, &NumCx, Value, Vec<Value>) -> Vec<Value>;
/// Computes the results of an operator.
type Eval = dyn Fn(&mut Memory, &[Bits]) -> Result<Vec<Bits>, Trap>;

/// An operator, with its immediates if it has any.
pub struct Case {
    pub name: &'static str,
    pub immediate: String,
    pub operands: &'static [ValType],
    pub results: &'static [ValType],
    /// Whether the operator accesses memory, so that a fault is a trap.
    pub accesses: bool,
    pub emit: Box<Emit>,
    pub eval: Box<Eval>,
}

impl Case {
    fn new(
        name: &'static str,
        operands: &'static [ValType],
        results: &'static [ValType],
        emit: impl Fn(&mut FunctionBuilder, &NumCx, Value, Vec<Value>) -> Vec<Value> + 'static,
        eval: impl Fn(&mut Memory, &[Bits]) -> Result<Vec<Bits>, Trap> + 'static,
    ) -> Case {
        let (emit, eval) = (Box::new(emit), Box::new(eval));
        Case { name, immediate: String::new(), operands, results, accesses: false, emit, eval }
    }

    fn with(self, immediate: impl ToString) -> Case {
        Case { immediate: format!(" {}", immediate.to_string()), ..self }
    }
}

fn get<T: Typed>(bits: Bits) -> T {
    let slots = V128(bits.0).to_u64x2();
    let mut of_value = T::Slots::default();
    of_value.as_mut().copy_from_slice(&slots[..T::SLOTS]);
    T::from_slots(of_value)
}

fn put<T: Typed>(value: T) -> Bits {
    let mut slots = [0; 2];
    slots[..T::SLOTS].copy_from_slice(value.to_slots().as_ref());
    Bits(V128::from_u64x2(slots).0)
}

/// Adds the cases of every row of a class, whose types are in a module of `ops`.
macro_rules! every {
    ($cases:ident $function:ident $module:ident
    $($Op:ident $snake:ident $opcode:literal $name:literal $([$extra:tt])? ($($signature:tt)*) $proposal:ident;)*) => {
        $($cases.extend($function::<ops::$module::$Op>());)*
    };
}
use every;

pub fn unary() -> Vec<Case> {
    fn one<O: ops::Unary>() -> Option<Case> {
        Some(Case::new(
            O::OP.name(),
            O::OP.operands(),
            O::OP.results(),
            |b, cx, _, v| vec![lowering::unary(b, cx, O::OP, v[0])],
            |_, v| O::eval(get(v[0])).map(|result| vec![put(result)]),
        ))
    }
    let mut cases = Vec::new();
    dayfly_parser::for_each_unary! { every, cases one unary }
    cases
}

pub fn binary() -> Vec<Case> {
    fn one<O: ops::Binary>() -> Option<Case> {
        Some(Case::new(
            O::OP.name(),
            O::OP.operands(),
            O::OP.results(),
            |b, cx, _, v| vec![lowering::binary(b, cx, O::OP, v[0], v[1])],
            |_, v| O::eval(get(v[0]), get(v[1])).map(|result| vec![put(result)]),
        ))
    }
    let mut cases = Vec::new();
    dayfly_parser::for_each_binary! { every, cases one binary }
    cases
}

pub fn compare() -> Vec<Case> {
    fn one<O: ops::Compare>() -> Option<Case> {
        Some(Case::new(
            O::OP.name(),
            O::OP.operands(),
            O::OP.results(),
            |b, _, _, v| {
                let holds = lowering::compare(b, O::OP, v[0], v[1]);
                vec![b.ins().uextend(I32, holds)]
            },
            |_, v| Ok(vec![put(i32::from(O::eval(get(v[0]), get(v[1]))))]),
        ))
    }
    let mut cases = Vec::new();
    dayfly_parser::for_each_compare! { every, cases one compare }
    cases
}

pub fn ternary() -> Vec<Case> {
    fn one<O: ops::Ternary>() -> Option<Case> {
        Some(Case::new(
            O::OP.name(),
            O::OP.operands(),
            O::OP.results(),
            |b, cx, _, v| vec![lowering::ternary(b, cx, O::OP, v[0], v[1], v[2])],
            |_, v| Ok(vec![put(O::eval(get(v[0]), get(v[1]), get(v[2])))]),
        ))
    }
    let mut cases = Vec::new();
    dayfly_parser::for_each_ternary! { every, cases one ternary }
    cases
}

pub fn lanes() -> Vec<Case> {
    fn extract<O: ops::Extract>() -> impl Iterator<Item = Case> {
        (0..O::LANES).map(|lane| {
            let emit = move |b: &mut FunctionBuilder, _: &NumCx, _, v: Vec<Value>| {
                vec![lowering::extract_lane(b, O::OP, lane, v[0])]
            };
            let eval = move |_: &mut Memory, v: &[Bits]| Ok(vec![put(O::eval(get(v[0]), lane))]);
            Case::new(O::OP.name(), O::OP.operands(), O::OP.results(), emit, eval).with(lane)
        })
    }
    fn replace<O: ops::Replace>() -> impl Iterator<Item = Case> {
        (0..O::LANES).map(|lane| {
            let emit = move |b: &mut FunctionBuilder, _: &NumCx, _, v: Vec<Value>| {
                vec![lowering::replace_lane(b, O::OP, lane, v[0], v[1])]
            };
            let eval = move |_: &mut Memory, v: &[Bits]| Ok(vec![put(O::eval(get(v[0]), lane, get(v[1])))]);
            Case::new(O::OP.name(), O::OP.operands(), O::OP.results(), emit, eval).with(lane)
        })
    }
    let mut cases = Vec::new();
    dayfly_parser::for_each_extract! { every, cases extract extract }
    dayfly_parser::for_each_replace! { every, cases replace replace }
    cases.extend(shuffles());
    cases
}

/// `i8x16.shuffle` with masks of every kind that has an instruction of its own, and others.
fn shuffles() -> impl Iterator<Item = Case> {
    const TYPES: &[ValType] = &[ValType::V128, ValType::V128];
    let count = |f: &dyn Fn(u8) -> u8| core::array::from_fn(|i| f(i as u8));
    let masks: [[u8; 16]; 16] = [
        count(&|i| i),
        count(&|i| i + 16),
        count(&|_| 0),
        count(&|_| 21),
        count(&|i| i + 5),
        count(&|i| 15 - i),
        count(&|i| (i * 7 + 3) % 32),
        count(&|i| i / 2 + 16 * (i % 2)),
        count(&|i| 8 + i / 2 + 16 * (i % 2)),
        count(&|i| if i % 4 < 2 { i } else { i + 16 }),
        [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23],
        [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31],
        [4, 5, 6, 7, 0, 1, 2, 3, 28, 29, 30, 31, 16, 17, 18, 19],
        [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3],
        [6, 7, 4, 5, 2, 3, 0, 1, 8, 9, 10, 11, 12, 13, 14, 15],
        [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
    ];
    masks.into_iter().map(|lanes| {
        let emit = move |b: &mut FunctionBuilder, cx: &NumCx, _, v: Vec<Value>| {
            vec![lowering::shuffle(b, cx, lanes, v[0], v[1])]
        };
        let eval =
            move |_: &mut Memory, v: &[Bits]| Ok(vec![put(num::i8x16_shuffle(get(v[0]), get(v[1]), lanes))]);
        Case::new("i8x16.shuffle", TYPES, &TYPES[..1], emit, eval).with(format!("{lanes:?}"))
    })
}

pub fn wide() -> Vec<Case> {
    let case = |&op: &WideOp| {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, _, v: Vec<Value>| {
            let (low, high) = lowering::wide(b, op, &v);
            vec![low, high]
        };
        let eval = move |_: &mut Memory, v: &[Bits]| {
            let v: Vec<i64> = v.iter().map(|&bits| get(bits)).collect();
            let (low, high) = match op {
                WideOp::I64Add128 => num::i64_add128(v[0], v[1], v[2], v[3]),
                WideOp::I64Sub128 => num::i64_sub128(v[0], v[1], v[2], v[3]),
                WideOp::I64MulWideS => num::i64_mul_wide_s(v[0], v[1]),
                WideOp::I64MulWideU => num::i64_mul_wide_u(v[0], v[1]),
            };
            Ok(vec![put(low), put(high)])
        };
        Case::new(op.name(), op.operands(), op.results(), emit, eval)
    };
    WideOp::ALL.iter().map(case).collect()
}
