//! `dayfly run`: a module from a file, linked with what the command line grants.
//! A guest gets nothing that was not asked for.

use crate::args::RunArgs;
use crate::describe;
use crate::wasi_options::WasiOptions;
use crate::wasm_options::{UnknownImports, WasmOptions};
use crate::{load, out, value};
use dayfly::{
    Context, Engine, Error, Extern, Instance, LinkError, Linker, Module, Result, Store, StoreLimits, Trap,
    Val,
};
use dayfly_wasi::{DirPerms, FilePerms, I32Exit, WasiCtx, WasiCtxBuilder};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const WASI: &str = "wasi_snapshot_preview1";

/// The data of the store.
struct Host {
    wasi: WasiCtx,
    limits: StoreLimits,
}

/// Runs the command; the result is the exit status.
pub fn run(args: &RunArgs) -> Result<u8> {
    let wasi = WasiOptions::parse(&args.wasi).map_err(Error::msg)?;
    if wasi.help {
        out::print(&WasiOptions::list())?;
        return Ok(0);
    }
    let Some((engine, wasm)) = load::engine(&args.engine)? else { return Ok(0) };
    let Some((file, guest_args)) = args.file_and_args.split_first() else {
        return Err(Error::msg("which module? `dayfly --help` shows how to run one"));
    };
    let file = Path::new(file);
    let module = load::module(&engine, file)?;

    let timer = wasm.timeout.map(Timer::new);
    let host = Host { wasi: wasi_ctx(args, &wasi, file, guest_args, timer.as_ref())?, limits: wasm.limits() };
    let mut store = Store::new(&engine, host);
    store.limiter(|host| &mut host.limits);
    if let Some(fuel) = wasm.fuel {
        store.set_fuel(fuel)?;
    }
    if let Some(timer) = &timer {
        timer.start(&engine, &mut store);
    }
    match link_and_run(args, &wasm, &mut store, file, &module, guest_args) {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            // As the system does with the status of a process.
            Some(exit) => Ok(exit.0 as u8),
            None => Err(explain(error, &wasm, timer.as_ref())),
        },
    }
}

fn link_and_run(
    args: &RunArgs,
    wasm: &WasmOptions,
    store: &mut Store<Host>,
    file: &Path,
    module: &Module,
    guest_args: &[OsString],
) -> Result<()> {
    let linker = link(args, wasm, store, module)?;
    let instance = linker
        .instantiate(&mut *store, module)
        .with_context(|| format!("cannot instantiate `{}`", file.display()))?;
    if let Some(initialize) = instance.get_func(&mut *store, "_initialize") {
        initialize.call(&mut *store, &[], &mut []).context("`_initialize` failed")?;
    }
    match &args.invoke {
        Some(name) => invoke(store, instance, module, file, name, guest_args),
        None => start(store, instance, module, file),
    }
}

/// A linker with what the module and the preloaded ones may import.
fn link(
    args: &RunArgs,
    wasm: &WasmOptions,
    store: &mut Store<Host>,
    module: &Module,
) -> Result<Linker<Host>> {
    let engine = module.engine();
    let mut linker = Linker::new(engine);
    let mut preloads = Vec::new();
    for (name, file) in &args.preloads {
        preloads.push((name, file, load::module(engine, file)?));
    }
    let imports_wasi = |module: &Module| module.imports().any(|import| import.module() == WASI);
    if imports_wasi(module) || preloads.iter().any(|(_, _, module)| imports_wasi(module)) {
        dayfly_wasi::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi)?;
    }
    for (name, file, preload) in preloads {
        define_unknown(&mut linker, wasm, store, &preload)?;
        linker
            .module(&mut *store, name, &preload)
            .with_context(|| format!("cannot preload `{}`", file.display()))?;
    }
    define_unknown(&mut linker, wasm, store, module)?;
    Ok(linker)
}

fn define_unknown(
    linker: &mut Linker<Host>,
    wasm: &WasmOptions,
    store: &mut Store<Host>,
    module: &Module,
) -> Result<()> {
    match wasm.unknown_imports {
        UnknownImports::Refuse => Ok(()),
        UnknownImports::Trap => linker.define_unknown_imports_as_traps(module),
        UnknownImports::Default => linker.define_unknown_imports_as_default_values(&mut *store, module),
    }
}

/// Runs a command. A reactor has been initialized, which is all there is to run of it.
fn start(store: &mut Store<Host>, instance: Instance, module: &Module, file: &Path) -> Result<()> {
    if let Some(start) = instance.get_func(&mut *store, "_start") {
        return start.call(&mut *store, &[], &mut []).with_context(|| format!("`{}` failed", file.display()));
    }
    if module.get_export("_initialize").is_some() || module.parsed().start().is_some() {
        return Ok(());
    }
    let functions = exported_functions(module);
    let functions = if functions.is_empty() { "none".to_owned() } else { functions.join(", ") };
    Err(Error::msg(format!(
        "`{}` exports no `_start` to run; `--invoke NAME` calls an exported function: {functions}",
        file.display()
    )))
}

/// Calls an exported function with arguments in text and prints its results.
fn invoke(
    store: &mut Store<Host>,
    instance: Instance,
    module: &Module,
    file: &Path,
    name: &str,
    args: &[OsString],
) -> Result<()> {
    let Some(Extern::Func(func)) = instance.get_export(&mut *store, name) else {
        let functions = exported_functions(module);
        return Err(Error::msg(format!(
            "`{}` exports no function `{name}`, but: {}",
            file.display(),
            if functions.is_empty() { "none at all".to_owned() } else { functions.join(", ") }
        )));
    };
    let ty = func.ty(&*store);
    if ty.params.len() != args.len() {
        let (takes, given) = (ty.params.len(), args.len());
        return Err(Error::msg(format!(
            "`{name}` takes {takes} arguments, {given} are given; its type is {ty}"
        )));
    }
    let parse = |(i, (text, ty)): (usize, (&OsString, _))| {
        value::parse(&text.to_string_lossy(), ty)
            .map_err(|reason| Error::msg(format!("argument {} of `{name}`: {reason}", i + 1)))
    };
    let values =
        args.iter().zip(ty.params.iter().copied()).enumerate().map(parse).collect::<Result<Vec<_>>>()?;
    let mut results = vec![Val::I32(0); ty.results.len()];
    func.call(&mut *store, &values, &mut results).with_context(|| format!("`{name}` failed"))?;
    let lines: String = results.iter().map(|result| value::display(result) + "\n").collect();
    out::print(&lines)
}

fn exported_functions(module: &Module) -> Vec<String> {
    let function = |export: dayfly::ExportType| match export.ty() {
        dayfly::ExternType::Func(ty) => Some(format!("{} {ty}", describe::name(export.name()))),
        _ => None,
    };
    module.exports().filter_map(function).collect()
}

fn wasi_ctx(
    args: &RunArgs,
    options: &WasiOptions,
    file: &Path,
    guest_args: &[OsString],
    timer: Option<&Timer>,
) -> Result<WasiCtx> {
    let mut builder = WasiCtxBuilder::new();
    match &args.argv0 {
        Some(name) => builder.arg(name),
        None => builder.arg(file.file_name().unwrap_or(file.as_os_str())),
    };
    builder.args(guest_args);
    if options.inherit_env {
        builder.inherit_env();
    }
    for setting in &args.env {
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
    for dir in &args.dirs {
        let (host, guest, writable) = directory(dir)?;
        let (dirs, files) =
            if writable { (DirPerms::all(), FilePerms::all()) } else { (DirPerms::READ, FilePerms::READ) };
        builder.preopened_dir(host, guest, dirs, files).with_context(|| format!("`--dir {dir}`"))?;
    }
    if let Some(timer) = timer {
        let fired = timer.fired.clone();
        builder.interrupt_hook(move || fired.load(Ordering::Relaxed));
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

/// Says which option stopped the guest, or which would let it start.
fn explain(error: Error, wasm: &WasmOptions, timer: Option<&Timer>) -> Error {
    if error.is::<LinkError>() && wasm.unknown_imports == UnknownImports::Refuse {
        return Error::msg(format!(
            "{error:#}\n  `--preload NAME=FILE` gives a module to import from; `-W unknown-imports-trap` runs without"
        ));
    }
    match (error.downcast_ref::<Trap>(), wasm.fuel, timer) {
        (Some(Trap::OutOfFuel), Some(fuel), _) => error.context(format!("stopped by `-W fuel={fuel}`")),
        (Some(Trap::Interrupt), _, Some(timer)) if timer.fired.load(Ordering::Relaxed) => {
            error.context(format!("stopped by `-W timeout` after {:?}", timer.time))
        }
        _ => error,
    }
}

/// Stops guests after a time: ends the epoch of the engine, and calls that wait.
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
