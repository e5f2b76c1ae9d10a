//! Fuel and epochs.

use crate::{engine, func};
use dayfly::{
    AnyRef, Caller, Config, Deadline, Engine, EngineOf, Error, ExternRef, FuelDisabled, Func, I31, Instance,
    Module, RootScope, Rooted, Store, Strategy, Trap, UpdateDeadline, V128, Val,
};
use std::thread;
use std::time::Duration;

const SPIN: &str = r#"
    (module
        (func (export "spin") (loop $l (br $l)))
        (func (export "count") (param $n i32) (result i32)
            (local $i i32)
            (loop $l
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
            (local.get $i))
        (func $recurse (export "recurse") (param i32)
            (if (local.get 0) (then (call $recurse (i32.sub (local.get 0) (i32.const 1)))))))"#;

fn spinner<T: 'static>(engine: &Engine, data: T) -> (Store<T>, Instance) {
    let mut store = Store::new(engine, data);
    let instance = Instance::new(&mut store, &Module::new(engine, SPIN).unwrap(), &[]).unwrap();
    (store, instance)
}

#[test]
fn fuel_runs_out_at_the_same_place_every_time() {
    let engine = engine(|c| c.consume_fuel(true));
    let (mut store, instance) = spinner(&engine, ());
    let count = func::<u32, u32>(&mut store, instance, "count");
    assert_eq!(
        count.call(&mut store, 1).unwrap_err().downcast_ref(),
        Some(&Trap::OutOfFuel),
        "none at first"
    );
    let mut burnt = |n| {
        store.set_fuel(1_000_000).unwrap();
        assert_eq!(count.call(&mut store, n).unwrap(), n);
        1_000_000 - store.get_fuel().unwrap()
    };
    let (ten, twenty) = (burnt(10), burnt(20));
    assert!(ten > 10 && twenty > ten, "{ten} {twenty}");
    assert_eq!(burnt(30) - twenty, twenty - ten, "fuel is in proportion to the work");
    assert_eq!(burnt(10), ten);

    store.set_fuel(ten).unwrap();
    assert_eq!(count.call(&mut store, 20).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
    let spin = func::<(), ()>(&mut store, instance, "spin");
    store.set_fuel(10_000).unwrap();
    assert_eq!(spin.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
    assert_eq!(store.get_fuel().unwrap(), 0);
    store.set_fuel(100).unwrap();
    let recurse = func::<i32, ()>(&mut store, instance, "recurse");
    assert_eq!(recurse.call(&mut store, 1000).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
}

#[test]
fn operators_on_many_bytes_burn_fuel_for_them() {
    let burnt = |strategy| {
        let Ok(engine) = Engine::new(Config::new().consume_fuel(true).strategy(strategy)) else {
            return None; // There is no compiler for this machine.
        };
        let module = r#"
            (module
                (memory 16) (table $t 10000 funcref) (type $a (array (mut i64)))
                (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
                (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 8) (local.get 0)))
                (func (export "table") (param i32)
                    (table.fill $t (i32.const 0) (ref.null func) (i32.div_u (local.get 0) (i32.const 8))))
                (func (export "array") (param i32)
                    (drop (array.new $a (i64.const 1) (i32.div_u (local.get 0) (i32.const 8))))))"#;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &Module::new(&engine, module).unwrap(), &[]).unwrap();
        let mut costs = Vec::new();
        for name in ["fill", "copy", "table", "array"] {
            let f = func::<u32, ()>(&mut store, instance, name);
            for bytes in [8, 64_000] {
                store.set_fuel(1_000_000).unwrap();
                f.call(&mut store, bytes).unwrap();
                costs.push(1_000_000 - store.get_fuel().unwrap());
            }
            let [few, many] = costs[costs.len() - 2..] else { unreachable!("two were pushed") };
            assert!(few < 20 && (1_000..3_000).contains(&many), "{name}: {few} and {many}");
            store.set_fuel(900).unwrap();
            let error = f.call(&mut store, 64_000).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{name}");
        }
        Some(costs)
    };
    let interpreted = burnt(Strategy::Interpreter).unwrap();
    if let Some(compiled) = burnt(Strategy::Compiler) {
        assert_eq!(compiled, interpreted);
    }
}

/// Arrays around the size from which bytes cost fuel, made of all their elements: whoever makes them, and whether
/// there is room for them or not.
#[test]
fn arrays_of_given_elements_burn_the_same_fuel_everywhere() {
    let burnt = |strategy, elements: usize| {
        let Ok(engine) = Engine::new(Config::new().consume_fuel(true).strategy(strategy)) else {
            return None; // There is no compiler for this machine.
        };
        let values = "(local.get 0)".repeat(elements);
        let module = format!(
            "(module (type $a (array (mut i64)))
                (func (export \"f\") (param i64) (drop (array.new_fixed $a {elements} {values}))))"
        );
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &Module::new(&engine, module).unwrap(), &[]).unwrap();
        let f = func::<u64, ()>(&mut store, instance, "f");
        let costs: Vec<u64> = (0..2000)
            .map(|_| {
                store.set_fuel(1_000_000).unwrap();
                f.call(&mut store, 7).unwrap();
                1_000_000 - store.get_fuel().unwrap()
            })
            .collect();
        assert!(costs.iter().all(|cost| *cost == costs[0]), "{elements} elements cost {costs:?}");
        Some(costs[0])
    };
    for elements in [1, 126, 127, 128, 129, 1000] {
        let interpreted = burnt(Strategy::Interpreter, elements);
        if let Some(compiled) = burnt(Strategy::Compiler, elements) {
            assert_eq!(Some(compiled), interpreted, "{elements} elements");
        }
    }
}

#[test]
fn calls_burn_fuel_for_very_many_locals() {
    let burnt = |strategy| {
        let Ok(engine) = Engine::new(Config::new().consume_fuel(true).strategy(strategy)) else {
            return None; // There is no compiler for this machine.
        };
        let cost = |locals: usize| {
            let (types, sets) = ("i32 ".repeat(locals), "(local.set 1 (i32.const 0))".repeat(locals / 8));
            let module =
                format!("(module (func $g (local i64 {types}) {sets}) (func (export \"f\") (call $g)))");
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &Module::new(&engine, module).unwrap(), &[]).unwrap();
            store.set_fuel(1_000_000).unwrap();
            func::<(), ()>(&mut store, instance, "f").call(&mut store, ()).unwrap();
            1_000_000 - store.get_fuel().unwrap() - 2 * (locals as u64 / 8)
        };
        Some([10, 100, 127, 128, 1000, 40_000].map(cost))
    };
    let interpreted = burnt(Strategy::Interpreter).unwrap();
    let few = interpreted[0];
    assert_eq!(interpreted, [few, few, few, few + 16, few + 125, few + 5000]);
    if let Some(compiled) = burnt(Strategy::Compiler) {
        assert_eq!(compiled, interpreted);
    }
}

#[test]
fn a_host_function_looks_at_the_deadline_and_burns_fuel() {
    let engine = engine(|c| c.epoch_interruption(true).consume_fuel(true));
    let mut store = Store::new(&engine, 0);
    store.set_fuel(1_000).unwrap();
    store.set_epoch_deadline(1);
    let wait = Func::wrap(&mut store, |mut caller: Caller<'_, u32>| -> dayfly::Result<()> {
        let mut deadline = Deadline::default();
        assert!(!deadline.exists() && !deadline.is_reached());
        caller.update_deadline(&mut deadline);
        assert!(deadline.exists());
        caller.burn_fuel(300)?;
        while !deadline.is_reached() {
            *caller.data_mut() += 1;
            caller.engine().increment_epoch();
        }
        caller.check_deadline()
    });
    let trap = |error: Error| *error.downcast_ref::<Trap>().unwrap();
    assert_eq!(trap(wait.call(&mut store, &[], &mut []).unwrap_err()), Trap::Interrupt);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    wait.call(&mut store, &[], &mut []).unwrap();
    wait.call(&mut store, &[], &mut []).unwrap();
    assert_eq!((store.get_fuel().unwrap(), *store.data()), (100, 2));
    assert_eq!(trap(wait.call(&mut store, &[], &mut []).unwrap_err()), Trap::OutOfFuel);
}

#[test]
fn fuel_is_seen_by_host_functions() {
    let engine = engine(|c| c.consume_fuel(true));
    let mut store = Store::new(&engine, ());
    let refuel = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| -> dayfly::Result<()> {
        assert!(caller.get_fuel()? <= 100);
        caller.set_fuel(1000)?;
        Ok(())
    });
    let wat = r#"(module (import "" "" (func $refuel))
        (func (export "run") (local $n i32)
            (call $refuel)
            (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20))))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, wat).unwrap(), &[refuel.into()]).unwrap();
    store.set_fuel(100).unwrap();
    func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap();
    let left = store.get_fuel().unwrap();
    assert!(left > 100 && left < 1000, "{left}");
}

#[test]
fn fuel_must_be_switched_on() {
    let mut store = Store::new(&Engine::default(), ());
    assert_eq!(store.set_fuel(1), Err(FuelDisabled));
    assert_eq!(store.get_fuel(), Err(FuelDisabled));
}

#[test]
fn a_deadline_interrupts_from_another_thread() {
    let engine = engine(|c| c.epoch_interruption(true));
    let (mut store, instance) = spinner(&engine, ());
    let count = func::<u32, u32>(&mut store, instance, "count");
    assert_eq!(count.call(&mut store, 5).unwrap(), 5, "a store without a deadline runs on");
    store.set_epoch_deadline(2);
    let ticker = engine.clone();
    let ticks = thread::spawn(move || {
        for _ in 0..2 {
            thread::sleep(Duration::from_millis(10));
            ticker.increment_epoch();
        }
    });
    let error = func::<(), ()>(&mut store, instance, "spin").call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    ticks.join().unwrap();
    assert!(count.call(&mut store, 5).is_err(), "the deadline stays behind");
    store.set_epoch_deadline(1);
    assert_eq!(count.call(&mut store, 5).unwrap(), 5);
}

#[test]
fn a_callback_extends_the_deadline() {
    let engine = engine(|c| c.epoch_interruption(true));
    let (mut store, instance) = spinner(&engine, 0);
    store.set_epoch_deadline(0);
    // Going on for no tick at all asks again at the next look at the epoch.
    store.epoch_deadline_callback(|mut context| {
        *context.data_mut() += 1;
        match *context.data() {
            5 => Ok(UpdateDeadline::Interrupt),
            10 => Err(Error::msg("enough")),
            _ => Ok(UpdateDeadline::Continue(0)),
        }
    });
    let spin = func::<(), ()>(&mut store, instance, "spin");
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!((error.downcast_ref::<Trap>(), *store.data()), (Some(&Trap::Interrupt), 5));
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!((error.to_string().as_str(), *store.data()), ("enough", 10));
    store.epoch_deadline_trap();
    assert_eq!(spin.call(&mut store, ()).unwrap_err().downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    assert_eq!(*store.data(), 10);
}

#[test]
fn a_panic_of_the_callback_goes_on_in_the_host() {
    let engine = engine(|c| c.epoch_interruption(true));
    let (mut store, instance) = spinner(&engine, ());
    store.set_epoch_deadline(0);
    store.epoch_deadline_callback(|_| panic!("in the callback"));
    let spin = func::<(), ()>(&mut store, instance, "spin");
    let run = std::panic::AssertUnwindSafe(|| spin.call(&mut store, ()));
    let payload = std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"in the callback"));
}

#[test]
fn a_callback_may_use_the_store() {
    let engine = engine(|c| c.epoch_interruption(true).gc_torture(true));
    let module = Module::new(
        &engine,
        r#"(module
            (type $box (struct (field i64)))
            (global $g (export "g") (mut i64) (i64.const 0))
            (func $clobber (export "clobber") (param i64 i64 i64 i64) (result i64) (local i64 i64 i64 i64)
                (global.set $g (i64.add (global.get $g) (i64.const 1)))
                (local.get 3))
            (func (export "run") (param $n i64) (result i64) (local $sum i64) (local $box (ref null $box))
                (local.set $box (struct.new $box (i64.const 1000)))
                (i64.add (struct.get $box 0 (struct.new $box (i64.const 7)))
                (loop $again (result i64)
                    (local.set $sum (i64.add (local.get $sum) (local.get $n)))
                    (br_if $again (i32.eqz (i64.eqz (local.tee $n (i64.sub (local.get $n) (i64.const 1))))))
                    (i64.add (local.get $sum) (struct.get $box 0 (local.get $box)))))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, Vec::<Rooted<ExternRef>>::new());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let clobber = func::<(i64, i64, i64, i64), i64>(&mut store, instance, "clobber");
    store.set_epoch_deadline(0);
    store.epoch_deadline_callback(move |mut context| {
        let value = ExternRef::new(&mut context, 5)?;
        context.gc();
        context.data_mut().push(value);
        // Guests that the callback calls are past the deadline too.
        let error = clobber.call(&mut context, (-1, -1, -1, -1)).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
        Ok(UpdateDeadline::Continue(0))
    });
    let run = func::<i64, i64>(&mut store, instance, "run");
    // So often that a loop that counts is stopped often enough, too.
    let n = 45_000;
    assert_eq!(run.call(&mut store, n).unwrap(), n * (n + 1) / 2 + 1000 + 7);
    assert!(store.data().len() >= 10);
    assert!(store.data().iter().all(|value| value.data(&store).is_err()), "their scope was the callback");
    store.gc();
    assert_eq!(store.gc_stats().live_bytes, 0);
}

/// Loops that could be taken for ones that count, and ones that are. Each goes round as often as its parameter says.
const LOOPS: [&str; 10] = [
    "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $i) (local.get $n))))",
    "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
    "(loop $l (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const -1)))))",
    // Wraps around, by odd and even steps, in both directions.
    "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 0x6000_0003)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
    "(loop $l (local.set $j (i64.sub (local.get $j) (i64.const 48)))
        (br_if $l (i64.gt_s (local.get $j) (i64.mul (i64.const -48) (i64.extend_i32_u (local.get $n))))))",
    // The top bits only.
    "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 0x4000_0000)))
        (local.set $j (i64.add (local.get $j) (i64.const 0x40_0000_0000)))
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $g) (local.get $n))))",
    // Steps that are not in every round, or twice in one, or undone.
    "(loop $l
        (br_if $l (i32.lt_u (local.tee $m (i32.rem_u (i32.add (local.get $m) (i32.const 1)) (i32.const 3))) (i32.const 0)))
        (block (br_if 0 (i32.const 1)) (local.set $i (i32.add (local.get $i) (i32.const 1))))
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $g) (local.get $n))))",
    "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $g) (local.get $n))))",
    "(loop $l
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $g) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1))))",
    // Back by a table, or not.
    "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 4)))
        (block $out (br_table $l $out $l
            (i32.ge_u (local.get $i) (i32.mul (local.get $n) (i32.const 4))))))",
];

#[test]
fn loops_are_asked_in_proportion_to_their_rounds() {
    const ROUNDS: u32 = 60_000;
    let engine = engine(|c| c.epoch_interruption(true));
    for body in LOOPS {
        let wat = format!(
            r#"(module (global $g (export "g") (mut i32) (i32.const 0))
                (func (export "run") (param $n i32) (local $i i32) (local $j i64) (local $m i32) {body}))"#
        );
        let mut store = Store::new(&engine, 0);
        let instance = Instance::new(&mut store, &Module::new(&engine, wat).unwrap(), &[]).unwrap();
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|mut context| {
            *context.data_mut() += 1;
            Ok(UpdateDeadline::Continue(0))
        });
        func::<u32, ()>(&mut store, instance, "run").call(&mut store, ROUNDS).unwrap();
        // On entry, and then at the latest each 4096 rounds.
        assert!(*store.data() > ROUNDS / 4096, "{} times in {body}", store.data());
        assert!(*store.data() <= ROUNDS + 3, "{} times in {body}", store.data());
    }
}

/// Functions that keep more in registers than there are, while a loop asks again and again.
#[test]
fn asking_leaves_values_as_they_are() {
    let engine = engine(|c| c.epoch_interruption(true));
    const VALUES: u64 = 20;
    let (mut locals, mut before, mut after) = (String::new(), String::new(), String::new());
    for n in 0..VALUES {
        locals += &format!("(local $i{n} i64) (local $f{n} f64) (local $v{n} v128)");
        before += &format!(
            "(local.set $i{n} (i64.add (local.get $x) (i64.const {n})))
             (local.set $f{n} (f64.convert_i64_s (local.get $i{n})))
             (local.set $v{n} (i64x2.splat (local.get $i{n})))"
        );
        after += &format!(
            "(local.set $x (i64.add (local.get $x) (local.get $i{n})))
             (local.set $x (i64.add (local.get $x) (i64.trunc_f64_s (local.get $f{n}))))
             (local.set $x (i64.add (local.get $x) (i64x2.extract_lane 1 (local.get $v{n}))))"
        );
    }
    let wat = format!(
        r#"(module (func (export "run") (param $x i64) (param $n i32) (result i64) {locals}
            {before}
            (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.xor (local.get $n) (i32.const -1))) (i32.const 1))))
            {after} (local.get $x)))"#
    );
    let expected: u64 = (0..VALUES).map(|n| 3 * (1000 + n)).sum::<u64>() + 1000;
    for continues in [None, Some(0), Some(1)] {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &Module::new(&engine, &wat).unwrap(), &[]).unwrap();
        if let Some(ticks) = continues {
            store.set_epoch_deadline(0);
            store.epoch_deadline_callback(move |_| Ok(UpdateDeadline::Continue(ticks)));
        }
        let run = func::<(u64, u32), u64>(&mut store, instance, "run");
        assert_eq!(run.call(&mut store, (1000, 30_000)).unwrap(), expected);
    }
}

/// Loops that never end, or not before the test is given up, and which could be taken for others.
const ENDLESS: [&str; 21] = [
    "(loop $l (br $l))",
    // Past the end, in steps that never meet it: upwards, downwards, back by a branch, around a test in the middle.
    "(local.set $i (i32.const 1)) (loop $l (br_if $l (local.tee $i (i32.add (local.get $i) (i32.const 2)))))",
    "(local.set $i (i32.const 9)) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 4)))))",
    "(local.set $j (i64.const 3)) (loop $l
        (br_if $l (i64.ne (local.tee $j (i64.add (local.get $j) (i64.const 4))) (i64.const 8))))",
    "(local.set $i (i32.const 1)) (block $out (loop $l
        (local.set $i (i32.add (local.get $i) (i32.const 2)))
        (br_if $out (i32.eq (local.get $i) (i32.const 64)))
        (br $l)))",
    "(block $out (loop $l
        (br_if $out (i32.eq (local.get $i) (i32.const 63)))
        (local.set $i (i32.add (local.get $i) (i32.const 2)))
        (br $l)))",
    // Always less than the bound: it wraps around, goes the other way, or begins beyond.
    "(loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const -8))))",
    "(loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 16)))
        (i32.const 0x7fff_fffc))))",
    "(local.set $j (i64.const 8)) (loop $l
        (br_if $l (i64.lt_s (local.tee $j (i64.sub (local.get $j) (i64.const 0))) (i64.const 9))))",
    "(local.set $i (i32.const 5)) (loop $l
        (br_if $l (i32.eqz (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 0))) (i32.const 5)))))",
    // All the way around, and a step of nothing.
    "(local.set $j (i64.const 7)) (loop $l
        (br_if $l (i64.ne (local.tee $j (i64.add (local.get $j) (i64.const 1))) (i64.const 7))))",
    "(local.set $i (i32.const 1)) (loop $l (br_if $l (local.tee $i (i32.add (local.get $i) (i32.const 0)))))",
    // The end is gone on from: the test is on one of two ways, says the opposite, or is undone.
    "(local.set $i (i32.const 0)) (loop $l
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (local.get $n) (then (br_if $l (i32.ne (local.get $i) (i32.const 9)))) (else (br $l))))",
    "(local.set $i (i32.const 0)) (loop $l (br_if $l (i32.eqz (i32.eq
        (local.tee $i (i32.mul (i32.add (local.get $i) (i32.const 1)) (i32.const 2))) (i32.const 9)))))",
    "(local.set $i (i32.const 0)) (loop $l
        (local.set $m (i32.add (local.get $i) (i32.const 1)))
        (local.set $i (i32.and (local.get $m) (i32.const 7)))
        (br_if $l (i32.ne (local.get $m) (i32.const 9))))",
    "(local.set $i (i32.const 0)) (block $out (loop $l
        (br_if $out (i32.eq (local.get $i) (i32.const 3)))
        (local.set $i (i32.and (i32.add (local.get $i) (i32.const 1)) (i32.const 1)))
        (br $l)))",
    // Each alone is short.
    "(local.set $i (i32.const 0)) (loop $a
        (local.set $m (i32.const 0)) (loop $b
            (local.set $j (i64.const 0)) (loop $c
                (local.set $k (i64.const 0)) (loop $d
                    (br_if $d (i64.ne (local.tee $k (i64.add (local.get $k) (i64.const 1))) (i64.const 30000))))
                (br_if $c (i64.ne (local.tee $j (i64.add (local.get $j) (i64.const 1))) (i64.const 30000))))
            (br_if $b (i32.ne (local.tee $m (i32.add (local.get $m) (i32.const 1))) (i32.const 30000))))
        (br_if $a (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30000))))",
    // A few rounds of what takes long.
    "(local.set $i (i32.const 0)) (loop $l
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x1000_0000))
        (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30000))))",
    // Calls of functions that do not look, and of the own function in some rounds.
    "(loop $l (call $leaf) (br $l))",
    "(loop $l (if (local.get $n) (then (call $run (i32.const 0)))) (br $l))",
    "(loop $l (br_if $l (i32.eqz (local.get $n))) (call $run (i32.const 0)) (br $l))",
];

#[test]
fn every_loop_is_stopped() {
    for (strategy, lazy) in
        [(Strategy::Interpreter, false), (Strategy::Compiler, false), (Strategy::Compiler, true)]
    {
        let mut config = Config::new();
        config.epoch_interruption(true).strategy(strategy).lazy_compilation(lazy);
        let Ok(engine) = Engine::new(&config) else {
            continue; // There is no compiler for this machine.
        };
        for body in ENDLESS {
            let wat = format!(
                r#"(module (memory 4096) (func $leaf)
                    (func $run (export "run") (param $n i32)
                        (local $i i32) (local $j i64) (local $k i64) (local $m i32) {body}))"#
            );
            let mut store = Store::new(&engine, 0);
            let instance = Instance::new(&mut store, &Module::new(&engine, wat).unwrap(), &[]).unwrap();
            store.set_epoch_deadline(0);
            store.epoch_deadline_callback(|mut context| {
                *context.data_mut() += 1;
                Ok(match *context.data() {
                    4 => UpdateDeadline::Interrupt,
                    _ => UpdateDeadline::Continue(0),
                })
            });
            let error = func::<u32, ()>(&mut store, instance, "run").call(&mut store, 0).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt), "{body}");
        }
    }
}

/// Loops that are known to be short.
const SHORT: [&str; 9] = [
    "(local.set $i (i32.const 1)) (loop $l
        (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (i32.const 4001))))",
    "(local.set $i (i32.const 3000)) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 3)))))",
    "(local.set $j (i64.const -9)) (loop $l
        (br_if $l (i32.eqz (i64.eq (local.tee $j (i64.sub (local.get $j) (i64.const 1))) (i64.const -2000)))))",
    "(block $out (loop $l
        (br_if $out (i32.eq (local.get $i) (i32.const 64)))
        (local.set $i (i32.add (local.get $i) (i32.const 2)))
        (br $l)))",
    "(block $out (loop $l
        (local.set $i (i32.add (local.get $i) (i32.const 2)))
        (br_if $out (i32.eq (local.get $i) (i32.const 64)))
        (br $l)))",
    // As long as it is less.
    "(loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 1001))))",
    "(loop $l (local.set $m (i32.lt_s (local.get $i) (i32.const 1008)))
        (local.set $i (i32.add (local.get $i) (i32.const 16))) (br_if $l (local.get $m)))",
    "(block $out (loop $l
        (br_if $out (i64.ge_u (local.get $j) (i64.const 64)))
        (local.set $j (i64.add (local.get $j) (i64.const 3)))
        (br $l)))",
    // It goes round once.
    "(loop $l (br_if 1 (i32.eq (local.get $i) (i32.const 0)))
        (local.set $i (i32.add (local.get $i) (i32.const 2))) (br $l))",
];

#[test]
fn short_loops_are_not_asked_in_machine_code() {
    let Ok(engine) = Engine::new(Config::new().epoch_interruption(true).strategy(Strategy::Compiler)) else {
        return; // There is no compiler for this machine.
    };
    for body in SHORT {
        let wat = format!(
            r#"(module (func (export "run") (param $n i32) (local $i i32) (local $j i64) (local $m i32) {body}))"#
        );
        let mut store = Store::new(&engine, 0);
        let instance = Instance::new(&mut store, &Module::new(&engine, wat).unwrap(), &[]).unwrap();
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|mut context| {
            *context.data_mut() += 1;
            Ok(UpdateDeadline::Continue(0))
        });
        func::<u32, ()>(&mut store, instance, "run").call(&mut store, 0).unwrap();
        assert_eq!(*store.data(), 1, "on entry from the host alone: {body}");
    }
}

#[test]
fn a_deadline_comes_after_other_stores_ran_on_the_same_thread() {
    let outer = engine(|c| c.epoch_interruption(true));
    let spin =
        r#"(module (import "" "" (func $other)) (func (export "run") (call $other) (loop $l (br $l))))"#;
    let other = r#"(module (func (export "stops") unreachable) (func (export "returns")))"#;
    for inner in [outer.clone(), engine(|c| c.epoch_interruption(true)), engine(|c| c)] {
        let module = Module::new(&inner, other).unwrap();
        let mut store = Store::new(&outer, ());
        let run_others = Func::wrap(&mut store, move |caller: Caller<'_, ()>| {
            let mut other = Store::new(&inner, ());
            other.set_epoch_deadline(1000);
            let instance = Instance::new(&mut other, &module, &[]).unwrap();
            func::<(), ()>(&mut other, instance, "stops").call(&mut other, ()).unwrap_err();
            func::<(), ()>(&mut other, instance, "returns").call(&mut other, ()).unwrap();
            drop(other);
            let ticker = caller.engine().clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(5));
                ticker.increment_epoch();
            });
        });
        let module = Module::new(&outer, spin).unwrap();
        let instance = Instance::new(&mut store, &module, &[run_others.into()]).unwrap();
        store.set_epoch_deadline(1);
        let error = func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    }
}

/// Each thread's guests are stopped by the deadlines of their own stores.
#[test]
fn deadlines_come_to_many_threads() {
    let engine = engine(|c| c.epoch_interruption(true));
    let threads: Vec<_> = (1..=4)
        .map(|ticks| {
            let engine = engine.clone();
            thread::spawn(move || {
                for _ in 0..5 {
                    let (mut store, instance) = spinner(&engine, ());
                    store.set_epoch_deadline(ticks);
                    let error =
                        func::<(), ()>(&mut store, instance, "spin").call(&mut store, ()).unwrap_err();
                    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
                }
            })
        })
        .collect();
    while !threads.iter().all(|thread| thread.is_finished()) {
        thread::sleep(Duration::from_millis(1));
        engine.increment_epoch();
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn arguments_are_followed_when_the_callback_collects() {
    for strategy in [Strategy::Interpreter, Strategy::Compiler] {
        let Ok(engine) = Engine::new(Config::new().epoch_interruption(true).strategy(strategy)) else {
            continue;
        };
        let wat = r#"(module
            (type $box (struct (field i32)))
            (func (export "make") (param i32) (result anyref) (struct.new $box (local.get 0)))
            (func $few (export "few") (param i32 (ref null $box)) (result i32) (struct.get $box 0 (local.get 1)))
            (func (export "many") (param v128 i32 funcref i32 (ref null $box) anyref) (result i32)
                (i32.add (struct.get $box 0 (local.get 4)) (i31.get_u (ref.cast i31ref (local.get 5))))))"#;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &Module::new(&engine, wat).unwrap(), &[]).unwrap();
        store.epoch_deadline_callback(|mut context| {
            // Objects move to the other half, to where others have been; then those are written over.
            for _ in 0..3 {
                let mut scope = RootScope::new(&mut context);
                for n in 0..2000 {
                    ExternRef::new(&mut scope, n)?;
                }
                drop(scope);
                context.gc();
            }
            let mut scope = RootScope::new(&mut context);
            for n in 0..2000 {
                ExternRef::new(&mut scope, n)?;
            }
            Ok(UpdateDeadline::Continue(1))
        });
        let make = func::<i32, Option<Rooted<AnyRef>>>(&mut store, instance, "make");
        let few = func::<(i32, Option<Rooted<AnyRef>>), i32>(&mut store, instance, "few");
        let many = instance.get_func(&mut store, "many").unwrap();
        for _ in 0..4 {
            store.set_epoch_deadline(1);
            let mut scope = RootScope::new(&mut store);
            for n in 0..500 {
                make.call(&mut scope, n).unwrap();
            }
            drop(scope);
            let object = make.call(&mut store, 4711).unwrap();
            store.set_epoch_deadline(0);
            assert_eq!(few.call(&mut store, (1, object)).unwrap(), 4711, "{strategy:?}");
            let small = AnyRef::from_i31(&mut store, I31::wrapping_u32(9));
            let function = Val::FuncRef(Some(many));
            let vector = Val::V128(V128::from_u64x2([1, 2]));
            let args = [vector, 3.into(), function, 4.into(), object.into(), small.into()];
            let mut result = [Val::I32(0)];
            store.set_epoch_deadline(0);
            many.call(&mut store, &args, &mut result).unwrap();
            assert_eq!(result[0].unwrap_i32(), 4720, "{strategy:?}");
        }
    }
}
