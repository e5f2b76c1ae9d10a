//! Random modules in Dayfly and in wasmi.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(wasm) = dayfly_fuzz::modules::of_numbers_of_bytes(bytes) {
        dayfly_fuzz::foreign::differ(&wasm, bytes.iter().map(|byte| u64::from(*byte)).sum());
    }
});
