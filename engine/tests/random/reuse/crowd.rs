//! More instances awake than the address space has room for the usual way. In a process of its
//! own, because it leaves none for other tests.

use dayfly::{Config, Engine, InstancePark, Linker, Module, Store, Strategy};
use std::process::Command;

/// Says that this is that process.
const ALONE: &str = "DAYFLY_CROWD";

/// With 8 GiB each, more than 47 bits of addresses have room for.
const CROWD: u32 = 17_000;

#[test]
fn instances_beyond_the_address_space_are_made_and_woken_all_the_same() {
    if std::env::var_os(ALONE).is_some() {
        return crowd();
    }
    let name = "reuse::crowd::instances_beyond_the_address_space_are_made_and_woken_all_the_same";
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this).args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn crowd() {
    let engine = Engine::new(Config::new().strategy(Strategy::Interpreter)).unwrap();
    let wat = r#"(module (memory 1) (data (i32.const 8) "\05")
        (func (export "add") (param i32) (result i32)
            (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0)))
            (i32.load (i32.const 8))))"#;
    let module = Module::new(&engine, wat).unwrap();
    let pre = Linker::new(&engine).instantiate_pre(&module).unwrap();
    let mut park = InstancePark::new(pre);
    park.keep_awake(usize::MAX);
    let add = |park: &mut InstancePark<u32, ()>, key: u32, number: i32| {
        let add = park.with(
            key,
            || (),
            |store: &mut Store<()>, instance| {
                instance.get_typed_func::<i32, i32>(&mut *store, "add")?.call(store, number)
            },
        );
        add.unwrap()
    };
    for key in 0..100 {
        assert_eq!(add(&mut park, key, 1), 6);
        assert!(park.park(&key));
    }
    for key in 100..CROWD {
        assert_eq!(add(&mut park, key, key as i32), 5 + key as i32);
    }
    // Now there is room for no more slots.
    for key in 0..100 {
        assert_eq!(add(&mut park, key, 10), 16);
    }
    assert_eq!((park.len(), park.awake()), (CROWD as usize, CROWD as usize));
    let parked = park.park_all();
    assert!(parked < CROWD as usize, "some were made otherwise, and stay awake");
    for key in 0..CROWD {
        assert_eq!(add(&mut park, key, 0), if key < 100 { 16 } else { 5 + key as i32 }, "{key}");
    }
}
