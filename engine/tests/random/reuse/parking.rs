//! Instances that are parked and woken go on as if nothing had happened, whatever slots they
//! have been in; so do instances that start from the state of another.

use super::host::{Chance, World};
use super::{OPS, engine, prepare};
use dayfly::{AsContextMut, Instance, InstancePark, MemoryTracking, Store};

/// Everything of an instance that can be seen and does not depend on where it is.
fn portrait(mut store: impl AsContextMut<Data = World>, instance: Instance) -> Vec<u8> {
    let mut seen = Vec::new();
    for name in ["memory", "second"] {
        let memory = instance.get_memory(&mut store, name).unwrap();
        seen.extend_from_slice(memory.data(store.as_context_mut()));
    }
    let table = instance.get_table(&mut store, "table").unwrap();
    for n in 0..table.size(&store) {
        let entry = table.get(&mut store, n).unwrap();
        let func = entry.as_func();
        seen.push(match func {
            None => 0,
            Some(func) => func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap() as u8,
        });
    }
    let global = instance.get_global(&mut store, "i").unwrap().get(&mut store);
    seen.extend_from_slice(format!("{global:?}").as_bytes());
    seen
}

/// Operations that make no objects and do not end the guest.
fn is_quiet(op: i32) -> bool {
    matches!(op, 0..=14 | 23 | 24 | 26)
}

fn run_some(chance: &mut Chance, store: &mut Store<World>, instance: Instance) {
    store.set_fuel(1_000_000).unwrap();
    let op = instance.get_typed_func::<(i32, i32, i32), ()>(&mut *store, "op").unwrap();
    for _ in 0..chance.below(4) {
        let which = chance.below(OPS as u32) as i32;
        if is_quiet(which) {
            let _ = op.call(&mut *store, (which, chance.next() as i32, chance.next() as i32));
        }
    }
}

#[test]
fn parked_instances_go_on_where_they_were() {
    for how in [None].into_iter().chain(MemoryTracking::ALL.map(Some)) {
        let engine = engine(how);
        let mut park = InstancePark::new(prepare(&engine, false));
        park.keep_awake(3);
        let mut chance = Chance::new(5);
        let mut expected: Vec<Option<Vec<u8>>> = vec![None; 12];
        for round in 0..400 {
            let key = chance.below(12) as usize;
            let before = expected[key].take();
            let after = park.with(
                key,
                || World::new(3),
                |store, instance| {
                    store.set_fuel(1_000_000)?;
                    if let Some(before) = before {
                        assert!(
                            portrait(&mut *store, instance) == before,
                            "{how:?}, round {round}, key {key}"
                        );
                    }
                    run_some(&mut chance, store, instance);
                    Ok(portrait(store, instance))
                },
            );
            expected[key] = Some(after.unwrap());
            match chance.below(40) {
                0 => drop(park.park_all()),
                1 => drop(engine.release_idle_memory()),
                2 => {
                    expected[key] = None;
                    assert!(park.remove(&key));
                }
                _ => {}
            }
            assert!(park.awake() <= 3 || park.park_all() == 0, "{}", park.awake());
        }
        let mut sizes = Vec::new();
        for (key, expected) in expected.iter().enumerate() {
            let taken = park.take(&key).unwrap();
            assert_eq!(taken.is_some(), expected.is_some());
            let (Some((mut store, instance)), Some(expected)) = (taken, expected) else { continue };
            store.set_fuel(1_000_000).unwrap();
            assert!(portrait(&mut store, instance) == *expected, "{how:?}, key {key}");
            sizes.push(expected.len());
        }
        assert!(sizes.iter().max() > sizes.iter().min(), "some have grown: {sizes:?}");
        assert!(park.is_empty());
    }
}

#[test]
fn what_depends_on_its_store_is_not_parked() {
    let engine = engine(None);
    let mut park = InstancePark::new(prepare(&engine, false));
    let call = |park: &mut InstancePark<i32, World>, op: i32, argument: i32| {
        park.with(
            1,
            || World::new(1),
            |store, instance| {
                store.set_fuel(1_000_000)?;
                instance
                    .get_typed_func::<(i32, i32, i32), ()>(&mut *store, "op")?
                    .call(store, (op, argument, 7))
            },
        )
    };
    call(&mut park, 0, 4).unwrap();
    assert!(park.park(&1));
    // Objects on the heap, then a function of the host in the table.
    for (op, argument) in [(15, 9), (19, 5)] {
        assert!(park.remove(&1));
        call(&mut park, op, argument).unwrap();
        assert!(!park.park(&1));
        assert_eq!((park.len(), park.awake(), park.park_all()), (1, 1, 0));
        call(&mut park, 0, 8).unwrap();
    }
}

#[test]
fn warm_instances_start_from_the_state_of_another() {
    for how in [None].into_iter().chain(MemoryTracking::ALL.map(Some)) {
        let engine = engine(how);
        let cold = prepare(&engine, false);
        let mut chance = Chance::new(77);
        let mut expected = Vec::new();
        let warm = cold.warm(Store::new(&engine, World::new(2)), |store, instance| {
            for _ in 0..30 {
                run_some(&mut chance, store, instance);
            }
            store.set_fuel(1_000_000)?;
            expected = portrait(store, instance);
            Ok(())
        });
        let Ok(warm) = warm else {
            assert!(how.is_some(), "the best way works");
            continue;
        };
        for round in 0..60 {
            let mut store = Store::new(&engine, World::new(2));
            store.set_fuel(1_000_000).unwrap();
            let instance = warm.instantiate(&mut store).unwrap();
            assert!(portrait(&mut store, instance) == expected, "{how:?}, round {round}");
            run_some(&mut chance, &mut store, instance);
        }
        // And the cold ones are still cold.
        let mut store = Store::new(&engine, World::new(2));
        store.set_fuel(1_000_000).unwrap();
        let instance = cold.instantiate(&mut store).unwrap();
        let fresh = instance.get_typed_func::<(), i32>(&mut store, "fresh").unwrap();
        assert_eq!(fresh.call(&mut store, ()).unwrap(), 0);
        let error = cold
            .warm(Store::new(&engine, World::new(2)), |store, instance| {
                store.set_fuel(1_000_000)?;
                instance.get_typed_func::<(i32, i32, i32), ()>(&mut *store, "op")?.call(store, (15, 9, 9))
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "there are objects on the GC heap");
    }
}
