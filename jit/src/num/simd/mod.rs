//! Vector operators that are more than one instruction on lanes.

mod arith;
mod lane;
mod permute;

pub use arith::ternary;
pub(super) use arith::{Half, dot, greater, lesser, relaxed_dot, relaxed_max, relaxed_min, relaxed_q15mulr};
pub use lane::{extract_lane, replace_lane};
pub use permute::shuffle;
pub(super) use permute::{relaxed_swizzle, swizzle};
