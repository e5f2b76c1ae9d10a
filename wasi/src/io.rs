//! `fd_read`, `fd_pread`, `fd_write`, `fd_pwrite`: bytes between descriptors and guest memory.
//! Invariants: data moves directly between the host's call and the guest's memory, and nothing is
//! allocated in proportion to a buffer's length; a transfer that takes long ends early, as one that
//! a signal interrupts, when the host wants its thread back.

use crate::call::Call;
use crate::ctx::{Interrupt, WasiCtx};
use crate::errno::Errno;
use crate::fd::filetype;
use crate::guest::{Guest, Iovecs};
use crate::sock::send;
use crate::stream::{InputStream, OutputStream};
use crate::table::Object;
use crate::types::{FileType, Rights};
use crate::wait::{PIECE, Waiting};
use rustix::event::PollFlags;
use rustix::fs::fstat;
use rustix::io as os;
use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd};

impl Call<'_> {
    pub(crate) fn fd_read(&mut self, fd: u32, iovs: u32, count: u32, read: u32) -> Result<(), Errno> {
        self.mem.check(read, 4)?;
        let iovecs = self.mem.iovecs(iovs, count)?;
        let WasiCtx { table, interrupt, .. } = &mut *self.ctx;
        let descriptor = table.get_mut(fd)?;
        if let Object::Dir(_) = descriptor.object {
            return Err(Errno::Isdir);
        }
        descriptor.require(Rights::FD_READ)?;
        let waiting = Waiting { interrupt, nonblocking: descriptor.nonblocking() };
        let total = match &mut descriptor.object {
            Object::File(file) if file.filetype == FileType::RegularFile => {
                let read = |buffer: &mut [u8], _| Ok(os::read(&file.file, buffer)?);
                scatter(&mut self.mem, interrupt, iovecs, true, read)
            }
            Object::File(file) => scatter(&mut self.mem, interrupt, iovecs, false, |buffer, _| {
                waiting.repeat(file.file.as_fd(), PollFlags::IN, || os::read(&file.file, &mut *buffer))
            }),
            Object::Socket(socket) => scatter(&mut self.mem, interrupt, iovecs, false, |buffer, _| {
                waiting.repeat(socket.as_fd(), PollFlags::IN, || os::read(&*socket, &mut *buffer))
            }),
            Object::Input(input) => {
                let read = |buffer: &mut [u8], _| read_stream(&mut **input, buffer, &waiting);
                scatter(&mut self.mem, interrupt, iovecs, false, read)
            }
            Object::Listener(_) => Err(Errno::Notconn),
            Object::Output(_) | Object::Dir(_) => Err(Errno::Badf),
        }?;
        self.mem.write_u32(read, total)
    }

    pub(crate) fn fd_pread(
        &mut self,
        fd: u32,
        iovs: u32,
        count: u32,
        offset: u64,
        read: u32,
    ) -> Result<(), Errno> {
        self.mem.check(read, 4)?;
        let iovecs = self.mem.iovecs(iovs, count)?;
        let file = self.ctx.table.file(fd, Rights::FD_READ | Rights::FD_SEEK, Errno::Spipe)?;
        let total = scatter(&mut self.mem, &self.ctx.interrupt, iovecs, true, |buffer, done| {
            let offset = offset.checked_add(u64::from(done)).ok_or(Errno::Inval)?;
            Ok(os::pread(&file.file, buffer, offset)?)
        })?;
        self.mem.write_u32(read, total)
    }

    pub(crate) fn fd_write(&mut self, fd: u32, iovs: u32, count: u32, written: u32) -> Result<(), Errno> {
        self.mem.check(written, 4)?;
        let iovecs = self.mem.iovecs(iovs, count)?;
        let WasiCtx { table, interrupt, .. } = &mut *self.ctx;
        let descriptor = table.get_mut(fd)?;
        if let Object::Dir(_) = descriptor.object {
            return Err(Errno::Isdir);
        }
        descriptor.require(Rights::FD_WRITE)?;
        let waiting = Waiting { interrupt, nonblocking: descriptor.nonblocking() };
        let slices = gather(&self.mem, iovecs)?;
        let total = match &mut descriptor.object {
            Object::File(file) => in_pieces(&slices, interrupt, |slices, _| {
                waiting.repeat(file.file.as_fd(), PollFlags::OUT, || os::writev(&file.file, slices))
            }),
            Object::Socket(socket) => send(socket, &slices, &waiting),
            Object::Output(output) => write_stream(&mut **output, &slices, &waiting),
            Object::Listener(_) => Err(Errno::Notconn),
            Object::Input(_) | Object::Dir(_) => Err(Errno::Badf),
        }?;
        self.mem.count_moved(total as u64);
        self.mem.write_u32(written, total as u32)
    }

    /// Writes at `offset` and leaves the descriptor's own position; on Linux a descriptor that appends
    /// writes to the end of the file all the same.
    pub(crate) fn fd_pwrite(
        &mut self,
        fd: u32,
        iovs: u32,
        count: u32,
        offset: u64,
        written: u32,
    ) -> Result<(), Errno> {
        self.mem.check(written, 4)?;
        let iovecs = self.mem.iovecs(iovs, count)?;
        let file = self.ctx.table.file(fd, Rights::FD_WRITE | Rights::FD_SEEK, Errno::Spipe)?;
        let slices = gather(&self.mem, iovecs)?;
        let total = in_pieces(&slices, &self.ctx.interrupt, |slices, done| {
            let offset = offset.checked_add(done as u64).ok_or(Errno::Inval)?;
            Ok(os::pwritev(&file.file, slices, offset)?)
        })?;
        self.mem.count_moved(total as u64);
        self.mem.write_u32(written, total as u32)
    }
}

/// Reads into a guest's buffers with `read(buffer, bytes so far)` until that comes back short; only once
/// unless `all`, for a source that would wait for more.
pub(crate) fn scatter(
    mem: &mut Guest<'_>,
    interrupt: &Interrupt,
    iovecs: Iovecs,
    all: bool,
    mut read: impl FnMut(&mut [u8], u32) -> Result<usize, Errno>,
) -> Result<u32, Errno> {
    let mut total = 0;
    let mut fill = |total: &mut u32| -> Result<(), Errno> {
        for index in 0..iovecs.count {
            let (ptr, len) = mem.iovec(iovecs, index, *total)?;
            for at in (0..len).step_by(PIECE as usize) {
                if *total > 0 && interrupt.requested() {
                    return Ok(());
                }
                let piece = PIECE.min(len - at);
                let got = read(mem.system_slice(ptr + at, piece)?, *total)? as u32;
                *total += got;
                if got < piece || !all {
                    return Ok(());
                }
            }
        }
        Ok(())
    };
    match fill(&mut total) {
        // What was read must not be lost; the error comes back on the next call.
        Err(error) if total == 0 => return Err(error),
        _ => mem.count_moved(total.into()),
    }
    Ok(total)
}

/// Writes a guest's buffers with `write(buffers, bytes so far)`, in pieces if they are long and the host may
/// want its thread back.
fn in_pieces(
    slices: &[IoSlice<'_>],
    interrupt: &Interrupt,
    mut write: impl FnMut(&[IoSlice<'_>], usize) -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    let len: usize = slices.iter().map(|slice| slice.len()).sum();
    if len <= PIECE as usize || !interrupt.is_possible() {
        return write(slices, 0);
    }
    let mut total = 0;
    for piece in slices.iter().flat_map(|slice| slice.chunks(PIECE as usize)) {
        if total > 0 && interrupt.requested() {
            break;
        }
        match write(&[IoSlice::new(piece)], total) {
            Ok(written) => {
                total += written;
                if written < piece.len() {
                    break;
                }
            }
            Err(_) if total > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

/// A guest's buffers to write from: at most 1024, together at most one transfer.
pub(crate) fn gather<'m>(mem: &'m Guest<'_>, iovecs: Iovecs) -> Result<Vec<IoSlice<'m>>, Errno> {
    let mut slices = Vec::with_capacity(iovecs.count as usize);
    let mut total = 0;
    for index in 0..iovecs.count {
        let (ptr, len) = mem.iovec(iovecs, index, total)?;
        total += len;
        slices.push(IoSlice::new(mem.slice(ptr, len)?));
    }
    Ok(slices)
}

fn read_stream(
    input: &mut dyn InputStream,
    buffer: &mut [u8],
    waiting: &Waiting<'_>,
) -> Result<usize, Errno> {
    loop {
        // An inherited descriptor may be blocking: to make it non-blocking would change it for every
        // process that shares it.
        if let Some(fd) = input.poll_fd() {
            waiting.until_ready(fd, PollFlags::IN)?;
        }
        match input.read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            // A stream of the host's own could report more than it was given room for.
            result => return Ok(result?.min(buffer.len())),
        }
    }
}

fn write_stream(
    output: &mut dyn OutputStream,
    slices: &[IoSlice<'_>],
    waiting: &Waiting<'_>,
) -> Result<usize, Errno> {
    let mut total = 0;
    // A descriptor that is ready takes a little without waiting; more might wait for whoever reads it.
    let is_waited_for = waiting.nonblocking || waiting.interrupt.is_possible();
    let most = match output.poll_fd() {
        Some(fd) if is_waited_for && !is_regular(fd) => PIPE_BUF,
        _ => PIECE as usize,
    };
    for part in slices.iter().flat_map(|slice| slice.chunks(most)) {
        if let (true, Some(fd)) = (is_waited_for, output.poll_fd()) {
            match waiting.until_ready(fd, PollFlags::OUT) {
                Err(_) if total > 0 => break,
                result => result?,
            }
        }
        match output.write(part) {
            Ok(written) => {
                total += written.min(part.len());
                if written < part.len() {
                    break;
                }
            }
            Err(_) if total > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(total)
}

/// What a pipe that is ready takes without waiting, at least.
const PIPE_BUF: usize = 4096;

/// Whether the descriptor is one of a file, for which nobody waits.
fn is_regular(fd: BorrowedFd<'_>) -> bool {
    fstat(fd).is_ok_and(|stat| filetype(&stat) == FileType::RegularFile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{MemoryInput, MemoryOutput};
    use crate::testing::{Root, open};
    use crate::types::{Abi, DirPerms, FdFlags, FilePerms, OFlags};

    /// Lays an array of (pointer, length) at 0.
    fn lay(call: &mut Call<'_>, iovecs: &[(u32, u32)]) {
        for (index, (ptr, len)) in iovecs.iter().enumerate() {
            call.mem.write_u32(index as u32 * 8, *ptr).unwrap();
            call.mem.write_u32(index as u32 * 8 + 4, *len).unwrap();
        }
    }

    #[test]
    fn output_is_gathered() {
        let stdout = MemoryOutput::new(100);
        let mut ctx = WasiCtx::builder().stdout(stdout.clone()).build();
        let mut memory = [0; 128];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        call.mem.write(64, b"hello world").unwrap();
        // Buffers may overlap, and may be empty.
        lay(&mut call, &[(64, 6), (0, 0), (70, 5), (64, 5)]);
        assert_eq!(call.fd_write(1, 0, 4, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(16));
        assert_eq!(stdout.contents(), b"hello worldhello");
        assert_eq!(call.fd_write(0, 0, 4, 32), Err(Errno::Notcapable));
        assert_eq!(call.fd_write(7, 0, 4, 32), Err(Errno::Badf));
    }

    #[test]
    fn bad_pointers_write_nothing() {
        let stdout = MemoryOutput::new(100);
        let mut ctx = WasiCtx::builder().stdout(stdout.clone()).build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, &[(32, 4), (62, 4)]);
        assert_eq!(call.fd_write(1, 0, 2, 32), Err(Errno::Fault));
        assert_eq!(call.fd_write(1, 0, 1, 61), Err(Errno::Fault));
        assert_eq!(call.fd_write(1, 60, 1, 32), Err(Errno::Fault));
        assert_eq!(call.fd_write(1, u32::MAX, u32::MAX, 32), Err(Errno::Fault));
        lay(&mut call, &[(32, u32::MAX)]);
        assert_eq!(call.fd_write(1, 0, 1, 32), Err(Errno::Fault));
        assert_eq!(stdout.contents(), b"");
    }

    #[test]
    fn input_fills_one_buffer_per_call() {
        let mut ctx = WasiCtx::builder().stdin(MemoryInput::new("abcdef")).build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, &[(0, 0), (40, 2), (44, 9)]);
        assert_eq!(call.fd_read(0, 0, 3, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(2));
        assert_eq!(call.mem.slice(40, 6), Ok(&b"ab\0\0\0\0"[..]));
        assert_eq!(call.fd_read(1, 0, 3, 32), Err(Errno::Notcapable));
    }

    #[test]
    fn a_read_over_its_own_buffer_array_stays_in_bounds() {
        let hostile = [0xff; 64];
        let mut ctx = WasiCtx::builder().stdin(MemoryInput::new(hostile)).build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, &[(0, 16), (0, 16)]);
        assert_eq!(call.fd_read(0, 0, 2, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(16));
        let iovecs = call.mem.iovecs(0, 2).unwrap();
        let mut calls = 0;
        call.mem.write(0, &[0; 64]).unwrap();
        lay(&mut call, &[(0, 16), (0, 16)]);
        let total = scatter(&mut call.mem, &Interrupt::default(), iovecs, true, |buffer, _| {
            calls += 1;
            buffer.fill(0xff);
            Ok(buffer.len())
        });
        assert_eq!((total, calls), (Ok(16), 1));
    }

    #[test]
    fn a_full_sink_is_reported_once_nothing_went() {
        let mut ctx = WasiCtx::builder().stdout(MemoryOutput::new(3)).build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, &[(40, 2), (40, 2)]);
        assert_eq!(call.fd_write(1, 0, 2, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(3));
        assert_eq!(call.fd_write(1, 0, 2, 32), Err(Errno::Nospc));
    }

    #[test]
    fn a_long_transfer_ends_early_when_the_host_wants_its_thread_back() {
        let root = Root::new();
        let mut builder = WasiCtx::builder();
        builder.preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all()).unwrap();
        let mut ctx = builder.interrupt_hook(|| true).build();
        let mut memory = vec![0; 3 * PIECE as usize];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        let rights = Rights::FD_READ | Rights::FD_WRITE | Rights::FD_SEEK;
        let fd = open(&mut call, "file", OFlags::CREAT, rights, FdFlags::empty()).unwrap();
        lay(&mut call, &[(1024, 100), (2048, 2 * PIECE)]);
        // At least one piece is moved, or nothing ever were.
        assert_eq!(call.fd_write(fd, 0, 2, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(100));
        lay(&mut call, &[(2048, 2 * PIECE)]);
        assert_eq!(call.fd_pwrite(fd, 0, 1, 0, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(PIECE));
        lay(&mut call, &[(2048, PIECE - 1), (2048, 2 * PIECE)]);
        assert_eq!(call.fd_pread(fd, 0, 2, 0, 32), Ok(()));
        assert_eq!(call.mem.read_u32(32), Ok(PIECE - 1));
    }

    #[test]
    fn an_interrupted_read_ends() {
        let (reader, _writer) = std::io::pipe().unwrap();
        let file = std::fs::File::from(std::os::fd::OwnedFd::from(reader));
        let mut ctx = WasiCtx::builder().stdin(file).interrupt_hook(|| true).build();
        assert!(ctx.interrupted());
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, &[(40, 2)]);
        assert_eq!(call.fd_read(0, 0, 1, 32), Err(Errno::Intr));
    }
}
