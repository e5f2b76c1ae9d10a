//! Rules for the documents in the root: what they name exists, and they are
//! short enough to be read.

use super::Problem;
use super::tree::Tree;
use std::ops::Range;

/// Documents, and how many lines they may have.
const DOCUMENTS: &[(&str, usize)] =
    &[("ARCHITECTURE.md", 200), ("CONTRIBUTING.md", usize::MAX), ("README.md", 100)];

/// Endings of names of files.
const ENDINGS: &[&str] = &[".json", ".lock", ".md", ".rs", ".toml", ".wasm", ".wast", ".wat"];

/// Checks all documents. The paths on the `crate_table` lines of ARCHITECTURE.md
/// count from each crate's folder and are checked with the table.
pub fn check(tree: &Tree, crate_table: &Range<usize>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for &(name, max_lines) in DOCUMENTS {
        match tree.text(name) {
            Some(text) => {
                let skip = if name == "ARCHITECTURE.md" { crate_table.clone() } else { 0..0 };
                problems.extend(check_document(tree, name, text, max_lines, skip));
            }
            None => problems.push(Problem::new(name, 1, "the document is missing")),
        }
    }
    problems
}

fn check_document(tree: &Tree, name: &str, text: &str, max_lines: usize, skip: Range<usize>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let count = text.lines().count();
    if count > max_lines {
        problems.push(Problem::new(name, count, format!("{count} lines, at most {max_lines}")));
    }
    let mut fenced = false;
    for (n, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced || skip.contains(&(n + 1)) {
            continue;
        }
        let named = code_spans(line).filter(|span| is_path(span)).chain(link_targets(line));
        for path in named.filter(|path| !tree.has(path)) {
            problems.push(Problem::new(name, n + 1, format!("`{path}` does not exist")));
        }
    }
    problems
}

/// What stands between backticks in a line.
fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The targets of links in a line that lead into the repository.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

/// Whether a code span is the path of a file or folder of the repository.
fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let outside = span.starts_with(['-', '/']) || span.starts_with("..");
    let named = span.contains('/') || ENDINGS.iter().any(|ending| span.ends_with(ending) && span != *ending);
    !span.is_empty() && span.chars().all(plain) && !outside && named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let tree = Tree::from([("a/b.rs", ""), ("README.md", "")]);
        check_document(&tree, "D.md", text, 5, 5..6).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn paths_that_exist_are_fine() {
        let text = "`a/b.rs` `a/` [b](a/b.rs#c) [x](https://docs.rs/x)\n`x::y` `-a/c` `../a/c` `c/*` `.wat` `x y/z`\n";
        assert_eq!(messages(text), [""; 0]);
        assert_eq!(messages("```sh\ncat `c/d`\n```\n"), [""; 0]);
    }

    #[test]
    fn paths_that_do_not_exist_are_reported() {
        assert_eq!(
            messages("`a/`\n`a/c.rs` and `d.wat`\n"),
            ["D.md:2: `a/c.rs` does not exist", "D.md:2: `d.wat` does not exist"]
        );
        assert_eq!(messages("[c](c.md)"), ["D.md:1: `c.md` does not exist"]);
    }

    #[test]
    fn the_crate_table_is_left_out() {
        assert_eq!(messages("\n\n\n`c/`\n`d/`\n"), ["D.md:4: `c/` does not exist"]);
    }

    #[test]
    fn long_documents_are_reported() {
        assert_eq!(messages("\n\n\n\n\n\n"), ["D.md:6: 6 lines, at most 5"]);
    }

    #[test]
    fn missing_documents_are_reported() {
        let problems = check(&Tree::from([("README.md", "")]), &(0..0));
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
