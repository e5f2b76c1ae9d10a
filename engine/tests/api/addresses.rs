//! What a guest reads where nobody has put anything: zeros, and never what the host or another guest has left there. Frames,
//! stacks and heaps are full of addresses of the host when it looks.

use crate::func;
use dayfly::{
    Caller, Config, Engine, Error, ExternRef, FuncType, Instance, InstancePre, Linker, Module, Result,
    Rooted, Store, Strategy, V128, ValType,
};

/// Engines with all makers of code.
fn engines() -> impl Iterator<Item = Engine> {
    let strategies = [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(1), Strategy::Mixed(2)];
    // Without a compiler there is only the interpreter.
    strategies.into_iter().filter_map(|strategy| Engine::new(Config::new().strategy(strategy)).ok())
}

/// Bytes of a page of a memory.
const PAGE: usize = 65536;

/// Local variables of each type that the guest looks at: more than fit into registers, and than what was called
/// before has frames for.
const LOCALS: usize = 40;

/// A guest that writes to its memory all that it can see and nobody has given it. Each of its functions called `look...`
/// returns how many bytes it has written, from 0 on.
fn guest() -> String {
    let types = ["i64", "v128", "i32", "f64", "f32"];
    let declared: String = types.iter().map(|ty| format!("(local {})", [*ty; LOCALS].join(" "))).collect();
    // Each has 16 bytes, so that what is behind a narrow one would be seen if it were written.
    let written: String = (0..types.len() * LOCALS)
        .map(|n| format!("({}.store offset={} (i32.const 0) (local.get {n}))", types[n / LOCALS], n * 16))
        .collect();
    let count = types.len() * LOCALS * 16;
    format!(
        r#"(module
        (type $node (struct (field (mut i64)) (field (mut externref)) (field (mut funcref)) (field i32)))
        (type $numbers (array (mut i64)))
        (type $vectors (array (mut v128)))
        (type $refs (array (mut externref)))
        (import "host" "work" (func $work (param i64 i32) (result i64)))
        (import "host" "value" (func $value (result externref)))
        (import "host" "fail" (func $fail (param i64) (result i64 v128 i32)))
        (import "host" "forget" (func $forget (result i32 i32 i32)))
        (import "host" "forget one" (func $forget_one (result i32)))
        (import "host" "forget long" (func $forget_long (result i64)))
        (memory (export "memory") 1 20)
        (table $t (export "table") 4 100 externref)
        (table $f 2 funcref)
        (elem (table $f) (i32.const 0) func $deep)
        (elem declare func $deep)
        (tag $e)

        ;; Calls itself and the host, so that frames of all kinds are where others will be.
        (func $deep (export "deep") (param $n i32) (result i64) (local $a i64)
            (local.set $a (call $work (i64.const 5) (local.get $n)))
            (if (result i64) (local.get $n)
                (then (i64.add (local.get $a) (call $deep (i32.sub (local.get $n) (i32.const 1)))))
                (else (local.get $a))))
        ;; The same, at different distances from where it is called.
        (func (export "deeper") (param $n i32) (result i64) (local i64 v128 i64)
            (i64.add (i64.const 1) (call $deep (local.get $n))))

        (func $locals (export "look locals") (result i32) {declared}
            {written}
            (i32.const {count}))
        (func (export "look locals later") (result i32)
            (drop (call $deep (i32.const 20)))
            (call $locals))
        (func (export "look locals after an exception") (result i32)
            (block $caught
                (try_table (catch_all $caught) (drop (call $deep (i32.const 9))) (throw $e)))
            (call $locals))

        ;; What the host does not give.
        (func (export "look results") (result i32) (local i32 i32 i32)
            (call $forget)
            (local.set 0) (local.set 1) (local.set 2)
            (i64.store offset=0 (i32.const 0) (i64.extend_i32_u (local.get 0)))
            (i64.store offset=8 (i32.const 0) (i64.extend_i32_u (local.get 1)))
            (i64.store offset=16 (i32.const 0) (i64.extend_i32_u (local.get 2)))
            (i64.store offset=24 (i32.const 0) (i64.extend_i32_u (call $forget_one)))
            (i32.const 32))
        (func (export "forgotten") (drop (call $forget_long)))
        (func (export "fail") (drop (drop (drop (call $fail (i64.const -1))))))

        ;; Objects, after others that held references have gone.
        (func (export "look objects") (result i32) (local $i i32) (local $n (ref null $node))
            (local $a (ref null $numbers)) (local $v (ref null $vectors)) (local $r (ref null $refs))
            (loop $again
                (local.set $n (struct.new $node
                    (i64.const -1) (call $value) (ref.func $deep) (i32.const -1)))
                (drop (array.new $numbers (i64.const -1) (i32.const 500)))
                (drop (array.new $refs (call $value) (i32.const 500)))
                (br_if $again (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
            (local.set $n (struct.new_default $node))
            (local.set $a (array.new_default $numbers (i32.const 500)))
            (local.set $v (array.new_default $vectors (i32.const 500)))
            (local.set $r (array.new_default $refs (i32.const 500)))
            (i64.store offset=32000 (i32.const 0) (struct.get $node 0 (local.get $n)))
            (i32.store8 offset=32008 (i32.const 0) (i32.eqz (ref.is_null (struct.get $node 1 (local.get $n)))))
            (i32.store8 offset=32009 (i32.const 0) (i32.eqz (ref.is_null (struct.get $node 2 (local.get $n)))))
            (i64.store offset=32010 (i32.const 0) (i64.extend_i32_u (struct.get $node 3 (local.get $n))))
            (local.set $i (i32.const 0))
            (loop $again
                (i64.store (i32.mul (local.get $i) (i32.const 32)) (array.get $numbers (local.get $a) (local.get $i)))
                (v128.store offset=8 (i32.mul (local.get $i) (i32.const 32))
                    (array.get $vectors (local.get $v) (local.get $i)))
                (i64.store offset=24 (i32.mul (local.get $i) (i32.const 32))
                    (i64.extend_i32_u (i32.eqz (ref.is_null (array.get $refs (local.get $r) (local.get $i))))))
                (br_if $again (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500))))
            (i32.const 32018))

        ;; A reference has no number: it is null or not, the same as another or not, of a type or not.
        (func (export "look references") (result i32) (local $x anyref)
            (local.set $x (any.convert_extern (call $value)))
            (i32.store8 (i32.const 0) (ref.test (ref i31) (local.get $x)))
            (i32.store8 (i32.const 1) (ref.test (ref eq) (local.get $x)))
            (i32.store8 (i32.const 2) (ref.test (ref struct) (local.get $x)))
            (i32.store8 (i32.const 3) (ref.test (ref array) (local.get $x)))
            (i32.store8 (i32.const 4) (ref.is_null (local.get $x)))
            (i32.store8 (i32.const 5) (ref.is_null (table.get $f (i32.const 0))))
            (i32.store8 (i32.const 6) (ref.test (ref $node) (local.get $x)))
            (i32.const 7))

        (func (export "look tables") (result i32) (local $i i32)
            (table.set $t (i32.const 1) (call $value))
            (drop (table.grow $t (ref.null extern) (i32.const 50)))
            (table.copy $t $t (i32.const 2) (i32.const 3) (i32.const 40))
            (local.set $i (i32.const 2))
            (loop $again
                (i32.store8 (local.get $i) (i32.eqz (ref.is_null (table.get $t (local.get $i)))))
                (br_if $again (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1))) (table.size $t))))
            (table.set $t (i32.const 1) (ref.null extern))
            (i32.store8 (i32.const 0) (i32.eqz (ref.is_null (table.get $f (i32.const 1)))))
            (table.size $t))

        ;; What an operator on vectors does not fill.
        (func (export "look vectors") (result i32) (local $v v128) (local $x i64) (local $z i32)
            (local.set $x (call $work (i64.const -1) (i32.const 0)))
            (local.set $v (i64x2.splat (local.get $x)))
            (v128.store offset=0 (i32.const 0) (v128.load32_zero offset=60000 (i32.const 0)))
            (v128.store offset=16 (i32.const 0) (v128.load64_zero offset=60000 (i32.const 0)))
            (v128.store offset=32 (i32.const 0) (i32x4.trunc_sat_f64x2_u_zero (local.get $v)))
            (v128.store offset=48 (i32.const 0)
                (v128.and (v128.const i64x2 0 -1) (f32x4.demote_f64x2_zero (local.get $v))))
            (v128.store offset=64 (i32.const 0)
                (i64x2.shr_u (i64x2.extend_low_i32x4_u (local.get $v)) (i32.const 32)))
            (i32.const 80))

        (func (export "grow") (result i32) (memory.grow (i32.const 3)))
        (func (export "dirty") (memory.fill (i32.const 0) (i32.const 0x7f)
            (i32.mul (memory.size) (i32.const 65536)))))"#
    )
}

/// What the host does and does not do.
fn linker(engine: &Engine) -> Result<Linker<()>> {
    let mut linker = Linker::<()>::new(engine);
    linker.func_wrap("host", "work", |mut caller: Caller<'_, ()>, n: i64, depth: i32| -> Result<i64> {
        if depth == 7 {
            // A frame of the host between the guest's, and a collection.
            caller.gc();
            let deep = caller.get_export("deep").unwrap().into_func().unwrap();
            return deep.typed::<i32, i64>(&caller)?.call(&mut caller, 3).map(|_| n);
        }
        Ok(n)
    })?;
    linker.func_wrap("host", "value", |mut caller: Caller<'_, ()>| -> Result<Option<Rooted<ExternRef>>> {
        ExternRef::new(&mut caller, String::from("the host's")).map(Some)
    })?;
    linker.func_wrap("host", "fail", |_: i64| -> Result<(i64, V128, i32)> { Err(Error::msg("refused")) })?;
    // These leave their results as they find them.
    let i32s = [ValType::I32; 3];
    for (name, results) in
        [("forget", &i32s[..]), ("forget one", &i32s[..1]), ("forget long", &[ValType::I64])]
    {
        linker.func_new("host", name, FuncType::new([], results), |_, _, _| Ok(()))?;
    }
    Ok(linker)
}

fn prepare(engine: &Engine) -> Result<InstancePre<()>> {
    linker(engine)?.instantiate_pre(&Module::new(engine, guest())?)
}

/// The first byte of a guest's memory that is not zero, and what is there.
fn not_zero(store: &mut Store<()>, instance: Instance) -> Option<(usize, Vec<u8>)> {
    let memory = instance.get_memory(&mut *store, "memory").unwrap();
    let bytes = memory.data(&*store);
    let at = bytes.iter().position(|byte| *byte != 0)?;
    Some((at, bytes[at..bytes.len().min(at + 16)].to_vec()))
}

#[test]
fn a_guest_reads_zeros_where_nobody_has_put_anything() -> Result<()> {
    let looks = [
        "look locals",
        "look locals later",
        "look locals after an exception",
        "look results",
        "look objects",
        "look references",
        "look tables",
        "look vectors",
    ];
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = prepare(&engine)?.instantiate(&mut store)?;
        for round in 0..3 {
            for look in looks {
                for (before, depth) in [("deep", 30), ("deeper", 12), ("deep", 0)] {
                    func::<i32, i64>(&mut store, instance, before).call(&mut store, depth)?;
                    let failed =
                        func::<(), ()>(&mut store, instance, "fail").call(&mut store, ()).unwrap_err();
                    assert_eq!(failed.to_string(), "refused");
                    // A result that nobody has given is an `i32`, and no other.
                    let forgotten = func::<(), ()>(&mut store, instance, "forgotten");
                    assert!(
                        forgotten
                            .call(&mut store, ())
                            .unwrap_err()
                            .to_string()
                            .contains("does not fit its type")
                    );
                    let written = func::<(), i32>(&mut store, instance, look).call(&mut store, ())?;
                    assert!(written > 0);
                    assert_eq!(not_zero(&mut store, instance), None, "{look}, {round}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn memory_is_zero_when_a_guest_gets_it_also_where_others_were() -> Result<()> {
    for engine in engines() {
        let pre = prepare(&engine)?;
        for round in 0..6 {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate(&mut store)?;
            let dirty = func::<(), ()>(&mut store, instance, "dirty");
            let grow = func::<(), i32>(&mut store, instance, "grow");
            assert_eq!(not_zero(&mut store, instance), None, "{round}");
            for pages in [1, 4, 7] {
                dirty.call(&mut store, ())?;
                assert_eq!(grow.call(&mut store, ())?, pages);
                let memory = instance.get_memory(&mut store, "memory").unwrap();
                let new = &memory.data(&store)[pages as usize * PAGE..];
                assert_eq!(new.len(), 3 * PAGE);
                assert!(new.iter().all(|byte| *byte == 0), "{round}, {pages}");
            }
            dirty.call(&mut store, ())?;
            drop(store);
        }
    }
    Ok(())
}
