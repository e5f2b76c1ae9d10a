//! Evaluating constant expressions, of which a module's initial state is made.
//! Spec: valid/instructions, "Constant Expressions"; exec/modules, "Instantiation".

use crate::fault::Fault;
use crate::store::ConstValue;
use crate::vm::Slot;
use core::fmt;
use dayfly_parser::{ConstExpr, ConstOp, FuncIdx, GlobalIdx};

/// What an expression can refer to. `None` is what cannot be referred to here.
pub(crate) trait Scope {
    /// The value of a global that was initialised before.
    fn global(&self, global: GlobalIdx) -> Option<ConstValue>;

    /// A reference to a function.
    fn func(&self, func: FuncIdx) -> Option<Slot>;

    /// Where operands stand. Objects that they refer to stay alive.
    fn stack(&mut self) -> &mut Vec<ConstValue>;

    /// Replaces the operands of an operator that makes an object by the object.
    fn allocate(&mut self, op: &ConstOp) -> Result<(), ConstError>;
}

/// Why an expression has no value.
#[derive(Debug)]
pub(crate) enum ConstError {
    /// It needs what is not there.
    Unsupported(Unsupported),
    /// An object could not be made.
    Fault(Fault),
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

/// The value of an expression. After an error the stack may hold operands.
pub(crate) fn evaluate(expr: &ConstExpr, scope: &mut dyn Scope) -> Result<ConstValue, ConstError> {
    if let [op] = &*expr.ops
        && let Some(value) = leaf(op, scope)?
    {
        return Ok(value);
    }
    for op in expr.ops.iter() {
        match leaf(op, scope)? {
            Some(value) => scope.stack().push(value),
            None => apply(op, scope)?,
        }
    }
    scope.stack().pop().ok_or(unsupported("end"))
}

/// The value of an expression that needs nothing else to be known, in one slot.
pub(crate) fn constant(expr: &ConstExpr) -> Option<Slot> {
    evaluate(expr, &mut Alone::default()).ok().map(|value| value.slots[0])
}

/// The scope of an expression that refers to nothing.
#[derive(Default)]
struct Alone(Vec<ConstValue>);

impl Scope for Alone {
    fn global(&self, _: GlobalIdx) -> Option<ConstValue> {
        None
    }

    fn func(&self, _: FuncIdx) -> Option<Slot> {
        None
    }

    fn stack(&mut self) -> &mut Vec<ConstValue> {
        &mut self.0
    }

    fn allocate(&mut self, op: &ConstOp) -> Result<(), ConstError> {
        Err(unsupported(name(op)))
    }
}

/// The value of an operator without operands; `None` if it has some or makes an object.
fn leaf(op: &ConstOp, scope: &mut dyn Scope) -> Result<Option<ConstValue>, ConstError> {
    let value = match *op {
        ConstOp::I32Const(n) => Slot::from(n as u32),
        ConstOp::I64Const(n) => n as Slot,
        ConstOp::F32Const(bits) => Slot::from(bits),
        ConstOp::F64Const(bits) => bits,
        ConstOp::V128Const(bytes) => {
            let bits = u128::from_le_bytes(bytes);
            return Ok(Some(ConstValue { slots: [bits as Slot, (bits >> 64) as Slot], is_gc: false }));
        }
        ConstOp::GlobalGet(global) => {
            return scope.global(global).map(Some).ok_or(unsupported(name(op)));
        }
        ConstOp::RefNull(_) => 0,
        ConstOp::RefFunc(func) => scope.func(func).ok_or(unsupported(name(op)))?,
        _ => return Ok(None),
    };
    Ok(Some(ConstValue { slots: [value, 0], is_gc: false }))
}

/// Replaces the operands of an operator by its result.
fn apply(op: &ConstOp, scope: &mut dyn Scope) -> Result<(), ConstError> {
    let result = match op {
        // The bits of a reference are the same inside and outside.
        ConstOp::AnyConvertExtern | ConstOp::ExternConvertAny => return Ok(()),
        ConstOp::StructNew(_)
        | ConstOp::StructNewDefault(_)
        | ConstOp::ArrayNew(_)
        | ConstOp::ArrayNewDefault(_)
        | ConstOp::ArrayNewFixed(..) => return scope.allocate(op),
        ConstOp::RefI31 => {
            let value = scope.stack().pop().ok_or(unsupported(name(op)))?;
            let i31 = (value.slots[0] as u32) << 1 | 1;
            ConstValue { slots: [i31.into(), 0], is_gc: true }
        }
        _ => {
            let [right, left] = [scope.stack().pop(), scope.stack().pop()];
            let operands = left.zip(right).map(|(left, right)| (left.slots[0], right.slots[0]));
            ConstValue { slots: [binary(op, operands)?, 0], is_gc: false }
        }
    };
    scope.stack().push(result);
    Ok(())
}

fn binary(op: &ConstOp, operands: Option<(Slot, Slot)>) -> Result<Slot, ConstError> {
    let (left, right) = operands.ok_or(unsupported(name(op)))?;
    let narrow = |n: Slot| Slot::from(n as u32);
    Ok(match op {
        ConstOp::I32Add => narrow(left.wrapping_add(right)),
        ConstOp::I32Sub => narrow(left.wrapping_sub(right)),
        ConstOp::I32Mul => narrow(left.wrapping_mul(right)),
        ConstOp::I64Add => left.wrapping_add(right),
        ConstOp::I64Sub => left.wrapping_sub(right),
        ConstOp::I64Mul => left.wrapping_mul(right),
        _ => return Err(unsupported(name(op))),
    })
}

fn unsupported(name: &'static str) -> ConstError {
    ConstError::Unsupported(Unsupported(name))
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
    use dayfly_parser::ConstOps;

    fn expr(ops: &[ConstOp]) -> ConstExpr {
        ConstExpr { ops: ConstOps::Many(ops.into()) }
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
        struct Globals(Alone);
        impl Scope for Globals {
            fn global(&self, global: GlobalIdx) -> Option<ConstValue> {
                (global.0 == 1).then_some(ConstValue { slots: [7, 8], is_gc: false })
            }
            fn func(&self, func: FuncIdx) -> Option<Slot> {
                Some(func.0.into())
            }
            fn stack(&mut self) -> &mut Vec<ConstValue> {
                self.0.stack()
            }
            fn allocate(&mut self, op: &ConstOp) -> Result<(), ConstError> {
                self.0.allocate(op)
            }
        }
        let mut bytes = [0; 16];
        bytes[0] = 1;
        bytes[8] = 2;
        let value = |op| evaluate(&expr(&[op]), &mut Globals(Alone::default())).map(|value| value.slots);
        assert_eq!(value(ConstOp::V128Const(bytes)).unwrap(), [1, 2]);
        assert_eq!(value(ConstOp::GlobalGet(GlobalIdx(1))).unwrap(), [7, 8]);
        assert_eq!(value(ConstOp::RefFunc(FuncIdx(3))).unwrap(), [3, 0]);
        let missing = value(ConstOp::GlobalGet(GlobalIdx(0)));
        assert!(matches!(missing, Err(ConstError::Unsupported(Unsupported("global.get")))));
    }

    #[test]
    fn objects_need_a_heap() {
        let i31 = [ConstOp::I32Const(-2), ConstOp::RefI31, ConstOp::ExternConvertAny];
        assert_eq!(constant(&expr(&i31)), Some(0xffff_fffd));
        let object = expr(&[ConstOp::StructNewDefault(dayfly_parser::TypeIdx(0))]);
        let Err(ConstError::Unsupported(error)) = evaluate(&object, &mut Alone::default()) else {
            panic!("there is no heap")
        };
        assert_eq!(error.to_string(), "`struct.new_default` in a constant expression is not supported");
    }
}
