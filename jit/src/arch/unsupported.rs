//! Processors and systems for which no code is made.

/// Whether code can be made for this processor and system.
pub const SUPPORTED: bool = false;

/// Never called.
///
/// # Safety
/// None: it ends the process.
pub unsafe extern "C" fn exit() {
    unreachable!("no code is made for this processor")
}

/// Whether there is a segment for `swap_segment`.
pub fn has_segment() -> bool {
    false
}

/// Never called.
///
/// # Safety
/// None: it ends the process.
pub unsafe fn swap_segment(_: *const ()) -> *const () {
    unreachable!("no code is made for this processor")
}
