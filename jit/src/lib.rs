//! The compiler to machine code.
//!
//! `lower` and `compile` make code that is independent of where it lies; `link` makes one image of it;
//! `code` is the image where it runs, as the runtime knows it. `activation` enters it, `builtins` is what it
//! calls, `unwind` walks its frames, `signal` turns its faults into traps. `listing` shows what became of a function.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::todo))]
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "enters machine code")]
pub mod activation;
#[allow(unsafe_code, reason = "assembly that machine code calls")]
pub mod arch;
pub mod artifact;
#[allow(unsafe_code, reason = "called by machine code with raw addresses")]
pub mod builtins;
mod clif;
#[allow(unsafe_code, reason = "makes functions of addresses of machine code")]
pub mod code;
pub mod compile;
mod facts;
mod isa;
#[allow(unsafe_code, reason = "entered by address when a function has no code yet")]
mod lazy;
pub mod link;
pub mod listing;
mod lower;
#[allow(unsafe_code, reason = "maps files")]
mod memory;
pub mod num;
#[allow(unsafe_code, reason = "maps the file by which a profiler finds another")]
pub mod profile;
#[allow(unsafe_code, reason = "read by signal handlers, so without locks")]
mod registry;
#[allow(unsafe_code, reason = "sets the registers with which a thread goes on")]
mod signal;
pub mod tables;
mod tighten;
pub mod trap_code;
#[allow(unsafe_code, reason = "reads frames of machine code")]
mod unwind;

use code::MachineCode;
use cranelift_codegen::isa::OwnedTargetIsa;
use dayfly_parser::{DefinedFuncIdx, Features, Module};
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::fault::Fault;
use dayfly_runtime::shape::Shape;
pub use lazy::{LazyCode, MakeInterpreted};
use lower::Looks;
use profile::Profile;
use std::sync::Arc;

/// The compiler for the machine at hand.
pub struct Jit {
    isa: OwnedTargetIsa,
    looks: Looks,
    threads: usize,
    profile: Option<Profile>,
    /// Of functions that are called for the first time.
    lazy_threads: Arc<compile::Threads>,
}

impl Jit {
    /// The compiler; `None` on machines for which there is none. `checked` lets it check
    /// its own work, which takes long.
    pub fn new(checked: bool) -> Option<Jit> {
        Jit::for_machine(isa::host(checked), Looks::here())
    }

    /// A compiler whose code is the same on all machines of a kind, because it uses only what all of them have:
    /// for comparing code.
    pub fn plain(checked: bool) -> Option<Jit> {
        Jit::for_machine(isa::plain(checked), Looks::Segment)
    }

    fn for_machine(isa: Option<OwnedTargetIsa>, looks: Looks) -> Option<Jit> {
        if !cfg!(all(target_arch = "x86_64", unix)) {
            return None;
        }
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        Some(Jit { isa: isa?, looks, threads, profile: None, lazy_threads: Arc::default() })
    }

    /// How many threads compile a module at most. Default: as many as there are processors.
    pub fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// Lets code look at its store's watch by the address, as it does where there is no segment for it: slower.
    pub fn look_by_address(&mut self) {
        self.looks = Looks::Address;
    }

    /// Tells a profiler of all code that is compiled from now on. Default: none.
    ///
    /// # Errors
    /// When its file cannot be made.
    pub fn set_profile(&mut self, profile: Profile) -> std::io::Result<()> {
        profile.open()?;
        self.profile = Some(profile);
        Ok(())
    }

    /// Tells the profiler, if there is one, of code that was not compiled just now.
    pub fn tell_of(&self, code: &MachineCode) {
        if let Some(profile) = self.profile {
            profile.add(code);
        }
    }

    /// Takes those functions from `wanted` whose bodies would cost the compiler much more than others of
    /// their length.
    ///
    /// # Errors
    /// When a body is not valid.
    pub fn leave_out_costly(&self, module: &Module, wanted: &mut [bool]) -> Result<(), Fault> {
        let mut costs = compile::Costs::new(module);
        for (func, wanted) in wanted.iter_mut().enumerate().filter(|(_, wanted)| **wanted) {
            *wanted = costs.afford(DefinedFuncIdx(func as u32)).map_err(Fault::Body)?;
        }
        Ok(())
    }

    /// Compiles the functions of a module that `wanted` names, by their positions. Each
    /// of the others must have a function reference in the module's layout.
    ///
    /// # Errors
    /// When a body is not valid or more than the compiler can do, or the system gives no memory for code.
    pub fn compile(&self, shape: &Arc<Shape>, wanted: &[bool]) -> Result<Arc<MachineCode>, Fault> {
        let (pieces, signatures) = compile::module(shape, &*self.isa, wanted, self.looks, self.threads)?;
        let image = link::link(pieces).map_err(|_| too_large())?;
        let module = shape.module();
        let entry = |func| signatures.number(module.funcs()[module.func_index(func).index()]);
        let code = MachineCode::new(shape, image, entry).map_err(|error| Fault::Host(error.into()))?;
        self.tell_of(&code);
        Ok(code)
    }
}

impl Jit {
    /// Code of which nothing is compiled yet: each function is when it is first called, if `wanted` names it and it
    /// is not too costly. What is not compiled is run by the code that `interpreted` makes. Each function must have a
    /// function reference in the module's layout.
    ///
    /// # Errors
    /// When the system gives no addresses for code.
    pub fn compile_lazily(
        &self,
        shape: &Arc<Shape>,
        wanted: Box<[bool]>,
        interpreted: MakeInterpreted,
    ) -> Result<Arc<LazyCode>, Fault> {
        let code = LazyCode::new(
            shape,
            self.isa.clone(),
            self.looks,
            self.profile,
            wanted,
            interpreted,
            self.lazy_threads.clone(),
        );
        code.map_err(|error| Fault::Host(error.into()))
    }

    /// What the code depends on that is compiled for these settings.
    pub fn target(&self, config: &RuntimeConfig, features: Features) -> artifact::Target {
        artifact::Target::new(&*self.isa, self.looks, config, features)
    }
}

#[cold]
fn too_large() -> Fault {
    let message = "the machine code of the module would be larger than 2 GiB";
    Fault::Compile(dayfly_runtime::fault::CompileError {
        func: dayfly_parser::FuncIdx(0),
        offset: 0,
        message,
    })
}

impl core::fmt::Debug for Jit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Jit").field("isa", &self.isa.name()).finish_non_exhaustive()
    }
}
