//! An audit of the machine code of all handlers, where the system has a disassembler:
//! none calls by address what it is to jump to.

use std::collections::BTreeMap;
use std::process::Command;

/// Modules of the interpreter in which every function is a handler, except for the cold
/// ends of a run; none of these calls by address at all.
const STRICT: [&str; 4] = ["numeric", "memory", "control", "fused"];

/// Functions outside of those modules that are no handlers.
const OTHERS: [&str; 7] =
    ["call::native", "fail::", "frame::", "probe::", "raise::catch", "raise::unwind", "run::"];

/// What is known of a function's code.
#[derive(Default, PartialEq, Debug)]
struct Seen {
    /// Calls of an address in a register or in memory that a register points to.
    calls: usize,
    /// Jumps there.
    jumps: usize,
}

/// The functions of the interpreter's module `exec` in a listing of `objdump -dC`.
fn functions(listing: &str) -> BTreeMap<String, Seen> {
    let mut functions: BTreeMap<String, Seen> = BTreeMap::new();
    let mut current = None;
    // Registers that hold the address of a function which is known by name.
    let mut named: Vec<&str> = Vec::new();
    for line in listing.lines() {
        if line.ends_with(">:") {
            let name = line.split_once(" <").map_or("", |(_, name)| name.trim_end_matches(">:"));
            current = name.strip_prefix("dayfly_interp::exec::");
            named.clear();
            if let Some(name) = current {
                functions.entry(name.to_owned()).or_default();
            }
            continue;
        }
        let Some(seen) = current.and_then(|name| functions.get_mut(name)) else { continue };
        let code = line.split('#').next().unwrap_or_default().trim_end();
        let moved = code.split_once("mov ").and_then(|(_, operands)| operands.rsplit_once(','));
        if let Some((from, to)) = moved {
            let is_named = from.ends_with("(%rip)") || named.contains(&from.trim_start());
            named.retain(|register| *register != to);
            named.extend(is_named.then_some(to));
        }
        let to_address = |what: &str| {
            let target = code.split_once(what).and_then(|(_, rest)| rest.trim_start().strip_prefix('*'));
            target.is_some_and(|target| !target.contains("(%rip)") && !named.contains(&target))
        };
        seen.calls += usize::from(to_address("call "));
        seen.jumps += usize::from(to_address("jmp "));
    }
    functions
}

/// Those that call where they should jump.
fn offenders(functions: &BTreeMap<String, Seen>) -> Vec<&str> {
    let offends = |name: &str, seen: &Seen| {
        let strict = STRICT.iter().any(|module| name.starts_with(&format!("{module}::")));
        let other = OTHERS.iter().any(|other| name.starts_with(other)) || name.contains("{{");
        seen.calls > 0 && (strict || !other)
    };
    functions.iter().filter(|(name, seen)| offends(name, seen)).map(|(name, _)| name.as_str()).collect()
}

#[test]
fn no_handler_calls_the_next() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) || !dayfly_interp::Interp::is_threaded() {
        return;
    }
    let program = std::env::current_exe().expect("a path");
    let output = Command::new("objdump").args(["-dC", "--no-show-raw-insn"]).arg(program).output();
    let Ok(output) = output else {
        eprintln!("skipped: this system has no objdump");
        return;
    };
    let functions = functions(&String::from_utf8_lossy(&output.stdout));
    let jumping = functions.values().filter(|seen| seen.jumps > 0).count();
    assert!(jumping > 50, "only {jumping} functions jump to another: is the listing understood?");
    assert_eq!(offenders(&functions), Vec::<&str>::new());
}

#[test]
fn the_audit_finds_what_it_is_for() {
    let listing = "\
0000000000001000 <dayfly_interp::exec::numeric::binary>:
    1000:	mov    0x10(%rdi),%rax
    1004:	call   *%rax
    1006:	ret
0000000000001010 <dayfly_interp::exec::numeric::unary>:
    1010:	call   *0x1234(%rip)        # 2000 <memcpy>
    1011:	mov    0x1234(%rip),%r13        # 2000 <fmaf>
    1012:	mov    %r13,%rax
    1013:	call   *%rax
    1014:	mov    (%rdi),%rax
    1015:	jmp    *%rax
0000000000001020 <dayfly_interp::exec::call::native>:
    1020:	call   *0x8(%rax)
0000000000001030 <dayfly_interp::exec::gc::struct_new>:
    1030:	call   *(%rax)
0000000000001040 <elsewhere::f>:
    1040:	call   *%rax
";
    let functions = functions(listing);
    assert_eq!(functions["numeric::unary"], Seen { calls: 0, jumps: 1 });
    assert_eq!(offenders(&functions), ["gc::struct_new", "numeric::binary"]);
}
