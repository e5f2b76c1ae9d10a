//! The command line.

use crate::engines;
use crate::suite::Suite;
use clap::Parser;
use std::path::PathBuf;
use std::time::Duration;

/// Measures WebAssembly engines beside each other.
#[derive(Parser)]
#[command(about, after_help = after_help())]
pub struct Args {
    /// Engines, in the order of tables.
    #[arg(long, value_delimiter = ',', default_values_t = default_engines())]
    pub engines: Vec<String>,

    /// Phases of an instance's life.
    #[arg(
        long,
        value_delimiter = ',',
        value_enum,
        default_value = "decode,compile,instantiate,call,run,gc,artifact"
    )]
    pub suite: Vec<Suite>,

    /// Only programs whose name contains one of these.
    #[arg(long, value_delimiter = ',', value_name = "PATTERN")]
    pub workloads: Vec<String>,

    /// How often everything is measured; medians are reported.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,

    /// The engine that the others are compared with. Default: the first one.
    #[arg(long, value_name = "ENGINE")]
    pub base: Option<String>,

    /// Seconds after which a measurement is given up.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub timeout: Duration,

    /// Write all figures to a file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write a chart to a file, of the suite `run` or else the last one.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn default_engines() -> Vec<String> {
    let chosen = engines::all().into_iter().filter(|choice| choice.by_default);
    chosen.map(|choice| choice.name.to_owned()).collect()
}

fn after_help() -> String {
    let mut help = "Engines:\n".to_owned();
    for choice in engines::all() {
        help.push_str(&format!("  {:<17} {}\n", choice.name, choice.settings));
    }
    help.push_str("\nAlso, with options of their own: cycle, serve, density (`cycle --help`)\n");
    help
}
