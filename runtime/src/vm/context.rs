//! The structures behind the addresses that code holds.
//! Invariant: a `Vm`, `VmStore` or `FuncRef` never moves while its store lives.

use crate::backend::Entry;
use crate::fault::Failure;
use crate::instance::Blueprint;
use crate::shape::Shape;
use crate::store::watch::Watch;
use crate::store::{InstanceId, StoreOpaque, TailCall};
use crate::types::Display;
use crate::vm::Slot;
use core::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use dayfly_parser::FuncIdx;
use std::sync::Arc;

/// The state of an instance as code sees it. After these fields, in the same
/// allocation, come the arrays that `Layout` places: memories, tables, imported
/// functions, globals, tags, function references.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct Vm {
    /// Memory 0, or a null base of length 0.
    pub mem0: VmMemory,
    /// The store.
    pub store: *mut VmStore,
    /// What the instance was made from; its record in the store keeps it alive.
    pub blueprint: *const Blueprint,
    /// What the maker of the module's code asks for: see `Code::context`.
    pub context: *const (),
    /// The canonical ids of the module's types, by index.
    pub type_ids: *const u32,
    /// What compiled code is about to call where that is no compiled code: the
    /// adapter which it calls instead finds it here.
    pub callee: *const FuncRef,
    /// Which instance of the store it is.
    pub instance: InstanceId,
    /// Keeps the arrays aligned.
    pub reserved: u32,
}

/// A memory as code sees it: a copy of base and length that the owner of the
/// memory updates when it grows. The base never moves.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct VmMemory {
    /// First byte.
    pub base: *mut u8,
    /// Length in bytes. Where a memory may be shared it is to be read by `VmMemory::len`.
    pub len: usize,
}

impl VmMemory {
    /// The length now. The owner of a shared memory may be growing it on another
    /// thread, so the length is read and written whole.
    ///
    /// # Safety
    /// `this` lies in the block of an instance that is alive.
    #[inline(always)]
    pub unsafe fn len(this: *const VmMemory) -> usize {
        // SAFETY: the caller's promise; whoever writes meanwhile writes atomically.
        unsafe { AtomicUsize::from_ptr((&raw const (*this).len).cast_mut()).load(Ordering::Relaxed) }
    }

    /// Base and length now.
    ///
    /// # Safety
    /// As `len`.
    #[inline(always)]
    pub unsafe fn read(this: *const VmMemory) -> VmMemory {
        // SAFETY: the caller's promise; the base is written once, before anybody reads.
        unsafe { VmMemory { base: (*this).base, len: VmMemory::len(this) } }
    }

    /// Changes the length, which another thread may be reading.
    ///
    /// # Safety
    /// As `len`; and nobody else writes it now.
    pub(crate) unsafe fn set_len(this: *mut VmMemory, len: usize) {
        // SAFETY: the caller's promise.
        unsafe { AtomicUsize::from_ptr(&raw mut (*this).len).store(len, Ordering::SeqCst) }
    }
}

/// A table as code sees it: a copy of base and length that the owner of the
/// table updates when it grows. An entry is one slot.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct VmTable {
    /// First entry.
    pub base: *mut Slot,
    /// Length in entries.
    pub len: usize,
}

/// The value of a global: one slot, or two for a `v128`.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VmGlobal(pub [Slot; 2]);

/// What a function reference points to. It lives in its instance's block or,
/// for a host function, in the host function that the store keeps alive.
#[repr(C)]
#[derive(Debug)]
pub struct FuncRef {
    /// How to enter the function. Replaced when a better tier is ready.
    pub entry: AtomicPtr<Entry>,
    /// The `fast` of the entry, or null: where compiled code may go without asking.
    pub native: AtomicPtr<()>,
    /// The instance that defines it; null for a host function.
    pub vm: *mut Vm,
    /// Canonical id of its type.
    pub type_id: u32,
    /// The function's index in its module; unused for a host function.
    pub func: u32,
}

/// Fuel as code counts it: upwards, with what is left missing to the largest number. So burning it is one
/// addition, and its carry tells that there is not enough.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fuel(u64);

impl Fuel {
    /// None is left.
    pub const NONE: Fuel = Fuel::with_left(0);

    /// So much is left.
    pub const fn with_left(left: u64) -> Fuel {
        Fuel(!left)
    }

    /// How much is left.
    pub const fn left(self) -> u64 {
        !self.0
    }

    /// Burns some; if there is not so much, all that is left, and returns false.
    pub fn burn(&mut self, cost: u64) -> bool {
        let (burnt, too_much) = self.0.overflowing_add(cost);
        self.0 = if too_much { Fuel::NONE.0 } else { burnt };
        !too_much
    }
}

/// A place on a native stack.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The stack pointer.
    pub here: usize,
    /// The address below which no guest may take the stack.
    pub floor: usize,
}

impl Place {
    /// No place.
    pub const NONE: Place = Place { here: 0, floor: 0 };
}

/// The state of a store as code sees it.
#[repr(C)]
#[derive(Debug)]
pub struct VmStore {
    /// Meaningful when the engine counts fuel.
    pub fuel: Fuel,
    /// The engine's epoch.
    pub epoch: *const AtomicU64,
    /// The epoch at which the guest is interrupted.
    pub epoch_deadline: u64,
    /// The first free slot of the guest stack; null, as the limit is, until an engine needs one.
    pub stack_top: *mut Slot,
    /// One past the last slot of the guest stack.
    pub stack_limit: *mut Slot,
    /// The address that the native stack must not grow below. It and `code_limit` mean something
    /// while the store is entered.
    pub native_limit: usize,
    /// The address that compiled code must not grow the native stack below: not below `native_limit`.
    pub code_limit: usize,
    /// How many bytes of the native stack compiled code may take.
    pub max_code_stack: usize,
    /// The innermost activation; null when no guest code runs.
    pub activation: *const Activation,
    /// The store itself, as it was last borrowed to enter code.
    pub store: *mut StoreOpaque,
    /// Why the running call failed, when it did.
    pub pending: Option<Box<Failure>>,
    /// What references to the GC heap count from. It never moves; null before the
    /// first object exists.
    pub gc_base: *mut u8,
    /// Where the next object of the GC heap goes, as a reference.
    pub gc_next: u32,
    /// Where the free part of the GC heap ends, as a reference. Never below `gc_next`.
    pub gc_limit: u32,
    /// The call that takes the place of one which ended as `Outcome::Tail`.
    pub tail: TailCall,
    /// The exception that is being thrown, a reference to the GC heap; 0 if none is.
    pub exception: u32,
    /// Whether `watch` is the store's now.
    pub watched: bool,
    /// Tells code that looks at it that the deadline may have come; null before any such code ran.
    pub watch: *const Watch,
    /// The supertypes of the first types of the engine, by id.
    pub displays: *const Display,
    /// For which place on which stack `native_limit` and `code_limit` were made.
    pub limits_of: Place,
}

/// What an instance knows of a tag: its address is the tag's identity.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct VmTag {
    /// Canonical id of the function type whose parameters an exception carries.
    pub type_id: u32,
    /// Position among the tags of the store.
    pub id: u32,
}

/// One entry from the host into code that has not returned yet. Engines put it
/// at the start of a record of their own, on the native stack.
#[repr(C)]
#[derive(Debug)]
pub struct Activation {
    /// The activation that was innermost before.
    pub prev: *const Activation,
    /// Whose it is.
    pub kind: &'static ActivationKind,
}

/// What can be done with the activations of an engine.
#[repr(C)]
#[derive(Debug)]
pub struct ActivationKind {
    /// Walks an activation's frames, innermost first, until the callback returns false.
    ///
    /// # Safety
    /// To be called on an activation of this kind and of the store, while its code is called out to the host.
    pub walk: unsafe fn(this: *const Activation, store: *mut VmStore, each: &mut dyn FnMut(Frame) -> bool),
    /// Yields every slot of an activation's frames that holds a reference to the
    /// GC heap; the callback may change it.
    ///
    /// # Safety
    /// As `walk`.
    pub roots: unsafe fn(this: *const Activation, each: &mut dyn FnMut(*mut Slot)),
}

/// A frame of guest code.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// What the function's code was made for; alive as long as the frame.
    pub shape: *const Arc<Shape>,
    /// The instance, if the frame tells.
    pub instance: Option<InstanceId>,
    /// The function.
    pub func: FuncIdx,
    /// The offset in the module's bytes of the operator that is being executed.
    pub offset: Option<usize>,
}
