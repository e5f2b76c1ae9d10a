//! `dayfly run`: a module from a file, linked with what the command line grants.
//! A guest gets nothing that was not asked for.

use crate::args::{ProfileChoice, RunArgs};
use crate::describe;
use crate::host::{self, Host, World};
use crate::{counts, load, out, value};
use dayfly::{Context, Error, Extern, Instance, Module, Result, Store, Val};
use dayfly_wasi::I32Exit;
use std::ffi::OsString;
use std::path::Path;

/// Runs the command; the result is the exit status.
pub fn run(args: &RunArgs) -> Result<u8> {
    let Some(wasi) = host::wasi_options(&args.grants)? else { return Ok(0) };
    let Some((file, guest_args)) = args.file_and_args.split_first() else {
        // Options may only ask for a list of options.
        return match load::config(&args.engine)? {
            None => Ok(0),
            Some(_) => Err(Error::msg("which module? `dayfly --help` shows how to run one")),
        };
    };
    let file = Path::new(file);
    let Some((engine, wasm, module)) = load::program(&args.engine, args.no_cache, file)? else {
        return Ok(0);
    };
    let name = match &args.argv0 {
        Some(name) => name.as_ref(),
        None => file.file_name().unwrap_or(file.as_os_str()),
    };
    let mut world = World::new(&engine, wasm, &args.grants, &wasi, name, guest_args)?;
    let ran = link_and_run(args, &mut world, file, &module, guest_args);
    if args.engine.profile == Some(ProfileChoice::Counts) {
        counts::print(&module)?;
    }
    match ran {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            // As the system does with the status of a process.
            Some(exit) => Ok(exit.0 as u8),
            None => Err(world.explain(error)),
        },
    }
}

fn link_and_run(
    args: &RunArgs,
    world: &mut World<'_>,
    file: &Path,
    module: &Module,
    guest_args: &[OsString],
) -> Result<()> {
    let linker = world.linker(module, true)?;
    let store = &mut world.store;
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
