//! Which engine makes the code of which function: the only place that names one.

use crate::{Config, Context, Profiler, Result, Strategy, error};
use core::any::{Any, TypeId};
use core::ptr::NonNull;
use dayfly_interp::{FuncCounts, Interp};
use dayfly_jit::Jit;
use dayfly_jit::artifact::Target;
use dayfly_jit::code::MachineCode;
use dayfly_jit::listing::Lister;
use dayfly_jit::profile::Profile;
use dayfly_parser::{DefinedFuncIdx, Module, Validation};
use dayfly_runtime::backend::{Backend, Code, Entry, Site};
use dayfly_runtime::fault::Fault;
use dayfly_runtime::limits::ResourceError;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::Shared;
use std::sync::Arc;

/// The makers of code of an engine: the interpreter, and the compiler where there is one and the configuration
/// asks for it.
pub(crate) struct Tiers {
    /// The compiler, and what the machine code that it makes depends on.
    jit: Option<(Jit, Target)>,
    /// Gives some functions to the interpreter, by chance.
    seed: Option<u64>,
    /// Whether functions are compiled when they are first called.
    is_lazy: bool,
}

impl Tiers {
    /// The makers of code that a configuration asks for; sets what they need of the runtime.
    ///
    /// # Errors
    /// When the machine has no compiler and one is asked for, or what a profiler reads cannot be written.
    pub fn new(config: &mut Config) -> Result<Tiers> {
        let is_lazy = config.lazy_compilation;
        let starts_at_once = config.parser.validation == Validation::Lazy && !is_lazy;
        let interpreter = Tiers { jit: None, seed: None, is_lazy: false };
        let seed = match config.strategy {
            Strategy::Interpreter => return Ok(interpreter),
            // Who puts off validation wants to start at once, and not to compile what is never called.
            Strategy::Auto if starts_at_once => return Ok(interpreter),
            Strategy::Auto | Strategy::Compiler => None,
            Strategy::Mixed(seed) => Some(seed),
        };
        let Some(mut jit) = Jit::new(config.checked_compilation) else {
            return match config.strategy {
                Strategy::Auto => Ok(interpreter),
                _ => Err(error::no_compiler()),
            };
        };
        if !config.parallel_compilation {
            jit.set_threads(1);
        }
        if let Some(profiler) = config.profiler {
            let profile = match profiler {
                Profiler::PerfMap => Profile::PerfMap,
                Profiler::JitDump => Profile::JitDump,
            };
            jit.set_profile(profile).context("cannot make the file for the profiler")?;
        }
        config.runtime.memory_guarded = true;
        config.runtime.refer_to_all = seed.is_some();
        let target = jit.target(&config.runtime, config.parser.features);
        Ok(Tiers { jit: Some((jit, target)), seed, is_lazy })
    }

    /// What machine code depends on, if the engine makes any.
    pub fn target(&self) -> Option<&Target> {
        self.jit.as_ref().map(|(_, target)| target)
    }

    /// Machine code that was not compiled now but comes from a file: the profiler is told of it, too.
    pub fn tell_of(&self, code: &MachineCode) {
        if let Some((jit, _)) = &self.jit {
            jit.tell_of(code);
        }
    }

    /// What shows the machine code of a module, if it has some.
    pub fn lister<'a>(&'a self, code: &'a (dyn Code + 'static)) -> Option<Lister<'a>> {
        let (jit, _) = self.jit.as_ref()?;
        Some(Lister::new(jit, code.downcast_ref()?))
    }
}

/// The interpreter's code of a function as text.
pub(crate) fn disassemble(shape: &Arc<Shape>, func: DefinedFuncIdx) -> Result<String> {
    Ok(dayfly_interp::disassemble(shape, func)?)
}

/// What the interpreter has counted in a module.
pub(crate) fn execution_counts(code: &(dyn Code + 'static)) -> Result<Vec<FuncCounts>> {
    Ok(dayfly_interp::executions(code)?)
}

/// Bytes of a body above which a function is not compiled: the time that compiling takes
/// grows faster than the body.
const MAX_BODY: usize = 1 << 20;

impl Tiers {
    /// Prepares a module and makes its code, or what makes it later.
    pub fn make(&self, module: Arc<Module>, shared: &Shared) -> Result<(Arc<Shape>, Arc<dyn Code>), Fault> {
        let (types, config) = (shared.types().clone(), shared.config().clone());
        match &self.jit {
            None => {
                let shape = Shape::new(module, types, config).map_err(refused)?;
                let code = Interp::new().compile(&shape)?;
                Ok((shape, code))
            }
            Some((jit, _)) if self.is_lazy => {
                let wanted = self.wanted(&module);
                let shape = Shape::for_makers(module, types, config, true).map_err(refused)?;
                let code = jit.compile_lazily(&shape, wanted, interpret_some)?;
                Ok((shape, code))
            }
            Some((jit, _)) => self.make_all(jit, module, shared),
        }
    }

    /// Prepares a module and compiles all of it, though the engine does that lazily. `None` if it has no compiler.
    pub fn make_whole(&self, module: Arc<Module>, shared: &Shared) -> Option<Result<Arc<dyn Code>, Fault>> {
        let (jit, _) = self.jit.as_ref()?;
        Some(self.make_all(jit, module, shared).map(|(_, code)| code))
    }

    fn make_all(
        &self,
        jit: &Jit,
        module: Arc<Module>,
        shared: &Shared,
    ) -> Result<(Arc<Shape>, Arc<dyn Code>), Fault> {
        let (types, config) = (shared.types().clone(), shared.config().clone());
        let mut wanted = self.wanted(&module);
        jit.leave_out_costly(&module, &mut wanted)?;
        let shape = Shape::for_makers(module, types, config, wanted.contains(&false));
        let shape = shape.map_err(refused)?;
        let code = match jit.compile(&shape, &wanted) {
            Err(Fault::Compile(_)) => Interp::new().compile(&shape)?,
            compiled => with_machine_code(&shape, compiled?)?,
        };
        Ok((shape, code))
    }

    /// Which functions are for the compiler, if they are not too costly.
    fn wanted(&self, module: &Module) -> Box<[bool]> {
        let bodies = module.bodies();
        match self.seed {
            Some(seed) => (0..bodies.len() as u64).map(|func| is_chosen(seed, func)).collect(),
            None => bodies.iter().map(|body| body.range.len() <= MAX_BODY).collect(),
        }
    }
}

/// The interpreter's code of those functions of a module that turn out not to be compiled: which ones, nobody
/// knows, so all calls are by references.
fn interpret_some(shape: &Arc<Shape>) -> Result<Arc<dyn Code>, Fault> {
    Interp::new().compile_part(shape, shape.module().defined_funcs().map(|_| false).collect())
}

#[cold]
fn refused(error: ResourceError) -> Fault {
    Fault::Host(error.into())
}

/// The code of a module that is compiled, with the interpreter for what is not.
pub(crate) fn with_machine_code(
    shape: &Arc<Shape>,
    machine: Arc<MachineCode>,
) -> Result<Arc<dyn Code>, Fault> {
    let rest: Box<[bool]> = shape.module().defined_funcs().map(|func| !machine.has(func)).collect();
    if rest.iter().any(|&interpreted| interpreted) {
        Ok(Arc::new(Both { machine, rest: Interp::new().compile_part(shape, rest)? }))
    } else {
        Ok(machine)
    }
}

/// Whether the compiler gets a function: half of them, as the seed has it.
fn is_chosen(seed: u64, func: u64) -> bool {
    let mixed = (seed ^ func.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 31).wrapping_mul(0x94d0_49bb_1331_11eb) >> 63 == 1
}

/// The code of a module that is compiled in part.
struct Both {
    machine: Arc<MachineCode>,
    rest: Arc<dyn Code>,
}

impl Code for Both {
    fn entry(&self, func: DefinedFuncIdx) -> NonNull<Entry> {
        if self.machine.has(func) { self.machine.entry(func) } else { self.rest.entry(func) }
    }

    fn part(&self, maker: TypeId) -> Option<&dyn Any> {
        self.machine.part(maker).or_else(|| self.rest.part(maker))
    }

    fn context(&self) -> *const () {
        self.machine.context()
    }

    fn site(&self, pc: usize) -> Option<Site> {
        self.machine.site(pc).or_else(|| self.rest.site(pc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Instance, Module, Store};
    use dayfly_jit::LazyCode;

    #[test]
    fn only_what_was_called_is_compiled() {
        let mut config = Config::new();
        let Ok(engine) = Engine::new(config.strategy(Strategy::Compiler).lazy_compilation(true)) else {
            return;
        };
        let padding = "(drop (i32.mul (local.get 0) (i32.const 12345678)))".repeat(10);
        let wat = format!(
            r#"(module
            (func $small (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            (func $large (param i32) (result i32) {padding} (call $small (local.get 0)))
            (func (export "run") (param i32) (result i32) {padding}
                (if (result i32) (local.get 0)
                    (then (call $large (local.get 0))) (else (call $small (local.get 0)))))
            (func (export "never") (param i32) {padding}))"#
        );
        let module = Module::new(&engine, wat).unwrap();
        let compiled = || {
            let code = module.blueprint().code();
            code.downcast_ref::<LazyCode>().expect("it is compiled lazily").compiled_count()
        };
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
        assert_eq!(compiled(), 0);
        assert_eq!(run.call(&mut store, 0).unwrap(), 1);
        // The small one was expanded in it.
        assert_eq!(compiled(), 1);
        assert_eq!(run.call(&mut store, 6).unwrap(), 7);
        assert_eq!(compiled(), 2);
    }
}
