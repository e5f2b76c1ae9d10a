//! Both ways to look whether the deadline has come.

use super::*;
use dayfly_jit::Jit;
use dayfly_runtime::fault::Fault;
use dayfly_runtime::store::EpochAction;
use dayfly_runtime::trap::Trap;

const MODULE: &str = r#"(module
    (func (export "0") (param i64) (result i64) (loop $l (br $l)) (unreachable))
    (func (export "1") (param i64) (result i64) (local $n i64)
        (loop $l
            (local.set $n (i64.add (local.get $n) (call $twice (local.get 0))))
            (br_if $l (i32.eqz (i64.eqz (local.tee 0 (i64.sub (local.get 0) (i64.const 1)))))))
        (local.get $n))
    (func $twice (export "2") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0))
            (then (i64.const 0))
            (else (i64.add (i64.const 2) (call $twice (i64.sub (local.get 0) (i64.const 1))))))))"#;

#[test]
fn a_guest_is_stopped_however_it_looks() {
    for by_address in [false, true] {
        let mut jit = Jit::new(true).unwrap();
        if by_address {
            jit.look_by_address();
        }
        let mut store = store_with(RuntimeConfig { epoch_interruption: true, ..RuntimeConfig::default() });
        let module = Module::new(wat::parse_str(MODULE).unwrap(), &dayfly_parser::Config::default()).unwrap();
        let shape =
            Shape::new(module, store.shared().types().clone(), store.shared().config().clone()).unwrap();
        let code: Arc<dyn Code> = jit.compile(&shape, &[true; 3]).unwrap();
        let blueprint = Blueprint::new(shape, code, store.shared()).unwrap();
        let instance = store.instantiate(&blueprint, &[]).unwrap();
        // Asked at each look, it goes on unchanged.
        let mut asked = 0;
        store.set_epoch_callback(Some(Box::new(move |_| {
            asked += 1;
            if asked % 2000 == 0 { EpochAction::Trap } else { EpochAction::Continue(0) }
        })));
        store.set_epoch_deadline(0);
        let failure = call(&mut store, instance, 0, 1).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::Interrupt)));
        assert_eq!(call(&mut store, instance, 1, 40).unwrap(), 40 * 41);
        // Recursion takes the stack that the store has, not more.
        store.set_epoch_deadline(1);
        assert_eq!(call(&mut store, instance, 2, 100).unwrap(), 200);
        let failure = call(&mut store, instance, 2, i64::MAX).unwrap_err();
        assert!(matches!(failure.fault, Fault::Trap(Trap::StackOverflow)));
        assert_eq!(call(&mut store, instance, 2, 100).unwrap(), 200);
    }
}
