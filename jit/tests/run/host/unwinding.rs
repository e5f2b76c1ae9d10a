//! Failures of builtins, and exceptions.

use super::*;
use cranelift_codegen::ir::ExceptionTag;
use dayfly_parser::TagIdx;
use dayfly_runtime::fault::Fault;
use dayfly_runtime::trap::Trap;

/// Throws an exception of the tag of this index.
fn throws(store: &StoreOpaque, index: u32, tag: u32) -> CompiledFunc {
    let layout = shape(store, 1).layout().tag(TagIdx(tag));
    body(index, |mut m| {
        let identity = m.b.ins().load(I64, MemFlagsData::trusted(), m.vm, layout as i32);
        let exception = m.builtin(Builtin::ExnNew, &[identity]);
        let result = m.builtin(Builtin::Throw, &[exception]);
        m.finish(result);
    })
}

/// Calls the next body.
fn passes_on(index: u32) -> CompiledFunc {
    body(index, |mut m| {
        let result = m.call(index + 1, m.arg);
        let result = m.b.ins().iadd(result, m.arg);
        m.finish(result);
    })
}

/// Calls the next body and catches exceptions of a tag, or all: then gives its own argument and `plus`.
fn catches(index: u32, tag: Option<u32>, plus: i64) -> CompiledFunc {
    call_and_catch(index, tag, plus, |m| m.vm)
}

/// As `catches`; calls as the instance that `callee_vm` gives.
fn call_and_catch(
    index: u32,
    tag: Option<u32>,
    plus: i64,
    callee_vm: impl FnOnce(&Maker<'_>) -> Value,
) -> CompiledFunc {
    body(index, |mut m| {
        let callee_vm = callee_vm(&m);
        let callee = m.body(index + 1);
        let (normal, caught) = (m.b.create_block(), m.b.create_block());
        let result = m.b.append_block_param(normal, I64);
        let exception = m.b.append_block_param(caught, I64);
        let callee_signature = m.b.func.dfg.ext_funcs[callee].signature;
        let lists = &mut m.b.func.dfg.value_lists;
        let to = BlockCall::new(caught, [BlockArg::TryCallExn(0)], lists);
        let returned = BlockCall::new(normal, [BlockArg::TryCallRet(0)], lists);
        let catch = match tag {
            Some(tag) => ExceptionTableItem::Tag(ExceptionTag::from_u32(tag), to),
            None => ExceptionTableItem::Default(to),
        };
        let items = [ExceptionTableItem::Context(m.vm), catch];
        let table = ExceptionTableData::new(callee_signature, returned, items);
        let table = m.b.func.dfg.exception_tables.push(table);
        m.b.ins().try_call(callee, &[callee_vm, m.arg], table);
        m.b.switch_to_block(caught);
        m.b.ins().trapz(exception, dayfly_jit::trap_code::trap_code(Trap::NullExceptionReference));
        let sum = m.b.ins().iadd_imm_s(m.arg, plus);
        m.b.ins().return_(&[sum]);
        m.b.switch_to_block(normal);
        m.finish(result);
    })
}

#[test]
fn an_exception_goes_to_the_handler_of_its_tag_through_frames_without_one() {
    let mut store = store_with(RuntimeConfig::default());
    let bodies = vec![
        catches(0, None, 1000),
        catches(1, Some(0), 100),
        passes_on(2),
        catches(3, Some(1), 10),
        passes_on(4),
    ];
    for (tag, expected) in [(0, 105), (1, 15 + 5)] {
        let thrower = throws(&store, 5, tag);
        let bodies = [bodies.clone(), vec![thrower]].concat();
        let instance = instance(&mut store, bodies);
        assert_eq!(call(&mut store, instance, 0, 5).unwrap(), expected);
        // What is thrown inside of a frame that has left its handler behind is nobody's.
        let failure = call(&mut store, instance, 4, 5).unwrap_err();
        assert!(matches!(failure.fault, Fault::Exception));
        assert_eq!(frames(&failure).iter().map(|frame| frame.0).collect::<Vec<_>>(), [5, 4]);
    }
}

#[test]
fn a_tag_of_another_instance_is_another_tag() {
    let mut store = store_with(RuntimeConfig::default());
    // Body 0 takes the instance as which it calls body 1 as its argument.
    let catches = call_and_catch(0, Some(0), 1, |m| m.arg);
    let shape = shape(&store, 2);
    let code: Arc<dyn Code> = code(&shape, vec![catches, throws(&store, 1, 0)]);
    let blueprint = Blueprint::new(shape, code, store.shared()).unwrap();
    let [own, other] = [0, 1].map(|_| store.instantiate(&blueprint, &[]).unwrap());
    let [own_vm, other_vm] = [own, other].map(|instance| store.instance_vm(instance.id()) as i64);
    assert_eq!(call(&mut store, own, 0, own_vm).unwrap(), own_vm + 1);
    let failure = call(&mut store, own, 0, other_vm).unwrap_err();
    assert!(matches!(failure.fault, Fault::Exception));
    // Which of the two instances a frame is of is not known.
    assert_eq!(failure.frames.iter().map(|frame| frame.instance).collect::<Vec<_>>(), [None, None]);
}

#[test]
fn a_builtin_that_fails_leaves_all_frames() {
    let mut store = store_with(RuntimeConfig::default());
    let fails = body(2, |mut m| {
        // Throwing null is a trap.
        let null = m.b.ins().iconst(I64, 0);
        let result = m.builtin(Builtin::Throw, &[null]);
        m.finish(result);
    });
    // Handlers catch exceptions, not traps.
    let instance = instance(&mut store, vec![catches(0, None, 1), passes_on(1), fails]);
    for _ in 0..2 {
        let failure = call(&mut store, instance, 0, 0).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::NullExceptionReference)), "{failure:?}");
        assert_eq!(frames(&failure).iter().map(|frame| frame.0).collect::<Vec<_>>(), [2, 1, 0]);
    }
}
