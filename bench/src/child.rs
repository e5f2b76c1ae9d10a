//! Measures in a child process: peak memory and CPU time are then of one engine and
//! one program alone, and a crash or an endless loop is a result.

use crate::measure::{Sample, Task, measure};
use anyhow::{Context, Result, anyhow};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The argument that makes this program measure once.
pub const ARGUMENT: &str = "measure-one";

/// How often it is looked whether a child has ended.
const POLL: Duration = Duration::from_millis(2);

/// Measures in a child process; `None` if that is not done within `limit`.
pub fn run(task: &Task, limit: Duration) -> Result<Option<Sample>> {
    let program = std::env::current_exe().context("where is this program?")?;
    let mut child = Command::new(program)
        .arg(ARGUMENT)
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

/// What the child does.
pub fn main() -> ExitCode {
    let outcome = serde_json::from_reader(std::io::stdin())
        .context("the task cannot be read")
        .and_then(|task: Task| measure(&task))
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
