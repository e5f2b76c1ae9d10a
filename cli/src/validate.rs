//! `dayfly validate`: a line per file, and whether all are valid.

use crate::args::ValidateArgs;
use crate::{load, out};
use dayfly::Result;

/// Runs the command; the exit status is 1 if any file is not a valid module.
pub fn run(args: &ValidateArgs) -> Result<u8> {
    let Some((engine, _)) = load::engine(&args.engine)? else { return Ok(0) };
    let mut status = 0;
    for file in &args.files {
        match load::validate(&engine, file) {
            Ok(()) => out::print(&format!("{}: valid\n", file.display()))?,
            Err(error) => {
                out::print_error(&error);
                status = 1;
            }
        }
    }
    Ok(status)
}
