//! Loops that count. Where some local changes by the same constant each time that a loop goes round, the bits of
//! it that run through all their values tell when it has gone round so many times. Then the deadline need not be
//! looked at each time, and that costs no register: `interrupt`.
//!
//! Only innermost loops of operators that take a short time: a number of rounds is a bound on time then.

use dayfly_parser::ops::BinOp;
use dayfly_parser::{Cursor, CursorBuffers, DefinedFuncIdx, Error, Label, LocalIdx, Module, Op};

/// Operators between two looks at the deadline, about.
const OPERATORS: u32 = 1 << 16;

/// Rounds between two looks, at most: so many that looking takes no time to speak of.
const MAX_ROUNDS: u32 = 1 << 12;

/// A local of a loop, and bits of it that are all zero once in so many rounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Induction {
    pub local: LocalIdx,
    pub mask: u32,
    /// Whether to look at the start of a round, else before it goes back: where a local that counts from zero
    /// up, or down to it, is zero in no round that is the only one.
    pub at_start: bool,
}

/// What is known of the innermost open loop so far.
struct Candidate {
    /// Its place among the loops of the body.
    number: usize,
    /// Its place among the open frames.
    frame: usize,
    operators: u32,
    /// Whether a branch has gone back to its start.
    repeated: bool,
    /// Locals that are written, once or more often.
    written: Vec<(LocalIdx, bool)>,
    /// What is added to locals in each round.
    steps: Vec<(LocalIdx, i64)>,
}

/// For each loop of a body, in order, what it counts with.
pub fn scan(
    module: &Module,
    func: DefinedFuncIdx,
    buffers: CursorBuffers,
) -> Result<(Vec<Option<Induction>>, CursorBuffers), Error> {
    let mut cursor = Cursor::with_buffers(module, func, buffers)?;
    let mut loops = Vec::new();
    let mut candidate: Option<Candidate> = None;
    let mut last = [Op::Unreachable; 3];
    while let Some(op) = cursor.next()? {
        // The frame that the operator stands in; its own is open already, or is closed.
        let open = cursor.frames().len();
        if let Op::Loop(_) = op {
            let (number, frame) = (loops.len(), open - 1);
            let (written, steps) = (Vec::new(), Vec::new());
            candidate = Some(Candidate { number, frame, operators: 0, repeated: false, written, steps });
            loops.push(None);
        } else if let Some(one) = &mut candidate {
            one.operators += 1;
            let closes = matches!(op, Op::End { .. }) && open - 1 == one.frame;
            if closes {
                loops[one.number] = one.induction();
            }
            if closes || !one.goes_on(op, &last, open - 1, cursor.br_targets()) {
                candidate = None;
            }
        }
        last = [last[1], last[2], op];
    }
    Ok((loops, cursor.into_buffers()))
}

impl Candidate {
    /// Takes note of an operator; false if a round may take long with it.
    fn goes_on(&mut self, op: Op, last: &[Op; 3], frame: usize, targets: &[Label]) -> bool {
        match op {
            Op::Block(_) | Op::If(_) | Op::Else { .. } | Op::End { .. } | Op::Return | Op::Unreachable => {}
            Op::Br(label) | Op::BrIf(label) => self.branches(label),
            Op::BrTable => targets.iter().for_each(|&label| self.branches(label)),
            Op::LocalSet(local) | Op::LocalTee(local) => self.writes(local, step(local, last), frame),
            Op::Drop(_) | Op::Select(_) | Op::LocalGet(_) | Op::GlobalGet(_) | Op::GlobalSet(_) => {}
            Op::I32Const(_) | Op::I64Const(_) | Op::F32Const(_) | Op::F64Const(_) | Op::V128Const(_) => {}
            Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Ternary(_) | Op::Wide(_) => {}
            Op::ExtractLane(..) | Op::ReplaceLane(..) | Op::I8x16Shuffle(_) => {}
            Op::Load(..) | Op::Store(..) | Op::LoadLane(..) | Op::StoreLane(..) => {}
            _ => return false,
        }
        true
    }

    fn branches(&mut self, label: Label) {
        self.repeated |= label.frame as usize == self.frame;
    }

    fn writes(&mut self, local: LocalIdx, step: Option<i64>, frame: usize) {
        match self.written.iter_mut().find(|(written, _)| *written == local) {
            Some((_, again)) => *again = true,
            None => self.written.push((local, false)),
        }
        // In the loop itself and before any branch back, it is in each round.
        if let Some(step) = step
            && frame == self.frame
            && !self.repeated
        {
            self.steps.push((local, step));
        }
    }

    /// What the loop counts with, at its end.
    fn induction(&self) -> Option<Induction> {
        let once = |local| self.written.iter().any(|&(written, again)| written == local && !again);
        let &(local, step) = self.steps.iter().find(|&&(local, step)| step != 0 && once(local))?;
        let rounds = (OPERATORS / self.operators.max(1)).clamp(16, MAX_ROUNDS).next_power_of_two();
        // An odd number of units is added: the bits from there on take each value once in so many rounds.
        let mask = u64::from(rounds.min(MAX_ROUNDS) - 1) << step.trailing_zeros();
        let mask = u32::try_from(mask).ok().filter(|mask| *mask <= i32::MAX as u32)?;
        Some(Induction { local, mask, at_start: step < 0 })
    }
}

/// What is added to a local that is written, if the operators before are that.
fn step(local: LocalIdx, last: &[Op; 3]) -> Option<i64> {
    let [Op::LocalGet(read), constant, Op::Binary(op)] = *last else { return None };
    let by = match constant {
        Op::I32Const(by) => i64::from(by),
        Op::I64Const(by) => by,
        _ => return None,
    };
    let adds = matches!(op, BinOp::I32Add | BinOp::I32Sub | BinOp::I64Add | BinOp::I64Sub);
    let by = if matches!(op, BinOp::I32Sub | BinOp::I64Sub) { by.wrapping_neg() } else { by };
    (read == local && adds).then_some(by)
}
