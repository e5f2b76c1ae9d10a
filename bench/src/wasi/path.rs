//! Functions on paths.

use super::call::{Args, Errno, Fail};
use super::fd::{Fd, Open};
use super::files::Node;
use super::{GuestMemory, Wasi};

const CREATE: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;

/// The flag of an open file that only appends.
const APPEND: u32 = 1;

impl Wasi {
    /// Arguments: folder, how to look up, path, its length, flags, two sets of rights,
    /// flags of the open file, where to write its number.
    pub(super) fn path_open(&mut self, memory: &mut dyn GuestMemory, args: &Args) -> Result<(), Fail> {
        let path = self.resolve(memory, args.u32(0), args.u32(2), args.u32(3))?;
        let (flags, append) = (args.u32(4), args.u32(7) & APPEND != 0);
        let node = match self.files.find(&path) {
            Some(_) if flags & CREATE != 0 && flags & EXCLUSIVE != 0 => return Err(Errno::EXIST.into()),
            Some(node) => node,
            None if flags & CREATE != 0 => {
                self.check_parent(&path)?;
                self.files.insert(&path, Node::File(Vec::new()))
            }
            None => return Err(Errno::NOENT.into()),
        };
        if flags & DIRECTORY != 0 && matches!(self.files.node(node), Node::File(_)) {
            return Err(Errno::NOTDIR.into());
        }
        if flags & TRUNCATE != 0 {
            self.bytes_mut(node)?.clear();
        }
        let open = Some(Fd::Open(Open { node, path, at: 0, append, granted: None }));
        let fd = match self.fds.iter().position(Option::is_none) {
            Some(free) => {
                self.fds[free] = open;
                free
            }
            None => {
                self.fds.push(open);
                self.fds.len() - 1
            }
        };
        memory.put_u32(args.u32(8), fd as u32)
    }

    pub(super) fn path_create_directory(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        path: u32,
        len: u32,
    ) -> Result<(), Fail> {
        let path = self.resolve(memory, fd, path, len)?;
        if self.files.find(&path).is_some() {
            return Err(Errno::EXIST.into());
        }
        self.check_parent(&path)?;
        self.files.insert(&path, Node::Folder);
        Ok(())
    }

    pub(super) fn path_filestat_get(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        path: u32,
        len: u32,
        to: u32,
    ) -> Result<(), Fail> {
        let path = self.resolve(memory, fd, path, len)?;
        let node = self.files.find(&path).ok_or(Errno::NOENT)?;
        self.put_filestat(memory, node, to)
    }

    /// There are no links, so all paths are wrong.
    pub(super) fn path_readlink(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        path: u32,
        len: u32,
    ) -> Result<(), Fail> {
        let path = self.resolve(memory, fd, path, len)?;
        Err(self.files.find(&path).map_or(Errno::NOENT, |_| Errno::INVAL).into())
    }

    pub(super) fn path_remove(
        &mut self,
        memory: &mut dyn GuestMemory,
        fd: u32,
        path: u32,
        len: u32,
        folder: bool,
    ) -> Result<(), Fail> {
        let path = self.resolve(memory, fd, path, len)?;
        let node = self.files.find(&path).ok_or(Errno::NOENT)?;
        match self.files.node(node) {
            Node::Folder if !folder => Err(Errno::ISDIR.into()),
            Node::File(_) if folder => Err(Errno::NOTDIR.into()),
            Node::Folder if self.files.entries(&path).next().is_some() => Err(Errno::NOTEMPTY.into()),
            _ => {
                self.files.remove(&path);
                Ok(())
            }
        }
    }

    /// Arguments: folder, path, its length, and the same of the new path.
    pub(super) fn path_rename(&mut self, memory: &mut dyn GuestMemory, args: &Args) -> Result<(), Fail> {
        let from = self.resolve(memory, args.u32(0), args.u32(1), args.u32(2))?;
        let to = self.resolve(memory, args.u32(3), args.u32(4), args.u32(5))?;
        self.files.find(&from).ok_or(Errno::NOENT)?;
        self.check_parent(&to)?;
        self.files.rename(&from, &to);
        Ok(())
    }

    /// The full path, for one in the guest's memory that starts from an open folder.
    fn resolve(&self, memory: &dyn GuestMemory, fd: u32, path: u32, len: u32) -> Result<String, Fail> {
        let relative = memory.text(path, len)?;
        let mut full = self.open(fd)?.path.clone();
        for name in relative.split('/') {
            match name {
                "" | "." => {}
                ".." => full.truncate(full.rfind('/').unwrap_or(0)),
                _ => {
                    full.push('/');
                    full.push_str(name);
                }
            }
        }
        Ok(full)
    }

    fn check_parent(&self, path: &str) -> Result<(), Fail> {
        let parent = &path[..path.rfind('/').unwrap_or(0)];
        match self.files.find(parent).map(|node| self.files.node(node)) {
            Some(Node::Folder) => Ok(()),
            Some(Node::File(_)) => Err(Errno::NOTDIR.into()),
            None => Err(Errno::NOENT.into()),
        }
    }
}
