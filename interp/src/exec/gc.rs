//! Handlers of structures, arrays, `i31` and casts. Fields and elements are read
//! and written here; what allocates or works on whole arrays is the runtime's.
//! Operands that a runtime operator takes lie in slots in a row, so that a
//! collection finds and updates them. Spec: exec/instructions, "Reference Instructions".

use crate::exec::dispatch::{Exit, Handler, Regs, handlers, jump, next, trap};
use crate::exec::fail;
use crate::exec::operand::{Fields, Operand};
use crate::exec::run::note_state;
use dayfly_runtime::builtins;
use dayfly_runtime::fault::Parked;
use dayfly_runtime::gc::{EncodedRefType, Storage};
use dayfly_runtime::num::V128;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm};

/// Bytes before the fields of an object.
const OBJECT_HEADER: usize = 8;
/// Where the length of an array stands.
const ARRAY_LENGTH: usize = 4;

/// How a field is stored, and what value it is read as.
pub trait Stored {
    /// The value.
    type Value: Operand;
    /// Bytes that it takes.
    const BYTES: usize;

    /// Reads the field.
    ///
    /// # Safety
    /// `at` points to a field stored this way.
    unsafe fn get(at: *const u8) -> Self::Value;

    /// Writes the field.
    ///
    /// # Safety
    /// `at` points to a field stored this way.
    unsafe fn set(at: *mut u8, value: Self::Value);
}

macro_rules! stored {
    ($($(#[$doc:meta])* $name:ident $raw:ty => $value:ty, |$get:ident| $read:expr, |$set:ident| $write:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Stored for $name {
            type Value = $value;
            const BYTES: usize = size_of::<$raw>();

            #[inline(always)]
            unsafe fn get(at: *const u8) -> $value {
                // SAFETY: the caller's promise.
                let $get = unsafe { at.cast::<$raw>().read() };
                $read
            }
            #[inline(always)]
            unsafe fn set(at: *mut u8, $set: $value) {
                // SAFETY: the caller's promise.
                unsafe { at.cast::<$raw>().write($write) }
            }
        }
    )*};
}

stored! {
    /// 8 bits, read sign-extended.
    I8S i8 => i32, |raw| raw as i32, |value| value as i8;
    /// 8 bits, read zero-extended.
    I8U u8 => i32, |raw| raw as i32, |value| value as u8;
    /// 16 bits, read sign-extended.
    I16S i16 => i32, |raw| raw as i32, |value| value as i16;
    /// 16 bits, read zero-extended.
    I16U u16 => i32, |raw| raw as i32, |value| value as u16;
    /// An i32.
    I32 i32 => i32, |raw| raw, |value| value;
    /// An i64 or a function reference.
    I64 i64 => i64, |raw| raw, |value| value;
    /// An f32.
    F32 f32 => f32, |raw| raw, |value| value;
    /// An f64.
    F64 f64 => f64, |raw| raw, |value| value;
    /// A vector.
    Vector [u8; 16] => V128, |raw| V128(raw), |value| value.0;
    /// A reference to the heap.
    Ref u32 => i64, |raw| raw as i64, |value| value as u32;
}

/// The object that a reference, which is not null, means.
///
/// # Safety
/// `reference` is a reference of the store of `vm`.
#[inline(always)]
unsafe fn object(reference: Slot, vm: *mut Vm) -> *mut u8 {
    // SAFETY: a reference is an offset in the store's heap.
    unsafe { (*(*vm).store).gc_base.add(reference as u32 as usize) }
}

/// The element of the array in slot `array` at the index in slot `index`.
///
/// # Safety
/// The slots are of the running frame and hold an array of elements of `bytes` bytes and an i32.
#[inline(always)]
unsafe fn element(array: u16, index: u16, bytes: usize, sp: *mut Slot, vm: *mut Vm) -> Result<*mut u8, Trap> {
    // SAFETY: the index is checked against the length.
    unsafe {
        let reference = *sp.add(array as usize);
        if reference == 0 {
            return Err(Trap::NullArrayReference);
        }
        let array = object(reference, vm);
        let index = *sp.add(index as usize) as u32;
        if index >= array.add(ARRAY_LENGTH).cast::<u32>().read() {
            return Err(Trap::ArrayOutOfBounds);
        }
        Ok(array.add(OBJECT_HEADER + index as usize * bytes))
    }
}

/// Writes the new object's reference to slot `a` and goes on behind `words`.
///
/// # Safety
/// As for handlers.
#[inline(always)]
unsafe fn allocated(
    result: Result<u32, Parked>,
    words: usize,
    ip: *const u64,
    sp: *mut Slot,
    mem: *mut u8,
    vm: *mut Vm,
    r: Regs,
) -> Exit {
    // SAFETY: the caller's promise.
    unsafe {
        match result {
            Ok(reference) => {
                *sp.add(Fields::of(ip).a() as usize) = reference as Slot;
                next!(ip.add(words), sp, mem, vm, r)
            }
            Err(Parked) => fail::passed_on(ip, sp, vm),
        }
    }
}

handlers! {
    /// `dst(a) = field of b at upper half`.
    fn struct_get[K: Stored](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let reference = *sp.add(f.b() as usize);
        if reference == 0 {
            trap!(Trap::NullStructReference, ip, sp, vm)
        }
        let value = K::get(object(reference, vm).add(f.imm() as u32 as usize));
        value.to_acc(&mut r);
        value.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `field of a at upper half = b`.
    fn struct_set[K: Stored](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let reference = *sp.add(f.a() as usize);
        if reference == 0 {
            trap!(Trap::NullStructReference, ip, sp, vm)
        }
        let value = K::Value::read(sp.add(f.b() as usize));
        K::set(object(reference, vm).add(f.imm() as u32 as usize), value);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = b[c]`.
    fn array_get[K: Stored](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let value = K::get(trap!(unless element(f.b(), f.c(), K::BYTES, sp, vm), ip, sp, vm));
        value.to_acc(&mut r);
        value.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `a[b] = c`.
    fn array_set[K: Stored](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let at = trap!(unless element(f.a(), f.b(), K::BYTES, sp, vm), ip, sp, vm);
        K::set(at, K::Value::read(sp.add(f.c() as usize)));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = length of b`.
    fn array_len[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let reference = *sp.add(f.b() as usize);
        if reference == 0 {
            trap!(Trap::NullArrayReference, ip, sp, vm)
        }
        let length = object(reference, vm).add(ARRAY_LENGTH).cast::<i32>().read();
        length.to_acc(&mut r);
        length.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = i31 of b`.
    fn ref_i31[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let value = ((*sp.add(f.b() as usize) as u32) << 1 | 1) as i64;
        value.to_acc(&mut r);
        value.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = the integer of the i31 in b`.
    fn i31_get[const SIGNED: bool](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let reference = *sp.add(f.b() as usize) as u32;
        if reference == 0 {
            trap!(Trap::NullI31Reference, ip, sp, vm)
        }
        let value = if SIGNED { reference as i32 >> 1 } else { (reference >> 1) as i32 };
        value.to_acc(&mut r);
        value.write(sp.add(f.a() as usize));
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `dst(a) = b is of the type in word 2`.
    fn ref_test[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let matches = builtins::ref_matches(vm, *sp.add(f.b() as usize), EncodedRefType::from_bits(*ip.add(2)));
        *sp.add(f.a() as usize) = matches as Slot;
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// Traps unless `a` is of the type in word 2.
    fn ref_cast[](ip, sp, mem, vm, r) {
        let value = *sp.add(Fields::of(ip).a() as usize);
        if !builtins::ref_matches(vm, value, EncodedRefType::from_bits(*ip.add(2))) {
            trap!(Trap::CastFailure, ip, sp, vm)
        }
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// Branches by the upper half if `a` is (not) of the type in word 2.
    fn br_on_cast[const WHEN: bool](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let value = *sp.add(f.a() as usize);
        if builtins::ref_matches(vm, value, EncodedRefType::from_bits(*ip.add(2))) == WHEN {
            jump!("/* taken {0} */", ip.byte_offset(f.imm() as isize), sp, mem, vm, r)
        } else {
            jump!("/* not taken {0} */", ip.add(3), sp, mem, vm, r)
        }
    }

    /// `struct.new`: fields from slot `a` on, or defaults if `b` is 0; upper half = type.
    fn struct_new[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        note_state(ip, sp, vm);
        let fields = if f.b() == 0 { core::ptr::null() } else { sp.add(f.a() as usize).cast_const() };
        allocated(builtins::struct_new(vm, f.imm() as u32, fields), 2, ip, sp, mem, vm, r)
    }

    /// `array.new`: the element if `b` is not 0, then the length, from slot `a` on; upper half = type.
    fn array_new[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        note_state(ip, sp, vm);
        let base = sp.add(f.a() as usize);
        let (init, length) = match f.b() {
            0 => (core::ptr::null(), *base),
            slots => (base.cast_const(), *base.add(slots as usize)),
        };
        allocated(builtins::array_new(vm, f.imm() as u32, init, length as u32), 2, ip, sp, mem, vm, r)
    }

    /// `array.new_fixed`: elements from slot `a` on, as many as word 2 says; upper half = type.
    fn array_new_fixed[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        note_state(ip, sp, vm);
        let values = sp.add(f.a() as usize);
        allocated(builtins::array_new_fixed(vm, f.imm() as u32, values, *ip.add(2) as u32), 3, ip, sp, mem, vm, r)
    }

    /// `array.new_data`: offset and length from slot `a` on; upper half = type, word 2 = segment.
    fn array_new_data[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        note_state(ip, sp, vm);
        let p = sp.add(f.a() as usize);
        let result = builtins::array_new_data(vm, f.imm() as u32, *ip.add(2) as u32, *p as u32, *p.add(1) as u32);
        allocated(result, 3, ip, sp, mem, vm, r)
    }

    /// `array.new_elem`: as `array.new_data`.
    fn array_new_elem[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        note_state(ip, sp, vm);
        let p = sp.add(f.a() as usize);
        let result = builtins::array_new_elem(vm, f.imm() as u32, *ip.add(2) as u32, *p as u32, *p.add(1) as u32);
        allocated(result, 3, ip, sp, mem, vm, r)
    }

    /// `array.fill`: array, index, value of `b` slots, length from slot `a` on; upper half = type.
    fn array_fill[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.a() as usize);
        let length = *p.add(2 + f.b() as usize) as u32;
        trap!(unless builtins::array_fill(vm, f.imm() as u32, *p as u32, *p.add(1) as u32, p.add(2), length), ip, sp, vm);
        next!(ip.add(2), sp, mem, vm, r)
    }

    /// `array.copy`: to, index, from, index, length from slot `a` on; words 2 and 3 = types.
    fn array_copy[](ip, sp, mem, vm, r) {
        let p = sp.add(Fields::of(ip).a() as usize);
        // One by one: an array of them would be memory, and keep the frame from being left.
        let (to, to_index) = (*p as u32, *p.add(1) as u32);
        let (from, from_index, length) = (*p.add(2) as u32, *p.add(3) as u32, *p.add(4) as u32);
        let (to_type, from_type) = (*ip.add(2) as u32, *ip.add(3) as u32);
        trap!(unless
            builtins::array_copy(vm, to_type, to, to_index, from_type, from, from_index, length),
            ip, sp, vm
        );
        next!(ip.add(4), sp, mem, vm, r)
    }

    /// `array.init_data`: array, index, offset, length from slot `a` on; upper half = type, word 2 = segment.
    fn array_init_data[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.a() as usize);
        let (array, index) = (*p as u32, *p.add(1) as u32);
        let (offset, length) = (*p.add(2) as u32, *p.add(3) as u32);
        let segment = *ip.add(2) as u32;
        trap!(unless
            builtins::array_init_data(vm, f.imm() as u32, array, segment, index, offset, length),
            ip, sp, vm
        );
        next!(ip.add(3), sp, mem, vm, r)
    }

    /// `array.init_elem`: as `array.init_data`.
    fn array_init_elem[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        let p = sp.add(f.a() as usize);
        let (array, index) = (*p as u32, *p.add(1) as u32);
        let (offset, length) = (*p.add(2) as u32, *p.add(3) as u32);
        let segment = *ip.add(2) as u32;
        trap!(unless
            builtins::array_init_elem(vm, f.imm() as u32, array, segment, index, offset, length),
            ip, sp, vm
        );
        next!(ip.add(3), sp, mem, vm, r)
    }
}

/// `$shape::<K>` with `K` the way the storage is read.
macro_rules! by_storage {
    ($shape:ident, $storage:expr, $signed:expr) => {{
        match ($storage, $signed) {
            (Storage::I8, true) => $shape::<I8S>,
            (Storage::I8, false) => $shape::<I8U>,
            (Storage::I16, true) => $shape::<I16S>,
            (Storage::I16, false) => $shape::<I16U>,
            (Storage::I32, _) => $shape::<I32>,
            (Storage::I64 | Storage::Func, _) => $shape::<I64>,
            (Storage::F32, _) => $shape::<F32>,
            (Storage::F64, _) => $shape::<F64>,
            (Storage::V128, _) => $shape::<Vector>,
            (Storage::Ref, _) => $shape::<Ref>,
        }
    }};
}

/// `struct.get` of a field stored so.
pub fn of_struct_get(storage: Storage, signed: bool) -> Handler {
    by_storage!(struct_get, storage, signed)
}

/// `struct.set` of a field stored so.
pub fn of_struct_set(storage: Storage) -> Handler {
    by_storage!(struct_set, storage, false)
}

/// `array.get` of elements stored so.
pub fn of_array_get(storage: Storage, signed: bool) -> Handler {
    by_storage!(array_get, storage, signed)
}

/// `array.set` of elements stored so.
pub fn of_array_set(storage: Storage) -> Handler {
    by_storage!(array_set, storage, false)
}
