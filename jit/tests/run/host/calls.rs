//! Calls and traps.

use super::*;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{GlobalValueData, SourceLoc};
use dayfly_jit::trap_code::trap_code;
use dayfly_parser::DefinedFuncIdx;
use dayfly_runtime::fault::Fault;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmStore;

fn store() -> Box<StoreOpaque> {
    store_with(RuntimeConfig::default())
}

/// Where the operators of a body of the tests' modules of two functions begin.
fn start_of(func: usize) -> u32 {
    shape(&store(), 2).module().bodies()[func].range.start as u32
}

/// Calls body 1 with its argument, at the start of its own, and adds 1.
fn caller() -> CompiledFunc {
    let start = start_of(0);
    body(0, |mut m| {
        m.b.set_srcloc(SourceLoc::new(start));
        let result = m.call(1, m.arg);
        m.b.set_srcloc(SourceLoc::new(start + 1));
        let result = m.b.ins().iadd_imm_s(result, 1);
        m.finish(result);
    })
}

#[test]
fn a_call_gives_results() {
    let callee = body(1, |mut m| {
        let result = m.b.ins().imul_imm_s(m.arg, 2);
        m.finish(result);
    });
    let mut store = store();
    let instance = instance(&mut store, vec![caller(), callee]);
    assert_eq!(call(&mut store, instance, 0, 20).unwrap(), 41);
    assert_eq!(call(&mut store, instance, 1, -20).unwrap(), -40);
}

#[test]
fn an_instruction_that_traps_is_a_failure_with_frames() {
    let start = start_of(1);
    let callee = body(1, |mut m| {
        m.b.set_srcloc(SourceLoc::new(start));
        let sum = m.b.ins().iadd_imm_s(m.arg, 5);
        m.b.set_srcloc(SourceLoc::new(start + 1));
        m.b.ins().trapz(m.arg, trap_code(Trap::CastFailure));
        m.b.set_srcloc(SourceLoc::new(start));
        let result = m.b.ins().sdiv(sum, m.arg);
        m.finish(result);
    });
    let mut store = store();
    let instance = instance(&mut store, vec![caller(), callee]);
    for _ in 0..2 {
        let failure = call(&mut store, instance, 0, 0).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::CastFailure)), "{failure:?}");
        assert_eq!(frames(&failure), [(1, Some(start as usize + 1)), (0, Some(start_of(0) as usize))]);
        assert_eq!(failure.frames[0].instance, Some(instance.id()));
        assert_eq!(call(&mut store, instance, 0, 5).unwrap(), 3);
    }
}

#[test]
fn frames_beyond_those_that_are_kept_are_counted() {
    let recursive = body(0, |mut m| {
        m.b.ins().trapz(m.arg, trap_code(Trap::Unreachable));
        let less = m.b.ins().iadd_imm_s(m.arg, -1);
        let result = m.call(0, less);
        let result = m.b.ins().iadd_imm_s(result, 1);
        m.finish(result);
    });
    let mut store = store();
    let instance = instance(&mut store, vec![recursive]);
    for (depth, kept, omitted) in [(98, 99, 0), (99, 100, 0), (100, 100, 1), (250, 100, 151)] {
        let failure = call(&mut store, instance, 0, depth).unwrap_err();
        assert_eq!((failure.frames.len(), failure.omitted), (kept, omitted));
    }
}

#[test]
fn recursion_without_end_is_a_trap() {
    let limited = |func: &mut Function| {
        let flags = func.dfg.mem_flags.insert(MemFlagsData::trusted()).unwrap();
        let load = |base, offset: usize| GlobalValueData::Load {
            base,
            offset: (offset as i32).into(),
            global_type: I64,
            flags,
        };
        let vm = func.create_global_value(GlobalValueData::VMContext);
        let store = func.create_global_value(load(vm, offset_of!(Vm, store)));
        let limit = func.create_global_value(load(store, offset_of!(VmStore, native_limit)));
        func.signature.params[0] = AbiParam::special(I64, cranelift_codegen::ir::ArgumentPurpose::VMContext);
        func.stack_limit = Some(limit);
    };
    let recursive = body_with(0, limited, |mut m| {
        let result = m.call(0, m.arg);
        let result = m.b.ins().iadd_imm_s(result, 1);
        m.finish(result);
    });
    let mut store = store();
    let instance = instance(&mut store, vec![recursive]);
    for _ in 0..2 {
        let failure = call(&mut store, instance, 0, 0).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::StackOverflow)), "{failure:?}");
        assert!(failure.omitted > 1000, "{}", failure.omitted);
    }
}

#[test]
fn traps_on_many_threads_at_once() {
    let work = || {
        let mut store = store();
        let callee = body(1, |mut m| {
            m.b.ins().trapz(m.arg, trap_code(Trap::Unreachable));
            let arg = m.arg;
            m.finish(arg);
        });
        for _ in 0..20 {
            // Code of their own, so that the registry changes meanwhile.
            let instance = instance(&mut store, vec![caller(), callee.clone()]);
            for arg in 0..50 {
                assert_eq!(call(&mut store, instance, 0, arg % 2).ok(), (arg % 2 == 1).then_some(2));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
}

#[test]
fn functions_without_code_are_told() {
    let store = store();
    let shape = shape(&store, 2);
    let only = body(1, |m| {
        let arg = m.arg;
        m.finish(arg);
    });
    let code = code(&shape, vec![only]);
    assert!(!code.has(DefinedFuncIdx(0)) && code.has(DefinedFuncIdx(1)));
    let start = code.tables().pieces().next().unwrap().1.start;
    assert_eq!(code.site(code.address(start)).unwrap().func.0, 1);
    assert!(code.site(code.addresses().end).is_none());
}

#[test]
fn a_branch_of_a_body_may_be_cold() {
    // The table of traps is sorted by address, whatever order blocks have in the source.
    let branchy = body(0, |mut m| {
        let (cold, hot) = (m.b.create_block(), m.b.create_block());
        let is_small = m.b.ins().icmp_imm_s(IntCC::SignedLessThan, m.arg, 10);
        m.b.ins().brif(is_small, cold, &[], hot, &[]);
        m.b.switch_to_block(cold);
        m.b.set_cold_block(cold);
        m.b.ins().trapz(m.arg, trap_code(Trap::IntegerOverflow));
        m.b.ins().jump(hot, &[]);
        m.b.switch_to_block(hot);
        let eleven = m.b.ins().iadd_imm_s(m.arg, -11);
        m.b.ins().trapz(eleven, trap_code(Trap::OutOfFuel));
        m.finish(eleven);
    });
    let mut store = store();
    let instance = instance(&mut store, vec![branchy]);
    let mut trap = |arg| match call(&mut store, instance, 0, arg) {
        Ok(_) => None,
        Err(failure) => match failure.fault {
            Fault::Trap(trap) => Some(trap),
            other => panic!("{other:?}"),
        },
    };
    let expected = [(0, Some(Trap::IntegerOverflow)), (1, None), (11, Some(Trap::OutOfFuel)), (12, None)];
    for (arg, wanted) in expected {
        assert_eq!(trap(arg), wanted);
    }
}
