//! Requests of the JWT VC Presentation Profile: their shape member by member, every gate of the two
//! phone apps, and what is refused when it is built.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::time::Duration;

use common::*;
use serde_json::{Value, json};
use staffpass_jose::Algorithm;
use staffpass_query::{
    Candidate, Field, FieldPath, Filter, Format, InputDescriptor, Pattern, PatternReading,
    PresentationDefinition,
};
use staffpass_request::{
    Endpoints, Protocol, RequestError, RequestedCredential, ResponseMode, Transport, microsoft,
};

fn claims() -> Value {
    decode(microsoft_request(1).object().as_str()).1
}

fn definition_of(claims: &Value) -> &Value {
    &claims["claims"]["vp_token"]["presentation_definition"]
}

fn refusal(builder: microsoft::RequestBuilder) -> RequestError {
    builder.build(now(), &mut rng(1)).map(|_| ()).unwrap_err()
}

fn party_refusal(kid: &str, request: &str, response: &str) -> &'static str {
    let party = Endpoints::new(request, response)
        .and_then(|endpoints| microsoft::Party::new(kid, Algorithm::Es256, "Trust", endpoints));
    party.map(|_| ()).unwrap_err().code()
}

// ---- shape ----

#[test]
fn the_request_object_is_this_and_nothing_else() {
    let party = microsoft_party()
        .with_purpose("To bring your staff record")
        .and_then(|party| party.with_logo_uri("https://portal.example/logo.png"))
        .and_then(|party| party.with_tos_uri("https://portal.example/terms"))
        .unwrap();
    let builder = microsoft::RequestBuilder::new(&party, [identity(), employment()]);
    let request = builder.build(now(), &mut rng(7)).unwrap().sign(&key()).unwrap();
    let (header, claims) = decode(request.object().as_str());

    assert_eq!(header, json!({ "alg": "ES256", "kid": KID, "typ": "JWT" }));
    let algorithms = json!(["ES256", "ES256K", "ES384", "EdDSA"]);
    let issuer_path = json!(["$.issuer", "$.vc.issuer", "$.iss"]);
    let present =
        |path: &str| json!({ "path": [path], "filter": { "type": "string", "pattern": "^^." } });
    let expectation = request.expectation();
    assert_eq!(
        claims,
        json!({
            "response_type": "id_token",
            "response_mode": "post",
            "scope": "openid",
            "client_id": DID,
            "redirect_uri": request.response_uri(),
            "nonce": expectation.nonce().as_str(),
            "state": expectation.state().unwrap().as_str(),
            "iat": now().timestamp(),
            "exp": now().timestamp() + 300,
            "jti": claims["jti"],
            "registration": {
                "client_name": "Example Trust",
                "client_purpose": "To bring your staff record",
                "logo_uri": "https://portal.example/logo.png",
                "tos_uri": "https://portal.example/terms",
                "subject_syntax_types_supported": ["did:ion", "did:jwk", "did:key"],
                "vp_formats": { "jwt_vp": { "alg": algorithms }, "jwt_vc": { "alg": algorithms } },
            },
            "claims": { "vp_token": { "presentation_definition": {
                "id": expectation.definition_id().unwrap(),
                "input_descriptors": [
                    {
                        "id": "identity",
                        "schema": [{ "uri": "StaffIdentity" }],
                        "constraints": { "fields": [{
                            "path": issuer_path,
                            "filter": {
                                "type": "string",
                                "pattern": "^^did:web:old-trust\\.example$",
                            },
                        }] },
                    },
                    {
                        "id": "employment",
                        "name": "Employment",
                        "purpose": "To see where you work",
                        "schema": [{ "uri": "StaffEmployment" }],
                        "constraints": { "fields": [
                            {
                                "path": issuer_path,
                                "filter": {
                                    "type": "string",
                                    "pattern": "^^did:web:old-trust\\.example$\
                                                |^^did:web:other-trust\\.example$",
                                },
                            },
                            present("$.vc.credentialSubject.job_title"),
                            present("$.vc.credentialSubject.employer.name"),
                        ] },
                    },
                ],
            } } },
        })
    );
}

#[test]
fn the_link_has_a_request_uri_percent_encoded_once_and_nothing_else() {
    let request = microsoft_request(2);
    let id = last_segment(request.request_uri());
    assert_eq!(request.request_uri(), format!("https://portal.example/request/{id}"));
    assert_eq!(
        request.link(),
        format!("openid-vc://?request_uri=https%3A%2F%2Fportal.example%2Frequest%2F{id}")
    );
    assert_eq!(request.object().media_type(), "application/jwt");
}

#[test]
fn p22_the_expectation_knows_protocol_mode_and_bare_client_id() {
    let request = microsoft_request(3);
    let expectation = request.expectation();
    assert_eq!(expectation.protocol(), Some(Protocol::JwtVcPresentationProfile));
    assert_eq!(expectation.response_mode(), Some(ResponseMode::Post));
    assert_eq!(expectation.client_id(), DID);
    assert_eq!(expectation.query().unwrap().parts(), ["identity", "employment"]);
    assert_eq!(expectation.created_at(), now());
    assert_eq!(expectation.expires_at(), now() + chrono::TimeDelta::seconds(300));
}

// ---- the gates of the phone apps ----

#[test]
fn gate_kid_is_a_did_url_of_two_parts_whose_did_is_the_client() {
    let (header, claims) = decode(microsoft_request(1).object().as_str());
    let kid = header["kid"].as_str().unwrap();
    let parts: Vec<_> = kid.split('#').collect();
    assert_eq!(parts.len(), 2);
    assert_eq!(claims["client_id"], parts[0]);
}

#[test]
fn gate_subject_syntax_types_have_did_ion_though_the_verifier_is_did_web() {
    let methods = claims()["registration"]["subject_syntax_types_supported"].clone();
    assert!(methods.as_array().unwrap().contains(&json!("did:ion")));
}

#[test]
fn gate_both_formats_have_es256k_though_the_verifier_signs_with_es256() {
    let claims = claims();
    for format in ["jwt_vp", "jwt_vc"] {
        let algorithms = claims["registration"]["vp_formats"][format]["alg"].as_array().unwrap();
        for algorithm in Algorithm::ALL {
            assert!(algorithms.contains(&json!(algorithm.name())), "{format} {algorithm}");
        }
    }
}

#[test]
fn gate_the_signature_is_of_an_algorithm_that_both_apps_verify() {
    for algorithm in Algorithm::ALL {
        let party = microsoft::Party::new(KID, algorithm, "Trust", endpoints());
        let code = party.map(|_| "accepted").unwrap_or_else(|error| error.code());
        let expected = if algorithm == Algorithm::Es384 { "request_algorithm" } else { "accepted" };
        assert_eq!(code, expected, "{algorithm}");
    }
}

#[test]
fn gate_constants_are_as_both_apps_want_them() {
    let claims = claims();
    assert_eq!(claims["response_type"], "id_token");
    assert_eq!(claims["response_mode"], "post");
    assert_eq!(claims["scope"], "openid");
    assert!(claims.get("prompt").is_none());
    assert!(claims.get("response_uri").is_none());
}

#[test]
fn gate_exp_is_there_and_neither_iss_nor_aud() {
    let claims = claims();
    assert!(claims["exp"].is_i64());
    assert!(claims.get("iss").is_none());
    assert!(claims.get("aud").is_none());
    assert!(claims.get("client_metadata").is_none());
}

#[test]
fn gate_state_and_nonce_are_never_empty() {
    for member in ["state", "nonce"] {
        assert_eq!(claims()[member].as_str().unwrap().len(), 43);
    }
}

#[test]
fn gate_the_definition_has_an_id_and_every_field_a_pattern_without_a_slash() {
    let claims = claims();
    let definition = definition_of(&claims);
    assert!(!definition["id"].as_str().unwrap().is_empty());
    for descriptor in definition["input_descriptors"].as_array().unwrap() {
        for field in descriptor["constraints"]["fields"].as_array().unwrap() {
            let pattern = field["filter"]["pattern"].as_str().unwrap();
            assert!(pattern.starts_with("^^") && !pattern.contains('/'), "{pattern}");
        }
    }
}

#[test]
fn each_definition_has_an_id_of_its_own() {
    let one = microsoft_request(1).expectation().definition_id().unwrap().to_owned();
    let other = microsoft_request(2).expectation().definition_id().unwrap().to_owned();
    assert_ne!(one, other);
}

// ---- refused when built ----

#[test]
fn b12_a_part_without_accepted_issuers_is_refused() {
    let none = RequestedCredential::new("identity", "StaffIdentity");
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity(), none]);
    let error = refusal(builder);
    assert!(matches!(error, RequestError::NoAcceptedIssuer { part: 1 }));
    assert_eq!(error.code(), "request_no_accepted_issuer");
}

#[test]
fn an_issuer_whose_pattern_would_need_a_slash_is_refused() {
    let https = identity().with_issuers(["https://old-trust.example"]);
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [https]);
    assert_eq!(refusal(builder).code(), "query_pattern_slash");
}

#[test]
fn a_request_for_nothing_is_refused() {
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), []);
    assert_eq!(refusal(builder).code(), "query_empty_member");
}

#[test]
fn q10_the_same_id_twice_is_refused() {
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity(), identity()]);
    assert_eq!(refusal(builder).code(), "query_duplicate_id");
}

#[test]
fn an_id_outside_the_grammar_is_refused() {
    let odd = RequestedCredential::new("staff identity", "StaffIdentity").with_issuers([ISSUER]);
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [odd]);
    assert_eq!(refusal(builder).code(), "query_id_grammar");
}

#[test]
fn a_part_named_as_its_type_is_refused() {
    let named = RequestedCredential::new("StaffIdentity", "StaffIdentity").with_issuers([ISSUER]);
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [named]);
    assert_eq!(refusal(builder).code(), "request_part_named_as_type");
}

#[test]
fn two_parts_of_one_type_with_ids_of_their_own_are_good() {
    let other = RequestedCredential::new("second", "StaffIdentity").with_issuers([ISSUER]);
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity(), other]);
    assert!(builder.build(now(), &mut rng(1)).is_ok());
}

#[test]
fn q07_claim_names_are_plain() {
    for claim in ["", "a..b", ".a", "a.", "a b", "a[0]", "a['b']", "$", "*", "a\"", "a/b"] {
        let builder =
            microsoft::RequestBuilder::new(&microsoft_party(), [identity().with_claims([claim])]);
        assert_eq!(refusal(builder).code(), "query_path_outside_subset", "{claim:?}");
    }
}

#[test]
fn texts_with_control_characters_or_without_end_are_refused() {
    let long = "x".repeat(513);
    for text in ["", "   ", "a\nb", "a\u{1b}[31m", "a\u{0}", long.as_str()] {
        let party = microsoft::Party::new(KID, Algorithm::Es256, text, endpoints());
        assert_eq!(party.map(|_| ()).unwrap_err().code(), "request_text_form", "{text:?}");
        let purpose = microsoft_party().with_purpose(text);
        assert_eq!(purpose.map(|_| ()).unwrap_err().code(), "request_text_form", "{text:?}");
        for credential in [identity().with_name(text), identity().with_purpose(text)] {
            let builder = microsoft::RequestBuilder::new(&microsoft_party(), [credential]);
            assert_eq!(refusal(builder).code(), "request_text_form", "{text:?}");
        }
    }
}

#[test]
fn a_life_of_more_than_ten_minutes_or_less_than_a_second_is_refused() {
    for (seconds, good) in [(0, false), (1, true), (600, true), (601, false), (u64::MAX, false)] {
        let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity()])
            .lifetime(Duration::from_secs(seconds));
        let built = builder.build(now(), &mut rng(1)).map(|_| ()).map_err(|error| error.code());
        assert_eq!(built, if good { Ok(()) } else { Err("request_lifetime") }, "{seconds}");
    }
    let half = microsoft::RequestBuilder::new(&microsoft_party(), [identity()])
        .lifetime(Duration::from_millis(600_001));
    assert_eq!(refusal(half).code(), "request_lifetime");
}

#[test]
fn t01_a_clock_outside_1970_to_9999_is_refused() {
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity()]);
    let before = chrono::DateTime::from_timestamp(-1, 0).unwrap();
    let built = builder.clone().build(before, &mut rng(1));
    assert_eq!(built.map(|_| ()).unwrap_err().code(), "request_clock");
    let last = chrono::DateTime::from_timestamp(253_402_300_799, 0).unwrap();
    assert_eq!(builder.build(last, &mut rng(1)).map(|_| ()).unwrap_err().code(), "request_clock");
}

#[test]
fn fractions_of_a_second_are_cut_alike_in_object_and_expectation() {
    let at = now() + chrono::TimeDelta::milliseconds(999);
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity()])
        .lifetime(Duration::from_millis(1_500));
    let request = builder.build(at, &mut rng(1)).unwrap().sign(&key()).unwrap();
    let claims = decode(request.object().as_str()).1;
    assert_eq!(claims["iat"], request.expectation().created_at().timestamp());
    assert_eq!(claims["exp"], request.expectation().expires_at().timestamp());
}

// ---- origins ----

#[test]
fn b06_request_response_and_did_web_are_of_one_origin() {
    let own = "https://portal.example/a";
    for (request, response) in [
        ("https://other.example/a", own),
        (own, "https://other.example/a"),
        (own, "https://portal.example:8443/a"),
        (own, "https://sub.portal.example/a"),
        (own, "https://portal.example.evil.example/a"),
    ] {
        assert_eq!(party_refusal(KID, request, response), "request_address_origin", "{response}");
    }
    let port = "did:web:portal.example%3A8443#key-1";
    assert_eq!(party_refusal(port, own, own), "request_address_origin");
    let there = Endpoints::new("https://portal.example:8443/a", "https://PORTAL.example:8443/b");
    let party = microsoft::Party::new(port, Algorithm::Es256, "Trust", there.unwrap());
    assert_eq!(party.unwrap().client_id(), "did:web:portal.example%3A8443");
}

#[test]
fn b06_a_verifier_without_did_web_still_has_one_origin() {
    let kid = "did:ion:EiAbc:eyJ4#sig_1";
    let (one, other) = ("https://a.example/x", "https://b.example/x");
    assert_eq!(party_refusal(kid, one, other), "request_address_origin");
    let same = Endpoints::new(one, one).unwrap();
    assert!(microsoft::Party::new(kid, Algorithm::Es256k, "Trust", same).is_ok());
}

#[test]
fn a_did_web_with_a_path_needs_the_named_option() {
    let kid = "did:web:portal.example:trust-a#key-1";
    let own = "https://portal.example/a";
    assert_eq!(party_refusal(kid, own, own), "request_did_web_path");
    let party =
        microsoft::Party::accept_did_web_path(kid, Algorithm::Es256, "Trust", endpoints()).unwrap();
    assert_eq!(party.client_id(), "did:web:portal.example:trust-a");
    let elsewhere = Endpoints::new("https://b.example/a", "https://b.example/a").unwrap();
    let party = microsoft::Party::accept_did_web_path(kid, Algorithm::Es256, "Trust", elsewhere);
    assert_eq!(party.map(|_| ()).unwrap_err().code(), "request_address_origin");
}

#[test]
fn key_ids_that_are_no_absolute_did_urls_are_refused() {
    let own = "https://portal.example/a";
    for kid in [
        "",
        "key-1",
        "#key-1",
        "did:web:portal.example",
        "did:web:portal.example#",
        "did:web:portal.example#a#b",
        "did:web:portal.example/path#a",
        "did:web:portal.example?x=1#a",
        "did:web:#a",
        "did::portal.example#a",
        "did:WEB:portal.example#a",
        "did:web:portal.example:#a",
        "did:web:portal.example #a",
        "did:web:portal.example#a b",
        "https://portal.example#a",
        "decentralized_identifier:did:web:portal.example#a",
        "did:web:portal.%65xample#a",
        "did:web:portal.example%2Fpath#a",
        "did:web:user%40portal.example#a",
        "did:web:portal.example%3A8443%3A1#a",
        "did:web:portal.example%3Ax#a",
        "did:web:%3A8443#a",
    ] {
        assert_eq!(party_refusal(kid, own, own), "request_key_id_form", "{kid:?}");
    }
}

#[test]
fn plain_http_needs_the_named_option_and_the_loopback() {
    let own = "https://portal.example/a";
    assert_eq!(party_refusal(KID, "http://portal.example/a", own), "request_address_scheme");
    for address in ["http://localhost:8080/a", "http://127.0.0.1:1/a", "http://[::1]:9/a"] {
        assert_eq!(
            Endpoints::new(address, address).map(|_| ()).unwrap_err().code(),
            "request_address_scheme"
        );
        let transport = Transport::HttpsOrLoopbackHttp;
        assert!(Endpoints::with_transport(address, address, transport).is_ok(), "{address}");
    }
    for address in [
        "http://portal.example/a",
        "http://localhost.evil.example/a",
        "http://127.0.0.2/a",
        "http://10.0.0.1/a",
        "http://[::2]/a",
        "ftp://localhost/a",
    ] {
        let endpoints = Endpoints::with_transport(address, own, Transport::HttpsOrLoopbackHttp);
        let code = endpoints.map(|_| ()).unwrap_err().code();
        assert_eq!(code, "request_address_scheme", "{address}");
    }
}

#[test]
fn a_loopback_verifier_has_its_did_web_at_the_port_of_its_addresses() {
    let base = "http://localhost:8080";
    let endpoints = Endpoints::with_transport(
        &format!("{base}/request/"),
        &format!("{base}/response/"),
        Transport::HttpsOrLoopbackHttp,
    )
    .unwrap();
    let kid = "did:web:localhost%3A8080#key-1";
    let party = microsoft::Party::new(kid, Algorithm::Es256, "Trust", endpoints.clone()).unwrap();
    let builder = microsoft::RequestBuilder::new(&party, [identity()]);
    let request = builder.build(now(), &mut rng(1)).unwrap().sign(&key()).unwrap();
    assert!(request.response_uri().starts_with("http://localhost:8080/response/"));
    let other = "did:web:localhost%3A8081#key-1";
    let party = microsoft::Party::new(other, Algorithm::Es256, "Trust", endpoints);
    assert_eq!(party.map(|_| ()).unwrap_err().code(), "request_address_origin");
}

#[test]
fn addresses_with_user_query_or_fragment_are_refused() {
    let own = "https://portal.example/a";
    for address in [
        "https://user@portal.example/a",
        "https://user:pass@portal.example/a",
        "https://portal.example/a?x=1",
        "https://portal.example/a#x",
        "https://portal.example/a b",
        "https://portal.example\\@evil.example/a",
        "https://",
        "portal.example/a",
        "/a",
        "",
    ] {
        assert_eq!(party_refusal(KID, address, own), "request_address_form", "{address:?}");
        assert_eq!(party_refusal(KID, own, address), "request_address_form", "{address:?}");
    }
    let logo = microsoft_party().with_logo_uri("http://portal.example/logo.png");
    assert_eq!(logo.map(|_| ()).unwrap_err().code(), "request_address_scheme");
    let terms = microsoft_party().with_tos_uri("terms");
    assert_eq!(terms.map(|_| ()).unwrap_err().code(), "request_address_form");
}

// ---- by a definition of the caller's own ----

fn issuer_field(pattern: Pattern) -> Field {
    let paths = ["$.issuer", "$.vc.issuer", "$.iss"].map(|path| FieldPath::parse(path).unwrap());
    Field::new(paths, Filter::pattern(pattern))
}

fn by_definition(fields: impl IntoIterator<Item = Field>) -> Result<(), &'static str> {
    let descriptor = fields.into_iter().fold(
        InputDescriptor::new("identity", ["StaffIdentity", "StaffIdentityV2"]),
        InputDescriptor::with_field,
    );
    let definition = PresentationDefinition::new("our-definition", [descriptor]).unwrap();
    let builder = microsoft::RequestBuilder::for_definition(&microsoft_party(), definition);
    builder.build(now(), &mut rng(1)).map(|_| ()).map_err(|error| error.code())
}

#[test]
fn a_definition_with_whole_issuers_is_sent_as_it_is() {
    let issuers = Pattern::one_of([ISSUER, "did:web:b.example"]).unwrap();
    let role = FieldPath::parse("$.vc.credentialSubject.role").unwrap();
    assert_eq!(by_definition([issuer_field(issuers), Field::present(role)]), Ok(()));
}

#[test]
fn b12_a_definition_without_an_issuer_is_refused() {
    let role = || Field::present(FieldPath::parse("$.vc.credentialSubject.role").unwrap());
    assert_eq!(by_definition([]), Err("request_no_accepted_issuer"));
    assert_eq!(by_definition([role()]), Err("request_no_accepted_issuer"));
    let optional = issuer_field(Pattern::exactly(ISSUER).unwrap()).into_optional();
    assert_eq!(by_definition([optional]), Err("request_no_accepted_issuer"));
}

#[test]
fn a_definition_whose_issuers_are_not_anchored_is_refused() {
    for pattern in [
        "did:web:a.example|did:web:b.example",
        "^did:web:a\\.example$",
        "^^did:web:a.example$",
        "^^did:web:a\\.example",
        "^^did:web:a\\.example$|did:web:b\\.example",
        "^^.",
    ] {
        let field = issuer_field(Pattern::parse(pattern).unwrap());
        assert_eq!(by_definition([field]), Err("request_pattern_not_anchored"), "{pattern}");
    }
}

#[test]
fn a_definition_with_filters_that_the_apps_pass_over_is_refused() {
    let issuer = || issuer_field(Pattern::exactly(ISSUER).unwrap());
    let role = || [FieldPath::parse("$.vc.credentialSubject.role").unwrap()];
    let pattern = || Filter::pattern(Pattern::exactly("Nurse").unwrap());
    for filter in [
        Filter::constant("Nurse"),
        Filter::one_of(["Nurse", "Midwife"]),
        Filter::containing(pattern()),
        Filter::default(),
    ] {
        let outcome = by_definition([issuer(), Field::new(role(), filter)]);
        assert_eq!(outcome, Err("request_field_without_pattern"));
    }
    assert_eq!(by_definition([issuer(), Field::new(role(), pattern())]), Ok(()));
}

#[test]
fn a_definition_with_a_slash_in_a_pattern_is_refused() {
    // `new` refuses it; one that was read has to be refused here.
    let definition = PresentationDefinition::from_value(&json!({
        "id": "theirs",
        "input_descriptors": [{
            "id": "identity",
            "schema": [{ "uri": "StaffIdentity" }],
            "constraints": { "fields": [{
                "path": ["$.iss"],
                "filter": { "type": "string", "pattern": "^^https://a\\.example$" },
            }] },
        }],
    }));
    let builder =
        microsoft::RequestBuilder::for_definition(&microsoft_party(), definition.unwrap());
    assert_eq!(refusal(builder).code(), "query_pattern_slash");
}

#[test]
fn a_definition_with_ids_outside_the_grammar_is_refused() {
    for (definition, descriptor) in [("our definition", "identity"), ("ours", "the/identity")] {
        let definition = PresentationDefinition::from_value(&json!({
            "id": definition,
            "input_descriptors": [{
                "id": descriptor,
                "schema": [{ "uri": "StaffIdentity" }],
                "constraints": { "fields": [{
                    "path": ["$.iss"],
                    "filter": { "type": "string", "pattern": "^^did:web:a\\.example$" },
                }] },
            }],
        }));
        let definition = definition.unwrap();
        let builder = microsoft::RequestBuilder::for_definition(&microsoft_party(), definition);
        assert_eq!(refusal(builder).code(), "query_id_grammar", "{descriptor}");
    }
}

#[test]
fn the_answer_is_held_against_the_letters_of_the_issuer_not_their_case() {
    let descriptor = InputDescriptor::new("identity", ["StaffIdentity"])
        .with_field(issuer_field(Pattern::exactly(ISSUER).unwrap()));
    let definition = PresentationDefinition::new("ours", [descriptor]).unwrap();
    let definition = definition.with_reading(PatternReading::Microsoft);
    let builder = microsoft::RequestBuilder::for_definition(&microsoft_party(), definition);
    let request = builder.build(now(), &mut rng(1)).unwrap().sign(&key()).unwrap();
    let check = |issuer: &str| {
        let vc = json!({ "type": ["VerifiableCredential", "StaffIdentity"] });
        let payload = json!({ "iss": issuer, "vc": vc });
        let held = Candidate::w3c(Format::JwtVcJson, &vc).with_jwt_payload(&payload);
        let held = held.with_holder_binding(true);
        request.expectation().query().unwrap().check("identity", &held)
    };
    assert_eq!(check(ISSUER), Ok(()));
    assert!(check(&ISSUER.to_uppercase()).is_err());
}

#[test]
fn a_descriptor_of_any_type_is_refused() {
    let descriptor = InputDescriptor::new("identity", [])
        .with_field(issuer_field(Pattern::exactly(ISSUER).unwrap()));
    let definition = PresentationDefinition::new("our-definition", [descriptor]).unwrap();
    let builder = microsoft::RequestBuilder::for_definition(&microsoft_party(), definition);
    assert_eq!(refusal(builder).code(), "query_empty_member");
}
