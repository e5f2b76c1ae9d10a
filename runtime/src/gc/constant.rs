//! Objects that constant expressions make. Operands stand on the store's stack of
//! constant values, which is a root. Spec: valid/instructions, "Constant Expressions".

use super::layout::array_size;
use super::object::{self, Header};
use crate::fault::Fault;
use crate::store::{ConstValue, StoreOpaque};
use crate::types::TypeId;
use crate::vm::Slot;
use dayfly_parser::{ConstOp, TypeIdx};

impl StoreOpaque {
    /// Replaces the operands of an operator that makes a structure or array by the
    /// object; `ids` are the module's types.
    ///
    /// # Safety
    /// The operator is one of those, and the stack holds its operands, of the types
    /// that validation demands and of this store.
    pub(crate) unsafe fn const_object(&mut self, ids: &[TypeId], op: &ConstOp) -> Result<(), Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            match *op {
                ConstOp::StructNew(ty) => self.const_struct(ids, ty, false),
                ConstOp::StructNewDefault(ty) => self.const_struct(ids, ty, true),
                ConstOp::ArrayNew(ty) => {
                    let len = self.pop_const() as u32;
                    self.const_array(ids, ty, len, 1)
                }
                ConstOp::ArrayNewDefault(ty) => {
                    let len = self.pop_const() as u32;
                    self.const_array(ids, ty, len, 0)
                }
                ConstOp::ArrayNewFixed(ty, len) => self.const_array(ids, ty, len, len),
                _ => unreachable!("the operator makes an object"),
            }
        }
    }

    /// # Safety
    /// As for `const_object`.
    unsafe fn const_struct(&mut self, ids: &[TypeId], ty: TypeIdx, default: bool) -> Result<(), Fault> {
        let types = self.shared().types().clone();
        let ty = types.gc_type(ids[ty.index()]);
        let size = ty.object_size(0);
        let structure = self.allocate_object(Header { type_id: ty.id().0, aux: 0 }, size)?;
        let stack = &mut self.roots.const_stack;
        let count = if default { 0 } else { ty.fields().len() };
        let operands = stack.split_off(stack.len() - count);
        // SAFETY: the object was made just now, and nothing allocates until it is filled.
        unsafe {
            let at = self.gc_base().add(structure as usize);
            object::clear_body(at, size);
            for (field, value) in ty.fields().iter().zip(&operands) {
                object::write(field.storage, at.add(field.offset as usize), value.slots.as_ptr());
            }
        }
        self.push_const(structure);
        Ok(())
    }

    /// An array of `len` elements: `count` of them are given; of one it is full, of
    /// none it is zero.
    ///
    /// # Safety
    /// As for `const_object`.
    unsafe fn const_array(&mut self, ids: &[TypeId], ty: TypeIdx, len: u32, count: u32) -> Result<(), Fault> {
        let ty = ids[ty.index()];
        let storage = self.shared().types().gc_type(ty).element().expect("validation demands an array type");
        let size = array_size(storage, len);
        let array = self.allocate_object(Header { type_id: ty.0, aux: len }, size)?;
        let stack = &mut self.roots.const_stack;
        let operands = stack.split_off(stack.len() - count as usize);
        // SAFETY: the object was made just now, and nothing allocates until it is filled.
        unsafe {
            let base = self.gc_base();
            match &*operands {
                [] => object::clear_body(base.add(array as usize), size),
                [value] => {
                    let at = object::element(base, array, storage, 0);
                    object::fill(storage, at, value.slots.as_ptr(), len as usize);
                }
                values => {
                    for (n, value) in values.iter().enumerate() {
                        let at = object::element(base, array, storage, n as u32);
                        object::write(storage, at, value.slots.as_ptr());
                    }
                }
            }
        }
        self.push_const(array);
        Ok(())
    }

    fn pop_const(&mut self) -> Slot {
        self.roots.const_stack.pop().expect("validation demands an operand").slots[0]
    }

    fn push_const(&mut self, object: u32) {
        self.roots.const_stack.push(ConstValue { slots: [object.into(), 0], is_gc: true });
    }
}
