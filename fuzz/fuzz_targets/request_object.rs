//! The target `request_object` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staffpass_fuzz::request_object(data));
