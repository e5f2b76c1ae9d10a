//! Walking the guest frames of a store.

use super::StoreOpaque;
use crate::vm::Frame;
use core::cell::Cell;

impl StoreOpaque {
    /// Visits the guest frames of all activations, innermost first, until `each`
    /// returns false.
    pub fn walk_stack(&self, each: &mut dyn FnMut(Frame) -> bool) {
        let going_on = Cell::new(true);
        let mut visit = |frame: Frame| {
            going_on.set(each(frame));
            going_on.get()
        };
        // SAFETY: the block is alive as long as the store.
        let mut activation = unsafe { (*self.vm_store()).activation };
        // SAFETY: an activation stays valid while it is linked. Its code is called
        // out to the host, because the host runs this.
        while let Some(this) = unsafe { activation.as_ref() } {
            // SAFETY: as above.
            unsafe { (this.kind.walk)(activation, self.vm_store(), &mut visit) };
            if !going_on.get() {
                return;
            }
            activation = this.prev;
        }
    }
}
