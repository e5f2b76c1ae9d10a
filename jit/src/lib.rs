//! The compiler to machine code.

pub mod num;
pub mod trap_code;
