//! `dayfly inspect`: what a module needs from its host and what it offers,
//! for people or as JSON. Both are made from the same facts.

use crate::args::InspectArgs;
use crate::{describe, load, out};
use dayfly::{ExternType, Features, Module, Result};
use serde_json::{Value, json};
use std::fmt::Write;

/// Runs the command.
pub fn run(args: &InspectArgs) -> Result<u8> {
    let Some((engine, _)) = load::engine(&args.engine)? else { return Ok(0) };
    let module = load::module(&engine, &args.file)?;
    let text = if args.json {
        format!("{:#}\n", as_json(&module))
    } else {
        as_text(&module, &args.file.display().to_string())
    };
    out::print(&text)?;
    Ok(0)
}

/// Sizes and counts that both forms give.
struct Facts {
    bytes: usize,
    functions: usize,
    imported_functions: u32,
    code_bytes: usize,
    data_bytes: usize,
    element_items: usize,
    features: Vec<&'static str>,
}

impl Facts {
    fn new(module: &Module) -> Facts {
        let parsed = module.parsed();
        let beyond = parsed.required_features();
        Facts {
            bytes: parsed.bytes().len(),
            functions: parsed.funcs().len(),
            imported_functions: parsed.imported().funcs,
            code_bytes: parsed.bodies().iter().map(|body| body.range.len()).sum(),
            data_bytes: parsed.data().iter().map(|data| data.bytes.len()).sum(),
            element_items: parsed.elements().iter().map(|elements| elements.items.len()).sum(),
            features: beyond.iter().filter(|f| !Features::wasm1().contains(f.bit)).map(|f| f.name).collect(),
        }
    }
}

fn as_json(module: &Module) -> Value {
    let facts = Facts::new(module);
    let parsed = module.parsed();
    let imports = module.imports().map(|import| {
        json!({
            "module": import.module(),
            "name": import.name(),
            "kind": describe::kind(&import.ty()),
            "type": describe::ty(&import.ty()),
        })
    });
    let exports = module.exports().map(|export| {
        json!({
            "name": export.name(),
            "kind": describe::kind(&export.ty()),
            "type": describe::ty(&export.ty()),
        })
    });
    let memories = parsed.memories().iter().enumerate().map(|(index, memory)| {
        json!({
            "index": index,
            "imported": index < parsed.imported().memories as usize,
            "min_pages": memory.min,
            "max_pages": memory.max,
            "page_size": memory.page_size(),
            "memory64": memory.memory64,
            "shared": memory.shared,
        })
    });
    let tables = parsed.tables().iter().enumerate().map(|(index, table)| {
        json!({
            "index": index,
            "imported": index < parsed.imported().tables as usize,
            "element": table.ty.element.to_string(),
            "min": table.ty.min,
            "max": table.ty.max,
            "table64": table.ty.table64,
        })
    });
    let customs = parsed.customs().iter().map(|c| json!({ "name": c.name, "bytes": c.bytes.len() }));
    json!({
        "name": module.name(),
        "bytes": facts.bytes,
        "features": facts.features,
        "imports": imports.collect::<Vec<_>>(),
        "exports": exports.collect::<Vec<_>>(),
        "memories": memories.collect::<Vec<_>>(),
        "tables": tables.collect::<Vec<_>>(),
        "globals": parsed.globals().len(),
        "tags": parsed.tags().len(),
        "functions": facts.functions,
        "imported_functions": facts.imported_functions,
        "code_bytes": facts.code_bytes,
        "data_segments": parsed.data().len(),
        "data_bytes": facts.data_bytes,
        "element_segments": parsed.elements().len(),
        "element_items": facts.element_items,
        "start": parsed.start().map(|func| func.0),
        "custom_sections": customs.collect::<Vec<_>>(),
    })
}

fn as_text(module: &Module, file: &str) -> String {
    let facts = Facts::new(module);
    let parsed = module.parsed();
    let mut text = format!("{file}: {}", describe::bytes(facts.bytes as u64));
    if let Some(name) = module.name() {
        let _ = write!(text, ", named `{}`", describe::name(name));
    }
    let features = if facts.features.is_empty() { "none".to_owned() } else { facts.features.join(", ") };
    let _ = write!(text, "\n\nneeds beyond WebAssembly 1.0: {features}\n");

    let imports = module
        .imports()
        .map(|i| (format!("{}.{}", describe::name(i.module()), describe::name(i.name())), i.ty()));
    section(&mut text, "imports", imports.collect());
    let exports = module.exports().map(|e| (describe::name(e.name()), e.ty()));
    section(&mut text, "exports", exports.collect());

    let _ = writeln!(text, "\ncontents:");
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "  {key:<11}{value}");
    };
    line("functions", format!("{} ({} imported)", facts.functions, facts.imported_functions));
    line("code", describe::bytes(facts.code_bytes as u64));
    line("data", format!("{} in {} segments", describe::bytes(facts.data_bytes as u64), parsed.data().len()));
    line("elements", format!("{} in {} segments", facts.element_items, parsed.elements().len()));
    for memory in parsed.memories() {
        let size = |pages: u64| describe::bytes(pages.saturating_mul(memory.page_size()));
        let max = memory.max.map_or("no maximum".to_owned(), |max| format!("at most {}", size(max)));
        line("memory", format!("{}: {} at first, {max}", describe::memory(memory), size(memory.min)));
    }
    for table in parsed.tables() {
        line("table", describe::table(&table.ty));
    }
    line("globals", parsed.globals().len().to_string());
    if !parsed.tags().is_empty() {
        line("tags", parsed.tags().len().to_string());
    }
    if let Some(start) = parsed.start() {
        line("start", format!("function {}", start.0));
    }
    for custom in parsed.customs() {
        let size = describe::bytes(custom.bytes.len() as u64);
        line("custom", format!("`{}`: {size}", describe::name(&custom.name)));
    }
    text
}

/// A list of names with their types in a column.
fn section(text: &mut String, title: &str, items: Vec<(String, ExternType)>) {
    const WIDEST: usize = 50;
    let _ = write!(text, "\n{title}:");
    if items.is_empty() {
        text.push_str(" none\n");
        return;
    }
    text.push('\n');
    let width = items.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(WIDEST);
    for (name, ty) in items {
        let _ = writeln!(text, "  {name:<width$}  {}", describe::ty(&ty));
    }
}
