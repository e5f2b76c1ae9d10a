//! The descriptor table and what can stand in it.
//! Invariants: the table never grows past its limit, which also bounds what it takes of the host's
//! descriptors; a new descriptor gets the lowest free number; an operation gets at an object only
//! through a check of its kind and of the descriptor's rights.

use crate::errno::Errno;
use crate::readdir::Listing;
use crate::stream::{InputStream, OutputStream};
use crate::types::{DirPerms, FdFlags, FilePerms, FileType, Rights};
use std::fs::File;
use std::net::{TcpListener, TcpStream};

/// One open descriptor.
pub(crate) struct Descriptor {
    pub object: Object,
    pub base: Rights,
    pub inheriting: Rights,
    pub flags: FdFlags,
}

/// What a descriptor stands for.
pub(crate) enum Object {
    Input(Box<dyn InputStream>),
    Output(Box<dyn OutputStream>),
    File(OpenFile),
    Dir(OpenDir),
    Listener(TcpListener),
    Socket(TcpStream),
}

/// An open file; one that is not regular is non-blocking on the host, so that waiting for it can be
/// interrupted.
pub(crate) struct OpenFile {
    pub file: File,
    pub filetype: FileType,
    pub perms: FilePerms,
}

/// An open directory.
pub(crate) struct OpenDir {
    pub dir: cap_std::fs::Dir,
    pub dir_perms: DirPerms,
    pub file_perms: FilePerms,
    /// The guest's name for it if the host granted it, `None` if the guest opened it.
    pub preopen: Option<String>,
    pub listing: Option<Listing>,
}

/// A guest's descriptors by number.
pub(crate) struct Table {
    slots: Vec<Option<Descriptor>>,
    limit: usize,
}

impl Table {
    pub(crate) fn new(limit: usize) -> Self {
        Self { slots: Vec::new(), limit }
    }

    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let index = self.free()?;
        match self.slots.get_mut(index) {
            Some(slot) => *slot = Some(descriptor),
            None => self.slots.push(Some(descriptor)),
        }
        u32::try_from(index).map_err(|_| Errno::Mfile)
    }

    /// Above all numbers in use.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Fails if [`Table::insert`] would, or one more of the host's descriptors were too many, so that
    /// nothing is opened that has no place.
    pub(crate) fn check_room(&self) -> Result<(), Errno> {
        self.free().map(|_| ())
    }

    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        self.slots.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.slots.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        self.slots.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::Badf)
    }

    /// Moves `from` to the number `to`, which must be open and is closed.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.get(from)?;
        self.get(to)?;
        if from != to {
            let moved = self.remove(from)?;
            *self.get_mut(to)? = moved;
        }
        Ok(())
    }

    /// The directory `fd` if it has all of `rights`.
    pub(crate) fn dir(&self, fd: u32, rights: Rights) -> Result<&OpenDir, Errno> {
        let descriptor = self.get(fd)?;
        let Object::Dir(dir) = &descriptor.object else { return Err(Errno::Notdir) };
        descriptor.require(rights)?;
        Ok(dir)
    }

    /// The file `fd` if it has all of `rights`; `stream` is the error for what is no file but a
    /// stream or a socket.
    pub(crate) fn file(&self, fd: u32, rights: Rights, stream: Errno) -> Result<&OpenFile, Errno> {
        let descriptor = self.get(fd)?;
        let file = match &descriptor.object {
            Object::File(file) => file,
            Object::Dir(_) => return Err(Errno::Isdir),
            _ => return Err(stream),
        };
        descriptor.require(rights)?;
        Ok(file)
    }

    fn free(&self) -> Result<usize, Errno> {
        let taken: usize = self.slots.iter().flatten().map(Descriptor::taken).sum();
        let index = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        if taken < self.limit { Ok(index) } else { Err(Errno::Mfile) }
    }
}

impl Descriptor {
    pub(crate) fn new(object: Object, base: Rights) -> Self {
        Self { object, base, inheriting: Rights::empty(), flags: FdFlags::empty() }
    }

    /// How many of the host's descriptors it takes: a folder that is being listed is open twice.
    fn taken(&self) -> usize {
        match &self.object {
            Object::Dir(OpenDir { listing: Some(_), .. }) => 2,
            _ => 1,
        }
    }

    /// Whether it can only be there because the guest opened it.
    pub(crate) fn opened_by_guest(&self) -> bool {
        match &self.object {
            Object::File(_) | Object::Socket(_) => true,
            Object::Dir(dir) => dir.preopen.is_none(),
            Object::Input(_) | Object::Output(_) | Object::Listener(_) => false,
        }
    }

    pub(crate) fn require(&self, rights: Rights) -> Result<(), Errno> {
        if self.base.contains(rights) { Ok(()) } else { Err(Errno::Notcapable) }
    }

    pub(crate) fn nonblocking(&self) -> bool {
        self.flags.contains(FdFlags::NONBLOCK)
    }

    pub(crate) fn filetype(&self) -> FileType {
        let stream = |terminal| if terminal { FileType::CharacterDevice } else { FileType::Unknown };
        match &self.object {
            Object::Input(input) => stream(input.is_terminal()),
            Object::Output(output) => stream(output.is_terminal()),
            Object::File(file) => file.filetype,
            Object::Dir(_) => FileType::Directory,
            Object::Listener(_) | Object::Socket(_) => FileType::SocketStream,
        }
    }
}

impl OpenDir {
    /// Fails unless the host lets the guest look things up here.
    pub(crate) fn readable(&self) -> Result<&Self, Errno> {
        if self.dir_perms.contains(DirPerms::READ) { Ok(self) } else { Err(Errno::Acces) }
    }

    /// Fails unless the host lets the guest change entries here.
    pub(crate) fn mutable(&self) -> Result<&Self, Errno> {
        if self.dir_perms.contains(DirPerms::MUTATE) { Ok(self) } else { Err(Errno::Rofs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sink() -> Descriptor {
        Descriptor::new(Object::Output(Box::new(std::io::sink())), Rights::OUTPUT)
    }

    #[test]
    fn lowest_free_number_up_to_the_limit() {
        let mut table = Table::new(3);
        for expected in 0..3 {
            assert_eq!(table.insert(sink()), Ok(expected));
        }
        assert_eq!(table.check_room(), Err(Errno::Mfile));
        assert_eq!(table.insert(sink()), Err(Errno::Mfile));
        assert!(table.remove(1).is_ok());
        assert_eq!(table.remove(1).err(), Some(Errno::Badf));
        assert_eq!(table.insert(sink()), Ok(1));
    }

    #[test]
    fn renumber_needs_both_and_frees_the_first() {
        let mut table = Table::new(8);
        table.insert(sink()).unwrap();
        table.insert(Descriptor::new(Object::Input(Box::new(std::io::empty())), Rights::INPUT)).unwrap();
        assert_eq!(table.renumber(0, 5), Err(Errno::Badf));
        assert_eq!(table.renumber(0, 0), Ok(()));
        assert_eq!(table.renumber(1, 0), Ok(()));
        assert_eq!(table.get(0).unwrap().base, Rights::INPUT);
        assert_eq!(table.get(1).err(), Some(Errno::Badf));
    }

    #[test]
    fn kind_is_checked_before_rights() {
        let mut table = Table::new(8);
        table.insert(sink()).unwrap();
        assert_eq!(table.dir(0, Rights::PATH_OPEN).err(), Some(Errno::Notdir));
        assert_eq!(table.file(0, Rights::FD_SEEK, Errno::Spipe).err(), Some(Errno::Spipe));
        assert_eq!(table.get(0).unwrap().require(Rights::FD_READ), Err(Errno::Notcapable));
        assert_eq!(table.file(9, Rights::FD_SEEK, Errno::Spipe).err(), Some(Errno::Badf));
    }
}
