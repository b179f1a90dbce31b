//! The target `request_link` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staffpass_fuzz::request_link(data));
