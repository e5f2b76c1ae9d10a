//! `WasiCtx`: everything a guest was granted, and its builder.
//! Invariant: what the builder was not told to grant does not exist for the guest.

use crate::clock::{HostMonotonicClock, HostWallClock, MonotonicClock, WallClock};
use crate::errno::Errno;
use crate::random::{HostRandom, RandomSource};
use crate::stream::{InheritedError, InheritedInput, InheritedOutput, InputStream, OutputStream};
use crate::table::{Descriptor, Object, OpenDir, Table};
use crate::types::{DirPerms, FilePerms, Rights};
use dayfly::Deadline;
use rustix::fs::OFlags;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Instant;

/// A guest's arguments, environment, descriptors, clocks and randomness; the host's side of one
/// instance. Store it as, or in, the data of the [`Store`](dayfly::Store).
pub struct WasiCtx {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) table: Table,
    pub(crate) wall_clock: Box<dyn WallClock>,
    pub(crate) monotonic_clock: Box<dyn MonotonicClock>,
    pub(crate) random: Box<dyn RandomSource>,
    pub(crate) interrupt: Interrupt,
    /// How many descriptors there were at first; they have the lowest numbers.
    granted: u32,
}

impl WasiCtx {
    /// A builder that grants nothing yet.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }

    /// Whether waiting calls are to end: the host asked for it, through
    /// [`WasiCtxBuilder::interrupt_hook`], or the store's epoch deadline has come.
    pub fn interrupted(&self) -> bool {
        self.interrupt.requested()
    }

    /// The lowest descriptor that the guest has closed, of those granted, or that it has opened
    /// itself and not closed again; `None` if it has just what it was granted. A host that saves
    /// the guest's memory asks, for the numbers in it mean nothing in another context.
    pub fn changed_descriptor(&self) -> Option<u32> {
        (0..self.table.len() as u32).find(|fd| {
            let open = self.table.get(*fd);
            match *fd < self.granted {
                true => open.map_or(true, Descriptor::opened_by_guest),
                false => open.is_ok(),
            }
        })
    }
}

/// How a guest that waits in a call is called back: the host's hook, and the store's deadline.
#[derive(Default)]
pub(crate) struct Interrupt {
    hook: Option<Box<dyn Fn() -> bool + Send + Sync>>,
    pub deadline: Deadline,
    progress: Option<Progress>,
}

/// How far a call came that the deadline has interrupted.
pub(crate) enum Progress {
    /// It has waited since then.
    Waiting(Instant),
    /// So many bytes were given to the guest.
    Given(u32),
}

impl Interrupt {
    pub(crate) fn requested(&self) -> bool {
        self.deadline.is_reached() || self.hook.as_ref().is_some_and(|hook| hook())
    }

    /// Whether a call that waits has to ask now and then.
    pub(crate) fn is_possible(&self) -> bool {
        self.deadline.exists() || self.hook.is_some()
    }

    /// What a call returns that was asked to end. If it was the deadline that asked, the same call is made
    /// again at once, unless that ends the guest, and takes its progress up.
    pub(crate) fn stopped(&mut self, progress: Progress) -> Errno {
        if self.deadline.is_reached() {
            self.progress = Some(progress);
        }
        Errno::Intr
    }

    /// How far the call came when it was interrupted; nothing if it was not.
    pub(crate) fn take_progress(&mut self) -> Option<Progress> {
        self.progress.take()
    }

    /// So many bytes were given before the call was interrupted.
    pub(crate) fn take_given(&mut self) -> u32 {
        match self.take_progress() {
            Some(Progress::Given(bytes)) => bytes,
            _ => 0,
        }
    }
}

/// Builds a [`WasiCtx`]; what is not asked for is not granted: by default there are no arguments, no
/// environment, no directories, an empty standard input, and outputs that go nowhere. Clocks and
/// randomness are the host's unless replaced.
///
/// ```no_run
/// use dayfly_wasi::{DirPerms, FilePerms, WasiCtxBuilder};
/// # fn main() -> dayfly::Result<()> {
/// let mut builder = WasiCtxBuilder::new();
/// builder.inherit_stdio().arg("app").env("LANG", "C");
/// builder.preopened_dir("./data", "/data", DirPerms::READ, FilePerms::READ)?;
/// let ctx = builder.build();
/// # drop(ctx);
/// # Ok(())
/// # }
/// ```
pub struct WasiCtxBuilder {
    args: Vec<Vec<u8>>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    stdin: Box<dyn InputStream>,
    stdout: Box<dyn OutputStream>,
    stderr: Box<dyn OutputStream>,
    granted: Vec<Descriptor>,
    max_descriptors: usize,
    wall_clock: Box<dyn WallClock>,
    monotonic_clock: Box<dyn MonotonicClock>,
    random: Box<dyn RandomSource>,
    interrupt: Interrupt,
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Box::new(io::empty()),
            stdout: Box::new(io::sink()),
            stderr: Box::new(io::sink()),
            granted: Vec::new(),
            max_descriptors: 1024,
            wall_clock: Box::new(HostWallClock),
            monotonic_clock: Box::new(HostMonotonicClock::default()),
            random: Box::new(HostRandom),
            interrupt: Interrupt::default(),
        }
    }
}

impl WasiCtxBuilder {
    /// A builder that grants nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an argument; the first one is the program's name.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.args.push(arg.as_ref().as_encoded_bytes().to_vec());
        self
    }

    /// Appends arguments.
    pub fn args(&mut self, args: &[impl AsRef<OsStr>]) -> &mut Self {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// Appends all of the host's own arguments.
    pub fn inherit_args(&mut self) -> &mut Self {
        for arg in std::env::args_os() {
            self.arg(arg);
        }
        self
    }

    /// Sets an environment variable; a later value for the same key replaces an earlier one.
    pub fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        let key = key.as_ref().as_encoded_bytes().to_vec();
        let value = value.as_ref().as_encoded_bytes().to_vec();
        match self.env.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.env.push((key, value)),
        }
        self
    }

    /// Sets environment variables.
    pub fn envs(&mut self, env: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)]) -> &mut Self {
        for (key, value) in env {
            self.env(key, value);
        }
        self
    }

    /// Sets all of the host's own environment variables.
    pub fn inherit_env(&mut self) -> &mut Self {
        for (key, value) in std::env::vars_os() {
            self.env(key, value);
        }
        self
    }

    /// Sets standard input: a [`MemoryInput`](crate::MemoryInput), a [`std::fs::File`],
    /// [`std::io::empty`], or an [`InputStream`] of your own.
    pub fn stdin(&mut self, stdin: impl InputStream + 'static) -> &mut Self {
        self.stdin = Box::new(stdin);
        self
    }

    /// Sets standard output: a [`MemoryOutput`](crate::MemoryOutput), a [`std::fs::File`],
    /// [`std::io::sink`], or an [`OutputStream`] of your own.
    pub fn stdout(&mut self, stdout: impl OutputStream + 'static) -> &mut Self {
        self.stdout = Box::new(stdout);
        self
    }

    /// Sets standard error; see [`WasiCtxBuilder::stdout`].
    pub fn stderr(&mut self, stderr: impl OutputStream + 'static) -> &mut Self {
        self.stderr = Box::new(stderr);
        self
    }

    /// Gives the guest the host's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin(InheritedInput)
    }

    /// Gives the guest the host's standard output.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout(InheritedOutput)
    }

    /// Gives the guest the host's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr(InheritedError)
    }

    /// Gives the guest the host's three standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Grants the host's directory `host_path` under the guest's name `guest_path`.
    ///
    /// Without [`DirPerms::MUTATE`] and [`FilePerms::WRITE`] it is read-only: changes fail with
    /// "read-only file system".
    ///
    /// Directories and listeners get descriptor numbers from 3 in the order they are granted. C
    /// libraries look for directories from 3 and stop at the first descriptor that is none, so grant
    /// directories first.
    ///
    /// # Errors
    /// If the directory cannot be opened; the message names it.
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> dayfly::Result<&mut Self> {
        let host_path = host_path.as_ref();
        // Not as `Dir::open_ambient_dir` does, whose descriptor can neither be listed nor synced.
        let file = File::options()
            .read(true)
            .custom_flags(OFlags::DIRECTORY.bits() as i32)
            .open(host_path)
            .map_err(|error| cannot_open(host_path, &error))?;
        let dir = cap_std::fs::Dir::from_std_file(file);
        let preopen = Some(guest_path.as_ref().to_owned());
        let object = Object::Dir(OpenDir { dir, dir_perms, file_perms, preopen, listing: None });
        let mut descriptor = Descriptor::new(object, Rights::DIRECTORY);
        descriptor.inheriting = Rights::all() - Rights::SOCK_ACCEPT - Rights::SOCK_SHUTDOWN;
        self.granted.push(descriptor);
        Ok(self)
    }

    /// Grants a listening socket, for `sock_accept`. It is made non-blocking; see
    /// [`WasiCtxBuilder::preopened_dir`] for its number.
    ///
    /// # Errors
    /// If the socket cannot be made non-blocking.
    pub fn preopened_listener(&mut self, listener: TcpListener) -> dayfly::Result<&mut Self> {
        listener.set_nonblocking(true)?;
        let mut descriptor = Descriptor::new(Object::Listener(listener), Rights::LISTENER);
        descriptor.inheriting = Rights::SOCKET;
        self.granted.push(descriptor);
        Ok(self)
    }

    /// How many descriptors the guest may have open at once, those granted and the three streams
    /// included; 1024 unless set. A folder that is being listed counts twice.
    pub fn max_descriptors(&mut self, max: usize) -> &mut Self {
        self.max_descriptors = max;
        self
    }

    /// Replaces the clock that tells the time of day.
    pub fn wall_clock(&mut self, clock: impl WallClock + 'static) -> &mut Self {
        self.wall_clock = Box::new(clock);
        self
    }

    /// Replaces the clock that measures intervals.
    pub fn monotonic_clock(&mut self, clock: impl MonotonicClock + 'static) -> &mut Self {
        self.monotonic_clock = Box::new(clock);
        self
    }

    /// Replaces the source of random bytes.
    pub fn random(&mut self, source: impl RandomSource + 'static) -> &mut Self {
        self.random = Box::new(source);
        self
    }

    /// Sets a function that is asked, at least every 50 milliseconds, while the guest waits in a call;
    /// when it says `true` the call returns "interrupted" to the guest. Epochs need no hook: where they are
    /// on, a call that waits ends at the store's deadline as the guest's own code would.
    pub fn interrupt_hook(&mut self, hook: impl Fn() -> bool + Send + Sync + 'static) -> &mut Self {
        self.interrupt.hook = Some(Box::new(hook));
        self
    }

    /// The finished context; the builder grants nothing again afterwards.
    pub fn build(&mut self) -> WasiCtx {
        let this = std::mem::take(self);
        let streams = [
            Descriptor::new(Object::Input(this.stdin), Rights::INPUT),
            Descriptor::new(Object::Output(this.stdout), Rights::OUTPUT),
            Descriptor::new(Object::Output(this.stderr), Rights::OUTPUT),
        ];
        // What the host grants is not subject to the limit on what the guest opens.
        let granted = streams.len() + this.granted.len();
        let mut table = Table::new(this.max_descriptors.max(granted));
        for descriptor in streams.into_iter().chain(this.granted) {
            table.insert(descriptor).expect("the table has room for what is granted");
        }
        WasiCtx {
            args: this.args,
            env: this.env.into_iter().map(|(key, value)| [&key[..], b"=", &value[..]].concat()).collect(),
            table,
            wall_clock: this.wall_clock,
            monotonic_clock: this.monotonic_clock,
            random: this.random,
            interrupt: this.interrupt,
            granted: granted as u32,
        }
    }
}

#[cold]
fn cannot_open(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot open directory {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_can_move_to_another_thread() {
        fn sent<T: Send>(_: T) {}
        sent(WasiCtx::builder().build());
        sent(WasiCtx::builder());
    }

    #[test]
    fn granted_descriptors_count_from_three_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut builder = WasiCtx::builder();
        builder.max_descriptors(0);
        builder.preopened_dir(std::env::temp_dir(), "/", DirPerms::READ, FilePerms::READ).unwrap();
        builder.preopened_listener(listener).unwrap();
        let ctx = builder.build();
        assert!(matches!(ctx.table.get(3).unwrap().object, Object::Dir(_)));
        assert!(matches!(ctx.table.get(4).unwrap().object, Object::Listener(_)));
        assert!(ctx.table.get(5).is_err());
        assert!(builder.build().table.get(3).is_err());
    }

    #[test]
    fn a_context_tells_which_descriptor_is_not_as_granted() {
        let mut builder = WasiCtx::builder();
        builder.preopened_dir(std::env::temp_dir(), "/", DirPerms::READ, FilePerms::READ).unwrap();
        let mut ctx = builder.build();
        assert_eq!(ctx.changed_descriptor(), None);
        let opened = || Descriptor::new(Object::Output(Box::new(io::sink())), Rights::OUTPUT);
        let fd = ctx.table.insert(opened()).unwrap();
        assert_eq!(ctx.changed_descriptor(), Some(fd));
        ctx.table.remove(fd).unwrap();
        assert_eq!(ctx.changed_descriptor(), None);
        ctx.table.remove(1).unwrap();
        assert_eq!(ctx.changed_descriptor(), Some(1));
    }

    #[test]
    fn only_a_directory_is_granted_as_one() {
        let file = std::env::current_exe().unwrap();
        let error =
            WasiCtx::builder().preopened_dir(&file, "/", DirPerms::READ, FilePerms::READ).err().unwrap();
        assert!(format!("{error:#}").contains(file.to_str().unwrap()), "{error:#}");
    }
}
