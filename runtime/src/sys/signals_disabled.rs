//! Where faults cannot be handled: the same API, which says so.

/// Asked whether it knows a fault; never called here.
pub type FaultHandler = fn(&mut FaultContext) -> bool;

/// A fault: there are none here.
#[derive(Debug)]
pub enum FaultContext {}

/// False: machine code has to check what it does.
pub fn set_code_handler(_handler: FaultHandler) -> bool {
    false
}

/// False.
pub fn ensure_alt_stack() -> bool {
    false
}
