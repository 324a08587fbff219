//! Feeds `firstlight_house::fuzz::wire`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| firstlight_house::fuzz::wire::run(bytes));
