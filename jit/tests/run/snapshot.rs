//! What becomes of functions, compared with what `tests/snapshots/` has: CLIF and machine code of cases whose shape
//! matters. A file is a module; its first line says how it is compiled, its last ones what is expected. The
//! machine is always the same plain one. `BLESS=1` writes what comes out instead.

use dayfly_jit::Jit;
use dayfly_jit::listing::{Lister, Show, Stage};
use dayfly_parser::{DefinedFuncIdx, Module};
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::Shared;
use std::fmt::Write;
use std::path::Path;

/// How a line begins that is expected.
const EXPECTED: &str = ";;;";

#[test]
fn code_is_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut wrong = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let module: String =
            text.lines().filter(|line| !line.starts_with(EXPECTED)).map(|line| format!("{line}\n")).collect();
        let module = module.trim_end();
        let listed = listing(module);
        let expected: String =
            listed.lines().map(|line| format!("{EXPECTED} {line}").trim_end().to_owned() + "\n").collect();
        let new = format!("{module}\n\n{expected}");
        if new == text {
            continue;
        }
        if bless {
            std::fs::write(&file, new).unwrap();
        } else {
            let name = file.file_name().unwrap().to_string_lossy();
            let _ = writeln!(wrong, "{name}: this comes out:\n{listed}");
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 takes over what has changed, for the diff to show:\n{wrong}");
}

/// All functions of a module, compiled as its first line says.
fn listing(text: &str) -> String {
    let mut config = RuntimeConfig { memory_guarded: true, ..RuntimeConfig::default() };
    let mut stage = Stage::Optimized;
    let options = text.lines().next().and_then(|line| line.strip_prefix(";; compile")).expect("`;; compile`");
    for option in options.split_whitespace() {
        match option {
            "fuel" => config.fuel = true,
            "epochs" => config.epoch_interruption = true,
            "hardened" => config.spectre_hardening = true,
            "lowered" => stage = Stage::Lowered,
            _ => panic!("{option}: there are `fuel`, `epochs`, `hardened` and `lowered`"),
        }
    }
    let module = Module::new(wat::parse_str(text).unwrap(), &dayfly_parser::Config::default()).unwrap();
    let shared = Shared::new(config);
    let shape = Shape::new(module, shared.types().clone(), shared.config().clone()).unwrap();
    let jit = Jit::plain(true).unwrap();
    let module = shape.module();
    let code = jit.compile(&shape, &vec![true; module.bodies().len()]).unwrap();
    let lister = Lister::new(&jit, &code);
    let mut all = String::new();
    for func in (0..module.bodies().len() as u32).map(|func| module.func_index(DefinedFuncIdx(func))) {
        let listing = lister.function(func, stage).unwrap().unwrap();
        let _ = writeln!(all, "function {func}:\n{}", listing.table(Show::default()));
    }
    all.trim_end().to_owned()
}
