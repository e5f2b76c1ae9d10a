//! Damaged modules: an error, or a module that can be read, and never a panic.

use crate::differential::{smith, smith_features};
use crate::reading;
use dayfly_parser::*;

/// Decodes damaged bytes and reads what is accepted to its end.
fn try_read(bytes: &[u8], validation: Validation) {
    reading::try_read(bytes, Config { validation, ..smith_features().0 });
}

#[test]
fn truncations_and_flipped_bits() {
    let mut state = 7_u64;
    for seed in 0..24 {
        let Some(bytes) = smith(seed) else { continue };
        for part in 1..40 {
            try_read(&bytes[..bytes.len() * part / 40], Validation::Eager);
        }
        for i in 0..150 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + i % 3 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let bit = (state >> 20) as usize % (bytes.len() * 8);
                damaged[bit / 8] ^= 1 << (bit % 8);
            }
            try_read(&damaged, if i % 2 == 0 { Validation::Eager } else { Validation::Lazy });
        }
    }
}

#[test]
fn damaged_custom_sections() {
    let bytes = wat::parse_str(
        "(module $m (func $f (param $p i32)
           (block $b (@metadata.code.branch_hint \"\\01\") (br_if $b (local.get $p)))
           (@metadata.code.branch_hint \"\\00\") (if (local.get $p) (then))))",
    )
    .unwrap();
    for byte in 8..bytes.len() {
        for value in [0, 1, 2, 0x7f, 0x80, 0xff, bytes[byte] ^ 1, bytes[byte] ^ 4] {
            let mut damaged = bytes.clone();
            damaged[byte] = value;
            let Ok(module) = Module::new(damaged, &Config::default()) else { continue };
            let _ = module.check_custom_sections();
            for offset in 0..bytes.len() as u32 {
                module.branch_hint(DefinedFuncIdx(0), offset);
            }
        }
    }
}

#[test]
fn random_bytes() {
    let mut state = 3_u64;
    for len in 0..1000 {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        for _ in 0..len {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            bytes.push((state >> 40) as u8 & if state >> 63 == 0 { 0x0f } else { 0xff });
        }
        try_read(&bytes, Validation::Eager);
    }
}

/// A module of one section.
fn module_of(section: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.push(section);
    bytes.push(contents.len() as u8);
    bytes.extend_from_slice(contents);
    bytes
}

#[test]
fn a_name_that_is_written_once_does_not_fill_memory() {
    let mut config = Config::default();
    config.features = config.features.with(Features::COMPACT_IMPORTS);
    // Imports of one module, a function each, all without a name.
    let module = |name: usize, imports: usize| {
        let leb = |n: usize| [n as u8 | 0x80, (n >> 7) as u8 | 0x80, (n >> 14) as u8 | 0x80, (n >> 21) as u8];
        let mut section = [&[1][..], &leb(name), &vec![b'm'; name], &[0, 0x7e, 0, 0], &leb(imports)].concat();
        section.resize(section.len() + imports, 0);
        let types = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02";
        [types, &leb(section.len())[..], &section].concat()
    };
    assert_eq!(Module::new(module(90_000, 100), &config).unwrap().imports().len(), 100);
    // They would take 9 GB, and in the validator once more.
    let error = Module::new(module(90_000, 100_000), &config).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Limit, "more than 16777216 bytes of names in imports")
    );
}

/// 4,294,967,295 in LEB128.
const HUGE: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];

#[test]
fn huge_counts_are_refused_without_allocating() {
    // All but the start section, which is an index.
    for section in (1..=13).filter(|&section| section != 8) {
        let error = Module::new(module_of(section, &HUGE), &Config::default()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Limit), "{section}: {error}");
    }
    // A recursion group of 900,000 types, which the limit allows.
    let group = module_of(1, &[1, 0x4e, 0xa0, 0xf7, 0x36, 0x60, 0, 0]);
    let error = Module::new(group, &Config::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
}

#[test]
fn limits_name_what_there_is_too_much_of() {
    let refused = |text: &str, change: fn(&mut Limits)| {
        let bytes = wat::parse_str(text).unwrap();
        let mut config = Config::default();
        assert!(Module::new(bytes.as_slice(), &config).is_ok(), "{text}");
        change(&mut config.limits);
        let error = Module::new(bytes, &config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        error.message().to_string()
    };
    let deep = "(module (func (block (block (block)))))";
    assert_eq!(refused(deep, |l| l.nesting = 3), "more than 3 nested blocks");
    let wide = "(module (func i32.const 1 i32.const 2 drop drop))";
    assert_eq!(refused(wide, |l| l.operands = 1), "more than 1 values on the operand stack");
    let locals = "(module (func (param i32 i32 i32) (local i64 i64)))";
    assert_eq!(refused(locals, |l| l.locals = 1), "more than 1 locals in a function");
    let table = "(module (func (br_table 0 0 0 0 (i32.const 1))))";
    assert_eq!(refused(table, |l| l.br_table_targets = 2), "more than 2 targets in a br_table");
    assert_eq!(refused(deep, |l| l.body_bytes = 5), "more than 5 bytes in a function body");
    assert_eq!(refused(deep, |l| l.module_bytes = 20), "more than 20 bytes");
    assert_eq!(refused("(module (memory 1))", |l| l.memories = 0), "more than 0 memories");
    assert_eq!(refused("(module (type (func (param i32))))", |l| l.params = 0), "more than 0 parameters");
    assert_eq!(refused("(module (import \"\" \"\" (func)))", |l| l.functions = 0), "more than 0 functions");
    let items = "(module (func $f) (elem func $f $f))";
    assert_eq!(refused(items, |l| l.element_items = 1), "more than 1 items in an element segment");
}

#[test]
fn offsets_of_all_modules_have_31_bits() {
    let mut config = Config::default();
    config.limits.module_bytes = usize::MAX;
    // Nothing of it is read, so it takes no memory.
    let bytes = vec![0_u8; (1 << 31) + 1];
    let error = Module::new(bytes, &config).unwrap_err();
    assert_eq!(error.message(), "more than 2147483648 bytes");
}

#[test]
fn deep_nesting_is_no_recursion() {
    let mut body = vec![0];
    body.extend([0x02, 0x40].repeat(49_000));
    body.extend([0x00]);
    body.extend([0x0b].repeat(49_001));
    let leb = |n: usize| [n as u8 | 0x80, (n >> 7) as u8 | 0x80, (n >> 14) as u8];
    let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a".to_vec();
    bytes.extend(leb(body.len() + 4));
    bytes.push(1);
    bytes.extend(leb(body.len()));
    bytes.extend(body);
    let module = Module::new(bytes, &Config::default()).unwrap();
    let mut cursor = Cursor::new(&module, DefinedFuncIdx(0)).unwrap();
    let mut count = 0;
    while cursor.next().unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 98_002);
}

/// A module with one function of type `() -> ()`, whose body is `unreachable` and then
/// `piece`, `times` times. `types` go before it.
fn repeated(types: &str, piece: &str, times: usize) -> Vec<u8> {
    let body = piece.repeat(times);
    wat::parse_str(format!("(module {types} (tag $t (type $many)) (func unreachable {body}))")).unwrap()
}

#[test]
fn few_bytes_are_not_much_work() {
    let many = format!("(type $many (func (param {})))", "i32 ".repeat(1000));
    let results = format!("{many} (type $out (func (result {})))", "i32 ".repeat(1000));
    let fields = format!("{many} (type $s (struct {}))", "(field i32) ".repeat(5000));
    let array = format!("{many} (type $a (array i32))");
    let pieces = [
        (&results, "(block (type $out) unreachable) unreachable "),
        (&results, "(loop (type $many) (br 0)) "),
        (&results, "(block (type $out) unreachable br_table 0 0 0 0 0 0 0 0 0 0 0 0 0) unreachable "),
        (&results, "(block (type $out) (try_table (catch $t 0) (catch $t 0)) unreachable) unreachable "),
        (&results, "(throw $t) "),
        (&fields, "(drop (struct.new $s)) unreachable "),
        (&fields, "(drop (struct.new_default $s)) "),
        (&array, "(drop (array.new_fixed $a 9000)) unreachable "),
    ];
    for (types, piece) in pieces {
        let accepted = repeated(types, piece, 1);
        let mut config = Config::default();
        Module::new(accepted, &config).unwrap_or_else(|error| panic!("{piece}: {error}"));
        let refused = repeated(types, piece, 2000);
        let error = Module::new(refused.as_slice(), &config).expect_err(piece);
        assert_eq!(error.kind(), ErrorKind::Limit, "{piece}: {error}");
        assert!(error.message().contains("`moves_per_byte`"), "{error}");
        config.limits.moves_per_byte = 10_000;
        Module::new(refused, &config).unwrap_or_else(|error| panic!("{piece}: {error}"));
    }
}

#[test]
fn ordinary_code_moves_what_it_likes() {
    // 40 values for every call and block, each made by an operator of its own.
    let forty = "i32 ".repeat(40);
    let values = "(i32.const 7) ".repeat(40);
    let types = format!("(type $many (func (param {forty}))) (type $out (func (result {forty})))");
    let drops = "drop ".repeat(40);
    let piece = format!("(block (type $out) {values}) {drops} {values} (throw $t) ");
    Module::new(repeated(&types, &piece, 500), &Config::default()).unwrap();
}
