//! Token Status List: references, lists and values.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::io::Write as _;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use common::{LIST, limits, size, with};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_jose::base64url;
use staffpass_status::token::{StatusListToken, TokenStatus, TokenStatusList, judge};
use staffpass_status::{
    BitOrder, ListEncoding, StatusListBuilder, StatusOutcome, StatusPurpose, inflate,
};

const ORDER: BitOrder = BitOrder::LeastSignificantFirst;
const ZLIB: ListEncoding = ListEncoding::ZlibBase64Url;

fn status(index: u64) -> TokenStatus {
    TokenStatus::parse(&json!({"status_list": {"idx": index, "uri": LIST}})).unwrap()
}

fn claims(bits: u64, lst: &str) -> Value {
    json!({
        "sub": LIST, "iat": 1_767_225_600, "exp": 1_767_830_400, "ttl": 43_200,
        "status_list": {"bits": bits, "lst": lst},
    })
}

fn code(claims: &Value) -> &'static str {
    let token = StatusListToken::parse(claims.to_string().as_bytes(), &limits());
    match token.and_then(|token| token.inflate(&limits())) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn open(claims: &Value) -> TokenStatusList {
    let token = StatusListToken::parse(claims.to_string().as_bytes(), &limits()).unwrap();
    token.inflate(&limits()).unwrap()
}

fn values(list: &TokenStatusList, count: u64) -> Vec<u8> {
    (0..count)
        .map(|index| match judge(&status(index), list).unwrap() {
            StatusOutcome::Set { value, .. } => value,
            _ => 0,
        })
        .collect()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib_code(compressed: &[u8]) -> &'static str {
    inflate(&base64url::encode(compressed), ZLIB, &limits())
        .map_or_else(|e| e.code(), |_| "accepted")
}

#[test]
fn l07_a_list_that_is_not_yet_valid_is_none_yet() {
    let mut claims = claims(1, "eNrbuRgAAhcBXQ");
    claims["nbf"] = json!(1_767_229_200);
    let at = |seconds: i64| DateTime::from_timestamp(1_767_229_200 + seconds, 0).unwrap();
    let dates = |seconds| open(&claims).about().check_dates(at(seconds), TimeDelta::seconds(60));
    assert_eq!(dates(-61).map_err(|error| error.code()), Err("status_list_not_yet_valid"));
    assert_eq!(dates(-60), Ok(()));
    claims["nbf"] = json!("soon");
    assert_eq!(code(&claims), "status_list_malformed");
}

#[test]
fn l03_claims_that_are_an_array_or_null_are_refused() {
    let list = json!({"bits": 1, "lst": "eNrbuRgAAhcBXQ"});
    let array = json!([null, LIST, 1_767_225_600, null, null, null, list]);
    assert_eq!(code(&array), "status_list_malformed");
    for (member, value) in
        [("status_list", json!([1, "eNrbuRgAAhcBXQ"])), ("iss", Value::Null), ("exp", Value::Null)]
    {
        let mut claims = claims(1, "eNrbuRgAAhcBXQ");
        claims[member] = value;
        assert_eq!(code(&claims), "status_list_malformed", "{member}");
    }
}

#[test]
fn l06_the_examples_of_the_specification_are_read_from_the_least_significant_bit() {
    let one = open(&claims(1, "eNrbuRgAAhcBXQ"));
    assert_eq!(one.bits().as_bytes(), [0xb9, 0xa3]);
    assert_eq!(values(&one, 16), [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    let two = open(&claims(2, "eNo76fITAAPfAgc"));
    assert_eq!(two.bits().as_bytes(), [0xc9, 0x44, 0xf9]);
    assert_eq!(values(&two, 12), [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
}

/// The test vectors of the specification (its appendix on status list encoding): 2^20 entries, of which
/// these are not zero.
#[test]
fn the_long_lists_of_the_specification_say_what_it_says() {
    let few = |values: [u8; 11]| {
        let at = [
            0, 1993, 25_460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534,
            1_000_345,
        ];
        at.into_iter().zip(values).collect::<Vec<_>>()
    };
    let wide = [
        0, 1993, 35_460, 459_495, 595_669, 754_353, 845_645, 923_232, 924_445, 934_534, 1_004_534,
        1_000_345, 1_030_203, 1_030_204, 1_030_205,
    ];
    let mut wide: Vec<_> = wide.into_iter().zip(1..).collect();
    wide.sort_unstable();
    for (bits, lst, expected) in [
        (1, ONE_BIT, few([1; 11])),
        (2, TWO_BITS, few([1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3])),
        (4, FOUR_BITS, wide),
    ] {
        let list = open(&claims(bits, lst));
        let bytes = (0_u64..).zip(list.bits().as_bytes()).filter(|(_, byte)| **byte != 0);
        let near = bytes.flat_map(|(at, _)| at * 8 / bits..(at + 1) * 8 / bits);
        let value = |at| match judge(&status(at), &list).unwrap() {
            StatusOutcome::Set { value, .. } => value,
            _ => 0,
        };
        let found = near.map(|at| (at, value(at))).filter(|(_, value)| *value != 0);
        assert_eq!(found.collect::<Vec<_>>(), expected, "{bits}");
        let beyond = judge(&status(1 << 20), &list).map_err(|error| error.code());
        assert_eq!(beyond, Err("status_index_out_of_range"), "{bits}");
    }
}

const ONE_BIT: &str = concat!(
    "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAA",
    "vhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAA",
    "AACAZC8L2AEb",
);

const TWO_BITS: &str = concat!(
    "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoA",
    "AAAAAAAAAAAAAEBqH81gAQw",
);

const FOUR_BITS: &str = concat!(
    "eNrt0EENgDAQADAIHwImkIIEJEwCUpCEBBQRHOy35Li1EjoOQGabAgAAAAAAAAAAAAAAAAAAACC1SQEA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAABADrsCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADoxaEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIIoCgAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACArpwKAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAGhqVkAzlwIAAAAAiGVRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAABx3AoAgLpVAQAAAAAAAAAAAAAAwM89rwMAAAAAAAAAAAjsA9xMBMA",
);

#[test]
fn l04_only_zero_is_valid_and_only_two_is_suspended() {
    for bits in [1, 2, 4, 8] {
        for value in 0..=size(bits).max_value() {
            let mut list = StatusListBuilder::new(16, size(bits), ORDER).unwrap();
            list.set(5, value).unwrap();
            let list = open(&claims(bits, &list.encode(ZLIB).unwrap()));
            let expected = match value {
                0 => StatusOutcome::Valid,
                2 => StatusOutcome::Set { purpose: StatusPurpose::Suspension, value },
                _ => StatusOutcome::Set { purpose: StatusPurpose::Revocation, value },
            };
            assert_eq!(judge(&status(5), &list), Ok(expected), "{value} of {bits} bits");
            assert_eq!(judge(&status(6), &list), Ok(StatusOutcome::Valid));
        }
    }
}

#[test]
fn l05_sizes_other_than_one_two_four_and_eight_are_refused() {
    for bits in [0, 3, 5, 6, 7, 9, 16, u64::MAX] {
        assert_eq!(code(&claims(bits, "eNrbuRgAAhcBXQ")), "status_size_unsupported", "{bits}");
    }
    for bits in [json!(-1), json!("1"), json!(1.5), json!(null)] {
        let bad = with(claims(1, "eNrbuRgAAhcBXQ"), "status_list/bits", bits);
        assert_eq!(code(&bad), "status_list_malformed");
    }
}

#[test]
fn l02_an_index_beyond_the_list_or_that_is_no_number_is_refused() {
    let list = open(&claims(1, "eNrbuRgAAhcBXQ"));
    for index in [16, 1 << 32, u64::MAX] {
        let error = judge(&status(index), &list).unwrap_err();
        assert_eq!(error.code(), "status_index_out_of_range");
    }
    for index in [json!(-1), json!("1"), json!(1.5), json!(null), json!([0])] {
        let status = json!({"status_list": {"idx": index, "uri": LIST}});
        let error = TokenStatus::parse(&status).unwrap_err();
        assert_eq!(error.code(), "status_index_malformed", "{index}");
    }
}

#[test]
fn l03_a_list_whose_sub_is_not_exactly_the_uri_is_refused() {
    for subject in [
        "https://trust.example/status/4",
        "https://trust.example/status/3/",
        "https://trust.example/status/3#list",
        "HTTPS://trust.example/status/3",
        "https://trust.example:443/status/3",
        "",
    ] {
        let list = open(&with(claims(1, "eNrbuRgAAhcBXQ"), "sub", json!(subject)));
        assert_eq!(
            judge(&status(1), &list).unwrap_err().code(),
            "status_list_mismatch",
            "{subject}"
        );
    }
    let without = with(claims(1, "eNrbuRgAAhcBXQ"), "sub", Value::Null);
    assert_eq!(code(&without), "status_list_malformed");
}

#[test]
fn l09_another_mechanism_is_refused_even_beside_a_list() {
    let reference = json!({"idx": 1, "uri": LIST});
    for status in
        [json!({}), json!({"identifier_list": {}}), json!({"status_list": reference, "x": {}})]
    {
        assert_eq!(
            TokenStatus::parse(&status).unwrap_err().code(),
            "status_type_unknown",
            "{status}"
        );
    }
    for status in [
        json!(null),
        json!([]),
        json!("x"),
        json!({"status_list": {}}),
        json!({"status_list": {"idx": 1}}),
        json!({"status_list": {"idx": 1, "uri": 1}}),
    ] {
        assert_eq!(
            TokenStatus::parse(&status).unwrap_err().code(),
            "status_entry_malformed",
            "{status}"
        );
    }
    for uri in ["http://trust.example/3", "did:web:trust.example", "", "https://u@trust.example/3"]
    {
        let status = json!({"status_list": {"idx": 1, "uri": uri}});
        assert_eq!(
            TokenStatus::parse(&status).unwrap_err().code(),
            "status_location_malformed",
            "{uri}"
        );
    }
}

#[test]
fn l01_a_zlib_bomb_is_refused() {
    assert_eq!(zlib_code(&zlib(&vec![0; limits().max_inflated_bytes])), "accepted");
    assert_eq!(zlib_code(&zlib(&vec![0; 64 << 20])), "status_list_too_large");
    let mut limits = limits();
    limits.max_ratio = 10;
    let error = inflate(&base64url::encode(zlib(&[0; 4096])), ZLIB, &limits).unwrap_err();
    assert_eq!(error.code(), "status_list_ratio");
}

#[test]
fn pf32_what_is_not_one_whole_zlib_stream_is_an_error() {
    let good = zlib(&[5; 64]);
    assert_eq!(zlib_code(&[&good[..], b"x"].concat()), "status_list_trailing_data");
    assert_eq!(zlib_code(&[&good[..], &good].concat()), "status_list_trailing_data");
    for length in 0..good.len() {
        assert_eq!(zlib_code(&good[..length]), "status_list_compression", "{length}");
    }
    for at in 0..good.len() * 8 {
        let mut flipped = good.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        if let Ok(list) = inflate(&base64url::encode(flipped), ZLIB, &limits()) {
            assert_eq!(list.as_bytes(), [5; 64], "{at}");
        }
    }
    assert_eq!(code(&claims(1, "eNrbuRgAAhcBXQ==")), "status_list_encoding");
}

#[test]
fn l07_a_list_that_has_expired_or_comes_from_the_future_is_refused() {
    let about = open(&claims(1, "eNrbuRgAAhcBXQ")).about().clone();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let code = |now| {
        about.check_dates(at(now), TimeDelta::seconds(60)).map_or_else(|e| e.code(), |()| "good")
    };
    assert_eq!(code("2026-01-02T00:00:00Z"), "good");
    assert_eq!(code("2026-01-08T00:01:00Z"), "status_list_expired");
    assert_eq!(code("2025-12-31T23:58:59Z"), "status_list_issued_in_future");
    for (name, value) in
        [("iat", Value::Null), ("iat", json!("x")), ("exp", json!(-1)), ("ttl", json!(-1))]
    {
        let bad = with(claims(1, "eNrbuRgAAhcBXQ"), name, value);
        assert_eq!(self::code(&bad), "status_list_malformed", "{name}");
    }
}

#[test]
fn l11_a_ttl_in_seconds_is_brought_within_bounds() {
    let about =
        |ttl: u64| open(&with(claims(1, "eNrbuRgAAhcBXQ"), "ttl", json!(ttl))).about().clone();
    let (least, most) = (Duration::from_secs(60), Duration::from_secs(86_400));
    assert_eq!(about(43_200).ttl_within(least, most), Some(Duration::from_secs(43_200)));
    assert_eq!(about(0).ttl_within(least, most), Some(least));
    assert_eq!(about(u64::MAX).ttl_within(least, most), Some(most));
}

proptest! {
    #[test]
    fn what_is_set_is_what_is_read(bits in prop::sample::select(vec![1_u64, 2, 4, 8]), set in prop::collection::vec(any::<u8>(), 1..200)) {
        let size = size(bits);
        let set: Vec<u8> = set.iter().map(|value| value & size.max_value()).collect();
        let mut list = StatusListBuilder::new(set.len() as u64, size, ORDER).unwrap();
        for (index, value) in set.iter().enumerate() {
            list.set(index as u64, *value).unwrap();
        }
        let list = open(&claims(bits, &list.encode(ZLIB).unwrap()));
        prop_assert_eq!(values(&list, set.len() as u64), set);
    }

    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        let _ = StatusListToken::parse(&bytes, &limits());
        let _ = zlib_code(&bytes);
        let mut looks_like_zlib = vec![0x78, 0xda];
        looks_like_zlib.extend(bytes);
        let _ = zlib_code(&looks_like_zlib);
    }

    #[test]
    fn no_output_is_larger_than_the_cap(length in 0_usize..20_000, cap in 0_usize..20_000) {
        let mut limits = limits();
        limits.max_inflated_bytes = cap;
        match inflate(&base64url::encode(zlib(&vec![7; length])), ZLIB, &limits) {
            Ok(list) => prop_assert!(list.as_bytes().len() == length && length <= cap),
            Err(error) => prop_assert!(length > cap && error.code() == "status_list_too_large"),
        }
    }
}
