//! Random modules in the interpreter, the compiler, and both: the same results, traps, memories, tables and globals.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(wasm) = dayfly_fuzz::modules::of_bytes(bytes) {
        let seed = bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        dayfly_fuzz::differ(&wasm, seed, seed % 4 == 0);
    }
});
