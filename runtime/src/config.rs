//! The settings of an engine that the runtime and compiled code depend on.

/// Settings, the same for every store and module of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// Whether code counts fuel.
    pub fuel: bool,
    /// Whether code looks at the epoch.
    pub epoch_interruption: bool,
    /// Whether interpreted code counts calls of functions and rounds of loops.
    pub count_executions: bool,
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
    /// Whether compiled code expands small functions where they are called.
    pub inlining: bool,
    /// Whether compiled code keeps indices within bounds also where the processor guesses that they are.
    pub spectre_hardening: bool,
    /// Whether initial memory contents are mapped copy-on-write where the system can.
    pub memory_images: bool,
    /// Whether what a store of a prepared module leaves behind is used again.
    pub instance_reuse: bool,
    /// Bytes that the parts of instances may take which wait beside the stores.
    pub max_idle_memory: u64,
    /// How it is learned which pages of a memory an instance has written; `None` takes
    /// the best that works.
    pub memory_tracking: Option<MemoryTracking>,
    /// Whether all state is compared with a fresh instance's whenever it is used again.
    pub check_instance_reuse: bool,
    /// Whether relaxed SIMD operators give the same results everywhere.
    pub deterministic_relaxed_simd: bool,
    /// Bytes that the objects of a store's GC heap may take, at most 2 GiB. While
    /// it is collected, the heap takes up to twice as much memory.
    pub max_gc_heap: u64,
    /// Bytes that the types of all modules may take together; they are kept as long as the engine.
    pub max_types: u64,
    /// Whether every allocation on a GC heap collects first, and the objects' old
    /// addresses become inaccessible: finds references that were missed.
    pub gc_torture: bool,
}

/// How it is learned which pages of a memory an instance has written, so that only they
/// are written back when it is used again. `docs/instances.md` compares them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum MemoryTracking {
    /// Pages are protected by `userfaultfd`; the first write to each is a signal. The best
    /// there is: resetting asks the kernel for nothing.
    UserFault,
    /// As `UserFault`, protected by `mprotect`, which takes a mapping for each piece.
    Protect,
    /// Nothing is protected; the kernel is asked at each reset (`PAGEMAP_SCAN`).
    Scan,
    /// Nothing is known; all pages are given back at each reset, or all copied if they are few.
    Discard,
}

impl MemoryTracking {
    /// All of them, the best first.
    pub const ALL: [MemoryTracking; 4] =
        [MemoryTracking::UserFault, MemoryTracking::Protect, MemoryTracking::Scan, MemoryTracking::Discard];
}

impl Default for RuntimeConfig {
    fn default() -> RuntimeConfig {
        RuntimeConfig {
            fuel: false,
            epoch_interruption: false,
            count_executions: false,
            max_wasm_stack: 1 << 20,
            max_native_stack: 1 << 20,
            memory_reservation: 4 << 30,
            memory_guard: 32 << 20,
            memory_guarded: false,
            refer_to_all: false,
            inlining: true,
            spectre_hardening: false,
            memory_images: true,
            instance_reuse: true,
            max_idle_memory: 512 << 20,
            memory_tracking: None,
            check_instance_reuse: false,
            deterministic_relaxed_simd: true,
            max_gc_heap: 1 << 30,
            max_types: 1 << 30,
            gc_torture: false,
        }
    }
}
