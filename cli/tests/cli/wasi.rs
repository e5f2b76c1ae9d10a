//! WASI programs: what they are given, and that they are given nothing else.

use crate::command::{command, dayfly, dayfly_reading, finish};

#[test]
fn the_exit_status_is_the_programs() {
    dayfly(&["exit.wat"]).exits(1);
    dayfly(&["exit.wat", "a", "b"]).exits(3);
    dayfly(&["run", "exit.wat", "--env", "X"]).exits(3);
    dayfly(&["--", "exit.wat", "--invoke"]).exits(2);
}

#[test]
fn arguments_environment_and_input() {
    dayfly(&["echo.wat"]).exits(0).prints("echo.wat\n");
    dayfly(&["echo.wat", "-W", "--", "x y"]).exits(0).prints("echo.wat\n-W\n--\nx y\n");
    dayfly(&["--argv0", "me", "--env", "A=1=2", "--env", "B=", "echo.wat"])
        .exits(0)
        .prints("me\nA=1=2\nB=\n");
    dayfly_reading(&["echo.wat"], b"read this").exits(0).prints("echo.wat\nread this");
    dayfly_reading(&["-S", "inherit-stdin=n", "echo.wat"], b"read this").exits(0).prints("echo.wat\n");
    dayfly(&["-S", "inherit-output=n", "echo.wat"]).exits(0).prints("");
}

#[test]
fn variables_are_passed_on_only_when_named() {
    let run = |args: &[&str]| {
        let mut command = command(args);
        command.env_clear().env("SECRET", "s").env("PUBLIC", "p");
        finish(command, b"").exits(0)
    };
    run(&["echo.wat"]).prints("echo.wat\n");
    run(&["--env", "PUBLIC", "echo.wat"]).prints("echo.wat\nPUBLIC=p\n");
    let all = run(&["-S", "inherit-env", "echo.wat"]).stdout;
    assert!(all.contains("SECRET=s\n") && all.contains("PUBLIC=p\n"));
}

#[test]
fn folders_are_granted_read_only_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("note");
    let host = folder.path().to_str().unwrap();
    let granted = |dir: &str, function: &str| dayfly(&["--dir", dir, "--invoke", function, "files.wat"]);

    // There is no descriptor 3: the error is `badf`.
    dayfly(&["--invoke", "write", "files.wat"]).exits(0).prints("8\n");
    assert!(!note.exists());
    granted(host, "write").exits(0).prints("0\n");
    assert_eq!(std::fs::read_to_string(&note).unwrap(), "written by a guest\n");
    granted(&format!("{host}::/data"), "read").exits(0).prints("written by a guest\n0\n");

    std::fs::write(&note, "as it was").unwrap();
    granted(&format!("{host}::/data::ro"), "read").exits(0).prints("as it was0\n");
    let run = granted(&format!("{host}::/data::ro"), "write").exits(0);
    assert_ne!(run.stdout, "0\n");
    assert_eq!(std::fs::read_to_string(&note).unwrap(), "as it was");
}

#[test]
fn the_program_of_the_readme_runs() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/mandelbrot.wat");
    let run = dayfly(&[program, "30"]).exits(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 11);
    assert!(lines.iter().all(|line| line.len() == 30));
    assert!(lines[5].contains("@@@"), "the set itself is in the middle:\n{}", run.stdout);
    assert_eq!(lines[0], lines[10], "the picture is symmetric:\n{}", run.stdout);
    dayfly(&[program]).exits(0);
    dayfly(&[program, "wide"]).exits(2).complains(&["usage: mandelbrot"]);
    dayfly(&[program, "9999"]).exits(2).complains(&["usage: mandelbrot"]);
}
