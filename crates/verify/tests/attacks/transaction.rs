//! Transaction data that the holder's key is asked to sign (P16).

use sha2::{Digest as _, Sha256};
use staffpass_request::{Expectation, Protocol, ResponseMode};

use super::formats::written;
use super::*;

/// An entry for these parts, as it is sent.
fn entry(parts: &[&str]) -> String {
    let entry = json!({"type": "urn:example:consent", "credential_ids": parts});
    base64url::encode(entry.to_string())
}

fn hash(entry: &str) -> String {
    base64url::encode(Sha256::digest(entry))
}

/// The exchange, with a request that had this transaction data.
fn asked(encoding: Encoding, entries: &[String]) -> Exchange {
    let mut exchange = written(encoding);
    let old = &exchange.expectation;
    let mut builder = Expectation::builder(
        old.client_id(),
        old.nonce().as_str(),
        old.created_at(),
        old.expires_at(),
    )
    .protocol(Protocol::OpenId4Vp, ResponseMode::DirectPost)
    .transaction_data(entries.iter().cloned());
    builder = builder.query(old.query().unwrap().clone()).state(old.state().unwrap().as_str());
    exchange.expectation = builder.build().unwrap();
    exchange
}

fn sign(exchange: &mut Exchange, part: &str, hashes: &Value) {
    let mut presentations = exchange.answer.presentations.iter_mut();
    let presentation = presentations.find(|presentation| presentation.part == part).unwrap();
    presentation.token.set("transaction_data_hashes", hashes.clone());
}

#[test]
fn transaction_data_is_authorised_by_one_of_the_credentials_that_may() {
    let entries = [entry(&["identity", "employment"]), entry(&["identity"])];
    let mut exchange = asked(Encoding::SdJwtVc, &entries);
    sign(&mut exchange, "identity", &json!([hash(&entries[1])]));
    sign(&mut exchange, "employment", &json!([hash(&entries[0])]));
    assert!(exchange.verify().is_ok());
}

#[test]
fn p16_transaction_data_that_is_missing_or_hashed_another_way_is_refused() {
    let entries = [entry(&["identity"])];
    let refused = |hashes: Option<Value>, algorithm: Option<&str>| {
        let mut exchange = asked(Encoding::SdJwtVc, &entries);
        if let Some(hashes) = hashes {
            sign(&mut exchange, "identity", &hashes);
        }
        if let Some(algorithm) = algorithm {
            presentation(&mut exchange).set("transaction_data_hashes_alg", algorithm);
        }
        codes(exchange.verify())
    };
    let good = hash(&entries[0]);
    let decoded = base64url::decode(&entries[0]).unwrap();
    let of_decoded = base64url::encode(Sha256::digest(decoded));
    for (hashes, algorithm) in [
        (None, None),
        (Some(json!([])), None),
        (Some(json!([of_decoded])), None),
        (Some(json!([good, hash("another")])), None),
        (Some(json!([good])), Some("sha-512")),
    ] {
        assert_eq!(refused(hashes, algorithm), [Code::TransactionDataMismatch]);
    }
    assert!(refused(Some(json!(good)), None).contains(&Code::ClaimsMalformed));
    // What another part was to authorise does not count, and no other encoding can.
    let mut other = asked(Encoding::SdJwtVc, &entries);
    sign(&mut other, "employment", &json!([good]));
    assert_eq!(codes(other.verify()), [Code::TransactionDataMismatch]);
    for encoding in [Encoding::VcJwt, Encoding::VcJose] {
        let refused = codes(asked(encoding, &entries).verify());
        assert_eq!(refused, [Code::TransactionDataMismatch], "{encoding:?}");
    }
}
