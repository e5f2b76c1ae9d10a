//! `dayfly explore`: a page for the browser, complete in itself, that shows what becomes of functions:
//! WebAssembly, CLIF and machine code side by side. The page is fixed (`explore/page.html`); a function's
//! listing is data in it, JSON in an element of its own that is read when the function is looked at.

use crate::args::{ClifChoice, EngineChoice, ExploreArgs};
use crate::{load, objdump};
use dayfly::listing::{Listing, Listings, Stage, Target};
use dayfly::parser::FuncIdx;
use dayfly::{Context, Engine, Error, Module, Result, Strategy};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// The page; data is put where `DATA` says, the title where `TITLE` does.
const PAGE: &str = include_str!("explore/page.html");
const DATA: &str = "<!-- functions -->";
const TITLE: &str = "<!-- title -->";

/// Runs the command.
pub fn run(args: &ExploreArgs) -> Result<u8> {
    let Some((mut config, _)) = load::config(&args.engine)? else { return Ok(0) };
    if args.engine.engine == EngineChoice::Auto {
        config.strategy(Strategy::Compiler);
    }
    config.lazy_compilation(false);
    let engine = Engine::new(&config)?;
    let module = load::module(&engine, &args.file)?;
    let functions = objdump::functions(&module, args.func.as_deref())?;
    let title = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let clif = (args.clif != ClifChoice::None).then_some(args.clif.stage());
    let mut page = Page::new(&args.output)?;
    page.functions(&module, &title, &functions, clif)?;
    page.finish()?;
    Ok(0)
}

/// The page being written, function by function.
struct Page<'a> {
    out: BufWriter<File>,
    path: &'a Path,
}

impl<'a> Page<'a> {
    fn new(path: &'a Path) -> Result<Page<'a>> {
        let file = File::create(path).with_context(|| cannot_write(path))?;
        Ok(Page { out: BufWriter::new(file), path })
    }

    fn functions(
        &mut self,
        module: &Module,
        title: &str,
        functions: &[FuncIdx],
        clif: Option<Stage>,
    ) -> Result<()> {
        let page = PAGE.replace(TITLE, &escaped_text(title));
        let (before, after) = page.split_once(DATA).expect("the page has a place for data");
        self.write(before)?;
        let listings = module.listings();
        let mut index = Vec::with_capacity(functions.len());
        for &func in functions {
            let listing = listing(&listings, module, func, clif.unwrap_or_default())?;
            let size: usize = listing.instructions.iter().map(|instruction| instruction.bytes.len()).sum();
            let name = objdump::name(module, func).unwrap_or("");
            let ty = module.parsed().func_type(func).to_string();
            index.push(json!([func.0, name, ty, listing.operators.len(), size]));
            self.element(&format!("f{}", func.0), &data(&listing, clif.is_some()))?;
        }
        self.element("index", &Value::Array(index))?;
        self.write(after)
    }

    /// An element that holds JSON. In it no `<` can end the element.
    fn element(&mut self, id: &str, data: &Value) -> Result<()> {
        let json = data.to_string().replace('<', "\\u003c");
        self.write(&format!("<script type=\"application/json\" id=\"{id}\">{json}</script>\n"))
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).with_context(|| cannot_write(self.path))
    }

    fn finish(mut self) -> Result<()> {
        self.out.flush().with_context(|| cannot_write(self.path))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

fn listing(listings: &Listings<'_>, module: &Module, func: FuncIdx, stage: Stage) -> Result<Listing> {
    let found = listings.get(func, stage)?;
    found.ok_or_else(|| {
        let title = objdump::title(module, func);
        Error::msg(format!("{title} is interpreted: there is no machine code to show"))
    })
}

/// A listing as the page reads it: rows of text, and the offsets of operators that connect them.
fn data(listing: &Listing, with_clif: bool) -> Value {
    let wasm = listing.operators.iter().map(|op| json!([op.offset, op.depth, op.text]));
    let clif = listing.clif.iter().map(|line| json!([line.source, line.text]));
    let clif: Vec<Value> = if with_clif { clif.collect() } else { Vec::new() };
    let preamble = if with_clif { &listing.preamble[..] } else { &[] };
    let code = listing.instructions.iter().map(|instruction| {
        let bytes: String = instruction.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let target = match &instruction.target {
            None => Value::Null,
            Some(Target::Here(offset)) => json!(offset),
            Some(Target::Piece(name)) => json!(name),
        };
        let trap = instruction.trap.map(|trap| trap.to_string());
        let (text, rest) = (&instruction.text, &instruction.rest);
        json!([instruction.offset, bytes, text, target, rest, instruction.source, trap])
    });
    json!({
        "start": listing.start,
        "wasm": wasm.collect::<Vec<_>>(),
        "preamble": preamble,
        "clif": clif,
        "code": code.collect::<Vec<_>>(),
    })
}

/// Text as it may stand in HTML.
fn escaped_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
