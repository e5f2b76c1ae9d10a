//! Code that is made function by function, each when it is first called.
//!
//! At first the entry of each function is one by which it is compiled. Compiled code goes there as it goes to an
//! interpreted function: by an adapter and the common convention. Then the function reference that was called gets
//! the entry of the code, and callers find the code in it from then on. Every instance has references of its own, and
//! each learns of the code when it is called for the first time, or when it is made.
//!
//! Invariants: what has code is never made again, and its code stays where it is as long as this lives; a function
//! is named in `pieces` when its code is there to be called.

use crate::builtins::BUILTINS;
use crate::code::{MachineCode, entry_of};
use crate::compile::{Candidates, Costs, FuncKey, LARGE, MAX_MODULE_NS, Threads, Worker, batch, is_near};
use crate::facts::Facts;
use crate::link::link_to;
use crate::lower::{Env, Looks, Signatures};
use crate::memory::CodeSpace;
use crate::profile::Profile;
use crate::registry;
use core::any::{Any, TypeId};
use core::fmt;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};
use cranelift_codegen::isa::OwnedTargetIsa;
use dayfly_parser::DefinedFuncIdx;
use dayfly_runtime::backend::{Code, Entry, Outcome, Returned, Site};
use dayfly_runtime::fault::{Failure, Fault};
use dayfly_runtime::shape::Shape;
use dayfly_runtime::vm::{FuncRef, Slot, Vm, VmStore};
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, Weak};

/// Bytes of code that a byte of a body becomes at most, with much to spare: reserving addresses costs nothing.
const GROWTH: usize = 64;

/// The most bytes that a function's code, however short it is, takes from the space.
const SMALLEST: usize = 8192;

/// All code is within reach of all code.
const MAX_SPACE: usize = (i32::MAX as usize) - (1 << 20);

/// Makes code of a module for what is not compiled.
pub type MakeInterpreted = fn(&Arc<Shape>) -> Result<Arc<dyn Code>, Fault>;

/// The code of a module as far as it was called.
pub struct LazyCode {
    shape: Arc<Shape>,
    isa: OwnedTargetIsa,
    looks: Looks,
    profile: Option<Profile>,
    signatures: Signatures,
    /// Those that hold whatever is compiled.
    facts: Facts,
    /// Which functions may be compiled.
    wanted: Box<[bool]>,
    make_interpreted: MakeInterpreted,
    /// The code of what cannot be compiled, once there is a function of the kind.
    interpreted: OnceLock<Arc<dyn Code>>,
    records: Box<[Record]>,
    state: Mutex<State>,
    threads: Arc<Threads>,
    own: Weak<LazyCode>,
}

/// What is known of a function.
struct Record {
    /// How it is entered as long as it has no code.
    first: Entry,
    /// How it is entered once it has code; null before.
    ready: AtomicPtr<Entry>,
    /// What `ready` points to if it is compiled.
    compiled: OnceLock<Entry>,
    func: DefinedFuncIdx,
    owner: *const LazyCode,
}

/// What changes when something is compiled.
struct State {
    space: CodeSpace,
    parts: Vec<Arc<MachineCode>>,
    /// Where pieces are.
    pieces: HashMap<FuncKey, usize>,
    /// Which functions are called directly: those that have code, and those that come with their callers.
    direct: Box<[bool]>,
    candidates: Candidates,
    /// What costly bodies may still cost.
    left: u64,
}

// SAFETY: the addresses in a record are those of its owner, which may be shared by threads, of entries that live
// as long, and of code, which never changes.
unsafe impl Send for Record {}
// SAFETY: as above; what changes is atomic.
unsafe impl Sync for Record {}
impl LazyCode {
    /// Nothing is compiled yet.
    pub(crate) fn new(
        shape: &Arc<Shape>,
        isa: OwnedTargetIsa,
        looks: Looks,
        profile: Option<Profile>,
        wanted: Box<[bool]>,
        make_interpreted: MakeInterpreted,
        threads: Arc<Threads>,
    ) -> io::Result<Arc<LazyCode>> {
        let module = shape.module();
        let bytes: usize = module.bodies().iter().map(|body| SMALLEST + GROWTH * body.range.len()).sum();
        let state = State {
            space: CodeSpace::reserve(bytes.min(MAX_SPACE))?,
            parts: Vec::new(),
            pieces: HashMap::new(),
            direct: module
                .defined_funcs()
                .map(|func| wanted[func.index()] && is_near(module, func))
                .collect(),
            candidates: Candidates::new(wanted.len()),
            left: MAX_MODULE_NS,
        };
        Ok(Arc::new_cyclic(|owner| {
            let record = |func| Record {
                first: Entry {
                    call: enter_first,
                    body: ptr::null(),
                    fast: ptr::null(),
                    registers: enter_first_few,
                },
                ready: AtomicPtr::default(),
                compiled: OnceLock::new(),
                func,
                owner: owner.as_ptr(),
            };
            let mut records: Box<[Record]> = module.defined_funcs().map(record).collect();
            for record in &mut records {
                record.first.body = (&raw const *record).cast();
            }
            LazyCode {
                shape: shape.clone(),
                isa,
                looks,
                profile,
                signatures: Signatures::new(module),
                facts: Facts::new(module, &[]),
                wanted,
                make_interpreted,
                interpreted: OnceLock::new(),
                records,
                state: Mutex::new(state),
                threads,
                own: owner.clone(),
            }
        }))
    }

    /// How many functions have machine code.
    pub fn compiled_count(&self) -> usize {
        self.records.iter().filter(|record| record.compiled.get().is_some()).count()
    }

    /// Makes a function ready to be entered, unless another thread did meanwhile.
    #[cold]
    fn make(&self, record: &Record) -> Result<NonNull<Entry>, Fault> {
        let func = record.func;
        if self.wanted[func.index()] {
            let own = self.own.upgrade().expect("it is in use");
            self.threads.run(move |worker| own.make_code(worker, func)).unwrap_or(Ok(()))?;
        }
        if let Some(ready) = record.ready() {
            return Ok(ready);
        }
        let code = match self.interpreted.get() {
            Some(code) => code,
            None => {
                let made = (self.make_interpreted)(&self.shape)?;
                self.interpreted.get_or_init(|| made)
            }
        };
        // Whoever comes first decides for all.
        let entry = code.entry(func).as_ptr();
        let known =
            record.ready.compare_exchange(ptr::null_mut(), entry, Ordering::AcqRel, Ordering::Acquire);
        Ok(NonNull::new(known.err().unwrap_or(entry)).expect("entries have addresses"))
    }

    /// Compiles a function, if it has no code and can be compiled.
    fn make_code(&self, worker: &mut Worker, func: DefinedFuncIdx) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let state = &mut *state;
        let is_ready = self.records[func.index()].ready().is_some();
        if is_ready || !self.afford(state, func)? {
            return Ok(());
        }
        // Cranelift panics on some inputs beyond its limits; that must not end the host.
        let compiled = catch_unwind(AssertUnwindSafe(|| self.compile(worker, state, func)));
        let is_large = self.shape.module().bodies()[func.index()].range.len() > LARGE;
        if is_large || compiled.is_err() {
            *worker = Worker::new();
        }
        match compiled {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(Fault::Body(error))) => return Err(Fault::Body(error)),
            Ok(Err(_)) | Err(_) => state.direct[func.index()] = false,
        }
        Ok(())
    }

    fn afford(&self, state: &mut State, func: DefinedFuncIdx) -> Result<bool, Fault> {
        let mut costs = Costs::with_left(self.shape.module(), state.left);
        let afforded = costs.afford(func).map_err(Fault::Body);
        state.left = costs.left();
        afforded
    }

    /// Compiles a function and what comes with it, and makes all of it ready.
    fn compile(&self, worker: &mut Worker, state: &mut State, func: DefinedFuncIdx) -> Result<(), Fault> {
        state.direct[func.index()] = true;
        let pieces = loop {
            let env = Env {
                shape: &self.shape,
                isa: &*self.isa,
                looks: self.looks,
                signatures: &self.signatures,
                facts: &self.facts,
                compiled: &state.direct,
            };
            let is_there = |key| state.pieces.contains_key(&key);
            match batch(worker, env, func, &state.candidates, is_there) {
                Ok(pieces) => break pieces,
                Err((other, fault)) => {
                    state.direct[other.index()] = false;
                    if other == func {
                        return Err(fault);
                    }
                    // It goes without that one. What was made to call it directly is made again.
                    state.candidates = Candidates::new(self.records.len());
                }
            }
        };
        let mut start = 0;
        let image = link_to(pieces, |len| {
            start = state.space.next(len);
            |key| Some(*state.pieces.get(&key)? as i64 - start as i64)
        });
        let image = image.map_err(|_| crate::too_large())?;
        let host = |error: io::Error| Fault::Host(error.into());
        let memory = state.space.add(&image.text).map_err(host)?;
        assert_eq!(memory.addresses().start, start, "code is where its calls suppose it");
        let part = MachineCode::part(&self.shape, memory, image.tables).map_err(host)?;
        if let Some(profile) = self.profile {
            profile.add(&part);
        }
        state.pieces.extend(part.tables().pieces().map(|(key, range)| (key, part.address(range.start))));
        for (key, _) in part.tables().pieces() {
            if let FuncKey::Body(func) = key {
                state.direct[func as usize] = true;
                self.publish(&state.pieces, DefinedFuncIdx(func));
            }
        }
        state.parts.push(part);
        Ok(())
    }

    /// Makes a function ready whose code is there.
    fn publish(&self, pieces: &HashMap<FuncKey, usize>, func: DefinedFuncIdx) {
        let module = self.shape.module();
        let ty = module.funcs()[module.func_index(func).index()];
        let piece = |key| pieces[&key] as *const ();
        let (code, entry) = (piece(FuncKey::Body(func.0)), piece(FuncKey::Entry(self.signatures.number(ty))));
        let record = &self.records[func.index()];
        let config = self.shape.config();
        let compiled = record.compiled.get_or_init(|| entry_of(config, module.type_func(ty), entry, code));
        record.ready.store(ptr::from_ref(compiled).cast_mut(), Ordering::Release);
    }
}

impl Record {
    fn ready(&self) -> Option<NonNull<Entry>> {
        NonNull::new(self.ready.load(Ordering::Acquire))
    }
}

/// Enters a function that has no code yet, as far as its reference tells: `RawCall` of all of them.
///
/// # Safety
/// As `RawCall` demands; the entry's body is a `Record`.
unsafe extern "C" fn enter_first(
    func: *const FuncRef,
    store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome {
    // SAFETY: the convention's promises.
    unsafe {
        match made(func) {
            Ok(entry) => ((*entry).call)(func, store, caller, slots),
            Err(fault) => {
                (*store).pending = Some(Failure::new(fault));
                Outcome::Failed
            }
        }
    }
}

/// As `enter_first`, with the slots in registers: `RegisterCall` of all of them.
///
/// # Safety
/// As `RegisterCall` demands; else as for `enter_first`.
unsafe extern "C" fn enter_first_few(
    func: *const FuncRef,
    caller: *mut Vm,
    slot0: Slot,
    slot1: Slot,
    slot2: Slot,
    slot3: Slot,
) -> Returned {
    // SAFETY: the convention's promises.
    unsafe {
        let returned = match made(func) {
            Ok(entry) => ((*entry).registers)(func, caller, slot0, slot1, slot2, slot3),
            Err(fault) => {
                (*(*(*func).vm).store).pending = Some(Failure::new(fault));
                Returned::new(0, Outcome::Failed, caller)
            }
        };
        // Whoever calls has not seen that there is machine code.
        Returned::new(returned.slot, returned.outcome, caller)
    }
}

/// How a function is to be entered from now on, as its reference now tells.
///
/// # Safety
/// The reference is to a function of an instance of a module whose code is lazy; its entry's body is a `Record`.
unsafe fn made(func: *const FuncRef) -> Result<*mut Entry, Fault> {
    // SAFETY: the caller's promise; the owner of a record lives as long as an instance of its module.
    unsafe {
        let record = &*(*(*func).entry.load(Ordering::Acquire)).body.cast::<Record>();
        let entry = match record.ready() {
            Some(ready) => ready.as_ptr(),
            None => (*record.owner).make(record)?.as_ptr(),
        };
        (*func).native.store((*entry).fast.cast_mut(), Ordering::Release);
        (*func).entry.store(entry, Ordering::Release);
        Ok(entry)
    }
}

impl Code for LazyCode {
    fn entry(&self, func: DefinedFuncIdx) -> NonNull<Entry> {
        let record = &self.records[func.index()];
        record.ready().unwrap_or(NonNull::from(&record.first))
    }

    fn part(&self, maker: TypeId) -> Option<&dyn Any> {
        match maker == TypeId::of::<LazyCode>() {
            true => Some(self),
            false => self.interpreted.get()?.part(maker),
        }
    }

    fn context(&self) -> *const () {
        ptr::from_ref(&BUILTINS).cast()
    }

    fn site(&self, pc: usize) -> Option<Site> {
        let own = registry::with(pc, |code| code.site(pc));
        own.unwrap_or_else(|| self.interpreted.get()?.site(pc))
    }
}

impl fmt::Debug for LazyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyCode").field("compiled", &self.compiled_count()).finish_non_exhaustive()
    }
}
