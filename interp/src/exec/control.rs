//! Handlers of branches, selection, moves, variables and constants.

use crate::exec::dispatch::{Exit, goto, handlers, jump, next, trap};
use crate::exec::fail;
use crate::exec::operand::{Dst, Fields, Operand, Src};
use crate::exec::run::call_out;
use core::sync::atomic::{AtomicU64, Ordering};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::Parked;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, VmGlobal};

handlers! {
    /// Traps.
    fn unreachable[](ip, sp, mem, vm, r) {
        trap!(Trap::Unreachable, ip, sp, vm)
    }

    /// Leaves `run`: the frame it entered has returned.
    fn exit[](ip, sp, mem, vm, r) {
        Exit::Done
    }

    /// Branches by the upper half.
    fn br[](ip, sp, mem, vm, r) {
        next!(ip.byte_offset(Fields::of(ip).imm() as isize), sp, mem, vm, r)
    }

    /// Branches by the upper half if the i32 in `a` is (not) zero.
    fn br_if[X: Src, const WHEN: bool](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        if (X::get::<i32>(f.a(), 0, ip, sp, &r) != 0) == WHEN {
            jump!("/* taken {0} */", ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
        } else {
            jump!("/* not taken {0} */", ip.add(2), sp, mem, vm, r)
        }
    }

    /// Branches by the upper half if the reference in `a` is (not) null.
    fn br_if_null[const WHEN: bool](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        if (*sp.add(f.a() as usize) == 0) == WHEN {
            jump!("/* taken {0} */", ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
        } else {
            jump!("/* not taken {0} */", ip.add(2), sp, mem, vm, r)
        }
    }

    /// Branches by the word that the i32 in `a` selects among those that follow;
    /// the last, at the upper half, is the default.
    fn br_table[X: Src](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let index = (X::get::<i32>(f.a(), 0, ip, sp, &r) as u32).min(f.imm() as u32);
        let distance = *ip.add(2 + index as usize) as isize;
        next!(ip.byte_offset(distance), sp, mem, vm, r)
    }

    /// `dst(a) = if b { c } else { d }`, one slot.
    fn select[X: Src](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let from = if X::get::<i32>(f.b(), 0, ip, sp, &r) != 0 { f.c() } else { f.d() };
        *sp.add(f.a() as usize) = *sp.add(from as usize);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = if b { c } else { d }`, two slots.
    fn select_v128[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let from = if *sp.add(f.b() as usize) as u32 != 0 { f.c() } else { f.d() };
        let (low, high) = (*sp.add(from as usize), *sp.add(from as usize + 1));
        *sp.add(f.a() as usize) = low;
        *sp.add(f.a() as usize + 1) = high;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `a = b`, one slot.
    fn mov[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        *sp.add(f.a() as usize) = *sp.add(f.b() as usize);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// Loads the pin with the local in `a`.
    fn pin[V: Operand](ip, sp, mem, vm, r) {
        V::read(sp.add(Fields::of(ip).a() as usize)).to_pin(&mut r);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `a = b`, two slots.
    fn mov_v128[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let (low, high) = (*sp.add(f.b() as usize), *sp.add(f.b() as usize + 1));
        *sp.add(f.a() as usize) = low;
        *sp.add(f.a() as usize + 1) = high;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `a = upper half`, zero-extended.
    fn const32[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        *sp.add(f.a() as usize) = f.imm() as u32 as Slot;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `a = word 2`.
    fn const64[](ip, sp, mem, vm, r) {
        *sp.add(Fields::of(ip).a() as usize) = *ip.add(2);
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// `a, a+1 = words 2 and 3`.
    fn const128[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        *p = *ip.add(2);
        *p.add(1) = *ip.add(3);
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `dst(a) = global at upper half`, which the module defines; one slot.
    fn global_get[V: Operand, Z: Dst](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let global: *const VmGlobal = vm.byte_add(f.imm() as u32 as usize).cast();
        Z::put(V::read(global.cast()), f.a(), sp, &mut r);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `global at upper half = a`, which the module defines.
    fn global_set[V: Operand, X: Src](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let global: *mut VmGlobal = vm.byte_add(f.imm() as u32 as usize).cast();
        X::get::<V>(f.a(), 0, ip, sp, &r).write(global.cast());
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// As `global_get`, for an imported global.
    fn global_get_imported[V: Operand](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let global: *const *mut VmGlobal = vm.byte_add(f.imm() as u32 as usize).cast();
        let value = V::read((*global).cast());
        value.to_acc(&mut r);
        value.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// As `global_set`, for an imported global.
    fn global_set_imported[V: Operand](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let global: *const *mut VmGlobal = vm.byte_add(f.imm() as u32 as usize).cast();
        V::read(sp.add(f.a() as usize)).write((*global).cast());
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = b is null`.
    fn ref_is_null[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let value = (*sp.add(f.b() as usize) == 0) as i32;
        value.to_acc(&mut r);
        value.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// Traps if the reference in `a` is null.
    fn ref_as_non_null[](ip, sp, mem, vm, r) {
        if *sp.add(Fields::of(ip).a() as usize) == 0 {
            trap!(Trap::NullReference, ip, sp, vm)
        }
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// Takes the upper half from the fuel; traps when it is used up.
    fn fuel[](ip, sp, mem, vm, r) {
        let store = (*vm).store;
        if !(*store).fuel.burn(u64::from(Fields::of(ip).imm() as u32)) {
            trap!(Trap::OutOfFuel, ip, sp, vm)
        }
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// Adds one to the third word, a counter. Threads that do so at once may lose some: it is a measure of
    /// heat, and an addition that no other thread can come between costs far more.
    fn count[](ip, sp, mem, vm, r) {
        let counter = AtomicU64::from_ptr(ip.add(2).cast_mut());
        counter.store(counter.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// Looks whether the epoch deadline has come.
    fn epoch[](ip, sp, mem, vm, r) {
        let store = (*vm).store;
        if (*(*store).epoch).load(Ordering::Relaxed) >= (*store).epoch_deadline {
            goto!(epoch_reached, ip, sp, mem, vm, r)
        }
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// The epoch deadline has come: asks the store what to do.
    fn epoch_reached[](ip, sp, mem, vm, r) {
        match call_out(ip, sp, vm, || builtins::epoch_reached(vm)) {
            Ok(()) => next!(ip.add(2), sp, mem, vm, r),
            Err(Parked) => fail::passed_on(ip, sp, vm),
        }
    }
}
