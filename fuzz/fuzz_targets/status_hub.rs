//! The target `status_hub` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staffpass_fuzz::status_hub(data));
