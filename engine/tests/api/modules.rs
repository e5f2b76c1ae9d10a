//! Modules: their formats, what they say of themselves, what is refused.

use crate::engine;
use dayfly::{
    CompileError, Config, Engine, ErrorKind, ExternType, Features, Func, FuncType, Instance, Limits, Module,
    ParseError, Resource, ResourceError, Store, ValType,
};

const RICH: &str = r#"
    (module $rich
        (type $t (func (param i32) (result i64)))
        (import "a" "f" (func $f (type $t)))
        (import "a" "m" (memory 1 2))
        (table (export "table") 3 externref)
        (global (export "global") (mut f32) (f32.const 1))
        (tag (export "tag") (param i64))
        (func $named (export "func") (param i32) (result (ref null $t)) (ref.null $t))
        (@custom "meta" "first") (@custom "meta" "second"))"#;

#[test]
fn text_and_binary_give_the_same_module() {
    let engine = Engine::default();
    let binary = wat::parse_str(RICH).unwrap();
    let (text, binary) = (Module::new(&engine, RICH).unwrap(), Module::new(&engine, binary).unwrap());
    assert_eq!(text.parsed().bytes(), binary.parsed().bytes());
    assert!(Module::from_binary(&engine, RICH.as_bytes()).is_err(), "only binary is taken here");
}

#[test]
fn what_a_module_says_of_itself() {
    let engine = Engine::default();
    let module = Module::new(&engine, RICH).unwrap();
    assert_eq!(module.name(), Some("rich"));
    let imports: Vec<_> = module.imports().collect();
    assert_eq!((imports[0].module(), imports[0].name()), ("a", "f"));
    assert_eq!(imports[0].ty(), ExternType::Func(FuncType::new([ValType::I32], [ValType::I64])));
    assert!(matches!(imports[1].ty(), ExternType::Memory(ty) if ty.max == Some(2)));
    let exports: Vec<_> = module.exports().map(|export| export.name().to_owned()).collect();
    assert_eq!(exports, ["table", "global", "tag", "func"]);
    assert!(matches!(module.get_export("global"), Some(ExternType::Global(ty)) if ty.mutable));
    assert!(
        matches!(module.get_export("tag"), Some(ExternType::Tag(ty)) if *ty.func.params == [ValType::I64])
    );
    assert!(module.get_export("nothing").is_none());
    let sections: Vec<_> = module.custom_sections("meta").collect();
    assert_eq!(sections, [b"first".as_slice(), b"second"]);

    // Concrete types are the engine's, the same for every module.
    let other = r#"(module (type (func)) (type $t (func (param i32) (result i64)))
        (func (export "func") (param i32) (result (ref null $t)) (ref.null $t)))"#;
    let other = Module::new(&engine, other).unwrap();
    assert_eq!(module.get_export("func"), other.get_export("func"));
}

#[test]
fn what_is_refused_is_told_with_its_offset() {
    let engine = Engine::default();
    let error = |bytes: &[u8]| Module::new(&engine, bytes).unwrap_err().downcast::<ParseError>().unwrap();
    let malformed = error(b"\0asm\x01\0\0\0\xff\0");
    assert_eq!((malformed.kind(), malformed.offset()), (ErrorKind::Malformed, 8));
    let binary = wat::parse_str(r#"(module (func (result i32) i64.const 1))"#).unwrap();
    let invalid = error(&binary);
    assert_eq!(invalid.kind(), ErrorKind::Invalid);
    let end = binary.len() - 1;
    assert_eq!(invalid.offset(), end);
    assert!(invalid.message().contains("type mismatch"), "{invalid}");
    assert_eq!(Module::validate(&engine, &binary).unwrap_err().downcast_ref(), Some(&invalid));
    Module::validate(&engine, b"\0asm\x01\0\0\0").unwrap();

    let text = Module::new(&engine, "(module\n  (func (i32.nonsense)))").unwrap_err().to_string();
    assert!(text.contains("2:") && text.contains("nonsense"), "{text}");
}

#[test]
fn every_truncation_is_an_error() {
    let engine = Engine::default();
    let binary = wat::parse_str(RICH).unwrap();
    for len in 0..binary.len() {
        // Where a section ends, what is before may be a module of its own.
        if let Err(error) = Module::new(&engine, &binary[..len]) {
            let parsed = error.downcast_ref::<ParseError>();
            assert!(parsed.is_none_or(|error| error.offset() <= len), "{len}: {error}");
        }
    }
}

#[test]
fn proposals_and_limits_are_settings() {
    let gc = "(module (type (struct)))";
    let engine_with = |features: Features| Engine::new(Config::new().wasm_features(features)).unwrap();
    Module::new(&engine_with(Features::wasm3()), gc).unwrap();
    let error = Module::new(&engine_with(Features::wasm2()), gc).unwrap_err();
    assert!(error.to_string().contains("gc"), "{error}");
    let error = Module::new(
        &engine(|c| c.wasm_simd(false).wasm_relaxed_simd(false)),
        "(module (func (result v128) unreachable))",
    );
    assert!(error.unwrap_err().is::<ParseError>());

    let small = engine(|c| c.limits(Limits { functions: 2, ..Limits::default() }));
    Module::new(&small, "(module (func) (func))").unwrap();
    let error = Module::new(&small, "(module (func) (func) (func))").unwrap_err();
    assert_eq!(error.downcast_ref::<ParseError>().unwrap().kind(), ErrorKind::Limit);
    assert!(Engine::new(Config::new().wasm_features(Features::wasm1().with(Features::GC))).is_err());
}

#[test]
fn bodies_can_be_validated_when_they_are_called() {
    let engine = engine(|c| c.lazy_validation(true));
    let wat = r#"(module
        (func (export "good") (result i32) i32.const 1)
        (func (export "bad") (result i32) i64.const 1))"#;
    assert!(Module::new(&Engine::default(), wat).is_err());
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let good = crate::func::<(), i32>(&mut store, instance, "good");
    let bad = crate::func::<(), i32>(&mut store, instance, "bad");
    assert_eq!(good.call(&mut store, ()).unwrap(), 1);
    for _ in 0..2 {
        let error = bad.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref::<ParseError>().unwrap().kind(), ErrorKind::Invalid);
        assert!(!error.is::<CompileError>());
    }
    assert!(Module::validate(&engine, &wat::parse_str(wat).unwrap()).is_err());
}

#[test]
fn lowered_code_can_be_read() {
    let engine = Engine::default();
    let module =
        Module::new(&engine, r#"(module (import "" "" (func)) (func (result i32) i32.const 77))"#).unwrap();
    let text = module.disassemble(dayfly::parser::FuncIdx(1)).unwrap();
    assert!(text.contains("i32.const"), "{text}");
    assert!(module.disassemble(dayfly::parser::FuncIdx(0)).is_err());
    assert!(module.disassemble(dayfly::parser::FuncIdx(2)).is_err());
}

#[test]
fn modules_from_files() {
    let engine = Engine::default();
    let error = Module::from_file(&engine, "does-not-exist.wasm").unwrap_err();
    assert_eq!(error.to_string(), "cannot read `does-not-exist.wasm`");
    assert!(error.is::<std::io::Error>());
    let path = std::env::temp_dir().join(format!("dayfly-api-{}.wat", std::process::id()));
    std::fs::write(&path, RICH).unwrap();
    let module = Module::from_file(&engine, &path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(module.unwrap().name(), Some("rich"));
}

#[test]
fn types_of_module_after_module_reach_their_limit() {
    let engine = engine(|config| config.max_types_size(1 << 20));
    let module = |n: u32| {
        let types: String = (0..100).map(|at| format!("(type (struct (field (ref null {at}))))")).collect();
        Module::new(
            &engine,
            format!(
                "(module (type (array i32)) (rec (type (struct (field {}))) {types}))",
                "i8 ".repeat(n as usize)
            ),
        )
    };
    let first = module(1).unwrap();
    let size = engine.types_size();
    drop(first);
    module(1).unwrap();
    assert_eq!(engine.types_size(), size, "equal types are kept once");
    let error = (2..200).find_map(|n| module(n).err()).expect("there is a limit");
    let Some(ResourceError::Limit { resource, requested, allowed }) = error.downcast_ref() else {
        panic!("{error}");
    };
    assert_eq!((*resource, *allowed), (Resource::TypeBytes, Some(1 << 20)));
    assert!(*requested > 1 << 20 && engine.types_size() <= 1 << 20);
    // What needs no further types goes on.
    module(1).unwrap();
    let mut store = Store::new(&engine, ());
    Func::wrap(&mut store, |_: i32, _: f64, _: i64| {});
}
