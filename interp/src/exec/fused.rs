//! Handlers that do the work of several instructions which often follow each other.
//! Each paid in at least two programs: see docs/interpreter.md.

use crate::exec::dispatch::{handlers, jump, next};
use crate::exec::operand::{Dst, Fields, Operand, Src, third};
use dayfly_runtime::num::Scalar;
use dayfly_runtime::num::ops::Compare;
use dayfly_runtime::vm::Slot;

/// Copies a slot to another.
///
/// # Safety
/// Both are slots of the frame at `sp`.
#[inline(always)]
unsafe fn copy(sp: *mut Slot, to: u16, from: u16) {
    // SAFETY: the caller's promise.
    unsafe { *sp.add(to as usize) = *sp.add(from as usize) }
}

/// `to = from + k`, as i32.
///
/// # Safety
/// As for `copy`.
#[inline(always)]
unsafe fn add(sp: *mut Slot, to: u16, from: u16, k: i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let sum = i32::read(sp.add(from as usize)).wrapping_add(k);
        sum.write(sp.add(to as usize));
        sum
    }
}

handlers! {
    /// `a = b`, then `c = d`.
    fn mov2[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        copy(sp, f.a(), f.b());
        copy(sp, f.c(), f.d());
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// As `mov2`, then the same with the first two fields of the third word.
    fn mov3[](ip, sp, mem, vm, r) {
        let (f, g) = (Fields::of(ip), Fields::of(ip.add(1)));
        copy(sp, f.a(), f.b());
        copy(sp, f.c(), f.d());
        copy(sp, g.a(), g.b());
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// As `mov3`, then the same with the other two fields of the third word.
    fn mov4[](ip, sp, mem, vm, r) {
        let (f, g) = (Fields::of(ip), Fields::of(ip.add(1)));
        copy(sp, f.a(), f.b());
        copy(sp, f.c(), f.d());
        copy(sp, g.a(), g.b());
        copy(sp, g.c(), g.d());
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// `a = b + k`, then `c = d + l`, as i32; `k` and `l` are the halves of the third word.
    fn add_add[](ip, sp, mem, vm, r) {
        let (f, constants) = (Fields::of(ip), *ip.add(2));
        add(sp, f.a(), f.b(), constants as i32);
        add(sp, f.c(), f.d(), (constants >> 32) as i32).to_acc(&mut r);
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// `dst(a) = x + (y(b) << c)`, as i32; `x` is the third word, a slot or immediate.
    fn shl_add[X: Src, Y: Src, Z: Dst](ip, sp, mem, vm, r) {
        let (f, word) = (Fields::of(ip), *ip.add(2));
        let y = Y::get::<i32>(f.b(), 0, ip, sp, &r);
        let x = X::get::<i32>(word as u16, word as i32, ip, sp, &r);
        Z::put(x.wrapping_add(y.wrapping_shl(f.c() as u32)), f.a(), sp, &mut r);
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// `a += k`, then branches by the upper half if `a op y` is `WHEN`. The local `a` is
    /// pinned if `PIN`. `k` is the third word, a slot or immediate; the slot of `y` in
    /// `b`, an immediate `y` in the fourth word.
    fn add_compare_branch[O: Compare<A: Operand + Scalar>, K: Src, Y: Src, const PIN: bool, const WHEN: bool](ip, sp, mem, vm, r) {
        let (f, word) = (Fields::of(ip), *ip.add(2));
        let slot = sp.add(f.a() as usize);
        let x = if PIN { r.pin } else { *slot };
        let k = if K::SLOT { *sp.add(word as u16 as usize) } else { word };
        let x = O::A::from_slot(x.wrapping_add(k));
        x.to_acc(&mut r);
        if PIN {
            x.to_pin(&mut r);
        }
        x.write(slot);
        let y = Y::get::<O::A>(f.b(), third::<Y>(ip.add(1)) as i32, ip.add(1), sp, &r);
        if O::eval(x, y) == WHEN {
            jump!("/* taken {0} */", ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
        } else {
            jump!("/* not taken {0} */", ip.add(const { if Y::IMM { 4 } else { 3 } }), sp, mem, vm, r)
        }
    }

    /// Branches by the upper half if `x(a) & third word == b`, `b` sign-extended, is `WHEN`; as i32.
    fn mask_branch[X: Src, const WHEN: bool](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = X::get::<i32>(f.a(), 0, ip, sp, &r);
        if (x & *ip.add(2) as i32 == f.simm_b()) == WHEN {
            jump!("/* taken {0} */", ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
        } else {
            jump!("/* not taken {0} */", ip.add(3), sp, mem, vm, r)
        }
    }

    /// `a = b + third word`, then branches by the upper half.
    fn add_br[V: Operand + Scalar](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let sum = V::from_slot((*sp.add(f.b() as usize)).wrapping_add(*ip.add(2)));
        sum.write(sp.add(f.a() as usize));
        next!(ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
    }
}
