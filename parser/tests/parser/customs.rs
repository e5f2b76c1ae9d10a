//! The custom sections that the standard defines: what is read of them, and what
//! the strict check finds wrong with them.

use dayfly_parser::{Config, DefinedFuncIdx, ErrorKind, Module};
use std::sync::Arc;

fn module(text: &str) -> Arc<Module> {
    let bytes = wat::parse_str(text).expect("the text is right");
    Module::new(bytes, &Config::default()).expect("custom sections make no module invalid")
}

fn check(text: &str) -> Result<(), (ErrorKind, String)> {
    module(text).check_custom_sections().map_err(|e| (e.kind(), e.message().to_owned()))
}

fn wrong(text: &str, kind: ErrorKind, part: &str) {
    match check(text) {
        Err((found, message)) => {
            assert!(found == kind && message.contains(part), "{text}: {found:?}, {message}");
        }
        Ok(()) => panic!("nothing found wrong with {text}"),
    }
}

/// A function with a `br_if` at offset 5 of its body, an `if` at 9, and a section.
fn hinted(place: &str, hints: &str) -> String {
    format!(
        "(module (import \"\" \"\" (func))
           (func $f (param i32)
             (block (br_if 0 (local.get 0)) (if (local.get 0) (then (nop)))))
           (@custom \"metadata.code.branch_hint\" ({place}) \"{hints}\"))"
    )
}

#[test]
fn hints_of_the_text_are_found_where_the_branches_are() {
    let text = "(module (import \"\" \"\" (func))
        (func (param i32) (local i64)
          block
            local.get 0
            (@metadata.code.branch_hint \"\\01\") br_if 0
            local.get 0
            (@metadata.code.branch_hint \"\\00\") if end
            local.get 0
            br_if 0
          end))";
    let module = module(text);
    let body = &module.bytes()[module.bodies()[0].range.clone()];
    let hints: Vec<_> = (0..body.len() as u32)
        .filter_map(|at| Some((body[at as usize], module.branch_hint(DefinedFuncIdx(0), at)?)))
        .collect();
    assert_eq!(hints, [(0x0d, true), (0x04, false)]);
    assert_eq!(module.branch_hint(DefinedFuncIdx(1), 7), None);
    assert_eq!(module.check_custom_sections(), Ok(()));
}

#[test]
fn right_hints_are_right() {
    assert_eq!(check(&hinted("before code", "\\01\\01\\02\\05\\01\\01\\09\\01\\00")), Ok(()));
    assert_eq!(check(&hinted("before first", "\\00")), Ok(()));
    assert_eq!(check("(module (@custom \"metadata.code.branch_hint\" \"\\00\"))"), Ok(()));
}

#[test]
fn hints_that_are_not_what_the_format_says_are_malformed() {
    let wrong = |hints: &str, part: &str| wrong(&hinted("before code", hints), ErrorKind::Malformed, part);
    wrong("\\01\\01\\02\\05\\01\\01\\05\\01\\01", "stands twice");
    wrong("\\01\\01\\02\\09\\01\\01\\05\\01\\01", "not in order");
    wrong("\\02\\01\\00\\01\\00", "stands twice");
    wrong("\\01\\01\\01\\05\\01\\02", "0 or 1");
    wrong("\\01\\01\\01\\05\\02\\01\\01", "0 or 1");
    wrong("\\01\\01\\01\\05\\01", "unexpected end");
    wrong("\\01\\01\\00\\00", "longer");
    wrong("", "unexpected end");
}

#[test]
fn hints_for_what_is_not_there_are_invalid() {
    let wrong = |hints: &str, part: &str| wrong(&hinted("before code", hints), ErrorKind::Invalid, part);
    wrong("\\01\\00\\00", "no body");
    wrong("\\01\\02\\00", "no body");
    wrong("\\01\\01\\01\\03\\01\\01", "neither");
    wrong("\\01\\01\\01\\06\\01\\01", "neither");
    wrong("\\01\\01\\01\\00\\01\\01", "neither");
    wrong("\\01\\01\\01\\ff\\ff\\ff\\ff\\0f\\01\\01", "neither");
}

#[test]
fn sections_stand_once_and_in_their_place() {
    wrong(&hinted("after code", "\\00"), ErrorKind::Malformed, "before the code section");
    let hints = "(@custom \"metadata.code.branch_hint\" (before first) \"\\00\")";
    wrong(&format!("(module {hints} {hints})"), ErrorKind::Malformed, "more than one");
    let names = "(@custom \"name\" (before first) \"\\00\\02\\01m\")";
    assert_eq!(check(&format!("(module {names})")), Ok(()));
    wrong(&format!("(module {names} {names})"), ErrorKind::Malformed, "more than one");
    wrong(&format!("(module {names} (data \"\"))"), ErrorKind::Malformed, "behind the data section");
}

#[test]
fn names_are_checked() {
    let text = "(module $m (type $t (struct (field $f i32))) (import \"\" \"\" (func $g (param $p i32)))
        (func $h (param $q i32) (local $r i64) (block $b)) (table $x 1 funcref) (memory $y 1)
        (global $z i32 (i32.const 0)) (elem $e func) (data $d \"\") (tag $k))";
    assert_eq!(check(text), Ok(()));

    let named =
        |bytes: &str| format!("(module (func) (type (struct)) (@custom \"name\" (after last) \"{bytes}\"))");
    let malformed = |bytes: &str, part: &str| wrong(&named(bytes), ErrorKind::Malformed, part);
    malformed("\\00\\02\\01", "unexpected end");
    malformed("\\00\\02\\01\\ff", "UTF-8");
    malformed("\\00\\03\\01mm", "longer");
    malformed("\\00\\02\\01m\\00\\02\\01m", "stands twice");
    malformed("\\01\\01\\00\\00\\02\\01m", "not in order");
    malformed("\\01\\07\\02\\00\\01f\\00\\01g", "stands twice");
    malformed("\\0c\\00", "no subsection");
    let invalid = |bytes: &str| wrong(&named(bytes), ErrorKind::Invalid, "does not exist");
    invalid("\\01\\04\\01\\01\\01f");
    invalid("\\02\\06\\01\\01\\01\\00\\01l");
    invalid("\\05\\04\\01\\00\\01t");
    invalid("\\0a\\06\\01\\02\\01\\00\\01f");
}
