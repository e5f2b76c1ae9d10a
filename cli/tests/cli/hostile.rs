//! The corpus of hostile guests, `cli/tests/hostile/`: each file is a module that tries something, run in a process
//! of its own by the interpreter, the compiler, and both, with an eye on the time and memory that it takes.
//!
//! A file begins with lines `;; KEY: VALUE`. `Tries` says what it is about. `Ends` says how a run must end: `trap TEXT`,
//! `error TEXT` (refused, or stopped by its host), `exit N`, or `prints TEXT`. `Ends interp`, `Ends jit`, `Ends mixed`
//! say so of one engine. `With` are more arguments of `dayfly run`; `Within` is the most that it may take, as
//! `2s 100m`. What stands between `%{N ` and `}%` is repeated N times, with `%n` for the count, before the text is
//! read as a module.

use crate::command;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const ENGINES: [&str; 3] = ["interp", "jit", "mixed"];

/// What every guest gets: little.
const LIMITS: &str = "max-memory-size=64m,max-table-elements=100000,max-gc-heap-size=16m";

/// The time that guests get which never end, and others.
const TIMES: [&str; 2] = ["timeout=300ms", "timeout=60s"];

/// The least number of guests in the corpus: fewer would mean that it was not found.
const GUESTS: usize = 60;

/// How often the process of a guest is looked at.
const LOOK: Duration = Duration::from_millis(4);

#[test]
fn hostile_guests_end_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let only = std::env::var("DAYFLY_HOSTILE").unwrap_or_default();
    files.retain(|file| file.to_str().unwrap().contains(&only));
    assert!(files.len() >= GUESTS || !only.is_empty(), "only {} guests", files.len());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = Case::read(file).map_or_else(|wrong| vec![wrong], |case| case.run());
            wrong.lock().unwrap().extend(found);
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} runs went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A guest, and what is expected of it.
struct Case {
    name: String,
    wasm: Vec<u8>,
    /// How it ends, for each engine.
    ends: [String; 3],
    with: Vec<String>,
    time: Duration,
    /// Bytes.
    memory: u64,
}

impl Case {
    /// Reads a file of the corpus; or tells what is wrong with it.
    fn read(file: &Path) -> Result<Case, String> {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(file).unwrap();
        let header = |key: &str| {
            let lines = text.lines().take_while(|line| line.starts_with(";; "));
            lines.filter_map(|line| line[3..].strip_prefix(key)?.strip_prefix(": ")).next()
        };
        header("Tries").ok_or_else(|| format!("{name}: what does it try?"))?;
        let ends = ENGINES.map(|engine| {
            let own = header(&format!("Ends {engine}")).or_else(|| header("Ends"));
            own.expect("a guest's header says how it ends").to_owned()
        });
        let (time, memory) = header("Within").unwrap_or("20s 120m").split_once(' ').unwrap();
        let number = |text: &str, unit| text.strip_suffix(unit).unwrap().parse::<u64>().unwrap();
        let wasm =
            wat::parse_str(expand(&text)).map_err(|error| format!("{name}: {:.300}", error.to_string()))?;
        Ok(Case {
            wasm,
            ends,
            with: header("With").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            time: Duration::from_secs(number(time, 's')),
            memory: number(memory, 'm') << 20,
            name,
        })
    }

    /// Runs the guest with each engine, and tells what was not as expected.
    fn run(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (engine, ends) in ENGINES.into_iter().zip(&self.ends) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("guest.wasm");
            let errors = folder.path().join("stderr");
            fs::write(&file, &self.wasm).unwrap();
            fs::create_dir(folder.path().join("granted")).unwrap();
            fs::write(folder.path().join("secret"), "not the guest's").unwrap();
            std::os::unix::fs::symlink("../secret", folder.path().join("granted/way-out")).unwrap();
            let mut args = vec!["run", "--no-cache", "--engine", engine, "-W", LIMITS, "-W"];
            args.push(TIMES[usize::from(!ends.contains("interrupt"))]);
            args.extend(self.with.iter().map(String::as_str));
            args.push(file.to_str().unwrap());
            let mut command = command::command(&args);
            // Nothing is written to its input, nor is that closed; its output is not read before its end.
            command.current_dir(folder.path()).stdin(Stdio::piped());
            command.stdout(Stdio::piped()).stderr(fs::File::create(&errors).unwrap());
            let mut child = command.spawn().unwrap();
            let stdin = child.stdin.take();
            let start = Instant::now();
            let (peak, killed) = watch(&mut child, self.time, self.memory);
            drop(stdin);
            let took = start.elapsed();
            let output = child.wait_with_output().unwrap();
            let (stdout, stderr) = (shortened(&output.stdout), shortened(&fs::read(&errors).unwrap()));
            let end = (output.status.code(), &*stdout, &*stderr);
            if killed || !has_ended(ends, end) {
                let (mib, name) = (peak >> 20, &self.name);
                let killed = if killed { "KILLED, " } else { "" };
                wrong.push(format!("{name}, {engine}: {killed}{took:.1?}, {mib} MiB, {end:?}, not `{ends}`"));
            }
            if std::env::var_os("DAYFLY_HOSTILE").is_some() {
                println!("{} {engine}: {took:.2?}, {} MiB, {end:?}", self.name, peak >> 20);
            }
        }
        wrong
    }
}

/// Whether a status, an output and an error are what is expected.
fn has_ended(ends: &str, (status, stdout, stderr): (Option<i32>, &str, &str)) -> bool {
    let (how, text) = ends.split_once(' ').unwrap_or((ends, ""));
    match how {
        "trap" => status == Some(134) && stderr.contains(text),
        "error" => status == Some(1) && stderr.contains(text),
        "exit" => status == Some(text.parse().unwrap()) && stderr.is_empty(),
        "prints" => status == Some(0) && stdout.split_whitespace().eq(text.split_whitespace()),
        _ => panic!("`{how}` is no end"),
    }
}

/// Waits for the end of a process, or ends it for what it takes. Gives its peak of resident memory.
fn watch(child: &mut Child, time: Duration, memory: u64) -> (u64, bool) {
    let status = format!("/proc/{}/status", child.id());
    let (start, mut peak, mut above) = (Instant::now(), 0, 0);
    while child.try_wait().unwrap().is_none() {
        // Where there is no such file, memory is not looked at.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = kib.map_or(peak, |kib| kib << 10);
        // The first look may show the memory of this process, which the child has until it is another program.
        above = if peak > memory { above + 1 } else { 0 };
        if start.elapsed() > time || above > 1 {
            child.kill().unwrap();
            return (peak, true);
        }
        thread::sleep(LOOK);
    }
    (peak, false)
}

/// The text with its repetitions written out.
fn expand(text: &str) -> String {
    let Some((before, rest)) = text.split_once("%{") else { return text.to_owned() };
    let (count, rest) = rest.split_once(' ').expect("a number follows `%{`");
    let count: usize = count.parse().expect("a number follows `%{`");
    // The end of this one is behind those of the ones inside.
    let (mut depth, mut end) = (1, 0);
    while depth > 0 {
        let rest = &rest[end..];
        let close = rest.find("}%").expect("`}%` ends a repetition");
        match rest.find("%{") {
            Some(open) if open < close => (depth, end) = (depth + 1, end + open + 2),
            _ => (depth, end) = (depth - 1, end + close + 2),
        }
    }
    let (inside, after) = (&rest[..end - 2], &rest[end..]);
    let repeated: String = (0..count).map(|n| expand(&inside.replace("%n", &n.to_string()))).collect();
    format!("{before}{repeated}{}", expand(after))
}

/// The beginning of what may be long.
fn shortened(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned()
}

#[test]
fn repetitions_are_written_out() {
    assert_eq!(expand("a %{3 <%n>}% b %{2 c%{2 d}%}%"), "a <0><1><2> b cddcdd");
}
