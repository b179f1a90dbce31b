//! Status entries: what is understood, and what is refused instead of skipped.
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

use common::{LIST, bitstring_entry, entry_2021, entry_code, parse, with};
use serde_json::{Value, json};
use staffpass_status::{
    IdentityHubQuery, ListLocation, MAX_ENTRIES, StatusEntry, StatusKind, StatusPurpose,
};

const DID: &str = "did:ion:EiCB7y_BnrO1nfsfpqlUANEcW8QpcjHWxK3mjiOSbD9ptQ";
const OBJECT: &str = "686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd";
/// `[{"method":"CollectionsQuery","schema":"https://w3id.org/vc-status-list-2021/v1","objectId":OBJECT}]`
const QUERIES: &str = "W3sibWV0aG9kIjoiQ29sbGVjdGlvbnNRdWVyeSIsInNjaGVtYSI6Imh0dHBzOi8vdzNpZC5vcmcvdmMtc3RhdHVzLWxpc3QtMjAyMS92MSIsIm9iamVjdElkIjoiNjg2YjY5NTMtYTBhNC00Y2E4LWI5ZDktYjg3NTZlMWFhM2RkIn1d";

fn entra() -> Value {
    json!({
        "id": format!("urn:uuid:{OBJECT}?bit-index=47"),
        "type": "RevocationList2021Status",
        "statusListIndex": 47,
        "statusListCredential": format!("{DID}?service=IdentityHub&queries={QUERIES}"),
    })
}

fn located(address: &str) -> &'static str {
    entry_code(&with(entry_2021(1), "statusListCredential", json!(address)))
}

#[test]
fn each_kind_of_entry_is_read() {
    let bitstring = parse(&bitstring_entry(94567)).unwrap();
    assert_eq!(bitstring.kind(), StatusKind::BitstringStatusList);
    assert_eq!(bitstring.purpose(), StatusPurpose::Revocation);
    assert_eq!((bitstring.index(), bitstring.size().bits()), (94567, 1));
    assert_eq!(bitstring.list().to_string(), LIST);

    let suspension = with(entry_2021(7), "statusPurpose", json!("suspension"));
    let suspension = parse(&suspension).unwrap();
    assert_eq!(suspension.kind(), StatusKind::StatusList2021);
    assert_eq!(suspension.purpose(), StatusPurpose::Suspension);

    let oldest = json!({
        "id": "https://trust.example/status/3#94567", "type": "RevocationList2020Status",
        "revocationListIndex": "94567", "revocationListCredential": LIST,
    });
    let oldest = parse(&oldest).unwrap();
    assert_eq!((oldest.kind(), oldest.index()), (StatusKind::RevocationList2020, 94567));
}

#[test]
fn the_entry_of_entra_asks_an_identity_hub() {
    let entry = parse(&entra()).unwrap();
    assert_eq!(entry.kind(), StatusKind::RevocationList2021);
    assert_eq!(entry.purpose(), StatusPurpose::Revocation, "the default where none is named");
    assert_eq!(entry.index(), 47);
    let ListLocation::IdentityHub(query) = entry.list() else { panic!("an identity hub") };
    assert_eq!((query.did(), query.object_id()), (DID, OBJECT));
}

#[test]
fn the_entry_of_the_profile_has_its_list_on_the_web() {
    // The shape of the credential in the test vectors of the JWT VC Presentation Profile.
    let entry = json!({
        "id": "https://example.com/api/astatuslist/did:ion:abc/1#0",
        "type": "RevocationList2021Status", "statusListIndex": "0",
        "statusListCredential": "https://example.com/api/astatuslist/did:ion:abc/1",
    });
    let entry = parse(&entry).unwrap();
    assert!(matches!(entry.list(), ListLocation::Web(_)));
}

#[test]
fn an_entry_is_written_as_it_is_read() {
    for value in [bitstring_entry(5), entry_2021(0), entra()] {
        let entry = parse(&value).unwrap();
        assert_eq!(parse(&entry.to_json()).unwrap(), entry);
        assert_eq!(entry.to_json()["id"], value["id"]);
    }
    let wide = with(bitstring_entry(5), "statusSize", json!(3));
    let wide = parse(&wide).unwrap();
    assert_eq!(wide.to_json()["statusSize"], 3);
    assert_eq!(parse(&wide.to_json()).unwrap(), wide);
}

#[test]
fn l02_an_index_that_is_no_plain_whole_number_is_refused() {
    let bad = [
        json!(-1),
        json!(1.5),
        json!(1e3),
        json!("-1"),
        json!("+1"),
        json!(" 1"),
        json!("1 "),
        json!("0x10"),
        json!("1e3"),
        json!(""),
        json!("01"),
        json!("00"),
        json!("١"),
        json!("18446744073709551616"),
        json!(true),
        json!([1]),
    ];
    for index in bad {
        let entry = with(entry_2021(1), "statusListIndex", index.clone());
        assert_eq!(entry_code(&entry), "status_index_malformed", "{index}");
    }
    assert_eq!(
        entry_code(&with(entry_2021(1), "statusListIndex", Value::Null)),
        "status_entry_malformed"
    );
    for index in [json!(0), json!("0"), json!("18446744073709551615"), json!(u64::MAX)] {
        let entry = with(entry_2021(1), "statusListIndex", index.clone());
        assert_eq!(entry_code(&entry), "accepted", "{index}");
    }
}

#[test]
fn l05_a_size_outside_one_to_eight_bits_is_refused() {
    for size in [json!(0), json!(9), json!(16), json!(-1), json!(1.5), json!("1"), json!(u64::MAX)]
    {
        let entry = with(bitstring_entry(1), "statusSize", size.clone());
        assert_eq!(entry_code(&entry), "status_size_unsupported", "{size}");
    }
    let narrow = with(entry_2021(1), "statusSize", json!(2));
    assert_eq!(entry_code(&narrow), "status_size_unsupported", "2021 knows one bit only");
}

#[test]
fn pf11_status_bits_outside_enum() {
    for size in [0, 9, 255, 256] {
        let entry = with(bitstring_entry(1), "statusSize", json!(size));
        assert_eq!(entry_code(&entry), "status_size_unsupported", "{size}");
    }
}

#[test]
fn l09_an_unknown_type_is_refused_and_never_skipped() {
    for name in ["StatusList2022Entry", "statuslist2021entry", "", "CredentialStatusList2017"] {
        let entry = with(entry_2021(1), "type", json!(name));
        assert_eq!(entry_code(&entry), "status_type_unknown", "{name}");
        let beside = json!([bitstring_entry(1), entry]);
        assert_eq!(StatusEntry::parse_all(&beside).unwrap_err().code(), "status_type_unknown");
    }
}

#[test]
fn l09_an_unknown_or_missing_purpose_is_refused() {
    let unknown = with(entry_2021(1), "statusPurpose", json!("Revocation"));
    assert_eq!(entry_code(&unknown), "status_purpose_unknown");
    for entry in [entry_2021(1), bitstring_entry(1)] {
        let missing = with(entry.clone(), "statusPurpose", Value::Null);
        assert_eq!(entry_code(&missing), "status_purpose_missing");
        let many = with(entry, "statusPurpose", json!(["revocation"]));
        assert_eq!(entry_code(&many), "status_entry_malformed");
    }
}

#[test]
fn l09_what_is_no_entry_is_refused() {
    for value in [json!(null), json!(true), json!("https://trust.example"), json!(1), json!({})] {
        assert_eq!(entry_code(&value), "status_entry_malformed", "{value}");
        assert_eq!(StatusEntry::parse_all(&value).unwrap_err().code(), "status_entry_malformed");
    }
    for (member, value) in [
        ("type", json!(null)),
        ("type", json!([])),
        ("type", json!(["StatusList2021Entry", "X"])),
        ("id", json!(7)),
        ("statusListCredential", json!(null)),
        ("statusListCredential", json!({})),
    ] {
        let entry = with(entry_2021(1), member, value.clone());
        assert_eq!(entry_code(&entry), "status_entry_malformed", "{member} {value}");
    }
}

#[test]
fn l15_every_entry_of_an_array_is_read_and_their_number_is_bounded() {
    let second = with(bitstring_entry(2), "statusPurpose", json!("suspension"));
    let entries = StatusEntry::parse_all(&json!([bitstring_entry(1), second])).unwrap();
    assert_eq!(entries.iter().map(StatusEntry::index).collect::<Vec<_>>(), [1, 2]);

    let many = |count: usize| Value::from(vec![entry_2021(1); count]);
    assert_eq!(StatusEntry::parse_all(&many(MAX_ENTRIES)).unwrap().len(), MAX_ENTRIES);
    for count in [0, MAX_ENTRIES + 1, 1000] {
        let error = StatusEntry::parse_all(&many(count)).unwrap_err();
        assert_eq!(error.code(), "status_entry_count", "{count}");
    }
    let broken = json!([bitstring_entry(1), "x"]);
    assert_eq!(StatusEntry::parse_all(&broken).unwrap_err().code(), "status_entry_malformed");
}

#[test]
fn l10_only_https_and_loopback_addresses_are_addresses() {
    for address in [
        "http://trust.example/status/3",
        "ftp://trust.example/3",
        "file:///etc/passwd",
        "",
        "status/3",
        "//trust.example/3",
        "javascript:alert(1)",
        "https://",
        "https://user@trust.example/3",
        "https://user:word@trust.example/3",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/3",
        "http://localhost.trust.example/3",
    ] {
        assert_eq!(located(address), "status_location_malformed", "{address}");
    }
    for address in [
        "https://trust.example/status/3",
        "https://trust.example:8443/3?x=1",
        "http://127.0.0.1:8080/3",
        "http://localhost:8080/3",
        "http://[::1]:8080/3",
    ] {
        assert_eq!(located(address), "accepted", "{address}");
    }
    let long = format!("https://trust.example/{}", "a".repeat(8 * 1024));
    assert_eq!(located(&long), "status_location_malformed");
}

#[test]
fn a_query_to_an_identity_hub_is_read_in_every_base64() {
    let padded = format!("{QUERIES}==").replace("==", "");
    for queries in [QUERIES.to_owned(), padded] {
        let address = format!("{DID}?service=IdentityHub&queries={queries}");
        assert_eq!(located(&address), "accepted");
    }
    // Two spaces more make the JSON one byte longer, so that padding is due.
    let text = format!(
        r#"[{{"method":"CollectionsQuery","schema":"https://w3id.org/vc-status-list-2021/v1","objectId":"{OBJECT}"}}] "#
    );
    let unpadded = staffpass_jose::base64url::encode(&text);
    let padding = "=".repeat((4 - unpadded.len() % 4) % 4);
    for queries in [unpadded.clone(), format!("{unpadded}{padding}"), format!("{unpadded}%3D%3D")] {
        let address = format!("{DID}?queries={queries}&service=IdentityHub");
        assert_eq!(located(&address), "accepted", "{queries}");
    }
}

#[test]
fn a_query_that_asks_for_anything_else_is_refused() {
    let encode = |json: &Value| staffpass_jose::base64url::encode(json.to_string());
    let query = json!({"method": "CollectionsQuery",
        "schema": "https://w3id.org/vc-status-list-2021/v1", "objectId": OBJECT});
    let bad_queries = [
        json!([]),
        json!({}),
        json!("x"),
        json!([query, query]),
        json!([with(query.clone(), "method", json!("CollectionsWrite"))]),
        json!([with(query.clone(), "schema", json!("https://schema.org"))]),
        json!([with(query.clone(), "objectId", json!("../../x"))]),
        json!([with(query.clone(), "objectId", Value::Null)]),
    ];
    for queries in &bad_queries {
        let address = format!("{DID}?service=IdentityHub&queries={}", encode(queries));
        assert_eq!(located(&address), "status_location_malformed", "{queries}");
    }
    let good = encode(&json!([query]));
    for address in [
        DID.to_owned(),
        format!("{DID}?queries={good}"),
        format!("{DID}?service=IdentityHub"),
        format!("{DID}?service=Other&queries={good}"),
        format!("{DID}?service=IdentityHub&queries={good}&queries={good}"),
        format!("{DID}?service=IdentityHub&queries={good}&relativeRef=x"),
        format!("{DID}?service=IdentityHub&queries=not*base64"),
        format!("{DID}#x?service=IdentityHub&queries={good}"),
        format!("{DID}/path?service=IdentityHub&queries={good}"),
        format!("did:?service=IdentityHub&queries={good}"),
        format!("did:web:?service=IdentityHub&queries={good}"),
    ] {
        assert_eq!(located(&address), "status_location_malformed", "{address}");
    }
    assert!(IdentityHubQuery::new("https://x.example", OBJECT).is_err());
    assert!(IdentityHubQuery::new(DID, "686b6953a0a44ca8b9d9b8756e1aa3dd").is_err());
}

#[test]
fn status_messages_fit_the_size_or_are_refused() {
    let messages = json!([
        {"status": "0x0", "message": "pending"}, {"status": "0x1", "message": "accepted"},
        {"status": "0x2", "message": "rejected"}, {"status": "0x3", "message": "void"},
    ]);
    let entry = with(bitstring_entry(1), "statusSize", json!(2));
    let entry = with(entry, "statusPurpose", json!("message"));
    let good = parse(&with(entry.clone(), "statusMessage", messages.clone())).unwrap();
    assert_eq!((good.message(2), good.message(4)), (Some("rejected"), None));

    let mut three = messages.clone();
    three.as_array_mut().unwrap().pop();
    let mut twice = messages.clone();
    twice[3]["status"] = json!("0x0");
    let mut outside = messages.clone();
    outside[3]["status"] = json!("0x4");
    let mut signed = messages.clone();
    signed[3]["status"] = json!("0x+3");
    let mut long = messages.clone();
    long[3]["message"] = json!("x".repeat(2000));
    for bad in [three, twice, outside, signed, long, json!("x"), json!([]), json!([1, 2, 3, 4])] {
        let entry = with(entry.clone(), "statusMessage", bad.clone());
        assert_eq!(entry_code(&entry), "status_messages_malformed", "{bad}");
    }
}

#[test]
fn debug_prints_neither_the_list_nor_the_index() {
    let text = format!("{:?}", parse(&bitstring_entry(94567)).unwrap());
    assert!(!text.contains("94567") && !text.contains("trust.example"), "{text}");
    let text = format!("{:?}", parse(&entra()).unwrap().list());
    assert!(!text.contains("EiCB7y"), "{text}");
}
