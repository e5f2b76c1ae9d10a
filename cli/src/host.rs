//! What a guest gets of its host, as the command line grants it: imports, files, limits.
//! Invariant: nothing that was not asked for.

use crate::args::GrantArgs;
use crate::wasi_options::WasiOptions;
use crate::wasm_options::{UnknownImports, WasmOptions};
use crate::{load, out};
use dayfly::{Context, Engine, Error, LinkError, Linker, Module, Result, Store, StoreLimits, Trap};
use dayfly_wasi::{DirPerms, FilePerms, WasiCtx, WasiCtxBuilder};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The module name of WASI preview 1.
pub const WASI: &str = "wasi_snapshot_preview1";

/// The data of the store.
pub struct Host {
    /// What WASI gives.
    pub wasi: WasiCtx,
    limits: StoreLimits,
}

/// What the `-S` options ask for, or `None` if it was only the list of them, which is
/// then printed.
pub fn wasi_options(grants: &GrantArgs) -> Result<Option<WasiOptions>> {
    let wasi = WasiOptions::parse(&grants.wasi).map_err(Error::msg)?;
    if wasi.help {
        out::print(&WasiOptions::list())?;
        return Ok(None);
    }
    Ok(Some(wasi))
}

/// A store for guests, and what they get in it.
pub struct World<'a> {
    /// Where guests live.
    pub store: Store<Host>,
    grants: &'a GrantArgs,
    wasm: WasmOptions,
    timer: Option<Timer>,
}

impl<'a> World<'a> {
    /// A store whose guests see themselves as `name`, with arguments.
    pub fn new(
        engine: &Engine,
        wasm: WasmOptions,
        grants: &'a GrantArgs,
        wasi: &WasiOptions,
        name: &OsStr,
        guest_args: &[OsString],
    ) -> Result<World<'a>> {
        let timer = wasm.timeout.map(Timer::new);
        let wasi = wasi_ctx(grants, wasi, name, guest_args)?;
        let mut store = Store::new(engine, Host { wasi, limits: wasm.limits() });
        store.limiter(|host| &mut host.limits);
        if let Some(fuel) = wasm.fuel {
            store.set_fuel(fuel)?;
        }
        if let Some(timer) = &timer {
            timer.start(engine, &mut store);
        }
        Ok(World { store, grants, wasm, timer })
    }

    /// A linker with what the module and the preloaded ones may import. Those that import
    /// WASI get it if `wasi` says so.
    pub fn linker(&mut self, module: &Module, wasi: bool) -> Result<Linker<Host>> {
        let engine = module.engine();
        let mut linker = Linker::new(engine);
        let mut preloads = Vec::new();
        for (name, file) in &self.grants.preloads {
            preloads.push((name, file, load::module(engine, file)?));
        }
        let imports_wasi = |module: &Module| module.imports().any(|import| import.module() == WASI);
        if wasi && (imports_wasi(module) || preloads.iter().any(|(_, _, module)| imports_wasi(module))) {
            dayfly_wasi::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi)?;
        }
        for (name, file, preload) in preloads {
            self.define_unknown(&mut linker, &preload)?;
            linker
                .module(&mut self.store, name, &preload)
                .with_context(|| format!("cannot preload `{}`", file.display()))?;
        }
        self.define_unknown(&mut linker, module)?;
        Ok(linker)
    }

    fn define_unknown(&mut self, linker: &mut Linker<Host>, module: &Module) -> Result<()> {
        match self.wasm.unknown_imports {
            UnknownImports::Refuse => Ok(()),
            UnknownImports::Trap => linker.define_unknown_imports_as_traps(module),
            UnknownImports::Default => {
                linker.define_unknown_imports_as_default_values(&mut self.store, module)
            }
        }
    }

    /// Says which option stopped the guest, or which would let it start.
    pub fn explain(&self, error: Error) -> Error {
        if error.is::<LinkError>() && self.wasm.unknown_imports == UnknownImports::Refuse {
            return Error::msg(format!(
                "{error:#}\n  `--preload NAME=FILE` gives a module to import from; `-W unknown-imports-trap` runs without"
            ));
        }
        match (error.downcast_ref::<Trap>(), self.wasm.fuel, &self.timer) {
            (Some(Trap::OutOfFuel), Some(fuel), _) => error.context(format!("stopped by `-W fuel={fuel}`")),
            (Some(Trap::Interrupt), _, Some(timer)) if timer.fired.load(Ordering::Relaxed) => {
                error.context(format!("stopped by `-W timeout` after {:?}", timer.time))
            }
            _ => error,
        }
    }
}

fn wasi_ctx(
    grants: &GrantArgs,
    options: &WasiOptions,
    name: &OsStr,
    guest_args: &[OsString],
) -> Result<WasiCtx> {
    let mut builder = WasiCtxBuilder::new();
    builder.arg(name).args(guest_args);
    if options.inherit_env {
        builder.inherit_env();
    }
    for setting in &grants.env {
        match setting.split_once('=') {
            Some((name, value)) => builder.env(name, value),
            None => {
                let missing =
                    || format!("`--env {setting}`: there is no such variable; `{setting}=VALUE` sets it");
                builder.env(setting, std::env::var_os(setting).with_context(missing)?)
            }
        };
    }
    if options.inherit_stdin {
        builder.inherit_stdin();
    }
    if options.inherit_output {
        builder.inherit_stdout().inherit_stderr();
    }
    for dir in &grants.dirs {
        let (host, guest, writable) = directory(dir)?;
        let (dirs, files) =
            if writable { (DirPerms::all(), FilePerms::all()) } else { (DirPerms::READ, FilePerms::READ) };
        builder.preopened_dir(host, guest, dirs, files).with_context(|| format!("`--dir {dir}`"))?;
    }
    Ok(builder.build())
}

/// The parts of `HOST[::GUEST[::ro]]`: host path, guest path, whether it can be written.
fn directory(text: &str) -> Result<(&str, &str, bool)> {
    let parts: Vec<&str> = text.split("::").collect();
    match parts[..] {
        [host] if !host.is_empty() => Ok((host, host, true)),
        [host, guest] if !host.is_empty() && !guest.is_empty() => Ok((host, guest, true)),
        [host, guest, "ro"] if !host.is_empty() && !guest.is_empty() => Ok((host, guest, false)),
        [host, guest, "rw"] if !host.is_empty() && !guest.is_empty() => Ok((host, guest, true)),
        _ => Err(Error::msg(format!("`--dir {text}`: expected HOST, HOST::GUEST or HOST::GUEST::ro"))),
    }
}

/// Stops guests after a time: ends the epoch of the engine, which calls that wait look at, too.
struct Timer {
    time: Duration,
    fired: Arc<AtomicBool>,
}

impl Timer {
    fn new(time: Duration) -> Timer {
        Timer { time, fired: Arc::default() }
    }

    fn start(&self, engine: &Engine, store: &mut Store<Host>) {
        store.set_epoch_deadline(1);
        let (engine, time, fired) = (engine.clone(), self.time, self.fired.clone());
        thread::spawn(move || {
            thread::sleep(time);
            fired.store(true, Ordering::Relaxed);
            engine.increment_epoch();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_have_up_to_three_parts() {
        assert_eq!(directory("data").unwrap(), ("data", "data", true));
        assert_eq!(directory("a::/b").unwrap(), ("a", "/b", true));
        assert_eq!(directory("a::/b::ro").unwrap(), ("a", "/b", false));
        for wrong in ["", "::", "a::", "a::b::c", "a::b::ro::d"] {
            assert!(directory(wrong).is_err(), "{wrong}");
        }
    }
}
