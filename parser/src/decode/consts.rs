//! Constant expressions. An operator that is not constant is left to the validator,
//! which knows why. Spec: binary/instructions, "Expressions".

use super::types::heap_type;
use super::{Decoder, Sink};
use crate::error::Error;
use crate::index::*;
use crate::module::{ConstExpr, ConstOp, ConstOps};
use wasmparser::Operator;

impl Decoder<'_> {
    /// Decodes an expression and notes the functions it refers to.
    pub(super) fn const_expr(&mut self, expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error> {
        if let Some(op) = only_i32_const(expr) {
            return Ok(ConstExpr { ops: ConstOps::One(op) });
        }
        let mut reader = expr.get_operators_reader();
        let mut ops = Vec::new();
        while !reader.eof() {
            let (op, at) = reader.read_with_offset().map_err(Error::decoding)?;
            if matches!(op, Operator::End) && reader.eof() {
                break;
            }
            let at = at as usize;
            let Some(op) = const_op(&op, &mut self.sink, at) else {
                self.sink.unsupported(at, "this operator in a constant expression is");
                continue;
            };
            if let ConstOp::RefFunc(func) = op {
                self.escaping.push(func);
            }
            ops.push(op);
        }
        reader.finish().map_err(Error::decoding)?;
        let ops = match *ops {
            [op] => ConstOps::One(op),
            _ => ConstOps::Many(ops.into()),
        };
        Ok(ConstExpr { ops })
    }
}

/// The operator of what is only an `i32.const`, as the offsets of most segments are. A
/// large module has tens of thousands of them.
fn only_i32_const(expr: &wasmparser::ConstExpr<'_>) -> Option<ConstOp> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0b;
    let mut reader = expr.get_binary_reader();
    if reader.read_u8().ok()? != I32_CONST {
        return None;
    }
    let value = reader.read_var_i32().ok()?;
    (reader.read_u8().ok()? == END && reader.eof()).then_some(ConstOp::I32Const(value))
}

fn const_op(op: &Operator<'_>, sink: &mut Sink, at: usize) -> Option<ConstOp> {
    Some(match *op {
        Operator::I32Const { value } => ConstOp::I32Const(value),
        Operator::I64Const { value } => ConstOp::I64Const(value),
        Operator::F32Const { value } => ConstOp::F32Const(value.bits()),
        Operator::F64Const { value } => ConstOp::F64Const(value.bits()),
        Operator::V128Const { value } => ConstOp::V128Const(*value.bytes()),
        Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIdx(global_index)),
        Operator::RefNull { hty } => ConstOp::RefNull(heap_type(hty, sink, at)),
        Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIdx(function_index)),
        Operator::I32Add => ConstOp::I32Add,
        Operator::I32Sub => ConstOp::I32Sub,
        Operator::I32Mul => ConstOp::I32Mul,
        Operator::I64Add => ConstOp::I64Add,
        Operator::I64Sub => ConstOp::I64Sub,
        Operator::I64Mul => ConstOp::I64Mul,
        Operator::RefI31 => ConstOp::RefI31,
        Operator::StructNew { struct_type_index } => ConstOp::StructNew(TypeIdx(struct_type_index)),
        Operator::StructNewDefault { struct_type_index } => {
            ConstOp::StructNewDefault(TypeIdx(struct_type_index))
        }
        Operator::ArrayNew { array_type_index } => ConstOp::ArrayNew(TypeIdx(array_type_index)),
        Operator::ArrayNewDefault { array_type_index } => ConstOp::ArrayNewDefault(TypeIdx(array_type_index)),
        Operator::ArrayNewFixed { array_type_index, array_size } => {
            ConstOp::ArrayNewFixed(TypeIdx(array_type_index), array_size)
        }
        Operator::AnyConvertExtern => ConstOp::AnyConvertExtern,
        Operator::ExternConvertAny => ConstOp::ExternConvertAny,
        _ => return None,
    })
}
