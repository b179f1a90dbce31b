//! Long-form did:ion, against real wallets, a real issuer and the profile's vectors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use staffpass_did::ion::{Commitment, Document, create};
use staffpass_did::{
    Did, DidDocument, IonHashing, Relationship, Relationships, ResolveOptions, resolve_in_place,
};
use staffpass_jose::{CryptoProvider, Curve, KeyMaterial, PublicKey, base64url, json as strict};
use staffpass_jose_aws_lc::AwsLc;

fn resolve_as(did: &str, hashing: IonHashing) -> Result<DidDocument, &'static str> {
    let did = Did::parse(did).map_err(|error| error.code())?;
    let options = ResolveOptions::default().with_ion_hashing(hashing);
    let document = resolve_in_place(&did, &options).map_err(|error| error.code())?;
    document.ok_or("not resolved in place")
}

fn resolve(did: &str) -> Result<DidDocument, &'static str> {
    resolve_as(did, IonHashing::Canonical)
}

fn raw(did: &str) -> Result<DidDocument, &'static str> {
    resolve_as(did, IonHashing::AcceptRawBytes)
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

const RAW_LONG_FORM: &str =
    include_str!("vectors/jwt-vc-presentation-profile/raw_longform_did.json");
const RESOLVED_LONG_FORM: &str =
    include_str!("vectors/jwt-vc-presentation-profile/resolved_long_form_did.json");
const ALL_ED25519: &str = include_str!("vectors/jwt-vc-presentation-profile/all-ed25519.json");
const SPEC_VECTORS: &str =
    include_str!("vectors/jwt-vc-presentation-profile/spec_test_vectors.json");
const IDENTITY_HUB: &str = include_str!("vectors/entra/identity_hub_response_jwt.json");

/// The three DIDs of the profile's Ed25519 exchange.
fn ed25519_dids() -> Vec<String> {
    let file = json_of(ALL_ED25519);
    let did = |name: &str| file[name].as_str().expect("a DID").to_owned();
    ["holder", "verifier", "issuer"].map(did).to_vec()
}

/// The `kid`s of the tokens in the profile's text.
fn spec_kids() -> Vec<String> {
    let file = json_of(SPEC_VECTORS);
    let kid = |token: &Value| token["header"]["kid"].as_str().expect("a kid").to_owned();
    file["tokens"].as_array().expect("tokens").iter().map(kid).collect()
}

/// The `kid` of a real Entra issuer's status list.
fn entra_kid() -> String {
    let reply = json_of(IDENTITY_HUB);
    let data = reply["replies"][0]["entries"][0]["data"].as_str().expect("data");
    let token = base64url::decode(data.trim_end_matches('=')).expect("base64");
    let header = token.split(|byte| *byte == b'.').next().expect("a header");
    let header = base64url::decode(header).expect("base64url");
    json_of(std::str::from_utf8(&header).expect("text"))["kid"].as_str().expect("a kid").to_owned()
}

fn did_of(kid: &str) -> &str {
    kid.split_once('#').expect("a fragment").0
}

// --- vectors -----------------------------------------------------------------------------------

#[test]
fn pf46_a_long_form_resolves_in_place_to_the_published_document() {
    let did = RAW_LONG_FORM.trim();
    let document = resolve(did).expect("a canonical long form");
    let published = &json_of(RESOLVED_LONG_FORM)["didDocument"];
    assert_eq!(published["id"], did);
    let [method] = document.verification_methods() else { panic!("one key") };
    let own = &published["verificationMethod"][0];
    assert_eq!(method.id().as_str(), format!("{did}{}", own["id"].as_str().unwrap()));
    assert_eq!(method.type_(), own["type"]);
    assert_eq!(method.relationships(), Relationship::Authentication.into());
    let KeyMaterial::Public(key) = method.key() else { panic!("a whole key") };
    assert_eq!(&key.to_jwk(), &own["publicKeyJwk"]);
    let [service] = document.services() else { panic!("one service") };
    assert_eq!(service.id(), format!("{did}#domain-1"));
    assert!(service.is("LinkedDomains"));
    let endpoint = &published["service"][0]["serviceEndpoint"];
    assert_eq!(service.endpoint().as_json(), endpoint);
    assert_eq!(service.endpoint().uris().next(), endpoint.as_str());
}

const ION_SDK_DID: &str = include_str!("vectors/ion-sdk/long_form.txt");
const ION_SDK_KEY: &str = include_str!("vectors/ion-sdk/publicKeyModel1.json");
const ION_SDK_SERVICE: &str = include_str!("vectors/ion-sdk/service1.json");
const ION_SDK_RECOVERY: &str = include_str!("vectors/ion-sdk/jwkEs256k1Public.json");
const ION_SDK_UPDATE: &str = include_str!("vectors/ion-sdk/jwkEs256k2Public.json");

/// The inputs of ION's own SDK, and the DID that it makes of them.
#[test]
fn the_did_of_ions_sdk_holds_the_keys_that_it_was_made_of() {
    let did = ION_SDK_DID.trim_end();
    let document = resolve(did).expect("a document");
    let expected = json_of(ION_SDK_KEY);
    let method = document.method(&format!("{did}#publicKeyModel1Id")).expect("the key");
    let KeyMaterial::Public(key) = method.key() else { panic!("a whole key") };
    assert_eq!(key.to_jwk(), expected["publicKeyJwk"]);
    assert_eq!(method.type_(), expected["type"]);
    let purposes = method.relationships();
    assert!(purposes.contains(Relationship::Authentication));
    assert!(purposes.contains(Relationship::KeyAgreement));
    assert!(!purposes.contains(Relationship::AssertionMethod));
    let service = &document.services()[0];
    assert!(service.is(json_of(ION_SDK_SERVICE)["type"].as_str().expect("a type")));

    let state = base64url::decode(did.rsplit_once(':').expect("a long form").1).expect("base64url");
    let state: Value = serde_json::from_slice(&state).expect("JSON");
    let commitment = |jwk: &str| {
        let key = PublicKey::from_jwk_json(jwk.as_bytes()).expect("a key");
        Commitment::to_key(&key).expect("a commitment").as_str().to_owned()
    };
    assert_eq!(state["delta"]["updateCommitment"], commitment(ION_SDK_UPDATE));
    assert_eq!(state["suffixData"]["recoveryCommitment"], commitment(ION_SDK_RECOVERY));
}

#[test]
fn the_published_document_of_a_long_form_reads_alike() {
    let did = Did::parse(RAW_LONG_FORM.trim()).expect("a DID");
    let published = json_of(RESOLVED_LONG_FORM)["didDocument"].to_string();
    let read = DidDocument::parse(&did, published.as_bytes()).expect("the published document");
    assert_eq!(read, resolve(did.as_str()).expect("the DID itself"));
}

#[test]
fn the_dids_of_the_profiles_exchange_are_canonical() {
    for did in ed25519_dids() {
        let document = resolve(&did).expect("a canonical long form");
        let method = document.method(&format!("{did}#key-1")).expect("its key");
        assert_eq!(method.key().curve(), Curve::Ed25519);
        AwsLc.prepare(method.key()).expect("a key");
        assert_eq!(raw(&did), Ok(document), "raw bytes are the canonical ones");
    }
}

#[test]
fn the_dids_of_the_profiles_text_are_refused_strictly_and_read_over_raw_bytes() {
    let kids = spec_kids();
    assert_eq!(kids.len(), 4);
    for kid in kids {
        let did = did_of(&kid);
        assert_eq!(resolve(did), Err("did_ion_not_canonical"));
        let document = raw(did).expect("hashes over the raw bytes");
        assert_eq!(document.method(&kid).expect("its key").key().curve(), Curve::Ed25519);
    }
}

#[test]
fn a_real_issuer_has_its_key_its_domain_and_its_hub() {
    let kid = entra_kid();
    let document = resolve(did_of(&kid)).expect("a canonical long form");
    let method = document.method(&kid).expect("the signing key");
    assert!(method.relationships().contains(Relationship::AssertionMethod));
    AwsLc.prepare(method.key()).expect("a key on its curve");
    let [domains, hub] = document.services() else { panic!("two services") };
    let origins: Vec<&str> = domains.endpoint().origins().collect();
    assert!(origins.len() == 1 && origins[0].starts_with("https://") && origins[0].ends_with('/'));
    assert!(hub.is("IdentityHub") && !hub.is("LinkedDomains"));
    assert_eq!(
        hub.endpoint().instances().collect::<Vec<_>>(),
        ["https://hub.did.msidentity.com/v1.0/a492cff2-d733-4057-95a5-a71fc3695bc8"]
    );
    assert_eq!(hub.endpoint().origins().count(), 0);
}

// --- faults ------------------------------------------------------------------------------------

fn multihash(bytes: &[u8]) -> String {
    base64url::encode([&[0x12, 0x20], Sha256::digest(bytes).as_slice()].concat())
}

fn commitment() -> String {
    multihash(b"nobody's key")
}

fn p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn okp(byte: u8) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": base64url::encode([byte; 32])})
}

fn ion_key(id: &str, jwk: Value) -> Value {
    json!({"id": id, "type": "JsonWebKey2020", "publicKeyJwk": jwk, "purposes": ["authentication"]})
}

fn replace(keys: &[Value]) -> Value {
    json!({"action": "replace", "document": {"publicKeys": keys}})
}

/// A long form whose hashes fit, whatever the delta says.
fn did_of_delta(delta: &Value) -> String {
    let delta_hash = multihash(&strict::canonical(delta).unwrap());
    did_of_state(delta, &json!({"deltaHash": delta_hash, "recoveryCommitment": commitment()}))
}

fn did_of_state(delta: &Value, suffix_data: &Value) -> String {
    let suffix = multihash(&strict::canonical(suffix_data).unwrap());
    let state = strict::canonical(&json!({"delta": delta, "suffixData": suffix_data})).unwrap();
    format!("did:ion:{suffix}:{}", base64url::encode(state))
}

fn did_of_patches(patches: &[Value]) -> String {
    did_of_delta(&json!({"patches": patches, "updateCommitment": commitment()}))
}

/// A long form whose state is exactly this text, with the suffix of its `suffixData`.
fn did_of_text(state: &str, suffix_data: &str) -> String {
    format!("did:ion:{}:{}", multihash(suffix_data.as_bytes()), base64url::encode(state))
}

#[test]
fn n10_one_byte_changed_anywhere_never_resolves_to_the_same_keys() {
    let mut dids = ed25519_dids();
    dids.push(did_of(&entra_kid()).to_owned());
    for did in dids {
        let keys = resolve(&did).expect("a good DID").verification_methods().len();
        assert_eq!(keys, 1);
        for at in 0..did.len() {
            for other in ["A", "z", "_", "0", ":", "%", "="] {
                let mut changed = did.clone();
                changed.replace_range(at..=at, other);
                if changed != did {
                    assert!(resolve(&changed).is_err(), "byte {at} as {other}");
                    assert!(raw(&changed).is_err(), "byte {at} as {other}, raw");
                }
            }
        }
    }
}

#[test]
fn n10_another_suffix_or_another_state_is_refused() {
    let dids = ed25519_dids();
    let parts: Vec<Vec<&str>> = dids.iter().map(|did| did.split(':').collect()).collect();
    let spliced = format!("did:ion:{}:{}", parts[0][2], parts[1][3]);
    assert_eq!(resolve(&spliced), Err("did_ion_suffix_mismatch"));
    assert_eq!(raw(&spliced), Err("did_ion_suffix_mismatch"));
}

#[test]
fn n10_another_delta_under_the_suffix_data_of_a_victim_is_refused() {
    let delta = |byte| json!({"patches": [replace(&[ion_key("key-1", okp(byte))])], "updateCommitment": commitment()});
    let hash = multihash(&strict::canonical(&delta(3)).unwrap());
    let suffix_data = json!({"deltaHash": hash, "recoveryCommitment": commitment()});
    assert!(resolve(&did_of_state(&delta(3), &suffix_data)).is_ok());
    let forged = did_of_state(&delta(5), &suffix_data);
    assert_eq!(resolve(&forged), Err("did_ion_delta_mismatch"));
    assert_eq!(raw(&forged), Err("did_ion_delta_mismatch"));
}

#[test]
fn n10_a_state_that_is_not_canonical_is_refused_whatever_its_hashes_are_over() {
    let delta = json!({"patches": [], "updateCommitment": commitment()});
    let delta = String::from_utf8(strict::canonical(&delta).unwrap()).unwrap();
    let suffix_data = format!(
        r#"{{"deltaHash":"{}","recoveryCommitment":"{}"}}"#,
        multihash(delta.as_bytes()),
        commitment()
    );
    let good = format!(r#"{{"delta":{delta},"suffixData":{suffix_data}}}"#);
    assert!(resolve(&did_of_text(&good, &suffix_data)).is_ok());
    let swapped = format!(r#"{{"suffixData":{suffix_data},"delta":{delta}}}"#);
    assert_eq!(resolve(&did_of_text(&swapped, &suffix_data)), Err("did_ion_not_canonical"));
    assert!(raw(&did_of_text(&swapped, &suffix_data)).is_ok());
    for text in [
        format!(r#"{{ "delta":{delta},"suffixData":{suffix_data}}}"#),
        format!(r#"{{"delta": {delta},"suffixData":{suffix_data}}}"#),
        format!("{good}\n"),
        format!(r#"{{"\u0064elta":{delta},"suffixData":{suffix_data}}}"#),
    ] {
        let did = did_of_text(&text, &suffix_data);
        assert_eq!(resolve(&did), Err("did_ion_not_canonical"), "{text}");
        assert_eq!(raw(&did), Err("did_ion_not_canonical"), "white space is outside the hashes");
    }
}

#[test]
fn pf45_numbers_are_canonical_whatever_serde_json_was_built_with() {
    let state = |number: &str| {
        let service = format!(r#"{{"id":"a","serviceEndpoint":{{"n":{number}}},"type":"b"}}"#);
        let delta = format!(
            r#"{{"patches":[{{"action":"add-services","services":[{service}]}}],"updateCommitment":"{}"}}"#,
            commitment()
        );
        let suffix_data = format!(
            r#"{{"deltaHash":"{}","recoveryCommitment":"{}"}}"#,
            multihash(delta.as_bytes()),
            commitment()
        );
        let text = format!(r#"{{"delta":{delta},"suffixData":{suffix_data}}}"#);
        did_of_text(&text, &suffix_data)
    };
    for number in ["0", "1", "-1", "1.5", "9007199254740992", "1e+21"] {
        assert!(resolve(&state(number)).is_ok(), "{number}");
    }
    for number in ["1.0", "1e2", "1.50", "1E+21", "0.0", "9007199254740993"] {
        assert_eq!(resolve(&state(number)), Err("did_ion_not_canonical"), "{number}");
    }
    for number in ["-0", "01", "1e999", "99999999999999999999"] {
        assert_eq!(resolve(&state(number)), Err("did_ion_malformed"), "{number}");
    }
}

#[test]
fn n10_raw_bytes_never_skip_a_hash() {
    let delta = format!(r#"{{"updateCommitment":"{}","patches":[]}}"#, commitment());
    let canonical = strict::canonical(&json_of(&delta)).unwrap();
    let over = |bytes: &[u8]| {
        let suffix_data = format!(
            r#"{{"deltaHash":"{}","recoveryCommitment":"{}"}}"#,
            multihash(bytes),
            commitment()
        );
        let state = format!(r#"{{"delta":{delta},"suffixData":{suffix_data}}}"#);
        did_of_text(&state, &suffix_data)
    };
    assert!(raw(&over(delta.as_bytes())).is_ok());
    assert_eq!(raw(&over(&canonical)), Err("did_ion_delta_mismatch"));
    assert_eq!(raw(&over(b"anything")), Err("did_ion_delta_mismatch"));
    assert_eq!(resolve(&over(&canonical)), Err("did_ion_not_canonical"));
}

#[test]
fn n10_a_short_form_is_not_resolved_in_place() {
    for did in ["did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w", "did:ion:test:EiCl"] {
        assert_eq!(resolve(did), Err("did_ion_short_form"), "{did}");
    }
}

#[test]
fn n10_test_is_the_one_network_that_is_known() {
    let did = &ed25519_dids()[0];
    let on = |network: &str| did.replacen("did:ion:", &format!("did:ion:{network}:"), 1);
    let document = resolve(&on("test")).expect("the test network");
    assert!(document.method(&format!("{}#key-1", on("test"))).is_some(), "the DID as it was given");
    for network in ["main", "TEST", "test:test", ""] {
        let code = resolve(&on(network)).expect_err(network);
        assert!(code.starts_with("did_ion_m"), "{network}: {code}");
    }
    assert_eq!(resolve(&format!("{did}:a")), Err("did_ion_malformed"));
}

#[test]
fn n10_only_sha256_multihashes_are_read() {
    let sha512 = base64url::encode([&[0x13, 0x40][..], &[7; 64]].concat());
    let short = base64url::encode([&[0x12, 0x1f][..], &[7; 31]].concat());
    let long = base64url::encode([&[0x12, 0x20][..], &[7; 33]].concat());
    let delta = json!({"patches": [], "updateCommitment": commitment()});
    for hash in
        [sha512.as_str(), &short, &long, "", "not base64url!", &format!("{}=", commitment())]
    {
        let update = did_of_delta(&json!({"patches": [], "updateCommitment": hash}));
        assert_eq!(resolve(&update), Err("did_ion_multihash"), "update {hash}");
        let own = json!({"deltaHash": hash, "recoveryCommitment": commitment()});
        assert_eq!(resolve(&did_of_state(&delta, &own)), Err("did_ion_multihash"), "{hash}");
        let recovery = json!({
            "deltaHash": multihash(&strict::canonical(&delta).unwrap()), "recoveryCommitment": hash,
        });
        assert_eq!(resolve(&did_of_state(&delta, &recovery)), Err("did_ion_multihash"), "{hash}");
    }
    let good = did_of_delta(&delta);
    let state = good.rsplit_once(':').unwrap().1;
    assert_eq!(resolve(&format!("did:ion:{sha512}:{state}")), Err("did_ion_multihash"));
}

#[test]
fn n10_patches_must_be_there_and_each_be_known() {
    assert_eq!(
        resolve(&did_of_delta(&json!({"updateCommitment": commitment()}))),
        Err("did_ion_malformed")
    );
    for patches in [json!({}), json!("replace"), json!([5]), json!([{}])] {
        let delta = json!({"patches": patches, "updateCommitment": commitment()});
        assert_eq!(resolve(&did_of_delta(&delta)), Err("did_ion_malformed"), "{patches}");
    }
    for action in ["ietf-json-patch", "Replace", "add-also-known-as", ""] {
        let patch = json!({"action": action, "patches": []});
        assert_eq!(resolve(&did_of_patches(&[patch])), Err("did_ion_patch"), "{action}");
    }
    for patch in [
        json!({"action": "replace"}),
        json!({"action": "replace", "document": []}),
        json!({"action": "replace", "document": {"publicKey": []}}),
        json!({"action": "replace", "document": {"publicKeys": {}}}),
        json!({"action": "replace", "document": {"publicKeys": [5]}}),
        json!({"action": "replace", "document": {"services": [{"id": "a", "type": "b"}]}}),
        json!({"action": "add-public-keys"}),
        json!({"action": "remove-public-keys", "ids": "key-1"}),
        replace(&[json!({"type": "JsonWebKey2020", "publicKeyJwk": okp(3)})]),
        replace(&[ion_key("", okp(3))]),
        replace(&[ion_key("a#b", okp(3))]),
        replace(&[json!({"id": "a", "type": "b", "publicKeyJwk": okp(3), "purposes": ["all"]})]),
        replace(&[json!({"id": "a", "type": "b", "publicKeyJwk": okp(3), "purposes": "all"})]),
    ] {
        let did = did_of_patches(std::slice::from_ref(&patch));
        assert_eq!(resolve(&did), Err("did_ion_malformed"), "{patch}");
    }
}

#[test]
fn n10_members_outside_the_hashes_or_unknown_in_them_are_refused() {
    let delta = json!({"patches": [], "updateCommitment": commitment()});
    let hash = multihash(&strict::canonical(&delta).unwrap());
    let suffix_data = json!({"deltaHash": hash, "recoveryCommitment": commitment()});
    let with = |value: &Value, member: &str| {
        let mut value = value.clone();
        value[member] = "more".into();
        value
    };
    assert_eq!(resolve(&did_of_delta(&with(&delta, "more"))), Err("did_ion_malformed"));
    let more = with(&suffix_data, "more");
    assert_eq!(resolve(&did_of_state(&delta, &more)), Err("did_ion_malformed"));
    assert!(resolve(&did_of_state(&delta, &with(&suffix_data, "type"))).is_ok());
    let state = json!({"delta": delta, "suffixData": suffix_data, "more": 1}).to_string();
    let suffix_data = String::from_utf8(strict::canonical(&suffix_data).unwrap()).unwrap();
    assert_eq!(resolve(&did_of_text(&state, &suffix_data)), Err("did_ion_malformed"));
    for state in ["5", "[]", "{}", "null", r#"{"delta":{},"delta":{}}"#] {
        assert_eq!(resolve(&did_of_text(state, "{}")), Err("did_ion_malformed"), "{state}");
    }
    for state in ["e", "e30=", "e30%3D", "e31"] {
        let did = format!("did:ion:{}:{state}", commitment());
        assert!(resolve(&did).is_err(), "{state}");
    }
}

#[test]
fn s27_two_keys_with_one_id_are_refused() {
    let twice = replace(&[ion_key("key-1", okp(3)), ion_key("key-1", okp(5))]);
    assert_eq!(resolve(&did_of_patches(&[twice])), Err("did_document_duplicate_id"));
    let added = json!({"action": "add-public-keys", "publicKeys": [ion_key("key-1", okp(5))]});
    let first = replace(&[ion_key("key-1", okp(3))]);
    assert_eq!(resolve(&did_of_patches(&[first, added])), Err("did_document_duplicate_id"));
    let service = json!({"id": "a", "type": "b", "serviceEndpoint": "https://a.example"});
    let services = json!({"action": "add-services", "services": [service, service]});
    assert_eq!(resolve(&did_of_patches(&[services])), Err("did_document_duplicate_id"));
    let mut signing = ion_key("a", p256());
    signing["publicKeyJwk"]["use"] = "sig".into();
    let mut encrypting = ion_key("b", p256());
    encrypting["publicKeyJwk"]["use"] = "enc".into();
    let did = did_of_patches(&[replace(&[signing, encrypting])]);
    assert_eq!(resolve(&did), Err("did_document_ambiguous_key"));
}

#[test]
fn patches_are_applied_one_after_the_other() {
    let key = |id: &str, byte| ion_key(id, okp(byte));
    let document = resolve(&did_of_patches(&[
        replace(&[key("gone", 3)]),
        replace(&[key("first", 3), key("removed", 5)]),
        json!({"action": "add-public-keys", "publicKeys": [key("added", 7)]}),
        json!({"action": "remove-public-keys", "ids": ["removed", "never-there"]}),
        json!({"action": "add-services", "services": [
            {"id": "a", "type": "b", "serviceEndpoint": "https://a.example"},
            {"id": "c", "type": ["d", "e"], "serviceEndpoint": {"x": 1}},
        ]}),
        json!({"action": "remove-services", "ids": ["a"]}),
    ]))
    .expect("known patches");
    let ids = document.verification_methods().iter().map(|method| method.id().fragment());
    assert_eq!(ids.collect::<Vec<_>>(), ["first", "added"]);
    let [service] = document.services() else { panic!("one service") };
    assert_eq!(service.types(), ["d", "e"]);
}

#[test]
fn a_document_without_keys_is_valid() {
    for patches in [&[][..], &[replace(&[])], &[json!({"action": "replace", "document": {}})]] {
        let document = resolve(&did_of_patches(patches)).expect("no key");
        assert_eq!(document.verification_methods(), []);
    }
}

#[test]
fn a_key_is_listed_whatever_its_purposes_and_one_that_cannot_be_read_is_skipped() {
    let mut none = ion_key("none", okp(3));
    none["purposes"] = json!([]);
    let mut absent = ion_key("absent", okp(5));
    absent.as_object_mut().unwrap().remove("purposes");
    let mut agreement = ion_key("agreement", okp(7));
    agreement["purposes"] = json!(["keyAgreement"]);
    let mut kid = ion_key("kid", okp(11));
    kid["publicKeyJwk"]["kid"] = "anything".into();
    let rsa = ion_key("rsa", json!({"kty": "RSA", "n": "AQ", "e": "AQAB"}));
    let private = ion_key("private", json!({"kty": "oct", "k": "AQ"}));
    let did = did_of_patches(&[replace(&[none, absent, agreement, kid, rsa, private])]);
    let document = resolve(&did).expect("a document");
    let listed: Vec<_> = document
        .verification_methods()
        .iter()
        .map(|method| (method.id().fragment(), method.relationships()))
        .collect();
    assert_eq!(
        listed,
        [
            ("none", Relationships::NONE),
            ("absent", Relationships::NONE),
            ("agreement", Relationship::KeyAgreement.into()),
            ("kid", Relationship::Authentication.into()),
        ]
    );
    assert!(document.unreadable(&format!("{did}#rsa")));
    assert!(document.unreadable(&format!("{did}#private")));
    assert!(!document.unreadable(&format!("{did}#kid")));
}

#[test]
fn n07_a_state_beyond_the_limit_is_refused() {
    let keys: Vec<Value> = (0..40).map(|n| ion_key(&format!("key-{n}"), okp(3))).collect();
    assert_eq!(resolve(&did_of_patches(&[replace(&keys)])), Err("did_too_long"));
}

#[test]
fn debug_prints_no_did_and_no_key() {
    let did = &ed25519_dids()[0];
    let printed = format!("{:?}", resolve(did).expect("a document"));
    let state = did.rsplit_once(':').unwrap().1;
    for part in [&state[..20], &did[8..20], "TriPiNxl", "key-1"] {
        assert!(!printed.contains(part), "{printed}");
    }
}

// --- making ------------------------------------------------------------------------------------

fn ed25519_key(byte: u8) -> PublicKey {
    PublicKey::from_ed25519(&[byte; 32]).expect("a key")
}

#[test]
fn a_commitment_is_the_hash_of_the_hash_of_the_key() {
    let key = ed25519_key(3);
    let once = Sha256::digest(strict::canonical(&key.to_jwk()).unwrap());
    assert_eq!(Commitment::to_key(&key).unwrap().as_str(), multihash(&once));
}

#[test]
fn what_no_verifier_would_read_is_not_made() {
    let commitment = Commitment::to_key(&ed25519_key(3)).unwrap();
    let make = |document: Document| {
        create(&document, &commitment, &commitment).map(drop).map_err(|error| error.code())
    };
    let key = ed25519_key(5);
    let twice =
        Document::default().key("a", &key, Relationships::NONE).key("a", &key, Relationships::NONE);
    assert_eq!(make(twice), Err("did_document_duplicate_id"));
    let hash = Document::default().key("#a", &key, Relationships::NONE);
    assert_eq!(make(hash), Err("did_ion_malformed"));
    let large = Document::default().service("a", "b", &json!("x".repeat(4000)));
    assert_eq!(make(large), Err("did_too_long"));
}

fn any_purposes() -> impl Strategy<Value = Relationships> {
    prop::sample::subsequence(Relationship::ALL.to_vec(), 0..=5)
        .prop_map(|list| list.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_made_resolves_to_what_it_was_made_of(
        points in prop::collection::btree_map(
            "[A-Za-z0-9_-]{1,20}", (any::<([u8; 32], [u8; 32])>(), any_purposes()), 0..4),
        service in proptest::option::of("[A-Za-z0-9_-]{1,20}"),
    ) {
        let mut document = Document::default();
        let mut expected = Vec::new();
        for (id, ((x, y), purposes)) in &points {
            let key = PublicKey::from_affine(Curve::Secp256k1, x, y).unwrap();
            document = document.key(id, &key, *purposes);
            expected.push((id.clone(), KeyMaterial::Public(key), *purposes));
        }
        if let Some(id) = &service {
            let endpoint = json!({"origins": ["https://trust.example/"]});
            document = document.service(id, "LinkedDomains", &endpoint);
        }
        let update = Commitment::to_key(&ed25519_key(3)).unwrap();
        let recovery = Commitment::to_key(&ed25519_key(5)).unwrap();
        let did = create(&document, &update, &recovery).unwrap();
        let resolved = resolve(did.as_str()).unwrap();
        let found: Vec<_> = resolved.verification_methods().iter()
            .map(|m| (m.id().fragment().to_owned(), m.key().clone(), m.relationships()))
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(resolved.services().len(), usize::from(service.is_some()));
        let written = resolved.to_json().to_string();
        prop_assert_eq!(DidDocument::parse(&did, written.as_bytes()), Ok(resolved));
    }

    #[test]
    fn no_state_makes_it_panic(state in "[a-zA-Z0-9_-]{0,80}", text in "[{}\\[\\]:,\"a-zD0-9]{0,60}") {
        let suffix = commitment();
        let _ = resolve(&format!("did:ion:{suffix}:{state}"));
        let _ = raw(&format!("did:ion:{suffix}:{}", base64url::encode(text)));
    }
}
