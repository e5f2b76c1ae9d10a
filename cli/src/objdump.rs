//! `dayfly objdump`: the code that functions become, beside the WebAssembly that it comes from.

use crate::args::{ClifChoice, ObjdumpArgs};
use crate::{describe, load, out};
use dayfly::listing::Show;
use dayfly::parser::{ExportItem, FuncIdx};
use dayfly::{Context, Engine, Error, Module, Result};

/// Runs the command.
pub fn run(args: &ObjdumpArgs) -> Result<u8> {
    let Some((mut config, _)) = load::config(&args.engine)? else { return Ok(0) };
    // What is shown was not called.
    config.lazy_compilation(false);
    let module = load::module(&Engine::new(&config)?, &args.file)?;
    let show = Show {
        clif: args.clif != ClifChoice::None,
        addresses: args.addresses,
        bytes: args.bytes,
        traps: args.traps,
    };
    let listings = module.listings();
    for func in functions(&module, args.func.as_deref())? {
        let title = title(&module, func);
        let code = match listings.get(func, args.clif.stage())? {
            Some(listing) => listing.table(show),
            None => module.disassemble(func).with_context(|| format!("cannot lower {title}"))?,
        };
        out::print(&format!("{title}:\n{}\n\n", code.trim_end()))?;
    }
    Ok(0)
}

/// The function that was asked for, or all that the module defines.
pub fn functions(module: &Module, wanted: Option<&str>) -> Result<Vec<FuncIdx>> {
    let parsed = module.parsed();
    match wanted {
        Some(wanted) => Ok(vec![find(module, wanted)?]),
        None => Ok((parsed.imported().funcs..parsed.funcs().len() as u32).map(FuncIdx).collect()),
    }
}

/// The function with an index, else with an exported name, else with a name for debugging.
fn find(module: &Module, wanted: &str) -> Result<FuncIdx> {
    let parsed = module.parsed();
    let all = || (0..parsed.funcs().len() as u32).map(FuncIdx);
    let exported = || {
        parsed.exports().iter().find_map(|export| match export.item {
            ExportItem::Func(func) if &*export.name == wanted => Some(func),
            _ => None,
        })
    };
    let func = match wanted.parse::<u32>() {
        Ok(index) => all().find(|func| func.0 == index),
        Err(_) => exported().or_else(|| all().find(|func| parsed.names().func(*func) == Some(wanted))),
    };
    let Some(func) = func else {
        let count = parsed.funcs().len();
        return Err(Error::msg(format!(
            "no function `{wanted}`: there are {count}; `dayfly inspect` lists exports"
        )));
    };
    if parsed.defined(func).is_none() {
        return Err(Error::msg(format!("function {} is imported: there is no code to show", func.0)));
    }
    Ok(func)
}

/// What a function is called, and its type.
pub fn title(module: &Module, func: FuncIdx) -> String {
    let name = name(module, func).map_or(String::new(), |name| format!(" `{}`", describe::name(name)));
    format!("function {}{name} {}", func.0, module.parsed().func_type(func))
}

/// The name of a function, or one under which it is exported.
pub fn name(module: &Module, func: FuncIdx) -> Option<&str> {
    let parsed = module.parsed();
    let is_it = |item| matches!(item, ExportItem::Func(exported) if exported == func);
    let exported = || parsed.exports().iter().find(|export| is_it(export.item)).map(|export| &*export.name);
    parsed.names().func(func).or_else(exported)
}
