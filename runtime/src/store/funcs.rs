//! The functions of a store, and how references to them stand in slots.

use super::{Func, StoreOpaque};
use crate::host::HostFunc;
use crate::types::TypeId;
use crate::vm::{FuncRef, Slot};
use core::ptr::NonNull;
use std::sync::Arc;

impl StoreOpaque {
    /// The canonical type of a function.
    pub fn func_type_id(&self, func: Func) -> TypeId {
        TypeId(self.func_ref(func).type_id)
    }

    /// Makes a host function reachable from this store, which keeps it alive.
    ///
    /// # Panics
    /// If the function was made for another engine.
    pub fn keep_host_func(&mut self, func: Arc<HostFunc>) -> Func {
        let handle = Func { store: self.id(), func: func.func_ref() };
        self.host_funcs.push(func);
        handle
    }

    /// A function reference as it stands in a slot.
    ///
    /// # Panics
    /// If the function is of another store.
    pub fn func_to_slot(&self, func: Option<Func>) -> Slot {
        match func {
            None => 0,
            Some(func) => {
                self.check(func.store);
                func.func.as_ptr() as usize as Slot
            }
        }
    }

    /// The function that a slot refers to; `None` if it is null.
    ///
    /// # Safety
    /// The slot holds a function reference of this store.
    pub unsafe fn slot_to_func(&self, slot: Slot) -> Option<Func> {
        Some(self.func_handle(NonNull::new(slot as usize as *mut FuncRef)?))
    }

    /// The handle of a function of this store.
    pub(super) fn func_handle(&self, func: NonNull<FuncRef>) -> Func {
        // SAFETY: the functions of the store are alive, and so are their instances.
        let stays = unsafe {
            let vm = func.as_ref().vm;
            vm.is_null() || (*vm).instance.0 == 0
        };
        Func { store: self.owner(stays), func }
    }

    #[inline]
    pub(crate) fn func_ref(&self, func: Func) -> &FuncRef {
        self.check(func.store);
        // SAFETY: the store keeps its instances and host functions alive. The record
        // is shared: only its atomic entry is ever written.
        unsafe { func.func.as_ref() }
    }
}
