//! A folder of compiled modules, so that a module is compiled once and not by every process that runs it.
//!
//! Any number of processes may use a folder at once: files appear by renaming, whole, and are never changed.
//! A module is found by a number that depends on its bytes and on all that its code depends on; the bytes are then
//! compared with those in the file. Whatever goes wrong with the folder costs time and nothing else.

use crate::Config;
use dayfly_jit::artifact::{Artifact, Target, checksum};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where compiled modules are kept between runs: see [`Config::cache`].
///
/// ```no_run
/// use dayfly::{Cache, Config, Engine, Strategy};
///
/// let mut config = Config::new();
/// config.strategy(Strategy::Compiler).cache(Cache::of_user());
/// let engine = Engine::new(&config)?;
/// # Ok::<(), dayfly::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cache {
    folder: PathBuf,
    max_size: u64,
    min_module_size: usize,
}

/// A smaller module compiles as fast as files are dealt with.
const MIN_MODULE_SIZE: usize = 4096;

/// Bytes that the files take together.
const MAX_SIZE: u64 = 512 << 20;

/// How old the time of the last use may become before it is noted anew. Nobody writes a file for so long.
const STALE: Duration = Duration::from_secs(3600);

/// What the names of files end in.
const EXTENSION: &str = "dfa";

/// What those of files that are being written end in.
const UNFINISHED: &str = "tmp";

impl Cache {
    /// A cache in a folder, which is made when there is something to keep. The folder should be used
    /// for nothing else: what is old in it is deleted.
    pub fn new(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into(), max_size: MAX_SIZE, min_module_size: MIN_MODULE_SIZE }
    }

    /// The user's: `dayfly` in `$XDG_CACHE_HOME` or else in `$HOME/.cache`. `None` if neither is set.
    pub fn of_user() -> Option<Cache> {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
        Some(Cache::new(caches.join("dayfly")))
    }

    /// Bytes that the files may take together; beyond that, those that were not used for the longest time
    /// are deleted. Default: 512 MiB.
    pub fn max_size(mut self, bytes: u64) -> Cache {
        self.max_size = bytes;
        self
    }

    /// The smallest module, in bytes, that is worth keeping. Default: 4096.
    pub fn min_module_size(mut self, bytes: usize) -> Cache {
        self.min_module_size = bytes;
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a module is kept.
    pub(crate) fn is_for(&self, module: &[u8]) -> bool {
        module.len() >= self.min_module_size
    }

    /// The artifact of a module, if it is there.
    pub(crate) fn find(&self, target: &Target, config: &Config, module: &[u8]) -> Option<Artifact> {
        let path = self.path(target, config, module);
        let artifact = Artifact::open(&path, target).ok()?;
        if artifact.module().as_ref() != module {
            return None;
        }
        // It was used just now, and stays longer than others. It does not matter if that fails.
        let _ = touch(&path);
        Some(artifact)
    }

    /// Keeps the artifact of a module.
    pub(crate) fn keep(&self, target: &Target, config: &Config, module: &[u8], artifact: &[u8]) {
        // A folder that cannot be used keeps nothing.
        if artifact.len() as u64 <= self.max_size
            && self.write(&self.path(target, config, module), artifact).is_ok()
        {
            let _ = self.shrink();
        }
    }

    fn path(&self, target: &Target, config: &Config, module: &[u8]) -> PathBuf {
        // What a module may ask for is checked when it is compiled, so it belongs to it.
        let rest = format!("{}{:?}", target.text(), config.parser.limits);
        let name = format!("{:016x}{:016x}.{EXTENSION}", checksum(module), checksum(rest.as_bytes()));
        self.folder.join(name)
    }

    fn write(&self, path: &Path, artifact: &[u8]) -> io::Result<()> {
        let mut folder = DirBuilder::new();
        folder.recursive(true);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            folder.mode(0o700);
            options.mode(0o600);
        }
        folder.create(&self.folder)?;
        let unfinished = self.folder.join(unfinished_name());
        let written = options.open(&unfinished).and_then(|mut file| {
            // Says that the writer is alive, for as long as it is. Where files cannot be locked, it does not matter.
            let _ = file.lock();
            file.write_all(artifact)?;
            Ok(file)
        });
        let placed = written.and_then(|_locked| fs::rename(&unfinished, path));
        if placed.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        placed
    }

    /// Deletes what has not been used for the longest time until there is room again, and
    /// what others have begun and, because they were ended, not finished.
    fn shrink(&self) -> io::Result<()> {
        let mut total = 0;
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let extension = path.extension().unwrap_or_default();
            if extension == UNFINISHED && is_left(&path) {
                let _ = fs::remove_file(&path);
            } else if extension == EXTENSION
                && let Ok(metadata) = fs::metadata(&path)
            {
                // What is no longer there was deleted by somebody else.
                total += metadata.len();
                files.push((metadata.modified()?, metadata.len(), path));
            }
        }
        files.sort();
        for (_, len, path) in files {
            if total <= self.max_size {
                break;
            }
            // Somebody else may have deleted it.
            let _ = fs::remove_file(path);
            total -= len;
        }
        Ok(())
    }
}

/// Whether nobody is writing a file any more. Somebody who is just about to begin writes in vain if it is
/// deleted, which costs time and nothing else.
fn is_left(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let age = || file.metadata().and_then(|metadata| metadata.modified()).map(|time| time.elapsed());
    file.try_lock().is_ok() || matches!(age(), Ok(Ok(age)) if age > STALE)
}

/// A name that no other thread or process uses.
fn unfinished_name() -> String {
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    format!("{}-{thread}-{now:x}.{UNFINISHED}", std::process::id())
}

/// Notes that a file was used, if that was not noted lately.
fn touch(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    let used = file.metadata()?.modified()?;
    if used.elapsed().is_ok_and(|age| age > STALE) {
        file.set_modified(SystemTime::now())?;
    }
    Ok(())
}
