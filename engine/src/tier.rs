//! Which engine makes the code of which function: the only place that names one.

use crate::{Config, Result, Strategy, error};
use core::any::{Any, TypeId};
use core::ptr::NonNull;
use dayfly_interp::Interp;
use dayfly_jit::Jit;
use dayfly_jit::artifact::Target;
use dayfly_jit::code::MachineCode;
use dayfly_parser::{DefinedFuncIdx, Validation};
use dayfly_runtime::backend::{Backend, Code, Entry, Site};
use dayfly_runtime::fault::Fault;
use dayfly_runtime::shape::Shape;
use std::sync::Arc;

/// A maker of code, and what the machine code that it makes depends on.
pub(crate) type Maker = (Arc<dyn Backend>, Option<Target>);

/// The maker of code that a configuration asks for; sets what it needs of the runtime.
///
/// # Errors
/// When the machine has no compiler and one is asked for.
pub(crate) fn backend(config: &mut Config) -> Result<Maker> {
    let interpreter = || -> Result<Maker> { Ok((Arc::new(Interp::new()), None)) };
    let is_lazy = config.parser.validation == Validation::Lazy;
    let seed = match config.strategy {
        Strategy::Interpreter => return interpreter(),
        // Who puts off validation wants to start at once, and not to compile what is never called.
        Strategy::Auto if is_lazy => return interpreter(),
        Strategy::Auto | Strategy::Compiler => None,
        Strategy::Mixed(seed) => Some(seed),
    };
    let Some(mut jit) = Jit::new(config.checked_compilation) else {
        return match config.strategy {
            Strategy::Auto => interpreter(),
            _ => Err(error::no_compiler()),
        };
    };
    if !config.parallel_compilation {
        jit.set_threads(1);
    }
    config.runtime.memory_guarded = true;
    config.runtime.refer_to_all = seed.is_some();
    config.runtime.max_compiled_body = MAX_BODY;
    let target = jit.target(&config.runtime, config.parser.features);
    Ok((Arc::new(Tiers { jit, seed }), Some(target)))
}

/// The code of a function as text.
pub(crate) fn disassemble(shape: &Arc<Shape>, func: DefinedFuncIdx) -> Result<String> {
    Ok(dayfly_interp::disassemble(shape, func)?)
}

/// The compiler, with the interpreter for what it does not compile.
struct Tiers {
    jit: Jit,
    /// Gives some functions to the interpreter, by chance.
    seed: Option<u64>,
}

/// Bytes of a body above which a function is not compiled: the time that compiling takes
/// grows faster than the body.
const MAX_BODY: usize = 1 << 20;

impl Backend for Tiers {
    fn compile(&self, shape: &Arc<Shape>) -> Result<Arc<dyn Code>, Fault> {
        let module = shape.module();
        let bodies = module.bodies();
        let wanted: Box<[bool]> = match self.seed {
            Some(seed) => (0..bodies.len() as u64).map(|func| is_chosen(seed, func)).collect(),
            None => bodies.iter().map(|body| body.range.len() <= MAX_BODY).collect(),
        };
        let machine = match self.jit.compile(shape, &wanted) {
            Err(Fault::Compile(_)) => return Interp::new().compile(shape),
            compiled => compiled?,
        };
        with_machine_code(shape, machine)
    }
}

/// The code of a module that is compiled, with the interpreter for what is not.
pub(crate) fn with_machine_code(
    shape: &Arc<Shape>,
    machine: Arc<MachineCode>,
) -> Result<Arc<dyn Code>, Fault> {
    let all = (0..shape.module().bodies().len() as u32).map(DefinedFuncIdx);
    let rest: Box<[bool]> = all.map(|func| !machine.has(func)).collect();
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
