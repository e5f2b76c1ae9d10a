//! The operators that access memory, at several addresses and offsets.

use super::{Case, every, get, put};
use crate::values::{self, Bits, Memory};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, TrapCode, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_jit::num::{self as lowering, NumCx};
use dayfly_parser::ValType;
use dayfly_parser::ops::*;
use dayfly_runtime::num::{Cell, V128, ops};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// Flags of an access of guest code.
const FLAGS: MemFlagsData = MemFlagsData::new().with_trap_code(Some(TrapCode::HEAP_OUT_OF_BOUNDS));

/// An address and the offset from it.
#[derive(Clone, Copy, Debug)]
struct Place(i64, i32);

/// Where plain accesses start, most at no multiple of anything.
const PLACES: [Place; 3] = [Place(0, 0), Place(5, 8), Place(27, -10)];

impl Place {
    /// The address as a value.
    fn base(self, b: &mut FunctionBuilder, memory: Value) -> Value {
        b.ins().iadd_imm_s(memory, self.0)
    }

    fn bytes(self, memory: &mut Memory, count: usize) -> &mut [u8] {
        let start = (self.0 + i64::from(self.1)) as usize;
        &mut memory.0[start..start + count]
    }

    fn read<M: Default + AsMut<[u8]>>(self, memory: &mut Memory) -> M {
        let mut bytes = M::default();
        let count = bytes.as_mut().len();
        bytes.as_mut().copy_from_slice(self.bytes(memory, count));
        bytes
    }
}

/// Loads and stores, of values and lanes.
pub fn memory() -> Vec<Case> {
    let mut cases = Vec::new();
    dayfly_parser::for_each_load! { every, cases load load }
    dayfly_parser::for_each_store! { every, cases store store }
    dayfly_parser::for_each_load_lane! { every, cases load_lane load_lane }
    dayfly_parser::for_each_store_lane! { every, cases store_lane store_lane }
    accessing(cases)
}

fn accessing(cases: Vec<Case>) -> Vec<Case> {
    cases.into_iter().map(|case| Case { accesses: true, ..case }).collect()
}

fn load<O: ops::Load>() -> impl Iterator<Item = Case> {
    PLACES.into_iter().map(|place| {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, _: Vec<Value>| {
            let addr = place.base(b, memory);
            vec![lowering::load(b, O::OP, FLAGS, addr, place.1)]
        };
        let eval = move |memory: &mut Memory, _: &[Bits]| Ok(vec![put(O::eval(place.read(memory)))]);
        Case::new(O::OP.name(), O::OP.operands(), O::OP.results(), emit, eval).with(format!("{place:?}"))
    })
}

fn store<O: ops::Store>() -> impl Iterator<Item = Case> {
    PLACES.into_iter().map(|place| {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, v: Vec<Value>| {
            let addr = place.base(b, memory);
            lowering::store(b, O::OP, FLAGS, addr, place.1, v[0]);
            vec![]
        };
        let eval = move |memory: &mut Memory, v: &[Bits]| {
            place.bytes(memory, O::BYTES).copy_from_slice(O::eval(get(v[0])).as_ref());
            Ok(vec![])
        };
        Case::new(O::OP.name(), O::OP.operands(), O::OP.results(), emit, eval).with(format!("{place:?}"))
    })
}

fn load_lane<O: ops::LoadLane>() -> impl Iterator<Item = Case> {
    let place = PLACES[1];
    (0..O::LANES).map(move |lane| {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, v: Vec<Value>| {
            let addr = place.base(b, memory);
            vec![lowering::load_lane(b, O::OP, FLAGS, addr, place.1, lane, v[0])]
        };
        let eval = move |memory: &mut Memory, v: &[Bits]| {
            Ok(vec![put(O::eval(place.read(memory), get(v[0]), lane))])
        };
        Case::new(O::OP.name(), O::OP.operands(), O::OP.results(), emit, eval).with(lane)
    })
}

fn store_lane<O: ops::StoreLane>() -> impl Iterator<Item = Case> {
    let place = PLACES[1];
    (0..O::LANES).map(move |lane| {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, v: Vec<Value>| {
            let addr = place.base(b, memory);
            lowering::store_lane(b, O::OP, FLAGS, addr, place.1, lane, v[0]);
            vec![]
        };
        let eval = move |memory: &mut Memory, v: &[Bits]| {
            place.bytes(memory, O::BYTES).copy_from_slice(O::eval(get(v[0]), lane).as_ref());
            Ok(vec![])
        };
        Case::new(O::OP.name(), O::OP.operands(), O::OP.results(), emit, eval).with(lane)
    })
}

/// Where atomic accesses are.
const CELL: Place = Place(24, 0);

/// A cell of any width.
trait AnyCell {
    fn load(&self) -> u64;
    fn store(&self, value: u64);
    fn rmw(&self, kind: RmwKind, operand: u64) -> u64;
    fn cmpxchg(&self, expected: u64, replacement: u64) -> u64;
}

struct Of<C: Cell>(C::Atomic);

impl<C: Cell> AnyCell for Of<C> {
    fn load(&self) -> u64 {
        C::load(&self.0)
    }
    fn store(&self, value: u64) {
        C::store(&self.0, value)
    }
    fn rmw(&self, kind: RmwKind, operand: u64) -> u64 {
        C::rmw(&self.0, kind, operand)
    }
    fn cmpxchg(&self, expected: u64, replacement: u64) -> u64 {
        C::cmpxchg(&self.0, expected, replacement)
    }
}

/// Does something to the cell of so many bytes in memory.
fn with_cell(memory: &mut Memory, bytes: u32, f: impl FnOnce(&dyn AnyCell) -> u64) -> u64 {
    let there = CELL.bytes(memory, bytes as usize);
    let before = there.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
    let cell: Box<dyn AnyCell> = match bytes {
        1 => Box::new(Of::<u8>(AtomicU8::new(before as u8))),
        2 => Box::new(Of::<u16>(AtomicU16::new(before as u16))),
        4 => Box::new(Of::<u32>(AtomicU32::new(before as u32))),
        _ => Box::new(Of::<u64>(AtomicU64::new(before))),
    };
    let result = f(&*cell);
    there.copy_from_slice(&cell.load().to_le_bytes()[..bytes as usize]);
    result
}

fn slot(bits: Bits) -> u64 {
    V128(bits.0).to_u64x2()[0]
}

/// What an operator returns that returns the value of a cell.
fn old(value: u64) -> Vec<Bits> {
    vec![put(value as i64)]
}

/// Atomic accesses.
pub fn atomic() -> Vec<Case> {
    let mut cases = Vec::new();
    for &op in AtomicLoadOp::ALL {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, _: Vec<Value>| {
            let addr = CELL.base(b, memory);
            vec![lowering::atomic_load(b, op, FLAGS, addr)]
        };
        let eval =
            move |m: &mut Memory, _: &[Bits]| Ok(old(with_cell(m, op.access_bytes(), |cell| cell.load())));
        cases.push(Case::new(op.name(), op.operands(), op.results(), emit, eval));
    }
    for &op in AtomicStoreOp::ALL {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, v: Vec<Value>| {
            let addr = CELL.base(b, memory);
            lowering::atomic_store(b, op, FLAGS, addr, v[0]);
            vec![]
        };
        let eval = move |m: &mut Memory, v: &[Bits]| {
            let store = |cell: &dyn AnyCell| {
                cell.store(slot(v[0]));
                0
            };
            with_cell(m, op.access_bytes(), store);
            Ok(vec![])
        };
        cases.push(Case::new(op.name(), op.operands(), op.results(), emit, eval));
    }
    for &op in AtomicRmwOp::ALL {
        let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, v: Vec<Value>| {
            let addr = CELL.base(b, memory);
            vec![lowering::atomic_rmw(b, op, FLAGS, addr, v[0])]
        };
        let eval = move |m: &mut Memory, v: &[Bits]| {
            Ok(old(with_cell(m, op.access_bytes(), |cell| cell.rmw(op.kind(), slot(v[0])))))
        };
        cases.push(Case::new(op.name(), op.operands(), op.results(), emit, eval));
    }
    cases.extend(AtomicCmpxchgOp::ALL.iter().flat_map(|&op| [cmpxchg(op, true), cmpxchg(op, false)]));
    accessing(cases)
}

/// A compare-exchange that finds what it expects, above whose width there are other bits;
/// or one that expects anything.
fn cmpxchg(op: AtomicCmpxchgOp, hits: bool) -> Case {
    let full = if op.result() == ValType::I32 { 4 } else { 8 };
    let above = if op.access_bytes() < full { 0xa5 << (8 * op.access_bytes()) } else { 0 };
    let there = with_cell(&mut values::memory(), op.access_bytes(), |cell| cell.load()) | above;
    let emit = move |b: &mut FunctionBuilder, _: &NumCx, memory, v: Vec<Value>| {
        let addr = CELL.base(b, memory);
        let ty = b.func.dfg.value_type(v[0]);
        let expected = if hits { b.ins().iconst(ty, there as i64) } else { v[0] };
        vec![lowering::atomic_cmpxchg(b, op, FLAGS, addr, expected, v[1])]
    };
    let eval = move |m: &mut Memory, v: &[Bits]| {
        let expected = if hits { there } else { slot(v[0]) };
        Ok(old(with_cell(m, op.access_bytes(), |cell| cell.cmpxchg(expected, slot(v[1])))))
    };
    Case::new(op.name(), op.operands(), op.results(), emit, eval).with(if hits { "hits" } else { "of any" })
}
