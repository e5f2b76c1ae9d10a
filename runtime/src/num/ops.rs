//! A type without values for each row of the operator table, so that code can be
//! generic over operators: `unary::I32Clz`, `binary::I32Add`, `load::I32Load8S`.
//! All evaluate the functions of `num`. `eval` of an operator that never traps is
//! `Ok` in every case, which the compiler sees.

use super::V128;
use super::value::Value;
use crate::num;
use crate::trap::Trap;
use dayfly_parser::ops::*;

/// An operator with one operand.
pub trait Unary: 'static {
    /// Type of the operand.
    type A: Value;
    /// Type of the result.
    type R: Value;
    /// The row.
    const OP: UnOp;

    /// The result, or why there is none.
    fn eval(a: Self::A) -> Result<Self::R, Trap>;
}

/// An operator with two operands; `b` is on top of the stack.
pub trait Binary: 'static {
    /// Type of the first operand.
    type A: Value;
    /// Type of the second operand.
    type B: Value;
    /// Type of the result.
    type R: Value;
    /// The row.
    const OP: BinOp;

    /// The result, or why there is none.
    fn eval(a: Self::A, b: Self::B) -> Result<Self::R, Trap>;
}

/// A comparison of two scalars of one type.
pub trait Compare: 'static {
    /// Type of both operands.
    type A: Value;
    /// The row.
    const OP: CmpOp;

    /// Whether it holds.
    fn eval(a: Self::A, b: Self::A) -> bool;
}

/// An operator with three vector operands.
pub trait Ternary: 'static {
    /// The row.
    const OP: TernOp;

    /// The result.
    fn eval(a: V128, b: V128, c: V128) -> V128;
}

/// The reading of one lane.
pub trait Extract: 'static {
    /// Type of the result.
    type R: Value;
    /// The row.
    const OP: ExtractOp;
    /// How many lanes there are.
    const LANES: u8;

    /// The lane as a value; `lane` counts modulo `LANES`.
    fn eval(v: V128, lane: u8) -> Self::R;
}

/// The writing of one lane.
pub trait Replace: 'static {
    /// Type of the new lane.
    type A: Value;
    /// The row.
    const OP: ReplaceOp;
    /// How many lanes there are.
    const LANES: u8;

    /// The vector with the lane replaced; `lane` counts modulo `LANES`.
    fn eval(v: V128, lane: u8, a: Self::A) -> V128;
}

/// A load, after its bytes were read.
pub trait Load: 'static {
    /// Type of the result.
    type R: Value;
    /// `[u8; BYTES]`.
    type Mem: Copy + AsRef<[u8]> + AsMut<[u8]> + Default + 'static;
    /// The row.
    const OP: LoadOp;
    /// How many bytes are read.
    const BYTES: usize;

    /// The value of these bytes.
    fn eval(mem: Self::Mem) -> Self::R;
}

/// A store, before its bytes are written.
pub trait Store: 'static {
    /// Type of the operand.
    type A: Value;
    /// `[u8; BYTES]`.
    type Mem: Copy + AsRef<[u8]> + AsMut<[u8]> + Default + 'static;
    /// The row.
    const OP: StoreOp;
    /// How many bytes are written.
    const BYTES: usize;

    /// The bytes of this value.
    fn eval(a: Self::A) -> Self::Mem;
}

/// A load of one lane, after its bytes were read.
pub trait LoadLane: 'static {
    /// `[u8; BYTES]`.
    type Mem: Copy + AsRef<[u8]> + AsMut<[u8]> + Default + 'static;
    /// The row.
    const OP: LoadLaneOp;
    /// How many bytes are read.
    const BYTES: usize;
    /// How many lanes there are.
    const LANES: u8;

    /// The vector with the lane replaced; `lane` counts modulo `LANES`.
    fn eval(mem: Self::Mem, v: V128, lane: u8) -> V128;
}

/// A store of one lane, before its bytes are written.
pub trait StoreLane: 'static {
    /// `[u8; BYTES]`.
    type Mem: Copy + AsRef<[u8]> + AsMut<[u8]> + Default + 'static;
    /// The row.
    const OP: StoreLaneOp;
    /// How many bytes are written.
    const BYTES: usize;
    /// How many lanes there are.
    const LANES: u8;

    /// The bytes of the lane; `lane` counts modulo `LANES`.
    fn eval(v: V128, lane: u8) -> Self::Mem;
}

/// Lets operators that trap and those that never do fit one signature.
trait IntoResult<T> {
    fn into_result(self) -> Result<T, Trap>;
}

impl<T: Value> IntoResult<T> for T {
    #[inline(always)]
    fn into_result(self) -> Result<T, Trap> {
        Ok(self)
    }
}

impl<T: Value> IntoResult<T> for Result<T, Trap> {
    #[inline(always)]
    fn into_result(self) -> Result<T, Trap> {
        self
    }
}

type I32 = i32;
type I64 = i64;
type F32 = f32;
type F64 = f64;

/// Turns the rows of a class into types that implement its trait, one arm per class.
macro_rules! operators {
    (Unary $($Op:ident $eval:ident $opcode:literal $name:literal ($A:ident -> $R:ident)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Unary for $Op {
            type A = $A;
            type R = $R;
            const OP: UnOp = UnOp::$Op;

            #[inline(always)]
            fn eval(a: $A) -> Result<$R, Trap> {
                num::$eval(a).into_result()
            }
        }
    )*};
    (Binary $($Op:ident $eval:ident $opcode:literal $name:literal ($A:ident $B:ident -> $R:ident)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Binary for $Op {
            type A = $A;
            type B = $B;
            type R = $R;
            const OP: BinOp = BinOp::$Op;

            #[inline(always)]
            fn eval(a: $A, b: $B) -> Result<$R, Trap> {
                num::$eval(a, b).into_result()
            }
        }
    )*};
    (Compare $($Op:ident $eval:ident $opcode:literal $name:literal ($A:ident $B:ident -> I32)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Compare for $Op {
            type A = $A;
            const OP: CmpOp = CmpOp::$Op;

            #[inline(always)]
            fn eval(a: $A, b: $A) -> bool {
                num::$eval(a, b)
            }
        }
    )*};
    (Ternary $($Op:ident $eval:ident $opcode:literal $name:literal (V128 V128 V128 -> V128)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Ternary for $Op {
            const OP: TernOp = TernOp::$Op;

            #[inline(always)]
            fn eval(a: V128, b: V128, c: V128) -> V128 {
                num::$eval(a, b, c)
            }
        }
    )*};
    (Extract $($Op:ident $eval:ident $opcode:literal $name:literal [$lanes:literal] (V128 -> $R:ident)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Extract for $Op {
            type R = $R;
            const OP: ExtractOp = ExtractOp::$Op;
            const LANES: u8 = $lanes;

            #[inline(always)]
            fn eval(v: V128, lane: u8) -> $R {
                num::$eval(v, lane)
            }
        }
    )*};
    (Replace $($Op:ident $eval:ident $opcode:literal $name:literal [$lanes:literal] (V128 $A:ident -> V128)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Replace for $Op {
            type A = $A;
            const OP: ReplaceOp = ReplaceOp::$Op;
            const LANES: u8 = $lanes;

            #[inline(always)]
            fn eval(v: V128, lane: u8, a: $A) -> V128 {
                num::$eval(v, lane, a)
            }
        }
    )*};
    (Load $($Op:ident $eval:ident $opcode:literal $name:literal ($bytes:literal -> $R:ident)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Load for $Op {
            type R = $R;
            type Mem = [u8; $bytes];
            const OP: LoadOp = LoadOp::$Op;
            const BYTES: usize = $bytes;

            #[inline(always)]
            fn eval(mem: [u8; $bytes]) -> $R {
                num::$eval(mem)
            }
        }
    )*};
    (Store $($Op:ident $eval:ident $opcode:literal $name:literal ($A:ident -> $bytes:literal)
    $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl Store for $Op {
            type A = $A;
            type Mem = [u8; $bytes];
            const OP: StoreOp = StoreOp::$Op;
            const BYTES: usize = $bytes;

            #[inline(always)]
            fn eval(a: $A) -> [u8; $bytes] {
                num::$eval(a)
            }
        }
    )*};
    (LoadLane $($Op:ident $eval:ident $opcode:literal $name:literal [$lanes:literal]
    ($bytes:literal V128 -> V128) $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl LoadLane for $Op {
            type Mem = [u8; $bytes];
            const OP: LoadLaneOp = LoadLaneOp::$Op;
            const BYTES: usize = $bytes;
            const LANES: u8 = $lanes;

            #[inline(always)]
            fn eval(mem: [u8; $bytes], v: V128, lane: u8) -> V128 {
                num::$eval(mem, v, lane)
            }
        }
    )*};
    (StoreLane $($Op:ident $eval:ident $opcode:literal $name:literal [$lanes:literal]
    (V128 -> $bytes:literal) $proposal:ident;)*) => {$(
        #[doc = concat!("`", $name, "`")]
        pub struct $Op;

        impl StoreLane for $Op {
            type Mem = [u8; $bytes];
            const OP: StoreLaneOp = StoreLaneOp::$Op;
            const BYTES: usize = $bytes;
            const LANES: u8 = $lanes;

            #[inline(always)]
            fn eval(v: V128, lane: u8) -> [u8; $bytes] {
                num::$eval(v, lane)
            }
        }
    )*};
}

macro_rules! modules {
    ($($module:ident $Trait:ident $for_each:ident;)*) => {$(
        #[doc = concat!("The rows of `", stringify!($for_each), "`.")]
        pub mod $module {
            use super::*;
            dayfly_parser::$for_each! { operators, $Trait }
        }
    )*};
}

modules! {
    unary Unary for_each_unary;
    binary Binary for_each_binary;
    compare Compare for_each_compare;
    ternary Ternary for_each_ternary;
    extract Extract for_each_extract;
    replace Replace for_each_replace;
    load Load for_each_load;
    store Store for_each_store;
    load_lane LoadLane for_each_load_lane;
    store_lane StoreLane for_each_store_lane;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluated<O: Binary>(a: O::A, b: O::B) -> (BinOp, Result<O::R, Trap>) {
        (O::OP, O::eval(a, b))
    }

    #[test]
    fn code_can_be_generic_over_operators() {
        assert_eq!(evaluated::<binary::I32DivS>(7, 0), (BinOp::I32DivS, Err(Trap::IntegerDivideByZero)));
        assert_eq!(evaluated::<binary::F64Add>(1.5, 2.0), (BinOp::F64Add, Ok(3.5)));
        let doubled = evaluated::<binary::I8x16Shl>(V128([1; 16]), 1);
        assert_eq!(doubled, (BinOp::I8x16Shl, Ok(V128([2; 16]))));
    }

    #[test]
    fn types_agree_with_the_table() {
        fn check<O: Load>() {
            assert_eq!(O::OP.result(), O::R::TYPE);
            assert_eq!(O::OP.access_bytes() as usize, O::BYTES);
            assert_eq!(O::Mem::default().as_ref().len(), O::BYTES);
        }
        check::<load::I64Load32U>();
        check::<load::V128Load16x4S>();
        assert_eq!(extract::F64x2ExtractLane::LANES, ExtractOp::F64x2ExtractLane.lanes());
        assert!(compare::I32LtU::eval(1, -1));
    }
}
