//! Standard streams as a host provides them: inherited, in memory, files, or nothing.
//! Invariant: a stream does only what its descriptor's rights allow; nothing is inherited unless the
//! host says so.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a guest's standard input comes from.
pub trait InputStream: Send {
    /// Reads into `buffer` and returns how many bytes came; 0 means the end of the stream.
    ///
    /// # Errors
    /// Whatever the source reports; the guest sees it as an error number.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// The host's descriptor to wait on before a read, or `None` if reads never wait.
    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Whether a person sits at the other end.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Where a guest's standard output or standard error goes.
pub trait OutputStream: Send {
    /// Writes from `bytes` and returns how many bytes went.
    ///
    /// # Errors
    /// Whatever the sink reports; the guest sees it as an error number.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// The host's descriptor to wait on before a write, or `None` if writes never wait.
    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Whether a person sits at the other end.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Input from memory.
///
/// ```
/// use dayfly_wasi::{MemoryInput, WasiCtxBuilder};
/// let ctx = WasiCtxBuilder::new().stdin(MemoryInput::new("a line\n")).build();
/// # drop(ctx);
/// ```
#[derive(Debug)]
pub struct MemoryInput {
    bytes: io::Cursor<Vec<u8>>,
}

impl MemoryInput {
    /// A stream that gives `bytes` and then ends.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: io::Cursor::new(bytes.into()) }
    }
}

impl InputStream for MemoryInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(&mut self.bytes, buffer)
    }
}

/// Output into memory, up to a limit. Clones share the same bytes: keep one, give the other to the
/// guest.
///
/// ```
/// use dayfly_wasi::{MemoryOutput, WasiCtxBuilder};
/// let stdout = MemoryOutput::new(64 * 1024);
/// let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build();
/// # drop(ctx);
/// assert_eq!(stdout.contents(), b"");
/// ```
#[derive(Clone, Debug)]
pub struct MemoryOutput {
    shared: Arc<Mutex<Vec<u8>>>,
    limit: usize,
}

impl MemoryOutput {
    /// A sink that takes `limit` bytes; when it is full, writes fail with "no space left".
    pub fn new(limit: usize) -> Self {
        Self { shared: Arc::default(), limit }
    }

    /// What was written so far.
    pub fn contents(&self) -> Vec<u8> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl OutputStream for MemoryOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = bytes.len().min(self.limit - shared.len());
        if taken == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        shared.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
}

/// The host's own standard input.
pub(crate) struct InheritedInput;

impl InputStream for InheritedInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Not through the standard library's buffer: readiness is asked of the descriptor, which
        // knows nothing of bytes that were read ahead.
        Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
    }

    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(rustix::stdio::stdin())
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }
}

/// The host's own standard output.
pub(crate) struct InheritedOutput;

impl OutputStream for InheritedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Through the standard library, so that what the host prints keeps its place; flushed,
        // because a guest that buffers does so itself.
        let mut stdout = io::stdout().lock();
        let written = stdout.write(bytes)?;
        stdout.flush()?;
        Ok(written)
    }

    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(rustix::stdio::stdout())
    }

    fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }
}

/// The host's own standard error.
pub(crate) struct InheritedError;

impl OutputStream for InheritedError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut io::stderr(), bytes)
    }

    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(rustix::stdio::stderr())
    }

    fn is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }
}

impl InputStream for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(self, buffer)
    }

    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.as_fd())
    }

    fn is_terminal(&self) -> bool {
        IsTerminal::is_terminal(self)
    }
}

impl OutputStream for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }

    fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.as_fd())
    }

    fn is_terminal(&self) -> bool {
        IsTerminal::is_terminal(self)
    }
}

impl InputStream for io::Empty {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl OutputStream for io::Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_output_stops_at_its_limit() {
        let mut output = MemoryOutput::new(5);
        let reader = output.clone();
        assert_eq!(output.write(b"abc").unwrap(), 3);
        assert_eq!(output.write(b"defg").unwrap(), 2);
        assert_eq!(output.write(b"h").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(output.write(b"").unwrap(), 0);
        assert_eq!(reader.contents(), b"abcde");
    }

    #[test]
    fn memory_input_ends() {
        let mut input = MemoryInput::new("abc");
        let mut buffer = [0; 2];
        assert_eq!(InputStream::read(&mut input, &mut buffer).unwrap(), 2);
        assert_eq!(InputStream::read(&mut input, &mut buffer).unwrap(), 1);
        assert_eq!(InputStream::read(&mut input, &mut buffer).unwrap(), 0);
    }
}
