//! What every numeric operator computes, written once, as pure functions with the
//! standard's names: `i32.div_s` is `i32_div_s`. Integers are `i32` and `i64` whatever
//! their signedness; an operator that traps returns `Result<T, Trap>`. `ops` gives each
//! row of the operator table a type, for code that is generic over operators.
//! Spec: exec/numerics.

/// Declares operators: `name(operand: type, ..) -> type = formula;`.
macro_rules! functions {
    ($($name:ident($($operand:ident: $Operand:ty),*) -> $Result:ty = $formula:expr;)*) => {$(
        #[doc = concat!("`", stringify!($formula), "`")]
        #[inline(always)]
        pub fn $name($($operand: $Operand),*) -> $Result {
            $formula
        }
    )*};
}

mod atomic;
mod convert;
mod float;
mod int;
mod lanes;
mod memory;
pub mod ops;
mod simd;
mod value;
mod wide;

pub use atomic::Cell;
pub use convert::*;
pub use float::*;
pub use int::*;
pub use lanes::V128;
pub use memory::*;
pub use simd::*;
pub use value::{Scalar, Value};
pub use wide::*;
