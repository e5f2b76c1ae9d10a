//! What it takes to validate a body. An operator may move thousands of values, so that
//! a few bytes could make as much work as megabytes of ordinary code: for whoever
//! validates, and then for whoever lowers the body. Each body has a budget for this.
//!
//! Invariant: the values that the operators of a body move are at most a few dozen for
//! each of its bytes, and as many as `BASE`, whatever the module's types are.

use crate::error::Error;
use crate::limits::Limits;
use crate::module::Module;
use crate::types::CompositeType;
use wasmparser::{BinaryReader, Catch, FrameStack, ModuleArity, Operator};

/// Operators that move at most so many values cost nothing. Where no type of a module
/// has more, there is nothing to count.
const FREE: u64 = 32;

/// What every body may cost, however short it is: a few uses of the largest types.
const BASE: u64 = 16_384;

/// The budget of a body.
pub(super) struct Work {
    left: u64,
    per_byte: u32,
}

impl Work {
    /// The budget of a body of so many bytes.
    pub fn new(limits: &Limits, bytes: usize) -> Work {
        let per_byte = limits.moves_per_byte;
        Work { left: BASE + u64::from(per_byte) * bytes as u64, per_byte }
    }

    /// Whether operators of the module can move many values.
    pub fn is_limited(module: &Module) -> bool {
        module.types().iter().any(|ty| match &ty.composite {
            CompositeType::Func(ty) => (ty.params.len() + ty.results.len()) as u64 > FREE,
            CompositeType::Struct(fields) => fields.len() as u64 > FREE,
            // `array.new_fixed` says itself how many.
            CompositeType::Array(_) => true,
            CompositeType::Cont(_) => false,
        })
    }

    /// Whether an operator that begins with this byte may move many values.
    pub fn may_be_much(first: u8) -> bool {
        match first {
            // Blocks and branches, legacy ones among them, up to `return`.
            0x02..=0x0f => true,
            // Calls; `delegate`, `catch_all`, `try_table`.
            0x10..=0x15 | 0x18 | 0x19 | 0x1f => true,
            // `br_on_null`, `br_on_non_null`; stack switching; structures, arrays and casts.
            0xd5 | 0xd6 | 0xe0..=0xe6 | 0xfb => true,
            _ => false,
        }
    }

    /// Takes the next operator from the budget. One that cannot be read, or refers to
    /// what there is not, is left to the validator.
    pub fn count(
        &mut self,
        reader: &BinaryReader<'_>,
        state: &(impl ModuleArity + FrameStack),
    ) -> Result<(), Error> {
        let Some(moved) = reader.peek_operator(state).ok().and_then(|op| moved(&op, state)) else {
            return Ok(());
        };
        if moved <= FREE {
            return Ok(());
        }
        match self.left.checked_sub(moved) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::too_much_work(reader.original_position() as usize, self.per_byte)),
        }
    }
}

/// How many values an operator takes and leaves, and how many types it looks at.
fn moved(op: &Operator<'_>, state: &impl ModuleArity) -> Option<u64> {
    let arity = |op: &Operator<'_>| {
        let (taken, left) = op.operator_arity(state)?;
        Some(u64::from(taken) + u64::from(left))
    };
    let more = match op {
        // The types are compared for each target.
        Operator::BrTable { targets } => {
            let one = arity(&Operator::Br { relative_depth: targets.default() })?;
            u64::from(targets.len()) * one
        }
        Operator::TryTable { try_table } => {
            let label = |catch: &Catch| match catch {
                Catch::One { label, .. } | Catch::OneRef { label, .. } => *label,
                Catch::All { label } | Catch::AllRef { label } => *label,
            };
            // In the numbering of labels the block itself is not there yet.
            let catches = try_table.catches.iter();
            catches.filter_map(|catch| arity(&Operator::Br { relative_depth: label(catch) })).sum()
        }
        // They move one value but look at each field, which takes less time than moving it.
        Operator::StructNewDefault { struct_type_index } => {
            arity(&Operator::StructNew { struct_type_index: *struct_type_index })? / 8
        }
        _ => 0,
    };
    Some(arity(op)? + more)
}
