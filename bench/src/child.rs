//! Measures in a child process: peak memory and CPU time are then of one engine and
//! one program alone, and a crash or an endless loop is a result.

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether a child has ended.
const POLL: Duration = Duration::from_millis(2);

/// Measures in a child process, which is this program with an argument; `None` if that is not
/// done within `limit`.
pub fn run<S: DeserializeOwned>(argument: &str, task: &impl Serialize, limit: Duration) -> Result<Option<S>> {
    let program = std::env::current_exe().context("where is this program?")?;
    let mut child = Command::new(program)
        .arg(argument)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start a process")?;
    let mut input = child.stdin.take().context("the child has no input")?;
    input.write_all(&serde_json::to_vec(task)?)?;
    drop(input);

    let finished = wait(&mut child, limit)?;
    let (mut output, mut complaint) = (String::new(), String::new());
    if let (Some(mut stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) {
        stdout.read_to_string(&mut output)?;
        stderr.read_to_string(&mut complaint)?;
    }
    if !finished {
        return Ok(None);
    }
    serde_json::from_str(&output).map(Some).map_err(|_| anyhow!("{}", summary(&complaint)))
}

/// What the child does: it reads a task, measures, and writes what it found.
pub fn answer<T: DeserializeOwned, S: Serialize>(measure: impl Fn(T) -> Result<S>) -> ExitCode {
    let outcome = serde_json::from_reader(std::io::stdin())
        .context("the task cannot be read")
        .and_then(measure)
        .and_then(|sample| Ok(serde_json::to_string(&sample)?));
    match outcome {
        Ok(sample) => {
            println!("{sample}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Waits for the end; ends it itself after `limit`, then returns `false`.
fn wait(child: &mut Child, limit: Duration) -> Result<bool> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(POLL);
    }
    Ok(true)
}

/// The first line that says something.
fn summary(complaint: &str) -> &str {
    complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("it crashed")
}
