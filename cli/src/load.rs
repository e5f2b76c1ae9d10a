//! Engines as the command line asks for them, and modules from files.

use crate::args::{EngineArgs, EngineChoice, ProfileChoice};
use crate::compile::EXTENSION;
use crate::wasm_options::WasmOptions;
use dayfly::{Cache, Config, Context, Engine, Error, Module, Profiler, Result, Strategy};
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
    let counts = args.profile == Some(ProfileChoice::Counts);
    if counts && matches!(args.engine, EngineChoice::Jit | EngineChoice::Mixed) {
        return Err(Error::msg("`--profile counts` is of the interpreter: use it with `--engine interp`"));
    }
    config.count_executions(counts);
    match args.engine {
        EngineChoice::Auto if counts => config.strategy(Strategy::Interpreter),
        EngineChoice::Auto => config.strategy(Strategy::Auto),
        EngineChoice::Interp => config.strategy(Strategy::Interpreter),
        EngineChoice::Jit => config.strategy(Strategy::Compiler),
        EngineChoice::Mixed => config.strategy(Strategy::Mixed(0x5eed)),
    };
    config.profiler(args.profile.and_then(|choice| match choice {
        ProfileChoice::PerfMap => Some(Profiler::PerfMap),
        ProfileChoice::JitDump => Some(Profiler::JitDump),
        ProfileChoice::Counts => None,
    }));
    Ok(Some((config, options)))
}

/// The engine for running a file, its options, and the module in it. One that is compiled is loaded as
/// it is; what else is compiled is kept for the next run, unless `no_cache`.
pub fn program(
    args: &EngineArgs,
    no_cache: bool,
    file: &Path,
) -> Result<Option<(Engine, WasmOptions, Module)>> {
    let Some((mut config, options)) = config(args)? else { return Ok(None) };
    // Only by its name: a compiled module is native code, and must not come in place of another.
    let is_compiled = file.extension().is_some_and(|extension| extension == EXTENSION);
    if is_compiled && args.engine == EngineChoice::Auto {
        config.strategy(Strategy::Compiler);
    }
    if !no_cache {
        config.cache(Cache::of_user());
    }
    let engine = Engine::new(&config)?;
    let module = if is_compiled { Module::deserialize_file(&engine, file) } else { module(&engine, file) };
    Ok(Some((engine, options, module?)))
}

/// Reads a module, binary or text.
pub fn module(engine: &Engine, file: &Path) -> Result<Module> {
    let bytes = bytes(file)?;
    Module::from_vec(engine, bytes).with_context(|| format!("`{}`", file.display()))
}

/// Checks a module, binary or text, and makes nothing of it.
pub fn validate(engine: &Engine, file: &Path) -> Result<()> {
    Module::validate(engine, &bytes(file)?).with_context(|| format!("`{}`", file.display()))
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
    if Module::is_serialized(bytes) {
        return Some(format!("it is compiled; the names of such files have to end in `.{EXTENSION}`"));
    }
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
