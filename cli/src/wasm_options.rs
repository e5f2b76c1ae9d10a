//! The `-W` group: resources that a guest may use, what unknown imports become,
//! and a switch for every proposal.

use crate::options::{self, Row, duration, number, size, switch};
use dayfly::{Config, Features, StoreLimits, StoreLimitsBuilder};
use std::time::Duration;

/// What the `-W` options ask for.
#[derive(Default, Debug)]
pub struct WasmOptions {
    /// Whether to list the options and do nothing else.
    pub help: bool,
    /// Fuel for the whole run.
    pub fuel: Option<u64>,
    /// Wall-clock time for the whole run.
    pub timeout: Option<Duration>,
    /// What functions that nobody provides do.
    pub unknown_imports: UnknownImports,
    epoch_interruption: bool,
    max_wasm_stack: Option<usize>,
    max_gc_heap_size: Option<usize>,
    max_types_size: Option<usize>,
    gc_torture: bool,
    max_memory_size: Option<usize>,
    max_table_elements: Option<usize>,
    max_instances: Option<usize>,
    trap_on_grow_failure: bool,
    relaxed_simd_deterministic: bool,
    spectre_hardening: bool,
    lazy_compilation: bool,
    features: Features,
}

/// What becomes of imports that nobody provides.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownImports {
    /// The module is not instantiated.
    #[default]
    Refuse,
    /// Functions trap when they are called.
    Trap,
    /// Functions return zeros.
    Default,
}

const ROWS: &[Row<WasmOptions>] = &[
    Row {
        key: "fuel",
        value: "N",
        about: "trap after about N operators",
        set: |o, v| number(v).map(|n| o.fuel = Some(n)),
    },
    Row {
        key: "timeout",
        value: "DURATION",
        about: "trap after 500ms, 2s, 1m of running",
        set: |o, v| duration(v).map(|d| o.timeout = Some(d)),
    },
    Row {
        key: "epoch-interruption",
        value: "",
        about: "compile in what `timeout` uses to stop a guest",
        set: |o, v| switch(v).map(|on| o.epoch_interruption = on),
    },
    Row {
        key: "max-wasm-stack",
        value: "BYTES",
        about: "stack of the guest; deeper recursion traps",
        set: |o, v| size(v).map(|n| o.max_wasm_stack = Some(n)),
    },
    Row {
        key: "max-gc-heap-size",
        value: "BYTES",
        about: "objects of the GC heap at most; more traps",
        set: |o, v| size(v).map(|n| o.max_gc_heap_size = Some(n)),
    },
    Row {
        key: "max-types-size",
        value: "BYTES",
        about: "types of modules at most; more are refused",
        set: |o, v| size(v).map(|n| o.max_types_size = Some(n)),
    },
    Row {
        key: "gc-torture",
        value: "",
        about: "move all objects at each allocation, to find errors of the engine",
        set: |o, v| switch(v).map(|on| o.gc_torture = on),
    },
    Row {
        key: "max-memory-size",
        value: "BYTES",
        about: "size of each memory at most",
        set: |o, v| size(v).map(|n| o.max_memory_size = Some(n)),
    },
    Row {
        key: "max-table-elements",
        value: "N",
        about: "entries of each table at most",
        set: |o, v| size(v).map(|n| o.max_table_elements = Some(n)),
    },
    Row {
        key: "max-instances",
        value: "N",
        about: "instances at most, preloaded modules included",
        set: |o, v| size(v).map(|n| o.max_instances = Some(n)),
    },
    Row {
        key: "trap-on-grow-failure",
        value: "",
        about: "trap where memory.grow or table.grow would return -1",
        set: |o, v| switch(v).map(|on| o.trap_on_grow_failure = on),
    },
    Row {
        key: "unknown-imports-trap",
        value: "",
        about: "functions that nobody provides trap when called",
        set: |o, v| switch(v).map(|on| o.set_unknown_imports(on, UnknownImports::Trap)),
    },
    Row {
        key: "unknown-imports-default",
        value: "",
        about: "functions that nobody provides return zeros",
        set: |o, v| switch(v).map(|on| o.set_unknown_imports(on, UnknownImports::Default)),
    },
    Row {
        key: "relaxed-simd-deterministic",
        value: "",
        about: "relaxed SIMD gives the same results on every machine",
        set: |o, v| switch(v).map(|on| o.relaxed_simd_deterministic = on),
    },
    Row {
        key: "spectre-hardening",
        value: "",
        about: "compiled code keeps indices within bounds also in speculation",
        set: |o, v| switch(v).map(|on| o.spectre_hardening = on),
    },
    Row {
        key: "lazy-compilation",
        value: "",
        about: "compile functions when they are first called: long programs start sooner",
        set: |o, v| switch(v).map(|on| o.lazy_compilation = on),
    },
    Row {
        key: "all-proposals",
        value: "",
        about: "switch all proposals below on (or off: what 1.0 lacks)",
        set: |o, v| switch(v).map(|on| o.features = if on { Features::every() } else { Features::wasm1() }),
    },
];

impl WasmOptions {
    /// Reads the values of all `-W` flags, in their order.
    pub fn parse(flags: &[String]) -> Result<WasmOptions, String> {
        let mut options = WasmOptions::default();
        flags.iter().try_for_each(|flag| options.apply(flag))?;
        Ok(options)
    }

    /// Accepts the value of a flag that `parse` can read.
    pub fn check(flag: &str) -> Result<String, String> {
        WasmOptions::default().apply(flag).map(|()| flag.to_owned())
    }

    /// The list of options.
    pub fn list() -> String {
        let mut list = String::from("WebAssembly options (several are separated by commas):\n");
        for row in ROWS {
            options::list_line(&mut list, 'W', row.key, row.value, row.about);
        }
        list.push_str("\nProposals (`-W KEY` or `-W KEY=n`; on by default where marked *):\n");
        for feature in Features::ALL {
            let mark = if Features::default().contains(feature.bit) { "* " } else { "  " };
            options::list_line(&mut list, 'W', feature.name, "", &format!("{mark}{}", feature.about));
        }
        list
    }

    /// Sets up an engine's configuration.
    pub fn configure(&self, config: &mut Config) {
        config.wasm_features(self.features);
        config.consume_fuel(self.fuel.is_some());
        config.epoch_interruption(self.epoch_interruption || self.timeout.is_some());
        config.relaxed_simd_deterministic(self.relaxed_simd_deterministic);
        config.spectre_hardening(self.spectre_hardening);
        config.lazy_compilation(self.lazy_compilation);
        if let Some(bytes) = self.max_wasm_stack {
            config.max_wasm_stack(bytes);
        }
        if let Some(bytes) = self.max_gc_heap_size {
            config.max_gc_heap_size(bytes as u64);
        }
        if let Some(bytes) = self.max_types_size {
            config.max_types_size(bytes as u64);
        }
        config.gc_torture(self.gc_torture);
    }

    /// The limits of a store.
    pub fn limits(&self) -> StoreLimits {
        let mut limits = StoreLimitsBuilder::new().trap_on_grow_failure(self.trap_on_grow_failure);
        if let Some(bytes) = self.max_memory_size {
            limits = limits.memory_size(bytes);
        }
        if let Some(entries) = self.max_table_elements {
            limits = limits.table_elements(entries);
        }
        if let Some(instances) = self.max_instances {
            limits = limits.instances(instances);
        }
        limits.build()
    }

    fn apply(&mut self, flag: &str) -> Result<(), String> {
        for (key, value) in options::settings(flag) {
            if key == "help" {
                self.help = true;
            } else if let Some(row) = ROWS.iter().find(|row| row.key == key) {
                (row.set)(self, value).map_err(|reason| format!("{key}: {reason}"))?;
            } else if let Some(feature) = Features::by_name(key) {
                let on = switch(value).map_err(|reason| format!("{key}: {reason}"))?;
                self.features = switched(self.features, feature.bit, on);
            } else {
                let keys = ROWS.iter().map(|row| row.key).chain(Features::ALL.iter().map(|f| f.name));
                return Err(options::unknown('W', key, keys));
            }
        }
        Ok(())
    }

    fn set_unknown_imports(&mut self, on: bool, to: UnknownImports) {
        if on {
            self.unknown_imports = to;
        } else if self.unknown_imports == to {
            self.unknown_imports = UnknownImports::Refuse;
        }
    }
}

/// A set with a proposal switched: on with all that it needs, off with all that need it.
fn switched(features: Features, bit: Features, on: bool) -> Features {
    if on {
        return features.with(bit.with_needs());
    }
    let mut left = features.without(bit);
    while let Some(orphan) = left.iter().find(|f| !left.contains(f.needs)) {
        left = left.without(orphan.bit);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(flags: &[&str]) -> Result<WasmOptions, String> {
        WasmOptions::parse(&flags.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn settings_are_separated_by_commas_or_flags() {
        let options = parse(&["fuel=1_000, timeout=2s", "gc=n", "max-memory-size=1m"]).unwrap();
        assert_eq!(options.fuel, Some(1000));
        assert_eq!(options.timeout, Some(Duration::from_secs(2)));
        assert_eq!(options.max_memory_size, Some(1 << 20));
        assert!(!options.features.contains(Features::GC));
    }

    #[test]
    fn proposals_bring_what_they_need_and_take_what_needs_them() {
        let options = parse(&["function-references=n"]).unwrap();
        assert!(!options.features.contains(Features::GC));
        let options = parse(&["all-proposals=n,gc"]).unwrap();
        assert!(options.features.contains(Features::GC.with_needs()));
        assert!(!options.features.contains(Features::SIMD));
        assert_eq!(parse(&["all-proposals"]).unwrap().features, Features::every());
    }

    #[test]
    fn errors_name_the_option() {
        assert!(parse(&["fuel=much"]).unwrap_err().starts_with("fuel: `much` is not a number"));
        assert!(parse(&["fuel"]).unwrap_err().starts_with("fuel: a number is missing"));
        assert!(parse(&["gc=perhaps"]).unwrap_err().starts_with("gc: `perhaps` is neither"));
        assert!(parse(&["fule=1"]).unwrap_err().contains("is `fuel` meant?"));
    }

    #[test]
    fn every_option_is_listed() {
        let list = WasmOptions::list();
        assert!(ROWS.iter().all(|row| list.contains(row.key)));
        assert!(Features::ALL.iter().all(|feature| list.contains(feature.name)));
    }
}
