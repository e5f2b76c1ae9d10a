//! Handlers of the numeric classes: one function per shape, generic over the
//! operator (whose meaning is in `dayfly_runtime::num`) and the operand classes.

use crate::exec::dispatch::{handlers, jump, next, trap};
use crate::exec::operand::{Dst, Fields, Operand, Src, third, words};
use dayfly_runtime::num::ops::{Binary, Compare, Extract, Replace, Ternary, Unary};
use dayfly_runtime::num::{V128, Value};

handlers! {
    /// `dst(a) = op(x, y)`; slots in `b`, `c`, an immediate in the upper half or a word of its own.
    fn binary[O: Binary<A: Operand, B: Operand, R: Operand>, X: Src, Y: Src, Z: Dst](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = X::get::<O::A>(f.b(), f.imm(), ip, sp, &r);
        let y = Y::get::<O::B>(if X::SLOT { f.c() } else { f.b() }, f.imm(), ip, sp, &r);
        match O::eval(x, y) {
            Ok(v) => {
                Z::put(v, f.a(), sp, &mut r);
                next!(ip.add(words::<O::A, X>().max(words::<O::B, Y>())), sp, mem, vm, r)
            }
            Err(t) => trap!(t, ip, sp, vm),
        }
    }

    /// `dst(a) = op(x)`; slot in `b`.
    fn unary[O: Unary<A: Operand, R: Operand>, X: Src, Z: Dst](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        match O::eval(X::get::<O::A>(f.b(), 0, ip, sp, &r)) {
            Ok(v) => {
                Z::put(v, f.a(), sp, &mut r);
                next!(ip.add(2), sp, mem, vm, r)
            }
            Err(t) => trap!(t, ip, sp, vm),
        }
    }

    /// `dst(a) = x op y`, as 0 or 1; operands as in `binary`.
    fn compare[O: Compare<A: Operand>, X: Src, Y: Src, Z: Dst](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = X::get::<O::A>(f.b(), f.imm(), ip, sp, &r);
        let y = Y::get::<O::A>(if X::SLOT { f.c() } else { f.b() }, f.imm(), ip, sp, &r);
        Z::put(O::eval(x, y) as i32, f.a(), sp, &mut r);
        next!(ip.add(words::<O::A, Y>()), sp, mem, vm, r)
    }

    /// Branches by the upper half if `x op y` is `WHEN`; slots in `a`, `b`, an
    /// immediate is the third word.
    fn compare_branch[O: Compare<A: Operand>, X: Src, Y: Src, const WHEN: bool](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = X::get::<O::A>(f.a(), 0, ip, sp, &r);
        let y = Y::get::<O::A>(f.b(), third::<Y>(ip) as i32, ip, sp, &r);
        if O::eval(x, y) == WHEN {
            jump!("/* taken {0} */", ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
        } else {
            jump!("/* not taken {0} */", ip.add(const { if Y::IMM { 3 } else { 2 } }), sp, mem, vm, r)
        }
    }

    /// `dst(a) = op(b, c, d)` on vectors.
    fn ternary[O: Ternary](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = V128::read(sp.add(f.b() as usize));
        let y = V128::read(sp.add(f.c() as usize));
        let z = V128::read(sp.add(f.d() as usize));
        O::eval(x, y, z).write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = lane c of b`.
    fn extract_lane[O: Extract<R: Operand>, Z: Dst](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let v = V128::read(sp.add(f.b() as usize));
        Z::put(O::eval(v, f.c() as u8), f.a(), sp, &mut r);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = b with lane d replaced by c`.
    fn replace_lane[O: Replace<A: Operand>](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let v = V128::read(sp.add(f.b() as usize));
        let x = <O::A as Operand>::read(sp.add(f.c() as usize));
        O::eval(v, f.d() as u8, x).write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = shuffle(b, c)` by the lanes in the two words that follow.
    fn shuffle[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let x = V128::read(sp.add(f.b() as usize));
        let y = V128::read(sp.add(f.c() as usize));
        let lanes = V128::from_slots([*ip.add(2), *ip.add(3)]);
        dayfly_runtime::num::i8x16_shuffle(x, y, lanes.0).write(sp.add(f.a() as usize));
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `dst(a), dst(a)+1 = add128(b.., ..)`: four slots in a row from `b`.
    fn i64_add128[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.b() as usize);
        let (low, high) = dayfly_runtime::num::i64_add128(*p as i64, *p.add(1) as i64, *p.add(2) as i64, *p.add(3) as i64);
        *sp.add(f.a() as usize) = low as u64;
        *sp.add(f.a() as usize + 1) = high as u64;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// As `i64_add128`, subtracting.
    fn i64_sub128[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.b() as usize);
        let (low, high) = dayfly_runtime::num::i64_sub128(*p as i64, *p.add(1) as i64, *p.add(2) as i64, *p.add(3) as i64);
        *sp.add(f.a() as usize) = low as u64;
        *sp.add(f.a() as usize + 1) = high as u64;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a), dst(a)+1 = mul(b, b+1)`, signed.
    fn i64_mul_wide_s[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.b() as usize);
        let (low, high) = dayfly_runtime::num::i64_mul_wide_s(*p as i64, *p.add(1) as i64);
        *sp.add(f.a() as usize) = low as u64;
        *sp.add(f.a() as usize + 1) = high as u64;
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a), dst(a)+1 = mul(b, b+1)`, unsigned.
    fn i64_mul_wide_u[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.b() as usize);
        let (low, high) = dayfly_runtime::num::i64_mul_wide_u(*p as i64, *p.add(1) as i64);
        *sp.add(f.a() as usize) = low as u64;
        *sp.add(f.a() as usize + 1) = high as u64;
        next!(ip.add(2), sp, mem, vm, r)
    }
}
