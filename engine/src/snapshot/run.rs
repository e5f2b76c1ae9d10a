//! Runs a module's initialisation: start function, `_initialize`, initialisation function.
//! The start function is taken out of the module and called by hand, so that what the
//! module's segments wrote to imports is told apart from what code wrote.

use super::outside::Outside;
use super::plan::{Plan, REACTOR};
use crate::error::UnknownImportError;
use crate::{AsContextMut, Context, Error, Instance, Linker, Module, Result, Val};
use dayfly_parser::FuncIdx;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ExportKind, ExportSection, RawSection};
use wasmparser::{Parser, Payload};

/// An initialised instance.
pub(super) fn initialise<T: 'static>(
    mut store: impl AsContextMut<Data = T>,
    linker: &Linker<T>,
    module: &Module,
    plan: &Plan,
) -> Result<Instance> {
    let start = module.parsed().start().map(|func| (func, unused_name(module)));
    let without_start;
    let to_run = match &start {
        None => module,
        Some((func, name)) => {
            let bytes = export_start(module.parsed().bytes(), *func, name)?;
            without_start = Module::from_binary(module.engine(), &bytes)?;
            &without_start
        }
    };
    let mut linker = linker.clone();
    linker.define_unknown_imports_as_traps(to_run)?;
    let instance = linker.instantiate(&mut store, to_run).context("cannot instantiate the module")?;

    let outside = Outside::read(&mut store, instance, module.parsed())?;
    if let Some((_, name)) = &start {
        call(&mut store, instance, name).context("the start function failed")?;
    }
    let reactor = instance.get_func(&mut store, REACTOR);
    if let Some(func) = reactor {
        let ty = func.ty(&store);
        if !(ty.params.is_empty() && ty.results.is_empty()) {
            return Err(Error::msg(format!("`{REACTOR}` is to take and return nothing; its type is {ty}")));
        }
        call(&mut store, instance, REACTOR).with_context(|| format!("`{REACTOR}` failed"))?;
    }
    if reactor.is_none() || plan.init_func != REACTOR {
        call(&mut store, instance, &plan.init_func)
            .with_context(|| format!("the initialisation function `{}` failed", plan.init_func))?;
    }
    outside.check_unchanged(&mut store, instance, module.parsed())?;
    Ok(instance)
}

fn call(mut store: impl AsContextMut, instance: Instance, name: &str) -> Result<()> {
    let func = instance.get_func(&mut store, name).expect("the export was looked up before");
    let mut results: [Val; 0] = [];
    match func.call(&mut store, &[], &mut results) {
        Ok(()) => Ok(()),
        Err(error) => Err(match error.downcast_ref::<UnknownImportError>() {
            Some(import) => {
                let denied = denied(import);
                error.context(denied)
            }
            None => error,
        }),
    }
}

#[cold]
fn denied(import: &UnknownImportError) -> String {
    format!(
        "initialisation called the import `{}::{}`, which it was not granted",
        import.module(),
        import.name()
    )
}

/// A name that the module does not export.
fn unused_name(module: &Module) -> String {
    let mut name = String::from("dayfly:start");
    while module.get_export(&name).is_some() {
        name.push('\'');
    }
    name
}

/// The module with its start function exported instead of run.
fn export_start(bytes: &[u8], start: FuncIdx, name: &str) -> Result<Vec<u8>> {
    let mut output = wasm_encoder::Module::new();
    let mut exports = ExportSection::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        match &payload {
            Payload::ExportSection(section) => {
                RoundtripReencoder.parse_export_section(&mut exports, section.clone())?;
            }
            // Exports stand before it, so they are all known.
            Payload::StartSection { .. } => {
                exports.export(name, ExportKind::Func, start.0);
                output.section(&exports);
            }
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    output
                        .section(&RawSection { id, data: &bytes[range.start as usize..range.end as usize] });
                }
            }
        }
    }
    Ok(output.finish())
}
