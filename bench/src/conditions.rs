//! Where, when and with what the figures were made.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// The versions that the engines' crates were resolved to.
const LOCK: &str = include_str!("../Cargo.lock");

/// The state of the machine and the engines.
pub struct Conditions {
    /// Names and values, in order.
    pub facts: Vec<(&'static str, String)>,
    /// Names, versions and settings of the engines.
    pub engines: Vec<(&'static str, String, &'static str)>,
    /// Processor time before the measurements.
    before: Option<Ticks>,
}

impl Conditions {
    /// As they are now, for engines whose names, crates and settings these are.
    pub fn of(engines: Vec<(&'static str, &str, &'static str)>, rounds: u32) -> Conditions {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let facts = vec![
            ("date", date()),
            ("processor", format!("{}, {cores} cores", processor().unwrap_or_else(|| "unknown".to_owned()))),
            ("system", format!("{} {}", std::env::consts::OS, kernel())),
            ("rounds", rounds.to_string()),
            ("load before", load()),
        ];
        let engines = engines.into_iter().map(|(name, package, settings)| (name, version(package), settings));
        Conditions { facts, engines: engines.collect(), before: Ticks::now() }
    }

    /// Notes the load after the measurements.
    pub fn finish(&mut self) {
        self.facts.push(("load after", load()));
        let times = self.before.as_ref().zip(Ticks::now());
        let share = times.and_then(|(before, after)| before.others_until(&after));
        let share = share.map_or_else(|| "unknown".to_owned(), |share| format!("{:.0} %", share * 100.0));
        self.facts.push(("others", format!("used {share} of all processor time meanwhile")));
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.facts {
            writeln!(f, "{name:<12} {value}")?;
        }
        for (name, version, settings) in &self.engines {
            writeln!(f, "{name:<12} {version}, {settings}")?;
        }
        Ok(())
    }
}

/// Processor time since the machine and this program started, in the system's ticks.
struct Ticks {
    /// Of all processors.
    all: u64,
    /// The part of it in which they had something to do.
    busy: u64,
    /// Of this program and the processes that it has started and waited for.
    own: u64,
}

impl Ticks {
    /// As they are now; `None` where the system does not tell.
    fn now() -> Option<Ticks> {
        Ticks::read(&fs::read_to_string("/proc/stat").ok()?, &fs::read_to_string("/proc/self/stat").ok()?)
    }

    fn read(machine: &str, process: &str) -> Option<Ticks> {
        let numbers =
            |text: &str| text.split_whitespace().map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>();
        // User, nice, system, idle, waiting for devices, and so on; guests count as users.
        let cpu = numbers(machine.lines().next()?.strip_prefix("cpu ")?)?;
        let all: u64 = cpu.iter().take(8).sum();
        // After the name: state, parent and so on; from the twelfth on times.
        let own: Vec<_> = process.rsplit_once(')')?.1.split_whitespace().skip(11).take(4).collect();
        Some(Ticks { all, busy: all - cpu.get(3)? - cpu.get(4)?, own: numbers(&own.join(" "))?.iter().sum() })
    }

    /// The part of all processor time until `later` that other programs used.
    fn others_until(&self, later: &Ticks) -> Option<f64> {
        let all = later.all.checked_sub(self.all).filter(|ticks| *ticks > 0)?;
        let busy = later.busy.checked_sub(self.busy)?;
        Some(busy.saturating_sub(later.own - self.own) as f64 / all as f64)
    }
}

/// The average number of processes that want to run, over 1, 5 and 15 minutes.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.to_owned())
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned()
}

fn version(package: &str) -> String {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let found = LOCK.split_once(&entry).and_then(|(_, rest)| rest.split('"').next());
    let version = found.unwrap_or("unknown").to_owned();
    if package == "dayfly" { format!("{version} {}", revision()) } else { version }
}

/// The state of the repository.
fn revision() -> String {
    let mut git = Command::new("git");
    git.args(["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty"]);
    let output = git.output().ok().filter(|output| output.status.success());
    output.map_or_else(String::new, |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The day, in UTC.
fn date() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let minutes = seconds / 60 % 1440;
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

/// The date that is so many days after 1970-01-01. Years are taken to begin in March,
/// so that the day of a leap year comes last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::{Ticks, civil};

    #[test]
    fn the_share_of_others() {
        let process = |ticks: u64| format!("7 (a ) b) S 1 7 7 0 -1 4194304 9 0 0 0 {ticks} 2 3 4 20 0 1");
        let machine = |user: u64, idle: u64| format!("cpu  {user} 1 2 {idle} 5 6 7 8 9 10\ncpu0 1 2\n");
        let before = Ticks::read(&machine(100, 1000), &process(10)).unwrap();
        let after = Ticks::read(&machine(160, 1040), &process(40)).unwrap();
        assert_eq!(before.others_until(&after), Some(0.3));
        assert!(Ticks::read("", "").is_none());
    }

    #[test]
    fn days_have_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(19_722), (2023, 12, 31));
        assert_eq!(civil(20_088), (2024, 12, 31));
    }
}
