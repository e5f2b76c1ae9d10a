//! From a body to bytecode, in one pass over the operator cursor.
//!
//! Operands fold: `local.get` and constants are read where they are, a result
//! goes straight to the local that is set to it, a comparison becomes part of the
//! branch that tests it. What holds at every label: all operands are in their own
//! slots and nothing is known of the accumulators, so merges need no code.

mod atomic;
mod bulk;
mod call;
mod control;
pub(crate) mod emit;
mod exn;
mod fuse;
mod gc;
mod memory;
mod numeric;
mod operands;
mod pin;
mod roots;
mod stack;

use crate::exec::control::unreachable;
use crate::exec::frame::HEADER;
use crate::exec::raise::TryRange;
use crate::record::{Bytecode, Details};
pub use operands::slot_name;

use control::Frame;
use dayfly_parser::{Cursor, DefinedFuncIdx, Module, Op, ValType};
use dayfly_runtime::fault::{CompileError, Fault};
use dayfly_runtime::shape::Shape;
use dayfly_runtime::vm::Layout;
use emit::{Emitter, Note};
use exn::legacy_depth;
use fuse::Last;
use pin::Pins;
pub use roots::RootMap;
use roots::Roots;
use stack::{Accs, Entry, Kind};

/// A lowered function.
#[derive(Debug)]
pub struct Lowered {
    /// Its code.
    pub code: Box<[u64]>,
    /// Slots of its frame.
    pub frame: u32,
    /// Slots of its parameters and locals.
    pub locals: u32,
    /// What catches exceptions, inner ranges first.
    pub tries: Box<[TryRange]>,
    /// What else is known of each instruction; empty without notes.
    pub details: Details,
    /// What each instruction is, for listings; kept on demand.
    pub notes: Option<Vec<Note>>,
}

/// The most slots that a frame can have: slots are addressed by 16 bits.
const MAX_SLOTS: u32 = u16::MAX as u32;

/// How many words of code a function may have: branches are signed distances of 32 bits, in bytes.
const MAX_WORDS: u32 = i32::MAX as u32 / size_of::<u64>() as u32;

/// Lowers a function; `notes` asks for the details and the notes.
pub fn lower(bytecode: &Bytecode, func: DefinedFuncIdx, notes: bool) -> Result<Lowered, Fault> {
    let mut hidden = 0;
    loop {
        match lower_with(bytecode, func, notes, hidden)? {
            Some(lowered) => return Ok(lowered),
            // It has legacy handlers, each of which needs a place for what it caught.
            None => hidden = legacy_depth(bytecode.shape().module(), func).map_err(Fault::Body)?,
        }
    }
}

/// Lowers a function with so many hidden locals; `None` if it needs some and has none.
fn lower_with(
    bytecode: &Bytecode,
    func: DefinedFuncIdx,
    notes: bool,
    hidden: u32,
) -> Result<Option<Lowered>, Fault> {
    let module: &Module = bytecode.shape().module();
    let mut cursor = Cursor::new(module, func).map_err(Fault::Body)?;
    let mut lowering = Lowering::new(bytecode, func, &cursor, notes, hidden);
    loop {
        // Looked at where it is: to move it costs more than to read most operators.
        let next = cursor.next();
        let op = match next {
            Ok(Some(ref op)) => op,
            Ok(None) => break,
            Err(error) => return Err(Fault::Body(error)),
        };
        if hidden == 0 && matches!(op, Op::Try(_)) {
            return Ok(None);
        }
        lowering.out.offset = cursor.offset();
        lowering.count_fuel();
        lowering.op(op, &cursor);
        if lowering.out.here() > MAX_WORDS {
            lowering.refuse("the function's code would be larger than 2 GiB");
        }
        if let Some(message) = lowering.refused {
            let (func, offset) = (module.func_index(func), cursor.offset());
            return Err(Fault::Compile(CompileError { func, offset, message }));
        }
    }
    Ok(Some(lowering.finish()))
}

/// The state of lowering one body.
struct Lowering<'a> {
    bytecode: &'a Bytecode,
    module: &'a Module,
    shape: &'a Shape,
    layout: &'a Layout,
    func: DefinedFuncIdx,
    out: Emitter,
    /// The first slot of each local, and its type.
    locals: Vec<(u32, ValType)>,
    /// Where the hidden locals start, each of which keeps an exception.
    hidden_slots: u32,
    /// Slots of all locals: where the header is.
    local_slots: u32,
    stack: Vec<Entry>,
    /// Operands below this position are in their own slots.
    settled: usize,
    /// For each slot of the locals, how many operands are pending reads of it.
    pending: Vec<u32>,
    /// For each slot of the locals, one more than the position of the last instruction that touched it.
    touched: Vec<u32>,
    frames: Vec<Frame>,
    tries: Vec<TryRange>,
    /// Legacy `try` blocks that are open.
    legacy_open: u32,
    roots: Roots,
    accs: Accs,
    /// Counts places after which an instruction made before may not be changed.
    region: u32,
    last: Option<Last>,
    /// The instruction before the last.
    before_last: Option<Last>,
    pins: Pins,
    /// The highest slot in use so far, plus one.
    top: u32,
    /// The fuel instruction of the running segment, and what the segment costs.
    segment: Option<(u32, u32)>,
    /// Why the body cannot be lowered.
    refused: Option<&'static str>,
}

impl<'a> Lowering<'a> {
    fn new(
        bytecode: &'a Bytecode,
        func: DefinedFuncIdx,
        cursor: &Cursor<'a>,
        notes: bool,
        hidden: u32,
    ) -> Lowering<'a> {
        let shape: &Shape = bytecode.shape();
        let mut locals = Vec::with_capacity(cursor.local_count() as usize);
        let mut slot = 0;
        for &(count, ty) in cursor.locals() {
            for _ in 0..count {
                locals.push((slot, ty));
                slot += ty.slots();
            }
        }
        let hidden_slots = slot;
        slot += hidden;
        let mut lowering = Lowering {
            bytecode,
            module: shape.module(),
            shape,
            layout: shape.layout(),
            func,
            out: Emitter::new(notes),
            locals,
            hidden_slots,
            local_slots: slot,
            stack: Vec::new(),
            settled: 0,
            pending: vec![0; slot as usize],
            touched: vec![0; slot as usize],
            frames: Vec::new(),
            tries: Vec::new(),
            legacy_open: 0,
            roots: Roots::new(shape.module().bodies()[func.index()].range.len()),
            accs: [None; 3],
            region: 0,
            last: None,
            before_last: None,
            pins: Pins::default(),
            top: slot + HEADER,
            segment: None,
            refused: None,
        };
        lowering.enter_function(cursor.locals());
        lowering
    }

    /// Lowers one operator.
    fn op(&mut self, op: &Op, cursor: &Cursor<'_>) {
        match *op {
            Op::Unreachable => {
                self.out.push("unreachable", unreachable, 0, &[]);
            }
            Op::Block(ty) => self.block(ty),
            Op::Loop(ty) => self.loop_(ty, cursor),
            Op::If(ty) => self.if_(ty),
            Op::Else { live } => self.else_(live),
            Op::End { live } => self.end(live),
            Op::Br(label) => self.br(label),
            Op::BrIf(label) => self.br_if(label),
            Op::BrTable => self.br_table(cursor.br_targets()),
            Op::BrOnNull(label) => self.br_on_null(label),
            Op::BrOnNonNull(label) => self.br_on_non_null(label),
            Op::Return => self.return_(),
            Op::Call(func) => self.call(func),
            Op::CallIndirect { ty, table } => self.call_indirect(ty, table),
            Op::CallRef(ty) => self.call_ref(ty),
            Op::ReturnCall(func) => self.return_call(func),
            Op::ReturnCallIndirect { ty, table } => self.return_call_indirect(ty, table),
            Op::ReturnCallRef(ty) => self.return_call_ref(ty),
            Op::TryTable(ty) => self.try_table(ty, cursor.catches()),
            Op::Throw(tag) => self.throw(tag),
            Op::ThrowRef => self.throw_ref(),
            Op::Try(ty) => self.legacy_try(ty),
            Op::Catch { tag, live } => self.legacy_catch(tag, live),
            Op::Delegate { frame, live } => self.legacy_delegate(frame, live),
            Op::Rethrow { frame } => self.legacy_rethrow(frame),
            Op::Drop(_) => {
                self.pop();
            }
            Op::Select(ty) => self.select(ty),
            Op::LocalGet(local) => self.local_get(local),
            Op::LocalSet(local) => self.local_set(local),
            Op::LocalTee(local) => self.local_tee(local),
            Op::GlobalGet(global) => self.global_get(global),
            Op::GlobalSet(global) => self.global_set(global),
            Op::I32Const(value) => self.constant(ValType::I32, value as u32 as u64),
            Op::I64Const(value) => self.constant(ValType::I64, value as u64),
            Op::F32Const(bits) => self.constant(ValType::F32, bits as u64),
            Op::F64Const(bits) => self.constant(ValType::F64, bits),
            Op::V128Const(bytes) => self.v128_const(bytes),
            Op::Unary(op) => self.unary(op),
            Op::Binary(op) => self.binary(op),
            Op::Compare(op) => self.compare(op),
            Op::Ternary(op) => self.ternary(op),
            Op::ExtractLane(op, lane) => self.extract_lane(op, lane),
            Op::ReplaceLane(op, lane) => self.replace_lane(op, lane),
            Op::I8x16Shuffle(lanes) => self.shuffle(lanes),
            Op::Wide(op) => self.wide(op),
            Op::Load(op, memarg) => self.load(op, memarg),
            Op::Store(op, memarg) => self.store(op, memarg),
            Op::LoadLane(op, memarg, lane) => self.load_lane(op, memarg, lane),
            Op::StoreLane(op, memarg, lane) => self.store_lane(op, memarg, lane),
            Op::MemorySize(memory) => self.memory_size(memory),
            Op::AtomicLoad(op, memarg) => self.atomic_load(op, memarg),
            Op::AtomicStore(op, memarg) => self.atomic_store(op, memarg),
            Op::AtomicRmw(op, memarg) => self.atomic_rmw(op, memarg),
            Op::AtomicCmpxchg(op, memarg) => self.atomic_cmpxchg(op, memarg),
            Op::AtomicNotify(memarg) | Op::AtomicWait32(memarg) | Op::AtomicWait64(memarg) => {
                self.wait_or_notify(*op, memarg)
            }
            Op::AtomicFence => self.atomic_fence(),
            Op::RefNull(heap) => {
                let ty = dayfly_parser::RefType { nullable: true, heap };
                self.constant(ValType::Ref(ty), 0)
            }
            Op::RefIsNull(_) => self.ref_is_null(),
            Op::RefAsNonNull => self.ref_as_non_null(),
            op => self.runtime_op(op),
        }
    }

    /// Gives up on the body.
    #[cold]
    fn refuse(&mut self, message: &'static str) {
        self.refused.get_or_insert(message);
    }

    /// A slot as instructions address it.
    fn address(&mut self, slot: u32) -> u16 {
        if slot > MAX_SLOTS {
            self.refuse("the function needs more than 65,535 frame slots of 8 bytes");
        }
        slot as u16
    }

    /// The first slot of the next operand.
    fn next_slot(&self) -> u32 {
        match self.stack.last() {
            Some(entry) => entry.slot + entry.ty.slots(),
            None => self.local_slots + HEADER,
        }
    }

    /// Notes that slots up to this one, exclusive, are used.
    fn reserve(&mut self, end: u32) {
        self.top = self.top.max(end);
        self.address(end);
    }

    /// Pushes an operand of a type that is described by `kind`.
    fn push(&mut self, ty: ValType, kind: Kind) {
        let slot = self.next_slot();
        self.reserve(slot + ty.slots());
        if let Kind::Local(local) = kind {
            self.pending[local as usize] += 1;
        }
        if self.is_traced(ty) {
            self.roots.push(self.stack.len());
        }
        self.stack.push(Entry { kind, ty, slot });
    }

    /// Pops an operand.
    fn pop(&mut self) -> Entry {
        // Validation has made sure of the height.
        let entry = self.stack.pop().expect("the operand stack of a validated body");
        if let Kind::Local(local) = entry.kind {
            self.pending[local as usize] -= 1;
        }
        self.roots.pop(self.stack.len());
        self.settled = self.settled.min(self.stack.len());
        entry
    }

    /// Ends the code and packs it up.
    fn finish(mut self) -> Lowered {
        // Control never comes here; should it, it must not run on.
        self.out.push("unreachable", unreachable, 0, &[]);
        self.end_segment();
        let tries = self.finish_tries();
        let traced_locals = self.traced_locals();
        let (code, notes) = self.out.finish();
        let source_map = notes.iter().flatten().map(|n| (n.at, n.offset as u32)).collect();
        let locals = if notes.is_some() { traced_locals } else { Box::default() };
        let roots = self.roots.finish(locals);
        let details = Details { source_map, roots };
        Lowered { code, frame: self.top, locals: self.local_slots, tries, details, notes }
    }
}
