//! What compiling a body may cost: most take time in proportion to their length, but a body can be made so that it
//! takes the square of it, and gigabytes. Those are found here, in one pass that takes time in proportion to the
//! length, whatever the body is; a module may have so many of them, and the rest is for the interpreter.
//!
//! Three things are counted, each after what Cranelift does with it. Blocks: dominators are looked up along chains of
//! blocks. Values that loops carry: registers are allocated to them by trying one place after the other. Values that
//! are alive where paths meet: each becomes a parameter of a block, for a while.

use dayfly_parser::{Cursor, CursorBuffers, DefinedFuncIdx, Error, FrameKind, LocalIdx, Module, Op};

/// Bodies of fewer bytes cost little, whatever they are.
const SMALL: usize = 128;

/// Nanoseconds for each pair of blocks.
const NS_FOR_BLOCKS: u64 = 6;

/// Nanoseconds for each pair of values that loops carry.
const NS_FOR_CARRIED: u64 = 3;

/// Nanoseconds for each value that is alive at a place where paths meet.
const NS_FOR_MET: u64 = 1000;

/// The most that a body may cost: nanoseconds.
const MAX_NS: u64 = 3_000_000_000;

/// The most that all bodies of a module may cost together, those that cost little not counted.
const MAX_MODULE_NS: u64 = 10_000_000_000;

/// A body that costs less counts as linear.
const FREE_NS: u64 = 20_000_000;

/// The most values that may be alive where paths meet, counted once for each such place: they take a third of a
/// kilobyte each.
const MAX_MET: u64 = 600_000;

/// How deep loops may be nested: moving code out of them takes the third power of it.
const MAX_LOOPS: usize = 250;

/// Tells which bodies of a module are cheap enough to be compiled.
pub struct Costs<'m> {
    module: &'m Module,
    buffers: CursorBuffers,
    left: u64,
}

impl<'m> Costs<'m> {
    /// Nothing was spent yet.
    pub fn new(module: &'m Module) -> Costs<'m> {
        Costs { module, buffers: CursorBuffers::default(), left: MAX_MODULE_NS }
    }

    /// Whether a body is to be compiled, which is then spent.
    ///
    /// # Errors
    /// When it is not valid.
    pub fn afford(&mut self, func: DefinedFuncIdx) -> Result<bool, Error> {
        if self.module.bodies()[func.index()].range.len() < SMALL {
            return Ok(true);
        }
        let cursor = Cursor::with_buffers(self.module, func, std::mem::take(&mut self.buffers))?;
        let mut body = Body::new(cursor);
        let counted = body.count();
        self.buffers = body.cursor.into_buffers();
        let cost = counted?;
        if cost.loops > MAX_LOOPS || cost.met > MAX_MET || cost.ns() > MAX_NS {
            return Ok(false);
        }
        if cost.ns() < FREE_NS {
            return Ok(true);
        }
        let left = self.left.checked_sub(cost.ns());
        self.left = left.unwrap_or(self.left);
        Ok(left.is_some())
    }
}

/// What is counted of a body.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Cost {
    /// Pieces of code without branches, about.
    blocks: u64,
    /// For each loop, the locals that are set in it.
    carried: u64,
    /// For each local, the places between its first and last use where paths meet.
    met: u64,
    /// How deep loops are nested.
    loops: usize,
}

impl Cost {
    fn ns(self) -> u64 {
        let square = |n: u64| n.saturating_mul(n);
        let blocks = square(self.blocks).saturating_mul(NS_FOR_BLOCKS);
        let carried = square(self.carried).saturating_mul(NS_FOR_CARRIED);
        blocks.saturating_add(carried).saturating_add(self.met.saturating_mul(NS_FOR_MET))
    }
}

/// A look at a body. Time is counted in places where paths meet.
struct Body<'m> {
    cursor: Cursor<'m>,
    cost: Cost,
    now: u32,
    locals: Vec<Local>,
    /// Those that are open: when they started, and their place in `ends`.
    loops: Vec<(u32, u32)>,
    /// When loops ended.
    ends: Vec<u32>,
    /// How many blocks with handlers are open: there, a call ends a piece of code.
    handled: u32,
}

#[derive(Clone, Copy, Default)]
struct Local {
    first: Option<u32>,
    last: u32,
    /// When it was last set.
    set: Option<u32>,
    /// A loop that it stays alive in, because it was used before it.
    outer: Option<u32>,
}

impl<'m> Body<'m> {
    fn new(cursor: Cursor<'m>) -> Body<'m> {
        let locals = vec![Local::default(); cursor.local_count() as usize];
        Body {
            cursor,
            cost: Cost::default(),
            now: 0,
            locals,
            loops: Vec::new(),
            ends: Vec::new(),
            handled: 0,
        }
    }

    fn count(&mut self) -> Result<Cost, Error> {
        while let Some(op) = self.cursor.next()? {
            self.cost.blocks += blocks_of(&op);
            match op {
                Op::Loop(_) => {
                    self.meet();
                    self.loops.push((self.now, self.ends.len() as u32));
                    self.ends.push(u32::MAX);
                    self.cost.loops = self.cost.loops.max(self.loops.len());
                }
                Op::Block(_) | Op::If(_) | Op::Else { .. } => self.meet(),
                Op::Try(_) | Op::TryTable(_) => {
                    self.meet();
                    self.handled += 1;
                }
                Op::Call(_) => self.cost.blocks += u64::from(self.handled > 0),
                Op::End { .. } => self.end(),
                Op::LocalGet(local) => self.use_of(local, false),
                Op::LocalSet(local) | Op::LocalTee(local) => self.use_of(local, true),
                _ => {}
            }
        }
        for local in &self.locals {
            let Some(first) = local.first else { continue };
            let last = local.outer.map_or(local.last, |place| self.ends[place as usize].max(local.last));
            self.cost.met += u64::from(last.min(self.now) - first);
        }
        Ok(self.cost)
    }

    /// Paths meet here, or code goes on where a branch was.
    fn meet(&mut self) {
        self.now += 1;
    }

    fn end(&mut self) {
        self.meet();
        match self.cursor.frames().next_back().map(|frame| frame.kind) {
            Some(FrameKind::Loop) => {
                if let Some((_, place)) = self.loops.pop() {
                    self.ends[place as usize] = self.now;
                }
            }
            Some(FrameKind::TryTable | FrameKind::Try | FrameKind::Catch) => self.handled -= 1,
            _ => {}
        }
    }

    fn use_of(&mut self, local: LocalIdx, is_set: bool) {
        let Some(local) = self.locals.get_mut(local.0 as usize) else { return };
        // Of what is read before it is written, the first value is that of the function's start.
        let first = *local.first.get_or_insert(if is_set { self.now } else { 0 });
        local.last = self.now;
        // Loops that started after a time are the innermost ones.
        let started_after = |time| self.loops.partition_point(|(start, _)| *start <= time);
        if let Some((_, place)) = self.loops.get(started_after(first)) {
            local.outer = Some(*place);
        }
        if is_set {
            let known = local.set.replace(self.now).map_or(0, started_after);
            self.cost.carried += (self.loops.len() - known) as u64;
        }
    }
}

/// How many blocks an operator becomes.
fn blocks_of(op: &Op) -> u64 {
    match op {
        Op::If(_) | Op::Try(_) | Op::TryTable(_) => 3,
        Op::Loop(_) => 2,
        Op::Block(_) | Op::BrIf(_) | Op::BrTable | Op::BrOnNull(_) | Op::BrOnNonNull(_) => 1,
        Op::BrOnCast { .. } | Op::BrOnCastFail { .. } | Op::RefCast(_) | Op::RefTest(_) => 3,
        Op::CallIndirect { .. } | Op::CallRef(_) => 2,
        Op::StructNew(_) | Op::StructNewDefault(_) => 3,
        Op::ArrayNew(_) | Op::ArrayNewDefault(_) => 5,
        Op::ArrayNewFixed(..) | Op::MemoryFill(_) | Op::MemoryCopy { .. } | Op::Throw(_) => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(wat: &str) -> Cost {
        let bytes = wat::parse_str(wat).unwrap();
        let module = Module::new(bytes, &dayfly_parser::Config::default()).unwrap();
        Body::new(Cursor::new(&module, DefinedFuncIdx(0)).unwrap()).count().unwrap()
    }

    #[test]
    fn what_loops_carry_is_counted_once_for_each_loop() {
        let inner = "(local.set 0 (i32.const 1)) (local.set 0 (i32.const 2)) (local.set 1 (i32.const 1))";
        let nested = cost(&format!("(module (func (local i32 i32) (loop (loop {inner})) (loop {inner})))"));
        assert_eq!((nested.carried, nested.loops), (6, 2));
        let after = cost("(module (func (local i32) (loop (local.set 0 (i32.const 1)) (loop (loop)))))");
        assert_eq!((after.carried, after.loops), (1, 3));
        let both = cost(&format!("(module (func (local i32 i32) (loop {inner} (loop {inner}))))"));
        assert_eq!(both.carried, 4);
    }

    #[test]
    fn a_local_is_alive_to_the_end_of_the_loop_that_it_came_into() {
        let block = "(block) ".repeat(10);
        // A loop and a block are met twice.
        assert_eq!(cost(&format!("(module (func (local i32) {block} (drop (local.get 0))))")).met, 20);
        let set = format!("(local.set 0 (i32.const 1)) (drop (local.get 0)) {block}");
        assert_eq!(cost(&format!("(module (func (local i32) {block} {set}))")).met, 0);
        let looped = format!("(local.set 0 (i32.const 1)) (loop (drop (local.get 0)) {block})");
        assert_eq!(cost(&format!("(module (func (local i32) {looped}))")).met, 22);
    }

    #[test]
    fn a_module_may_have_some_costly_bodies() {
        let body = format!("(func (local i32) {})", "(if (local.get 0) (then) (else))".repeat(5_000));
        let wat = format!("(module {} (func))", body.repeat(9));
        let module = Module::new(wat::parse_str(wat).unwrap(), &dayfly_parser::Config::default()).unwrap();
        let mut costs = Costs::new(&module);
        let afforded: Vec<bool> = (0..10).map(|n| costs.afford(DefinedFuncIdx(n)).unwrap()).collect();
        assert_eq!(afforded.iter().filter(|&&afforded| afforded).count(), 8, "{afforded:?}");
        assert!(afforded[0] && !afforded[8] && afforded[9]);
    }
}
