//! The `sock_` functions, on listeners that the host granted and the connections they accept.
//! Invariant: every socket is non-blocking on the host; waiting is done here, and can be interrupted.

use crate::call::Call;
use crate::ctx::WasiCtx;
use crate::errno::Errno;
use crate::io::{gather, scatter};
use crate::table::{Descriptor, Object, Table};
use crate::types::{FdFlags, Rights, flags16};
use crate::wait::Waiting;
use rustix::event::PollFlags;
use rustix::io::Errno as Os;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, sendmsg};
use std::io::IoSlice;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

const RECV_PEEK: u32 = 1;
const RECV_WAITALL: u32 = 2;

impl Call<'_> {
    pub(crate) fn sock_accept(&mut self, fd: u32, flags: u32, accepted: u32) -> Result<(), Errno> {
        let flags = flags16::<FdFlags>(flags)?;
        self.mem.check(accepted, 4)?;
        let WasiCtx { table, interrupt, .. } = &mut *self.ctx;
        let descriptor = table.get(fd)?;
        let Object::Listener(listener) = &descriptor.object else { return Err(Errno::Notsock) };
        descriptor.require(Rights::SOCK_ACCEPT)?;
        if !FdFlags::NONBLOCK.contains(flags) {
            return Err(Errno::Inval);
        }
        table.check_room()?;
        let waiting = Waiting { interrupt, nonblocking: descriptor.nonblocking() };
        let (socket, _) = waiting.repeat(listener.as_fd(), PollFlags::IN, || {
            listener.accept().map_err(|error| Os::from_io_error(&error).unwrap_or(Os::IO))
        })?;
        socket.set_nonblocking(true)?;
        let mut connection = Descriptor::new(Object::Socket(socket), descriptor.inheriting & Rights::SOCKET);
        connection.flags = flags;
        let number = table.insert(connection)?;
        self.mem.write_u32(accepted, number)
    }

    pub(crate) fn sock_recv(
        &mut self,
        fd: u32,
        iovs: u32,
        count: u32,
        flags: u32,
        received: u32,
        out_flags: u32,
    ) -> Result<(), Errno> {
        self.mem.check(received, 4)?;
        self.mem.check(out_flags, 2)?;
        let iovecs = self.mem.iovecs(iovs, count)?;
        let WasiCtx { table, interrupt, .. } = &mut *self.ctx;
        let (socket, nonblocking) = connection(table, fd, Rights::FD_READ)?;
        if flags & !(RECV_PEEK | RECV_WAITALL) != 0 {
            return Err(Errno::Inval);
        }
        let peek = flags & RECV_PEEK != 0;
        let all = flags & RECV_WAITALL != 0 && !peek;
        let os_flags = if peek { RecvFlags::PEEK } else { RecvFlags::empty() };
        let waiting = Waiting { interrupt, nonblocking };
        let total = scatter(&mut self.mem, interrupt, iovecs, all, |buffer, _| {
            let mut got = 0;
            loop {
                let rest = &mut buffer[got..];
                let step = waiting.repeat(socket.as_fd(), PollFlags::IN, || {
                    recv(socket, &mut *rest, os_flags).map(|(len, _)| len)
                });
                match step {
                    Ok(0) => return Ok(got),
                    Ok(len) => got += len,
                    // What came must not be lost; the error comes back on the next call.
                    Err(_) if got > 0 => return Ok(got),
                    Err(error) => return Err(error),
                }
                if !all || got == buffer.len() {
                    return Ok(got);
                }
            }
        })?;
        self.mem.write_u32(received, total)?;
        self.mem.write_u16(out_flags, 0)
    }

    pub(crate) fn sock_send(
        &mut self,
        fd: u32,
        iovs: u32,
        count: u32,
        flags: u32,
        sent: u32,
    ) -> Result<(), Errno> {
        self.mem.check(sent, 4)?;
        let iovecs = self.mem.iovecs(iovs, count)?;
        let WasiCtx { table, interrupt, .. } = &mut *self.ctx;
        let (socket, nonblocking) = connection(table, fd, Rights::FD_WRITE)?;
        if flags != 0 {
            return Err(Errno::Inval);
        }
        let waiting = Waiting { interrupt, nonblocking };
        let total = send(socket, &gather(&self.mem, iovecs)?, &waiting)?;
        self.mem.count_moved(total as u64);
        self.mem.write_u32(sent, total as u32)
    }

    pub(crate) fn sock_shutdown(&mut self, fd: u32, how: u32) -> Result<(), Errno> {
        let (socket, _) = connection(&self.ctx.table, fd, Rights::SOCK_SHUTDOWN)?;
        let how = match how {
            1 => Shutdown::Read,
            2 => Shutdown::Write,
            3 => Shutdown::Both,
            _ => return Err(Errno::Inval),
        };
        Ok(socket.shutdown(how)?)
    }
}

/// Sends from a guest's buffers; a connection that the other side closed is an error, not a signal.
pub(crate) fn send(
    socket: &TcpStream,
    slices: &[IoSlice<'_>],
    waiting: &Waiting<'_>,
) -> Result<usize, Errno> {
    #[cfg(not(target_vendor = "apple"))]
    let flags = SendFlags::NOSIGNAL;
    // There the standard library sets the option on the socket itself.
    #[cfg(target_vendor = "apple")]
    let flags = SendFlags::empty();
    waiting.repeat(socket.as_fd(), PollFlags::OUT, || {
        sendmsg(socket, slices, &mut SendAncillaryBuffer::default(), flags)
    })
}

/// The connection `fd` if it has all of `rights`, and whether it does not wait.
fn connection(table: &Table, fd: u32, rights: Rights) -> Result<(&TcpStream, bool), Errno> {
    let descriptor = table.get(fd)?;
    match &descriptor.object {
        Object::Socket(socket) => {
            descriptor.require(rights)?;
            Ok((socket, descriptor.nonblocking()))
        }
        Object::Listener(_) => Err(Errno::Notconn),
        _ => Err(Errno::Notsock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Abi;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// Lays one buffer at 16 of `len` bytes into the array at 0.
    fn buffer(call: &mut Call<'_>, len: u32) {
        call.mem.write_u32(0, 16).unwrap();
        call.mem.write_u32(4, len).unwrap();
    }

    #[test]
    fn a_conversation() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut ctx = WasiCtx::builder().preopened_listener(listener).unwrap().build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        call.sock_accept(3, 0, 8).unwrap();
        let fd = call.mem.read_u32(8).unwrap();
        assert_eq!(fd, 4);

        client.write_all(b"hello").unwrap();
        buffer(&mut call, 3);
        call.sock_recv(fd, 0, 1, RECV_PEEK, 8, 12).unwrap();
        assert_eq!(call.mem.slice(16, 3), Ok(&b"hel"[..]));
        buffer(&mut call, 5);
        call.sock_recv(fd, 0, 1, RECV_WAITALL, 8, 12).unwrap();
        assert_eq!((call.mem.read_u32(8), call.mem.slice(16, 5)), (Ok(5), Ok(&b"hello"[..])));
        call.sock_send(fd, 0, 1, 0, 8).unwrap();
        call.fd_write(fd, 0, 1, 8).unwrap();
        call.sock_shutdown(fd, 2).unwrap();
        let mut echoed = Vec::new();
        client.read_to_end(&mut echoed).unwrap();
        assert_eq!(echoed, b"hellohello");

        assert_eq!(call.sock_recv(fd, 0, 1, 4, 8, 12), Err(Errno::Inval));
        assert_eq!(call.sock_send(fd, 0, 1, 1, 8), Err(Errno::Inval));
        assert_eq!(call.sock_shutdown(fd, 0), Err(Errno::Inval));
        drop(client);
        call.sock_recv(fd, 0, 1, 0, 8, 12).unwrap();
        assert_eq!(call.mem.read_u32(8), Ok(0));
    }

    #[test]
    fn non_blocking_does_not_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut ctx = WasiCtx::builder().preopened_listener(listener).unwrap().build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        let nonblock = u32::from(FdFlags::NONBLOCK.bits());
        call.fd_fdstat_set_flags(3, nonblock).unwrap();
        assert_eq!(call.sock_accept(3, 0, 8), Err(Errno::Again));
        let _client = TcpStream::connect(address).unwrap();
        call.fd_fdstat_set_flags(3, 0).unwrap();
        call.sock_accept(3, nonblock, 8).unwrap();
        buffer(&mut call, 3);
        assert_eq!(call.sock_recv(4, 0, 1, 0, 8, 12), Err(Errno::Again));
        assert_eq!(call.fd_read(4, 0, 1, 8), Err(Errno::Again));
    }

    #[test]
    fn what_is_no_socket() {
        let mut ctx = WasiCtx::builder().build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        assert_eq!(call.sock_accept(0, 0, 8), Err(Errno::Notsock));
        assert_eq!(call.sock_shutdown(1, 3), Err(Errno::Notsock));
        assert_eq!(call.sock_shutdown(9, 3), Err(Errno::Badf));
        assert_eq!(call.sock_recv(1, 0, 1, 0, 8, 12), Err(Errno::Notsock));
        assert_eq!(call.sock_send(1, 0, 1, 0, 8), Err(Errno::Notsock));
    }

    #[test]
    fn an_interrupted_accept_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut ctx =
            WasiCtx::builder().preopened_listener(listener).unwrap().interrupt_hook(|| true).build();
        let mut memory = [0; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        assert_eq!(call.sock_accept(3, 0, 8), Err(Errno::Intr));
    }
}
