//! Samples that break the crate table's rules, and what is said of them.

use super::*;
use serde_json::json;

const TABLE: &str = "\
Crates:

| folder | crate | may use | unsafe | central type |
|---|---|---|---|---|
| `low/` | `our-low` | - | forbidden | `A` |
| `high/` | `our-high` | low | `raw/` `build.rs` | `B` |

After.";

fn table() -> Table {
    Table::parse("T.md", TABLE).unwrap()
}

fn metadata(low: &[&str], high: &[&str]) -> Metadata {
    let package = |name: &str, folder: &str, uses: &[&str]| {
        let uses: Vec<Value> = uses.iter().map(|name| json!({ "name": name })).collect();
        json!({ "name": name, "manifest_path": format!("/x/{folder}/Cargo.toml"), "dependencies": uses })
    };
    let packages = [package("our-low", "low", low), package("our-high", "high", high)];
    Metadata::parse(&json!({ "packages": packages })).unwrap()
}

fn messages(problems: Vec<Problem>) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_same_edges_are_fine() {
    let table = table();
    assert_eq!(table.lines, 3..7);
    assert_eq!(table.compare(&metadata(&["theirs"], &["our-low", "theirs"])), []);
}

#[test]
fn an_edge_more_or_less_is_reported() {
    assert_eq!(
        messages(table().compare(&metadata(&["our-high"], &[]))),
        [
            "T.md:5: `low` must not use `high`: the table has no such edge",
            "T.md:6: `high` does not use `low`: remove the edge",
        ]
    );
}

#[test]
fn a_crate_more_or_less_is_reported() {
    let mut found = metadata(&[], &["our-low"]);
    let package = found.crates.remove("low").unwrap();
    found.crates.insert("other".to_owned(), package);
    assert_eq!(
        messages(table().compare(&found)),
        [
            "T.md:5: the workspace has no crate in `low/`",
            "T.md:3: a row is missing for `our-low` in `other/`"
        ]
    );
}

#[test]
fn a_crate_of_another_name_is_reported() {
    let mut found = metadata(&[], &["our-low"]);
    found.crates.get_mut("high").unwrap().name = "our-tall".to_owned();
    assert_eq!(messages(table().compare(&found)), ["T.md:6: the crate in `high/` is `our-tall`"]);
}

#[test]
fn a_document_without_the_table_is_refused() {
    assert!(Table::parse("T.md", "| folder | crate |").is_err());
    assert!(Table::parse("T.md", &TABLE.replace(" | forbidden | `A` |", "")).is_err());
}

#[test]
fn manifests_without_lints_are_reported() {
    let lints = "[package]\n\n[lints]\nworkspace = true\n";
    let tree = Tree::from([("low/Cargo.toml", lints), ("high/Cargo.toml", "[package]\n")]);
    let found = messages(table().check_manifests(&tree));
    assert_eq!(found, ["high/Cargo.toml:1: add `[lints]` with `workspace = true`"]);
}

#[test]
fn unsafe_code_is_found_where_it_is_not_allowed() {
    let code = "//! Unsafe.\nfn f() {\n    unsafe { g() }\n}\n";
    let tree = Tree::from([
        ("low/src/lib.rs", "#![forbid(unsafe_code)]\n"),
        ("low/tests/t.rs", code),
        ("high/build.rs", code),
        ("high/src/lib.rs", "// #![deny(unsafe_code)]\n"),
        ("high/src/raw/a.rs", code),
        ("high/src/raw_b.rs", code),
    ]);
    assert_eq!(
        messages(table().check_unsafe(&tree)),
        [
            "low/tests/t.rs:3: unsafe code where the table of ARCHITECTURE.md has none",
            "high/src/lib.rs:1: add `#![deny(unsafe_code)]`",
            "high/src/raw_b.rs:3: unsafe code where the table of ARCHITECTURE.md has none",
        ]
    );
}

#[test]
fn places_of_the_table_exist() {
    let tree = Tree::from([("high/build.rs", "")]);
    assert_eq!(messages(table().check_unsafe(&tree)), ["T.md:6: `high` has neither `src/raw/` nor `raw/`"]);
}
