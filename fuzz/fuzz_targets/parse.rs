//! Arbitrary bytes as a module: an error, or a module that can be read to its end.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let config = dayfly_parser::Config::default();
    dayfly_fuzz::reading::try_read(bytes, config.clone());
    let validation = dayfly_parser::Validation::Lazy;
    dayfly_fuzz::reading::try_read(bytes, dayfly_parser::Config { validation, ..config });
});
