//! Judging: only 0 is valid, and only on the list that was named.
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

use common::{
    BOTH, LIST, bitstring_entry, claims, encoded, entry_2021, limits, list, open, parse, read,
    size, with,
};
use serde_json::{Value, json};
use staffpass_status::{
    BitOrder, EntrySize, ListLocation, StatusEntry, StatusError, StatusKind, StatusList,
    StatusListBuilder, StatusOutcome, StatusPurpose, StatusRules, hub, judge,
};

const REPLY: &[u8] = include_bytes!("vectors/entra/identity_hub_response_jwt.json");
const OBJECT: &str = "686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd";
const MINIMUM: u64 = 131_072;

fn asked(entry: &Value, list: &StatusList) -> Result<StatusOutcome, StatusError> {
    let entry = parse(entry).unwrap();
    judge(&entry, list, &StatusRules::new(entry.kind()))
}

fn code(entry: &Value, list: &StatusList) -> &'static str {
    match asked(entry, list) {
        Ok(StatusOutcome::Valid) => "valid",
        Ok(_) => "set",
        Err(error) => error.code(),
    }
}

/// A Bitstring list in which every entry has one value.
fn wide(bits: u64, value: u8) -> StatusList {
    let order = BitOrder::MostSignificantFirst;
    let mut list = StatusListBuilder::new(MINIMUM, size(bits), order).unwrap();
    list.set(5, value).unwrap();
    let kind = StatusKind::BitstringStatusList;
    open(&claims(kind, &list.encode(kind.encoding()).unwrap()))
}

/// The payload of the real list in the real reply.
fn entra_claims() -> Vec<u8> {
    let query = match parse(&entra_entry(0)).unwrap().list() {
        ListLocation::IdentityHub(query) => query.clone(),
        _ => panic!("an identity hub"),
    };
    let token = hub::parse_reply(REPLY, &query, &limits()).unwrap();
    let jws = staffpass_jose::UnverifiedJws::parse(token, &Default::default()).unwrap();
    jws.unverified_payload().to_vec()
}

fn entra_list() -> StatusList {
    let list = staffpass_status::StatusListCredential::parse(&entra_claims(), &limits()).unwrap();
    list.inflate(&limits()).unwrap()
}

fn entra_entry(index: u64) -> Value {
    let query = staffpass_status::IdentityHubQuery::new("did:ion:abc", OBJECT).unwrap();
    let list = ListLocation::IdentityHub(query);
    let (kind, purpose) = (StatusKind::RevocationList2021, StatusPurpose::Revocation);
    StatusEntry::new(kind, purpose, index, list).to_json()
}

#[test]
fn l04_only_zero_is_valid_whatever_the_size() {
    for bits in 1..=8 {
        for value in 0..=size(bits).max_value() {
            let entry = with(bitstring_entry(5), "statusSize", json!(bits));
            let outcome = asked(&entry, &wide(bits, value)).unwrap();
            assert_eq!(outcome == StatusOutcome::Valid, value == 0, "{value} of {bits} bits");
            if let StatusOutcome::Set { value: set, purpose } = outcome {
                assert_eq!((set, purpose), (value, StatusPurpose::Revocation));
            }
        }
    }
}

#[test]
fn pf10_wide_status_value_is_not_valid() {
    for (bits, value) in [(4, 4), (4, 12), (8, 4), (8, 128), (8, 252)] {
        let entry = with(bitstring_entry(5), "statusSize", json!(bits));
        let expected = StatusOutcome::Set { purpose: StatusPurpose::Revocation, value };
        assert_eq!(asked(&entry, &wide(bits, value)), Ok(expected));
    }
}

#[test]
fn l02_an_index_beyond_the_list_is_unknown_and_not_valid() {
    let list = list(StatusKind::StatusList2021, 16, &[3]);
    for index in [16, 17, 1 << 32, u64::MAX / 8, u64::MAX] {
        assert_eq!(code(&entry_2021(index), &list), "status_index_out_of_range", "{index}");
    }
    assert_eq!(code(&entry_2021(15), &list), "valid");
    let wide = with(bitstring_entry(MINIMUM), "statusSize", json!(8));
    assert_eq!(code(&wide, &self::wide(8, 1)), "status_index_out_of_range");
}

#[test]
fn l03_a_list_of_another_purpose_is_refused() {
    let list = list(StatusKind::StatusList2021, 16, &[]);
    let entry = with(entry_2021(1), "statusPurpose", json!("suspension"));
    assert_eq!(code(&entry, &list), "status_purpose_mismatch");
}

#[test]
fn pf13_status_list_wrong_purpose() {
    let kind = StatusKind::BitstringStatusList;
    let claims = claims(kind, &encoded(kind, MINIMUM, &[]));
    let path = "vc/credentialSubject/statusPurpose";
    let entry = bitstring_entry(1);
    for (purpose, expected) in [
        (json!("suspension"), "status_purpose_mismatch"),
        (json!(["suspension", "message"]), "status_purpose_mismatch"),
        (json!(["suspension", "revocation"]), "valid"),
    ] {
        let list = open(&with(claims.clone(), path, purpose));
        assert_eq!(code(&entry, &list), expected);
    }
}

/// A fault in finding the status is an error of its own, which no caller can take for `Valid`.
#[test]
fn pf34_what_a_list_does_not_say_is_never_valid() {
    let kind = StatusKind::StatusList2021;
    let nothing_set = list(kind, 16, &[]);
    let short = list(StatusKind::BitstringStatusList, 16, &[]);
    let suspension = with(entry_2021(1), "statusPurpose", json!("suspension"));
    for (entry, list, expected) in [
        (entry_2021(16), &nothing_set, "status_index_out_of_range"),
        (suspension, &nothing_set, "status_purpose_mismatch"),
        (bitstring_entry(1), &nothing_set, "status_kind_mismatch"),
        (bitstring_entry(1), &short, "status_list_too_short"),
    ] {
        assert_eq!(code(&entry, list), expected);
    }
    assert_eq!(code(&entry_2021(15), &nothing_set), "valid");
}

#[test]
fn l03_a_list_of_another_kind_is_refused() {
    let bitstring = list(StatusKind::BitstringStatusList, MINIMUM, &[]);
    let list_2021 = list(StatusKind::StatusList2021, MINIMUM, &[]);
    assert_eq!(code(&entry_2021(1), &bitstring), "status_kind_mismatch");
    assert_eq!(code(&bitstring_entry(1), &list_2021), "status_kind_mismatch");
    let entry = with(entry_2021(1), "type", json!("RevocationList2021Status"));
    assert_eq!(code(&entry, &list_2021), "status_kind_mismatch");
}

#[test]
fn l03_another_list_of_the_same_issuer_is_refused() {
    let kind = StatusKind::StatusList2021;
    let good = claims(kind, &encoded(kind, 16, &[]));
    let both = |subject: Value| {
        let claims = with(good.clone(), "sub", subject.clone());
        with(claims, "vc/credentialSubject/id", subject)
    };
    let other = json!("https://trust.example/status/4");
    for (claims, expected) in [
        (with(good.clone(), "jti", other.clone()), "status_list_mismatch"),
        (both(other), "status_list_mismatch"),
        (both(json!("https://trust.example/status/4#list")), "status_list_mismatch"),
        (both(json!("http://trust.example/status/3#list")), "status_list_mismatch"),
        (both(json!(LIST)), "valid"),
        (both(json!("urn:uuid:686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd")), "valid"),
        (with(with(both(Value::Null), "jti", Value::Null), "iat", Value::Null), "valid"),
    ] {
        assert_eq!(code(&entry_2021(1), &open(&claims)), expected, "{claims}");
    }
}

#[test]
fn pf12_status_list_for_another_uri() {
    let kind = StatusKind::StatusList2021;
    let list =
        open(&with(claims(kind, &encoded(kind, 16, &[])), "jti", json!("https://other.example/3")));
    assert_eq!(code(&entry_2021(1), &list), "status_list_mismatch");
}

#[test]
fn l03_a_hub_that_returns_another_object_is_refused() {
    let query = staffpass_status::IdentityHubQuery::new(
        "did:ion:abc",
        "00000000-a0a4-4ca8-b9d9-b8756e1aa3dd",
    );
    let list = ListLocation::IdentityHub(query.unwrap());
    let (kind, purpose) = (StatusKind::RevocationList2021, StatusPurpose::Revocation);
    let entry = StatusEntry::new(kind, purpose, 1, list).to_json();
    assert_eq!(code(&entry, &entra_list()), "status_list_mismatch");
}

#[test]
fn a_bitstring_list_that_is_too_short_to_hide_in_is_refused_unless_the_policy_lowers_it() {
    let short = list(StatusKind::BitstringStatusList, MINIMUM - 8, &[]);
    assert_eq!(code(&bitstring_entry(1), &short), "status_list_too_short");
    let entry = parse(&bitstring_entry(1)).unwrap();
    let rules = StatusRules::new(entry.kind()).with_minimum_entries(1000);
    assert_eq!(judge(&entry, &short, &rules), Ok(StatusOutcome::Valid));
    // Two bits an entry: half as many entries in as many bytes.
    let wide = with(bitstring_entry(1), "statusSize", json!(2));
    let list = list(StatusKind::BitstringStatusList, MINIMUM, &[]);
    assert_eq!(code(&wide, &list), "status_list_too_short");
}

#[test]
fn l06_the_real_list_of_entra_is_read_from_the_least_significant_bit() {
    let list = entra_list();
    assert_eq!(list.bits().as_bytes().len(), 25_000);
    assert_eq!(list.bits().as_bytes()[..5], [0x04, 0x24, 0xc0, 0x17, 0x00]);
    let revoked = |order| {
        let set = |i: &u64| list.bits().value(*i, EntrySize::ONE, order) == Ok(1);
        (0..200_000).filter(set).collect::<Vec<_>>()
    };
    assert_eq!(revoked(BitOrder::LeastSignificantFirst), [2, 10, 13, 22, 23, 24, 25, 26, 28]);
    assert_eq!(revoked(BitOrder::MostSignificantFirst), [5, 10, 13, 16, 17, 27, 29, 30, 31]);
    for index in 0..40 {
        let expected =
            if [2, 10, 13, 22, 23, 24, 25, 26, 28].contains(&index) { "set" } else { "valid" };
        assert_eq!(code(&entra_entry(index), &list), expected, "{index}");
    }
    assert_eq!(code(&entra_entry(199_999), &list), "valid");
    assert_eq!(code(&entra_entry(200_000), &list), "status_index_out_of_range");
}

#[test]
fn pf28_status_bit_not_byte() {
    // Byte 3 of the real list is 0x17 and byte 22 is 0: whoever indexes bytes has them the wrong
    // way about.
    let list = entra_list();
    assert_eq!(list.bits().as_bytes()[3], 0x17);
    assert_eq!(code(&entra_entry(3), &list), "valid");
    assert_eq!(list.bits().as_bytes()[22], 0);
    assert_eq!(code(&entra_entry(22), &list), "set");
    assert_eq!(code(&entra_entry(25_000), &list), "valid", "there are more bits than bytes");
}

#[test]
fn pf29_status_bit_order_per_type() {
    for (kind, order) in [
        (StatusKind::StatusList2021, BitOrder::MostSignificantFirst),
        (StatusKind::BitstringStatusList, BitOrder::MostSignificantFirst),
        (StatusKind::RevocationList2020, BitOrder::MostSignificantFirst),
        (StatusKind::RevocationList2021, BitOrder::LeastSignificantFirst),
    ] {
        assert_eq!(kind.default_order(), order);
        assert_eq!(StatusRules::new(kind).order, order);
    }
}

#[test]
fn l06_a_policy_may_name_the_other_order_and_then_another_bit_is_read() {
    let list = list(StatusKind::StatusList2021, 16, &[0]);
    let read = |index, order| {
        let entry = parse(&entry_2021(index)).unwrap();
        judge(&entry, &list, &StatusRules::new(entry.kind()).with_order(order)).unwrap()
    };
    for order in BOTH {
        let first = order == BitOrder::MostSignificantFirst;
        assert_eq!(read(0, order) == StatusOutcome::Valid, !first);
        assert_eq!(read(7, order) == StatusOutcome::Valid, first);
    }
}

#[test]
fn l15_the_second_entry_is_judged_like_the_first() {
    let kind = StatusKind::BitstringStatusList;
    let both = with(
        claims(kind, &encoded(kind, MINIMUM, &[9])),
        "vc/credentialSubject/statusPurpose",
        json!(["revocation", "suspension"]),
    );
    let list = open(&both);
    let second = with(bitstring_entry(9), "statusPurpose", json!("suspension"));
    let entries = StatusEntry::parse_all(&json!([bitstring_entry(1), second])).unwrap();
    let outcomes = entries.iter().map(|entry| judge(entry, &list, &StatusRules::new(kind)));
    let set = StatusOutcome::Set { purpose: StatusPurpose::Suspension, value: 1 };
    assert_eq!(outcomes.collect::<Vec<_>>(), [Ok(StatusOutcome::Valid), Ok(set)]);
}

#[test]
fn the_real_list_says_of_itself_what_is_known_of_it() {
    let list = entra_list();
    let about = list.about();
    assert_eq!(about.kind, StatusKind::RevocationList2021);
    assert_eq!(about.subject.as_deref(), Some("urn:uuid:686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd"));
    assert_eq!(about.issued_at.unwrap().timestamp(), 1_668_118_289);
    assert_eq!((about.valid_from, about.valid_until, about.ttl), (None, None, None));
    assert!(about.issuer.as_deref().unwrap().starts_with("did:ion:EiCB7y_BnrO1"));
    // Its own id is the address under which a credential names it.
    let location = ListLocation::parse(about.id.as_deref().unwrap()).unwrap();
    let ListLocation::IdentityHub(query) = &location else { panic!("an identity hub") };
    assert_eq!(Some(query.did()), about.issuer.as_deref());
    assert_eq!(location.to_string(), about.id.as_deref().unwrap());
}

#[test]
fn opening_a_list_keeps_its_bits_and_lets_the_text_go() {
    let kind = StatusKind::StatusList2021;
    let credential = read(&claims(kind, &encoded(kind, 1_000_000, &[]))).unwrap();
    let list = credential.inflate(&limits()).unwrap();
    assert_eq!(list.bits().as_bytes().len(), 125_000);
    assert!(!format!("{list:?}").contains("H4sI"));
}
