//! The raw block of an instance: a `Vm` and the arrays that its layout places
//! behind it. Invariant: it never moves, is written through raw pointers only,
//! and stays allocated as long as its store.

use super::Blueprint;
use crate::limits::{Resource, ResourceError};
use crate::store::InstanceId;
use crate::vm::{FuncRef, Vm, VmGlobal, VmMemory, VmStore, VmTable, VmTag, field};
use core::ptr::NonNull;
use core::sync::atomic::AtomicPtr;
use dayfly_parser::{FuncIdx, GlobalIdx, MemoryIdx, TableIdx, TagIdx};
use std::alloc;
use std::sync::Arc;

/// An instance's block, and what tells how to read it.
#[derive(Debug)]
pub(crate) struct Block {
    vm: NonNull<Vm>,
    blueprint: Arc<Blueprint>,
}

impl Block {
    /// A block with its own function references filled in and everything else zero.
    pub(crate) fn new(
        blueprint: Arc<Blueprint>,
        store: *mut VmStore,
        instance: InstanceId,
    ) -> Result<Block, ResourceError> {
        let layout = blueprint.block_layout();
        // SAFETY: the layout holds at least a `Vm`.
        let vm: *mut Vm = unsafe { alloc::alloc_zeroed(layout) }.cast();
        let failed = || ResourceError::out_of_memory(Resource::InstanceBytes, layout.size() as u64);
        let vm = NonNull::new(vm).ok_or_else(failed)?;
        // SAFETY: the block is at least a `Vm` long and aligned for it.
        unsafe {
            (&raw mut (*vm.as_ptr()).store).write(store);
            (&raw mut (*vm.as_ptr()).blueprint).write(Arc::as_ptr(&blueprint));
            (&raw mut (*vm.as_ptr()).context).write(blueprint.code().context());
            (&raw mut (*vm.as_ptr()).type_ids).write(blueprint.shape().type_ids().as_ptr().cast());
            (&raw mut (*vm.as_ptr()).instance).write(instance);
        }
        let block = Block { vm, blueprint };
        block.fill_func_refs();
        Ok(block)
    }

    /// The address of the block.
    #[inline]
    pub(crate) fn vm(&self) -> *mut Vm {
        self.vm.as_ptr()
    }

    /// What the instance was made from.
    #[inline]
    pub(crate) fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// Connects the instance with a store.
    #[inline]
    pub(crate) fn set_store(&self, store: *mut VmStore) {
        // SAFETY: the block is at least a `Vm` long, and its code rests.
        unsafe { (&raw mut (*self.vm()).store).write(store) };
    }

    /// Forgets what compiled code has left in the block.
    #[inline]
    pub(crate) fn forget_callee(&self) {
        // SAFETY: as for `set_store`.
        unsafe { (&raw mut (*self.vm()).callee).write(core::ptr::null()) };
    }

    /// A copy of the instance's own state, without the store that it is in.
    pub(crate) fn state(&self) -> Vec<u8> {
        let len = self.blueprint.shape().layout().state_size();
        // SAFETY: the block is as long, was zeroed when it was made, and its code rests.
        let mut bytes = unsafe { core::slice::from_raw_parts(self.vm().cast::<u8>(), len) }.to_vec();
        let store = core::mem::offset_of!(Vm, store);
        bytes[store..store + size_of::<*mut VmStore>()].fill(0);
        bytes
    }

    /// A memory's base and length.
    pub(crate) fn memory(&self, memory: MemoryIdx) -> NonNull<VmMemory> {
        self.at(self.blueprint.shape().layout().memory(memory))
    }

    /// A table's base and length.
    pub(crate) fn table(&self, table: TableIdx) -> NonNull<VmTable> {
        self.at(self.blueprint.shape().layout().table(table))
    }

    /// The cell of a global, wherever it is. An imported one must have been set.
    pub(crate) fn global(&self, global: GlobalIdx) -> NonNull<VmGlobal> {
        let layout = self.blueprint.shape().layout();
        if global.0 < self.blueprint.module().imported().globals {
            let cell = self.at::<NonNull<VmGlobal>>(layout.imported_global(global));
            // SAFETY: instantiation writes all imports before it reads any.
            unsafe { cell.read() }
        } else {
            self.at(layout.global(global))
        }
    }

    /// The value of a global, wherever it is.
    pub(crate) fn global_value(&self, global: GlobalIdx) -> VmGlobal {
        // SAFETY: cells live as long as the store that owns this block.
        unsafe { self.global(global).read() }
    }

    /// Writes the initial value of a global of the instance's own.
    pub(crate) fn set_global(&self, global: GlobalIdx, value: VmGlobal) {
        // SAFETY: as in `global_value`.
        unsafe { self.global(global).write(value) };
    }

    /// Connects an imported global.
    pub(crate) fn set_imported_global(&self, global: GlobalIdx, cell: NonNull<VmGlobal>) {
        let place = self.at(self.blueprint.shape().layout().imported_global(global));
        // SAFETY: the layout reserves the place for this pointer.
        unsafe { place.write(cell) };
    }

    /// Connects an imported function.
    pub(crate) fn set_imported_func(&self, func: FuncIdx, target: NonNull<FuncRef>) {
        let place = self.at(self.blueprint.shape().layout().imported_func(func));
        // SAFETY: the layout reserves the place for this pointer.
        unsafe { place.write(target) };
    }

    /// Sets the identity of a tag.
    pub(crate) fn set_tag(&self, tag: TagIdx, identity: *const VmTag) {
        let place = self.at(self.blueprint.shape().layout().tag(tag));
        // SAFETY: the layout reserves the place for this pointer.
        unsafe { place.write(identity) };
    }

    /// What references to a function point to; `None` if nothing can refer to it.
    pub(crate) fn func_ref(&self, func: FuncIdx) -> Option<NonNull<FuncRef>> {
        // SAFETY: this is a block of the blueprint, and it is alive.
        NonNull::new(unsafe { func_ref(self.vm(), &self.blueprint, func) }.cast_mut())
    }

    fn fill_func_refs(&self) {
        let (shape, code) = (self.blueprint.shape(), self.blueprint.code());
        for (defined, type_id) in self.blueprint.referable() {
            let Some(offset) = shape.layout().func_ref(*defined) else { continue };
            let entry = code.entry(*defined);
            let record = FuncRef {
                entry: AtomicPtr::new(entry.as_ptr()),
                // SAFETY: an entry is alive as long as its code.
                native: AtomicPtr::new(unsafe { entry.as_ref() }.fast.cast_mut()),
                vm: self.vm(),
                type_id: type_id.0,
                func: shape.module().func_index(*defined).0,
            };
            // SAFETY: the layout reserves the place for this record.
            unsafe { self.at(offset).write(record) };
        }
    }

    fn at<T>(&self, offset: u32) -> NonNull<T> {
        // SAFETY: offsets come from the layout that the block was allocated by.
        unsafe { NonNull::new_unchecked(field(self.vm(), offset)) }
    }
}

/// What references to a function point to, read from a block; null if nothing can
/// refer to it.
///
/// # Safety
/// `vm` is a block of the blueprint, and it is alive.
pub(crate) unsafe fn func_ref(vm: *mut Vm, blueprint: &Blueprint, func: FuncIdx) -> *const FuncRef {
    let layout = blueprint.shape().layout();
    // SAFETY: the layout places these in the block.
    unsafe {
        match blueprint.module().defined(func) {
            None => field::<*const FuncRef>(vm, layout.imported_func(func)).read(),
            Some(defined) => match layout.func_ref(defined) {
                Some(offset) => field(vm, offset),
                None => core::ptr::null(),
            },
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; blocks are dropped with their store,
        // so no code holds the address any more.
        unsafe { alloc::dealloc(self.vm.as_ptr().cast(), self.blueprint.block_layout()) };
    }
}
