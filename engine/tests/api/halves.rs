//! Values of 32 bits that were made where something stood above them: nobody may see that, and no index or length may take
//! it for a part of itself. Each way to make one is combined with each way to use one, by every maker of code.

use crate::func;
use dayfly::{
    Config, Engine, Error, Func, FuncType, Instance, Linker, Module, Result, Store, Strategy, Val, ValType,
};

/// Ways to make the lower half of `$w`, whose upper half is to be forgotten. `$one` is 1, which compilers do not know.
const SOURCES: &[(&str, &str)] = &[
    ("wrap", "(i32.wrap_i64 (local.get $w))"),
    ("shift", "(i32.wrap_i64 (i64.shr_u (i64.rotl (local.get $w) (i64.const 13)) (i64.const 13)))"),
    ("carry", "(i32.sub (i32.sub (i32.wrap_i64 (local.get $w)) (local.get $one)) (i32.const -1))"),
    ("product", "(i32.mul (i32.wrap_i64 (local.get $w)) (local.get $one))"),
    ("select", "(select (i32.wrap_i64 (local.get $w)) (i32.const 3) (local.get $one))"),
    (
        "block",
        "(block (result i32) (drop (br_if 0 (i32.wrap_i64 (local.get $w)) (local.get $one))) (i32.const 3))",
    ),
    (
        "loop",
        "(i32.wrap_i64 (local.get $w)) (loop (param i32) (result i32)
        (local.set $n) (br_if 0 (local.get $n) (i32.eqz (local.get $one))))",
    ),
    ("global", "(global.set $g (i32.wrap_i64 (local.get $w))) (global.get $g)"),
    ("memory", "(i64.store (i32.const 40000) (local.get $w)) (i32.load (i32.const 40000))"),
    ("object", "(struct.get $s 0 (struct.new $s (i32.wrap_i64 (local.get $w)) (i32.const -1)))"),
    (
        "exception",
        "(block (result i32) (try_table (catch $e 0) (throw $e (i32.wrap_i64 (local.get $w)))) (unreachable))",
    ),
    ("lane", "(i32x4.extract_lane 2 (i64x2.splat (local.get $w)))"),
    ("float", "(i32.reinterpret_f32 (f32x4.extract_lane 0 (i64x2.splat (local.get $w))))"),
    (
        "host float",
        "(i32.reinterpret_f32 (call $keep_float (f32.reinterpret_i32 (i32.wrap_i64 (local.get $w)))))",
    ),
    ("host", "(call $keep (i32.wrap_i64 (local.get $w)))"),
    ("host low", "(call $low (local.get $w))"),
    ("host typeless", "(call $low_typeless (local.get $w))"),
    (
        "host many",
        "(call $low_many (local.get $w) (i64.const -1) (i64.const -1) (i64.const -1) (i64.const -1))",
    ),
    ("stranger", "(call $stranger_low (local.get $w))"),
    ("own", "(call $own_low (local.get $w))"),
    ("indirect", "(call_indirect (type $low) (local.get $w) (i32.const 8))"),
    ("tail", "(call $tail_low (local.get $w))"),
];

/// A way to use a value, where `{}` stands, and what comes of it, if it does not trap.
type Use = (&'static str, &'static str, fn(u32) -> Option<u64>);

const USES: &[Use] = &[
    ("extend", "(i64.extend_i32_u {})", |v| Some(v.into())),
    ("sign", "(i64.extend_i32_s {})", |v| Some(v as i32 as u64)),
    ("convert", "(i64.trunc_f64_u (f64.convert_i32_u {}))", |v| Some(v.into())),
    ("zero", "(i64.extend_i32_u (i32.eqz {}))", |v| Some((v == 0).into())),
    ("less", "(i64.extend_i32_u (i32.lt_u {} (i32.const 7)))", |v| Some((v < 7).into())),
    ("quotient", "(i64.extend_i32_u (i32.div_u {} (i32.const 3)))", |v| Some((v / 3).into())),
    ("right", "(i64.extend_i32_u (i32.shr_u {} (i32.const 1)))", |v| Some((v >> 1).into())),
    ("leading", "(i64.extend_i32_u (i32.clz {}))", |v| Some(v.leading_zeros().into())),
    ("if", "(if (result i64) {} (then (i64.const 1)) (else (i64.const 0)))", |v| Some((v != 0).into())),
    (
        "condition",
        "(i32.store (i32.const 50000) {})
        (select (i64.const 1) (i64.const 0) (i32.load (i32.const 50000)))",
        |v| Some((v != 0).into()),
    ),
    ("selected", "(i64.extend_i32_u (select (i32.const 3) {} (i32.eqz (local.get $one))))", |v| {
        Some(v.into())
    }),
    (
        "switch",
        "(block (block (block {} (br_table 0 1 2)) (return (i64.const 10))) (return (i64.const 11)))
        (i64.const 12)",
        |v| Some(10 + u64::from(v.min(2))),
    ),
    ("address", "(i64.load8_u {})", |v| (v < 65536).then_some(u64::from(v) * 7 % 256)),
    ("address and offset", "(i64.load8_u offset=3 {})", |v| {
        (v < 65533).then_some((u64::from(v) + 3) * 7 % 256)
    }),
    ("written", "(i64.store8 offset=60000 {} (i64.const 77)) (i64.const 1)", |v| (v < 5536).then_some(1)),
    ("filled", "(memory.fill (i32.const 60000) (i32.const 1) {}) (i64.const 1)", |v| {
        (v <= 5536).then_some(1)
    }),
    ("grown", "(i64.extend_i32_s (memory.grow {}))", |v| Some(if v == 0 { 1 } else { u64::MAX })),
    ("element", "(call_indirect (type $number) {})", |v| (v < 8).then(|| 100 + u64::from(v))),
    ("is null", "(i64.extend_i32_u (ref.is_null (table.get $t {})))", |v| (v < 10).then(|| (v == 9).into())),
    (
        "item",
        "(i64.extend_i32_u (array.get $a (array.new_fixed $a 3 (i32.const 4) (i32.const 5) (i32.const 6)) {}))",
        |v| (v < 3).then(|| u64::from(v) + 4),
    ),
    ("length", "(i64.extend_i32_u (array.len (array.new_default $a (i32.and {} (i32.const 0xff)))))", |v| {
        Some((v & 0xff).into())
    }),
    ("splat", "(i64x2.extract_lane 1 (i32x4.splat {}))", |v| Some(u64::from(v) << 32 | u64::from(v))),
    ("lane", "(i64x2.extract_lane 0 (i32x4.replace_lane 0 (v128.const i64x2 0 0) {}))", |v| Some(v.into())),
    ("host", "(call $widen {})", |v| Some(v.into())),
    ("host many", "(call $widen_many (i64.const -1) (i64.const -1) (i64.const -1) (i64.const -1) {})", |v| {
        Some(v.into())
    }),
    ("stranger", "(call $stranger_widen {})", |v| Some(v.into())),
    ("stranger's memory", "(call $stranger_read {})", |v| (v < 65536).then_some(0)),
    ("in the place", "(return_call $stranger_widen {})", |v| Some(v.into())),
    ("own", "(call $own_widen {})", |v| Some(v.into())),
    (
        "both",
        "(i64.or (i64.shl (i64.const 1) (i64.const 40)) (i64.extend_i32_u (i32.or {} (i32.const 0))))",
        |v| Some(1 << 40 | u64::from(v)),
    ),
];

/// Whom the guest calls in another instance.
const STRANGER: &str = r#"(module
    (memory 1)
    (func (export "low") (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
    (func (export "widen") (param i32) (result i64) (i64.extend_i32_u (local.get 0)))
    (func (export "read") (param i32) (result i64) (i64.load8_u (local.get 0))))"#;

/// The guest; function `n` combines source `n / USES.len()` with use `n % USES.len()`.
fn guest() -> String {
    let number = |n: usize| format!("(func $number{n} (result i64) (i64.const {}))", 100 + n);
    let data: String = (0..4096u32).map(|n| format!("\\{:02x}", n * 7 % 256)).collect();
    let mut wat = format!(
        r#"(module
        (type $low (func (param i64) (result i32)))
        (type $number (func (result i64)))
        (type $s (struct (field i32) (field i32)))
        (type $a (array i32))
        (import "host" "keep" (func $keep (param i32) (result i32)))
        (import "host" "keep float" (func $keep_float (param f32) (result f32)))
        (import "host" "low" (func $low (param i64) (result i32)))
        (import "host" "low typeless" (func $low_typeless (param i64) (result i32)))
        (import "host" "low many" (func $low_many (param i64 i64 i64 i64 i64) (result i32)))
        (import "host" "widen" (func $widen (param i32) (result i64)))
        (import "host" "widen many" (func $widen_many (param i64 i64 i64 i64 i32) (result i64)))
        (import "stranger" "low" (func $stranger_low (param i64) (result i32)))
        (import "stranger" "widen" (func $stranger_widen (param i32) (result i64)))
        (import "stranger" "read" (func $stranger_read (param i32) (result i64)))
        (tag $e (param i32))
        (memory 1 1)
        (data (i32.const 0) "{data}")
        (global $g (mut i32) (i32.const 0))
        (table $t 10 10 funcref)
        (elem (i32.const 0) $number0 $number1 $number2 $number3 $number4 $number5 $number6 $number7 $own_low)
        (func $own_low (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
        (func $own_widen (param i32) (result i64) (i64.extend_i32_u (local.get 0)))
        (func $tail_low (param i64) (result i32) (return_call $stranger_low (local.get 0)))
        {}"#,
        (0..8).map(number).collect::<String>()
    );
    for (s, (_, source)) in SOURCES.iter().enumerate() {
        for (u, (_, used, _)) in USES.iter().enumerate() {
            let n = s * USES.len() + u;
            let body = used.replace("{}", source);
            wat.push_str(&format!(
                "(func (export \"{n}\") (param $w i64) (param $one i32) (result i64) (local $n i32) {body})"
            ));
        }
    }
    wat.push(')');
    wat
}

fn linker(engine: &Engine) -> Result<Linker<()>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "keep", |n: i32| n)?;
    linker.func_wrap("host", "keep float", |x: f32| x)?;
    linker.func_wrap("host", "low", |w: i64| w as i32)?;
    linker.func_wrap("host", "low many", |w: i64, _: i64, _: i64, _: i64, _: i64| w as i32)?;
    linker.func_wrap("host", "widen", |n: i32| i64::from(n as u32))?;
    linker.func_wrap("host", "widen many", |_: i64, _: i64, _: i64, _: i64, n: i32| i64::from(n as u32))?;
    Ok(linker)
}

fn low_typeless(store: &mut Store<()>) -> Func {
    let ty = FuncType::new([ValType::I64], [ValType::I32]);
    Func::new(store, ty, |_, args, results| {
        results[0] = Val::I32(args[0].unwrap_i64() as i32);
        Ok(())
    })
}

#[test]
fn what_stands_above_a_value_of_32_bits_is_never_seen() -> Result<()> {
    for strategy in [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(1), Strategy::Mixed(2)] {
        for counts in [false, true] {
            let mut config = Config::new();
            config.strategy(strategy).consume_fuel(counts).epoch_interruption(counts);
            // Without a compiler there is only the interpreter.
            let Ok(engine) = Engine::new(&config) else { continue };
            let (guest, stranger) = (Module::new(&engine, guest())?, Module::new(&engine, STRANGER)?);
            let mut store = Store::new(&engine, ());
            let _ = store.set_fuel(1 << 40);
            store.set_epoch_deadline(1);
            let mut linker = linker(&engine)?;
            let low = low_typeless(&mut store);
            linker.define(&store, "host", "low typeless", low)?;
            let stranger = linker.instantiate(&mut store, &stranger)?;
            linker.instance(&mut store, "stranger", stranger)?;
            let instance = linker.instantiate(&mut store, &guest)?;
            for n in 0..SOURCES.len() * USES.len() {
                try_function(&mut store, instance, n)
                    .map_err(|error| error.context(format!("{strategy:?}, {counts}")))?;
            }
        }
    }
    Ok(())
}

/// Calls function `n` with values that are small, in bounds and out of them, below all kinds of other bits.
fn try_function(store: &mut Store<()>, instance: Instance, n: usize) -> Result<()> {
    let ((source, _), (used, _, expected)) = (SOURCES[n / USES.len()], USES[n % USES.len()]);
    let f = func::<(i64, i32), i64>(&mut *store, instance, &n.to_string());
    for low in [0, 1, 2, 8, 9, 300, 0x1_0000, 1 << 31, u32::MAX] {
        for above in [0, 1, 0x5555_5678, u32::MAX] {
            let w = u64::from(above) << 32 | u64::from(low);
            let found = f.call(&mut *store, (w as i64, 1)).ok().map(|n| n as u64);
            if found != expected(low) {
                let message = format!("{source}, {used}: {w:x} gives {found:x?}, not {:x?}", expected(low));
                return Err(Error::msg(message));
            }
        }
    }
    Ok(())
}
