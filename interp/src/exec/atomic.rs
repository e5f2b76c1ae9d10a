//! Handlers of atomic accesses, of any memory and address type. A cell's address is
//! checked for alignment first, then for bounds; the address operand's slot is in `b`,
//! words 2 and 3 are as in the general form of `memory`. Values are zero-extended in
//! their slots, so 32 and 64 bits share handlers. Spec: threads proposal, "Execution".

use crate::exec::dispatch::{Handler, goto, handlers, next, trap};
use crate::exec::fail;
use crate::exec::memory::{memory_of, out_of_bounds, place};
use crate::exec::operand::Fields;
use crate::exec::run::call_out;
use core::sync::atomic::{Ordering, fence};
use dayfly_parser::ops::{AtomicCmpxchgOp, AtomicLoadOp, AtomicRmwOp, AtomicStoreOp, RmwKind};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::Parked;
use dayfly_runtime::num::Cell;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm};

/// Words of an instruction of this file but for `atomic_fence` and `memory_size_shared`.
const WORDS: usize = 4;

/// Every kind, at its own position.
const KINDS: [RmwKind; 6] =
    [RmwKind::Add, RmwKind::Sub, RmwKind::And, RmwKind::Or, RmwKind::Xor, RmwKind::Xchg];

/// The cell that an instruction addresses, if it is aligned and in bounds.
///
/// # Safety
/// `ip` points to an instruction of this file made for the module of `vm`, in the
/// frame at `sp`.
#[inline(always)]
unsafe fn cell<'a, C: Cell>(ip: *const u64, sp: *const Slot, vm: *mut Vm) -> Option<&'a C::Atomic> {
    // SAFETY: the caller's promise; memory outlives the handler, and its base is aligned.
    unsafe {
        let (address, offset) = (*sp.add(Fields::of(ip).b() as usize), *ip.add(2));
        if !address.wrapping_add(offset).is_multiple_of(C::BYTES as u64) {
            return None;
        }
        place(address, offset, C::BYTES, memory_of(ip, vm)).map(|p| &*p.cast::<C::Atomic>())
    }
}

handlers! {
    /// `dst(a) = cell`.
    fn atomic_load[C: Cell](ip, sp, mem, vm, r) {
        let Some(cell) = cell::<C>(ip, sp, vm) else { goto!(no_cell::<C>, ip, sp, mem, vm, r) };
        r.acc = C::load(cell);
        *sp.add(Fields::of(ip).a() as usize) = r.acc;
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// `cell = c`.
    fn atomic_store[C: Cell](ip, sp, mem, vm, r) {
        let Some(cell) = cell::<C>(ip, sp, vm) else { goto!(no_cell::<C>, ip, sp, mem, vm, r) };
        C::store(cell, *sp.add(Fields::of(ip).c() as usize));
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// `dst(a) = cell; cell = cell op c`.
    fn atomic_rmw[C: Cell, const KIND: usize](ip, sp, mem, vm, r) {
        let Some(cell) = cell::<C>(ip, sp, vm) else { goto!(no_cell::<C>, ip, sp, mem, vm, r) };
        let f = Fields::of(ip);
        r.acc = C::rmw(cell, const { KINDS[KIND] }, *sp.add(f.c() as usize));
        *sp.add(f.a() as usize) = r.acc;
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// `dst(a) = cell; if it is c, cell = d`.
    fn atomic_cmpxchg[C: Cell](ip, sp, mem, vm, r) {
        let Some(cell) = cell::<C>(ip, sp, vm) else { goto!(no_cell::<C>, ip, sp, mem, vm, r) };
        let f = Fields::of(ip);
        r.acc = C::cmpxchg(cell, *sp.add(f.c() as usize), *sp.add(f.d() as usize));
        *sp.add(f.a() as usize) = r.acc;
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// Why there was no cell.
    #[cold]
    #[inline(never)]
    fn no_cell[C: Cell](ip, sp, mem, vm, r) {
        let address = *sp.add(Fields::of(ip).b() as usize);
        if !address.wrapping_add(*ip.add(2)).is_multiple_of(C::BYTES as u64) {
            trap!(Trap::UnalignedAtomic, ip, sp, vm)
        }
        goto!(out_of_bounds, ip, sp, mem, vm, r)
    }

    /// `memory.atomic.notify` of the address in `a` and the count after it; the result
    /// goes to `a`. Word 3 is the memory's index.
    fn atomic_notify[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        match builtins::memory_atomic_notify(vm, *ip.add(3) as u32, *p, *ip.add(2), *p.add(1) as u32) {
            Ok(woken) => {
                *p = woken.into();
                next!(ip.add(WORDS), sp, mem, vm, r)
            }
            Err(t) => trap!(t, ip, sp, vm),
        }
    }

    /// `memory.atomic.wait32` of the address in `a`, the expected value and the time
    /// after it; otherwise as `atomic_notify`.
    fn atomic_wait32[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let (memory, offset) = (*ip.add(3) as u32, *ip.add(2));
        let (address, expected, time) = (*p, *p.add(1) as u32, *p.add(2) as i64);
        let wait = || builtins::memory_atomic_wait32(vm, memory, address, offset, expected, time);
        match call_out(ip, sp, vm, wait) {
            Ok(result) => {
                *p = result.into();
                next!(ip.add(WORDS), sp, mem, vm, r)
            }
            Err(Parked) => fail::passed_on(ip, sp, vm),
        }
    }

    /// As `atomic_wait32`.
    fn atomic_wait64[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let (memory, offset) = (*ip.add(3) as u32, *ip.add(2));
        let (address, expected, time) = (*p, *p.add(1), *p.add(2) as i64);
        let wait = || builtins::memory_atomic_wait64(vm, memory, address, offset, expected, time);
        match call_out(ip, sp, vm, wait) {
            Ok(result) => {
                *p = result.into();
                next!(ip.add(WORDS), sp, mem, vm, r)
            }
            Err(Parked) => fail::passed_on(ip, sp, vm),
        }
    }

    /// `atomic.fence`
    fn atomic_fence[](ip, sp, mem, vm, r) {
        fence(Ordering::SeqCst);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = pages of the memory at index upper half`, which is shared.
    fn memory_size_shared[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        *sp.add(f.a() as usize) = builtins::shared_memory_size(vm, f.imm() as u32);
        next!(ip.add(2), sp, mem, vm, r)
    }
}

/// An atomic load.
pub fn of_load(op: AtomicLoadOp) -> Handler {
    match op.access_bytes() {
        1 => atomic_load::<u8>,
        2 => atomic_load::<u16>,
        4 => atomic_load::<u32>,
        _ => atomic_load::<u64>,
    }
}

/// An atomic store.
pub fn of_store(op: AtomicStoreOp) -> Handler {
    match op.access_bytes() {
        1 => atomic_store::<u8>,
        2 => atomic_store::<u16>,
        4 => atomic_store::<u32>,
        _ => atomic_store::<u64>,
    }
}

/// An atomic read-modify-write.
pub fn of_rmw(op: AtomicRmwOp) -> Handler {
    match op.access_bytes() {
        1 => of_kind::<u8>(op.kind()),
        2 => of_kind::<u16>(op.kind()),
        4 => of_kind::<u32>(op.kind()),
        _ => of_kind::<u64>(op.kind()),
    }
}

fn of_kind<C: Cell>(kind: RmwKind) -> Handler {
    match kind {
        RmwKind::Add => atomic_rmw::<C, { RmwKind::Add as usize }>,
        RmwKind::Sub => atomic_rmw::<C, { RmwKind::Sub as usize }>,
        RmwKind::And => atomic_rmw::<C, { RmwKind::And as usize }>,
        RmwKind::Or => atomic_rmw::<C, { RmwKind::Or as usize }>,
        RmwKind::Xor => atomic_rmw::<C, { RmwKind::Xor as usize }>,
        RmwKind::Xchg => atomic_rmw::<C, { RmwKind::Xchg as usize }>,
    }
}

/// An atomic compare-exchange.
pub fn of_cmpxchg(op: AtomicCmpxchgOp) -> Handler {
    match op.access_bytes() {
        1 => atomic_cmpxchg::<u8>,
        2 => atomic_cmpxchg::<u16>,
        4 => atomic_cmpxchg::<u32>,
        _ => atomic_cmpxchg::<u64>,
    }
}
