//! Where children of this process cannot be told: nothing is used again.

/// False.
pub(crate) fn watch() -> bool {
    false
}

/// False.
pub(crate) fn forked() -> bool {
    false
}
