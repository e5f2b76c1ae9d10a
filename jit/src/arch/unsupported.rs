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

/// Whether there is a segment for `segment`.
pub fn has_segment() -> bool {
    false
}

/// Never called.
///
/// # Safety
/// None: it ends the process.
pub unsafe fn segment() -> *const () {
    unreachable!("no code is made for this processor")
}

/// Never called.
///
/// # Safety
/// None: it ends the process.
pub unsafe fn set_segment(_: *const ()) {
    unreachable!("no code is made for this processor")
}
