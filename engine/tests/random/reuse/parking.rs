//! Instances that are parked and woken go on as if nothing had happened, whatever slots they
//! have been in; so do instances that start from the state of another.

use super::host::{Chance, Planned, World};
use super::{OPS, engine, prepare};
use dayfly::{
    AsContextMut, Error, ExternRef, Instance, InstancePark, MemoryTracking, NotCaptured, ParkPolicy, Ref,
    Store,
};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
    let objects = instance.get_typed_func::<(), i64>(&mut store, "objects").unwrap();
    seen.extend_from_slice(&objects.call(&mut store, ()).unwrap().to_le_bytes());
    seen
}

/// Operations that do not end the guest or bring other things into its store.
fn is_quiet(op: i32) -> bool {
    matches!(op, 0..=16 | 23..=27)
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
    let ways = [None].into_iter().chain(MemoryTracking::ALL.map(Some));
    for (how, with_objects) in ways.flat_map(|how| [(how, false), (how, true)]) {
        let engine = engine(how);
        let mut park = InstancePark::new(prepare(&engine, with_objects));
        park.keep_awake(3);
        let mut chance = Chance::new(5 + u64::from(with_objects));
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
    // A function of the host in the table, then more instances in the store.
    for (op, argument) in [(19, 5), (19, 10)] {
        assert!(park.remove(&1));
        call(&mut park, op, argument).unwrap();
        assert!(!park.park(&1));
        assert_eq!((park.len(), park.awake(), park.park_all()), (1, 1, 0));
        call(&mut park, 0, 8).unwrap();
    }
}

#[test]
fn values_of_the_host_are_parked_with_the_instances_that_have_them() {
    let engine = engine(None);
    let mut park = InstancePark::new(prepare(&engine, true));
    park.keep_awake(0);
    for round in 0..3 {
        for key in 0..5 {
            park.with(
                key,
                || World::new(1),
                |store, instance| {
                    store.set_fuel(1_000_000)?;
                    let table = instance.get_table(&mut *store, "externs").unwrap();
                    if round == 0 {
                        let value = ExternRef::new(&mut *store, format!("the value of {key}"))?;
                        table.set(&mut *store, 7, Ref::Extern(Some(value)))?;
                    }
                    let op = instance.get_typed_func::<(i32, i32, i32), ()>(&mut *store, "op")?;
                    op.call(&mut *store, (16, 100, 0))?;
                    let entry = table.get(&mut *store, 7).unwrap();
                    let value = entry.as_extern().unwrap().data(&*store)?.unwrap();
                    assert_eq!(value.downcast_ref::<String>().unwrap(), &format!("the value of {key}"));
                    Ok(())
                },
            )
            .unwrap();
            assert_eq!((park.awake(), park.data_mut(&key).is_some()), (0, true));
        }
    }
}

#[test]
fn what_panics_or_fails_to_wake_is_gone_and_its_key_is_free() {
    let engine = engine(None);
    let mut park = InstancePark::new(prepare(&engine, false));
    for keep in [0, 5] {
        park.keep_awake(keep);
        for _ in 0..2 {
            let used = catch_unwind(AssertUnwindSafe(|| {
                park.with(7, || World::new(1), |_, _| -> dayfly::Result<()> { panic_any(Planned) })
            }));
            assert!(used.is_err_and(|payload| payload.is::<Planned>()));
            assert_eq!((park.len(), park.awake(), park.remove(&7)), (0, 0, false));
            park.with(7, || World::new(1), |_, _| Ok(())).unwrap();
            assert_eq!((park.len(), park.awake()), (1, usize::from(keep > 0)));
        }
        // What an error comes from stays.
        let failed = park.with(7, || World::new(1), |_, _| -> dayfly::Result<()> { Err(Error::msg("no")) });
        assert_eq!((failed.unwrap_err().to_string().as_str(), park.len()), ("no", 1));
        assert!(park.remove(&7));
    }
}

#[test]
fn the_policy_parks_what_is_idle_and_everything_when_memory_is_short() {
    let engine = engine(None);
    let mut park = InstancePark::new(prepare(&engine, false));
    let short = Arc::new(AtomicBool::new(false));
    let asked = short.clone();
    park.keep_awake(100).set_policy(
        ParkPolicy::new().idle(Duration::from_secs(3600)).when(move || asked.load(Ordering::Relaxed)),
    );
    let fill = |park: &mut InstancePark<i32, World>| {
        (0..10).for_each(|key| park.with(key, || World::new(1), |_, _| Ok(())).unwrap());
    };
    fill(&mut park);
    assert_eq!((park.tend(), park.awake()), (0, 10));
    short.store(true, Ordering::Relaxed);
    assert_eq!((park.tend(), park.awake(), park.len()), (10, 0, 10));
    assert_eq!(engine.release_idle_memory(), 0, "that has been done");
    park.set_policy(ParkPolicy::new().idle(Duration::ZERO));
    fill(&mut park);
    assert_eq!((park.tend(), park.awake()), (10, 0));
    // Without being asked to, in the course of other uses.
    (0..200).for_each(|_| park.with(3, || World::new(1), |_, _| Ok(())).unwrap());
    assert!(park.awake() <= 1);
    assert_eq!(park.set_policy(ParkPolicy::new()).tend(), 0);
}

#[test]
fn warm_instances_start_from_the_state_of_another() {
    let ways = [None].into_iter().chain(MemoryTracking::ALL.map(Some));
    for (how, with_objects) in ways.flat_map(|how| [(how, false), (how, true)]) {
        let engine = engine(how);
        let cold = prepare(&engine, with_objects);
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
            if round % 3 == 0 {
                instance.reset(&mut store).unwrap();
                store.set_fuel(1_000_000).unwrap();
                assert!(portrait(&mut store, instance) == expected, "{how:?}, round {round}, reset");
            }
        }
        // Warm ones can be parked, too.
        let mut park = InstancePark::new(warm);
        park.keep_awake(0);
        for round in 0..10 {
            let mut before = Vec::new();
            for check in [false, true] {
                park.with(
                    round % 3,
                    || World::new(2),
                    |store, instance| {
                        if !check {
                            run_some(&mut chance, store, instance);
                        }
                        store.set_fuel(1_000_000)?;
                        let now = portrait(store, instance);
                        assert!(!check || now == before, "{how:?}, round {round}, parked");
                        before = now;
                        Ok(())
                    },
                )
                .unwrap();
            }
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
                instance.get_typed_func::<(i32, i32, i32), ()>(&mut *store, "op")?.call(store, (19, 5, 9))
            })
            .unwrap_err();
        assert!(error.is::<NotCaptured>(), "{error}");
    }
}
