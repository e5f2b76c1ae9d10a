//! The API called in any order.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    dayfly_fuzz::calls::drive(bytes);
});
