//! Engines as the command line asks for them, and modules from files.

use crate::args::{EngineArgs, EngineChoice};
use crate::wasm_options::WasmOptions;
use dayfly::{Config, Context, Engine, Error, Module, Result, Strategy};
use std::path::Path;

/// The engine and its options, or `None` if only the list of options was asked
/// for, which is then printed.
pub fn engine(args: &EngineArgs) -> Result<Option<(Engine, WasmOptions)>> {
    let Some((config, options)) = config(args)? else { return Ok(None) };
    Ok(Some((Engine::new(&config)?, options)))
}

/// Like [`engine`], the configuration alone.
pub fn config(args: &EngineArgs) -> Result<Option<(Config, WasmOptions)>> {
    let options = WasmOptions::parse(&args.wasm).map_err(Error::msg)?;
    if options.help {
        crate::out::print(&WasmOptions::list())?;
        return Ok(None);
    }
    let mut config = Config::new();
    options.configure(&mut config);
    match args.engine {
        EngineChoice::Auto => config.strategy(Strategy::Auto),
        EngineChoice::Interp => config.strategy(Strategy::Interpreter),
        EngineChoice::Jit => config.strategy(Strategy::Compiler),
        EngineChoice::Mixed => config.strategy(Strategy::Mixed(0x5eed)),
    };
    Ok(Some((config, options)))
}

/// Reads a module, binary or text.
pub fn module(engine: &Engine, file: &Path) -> Result<Module> {
    let bytes = bytes(file)?;
    Module::from_vec(engine, bytes).with_context(|| format!("`{}`", file.display()))
}

/// Reads a file that looks like a module.
pub fn bytes(file: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    match what_is_wrong(&bytes) {
        None => Ok(bytes),
        Some(what) => Err(Error::msg(format!("`{}` is not a WebAssembly module: {what}", file.display()))),
    }
}

/// Why a file cannot be a module, as far as its beginning tells.
fn what_is_wrong(bytes: &[u8]) -> Option<String> {
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
    if bytes.starts_with(COMPONENT) {
        return Some("it is a component; components are not supported, core modules are".to_owned());
    }
    if bytes.starts_with(b"\0asm") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok().map(str::trim_start);
    match text {
        Some("") => Some("it is empty".to_owned()),
        Some(text) if text.starts_with('(') || text.starts_with(";;") => None,
        _ => {
            let start = &bytes[..bytes.len().min(4)];
            let start: Vec<_> = start.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("it begins with {}, neither `\\0asm` nor text like `(module`", start.join(" ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_beginning() {
        assert_eq!(what_is_wrong(b"\0asm\x01\0\0\0"), None);
        assert_eq!(what_is_wrong(b"  (module)"), None);
        assert_eq!(what_is_wrong(b";; text\n(module)"), None);
        assert!(what_is_wrong(b"\x7fELF\x02").unwrap().contains("7f 45 4c 46"));
        assert!(what_is_wrong(b"\0asm\x0d\0\x01\0").unwrap().contains("component"));
        assert!(what_is_wrong(b" \n").unwrap().contains("empty"));
        assert!(what_is_wrong(b"").unwrap().contains("empty"));
    }
}
