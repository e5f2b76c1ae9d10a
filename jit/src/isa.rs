//! The machine that code is made for, and how Cranelift is to make it.

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// The machine at hand; `None` if there is no compiler for it.
pub fn host(checked: bool) -> Option<OwnedTargetIsa> {
    cranelift_native::builder().ok()?.finish(flags(checked)).ok()
}

/// A machine of the same kind that has what all of them have had for long: for code that is to be the same wherever
/// it is made.
pub fn plain(checked: bool) -> Option<OwnedTargetIsa> {
    let mut builder = isa::lookup_by_name(PLAIN).ok()?;
    for name in PLAIN_HAS {
        builder.enable(name).ok()?;
    }
    builder.finish(flags(checked)).ok()
}

const PLAIN: &str = "x86_64-unknown-linux-gnu";
const PLAIN_HAS: &[&str] = &["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];

fn flags(checked: bool) -> settings::Flags {
    let mut flags = settings::builder();
    let check = if checked { "true" } else { "false" };
    let values = [
        ("opt_level", "speed"),
        ("regalloc_algorithm", "backtracking"),
        ("regalloc_checker", check),
        ("enable_verifier", check),
        ("unwind_info", "false"),
        ("machine_code_cfg_info", "true"),
        ("preserve_frame_pointers", "true"),
        ("enable_probestack", "false"),
        // More results than registers go to memory.
        ("enable_multi_ret_implicit_sret", "true"),
    ];
    for (name, value) in values {
        flags.set(name, value).expect("a setting of Cranelift");
    }
    settings::Flags::new(flags)
}
