//! Where operands come from and results go: a slot of the frame, an immediate
//! in the instruction, an accumulator, a pin. Handlers are generic over these
//! classes, so that each shape of instruction is written once.

use crate::exec::dispatch::Regs;
use dayfly_runtime::num::V128;
use dayfly_runtime::num::{Scalar, Value};
use dayfly_runtime::vm::Slot;

/// A value as it lies in slots and accumulators.
pub trait Operand: Value {
    /// Whether an immediate is a word of its own, the third, and not a part of the second.
    const WIDE: bool = false;

    /// Reads it from its slot or slots.
    ///
    /// # Safety
    /// `slot` points to the value's slots.
    unsafe fn read(slot: *const Slot) -> Self;

    /// Writes it to its slot or slots.
    ///
    /// # Safety
    /// `slot` points to the value's slots.
    unsafe fn write(self, slot: *mut Slot);

    /// From an immediate of the instruction at `ip`: `imm` or the third word.
    ///
    /// # Safety
    /// `ip` points to an instruction of at least three words if `WIDE`.
    unsafe fn from_imm(imm: i32, ip: *const u64) -> Self;

    /// From the accumulator of its bank.
    fn from_acc(r: &Regs) -> Self;

    /// To the accumulator of its bank.
    fn to_acc(self, r: &mut Regs);

    /// From the pin of its bank.
    fn from_pin(r: &Regs) -> Self;

    /// To the pin of its bank.
    fn to_pin(self, r: &mut Regs);
}

macro_rules! int_operand {
    ($($ty:ty, $wide:literal, |$imm:ident, $word:ident| $from_imm:expr;)*) => {$(
        impl Operand for $ty {
            const WIDE: bool = $wide;

            #[inline(always)]
            unsafe fn read(slot: *const Slot) -> Self {
                // SAFETY: the caller's promise.
                unsafe { Self::from_slot(*slot) }
            }
            #[inline(always)]
            unsafe fn write(self, slot: *mut Slot) {
                // SAFETY: the caller's promise.
                unsafe { *slot = self.to_slot() }
            }
            #[inline(always)]
            unsafe fn from_imm($imm: i32, $word: *const u64) -> Self {
                $from_imm
            }
            #[inline(always)]
            fn from_acc(r: &Regs) -> Self {
                Self::from_slot(r.acc)
            }
            #[inline(always)]
            fn to_acc(self, r: &mut Regs) {
                r.acc = self.to_slot();
            }
            #[inline(always)]
            fn from_pin(r: &Regs) -> Self {
                Self::from_slot(r.pin)
            }
            #[inline(always)]
            fn to_pin(self, r: &mut Regs) {
                r.pin = self.to_slot();
            }
        }
    )*};
}

int_operand! {
    i32, false, |imm, _ip| imm;
    // SAFETY: the caller's promise.
    i64, true, |_imm, ip| unsafe { *ip.add(2) as i64 };
}

impl Operand for f64 {
    const WIDE: bool = true;

    #[inline(always)]
    unsafe fn read(slot: *const Slot) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Self::from_slot(*slot) }
    }
    #[inline(always)]
    unsafe fn write(self, slot: *mut Slot) {
        // SAFETY: the caller's promise.
        unsafe { *slot = self.to_slot() }
    }
    #[inline(always)]
    unsafe fn from_imm(_: i32, ip: *const u64) -> Self {
        // SAFETY: the caller's promise.
        f64::from_bits(unsafe { *ip.add(2) })
    }
    #[inline(always)]
    fn from_acc(r: &Regs) -> Self {
        r.fa
    }
    #[inline(always)]
    fn to_acc(self, r: &mut Regs) {
        r.fa = self;
    }
    #[inline(always)]
    fn from_pin(r: &Regs) -> Self {
        r.fpin
    }
    #[inline(always)]
    fn to_pin(self, r: &mut Regs) {
        r.fpin = self;
    }
}

/// There is no pin of this type: no handler is instantiated that would use one.
impl Operand for f32 {
    #[inline(always)]
    unsafe fn read(slot: *const Slot) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Self::from_slot(*slot) }
    }
    #[inline(always)]
    unsafe fn write(self, slot: *mut Slot) {
        // SAFETY: the caller's promise.
        unsafe { *slot = self.to_slot() }
    }
    #[inline(always)]
    unsafe fn from_imm(imm: i32, _: *const u64) -> Self {
        f32::from_bits(imm as u32)
    }
    #[inline(always)]
    fn from_acc(r: &Regs) -> Self {
        r.fs
    }
    #[inline(always)]
    fn to_acc(self, r: &mut Regs) {
        r.fs = self;
    }
    fn from_pin(_: &Regs) -> Self {
        unreachable!("no f32 is pinned")
    }
    fn to_pin(self, _: &mut Regs) {
        unreachable!("no f32 is pinned")
    }
}

/// Vectors live in slots only; no handler is instantiated that would move one
/// through an accumulator or an immediate.
impl Operand for V128 {
    #[inline(always)]
    unsafe fn read(slot: *const Slot) -> Self {
        // SAFETY: the caller's promise: two slots.
        unsafe { V128::from_slots([*slot, *slot.add(1)]) }
    }
    #[inline(always)]
    unsafe fn write(self, slot: *mut Slot) {
        let [low, high] = self.to_slots();
        // SAFETY: the caller's promise: two slots.
        unsafe {
            *slot = low;
            *slot.add(1) = high;
        }
    }
    unsafe fn from_imm(_: i32, _: *const u64) -> Self {
        unreachable!("vectors are never immediates")
    }
    #[inline(always)]
    fn from_acc(_: &Regs) -> Self {
        unreachable!("vectors are never in accumulators")
    }
    #[inline(always)]
    fn to_acc(self, _: &mut Regs) {}
    fn from_pin(_: &Regs) -> Self {
        unreachable!("vectors are never pinned")
    }
    fn to_pin(self, _: &mut Regs) {
        unreachable!("vectors are never pinned")
    }
}

/// Where an operand comes from.
pub trait Src {
    /// Whether it takes a slot field of the instruction.
    const SLOT: bool = false;
    /// Whether it is in the instruction.
    const IMM: bool = false;

    /// Reads the operand: from `slot`, from `imm` or the instruction at `ip`, or from `r`.
    ///
    /// # Safety
    /// `slot` is a slot of the frame at `sp`, unless the class does not look at it; `ip`
    /// is as `Operand::from_imm` demands.
    unsafe fn get<V: Operand>(slot: u16, imm: i32, ip: *const u64, sp: *const Slot, r: &Regs) -> V;
}

/// A slot of the frame.
#[derive(Debug)]
pub struct S;
/// An immediate.
#[derive(Debug)]
pub struct I;
/// The accumulator of the value's bank.
#[derive(Debug)]
pub struct A;
/// The pin of the value's bank.
#[derive(Debug)]
pub struct P;

impl Src for S {
    const SLOT: bool = true;
    #[inline(always)]
    unsafe fn get<V: Operand>(slot: u16, _: i32, _: *const u64, sp: *const Slot, _: &Regs) -> V {
        // SAFETY: the caller's promise.
        unsafe { V::read(sp.add(slot as usize)) }
    }
}

impl Src for I {
    const IMM: bool = true;
    #[inline(always)]
    unsafe fn get<V: Operand>(_: u16, imm: i32, ip: *const u64, _: *const Slot, _: &Regs) -> V {
        // SAFETY: the caller's promise.
        unsafe { V::from_imm(imm, ip) }
    }
}

impl Src for A {
    #[inline(always)]
    unsafe fn get<V: Operand>(_: u16, _: i32, _: *const u64, _: *const Slot, r: &Regs) -> V {
        V::from_acc(r)
    }
}

impl Src for P {
    #[inline(always)]
    unsafe fn get<V: Operand>(_: u16, _: i32, _: *const u64, _: *const Slot, r: &Regs) -> V {
        V::from_pin(r)
    }
}

/// Words of an instruction with an operand of type `V` from `X`, apart from what its
/// shape adds.
pub const fn words<V: Operand, X: Src>() -> usize {
    if X::IMM && V::WIDE { 3 } else { 2 }
}

/// The third word of an instruction, if `X` is an immediate that stands there.
///
/// # Safety
/// `ip` points to an instruction that has three words if `X` is an immediate.
#[inline(always)]
pub unsafe fn third<X: Src>(ip: *const u64) -> u64 {
    // SAFETY: the caller's promise.
    if X::IMM { unsafe { *ip.add(2) } } else { 0 }
}

/// Where a result goes; always to the accumulator, so that it mirrors the last
/// result of its bank.
pub trait Dst {
    /// Writes the result.
    ///
    /// # Safety
    /// `slot` is a slot of the frame at `sp`.
    unsafe fn put<V: Operand>(value: V, slot: u16, sp: *mut Slot, r: &mut Regs);
}

/// To a slot as well.
#[derive(Debug)]
pub struct ToSlot;
/// To the accumulator alone: nobody reads the slot.
#[derive(Debug)]
pub struct ToAcc;
/// To a slot and the pin: to the local that is pinned.
#[derive(Debug)]
pub struct ToPin;

impl Dst for ToSlot {
    #[inline(always)]
    unsafe fn put<V: Operand>(value: V, slot: u16, sp: *mut Slot, r: &mut Regs) {
        value.to_acc(r);
        // SAFETY: the caller's promise.
        unsafe { value.write(sp.add(slot as usize)) }
    }
}

impl Dst for ToAcc {
    #[inline(always)]
    unsafe fn put<V: Operand>(value: V, _: u16, _: *mut Slot, r: &mut Regs) {
        value.to_acc(r);
    }
}

impl Dst for ToPin {
    #[inline(always)]
    unsafe fn put<V: Operand>(value: V, slot: u16, sp: *mut Slot, r: &mut Regs) {
        value.to_acc(r);
        value.to_pin(r);
        // SAFETY: the caller's promise.
        unsafe { value.write(sp.add(slot as usize)) }
    }
}

/// The second word of an instruction, in its fields.
#[derive(Clone, Copy, Debug)]
pub struct Fields(pub u64);

impl Fields {
    /// Reads the fields of the instruction at `ip`.
    ///
    /// # Safety
    /// `ip` points to an instruction of at least two words.
    #[inline(always)]
    pub unsafe fn of(ip: *const u64) -> Fields {
        // SAFETY: the caller's promise.
        Fields(unsafe { *ip.add(1) })
    }

    /// First 16 bits.
    #[inline(always)]
    pub fn a(self) -> u16 {
        self.0 as u16
    }

    /// Second 16 bits.
    #[inline(always)]
    pub fn b(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Third 16 bits.
    #[inline(always)]
    pub fn c(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// Fourth 16 bits.
    #[inline(always)]
    pub fn d(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// The upper half.
    #[inline(always)]
    pub fn imm(self) -> i32 {
        (self.0 >> 32) as i32
    }

    /// The second 16 bits, sign-extended.
    #[inline(always)]
    pub fn simm_b(self) -> i32 {
        (self.0 >> 16) as i16 as i32
    }

    /// Packs four fields.
    pub fn pack(a: u16, b: u16, c: u16, d: u16) -> u64 {
        a as u64 | (b as u64) << 16 | (c as u64) << 32 | (d as u64) << 48
    }

    /// Packs two fields and an upper half.
    pub fn pack_imm(a: u16, b: u16, imm: i32) -> u64 {
        a as u64 | (b as u64) << 16 | (imm as u32 as u64) << 32
    }
}
