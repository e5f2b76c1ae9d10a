//! Exceptions. A call inside of a `try` names the handlers around it, innermost first;
//! a handler is a block of this function that gets the exception, takes the tag's
//! parameters out of it and branches. Entering and leaving a `try` costs nothing.

use super::Lowering;
use super::control::FrameKind;
use super::gc::null_check;
use crate::builtins::Builtin;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{Block, BlockArg, BlockCall, ExceptionTableItem, ExceptionTag, Value};
use dayfly_parser::{Catch, CatchKind, Cursor, HeapType, RefType, TagIdx, ValType};
use dayfly_runtime::trap::Trap;

/// A clause of a `try_table`, and the block to which it brings an exception.
pub struct Landing {
    catch: Catch,
    block: Block,
}

/// `(ref exn)`
const EXCEPTION: ValType = ValType::Ref(RefType { nullable: false, heap: HeapType::Exn });

impl Lowering<'_, '_> {
    /// `try_table`
    pub fn try_table(&mut self, cursor: &Cursor<'_>) {
        let landings = cursor.catches().iter().map(|&catch| Landing { catch, block: self.landing_block() });
        let landings = landings.collect();
        self.open(FrameKind::TryTable(landings), cursor);
    }

    /// A block that gets an exception.
    pub fn landing_block(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.append_block_param(block, I64);
        block
    }

    /// Makes the handlers of a `try_table` that was closed.
    pub fn land(&mut self, landings: Vec<Landing>) {
        // What follows the `try_table` does not come from here.
        let is_ahead = self.meters.is_ahead;
        for Landing { catch, block } in landings {
            self.b.seal_block(block);
            self.b.switch_to_block(block);
            self.b.set_cold_block(block);
            self.meters_from_store();
            let exception = self.b.block_params(block)[0];
            let height = self.stack.len();
            match catch.kind {
                CatchKind::Tag(tag) | CatchKind::TagRef(tag) => self.push_payload(tag, exception),
                CatchKind::All | CatchKind::AllRef => {}
            }
            if let CatchKind::TagRef(_) | CatchKind::AllRef = catch.kind {
                self.push(EXCEPTION, exception);
            }
            self.br(catch.label);
            self.stack.truncate(height);
        }
        self.meters.is_ahead = is_ahead;
    }

    /// Pushes the parameters that an exception of a tag carries.
    pub fn push_payload(&mut self, tag: TagIdx, exception: Value) {
        let ty = self.module.tags()[tag.index()].func;
        let layout = self.env.shape.types().gc_type(self.env.shape.type_id(ty));
        let types = &self.module.type_func(ty).params;
        for (&ty, field) in types.iter().zip(layout.fields()) {
            let address = self.object(exception);
            let value = self.load_storage(field.storage, false, address, field.offset as i32);
            self.push(ty, value);
        }
    }

    /// The handlers around the operator, as a call tells them to the unwinder.
    pub fn handlers(&mut self) -> Vec<ExceptionTableItem> {
        let mut found: Vec<(Option<TagIdx>, Block)> = Vec::new();
        let mut next = self.frames.len();
        while let Some(index) = next.checked_sub(1) {
            // Behind one that catches all, none is asked.
            if found.last().is_some_and(|(tag, _)| tag.is_none()) {
                break;
            }
            next = index;
            match &self.frames[index].kind {
                FrameKind::TryTable(landings) => found.extend(landings.iter().map(|landing| {
                    let tag = match landing.catch.kind {
                        CatchKind::Tag(tag) | CatchKind::TagRef(tag) => Some(tag),
                        CatchKind::All | CatchKind::AllRef => None,
                    };
                    (tag, landing.block)
                })),
                FrameKind::Try(legacy) => {
                    found.extend(legacy.arms.iter().copied());
                    if let Some(frame) = legacy.delegate {
                        next = frame as usize + 1;
                    }
                }
                _ => {}
            }
        }
        if found.is_empty() {
            return Vec::new();
        }
        let mut items = vec![ExceptionTableItem::Context(self.vm)];
        for (tag, block) in found {
            let to = BlockCall::new(block, [BlockArg::TryCallExn(0)], &mut self.b.func.dfg.value_lists);
            match tag {
                Some(tag) => items.push(ExceptionTableItem::Tag(ExceptionTag::from_u32(tag.0), to)),
                None => {
                    items.push(ExceptionTableItem::Default(to));
                    break;
                }
            }
        }
        items
    }

    /// `throw`
    pub fn throw(&mut self, tag: TagIdx) {
        let ty = self.module.tags()[tag.index()].func;
        let layout = self.env.shape.types().gc_type(self.env.shape.type_id(ty));
        let values = self.pop_many(layout.fields().len());
        let identity = self.vm_fixed(I64, self.env.shape.layout().tag(tag));
        let slots = self.runtime(Builtin::ExnNew, &[identity]);
        let exception = self.result(I64, slots);
        for (value, field) in values.into_iter().zip(layout.fields()) {
            let address = self.object(exception);
            self.store_storage(field.storage, value, address, field.offset as i32);
        }
        self.runtime_throws(Builtin::Throw, &[exception]);
    }

    /// `throw_ref`
    pub fn throw_ref(&mut self) {
        let exception = self.pop();
        null_check(&mut self.b, exception, Trap::NullExceptionReference);
        self.runtime_throws(Builtin::Throw, &[exception]);
    }
}
