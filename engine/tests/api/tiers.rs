//! What must not depend on who makes the code.

use crate::{engine, func, instance_in};
use dayfly::{Instance, Module, Store, Strategy, Trap};
use std::fmt::Write;

const STRATEGIES: [Strategy; 3] = [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(7)];

/// Every way in which control joins, goes back or leaves early.
const CONTROL: &str = r#"(module
    (global $g (mut i32) (i32.const 0))
    (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (param $n i32) (result i32)
        (local $i i32)
        (block $out
            (loop $again
                (if (i32.and (local.get $i) (i32.const 1))
                    (then (global.set $g (call $leaf (global.get $g))))
                    (else (nop) (drop (i32.const 3))))
                (block (br_if 0 (i32.rem_u (local.get $i) (i32.const 3))) (nop) (nop))
                (block $a (block $b (block $c
                    (br_table $a $b $c (i32.rem_u (local.get $i) (i32.const 4)))) (nop)) (nop) (nop))
                (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 5))) (then (nop)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
                (drop (block (result i32) (br_if 0 (i32.const 1) (local.get $i)) (drop) (i32.const 2)))
                (br $again)))
        (block $caught (try_table (catch_all $caught) (nop)))
        (if (i32.gt_u (local.get $n) (i32.const 20)) (then (return (i32.const -1))))
        (global.get $g)))"#;

#[test]
fn all_burn_the_same_fuel() {
    let burnt = STRATEGIES.map(|strategy| {
        let engine = engine(|c| c.consume_fuel(true).strategy(strategy));
        let (mut store, instance) = instance_in(&engine, CONTROL);
        let run = func::<i32, i32>(&mut store, instance, "run");
        [0, 1, 2, 7, 20, 30].map(|n| {
            store.set_fuel(1_000_000).unwrap();
            let result = run.call(&mut store, n).unwrap();
            let all = 1_000_000 - store.get_fuel().unwrap();
            store.set_fuel(all - 1).unwrap();
            let error = run.call(&mut store, n).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
            assert_eq!(store.get_fuel().unwrap(), 0);
            (result >= 0, all)
        })
    });
    assert_eq!(burnt[0], burnt[1]);
    assert_eq!(burnt[0], burnt[2]);
}

#[test]
fn a_body_too_large_to_compile_runs_beside_compiled_ones() {
    let mut wat = String::from(
        r#"(module (func $small (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            (func (export "through") (param i32) (result i32) (call $large (local.get 0)))
            (func $large (export "large") (param i32) (result i32)"#,
    );
    // Five bytes each.
    for _ in 0..230_000 {
        let _ = write!(wat, "(local.set 0 (i32.xor (local.get 0) (i32.const 1)))");
    }
    wat.push_str("(call $small (local.get 0))))");
    let (mut store, instance) = instance_in(&engine(|c| c.strategy(Strategy::Compiler)), &wat);
    for name in ["large", "through"] {
        assert_eq!(func::<i32, i32>(&mut store, instance, name).call(&mut store, 41).unwrap(), 42);
    }
}

#[test]
fn the_interpreter_counts_calls_and_rounds() {
    const NESTED: &str = r#"(module
        (func $down (param i32) (if (local.get 0)
            (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func $never (loop (br 0)))
        (func (export "run") (param $n i32) (local $m i32)
            (loop $outer
                (local.set $m (i32.const 3))
                (loop $inner (br_if $inner (local.tee $m (i32.sub (local.get $m) (i32.const 1)))))
                (call $down (local.get $n))
                (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
        )"#;
    for fuel in [false, true] {
        let engine = engine(|c| c.strategy(Strategy::Interpreter).count_executions(true).consume_fuel(fuel));
        let module = Module::new(&engine, NESTED).unwrap();
        let mut store = Store::new(&engine, ());
        if fuel {
            store.set_fuel(10_000).unwrap();
        }
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = func::<i32, ()>(&mut store, instance, "run");
        run.call(&mut store, 4).unwrap();
        run.call(&mut store, 1).unwrap();
        let counts = module.execution_counts().unwrap();
        // 5 + 4 + 3 + 2 and 2; four and one; three times as many.
        assert_eq!(counts.len(), 2);
        assert_eq!((counts[0].func.0, counts[0].calls, counts[0].loops.len()), (0, 16, 0));
        assert_eq!((counts[1].func.0, counts[1].calls), (2, 2));
        let rounds: Vec<_> = counts[1].loops.iter().map(|each| each.rounds).collect();
        assert_eq!(rounds, [5, 15]);
        for each in &counts[1].loops {
            assert_eq!(module.parsed().bytes()[each.offset], 0x03);
        }
    }
    let engine = engine(|c| c.strategy(Strategy::Interpreter));
    let module = Module::new(&engine, NESTED).unwrap();
    assert!(module.execution_counts().unwrap().is_empty());
}
