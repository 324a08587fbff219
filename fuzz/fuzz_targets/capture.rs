//! Feeds `firstlight_house::fuzz::capture`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstlight_house::fuzz::capture::run(bytes));
