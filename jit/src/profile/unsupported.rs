//! Systems without `perf`.

use crate::code::MachineCode;
use std::io;

pub fn open() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn add(_: &MachineCode) -> io::Result<()> {
    Ok(())
}
