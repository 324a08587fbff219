//! Feeds `firstlight_house::fuzz::report`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstlight_house::fuzz::report::run(bytes));
