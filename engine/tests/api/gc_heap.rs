//! The GC heap of a store: its limits, and guests under collection at every allocation.

use crate::{engine, func, instance_in};
use dayfly::{
    Config, Engine, ExternRef, Instance, Module, ResourceLimiter, Result, RootScope, Store,
    StoreLimitsBuilder, Trap,
};
use std::fmt::Write;

const LISTS: &str = r#"(module
    (type $list (struct (field i64) (field (ref null $list))))
    (type $bytes (array (mut i8)))
    (global $kept (mut (ref null $list)) (ref.null $list))
    (func (export "keep") (param $n i32)
        (loop $again
            (global.set $kept (struct.new $list (i64.extend_i32_u (local.get $n)) (global.get $kept)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (local.get $n))))
    (func (export "forget") (global.set $kept (ref.null $list)))
    (func (export "sum") (result i64) (local $l (ref null $list)) (local $sum i64)
        (local.set $l (global.get $kept))
        (block $end
            (loop $again
                (br_if $end (ref.is_null (local.get $l)))
                (local.set $sum (i64.add (local.get $sum) (struct.get $list 0 (local.get $l))))
                (local.set $l (struct.get $list 1 (local.get $l)))
                (br $again)))
        (local.get $sum))
    (func (export "waste") (param $n i32)
        (loop $again
            (drop (array.new_default $bytes (i32.const 1000)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (local.get $n))))
    (func (export "huge") (drop (array.new_default $bytes (i32.const -1)))))"#;

#[test]
fn the_heap_bounds_what_is_kept_of_host_values_outside_of_it() {
    let engine = engine(|config| config.max_gc_heap_size(1 << 20));
    let mut store = Store::new(&engine, ());
    let mut kept = Vec::new();
    let error = loop {
        match ExternRef::new(&mut store, kept.len()) {
            Ok(value) => kept.push(value),
            Err(error) => break error,
        }
    };
    assert_eq!(error.downcast_ref(), Some(&Trap::GcHeapExhausted));
    // Each takes a place in a list, a counted allocation and the place of a root.
    let least = 24 + size_of::<[usize; 3]>() + 8;
    assert!((1000..=(1 << 20) / least).contains(&kept.len()), "{}", kept.len());
    for (n, value) in kept.iter().enumerate() {
        let data = value.data(&store).unwrap().unwrap();
        assert_eq!(data.downcast_ref(), Some(&n));
    }
}

fn trap(result: Result<()>) -> Option<Trap> {
    result.unwrap_err().downcast_ref().copied()
}

#[test]
fn a_full_heap_is_a_trap() {
    let (mut store, instance) = instance_in(&engine(|config| config.max_gc_heap_size(1 << 20)), LISTS);
    let keep = func::<i32, ()>(&mut store, instance, "keep");
    let forget = func::<(), ()>(&mut store, instance, "forget");
    let sum = func::<(), i64>(&mut store, instance, "sum");
    for _ in 0..3 {
        keep.call(&mut store, 30_000).unwrap();
        assert_eq!(sum.call(&mut store, ()).unwrap(), 30_000 * 30_001 / 2);
        assert_eq!(trap(keep.call(&mut store, 30_000)), Some(Trap::GcHeapExhausted));
        // The host sees it too, and can make room.
        let error = loop {
            match ExternRef::new(&mut store, ()) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.downcast_ref(), Some(&Trap::GcHeapExhausted));
        forget.call(&mut store, ()).unwrap();
    }
    assert_eq!(
        trap(func::<(), ()>(&mut store, instance, "huge").call(&mut store, ())),
        Some(Trap::AllocationTooLarge)
    );
    assert!(store.gc_stats().capacity <= 1 << 20);
}

#[test]
fn garbage_takes_no_memory() {
    let (mut store, instance) = instance_in(&Engine::default(), LISTS);
    assert_eq!(store.gc_stats(), Default::default());
    func::<i32, ()>(&mut store, instance, "keep").call(&mut store, 100).unwrap();
    func::<i32, ()>(&mut store, instance, "waste").call(&mut store, 10_000).unwrap();
    let stats = store.gc_stats();
    assert!(stats.bytes_allocated > 10_000_000 && stats.capacity < 1 << 20, "{stats:?}");
    assert!(stats.collections > 10 && stats.pause_max <= stats.pause_total, "{stats:?}");
    store.gc();
    assert_eq!(store.gc_stats().live_bytes, 100 * 24);
    assert_eq!(func::<(), i64>(&mut store, instance, "sum").call(&mut store, ()).unwrap(), 5050);
}

#[test]
fn the_limiter_rules_the_heap() {
    let engine = Engine::default();
    let module = Module::new(&engine, LISTS).unwrap();
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(1 << 20).build());
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let keep = func::<i32, ()>(&mut store, instance, "keep");
    keep.call(&mut store, 30_000).unwrap();
    assert_eq!(trap(keep.call(&mut store, 100_000)), Some(Trap::GcHeapExhausted));

    struct Strict;
    impl ResourceLimiter for Strict {
        fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
            Err(dayfly::Error::msg(format!("no {desired} bytes")))
        }
        fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
            Ok(true)
        }
    }
    let mut store = Store::new(&engine, Strict);
    store.limiter(|strict| strict);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let error = func::<i32, ()>(&mut store, instance, "keep").call(&mut store, 1).unwrap_err();
    assert_eq!(error.to_string(), "no 262144 bytes");
    assert_eq!(ExternRef::new(&mut store, 1).unwrap_err().to_string(), "no 262144 bytes");
}

#[test]
fn torture_collects_at_every_allocation() {
    let (mut store, instance) = instance_in(&engine(|config| config.gc_torture(true)), LISTS);
    func::<i32, ()>(&mut store, instance, "keep").call(&mut store, 500).unwrap();
    assert_eq!(store.gc_stats().collections, 499, "the first allocation makes the heap");
    let mut scope = RootScope::new(&mut store);
    ExternRef::new(&mut scope, 1).unwrap();
    drop(scope);
    assert_eq!(store.gc_stats().collections, 500);
    assert_eq!(func::<(), i64>(&mut store, instance, "sum").call(&mut store, ()).unwrap(), 500 * 501 / 2);
}

/// A source of numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

const LOCALS: u32 = 6;

/// An expression that gives a `(ref null $node)`.
fn node(random: &mut Random, depth: u32, wat: &mut String) {
    let leaf = depth == 0;
    match random.below(if leaf { 3 } else { 9 }) {
        0 => wat.push_str("(ref.null $node)"),
        1 | 2 => write!(wat, "(local.get {})", random.below(LOCALS)).unwrap(),
        3 | 4 => {
            write!(wat, "(struct.new $node (i32.const {}) ", random.below(1000)).unwrap();
            node(random, depth - 1, wat);
            node(random, depth - 1, wat);
            wat.push(')');
        }
        5 => {
            write!(wat, "(array.get $nodes (array.new_fixed $nodes 3 ").unwrap();
            (0..3).for_each(|_| node(random, depth - 1, wat));
            write!(wat, ") (i32.const {}))", random.below(3)).unwrap();
        }
        6 => {
            wat.push_str("(call $pick ");
            (0..3).for_each(|_| node(random, depth - 1, wat));
            wat.push(')');
        }
        7 => {
            let (label, local) = (random.below(1000), random.below(LOCALS));
            write!(wat, "(if (result (ref null $node)) (ref.is_null (local.get {local})) (then ").unwrap();
            node(random, depth - 1, wat);
            write!(wat, ") (else (block $l{label} (result (ref null $node)) (br $l{label} ").unwrap();
            node(random, depth - 1, wat);
            wat.push_str("))))");
        }
        _ => {
            wat.push_str("(block $c (result (ref null $node)) (try_table (catch $t $c) (throw $t ");
            node(random, depth - 1, wat);
            wat.push_str(")) (unreachable))");
        }
    }
}

/// A module that makes objects in every position, and gives a number that depends on
/// all that are left.
fn program(seed: u64) -> String {
    let mut random = Random(seed);
    let mut wat = String::from(
        r#"(module
        (type $node (struct (field i32) (field (mut (ref null $node))) (field (mut (ref null $node)))))
        (type $nodes (array (mut (ref null $node))))
        (tag $t (param (ref null $node)))
        (global $g (mut (ref null $node)) (ref.null $node))
        (table $table 4 (ref null $node))
        (func $pick (param (ref null $node) (ref null $node) (ref null $node)) (result (ref null $node))
            (global.set $g (struct.new $node (i32.const 5) (local.get 1) (local.get 2)))
            (struct.new $node (i32.const 7) (local.get 0) (local.get 2)))
        (func $sum (param $n (ref null $node)) (param $depth i32) (result i32)
            (if (result i32) (i32.or (ref.is_null (local.get $n)) (i32.eqz (local.get $depth)))
                (then (i32.const 1))
                (else (i32.add (struct.get $node 0 (local.get $n))
                    (i32.add
                        (i32.mul (i32.const 3) (call $sum (struct.get $node 1 (local.get $n))
                            (i32.sub (local.get $depth) (i32.const 1))))
                        (i32.mul (i32.const 5) (call $sum (struct.get $node 2 (local.get $n))
                            (i32.sub (local.get $depth) (i32.const 1)))))))))
        (func (export "run") (result i32)"#,
    );
    wat.push_str(&"(local (ref null $node))".repeat(LOCALS as usize));
    for _ in 0..40 {
        match random.below(5) {
            0 | 1 => write!(wat, "\n(local.set {} ", random.below(LOCALS)).unwrap(),
            2 => wat.push_str("\n(global.set $g "),
            3 => write!(wat, "\n(table.set $table (i32.const {}) ", random.below(4)).unwrap(),
            _ => {
                let local = random.below(LOCALS);
                write!(wat, "\n(if (i32.eqz (ref.is_null (local.get {local}))) (then ").unwrap();
                write!(wat, "(struct.set $node {} (local.get {local}) ", 1 + random.below(2)).unwrap();
                node(&mut random, 2, &mut wat);
                wat.push_str(")))");
                continue;
            }
        }
        node(&mut random, 3, &mut wat);
        wat.push(')');
    }
    wat.push_str("(i32.const 0)");
    let roots = (0..LOCALS).map(|n| format!("(local.get {n})"));
    let roots = roots.chain((0..4).map(|n| format!("(table.get $table (i32.const {n}))")));
    for root in roots.chain(["(global.get $g)".to_owned()]) {
        write!(wat, "(call $sum {root} (i32.const 7)) i32.add (i32.const 31) i32.mul").unwrap();
    }
    wat.push_str("))");
    wat
}

#[test]
fn random_programs_give_the_same_with_and_without_torture() {
    let run = |config: &mut Config, wat: &str| {
        let (mut store, instance) = instance_in(&Engine::new(config).unwrap(), wat);
        let run = func::<(), i32>(&mut store, instance, "run");
        let results = [run.call(&mut store, ()).unwrap(), run.call(&mut store, ()).unwrap()];
        (results, store.gc_stats())
    };
    let mut collections = 0;
    for seed in 0..60 {
        let wat = program(seed);
        // So much room that nothing is ever moved.
        let (expected, stats) = run(&mut Config::new(), &wat);
        assert_eq!(stats.collections, 0);
        let (tortured, stats) = run(Config::new().gc_torture(true), &wat);
        assert_eq!(tortured, expected, "seed {seed}:\n{wat}");
        collections += stats.collections;
    }
    assert!(collections > 3000, "{collections}");
}
