//! Files of compiled modules that were changed.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    dayfly_fuzz::artifact::try_changed(bytes);
});
