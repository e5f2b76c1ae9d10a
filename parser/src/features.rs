//! The proposals that a module may use, one bit each.
//! Invariant: a bit's position is its row in `ALL`.

use core::fmt;
use wasmparser::WasmFeatures;

/// A set of proposals.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features(u32);

/// A proposal, as `Features::ALL` lists it.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// Its bit.
    pub bit: Features,
    /// Its name on a command line: `gc`, `tail-call`.
    pub name: &'static str,
    /// What it brings, in one line.
    pub about: &'static str,
    /// What of it cannot be used without these.
    pub needs: Features,
}

impl Features {
    /// Mutable globals can be imported and exported.
    pub const MUTABLE_GLOBAL: Features = Features(1);
    /// Float to integer conversions that saturate.
    pub const SATURATING_FLOAT_TO_INT: Features = Features(1 << 1);
    /// Sign-extending operators.
    pub const SIGN_EXTENSION: Features = Features(1 << 2);
    /// Blocks with parameters, several results.
    pub const MULTI_VALUE: Features = Features(1 << 3);
    /// `memory.copy` and `memory.fill` alone; part of bulk memory.
    pub const BULK_MEMORY_OPT: Features = Features(1 << 4);
    /// Bulk operators on memories and tables, passive segments; includes `BULK_MEMORY_OPT`.
    pub const BULK_MEMORY: Features = Features(1 << 5 | Features::BULK_MEMORY_OPT.0);
    /// The table of a `call_indirect` as an integer of any length; part of reference types.
    pub const CALL_INDIRECT_OVERLONG: Features = Features(1 << 6);
    /// `externref`, several tables; includes `CALL_INDIRECT_OVERLONG`.
    pub const REFERENCE_TYPES: Features = Features(1 << 7 | Features::CALL_INDIRECT_OVERLONG.0);
    /// 128-bit vectors.
    pub const SIMD: Features = Features(1 << 8);
    /// Vector operators whose result the machine may choose. Needs `SIMD`.
    pub const RELAXED_SIMD: Features = Features(1 << 9);
    /// Tail calls.
    pub const TAIL_CALL: Features = Features(1 << 10);
    /// Arithmetic in constant expressions.
    pub const EXTENDED_CONST: Features = Features(1 << 11);
    /// Several memories.
    pub const MULTI_MEMORY: Features = Features(1 << 12);
    /// 64-bit memories and tables.
    pub const MEMORY64: Features = Features(1 << 13);
    /// Exceptions with `try_table` and `exnref`.
    pub const EXCEPTIONS: Features = Features(1 << 14);
    /// Typed function references. Needs `REFERENCE_TYPES`.
    pub const FUNCTION_REFERENCES: Features = Features(1 << 15);
    /// Structures, arrays, `i31`. Needs `FUNCTION_REFERENCES` and `REFERENCE_TYPES`.
    pub const GC: Features = Features(1 << 16);
    /// Shared memories and atomics.
    pub const THREADS: Features = Features(1 << 17);
    /// Memories whose pages are one byte.
    pub const CUSTOM_PAGE_SIZES: Features = Features(1 << 18);
    /// 128-bit integer arithmetic.
    pub const WIDE_ARITHMETIC: Features = Features(1 << 19);
    /// Exceptions with `try` and `catch`, as older programs have them.
    pub const LEGACY_EXCEPTIONS: Features = Features(1 << 20);
    /// A memory order weaker than sequential consistency. Needs `THREADS`.
    pub const ACQUIRE_RELEASE_ATOMICS: Features = Features(1 << 21);
    /// Imports of one module written together.
    pub const COMPACT_IMPORTS: Features = Features(1 << 22);
    /// Shared functions, tables, globals and types. Needs `THREADS`.
    pub const SHARED_EVERYTHING_THREADS: Features = Features(1 << 23);
    /// Continuations. Needs `FUNCTION_REFERENCES` and `EXCEPTIONS`.
    pub const STACK_SWITCHING: Features = Features(1 << 24);
    /// Type descriptors and exact references. Needs `GC`.
    pub const CUSTOM_DESCRIPTORS: Features = Features(1 << 25);

    /// Every proposal, in bit order.
    pub const ALL: &'static [Feature] = &[
        feature(Features::MUTABLE_GLOBAL, "mutable-global", "import and export mutable globals", NONE),
        feature(
            Features::SATURATING_FLOAT_TO_INT,
            "saturating-float-to-int",
            "float to integer conversions that saturate",
            NONE,
        ),
        feature(Features::SIGN_EXTENSION, "sign-extension", "sign-extending integer operators", NONE),
        feature(Features::MULTI_VALUE, "multi-value", "blocks with parameters, several results", NONE),
        feature(Features::BULK_MEMORY_OPT, "bulk-memory-opt", "memory.copy and memory.fill alone", NONE),
        feature(Features::BULK_MEMORY, "bulk-memory", "bulk memory and table operators", NONE),
        feature(
            Features::CALL_INDIRECT_OVERLONG,
            "call-indirect-overlong",
            "table index of call_indirect of any encoded length",
            NONE,
        ),
        feature(Features::REFERENCE_TYPES, "reference-types", "externref, several tables", NONE),
        feature(Features::SIMD, "simd", "128-bit vectors", NONE),
        feature(
            Features::RELAXED_SIMD,
            "relaxed-simd",
            "vector operators with machine-dependent results",
            Features::SIMD,
        ),
        feature(Features::TAIL_CALL, "tail-call", "tail calls", NONE),
        feature(Features::EXTENDED_CONST, "extended-const", "arithmetic in constant expressions", NONE),
        feature(Features::MULTI_MEMORY, "multi-memory", "several memories in a module", NONE),
        feature(Features::MEMORY64, "memory64", "64-bit memories and tables", NONE),
        feature(Features::EXCEPTIONS, "exceptions", "exceptions with try_table and exnref", NONE),
        feature(
            Features::FUNCTION_REFERENCES,
            "function-references",
            "typed function references",
            Features::REFERENCE_TYPES,
        ),
        feature(
            Features::GC,
            "gc",
            "structures, arrays and i31 references",
            Features(Features::FUNCTION_REFERENCES.0 | Features::REFERENCE_TYPES.0),
        ),
        feature(Features::THREADS, "threads", "shared memories and atomics", NONE),
        feature(Features::CUSTOM_PAGE_SIZES, "custom-page-sizes", "memories with pages of one byte", NONE),
        feature(Features::WIDE_ARITHMETIC, "wide-arithmetic", "128-bit integer arithmetic", NONE),
        feature(
            Features::LEGACY_EXCEPTIONS,
            "legacy-exceptions",
            "exceptions with try and catch, as older programs have them",
            NONE,
        ),
        feature(
            Features::ACQUIRE_RELEASE_ATOMICS,
            "acquire-release-atomics",
            "atomics weaker than sequential consistency",
            Features::THREADS,
        ),
        feature(Features::COMPACT_IMPORTS, "compact-imports", "imports of one module written together", NONE),
        feature(
            Features::SHARED_EVERYTHING_THREADS,
            "shared-everything-threads",
            "shared functions, tables, globals and types",
            Features::THREADS,
        ),
        feature(
            Features::STACK_SWITCHING,
            "stack-switching",
            "continuations",
            Features(Features::FUNCTION_REFERENCES.0 | Features::EXCEPTIONS.0),
        ),
        feature(
            Features::CUSTOM_DESCRIPTORS,
            "custom-descriptors",
            "type descriptors and exact references",
            Features::GC,
        ),
    ];

    /// No proposal: the standard's first version without mutable globals.
    pub const fn none() -> Features {
        NONE
    }

    /// What version 1.0 of the standard has.
    pub const fn wasm1() -> Features {
        Features::MUTABLE_GLOBAL
    }

    /// What version 2.0 of the standard has.
    pub const fn wasm2() -> Features {
        Features::wasm1()
            .with(Features::SATURATING_FLOAT_TO_INT)
            .with(Features::SIGN_EXTENSION)
            .with(Features::MULTI_VALUE)
            .with(Features::BULK_MEMORY)
            .with(Features::REFERENCE_TYPES)
            .with(Features::SIMD)
    }

    /// What version 3.0 of the standard has.
    pub const fn wasm3() -> Features {
        Features::wasm2()
            .with(Features::RELAXED_SIMD)
            .with(Features::TAIL_CALL)
            .with(Features::EXTENDED_CONST)
            .with(Features::MULTI_MEMORY)
            .with(Features::MEMORY64)
            .with(Features::EXCEPTIONS)
            .with(Features::FUNCTION_REFERENCES)
            .with(Features::GC)
    }

    /// Every proposal, finished or not.
    pub const fn every() -> Features {
        let mut all = NONE;
        let mut i = 0;
        while i < Features::ALL.len() {
            all = all.with(Features::ALL[i].bit);
            i += 1;
        }
        all
    }

    /// These and `others`.
    pub const fn with(self, others: Features) -> Features {
        Features(self.0 | others.0)
    }

    /// These without `others`. Taking away a part takes away what includes it.
    pub const fn without(self, others: Features) -> Features {
        let mut left = self.0 & !others.0;
        if left & Features::BULK_MEMORY_OPT.0 == 0 {
            left &= !Features::BULK_MEMORY.0;
        }
        if left & Features::CALL_INDIRECT_OVERLONG.0 == 0 {
            left &= !Features::REFERENCE_TYPES.0;
        }
        Features(left)
    }

    /// These without one, of which its parts stay.
    pub(crate) const fn without_own_bit(self, feature: Features) -> Features {
        let parts = Features::BULK_MEMORY_OPT.0 | Features::CALL_INDIRECT_OVERLONG.0;
        let own = if feature.0 & !parts == 0 { feature.0 } else { feature.0 & !parts };
        self.without(Features(own))
    }

    /// Whether all `others` are among these.
    pub const fn contains(self, others: Features) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and, over and over, what they need.
    pub fn with_needs(self) -> Features {
        let mut all = self;
        loop {
            let more = all.iter().fold(all, |set, feature| set.with(feature.needs));
            if more == all {
                return all;
            }
            all = more;
        }
    }

    /// The proposals in the set.
    pub fn iter(self) -> impl Iterator<Item = &'static Feature> {
        Features::ALL.iter().filter(move |feature| self.contains(feature.bit))
    }

    /// The proposal of that name.
    pub fn by_name(name: &str) -> Option<&'static Feature> {
        Features::ALL.iter().find(|feature| feature.name == name)
    }

    /// The set as the validator knows it.
    pub(crate) fn to_wasmparser(self) -> WasmFeatures {
        let always = WasmFeatures::FLOATS | WasmFeatures::GC_TYPES;
        self.iter().fold(always, |set, feature| set | wasmparser_bit(feature.bit))
    }

    /// The proposal that the validator misses.
    pub(crate) fn from_wasmparser(missing: WasmFeatures) -> Option<&'static Feature> {
        Features::ALL.iter().find(|feature| wasmparser_bit(feature.bit) == missing)
    }
}

const NONE: Features = Features(0);

const fn feature(bit: Features, name: &'static str, about: &'static str, needs: Features) -> Feature {
    Feature { bit, name, about, needs }
}

/// What the validator calls one proposal.
fn wasmparser_bit(feature: Features) -> WasmFeatures {
    match feature {
        Features::MUTABLE_GLOBAL => WasmFeatures::MUTABLE_GLOBAL,
        Features::SATURATING_FLOAT_TO_INT => WasmFeatures::SATURATING_FLOAT_TO_INT,
        Features::SIGN_EXTENSION => WasmFeatures::SIGN_EXTENSION,
        Features::MULTI_VALUE => WasmFeatures::MULTI_VALUE,
        Features::BULK_MEMORY_OPT => WasmFeatures::BULK_MEMORY_OPT,
        Features::BULK_MEMORY => WasmFeatures::BULK_MEMORY,
        Features::CALL_INDIRECT_OVERLONG => WasmFeatures::CALL_INDIRECT_OVERLONG,
        Features::REFERENCE_TYPES => WasmFeatures::REFERENCE_TYPES,
        Features::SIMD => WasmFeatures::SIMD,
        Features::RELAXED_SIMD => WasmFeatures::RELAXED_SIMD,
        Features::TAIL_CALL => WasmFeatures::TAIL_CALL,
        Features::EXTENDED_CONST => WasmFeatures::EXTENDED_CONST,
        Features::MULTI_MEMORY => WasmFeatures::MULTI_MEMORY,
        Features::MEMORY64 => WasmFeatures::MEMORY64,
        Features::EXCEPTIONS => WasmFeatures::EXCEPTIONS,
        Features::FUNCTION_REFERENCES => WasmFeatures::FUNCTION_REFERENCES,
        Features::GC => WasmFeatures::GC,
        Features::THREADS => WasmFeatures::THREADS,
        Features::CUSTOM_PAGE_SIZES => WasmFeatures::CUSTOM_PAGE_SIZES,
        Features::WIDE_ARITHMETIC => WasmFeatures::WIDE_ARITHMETIC,
        Features::LEGACY_EXCEPTIONS => WasmFeatures::LEGACY_EXCEPTIONS,
        Features::ACQUIRE_RELEASE_ATOMICS => WasmFeatures::ACQUIRE_RELEASE_ATOMICS,
        Features::COMPACT_IMPORTS => WasmFeatures::COMPACT_IMPORTS,
        Features::SHARED_EVERYTHING_THREADS => WasmFeatures::SHARED_EVERYTHING_THREADS,
        Features::STACK_SWITCHING => WasmFeatures::STACK_SWITCHING,
        Features::CUSTOM_DESCRIPTORS => WasmFeatures::CUSTOM_DESCRIPTORS,
        _ => WasmFeatures::empty(),
    }
}

impl Default for Features {
    /// Version 3.0 of the standard, what is ready to follow it, and what older programs use.
    fn default() -> Features {
        Features::wasm3()
            .with(Features::THREADS)
            .with(Features::CUSTOM_PAGE_SIZES)
            .with(Features::WIDE_ARITHMETIC)
            .with(Features::LEGACY_EXCEPTIONS)
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|feature| feature.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_listed_and_known_to_the_validator() {
        for (i, feature) in Features::ALL.iter().enumerate() {
            assert!(feature.bit.0 & 1 << i != 0, "{}", feature.name);
            assert!(feature.bit.0 >> i <= 1, "{}", feature.name);
            assert!(!wasmparser_bit(feature.bit).is_empty(), "{}", feature.name);
            assert_eq!(Features::by_name(feature.name).unwrap().bit, feature.bit);
            assert_eq!(Features::from_wasmparser(wasmparser_bit(feature.bit)).unwrap().name, feature.name);
        }
        assert!(Features::by_name("nothing").is_none());
    }

    #[test]
    fn versions_are_those_of_the_validator() {
        assert_eq!(Features::wasm1().to_wasmparser(), WasmFeatures::WASM1);
        assert_eq!(Features::wasm2().to_wasmparser(), WasmFeatures::WASM2);
        let threads = Features::wasm3().with(Features::THREADS);
        assert_eq!(threads.to_wasmparser(), WasmFeatures::WASM3);
    }

    #[test]
    fn parts_and_needs() {
        let none_of_it = Features::wasm2().without(Features::BULK_MEMORY_OPT);
        assert!(!none_of_it.contains(Features::BULK_MEMORY));
        assert!(Features::wasm2().without(Features::SIMD).contains(Features::BULK_MEMORY));
        assert!(Features::GC.with_needs().contains(Features::REFERENCE_TYPES));
        assert!(Features::default().contains(Features::default().with_needs()));
    }
}
