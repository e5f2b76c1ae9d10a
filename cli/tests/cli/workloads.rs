//! Real programs: those that `../shared/bench/workloads.json` lists, with the exit
//! status and the output that it states. Passes without them where they are not.

use dayfly::{Config, Engine, Error, Extern, Linker, Module, Result, Store, Strategy, Val, ValType};
use dayfly_wasi::{DirPerms, FilePerms, I32Exit, MemoryOutput, WasiCtx, WasiCtxBuilder};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Programs that take longer than this many seconds of reference time are not run,
/// unless `DAYFLY_WORKLOADS=all` asks for them.
const MAX_REFERENCE_SECONDS: f64 = 1.0;

/// Bytes of output that a program may write.
const MAX_OUTPUT: usize = 1 << 20;

const THREADS: usize = 2;

#[derive(Deserialize)]
struct Workload {
    id: String,
    wasm: String,
    #[serde(flatten)]
    kind: Kind,
    #[serde(rename = "ref")]
    reference: Reference,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Kind {
    WasiP1(Command),
    Exports { calls: Vec<Call>, memory_sha256: Option<String> },
}

#[derive(Deserialize)]
struct Command {
    argv0: String,
    args: Vec<String>,
    stdin: Option<String>,
    mounts: Vec<Mount>,
    stub_imports: Vec<String>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mount {
    host: String,
    guest: String,
    scratch_copy: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    exit_code: i32,
    stdout_sha256: String,
    stdout_bytes: usize,
    stderr_sha256: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    f: String,
    args: Vec<i64>,
    expect: Option<i64>,
    write_file: Option<String>,
    read_len: Option<usize>,
    read_sha256: Option<String>,
    #[serde(default, rename = "timed")]
    _timed: bool,
}

#[derive(Deserialize, Default)]
struct Reference {
    #[serde(default)]
    run_cpu_s: f64,
}

#[test]
fn programs_give_the_output_they_should() {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/bench");
    let Ok(list) = fs::read(bench.join("workloads.json")) else {
        println!("skipped: {} is not there", bench.display());
        return;
    };
    let workloads: Vec<Workload> = serde_json::from_slice(&list).expect("the list can be read");
    let everything = std::env::var("DAYFLY_WORKLOADS").is_ok_and(|v| v == "all");
    let engines = [Strategy::Compiler, Strategy::Interpreter].map(|strategy| {
        Engine::new(Config::new().strategy(strategy)).expect("both can be had on the machines of these tests")
    });
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(workload) = workloads.get(next.fetch_add(1, Ordering::Relaxed)) {
            let id = &workload.id;
            if !everything && workload.reference.run_cpu_s > MAX_REFERENCE_SECONDS {
                println!("{id}: skipped, it takes too long");
                continue;
            }
            for (engine, name) in engines.iter().zip(["compiled", "interpreted"]) {
                let start = Instant::now();
                match workload.run(engine, &bench) {
                    Ok(()) => println!("{id}, {name}: passed in {:.2} s", start.elapsed().as_secs_f64()),
                    Err(error) => failures.lock().unwrap().push(format!("{id}, {name}: {error:?}")),
                }
            }
        }
    };
    std::thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

impl Workload {
    fn run(&self, engine: &Engine, bench: &Path) -> Result<()> {
        let module = Module::from_file(engine, bench.join(&self.wasm))?;
        match &self.kind {
            Kind::WasiP1(command) => command.run(&module, bench),
            Kind::Exports { calls, memory_sha256 } => call(&module, bench, calls, memory_sha256.as_deref()),
        }
    }
}

impl Command {
    fn run(&self, module: &Module, bench: &Path) -> Result<()> {
        let scratch = tempfile::tempdir()?;
        let (stdout, stderr) = (MemoryOutput::new(MAX_OUTPUT), MemoryOutput::new(MAX_OUTPUT));
        let mut builder = WasiCtxBuilder::new();
        builder.arg(&self.argv0).args(&self.args).stdout(stdout.clone()).stderr(stderr.clone());
        if let Some(stdin) = &self.stdin {
            builder.stdin(File::open(bench.join(stdin))?);
        }
        let mut root = None;
        for (i, mount) in self.mounts.iter().enumerate() {
            let mut host = bench.join(&mount.host);
            if mount.scratch_copy {
                let copy = scratch.path().join(i.to_string());
                copy_folder(&host, &copy)?;
                host = copy;
            }
            builder.preopened_dir(&host, &mount.guest, DirPerms::all(), FilePerms::all())?;
            if mount.guest == "/" {
                root = Some(host);
            }
        }

        let mut store = Store::new(module.engine(), builder.build());
        let mut linker = Linker::<WasiCtx>::new(module.engine());
        dayfly_wasi::add_to_linker(&mut linker, |wasi| wasi)?;
        if !self.stub_imports.is_empty() {
            linker.define_unknown_imports_as_default_values(&mut store, module)?;
        }
        let instance = linker.instantiate(&mut store, module)?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        let status = match start.call(&mut store, ()) {
            Ok(()) => 0,
            Err(error) => error.downcast::<I32Exit>()?.0,
        };
        self.expect.check(status, &stdout.contents(), &stderr.contents(), root)
    }
}

impl Expect {
    fn check(&self, status: i32, stdout: &[u8], stderr: &[u8], root: Option<PathBuf>) -> Result<()> {
        let text = || format!("{}\n{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr));
        expect(status == self.exit_code, || format!("exit status {status}; output: {}", text()))?;
        expect(stdout.len() == self.stdout_bytes, || {
            format!("{} bytes of output: {}", stdout.len(), text())
        })?;
        expect(sha256(stdout) == self.stdout_sha256, || format!("other output: {}", text()))?;
        expect(sha256(stderr) == self.stderr_sha256, || format!("other error output: {}", text()))?;
        for (name, hash) in &self.files {
            let root = root.as_ref().ok_or_else(|| Error::msg("no folder is mounted at `/`"))?;
            expect(sha256(&fs::read(root.join(name))?) == *hash, || format!("other contents of {name}"))?;
        }
        Ok(())
    }
}

/// Calls exported functions in order.
fn call(module: &Module, bench: &Path, calls: &[Call], memory_sha256: Option<&str>) -> Result<()> {
    let mut store = Store::new(module.engine(), ());
    let mut linker = Linker::new(module.engine());
    linker.define_unknown_imports_as_default_values(&mut store, module)?;
    let instance = linker.instantiate(&mut store, module)?;
    let memory = instance.get_memory(&mut store, "memory");
    let missing = || Error::msg("there is no exported memory");
    for call in calls {
        let Some(Extern::Func(func)) = instance.get_export(&mut store, &call.f) else {
            return Err(Error::msg(format!("there is no exported function {}", call.f)));
        };
        let ty = func.ty(&store);
        let value = |(arg, ty): (&i64, &ValType)| match ty {
            ValType::I32 => Val::I32(*arg as i32),
            _ => Val::I64(*arg),
        };
        let args: Vec<Val> = call.args.iter().zip(&ty.params).map(value).collect();
        let mut results = vec![Val::I32(0); ty.results.len()];
        func.call(&mut store, &args, &mut results)?;
        let result = match results.first() {
            Some(Val::I32(n)) => i64::from(*n),
            Some(Val::I64(n)) => *n,
            _ => 0,
        };
        if let Some(expected) = call.expect {
            expect(result == expected, || format!("{} returned {result}, not {expected}", call.f))?;
        }
        if let Some(file) = &call.write_file {
            memory.ok_or_else(missing)?.write(&mut store, result as usize, &fs::read(bench.join(file))?)?;
        }
        if let (Some(len), Some(hash)) = (call.read_len, &call.read_sha256) {
            let mut bytes = vec![0; len];
            memory.ok_or_else(missing)?.read(&store, result as usize, &mut bytes)?;
            expect(sha256(&bytes) == *hash, || format!("other bytes at the result of {}", call.f))?;
        }
    }
    if let Some(hash) = memory_sha256 {
        expect(sha256(memory.ok_or_else(missing)?.data(&store)) == hash, || "other memory".to_owned())?;
    }
    Ok(())
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::msg(otherwise())) }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Copies a folder; one that is missing becomes an empty one.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    if !from.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            // The contents alone: the original may be read-only.
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
