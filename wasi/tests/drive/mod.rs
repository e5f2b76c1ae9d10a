//! WASI as bytes drive it: any function with any arguments, over memory that bytes filled, in a folder of its own.
//! Nothing outside of the folder is seen or changed, no call takes long, and nothing panics.

use dayfly::{Config, Engine, Instance, Linker, Module, Store, Trap, Val};
use dayfly_wasi::{DirPerms, FilePerms, MemoryInput, MemoryOutput, WasiCtx};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The functions that take pointers, with the types of their parameters.
const FUNCTIONS: &[(&str, &str)] = &[
    ("args_get", "i32 i32"),
    ("args_sizes_get", "i32 i32"),
    ("environ_get", "i32 i32"),
    ("environ_sizes_get", "i32 i32"),
    ("clock_res_get", "i32 i32"),
    ("clock_time_get", "i32 i64 i32"),
    ("fd_advise", "i32 i64 i64 i32"),
    ("fd_allocate", "i32 i64 i64"),
    ("fd_close", "i32"),
    ("fd_datasync", "i32"),
    ("fd_fdstat_get", "i32 i32"),
    ("fd_fdstat_set_flags", "i32 i32"),
    ("fd_fdstat_set_rights", "i32 i64 i64"),
    ("fd_filestat_get", "i32 i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_filestat_set_times", "i32 i64 i64 i32"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_sync", "i32"),
    ("fd_tell", "i32 i32"),
    ("fd_write", "i32 i32 i32 i32"),
    ("path_create_directory", "i32 i32 i32"),
    ("path_filestat_get", "i32 i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_remove_directory", "i32 i32 i32"),
    ("path_rename", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("path_unlink_file", "i32 i32 i32"),
    ("poll_oneoff", "i32 i32 i32 i32"),
    ("random_get", "i32 i32"),
    ("sock_accept", "i32 i32 i32"),
    ("sock_recv", "i32 i32 i32 i32 i32 i32"),
    ("sock_send", "i32 i32 i32 i32 i32"),
    ("sock_shutdown", "i32 i32"),
];

/// What the file outside of the granted folder holds.
const SECRET: &str = "outside of what was granted";

/// Bytes that are put at 1024: paths, by their place and length.
const NAMES: &str = "..\0/etc/passwd\0way-out\0a\0b/c\0../secret\0new\0./a/../..\0";

/// The module, compiled once.
fn guest() -> &'static (Engine, Module) {
    static GUEST: OnceLock<(Engine, Module)> = OnceLock::new();
    GUEST.get_or_init(|| {
        let mut config = Config::new();
        let engine = Engine::new(config.epoch_interruption(true).consume_fuel(true)).unwrap();
        let mut wat = String::from("(module ");
        for (name, params) in FUNCTIONS {
            let import = format!("(param {params}) (result i32)");
            wat += &format!(r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} {import}))"#);
        }
        wat += r#"(memory (export "memory") 1 2)"#;
        for (name, params) in FUNCTIONS {
            let args: String = (0..params.split(' ').count()).map(|n| format!("(local.get {n})")).collect();
            let ty = format!("(param {params}) (result i32)");
            wat += &format!(r#"(func (export "{name}") {ty} (call ${name} {args}))"#);
        }
        let module = Module::new(&engine, wat + ")").unwrap();
        (engine, module)
    })
}

/// A granted folder and what is beside it, removed in the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("dayfly-drive-{}-{number}", std::process::id()));
        fs::create_dir_all(root.join("granted/b")).unwrap();
        fs::write(root.join("secret"), SECRET).unwrap();
        fs::write(root.join("granted/a"), "inside").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("granted/way-out")).unwrap();
        Place(root)
    }

    /// Whether nothing was changed beside the granted folder.
    fn check(&self) {
        assert_eq!(fs::read_to_string(self.0.join("secret")).unwrap(), SECRET);
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["granted", "secret"]);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A guest may have left what cannot be removed; that is not what this is about.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Does what the bytes say.
pub fn drive(bytes: &[u8]) {
    let (engine, module) = guest();
    let place = Place::new();
    let mut linker = Linker::new(engine);
    dayfly_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx).unwrap();
    let mut store = Store::new(engine, context(&place.0.join("granted")));
    let instance = linker.instantiate(&mut store, module).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    memory.write(&mut store, 1024, NAMES.as_bytes()).unwrap();
    let mut rest = bytes.iter().copied();
    while let Some(which) = rest.next() {
        // Some bytes of memory first: arrays of buffers, subscriptions.
        for _ in 0..which >> 6 {
            let (at, value) = (rest.next().unwrap_or(0), rest.next().unwrap_or(0));
            memory.write(&mut store, usize::from(at), &[value]).unwrap();
        }
        let (name, params) = FUNCTIONS[usize::from(which & 63) % FUNCTIONS.len()];
        let args: Vec<Val> = params.split(' ').map(|ty| argument(name, ty, &mut rest)).collect();
        call(&mut store, instance, engine, name, &args);
    }
    let bytes = memory.data(&store);
    assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "the secret was read");
    drop(store);
    place.check();
}

fn context(granted: &Path) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder.args(&["name", "argument"]).env("KEY", "VALUE").max_descriptors(12);
    builder.stdin(MemoryInput::new("input")).stdout(MemoryOutput::new(1 << 16));
    builder.preopened_dir(granted, "/", DirPerms::all(), FilePerms::all()).unwrap();
    builder.preopened_dir(granted, "/ro", DirPerms::READ, FilePerms::READ).unwrap();
    builder.build()
}

fn argument(name: &str, ty: &str, rest: &mut impl Iterator<Item = u8>) -> Val {
    let (kind, low) = (rest.next().unwrap_or(0), rest.next().unwrap_or(0));
    let small = u64::from(low);
    let value = match kind % 8 {
        0..=2 => small % 16,
        3 => 1024 + small % NAMES.len() as u64,
        4 => small,
        5 => 65_536 - small % 70,
        6 => u64::MAX - small % 4,
        _ => u64::from(kind) << 24 | small << 7,
    };
    // A file may be as large as the disk: sizes stay small.
    let is_size = matches!(name, "fd_allocate" | "fd_filestat_set_size" | "fd_pwrite" | "fd_seek");
    match ty {
        "i64" if is_size && value < 1 << 62 => Val::I64((value % 4096) as i64),
        "i64" => Val::I64(value as i64),
        _ => Val::I32(value as i32),
    }
}

fn call(store: &mut Store<WasiCtx>, instance: Instance, engine: &Engine, name: &str, args: &[Val]) {
    store.set_fuel(1 << 20).unwrap();
    // The deadline has come: a call that would wait is stopped instead.
    store.set_epoch_deadline(1);
    engine.increment_epoch();
    let func = instance.get_func(&mut *store, name).unwrap();
    match func.call(&mut *store, args, &mut [Val::I32(0)]) {
        Ok(()) => {}
        Err(error) => {
            let trap = error.downcast_ref::<Trap>().unwrap_or_else(|| panic!("{name}: {error:#}"));
            assert!(matches!(trap, Trap::Interrupt | Trap::OutOfFuel), "{name}: {trap}");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn any_calls() {
        let mut state = 5u64;
        for length in 0..300 {
            let byte = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 40) as u8
            };
            let bytes: Vec<u8> = std::iter::repeat_with(byte).take(length * 4).collect();
            super::drive(&bytes);
        }
    }
}
