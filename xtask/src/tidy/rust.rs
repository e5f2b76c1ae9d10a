//! Rules for Rust sources: size, opening lines, words that must not stay, how
//! many macros there are, how often an operator is named.

use super::Problem;
use super::code::{bare, has_word};
use super::tree::Tree;
use std::fmt;

/// The most lines of a source.
const MAX_LINES: usize = 800;

/// Tables: they hold rows and no logic, and may be as long as what they list.
const TABLES: &[&str] = &["parser/src/ops/table.rs"];

/// The most `macro_rules!` in the workspace, not counting those that hold a table's rows.
const MAX_MACROS: usize = 40;

/// The most lines, tests apart, that name one numeric operator.
const MAX_MENTIONS: usize = 4;

/// Words for what is yet to be done; each needs the number of an issue, as in `WORD(#7)`.
const UNDONE: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Macros that must not stay in the code.
const UNFINISHED: [&str; 3] = ["dbg", "todo", "unimplemented"];

/// The places of state that outlives every store: the counter of store ids, what a thread knows of its own
/// stack, what signal handlers read, and files that profilers read of a process.
const GLOBAL_STATE: &[&str] = &[
    "jit/src/activation.rs",
    "jit/src/profile/jitdump.rs",
    "jit/src/profile/perf_map.rs",
    "jit/src/registry.rs",
    "runtime/src/stack.rs",
    "runtime/src/store/handles.rs",
    "runtime/src/store/pool.rs",
    "runtime/src/sys/fork.rs",
    "runtime/src/sys/signals/alt_stack.rs",
    "runtime/src/sys/signals/mod.rs",
    "runtime/src/sys/tracking/pagemap.rs",
    "runtime/src/sys/tracking/probe.rs",
    "runtime/src/sys/tracking/registry.rs",
    "runtime/src/sys/tracking/userfault.rs",
    "runtime/src/sys/unix.rs",
];

/// Checks a source.
pub fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > MAX_LINES && !TABLES.contains(&path) {
        problems.push(Problem::new(
            path,
            lines,
            format!("{lines} lines, at most {MAX_LINES}: split the file"),
        ));
    }
    if !text.starts_with("//!") {
        problems.push(Problem::new(path, 1, "open with `//!`: purpose, invariant, section of the standard"));
    }
    for (n, line) in text.lines().enumerate() {
        for word in UNDONE.into_iter().filter(|word| lacks_issue(line, word)) {
            problems.push(Problem::new(
                path,
                n + 1,
                format!("`{word}` without an issue: write `{word}(#number)`"),
            ));
        }
    }
    for (n, line) in bare(text).lines().enumerate() {
        if line.contains("#[ignore") {
            problems.push(Problem::new(path, n + 1, "no test is ignored: remove it or make it run"));
        }
        for name in UNFINISHED.into_iter().filter(|name| calls_macro(line, name)) {
            problems.push(Problem::new(path, n + 1, format!("`{name}!` must not stay in the code")));
        }
        if is_global_state(line) && !GLOBAL_STATE.contains(&path) && !is_test(path) {
            problems.push(Problem::new(path, n + 1, "global mutable state: keep it in an engine or a store"));
        }
    }
    problems
}

/// How many `macro_rules!` there are.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct MacroCount {
    macros: usize,
    tables: usize,
}

impl MacroCount {
    /// Counts those of a source.
    pub fn add(&mut self, path: &str, text: &str) {
        let count = bare(text).lines().filter(|line| calls_macro(line, "macro_rules")).count();
        *(if TABLES.contains(&path) { &mut self.tables } else { &mut self.macros }) += count;
    }

    /// That there are not too many.
    pub fn problem(&self) -> Option<Problem> {
        let message = || format!("the workspace has {} macros, at most {MAX_MACROS}", self.macros);
        (self.macros > MAX_MACROS).then(|| Problem::new("Cargo.toml", 1, message()))
    }
}

impl fmt::Display for MacroCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} macros of at most {MAX_MACROS} ({} more hold tables)", self.macros, self.tables)
    }
}

/// That a numeric operator is named in few places: its row, its formula, and what
/// a compiler must say. `i32.rotl` stands for all.
pub fn mentions(tree: &Tree) -> Option<Problem> {
    let names = ["I32Rotl", "i32_rotl"];
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".rs") && !is_test(path)) {
        let bare = bare(text);
        let code = bare.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
        let naming = code.filter(|(_, line)| names.iter().any(|name| has_word(line, name)));
        found.extend(naming.map(|(n, _)| (path, n + 1)));
    }
    let (path, line) = *found.get(MAX_MENTIONS)?;
    let message = format!("an operator is named on {} lines, at most {MAX_MENTIONS}", found.len());
    Some(Problem::new(path, line, message))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("/testing.rs")
}

fn is_global_state(line: &str) -> bool {
    let item = line.split_once("static ").filter(|(before, _)| before.is_empty() || before.ends_with(' '));
    let Some((_, after)) = item else { return calls_macro(line, "thread_local") };
    let shared = ["Atomic", "Cell", "Lazy", "Lock", "Mutex"].iter().any(|kind| after.contains(kind));
    after.starts_with("mut ") || (after.contains(':') && shared)
}

fn lacks_issue(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let after = &line[at + word.len()..];
        let digits =
            after.strip_prefix("(#").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        has_word(&line[..at + word.len()], word)
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            && !digits.is_some_and(|rest| rest.starts_with(')') && !after.starts_with("(#)"))
    })
}

fn calls_macro(line: &str, name: &str) -> bool {
    let call = format!("{name}!");
    line.match_indices(&call).any(|(at, _)| has_word(&line[..at + name.len()], name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        check("a/src/b.rs", text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_file_is_fine() {
        assert_eq!(messages("//! Purpose.\n\nfn f() {\n    debug!();\n    g(\"dbg!\");\n}\n"), [""; 0]);
    }

    #[test]
    fn long_files_are_reported() {
        let text = format!("//! Long.\n{}", "\n".repeat(MAX_LINES));
        assert_eq!(messages(&text), ["a/src/b.rs:801: 801 lines, at most 800: split the file"]);
        assert_eq!(check(TABLES[0], &text), []);
    }

    #[test]
    fn files_without_opening_lines_are_reported() {
        for text in ["", "// Purpose.\n", "\n//! Purpose.\n", "use a;\n"] {
            assert_eq!(messages(text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn undone_work_has_an_issue() {
        for word in UNDONE {
            let text = |after: &str| format!("//! A.\n// {word}{after} later\n");
            assert_eq!(messages(&text("(#12):")), [""; 0]);
            assert_eq!(messages(&text("LIST")), [""; 0]);
            for after in ["", ":", "(#)", "(#x)", "(me)"] {
                let found = messages(&text(after));
                assert_eq!(found.len(), 1, "{word}{after}");
                assert!(found[0].starts_with("a/src/b.rs:2: "), "{found:?}");
            }
        }
    }

    #[test]
    fn unfinished_code_is_reported() {
        let found = messages("//! A.\nfn f() {\n    dbg!(1);\n    todo!()\n}\nfn g() { unimplemented!() }\n");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("a/src/b.rs:3: `dbg!`"), "{found:?}");
    }

    #[test]
    fn ignored_tests_are_reported() {
        for attribute in ["#[ignore]", "#[ignore = \"slow\"]"] {
            let found = messages(&format!("//! A.\n#[test]\n{attribute}\nfn f() {{}}\n"));
            assert_eq!(found, ["a/src/b.rs:3: no test is ignored: remove it or make it run"]);
        }
    }

    #[test]
    fn global_state_is_reported() {
        for line in ["static mut A: u32 = 0;", "    static A: AtomicU64 = B;", "thread_local! {"] {
            let text = format!("//! A.\n{line}\n");
            assert_eq!(
                messages(&text),
                ["a/src/b.rs:2: global mutable state: keep it in an engine or a store"]
            );
            assert_eq!(check(GLOBAL_STATE[0], &text), []);
        }
        assert_eq!(
            messages("//! A.\nstatic A: &[u8] = b\"Cell\";\nfn f<T: 'static + U>(a: Cell<T>) {}\n"),
            [""; 0]
        );
    }

    #[test]
    fn too_many_macros_are_reported() {
        let text = "//! A.\nmacro_rules! a { () => {} }\n// macro_rules! b\n";
        let mut count = MacroCount::default();
        count.add(TABLES[0], text);
        for _ in 0..MAX_MACROS {
            count.add("a.rs", text);
        }
        assert_eq!((count, count.problem()), (MacroCount { macros: MAX_MACROS, tables: 1 }, None));
        count.add("a.rs", text);
        assert!(count.problem().unwrap().message.contains("41 macros"));
    }

    #[test]
    fn operators_named_too_often_are_reported() {
        let line = "fn f() { i32_rotl(a, b) }\n";
        let text = format!("{}#[cfg(test)]\n{line}", line.repeat(MAX_MENTIONS));
        assert_eq!(
            mentions(&Tree::from([("a/b.rs", &*text), ("a/tests/c.rs", line), ("a/d.md", line)])),
            None
        );
        let problem = mentions(&Tree::from([("a/b.rs", &*text), ("a/c.rs", "BinOp::I32Rotl")])).unwrap();
        assert_eq!((&*problem.file, problem.line), ("a/c.rs", 1));
    }
}
