//! A tree of files in memory. Paths are absolute, with `/` between names and none at
//! the end; the root's is empty.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// A file or folder. Numbers of nodes never change, so that an open file outlives its name.
pub enum Node {
    /// Its entries are known by their paths.
    Folder,
    /// The contents.
    File(Vec<u8>),
}

/// All files.
pub struct Files {
    nodes: Vec<Node>,
    paths: BTreeMap<String, usize>,
}

impl Files {
    /// A root without entries.
    pub fn new() -> Files {
        Files { nodes: vec![Node::Folder], paths: BTreeMap::from([(String::new(), 0)]) }
    }

    /// Copies a folder of the host to `path`; one that is missing becomes an empty one.
    pub fn copy_from(&mut self, host: &Path, path: &str) -> io::Result<()> {
        self.insert(path, Node::Folder);
        if !host.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(host)? {
            let entry = entry?;
            let path = format!("{path}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.copy_from(&entry.path(), &path)?;
            } else {
                self.insert(&path, Node::File(fs::read(entry.path())?));
            }
        }
        Ok(())
    }

    /// The contents of a file.
    pub fn contents(&self, path: &str) -> Option<&[u8]> {
        match self.node(self.find(path)?) {
            Node::File(bytes) => Some(bytes),
            Node::Folder => None,
        }
    }

    pub(super) fn find(&self, path: &str) -> Option<usize> {
        self.paths.get(path).copied()
    }

    pub(super) fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    pub(super) fn node_mut(&mut self, number: usize) -> &mut Node {
        &mut self.nodes[number]
    }

    /// Makes a node, or replaces what has the path.
    pub(super) fn insert(&mut self, path: &str, node: Node) -> usize {
        self.nodes.push(node);
        let number = self.nodes.len() - 1;
        self.paths.insert(path.to_owned(), number);
        number
    }

    /// Forgets a path.
    pub(super) fn remove(&mut self, path: &str) {
        self.paths.remove(path);
    }

    /// Gives what is at a path, and below it, another path.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        let below = format!("{from}/");
        let moved: Vec<_> =
            self.paths.keys().filter(|path| *path == from || path.starts_with(&below)).cloned().collect();
        for path in moved {
            let number = self.paths.remove(&path).expect("it was just listed");
            self.paths.insert(format!("{to}{}", &path[from.len()..]), number);
        }
    }

    /// Names and nodes of a folder's entries, in order.
    pub(super) fn entries(&self, folder: &str) -> impl Iterator<Item = (&str, usize)> {
        let below = format!("{folder}/");
        let start = below.len();
        let entries = self.paths.range(below.clone()..).take_while(move |(path, _)| path.starts_with(&below));
        entries.map(move |(path, number)| (&path[start..], *number)).filter(|(name, _)| !name.contains('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_list_and_move_their_entries() {
        let mut files = Files::new();
        files.insert("/a", Node::Folder);
        files.insert("/a/b", Node::Folder);
        files.insert("/a/b/c", Node::File(b"text".to_vec()));
        files.insert("/ab", Node::Folder);
        let names = |files: &Files, path| files.entries(path).map(|(n, _)| n.to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&files, ""), ["a", "ab"]);
        assert_eq!(names(&files, "/a"), ["b"]);
        files.rename("/a", "/d");
        assert_eq!(names(&files, ""), ["ab", "d"]);
        assert_eq!(files.contents("/d/b/c"), Some(&b"text"[..]));
    }
}
