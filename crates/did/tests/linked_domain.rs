//! What a domain linkage says, and what it must not be (well-known DID configuration).
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use serde_json::{Value, json};
use staffpass_did::linked_domain::{DidConfiguration, DomainLinkage};
use staffpass_jose::jws::Limits;
use staffpass_jose::{Algorithm, HeaderBuilder, Signer as _, UnsignedJws, UnverifiedJws};
use staffpass_jose_aws_lc::SigningKey;

const DID: &str = "did:web:trust.example";
const ORIGIN: &str = "https://trust.example";

/// A statement that is in order.
fn claims() -> Value {
    json!({
        "iss": DID, "sub": DID, "nbf": 1_767_225_600, "exp": 1_798_761_600,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", "DomainLinkageCredential"],
            "issuer": DID,
            "issuanceDate": "2026-01-01T00:00:00Z",
            "expirationDate": "2027-01-01T00:00:00Z",
            "credentialSubject": { "id": DID, "origin": ORIGIN },
        },
    })
}

/// The statement with one value in another's place; null takes it out.
fn with(pointer: &str, value: Value) -> Value {
    let mut claims = claims();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = claims.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(parent.remove(name)),
        value => drop(parent.insert(name.to_owned(), value)),
    }
    claims
}

/// What is read of a statement that the issuer has signed.
fn read<T>(claims: &Value, use_it: impl FnOnce(DomainLinkage) -> T) -> Result<T, &'static str> {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = HeaderBuilder::new(Algorithm::Es256);
    let token = UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(&key).unwrap();
    let statement = UnverifiedJws::parse(token, &Limits::default()).unwrap();
    let statement = statement.verify(key.verification_key()).unwrap();
    let read = DomainLinkage::read(&statement, &Limits::default().json);
    read.map(use_it).map_err(|error| error.code())
}

fn says(claims: &Value) -> Result<bool, &'static str> {
    read(claims, |linkage| linkage.says(DID, ORIGIN))
}

#[test]
fn a_statement_says_that_its_did_belongs_to_its_origin() {
    assert_eq!(says(&claims()), Ok(true));
    let one = with("/vc/type", json!("DomainLinkageCredential"));
    assert_eq!(says(&one), Ok(true));
    let slash = with("/vc/credentialSubject/origin", json!("https://trust.example/"));
    assert_eq!(says(&slash), Ok(true));
    assert_eq!(read(&claims(), |linkage| linkage.says("did:web:b.example", ORIGIN)), Ok(false));
    assert_eq!(read(&claims(), |linkage| linkage.says(DID, "https://b.example")), Ok(false));
}

#[test]
fn a_statement_about_another_or_by_another_says_nothing() {
    let other = "did:web:other.example";
    for pointer in ["/iss", "/sub", "/vc/issuer", "/vc/credentialSubject/id"] {
        assert_eq!(says(&with(pointer, json!(other))), Ok(false), "{pointer}");
    }
    for origin in ["https://trust.example.evil", "https://trust.example//", "http://trust.example"]
    {
        let claims = with("/vc/credentialSubject/origin", json!(origin));
        assert_eq!(says(&claims), Ok(false), "{origin}");
    }
}

#[test]
fn a_credential_of_another_type_or_with_an_id_says_nothing() {
    let types = [
        json!("VerifiableCredential"),
        json!(["VerifiableCredential"]),
        json!(["DomainLinkageCredential", 1]),
        json!(7),
    ];
    for types in types {
        assert_eq!(says(&with("/vc/type", types.clone())), Ok(false), "{types}");
    }
    assert_eq!(says(&with("/vc/id", json!("urn:uuid:1"))), Ok(false));
}

#[test]
fn a_statement_is_good_from_the_later_beginning_to_the_earlier_end() {
    let times = |claims: &Value| {
        let times = |linkage: DomainLinkage| {
            (linkage.valid_from().timestamp(), linkage.expires_at().timestamp())
        };
        read(claims, times).unwrap()
    };
    assert_eq!(times(&claims()), (1_767_225_600, 1_798_761_600));
    let token = with("/nbf", json!(1_767_225_700));
    assert_eq!(times(&token), (1_767_225_700, 1_798_761_600));
    assert_eq!(times(&with("/nbf", Value::Null)), (1_767_225_600, 1_798_761_600));
    let sooner = with("/exp", json!(1_798_761_500));
    assert_eq!(times(&sooner), (1_767_225_600, 1_798_761_500));
    let later = with("/vc/issuanceDate", json!("2026-01-01T01:00:00+00:30"));
    assert_eq!(times(&later), (1_767_227_400, 1_798_761_600));
    let sooner = with("/vc/expirationDate", json!("2026-12-31T00:00:00Z"));
    assert_eq!(times(&sooner), (1_767_225_600, 1_798_675_200));
}

#[test]
fn a_statement_has_the_claims_of_its_form_and_no_other() {
    let missing = ["/iss", "/sub", "/exp", "/vc", "/vc/type", "/vc/issuer", "/vc/issuanceDate"];
    let further = ["/vc/expirationDate", "/vc/credentialSubject", "/vc/credentialSubject/origin"];
    for pointer in missing.into_iter().chain(further) {
        assert_eq!(says(&with(pointer, Value::Null)), Err("did_linkage_malformed"), "{pointer}");
    }
    for (pointer, value) in [
        ("/aud", json!("https://b.example")),
        ("/exp", json!("1798761600")),
        ("/vc/issuanceDate", json!("2026-01-01")),
        ("/vc/expirationDate", json!(format!("2027-01-01T00:00:00.{}Z", "0".repeat(40)))),
    ] {
        assert_eq!(says(&with(pointer, value)), Err("did_linkage_malformed"), "{pointer}");
    }
}

#[test]
fn a_configuration_has_at_most_32_statements_of_which_texts_are_read() {
    let token = "eyJhbGciOiJFUzI1NiJ9.e30.AA";
    let read = |statements: Vec<Value>| {
        let configuration = json!({ "@context": "x", "linked_dids": statements }).to_string();
        let read = DidConfiguration::parse(configuration.as_bytes(), &Limits::default());
        read.map(|read| read.statements().len()).map_err(|error| error.code())
    };
    assert_eq!(read(vec![json!(token), json!({}), json!("no token"), json!(token)]), Ok(2));
    assert_eq!(read(vec![json!(token); 31]), Ok(31));
    assert_eq!(read(vec![json!(token); 32]), Ok(32));
    assert_eq!(read(vec![json!(token); 33]), Err("did_configuration_malformed"));
    for malformed in ["[]", "{}", "{\"linked_dids\": 1}", "nothing"] {
        let read = DidConfiguration::parse(malformed.as_bytes(), &Limits::default());
        assert_eq!(read.unwrap_err().code(), "did_configuration_malformed", "{malformed}");
    }
}

#[test]
fn nothing_that_is_stated_is_printed() {
    let configuration = json!({ "linked_dids": ["eyJhbGciOiJFUzI1NiJ9.e30.AA"] }).to_string();
    let parsed = DidConfiguration::parse(configuration.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(format!("{parsed:?}"), "DidConfiguration { statements: 1, .. }");
    let printed = read(&claims(), |linkage| format!("{linkage:?}")).unwrap();
    assert_eq!(printed, "DomainLinkage { expires_at: 2027-01-01T00:00:00Z, .. }");
}
