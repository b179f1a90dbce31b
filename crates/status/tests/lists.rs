//! Lists: bounds on what is read, and what their claims must say.
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
use common::{BOTH, LIST, claims, encoded, limits, list_code, open, read, size, with};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_jose::base64url;
use staffpass_status::{
    BitOrder, EntrySize, Limits, ListEncoding, StatusKind, StatusListBuilder, StatusListCredential,
    StatusPurpose, inflate,
};

const KINDS: [StatusKind; 4] = [
    StatusKind::StatusList2021,
    StatusKind::BitstringStatusList,
    StatusKind::RevocationList2021,
    StatusKind::RevocationList2020,
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn code(compressed: &[u8], limits: &Limits) -> &'static str {
    let text = base64url::encode(compressed);
    match inflate(&text, ListEncoding::GzipBase64Url, limits) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn a_list_of_each_kind_is_read() {
    for kind in KINDS {
        let list = open(&claims(kind, &encoded(kind, 131_072, &[7])));
        assert_eq!(list.about().kind, kind);
        assert_eq!(list.about().purposes, [StatusPurpose::Revocation]);
        assert_eq!(list.about().issuer.as_deref(), Some("did:web:trust.example"));
        assert_eq!(list.about().id.as_deref(), Some(LIST));
        assert_eq!(list.about().made_at(), Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(list.bits().value(7, EntrySize::ONE, kind.default_order()), Ok(1));
        assert_eq!(list.bits().entries(EntrySize::ONE), 131_072);
    }
}

/// The `encodedList` of the examples in StatusList2021 and in Bitstring Status List 1.0: 16 KiB of zeros,
/// in the second with the letter of its multibase.
#[test]
fn the_lists_of_the_specifications_are_empty() {
    let old = "H4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    let new = format!("u{old}");
    for (kind, text) in
        [(StatusKind::StatusList2021, old), (StatusKind::BitstringStatusList, new.as_str())]
    {
        let bytes = inflate(text, kind.encoding(), &limits()).expect("a list");
        assert_eq!(bytes.as_bytes(), [0; 16 * 1024], "{kind:?}");
    }
    let swapped = inflate(old, StatusKind::BitstringStatusList.encoding(), &limits());
    assert_eq!(swapped.map_err(|error| error.code()), Err("status_list_encoding"));
}

#[test]
fn l01_a_list_beyond_the_cap_is_refused_before_it_is_inflated() {
    let cap = limits().max_inflated_bytes;
    assert_eq!(code(&gzip(&vec![0; cap]), &limits()), "accepted");
    assert_eq!(code(&gzip(&vec![0; cap + 1]), &limits()), "status_list_too_large");
}

#[test]
fn pf09_status_list_bomb() {
    // 64 MiB of zeros in 64 kB.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let mut bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 75_000);
    assert_eq!(code(&bomb, &limits()), "status_list_too_large");
    // The same with a length in its trailer that is a lie.
    let trailer = bomb.len() - 4;
    bomb[trailer..].copy_from_slice(&1000_u32.to_le_bytes());
    assert_eq!(code(&bomb, &limits()), "status_list_compression");
}

#[test]
fn l01_a_length_that_deflate_cannot_reach_is_refused_before_memory_is_taken() {
    let mut small = gzip(b"a list");
    let trailer = small.len() - 4;
    small[trailer..].copy_from_slice(&2_000_000_u32.to_le_bytes());
    assert_eq!(code(&small, &limits()), "status_list_ratio");
    small[trailer..].copy_from_slice(&7_u32.to_le_bytes());
    assert_eq!(code(&small, &limits()), "status_list_compression");
    small[trailer..].copy_from_slice(&5_u32.to_le_bytes());
    assert_eq!(code(&small, &limits()), "status_list_compression");
}

#[test]
fn l01_an_honest_list_with_nothing_set_is_within_the_ratio() {
    for bytes in [0, 1, 16 * 1024, 125_000, 2 * 1024 * 1024] {
        assert_eq!(code(&gzip(&vec![0; bytes]), &limits()), "accepted", "{bytes}");
    }
}

#[test]
fn l01_anything_after_the_one_member_is_refused() {
    let one = gzip(&[0; 64]);
    for extra in [&b"x"[..], b"\0\0\0\0", &one] {
        let with_more = [&one[..], extra].concat();
        let code = code(&with_more, &limits());
        assert_ne!(code, "accepted");
    }
    assert_eq!(code(&[&one[..], b"\x40\0\0\0"].concat(), &limits()), "status_list_trailing_data");
    // Two members of one length, so that the trailer's length fits the first as well.
    assert_eq!(code(&[&one[..], &one].concat(), &limits()), "status_list_trailing_data");
    // A second member that says that it is longer than the first is.
    let longer = gzip(&[0; 70]);
    assert_eq!(code(&[&one[..], &longer].concat(), &limits()), "status_list_trailing_data");
}

#[test]
fn pf32_what_is_not_gzip_is_an_error_and_no_panic() {
    let good = gzip(&[5; 64]);
    for length in 0..good.len() {
        assert_ne!(code(&good[..length], &limits()), "accepted", "{length}");
    }
    // A flipped bit in the header's time or in the padding of the last byte means nothing to the
    // data; any other is an error.
    for at in 0..good.len() * 8 {
        let mut flipped = good.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        let text = base64url::encode(flipped);
        if let Ok(list) = inflate(&text, ListEncoding::GzipBase64Url, &limits()) {
            assert_eq!(list.as_bytes(), [5; 64], "{at}");
        }
    }
    for text in [&b""[..], b"\x1f\x8b", b"not gzip at all", b"not gzip\0\0\0\0"] {
        assert_eq!(code(text, &limits()), "status_list_compression");
    }
}

#[test]
fn the_encoding_is_the_one_of_the_kind() {
    let plain = encoded(StatusKind::StatusList2021, 131_072, &[]);
    let multibase = encoded(StatusKind::BitstringStatusList, 131_072, &[]);
    assert_eq!(multibase, format!("u{plain}"));
    let bad_2021 = [multibase.clone(), format!("{plain}="), format!("{plain}\n"), "+/+/".into()];
    for text in bad_2021 {
        let code = list_code(&claims(StatusKind::StatusList2021, &text));
        // With a letter before it, it may still be base64url, of something that is no gzip.
        let refused = ["status_list_encoding", "status_list_compression"];
        assert!(refused.contains(&code), "{code} {text}");
    }
    for text in [plain.clone(), format!("z{plain}"), format!("m{plain}"), String::new()] {
        let code = list_code(&claims(StatusKind::BitstringStatusList, &text));
        assert_eq!(code, "status_list_encoding", "{text}");
    }
}

#[test]
fn the_same_bits_are_always_encoded_alike() {
    let one = encoded(StatusKind::StatusList2021, 200_000, &[1, 5, 199_999]);
    let two = encoded(StatusKind::StatusList2021, 200_000, &[199_999, 5, 1]);
    assert_eq!(one, two);
}

#[test]
fn l03_a_credential_that_is_no_such_list_is_refused() {
    let good = claims(StatusKind::StatusList2021, &encoded(StatusKind::StatusList2021, 8, &[]));
    assert_eq!(list_code(&good), "accepted");
    for (path, value) in [
        ("vc/type", json!(["VerifiableCredential"])),
        ("vc/type", json!(["VerifiableCredential", "BitstringStatusListCredential"])),
        ("vc/type", json!([1])),
        ("vc/credentialSubject/type", json!("BitstringStatusList")),
        ("vc/credentialSubject/type", json!("StaffIdentity")),
        ("vc/credentialSubject/type", json!(["StatusList2021", "RevocationList2021"])),
    ] {
        let bad = with(good.clone(), path, value.clone());
        assert_eq!(list_code(&bad), "status_list_type", "{path} {value}");
    }
    for path in ["vc/credentialSubject/encodedList", "vc/type", "vc/credentialSubject"] {
        let bad = with(good.clone(), path, Value::Null);
        assert_eq!(list_code(&bad), "status_list_malformed", "{path}");
    }
}

#[test]
fn l03_claims_and_members_that_differ_are_refused() {
    let good = claims(StatusKind::StatusList2021, &encoded(StatusKind::StatusList2021, 8, &[]));
    for (path, value) in [
        ("vc/issuer", json!("did:web:other.example")),
        ("vc/issuer", json!({"id": "did:web:other.example"})),
        ("vc/id", json!("https://trust.example/status/4")),
        ("sub", json!("https://trust.example/status/4#list")),
    ] {
        let bad = with(good.clone(), path, value);
        assert_eq!(list_code(&bad), "status_list_contradictory", "{path}");
    }
    for value in [json!("did:web:trust.example"), json!({"id": "did:web:trust.example"})] {
        assert_eq!(list_code(&with(good.clone(), "vc/issuer", value)), "accepted");
    }
    assert_eq!(list_code(&with(good, "vc/issuer", json!({"name": "x"}))), "status_list_malformed");
}

#[test]
fn l03_a_list_without_a_purpose_is_refused_where_the_type_requires_one() {
    for kind in KINDS {
        let list = claims(kind, &encoded(kind, 8, &[]));
        let without = with(list.clone(), "vc/credentialSubject/statusPurpose", Value::Null);
        let defaults =
            matches!(kind, StatusKind::RevocationList2021 | StatusKind::RevocationList2020);
        let expected = if defaults { "accepted" } else { "status_purpose_missing" };
        assert_eq!(list_code(&without), expected, "{kind:?}");
        for unknown in [json!("x"), json!([]), json!(["revocation", "x"]), json!(1)] {
            let bad = with(list.clone(), "vc/credentialSubject/statusPurpose", unknown);
            assert_eq!(list_code(&bad), "status_purpose_unknown", "{kind:?}");
        }
    }
}

#[test]
fn l13_a_list_that_has_a_status_itself_is_refused() {
    let good = claims(StatusKind::StatusList2021, &encoded(StatusKind::StatusList2021, 8, &[]));
    for status in [common::entry_2021(0), json!([]), json!("x")] {
        let looping = with(good.clone(), "vc/credentialStatus", status);
        assert_eq!(list_code(&looping), "status_list_has_status");
    }
}

#[test]
fn a_credential_secured_as_it_is_is_read_like_a_vc_jwt() {
    let kind = StatusKind::BitstringStatusList;
    let payload = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": LIST, "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": "did:web:trust.example"},
        "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-02-01T01:00:00+01:00",
        "credentialSubject": {"id": format!("{LIST}#list"), "type": "BitstringStatusList",
            "statusPurpose": ["revocation", "suspension"], "ttl": 300_000,
            "encodedList": encoded(kind, 131_072, &[3])},
    });
    let about = read(&payload).unwrap().about().clone();
    assert_eq!(about.issuer.as_deref(), Some("did:web:trust.example"));
    assert_eq!(about.valid_until, Some(at("2026-02-01T00:00:00Z")));
    assert_eq!(about.ttl, Some(Duration::from_secs(300)));
    assert_eq!(about.purposes, [StatusPurpose::Revocation, StatusPurpose::Suspension]);
    assert_eq!(list_code(&payload), "accepted");
}

#[test]
fn l07_dates_that_are_there_are_enforced_and_the_narrower_counts() {
    let kind = StatusKind::StatusList2021;
    let good = claims(kind, &encoded(kind, 8, &[]));
    let until = with(good.clone(), "exp", json!(1_767_830_400)); // 2026-01-08
    let narrower = with(until.clone(), "vc/expirationDate", json!("2026-01-05T00:00:00Z"));
    let code = |claims: &Value, now: &str| {
        let about = read(claims).unwrap().about().clone();
        match about.check_dates(at(now), TimeDelta::seconds(60)) {
            Ok(()) => "good",
            Err(error) => error.code(),
        }
    };
    assert_eq!(code(&good, "2036-01-01T00:00:00Z"), "good");
    assert_eq!(code(&until, "2026-01-08T00:00:59Z"), "good");
    assert_eq!(code(&until, "2026-01-08T00:01:00Z"), "status_list_expired");
    assert_eq!(code(&narrower, "2026-01-06T00:00:00Z"), "status_list_expired");
    assert_eq!(code(&good, "2025-12-31T23:59:00Z"), "good");
    assert_eq!(code(&good, "2025-12-31T23:58:59Z"), "status_list_not_yet_valid");
}

#[test]
fn l16_a_list_from_the_future_is_refused() {
    let kind = StatusKind::RevocationList2021;
    let future = with(claims(kind, &encoded(kind, 8, &[])), "nbf", Value::Null);
    let about = read(&future).unwrap().about().clone();
    let error = about.check_dates(at("2025-12-31T12:00:00Z"), TimeDelta::seconds(300)).unwrap_err();
    assert_eq!(error.code(), "status_list_issued_in_future");
}

#[test]
fn l07_a_date_that_is_no_date_is_refused() {
    let kind = StatusKind::StatusList2021;
    let good = claims(kind, &encoded(kind, 8, &[]));
    for name in ["iat", "nbf", "exp"] {
        for bad in ["1e300", "null", "\"1767225600\"", "-1", "true"] {
            let claims = with(good.clone(), name, json!("@")).to_string().replace("\"@\"", bad);
            let error = StatusListCredential::parse(claims.as_bytes(), &limits()).unwrap_err();
            assert_eq!(error.code(), "status_list_malformed", "{name} {bad}");
        }
    }
    for name in ["vc/issuanceDate", "vc/validFrom", "vc/expirationDate", "vc/validUntil"] {
        let bad = with(good.clone(), name, json!("soon"));
        assert_eq!(list_code(&bad), "status_list_date", "{name}");
    }
}

#[test]
fn l11_an_absurd_ttl_is_brought_within_bounds() {
    let kind = StatusKind::BitstringStatusList;
    let list = claims(kind, &encoded(kind, 131_072, &[]));
    let (least, most) = (Duration::from_secs(60), Duration::from_secs(3600));
    let ttl = |milliseconds: u64| {
        let list = with(list.clone(), "vc/credentialSubject/ttl", json!(milliseconds));
        read(&list).unwrap().about().ttl_within(least, most)
    };
    assert_eq!(ttl(0), Some(least));
    assert_eq!(ttl(300_000), Some(Duration::from_secs(300)));
    assert_eq!(ttl(u64::MAX), Some(most));
    assert_eq!(read(&list).unwrap().about().ttl_within(least, most), None);
}

#[test]
fn claims_that_two_readers_could_read_differently_are_refused() {
    let kind = StatusKind::StatusList2021;
    let good = claims(kind, &encoded(kind, 8, &[])).to_string();
    let twice = good.replacen("\"iss\":", "\"iss\":\"did:web:other.example\",\"iss\":", 1);
    for text in [twice.as_str(), "", "[]", "null", "{}", "{", "\u{feff}{}"] {
        let error = StatusListCredential::parse(text.as_bytes(), &limits()).unwrap_err();
        assert_eq!(error.code(), "status_list_malformed", "{text:?}");
    }
}

#[test]
fn a_list_larger_than_readers_take_is_not_made() {
    let entries = 16 * 1024 * 1024;
    let order = BitOrder::MostSignificantFirst;
    assert!(StatusListBuilder::new(entries, EntrySize::ONE, order).is_ok());
    for (entries, bits) in [(entries + 1, 1), (entries, 2), (u64::MAX, 1), (u64::MAX, 8)] {
        let error = StatusListBuilder::new(entries, size(bits), order).unwrap_err();
        assert_eq!(error.code(), "status_list_too_large");
    }
}

#[test]
fn l02_nothing_is_set_beyond_the_end_or_beyond_the_size() {
    let mut list = StatusListBuilder::new(8, size(2), BitOrder::MostSignificantFirst).unwrap();
    assert_eq!(list.set(8, 1).unwrap_err().code(), "status_index_out_of_range");
    assert_eq!(list.set(u64::MAX, 1).unwrap_err().code(), "status_index_out_of_range");
    assert_eq!(list.set(0, 4).unwrap_err().code(), "status_value_out_of_range");
    assert_eq!(list.value(8).unwrap_err().code(), "status_index_out_of_range");
    assert_eq!(list.bits().as_bytes(), [0, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_set_is_what_is_read_in_either_order_and_every_size(
        bits in 1_u64..=8,
        values in prop::collection::vec(any::<u8>(), 1..300),
        order in prop::sample::select(BOTH.to_vec()),
        encoding in prop::sample::select(vec![ListEncoding::GzipBase64Url, ListEncoding::GzipMultibase]),
    ) {
        let size = size(bits);
        let values: Vec<u8> = values.iter().map(|value| value & size.max_value()).collect();
        let mut list = StatusListBuilder::new(values.len() as u64, size, order).unwrap();
        // From the last to the first, and twice: no entry touches its neighbours.
        for (index, value) in values.iter().enumerate().rev() {
            list.set(index as u64, size.max_value()).unwrap();
            list.set(index as u64, *value).unwrap();
        }
        let text = list.encode(encoding).unwrap();
        let read = inflate(&text, encoding, &limits()).unwrap();
        for (index, value) in values.iter().enumerate() {
            prop_assert_eq!(read.value(index as u64, size, order), Ok(*value));
        }
        let again = StatusListBuilder::from_encoded(&text, encoding, size, order).unwrap();
        prop_assert_eq!(again, list.clone());
        for index in 0..values.len() {
            list.clear(index as u64).unwrap();
        }
        prop_assert!(list.bits().as_bytes().iter().all(|byte| *byte == 0));
    }

    #[test]
    fn an_index_beyond_the_end_is_always_an_error(bytes in 0_usize..40, bits in 1_u64..=8, beyond: u64) {
        let list = StatusListBuilder::new(bytes as u64 * 8, EntrySize::ONE, BitOrder::LeastSignificantFirst).unwrap();
        let entries = list.bits().entries(size(bits));
        for order in BOTH {
            let index = entries.saturating_add(beyond);
            prop_assert!(list.bits().value(index, size(bits), order).is_err());
            prop_assert!(entries == 0 || list.bits().value(entries - 1, size(bits), order).is_ok());
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>, text in ".{0,80}") {
        let _ = StatusListCredential::parse(&bytes, &limits());
        let _ = inflate(&text, ListEncoding::GzipMultibase, &limits());
        let _ = code(&bytes, &limits());
        let mut looks_like_gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        looks_like_gzip.extend(bytes);
        let _ = code(&looks_like_gzip, &limits());
    }

    #[test]
    fn no_output_is_larger_than_the_cap(length in 0_usize..4000, cap in 0_usize..4000, byte: u8) {
        let mut limits = limits();
        limits.max_inflated_bytes = cap;
        let text = base64url::encode(gzip(&vec![byte; length]));
        match inflate(&text, ListEncoding::GzipBase64Url, &limits) {
            Ok(list) => prop_assert!(list.as_bytes().len() == length && length <= cap),
            Err(error) => {
                prop_assert!(length > cap);
                prop_assert_eq!(error.code(), "status_list_too_large");
            }
        }
    }
}
