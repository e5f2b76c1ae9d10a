//! Handlers that read and write linear memory. Bounds are checked here: an
//! access is in bounds if `address + offset + size <= length`, computed without
//! wrapping. Spec: exec/instructions, "Memory Instructions".
//!
//! Other threads may write the bytes of a shared memory while a handler reads them: see
//! `dayfly_runtime::memory::SharedMemory`. A handler reads them once.

use crate::exec::dispatch::{Regs, goto, handlers, next, trap};
use crate::exec::operand::{Dst, Fields, Operand, Src, words};
use dayfly_runtime::builtins;
use dayfly_runtime::num::V128;
use dayfly_runtime::num::ops::{Binary, Load, LoadLane, Store, StoreLane, load};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm, VmMemory};

/// The bytes `address + offset ..` of memory 0 that a `B` takes, if they exist; a `B`
/// is an array of bytes.
///
/// # Safety
/// `vm` is alive, `mem` is the base of its memory 0, and that memory is not shared.
#[inline(always)]
unsafe fn at<B>(address: i32, offset: u32, mem: *mut u8, vm: *mut Vm) -> Option<*mut B> {
    // Neither sum wraps: the address and the offset are below 2^32.
    let start = address as u32 as usize + offset as usize;
    // SAFETY: in bounds of the memory, whose base is `mem`.
    unsafe { if start + size_of::<B>() > (*vm).mem0.len { None } else { Some(mem.add(start).cast()) } }
}

/// The bytes `address + offset ..+ size` of any memory with any address type, if they exist.
///
/// # Safety
/// `memory` lies in the instance's block and is alive.
#[inline(always)]
pub unsafe fn place(address: u64, offset: u64, size: usize, memory: *const VmMemory) -> Option<*mut u8> {
    let start = address.checked_add(offset)?;
    let end = start.checked_add(size as u64)?;
    // SAFETY: in bounds of the memory.
    unsafe {
        let VmMemory { base, len } = VmMemory::read(memory);
        if end > len as u64 { None } else { Some(base.add(start as usize)) }
    }
}

/// The same, as an array.
///
/// # Safety
/// As for `place`.
#[inline(always)]
unsafe fn at_any<const N: usize>(address: u64, offset: u64, memory: *const VmMemory) -> Option<*mut [u8; N]> {
    // SAFETY: the caller's promise.
    unsafe { place(address, offset, N, memory) }.map(|p| p.cast())
}

/// The `VmMemory` that an instruction of the general form names: its third word is
/// the offset of the access, the fourth tells where the `VmMemory` stands.
///
/// # Safety
/// `ip` points to an instruction of the general form made for the module of `vm`.
#[inline(always)]
pub unsafe fn memory_of(ip: *const u64, vm: *mut Vm) -> *const VmMemory {
    // SAFETY: the offset was taken from the layout.
    unsafe { vm.byte_add(*ip.add(3) as usize).cast() }
}

/// A value that one load reads whole.
pub trait Whole: Operand {
    /// That load.
    type Load: Load<R = Self>;
}

impl Whole for i32 {
    type Load = load::I32Load;
}
impl Whole for i64 {
    type Load = load::I64Load;
}
impl Whole for f32 {
    type Load = load::F32Load;
}
impl Whole for f64 {
    type Load = load::F64Load;
}
impl Whole for V128 {
    type Load = load::V128Load;
}

/// The second part of an address that is a sum.
///
/// # Safety
/// `ip` points to an instruction with such an address, of the frame at `sp`.
#[inline(always)]
unsafe fn addend<Y: Src>(ip: *const u64, sp: *const Slot, r: &Regs) -> i32 {
    // SAFETY: the caller's promise; the word is there if `Y` looks at it.
    unsafe {
        let word = if Y::SLOT || Y::IMM { *ip.add(2) } else { 0 };
        Y::get::<i32>(word as u16, word as i32, ip, sp, r)
    }
}

/// Words of an instruction with such an address.
const fn addend_words<Y: Src>() -> usize {
    if Y::SLOT || Y::IMM { 3 } else { 2 }
}

handlers! {
    /// `dst(a) = memory 0 [x(b) + upper half]`; an immediate address is zero, as it is
    /// part of the upper half.
    fn load_at[O: Load<Mem = [u8; N], R: Operand>, X: Src, Z: Dst, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let Some(p) = at::<[u8; N]>(X::get::<i32>(f.b(), 0, ip, sp, &r), f.imm() as u32, mem, vm) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        Z::put(O::eval(*p), f.a(), sp, &mut r);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `memory 0 [x(a) + upper half] = y(b)`; a 16-bit immediate in `b`; the address as for `load`.
    fn store_at[O: Store<Mem = [u8; N], A: Operand>, X: Src, Y: Src, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let value = Y::get::<O::A>(f.b(), f.simm_b(), ip, sp, &r);
        let Some(p) = at::<[u8; N]>(X::get::<i32>(f.a(), 0, ip, sp, &r), f.imm() as u32, mem, vm) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        *p = O::eval(value);
        next!(ip.add(words::<O::A, Y>()), sp, mem, vm, r)
    }

    /// `dst(a) = memory 0 [(x(b) + y) + upper half]`; a slot or immediate `y` is the third word.
    fn load_sum[O: Load<Mem = [u8; N], R: Operand>, X: Src, Y: Src, Z: Dst, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = X::get::<i32>(f.b(), 0, ip, sp, &r);
        let Some(p) = at::<[u8; N]>(x.wrapping_add(addend::<Y>(ip, sp, &r)), f.imm() as u32, mem, vm) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        Z::put(O::eval(*p), f.a(), sp, &mut r);
        next!(ip.add(addend_words::<Y>()), sp, mem, vm, r)
    }

    /// `memory 0 [(x(a) + y) + upper half] = value(b)`; `y` as for `load_sum`.
    fn store_sum[O: Store<Mem = [u8; N], A: Operand>, X: Src, Y: Src, V: Src, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = X::get::<i32>(f.a(), 0, ip, sp, &r);
        let value = V::get::<O::A>(f.b(), 0, ip, sp, &r);
        let Some(p) = at::<[u8; N]>(x.wrapping_add(addend::<Y>(ip, sp, &r)), f.imm() as u32, mem, vm) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        *p = O::eval(value);
        next!(ip.add(addend_words::<Y>()), sp, mem, vm, r)
    }

    /// `dst(a) = memory 0 [(x + (y(b) << k)) + upper half]`; the halves of the third word
    /// are `x`, a slot or immediate, and `k`.
    fn load_scaled[O: Load<Mem = [u8; N], R: Operand>, X: Src, Y: Src, Z: Dst, const N: usize](ip, sp, mem, vm, r) {
        let (f, word) = (Fields::of(ip), *ip.add(2));
        let y = Y::get::<i32>(f.b(), 0, ip, sp, &r);
        let x = X::get::<i32>(word as u16, word as i32, ip, sp, &r);
        let address = x.wrapping_add(y.wrapping_shl((word >> 32) as u32));
        let Some(p) = at::<[u8; N]>(address, f.imm() as u32, mem, vm) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        Z::put(O::eval(*p), f.a(), sp, &mut r);
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// `dst(a) = x(b) op memory 0 [(y(c) + k) + l]`; the halves of the third word are
    /// the offset `l` and `k`.
    fn binary_load[O: Binary<A: Operand, B: Whole, R: Operand>, X: Src, Y: Src, Z: Dst](ip, sp, mem, vm, r) {
        let (f, word) = (Fields::of(ip), *ip.add(2));
        let x = X::get::<O::A>(f.b(), 0, ip, sp, &r);
        let address = Y::get::<i32>(f.c(), 0, ip, sp, &r).wrapping_add((word >> 32) as i32);
        let Some(p) = at::<<<O::B as Whole>::Load as Load>::Mem>(address, word as u32, mem, vm) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        match O::eval(x, <O::B as Whole>::Load::eval(*p)) {
            Ok(v) => {
                Z::put(v, f.a(), sp, &mut r);
                next!(ip.add(3), sp, mem, vm, r)
            }
            Err(t) => trap!(t, ip, sp, vm),
        }
    }

    /// `dst(a) = memory [b + word 2]`, any memory and address type.
    fn load_any[O: Load<Mem = [u8; N], R: Operand>, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let Some(p) = at_any::<N>(*sp.add(f.b() as usize), *ip.add(2), memory_of(ip, vm)) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        let v = O::eval(*p);
        v.to_acc(&mut r);
        v.write(sp.add(f.a() as usize));
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `memory [a + word 2] = b`, any memory and address type.
    fn store_any[O: Store<Mem = [u8; N], A: Operand>, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let value = <O::A as Operand>::read(sp.add(f.b() as usize));
        let Some(p) = at_any::<N>(*sp.add(f.a() as usize), *ip.add(2), memory_of(ip, vm)) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        *p = O::eval(value);
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `dst(a) = c with lane d read from memory [b + word 2]`.
    fn load_lane[O: LoadLane<Mem = [u8; N]>, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let Some(p) = at_any::<N>(*sp.add(f.b() as usize), *ip.add(2), memory_of(ip, vm)) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        let v = V128::read(sp.add(f.c() as usize));
        O::eval(*p, v, f.d() as u8).write(sp.add(f.a() as usize));
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `memory [a + word 2] = lane d of b`.
    fn store_lane[O: StoreLane<Mem = [u8; N]>, const N: usize](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let Some(p) = at_any::<N>(*sp.add(f.a() as usize), *ip.add(2), memory_of(ip, vm)) else {
            goto!(out_of_bounds, ip, sp, mem, vm, r);
        };
        let v = V128::read(sp.add(f.b() as usize));
        *p = O::eval(v, f.d() as u8);
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `dst(a) = pages of the memory at upper half`, in pages of `1 << b` bytes.
    fn memory_size[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let memory: *const VmMemory = vm.byte_add(f.imm() as u32 as usize).cast();
        *sp.add(f.a() as usize) = (VmMemory::len(memory) >> f.b()) as Slot;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// The access at `ip` was out of bounds by the length that the instance knows. Makes
    /// it again if that length was old, which happens with shared memories only.
    #[cold]
    #[inline(never)]
    fn out_of_bounds[](ip, sp, mem, vm, r) {
        if builtins::memory_settled(vm) {
            next!(ip, sp, mem, vm, r)
        }
        trap!(Trap::MemoryOutOfBounds, ip, sp, vm)
    }
}
