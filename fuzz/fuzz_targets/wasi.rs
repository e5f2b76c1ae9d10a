//! WASI functions with any arguments, in a folder of their own.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    dayfly_fuzz::drive::drive(bytes);
});
