//! Feeds `firstlight_house::fuzz::dissect`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstlight_house::fuzz::dissect::run(bytes));
