//! Decides how handlers reach each other. Threaded dispatch needs sibling calls,
//! which LLVM makes of tail calls only when it optimises and when all arguments
//! fit in registers; every other build uses a loop with the same handlers.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(dayfly_threaded)");
    let optimised = matches!(env::var("OPT_LEVEL").as_deref(), Ok("2" | "3" | "s" | "z"));
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let registers = matches!(arch.as_str(), "x86_64" | "aarch64" | "riscv64");
    let windows = env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("windows");
    // Sanitizers and coverage put code between a call and the return after it.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let instrumented = flags.contains("sanitizer") || flags.contains("instrument-coverage");
    // A level in the flags overrides that of the profile.
    let overridden = flags.contains("opt-level");
    // For whom all this is not enough, as `exec/probe.rs` would tell.
    println!("cargo::rerun-if-env-changed=DAYFLY_DISPATCH");
    let looped = env::var("DAYFLY_DISPATCH").as_deref() == Ok("loop");
    if optimised && registers && !windows && !instrumented && !overridden && !looped {
        println!("cargo::rustc-cfg=dayfly_threaded");
    }
}
