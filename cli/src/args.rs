//! The command line as clap reads it. What it offers follows Wasmtime where both
//! have the same thing: users' fingers know it.

use crate::wasi_options::WasiOptions;
use crate::wasm_options::WasmOptions;
use clap::{Args, Parser, Subcommand, ValueEnum};
use dayfly::listing::Stage;
use std::ffi::OsString;
use std::path::PathBuf;

const USAGE: &str = "dayfly [OPTIONS] FILE [ARGS]...\n       dayfly COMMAND ...";

const EXAMPLES: &str = "\
Examples:
  dayfly app.wasm one two                 run a WASI program with two arguments
  dayfly --dir . app.wasm                 ... that may use the current folder
  dayfly --dir data::/data::ro app.wasm   ... that may read `data` as `/data`
  dayfly -W timeout=2s app.wasm           ... and is stopped when it takes too long
  dayfly --invoke add math.wat 1 2        call an exported function, print its result
  dayfly compile app.wasm                 write `app.dfa`, which starts without compiling
  dayfly inspect app.wasm                 what a module needs and offers
  dayfly wast tests/                      run spec scripts

Options stand before FILE; what follows FILE belongs to the program.";

const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  dayfly snapshot app.wasm -o fast.wasm             call `wizer-initialize`, write what it left
  dayfly snapshot --dir data::/::ro app.wasm -o fast.wasm        ... which reads files in `data`
  dayfly snapshot -f warm_up app.wasm -o fast.wasm  call `warm_up`
  dayfly snapshot -r _start=wizer.resume app.wasm -o fast.wasm   a program that then goes on elsewhere

Initialisation may call no import unless it is granted. docs/snapshot.md says what can be kept.";

/// Run and examine WebAssembly modules.
#[derive(Parser, Debug)]
#[command(
    name = "dayfly",
    version,
    override_usage = USAGE,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do; without it, `run`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Arguments of `run`.
    #[command(flatten)]
    pub run: RunArgs,
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run a module (the default: `dayfly FILE` is `dayfly run FILE`)
    #[command(override_usage = "dayfly run [OPTIONS] FILE [ARGS]...", after_help = EXAMPLES)]
    Run(RunArgs),
    /// Compile a module ahead of time: what is written runs at once, on this kind of machine
    Compile(CompileArgs),
    /// Run spec scripts (.wast): a line per failing directive, then the totals
    Wast(WastArgs),
    /// Tell whether modules are valid
    Validate(ValidateArgs),
    /// Show what a module needs from its host and what it offers
    Inspect(InspectArgs),
    /// Show the code that functions become, beside the WebAssembly it comes from: CLIF and machine code,
    /// or with `--engine interp` the interpreter's
    Objdump(ObjdumpArgs),
    /// Write a page for the browser that shows WebAssembly, CLIF and machine code side by side
    Explore(ExploreArgs),
    /// Initialise a module ahead of time and write one that starts from there
    #[command(after_help = SNAPSHOT_EXAMPLES)]
    Snapshot(SnapshotArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Which engine runs functions.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineChoice {
    /// The best there is for this machine
    Auto,
    /// The interpreter
    Interp,
    /// The compiler to machine code
    Jit,
    /// Each function by one of the two, as chance has it: for tests
    Mixed,
}

/// What is written about a run, for a profiler or for people.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProfileChoice {
    /// /tmp/perf-PID.map, for `perf report`
    #[value(name = "perfmap")]
    PerfMap,
    /// jit-PID.dump in the current folder, for `perf record -k mono` and `perf inject --jit`
    #[value(name = "jitdump")]
    JitDump,
    /// How often the interpreter, which then runs all, called functions and went round loops, after the run
    Counts,
}

/// How modules are compiled and run: shared by all commands that take modules.
#[derive(Args, Debug)]
pub struct EngineArgs {
    /// Engine to run functions with
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
    /// Show where the time goes: a file for Linux's `perf`, or counts
    #[arg(long, value_enum)]
    pub profile: Option<ProfileChoice>,
    /// WebAssembly options, `-W help` lists them: fuel, timeout, limits, proposals
    #[arg(short = 'W', long = "wasm", value_name = "KEY[=VALUE],...", value_parser = WasmOptions::check)]
    pub wasm: Vec<String>,
}

/// What a program gets of its host: shared by all commands that run one.
#[derive(Args, Debug)]
pub struct GrantArgs {
    /// Give the program a folder, under its own name or another: HOST[::GUEST[::ro]]
    #[arg(long = "dir", value_name = "HOST[::GUEST[::ro]]")]
    pub dirs: Vec<String>,
    /// Set an environment variable, or pass on the one that dayfly has
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// Instantiate another module first, for FILE to import from under NAME
    #[arg(long = "preload", value_name = "NAME=FILE", value_parser = preload)]
    pub preloads: Vec<(String, PathBuf)>,
    /// WASI options, `-S help` lists them
    #[arg(short = 'S', long = "wasi", value_name = "KEY[=VALUE],...", value_parser = WasiOptions::check)]
    pub wasi: Vec<String>,
}

/// Arguments of `dayfly run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// How to run it.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// What it gets.
    #[command(flatten)]
    pub grants: GrantArgs,
    /// Call this exported function; ARGS are its arguments, its results are printed
    #[arg(long, value_name = "FUNCTION")]
    pub invoke: Option<String>,
    /// The name under which the program sees itself, instead of FILE's
    #[arg(long, value_name = "NAME")]
    pub argv0: Option<String>,
    /// Compile the module anew, and do not keep the machine code for the next run
    #[arg(long)]
    pub no_cache: bool,
    /// The module (.wasm, .wat, or .dfa from `dayfly compile`), then the program's own arguments
    #[arg(
        value_names = ["FILE", "ARGS"],
        trailing_var_arg = true,
        required_unless_present_any = ["wasm", "wasi"],
    )]
    pub file_and_args: Vec<OsString>,
}

/// Arguments of `dayfly compile`.
#[derive(Args, Debug)]
pub struct CompileArgs {
    /// How it will be run: settings that change machine code have to be the same then.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// The file to write; without it, the module's name with `.dfa` in the current folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Say how long it took, and how much memory at most
    #[arg(short, long)]
    pub verbose: bool,
    /// The module (.wasm or .wat)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Arguments of `dayfly snapshot`.
#[derive(Args, Debug)]
pub struct SnapshotArgs {
    /// How to run it.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// What initialisation gets.
    #[command(flatten)]
    pub grants: GrantArgs,
    /// Let initialisation call WASI, with the folders, variables and streams that are given;
    /// giving some implies it
    #[arg(long)]
    pub allow_wasi: bool,
    /// The exported function that initialises; without it `wizer-initialize` or `wizer.initialize`
    #[arg(short = 'f', long, value_name = "FUNCTION")]
    pub init_func: Option<String>,
    /// Export the function OLD as NEW, in place of what was exported as NEW
    #[arg(short = 'r', long = "rename-func", value_name = "NEW=OLD", value_parser = rename)]
    pub renames: Vec<(String, String)>,
    /// Go on exporting the initialisation function
    #[arg(
        long,
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true"
    )]
    pub keep_init_func: bool,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The module (.wasm or .wat)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Arguments of `dayfly wast`.
#[derive(Args, Debug)]
pub struct WastArgs {
    /// How to run them. Scripts of the official suite choose their own proposals.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Print the totals only
    #[arg(long, short)]
    pub quiet: bool,
    /// Threads to run scripts on
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub threads: usize,
    /// Scripts, or folders with scripts
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
}

/// Arguments of `dayfly validate`.
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// What is valid.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Modules (.wasm or .wat)
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Arguments of `dayfly inspect`.
#[derive(Args, Debug)]
pub struct InspectArgs {
    /// What is valid.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The module (.wasm or .wat)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Which CLIF is shown.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClifChoice {
    /// As operators are lowered
    Lowered,
    /// As machine code is made of it
    Optimized,
    /// None
    None,
}

/// Arguments of `dayfly objdump`.
#[derive(Args, Debug)]
pub struct ObjdumpArgs {
    /// How functions are compiled.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Which CLIF to show beside machine code
    #[arg(long, value_enum, default_value_t = ClifChoice::Optimized)]
    pub clif: ClifChoice,
    /// Show addresses of machine code, from the start of the module's
    #[arg(long)]
    pub addresses: bool,
    /// Show the bytes of machine code
    #[arg(long)]
    pub bytes: bool,
    /// Show what faults of machine instructions mean
    #[arg(long)]
    pub traps: bool,
    /// The module (.wasm or .wat)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only this function: its index, the name of its export, or its name
    #[arg(value_name = "FUNCTION")]
    pub func: Option<String>,
}

/// Arguments of `dayfly explore`.
#[derive(Args, Debug)]
pub struct ExploreArgs {
    /// How functions are compiled; the engine is always the compiler.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Which CLIF to show
    #[arg(long, value_enum, default_value_t = ClifChoice::Optimized)]
    pub clif: ClifChoice,
    /// The page to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The module (.wasm or .wat)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only this function: its index, the name of its export, or its name
    #[arg(value_name = "FUNCTION")]
    pub func: Option<String>,
}

impl ClifChoice {
    /// The stage at which it is shown.
    pub fn stage(self) -> Stage {
        if self == ClifChoice::Lowered { Stage::Lowered } else { Stage::Optimized }
    }
}

fn rename(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((new, old)) => Ok((new.to_owned(), old.to_owned())),
        None => Err("expected NEW=OLD: the new name, and the name of the function now".to_owned()),
    }
}

fn preload(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("expected NAME=FILE: the name to import from, and the module".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_follows_the_file_belongs_to_the_program() {
        let cli = Cli::parse_from(["dayfly", "--env", "A=1", "app.wasm", "run", "--env", "B", "--", "-x"]);
        assert!(cli.command.is_none());
        assert_eq!(cli.run.grants.env, ["A=1"]);
        assert_eq!(cli.run.file_and_args, ["app.wasm", "run", "--env", "B", "--", "-x"]);
        let cli = Cli::parse_from(["dayfly", "run", "--", "-odd-name.wasm", "-x"]);
        let Some(Command::Run(run)) = cli.command else { panic!("run") };
        assert_eq!(run.file_and_args, ["-odd-name.wasm", "-x"]);
    }
}
