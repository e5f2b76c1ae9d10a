//! `dayfly compile`: a module with its machine code, in a file that `dayfly run` loads at once.

use crate::args::{CompileArgs, EngineChoice};
use crate::{describe, load};
use dayfly::{Context, Engine, Error, Result, Strategy};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

/// What compiled modules are called.
pub const EXTENSION: &str = "dfa";

/// Runs the command.
pub fn run(args: &CompileArgs) -> Result<u8> {
    let start = Instant::now();
    let Some((mut config, _)) = load::config(&args.engine)? else { return Ok(0) };
    if args.engine.engine == EngineChoice::Auto {
        config.strategy(Strategy::Compiler);
    }
    // All of it is compiled in any case.
    config.lazy_compilation(false);
    let module = load::module(&Engine::new(&config)?, &args.file)?;
    let artifact = module.serialize().with_context(|| format!("cannot compile `{}`", args.file.display()))?;
    let output = match &args.output {
        Some(output) => output.clone(),
        None => {
            let name = args.file.file_name().ok_or_else(|| Error::msg("`-o FILE` has to name the output"))?;
            Path::new(name).with_extension(EXTENSION)
        }
    };
    write(&output, &artifact).with_context(|| format!("cannot write `{}`", output.display()))?;
    if args.verbose {
        let (code, file) = (module.parsed().bytes().len() as u64, artifact.len() as u64);
        let memory =
            peak_memory().map_or_else(String::new, |bytes| format!(", {} of memory", describe::bytes(bytes)));
        let seconds = start.elapsed().as_secs_f64();
        let [code, file] = [code, file].map(describe::bytes);
        eprintln!("`{}`: {code} of module, {file} of file, {seconds:.2} s{memory}", output.display());
    }
    Ok(0)
}

/// The most bytes of memory that the process has had at any time, if the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// Writes a file that only its owner can change. One that is there is replaced, not changed:
/// others may be running it.
fn write(output: &Path, artifact: &[u8]) -> io::Result<()> {
    let mut unfinished = output.as_os_str().to_owned();
    unfinished.push(format!(".{}.tmp", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    let written = options.open(&unfinished).and_then(|mut file| file.write_all(artifact));
    let placed = written.and_then(|()| fs::rename(&unfinished, output));
    if placed.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    placed
}
