//! WASI from a guest's side: programs of our own that always run, and the WASI test suite's preview 1
//! programs when they are there, as its specification.md says a runner works.

mod drive;

use dayfly::{Engine, Linker, Module, Store, TypedFunc, UpdateDeadline};
use dayfly_wasi::{
    DirPerms, FilePerms, I32Exit, MemoryInput, MemoryOutput, MonotonicClock, RandomSource, WallClock,
    WasiCtx, WasiCtxBuilder,
};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How many preview 1 programs the suite has.
const PROGRAMS: usize = 72;
/// How long one of them may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a guest did.
struct Outcome {
    exit: dayfly::Result<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Runs a guest with what `builder` grants, its outputs captured.
fn run(module: &[u8], builder: &mut WasiCtxBuilder) -> Outcome {
    let (stdout, stderr) = (MemoryOutput::new(1 << 20), MemoryOutput::new(1 << 20));
    let ctx = builder.stdout(stdout.clone()).stderr(stderr.clone()).build();
    let exit = start(module, ctx);
    Outcome { exit, stdout: stdout.contents(), stderr: stderr.contents() }
}

fn start(module: &[u8], ctx: WasiCtx) -> dayfly::Result<i32> {
    let engine = Engine::default();
    let module = Module::new(&engine, module)?;
    let mut linker = Linker::new(&engine);
    dayfly_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx)?;
    let mut store = Store::new(&engine, ctx);
    let instance = linker.instantiate(&mut store, &module)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    match start.call(&mut store, ()) {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => Ok(exit.0),
            None => Err(error),
        },
    }
}

/// A guest that sleeps for 200 milliseconds in one call.
const SLEEP: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "sleep") (result i32)
        (i32.store offset=16 (i32.const 0) (i32.const 1))
        (i64.store offset=24 (i32.const 0) (i64.const 200000000))
        (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))"#;

/// An engine, a store with a deadline of one tick, and the function that sleeps there.
fn sleeper() -> (Engine, Store<WasiCtx>, TypedFunc<(), i32>) {
    let engine = Engine::new(dayfly::Config::new().epoch_interruption(true)).unwrap();
    let mut linker = Linker::new(&engine);
    dayfly_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx).unwrap();
    let mut store = Store::new(&engine, WasiCtx::builder().build());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, SLEEP).unwrap()).unwrap();
    let sleep = instance.get_typed_func::<(), i32>(&mut store, "sleep").unwrap();
    store.set_epoch_deadline(1);
    (engine, store, sleep)
}

/// Runs it in a store that is looked after every 20: what that does
/// is up to `callback`.
fn sleep_under_a_deadline(
    callback: impl Fn() -> dayfly::Result<UpdateDeadline> + Send + Sync + 'static,
) -> (dayfly::Result<i32>, Duration) {
    let (engine, mut store, sleep) = sleeper();
    store.epoch_deadline_callback(move |_| callback());
    let over = AtomicU32::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while over.load(Ordering::Relaxed) == 0 {
                std::thread::sleep(Duration::from_millis(20));
                engine.increment_epoch();
            }
        });
        let start = Instant::now();
        let result = sleep.call(&mut store, ());
        over.store(1, Ordering::Relaxed);
        (result, start.elapsed())
    })
}

#[test]
fn a_deadline_that_is_moved_does_not_lengthen_a_wait() {
    let (result, took) = sleep_under_a_deadline(|| Ok(UpdateDeadline::Continue(1)));
    assert_eq!(result.unwrap(), 0);
    assert!((Duration::from_millis(200)..Duration::from_secs(5)).contains(&took), "{took:?}");
}

#[test]
fn a_wait_ends_at_the_deadline() {
    let (result, took) = sleep_under_a_deadline(|| Ok(UpdateDeadline::Interrupt));
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&dayfly::Trap::Interrupt));
    assert!(took < Duration::from_millis(199), "{took:?}");
}

#[test]
fn a_wait_that_ended_is_not_the_beginning_of_the_next() {
    let (engine, mut store, sleep) = sleeper();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(20));
            engine.increment_epoch();
        });
        sleep.call(&mut store, ())
    });
    assert_eq!(stopped.unwrap_err().downcast_ref(), Some(&dayfly::Trap::Interrupt));
    std::thread::sleep(Duration::from_millis(200));
    store.set_epoch_deadline(1);
    let start = Instant::now();
    assert_eq!(sleep.call(&mut store, ()).unwrap(), 0);
    assert!(start.elapsed() >= Duration::from_millis(200), "{:?}", start.elapsed());
}

/// A temporary directory, removed afterwards.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("dayfly-wasi-guest-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn copy_of(source: &Path) -> Self {
        let copy = Self::new();
        copy_dir(source, &copy.0);
        copy
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A leftover in the temporary directory is no reason to fail a test.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies contents but not modes: fixtures may be read-only, guests write to them.
fn copy_dir(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            fs::create_dir(&target).unwrap();
            copy_dir(&source, &target);
        } else if source.extension().is_none_or(|extension| extension != "cleanup") {
            fs::write(target, fs::read(source).unwrap()).unwrap();
        }
    }
}

#[test]
fn every_function_is_there_with_its_type() {
    let outcome = run(include_bytes!("guests/all.wat"), &mut WasiCtxBuilder::new());
    assert_eq!(outcome.exit.unwrap(), 0);
}

#[test]
fn cat_copies_input_to_output() {
    let text = "0123456789".repeat(100);
    let outcome =
        run(include_bytes!("guests/cat.wat"), WasiCtxBuilder::new().stdin(MemoryInput::new(text.clone())));
    assert_eq!(outcome.exit.unwrap(), 0);
    assert_eq!(outcome.stdout, text.as_bytes());
}

#[test]
fn nothing_is_inherited_unasked() {
    let outcome = run(include_bytes!("guests/echo.wat"), &mut WasiCtxBuilder::new());
    assert_eq!(outcome.exit.unwrap(), 0);
    assert_eq!(outcome.stdout, b"");
}

#[test]
fn arguments_and_environment_arrive() {
    let mut builder = WasiCtxBuilder::new();
    builder.args(&["app", "a b", ""]).env("A", "1").envs(&[("B", "x=y"), ("A", "2")]);
    let outcome = run(include_bytes!("guests/echo.wat"), &mut builder);
    assert_eq!(outcome.stdout, b"app\0a b\0\0A=2\0B=x=y\0");
}

#[test]
fn a_directory_that_is_not_granted_is_not_there() {
    const BADF: i32 = 8;
    let outcome = run(include_bytes!("guests/files.wat"), &mut WasiCtxBuilder::new());
    assert_eq!(outcome.exit.unwrap(), BADF);
}

#[test]
fn a_granted_directory_has_no_outside() {
    const NOTCAPABLE: i32 = 76;
    let outer = Temporary::new();
    fs::write(outer.0.join("secret"), "secret").unwrap();
    fs::create_dir(outer.0.join("granted")).unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(outer.0.join("granted"), "/", DirPerms::all(), FilePerms::all()).unwrap();
    let outcome = run(include_bytes!("guests/files.wat"), &mut builder);
    assert_eq!(outcome.exit.unwrap(), NOTCAPABLE);
    assert_eq!(fs::read(outer.0.join("granted/made")).unwrap(), b"text\n");
}

#[test]
fn a_read_only_directory_says_so() {
    const ROFS: i32 = 69;
    let root = Temporary::new();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(&root.0, "/", DirPerms::READ, FilePerms::READ).unwrap();
    let outcome = run(include_bytes!("guests/files.wat"), &mut builder);
    assert_eq!(outcome.exit.unwrap(), ROFS);
    assert!(!root.0.join("made").exists());
}

#[test]
fn a_missing_directory_is_named() {
    let mut builder = WasiCtxBuilder::new();
    let error = builder.preopened_dir("no/such/place", "/", DirPerms::READ, FilePerms::READ).err().unwrap();
    assert!(format!("{error:#}").contains("no/such/place"), "{error:#}");
}

/// Stands still at one point, and counts instead of being random.
struct Still(u8);

impl WallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.into())
    }
}

impl MonotonicClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.into())
    }
}

impl RandomSource for Still {
    fn fill(&mut self, buffer: &mut [u8]) -> std::io::Result<()> {
        buffer.fill(self.0);
        Ok(())
    }
}

#[test]
fn time_and_randomness_can_be_fixed() {
    let mut builder = WasiCtxBuilder::new();
    builder.random(Still(1)).wall_clock(Still(2)).monotonic_clock(Still(3));
    let outcome = run(include_bytes!("guests/deterministic.wat"), &mut builder);
    let expected = [[1; 8], 2u64.to_le_bytes(), 3u64.to_le_bytes()].concat();
    assert_eq!(outcome.stdout, expected);
}

#[test]
fn bad_pointers_are_errors_of_the_guest() {
    let outcome = run(include_bytes!("guests/pointers.wat"), &mut WasiCtxBuilder::new());
    assert_eq!(outcome.exit.unwrap(), 0);
}

#[test]
fn the_older_generation_works() {
    const SPIPE: i32 = 70;
    let outcome = run(include_bytes!("guests/unstable.wat"), &mut WasiCtxBuilder::new());
    assert_eq!(outcome.exit.unwrap(), SPIPE);
    assert_eq!(outcome.stdout, b"old\n");
}

#[test]
fn a_guest_without_memory_can_exit_but_not_point() {
    let exits = br#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (func (export "_start") (call $exit (i32.const -1))))"#;
    assert_eq!(run(exits, &mut WasiCtxBuilder::new()).exit.unwrap(), -1);
    let points = br#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (func (export "_start") (drop (call $random (i32.const 0) (i32.const 0)))))"#;
    let error = run(points, &mut WasiCtxBuilder::new()).exit.unwrap_err();
    assert!(format!("{error:?}").contains("must export its memory"), "{error:?}");
}

#[test]
fn the_suite_s_preview_1_programs() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/testsuite/wasi/p1");
    if !suite.is_dir() {
        println!(
            "skipped: the WASI test suite's {PROGRAMS} preview 1 programs are not at ../shared/testsuite/wasi/p1"
        );
        return;
    }
    let mut programs: Vec<PathBuf> = ["assemblyscript", "c", "rust"]
        .iter()
        .flat_map(|language| fs::read_dir(suite.join(language)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    programs.sort();
    let failures: Vec<String> = programs
        .iter()
        .filter_map(|program| {
            let complaint = within_patience(program.clone())?;
            Some(format!("{}: {complaint}", program.strip_prefix(&suite).unwrap().display()))
        })
        .collect();
    let list = failures.join("\n");
    assert!(failures.is_empty(), "{} of {} programs failed:\n{list}", failures.len(), programs.len());
    assert_eq!(programs.len(), PROGRAMS);
}

/// What is wrong with a program's run, if anything.
fn within_patience(program: PathBuf) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody listens any more if patience ran out.
        let _ = sender.send(complaint(&program));
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(complaint) => complaint,
        Err(mpsc::RecvTimeoutError::Timeout) => Some(format!("not done after {PATIENCE:?}")),
        Err(mpsc::RecvTimeoutError::Disconnected) => Some("the host panicked".to_owned()),
    }
}

fn complaint(program: &Path) -> Option<String> {
    let specification = program.with_extension("json");
    let specification: Value = if specification.exists() {
        serde_json::from_slice(&fs::read(specification).unwrap()).unwrap()
    } else {
        Value::Null
    };
    let mut builder = WasiCtxBuilder::new();
    builder.arg(program.file_name().unwrap());
    for arg in specification["args"].as_array().into_iter().flatten() {
        builder.arg(arg.as_str().unwrap());
    }
    for (key, value) in specification["env"].as_object().into_iter().flatten() {
        builder.env(key, value.as_str().unwrap());
    }
    let root =
        specification["root"].as_str().map(|root| Temporary::copy_of(&program.parent().unwrap().join(root)));
    if let Some(root) = &root {
        builder.preopened_dir(&root.0, "/", DirPerms::all(), FilePerms::all()).unwrap();
    }
    let outcome = run(&fs::read(program).unwrap(), &mut builder);

    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let exit = match outcome.exit {
        Ok(exit) => exit,
        Err(error) => return Some(format!("{error:?}\n{stderr}")),
    };
    let expected = specification["exit_code"].as_i64().unwrap_or(0);
    if i64::from(exit) != expected {
        return Some(format!("exit code {exit}, expected {expected}\n{stderr}"));
    }
    // A stream that the specification does not mention is not compared: some programs print what they do.
    for (name, found) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        if let Some(expected) = specification[name].as_str()
            && found != expected.as_bytes()
        {
            return Some(format!("{name} {:?}, expected {expected:?}", String::from_utf8_lossy(found)));
        }
    }
    None
}
