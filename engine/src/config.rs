//! The settings of an engine.

use crate::{Cache, Features, Limits, MemoryTracking, Result};
use dayfly_parser::Validation;
use dayfly_runtime::config::RuntimeConfig;

/// How an [`Engine`](crate::Engine) behaves. Methods change the settings in place
/// and return them, so that they can be chained.
///
/// ```
/// use dayfly::{Config, Engine};
///
/// let mut config = Config::new();
/// config.consume_fuel(true).wasm_threads(false);
/// let engine = Engine::new(&config)?;
/// # Ok::<(), dayfly::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) parser: dayfly_parser::Config,
    pub(crate) runtime: RuntimeConfig,
    pub(crate) strategy: Strategy,
    pub(crate) cache: Option<Cache>,
    pub(crate) parallel_compilation: bool,
    pub(crate) lazy_compilation: bool,
    pub(crate) checked_compilation: bool,
    pub(crate) profiler: Option<Profiler>,
}

/// Who runs the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Strategy {
    /// What is best: the compiler where there is one for the machine, unless
    /// [`Config::lazy_validation`] is on without [`Config::lazy_compilation`]; else the interpreter.
    #[default]
    Auto,
    /// The interpreter, which runs everywhere.
    Interpreter,
    /// The compiler to machine code. Functions that it cannot compile are interpreted.
    Compiler,
    /// Both: which of them makes a function depends on its position and this number. For tests.
    Mixed(u64),
}

/// Files from which Linux's `perf` learns what machine code is which function. There is one of a kind for each
/// process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Profiler {
    /// `/tmp/perf-PID.map`, for `perf record` and `perf report`: names of functions.
    PerfMap,
    /// `jit-PID.dump` in the current folder, for `perf record -k mono` and `perf inject --jit`: the code, too.
    JitDump,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            parser: dayfly_parser::Config::default(),
            runtime: RuntimeConfig::default(),
            strategy: Strategy::default(),
            cache: None,
            parallel_compilation: true,
            lazy_compilation: false,
            checked_compilation: false,
            profiler: None,
        }
    }
}

impl Config {
    /// The default settings: WebAssembly 3.0 and the proposals that are ready, no fuel,
    /// no epochs.
    pub fn new() -> Config {
        Config::default()
    }

    /// Sets all proposals at once.
    pub fn wasm_features(&mut self, features: Features) -> &mut Config {
        self.parser.features = features;
        self
    }

    /// Whether guests burn fuel, about one unit per operator and for each 64 bytes that operators on
    /// memories, tables and arrays work on, and trap when it is used up: see [`Store::set_fuel`](crate::Store::set_fuel). Default: no.
    pub fn consume_fuel(&mut self, on: bool) -> &mut Config {
        self.runtime.fuel = on;
        self
    }

    /// Whether guests look at the engine's epoch and are interrupted at a deadline: see
    /// [`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline). Default: no.
    pub fn epoch_interruption(&mut self, on: bool) -> &mut Config {
        self.runtime.epoch_interruption = on;
        self
    }

    /// Bytes of stack that the guests of a store may use; more is
    /// [`Trap::StackOverflow`](crate::Trap::StackOverflow). Default: 1 MiB.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.runtime.max_wasm_stack = bytes;
        self
    }

    /// Bytes of the thread's stack that host functions and guests calling each other
    /// may use; more is [`Trap::StackOverflow`](crate::Trap::StackOverflow). Default: 1 MiB.
    pub fn max_native_stack(&mut self, bytes: usize) -> &mut Config {
        self.runtime.max_native_stack = bytes;
        self
    }

    /// Bytes of address space reserved for a memory with 32-bit addresses, unless its
    /// maximum is smaller. Default: 4 GiB.
    pub fn memory_reservation(&mut self, bytes: u64) -> &mut Config {
        self.runtime.memory_reservation = bytes;
        self
    }

    /// Bytes of address space kept inaccessible after each memory. Default: 32 MiB.
    pub fn memory_guard_size(&mut self, bytes: u64) -> &mut Config {
        self.runtime.memory_guard = bytes;
        self
    }

    /// Whether initial contents of memories are mapped copy-on-write where the system
    /// can, instead of being copied for every instance. Default: yes.
    pub fn memory_init_cow(&mut self, on: bool) -> &mut Config {
        self.runtime.memory_images = on;
        self
    }

    /// Bytes that the objects of a store's GC heap may take, up to 2 GiB; a store that is
    /// full of live objects traps with
    /// [`Trap::GcHeapExhausted`](crate::Trap::GcHeapExhausted). While it is collected, a
    /// heap takes up to twice as much memory. Default: 1 GiB.
    pub fn max_gc_heap_size(&mut self, bytes: u64) -> &mut Config {
        self.runtime.max_gc_heap = bytes;
        self
    }

    /// Bytes that the types of all modules of the engine may take together, about. They are kept as
    /// long as the engine, also when their modules are dropped; equal ones are kept once. A module
    /// whose types would take more is refused with a
    /// [`ResourceError`](crate::ResourceError). Default: 1 GiB.
    pub fn max_types_size(&mut self, bytes: u64) -> &mut Config {
        self.runtime.max_types = bytes;
        self
    }

    /// Whether every allocation on a GC heap collects first and moves all objects, and
    /// makes the addresses where they were inaccessible. It makes guests very slow: it is
    /// for tests that look for references that were not updated. Default: no.
    pub fn gc_torture(&mut self, on: bool) -> &mut Config {
        self.runtime.gc_torture = on;
        self
    }

    /// Whether what a store leaves behind when it is dropped, and the instance in it, is used
    /// again by the next store and [`InstancePre`](crate::InstancePre), which makes an
    /// instance in well under a microsecond. It is made as new before; idle memory is given
    /// back by [`Engine::release_idle_memory`](crate::Engine::release_idle_memory). Default: yes.
    pub fn instance_reuse(&mut self, on: bool) -> &mut Config {
        self.runtime.instance_reuse = on;
        self
    }

    /// Bytes that instances may take which wait to be used again while their stores serve other modules; beyond
    /// that, those that have waited longest are freed. Stores that wait keep the instance that they last had:
    /// these are as many as were alive at once, and are not counted. Default: 512 MiB.
    pub fn max_idle_memory(&mut self, bytes: u64) -> &mut Config {
        self.runtime.max_idle_memory = bytes;
        self
    }

    /// How it is learned which pages of memory an instance has written, so that only they are
    /// written back before it is used again. `None`, the default, takes the best that the
    /// system lets us use; if another is asked for that does not work, instances are
    /// not used again.
    pub fn memory_tracking(&mut self, how: Option<MemoryTracking>) -> &mut Config {
        self.runtime.memory_tracking = how;
        self
    }

    /// Whether all state of an instance is compared with a fresh one's whenever it is about to be used
    /// again; a difference panics. For tests: it takes long. Default: no.
    pub fn check_instance_reuse(&mut self, on: bool) -> &mut Config {
        self.runtime.check_instance_reuse = on;
        self
    }

    /// Who runs the code. Default: [`Strategy::Auto`].
    pub fn strategy(&mut self, strategy: Strategy) -> &mut Config {
        self.strategy = strategy;
        self
    }

    /// Where compiled modules are kept between runs: [`Module::new`](crate::Module::new) takes them from there.
    /// Only the compiler's engines use it. Default: nowhere.
    pub fn cache(&mut self, cache: Option<Cache>) -> &mut Config {
        self.cache = cache;
        self
    }

    /// Whether the functions of a module are compiled by several threads. Default: yes.
    pub fn parallel_compilation(&mut self, on: bool) -> &mut Config {
        self.parallel_compilation = on;
        self
    }

    /// Whether a function is compiled when it is first called, instead of with its module: modules can be used
    /// at once, and what is never called costs nothing; but first calls take longer, and calls between functions
    /// that were not compiled together a little, too. Modules from [`Config::cache`] are compiled already;
    /// lazy ones are not left there. [`Module::serialize`](crate::Module::serialize) compiles all of a module.
    /// With [`Config::lazy_validation`], functions are validated then, too. Compiling burns no fuel, and no epoch
    /// interrupts it. [`Module::listings`](crate::Module::listings) shows no code of such modules. Default: no.
    pub fn lazy_compilation(&mut self, on: bool) -> &mut Config {
        self.lazy_compilation = on;
        self
    }

    /// Whether the compiler expands small functions where they are called directly: faster code, which takes
    /// longer to make. Backtraces are the same. Default: yes.
    pub fn inlining(&mut self, on: bool) -> &mut Config {
        self.runtime.inlining = on;
        self
    }

    /// Whether compiled code is hardened against guests that let the processor guess that an index is within
    /// bounds, and read what is beyond through its caches (Spectre, variant 1): for hosts of hostile code.
    /// `docs/compiler.md` says what is covered and what is not. Default: no.
    pub fn spectre_hardening(&mut self, on: bool) -> &mut Config {
        self.runtime.spectre_hardening = on;
        self
    }

    /// Whether the compiler checks its own work, which takes long: it is for tests. Default: no.
    pub fn checked_compilation(&mut self, on: bool) -> &mut Config {
        self.checked_compilation = on;
        self
    }

    /// Whether a profiler is told of the functions that the compiler makes. An engine whose file cannot be made is
    /// not made either. The interpreter has nothing to tell. Default: no.
    pub fn profiler(&mut self, profiler: Option<Profiler>) -> &mut Config {
        self.profiler = profiler;
        self
    }

    /// Whether the interpreter counts how often it calls each function and goes round each loop:
    /// [`Module::execution_counts`](crate::Module::execution_counts) tells. Compiled code does not count.
    /// Default: no.
    pub fn count_executions(&mut self, on: bool) -> &mut Config {
        self.runtime.count_executions = on;
        self
    }

    /// Whether a function body is validated when it is first called, instead of with
    /// its module. Calling an invalid one then fails with a
    /// [`ParseError`](crate::ParseError). Default: no.
    pub fn lazy_validation(&mut self, on: bool) -> &mut Config {
        self.parser.validation = if on { Validation::Lazy } else { Validation::Eager };
        self
    }

    /// Whether the bodies of large modules are validated by several threads. Default: yes.
    pub fn parallel_validation(&mut self, on: bool) -> &mut Config {
        self.parser.threads = if on { 0 } else { 1 };
        self
    }

    /// How much a module may ask for.
    pub fn limits(&mut self, limits: Limits) -> &mut Config {
        self.parser.limits = limits;
        self
    }

    /// Whether relaxed SIMD operators give the same results on every machine. Default: yes.
    pub fn relaxed_simd_deterministic(&mut self, on: bool) -> &mut Config {
        self.runtime.deterministic_relaxed_simd = on;
        self
    }

    /// The proposals that are on.
    pub fn features(&self) -> Features {
        self.parser.features
    }

    /// Fails for settings that cannot stand together.
    pub(crate) fn check(&self) -> Result<()> {
        let features = self.parser.features;
        for feature in features.iter() {
            if let Some(needed) = feature.needs.iter().find(|needed| !features.contains(needed.bit)) {
                return Err(crate::error::feature_without(feature.name, needed.name));
            }
        }
        Ok(())
    }

    fn feature(&mut self, feature: Features, on: bool) -> &mut Config {
        let features = self.parser.features;
        self.parser.features =
            if on { features.with(feature.with_needs()) } else { features.without(feature) };
        self
    }
}

macro_rules! proposals {
    ($($method:ident $FEATURE:ident $name:literal;)*) => {
        /// Switches for proposals. Switching one on switches on what it needs.
        impl Config {$(
            #[doc = concat!("Whether modules may use the `", $name, "` proposal.")]
            pub fn $method(&mut self, on: bool) -> &mut Config {
                self.feature(Features::$FEATURE, on)
            }
        )*}

        #[cfg(test)]
        type Switch = fn(&mut Config, bool) -> &mut Config;

        #[cfg(test)]
        const SWITCHES: &[(&str, Switch)] = &[$(($name, Config::$method),)*];
    };
}

proposals! {
    wasm_mutable_global MUTABLE_GLOBAL "mutable-global";
    wasm_saturating_float_to_int SATURATING_FLOAT_TO_INT "saturating-float-to-int";
    wasm_sign_extension SIGN_EXTENSION "sign-extension";
    wasm_multi_value MULTI_VALUE "multi-value";
    wasm_bulk_memory_opt BULK_MEMORY_OPT "bulk-memory-opt";
    wasm_bulk_memory BULK_MEMORY "bulk-memory";
    wasm_call_indirect_overlong CALL_INDIRECT_OVERLONG "call-indirect-overlong";
    wasm_reference_types REFERENCE_TYPES "reference-types";
    wasm_simd SIMD "simd";
    wasm_relaxed_simd RELAXED_SIMD "relaxed-simd";
    wasm_tail_call TAIL_CALL "tail-call";
    wasm_extended_const EXTENDED_CONST "extended-const";
    wasm_multi_memory MULTI_MEMORY "multi-memory";
    wasm_memory64 MEMORY64 "memory64";
    wasm_exceptions EXCEPTIONS "exceptions";
    wasm_function_references FUNCTION_REFERENCES "function-references";
    wasm_gc GC "gc";
    wasm_threads THREADS "threads";
    wasm_custom_page_sizes CUSTOM_PAGE_SIZES "custom-page-sizes";
    wasm_wide_arithmetic WIDE_ARITHMETIC "wide-arithmetic";
    wasm_legacy_exceptions LEGACY_EXCEPTIONS "legacy-exceptions";
    wasm_acquire_release_atomics ACQUIRE_RELEASE_ATOMICS "acquire-release-atomics";
    wasm_compact_imports COMPACT_IMPORTS "compact-imports";
    wasm_shared_everything_threads SHARED_EVERYTHING_THREADS "shared-everything-threads";
    wasm_stack_switching STACK_SWITCHING "stack-switching";
    wasm_custom_descriptors CUSTOM_DESCRIPTORS "custom-descriptors";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proposal_has_a_switch() {
        let names: Vec<_> = Features::ALL.iter().map(|feature| feature.name).collect();
        assert_eq!(SWITCHES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
        for (name, switch) in SWITCHES {
            let bit = Features::by_name(name).unwrap().bit;
            let mut config = Config::new();
            config.wasm_features(Features::wasm1());
            assert!(switch(&mut config, true).features().contains(bit.with_needs()), "{name}");
            config.check().unwrap();
            assert!(!switch(&mut config, false).features().contains(bit), "{name}");
        }
    }

    #[test]
    fn a_proposal_without_what_it_needs_is_refused() {
        let mut config = Config::new();
        config.wasm_function_references(false);
        let error = config.check().unwrap_err().to_string();
        assert_eq!(error, "the proposal `gc` needs `function-references`, which is switched off");
    }
}
