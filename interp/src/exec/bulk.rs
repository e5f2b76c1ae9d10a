//! Handlers of the operators that the runtime carries out: growing, filling,
//! copying, segments, table entries. Operands lie in slots in a row from `a` on
//! and the result replaces the first; indices are in words 2 and 3.
//! Spec: exec/instructions, "Table Instructions", "Memory Instructions".

use crate::exec::dispatch::{Exit, Regs, handlers, next, trap};
use crate::exec::fail;
use crate::exec::operand::Fields;
use crate::exec::run::note_state;
use dayfly_runtime::builtins;
use dayfly_runtime::fault::Parked;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm};

/// Words of an instruction of this file.
pub const WORDS: usize = 4;

/// Goes on, or traps.
///
/// # Safety
/// As for handlers.
#[inline(always)]
unsafe fn checked(
    result: Result<(), Trap>,
    ip: *const u64,
    sp: *mut Slot,
    mem: *mut u8,
    vm: *mut Vm,
    r: Regs,
) -> Exit {
    // SAFETY: the caller's promise.
    unsafe {
        match result {
            Ok(()) => next!(ip.add(WORDS), sp, mem, vm, r),
            Err(t) => trap!(t, ip, sp, vm),
        }
    }
}

/// Writes the old size to slot `a`, as an i32 unless `b` tells that it is an i64.
///
/// # Safety
/// As for handlers.
#[inline(always)]
unsafe fn grown(
    result: Result<Slot, Parked>,
    ip: *const u64,
    sp: *mut Slot,
    mem: *mut u8,
    vm: *mut Vm,
    r: Regs,
) -> Exit {
    // SAFETY: the caller's promise.
    unsafe {
        match result {
            Ok(old) => {
                let f = Fields::of(ip);
                *sp.add(f.a() as usize) = if f.b() != 0 { old } else { old as u32 as Slot };
                next!(ip.add(WORDS), sp, mem, vm, r)
            }
            Err(Parked) => fail::passed_on(ip, sp, vm),
        }
    }
}

/// Replaces the index of a table's entry by the entry. What the runtime returns it
/// returns through memory, which must not be a handler's.
///
/// # Safety
/// `vm` is alive and has the table.
#[inline(never)]
unsafe fn get(vm: *mut Vm, table: u32, place: *mut Slot) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        *place = builtins::table_get(vm, table, *place)?;
    }
    Ok(())
}

handlers! {
    /// `memory.grow`; `b` tells whether the address type is i64.
    fn memory_grow[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        note_state(ip, sp, vm);
        let result = builtins::memory_grow(vm, *ip.add(2) as u32, *p);
        grown(result, ip, sp, mem, vm, r)
    }

    /// `memory.fill`
    fn memory_fill[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let result = builtins::memory_fill(vm, *ip.add(2) as u32, *p, *p.add(1) as u8, *p.add(2));
        checked(result, ip, sp, mem, vm, r)
    }

    /// `memory.copy`
    fn memory_copy[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let result = builtins::memory_copy(vm, *ip.add(2) as u32, *ip.add(3) as u32, *p, *p.add(1), *p.add(2));
        checked(result, ip, sp, mem, vm, r)
    }

    /// `memory.init`
    fn memory_init[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let result = builtins::memory_init(vm, *ip.add(2) as u32, *ip.add(3) as u32, *p, *p.add(1), *p.add(2));
        checked(result, ip, sp, mem, vm, r)
    }

    /// `data.drop`
    fn data_drop[](ip, sp, mem, vm, r) {
        builtins::data_drop(vm, *ip.add(2) as u32);
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// `table.get`
    fn table_get[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        checked(get(vm, *ip.add(2) as u32, p), ip, sp, mem, vm, r)
    }

    /// `table.set`
    fn table_set[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        checked(builtins::table_set(vm, *ip.add(2) as u32, *p, *p.add(1)), ip, sp, mem, vm, r)
    }

    /// `table.size`
    fn table_size[](ip, sp, mem, vm, r) {
        *sp.add(Fields::of(ip).a() as usize) = builtins::table_size(vm, *ip.add(2) as u32);
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// `table.grow`; `b` tells whether the index type is i64.
    fn table_grow[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        note_state(ip, sp, vm);
        let result = builtins::table_grow(vm, *ip.add(2) as u32, *p.add(1), *p);
        grown(result, ip, sp, mem, vm, r)
    }

    /// `table.fill`
    fn table_fill[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let result = builtins::table_fill(vm, *ip.add(2) as u32, *p, *p.add(1), *p.add(2));
        checked(result, ip, sp, mem, vm, r)
    }

    /// `table.copy`
    fn table_copy[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let result = builtins::table_copy(vm, *ip.add(2) as u32, *ip.add(3) as u32, *p, *p.add(1), *p.add(2));
        checked(result, ip, sp, mem, vm, r)
    }

    /// `table.init`
    fn table_init[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        let result = builtins::table_init(vm, *ip.add(2) as u32, *ip.add(3) as u32, *p, *p.add(1), *p.add(2));
        checked(result, ip, sp, mem, vm, r)
    }

    /// `elem.drop`
    fn elem_drop[](ip, sp, mem, vm, r) {
        builtins::elem_drop(vm, *ip.add(2) as u32);
        next!(ip.add(WORDS), sp, mem, vm, r)
    }

    /// `ref.func`
    fn ref_func[](ip, sp, mem, vm, r) {
        *sp.add(Fields::of(ip).a() as usize) = builtins::func_ref(vm, *ip.add(2) as u32) as Slot;
        next!(ip.add(WORDS), sp, mem, vm, r)
    }
}
