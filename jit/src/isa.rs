//! The machine that code is made for, and how Cranelift is to make it.

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// The machine at hand; `None` if there is no compiler for it.
pub fn host(checked: bool) -> Option<OwnedTargetIsa> {
    let mut flags = settings::builder();
    let check = if checked { "true" } else { "false" };
    let values = [
        ("opt_level", "speed"),
        ("regalloc_algorithm", "backtracking"),
        ("regalloc_checker", check),
        ("enable_verifier", check),
        ("unwind_info", "false"),
        ("machine_code_cfg_info", "false"),
        ("preserve_frame_pointers", "true"),
        ("enable_probestack", "false"),
        // More results than registers go to memory.
        ("enable_multi_ret_implicit_sret", "true"),
    ];
    for (name, value) in values {
        flags.set(name, value).expect("a setting of Cranelift");
    }
    cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()
}
