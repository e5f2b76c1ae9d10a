//! What the unit tests share: a directory that is granted as `/` and removed afterwards.

use crate::call::Call;
use crate::ctx::{WasiCtx, WasiCtxBuilder};
use crate::errno::Errno;
use crate::types::{DirPerms, FdFlags, FilePerms, OFlags, Rights};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A temporary directory; the granted one is `root` in it, so that there is something outside to
/// escape to.
pub(crate) struct Root {
    outer: PathBuf,
}

impl Root {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("dayfly-wasi-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let outer = std::env::temp_dir().join(name);
        std::fs::create_dir_all(outer.join("root")).unwrap();
        Self { outer }
    }

    /// A path in the granted directory.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.outer.join("root").join(path)
    }

    /// A path beside it.
    pub(crate) fn outside(&self, path: &str) -> PathBuf {
        self.outer.join(path)
    }

    pub(crate) fn ctx(&self) -> WasiCtx {
        self.ctx_with(DirPerms::all(), FilePerms::all())
    }

    pub(crate) fn ctx_with(&self, dir: DirPerms, file: FilePerms) -> WasiCtx {
        WasiCtxBuilder::new().preopened_dir(self.path(""), "/", dir, file).unwrap().build()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // A leftover in the temporary directory is no reason to fail a test.
        let _ = std::fs::remove_dir_all(&self.outer);
    }
}

/// Puts a string into guest memory; pointer and length.
pub(crate) fn write_string(call: &mut Call<'_>, at: u32, string: &str) -> (u32, u32) {
    call.mem.write(at, string.as_bytes()).unwrap();
    (at, string.len() as u32)
}

/// Opens `path` in descriptor 3, following links, without inheriting rights; uses memory from 128 on.
pub(crate) fn open(
    call: &mut Call<'_>,
    path: &str,
    oflags: OFlags,
    rights: Rights,
    fdflags: FdFlags,
) -> Result<u32, Errno> {
    let (ptr, len) = write_string(call, 136, path);
    let (oflags, fdflags) = (oflags.bits().into(), fdflags.bits().into());
    call.path_open(3, 1, ptr, len, oflags, rights.bits(), 0, fdflags, 128)?;
    call.mem.read_u32(128)
}
