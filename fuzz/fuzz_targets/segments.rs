//! Feeds `firstlight_house::fuzz::segments`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstlight_house::fuzz::segments::run(bytes));
