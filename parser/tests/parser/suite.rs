//! The official suite, where it is at hand: every module is judged as the scripts say,
//! and the bodies of those that are accepted are read as wasmparser reads them.

use crate::differential::compare;
use dayfly_parser::*;
use std::path::{Path, PathBuf};
use wasmparser::WasmFeatures;
use wast::lexer::Lexer;
use wast::parser::{ParseBuffer, parse};
use wast::{QuoteWat, QuoteWatTest, Wast, WastDirective, WastExecute, Wat};

#[derive(Clone, Copy, PartialEq, Debug)]
enum Verdict {
    Valid,
    Invalid,
    Malformed,
}

struct Run {
    config: Config,
    features: WasmFeatures,
    failures: Vec<String>,
    modules: usize,
}

#[test]
fn official_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/testsuite/spec/test/core");
    if !root.exists() {
        return;
    }
    let mut run = Run {
        config: Config::default(),
        features: WasmFeatures::WASM3
            | WasmFeatures::CUSTOM_PAGE_SIZES
            | WasmFeatures::WIDE_ARITHMETIC
            | WasmFeatures::LEGACY_EXCEPTIONS,
        failures: Vec::new(),
        modules: 0,
    };
    let mut files = Vec::new();
    scripts(&root, &mut files);
    for file in files {
        run.script(&file);
    }
    assert!(run.failures.is_empty(), "{} failures:\n{}", run.failures.len(), run.failures.join("\n"));
    assert!(run.modules > 2000, "{}", run.modules);
}

fn scripts(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            scripts(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            files.push(path);
        }
    }
}

impl Run {
    fn script(&mut self, file: &Path) {
        let text = std::fs::read_to_string(file).unwrap();
        let mut lexer = Lexer::new(&text);
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).unwrap();
        let script = match parse::<Wast<'_>>(&buffer) {
            Ok(script) => script,
            Err(error) => return self.failures.push(format!("{}: {error}", file.display())),
        };
        for directive in script.directives {
            let (line, _) = directive.span().linecol_in(&text);
            let place = format!("{}:{}", file.display(), line + 1);
            match directive {
                WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => {
                    self.judge(module, Verdict::Valid, &place, "");
                }
                WastDirective::AssertMalformed { module, message, .. } => {
                    self.judge(module, Verdict::Malformed, &place, message);
                }
                WastDirective::AssertInvalid { module, message, .. } => {
                    self.judge(module, Verdict::Invalid, &place, message);
                }
                WastDirective::AssertUnlinkable { module, .. }
                | WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. } => {
                    self.judge(QuoteWat::Wat(module), Verdict::Valid, &place, "");
                }
                _ => {}
            }
        }
    }

    fn judge(&mut self, mut module: QuoteWat<'_>, expected: Verdict, place: &str, message: &str) {
        let bytes = match module.to_test() {
            Ok(QuoteWatTest::Binary(bytes)) => bytes,
            // Text that is malformed is the text parser's matter.
            Ok(QuoteWatTest::Text(text)) => match encode(&text) {
                Some(bytes) => bytes,
                None => return,
            },
            Err(_) => return,
        };
        self.modules += 1;
        let found = Module::new(bytes.as_slice(), &self.config);
        let verdict = match &found {
            Ok(_) => Verdict::Valid,
            Err(error) if error.kind() == ErrorKind::Invalid => Verdict::Invalid,
            Err(error) if error.kind() == ErrorKind::Malformed => Verdict::Malformed,
            Err(error) => return self.failures.push(format!("{place}: {message}: {error}")),
        };
        if verdict != expected {
            let found = found.err().map_or(String::new(), |error| error.to_string());
            self.failures.push(format!("{place}: {message}: {verdict:?}: {found}"));
        } else if verdict == Verdict::Valid {
            compare(&bytes, &self.config, self.features);
        }
    }
}

fn encode(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).ok()?;
    parse::<Wat<'_>>(&buffer).ok()?.encode().ok()
}
