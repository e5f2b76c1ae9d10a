//! Vector operators: arrays of lanes mapped by plain closures, which the compiler
//! turns into vector instructions. Spec: exec/numerics, "Vector Operations".

mod bits;
mod convert;
mod float;
mod integer;
mod relaxed;

pub use bits::*;
pub use convert::*;
pub use float::*;
pub use integer::*;
pub use relaxed::*;
