//! What compiling one function gives: bytes that are independent of where they will lie,
//! and tables of offsets into them. Linking turns many of these into one image.

use dayfly_runtime::trap::Trap;

/// What a piece of code is. Within one image every key names one piece.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FuncKey {
    /// The body of a function that the module defines, by `DefinedFuncIdx`. Convention: Cranelift's `tail`;
    /// the instance, then the arguments.
    Body(u32),
    /// Enters functions of a type from the host, by signature number: `Entry::registers` if the type fits, else
    /// `Entry::call`.
    Entry(u32),
    /// Leaves compiled code for a function of a type that is not compiled, by signature number.
    /// Convention: `tail`; the calling instance, whose `Vm::callee` names the function, then the arguments.
    Adapter(u32),
    /// Calls an imported function, by its index. Convention: `tail`; the calling instance, then the arguments.
    Import(u32),
    /// Asks the store how to go on when the epoch deadline is reached. Convention: `preserve_all`; the instance.
    Interrupt,
}

/// A call in the code whose target is another piece: 32 bits at `offset`, relative to their own address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallReloc {
    /// Where the 32 bits stand.
    pub offset: u32,
    /// What is called.
    pub target: FuncKey,
    /// What is added to the distance.
    pub addend: i32,
}

/// A call, known by where it returns to, that exceptions may end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallSite {
    /// The return address.
    pub returns_to: u32,
    /// From the frame pointer down to the stack pointer at the call.
    pub frame_offset: u32,
    /// What may catch, in order.
    pub handlers: Vec<Handler>,
}

/// What may catch an exception at a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handler {
    /// From here on tags are those of the instance whose address stands so far above the stack pointer.
    Context(u32),
    /// A tag, by its index in the module, and where its handler is.
    Tag(u32, u32),
    /// Any exception, and where its handler is.
    All(u32),
}

impl Handler {
    /// As a `Context`: the instance is the one that has called out.
    pub const CALLER: u32 = u32::MAX;
}

/// The references to the GC heap that a frame holds during a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RootMap {
    /// The return address of the call.
    pub returns_to: u32,
    /// How far below the frame pointer 8-byte slots that hold references stand. (Not above the stack pointer,
    /// which the frame of the callee does not tell: tail calls with more arguments move it.)
    pub below_fp: Vec<u32>,
}

/// Marks a position that is one of an expanded function. (A module is smaller than 2 GiB.)
pub const INLINED: u32 = 1 << 31;

/// An operator of a function that was expanded where it was called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Inlined {
    /// The operator's offset in the module.
    pub operator: u32,
    /// Where the call is: an offset, or with `INLINED` another of these.
    pub caller: u32,
}

impl CompiledFunc {
    /// The alignment of a piece that wants no other. No constant in a piece needs more.
    pub const ALIGNMENT: u32 = 32;
}

/// The code of one piece. All offsets are from its start.
#[derive(Clone, Debug)]
pub struct CompiledFunc {
    /// What it is.
    pub key: FuncKey,
    /// Where it may stand: at multiples of this power of two.
    pub alignment: u32,
    /// The machine code.
    pub code: Vec<u8>,
    /// Calls to other pieces.
    pub relocs: Vec<CallReloc>,
    /// Instructions that may trap, ascending, and why.
    pub traps: Vec<(u32, Trap)>,
    /// In front of tests in whose place a look at the store's watch is to be put, ascending: see `Looks`.
    pub looks: Vec<u32>,
    /// Calls with handlers, ascending.
    pub sites: Vec<CallSite>,
    /// Calls during which the frame holds references, ascending.
    pub roots: Vec<RootMap>,
    /// Where code for an operator starts, ascending, and the operator's offset in the module; `u32::MAX`
    /// stands for code that belongs to none. With `INLINED`, the rest counts in `inlined`.
    pub source: Vec<(u32, u32)>,
    /// Operators of functions that were expanded in this one.
    pub inlined: Vec<Inlined>,
}
