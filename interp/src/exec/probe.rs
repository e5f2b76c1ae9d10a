//! A test of the very build that runs, made before code is: that handlers leave nothing
//! behind on the native stack. `build.rs` judges by what it is told of the build; flags
//! that it is not told of can undo that, and then guests would overflow the stack.

use crate::exec::control::{br, exit, mov};
use crate::exec::dispatch::{Exit, Handler, handler_at, handlers, next};
use crate::exec::fused::{add_br, mov3};
use crate::exec::operand::Fields;
use crate::exec::select::{Class, of_binary, of_compare_branch, of_load, of_store, of_unary};
use core::mem::MaybeUninit;
use dayfly_parser::ops::{BinOp, CmpOp, LoadOp, StoreOp, UnOp};
use dayfly_runtime::vm::{Slot, Vm};

handlers! {
    /// Notes in slot `a` where the native stack ends.
    fn depth[](ip, sp, mem, vm, r) {
        *sp.add(Fields::of(ip).a() as usize) = stack_pointer() as Slot;
        next!(ip.add(2), sp, mem, vm, r)
    }
}

/// Where the native stack ends; 0 on machines for which `build.rs` does not choose jumps.
#[inline(always)]
fn stack_pointer() -> usize {
    #[allow(unused_mut, reason = "it is written by the assembly of some machines only")]
    let mut pointer = 0;
    // SAFETY: reads a register.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    // SAFETY: reads a register.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    // SAFETY: reads a register.
    #[cfg(target_arch = "riscv64")]
    unsafe {
        core::arch::asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}

/// Whether a run of handlers, one of each main shape, left something on the native
/// stack. Only to be asked in builds whose handlers reach each other by themselves.
pub fn leaves_frames() -> bool {
    let next = |words: i32| words * size_of::<u64>() as i32;
    run(&[
        (of_binary(BinOp::I32Add, Class::S, Class::I).to_slot, Fields::pack_imm(2, 2, 1), &[]),
        (of_binary(BinOp::I64Mul, Class::S, Class::A).to_slot, Fields::pack(3, 2, 0, 0), &[]),
        (of_binary(BinOp::F64Div, Class::S, Class::S).to_slot, Fields::pack(4, 5, 5, 0), &[]),
        (of_unary(UnOp::F64Sqrt, Class::S).to_slot, Fields::pack(4, 4, 0, 0), &[]),
        (of_unary(UnOp::I32TruncSatF64S, Class::S).to_slot, Fields::pack(3, 4, 0, 0), &[]),
        (of_compare_branch(CmpOp::I32LtU, Class::S, Class::S, true), Fields::pack_imm(5, 5, next(2)), &[]),
        (of_compare_branch(CmpOp::F64Eq, Class::S, Class::S, false), Fields::pack_imm(4, 5, next(2)), &[]),
        (of_store(StoreOp::I64Store, Class::S, Class::S), Fields::pack_imm(5, 2, 8), &[]),
        (of_load(LoadOp::I32Load16S, Class::S).to_slot, Fields::pack_imm(3, 5, 8), &[]),
        (mov, Fields::pack(3, 2, 0, 0), &[]),
        (mov3, Fields::pack(3, 2, 4, 3), &[Fields::pack(5, 5, 0, 0)]),
        (add_br::<i32>, Fields::pack_imm(3, 2, next(3)), &[1]),
        (br, Fields::pack_imm(0, 0, next(2)), &[]),
    ])
}

/// Whether a run of these handlers left something on the native stack; each stands with
/// the fields and further words of its instruction.
fn run(steps: &[(Handler, u64, &[u64])]) -> bool {
    let mut code = vec![depth as Handler as usize as u64, Fields::pack(0, 0, 0, 0)];
    for (handler, fields, more) in steps {
        code.extend([*handler as usize as u64, *fields]);
        code.extend_from_slice(more);
    }
    code.extend([
        depth as Handler as usize as u64,
        Fields::pack(1, 0, 0, 0),
        exit as Handler as usize as u64,
        0,
    ]);
    let (mut frame, mut memory) = ([0 as Slot; 6], [0u8; 16]);
    let mut vm = MaybeUninit::<Vm>::zeroed();
    let vm = vm.as_mut_ptr();
    // SAFETY: of an instance, these handlers read only the length of memory 0; slots and
    // addresses lie within the arrays; the last handler returns.
    let exit = unsafe {
        (&raw mut (*vm).mem0.len).write(memory.len());
        let first = handler_at(code.as_ptr());
        first(code.as_ptr(), frame.as_mut_ptr(), memory.as_mut_ptr(), vm, 0, 0, 0.0, 0.0, 0.0)
    };
    exit != Exit::Done || frame[0] != frame[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    handlers! {
        /// Calls the next handler, as all would in an unfit build.
        fn calls[](ip, sp, mem, vm, r) {
            let ip = ip.add(2);
            core::hint::black_box(handler_at(ip)(ip, sp, mem, vm, r.acc, r.pin, r.fa, r.fs, r.fpin))
        }
    }

    #[test]
    fn a_handler_that_calls_the_next_is_noticed() {
        // In a build with the loop there is nothing to notice.
        if cfg!(dayfly_threaded) {
            assert!(!leaves_frames());
            assert!(!run(&[(mov, Fields::pack(3, 2, 0, 0), &[])]));
            assert!(run(&[(calls, 0, &[]), (mov, Fields::pack(3, 2, 0, 0), &[])]));
        }
    }
}
