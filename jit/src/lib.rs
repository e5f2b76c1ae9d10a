//! The compiler to machine code.
