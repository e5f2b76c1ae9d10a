//! Whether the system is short of memory, as far as Linux tells: `/proc/meminfo`, the pressure
//! that tasks feel (`/proc/pressure/memory`, Linux 4.20), and both of the control group of the
//! process (version 2). What is not there, or not as expected, is left out.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the system tells.
#[derive(Debug)]
pub(super) struct Pressure {
    proc: PathBuf,
    group: Option<PathBuf>,
}

/// Available memory is little when it is less than one such part of all.
const LITTLE: u64 = 10;

/// Per cent of time that tasks wait for memory, on average over 10 seconds.
const MUCH_WAITING: f64 = 10.0;

impl Pressure {
    /// That of the system on which the process runs.
    pub(super) fn of_system() -> Pressure {
        Pressure::under(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
    }

    fn under(proc: &Path, groups: &Path) -> Pressure {
        let own = fs::read_to_string(proc.join("self/cgroup")).unwrap_or_default();
        let path = own.lines().find_map(|line| line.strip_prefix("0::/"));
        let group = path.map(|path| groups.join(path)).filter(|group| group.join("memory.current").exists());
        Pressure { proc: proc.into(), group }
    }

    /// Whether memory is short now.
    pub(super) fn is_high(&self) -> bool {
        let machine = read(self.proc.join("meminfo")).and_then(|text| little_available(&text));
        let waits = |path: PathBuf| read(path).and_then(|text| waits_much(&text));
        let group = self.group.as_deref();
        let signs = [
            machine,
            waits(self.proc.join("pressure/memory")),
            group.and_then(group_is_full),
            group.and_then(|group| waits(group.join("memory.pressure"))),
        ];
        signs.contains(&Some(true))
    }
}

fn read(path: PathBuf) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Of `/proc/meminfo`.
fn little_available(text: &str) -> Option<bool> {
    let field = |name: &str| -> Option<u64> {
        let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        rest.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    Some(field("MemAvailable")? < field("MemTotal")? / LITTLE)
}

/// Of a file of pressure: the line `some avg10=0.00 ...`.
fn waits_much(text: &str) -> Option<bool> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let average: f64 = some.split(' ').find_map(|word| word.strip_prefix("avg10="))?.parse().ok()?;
    Some(average > MUCH_WAITING)
}

/// Whether a control group with a limit has little left of it. Its files that nobody uses now
/// count as free.
fn group_is_full(group: &Path) -> Option<bool> {
    let number = |name: &str| -> Option<u64> { read(group.join(name))?.trim().parse().ok() };
    let limits = ["memory.high", "memory.max"];
    let limit = limits.into_iter().filter_map(number).min()?;
    let stat = read(group.join("memory.stat")).unwrap_or_default();
    let files = stat.lines().find_map(|line| line.strip_prefix("inactive_file "));
    let files: u64 = files.and_then(|number| number.trim().parse().ok()).unwrap_or(0);
    let used = number("memory.current")?.saturating_sub(files);
    Some(limit.saturating_sub(used) < limit / LITTLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_counts_and_what_is_not_there_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (proc, groups) = (folder.path().join("proc"), folder.path().join("groups"));
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let is_high = || Pressure::under(&proc, &groups).is_high();
        assert!(!is_high());
        let meminfo =
            |available| format!("MemTotal:  1000 kB\nMemFree: 5 kB\nMemAvailable:  {available} kB\n");
        let pressure = |part| format!("some avg10={part} avg60=90.00 total=1\nfull avg10=50.00 total=1\n");
        write("proc/meminfo", &meminfo(101));
        write("proc/pressure/memory", &pressure("9.99"));
        assert!(!is_high());
        write("proc/meminfo", &meminfo(99));
        assert!(is_high());
        write("proc/meminfo", "MemTotal: ? kB");
        assert!(!is_high());
        write("proc/pressure/memory", &pressure("10.01"));
        assert!(is_high());
        write("proc/pressure/memory", "");
        // A control group without a limit, with one, and with files that can go.
        write("proc/self/cgroup", "0::/some/group\n");
        write("groups/some/group/memory.current", "950\n");
        write("groups/some/group/memory.max", "max\n");
        assert!(!is_high());
        write("groups/some/group/memory.max", "1000\n");
        assert!(is_high());
        write("groups/some/group/memory.stat", "anon 3\ninactive_file 60\n");
        assert!(!is_high());
        write("groups/some/group/memory.high", "980\n");
        assert!(is_high());
        write("groups/some/group/memory.high", "max\n");
        write("groups/some/group/memory.pressure", &pressure("11.00"));
        assert!(is_high());
    }

    #[test]
    fn this_system_tells() {
        if Path::new("/proc/meminfo").exists() {
            let text = fs::read_to_string("/proc/meminfo").unwrap();
            assert!(little_available(&text).is_some(), "{text}");
        }
    }
}
