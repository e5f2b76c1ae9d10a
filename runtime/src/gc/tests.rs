//! Tests of the heap as the host reaches it: random graphs against a model, host
//! values, limits.

use super::*;
use crate::config::RuntimeConfig;
use crate::fault::{Fault, HostError};
use crate::limits::ResourceLimiter;
use crate::store::{RootIndex, Shared, StoreOpaque};
use crate::trap::Trap;
use crate::types::TypeId;
use crate::vm::Slot;
use core::any::Any;
use dayfly_parser::{Config, Module};
use std::collections::HashMap;
use std::sync::Arc;

fn config(max_gc_heap: u64, gc_torture: bool) -> RuntimeConfig {
    RuntimeConfig { max_gc_heap, gc_torture, ..RuntimeConfig::default() }
}

fn store(config: RuntimeConfig) -> Box<StoreOpaque> {
    StoreOpaque::new(Shared::new(config), Box::new(Limiter::default()))
}

/// The canonical ids of types given as text.
fn types(store: &StoreOpaque, types: &str) -> Box<[TypeId]> {
    let bytes = wat::parse_str(format!("(module {types})")).unwrap();
    store.shared().types().register_module(&Module::new(bytes, &Config::default()).unwrap()).unwrap()
}

/// Reads a field and roots the reference in it.
fn child(store: &mut StoreOpaque, parent: RootIndex, index: u32) -> Option<RootIndex> {
    let [slot, _] = store.object_field(parent, index).unwrap();
    // SAFETY: the callers read fields that are references to the GC heap.
    unsafe { store.slot_to_root(slot) }
}

fn set(store: &mut StoreOpaque, object: RootIndex, index: u32, value: [Slot; 2]) {
    // SAFETY: the callers pass values of the field's type.
    unsafe { store.set_object_field(object, index, value) }.unwrap();
}

/// The host value that a root refers to.
fn host_value(store: &StoreOpaque, root: RootIndex) -> &(dyn Any + Send + Sync) {
    match store.object_kind(root) {
        Some(ObjectKind::Host(index)) => &**store.host_value(index),
        other => panic!("{other:?}"),
    }
}

fn is_trap(result: Result<RootIndex, Fault>, expected: Trap) -> bool {
    matches!(result, Err(Fault::Trap(trap)) if trap == expected)
}

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// What an object should be.
#[derive(Clone, Debug)]
enum Expected {
    Node { small: u8, wide: u64, vector: [u64; 2], left: Option<Target>, right: Option<Target> },
    Links(Vec<Option<Target>>),
    Bytes(Vec<u8>),
    Host(u64),
}

/// What a reference should refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    I31(u32),
    Object(usize),
}

/// A store and what should be in it.
struct Graph {
    store: Box<StoreOpaque>,
    types: Box<[TypeId]>,
    random: Random,
    objects: Vec<Expected>,
    /// Owned roots and the objects that they should refer to.
    roots: Vec<(RootIndex, usize)>,
}

const LEFT: u32 = 3;
const RIGHT: u32 = 1;

impl Graph {
    fn new(config: RuntimeConfig, seed: u64) -> Graph {
        let store = store(config);
        let types = types(
            &store,
            "(rec (type $node (struct (field i8 (ref null any) i64 (ref null any) v128)))
                  (type (array (mut (ref null any)))) (type (array (mut i8))))",
        );
        Graph { store, types, random: Random(seed), objects: Vec::new(), roots: Vec::new() }
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..=7 => self.make_node(),
            8..=9 => self.make_links(),
            10..=11 => self.make_bytes(),
            12 => self.make_host(),
            13..=15 => self.relink(),
            16..=18 => self.drop_root(),
            _ => self.store.gc(),
        }
        if self.roots.len() > 60 {
            self.drop_root();
        }
    }

    fn keep(&mut self, root: RootIndex, expected: Expected) {
        self.objects.push(expected);
        let owned = self.store.own_root(root).unwrap();
        self.roots.push((owned, self.objects.len() - 1));
    }

    /// A reference to put somewhere: its slot is read after the last allocation.
    fn pick(&mut self) -> (Option<Target>, Slot) {
        if self.roots.is_empty() || self.random.below(8) == 0 {
            return (None, 0);
        }
        if self.random.below(8) == 0 {
            let n = self.random.below(1 << 31) as u32;
            return (Some(Target::I31(n)), Slot::from(n << 1 | 1));
        }
        let at = self.random.below(self.roots.len());
        let (root, object) = self.roots[at];
        (Some(Target::Object(object)), self.store.root(root).unwrap().into())
    }

    fn make_node(&mut self) {
        let scope = self.store.enter_scope();
        let root = self.store.new_struct(self.types[0]).unwrap();
        let (left, left_slot) = self.pick();
        let (right, right_slot) = self.pick();
        let (small, wide) = (self.random.below(256) as u8, self.random.0);
        let vector = [self.random.0 ^ 1, !self.random.0];
        for (index, value) in [
            (0, [small.into(), 0]),
            (RIGHT, [right_slot, 0]),
            (2, [wide, 0]),
            (LEFT, [left_slot, 0]),
            (4, vector),
        ] {
            set(&mut self.store, root, index, value);
        }
        self.keep(root, Expected::Node { small, wide, vector, left, right });
        self.store.exit_scope(scope);
    }

    fn make_links(&mut self) {
        let scope = self.store.enter_scope();
        let len = self.random.below(40);
        let root = self.store.new_array(self.types[1], len as u32).unwrap();
        let links = (0..len).map(|n| {
            let (target, slot) = self.pick();
            set(&mut self.store, root, n as u32, [slot, 0]);
            target
        });
        let links = links.collect();
        self.keep(root, Expected::Links(links));
        self.store.exit_scope(scope);
    }

    fn make_bytes(&mut self) {
        let scope = self.store.enter_scope();
        let len = self.random.below(3000);
        let root = self.store.new_array(self.types[2], len as u32).unwrap();
        let bytes: Vec<_> = (0..len).map(|_| self.random.below(256) as u8).collect();
        for (n, byte) in bytes.iter().enumerate() {
            set(&mut self.store, root, n as u32, [(*byte).into(), 0]);
        }
        self.keep(root, Expected::Bytes(bytes));
        self.store.exit_scope(scope);
    }

    fn make_host(&mut self) {
        let scope = self.store.enter_scope();
        let value = self.random.0;
        let made = self.store.new_extern(Arc::new(value)).unwrap();
        self.keep(made, Expected::Host(value));
        self.store.exit_scope(scope);
    }

    fn relink(&mut self) {
        if self.roots.is_empty() {
            return;
        }
        let at = self.random.below(self.roots.len());
        let (root, object) = self.roots[at];
        let (target, slot) = self.pick();
        let which = self.random.below(40);
        let index = match &mut self.objects[object] {
            Expected::Node { left, .. } if which.is_multiple_of(2) => {
                *left = target;
                LEFT
            }
            Expected::Node { right, .. } => {
                *right = target;
                RIGHT
            }
            Expected::Links(links) if which < links.len() => {
                links[which] = target;
                which as u32
            }
            _ => return,
        };
        set(&mut self.store, root, index, [slot, 0]);
    }

    fn drop_root(&mut self) {
        if self.roots.is_empty() {
            return;
        }
        let at = self.random.below(self.roots.len());
        let (root, _) = self.roots.swap_remove(at);
        if self.random.below(2) == 0 {
            self.store.drop_root(root);
        } else {
            self.store.root_releases().release(root);
        }
    }

    /// Compares all that is reachable; returns how many objects that are.
    fn check(&mut self) -> usize {
        let scope = self.store.enter_scope();
        let mut seen: HashMap<u32, usize> = HashMap::new();
        let mut todo = self.roots.clone();
        while let Some((root, object)) = todo.pop() {
            let reference = self.store.root(root).unwrap();
            match seen.insert(reference, object) {
                Some(before) => assert_eq!(before, object, "two objects became one"),
                None => self.check_object(root, object, &mut todo),
            }
        }
        let mut objects: Vec<_> = seen.values().collect();
        objects.sort_unstable();
        assert!(objects.windows(2).all(|pair| pair[0] != pair[1]), "one object became two");
        self.store.exit_scope(scope);
        seen.len()
    }

    fn check_object(&mut self, root: RootIndex, object: usize, todo: &mut Vec<(RootIndex, usize)>) {
        let kind = self.store.object_kind(root).unwrap();
        let mut links = Vec::new();
        match &self.objects[object] {
            Expected::Node { small, wide, vector, left, right } => {
                assert_eq!(kind, ObjectKind::Struct(self.types[0]));
                let field = |n| self.store.object_field(root, n).unwrap();
                assert_eq!((field(0)[0], field(2)[0], field(4)), ((*small).into(), *wide, *vector));
                assert_eq!(self.store.object_field(root, 5), None);
                links.extend([(LEFT, *left), (RIGHT, *right)]);
            }
            Expected::Links(expected) => {
                assert_eq!(kind, ObjectKind::Array(self.types[1], expected.len() as u32));
                links.extend(expected.iter().enumerate().map(|(n, target)| (n as u32, *target)));
            }
            Expected::Bytes(bytes) => {
                assert_eq!(kind, ObjectKind::Array(self.types[2], bytes.len() as u32));
                for (n, byte) in bytes.iter().enumerate() {
                    assert_eq!(self.store.object_field(root, n as u32), Some([(*byte).into(), 0]));
                }
                assert_eq!(self.store.object_field(root, bytes.len() as u32), None);
            }
            Expected::Host(value) => {
                let ObjectKind::Host(index) = kind else { panic!("{kind:?}") };
                assert_eq!(self.store.host_value(index).downcast_ref(), Some(value));
            }
        }
        for (index, target) in links {
            let child = child(&mut self.store, root, index);
            match target {
                None => assert!(child.is_none()),
                Some(Target::I31(n)) => {
                    assert_eq!(self.store.object_kind(child.unwrap()), Some(ObjectKind::I31(n)));
                }
                Some(Target::Object(object)) => todo.push((child.unwrap(), object)),
            }
        }
    }
}

#[test]
fn random_graphs_survive_collections() {
    for seed in 0..6 {
        let mut graph = Graph::new(config(8 << 20, false), seed);
        for step in 0..6000 {
            graph.step();
            if step % 500 == 0 {
                graph.check();
            }
        }
        graph.store.gc();
        let live = graph.check();
        let stats = graph.store.gc_stats();
        assert!(stats.collections > 100, "{stats:?}");
        assert!(live > 10 && stats.live_bytes <= 8 << 20, "{live} {stats:?}");
    }
}

#[test]
fn random_graphs_survive_torture() {
    for seed in 10..12 {
        let mut graph = Graph::new(config(8 << 20, true), seed);
        for step in 0..1200 {
            graph.step();
            if step % 100 == 0 {
                graph.check();
            }
        }
        graph.check();
        let stats = graph.store.gc_stats();
        assert!(stats.collections > 700, "{stats:?}");
    }
}

#[test]
fn what_is_unreachable_is_freed() {
    let mut store = store(config(64 << 20, false));
    let list = types(&store, "(type $list (struct (field i64) (field (ref null $list))))")[0];
    let mut head: Option<RootIndex> = None;
    for n in 0..10_000 {
        let scope = store.enter_scope();
        let node = store.new_struct(list).unwrap();
        set(&mut store, node, 0, [n, 0]);
        let next = head.map_or(0, |head| store.root(head).unwrap().into());
        set(&mut store, node, 1, [next, 0]);
        let owned = store.own_root(node);
        if let Some(old) = core::mem::replace(&mut head, owned) {
            store.drop_root(old);
        }
        store.exit_scope(scope);
    }
    store.gc();
    assert_eq!(store.gc_stats().live_bytes, 10_000 * 24);
    assert_eq!(store.gc_stats().bytes_allocated, 10_000 * 24);
    // From the head on all are there, and in order.
    let mut node = head;
    for n in (0..10_000).rev() {
        assert_eq!(store.object_field(node.unwrap(), 0), Some([n, 0]));
        node = child(&mut store, node.unwrap(), 1);
    }
    assert_eq!(node, None);
    store.drop_root(head.unwrap());
    store.gc();
    // The walk above has rooted every node but the first in the store's own scope.
    assert_eq!(store.gc_stats().live_bytes, 9_999 * 24);
}

#[test]
fn host_values_are_freed_when_nothing_refers_to_them() {
    let mut store = store(config(1 << 20, false));
    let value: Arc<dyn Any + Send + Sync> = Arc::new(5u8);
    let scope = store.enter_scope();
    let first = store.new_extern(value.clone()).unwrap();
    let second = store.new_extern(value.clone()).unwrap();
    let owned = store.own_root(second).unwrap();
    store.gc();
    assert_eq!(Arc::strong_count(&value), 3);
    assert_eq!(host_value(&store, first).downcast_ref(), Some(&5u8));
    store.exit_scope(scope);
    store.gc();
    assert_eq!(Arc::strong_count(&value), 2);
    let third = store.new_extern(Arc::new(6u8)).unwrap();
    assert_eq!(host_value(&store, third).downcast_ref(), Some(&6u8));
    assert!(matches!(store.object_kind(owned), Some(ObjectKind::Host(_))));
    store.drop_root(owned);
    store.gc();
    assert_eq!(Arc::strong_count(&value), 1);
    assert_eq!(host_value(&store, third).downcast_ref(), Some(&6u8));
    // Garbage alone frees them too, when the heap fills up.
    let scope = store.enter_scope();
    store.new_extern(value.clone()).unwrap();
    store.exit_scope(scope);
    let bytes = types(&store, "(type (array i8))")[0];
    for _ in 0..100 {
        let scope = store.enter_scope();
        store.new_array(bytes, 50_000).unwrap();
        store.exit_scope(scope);
    }
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
#[should_panic(expected = "after the scope")]
fn roots_are_not_followed_after_their_scope() {
    let mut store = store(config(1 << 20, false));
    let scope = store.enter_scope();
    let value = store.new_extern(Arc::new(())).unwrap();
    store.exit_scope(scope);
    store.object_kind(value);
}

#[test]
fn absurd_sizes_trap_without_allocation() {
    let mut store = store(config(1 << 20, false));
    let ids = types(&store, "(type (array i8)) (type (array v128))");
    for (ty, len) in [(0, u32::MAX), (1, u32::MAX), (1, 1 << 28), (0, (1 << 20) + 1)] {
        assert!(is_trap(store.new_array(ids[ty], len), Trap::AllocationTooLarge), "{ty} {len}");
    }
    assert_eq!(store.gc_stats(), GcStats::default());
    // More than half of the heap.
    store.new_array(ids[0], 900_000).unwrap();
    assert!(is_trap(store.new_array(ids[0], 900_000), Trap::GcHeapExhausted));
}

#[test]
fn a_full_heap_traps_and_works_again_when_it_is_not() {
    for torture in [false, true] {
        let mut store = store(config(1 << 20, torture));
        let ty = types(&store, "(type (array i64))")[0];
        let scope = store.enter_scope();
        let mut made = 0;
        let error = loop {
            match store.new_array(ty, 1000) {
                Ok(_) => made += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Fault::Trap(Trap::GcHeapExhausted)));
        assert!(made > 120 && made < 131, "{made}");
        store.exit_scope(scope);
        store.new_array(ty, 100_000).unwrap();
    }
}

#[test]
fn no_heap_at_all_is_possible() {
    let mut store = store(config(0, false));
    let ids = types(&store, "(type (struct))");
    assert!(is_trap(store.new_struct(ids[0]), Trap::AllocationTooLarge));
    store.gc();
}

#[test]
fn the_heap_grows_with_what_is_live_and_shrinks() {
    let mut store = store(config(64 << 20, false));
    let ty = types(&store, "(type (array i8))")[0];
    for _ in 0..1000 {
        let scope = store.enter_scope();
        store.new_array(ty, 60_000).unwrap();
        store.exit_scope(scope);
    }
    assert_eq!(store.gc_stats().capacity, 256 << 10);
    let scope = store.enter_scope();
    for _ in 0..100 {
        store.new_array(ty, 60_000).unwrap();
    }
    let capacity = store.gc_stats().capacity;
    assert!(capacity > 6_000_000 && capacity < 20_000_000, "{capacity}");
    store.exit_scope(scope);
    for _ in 0..10 {
        store.gc();
    }
    let stats = store.gc_stats();
    assert!(stats.capacity < 2 << 20 && stats.live_bytes == 0, "{stats:?}");
    store.new_array(ty, 5_000_000).unwrap();
}

/// Allows memory up to a number of bytes; fails above another.
struct Limiter {
    allowed: usize,
    fails: usize,
    asked: Vec<(usize, usize, Option<usize>)>,
}

impl Default for Limiter {
    fn default() -> Limiter {
        Limiter { allowed: usize::MAX, fails: usize::MAX, asked: Vec::new() }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, HostError> {
        self.asked.push((current, desired, maximum));
        if desired > self.fails {
            Err(HostError::msg("that is too much"))
        } else {
            Ok(desired <= self.allowed)
        }
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool, HostError> {
        Ok(true)
    }
}

fn limiter(store: &mut StoreOpaque) -> &mut Limiter {
    store.data_mut().downcast_mut().unwrap()
}

#[test]
fn the_limiter_is_asked_before_the_heap_grows() {
    let mut store = store(config(64 << 20, false));
    store.set_limiter(Some(Box::new(|data| data.downcast_mut::<Limiter>().unwrap())));
    limiter(&mut store).allowed = 1 << 20;
    let ty = types(&store, "(type (array i8))")[0];
    store.new_array(ty, 100).unwrap();
    assert_eq!(limiter(&mut store).asked, [(0, 256 << 10, Some(64 << 20))]);
    // What is needed is allowed, what would be wanted is not.
    store.new_array(ty, 900_000).unwrap();
    assert!(store.gc_stats().capacity <= 1 << 20);
    assert!(is_trap(store.new_array(ty, 900_000), Trap::GcHeapExhausted));
    limiter(&mut store).fails = 2 << 20;
    match store.new_array(ty, 3_000_000) {
        Err(Fault::Host(error)) => assert_eq!(error.to_string(), "that is too much"),
        other => panic!("{other:?}"),
    }
    *limiter(&mut store) = Limiter::default();
    store.new_array(ty, 3_000_000).unwrap();
    limiter(&mut store).allowed = 0;
    let mut fresh = self::store(config(64 << 20, false));
    fresh.set_limiter(Some(Box::new(|data| data.downcast_mut::<Limiter>().unwrap())));
    limiter(&mut fresh).allowed = 0;
    let ty = types(&fresh, "(type (array i8))")[0];
    assert!(is_trap(fresh.new_array(ty, 1), Trap::GcHeapExhausted));
}

#[test]
fn exceptions_keep_tag_and_payload() {
    let mut store = store(config(1 << 20, true));
    let ty = types(&store, "(type (func (param i32 externref v128)))")[0];
    let tags = [store.new_tag(ty), store.new_tag(ty)];
    let value = store.new_extern(Arc::new(3u16)).unwrap();
    let exn = store.new_exception(tags[1]).unwrap();
    let slot = store.root(value).unwrap().into();
    for (n, payload) in [[7, 0], [slot, 0], [1, 2]].into_iter().enumerate() {
        set(&mut store, exn, n as u32, payload);
    }
    store.set_exception(exn);
    let scope = store.enter_scope();
    store.gc();
    assert!(store.has_exception());
    let caught = store.take_exception().unwrap();
    assert!(!store.has_exception() && store.take_exception().is_none());
    assert_eq!(store.root(caught), store.root(exn));
    assert_eq!(store.exception_tag(caught), tags[1]);
    assert_eq!(store.object_kind(caught), Some(ObjectKind::Exception(ty)));
    let payload = [0, 1, 2].map(|n| store.object_field(caught, n).unwrap());
    assert_eq!((payload[0], payload[2]), ([7, 0], [1, 2]));
    assert_eq!(payload[1][0], store.root(value).unwrap().into());
    store.exit_scope(scope);
}
