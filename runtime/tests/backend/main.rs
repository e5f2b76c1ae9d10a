//! The runtime with an engine that it has never heard of: "code" is a Rust
//! function per function index. Proves that instantiation, calls, linking and
//! traps need no real engine. What the tests share is here.

mod calls;
#[cfg(target_os = "linux")]
mod forks;
mod gc;
mod instances;
mod linking;
mod resources;
mod shared_memories;

use core::any::{Any, TypeId};
use core::ptr::NonNull;
use core::sync::atomic::Ordering;
use dayfly_parser::{DefinedFuncIdx, FuncIdx, Module};
use dayfly_runtime::backend::{Backend, Code, Entry, Outcome, Returned, Site};
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::fault::{Failure, FailureFrame, Fault, Parked};
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::{Extern, Func, Instance, Memory, Shared, StoreOpaque};
use dayfly_runtime::vm::{FuncRef, Slot, Vm, VmStore};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The code of a function: gets its instance and the slots of the call.
type Body = unsafe fn(*mut Vm, *mut Slot) -> Result<(), Fault>;

/// Makes the same code of every module: the n-th function runs the n-th body.
struct Fake(&'static [Body]);

struct FakeCode(Box<[Entry]>);

// SAFETY: entries point to functions and never change.
unsafe impl Send for FakeCode {}
// SAFETY: as for `Send`.
unsafe impl Sync for FakeCode {}

impl Backend for Fake {
    fn compile(&self, shape: &Arc<Shape>) -> Result<Arc<dyn Code>, Fault> {
        let count = shape.module().bodies().len();
        let entry = |body: &'static Body| Entry {
            call: enter,
            body: (&raw const *body).cast(),
            fast: core::ptr::null(),
            registers: enter_few,
        };
        Ok(Arc::new(FakeCode(self.0[..count].iter().map(entry).collect())))
    }
}

impl Code for FakeCode {
    fn entry(&self, func: DefinedFuncIdx) -> NonNull<Entry> {
        NonNull::from(&self.0[func.index()])
    }

    fn site(&self, _pc: usize) -> Option<Site> {
        None
    }

    fn part(&self, maker: TypeId) -> Option<&dyn Any> {
        (maker == TypeId::of::<FakeCode>()).then_some(self)
    }
}

/// As `enter`, with the slots in registers.
unsafe extern "C" fn enter_few(
    func: *const FuncRef,
    caller: *mut Vm,
    slot0: Slot,
    slot1: Slot,
    slot2: Slot,
    slot3: Slot,
) -> Returned {
    let mut slots = [slot0, slot1, slot2, slot3];
    // SAFETY: the runtime passes what the calling convention says.
    let outcome = unsafe { enter(func, (*(*func).vm).store, caller, slots.as_mut_ptr()) };
    Returned::new(slots[0], outcome, caller)
}

unsafe extern "C" fn enter(
    func: *const FuncRef,
    store: *mut VmStore,
    _: *mut Vm,
    slots: *mut Slot,
) -> Outcome {
    // SAFETY: the runtime passes what the calling convention says.
    unsafe {
        let body = (*(*func).entry.load(Ordering::Relaxed)).body.cast::<Body>();
        let run = AssertUnwindSafe(|| (*body)((*func).vm, slots));
        let fault = match catch_unwind(run) {
            Ok(Ok(())) => return Outcome::Done,
            Ok(Err(fault)) => fault,
            Err(panic) => Fault::Panic(panic),
        };
        let mut failure = Failure::new(fault);
        let vm = (*func).vm;
        let module = (*(*vm).blueprint).module().clone();
        failure.push(FailureFrame {
            module,
            instance: Some((*vm).instance),
            func: FuncIdx((*func).func),
            offset: None,
        });
        (*store).pending = Some(failure);
        Outcome::Failed
    }
}

/// What an operator gives, or why it does not.
unsafe fn done<T>(vm: *mut Vm, result: Result<T, Parked>) -> Result<T, Fault> {
    // SAFETY: the store is alive.
    result.map_err(|Parked| unsafe { (*(*vm).store).pending.take() }.expect("a fault is parked").fault)
}

/// A store of an engine with the given settings.
fn store_with(config: RuntimeConfig) -> Box<StoreOpaque> {
    StoreOpaque::new(Shared::new(config), Box::new(()))
}

fn store() -> Box<StoreOpaque> {
    store_with(RuntimeConfig::default())
}

/// A module, given as text, whose functions run `bodies`.
fn blueprint(store: &StoreOpaque, wat: &str, bodies: &'static [Body]) -> Arc<Blueprint> {
    let bytes = wat::parse_str(wat).unwrap();
    let module = Module::new(bytes, &dayfly_parser::Config::default()).unwrap();
    let shared = store.shared();
    let shape = Shape::new(module, shared.types().clone(), shared.config().clone()).unwrap();
    let code = Fake(bodies).compile(&shape).unwrap();
    Blueprint::new(shape, code, shared).unwrap()
}

/// An instance without imports.
fn instance(store: &mut StoreOpaque, wat: &str, bodies: &'static [Body]) -> Instance {
    let blueprint = blueprint(store, wat, bodies);
    store.instantiate(&blueprint, &[]).unwrap()
}

fn func(store: &StoreOpaque, instance: Instance, name: &str) -> Func {
    match store.instance_export(instance, name) {
        Some(Extern::Func(func)) => func,
        other => panic!("no function {name}: {other:?}"),
    }
}

fn memory(store: &StoreOpaque, instance: Instance, name: &str) -> Memory {
    match store.instance_export(instance, name) {
        Some(Extern::Memory(memory)) => memory,
        other => panic!("no memory {name}: {other:?}"),
    }
}

/// Calls an exported function with `args`, and returns the first slot of its results.
fn call(
    store: &mut StoreOpaque,
    instance: Instance,
    name: &str,
    args: &[Slot],
) -> Result<Slot, Box<Failure>> {
    let mut slots = [0; 8];
    slots[..args.len()].copy_from_slice(args);
    let func = func(store, instance, name);
    // SAFETY: the tests pass arguments of the right types, fewer than eight.
    unsafe { store.call_raw(func, &mut slots)? };
    Ok(slots[0])
}
