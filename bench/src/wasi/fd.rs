//! Functions on open files.

use super::call::{Errno, Fail};
use super::files::{Files, Node};
use super::{GuestMemory, Wasi};

/// Kinds of file, as WASI numbers them. Streams are of unknown kind, so that guests do
/// not take them for a terminal.
const UNKNOWN: u8 = 0;
const FOLDER: u8 = 3;
const FILE: u8 = 4;

/// All rights that there are.
const RIGHTS: u64 = (1 << 29) - 1;

/// Something open.
#[derive(Clone)]
pub(super) enum Fd {
    Input,
    Output,
    ErrorOutput,
    Open(Open),
}

/// An open file or folder.
#[derive(Clone)]
pub(super) struct Open {
    pub node: usize,
    pub path: String,
    pub at: u64,
    pub append: bool,
    /// The name that it was granted under, if it was.
    pub granted: Option<String>,
}

impl Fd {
    /// A folder that the guest has from its start.
    pub fn granted(files: &Files, path: &str) -> Fd {
        let full = path.trim_end_matches('/').to_owned();
        let node = files.find(&full).expect("granted folders were copied");
        Fd::Open(Open { node, path: full, at: 0, append: false, granted: Some(path.to_owned()) })
    }
}

impl Wasi {
    pub(super) fn fd_close(&mut self, fd: u32) -> Result<(), Fail> {
        self.fd(fd)?;
        self.fds[fd as usize] = None;
        Ok(())
    }

    pub(super) fn fd_renumber(&mut self, from: u32, to: u32) -> Result<(), Fail> {
        self.fd(to)?;
        self.fds[to as usize] = Some(self.fd(from)?.clone());
        self.fd_close(from)
    }

    pub(super) fn fd_fdstat_get(&self, memory: &mut dyn GuestMemory, fd: u32, to: u32) -> Result<(), Fail> {
        let (kind, append) = match self.fd(fd)? {
            Fd::Open(open) => (self.kind(open.node), open.append),
            _ => (UNKNOWN, false),
        };
        let mut stat = [0; 24];
        stat[0] = kind;
        stat[2] = append.into();
        stat[8..16].copy_from_slice(&RIGHTS.to_le_bytes());
        stat[16..].copy_from_slice(&RIGHTS.to_le_bytes());
        memory.put(to, &stat)
    }

    pub(super) fn fd_filestat_get(&self, memory: &mut dyn GuestMemory, fd: u32, to: u32) -> Result<(), Fail> {
        match self.fd(fd)? {
            Fd::Open(open) => self.put_filestat(memory, open.node, to),
            _ => memory.put(to, &[0; 64]),
        }
    }

    pub(super) fn put_filestat(
        &self,
        memory: &mut dyn GuestMemory,
        node: usize,
        to: u32,
    ) -> Result<(), Fail> {
        let size = match self.files.node(node) {
            Node::File(bytes) => bytes.len() as u64,
            Node::Folder => 0,
        };
        let mut stat = [0; 64];
        stat[8..16].copy_from_slice(&(node as u64 + 1).to_le_bytes());
        stat[16] = self.kind(node);
        stat[24] = 1;
        stat[32..40].copy_from_slice(&size.to_le_bytes());
        memory.put(to, &stat)
    }

    pub(super) fn fd_filestat_set_size(&mut self, fd: u32, size: u64) -> Result<(), Fail> {
        let node = self.open(fd)?.node;
        let size = usize::try_from(size).ok().filter(|size| *size <= 1 << 30).ok_or(Errno::INVAL)?;
        self.bytes_mut(node)?.resize(size, 0);
        Ok(())
    }

    pub(super) fn fd_prestat_get(&self, memory: &mut dyn GuestMemory, fd: u32, to: u32) -> Result<(), Fail> {
        let name = self.granted_name(fd)?;
        memory.put_u32(to, 0)?;
        memory.put_u32(to.wrapping_add(4), name.len() as u32)
    }

    pub(super) fn fd_prestat_dir_name(
        &self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        to: u32,
        len: u32,
    ) -> Result<(), Fail> {
        let name = self.granted_name(fd)?.as_bytes();
        memory.put(to, &name[..name.len().min(len as usize)])
    }

    /// `fd_read`, or with a position `fd_pread`.
    pub(super) fn fd_read(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        buffers: u32,
        count: u32,
        position: Option<u64>,
        read: u32,
    ) -> Result<(), Fail> {
        let buffers = memory.buffers(buffers, count)?;
        let (bytes, start) = match self.fd(fd)? {
            Fd::Input => (self.input.as_slice(), self.input_at as u64),
            Fd::Open(open) => match self.files.node(open.node) {
                Node::File(bytes) => (bytes.as_slice(), position.unwrap_or(open.at)),
                Node::Folder => return Err(Errno::ISDIR.into()),
            },
            _ => return Err(Errno::BADF.into()),
        };
        let mut rest = bytes.get(start as usize..).unwrap_or_default();
        let before = rest.len();
        for (address, len) in buffers {
            let (now, later) = rest.split_at(rest.len().min(len as usize));
            memory.put(address, now)?;
            rest = later;
        }
        let moved = before - rest.len();
        match self.fd_mut(fd)? {
            Fd::Open(open) if position.is_none() => open.at += moved as u64,
            Fd::Input => self.input_at += moved,
            _ => {}
        }
        memory.put_u32(read, moved as u32)
    }

    /// `fd_write`, or with a position `fd_pwrite`.
    pub(super) fn fd_write(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        buffers: u32,
        count: u32,
        position: Option<u64>,
        written: u32,
    ) -> Result<(), Fail> {
        let mut bytes = Vec::new();
        for (address, len) in memory.buffers(buffers, count)? {
            memory.append(address, len, &mut bytes)?;
        }
        match self.fd(fd)?.clone() {
            Fd::Output => self.output.extend_from_slice(&bytes),
            Fd::ErrorOutput => self.error_output.extend_from_slice(&bytes),
            Fd::Input => return Err(Errno::BADF.into()),
            Fd::Open(open) => {
                let file = self.bytes_mut(open.node)?;
                let start = if open.append { file.len() } else { position.unwrap_or(open.at) as usize };
                let end = start.checked_add(bytes.len()).filter(|end| *end <= 1 << 30).ok_or(Errno::INVAL)?;
                file.resize(file.len().max(end), 0);
                file[start..end].copy_from_slice(&bytes);
                if position.is_none() {
                    self.open_mut(fd)?.at = end as u64;
                }
            }
        }
        memory.put_u32(written, bytes.len() as u32)
    }

    pub(super) fn fd_seek(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        by: i64,
        whence: u32,
        to: u32,
    ) -> Result<(), Fail> {
        let Fd::Open(open) = self.fd(fd)? else { return Err(Errno::SPIPE.into()) };
        let from = match (whence, self.files.node(open.node)) {
            (0, _) => 0,
            (1, _) => open.at,
            (2, Node::File(bytes)) => bytes.len() as u64,
            _ => return Err(Errno::INVAL.into()),
        };
        let at = from.checked_add_signed(by).ok_or(Errno::INVAL)?;
        self.open_mut(fd)?.at = at;
        memory.put_u64(to, at)
    }

    pub(super) fn fd_readdir(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        to: u32,
        len: u32,
        cookie: u64,
        used: u32,
    ) -> Result<(), Fail> {
        let open = self.open(fd)?;
        if matches!(self.files.node(open.node), Node::File(_)) {
            return Err(Errno::NOTDIR.into());
        }
        let mut entries = Vec::new();
        for (next, (name, node)) in (1u64..).zip(self.files.entries(&open.path)) {
            if next > cookie {
                entries.extend_from_slice(&next.to_le_bytes());
                entries.extend_from_slice(&(node as u64 + 1).to_le_bytes());
                entries.extend_from_slice(&(name.len() as u32).to_le_bytes());
                entries.extend_from_slice(&u32::from(self.kind(node)).to_le_bytes());
                entries.extend_from_slice(name.as_bytes());
            }
        }
        entries.truncate(len as usize);
        memory.put(to, &entries)?;
        memory.put_u32(used, entries.len() as u32)
    }

    pub(super) fn open(&self, fd: u32) -> Result<&Open, Fail> {
        match self.fd(fd)? {
            Fd::Open(open) => Ok(open),
            _ => Err(Errno::NOTDIR.into()),
        }
    }

    pub(super) fn bytes_mut(&mut self, node: usize) -> Result<&mut Vec<u8>, Fail> {
        match self.files.node_mut(node) {
            Node::File(bytes) => Ok(bytes),
            Node::Folder => Err(Errno::ISDIR.into()),
        }
    }

    fn open_mut(&mut self, fd: u32) -> Result<&mut Open, Fail> {
        match self.fd_mut(fd)? {
            Fd::Open(open) => Ok(open),
            _ => Err(Errno::BADF.into()),
        }
    }

    fn fd(&self, fd: u32) -> Result<&Fd, Fail> {
        self.fds.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BADF.into())
    }

    fn fd_mut(&mut self, fd: u32) -> Result<&mut Fd, Fail> {
        self.fds.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::BADF.into())
    }

    fn granted_name(&self, fd: u32) -> Result<&str, Fail> {
        match self.fd(fd)? {
            Fd::Open(Open { granted: Some(name), .. }) => Ok(name),
            _ => Err(Errno::BADF.into()),
        }
    }

    fn kind(&self, node: usize) -> u8 {
        match self.files.node(node) {
            Node::Folder => FOLDER,
            Node::File(_) => FILE,
        }
    }
}
