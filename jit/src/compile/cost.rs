//! What compiling a body may cost: most take time in proportion to their length, but a body can be made so that it
//! takes the square of it, and gigabytes. Those are found here, in one pass that takes time in proportion to the
//! length, whatever the body is; a module may have so many of them, and the rest is for the interpreter.
//!
//! Five things are counted, each after what Cranelift does with it. Blocks: dominators are looked up along chains of
//! blocks. Values that loops carry: registers are allocated to them by trying one place after the other. Values that
//! are alive where paths meet: each becomes a parameter of a block, for a while. Handlers that a call knows: each is
//! a way out of it. Operands and references that a call leaves alone: each is written down for it. And a few bytes can declare tens of thousands of locals, all of which are made.

use crate::lower::is_short;
use dayfly_parser::{
    CatchKind, Cursor, CursorBuffers, DefinedFuncIdx, Error, FrameKind, LocalIdx, Module, Op,
};

/// Bodies of fewer bytes cost little, whatever they are.
const SMALL: usize = 128;

/// Nanoseconds for each pair of blocks.
const NS_FOR_BLOCKS: u64 = 6;

/// Nanoseconds for each pair of values that loops carry.
const NS_FOR_CARRIED: u64 = 3;

/// Nanoseconds for each value that is alive at a place where paths meet.
const NS_FOR_MET: u64 = 1000;

/// Nanoseconds for each handler of each operator that may throw.
const NS_FOR_HANDLERS: u64 = 1000;

/// Nanoseconds for each reference that stays alive over a call.
const NS_FOR_ROOTS: u64 = 150;

/// The most of those that a body may have: they take 28 bytes each while it is compiled.
const MAX_ROOTS: u64 = 2_000_000;

/// How many locals a body may have whatever its length is, parameters included, and more for each byte.
const FREE_LOCALS: usize = 1024;
const LOCALS_PER_BYTE: usize = 8;

/// The most that a body may cost: nanoseconds.
const MAX_NS: u64 = 3_000_000_000;

/// The most that all bodies of a module may cost together, those that cost little not counted.
pub const MAX_MODULE_NS: u64 = 10_000_000_000;

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
        Costs::with_left(module, MAX_MODULE_NS)
    }

    /// So much is left to be spent.
    pub fn with_left(module: &'m Module, left: u64) -> Costs<'m> {
        Costs { module, buffers: CursorBuffers::default(), left }
    }

    /// What is left to be spent.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Whether a body is to be compiled, which is then spent.
    ///
    /// # Errors
    /// When it is not valid.
    pub fn afford(&mut self, func: DefinedFuncIdx) -> Result<bool, Error> {
        let bytes = self.module.bodies()[func.index()].range.len();
        let cursor = Cursor::with_buffers(self.module, func, std::mem::take(&mut self.buffers))?;
        let few_locals = cursor.local_count() as usize <= FREE_LOCALS + LOCALS_PER_BYTE * bytes;
        if bytes < SMALL || !few_locals {
            self.buffers = cursor.into_buffers();
            return Ok(few_locals);
        }
        let mut body = Body::new(cursor);
        let counted = body.count();
        self.buffers = body.cursor.into_buffers();
        let cost = counted?;
        if cost.loops > MAX_LOOPS || cost.met > MAX_MET || cost.roots > MAX_ROOTS || cost.ns() > MAX_NS {
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
    /// For each operator that may throw, the clauses around it that are asked.
    handlers: u64,
    /// For each place where objects may move, the operands below it and the references in locals.
    roots: u64,
}

impl Cost {
    fn ns(self) -> u64 {
        let square = |n: u64| n.saturating_mul(n);
        let blocks = square(self.blocks).saturating_mul(NS_FOR_BLOCKS);
        let carried = square(self.carried).saturating_mul(NS_FOR_CARRIED);
        let each = [(self.met, NS_FOR_MET), (self.handlers, NS_FOR_HANDLERS), (self.roots, NS_FOR_ROOTS)];
        let linear = each.map(|(count, ns)| count.saturating_mul(ns)).into_iter();
        linear.fold(blocks.saturating_add(carried), u64::saturating_add)
    }
}

/// A look at a body. Time is counted in places where paths meet.
struct Body<'m> {
    cursor: Cursor<'m>,
    cost: Cost,
    now: u32,
    /// How many places there were where objects may move.
    safepoints: u32,
    locals: Vec<Local>,
    /// Those that are open: when they started, and their place in `ends`.
    loops: Vec<(u32, u32)>,
    /// When loops ended, and after how many safepoints.
    ends: Vec<(u32, u32)>,
    /// The blocks with handlers that are open: there, a call ends a piece of code.
    handled: Vec<Handled>,
}

/// A block with handlers.
#[derive(Default)]
struct Handled {
    /// How many operators in it may throw.
    throws: u64,
    /// How many clauses it has, as far as they are known.
    clauses: u64,
    /// Whether blocks around it are not asked.
    catches_all: bool,
}

#[derive(Clone, Copy, Default)]
struct Local {
    first: Option<u32>,
    last: u32,
    /// The safepoints before its first and its last use.
    safepoints: (u32, u32),
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
            safepoints: 0,
            locals,
            loops: Vec::new(),
            ends: Vec::new(),
            handled: Vec::new(),
        }
    }

    fn count(&mut self) -> Result<Cost, Error> {
        while let Some(op) = self.cursor.next()? {
            self.cost.blocks += blocks_of(&op);
            if is_safepoint(&op) {
                self.safepoints += 1;
                self.cost.roots += self.cursor.operands().len() as u64;
            }
            match op {
                Op::Loop(_) => {
                    self.meet();
                    self.loops.push((self.now, self.ends.len() as u32));
                    self.ends.push((u32::MAX, u32::MAX));
                    self.cost.loops = self.cost.loops.max(self.loops.len());
                }
                Op::Block(_) | Op::If(_) | Op::Else { .. } => self.meet(),
                Op::Try(_) => {
                    self.meet();
                    self.handled.push(Handled::default());
                }
                Op::TryTable(_) => self.try_table(),
                Op::Catch { tag, .. } => {
                    self.meet();
                    if let Some(innermost) = self.handled.last_mut() {
                        innermost.clauses += 1;
                        innermost.catches_all |= tag.is_none();
                    }
                }
                Op::Call(_) | Op::CallIndirect { .. } | Op::CallRef(_) => self.throws(),
                Op::Throw(_) | Op::ThrowRef | Op::Rethrow { .. } => self.throws(),
                Op::End { .. } => self.end(),
                Op::LocalGet(local) => self.use_of(local, false),
                Op::LocalSet(local) | Op::LocalTee(local) => self.use_of(local, true),
                _ => {}
            }
        }
        for (index, local) in self.locals.iter().enumerate() {
            let Some(first) = local.first else { continue };
            let (mut last, mut safepoints) = (local.last, local.safepoints.1);
            if let Some(place) = local.outer {
                let end = self.ends[place as usize];
                (last, safepoints) = (end.0.max(last), end.1.max(safepoints));
            }
            self.cost.met += u64::from(last.min(self.now) - first);
            if self.cursor.local_type(LocalIdx(index as u32)).is_some_and(|ty| ty.as_ref().is_some()) {
                self.cost.roots += u64::from(safepoints.min(self.safepoints) - local.safepoints.0);
            }
        }
        Ok(self.cost)
    }

    /// Paths meet here, or code goes on where a branch was.
    fn meet(&mut self) {
        self.now += 1;
    }

    fn end(&mut self) {
        self.meet();
        let kind = self.cursor.frames().next_back().map(|frame| frame.kind);
        match kind {
            Some(FrameKind::Loop) => {
                if let Some((_, place)) = self.loops.pop() {
                    self.ends[place as usize] = (self.now, self.safepoints);
                }
            }
            Some(FrameKind::TryTable | FrameKind::Try | FrameKind::Catch) => self.end_handled(),
            _ => {}
        }
    }

    fn try_table(&mut self) {
        let catches = self.cursor.catches();
        let catches_all = catches.iter().any(|c| matches!(c.kind, CatchKind::All | CatchKind::AllRef));
        let clauses = catches.len() as u64;
        self.meet();
        // Each is a block, where it brings an exception.
        self.cost.blocks += clauses;
        self.handled.push(Handled { throws: 0, clauses, catches_all });
    }

    /// Counts an operator that may throw.
    fn throws(&mut self) {
        if let Some(innermost) = self.handled.last_mut() {
            self.cost.blocks += 1;
            innermost.throws += 1;
        }
    }

    fn end_handled(&mut self) {
        let Some(ended) = self.handled.pop() else { return };
        self.cost.handlers += ended.throws * ended.clauses;
        if let Some(around) = self.handled.last_mut()
            && !ended.catches_all
        {
            around.throws += ended.throws;
        }
    }

    fn use_of(&mut self, local: LocalIdx, is_set: bool) {
        let Some(local) = self.locals.get_mut(local.0 as usize) else { return };
        // Of what is read before it is written, the first value is that of the function's start.
        let (now, safepoints) = if is_set { (self.now, self.safepoints) } else { (0, 0) };
        if local.first.is_none() {
            local.safepoints.0 = safepoints;
        }
        let first = *local.first.get_or_insert(now);
        local.last = self.now;
        local.safepoints.1 = self.safepoints;
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

/// Whether an operator may call something else, or look at the epoch.
fn is_safepoint(op: &Op) -> bool {
    !is_short(op)
        && !matches!(
            op,
            Op::RefNull(_)
                | Op::RefIsNull(_)
                | Op::StructGet(..)
                | Op::StructSet(..)
                | Op::ArrayGet(..)
                | Op::ArraySet(_)
        )
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
    fn handlers_are_counted_for_each_operator_that_may_throw() {
        let blocks = |inside: &str| {
            format!(
                "(module (tag $a) (tag $b) (func $f (block $out
                    (try_table (catch $a $out) (catch $b $out) (call $f)
                        (try_table (catch_all $out) (call $f) (call $f))
                        (try_table (catch $a $out) {inside})))))"
            )
        };
        assert_eq!(cost(&blocks("")).handlers, 2 + 2);
        assert_eq!(cost(&blocks("(call $f) (throw $a)")).handlers, 2 + 2 + 3 + 3);
    }

    #[test]
    fn references_are_counted_where_objects_may_move() {
        let wat = |code: &str| {
            format!("(module (func $f (local anyref i32) {code}) (func $g (result anyref) unreachable))")
        };
        let calls = "(call $g) (call $g) (call $g) drop drop drop";
        assert_eq!(cost(&wat(calls)).roots, 1 + 2);
        let local =
            format!("(local.set 0 (call $g)) (local.set 1 (i32.const 0)) {calls} (drop (local.get 0))");
        assert_eq!(cost(&wat(&local)).roots, 3 + 3);
        let looped = format!("(local.set 0 (call $g)) (loop (drop (local.get 0)) {calls})");
        assert_eq!(cost(&wat(&looped)).roots, 3 + 4);
    }

    #[test]
    fn bodies_of_a_few_bytes_have_few_locals() {
        let types = "i32 ".repeat(900);
        let (some, many) = (format!("(local {types})"), format!("(local {types} {types})"));
        let sets: String = (0..1800).map(|n| format!("(local.set {n} (i32.const 0))")).collect();
        let wat = format!("(module (func {some}) (func {many}) (func {many} {sets}))");
        let module = Module::new(wat::parse_str(wat).unwrap(), &dayfly_parser::Config::default()).unwrap();
        let mut costs = Costs::new(&module);
        assert_eq!([0, 1, 2].map(|n| costs.afford(DefinedFuncIdx(n)).unwrap()), [true, false, true]);
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
