//! Runs the scripts of the WebAssembly specification (`.wast`) over Dayfly's
//! public API.
//!
//! A [`Runner`] holds an engine configuration and turns a script into a
//! [`Report`]: one [`Outcome`] for each directive that makes an assertion or
//! fails. A [`Suite`] runs many scripts on several threads, with a list of
//! [`Expected`] failures that is itself checked: a listed case that passes is a
//! failure.
//!
//! The runner knows nothing of interpreters and compilers; what is tested is
//! what the [`dayfly::Config`] selects.
//!
//! ```
//! use dayfly_spectest::{Runner, RunnerConfig};
//!
//! let runner = Runner::new(RunnerConfig::new("default", dayfly::Config::new()));
//! let report = runner.run_script("empty.wast", "(assert_invalid (module (func (result i32))) \"type\")");
//! assert_eq!((report.passed(), report.failed()), (1, 0));
//! ```

#![forbid(unsafe_code)]

mod expect;
mod host;
mod legacy;
mod play;
mod report;
mod runner;
mod script;
mod session;
mod source;
mod suite;
mod value;

pub use expect::{EXPECTED, Expected, Mode};
pub use report::{Outcome, Report, Totals, Verdict};
pub use runner::{Runner, RunnerConfig};
pub use suite::{Case, Suite};
