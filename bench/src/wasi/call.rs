//! The table of WASI's functions: name, parameters, what it does. Those that no
//! program needs are there to be imported and fail with `ENOSYS`.

use super::{GuestMemory, Wasi};
use std::time::{SystemTime, UNIX_EPOCH};

/// A function of WASI.
pub struct Function {
    /// The name that guests import it by.
    pub name: &'static str,
    /// Types of the parameters: `i` is `i32`, `I` is `i64`.
    pub params: &'static str,
    /// What it does.
    pub call: Call,
}

/// Arguments are in 64-bit slots.
type Call = fn(&mut Wasi, &mut dyn GuestMemory, &Args) -> Result<(), Fail>;

/// The most parameters that a function has.
pub const MAX_PARAMS: usize = 9;

/// The arguments of a call, each in 64 bits.
#[derive(Default)]
pub struct Args(pub [u64; MAX_PARAMS]);

impl Args {
    pub(super) fn u32(&self, i: usize) -> u32 {
        self.0[i] as u32
    }

    fn u64(&self, i: usize) -> u64 {
        self.0[i]
    }
}

/// Why a call does not return zero.
pub enum Fail {
    /// The number is the result.
    Errno(Errno),
    /// The guest ends, its status is in [`Wasi::exit`].
    Exit,
}

/// An error number of WASI.
#[derive(Clone, Copy)]
pub struct Errno(pub u16);

impl Errno {
    pub(super) const BADF: Errno = Errno(8);
    pub(super) const EXIST: Errno = Errno(20);
    pub(super) const FAULT: Errno = Errno(21);
    pub(super) const INVAL: Errno = Errno(28);
    pub(super) const ISDIR: Errno = Errno(31);
    pub(super) const NOENT: Errno = Errno(44);
    pub(super) const NOSYS: Errno = Errno(52);
    pub(super) const NOTDIR: Errno = Errno(54);
    pub(super) const NOTEMPTY: Errno = Errno(55);
    pub(super) const SPIPE: Errno = Errno(70);
}

impl From<Errno> for Fail {
    fn from(errno: Errno) -> Fail {
        Fail::Errno(errno)
    }
}

impl Function {
    /// Whether it returns an error number: all do but `proc_exit`, which does not return.
    pub fn has_result(&self) -> bool {
        self.name != "proc_exit"
    }
}

const fn row(name: &'static str, params: &'static str, call: Call) -> Function {
    Function { name, params, call }
}

const fn absent(name: &'static str, params: &'static str) -> Function {
    row(name, params, |_, _, _| Err(Fail::Errno(Errno::NOSYS)))
}

const fn nothing(name: &'static str, params: &'static str) -> Function {
    row(name, params, |_, _, _| Ok(()))
}

/// All functions.
pub const FUNCTIONS: &[Function] = &[
    row("args_get", "ii", |w, m, a| w.args_get(m, a.u32(0), a.u32(1))),
    row("args_sizes_get", "ii", |w, m, a| w.args_sizes_get(m, a.u32(0), a.u32(1))),
    nothing("environ_get", "ii"),
    row("environ_sizes_get", "ii", |_, m, a| {
        m.put_u32(a.u32(0), 0)?;
        m.put_u32(a.u32(1), 0)
    }),
    row("clock_res_get", "ii", |_, m, a| m.put_u64(a.u32(1), 1)),
    row("clock_time_get", "iIi", |w, m, a| m.put_u64(a.u32(2), w.nanoseconds(a.u32(0)))),
    nothing("fd_advise", "iIIi"),
    absent("fd_allocate", "iII"),
    row("fd_close", "i", |w, _, a| w.fd_close(a.u32(0))),
    nothing("fd_datasync", "i"),
    row("fd_fdstat_get", "ii", |w, m, a| w.fd_fdstat_get(m, a.u32(0), a.u32(1))),
    nothing("fd_fdstat_set_flags", "ii"),
    nothing("fd_fdstat_set_rights", "iII"),
    row("fd_filestat_get", "ii", |w, m, a| w.fd_filestat_get(m, a.u32(0), a.u32(1))),
    row("fd_filestat_set_size", "iI", |w, _, a| w.fd_filestat_set_size(a.u32(0), a.u64(1))),
    nothing("fd_filestat_set_times", "iIIi"),
    row("fd_pread", "iiiIi", |w, m, a| w.fd_read(m, a.u32(0), a.u32(1), a.u32(2), Some(a.u64(3)), a.u32(4))),
    row("fd_prestat_get", "ii", |w, m, a| w.fd_prestat_get(m, a.u32(0), a.u32(1))),
    row("fd_prestat_dir_name", "iii", |w, m, a| w.fd_prestat_dir_name(m, a.u32(0), a.u32(1), a.u32(2))),
    row("fd_pwrite", "iiiIi", |w, m, a| {
        w.fd_write(m, a.u32(0), a.u32(1), a.u32(2), Some(a.u64(3)), a.u32(4))
    }),
    row("fd_read", "iiii", |w, m, a| w.fd_read(m, a.u32(0), a.u32(1), a.u32(2), None, a.u32(3))),
    row("fd_readdir", "iiiIi", |w, m, a| w.fd_readdir(m, a.u32(0), a.u32(1), a.u32(2), a.u64(3), a.u32(4))),
    row("fd_renumber", "ii", |w, _, a| w.fd_renumber(a.u32(0), a.u32(1))),
    row("fd_seek", "iIii", |w, m, a| w.fd_seek(m, a.u32(0), a.u64(1) as i64, a.u32(2), a.u32(3))),
    nothing("fd_sync", "i"),
    row("fd_tell", "ii", |w, m, a| w.fd_seek(m, a.u32(0), 0, 1, a.u32(1))),
    row("fd_write", "iiii", |w, m, a| w.fd_write(m, a.u32(0), a.u32(1), a.u32(2), None, a.u32(3))),
    row("path_create_directory", "iii", |w, m, a| w.path_create_directory(m, a.u32(0), a.u32(1), a.u32(2))),
    row("path_filestat_get", "iiiii", |w, m, a| {
        w.path_filestat_get(m, a.u32(0), a.u32(2), a.u32(3), a.u32(4))
    }),
    nothing("path_filestat_set_times", "iiiiIIi"),
    absent("path_link", "iiiiiii"),
    row("path_open", "iiiiiIIii", |w, m, a| w.path_open(m, a)),
    row("path_readlink", "iiiiii", |w, m, a| w.path_readlink(m, a.u32(0), a.u32(1), a.u32(2))),
    row("path_remove_directory", "iii", |w, m, a| w.path_remove(m, a.u32(0), a.u32(1), a.u32(2), true)),
    row("path_rename", "iiiiii", |w, m, a| w.path_rename(m, a)),
    absent("path_symlink", "iiiii"),
    row("path_unlink_file", "iii", |w, m, a| w.path_remove(m, a.u32(0), a.u32(1), a.u32(2), false)),
    absent("poll_oneoff", "iiii"),
    row("proc_exit", "i", |w, _, a| {
        w.exit = Some(a.u32(0) as i32);
        Err(Fail::Exit)
    }),
    absent("proc_raise", "i"),
    row("random_get", "ii", |w, m, a| w.random_get(m, a.u32(0), a.u32(1))),
    nothing("sched_yield", ""),
    absent("sock_accept", "iii"),
    absent("sock_recv", "iiiiii"),
    absent("sock_send", "iiiii"),
    absent("sock_shutdown", "ii"),
];

impl Wasi {
    fn args_get(&mut self, memory: &mut dyn GuestMemory, pointers: u32, bytes: u32) -> Result<(), Fail> {
        let mut at = bytes;
        for (i, arg) in (0..).zip(&self.args) {
            memory.put_u32(pointers.wrapping_add(4 * i), at)?;
            memory.put(at, arg.as_bytes())?;
            at = at.wrapping_add(arg.len() as u32);
            memory.put(at, &[0])?;
            at = at.wrapping_add(1);
        }
        Ok(())
    }

    fn args_sizes_get(&mut self, memory: &mut dyn GuestMemory, count: u32, size: u32) -> Result<(), Fail> {
        memory.put_u32(count, self.args.len() as u32)?;
        memory.put_u32(size, self.args.iter().map(|arg| arg.len() as u32 + 1).sum())
    }

    /// The time of the wall clock (0), or since the guest was made.
    fn nanoseconds(&self, clock: u32) -> u64 {
        let time = match clock {
            0 => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            _ => self.started.elapsed(),
        };
        time.as_nanos() as u64
    }

    fn random_get(&mut self, memory: &mut dyn GuestMemory, address: u32, len: u32) -> Result<(), Fail> {
        for i in 0..len {
            let byte = self.next_random() as u8;
            memory.put(address.wrapping_add(i), &[byte])?;
        }
        Ok(())
    }
}
