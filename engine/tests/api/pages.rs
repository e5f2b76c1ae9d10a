//! What the pages of a process are while compiled code runs: no page can be written and executed, and what follows a
//! memory cannot be accessed.

use dayfly::{Caller, Config, Engine, Linker, Module, Store, Strategy};
use std::fs;
use std::ops::Range;

/// A piece of the address space.
struct Mapping {
    addresses: Range<usize>,
    permissions: String,
}

fn mappings() -> Vec<Mapping> {
    let number = |text: &str| usize::from_str_radix(text, 16).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mapping = |line: &str| {
        let (addresses, rest) = line.split_once(' ').unwrap();
        let (start, end) = addresses.split_once('-').unwrap();
        Mapping { addresses: number(start)..number(end), permissions: rest[..4].to_owned() }
    };
    maps.lines().map(mapping).collect()
}

#[test]
fn no_page_is_written_and_executed_and_memories_have_guards() {
    let Ok(engine) = Engine::new(Config::new().strategy(Strategy::Compiler)) else { return };
    let module = Module::new(
        &engine,
        r#"(module (import "host" "look" (func $look)) (memory (export "memory") 3 10)
            (func (export "run") (i32.store (i32.const 0) (i32.const 7)) (call $look)))"#,
    )
    .unwrap();
    let mut linker = Linker::new(&engine);
    let look = |mut caller: Caller<'_, Vec<Mapping>>| {
        *caller.data_mut() = mappings();
        let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
        let bytes = memory.data(&caller);
        let end = bytes.as_ptr() as usize + bytes.len();
        // The guest's bytes hold no address of the host's.
        let words = bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
        for word in words {
            assert!(
                !caller.data().iter().any(|mapping| mapping.addresses.contains(&(word as usize))),
                "{word:x}"
            );
        }
        // From the end of the memory on, nothing can be accessed for as far as a 32-bit index and offset reach.
        let reach = end - 3 * 65_536..end - 3 * 65_536 + (4 << 30);
        for mapping in caller.data() {
            let overlaps = mapping.addresses.start < reach.end && mapping.addresses.end > end;
            assert!(!overlaps || mapping.permissions == "---p", "{:x?}", mapping.addresses);
        }
    };
    linker.func_wrap("host", "look", look).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
    let mappings = store.into_data();
    assert!(mappings.iter().any(|mapping| mapping.permissions.starts_with("r-x")), "nothing is executed");
    for mapping in &mappings {
        let permissions = &mapping.permissions;
        assert!(
            !(permissions.contains('w') && permissions.contains('x')),
            "{permissions} {:x?}",
            mapping.addresses
        );
    }
}
