//! The commands that show compiled code, where there is a compiler.

use crate::command::{command, dayfly, finish};

#[test]
fn objdump_shows_what_is_compiled() {
    let code = |args: &[&str]| {
        let all: Vec<&str> = ["objdump", "--engine", "jit"].iter().chain(args).copied().collect();
        dayfly(&all)
    };
    let plain = code(&["trap.wat", "divide"]).exits(0).stdout;
    assert!(plain.starts_with("function 0 `divide` [i32] -> [i32]:\n"), "{plain}");
    for part in ["i32.div_s", "sdiv", "idivl", "block0(", "retq"] {
        assert!(plain.contains(part), "{part} in\n{plain}");
    }
    assert!(!plain.contains("trap:"), "{plain}");
    assert!(!plain.contains("function 1"), "{plain}");
    let full =
        code(&["--clif", "none", "--addresses", "--bytes", "--traps", "trap.wat", "0"]).exits(0).stdout;
    for part in ["     0: 55", "f7 ", "trap: integer divide by zero"] {
        assert!(full.contains(part), "{part} in\n{full}");
    }
    assert!(!full.contains("block0"), "{full}");
    let all = code(&["trap.wat"]).exits(0).stdout;
    assert!(all.contains("function 2 `_start`"), "{all}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("again.wat");
    let wat = "(module (func $again (param i32) (return_call $again (local.get 0)))
        (func (param i32) (call $again (local.get 0))))";
    std::fs::write(&file, wat).unwrap();
    let again = code(&[file.to_str().unwrap()]).exits(0).stdout;
    assert!(again.contains("callq function 0 `again`"), "{again}");
    code(&["unknown.wat", "0"]).exits(1).complains(&["imported"]);
}

#[test]
fn explore_writes_a_page_that_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let wat = r#"(module $m
        (func (export "</script><b>&") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))"#;
    std::fs::write(folder.path().join("<odd>.wat"), wat).unwrap();
    let mut explore = command(&["explore", "<odd>.wat", "-o", "page.html"]);
    explore.current_dir(folder.path());
    finish(explore, b"").exits(0).prints("");
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    for part in ["i32.mul", "imul", "\\u003c/script>\\u003cb>&", "&lt;odd&gt;.wat"] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    for absent in ["<b>", "<odd>", "http://", "https://", "<!-- "] {
        assert!(!page.contains(absent), "{absent} in\n{page}");
    }
    let start = page.find("id=\"f0\">").unwrap() + "id=\"f0\">".len();
    let data = &page[start..start + page[start..].find("</script>").unwrap()];
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["wasm"][2][2], "i32.mul");
    let source = &data["wasm"][2][0];
    let ties =
        |rows: &serde_json::Value, at: usize| rows.as_array().unwrap().iter().any(|row| row[at] == *source);
    assert!(ties(&data["clif"], 0) && ties(&data["code"], 5), "{data}");
    let interpreted = dayfly(&["explore", "--engine", "interp", "add.wat", "-o", "/dev/null"]);
    interpreted.exits(1).complains(&["no machine code to show"]);
}

#[test]
fn profiles_name_the_functions_of_guests() {
    let folder = tempfile::tempdir().unwrap();
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/add.wat");
    let run = |profile, when| {
        let args =
            ["run", "--engine", "jit", "-W", when, "--profile", profile, "--invoke", "add", guest, "1", "2"];
        let mut run = command(&args);
        run.current_dir(folder.path()).stdout(std::process::Stdio::null());
        let mut child = run.spawn().unwrap();
        let id = child.id();
        assert!(child.wait().unwrap().success());
        id
    };
    for when in ["lazy-compilation=n", "lazy-compilation"] {
        let map = format!("/tmp/perf-{}.map", run("perfmap", when));
        let lines = std::fs::read_to_string(&map).unwrap();
        std::fs::remove_file(map).unwrap();
        let line = lines.lines().find(|line| line.ends_with("::add")).unwrap_or_else(|| panic!("{lines}"));
        let numbers: Vec<u64> =
            line.split(' ').take(2).map(|number| u64::from_str_radix(number, 16).unwrap()).collect();
        assert!(numbers[0] > 0 && (1..10_000).contains(&numbers[1]), "{line}");
    }

    let dump =
        std::fs::read(folder.path().join(format!("jit-{}.dump", run("jitdump", "lazy-compilation=n"))))
            .unwrap();
    let word = |at: usize| u32::from_ne_bytes(dump[at..at + 4].try_into().unwrap());
    assert_eq!((word(0), word(4), word(8)), (0x4a69_5444, 1, 40));
    // Each record tells its size; the bytes of the code end it.
    let (mut at, mut names) = (40, Vec::new());
    while at < dump.len() {
        let (kind, size) = (word(at), word(at + 4) as usize);
        assert_eq!(kind, 0);
        let name = &dump[at + 56..at + size];
        let name = &name[..name.iter().position(|&byte| byte == 0).unwrap()];
        assert_eq!(56 + name.len() + 1 + word(at + 40) as usize, size);
        names.push(String::from_utf8(name.to_vec()).unwrap());
        at += size;
    }
    assert_eq!(at, dump.len());
    assert!(names.iter().any(|name| name.ends_with("::add")), "{names:?}");
}

#[test]
fn profiles_hold_the_beginning_of_long_names() {
    let folder = tempfile::tempdir().unwrap();
    let name = "m".repeat(90_000);
    let wat = format!("(module ${name} {} (func (export \"_start\")))", "(func)".repeat(1000));
    std::fs::write(folder.path().join("guest.wasm"), wat::parse_str(wat).unwrap()).unwrap();
    for (profile, file) in [("perfmap", "/tmp/perf-ID.map"), ("jitdump", "jit-ID.dump")] {
        let args = ["run", "--engine", "jit", "--no-cache", "--profile", profile, "guest.wasm"];
        let mut child = command(&args).current_dir(folder.path()).spawn().unwrap();
        let file = folder.path().join(file.replace("ID", &child.id().to_string()));
        assert!(child.wait().unwrap().success());
        let len = std::fs::metadata(&file).unwrap().len();
        std::fs::remove_file(file).unwrap();
        assert!((500_000..2_000_000).contains(&len), "{len}");
    }
}

#[test]
fn counts_show_what_is_hot() {
    let counted = dayfly(&["run", "--profile", "counts", "--invoke", "spin", "spin.wat", "7"]);
    counted.exits(0).complains(&["7 rounds  func 0 spin, loop at 0x", "1 calls   func 0 spin"]);
    let compiled = dayfly(&["run", "--engine", "jit", "--profile", "counts", "loop.wat"]);
    compiled.exits(1).complains(&["--engine interp"]);
}
