//! `dayfly wast`: spec scripts from files and folders.

use crate::args::WastArgs;
use crate::{load, out};
use dayfly::{Error, Result};
use dayfly_spectest::{Runner, RunnerConfig, Suite, Totals};

/// Runs the command; the exit status is 1 if any directive failed.
pub fn run(args: &WastArgs) -> Result<u8> {
    let Some((config, _)) = load::config(&args.engine)? else { return Ok(0) };
    let runner = Runner::new(RunnerConfig::new(format!("{:?}", args.engine.engine), config));
    let mut totals = Totals::default();
    let mut printed = Ok(());
    for path in &args.paths {
        let suite = Suite::load(path).map_err(|error| Error::msg(format!("cannot read {error}")))?;
        if suite.is_empty() {
            return Err(Error::msg(format!("`{}` contains no script (.wast)", path.display())));
        }
        totals += suite.run(&runner, args.threads, &[], |report| {
            if !args.quiet && printed.is_ok() {
                printed =
                    out::print(&report.failures().map(|failure| format!("{failure}\n")).collect::<String>());
            }
        });
    }
    printed?;
    out::print(&format!("{totals}\n"))?;
    Ok(u8::from(totals.failed > 0))
}
