//! `dayfly snapshot`: what it writes runs, and initialisation gets what was granted.

use crate::command::{Run, command, dayfly, finish};
use std::path::Path;
use tempfile::TempDir;

/// A folder for what is written.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a snapshot of `snapshot.wat`.
    fn snapshot(&self, args: &[&str]) -> Run {
        let output = self.path("snap.wasm");
        let mut command = command(&["snapshot"]);
        command.args(args).args(["snapshot.wat", "-o", &output]).env_clear().env("A", "1");
        finish(command, b"")
    }

    /// What `get` gets in the snapshot.
    fn get(&self) -> String {
        dayfly(&["--invoke", "get", &self.path("snap.wasm")]).exits(0).stdout
    }
}

#[test]
fn a_snapshot_starts_from_there() {
    let folder = Folder::new();
    folder.snapshot(&[]).exits(0).prints("");
    assert_eq!(folder.get(), "42\n");
    dayfly(&[&folder.path("snap.wasm")]).exits(1);
    dayfly(&["validate", &folder.path("snap.wasm")]).exits(0);
    let exports = dayfly(&["inspect", &folder.path("snap.wasm")]).exits(0).stdout;
    assert!(exports.contains("wizer.resume") && !exports.contains("wizer-initialize"), "{exports}");

    folder.snapshot(&["--keep-init-func", "-r", "_start=wizer.resume"]).exits(0);
    dayfly(&[&folder.path("snap.wasm")]).exits(42);
    let exports = dayfly(&["inspect", &folder.path("snap.wasm")]).exits(0).stdout;
    assert!(!exports.contains("wizer.resume") && exports.contains("wizer-initialize"), "{exports}");
    folder.snapshot(&["--keep-init-func=false", "--rename-func=_start=wizer.resume"]).exits(0);
}

#[test]
fn initialisation_gets_what_is_granted() {
    let folder = Folder::new();
    folder.snapshot(&["-f", "environment"]).exits(134).complains(&[
        "`--allow-wasi`",
        "no snapshot of `snapshot.wat`",
        "`wasi_snapshot_preview1::environ_sizes_get`, which it was not granted",
    ]);
    assert!(!Path::new(&folder.path("snap.wasm")).exists());
    folder.snapshot(&["--init-func", "environment", "--allow-wasi"]).exits(0);
    assert_eq!(folder.get(), "0\n");
    folder.snapshot(&["-f", "environment", "--env", "B=2"]).exits(0);
    assert_eq!(folder.get(), "1\n");
    folder.snapshot(&["-f", "environment", "-S", "inherit-env"]).exits(0);
    assert_eq!(folder.get(), "1\n");

    std::fs::write(folder.path("note"), "A").unwrap();
    let dir = format!("{}::/data::ro", folder.path(""));
    folder.snapshot(&["-f", "read", "--dir", &dir]).exits(0);
    assert_eq!(folder.get(), "65\n");
    folder.snapshot(&["-f", "read", "--allow-wasi"]).exits(134).complains(&["unreachable"]);
}

#[test]
fn what_cannot_be_kept_is_told() {
    let folder = Folder::new();
    std::fs::write(folder.path("note"), "A").unwrap();
    folder.snapshot(&["-f", "open", "--dir", &folder.path("")]).exits(1).complains(&["descriptor 4"]);
    folder.snapshot(&["-f", "exit", "--allow-wasi"]).exits(134).complains(&["exited with status 3"]);
    folder.snapshot(&["-f", "none"]).exits(1).complains(&["no function `none`", "`environment`"]);
    folder.snapshot(&["-f", "get"]).exits(1).complains(&["take and return nothing"]);
    folder.snapshot(&["-r", "get"]).exits(2).complains(&["NEW=OLD"]);
    folder.snapshot(&["-W", "fuel=1"]).exits(134).complains(&["stopped by `-W fuel=1`"]);
    let nowhere = folder.path("no/snap.wasm");
    dayfly(&["snapshot", "snapshot.wat", "-o", &nowhere]).exits(1).complains(&["cannot write"]);
    dayfly(&["snapshot", "snapshot.wat"]).exits(2).complains(&["--output"]);
}
