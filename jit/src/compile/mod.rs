//! From a module to machine code: bodies are lowered and compiled one by one, by as
//! many threads as there are processors; entries, and what they call besides each other, come after. The result is the same however many threads there are.

mod batch;
mod cost;
mod inline;
mod latch;
pub mod output;
mod threads;

pub(crate) use batch::{batch, is_near};
pub use cost::{Costs, MAX_MODULE_NS};
pub use output::{CallReloc, CallSite, CompiledFunc, FuncKey, Handler, INLINED, Inlined, RootMap};
pub(crate) use threads::Threads;

use crate::facts::Facts;
use crate::listing::Stage;
pub use crate::lower::Looks;
use crate::lower::{self, Env, Signatures};
use crate::tighten::tighten;
use crate::trap_code::trap_of;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::entity::PrimaryMap;
use cranelift_codegen::ir::{ExternalName, Function, Inst, SourceLoc, UserExternalName, UserExternalNameRef};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{
    CompiledCode, Context, ExceptionContextLoc, FinalizedMachExceptionHandler, FinalizedRelocTarget,
};
use cranelift_frontend::FunctionBuilderContext;
use dayfly_parser::{CursorBuffers, DefinedFuncIdx, FuncIdx};
use dayfly_runtime::fault::{CompileError, Fault};
use dayfly_runtime::shape::Shape;
pub use inline::Candidates;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

impl FuncKey {
    /// The name by which Cranelift knows the piece.
    pub fn name(self) -> UserExternalName {
        let (namespace, index) = match self {
            FuncKey::Body(index) => (0, index),
            FuncKey::Entry(index) => (1, index),
            FuncKey::Adapter(index) => (2, index),
            FuncKey::Interrupt => (3, 0),
            FuncKey::Import(index) => (4, index),
        };
        UserExternalName { namespace, index }
    }

    fn of_name(name: &UserExternalName) -> FuncKey {
        match name.namespace {
            0 => FuncKey::Body(name.index),
            1 => FuncKey::Entry(name.index),
            2 => FuncKey::Adapter(name.index),
            4 => FuncKey::Import(name.index),
            _ => FuncKey::Interrupt,
        }
    }
}

/// The memory of a compiler, to be used again for the next function.
pub(crate) struct Worker {
    codegen: Context,
    builder: FunctionBuilderContext,
    buffers: CursorBuffers,
}

impl Worker {
    /// It has no memory yet.
    pub(crate) fn new() -> Worker {
        Worker {
            codegen: Context::new(),
            builder: FunctionBuilderContext::new(),
            buffers: CursorBuffers::default(),
        }
    }

    /// Compiles a body.
    fn body(
        &mut self,
        env: Env<'_>,
        func: DefinedFuncIdx,
        candidates: &Candidates,
    ) -> Result<CompiledFunc, Fault> {
        let made = self.body_once(env, func, candidates)?;
        if made.looks.is_empty() {
            return Ok(made);
        }
        // Code that is not understood looks in the plain way; candidates for expansion do not.
        self.body_once(Env { looks: Looks::Address, ..env }, func, &Candidates::none())
    }

    fn body_once(
        &mut self,
        env: Env<'_>,
        func: DefinedFuncIdx,
        candidates: &Candidates,
    ) -> Result<CompiledFunc, Fault> {
        let buffers = std::mem::take(&mut self.buffers);
        let (clif, buffers) = lower::body(env, func, &mut self.builder, buffers).map_err(Fault::Body)?;
        self.buffers = buffers;
        self.take(clif);
        let inlined = match env.shape.config().inlining {
            true => inline::expand(&mut self.codegen, env, func, candidates, &mut self.builder),
            false => Ok(Vec::new()),
        };
        latch::rewrite(&mut self.codegen.func);
        let compiled = inlined
            .and_then(|inlined| Ok(CompiledFunc { inlined, ..self.finish(env, FuncKey::Body(func.0))? }));
        compiled.map_err(|message| {
            let offset = env.module().bodies()[func.index()].range.start;
            Fault::Compile(CompileError { func: env.module().func_index(func), offset, message })
        })
    }

    /// What is to be compiled next.
    fn take(&mut self, clif: Function) {
        self.codegen.clear();
        self.codegen.func = clif;
    }

    /// Compiles the function that was taken.
    fn finish(&mut self, env: Env<'_>, key: FuncKey) -> Result<CompiledFunc, &'static str> {
        let names = self.codegen.func.params.user_named_funcs().clone();
        let compiled = self.codegen.compile(env.isa, &mut ControlPlane::default());
        match compiled {
            Ok(code) => Ok(collect(env, key, code, &names)),
            Err(error) => Err(match error.inner {
                cranelift_codegen::CodegenError::CodeTooLarge => "its machine code would be too large",
                cranelift_codegen::CodegenError::ImplLimitExceeded => {
                    "it goes beyond a limit of the compiler"
                }
                cranelift_codegen::CodegenError::Verifier(_) => "the compiler made code that is not valid",
                _ => "the compiler cannot handle it",
            }),
        }
    }
}

/// Compiles a module's functions, those that `compiled` names.
pub fn module(
    shape: &Shape,
    isa: &dyn TargetIsa,
    compiled: &[bool],
    looks: Looks,
    threads: usize,
) -> Result<(Vec<CompiledFunc>, Signatures), Fault> {
    let signatures = Signatures::new(shape.module());
    let facts = Facts::new(shape.module(), compiled);
    let env = Env { shape, isa, looks, signatures: &signatures, facts: &facts, compiled };
    let wanted: Vec<DefinedFuncIdx> =
        (0..compiled.len() as u32).map(DefinedFuncIdx).filter(|func| compiled[func.index()]).collect();
    let mut pieces = bodies(env, &wanted, threads)?;
    Worker::new().add_trampolines(env, &mut pieces, |_| false)?;
    Ok((pieces, signatures))
}

/// The CLIF of one of the compiled functions. All positions in it are operators of the function itself: of code
/// that was expanded, that of the call.
pub fn clif(
    env: Env<'_>,
    func: DefinedFuncIdx,
    stage: Stage,
    candidates: &Candidates,
) -> Result<Function, Fault> {
    let mut worker = Worker::new();
    if stage == Stage::Lowered {
        let lowered = lower::body(env, func, &mut worker.builder, worker.buffers).map_err(Fault::Body)?;
        return Ok(lowered.0);
    }
    let inlined = worker.body(env, func, candidates)?.inlined;
    let mut clif = worker.codegen.func;
    let insts: Vec<Inst> = clif.layout.blocks().flat_map(|block| clif.layout.block_insts(block)).collect();
    for inst in insts {
        let mut position = clif.srcloc(inst);
        while !position.is_default() && position.bits() & INLINED != 0 {
            position = SourceLoc::new(inlined[(position.bits() & !INLINED) as usize].caller);
        }
        clif.set_srcloc(inst, position);
    }
    Ok(clif)
}

impl Worker {
    /// Adds what bodies are entered by, what they call besides bodies, and what stops them, unless it is there.
    fn add_trampolines(
        &mut self,
        env: Env<'_>,
        pieces: &mut Vec<CompiledFunc>,
        is_there: impl Fn(FuncKey) -> bool,
    ) -> Result<(), Fault> {
        let module = env.module();
        let number = |func| env.signatures.number(module.funcs()[module.func_index(func).index()]);
        let entries = pieces.iter().filter_map(|piece| match piece.key {
            FuncKey::Body(func) => Some(FuncKey::Entry(number(DefinedFuncIdx(func)))),
            _ => None,
        });
        let called = pieces.iter().flat_map(|piece| &piece.relocs).map(|reloc| reloc.target);
        let outside = called.filter(|target| matches!(target, FuncKey::Adapter(_) | FuncKey::Import(_)));
        let interrupt = env.shape.config().epoch_interruption.then_some(FuncKey::Interrupt);
        let keys: BTreeSet<FuncKey> = entries.chain(outside).chain(interrupt).collect();
        for key in keys.into_iter().filter(|key| !is_there(*key)) {
            let clif = match key {
                FuncKey::Entry(number) => lower::entry(env, number, &mut self.builder),
                FuncKey::Adapter(number) => lower::adapter(env, number, &mut self.builder),
                FuncKey::Import(func) => lower::import(env, FuncIdx(func), &mut self.builder),
                FuncKey::Interrupt => lower::interrupt(env, &mut self.builder),
                FuncKey::Body(_) => unreachable!("bodies are no trampolines"),
            };
            pieces.push(self.trampoline(env, key, clif)?);
        }
        Ok(())
    }

    fn trampoline(&mut self, env: Env<'_>, key: FuncKey, clif: Function) -> Result<CompiledFunc, Fault> {
        self.take(clif);
        self.finish(env, key)
            .map_err(|message| Fault::Compile(CompileError { func: FuncIdx(0), offset: 0, message }))
    }
}

/// Bytes of a body of which no two are compiled at once: Cranelift takes up to 500 bytes of memory for each.
pub(crate) const LARGE: usize = 64 << 10;

/// Compiles bodies, in their order.
fn bodies(env: Env<'_>, wanted: &[DefinedFuncIdx], threads: usize) -> Result<Vec<CompiledFunc>, Fault> {
    let (next, large) = (AtomicUsize::new(0), Mutex::new(()));
    let candidates = Candidates::new(env.module().bodies().len());
    let done: Mutex<Vec<(usize, Result<CompiledFunc, Fault>)>> = Mutex::new(Vec::with_capacity(wanted.len()));
    let work = || {
        let mut worker = Worker::new();
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(&func) = wanted.get(at) else { break };
            // Whatever the number of threads, one of them at most needs memory for a large body.
            let is_large = env.module().bodies()[func.index()].range.len() > LARGE;
            let _alone = is_large.then(|| large.lock().unwrap_or_else(|e| e.into_inner()));
            // Cranelift panics on some inputs beyond its limits; that must not end the host.
            let compiled = catch_unwind(AssertUnwindSafe(|| worker.body(env, func, &candidates)))
                .unwrap_or_else(|_| {
                    worker = Worker::new();
                    let offset = env.module().bodies()[func.index()].range.start;
                    let message = "the compiler failed on it";
                    Err(Fault::Compile(CompileError { func: env.module().func_index(func), offset, message }))
                });
            own.push((at, compiled));
        }
        done.lock().unwrap_or_else(|e| e.into_inner()).append(&mut own);
    };
    let threads = threads.min(wanted.len().div_ceil(8)).max(1);
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, compiled)| compiled).collect()
}

/// Takes from Cranelift's output what linking needs.
fn collect(
    env: Env<'_>,
    key: FuncKey,
    code: &CompiledCode,
    names: &PrimaryMap<UserExternalNameRef, UserExternalName>,
) -> CompiledFunc {
    let buffer = &code.buffer;
    let relocs = buffer.relocs().iter().map(|reloc| {
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = reloc.target else {
            panic!("code refers to its own module only: {:?}", reloc.target)
        };
        assert_eq!(reloc.kind, Reloc::X86CallPCRel4, "calls are the only references");
        let target = FuncKey::of_name(&names[name]);
        CallReloc { offset: reloc.offset, target, addend: reloc.addend as i32 }
    });
    let traps = buffer.traps().iter().filter_map(|trap| Some((trap.offset, trap_of(trap.code)?)));
    // Nothing else has tags.
    let looks = buffer.debug_tags().map(|tagged| tagged.offset);
    let sites = buffer.call_sites().filter(|site| !site.exception_handlers.is_empty()).map(|site| CallSite {
        returns_to: site.ret_addr,
        frame_offset: site.frame_offset.unwrap_or(0),
        handlers: site.exception_handlers.iter().map(handler).collect(),
    });
    let roots = buffer.user_stack_maps().iter().map(|(at, frame, map)| RootMap {
        returns_to: *at,
        below_fp: map.entries().map(|(_, offset)| frame - offset).collect(),
    });
    let mut source: Vec<(u32, u32)> = Vec::new();
    let mut end = 0;
    for range in buffer.get_srclocs_sorted() {
        if range.start > end {
            source.push((end, u32::MAX));
        }
        source.push((range.start, range.loc.bits()));
        end = range.end;
    }
    let mut piece = CompiledFunc {
        key,
        alignment: CompiledFunc::ALIGNMENT,
        code: buffer.data().to_vec(),
        relocs: relocs.collect(),
        traps: traps.collect(),
        looks: looks.collect(),
        sites: sites.collect(),
        roots: roots.collect(),
        source,
        inlined: Vec::new(),
    };
    piece.traps.sort_unstable_by_key(|(at, _)| *at);
    piece.looks.sort_unstable();
    piece.sites.sort_unstable_by_key(|site| site.returns_to);
    piece.roots.sort_unstable_by_key(|map| map.returns_to);
    piece.relocs.sort_unstable_by_key(|reloc| reloc.offset);
    let has_segment = env.looks == Looks::Segment && env.shape.config().epoch_interruption;
    tighten(&mut piece, &code.bb_starts, has_segment && matches!(key, FuncKey::Body(_)));
    piece
}

fn handler(handler: &FinalizedMachExceptionHandler) -> Handler {
    match *handler {
        FinalizedMachExceptionHandler::Tag(tag, at) => Handler::Tag(tag.as_u32(), at),
        FinalizedMachExceptionHandler::Default(at) => Handler::All(at),
        FinalizedMachExceptionHandler::Context(ExceptionContextLoc::SPOffset(offset)) => {
            Handler::Context(offset)
        }
        // Only a call of the runtime, by the system's convention, keeps registers.
        FinalizedMachExceptionHandler::Context(ExceptionContextLoc::GPR(_)) => {
            Handler::Context(Handler::CALLER)
        }
    }
}
