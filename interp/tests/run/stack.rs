//! Handlers leave the native stack alone: each is executed so often, on a thread
//! of little stack, that a frame left behind every time would overflow it.

use crate::call;
use dayfly_interp::Interp;
use dayfly_parser::ValType;
use dayfly_parser::ops::{BinOp, CmpOp, ExtractOp, LoadOp, ReplaceOp, StoreOp, TernOp, UnOp};

/// Enough: with 16 bytes a round they need 640 KiB.
const ROUNDS: u32 = 40_000;

/// Bytes of stack that the guest runs on.
const STACK: usize = 512 << 10;

/// Runs `body`, which may use locals of each type, `$type` and `$other_type`, in a loop.
/// The one that it reads most often is pinned.
fn repeat(body: &str) {
    let wat = format!(
        "(module (memory 1) (tag $tag) (table 1 funcref) (elem $e anyref (ref.null any)) (data $d \"12345678\")
          (type $bytes (array (mut i8))) (type $refs (array (mut anyref))) (type $vectors (array (mut v128)))
          (type $fields (struct (field (mut i8)) (field (mut i16)) (field (mut i32)) (field (mut i64))
            (field (mut f32)) (field (mut f64)) (field (mut v128)) (field (mut anyref)) (field (mut funcref))))
          (func (export \"f\") (result i32)
            (local $fields (ref null $fields)) (local $bytes (ref null $bytes)) (local $any anyref)
            (local $refs (ref null $refs)) (local $vectors (ref null $vectors)) (local $func funcref)
            (local $i32 i32) (local $i64 i64) (local $f32 f32) (local $f64 f64) (local $v128 v128) (local $n i32)
            (local $other_i32 i32) (local $other_i64 i64) (local $other_f32 f32) (local $other_f64 f64)
            (local $other_v128 v128)
            (local.set $fields (struct.new_default $fields))
            (local.set $bytes (array.new_default $bytes (i32.const 9)))
            (local.set $refs (array.new_default $refs (i32.const 9)))
            (local.set $vectors (array.new_default $vectors (i32.const 9)))
            (local.set $any (ref.i31 (i32.const 5)))
            (local.set $i32 (i32.const 1)) (local.set $i64 (i64.const 1))
            (local.set $f32 (f32.const 1)) (local.set $f64 (f64.const 1))
            (local.set $other_i32 (i32.const 1)) (local.set $other_i64 (i64.const 1))
            (local.set $other_f32 (f32.const 1)) (local.set $other_f64 (f64.const 1))
            (loop
                {body}
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if 0 (i32.lt_u (local.get $n) (i32.const {ROUNDS}))))
            local.get $n))"
    );
    let run = || call::<(), i32>(&wat, ());
    let result = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("no panic")
    });
    assert_eq!(result, Ok(ROUNDS as i32), "{body}");
}

/// An operand that is a local, which may be pinned, one that is another local, one that
/// is a constant, one that was just computed.
fn operands(ty: ValType) -> [String; 4] {
    let (local, other) = (format!("(local.get ${ty})"), format!("(local.get $other_{ty})"));
    let (constant, computed) = match ty {
        ValType::V128 => ("(v128.const i64x2 1 1)".into(), format!("(v128.not {local})")),
        ValType::F32 | ValType::F64 => (format!("({ty}.const 1)"), format!("({ty}.abs {local})")),
        _ => (format!("({ty}.const 1)"), format!("({ty}.or {local} {local})")),
    };
    [local, other, constant, computed]
}

/// Every operator of a class on every combination of operands, in few modules.
fn operators(rows: impl Iterator<Item = (&'static str, &'static [ValType])>) {
    for (name, types) in rows {
        let mut body = String::new();
        let choices: Vec<[String; 4]> = types.iter().map(|ty| operands(*ty)).collect();
        for pick in 0..4usize.pow(types.len() as u32) {
            let mut rest = pick;
            let given: Vec<&str> = choices
                .iter()
                .map(|choice| {
                    let operand = choice[rest % 4].as_str();
                    rest /= 4;
                    operand
                })
                .collect();
            body.push_str(&format!("(drop ({name} {}))\n", given.join(" ")));
        }
        repeat(&body);
    }
}

#[test]
fn unary() {
    operators(UnOp::ALL.iter().map(|op| (op.name(), op.operands())));
}

#[test]
fn binary() {
    operators(BinOp::ALL.iter().map(|op| (op.name(), op.operands())));
}

#[test]
fn compare() {
    operators(CmpOp::ALL.iter().map(|op| (op.name(), op.operands())));
}

#[test]
fn compare_and_branch() {
    for op in CmpOp::ALL {
        let [local, other, constant, computed] = operands(op.operands()[0]);
        let name = op.name();
        repeat(&format!(
            "(block (br_if 0 ({name} {local} {constant})))
            (block (br_if 0 ({name} {computed} {local})))
            (block (br_if 0 ({name} {computed} {other})))
            (block (br_if 0 ({name} {other} {constant})))
            (block (br_if 0 ({name} {other} {local})))
            (if ({name} {local} {other}) (then))
            (if ({name} {other} {computed}) (then))
            (if ({name} {local} {local}) (then))"
        ));
    }
}

#[test]
fn results_to_locals() {
    for op in BinOp::ALL.iter().filter(|op| op.result() != ValType::V128) {
        let ([local, other, constant, computed], ty) = (operands(op.operands()[0]), op.result());
        if op.operands()[0] != ty {
            continue;
        }
        // What is divided by is 1.
        for (x, y) in [(&local, &constant), (&other, &constant), (&computed, &constant), (&local, &local)] {
            repeat(&format!(
                "(local.set ${ty} ({0} {x} {y})) (drop ({ty}.eq {local} {local})) (drop ({ty}.ne {local} {local}))
                (local.set $other_{ty} ({0} {other} {constant})) (local.set ${ty} ({ty}.const 1))
                (local.set $other_{ty} ({ty}.const 1))",
                op.name()
            ));
        }
    }
    for op in UnOp::ALL.iter().filter(|op| op.result() != ValType::V128 && op.operands()[0] != ValType::V128)
    {
        let ([local, _, _, computed], ty) = (operands(op.operands()[0]), op.result());
        for x in [local, computed] {
            repeat(&format!(
                "(local.set ${ty} ({} {x})) (local.set ${ty} ({ty}.const 1)) (drop (local.get ${ty}))
                (drop (local.get ${ty})) (drop (local.get ${ty}))",
                op.name()
            ));
        }
    }
}

#[test]
fn fused() {
    let mut moves = String::new();
    for count in 1..6 {
        moves.push_str(&"(local.set $other_i32 (local.get $i32))".repeat(count));
        moves.push_str("(drop (i32.or (local.get $n) (local.get $n)))");
    }
    repeat(&moves);
    for ty in [ValType::I32, ValType::I64] {
        for op in CmpOp::ALL.iter().filter(|op| op.operands()[0] == ty) {
            for x in [format!("${ty}"), format!("$other_{ty}")] {
                let step = format!("(local.set {x} ({ty}.add (local.get {x}) ({ty}.const 1)))");
                for y in [format!("(local.get ${ty})"), format!("({ty}.const 3)"), "(local.get $f)".into()] {
                    let y = y.replace("$f", &format!("$other_{ty}"));
                    repeat(&format!(
                        "{step} (block (br_if 0 ({0} (local.get {x}) {y})))
                        {step} (if ({0} (local.get {x}) {y}) (then))
                        (drop (local.get ${ty})) (drop (local.get ${ty})) (drop (local.get ${ty}))",
                        op.name()
                    ));
                }
            }
        }
    }
    for x in ["(local.get $i32)", "(local.get $other_i32)", "(i32.or (local.get $n) (local.get $i32))"] {
        repeat(&format!(
            "(block (br_if 0 (i32.eq (i32.and {x} (i32.const 6)) (i32.const 2))))
            (if (i32.eq (i32.and {x} (i32.const 6)) (i32.const 2)) (then))
            (block (br_if 0 (i32.and {x} (i32.const 6))))
            (local.set $other_i32 (i32.add (local.get $n) (i32.shl {x} (i32.const 3))))
            (drop (i32.eqz (i32.add (local.get $other_i32) (i32.shl {x} (i32.const 3)))))
            (local.set $i32 (i32.add (local.get $n) (i32.shl {x} (i32.const 3))))
            (local.set $i32 (i32.add (local.get $other_i32) (i32.const 1)))
            (local.set $other_i32 (i32.add (local.get $other_i32) (i32.const 1)))
            (local.set $other_i32 (i32.add (local.get $other_i32) (i32.const 1)))
            (block (local.set $i32 (i32.add (local.get $i32) (i32.const 1))) (br 0))
            (block (local.set $other_i32 (i32.add (local.get $i32) (i32.const 1))) (br 0))
            (block (local.set $other_i64 (i64.add (local.get $i64) (i64.const 1))) (br 0))
            (drop (local.get $i32)) (drop (local.get $i32)) (drop (local.get $i32)) (drop (local.get $i32))"
        ));
    }
}

#[test]
fn vectors() {
    operators(TernOp::ALL.iter().map(|op| (op.name(), op.operands())));
    for op in ExtractOp::ALL {
        repeat(&format!("(drop ({} 0 (local.get $v128)))", op.name()));
    }
    for op in ReplaceOp::ALL {
        let scalar = op.operands()[1];
        repeat(&format!("(drop ({} 0 (local.get $v128) (local.get ${scalar})))", op.name()));
    }
}

/// Addresses of every shape; the first local is pinned.
const ADDRESSES: [&str; 8] = [
    "(local.get $i32)",
    "(local.get $other_i32)",
    "(i32.const 9)",
    "(i32.or (local.get $i32) (i32.const 2))",
    "(i32.add (local.get $i32) (i32.const 2))",
    "(i32.add (local.get $other_i32) (i32.const 2))",
    "(i32.add (local.get $other_i32) (local.get $i32))",
    "(i32.add (local.get $other_i32) (local.get $other_i32))",
];

/// Addresses that are a sum with something that was just computed.
const COMPUTED_ADDRESSES: [&str; 3] = [
    "(i32.add (i32.or (local.get $i32) (i32.const 2)) (i32.const 2))",
    "(i32.add (i32.or (local.get $i32) (i32.const 2)) (local.get $other_i32))",
    "(i32.add (i32.or (local.get $i32) (i32.const 2)) (local.get $i32))",
];

#[test]
fn memory() {
    let addresses = || ADDRESSES.iter().chain(&COMPUTED_ADDRESSES);
    for op in LoadOp::ALL {
        let (name, ty) = (op.name(), op.result());
        let mut body = String::new();
        for address in addresses() {
            body.push_str(&format!("(drop ({name} {address})) (local.set $other_{ty} ({name} {address}))"));
            if ty != ValType::V128 {
                let is = if matches!(ty, ValType::F32 | ValType::F64) { "eq" } else { "xor" };
                body.push_str(&format!("(drop ({ty}.{is} ({name} {address}) ({ty}.const 1)))"));
            }
        }
        repeat(&body);
        if ty != ValType::I32 {
            let reads = format!("(drop (local.get ${ty}))").repeat(30);
            repeat(&format!("(local.set ${ty} ({name} (local.get $n))) {reads}"));
        }
    }
    for op in StoreOp::ALL {
        let name = op.name();
        let mut body = String::new();
        for address in addresses() {
            for value in operands(op.operands()[0]) {
                body.push_str(&format!("({name} {address} {value})\n"));
            }
        }
        repeat(&body);
    }
}

#[test]
fn heap() {
    for (n, ty) in ["i32", "i32", "i32", "i64", "f32", "f64", "v128", "any", "func"].iter().enumerate() {
        let get = if n < 2 { ["struct.get_s", "struct.get_u"] } else { ["struct.get"; 2] };
        repeat(&format!("(drop ({} $fields {n} (local.get $fields)))", get[0]));
        repeat(&format!("(drop ({} $fields {n} (local.get $fields)))", get[1]));
        repeat(&format!("(struct.set $fields {n} (local.get $fields) (local.get ${ty}))"));
    }
    for body in [
        "(drop (struct.new_default $fields))",
        "(drop (struct.new $fields (local.get $i32) (local.get $i32) (local.get $i32) (local.get $i64)
            (local.get $f32) (local.get $f64) (local.get $v128) (local.get $any) (local.get $func)))",
        "(drop (array.new $bytes (local.get $i32) (i32.const 3)))",
        "(drop (array.new_default $vectors (i32.const 3)))",
        "(drop (array.new_fixed $refs 2 (local.get $any) (ref.null any)))",
        "(drop (array.new_data $bytes $d (i32.const 2) (i32.const 3)))",
        "(drop (array.new_elem $refs $e (i32.const 0) (i32.const 1)))",
        "(drop (array.get_s $bytes (local.get $bytes) (local.get $i32)))",
        "(drop (array.get_u $bytes (local.get $bytes) (i32.const 3)))",
        "(drop (array.get $refs (local.get $refs) (local.get $i32)))",
        "(drop (array.get $vectors (local.get $vectors) (local.get $i32)))",
        "(array.set $bytes (local.get $bytes) (local.get $i32) (i32.const 3))",
        "(array.set $refs (local.get $refs) (local.get $i32) (local.get $any))",
        "(array.set $vectors (local.get $vectors) (i32.const 3) (local.get $v128))",
        "(drop (array.len (local.get $refs)))",
        "(array.fill $vectors (local.get $vectors) (i32.const 3) (local.get $v128) (local.get $i32))",
        "(array.copy $bytes $bytes (local.get $bytes) (i32.const 1) (local.get $bytes) (i32.const 2) (i32.const 3))",
        "(array.init_data $bytes $d (local.get $bytes) (i32.const 1) (i32.const 2) (i32.const 3))",
        "(array.init_elem $refs $e (local.get $refs) (i32.const 1) (i32.const 0) (i32.const 1))",
        "(drop (i31.get_s (ref.i31 (local.get $i32))))",
        "(drop (i31.get_u (ref.cast (ref i31) (local.get $any))))",
        "(drop (ref.test (ref $fields) (local.get $any)))",
        "(drop (ref.eq (local.get $fields) (local.get $bytes)))",
        "(drop (ref.as_non_null (local.get $fields)))",
        "(block (result anyref) (br_on_cast 0 anyref (ref $fields) (local.get $any))) drop",
        "(block (result anyref) (br_on_cast_fail 0 anyref (ref i31) (local.get $any))) drop",
        "(drop (any.convert_extern (extern.convert_any (local.get $any))))",
        "(drop (memory.grow (i32.const 0)))",
        "(drop (table.grow (ref.null func) (i32.const 0)))",
        "(local.set $func (table.get 0 (i32.const 0))) (table.set 0 (i32.const 0) (local.get $func))",
        "(block $h (try_table (catch $tag $h) (block $r (result exnref)
            (try_table (catch_all_ref $r) (throw $tag)) unreachable) throw_ref))",
        "(drop (block $h (result exnref) (try_table (catch_all_ref $h) (throw $tag)) unreachable))",
    ] {
        repeat(body);
    }
}

#[test]
fn optimised_builds_are_threaded() {
    // The profiles of the workspace build the interpreter with optimisation, so that
    // the tests run the code that users run.
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert!(Interp::is_threaded());
    }
}

#[test]
fn lowering_in_the_middle_of_a_run_leaves_no_frame() {
    // Each function calls the next, all of them for the first time.
    let count = 10_000;
    let mut wat = String::from("(module (func $f0 (export \"f\") (result i32) (call $f1))");
    for n in 1..count {
        wat.push_str(&format!("(func $f{n} (result i32) (i32.add (call $f{}) (i32.const 1)))", n + 1));
    }
    wat.push_str(&format!("(func $f{count} (result i32) (i32.const 0)))"));
    let run = || call::<(), i32>(&wat, ());
    let result = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("no panic")
    });
    assert_eq!(result, Ok(count - 1));
}
