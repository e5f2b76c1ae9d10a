//! The machine code of a module where it runs, as the runtime knows it.

use crate::activation::{FuncRecord, Trampoline, call_for};
use crate::builtins::BUILTINS;
use crate::compile::output::FuncKey;
use crate::link::Image;
use crate::memory::CodeMemory;
use crate::tables::{Site as CallSite, Tables};
use crate::{registry, signal};
use core::any::{Any, TypeId};
use core::mem::transmute;
use core::ops::Range;
use core::ptr::{self, NonNull};
use dayfly_parser::{DefinedFuncIdx, FuncIdx};
use dayfly_runtime::backend::{Code, Entry, Site};
use dayfly_runtime::shape::Shape;
use dayfly_runtime::trap::Trap;
use std::io;
use std::sync::Arc;

/// The machine code of a module. Not every function need have some.
#[derive(Debug)]
pub struct MachineCode {
    memory: CodeMemory,
    tables: Tables,
    shape: Arc<Shape>,
    /// What the entries point to.
    records: Box<[FuncRecord]>,
    entries: Box<[Entry]>,
}

// SAFETY: the addresses in records and entries are those of the code, which never changes.
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
        if !signal::install() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let address = |start: u32| (memory.addresses().start + start as usize) as *const ();
        let mut trampolines: Vec<Option<Trampoline>> = vec![None; shape.module().types().len()];
        for (key, range) in tables.pieces() {
            if let FuncKey::Entry(number) = key {
                // SAFETY: this is what pieces of this kind are.
                let trampoline = unsafe { transmute::<*const (), Trampoline>(address(range.start)) };
                trampolines[number as usize] = Some(trampoline);
            }
        }
        let absent = FuncRecord { code: ptr::null(), trampoline: None };
        let mut records = vec![absent; shape.module().defined_funcs().len()].into_boxed_slice();
        for (key, range) in tables.pieces() {
            if let FuncKey::Body(func) = key
                && let Some(number) = entry_signature(DefinedFuncIdx(func))
            {
                let trampoline = trampolines[number as usize];
                assert!(trampoline.is_some(), "there is no entry {number}");
                records[func as usize] = FuncRecord { code: address(range.start), trampoline };
            }
        }
        let call = call_for(shape.config());
        let entry =
            |record: &FuncRecord| Entry { call, body: ptr::from_ref(record).cast(), fast: record.code };
        let entries = records.iter().map(entry).collect();
        let code = Arc::new(MachineCode { memory, tables, shape: shape.clone(), records, entries });
        registry::add(&code);
        Ok(code)
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
        if !signal::install() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let (records, entries) = (Box::default(), Box::default());
        let code = Arc::new(MachineCode { memory, tables, shape: shape.clone(), records, entries });
        registry::add(&code);
        Ok(code)
    }

    /// Whether a function has code that is entered here.
    pub fn has(&self, func: DefinedFuncIdx) -> bool {
        self.records.get(func.index()).is_some_and(|record| !record.code.is_null())
    }

    /// Which `FuncKey::Entry` enters a function, if it has code.
    pub fn entry_number(&self, func: DefinedFuncIdx) -> Option<u32> {
        let entry = self.records.get(func.index())?.trampoline? as usize;
        match self.tables.piece_at(self.offset(entry)?)?.0 {
            FuncKey::Entry(number) => Some(number),
            FuncKey::Body(_) | FuncKey::Adapter(_) | FuncKey::Interrupt => None,
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
            FuncKey::Entry(_) | FuncKey::Adapter(_) | FuncKey::Interrupt => None,
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

impl Drop for MachineCode {
    fn drop(&mut self) {
        registry::remove(self);
    }
}
