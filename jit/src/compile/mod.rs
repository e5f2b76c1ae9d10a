//! From the operators of a function to machine code.

pub mod output;
