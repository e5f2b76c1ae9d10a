//! The code of a module as the interpreter keeps it: one record per function,
//! lowered when it is first called. Code, once published, never moves, and nothing in
//! it changes but counters.

use crate::exec::raise::TryRange;
use crate::exec::run::{enter, enter_few};
use crate::lower::{Lowered, RootMap, lower};
use core::any::{Any, TypeId};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use dayfly_parser::{DefinedFuncIdx, FuncIdx};
use dayfly_runtime::backend::{Code, Entry, Site};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::Fault;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::vm::Vm;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

/// The bytecode of a module.
#[derive(Debug)]
pub struct Bytecode {
    shape: Arc<Shape>,
    /// Which functions the interpreter runs; all if `None`.
    own: Option<Box<[bool]>>,
    /// Entries point to them. (In a box, whose owner counts as the only one to reach it, they might not.)
    records: Vec<FuncRecord>,
    lowered: Mutex<BTreeMap<usize, LoweredFunc>>,
}

/// Code that was published; the key it stands under is its address.
#[derive(Debug)]
struct LoweredFunc {
    /// Atomic, because counters are among its words. Records point to it, as entries to those.
    code: Vec<AtomicU64>,
    func: DefinedFuncIdx,
}

/// What the interpreter knows of a function. Everything behind `code` is
/// written before `code` is published.
#[repr(C)]
#[derive(Debug)]
pub struct FuncRecord {
    code: AtomicPtr<u64>,
    /// Slots of the frame: locals, header, operands.
    frame: AtomicU32,
    /// Slots of parameters and locals; the header follows.
    locals: AtomicU32,
    params: u32,
    results: u32,
    entry: Entry,
    func: DefinedFuncIdx,
    /// Where the record is.
    bytecode: *const Bytecode,
    /// What few functions have, elsewhere: a large module has many functions.
    rest: OnceLock<Box<Rest>>,
}

#[derive(Debug, Default)]
struct Rest {
    /// Inner ranges before outer ones.
    tries: Box<[TryRange]>,
    details: OnceLock<Details>,
}

/// What is known of each instruction besides its code. It is not kept until
/// someone asks: lowering is deterministic, so the function is lowered once more.
#[derive(Debug, Default)]
pub struct Details {
    /// Word positions, ascending, each with the offset in the module of the operator
    /// that made the instruction there.
    pub source_map: Box<[(u32, u32)]>,
    /// Which slots hold references, while they may move.
    pub roots: RootMap,
}

// SAFETY: `entry` points to the record itself and `bytecode` to its owner; other fields are
// atomic or never change.
unsafe impl Send for FuncRecord {}
// SAFETY: as above.
unsafe impl Sync for FuncRecord {}

impl Bytecode {
    /// Records for all functions of a module, none lowered yet. Those that `own` does
    /// not name are called by their function references.
    pub fn new(shape: &Arc<Shape>, own: Option<Box<[bool]>>) -> Arc<Bytecode> {
        Arc::new_cyclic(|bytecode| {
            let module = shape.module();
            let records = module.defined_funcs().map(|func| {
                let ty = module.func_type(module.func_index(func));
                FuncRecord {
                    code: AtomicPtr::default(),
                    frame: AtomicU32::new(0),
                    locals: AtomicU32::new(0),
                    params: ty.param_slots(),
                    results: ty.result_slots(),
                    entry: Entry {
                        call: enter,
                        body: core::ptr::null(),
                        fast: core::ptr::null(),
                        registers: enter_few,
                    },
                    func,
                    bytecode: bytecode.as_ptr(),
                    rest: OnceLock::new(),
                }
            });
            let mut records: Vec<FuncRecord> = records.collect();
            let first = records.as_mut_ptr();
            for (n, record) in records.iter_mut().enumerate() {
                record.entry.body = first.wrapping_add(n).cast_const().cast();
            }
            Bytecode { shape: shape.clone(), own, records, lowered: Mutex::default() }
        })
    }

    /// The bytecode of an instance's module, if the interpreter made its code.
    ///
    /// # Safety
    /// `vm` is alive for as long as the result is used.
    pub unsafe fn of<'a>(vm: *mut Vm) -> Option<&'a Bytecode> {
        // SAFETY: the caller's promise.
        unsafe { builtins::blueprint(vm) }.code().downcast_ref()
    }

    /// What the code was made for.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// Whether the interpreter runs a function.
    pub fn has(&self, func: DefinedFuncIdx) -> bool {
        self.own.as_ref().is_none_or(|own| own[func.index()])
    }

    /// The record of a function.
    pub fn record(&self, func: DefinedFuncIdx) -> &FuncRecord {
        &self.records[func.index()]
    }

    /// The record of the function whose code is at an address.
    pub fn locate(&self, pc: usize) -> Option<&FuncRecord> {
        let lowered = self.lowered.lock().unwrap_or_else(|e| e.into_inner());
        let (start, found) = lowered.range(..=pc).next_back()?;
        (pc < start + size_of_val(&*found.code)).then(|| &self.records[found.func.index()])
    }

    /// A word of a function's code as it is now; `None` if the function was not lowered.
    pub fn word(&self, func: DefinedFuncIdx, at: u32) -> Option<u64> {
        let start = self.record(func).code() as usize;
        let lowered = self.lowered.lock().unwrap_or_else(|e| e.into_inner());
        Some(lowered.get(&start)?.code.get(at as usize)?.load(Ordering::Relaxed))
    }

    /// Lowers a function and publishes its code, unless another thread did.
    #[cold]
    fn publish(&self, record: &FuncRecord) -> Result<*const u64, Fault> {
        let Lowered { code, frame, locals, tries, .. } = lower(self, record.func, false)?;
        let mut lowered = self.lowered.lock().unwrap_or_else(|e| e.into_inner());
        let published = record.code();
        if !published.is_null() {
            return Ok(published);
        }
        if !tries.is_empty() {
            record.rest.get_or_init(|| Box::new(Rest { tries, details: OnceLock::new() }));
        }
        record.frame.store(frame, Ordering::Relaxed);
        record.locals.store(locals, Ordering::Relaxed);
        let mut code: Vec<AtomicU64> = code.into_iter().map(AtomicU64::new).collect();
        code.shrink_to_fit();
        let address = code.as_ptr().cast::<u64>();
        lowered.insert(address as usize, LoweredFunc { code, func: record.func });
        record.code.store(address.cast_mut(), Ordering::Release);
        Ok(address)
    }
}

impl Code for Bytecode {
    fn entry(&self, func: DefinedFuncIdx) -> NonNull<Entry> {
        NonNull::from(&self.records[func.index()].entry)
    }

    fn site(&self, pc: usize) -> Option<Site> {
        let record = self.locate(pc)?;
        Some(Site { func: record.func_index(), offset: record.offset_of(pc) })
    }

    fn part(&self, maker: TypeId) -> Option<&dyn Any> {
        (maker == TypeId::of::<Bytecode>()).then_some(self)
    }
}

impl FuncRecord {
    /// The code; null while the function is not lowered.
    #[inline(always)]
    pub fn code(&self) -> *const u64 {
        self.code.load(Ordering::Acquire)
    }

    /// The code, lowered now if need be.
    #[inline]
    pub fn lowered(&self) -> Result<*const u64, Fault> {
        let code = self.code();
        if !code.is_null() {
            return Ok(code);
        }
        self.bytecode().publish(self)
    }

    /// Slots of the whole frame; valid once lowered.
    #[inline(always)]
    pub fn frame(&self) -> u32 {
        self.frame.load(Ordering::Relaxed)
    }

    /// Slots of parameters and locals; valid once lowered.
    #[inline(always)]
    pub fn locals(&self) -> u32 {
        self.locals.load(Ordering::Relaxed)
    }

    /// Slots of the parameters.
    #[inline(always)]
    pub fn params(&self) -> u32 {
        self.params
    }

    /// Slots of the results.
    #[inline(always)]
    pub fn results(&self) -> u32 {
        self.results
    }

    /// The function's index in its module.
    pub fn func_index(&self) -> FuncIdx {
        self.bytecode().shape.module().func_index(self.func)
    }

    /// Ranges of the code from which exceptions are caught, inner ones first.
    pub fn tries(&self) -> &[TryRange] {
        self.rest.get().map_or(&[], |rest| &rest.tries)
    }

    /// The offset in the module of the operator whose instruction is at an address.
    pub fn offset_of(&self, pc: usize) -> Option<usize> {
        let map = &self.details()?.source_map;
        let word = self.word_of(pc)?;
        let at = map.partition_point(|(start, _)| *start <= word).checked_sub(1)?;
        Some(map[at].1 as usize)
    }

    /// The slots that hold references while the instruction at an address is executed.
    pub fn roots_at(&self, pc: usize) -> impl Iterator<Item = u32> {
        let found = self.details().zip(self.word_of(pc));
        found.and_then(|(details, word)| details.roots.at(word)).into_iter().flatten()
    }

    fn word_of(&self, pc: usize) -> Option<u32> {
        Some((pc.checked_sub(self.code() as usize)? / size_of::<u64>()) as u32)
    }

    fn details(&self) -> Option<&Details> {
        let kept = &self.rest.get_or_init(Box::default).details;
        if let Some(details) = kept.get() {
            return Some(details);
        }
        let details = lower(self.bytecode(), self.func, true).ok()?.details;
        Some(kept.get_or_init(|| details))
    }

    fn bytecode(&self) -> &Bytecode {
        // SAFETY: the record is one of the bytecode's own, which never moves.
        unsafe { &*self.bytecode }
    }
}
