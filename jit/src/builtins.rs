//! What compiled code calls for the operators that it does not do itself: one row each. The work is the
//! runtime's; here arguments come out of slots and failures are parked.
//!
//! All are called through `arch::exit`. Arguments stand in slots in the order of the operands, then the indices
//! that the row names; i32 and references are zero-extended, a `v128` takes two slots. Results replace them from
//! the first slot on. Slots are no roots: none of these uses a reference from its slots after it allocates.

use crate::activation::EntryTable;
use crate::{arch, unwind};
use dayfly_runtime::backend::Outcome;
use dayfly_runtime::builtins;
use dayfly_runtime::fault::{Failure, Parked};
use dayfly_runtime::gc::EncodedRefType;
use dayfly_runtime::store;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm, VmStore, VmTag};

/// A builtin. Returns false if it failed: then the failure is parked, or an exception is the store's.
///
/// # Safety
/// `vm` is an instance of a store whose innermost activation is compiled code, called out just now; the slots
/// are those that the row wants, and as many as its results take.
pub type BuiltinFn = unsafe extern "C" fn(vm: *mut Vm, slots: *mut Slot) -> bool;

/// The slots of a call.
#[derive(Clone, Copy)]
struct Slots(*mut Slot);

impl Slots {
    /// # Safety
    /// There are more than `n` slots.
    unsafe fn at(self, n: usize) -> u64 {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(n).read() }
    }

    /// # Safety
    /// As `at`.
    unsafe fn u32(self, n: usize) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { self.at(n) as u32 }
    }

    /// # Safety
    /// As `at`.
    unsafe fn place(self, n: usize) -> *mut Slot {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(n) }
    }
}

/// What an operator gives.
trait Value {
    /// Writes it to the first slot, if it is one.
    unsafe fn put(self, slots: Slots);
}

impl Value for () {
    unsafe fn put(self, _: Slots) {}
}

impl Value for u64 {
    unsafe fn put(self, slots: Slots) {
        // SAFETY: the callers have a slot for the result.
        unsafe { slots.0.write(self) }
    }
}

impl Value for u32 {
    unsafe fn put(self, slots: Slots) {
        // SAFETY: as above.
        unsafe { u64::from(self).put(slots) }
    }
}

impl Value for bool {
    unsafe fn put(self, slots: Slots) {
        // SAFETY: as above.
        unsafe { u64::from(self).put(slots) }
    }
}

/// Why an operator gives nothing.
trait Reason {
    unsafe fn park(self, vm: *mut Vm);
}

impl Reason for Parked {
    unsafe fn park(self, _: *mut Vm) {}
}

impl Reason for Trap {
    unsafe fn park(self, vm: *mut Vm) {
        // SAFETY: the store is alive, and nobody refers to what it has parked.
        unsafe { (*(*vm).store).pending = Some(Failure::new(self.into())) }
    }
}

/// # Safety
/// As `BuiltinFn`.
unsafe fn end<V: Value, R: Reason>(vm: *mut Vm, slots: Slots, result: Result<V, R>) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        match result {
            Ok(value) => value.put(slots),
            Err(reason) => {
                reason.park(vm);
                return false;
            }
        }
    }
    true
}

/// An operator that cannot fail.
fn always<V>(value: V) -> Result<V, Parked> {
    Ok(value)
}

macro_rules! rows {
    ($($(#[$doc:meta])* $variant:ident $name:ident |$vm:ident, $s:ident| $body:expr;)*) => {
        /// A builtin, by its place in `BUILTINS`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u32)]
        pub enum Builtin {
            $($(#[$doc])* $variant,)*
        }

        impl Builtin {
            /// All of them.
            pub const ALL: &'static [Builtin] = &[$(Builtin::$variant,)*];

            /// Its name, for people.
            pub fn name(self) -> &'static str {
                match self {
                    $(Builtin::$variant => stringify!($name),)*
                }
            }
        }

        $(
            $(#[$doc])*
            unsafe extern "C" fn $name($vm: *mut Vm, slots: *mut Slot) -> bool {
                let $s = Slots(slots);
                // SAFETY: what `BuiltinFn` demands is what the runtime's builtins demand; the slots are
                // those of the row.
                unsafe { end($vm, $s, $body) }
            }
        )*

        /// What `Vm::context` of instances of compiled modules points to.
        pub static BUILTINS: BuiltinTable = BuiltinTable {
            exit: arch::exit,
            rows: [$($name,)*],
            copy: copy_bytes,
            fill: fill_bytes,
            entries: EntryTable::OF_ALL,
        };
    };
}

/// Makes the call that another asked for in its place, if it did, and leaves results in the slots.
///
/// # Safety
/// A call of the store was not done; its results have room in the slots.
unsafe fn finish_call(store: *mut VmStore, slots: *mut Slot) -> Result<(), Parked> {
    // SAFETY: the caller's promise.
    unsafe {
        if (*store).tail.is_asked() && store::finish(store, slots) == Outcome::Done {
            Ok(())
        } else {
            Err(Parked)
        }
    }
}

rows! {
    /// The call of an adapter or `Import` piece has not ended normally: it failed, or asks for another in its place. That is left
    /// to who entered the activation if the piece is all that is left there; else it is made now, and
    /// gives results.
    NotDone not_done |vm, s| {
        let store = (*vm).store;
        if (*store).tail.is_asked() && unwind::is_outermost((*store).activation) {
            Err(Parked)
        } else {
            finish_call(store, s.0)
        }
    };
    /// As `NotDone`, of a call by the body of a function, which gets the results.
    ImportNotDone import_not_done |vm, s| finish_call((*vm).store, s.0);
    /// Throws the exception in the slot.
    Throw throw |vm, s| throw_exception(vm, s.u32(0));
    /// The epoch deadline is reached.
    EpochReached epoch_reached |vm, _s| builtins::watch_reached(vm);
    /// `[delta, memory]` gives the old size or `u64::MAX`, whatever the address type.
    MemoryGrow memory_grow |vm, s| builtins::memory_grow(vm, s.u32(1), s.at(0));
    /// `[dst, value, len, memory]`
    MemoryFill memory_fill |vm, s| builtins::memory_fill(vm, s.u32(3), s.at(0), s.at(1) as u8, s.at(2));
    /// `[dst, src, len, dst memory, src memory]`
    MemoryCopy memory_copy |vm, s| {
        builtins::memory_copy(vm, s.u32(3), s.u32(4), s.at(0), s.at(1), s.at(2))
    };
    /// `[dst, src, len, memory, data]`
    MemoryInit memory_init |vm, s| {
        builtins::memory_init(vm, s.u32(3), s.u32(4), s.at(0), s.at(1), s.at(2))
    };
    /// `[data]`
    DataDrop data_drop |vm, s| {
        builtins::data_drop(vm, s.u32(0));
        always(())
    };
    /// `[]` gives whether an access that was out of bounds is to be made again.
    MemorySettled memory_settled |vm, _s| always(builtins::memory_settled(vm));
    /// `[memory]` gives the size of a shared memory in pages.
    SharedMemorySize shared_memory_size |vm, s| always(builtins::shared_memory_size(vm, s.u32(0)));
    /// `[address, count, offset, memory]` gives how many were woken.
    AtomicNotify atomic_notify |vm, s| {
        builtins::memory_atomic_notify(vm, s.u32(3), s.at(0), s.at(2), s.u32(1))
    };
    /// `[address, expected, timeout, offset, memory]` gives how it ended.
    AtomicWait32 atomic_wait32 |vm, s| {
        builtins::memory_atomic_wait32(vm, s.u32(4), s.at(0), s.at(3), s.u32(1), s.at(2) as i64)
    };
    /// As `AtomicWait32`.
    AtomicWait64 atomic_wait64 |vm, s| {
        builtins::memory_atomic_wait64(vm, s.u32(4), s.at(0), s.at(3), s.at(1), s.at(2) as i64)
    };
    /// `[init, delta, table]` gives the old length or `u64::MAX`, whatever the index type.
    TableGrow table_grow |vm, s| builtins::table_grow(vm, s.u32(2), s.at(1), s.at(0));
    /// `[dst, value, len, table]`
    TableFill table_fill |vm, s| builtins::table_fill(vm, s.u32(3), s.at(0), s.at(1), s.at(2));
    /// `[dst, src, len, dst table, src table]`
    TableCopy table_copy |vm, s| {
        builtins::table_copy(vm, s.u32(3), s.u32(4), s.at(0), s.at(1), s.at(2))
    };
    /// `[dst, src, len, table, elem]`
    TableInit table_init |vm, s| {
        builtins::table_init(vm, s.u32(3), s.u32(4), s.at(0), s.at(1), s.at(2))
    };
    /// `[elem]`
    ElemDrop elem_drop |vm, s| {
        builtins::elem_drop(vm, s.u32(0));
        always(())
    };
    /// `[actual, expected]`, canonical ids of function types, gives whether one is the other's subtype.
    IsSubtype is_subtype |vm, s| always(builtins::is_subtype(vm, s.u32(0), s.u32(1)));
    /// `[value, EncodedRefType]` gives whether the value is of the type.
    RefMatches ref_matches |vm, s| {
        always(builtins::ref_matches(vm, s.at(0), EncodedRefType::from_bits(s.at(1))))
    };
    /// `[type]`, canonical as all types from here on, gives a structure whose fields are zero.
    StructNew struct_new |vm, s| builtins::struct_new(vm, s.u32(0), core::ptr::null());
    /// `[len, type]` gives an array whose elements are zero.
    ArrayNew array_new |vm, s| builtins::array_new(vm, s.u32(1), core::ptr::null(), s.u32(0));
    /// `[offset, len, type, data]` gives an array.
    ArrayNewData array_new_data |vm, s| {
        builtins::array_new_data(vm, s.u32(2), s.u32(3), s.u32(0), s.u32(1))
    };
    /// `[offset, len, type, elem]` gives an array.
    ArrayNewElem array_new_elem |vm, s| {
        builtins::array_new_elem(vm, s.u32(2), s.u32(3), s.u32(0), s.u32(1))
    };
    /// `[array, index, value, len, type]`, for elements of one slot.
    ArrayFill array_fill |vm, s| {
        builtins::array_fill(vm, s.u32(4), s.u32(0), s.u32(1), s.place(2), s.u32(3))
    };
    /// `[array, index, value, value, len, type]`, for elements of two slots.
    ArrayFillWide array_fill_wide |vm, s| {
        builtins::array_fill(vm, s.u32(5), s.u32(0), s.u32(1), s.place(2), s.u32(4))
    };
    /// `[dst, dst index, src, src index, len, dst type, src type]`
    ArrayCopy array_copy |vm, s| {
        builtins::array_copy(vm, s.u32(5), s.u32(0), s.u32(1), s.u32(6), s.u32(2), s.u32(3), s.u32(4))
    };
    /// `[array, index, offset, len, type, data]`
    ArrayInitData array_init_data |vm, s| {
        builtins::array_init_data(vm, s.u32(4), s.u32(0), s.u32(5), s.u32(1), s.u32(2), s.u32(3))
    };
    /// `[array, index, offset, len, type, elem]`
    ArrayInitElem array_init_elem |vm, s| {
        builtins::array_init_elem(vm, s.u32(4), s.u32(0), s.u32(5), s.u32(1), s.u32(2), s.u32(3))
    };
    /// `[tag]`, its identity, gives an exception whose payload is zero.
    ExnNew exn_new |vm, s| builtins::exn_new(vm, s.at(0) as *const VmTag, core::ptr::null());
}

/// The table of builtins: what compiled code calls them through, then their addresses.
#[repr(C)]
#[derive(Debug)]
pub struct BuiltinTable {
    exit: unsafe extern "C" fn(),
    rows: [BuiltinFn; Builtin::ALL.len()],
    copy: unsafe extern "C" fn(to: *mut u8, from: *const u8, len: usize),
    fill: unsafe extern "C" fn(to: *mut u8, value: u64, len: usize),
    entries: EntryTable,
}

/// Copies bytes; the ranges may overlap. Called directly, not through `arch::exit`.
///
/// # Safety
/// Both ranges are accessible.
unsafe extern "C" fn copy_bytes(to: *mut u8, from: *const u8, len: usize) {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::copy(from, to, len) }
}

/// Writes the same byte, the lowest of `value`. Called directly, not through `arch::exit`.
///
/// # Safety
/// The range is accessible.
unsafe extern "C" fn fill_bytes(to: *mut u8, value: u64, len: usize) {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::write_bytes(to, value as u8, len) }
}

impl BuiltinTable {
    /// Where the address of `arch::exit` stands in the table.
    pub const EXIT_OFFSET: i32 = core::mem::offset_of!(BuiltinTable, exit) as i32;
    /// Where the address of `copy(to, from, len)` stands.
    pub const COPY_OFFSET: i32 = core::mem::offset_of!(BuiltinTable, copy) as i32;
    /// Where what entries refer to begins.
    pub const ENTRIES_OFFSET: i32 = core::mem::offset_of!(BuiltinTable, entries) as i32;
    /// Where the address of `fill(to, byte, len)` stands.
    pub const FILL_OFFSET: i32 = core::mem::offset_of!(BuiltinTable, fill) as i32;
}

impl Builtin {
    /// Where its address stands in the table.
    pub fn offset(self) -> i32 {
        let rows = core::mem::offset_of!(BuiltinTable, rows);
        (rows + self as usize * size_of::<BuiltinFn>()) as i32
    }
}

/// Makes an exception the store's: what fails now is it.
///
/// # Safety
/// As `BuiltinFn`; `exception` is a reference to an exception or null.
unsafe fn throw_exception(vm: *mut Vm, exception: u32) -> Result<(), Parked> {
    // SAFETY: the store is alive.
    unsafe {
        match exception {
            0 => Trap::NullExceptionReference.park(vm),
            _ => (*(*vm).store).exception = exception,
        }
    }
    Err(Parked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_the_table() {
        let table = (&raw const BUILTINS).cast::<usize>();
        for (n, builtin) in Builtin::ALL.iter().enumerate() {
            assert_eq!(builtin.offset(), 8 * (n as i32 + 1));
            // SAFETY: the table has a word for each row and one before.
            let address = unsafe { table.byte_offset(builtin.offset() as isize).read() };
            assert_eq!(address, BUILTINS.rows[n] as usize, "{}", builtin.name());
        }
    }
}
