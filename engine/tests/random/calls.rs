//! The API, called in any order: what is made, called, grown, reset, parked, woken and dropped, as bytes say. A model
//! knows how often each instance has counted, and how large its memory is; nothing may change that but what was asked for.

use dayfly::{
    AnyRef, Caller, Config, Engine, ExternRef, I31, Instance, InstancePark, InstancePre, Linker, Module, Ref,
    Store, StoreLimits, StoreLimitsBuilder, Strategy, Trap, Val,
};
use std::time::Duration;

const GUEST: &str = r#"(module
    (import "host" "again" (func $again (param i32) (result i32)))
    (type $list (struct (field (ref null $list)) (field i32)))
    (memory (export "memory") 1 40)
    (table (export "table") 2 60 externref)
    (global $count (export "count") (mut i32) (i32.const 0))
    (global $list (mut (ref null $list)) (ref.null $list))
    (func (export "bump") (param i32) (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.store (i32.const 64) (global.get $count))
        (global.set $list (struct.new $list (global.get $list) (global.get $count)))
        (if (local.get 0) (then (drop (call $again (i32.sub (local.get 0) (i32.const 1))))))
        (struct.get $list 1 (global.get $list)))
    (func (export "trap") (param i32) (result i32)
        (i32.store (i32.add (i32.const -2) (local.get 0)) (i32.const 1)) (i32.const 0))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1))))"#;

type State = (StoreLimits, u32);

/// A store, and what is in it.
type Inhabited = (Store<State>, Vec<(Instance, Model)>);

/// How many keys and places there are.
const PLACES: usize = 4;

/// What an instance must look like.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Model {
    count: i32,
    pages: u64,
    entries: u64,
}

const FRESH: Model = Model { count: 0, pages: 1, entries: 2 };

/// The bytes that say what is done.
struct Script<'a>(std::slice::Iter<'a, u8>);

impl Script<'_> {
    fn next(&mut self) -> Option<usize> {
        self.0.next().map(|&byte| usize::from(byte))
    }
}

fn state() -> State {
    (StoreLimitsBuilder::new().memory_size(20 << 16).table_elements(50).build(), 0)
}

fn prepare(engine: &Engine) -> InstancePre<State> {
    let mut linker = Linker::new(engine);
    let again = |mut caller: Caller<'_, State>, depth: i32| -> dayfly::Result<i32> {
        caller.data_mut().1 += 1;
        let instance = caller.instance().expect("a guest calls");
        let bump = instance.get_typed_func::<i32, i32>(&mut caller, "bump")?;
        bump.call(&mut caller, depth)
    };
    linker.func_wrap("host", "again", again).unwrap();
    linker.instantiate_pre(&Module::new(engine, GUEST).unwrap()).unwrap()
}

/// Looks whether an instance is as the model says.
fn check(store: &mut Store<State>, instance: Instance, model: Model) {
    let count = instance.get_global(&mut *store, "count").unwrap().get(&mut *store).unwrap_i32();
    let memory = instance.get_memory(&mut *store, "memory").unwrap();
    let (pages, stored) = (memory.size(&*store), memory.data(&*store)[64]);
    let entries = instance.get_table(&mut *store, "table").unwrap().size(&*store);
    assert_eq!(Model { count, pages, entries }, model);
    assert_eq!(i32::from(stored), count & 0xff);
}

/// Does one thing to an instance; what it must look like then.
fn act(store: &mut Store<State>, instance: Instance, mut model: Model, what: usize, how: usize) -> Model {
    store.set_fuel(100_000).unwrap();
    store.set_epoch_deadline(1_000);
    let mut call = |name: &str, argument: usize| {
        let f = instance.get_typed_func::<i32, i32>(&mut *store, name).unwrap();
        f.call(&mut *store, argument as i32)
    };
    match what % 12 {
        0 | 1 => {
            assert_eq!(call("bump", how % 5).unwrap(), model.count + 1 + (how % 5) as i32);
            model.count += 1 + (how % 5) as i32;
        }
        2 => assert_eq!(call("trap", how % 2).unwrap_err().downcast_ref(), Some(&Trap::MemoryOutOfBounds)),
        3 => {
            let old = call("grow", how).unwrap();
            let fits = model.pages + how as u64 <= 20;
            assert_eq!(old, if fits { model.pages as i32 } else { -1 });
            model.pages += if fits { how as u64 } else { 0 };
        }
        4 => drop(call("deep", 0).unwrap_err()),
        5 => {
            let memory = instance.get_memory(&mut *store, "memory").unwrap();
            let grown = memory.grow(&mut *store, how as u64 % 3).is_ok();
            model.pages += if grown { how as u64 % 3 } else { 0 };
        }
        6 => {
            let table = instance.get_table(&mut *store, "table").unwrap();
            let value = ExternRef::new(&mut *store, vec![how; 10]).unwrap();
            let grown = table.grow(&mut *store, how as u64 % 9, Ref::Extern(Some(value))).is_ok();
            model.entries += if grown { how as u64 % 9 } else { 0 };
        }
        7 => {
            instance.reset(&mut *store).unwrap();
            model = FRESH;
        }
        8 => store.gc(),
        9 => {
            let table = instance.get_table(&mut *store, "table").unwrap();
            let number = AnyRef::from_i31(&mut *store, I31::wrapping_u32(how as u32));
            let set = table.set(&mut *store, how as u64 % 4, Ref::Extern(None));
            assert_eq!(set.is_ok(), (how as u64 % 4) < model.entries);
            assert!(table.set(&mut *store, 0, Ref::Any(Some(number))).is_err());
        }
        10 => {
            store.set_fuel(how as u64 % 7).unwrap();
            // It may end anywhere, or not at all.
            if instance.get_typed_func::<i32, i32>(&mut *store, "deep").unwrap().call(&mut *store, 0).is_ok()
            {
                unreachable!("it has no end");
            }
        }
        _ => {
            let global = instance.get_global(&mut *store, "count").unwrap();
            assert!(global.set(&mut *store, Val::I64(1)).is_err());
            let memory = instance.get_memory(&mut *store, "memory").unwrap();
            assert!(memory.write(&mut *store, usize::MAX - how, &[1; 300]).is_err());
        }
    }
    check(store, instance, model);
    model
}

/// Does what the bytes say.
pub fn drive(bytes: &[u8]) {
    let mut script = Script(bytes.iter());
    let strategy = match script.next().map(|first| first % 3) {
        Some(0) => Strategy::Interpreter,
        Some(1) => Strategy::Auto,
        _ => Strategy::Mixed(bytes.len() as u64),
    };
    let mut config = Config::new();
    config.strategy(strategy).consume_fuel(true).epoch_interruption(true).max_gc_heap_size(8 << 20);
    config.check_instance_reuse(true).max_wasm_stack(64 << 10).max_native_stack(256 << 10);
    let engine = Engine::new(&config).unwrap();
    let pre = prepare(&engine);
    let mut stores: [Option<Inhabited>; PLACES] = Default::default();
    let mut park: InstancePark<usize, State> = InstancePark::new(pre.clone());
    park.keep_awake(2);
    let mut parked: [Option<Model>; PLACES] = [None; PLACES];
    while let (Some(what), Some(place), Some(how)) = (script.next(), script.next(), script.next()) {
        let place = place % PLACES;
        match what % 24 {
            0 => stores[place] = None,
            1 => {
                let mut store = Store::new(&engine, state());
                store.limiter(|state: &mut State| &mut state.0);
                stores[place] = Some((store, Vec::new()));
            }
            2 | 3 => {
                if let Some((store, instances)) = &mut stores[place] {
                    store.set_fuel(1_000).unwrap();
                    store.set_epoch_deadline(1_000);
                    instances.push((pre.instantiate(&mut *store).unwrap(), FRESH));
                }
            }
            4 => drop(engine.release_idle_memory()),
            5 => engine.increment_epoch(),
            6..=11 => {
                if let Some((store, instances)) = &mut stores[place]
                    && !instances.is_empty()
                {
                    let one = how % instances.len();
                    let (instance, model) = instances[one];
                    // A store with several instances cannot be reset.
                    let what = if instances.len() > 1 && (how >> 2) % 12 == 7 { 8 } else { how >> 2 };
                    instances[one].1 = act(store, instance, model, what, how);
                }
            }
            12 => drop(park.park(&place)),
            13 => drop(park.park_all()),
            14 => drop(park.park_idle(Duration::ZERO)),
            15 => park.release_memory(),
            16 => {
                assert_eq!(park.remove(&place), parked[place].take().is_some());
            }
            17 => {
                let taken = park.take(&place).unwrap();
                assert_eq!(taken.is_some(), parked[place].is_some());
                if let (Some((mut store, instance)), Some(model)) = (taken, parked[place].take()) {
                    check(&mut store, instance, model);
                    stores[place] = Some((store, vec![(instance, model)]));
                }
            }
            _ => {
                let model = parked[place].unwrap_or(FRESH);
                let new = || (StoreLimitsBuilder::new().build(), 0);
                let after = park.with(place, new, |store, instance| {
                    store.limiter(|state: &mut State| &mut state.0);
                    *store.data_mut() = state();
                    check(store, instance, model);
                    Ok(act(store, instance, model, how >> 2, how))
                });
                parked[place] = Some(after.unwrap());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::drive;

    /// Bytes from a number.
    fn script(seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let byte = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 40) as u8
        };
        std::iter::repeat_with(byte).take(1 + 3 * (20 + seed as usize % 50 * 5)).collect()
    }

    #[test]
    fn calls_in_any_order() {
        crate::in_parallel(
            crate::seeds(60),
            || (),
            |(), seed| {
                drive(&script(seed));
                Ok(())
            },
        );
    }
}
