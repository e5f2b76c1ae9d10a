//! `dayfly snapshot`: initialises a module ahead of time and writes one that starts from
//! there. Initialisation may call no import unless the command line grants it.

use crate::args::SnapshotArgs;
use crate::host::{self, World};
use crate::load;
use dayfly::{Context, Error, Module, Result, Snapshot, UnknownImportError};
use dayfly_wasi::I32Exit;

/// Runs the command.
pub fn run(args: &SnapshotArgs) -> Result<u8> {
    let Some(wasi) = host::wasi_options(&args.grants)? else { return Ok(0) };
    let Some((engine, wasm)) = load::engine(&args.engine)? else { return Ok(0) };
    let module = load::module(&engine, &args.file)?;
    let name = args.file.file_name().unwrap_or(args.file.as_os_str());
    let mut world = World::new(&engine, wasm, &args.grants, &wasi, name, &[])?;
    let bytes = match take(args, &mut world, &module) {
        Ok(bytes) => bytes,
        Err(error) => return Err(world.explain(explain(args, error))),
    };
    std::fs::write(&args.output, bytes)
        .with_context(|| format!("cannot write `{}`", args.output.display()))?;
    Ok(0)
}

fn take(args: &SnapshotArgs, world: &mut World<'_>, module: &Module) -> Result<Vec<u8>> {
    let mut snapshot = Snapshot::new();
    snapshot.keep_init_func(args.keep_init_func);
    if let Some(name) = &args.init_func {
        snapshot.init_func(name);
    }
    for (new, old) in &args.renames {
        snapshot.rename_func(new, old);
    }
    let linker = world.linker(module, grants_wasi(args))?;
    let bytes = snapshot
        .take(&mut world.store, &linker, module)
        .with_context(|| format!("no snapshot of `{}`", args.file.display()))?;
    match world.store.data().wasi.changed_descriptor() {
        None => Ok(bytes),
        Some(fd) => Err(Error::msg(format!(
            "no snapshot of `{}`: initialisation left descriptor {fd} opened or closed; in a new instance \
             its number means something else",
            args.file.display()
        ))),
    }
}

/// Whether initialisation may call WASI at all.
fn grants_wasi(args: &SnapshotArgs) -> bool {
    let grants = &args.grants;
    args.allow_wasi || !(grants.dirs.is_empty() && grants.env.is_empty() && grants.wasi.is_empty())
}

fn explain(args: &SnapshotArgs, error: Error) -> Error {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        let status = exit.0;
        return error.context(format!("initialisation exited with status {status} instead of returning"));
    }
    match error.downcast_ref::<UnknownImportError>() {
        Some(import) if import.module() == host::WASI && !grants_wasi(args) => {
            error.context("`--allow-wasi` lets initialisation call WASI")
        }
        _ => error,
    }
}
