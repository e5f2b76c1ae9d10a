//! The operators that need more than a few instructions, as code calls them.
//! Every one takes the calling instance; indices are those of its module.
//! Spec: exec/instructions, "Memory", "Table" and "Reference Instructions".
//!
//! # Safety
//! For all functions here: `vm` is an instance of a store which is entered by the
//! current thread, the indices come from a validated body of its module, values
//! are of the types that validation demands, and no reference to the store, to
//! memory or to a table is alive.

use crate::fault::{Failure, Fault, Parked};
use crate::instance::{self, Blueprint};
use crate::limits::ResourceError;
use crate::store::{InstanceRecord, StoreOpaque};
use crate::trap::Trap;
use crate::types::TypeId;
use crate::vm::{FuncRef, Slot, Vm, VmMemory, VmStore, VmTable, copy_slots, field};
use core::ptr;
use dayfly_parser::{DataIdx, ElemIdx, ElementItems, FuncIdx, MemoryIdx, TableIdx, ValType};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use crate::memory::atomics::{
    memory_atomic_notify, memory_atomic_wait32, memory_atomic_wait64, memory_settled, shared_memory_size,
};

pub use crate::gc::builtins::{
    array_copy, array_fill, array_init_data, array_init_elem, array_new, array_new_data, array_new_elem,
    array_new_fixed, array_new_of, exn_new, exn_payload, exn_tag, ref_matches, struct_new, struct_new_of,
};

/// What `memory.grow` and `table.grow` give when growth is refused, before it is
/// narrowed to the address type.
pub const REFUSED: u64 = u64::MAX;

/// What the instance was made from.
///
/// # Safety
/// As for the module; the result lives as long as the store.
#[inline]
pub unsafe fn blueprint<'a>(vm: *mut Vm) -> &'a Blueprint {
    // SAFETY: the instance's record keeps the blueprint alive.
    unsafe { &*(*vm).blueprint }
}

/// Gives the store a guest stack if it has none.
///
/// # Safety
/// The store is entered, and not borrowed.
pub unsafe fn need_guest_stack(store: *mut VmStore) -> Result<(), Fault> {
    // SAFETY: whoever entered lent the store to the code that calls.
    unsafe { &mut *(*store).store }.need_guest_stack()
}

/// Bytes that an operator moves for one unit of fuel, besides the unit that every operator costs.
const BYTES_PER_FUEL: u64 = 64;

/// Up to so many bytes cost nothing: code may move as many without calling the runtime, and no more.
pub const FREE_BYTES: u64 = 1024;

/// Burns fuel for so many bytes, where it is counted. One operator must not do for one unit what takes
/// as long as millions of others.
///
/// # Safety
/// As for the module.
pub(crate) unsafe fn pay(vm: *mut Vm, bytes: u64) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        if bytes <= FREE_BYTES || !blueprint(vm).shape().config().fuel {
            return Ok(());
        }
        match (*(*vm).store).fuel.burn(bytes / BYTES_PER_FUEL) {
            true => Ok(()),
            false => Err(Trap::OutOfFuel),
        }
    }
}

/// What a call burns for the locals of its function, parameters included, given as runs of a type: they are
/// written before it starts, and a body of few bytes can have very many.
pub fn fuel_of_locals(runs: &[(u32, ValType)]) -> u32 {
    let slots: u64 = runs.iter().map(|(count, ty)| u64::from(*count) * u64::from(ty.slots())).sum();
    match bytes_of_slots(slots) {
        bytes if bytes <= FREE_BYTES => 0,
        bytes => u32::try_from(bytes / BYTES_PER_FUEL).unwrap_or(u32::MAX),
    }
}

/// Bytes of so many entries of a table or of an array of references.
fn bytes_of_slots(len: u64) -> u64 {
    len.saturating_mul(size_of::<Slot>() as u64)
}

/// `memory.grow`: the old size in pages, or `REFUSED`. An error is the limiter's.
///
/// # Safety
/// As for the module.
pub unsafe fn memory_grow(vm: *mut Vm, memory: u32, delta: u64) -> Result<u64, Parked> {
    // SAFETY: the store is entered, and not borrowed.
    let store = unsafe { store(vm) };
    // SAFETY: as above.
    let index = unsafe { record(vm) }.memory(MemoryIdx(memory));
    // SAFETY: the caller's promise.
    unsafe { grown(vm, || store.grow_memory_at(index, delta)) }
}

/// `memory.fill`
///
/// # Safety
/// As for the module.
pub unsafe fn memory_fill(vm: *mut Vm, memory: u32, dst: u64, value: u8, len: u64) -> Result<(), Trap> {
    // SAFETY: the block is alive; `range` checks the bounds.
    unsafe {
        let dst = range(vm, memory, dst, len)?;
        pay(vm, len)?;
        ptr::write_bytes(dst, value, len as usize);
    }
    Ok(())
}

/// `memory.copy`
///
/// # Safety
/// As for the module.
pub unsafe fn memory_copy(
    vm: *mut Vm,
    dst_memory: u32,
    src_memory: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Trap> {
    // SAFETY: the block is alive; `range` checks the bounds; `copy` allows overlap.
    unsafe {
        let dst = range(vm, dst_memory, dst, len)?;
        let src = range(vm, src_memory, src, len)?;
        pay(vm, len)?;
        ptr::copy(src, dst, len as usize);
    }
    Ok(())
}

/// `memory.init`
///
/// # Safety
/// As for the module.
pub unsafe fn memory_init(
    vm: *mut Vm,
    memory: u32,
    data: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Trap> {
    // SAFETY: the store is entered, and not borrowed.
    let (blueprint, record) = unsafe { (blueprint(vm), record(vm)) };
    let dropped = record.segments.data_dropped(DataIdx(data));
    let bytes = if dropped { &[] } else { blueprint.module().data_bytes(DataIdx(data)) };
    let bytes = part(bytes, src, len).ok_or(Trap::MemoryOutOfBounds)?;
    // SAFETY: `range` checks the bounds; a module's bytes are not in a memory.
    unsafe {
        let dst = range(vm, memory, dst, len)?;
        pay(vm, len)?;
        ptr::copy_nonoverlapping(bytes.as_ptr(), dst, bytes.len());
    }
    Ok(())
}

/// `data.drop`
///
/// # Safety
/// As for the module.
pub unsafe fn data_drop(vm: *mut Vm, data: u32) {
    // SAFETY: the store is entered, and not borrowed.
    unsafe { record(vm) }.segments.drop_data(DataIdx(data));
}

/// `table.get`
///
/// # Safety
/// As for the module.
pub unsafe fn table_get(vm: *mut Vm, table: u32, index: u64) -> Result<Slot, Trap> {
    // SAFETY: the block is alive; `entry` checks the bounds.
    unsafe { Ok(*entry(vm, table, index)?) }
}

/// `table.set`
///
/// # Safety
/// As for the module.
pub unsafe fn table_set(vm: *mut Vm, table: u32, index: u64, value: Slot) -> Result<(), Trap> {
    // SAFETY: the block is alive; `entry` checks the bounds.
    unsafe { *entry(vm, table, index)? = value };
    Ok(())
}

/// `table.size`
///
/// # Safety
/// As for the module.
pub unsafe fn table_size(vm: *mut Vm, table: u32) -> u64 {
    // SAFETY: the block is alive.
    unsafe { self::table(vm, table).len as u64 }
}

/// `table.grow`: the old size, or `REFUSED`. An error is the limiter's.
///
/// # Safety
/// As for the module.
pub unsafe fn table_grow(vm: *mut Vm, table: u32, delta: u64, init: Slot) -> Result<u64, Parked> {
    // SAFETY: the store is entered, and not borrowed.
    let store = unsafe { store(vm) };
    // SAFETY: as above.
    let index = unsafe { record(vm) }.table(TableIdx(table));
    // SAFETY: the caller's promise.
    unsafe {
        let old = grown(vm, || store.grow_table_at(index, delta, init))?;
        if old != REFUSED {
            pay(vm, bytes_of_slots(delta)).map_err(|trap| park(vm, trap.into()))?;
        }
        Ok(old)
    }
}

/// `table.fill`
///
/// # Safety
/// As for the module.
pub unsafe fn table_fill(vm: *mut Vm, table: u32, dst: u64, value: Slot, len: u64) -> Result<(), Trap> {
    // SAFETY: the block is alive; `entries` checks the bounds.
    unsafe {
        let dst = entries(self::table(vm, table), dst, len)?;
        pay(vm, bytes_of_slots(len))?;
        for n in 0..len as usize {
            dst.add(n).write(value);
        }
    }
    Ok(())
}

/// `table.copy`
///
/// # Safety
/// As for the module.
pub unsafe fn table_copy(
    vm: *mut Vm,
    dst_table: u32,
    src_table: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Trap> {
    // SAFETY: the block is alive and holds what the tables' owners published.
    let copied = unsafe { copy_slots(table(vm, dst_table), dst, table(vm, src_table), src, len) };
    copied.ok_or(Trap::TableOutOfBounds)?;
    // SAFETY: the caller's promise. Where there is not enough, that is told after the work is done.
    unsafe { pay(vm, bytes_of_slots(len)) }
}

/// `table.init`
///
/// # Safety
/// As for the module.
pub unsafe fn table_init(
    vm: *mut Vm,
    table: u32,
    elem: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Result<(), Trap> {
    // SAFETY: the store is entered, and not borrowed.
    let (blueprint, record) = unsafe { (blueprint(vm), record(vm)) };
    let elem = ElemIdx(elem);
    let items = &blueprint.module().elements()[elem.index()].items;
    let dropped = record.segments.elem_dropped(elem);
    // SAFETY: the block is alive; `entries` checks the bounds of the table, `part`
    // those of the segment.
    unsafe {
        let target = self::table(vm, table);
        match items {
            ElementItems::Funcs(funcs) => {
                let funcs =
                    part(if dropped { &[] } else { funcs }, src, len).ok_or(Trap::TableOutOfBounds)?;
                let dst = entries(target, dst, len)?;
                pay(vm, bytes_of_slots(len))?;
                for (n, func) in funcs.iter().enumerate() {
                    dst.add(n).write(func_ref(vm, func.0) as usize as Slot);
                }
            }
            ElementItems::Exprs(_) => {
                let values = part(record.segments.values(elem), src, len).ok_or(Trap::TableOutOfBounds)?;
                let dst = entries(target, dst, len)?;
                pay(vm, bytes_of_slots(len))?;
                ptr::copy_nonoverlapping(values.as_ptr(), dst, values.len());
            }
        }
    }
    Ok(())
}

/// `elem.drop`
///
/// # Safety
/// As for the module.
pub unsafe fn elem_drop(vm: *mut Vm, elem: u32) {
    // SAFETY: the store is entered, and not borrowed.
    unsafe { record(vm) }.segments.drop_elem(ElemIdx(elem));
}

/// `ref.func`: null only for a function that nothing can refer to.
///
/// # Safety
/// As for the module.
#[inline]
pub unsafe fn func_ref(vm: *mut Vm, func: u32) -> *const FuncRef {
    // SAFETY: the block is alive and was made from its blueprint.
    unsafe { instance::func_ref(vm, blueprint(vm), FuncIdx(func)) }
}

/// Whether a function of canonical type `actual` can be called as one of `expected`.
///
/// # Safety
/// As for the module.
#[inline]
pub unsafe fn is_subtype(vm: *mut Vm, actual: u32, expected: u32) -> bool {
    // SAFETY: the instance is alive.
    unsafe { blueprint(vm) }.shape().types().is_subtype(TypeId(actual), TypeId(expected))
}

/// The epoch deadline is reached: asks the store's callback how to go on. An error stops the guest.
///
/// # Safety
/// As for the module.
#[cold]
pub unsafe fn epoch_reached(vm: *mut Vm) -> Result<(), Parked> {
    // SAFETY: the store is entered, and not borrowed.
    unsafe {
        let store = store(vm);
        guarded(vm, || store.epoch_reached())
    }
}

/// The store's watch says that the deadline may have come: asks the store's callback how to go on if that is so. An
/// error stops the guest.
///
/// # Safety
/// As for the module; the store has a watch.
#[cold]
pub unsafe fn watch_reached(vm: *mut Vm) -> Result<(), Parked> {
    // SAFETY: the store is entered, and not borrowed.
    unsafe {
        let store = store(vm);
        guarded(vm, || store.watch_reached())
    }
}

/// As `watch_reached`, when a function is about to be entered whose arguments stand in `slots`: objects among them may
/// move, and are followed.
///
/// # Safety
/// As for the module; the function is one of an instance of the store, which has a watch, and the slots hold its
/// arguments.
#[cold]
pub unsafe fn watch_reached_by_call(func: *const FuncRef, slots: *mut Slot) -> Result<(), Parked> {
    // SAFETY: the caller's promise. The store is entered, and not borrowed but here; roots are of its values.
    unsafe {
        let vm = (*func).vm;
        let store = store(vm);
        let types = store.shared().types().clone();
        let scope = store.enter_scope();
        let (mut at, mut rooted) = (0, Vec::new());
        for ty in &types.func(TypeId((*func).type_id)).params {
            if ty.as_ref().is_some_and(|ty| types.is_gc_ref(ty))
                && let Some(root) = store.slot_to_root(slots.add(at).read())
            {
                rooted.push((at, root));
            }
            at += ty.slots() as usize;
        }
        let reached = guarded(vm, || store.watch_reached());
        for (at, root) in rooted {
            slots.add(at).write(store.root(root).map_or(0, Slot::from));
        }
        store.exit_scope(scope);
        reached
    }
}

/// What a guest sees of growth: refusal is a value, the host's error a fault.
///
/// # Safety
/// As for the module.
unsafe fn grown(vm: *mut Vm, grow: impl FnOnce() -> Result<u64, ResourceError>) -> Result<u64, Parked> {
    let run = || match grow() {
        Ok(old) => Ok(old),
        Err(ResourceError::Host(error)) => Err(Fault::Host(error)),
        Err(ResourceError::Limit { .. } | ResourceError::OutOfMemory { .. }) => Ok(REFUSED),
    };
    // SAFETY: the caller's promise.
    unsafe { guarded(vm, run) }
}

/// Runs the host's part of a builtin and parks its fault. A panic is one too: it must
/// not unwind through code.
///
/// # Safety
/// As for the module.
pub(crate) unsafe fn guarded<R>(vm: *mut Vm, run: impl FnOnce() -> Result<R, Fault>) -> Result<R, Parked> {
    // A host that goes on after its own panic answers for its data.
    let result = catch_unwind(AssertUnwindSafe(run));
    let fault = match result {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(fault)) => fault,
        Err(payload) => Fault::Panic(payload),
    };
    // SAFETY: the caller's promise.
    Err(unsafe { park(vm, fault) })
}

/// Parks a fault.
///
/// # Safety
/// As for the module.
#[cold]
pub(crate) unsafe fn park(vm: *mut Vm, fault: Fault) -> Parked {
    // SAFETY: the store is alive, and nobody refers to what it has parked.
    unsafe { (*(*vm).store).pending = Some(Failure::new(fault)) };
    Parked
}

/// # Safety
/// As for the module.
pub(crate) unsafe fn store<'a>(vm: *mut Vm) -> &'a mut StoreOpaque {
    // SAFETY: entering the store set the pointer, and code runs inside of that borrow.
    unsafe { &mut *(*(*vm).store).store }
}

/// # Safety
/// As for the module.
pub(crate) unsafe fn record<'a>(vm: *mut Vm) -> &'a mut InstanceRecord {
    // SAFETY: as in `store`; the instance is one of the store.
    unsafe {
        let id = (*vm).instance;
        &mut store(vm).instances[id.0 as usize]
    }
}

/// # Safety
/// As for the module.
unsafe fn memory(vm: *mut Vm, memory: u32) -> VmMemory {
    // SAFETY: the layout places this in the block.
    unsafe {
        VmMemory::read(match memory {
            0 => &raw const (*vm).mem0,
            n => field(vm, blueprint(vm).shape().layout().memory(MemoryIdx(n))),
        })
    }
}

/// # Safety
/// As for the module.
unsafe fn table(vm: *mut Vm, table: u32) -> VmTable {
    // SAFETY: the layout places this in the block.
    unsafe { *field(vm, blueprint(vm).shape().layout().table(TableIdx(table))) }
}

/// The first byte of a range of a memory, all of which exists.
///
/// # Safety
/// As for the module.
unsafe fn range(vm: *mut Vm, memory: u32, start: u64, len: u64) -> Result<*mut u8, Trap> {
    // SAFETY: the caller's promise; a range that is in bounds stays so.
    unsafe {
        bounds(vm, memory, start, len)?;
        Ok(self::memory(vm, memory).base.add(start as usize))
    }
}

/// Checks that a range of a memory exists.
///
/// # Safety
/// As for the module.
pub(crate) unsafe fn bounds(vm: *mut Vm, memory: u32, start: u64, len: u64) -> Result<(), Trap> {
    let end = start.checked_add(len).ok_or(Trap::MemoryOutOfBounds)?;
    // SAFETY: the caller's promise.
    let exists = || unsafe { end <= self::memory(vm, memory).len as u64 };
    // SAFETY: as above.
    if exists() || (unsafe { memory_settled(vm) } && exists()) {
        return Ok(());
    }
    Err(Trap::MemoryOutOfBounds)
}

/// The first entry of a range of a table, all of which exists.
///
/// # Safety
/// The table is as its owner published it.
unsafe fn entries(table: VmTable, start: u64, len: u64) -> Result<*mut Slot, Trap> {
    match start.checked_add(len) {
        // SAFETY: the range is inside the table.
        Some(end) if end <= table.len as u64 => Ok(unsafe { table.base.add(start as usize) }),
        _ => Err(Trap::TableOutOfBounds),
    }
}

/// # Safety
/// As for the module.
unsafe fn entry(vm: *mut Vm, table: u32, index: u64) -> Result<*mut Slot, Trap> {
    // SAFETY: the block holds what the table's owner published.
    unsafe { entries(self::table(vm, table), index, 1) }
}

/// `len` items of a segment from `start` on, if they exist.
pub(crate) fn part<T>(items: &[T], start: u64, len: u64) -> Option<&[T]> {
    let start = usize::try_from(start).ok()?;
    items.get(start..start.checked_add(usize::try_from(len).ok()?)?)
}
