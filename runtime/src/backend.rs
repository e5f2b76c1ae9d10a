//! The boundary between the runtime and the engines: all of it. An engine makes
//! `Code` for a module; the runtime reaches every function, host functions
//! included, through an `Entry`. The runtime names no engine.

use crate::fault::Fault;
use crate::shape::Shape;
use crate::vm::{FuncRef, Slot, Vm, VmStore};
use core::any::{Any, TypeId};
use core::ptr::NonNull;
use dayfly_parser::{DefinedFuncIdx, FuncIdx, FuncType};
use std::sync::Arc;

/// Makes code for modules: an interpreter or a compiler.
pub trait Backend: Send + Sync {
    /// Makes the code of a module, whole or as far as it is needed to start.
    fn compile(&self, shape: &Arc<Shape>) -> Result<Arc<dyn Code>, Fault>;
}

/// The code of one module.
pub trait Code: Send + Sync {
    /// How the function is entered; the address holds as long as the code lives.
    fn entry(&self, func: DefinedFuncIdx) -> NonNull<Entry>;

    /// The code as its maker knows it, or the part of it that this maker made.
    fn part(&self, maker: TypeId) -> Option<&dyn Any>;

    /// What the code wants to find in each instance's `Vm::context`.
    fn context(&self) -> *const () {
        core::ptr::null()
    }

    /// What stands at a position in the code; `pc` is as the engine reports it in frames.
    fn site(&self, pc: usize) -> Option<Site>;
}

impl dyn Code {
    /// The part of the code that is a `T`.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.part(TypeId::of::<T>())?.downcast_ref()
    }
}

/// What stands at a position in code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    /// The function.
    pub func: FuncIdx,
    /// The offset of the operator in the module's bytes.
    pub offset: Option<usize>,
}

/// How a function is entered. `body` belongs to whoever set `call`.
///
/// Compiled code enters `fast` by Cranelift's `tail` convention: the instance, then
/// the arguments in registers.
#[repr(C)]
#[derive(Debug)]
pub struct Entry {
    /// Enters the function by the common calling convention.
    pub call: RawCall,
    /// What `call` needs to know: bytecode, machine code, a closure.
    pub body: *const (),
    /// A faster way in, which compiled code uses; else null.
    pub fast: *const (),
    /// `call` with the slots in registers; `no_registers` for types that `fits_registers` refuses.
    pub registers: RegisterCall,
}

/// The common calling convention.
///
/// Arguments stand in `slots[0..param_slots]`; results replace them from
/// `slots[0]` on, so there is room for the larger of both. `func` is what was
/// called; `caller` is the calling instance, null when the host calls. On
/// `Outcome::Failed` the reason is parked in `VmStore::pending`.
///
/// # Safety
/// All pointers belong to one store which is entered by the current thread
/// alone; the slots hold values of the function's parameter types.
pub type RawCall = unsafe extern "C" fn(
    func: *const FuncRef,
    store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome;

/// The common calling convention with slots in registers, for functions of few parameters: they
/// come in the first of the registers, what the others hold means nothing.
///
/// # Safety
/// As `RawCall`. A host function is called so by code only: it finds the store through `caller`,
/// which is therefore not null. For other functions it may be.
pub type RegisterCall = unsafe extern "C" fn(
    func: *const FuncRef,
    caller: *mut Vm,
    slot0: Slot,
    slot1: Slot,
    slot2: Slot,
    slot3: Slot,
) -> Returned;

/// How many slots of parameters `RegisterCall` takes.
pub const REGISTER_SLOTS: usize = 4;

/// Whether functions of a type can be called by `RegisterCall`: each parameter takes a register,
/// and so does the result if there is one.
pub fn fits_registers(ty: &FuncType) -> bool {
    ty.params.len() <= REGISTER_SLOTS
        && ty.param_slots() as usize == ty.params.len()
        && ty.result_slots() <= 1
}

/// `Entry::registers` of functions that cannot be called so: nobody does, it would end the process.
pub extern "C" fn no_registers(
    _: *const FuncRef,
    _: *mut Vm,
    _: Slot,
    _: Slot,
    _: Slot,
    _: Slot,
) -> Returned {
    unreachable!("the function's type does not fit into registers")
}

/// What `RegisterCall` gives.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Returned {
    /// If the call is `Done`, the result, or anything if there is none. Else `caller` as it was given,
    /// so that code need not keep it meanwhile; unless the function has an `Entry::fast`, by which code calls it.
    pub slot: Slot,
    /// How the call ended.
    pub outcome: Outcome,
}

impl Returned {
    /// After a call that ended so, which left a result if it is `Done`.
    #[inline(always)]
    pub fn new(slot: Slot, outcome: Outcome, caller: *mut Vm) -> Returned {
        let slot = if outcome == Outcome::Done { slot } else { caller.addr() as Slot };
        Returned { slot, outcome }
    }
}

/// How a call ended.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Normally: results are in the slots.
    Done = 0,
    /// By a trap, host error, exception or exit, parked in `VmStore::pending`.
    Failed = 1,
    /// Its last act is another call, `VmStore::tail`, which whoever called it makes in its
    /// place: see `store::TailCall`.
    Tail = 2,
}
