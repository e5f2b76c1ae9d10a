//! Calls: arguments and results, between instances, traps, panics, nesting.

use crate::*;
use dayfly_parser::FuncIdx;
use dayfly_runtime::builtins;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Activation, ActivationKind, Frame, VmStore};

/// Calls function `n` of the instance's module with the given slots.
unsafe fn call_inner(vm: *mut Vm, n: u32, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: the function is in the module, and the slots are its arguments.
    unsafe {
        let target = builtins::func_ref(vm, n);
        let entry = (*target).entry.load(Ordering::Relaxed);
        match ((*entry).call)(target, (*vm).store, vm, slots) {
            Outcome::Done => Ok(()),
            Outcome::Failed | Outcome::Tail => Err((*(*vm).store).pending.take().unwrap().fault),
        }
    }
}

unsafe fn add(_: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: two parameters.
    unsafe { *slots += *slots.add(1) };
    Ok(())
}

unsafe fn divide(_: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: two parameters.
    unsafe { *slots = (*slots).checked_div(*slots.add(1)).ok_or(Trap::IntegerDivideByZero)? };
    Ok(())
}

unsafe fn panics(_: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
    Err(Fault::Panic(Box::new("out of cheese")))
}

const ARITHMETIC: &str = r#"(module
    (func (export "add") (param i64 i64) (result i64) unreachable)
    (func (export "divide") (param i64 i64) (result i64) unreachable)
    (func (export "panics") unreachable))"#;

fn arithmetic(store: &mut StoreOpaque) -> Instance {
    instance(store, ARITHMETIC, &[add, divide, panics])
}

#[test]
fn arguments_become_results() {
    let mut store = store();
    let instance = arithmetic(&mut store);
    assert_eq!(call(&mut store, instance, "add", &[40, 2]).unwrap(), 42);
    assert!(store.instance_export(instance, "sub").is_none());
}

#[test]
fn traps_are_values_with_frames() {
    let mut store = store();
    let instance = arithmetic(&mut store);
    let failure = call(&mut store, instance, "divide", &[1, 0]).unwrap_err();
    assert!(matches!(failure.fault, Fault::Trap(Trap::IntegerDivideByZero)));
    let [frame] = &failure.frames[..] else { panic!("{:?}", failure.frames) };
    assert_eq!((frame.instance, frame.func, frame.offset), (Some(instance.id()), FuncIdx(1), None));
    assert_eq!(call(&mut store, instance, "divide", &[9, 3]).unwrap(), 3);
}

#[test]
fn a_panic_goes_on_in_the_caller() {
    let mut store = store();
    let instance = arithmetic(&mut store);
    let panic = catch_unwind(AssertUnwindSafe(|| call(&mut store, instance, "panics", &[]))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"out of cheese"));
    assert_eq!(call(&mut store, instance, "add", &[1, 2]).unwrap(), 3);
}

#[test]
fn instances_call_each_other_through_imports() {
    unsafe fn twice(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
        // SAFETY: function 0 is an import of the type that `add` has.
        unsafe {
            *slots.add(1) = *slots;
            call_inner(vm, 0, slots)
        }
    }
    let mut store = store();
    let arithmetic = arithmetic(&mut store);
    let importer = r#"(module
        (import "arithmetic" "add" (func (param i64 i64) (result i64)))
        (func (export "twice") (param i64) (result i64) unreachable))"#;
    let blueprint = blueprint(&store, importer, &[twice]);
    let add = store.instance_export(arithmetic, "add").unwrap();
    let importer = store.instantiate(&blueprint, &[add]).unwrap();
    assert_eq!(call(&mut store, importer, "twice", &[21]).unwrap(), 42);
}

#[test]
fn endless_nesting_is_a_trap() {
    unsafe fn forever(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the store is entered, and nothing of it is borrowed here.
        let store = unsafe { &mut *(*(*vm).store).store };
        // SAFETY: the instance is alive.
        let instance = store.instance_handle(unsafe { (*vm).instance });
        call(store, instance, "forever", &[]).map(|_| ()).map_err(|failure| failure.fault)
    }
    let mut store = store();
    let instance = instance(&mut store, r#"(module (func (export "forever") unreachable))"#, &[forever]);
    for _ in 0..2 {
        let failure = call(&mut store, instance, "forever", &[]).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::StackOverflow)));
    }
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn functions_stay_in_their_store() {
    let (mut one, mut other) = (store(), store());
    let instance = arithmetic(&mut one);
    let add = func(&one, instance, "add");
    // SAFETY: two arguments, as the type says.
    let _ = unsafe { other.call_raw(add, &mut [1, 2]) };
}

#[test]
fn all_activations_are_walked_innermost_first() {
    #[repr(C)]
    struct Frames {
        activation: Activation,
        frames: [Frame; 2],
    }
    unsafe fn walk(this: *const Activation, _: *mut VmStore, each: &mut dyn FnMut(Frame) -> bool) {
        // SAFETY: all activations here begin a `Frames`.
        let frames = unsafe { &(*this.cast::<Frames>()).frames };
        let _ = frames.iter().all(|frame| each(*frame));
    }
    unsafe fn no_roots(_: *const Activation, _: &mut dyn FnMut(*mut Slot)) {}
    static KIND: ActivationKind = ActivationKind { walk, roots: no_roots };
    unsafe fn deeper(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the store is entered and not borrowed; the function has one parameter.
        unsafe {
            let vm_store = (*vm).store;
            let level = *slots as u32;
            let (shape, instance) = ((*(*vm).blueprint).shape(), Some((*vm).instance));
            let frames =
                [0, 1].map(|n| Frame { shape, instance, func: FuncIdx(level * 2 + n), offset: None });
            let activation = Activation { prev: (*vm_store).activation, kind: &KIND };
            let here = Frames { activation, frames };
            (*vm_store).activation = (&raw const here).cast();
            let store = &mut *(*vm_store).store;
            if level > 0 {
                let instance = store.instance_handle((*vm).instance);
                call(store, instance, "deeper", &[*slots - 1]).unwrap();
            } else {
                for stop in [FuncIdx(5), FuncIdx(2)] {
                    let mut seen = Vec::new();
                    store.walk_stack(&mut |frame| {
                        seen.push(frame.func);
                        frame.func != stop
                    });
                    assert_eq!(seen, (0..=stop.0).map(FuncIdx).collect::<Vec<_>>());
                }
            }
            (*vm_store).activation = here.activation.prev;
        }
        Ok(())
    }
    let mut store = store();
    let wat = r#"(module (func (export "deeper") (param i64) unreachable))"#;
    let instance = instance(&mut store, wat, &[deeper]);
    call(&mut store, instance, "deeper", &[2]).unwrap();
}
