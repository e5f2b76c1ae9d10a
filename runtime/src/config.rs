//! The settings of an engine that the runtime and compiled code depend on.

/// Settings, the same for every store and module of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// Whether code counts fuel.
    pub fuel: bool,
    /// Whether code looks at the epoch.
    pub epoch_interruption: bool,
    /// Bytes of guest stack of a store.
    pub max_wasm_stack: usize,
    /// Bytes of native stack that guest code and the host functions it calls may take together.
    pub max_native_stack: usize,
    /// Bytes of address space reserved for a 32-bit memory, unless its maximum is smaller
    /// and code checks bounds.
    pub memory_reservation: u64,
    /// Bytes of address space kept inaccessible after each memory.
    pub memory_guard: u64,
    /// Whether code relies on reservation and guard instead of checking bounds: a memory
    /// that cannot have both whole is refused.
    pub memory_guarded: bool,
    /// Whether every function has a reference, so that functions of one module may be
    /// made by different makers of code.
    pub refer_to_all: bool,
    /// Bytes of a body above which a function is not compiled. Where there is one, every
    /// function has a reference.
    pub max_compiled_body: usize,
    /// Whether initial memory contents are mapped copy-on-write where the system can.
    pub memory_images: bool,
    /// Whether relaxed SIMD operators give the same results everywhere.
    pub deterministic_relaxed_simd: bool,
    /// Bytes that the objects of a store's GC heap may take, at most 2 GiB. While
    /// it is collected, the heap takes up to twice as much memory.
    pub max_gc_heap: u64,
    /// Whether every allocation on a GC heap collects first, and the objects' old
    /// addresses become inaccessible: finds references that were missed.
    pub gc_torture: bool,
}

impl Default for RuntimeConfig {
    fn default() -> RuntimeConfig {
        RuntimeConfig {
            fuel: false,
            epoch_interruption: false,
            max_wasm_stack: 1 << 20,
            max_native_stack: 1 << 20,
            memory_reservation: 4 << 30,
            memory_guard: 32 << 20,
            memory_guarded: false,
            refer_to_all: false,
            max_compiled_body: usize::MAX,
            memory_images: true,
            deterministic_relaxed_simd: true,
            max_gc_heap: 1 << 30,
            gc_torture: false,
        }
    }
}
