//! The crate table of ARCHITECTURE.md against the workspace: which crates there
//! are, which of ours each uses, and where unsafe code stands.

use super::Problem;
use super::code::{bare, has_word};
use super::tree::Tree;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// The start of the table's first line.
const HEADER: &str = "| folder | crate | may use | unsafe |";

/// The crate table.
#[derive(Debug)]
pub struct Table {
    /// The document's lines that it stands on, counted from 1.
    pub lines: Range<usize>,
    file: String,
    rows: Vec<Row>,
}

/// A crate, as the table has it.
#[derive(Debug)]
struct Row {
    line: usize,
    folder: String,
    name: String,
    /// Folders of the crates of ours that it uses.
    uses: BTreeSet<String>,
    /// Files and folders that may contain unsafe code, from `src/` or the crate's folder; empty: none.
    unsafe_in: Vec<String>,
}

/// The workspace, as cargo knows it.
#[derive(Debug, Default)]
pub struct Metadata {
    /// By folder.
    crates: BTreeMap<String, Package>,
}

/// A crate, as cargo knows it.
#[derive(Debug)]
struct Package {
    name: String,
    /// Names of the crates of ours that it depends on, for tests or otherwise.
    uses: BTreeSet<String>,
}

impl Table {
    /// Finds and reads the table in a document.
    pub fn parse(file: &str, text: &str) -> Result<Table, String> {
        let lines: Vec<&str> = text.lines().collect();
        let header = lines.iter().position(|line| line.starts_with(HEADER));
        let header = header.ok_or_else(|| format!("{file} has no table that starts with `{HEADER}`"))?;
        let mut rows = Vec::new();
        let mut at = header + 2;
        while let Some(line) = lines.get(at).filter(|line| line.starts_with('|')) {
            rows.push(
                Row::parse(at + 1, line).ok_or_else(|| format!("{file}:{}: not a row of crates", at + 1))?,
            );
            at += 1;
        }
        Ok(Table { lines: header + 1..at + 1, file: file.to_owned(), rows })
    }

    /// What differs between the table and the workspace.
    pub fn compare(&self, metadata: &Metadata) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |line, message: String| problems.push(Problem::new(&self.file, line, message));
        for row in &self.rows {
            let Some(found) = metadata.crates.get(&row.folder) else {
                problem(row.line, format!("the workspace has no crate in `{}/`", row.folder));
                continue;
            };
            if found.name != row.name {
                problem(row.line, format!("the crate in `{}/` is `{}`", row.folder, found.name));
            }
            let uses: BTreeSet<String> = found.uses.iter().map(|name| self.folder_of(name)).collect();
            for folder in uses.difference(&row.uses) {
                problem(
                    row.line,
                    format!("`{}` must not use `{folder}`: the table has no such edge", row.folder),
                );
            }
            for folder in row.uses.difference(&uses) {
                problem(row.line, format!("`{}` does not use `{folder}`: remove the edge", row.folder));
            }
        }
        for (folder, found) in &metadata.crates {
            if !self.rows.iter().any(|row| row.folder == *folder) {
                problem(self.lines.start, format!("a row is missing for `{}` in `{folder}/`", found.name));
            }
        }
        problems
    }

    /// That every crate takes the lints of the workspace.
    pub fn check_manifests(&self, tree: &Tree) -> Vec<Problem> {
        let manifests = self.rows.iter().map(|row| format!("{}/Cargo.toml", row.folder));
        let lacking = manifests.filter(|path| {
            let text = tree.text(path).unwrap_or_default();
            !text.contains("[lints]\nworkspace = true")
        });
        lacking.map(|path| Problem::new(&path, 1, "add `[lints]` with `workspace = true`")).collect()
    }

    /// That unsafe code stands only where the table has it, and that the compiler sees to it.
    pub fn check_unsafe(&self, tree: &Tree) -> Vec<Problem> {
        let mut problems = Vec::new();
        for row in &self.rows {
            let places: Vec<Option<String>> =
                row.unsafe_in.iter().map(|place| row.resolve(tree, place)).collect();
            for (place, _) in row.unsafe_in.iter().zip(&places).filter(|(_, found)| found.is_none()) {
                let message = format!("`{}` has neither `src/{place}` nor `{place}`", row.folder);
                problems.push(Problem::new(&self.file, row.line, message));
            }
            let allowed: Vec<String> = places.into_iter().flatten().collect();
            let folder = format!("{}/", row.folder);
            let sources = tree.texts().filter(|(path, _)| path.starts_with(&folder) && path.ends_with(".rs"));
            for (path, text) in sources {
                let inside =
                    |place: &String| path == place || (place.ends_with('/') && path.starts_with(place));
                if !allowed.iter().any(inside) {
                    problems.extend(unsafe_lines(path, text));
                }
                problems.extend(row.check_root(path, text));
            }
        }
        problems
    }

    fn folder_of(&self, name: &str) -> String {
        let row = self.rows.iter().find(|row| row.name == name);
        row.map_or_else(|| name.to_owned(), |row| row.folder.clone())
    }
}

impl Row {
    fn parse(line: usize, text: &str) -> Option<Row> {
        let cells: Vec<&str> = text.trim_matches('|').split('|').map(str::trim).collect();
        let [folder, name, uses, unsafe_in, ..] = cells[..] else { return None };
        let words = |cell: &str| -> Vec<String> {
            let word = |word: &str| word.trim_matches('`').to_owned();
            cell.split([',', ' ']).map(word).filter(|word| !word.is_empty()).collect()
        };
        Some(Row {
            line,
            folder: folder.trim_matches('`').trim_end_matches('/').to_owned(),
            name: name.trim_matches('`').to_owned(),
            uses: words(uses).into_iter().filter(|word| word != "-").collect(),
            unsafe_in: words(unsafe_in).into_iter().filter(|word| word != "forbidden").collect(),
        })
    }

    /// The path from the root of a place that the row names.
    fn resolve(&self, tree: &Tree, place: &str) -> Option<String> {
        let candidates = [format!("{}/src/{place}", self.folder), format!("{}/{place}", self.folder)];
        candidates.into_iter().find(|path| tree.has(path))
    }

    /// That the root of the crate has the attribute which the table asks for.
    fn check_root(&self, path: &str, text: &str) -> Option<Problem> {
        let inner = path.strip_prefix(&self.folder)?;
        let wanted =
            if self.unsafe_in.is_empty() { "#![forbid(unsafe_code)]" } else { "#![deny(unsafe_code)]" };
        let is_root = matches!(inner, "/src/lib.rs" | "/src/main.rs");
        (is_root && !bare(text).contains(wanted)).then(|| Problem::new(path, 1, format!("add `{wanted}`")))
    }
}

impl Metadata {
    /// Asks cargo.
    pub fn of(root: &Path) -> Result<Metadata, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(root).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
        let output = command.output().map_err(|e| format!("cannot run cargo metadata: {e}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata fails: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let json = serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
        Metadata::parse(&json).ok_or_else(|| "cargo metadata has an unknown shape".to_owned())
    }

    fn parse(json: &Value) -> Option<Metadata> {
        let packages = json["packages"].as_array()?;
        let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
        let mut crates = BTreeMap::new();
        for package in packages {
            let manifest = Path::new(package["manifest_path"].as_str()?);
            let folder = manifest.parent()?.file_name()?.to_str()?;
            let dependencies = package["dependencies"].as_array()?.iter();
            let uses = dependencies.filter_map(|d| d["name"].as_str()).filter(|name| names.contains(name));
            let uses = uses.map(str::to_owned).collect();
            let name = package["name"].as_str()?.to_owned();
            crates.insert(folder.to_owned(), Package { name, uses });
        }
        Some(Metadata { crates })
    }
}

fn unsafe_lines(path: &str, text: &str) -> Vec<Problem> {
    let bare = bare(text);
    let lines = bare.lines().enumerate().filter(|(_, line)| has_word(line, "unsafe"));
    let message = "unsafe code where the table of ARCHITECTURE.md has none";
    lines.map(|(n, _)| Problem::new(path, n + 1, message)).collect()
}

#[cfg(test)]
mod tests;
