//! `dayfly compile`: a module with its machine code, in a file that `dayfly run` loads at once.

use crate::args::{CompileArgs, EngineChoice};
use crate::load;
use dayfly::{Context, Engine, Error, Result, Strategy};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What compiled modules are called.
pub const EXTENSION: &str = "dfa";

/// Runs the command.
pub fn run(args: &CompileArgs) -> Result<u8> {
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
    Ok(0)
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
