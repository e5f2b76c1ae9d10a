//! The list of programs: what `workloads.json` says, in `../shared/bench` and in
//! `guests/`, see the README beside the former.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A program, its input and the output that it should give.
#[derive(Clone, Serialize, Deserialize)]
pub struct Workload {
    /// What it is called.
    pub id: String,
    wasm: PathBuf,
    /// Proposals that it needs.
    #[serde(default)]
    pub features: Vec<String>,
    /// How many objects it makes, if that is what it is for.
    #[serde(default)]
    pub objects: Option<u64>,
    /// How to run it.
    #[serde(flatten)]
    pub kind: Kind,
    /// The folder of the list, from which paths start.
    #[serde(default)]
    folder: PathBuf,
}

/// How a program is run.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// By `_start`, with WASI.
    WasiP1(Command),
    /// By calls of exported functions.
    Exports {
        /// In order.
        calls: Vec<Call>,
        /// The hash of the whole memory at the end.
        #[serde(default)]
        memory_sha256: Option<String>,
    },
}

/// A program with WASI.
#[derive(Clone, Serialize, Deserialize)]
pub struct Command {
    /// The name it sees as its own.
    pub argv0: String,
    /// The other arguments.
    pub args: Vec<String>,
    /// The file that it reads from its standard input.
    pub stdin: Option<PathBuf>,
    /// Folders that it gets a copy of.
    pub mounts: Vec<Mount>,
    /// Modules whose functions are to return zero.
    pub stub_imports: Vec<String>,
    /// What it should do.
    pub expect: Expect,
}

/// A folder for a guest.
#[derive(Clone, Serialize, Deserialize)]
pub struct Mount {
    /// The original; may be missing, then the folder is empty.
    pub host: PathBuf,
    /// The guest's path of it.
    pub guest: String,
}

/// What a program with WASI should do.
#[derive(Clone, Serialize, Deserialize)]
pub struct Expect {
    /// Its exit status.
    pub exit_code: i32,
    /// Hash of its output.
    pub stdout_sha256: String,
    /// Hash of its error output.
    pub stderr_sha256: String,
    /// Hashes of the files that it writes, by their paths from `/`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// A call of an exported function.
#[derive(Clone, Serialize, Deserialize)]
pub struct Call {
    /// The function.
    pub f: String,
    /// Its arguments.
    pub args: Vec<i64>,
    /// Its result.
    #[serde(default)]
    pub expect: Option<i64>,
    /// A file to be written to memory where the result points.
    #[serde(default)]
    pub write_file: Option<PathBuf>,
    /// How many bytes to read where the result points.
    #[serde(default)]
    pub read_len: Option<usize>,
    /// The hash of these bytes.
    #[serde(default)]
    pub read_sha256: Option<String>,
}

impl Workload {
    /// The module, in binary form.
    pub fn wasm(&self) -> Result<Vec<u8>> {
        let bytes = self.file(&self.wasm)?;
        if self.wasm.extension().is_some_and(|extension| extension == "wat") {
            return wat::parse_bytes(&bytes)
                .map(|binary| binary.into_owned())
                .with_context(|| format!("{} is no module", self.wasm.display()));
        }
        Ok(bytes)
    }

    /// The name of the module's file.
    pub fn module_name(&self) -> String {
        self.wasm.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// A file of the list.
    pub fn file(&self, path: &Path) -> Result<Vec<u8>> {
        fs::read(self.path(path)).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Where a path of the list leads.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// All programs: those beside the repository, if they are there, and our own.
pub fn all() -> Result<Vec<Workload>> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = bench.join("../../shared/bench");
    let mut all = Vec::new();
    if shared.join("workloads.json").exists() {
        all.extend(load(&shared)?);
    }
    all.extend(load(&bench.join("guests"))?);
    Ok(all)
}

fn load(folder: &Path) -> Result<Vec<Workload>> {
    let list = folder.join("workloads.json");
    let text = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let mut workloads: Vec<Workload> =
        serde_json::from_slice(&text).with_context(|| format!("{} is not as expected", list.display()))?;
    for workload in &mut workloads {
        workload.folder = folder.to_owned();
    }
    Ok(workloads)
}
