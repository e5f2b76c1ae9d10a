//! What code reads and writes directly: `#[repr(C)]` structures at stable
//! addresses. Everything here is plain data; who keeps it alive is said on each.

mod context;
mod layout;
mod slots;

pub use context::{
    Activation, ActivationKind, Frame, Fuel, FuncRef, Place, Vm, VmGlobal, VmMemory, VmStore, VmTable, VmTag,
};
pub use layout::Layout;

pub(crate) use slots::{SlotArray, copy_slots};

/// One 8-byte cell of a frame, global or table. A `v128` takes two, low half
/// first; narrower values are zero-extended; a null reference is zero.
pub type Slot = u64;

/// The address of something in an instance's block, from its `Layout` offset.
///
/// # Safety
/// The offset is from the layout that the block was allocated by.
#[inline]
pub unsafe fn field<T>(vm: *mut Vm, offset: u32) -> *mut T {
    // SAFETY: the caller's promise.
    unsafe { vm.byte_add(offset as usize).cast() }
}
