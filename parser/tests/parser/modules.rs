//! What `Module::new` makes of sections, when it validates bodies and what it reports.

use crate::differential::{smith, smith_features};
use dayfly_parser::*;
use std::sync::Arc;

fn module(text: &str) -> Arc<Module> {
    Module::new(wat::parse_str(text).unwrap(), &Config::default()).unwrap()
}

fn error(text: &str, config: &Config) -> Error {
    Module::new(wat::parse_str(text).unwrap(), config).unwrap_err()
}

fn lazy() -> Config {
    Config { validation: Validation::Lazy, ..Config::default() }
}

#[test]
fn every_section_is_data() {
    let module = module(
        r#"(module $name
          (rec (type $a (sub (struct (field (mut i8) (ref null $b))))) (type $b (array i64)))
          (type $c (sub final $a (struct (field (mut i8) (ref null $b)) (field f32))))
          (type $f (func (param i32 v128) (result (ref $a))))
          (import "m" "f" (func $imported (type $f)))
          (import "m" "g" (global $g i32))
          (import "m" "t" (table 1 2 externref))
          (import "m" "m" (memory i64 1 3))
          (import "m" "e" (tag $e (param i32)))
          (table $t 5 funcref (ref.func $one))
          (memory 1 (pagesize 1))
          (global $sum (mut i64) (i64.add (i64.const 1) (i64.const 2)))
          (global (ref $b) (array.new_fixed $b 2 (i64.const 3) (i64.const 4)))
          (export "one" (func $two)) (export "mem" (memory 1))
          (start $start)
          (elem (table $t) (global.get $g) func $three)
          (elem declare func $four) (elem externref (item (ref.null extern)))
          (data (memory 1) (i32.const 7) "xyz") (data "passive")
          (func $one) (func $two) (func $three) (func $four) (func $start) (func $hidden (local i32))
          (@custom "mine" "contents"))"#,
    );
    assert_eq!(module.rec_groups()[..3], [0..2, 2..3, 3..4]);
    assert_eq!(module.types()[2].supertype, Some(TypeIdx(0)));
    assert!(module.types()[2].is_final && !module.types()[0].is_final);
    let b = RefType { nullable: true, heap: HeapType::Concrete(TypeIdx(1)) };
    let fields = [
        FieldType { storage: StorageType::I8, mutable: true },
        FieldType { storage: StorageType::Val(ValType::Ref(b)), mutable: false },
    ];
    assert_eq!(module.types()[0].composite, CompositeType::Struct(Box::new(fields)));
    let ones = ImportCounts { funcs: 1, tables: 1, memories: 1, globals: 1, tags: 1 };
    assert_eq!(module.imported(), ones);
    assert_eq!(module.imports()[2].ty, ImportType::Table(module.tables()[0].ty));
    assert!(module.memories()[0].memory64 && module.memories()[1].page_size_log2 == 0);
    let one = ConstExpr { ops: ConstOps::One(ConstOp::RefFunc(FuncIdx(1))) };
    assert_eq!(module.tables()[1].init, Some(one));
    let sum = [ConstOp::I64Const(1), ConstOp::I64Const(2), ConstOp::I64Add];
    assert_eq!(*module.globals()[1].init.as_ref().unwrap().ops, sum);
    let fixed = [ConstOp::I64Const(3), ConstOp::I64Const(4), ConstOp::ArrayNewFixed(TypeIdx(1), 2)];
    assert_eq!(*module.globals()[2].init.as_ref().unwrap().ops, fixed);
    assert_eq!(module.exports()[1].item, ExportItem::Memory(MemoryIdx(1)));
    assert_eq!(module.start(), Some(FuncIdx(5)));
    let escaping: Vec<bool> = (0..7).map(|i| module.escapes(FuncIdx(i))).collect();
    assert_eq!(escaping, [false, true, true, true, true, false, false]);
    assert_eq!(module.elements().len(), 3);
    assert_eq!(module.elements()[1].mode, SegmentMode::Declared);
    assert_eq!(module.elements()[2].items.len(), 1);
    assert_eq!(
        (module.data_bytes(DataIdx(0)), module.data_bytes(DataIdx(1))),
        (&b"xyz"[..], &b"passive"[..])
    );
    let mine = module.customs().iter().find(|custom| &*custom.name == "mine").unwrap();
    assert_eq!(&module.bytes()[mine.bytes.clone()], b"contents");
    assert_eq!((module.names().module(), module.names().func(FuncIdx(5))), (Some("name"), Some("start")));
    assert_eq!(module.bodies().len(), 6);
}

/// Two functions, the second of which is not valid.
const HALF_VALID: &str = "(module (func) (func (result i32)))";

#[test]
fn lazy_bodies_fail_when_they_are_read() {
    let eager = error(HALF_VALID, &Config::default());
    assert_eq!(eager.kind(), ErrorKind::Invalid);
    let module = Module::new(wat::parse_str(HALF_VALID).unwrap(), &lazy()).unwrap();
    for _ in 0..2 {
        module.check_body(DefinedFuncIdx(0)).unwrap();
        assert!(Cursor::new(&module, DefinedFuncIdx(0)).is_ok());
        assert_eq!(module.check_body(DefinedFuncIdx(1)).unwrap_err(), eager);
        assert_eq!(Cursor::new(&module, DefinedFuncIdx(1)).unwrap_err(), eager);
    }
    assert!(module.check_body(DefinedFuncIdx(2)).is_err());
    assert!(Cursor::new(&module, DefinedFuncIdx(64)).is_err());
    // Everything but bodies is checked at once.
    assert_eq!(error("(module (func) (export \"f\" (func 1)))", &lazy()).kind(), ErrorKind::Invalid);
}

#[test]
fn lazy_bodies_are_checked_by_many_threads() {
    let text = format!("(module {} (func (result i64) i32.const 0))", "(func (nop))".repeat(200));
    let module = Module::new(wat::parse_str(&text).unwrap(), &lazy()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for func in 0..=200 {
                    assert_eq!(module.check_body(DefinedFuncIdx(func)).is_ok(), func < 200);
                }
            });
        }
    });
}

#[test]
fn the_first_invalid_body_is_reported_whoever_finds_it() {
    let valid = format!("(func {})", "(drop (i32.const 1))".repeat(2000));
    let text = format!(
        "(module {0} (func (result i32)) {1} (func (result i64)) {1})",
        valid.repeat(40),
        valid.repeat(60)
    );
    let bytes = wat::parse_str(&text).unwrap();
    assert!(bytes.len() > 512 << 10, "too small to be shared out");
    let one = Module::new(bytes.clone(), &Config { threads: 1, ..Config::default() }).unwrap_err();
    assert!(one.message().contains("i32"), "{one}");
    for threads in [0, 2, 3, 8] {
        let config = Config { threads, ..Config::default() };
        assert_eq!(Module::new(bytes.clone(), &config).unwrap_err(), one);
    }
}

#[test]
fn kinds_of_errors() {
    let config = Config::default();
    let kind = |bytes: &[u8]| Module::new(bytes, &config).unwrap_err().kind();
    assert_eq!(kind(b""), ErrorKind::Malformed);
    assert_eq!(kind(b"\0asm\x02\0\0\0"), ErrorKind::Malformed);
    assert_eq!(kind(b"\0asm\x0d\0\x01\0"), ErrorKind::Unsupported);
    assert_eq!(kind(b"\0asm\x01\0\0\0\x0e\0"), ErrorKind::Malformed);
    // A malformed second body comes before an invalid first one.
    let mut bytes = wat::parse_str("(module (func (result i32)) (func i32.const 5 drop))").unwrap();
    assert_eq!(kind(&bytes), ErrorKind::Invalid);
    let at = bytes.windows(3).position(|window| window == [0x41, 5, 0x1a]).unwrap();
    bytes[at] = 0xff;
    assert_eq!(kind(&bytes), ErrorKind::Malformed);
    let error = error("(module (func (drop (i32.const 0)) (drop)))", &config);
    let at = format!("invalid module at offset {:#x}: type mismatch: expected a type", error.offset());
    assert!(error.to_string().starts_with(&at), "{error}");
}

#[test]
fn a_proposal_that_is_off_is_named() {
    let text = "(module (func $f (return_call $f)))";
    let config = Config { features: Features::wasm2(), ..Config::default() };
    let error = error(text, &config);
    assert_eq!(error.missing_feature().unwrap().name, "tail-call");
    assert!(error.to_string().ends_with("(the tail-call proposal is switched off)"), "{error}");
}

#[test]
fn what_cannot_be_represented_is_unsupported_but_only_if_valid() {
    let config = Config { features: Features::every(), ..Config::default() };
    let shared = "(module (type (shared (struct (field (ref null (shared any)))))))";
    assert_eq!(error(shared, &config).kind(), ErrorKind::Unsupported);
    assert_eq!(error(shared, &Config::default()).kind(), ErrorKind::Invalid);
    let text = "(module (type $f (func)) (type $c (cont $f)) (elem declare func $g)
      (func $g (cont.new $c (ref.func $g)) drop))";
    let module = Module::new(wat::parse_str(text).unwrap(), &config).unwrap();
    let mut cursor = Cursor::new(&module, DefinedFuncIdx(0)).unwrap();
    assert_eq!(cursor.next().unwrap(), Some(Op::RefFunc(FuncIdx(0))));
    assert_eq!(cursor.next().unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn required_features_are_enough_and_needed() {
    let (config, _) = smith_features();
    let accepts = |bytes: &[u8], features: Features| {
        Module::new(bytes, &Config { features, ..Config::default() }).is_ok()
    };
    for seed in 0..40 {
        let Some(bytes) = smith(seed) else { continue };
        let required = Module::new(bytes.as_slice(), &config).unwrap().required_features();
        assert!(accepts(&bytes, required), "{seed}: {required:?}");
        for feature in required.iter() {
            let less = required.without(feature.bit);
            assert!(!accepts(&bytes, less), "{seed}: {required:?} without {}", feature.name);
        }
    }
}
