//! Handlers of calls and returns. A call to an interpreted function pushes a
//! frame and does not recurse on the native stack; any other function is called
//! by the common convention, its arguments already in place.
//!
//! Every call is followed by a `restore` instruction. A callee of the same
//! instance returns behind it; one of another instance returns to it.
//!
//! Call:    `a` = first argument slot, `b` = slot of an index or reference,
//!          upper half = offset in the instance's block, word 2 = payload.
//! Restore: `a` = slot where the frame keeps its instance, `b` = slots that the
//!          arguments or results take.

use crate::exec::dispatch::{Exit, Regs, goto, handlers, next, trap};
use crate::exec::fail;
use crate::exec::frame::{CALLER_SP, RETURN_IP, returns_to_restore};
use crate::exec::operand::{Fields, Operand, Src};
use crate::exec::raise::{is_exception, raise, raise_in_caller};
use crate::exec::run::{EXIT, enter, note_state};
use crate::record::FuncRecord;
use core::sync::atomic::Ordering;
use dayfly_runtime::backend::{Entry, Outcome};
use dayfly_runtime::builtins;
use dayfly_runtime::num::Scalar;
use dayfly_runtime::store;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{FuncRef, Slot, Vm, VmTable};

/// Words of a call.
pub const CALL_WORDS: usize = 3;
/// Words of the `restore` behind it.
pub const RESTORE_WORDS: usize = 2;

/// Pushes the frame of `$record` at `$callee_sp` and goes on in it; `$callee_vm`
/// is its instance. A function that is not lowered yet is lowered, and the call
/// at `$ip` is executed again: nothing has been written by then.
macro_rules! push_frame {
    ($record:expr, $callee_sp:expr, $return_ip:expr, $caller_sp:expr, $callee_vm:expr,
     $ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        let record: *const FuncRecord = $record;
        let callee_sp: *mut Slot = $callee_sp;
        let callee_vm: *mut Vm = $callee_vm;
        let code = (*record).code();
        let locals = (*record).locals() as usize;
        let header = callee_sp.add(locals);
        *header.add(RETURN_IP) = $return_ip as Slot;
        *header.add(CALLER_SP) = $caller_sp as Slot;
        // Volatile, or the loop becomes a call to memset; and with a count that the compiler
        // cannot follow, or it is unrolled. Either way every register would be saved around it.
        let mut local = (*record).params() as usize;
        while local < locals {
            callee_sp.add(local).write_volatile(0);
            local += 1;
            #[cfg(not(miri))]
            core::arch::asm!("/* {0} */", inout(reg) local, options(pure, nomem, nostack, preserves_flags));
        }
        next!(code, callee_sp, $mem, callee_vm, $r)
    }};
}

/// Makes sure that `$record` is lowered and its frame at `$callee_sp` fits.
macro_rules! check_frame {
    ($record:expr, $callee_sp:expr, $ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        let record: *const FuncRecord = $record;
        if (*record).code().is_null() {
            goto!(lower_first, $ip, $sp, $mem, $vm, Regs { acc: record as u64, ..$r });
        }
        if $callee_sp.wrapping_add((*record).frame() as usize) > (*(*$vm).store).stack_limit {
            trap!(Trap::StackOverflow, $ip, $sp, $vm)
        }
    }};
}

/// Calls what `$func` refers to.
macro_rules! call_func_ref {
    ($func:expr, $ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        let func: *const FuncRef = $func;
        let record = interpreted(func);
        if record.is_null() {
            goto!(call_native, $ip, $sp, $mem, $vm, Regs { acc: func as u64, ..$r });
        }
        let callee_sp = $sp.add(Fields::of($ip).a() as usize);
        check_frame!(record, callee_sp, $ip, $sp, $mem, $vm, $r);
        let restore = $ip.add(CALL_WORDS);
        let callee_vm = (*func).vm;
        if callee_vm == $vm {
            push_frame!(record, callee_sp, restore.add(RESTORE_WORDS), $sp, $vm, $ip, $sp, $mem, $vm, $r)
        } else {
            *$sp.add(Fields::of(restore).a() as usize) = $vm as Slot;
            let callee_mem = (*callee_vm).mem0.base;
            push_frame!(record, callee_sp, restore, $sp, callee_vm, $ip, $sp, callee_mem, $vm, $r)
        }
    }};
}

/// Calls what `$func` refers to in place of the running frame.
macro_rules! return_call_func_ref {
    ($func:expr, $ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        let func: *const FuncRef = $func;
        let record = interpreted(func);
        if record.is_null() {
            goto!(return_call_native, $ip, $sp, $mem, $vm, Regs { acc: func as u64, ..$r });
        }
        check_frame!(record, $sp, $ip, $sp, $mem, $vm, $r);
        let header = $sp.add((*$ip.add(3)) as usize);
        let mut return_ip = *header.add(RETURN_IP) as *const u64;
        let caller_sp = *header.add(CALLER_SP) as *mut Slot;
        let callee_vm = (*func).vm;
        if callee_vm != $vm && !core::ptr::eq(return_ip, EXIT.as_ptr()) && !returns_to_restore(return_ip) {
            // The caller is of this instance, and its callee now is not.
            return_ip = return_ip.sub(RESTORE_WORDS);
            *caller_sp.add(Fields::of(return_ip).a() as usize) = $vm as Slot;
        }
        core::ptr::copy($sp.add(Fields::of($ip).a() as usize), $sp, (*record).params() as usize);
        let callee_mem = (*callee_vm).mem0.base;
        push_frame!(record, $sp, return_ip, caller_sp, callee_vm, $ip, $sp, callee_mem, $vm, $r)
    }};
}

/// The record of an interpreted function; null for any other.
///
/// # Safety
/// `func` is alive.
#[inline(always)]
unsafe fn interpreted(func: *const FuncRef) -> *const FuncRecord {
    // SAFETY: entries outlive the references to them; `enter` marks the interpreter's own.
    unsafe {
        let entry: *const Entry = (*func).entry.load(Ordering::Acquire);
        if (*entry).call as usize == enter as *const () as usize {
            (*entry).body.cast()
        } else {
            core::ptr::null()
        }
    }
}

/// Leaves the first result in the accumulator of its bank, whichever that is: the code
/// behind a call for one result looks for it there.
///
/// # Safety
/// `slot` is the slot of the first result, if there is one.
#[inline(always)]
unsafe fn result(slot: *const Slot, r: Regs) -> Regs {
    // SAFETY: the caller's promise; any bits are a value of each type.
    let slot = unsafe { *slot };
    Regs { acc: slot, fa: f64::from_slot(slot), fs: f32::from_slot(slot), ..r }
}

handlers! {
    /// Comes back from another instance.
    fn restore[](ip, sp, mem, vm, r) {
        let own = *sp.add(Fields::of(ip).a() as usize) as *mut Vm;
        next!(ip.add(RESTORE_WORDS), sp, (*own).mem0.base, own, r)
    }

    /// Lowers the function whose record is in the accumulator, then goes on with the same instruction.
    fn lower_first[](ip, sp, mem, vm, r) {
        if lower(r.acc as *const FuncRecord, ip, sp, vm) {
            next!(ip, sp, mem, vm, r)
        }
        Exit::Failed
    }

    /// Calls a function of the same module; payload = its record.
    fn call[](ip, sp, mem, vm, r) {
        let record = *ip.add(2) as *const FuncRecord;
        let callee_sp = sp.add(Fields::of(ip).a() as usize);
        check_frame!(record, callee_sp, ip, sp, mem, vm, r);
        push_frame!(record, callee_sp, ip.add(CALL_WORDS + RESTORE_WORDS), sp, vm, ip, sp, mem, vm, r)
    }

    /// Calls the imported function whose reference stands at the upper half.
    fn call_import[](ip, sp, mem, vm, r) {
        let func: *const *const FuncRef = vm.byte_add(Fields::of(ip).imm() as u32 as usize).cast();
        call_func_ref!(*func, ip, sp, mem, vm, r)
    }

    /// Calls the function of the same module, made by another maker of code, whose
    /// reference is at the upper half.
    fn call_other[](ip, sp, mem, vm, r) {
        let func: *const FuncRef = vm.byte_add(Fields::of(ip).imm() as u32 as usize).cast();
        call_func_ref!(func, ip, sp, mem, vm, r)
    }

    /// Calls by index `b` of the table at the upper half; payload = type id.
    fn call_indirect[const FINAL: bool](ip, sp, mem, vm, r) {
        let func = match callee::<FINAL>(ip, sp, vm) {
            Ok(func) => func,
            Err(t) => trap!(t, ip, sp, vm),
        };
        call_func_ref!(func, ip, sp, mem, vm, r)
    }

    /// Calls the reference in `b`.
    fn call_ref[](ip, sp, mem, vm, r) {
        let func = *sp.add(Fields::of(ip).b() as usize) as *const FuncRef;
        if func.is_null() {
            trap!(Trap::NullFunctionReference, ip, sp, vm)
        }
        call_func_ref!(func, ip, sp, mem, vm, r)
    }

    /// Calls the function reference in the accumulator by the common convention.
    fn call_native[](ip, sp, mem, vm, r) {
        let base = sp.add(Fields::of(ip).a() as usize);
        let room = Fields::of(ip.add(CALL_WORDS)).b();
        if native(r.acc as *const FuncRef, base, room, ip, sp, vm) {
            next!(ip.add(CALL_WORDS + RESTORE_WORDS), sp, mem, vm, result(base, r))
        }
        if is_exception(vm) {
            goto!(raise, ip, sp, mem, vm, r);
        }
        fail::passed_on(ip, sp, vm)
    }

    /// `call` in place of the running frame. Word 3 = where its header is.
    fn return_call[](ip, sp, mem, vm, r) {
        let record = *ip.add(2) as *const FuncRecord;
        check_frame!(record, sp, ip, sp, mem, vm, r);
        let header = sp.add(*ip.add(3) as usize);
        let return_ip = *header.add(RETURN_IP);
        let caller_sp = *header.add(CALLER_SP);
        core::ptr::copy(sp.add(Fields::of(ip).a() as usize), sp, (*record).params() as usize);
        push_frame!(record, sp, return_ip, caller_sp, vm, ip, sp, mem, vm, r)
    }

    /// `call_import` in place of the running frame.
    fn return_call_import[](ip, sp, mem, vm, r) {
        let func: *const *const FuncRef = vm.byte_add(Fields::of(ip).imm() as u32 as usize).cast();
        return_call_func_ref!(*func, ip, sp, mem, vm, r)
    }

    /// `call_other` in place of the running frame.
    fn return_call_other[](ip, sp, mem, vm, r) {
        let func: *const FuncRef = vm.byte_add(Fields::of(ip).imm() as u32 as usize).cast();
        return_call_func_ref!(func, ip, sp, mem, vm, r)
    }

    /// `call_indirect` in place of the running frame.
    fn return_call_indirect[const FINAL: bool](ip, sp, mem, vm, r) {
        let func = match callee::<FINAL>(ip, sp, vm) {
            Ok(func) => func,
            Err(t) => trap!(t, ip, sp, vm),
        };
        return_call_func_ref!(func, ip, sp, mem, vm, r)
    }

    /// `call_ref` in place of the running frame.
    fn return_call_ref[](ip, sp, mem, vm, r) {
        let func = *sp.add(Fields::of(ip).b() as usize) as *const FuncRef;
        if func.is_null() {
            trap!(Trap::NullFunctionReference, ip, sp, vm)
        }
        return_call_func_ref!(func, ip, sp, mem, vm, r)
    }

    /// `call_native`, then returns its results; the run's outermost frame leaves that to whoever
    /// entered it. Word 4 = slots of arguments or results, of results, of arguments, 16 bits each.
    fn return_call_native[](ip, sp, mem, vm, r) {
        let base = sp.add(Fields::of(ip).a() as usize);
        let sizes = Fields(*ip.add(4));
        if *sp.add(*ip.add(3) as usize + RETURN_IP) == EXIT.as_ptr() as Slot {
            let func = r.acc as *const FuncRef;
            (*(*vm).store).tail.ask(func, vm, base, sizes.c() as usize);
            return Exit::Tail;
        }
        if native(r.acc as *const FuncRef, base, sizes.a(), ip, sp, vm) {
            let header = sp.add(*ip.add(3) as usize);
            let return_ip = *header.add(RETURN_IP) as *const u64;
            let caller_sp = *header.add(CALLER_SP) as *mut Slot;
            core::ptr::copy(base, sp, sizes.b() as usize);
            next!(return_ip, caller_sp, mem, vm, result(sp, r))
        }
        if is_exception(vm) {
            goto!(raise_in_caller, ip, sp, mem, vm, r);
        }
        fail::passed_on(ip, sp, vm)
    }

    /// Returns nothing; `a` = where the header is.
    fn ret[](ip, sp, mem, vm, r) {
        let header = sp.add(Fields::of(ip).a() as usize);
        next!(*header.add(RETURN_IP) as *const u64, *header.add(CALLER_SP) as *mut Slot, mem, vm, r)
    }

    /// Returns a value of one slot: `b`, the upper half or the accumulator.
    fn ret_value[V: Operand, X: Src](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let header = sp.add(f.a() as usize);
        let return_ip = *header.add(RETURN_IP) as *const u64;
        let caller_sp = *header.add(CALLER_SP) as *mut Slot;
        let value = X::get::<V>(f.b(), f.imm(), ip, sp, &r);
        value.to_acc(&mut r);
        value.write(sp);
        next!(return_ip, caller_sp, mem, vm, r)
    }

    /// Returns `c` slots from `b` on.
    fn ret_slots[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let header = sp.add(f.a() as usize);
        let return_ip = *header.add(RETURN_IP) as *const u64;
        let caller_sp = *header.add(CALLER_SP) as *mut Slot;
        core::ptr::copy(sp.add(f.b() as usize), sp, f.c() as usize);
        next!(return_ip, caller_sp, mem, vm, result(sp, r))
    }
}

/// Lowers a function; false if it failed, and then the run has. What can go wrong is
/// returned through memory, which must not be a handler's.
///
/// # Safety
/// The record is alive; the rest is the running frame's state.
#[cold]
#[inline(never)]
unsafe fn lower(record: *const FuncRecord, ip: *const u64, sp: *mut Slot, vm: *mut Vm) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        match (*record).lowered() {
            Ok(_) => true,
            Err(fault) => {
                fail::fault(fault, ip, sp, vm);
                false
            }
        }
    }
}

/// The function that a `call_indirect` means, or why it traps.
///
/// # Safety
/// `ip` is a `call_indirect` of the running frame.
#[inline(always)]
unsafe fn callee<const FINAL: bool>(
    ip: *const u64,
    sp: *mut Slot,
    vm: *mut Vm,
) -> Result<*const FuncRef, Trap> {
    // SAFETY: offsets are from the layout; table entries are null or alive.
    unsafe {
        let f = Fields::of(ip);
        let index = *sp.add(f.b() as usize);
        let table: *const VmTable = vm.byte_add(f.imm() as u32 as usize).cast();
        if index >= (*table).len as u64 {
            return Err(Trap::UndefinedElement);
        }
        let func = *(*table).base.add(index as usize) as *const FuncRef;
        if func.is_null() {
            return Err(Trap::UninitializedElement);
        }
        let expected = *ip.add(2) as u32;
        let actual = (*func).type_id;
        if actual == expected || (!FINAL && builtins::is_subtype(vm, actual, expected)) {
            Ok(func)
        } else {
            Err(Trap::BadSignature)
        }
    }
}

/// Calls a function that is not the interpreter's. False if it failed: the
/// failure is parked.
///
/// # Safety
/// `base` holds the arguments and has `room` slots; the rest is the running frame's state.
#[inline(never)]
unsafe fn native(
    func: *const FuncRef,
    base: *mut Slot,
    room: u16,
    ip: *const u64,
    sp: *mut Slot,
    vm: *mut Vm,
) -> bool {
    // SAFETY: the arguments lie at `base`, above which the stack is free.
    unsafe {
        let store = (*vm).store;
        let outer_top = (*store).stack_top;
        (*store).stack_top = base.add(room as usize);
        note_state(ip, sp, vm);
        let outcome = store::call(func, store, vm, base);
        (*store).stack_top = outer_top;
        outcome == Outcome::Done
    }
}
