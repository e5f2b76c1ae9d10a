//! The checks of `cargo xtask tidy`. Each is a function from what it looks at to
//! problems, so that its tests can show it a sample that breaks the rule.

mod code;
mod crates;
mod documents;
mod leaks;
mod rust;
mod tree;

use std::fmt;
use std::path::Path;
use tree::Tree;

/// A place where a rule is broken.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// Path from the root of the repository.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Problem {
    /// A problem at a line.
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// What the checks found.
#[derive(Debug)]
pub struct Report {
    /// Ordered by place.
    pub problems: Vec<Problem>,
    files: usize,
    macros: rust::MacroCount,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        writeln!(f, "tidy: {} files, {}, {} problems", self.files, self.macros, self.problems.len())
    }
}

/// Runs all checks on the repository. Fails if it cannot be read.
pub fn check(root: &Path) -> Result<Report, String> {
    let tree = Tree::load(root)?;
    let architecture = tree.text("ARCHITECTURE.md").ok_or("ARCHITECTURE.md is missing")?;
    let table = crates::Table::parse("ARCHITECTURE.md", architecture)?;
    let mut problems = table.compare(&crates::Metadata::of(root)?);
    problems.extend(table.check_manifests(&tree));
    problems.extend(table.check_unsafe(&tree));
    problems.extend(documents::check(&tree, &table.lines));
    let mut macros = rust::MacroCount::default();
    for (path, text) in tree.texts() {
        problems.extend(leaks::check(path, text));
        if path.ends_with(".rs") {
            problems.extend(rust::check(path, text));
            macros.add(path, text);
        }
    }
    problems.extend(macros.problem());
    problems.extend(rust::mentions(&tree));
    problems.sort();
    Ok(Report { problems, files: tree.len(), macros })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        let report = super::check(crate::repository()).unwrap();
        assert!(report.problems.is_empty(), "\n{report}");
    }
}
