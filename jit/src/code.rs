//! The machine code of a module where it runs, as the runtime knows it.

use crate::activation::{from_slots, watched_call, watched_registers};
use crate::builtins::BUILTINS;
use crate::compile::output::FuncKey;
use crate::link::Image;
use crate::lower::Looks;
use crate::memory::CodeMemory;
use crate::tables::{Site as CallSite, Tables};
use crate::{registry, signal};
use core::any::{Any, TypeId};
use core::mem::transmute;
use core::ops::Range;
use core::ptr::{self, NonNull};
use dayfly_parser::{DefinedFuncIdx, FuncIdx, FuncType};
use dayfly_runtime::backend::{
    Code, Entry, Outcome, RawCall, RegisterCall, Site, fits_registers, no_registers,
};
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{FuncRef, Slot, Vm, VmStore};
use std::io;
use std::sync::Arc;

/// The machine code of a module. Not every function need have some.
#[derive(Debug)]
pub struct MachineCode {
    memory: CodeMemory,
    tables: Tables,
    shape: Arc<Shape>,
    /// Of functions without code `fast` is null.
    entries: Box<[Entry]>,
    /// Where the first piece is that enters functions.
    first_entry: usize,
}

// SAFETY: the addresses in entries are those of the code, which never changes.
unsafe impl Send for MachineCode {}
// SAFETY: as above.
unsafe impl Sync for MachineCode {}

impl MachineCode {
    /// Makes an image executable. `entry_signature` tells for each function that has a body in it which
    /// `FuncKey::Entry` enters it.
    ///
    /// # Errors
    /// If the system does not give the memory, or does not let faults be handled.
    ///
    /// # Panics
    /// If the image has no such entry.
    pub fn new(
        shape: &Arc<Shape>,
        image: Image,
        entry_signature: impl Fn(DefinedFuncIdx) -> u32,
    ) -> io::Result<Arc<MachineCode>> {
        let memory = CodeMemory::new(&image.text)?;
        MachineCode::assemble(shape, memory, image.tables, |func| Some(entry_signature(func)))
    }

    /// As `new`, of code that is where it runs. Functions without an entry have no code.
    pub(crate) fn assemble(
        shape: &Arc<Shape>,
        memory: CodeMemory,
        tables: Tables,
        entry_signature: impl Fn(DefinedFuncIdx) -> Option<u32>,
    ) -> io::Result<Arc<MachineCode>> {
        let module = shape.module();
        let address = |start: u32| (memory.addresses().start + start as usize) as *const ();
        let mut pieces: Vec<*const ()> = vec![ptr::null(); module.types().len()];
        for (key, range) in tables.pieces() {
            if let FuncKey::Entry(number) = key {
                pieces[number as usize] = address(range.start);
            }
        }
        let absent =
            || Entry { call: no_code, body: ptr::null(), fast: ptr::null(), registers: no_registers };
        let mut entries: Box<[Entry]> = module.defined_funcs().map(|_| absent()).collect();
        // Functions of a signature differ in one field only, and there are many more of them.
        let mut of_signature: Vec<Option<Entry>> = pieces.iter().map(|_| None).collect();
        for (key, range) in tables.pieces() {
            if let FuncKey::Body(func) = key
                && let Some(number) = entry_signature(DefinedFuncIdx(func))
            {
                let Entry { call, body, registers, .. } =
                    *of_signature[number as usize].get_or_insert_with(|| {
                        let piece = pieces[number as usize];
                        assert!(!piece.is_null(), "there is no entry {number}");
                        let ty =
                            module.type_func(module.funcs()[module.func_index(DefinedFuncIdx(func)).index()]);
                        entry_of(shape.config(), ty, piece, ptr::null())
                    });
                entries[func as usize] = Entry { call, body, fast: address(range.start), registers };
            }
        }
        MachineCode::registered(shape, memory, tables, entries)
    }

    /// Code of a module that whoever keeps it knows how to enter: the module's functions have no entries in it.
    ///
    /// # Errors
    /// If the system does not let faults be handled.
    pub(crate) fn part(
        shape: &Arc<Shape>,
        memory: CodeMemory,
        tables: Tables,
    ) -> io::Result<Arc<MachineCode>> {
        MachineCode::registered(shape, memory, tables, Box::default())
    }

    fn registered(
        shape: &Arc<Shape>,
        memory: CodeMemory,
        tables: Tables,
        entries: Box<[Entry]>,
    ) -> io::Result<Arc<MachineCode>> {
        if !signal::install() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let base = memory.addresses().start;
        let mut pieces = tables.pieces();
        let first_entry = pieces.find(|(key, _)| matches!(key, FuncKey::Entry(_)));
        let first_entry = first_entry.map_or(usize::MAX, |(_, range)| base + range.start as usize);
        drop(pieces);
        let code = Arc::new(MachineCode { memory, tables, shape: shape.clone(), entries, first_entry });
        registry::add(&code);
        Ok(code)
    }

    /// Whether a function has code that is entered here.
    pub fn has(&self, func: DefinedFuncIdx) -> bool {
        self.entries.get(func.index()).is_some_and(|entry| !entry.fast.is_null())
    }

    /// Whether an address is in a piece that enters functions.
    pub fn is_entry(&self, pc: usize) -> bool {
        let key = |pc| self.tables.piece_at(self.offset(pc)?);
        // Bodies are in front of it, so this is soon told of their frames.
        pc >= self.first_entry && matches!(key(pc), Some((FuncKey::Entry(_), _)))
    }

    /// Which `FuncKey::Entry` enters a function, if it has code.
    pub fn entry_number(&self, func: DefinedFuncIdx) -> Option<u32> {
        let piece = self.entries.get(func.index())?.body;
        match self.tables.piece_at(self.offset(piece.addr())?)?.0 {
            FuncKey::Entry(number) => Some(number),
            FuncKey::Body(_) | FuncKey::Adapter(_) | FuncKey::Import(_) | FuncKey::Interrupt => None,
        }
    }

    /// What the code was made for.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// The machine code.
    pub fn text(&self) -> &[u8] {
        self.memory.bytes()
    }

    /// What is known of it.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Where the code is.
    pub fn addresses(&self) -> Range<usize> {
        self.memory.addresses()
    }

    /// The address of an offset.
    pub fn address(&self, offset: u32) -> usize {
        self.addresses().start + offset as usize
    }

    /// Why the instruction at an address traps, if it may.
    pub fn trap_at(&self, pc: usize) -> Option<Trap> {
        self.tables.trap_at(self.offset(pc)?)
    }

    /// What catches exceptions from the call that returns to an address.
    pub fn site_at(&self, pc: usize) -> Option<CallSite<'_>> {
        self.tables.site_at(self.offset(pc)?)
    }

    /// How far below the frame pointer references stand during the call that returns to an address.
    pub fn roots_at(&self, pc: usize) -> &[u32] {
        self.offset(pc).map_or(&[], |offset| self.tables.roots_at(offset))
    }

    /// The function whose body contains an address.
    pub fn func_at(&self, pc: usize) -> Option<FuncIdx> {
        match self.tables.piece_at(self.offset(pc)?)?.0 {
            FuncKey::Body(func) => Some(self.shape.module().func_index(DefinedFuncIdx(func))),
            FuncKey::Entry(_) | FuncKey::Adapter(_) | FuncKey::Import(_) | FuncKey::Interrupt => None,
        }
    }

    /// The offset in the module of the operator whose code contains an address.
    pub fn source_at(&self, pc: usize) -> Option<usize> {
        self.tables.source_at(self.offset(pc)?).map(|offset| offset as usize)
    }

    /// The guest's frames that one frame of code stands for, innermost first: the function that the
    /// address belongs to, after those that were expanded in it.
    pub fn frames_at(&self, pc: usize) -> impl Iterator<Item = (FuncIdx, Option<usize>)> {
        let outermost = self.func_at(pc);
        let sources = self.offset(pc).into_iter().flat_map(|offset| self.tables.sources_at(offset));
        let known =
            sources.filter_map(|source| Some((self.func_of(source as usize)?, Some(source as usize))));
        let mut known = known.peekable();
        let unknown = if known.peek().is_none() { outermost.map(|func| (func, None)) } else { None };
        known.filter(move |_| outermost.is_some()).chain(unknown)
    }

    /// The function that an operator is in.
    fn func_of(&self, operator: usize) -> Option<FuncIdx> {
        let module = self.shape.module();
        let at = module.bodies().partition_point(|body| body.range.end <= operator);
        (at < module.bodies().len()).then(|| module.func_index(DefinedFuncIdx(at as u32)))
    }

    fn offset(&self, pc: usize) -> Option<u32> {
        u32::try_from(pc.checked_sub(self.addresses().start)?).ok()
    }
}

impl Code for MachineCode {
    /// # Panics
    /// If the function has no code.
    fn entry(&self, func: DefinedFuncIdx) -> NonNull<Entry> {
        assert!(self.has(func), "function {} was not compiled", func.0);
        NonNull::from(&self.entries[func.index()])
    }

    fn part(&self, maker: TypeId) -> Option<&dyn Any> {
        (maker == TypeId::of::<MachineCode>()).then_some(self)
    }

    fn context(&self) -> *const () {
        ptr::from_ref(&BUILTINS).cast()
    }

    fn site(&self, pc: usize) -> Option<Site> {
        self.frames_at(pc).next().map(|(func, offset)| Site { func, offset })
    }
}

/// How a function is entered whose code is at `code`, if the `FuncKey::Entry` of its type is at `piece`. Code that
/// looks at a watch is entered by way of somebody who gives the store one.
pub(crate) fn entry_of(config: &RuntimeConfig, ty: &FuncType, piece: *const (), code: *const ()) -> Entry {
    let looks = config.epoch_interruption.then(Looks::here);
    let (call, registers) = match (fits_registers(ty), looks) {
        (true, looks) => {
            let registers = looks.map_or_else(
                // SAFETY: this is what entries are for such types.
                || unsafe { transmute::<*const (), RegisterCall>(piece) },
                watched_registers,
            );
            (from_slots(ty.params.len(), ty.results.len()), registers)
        }
        // SAFETY: this is what the others are.
        (false, None) => (unsafe { transmute::<*const (), RawCall>(piece) }, no_registers as RegisterCall),
        (false, Some(looks)) => (watched_call(looks), no_registers as RegisterCall),
    };
    Entry { call, body: piece, fast: code, registers }
}

/// `Entry::call` of functions without code. Nobody is given their entries.
unsafe extern "C" fn no_code(_: *const FuncRef, _: *mut VmStore, _: *mut Vm, _: *mut Slot) -> Outcome {
    unreachable!("the function has no code")
}

impl Drop for MachineCode {
    fn drop(&mut self) {
        registry::remove(self);
    }
}
