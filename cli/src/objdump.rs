//! `dayfly objdump`: lowered code beside the WebAssembly that it comes from.

use crate::args::ObjdumpArgs;
use crate::{describe, load, out};
use dayfly::parser::{ExportItem, FuncIdx};
use dayfly::{Context, Error, Module, Result};

/// Runs the command.
pub fn run(args: &ObjdumpArgs) -> Result<u8> {
    let Some((engine, _)) = load::engine(&args.engine)? else { return Ok(0) };
    let module = load::module(&engine, &args.file)?;
    let parsed = module.parsed();
    let imported = parsed.imported().funcs;
    let functions = match &args.func {
        Some(wanted) => vec![find(&module, wanted)?],
        None => (imported..parsed.funcs().len() as u32).map(FuncIdx).collect(),
    };
    for func in functions {
        let title = title(&module, func);
        let code = module.disassemble(func).with_context(|| format!("cannot lower {title}"))?;
        out::print(&format!("{title}:\n{}\n\n", code.trim_end()))?;
    }
    Ok(0)
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

fn title(module: &Module, func: FuncIdx) -> String {
    let parsed = module.parsed();
    let is_it = |item| matches!(item, ExportItem::Func(exported) if exported == func);
    let exported = || parsed.exports().iter().find(|export| is_it(export.item)).map(|export| &*export.name);
    let name = parsed.names().func(func).or_else(exported);
    let name = name.map_or(String::new(), |name| format!(" `{}`", describe::name(name)));
    format!("function {}{name} {}", func.0, parsed.func_type(func))
}
