//! Random modules, from a number: valid, without imports, sure to end.

use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};

/// Loops and calls of an instance, before it traps.
const FUEL: u32 = 1_000;

/// The module of a seed, which makes and uses objects; `None` if there is none.
pub fn of_objects(seed: u64) -> Option<Vec<u8>> {
    module(seed, objects(seed), 1 << 13)
}

/// The module of a seed, which does anything; `None` if there is none.
pub fn of_everything(seed: u64) -> Option<Vec<u8>> {
    module(seed, everything(seed), 1 << 12)
}

/// The module of a seed, which does what engines without objects know; `None` if there is none.
pub fn of_numbers(seed: u64) -> Option<Vec<u8>> {
    module(seed, numbers(seed), 1 << 12)
}

/// The module that bytes give, which does what engines without objects know; `None` if there is none.
pub fn of_numbers_of_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
    let (seed, rest) = bytes.split_first_chunk()?;
    terminating(numbers(u64::from_le_bytes(*seed)), rest)
}

/// The module that bytes give, which does anything; `None` if there is none.
pub fn of_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
    let (seed, rest) = bytes.split_first_chunk()?;
    terminating(everything(u64::from_le_bytes(*seed)), rest)
}

/// The module that comes of at most so many random words.
fn module(seed: u64, config: Config, words: u64) -> Option<Vec<u8>> {
    let mut random = Random(seed);
    let dna: Vec<u8> = (0..random.below(words) + 512).flat_map(|_| random.next().to_le_bytes()).collect();
    terminating(config, &dna)
}

fn terminating(config: Config, dna: &[u8]) -> Option<Vec<u8>> {
    let mut module = Module::new(config, &mut arbitrary::Unstructured::new(dna)).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(module.to_bytes())
}

/// What all modules have in common: everything exported, nothing imported, little of each.
fn common(seed: u64) -> Config {
    Config {
        allow_start_export: seed.is_multiple_of(8),
        compact_imports_enabled: false,
        disallow_traps: seed % 4 >= 2,
        export_everything: true,
        limit_arrays_in_const_exprs: true,
        max_data_segments: 4,
        max_element_segments: 6,
        max_elements: 20,
        max_funcs: 8,
        max_globals: 10,
        max_imports: 0,
        max_instructions: 300,
        max_memories: 1,
        max_memory32_bytes: 1 << 18,
        max_memory64_bytes: 1 << 18,
        max_table_elements: 50,
        max_tables: 3,
        max_tags: 4,
        max_types: 24,
        min_funcs: 3,
        min_globals: 2,
        min_types: 8,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// Every other seed gives a module whose code does little but make and use objects;
/// half of the modules hardly ever trap.
fn objects(seed: u64) -> Config {
    use InstructionKind::*;
    let aggregates = [NumericInt, Reference, Parametric, Variable, Table, Control, Aggregate];
    let all = InstructionKinds::all();
    let kinds = if seed.is_multiple_of(2) { InstructionKinds::new(&aggregates) } else { all };
    Config { allowed_instructions: kinds, ..common(seed) }
}

/// All that engines know but relaxed vectors, whose NaNs stay as they come; of every four seeds one gives a module of numbers and memory,
/// one a module of calls and exceptions.
fn everything(seed: u64) -> Config {
    use InstructionKind::*;
    let kinds = match seed / 4 % 4 {
        0 => InstructionKinds::new(&[Numeric, Vector, Parametric, Variable, Memory, Control]),
        1 => InstructionKinds::new(&[NumericInt, Reference, Parametric, Variable, Table, Control]),
        _ => InstructionKinds::all(),
    };
    Config {
        allowed_instructions: kinds,
        canonicalize_nans: true,
        custom_page_sizes_enabled: true,
        max_instructions: 150,
        max_memories: 3,
        relaxed_simd_enabled: false,
        threads_enabled: true,
        wide_arithmetic_enabled: true,
        ..common(seed)
    }
}

/// Neither objects, exceptions nor threads, which not every engine knows.
fn numbers(seed: u64) -> Config {
    Config {
        exceptions_enabled: false,
        gc_enabled: false,
        max_tags: 0,
        threads_enabled: false,
        ..everything(seed)
    }
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[test]
fn any_bytes_are_a_module_or_none() {
    let mut random = Random(3);
    let bytes: Vec<u8> = (0..400).flat_map(|_| random.next().to_le_bytes()).collect();
    for of_bytes in [of_bytes, of_numbers_of_bytes] {
        let is_module = |wasm: Vec<u8>| wasm.starts_with(b"\0asm");
        let found = (0..40).filter(|n| of_bytes(&bytes[n * 8..]).is_some_and(is_module)).count();
        assert!(of_bytes(&[1; 7]).is_none() && found > 20, "{found}");
    }
}
