//! Locals and globals.

use super::Lowering;
use super::env::{Region, clif_type, is_traced};
use cranelift_codegen::ir::types::{I8X16, I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value};
use dayfly_parser::{ConstOp, Cursor, GlobalIdx, LocalIdx, ValType};

impl Lowering<'_, '_> {
    /// Makes the locals: parameters, then those that start as zero or null.
    pub fn declare_locals(&mut self, cursor: &Cursor<'_>, params: &[Value]) {
        let runs: Vec<(u32, ValType)> = cursor.locals().to_vec();
        let mut params = params.iter();
        for (count, ty) in runs {
            let mut zero = None;
            for _ in 0..count {
                let variable = self.b.declare_var(clif_type(ty));
                if is_traced(self.module, ty) {
                    self.b.declare_var_needs_stack_map(variable);
                }
                let value = match params.next() {
                    Some(&param) => param,
                    None => *zero.get_or_insert_with(|| self.zero(clif_type(ty))),
                };
                self.b.def_var(variable, value);
                self.locals.push((variable, ty));
            }
        }
    }

    /// The zero of a type.
    pub fn zero(&mut self, ty: Type) -> Value {
        match ty {
            I32 | I64 => self.b.ins().iconst(ty, 0),
            I8X16 => {
                let constant = self.b.func.dfg.constants.insert(vec![0; 16].into());
                self.b.ins().vconst(ty, constant)
            }
            cranelift_codegen::ir::types::F32 => self.b.ins().f32const(0.0),
            _ => self.b.ins().f64const(0.0),
        }
    }

    /// `local.get`
    pub fn local_get(&mut self, local: LocalIdx) {
        let (variable, ty) = self.locals[local.index()];
        let value = self.b.use_var(variable);
        self.push(ty, value);
    }

    /// `local.set`
    pub fn local_set(&mut self, local: LocalIdx) {
        let value = self.pop();
        self.b.def_var(self.locals[local.index()].0, value);
    }

    /// `local.tee`
    pub fn local_tee(&mut self, local: LocalIdx) {
        if let Some(&value) = self.stack.last() {
            self.b.def_var(self.locals[local.index()].0, value);
        }
    }

    /// `global.get`
    pub fn global_get(&mut self, global: GlobalIdx) {
        let ty = self.module.globals()[global.index()].ty;
        let is_constant = self.env.facts.is_constant(global);
        if is_constant && let Some(value) = self.constant_global(global) {
            self.stack.push(value);
            return;
        }
        let (address, offset, flags) = self.global_cell(global, is_constant);
        let value = self.b.ins().load(clif_type(ty.content), flags, address, offset);
        self.push(ty.content, value);
    }

    /// `global.set`
    pub fn global_set(&mut self, global: GlobalIdx) {
        let value = self.pop();
        let (address, offset, flags) = self.global_cell(global, false);
        // The upper half of the cell of a narrow value is zero and stays so.
        self.b.ins().store(flags, value, address, offset);
    }

    /// The value of a global that is never written and starts as a constant.
    fn constant_global(&mut self, global: GlobalIdx) -> Option<Value> {
        let init = self.module.globals()[global.index()].init.as_ref()?;
        Some(match *init.ops {
            [ConstOp::I32Const(value)] => self.b.ins().iconst(I32, i64::from(value as u32)),
            [ConstOp::I64Const(value)] => self.b.ins().iconst(I64, value),
            [ConstOp::F32Const(bits)] => self.b.ins().f32const(f32::from_bits(bits)),
            [ConstOp::F64Const(bits)] => self.b.ins().f64const(f64::from_bits(bits)),
            _ => return None,
        })
    }

    /// Where a global stands.
    fn global_cell(&mut self, global: GlobalIdx, fixed: bool) -> (Value, i32, MemFlagsData) {
        let layout = self.env.shape.layout();
        let flags = self.flags(Region::Global(global.0));
        // What the collector changes is not the same whenever it is read.
        let traced = is_traced(self.module, self.module.globals()[global.index()].ty.content);
        let flags = if fixed && !traced { flags.with_readonly().with_can_move() } else { flags };
        if global.0 < self.module.imported().globals {
            let cell = self.vm_fixed(I64, layout.imported_global(global));
            (cell, 0, flags)
        } else {
            (self.vm, layout.global(global) as i32, flags)
        }
    }
}
