//! The `dayfly` command: runs and examines WebAssembly modules.

#![forbid(unsafe_code)]

mod args;
mod compile;
mod counts;
mod describe;
mod explore;
mod host;
mod inspect;
mod load;
mod objdump;
mod options;
mod out;
mod run;
mod snapshot;
mod validate;
mod value;
mod wasi_options;
mod wasm_options;
mod wast;

use crate::args::{Cli, Command};
use clap::{CommandFactory, Parser};
use dayfly::Result;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match carry_out(cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.is::<out::ClosedPipe>() => ExitCode::SUCCESS,
        Err(error) => {
            out::print_error(&error);
            ExitCode::from(out::exit_status(&error))
        }
    }
}

/// Carries the command out and gives the exit status.
fn carry_out(cli: Cli) -> Result<u8> {
    match cli.command {
        None => run::run(&cli.run),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Compile(args)) => compile::run(&args),
        Some(Command::Wast(args)) => wast::run(&args),
        Some(Command::Validate(args)) => validate::run(&args),
        Some(Command::Inspect(args)) => inspect::run(&args),
        Some(Command::Objdump(args)) => objdump::run(&args),
        Some(Command::Explore(args)) => explore::run(&args),
        Some(Command::Snapshot(args)) => snapshot::run(&args),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "dayfly", &mut script);
            out::print(&String::from_utf8_lossy(&script))?;
            Ok(0)
        }
    }
}
