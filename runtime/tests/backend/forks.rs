//! A child of a process that has used instances again: memory that was protected to learn of
//! changes is not in the child, so nothing that its parent left is used there.

use crate::Fake;
use dayfly_parser::Module;
use dayfly_runtime::backend::Backend;
use dayfly_runtime::config::{MemoryTracking, RuntimeConfig};
use dayfly_runtime::host::{Linked, Store};
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::{Instance, Memory, PoolOwner, Shared};
use std::sync::Arc;

struct Prepared(Arc<Blueprint>);

impl AsRef<Arc<Blueprint>> for Prepared {
    fn as_ref(&self) -> &Arc<Blueprint> {
        &self.0
    }
}

struct Owned(Arc<Shared>);

impl AsRef<Arc<Shared>> for Owned {
    fn as_ref(&self) -> &Arc<Shared> {
        &self.0
    }
}

const WAT: &str = r#"(module (memory (export "m") 40) (data (i32.const 100000) "start"))"#;

fn fresh(engine: &Owned, linked: &Linked<()>) -> (Store<()>, Instance, Memory) {
    let mut store = Store::new(engine, ());
    let instance = linked.instantiate(&mut store).unwrap();
    let memory = instance.get_memory(&mut store, "m").unwrap();
    assert!(memory.data(&store)[100_000..].starts_with(b"start\0"));
    assert!(memory.data(&store)[..100_000].iter().all(|byte| *byte == 0));
    (store, instance, memory)
}

fn use_some(engine: &Owned, linked: &Linked<()>) {
    for n in 0..3 {
        let (mut store, _, memory) = fresh(engine, linked);
        memory.write(&mut store, 5000 * n, b"changed").unwrap();
        memory.write(&mut store, 100_000, b"changed").unwrap();
    }
}

#[test]
fn children_use_nothing_again_that_their_parent_left() {
    for how in [None].into_iter().chain(MemoryTracking::ALL.map(Some)) {
        let engine = Owned(Shared::new(RuntimeConfig { memory_tracking: how, ..RuntimeConfig::default() }));
        let owner = PoolOwner::of(&engine.0);
        let module = Module::new(wat::parse_str(WAT).unwrap(), &dayfly_parser::Config::default()).unwrap();
        let shape = Shape::new(module, engine.0.types().clone(), engine.0.config().clone()).unwrap();
        let code = Fake(&[]).compile(&shape).unwrap();
        let prepared = Prepared(Blueprint::new(shape, code, &engine.0).unwrap());
        let linked = Linked::<()>::new(&prepared, []).unwrap().prepare();
        use_some(&engine, &linked);
        let (mut alive, instance, memory) = fresh(&engine, &linked);
        memory.write(&mut alive, 9000, b"before").unwrap();
        // SAFETY: the child uses what the parent has prepared, on its one thread, and ends.
        let status = unsafe {
            let child = libc::fork();
            if child == 0 {
                let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    memory.write(&mut alive, 200_000, b"in the child").unwrap();
                    assert!(instance.reset(&mut alive).is_err(), "it cannot be known what to reset");
                    drop(alive);
                    use_some(&engine, &linked);
                }));
                libc::_exit(i32::from(done.is_err()));
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &mut status, 0), child);
            status
        };
        assert_eq!(status, 0, "{how:?}");
        assert!(memory.data(&alive)[200_000..].starts_with(&[0]), "the child's memory is its own");
        instance.reset(&mut alive).unwrap();
        use_some(&engine, &linked);
        drop((alive, owner));
    }
}
