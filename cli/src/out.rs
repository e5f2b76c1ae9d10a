//! What the command prints, and how it ends when nobody reads it any more.

use crate::describe;
use dayfly::{Result, Trap, WasmBacktrace};
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Standard output was closed by its reader: no failure, but nothing left to do.
#[derive(Debug)]
pub struct ClosedPipe;

impl fmt::Display for ClosedPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output is closed")
    }
}

impl std::error::Error for ClosedPipe {}

/// Prints to standard output.
///
/// # Errors
/// [`ClosedPipe`] if its reader has gone, else what the system says.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
        Err(error) => Err(error.into()),
    }
}

/// Prints an error to standard error: the texts in one line, then the frames of
/// the guest if it was running.
pub fn print_error(error: &dayfly::Error) {
    let mut text = format!("{error:#}\n");
    if let Some(backtrace) = backtrace(error) {
        text.push_str(&format!("{backtrace}\n"));
    }
    let text = describe::printable(&text);
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr(), "{} {}", paint("Error:", "1;31"), text.trim_end());
}

/// The exit status of a run that ended with an error. If the guest was running it is
/// that of an aborted process, as Wasmtime has it after a trap.
pub fn exit_status(error: &dayfly::Error) -> u8 {
    if error.is::<Trap>() || backtrace(error).is_some() { 134 } else { 1 }
}

fn backtrace(error: &dayfly::Error) -> Option<&WasmBacktrace> {
    error.downcast_ref::<WasmBacktrace>().filter(|backtrace| !backtrace.frames().is_empty())
}

/// Text in a colour (an SGR parameter) if standard error is a terminal that wants colours.
fn paint(text: &str, colour: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || !io::stderr().is_terminal();
    if plain { text.to_owned() } else { format!("\x1b[{colour}m{text}\x1b[0m") }
}
