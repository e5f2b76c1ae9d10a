//! A note on a file that it was found whole, so that its checksum, which takes reading all of it, is not
//! computed by every process that runs it. It says which bytes were found whole, by their checksum, and in which
//! state of which file since which start of the system; anything else, and the file is read whole again. So
//! whatever writes to a file makes the note void, and so does a loss of power, after which a file may lack
//! what was written last. Who can put such a note on a file could write the file as well.
//!
//! It is an extended attribute of the file. Where there are none, nothing is noted.

use std::fs::{File, Metadata};

/// What is noted on a file.
#[derive(PartialEq, Eq, Debug)]
pub struct Stamp([u8; 8]);

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use crate::artifact::checksum;
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
    use std::io::Read;
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, SystemTime};

    /// The name of the attribute.
    const NAME: &str = "user.dayfly.whole";

    /// Smaller files are read faster than notes.
    const MIN_LEN: u64 = 128 << 10;

    /// A file that was changed less than so long ago may be changed again without another time of change.
    const SETTLED: Duration = Duration::from_secs(2);

    impl Stamp {
        /// What is to be noted on a file of this state whose checksum is this; `None` if nothing is.
        pub fn new(file: &Metadata, whole: u64) -> Option<Stamp> {
            let age = SystemTime::now().duration_since(file.modified().ok()?).ok()?;
            if file.len() < MIN_LEN || age < SETTLED {
                return None;
            }
            let mut said = Vec::with_capacity(128);
            File::open("/proc/sys/kernel/random/boot_id").ok()?.take(64).read_to_end(&mut said).ok()?;
            let state =
                [file.dev(), file.ino(), file.len(), file.mtime() as u64, file.mtime_nsec() as u64, whole];
            said.extend(state.iter().flat_map(|word| word.to_le_bytes()));
            Some(Stamp(checksum(&said).to_le_bytes()))
        }

        /// Whether it is noted.
        pub fn is_on(&self, file: &File) -> bool {
            let mut found = [0; 8];
            fgetxattr(file, NAME, &mut found) == Ok(8) && found == self.0
        }

        /// Notes it, if the file system takes it and the user may.
        pub fn put_on(&self, file: &File) {
            let _ = fsetxattr(file, NAME, &self.0, XattrFlags::empty());
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Stamp {
    /// Nothing is noted here.
    pub fn new(_file: &Metadata, _whole: u64) -> Option<Stamp> {
        None
    }

    /// Whether it is noted.
    pub fn is_on(&self, _file: &File) -> bool {
        false
    }

    /// Notes nothing.
    pub fn put_on(&self, _file: &File) {}
}
