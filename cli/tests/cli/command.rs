//! Runs the built command in the folder of the guests.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

/// How a run of the command ended.
#[derive(Debug)]
pub struct Run {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Asserts the exit status, and shows the whole run where it is another one.
    #[track_caller]
    pub fn exits(self, status: i32) -> Run {
        assert_eq!(self.status, Some(status), "{self:?}");
        self
    }

    /// Asserts what was printed.
    #[track_caller]
    pub fn prints(self, stdout: &str) -> Run {
        assert_eq!(self.stdout, stdout, "{self:?}");
        self
    }

    /// Asserts that an error contains every part.
    #[track_caller]
    pub fn complains(self, parts: &[&str]) -> Run {
        for part in parts {
            assert!(self.stderr.contains(part), "expected {part:?} in\n{}", self.stderr);
        }
        self
    }
}

/// A command in the folder of the guests, without an environment that changes it.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dayfly"));
    command.args(args).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    // What a test keeps of a compiler's work is no other test's, and not the user's.
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs `dayfly` with arguments.
pub fn dayfly(args: &[&str]) -> Run {
    finish(command(args), b"")
}

/// Runs `dayfly` with arguments and something to read on standard input.
pub fn dayfly_reading(args: &[&str], stdin: &[u8]) -> Run {
    let mut command = command(args);
    command.stdin(Stdio::piped());
    finish(command, stdin)
}

/// Runs a prepared command.
pub fn finish(mut command: Command, stdin: &[u8]) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command can be started");
    if let Some(mut pipe) = child.stdin.take() {
        match pipe.write_all(stdin) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("{error}"),
            _ => drop(pipe),
        }
    }
    let output = child.wait_with_output().expect("the command ends");
    Run {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
