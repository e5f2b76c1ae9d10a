//! Evaluating constant expressions, of which a module's initial state is made.
//! Spec: valid/instructions, "Constant Expressions"; exec/modules, "Instantiation".

use crate::vm::Slot;
use core::fmt;
use dayfly_parser::{ConstExpr, ConstOp, FuncIdx, GlobalIdx};

/// What an expression can refer to. `None` is what cannot be referred to here.
pub(crate) trait Scope {
    /// The value of a global that was initialised before.
    fn global(&self, global: GlobalIdx) -> Option<[Slot; 2]>;

    /// A reference to a function.
    fn func(&self, func: FuncIdx) -> Option<Slot>;
}

/// An expression that cannot be evaluated; the name of the operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsupported(pub &'static str);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` in a constant expression is not supported", self.0)
    }
}

impl core::error::Error for Unsupported {}

/// The value of an expression; the second slot matters for a `v128` alone.
pub(crate) fn evaluate(expr: &ConstExpr, scope: &dyn Scope) -> Result<[Slot; 2], Unsupported> {
    if let [op] = &*expr.ops {
        return leaf(op, scope)?.ok_or(Unsupported(name(op)));
    }
    let mut stack: Vec<[Slot; 2]> = Vec::new();
    for op in &expr.ops {
        match leaf(op, scope)? {
            Some(value) => stack.push(value),
            None => {
                let [right, left] = [stack.pop(), stack.pop()];
                let operands = left.zip(right).map(|([left, _], [right, _])| (left, right));
                stack.push([binary(op, operands)?, 0]);
            }
        }
    }
    stack.pop().ok_or(Unsupported("end"))
}

/// The value of an expression that needs nothing else to be known, in one slot.
pub(crate) fn constant(expr: &ConstExpr) -> Option<Slot> {
    struct Nothing;
    impl Scope for Nothing {
        fn global(&self, _: GlobalIdx) -> Option<[Slot; 2]> {
            None
        }
        fn func(&self, _: FuncIdx) -> Option<Slot> {
            None
        }
    }
    evaluate(expr, &Nothing).ok().map(|[value, _]| value)
}

/// The value of an operator without operands; `None` if it has some.
fn leaf(op: &ConstOp, scope: &dyn Scope) -> Result<Option<[Slot; 2]>, Unsupported> {
    let value = match *op {
        ConstOp::I32Const(n) => Slot::from(n as u32),
        ConstOp::I64Const(n) => n as Slot,
        ConstOp::F32Const(bits) => Slot::from(bits),
        ConstOp::F64Const(bits) => bits,
        ConstOp::V128Const(bytes) => {
            let bits = u128::from_le_bytes(bytes);
            return Ok(Some([bits as Slot, (bits >> 64) as Slot]));
        }
        ConstOp::GlobalGet(global) => {
            return scope.global(global).map(Some).ok_or(Unsupported(name(op)));
        }
        ConstOp::RefNull(_) => 0,
        ConstOp::RefFunc(func) => scope.func(func).ok_or(Unsupported(name(op)))?,
        _ => return Ok(None),
    };
    Ok(Some([value, 0]))
}

fn binary(op: &ConstOp, operands: Option<(Slot, Slot)>) -> Result<Slot, Unsupported> {
    let (left, right) = operands.ok_or(Unsupported(name(op)))?;
    let narrow = |n: Slot| Slot::from(n as u32);
    Ok(match op {
        ConstOp::I32Add => narrow(left.wrapping_add(right)),
        ConstOp::I32Sub => narrow(left.wrapping_sub(right)),
        ConstOp::I32Mul => narrow(left.wrapping_mul(right)),
        ConstOp::I64Add => left.wrapping_add(right),
        ConstOp::I64Sub => left.wrapping_sub(right),
        ConstOp::I64Mul => left.wrapping_mul(right),
        _ => return Err(Unsupported(name(op))),
    })
}

fn name(op: &ConstOp) -> &'static str {
    match op {
        ConstOp::I32Const(_) => "i32.const",
        ConstOp::I64Const(_) => "i64.const",
        ConstOp::F32Const(_) => "f32.const",
        ConstOp::F64Const(_) => "f64.const",
        ConstOp::V128Const(_) => "v128.const",
        ConstOp::GlobalGet(_) => "global.get",
        ConstOp::RefNull(_) => "ref.null",
        ConstOp::RefFunc(_) => "ref.func",
        ConstOp::I32Add => "i32.add",
        ConstOp::I32Sub => "i32.sub",
        ConstOp::I32Mul => "i32.mul",
        ConstOp::I64Add => "i64.add",
        ConstOp::I64Sub => "i64.sub",
        ConstOp::I64Mul => "i64.mul",
        ConstOp::RefI31 => "ref.i31",
        ConstOp::StructNew(_) => "struct.new",
        ConstOp::StructNewDefault(_) => "struct.new_default",
        ConstOp::ArrayNew(_) => "array.new",
        ConstOp::ArrayNewDefault(_) => "array.new_default",
        ConstOp::ArrayNewFixed(..) => "array.new_fixed",
        ConstOp::AnyConvertExtern => "any.convert_extern",
        ConstOp::ExternConvertAny => "extern.convert_any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(ops: &[ConstOp]) -> ConstExpr {
        ConstExpr { ops: ops.into() }
    }

    #[test]
    fn arithmetic_wraps_in_its_width() {
        use ConstOp::*;
        assert_eq!(constant(&expr(&[I32Const(-1)])), Some(0xffff_ffff));
        assert_eq!(constant(&expr(&[I32Const(-1), I32Const(2), I32Add])), Some(1));
        assert_eq!(constant(&expr(&[I32Const(1), I32Const(2), I32Sub])), Some(0xffff_ffff));
        assert_eq!(constant(&expr(&[I64Const(3), I64Const(-5), I64Mul])), Some(-15i64 as u64));
        let nested = [I32Const(10), I32Const(2), I32Const(3), I32Mul, I32Sub];
        assert_eq!(constant(&expr(&nested)), Some(4));
    }

    #[test]
    fn vectors_take_two_slots() {
        struct Globals;
        impl Scope for Globals {
            fn global(&self, global: GlobalIdx) -> Option<[Slot; 2]> {
                (global.0 == 1).then_some([7, 8])
            }
            fn func(&self, func: FuncIdx) -> Option<Slot> {
                Some(func.0.into())
            }
        }
        let mut bytes = [0; 16];
        bytes[0] = 1;
        bytes[8] = 2;
        assert_eq!(evaluate(&expr(&[ConstOp::V128Const(bytes)]), &Globals), Ok([1, 2]));
        assert_eq!(evaluate(&expr(&[ConstOp::GlobalGet(GlobalIdx(1))]), &Globals), Ok([7, 8]));
        assert_eq!(evaluate(&expr(&[ConstOp::RefFunc(FuncIdx(3))]), &Globals), Ok([3, 0]));
        let missing = evaluate(&expr(&[ConstOp::GlobalGet(GlobalIdx(0))]), &Globals);
        assert_eq!(missing, Err(Unsupported("global.get")));
    }

    #[test]
    fn aggregates_are_refused_by_name() {
        let i31 = expr(&[ConstOp::I32Const(1), ConstOp::RefI31]);
        assert_eq!(constant(&i31), None);
        struct Nothing;
        impl Scope for Nothing {
            fn global(&self, _: GlobalIdx) -> Option<[Slot; 2]> {
                None
            }
            fn func(&self, _: FuncIdx) -> Option<Slot> {
                None
            }
        }
        let error = evaluate(&i31, &Nothing).unwrap_err();
        assert_eq!(error.to_string(), "`ref.i31` in a constant expression is not supported");
    }
}
