//! The wallet's side: what was built is read back; what the wallets of a protocol refuse is
//! refused; links.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_jose::{Algorithm, Signer as _, base64url};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_query::Query;
use staffpass_request::{
    AuthorizationRequest, Link, Protocol, RequestError, RequestObject, RequestUriMethod,
    RequestedCredential, Transport, UnverifiedRequestObject, microsoft, openid4vp,
};

fn code<T>(result: Result<T, RequestError>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

// ---- signing ----

#[test]
fn two_step_signing_and_signing_at_once_both_verify() {
    let key = key();
    for request in [
        microsoft::RequestBuilder::new(&microsoft_party(), [identity()])
            .build(now(), &mut rng(1))
            .unwrap(),
        openid4vp::RequestBuilder::new(&openid4vp_party(), [identity()])
            .unwrap()
            .build(now(), &mut rng(1))
            .unwrap(),
    ] {
        let signature = key.sign(request.signing_input()).unwrap();
        let request = request.with_signature(&signature, key.verification_key()).unwrap();
        let object = RequestObject::parse(request.object().as_str()).unwrap();
        assert!(object.verify(key.verification_key()).is_ok());
        let stranger = common::key();
        assert_eq!(code(object.verify(stranger.verification_key())), "jws_signature_mismatch");
    }
}

#[test]
fn a_signature_that_nobody_could_verify_is_refused() {
    let (key, other) = (key(), key());
    let build = || {
        let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity()]);
        builder.build(now(), &mut rng(1)).unwrap()
    };
    let signature = key.sign(build().signing_input()).unwrap();
    let published = other.verification_key();
    assert_eq!(code(build().with_signature(&signature, published)), "signing_signature_mismatch");
    let short = build().with_signature(&signature[1..], key.verification_key());
    assert_eq!(code(short), "signing_signature_mismatch");
    let eddsa = SigningKey::generate(Algorithm::EdDsa).unwrap();
    assert_eq!(code(build().sign(&eddsa)), "signing_algorithm_mismatch");
    let published = eddsa.verification_key();
    assert_eq!(code(build().with_signature(&signature, published)), "signing_algorithm_mismatch");
}

// ---- round trip ----

#[test]
fn a_wallet_reads_what_was_built() {
    for request in [microsoft_request(1), openid4vp_request(1)] {
        let link = Link::parse(request.link()).unwrap();
        assert_eq!(link.to_string(), request.link());
        assert_eq!(link.request_uri(), request.request_uri());
        assert_eq!(link.request_uri_method(), RequestUriMethod::Get);
        let object = link.read_object(request.object().as_str()).unwrap();
        let expectation = request.expectation();
        assert_eq!(Some(object.protocol()), expectation.protocol());
        assert_eq!(object.client_id(), expectation.client_id());
        assert_eq!(object.client_did(), DID);
        assert_eq!(object.key_id(), KID);

        let read = object.unverified_request();
        assert!(expectation.nonce().matches(read.nonce()));
        assert!(expectation.state().unwrap().matches(read.state().unwrap()));
        assert_eq!(read.response_uri(), request.response_uri());
        assert_eq!(read.expires_at().unwrap().floor(), expectation.expires_at());
        assert_eq!(read.query().parts(), expectation.query().unwrap().parts());
        assert_eq!(
            serde_json::to_value(read.query()).unwrap(),
            serde_json::to_value(expectation.query().unwrap()).unwrap()
        );
    }
}

#[test]
fn each_protocol_has_its_own_model() {
    let microsoft = RequestObject::parse(microsoft_request(1).object().as_str()).unwrap();
    let AuthorizationRequest::JwtVcPresentationProfile(request) = microsoft.unverified_request()
    else {
        panic!("another protocol");
    };
    assert_eq!(request.registration.client_name.as_deref(), Some("Example Trust"));
    assert_eq!(request.presentation_definition().unwrap().input_descriptors().len(), 2);
    assert_eq!(request.issued_at.unwrap().floor(), now());

    let openid4vp = RequestObject::parse(openid4vp_request(1).object().as_str()).unwrap();
    let AuthorizationRequest::OpenId4Vp(request) = openid4vp.unverified_request() else {
        panic!("another protocol");
    };
    assert_eq!(request.dcql_query().unwrap().credentials().len(), 2);
    assert!(request.vp_formats_supported.contains_key("jwt_vc_json"));
    assert!(matches!(request.query, Query::Dcql(_)));
}

// ---- the object, refused ----

/// The good request, with one thing changed in its claims.
fn changed(good: &str, change: impl Fn(&mut Value)) -> &'static str {
    let (header, mut claims) = decode(good);
    change(&mut claims);
    code(RequestObject::parse(&encode(&header, &claims)))
}

fn without(good: &str, member: &str) -> &'static str {
    changed(good, |claims| {
        claims.as_object_mut().unwrap().remove(member);
    })
}

fn with(good: &str, member: &str, value: Value) -> &'static str {
    changed(good, |claims| claims[member] = value.clone())
}

#[test]
fn microsoft_members_that_the_apps_need_are_needed() {
    let request = microsoft_request(1);
    let good = request.object().as_str();
    for member in [
        "response_type",
        "response_mode",
        "scope",
        "client_id",
        "redirect_uri",
        "nonce",
        "state",
        "exp",
        "registration",
        "claims",
    ] {
        assert_eq!(without(good, member), "request_member_missing", "{member}");
        assert_eq!(with(good, member, Value::Null), "request_member_missing", "{member}");
    }
    for member in ["nonce", "state", "redirect_uri", "client_id"] {
        assert_eq!(with(good, member, json!("")), "request_member_missing", "{member}");
    }
    for member in ["iat", "jti"] {
        assert_eq!(without(good, member), "accepted", "{member}");
    }
}

#[test]
fn microsoft_constants_are_exact() {
    let request = microsoft_request(1);
    let good = request.object().as_str();
    for (member, value) in [
        ("response_type", "vp_token"),
        ("response_type", "ID_TOKEN"),
        ("response_mode", "direct_post"),
        ("response_mode", "Post"),
        ("scope", "openid profile"),
    ] {
        assert_eq!(with(good, member, json!(value)), "request_member_value", "{member} {value}");
    }
}

#[test]
fn microsoft_gates_of_the_registration_hold_when_reading() {
    let request = microsoft_request(1);
    let good = request.object().as_str();
    let registration =
        |change: &dyn Fn(&mut Value)| changed(good, |claims| change(&mut claims["registration"]));
    let methods = "subject_syntax_types_supported";
    let refused = "request_member_value";
    assert_eq!(registration(&|r| r[methods] = json!(["did:web", "did:jwk"])), refused);
    assert_eq!(registration(&|r| r[methods] = json!(["DID:ION"])), refused);
    assert_eq!(registration(&|r| r[methods] = json!([])), refused);
    assert_eq!(registration(&|r| drop(r.as_object_mut().unwrap().remove(methods))), refused);
    for format in ["jwt_vp", "jwt_vc"] {
        let es256 = json!(["ES256", "EdDSA"]);
        assert_eq!(registration(&|r| r["vp_formats"][format]["alg"] = es256.clone()), refused);
        // Only where they are present.
        let absent =
            registration(&|r| drop(r["vp_formats"].as_object_mut().unwrap().remove(format)));
        assert_eq!(absent, "accepted");
    }
    assert_eq!(registration(&|r| r["client_name"] = json!(5)), "json_shape");
}

#[test]
fn microsoft_one_definition_is_read_bare_or_in_an_array() {
    let request = microsoft_request(1);
    let good = request.object().as_str();
    let vp_token = |change: &dyn Fn(Value) -> Value| {
        changed(good, |claims| {
            let token = claims["claims"]["vp_token"].clone();
            claims["claims"]["vp_token"] = change(token);
        })
    };
    assert_eq!(vp_token(&|one| json!([one])), "accepted");
    assert_eq!(vp_token(&|one| json!([one, one])), "request_member_value");
    assert_eq!(vp_token(&|_| json!([])), "request_member_value");
    assert_eq!(vp_token(&|_| json!({})), "request_member_missing");
    assert_eq!(vp_token(&|_| json!("x")), "request_member_missing");
    let empty = |_| json!({ "presentation_definition": { "id": "a", "input_descriptors": [] } });
    assert_eq!(vp_token(&empty), "query_empty_member");
    let no_id = |mut one: Value| {
        one["presentation_definition"].as_object_mut().unwrap().remove("id");
        one
    };
    assert_eq!(vp_token(&no_id), "query_missing_member");
}

#[test]
fn q07_a_pattern_that_could_backtrack_is_refused() {
    let request = microsoft_request(1);
    let outcome = changed(request.object().as_str(), |claims| {
        let descriptors =
            &mut claims["claims"]["vp_token"]["presentation_definition"]["input_descriptors"];
        descriptors[0]["constraints"]["fields"][0]["filter"]["pattern"] = json!("(a+)+$");
    });
    assert_eq!(outcome, "query_pattern_outside_subset");
}

#[test]
fn openid4vp_members_that_the_text_requires_are_required() {
    let request = openid4vp_request(1);
    let good = request.object().as_str();
    for member in [
        "client_id",
        "aud",
        "response_type",
        "response_mode",
        "response_uri",
        "nonce",
        "dcql_query",
        "client_metadata",
    ] {
        assert_eq!(without(good, member), "request_member_missing", "{member}");
    }
    for member in ["state", "iat", "exp"] {
        assert_eq!(without(good, member), "accepted", "{member}");
    }
    assert_eq!(with(good, "client_metadata", json!({})), "request_member_missing");
    assert_eq!(with(good, "wallet_nonce", json!("ignored")), "accepted");
}

#[test]
fn openid4vp_state_is_required_without_holder_binding() {
    let request = openid4vp_request(1);
    let unbound = |claims: &mut Value| {
        claims["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] =
            json!(false);
    };
    assert_eq!(changed(request.object().as_str(), unbound), "accepted");
    let outcome = changed(request.object().as_str(), |claims| {
        unbound(claims);
        claims.as_object_mut().unwrap().remove("state");
    });
    assert_eq!(outcome, "request_member_missing");
}

#[test]
fn openid4vp_constants_are_exact() {
    let request = openid4vp_request(1);
    let good = request.object().as_str();
    for (member, value) in [
        ("aud", "https://self-issued.me/v2/"),
        ("aud", "https://wallet.example"),
        ("response_type", "vp_token id_token"),
        ("response_type", "code"),
        ("response_mode", "dc_api"),
        ("response_mode", "fragment"),
        ("response_mode", "post"),
    ] {
        assert_eq!(with(good, member, json!(value)), "request_member_value", "{member} {value}");
    }
}

#[test]
fn openid4vp_nonce_and_state_are_unreserved_characters() {
    let request = openid4vp_request(1);
    let good = request.object().as_str();
    let long = "x".repeat(1025);
    for member in ["nonce", "state"] {
        for value in ["", "a b", "wbecIKWI/SsdpjRUy0pXHQ==", "a+b", "é", "a\n", long.as_str()] {
            let outcome = with(good, member, json!(value));
            assert_eq!(outcome, "request_member_value", "{member} {value:?}");
        }
        assert_eq!(with(good, member, json!("aA0-._~")), "accepted");
    }
}

#[test]
fn openid4vp_members_that_change_what_is_asked_are_refused() {
    let request = openid4vp_request(1);
    let good = request.object().as_str();
    for (member, value) in [
        ("redirect_uri", json!("https://portal.example/response")),
        ("scope", json!("staff")),
        ("transaction_data", json!([])),
        ("presentation_definition", json!({})),
        ("request", json!("a.b.c")),
        ("request_uri", json!("https://portal.example/request")),
    ] {
        assert_eq!(with(good, member, value), "request_member_forbidden", "{member}");
    }
}

#[test]
fn the_client_is_the_did_whose_key_signs() {
    for (request, other, prefixed) in [
        (microsoft_request(1), "did:web:other.example", false),
        (openid4vp_request(1), "decentralized_identifier:did:web:other.example", true),
    ] {
        let good = request.object().as_str();
        let outcome = with(good, "client_id", json!(other));
        assert_eq!(outcome, "request_client_id_not_of_key");
        let longer = format!("{}.evil.example", request.expectation().client_id());
        assert_eq!(with(good, "client_id", json!(longer)), "request_client_id_not_of_key");
        for client_id in ["x509_san_dns:portal.example", "redirect_uri:https://a", "portal", DID] {
            let expected = match (prefixed, client_id) {
                // Whose name it is, the wallet knows or does not.
                (true, "portal") => "accepted",
                (true, "x509_san_dns:portal.example") => "request_member_missing",
                (true, _) => "request_client_id_prefix",
                (false, DID) => "accepted",
                (false, _) => "request_client_id_not_of_key",
            };
            assert_eq!(with(good, "client_id", json!(client_id)), expected, "{client_id}");
        }
    }
}

#[test]
fn s17_typ_chooses_the_protocol_and_nothing_else_does() {
    let (microsoft, openid4vp) = (microsoft_request(1), openid4vp_request(1));
    let retyped = |good: &str, typ: Value| {
        let (mut header, claims) = decode(good);
        header["typ"] = typ;
        code(RequestObject::parse(&encode(&header, &claims)))
    };
    for good in [microsoft.object().as_str(), openid4vp.object().as_str()] {
        for typ in ["jwt", "JWS", "vp+jwt", "application/oauth-authz-req+jwt", ""] {
            assert_eq!(retyped(good, json!(typ)), "request_typ", "{typ}");
        }
    }
    // The claims of one protocol under the typ of the other.
    let swapped = retyped(microsoft.object().as_str(), json!("oauth-authz-req+jwt"));
    assert_ne!(swapped, "accepted");
    assert_ne!(retyped(openid4vp.object().as_str(), json!("JWT")), "accepted");
}

#[test]
fn microsoft_objects_signed_with_es384_are_refused() {
    let request = microsoft_request(1);
    let (mut header, claims) = decode(request.object().as_str());
    header["alg"] = json!("ES384");
    let outcome = code(RequestObject::parse(&encode(&header, &claims)));
    assert_eq!(outcome, "request_algorithm");
    for alg in ["none", "HS256", "RS256"] {
        header["alg"] = json!(alg);
        let outcome = code(RequestObject::parse(&encode(&header, &claims)));
        assert_eq!(outcome, "jws_algorithm_unsupported", "{alg}");
    }
}

#[test]
fn a_header_without_typ_or_kid_is_refused() {
    let request = openid4vp_request(1);
    let (header, claims) = decode(request.object().as_str());
    for (member, expected) in [("typ", "request_typ"), ("kid", "request_member_missing")] {
        let mut header = header.clone();
        header.as_object_mut().unwrap().remove(member);
        assert_eq!(code(RequestObject::parse(&encode(&header, &claims))), expected);
    }
    for kid in ["key-1", "did:web:portal.example", "did:web:portal.example#a#b"] {
        let mut header = header.clone();
        header["kid"] = json!(kid);
        let outcome = code(RequestObject::parse(&encode(&header, &claims)));
        assert_eq!(outcome, "request_key_id_form", "{kid}");
    }
}

#[test]
fn s16_claims_with_one_member_twice_are_refused() {
    let request = microsoft_request(1);
    let (header, claims) = decode(request.object().as_str());
    let text = claims.to_string().replacen('{', r#"{"nonce":"mine","#, 1);
    let part = |bytes: &[u8]| base64url::encode(bytes);
    let parts = [header.to_string().as_bytes(), text.as_bytes(), &[1; 64]].map(part);
    let compact = parts.join(".");
    assert_eq!(code(RequestObject::parse(&compact)), "json_duplicate_member");
}

#[test]
fn b06_a_response_address_that_was_swapped_breaks_the_signature() {
    let key = key();
    let builder = openid4vp::RequestBuilder::new(&openid4vp_party(), [identity()]).unwrap();
    let request = builder.build(now(), &mut rng(1)).unwrap().sign(&key).unwrap();
    let (header, mut claims) = decode(request.object().as_str());
    claims["response_uri"] = json!("https://evil.example/response");
    let signature = last_part(request.object().as_str());
    let part = |value: &Value| base64url::encode(value.to_string());
    let swapped = format!("{}.{}.{signature}", part(&header), part(&claims));
    let object = RequestObject::parse(&swapped).unwrap();
    assert_eq!(code(object.verify(key.verification_key())), "jws_signature_mismatch");
}

fn last_part(compact: &str) -> &str {
    compact.rsplit('.').next().unwrap()
}

#[test]
fn response_addresses_are_https_or_loopback_by_the_named_option() {
    for (request, member) in
        [(microsoft_request(1), "redirect_uri"), (openid4vp_request(1), "response_uri")]
    {
        let (header, mut claims) = decode(request.object().as_str());
        let mut parse = |address: &str, transport| {
            claims[member] = json!(address);
            code(UnverifiedRequestObject::parse(&encode(&header, &claims), transport))
        };
        let scheme = "request_address_scheme";
        assert_eq!(parse("http://localhost:1/a", Transport::Https), scheme);
        assert_eq!(parse("http://localhost:1/a", Transport::HttpsOrLoopbackHttp), "accepted");
        assert_eq!(parse("http://a.example/a", Transport::HttpsOrLoopbackHttp), scheme);
        assert_eq!(parse("javascript:alert(1)", Transport::Https), scheme);
        assert_eq!(parse("https://a@b.example/", Transport::Https), "request_address_form");
        assert_eq!(parse("https://a.example/?x=1", Transport::Https), "accepted");
    }
}

#[test]
fn r02_an_object_beyond_its_limit_is_refused() {
    let long = "A".repeat(300_000);
    assert_eq!(code(RequestObject::parse(&long)), "jws_too_long");
    let request = microsoft_request(1);
    let state = "x".repeat(8193);
    assert_eq!(with(request.object().as_str(), "state", json!(state)), "request_member_value");
}

// ---- links ----

#[test]
fn links_are_read() {
    let microsoft =
        Link::parse("openid-vc://?request_uri=https%3A%2F%2Fa.example%2Fr%2F1").unwrap();
    assert_eq!(microsoft.protocol(), Protocol::JwtVcPresentationProfile);
    assert_eq!(microsoft.request_uri(), "https://a.example/r/1");
    assert_eq!(microsoft.client_id(), None);
    // As the real service writes it, without percent-encoding.
    let real = Link::parse("openid-vc://?request_uri=https://a.example/r/1").unwrap();
    assert_eq!(real, microsoft);

    let text = "openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Aa.example\
                &request_uri=https%3A%2F%2Fa.example%2Fr%2F1&request_uri_method=post";
    let openid4vp = Link::parse(text).unwrap();
    assert_eq!(openid4vp.protocol(), Protocol::OpenId4Vp);
    assert_eq!(openid4vp.client_id(), Some("decentralized_identifier:did:web:a.example"));
    assert_eq!(openid4vp.request_uri_method(), RequestUriMethod::Post);
    assert_eq!(openid4vp.to_string(), text);
    let authorize = text.replace("://?", "://authorize?").replace("openid4vp", "OPENID4VP");
    assert_eq!(Link::parse(&authorize).unwrap(), openid4vp);
    assert_eq!(Link::parse(&format!("{text}&state=x")).unwrap(), openid4vp, "unknown: ignored");
}

#[test]
fn values_of_links_are_decoded_once() {
    let link = Link::parse("openid-vc://?request_uri=https://a.example/r%252F1+2").unwrap();
    assert_eq!(link.request_uri(), "https://a.example/r%2F1+2");
}

#[test]
fn links_of_another_form_are_refused() {
    let uri = "request_uri=https%3A%2F%2Fa.example%2Fr";
    for (text, expected) in [
        ("", "request_link_form"),
        ("openid-vc", "request_link_form"),
        ("openid-vc:?request_uri=https://a.example", "request_link_scheme"),
        ("openid-vc://", "request_link_form"),
        (&format!("openid-vc://host?{uri}"), "request_link_form"),
        (&format!("openid-vc://?{uri}#x"), "request_link_form"),
        (&format!("openid-vc://?{uri} "), "request_link_form"),
        (&format!("openid-vc://?{uri}\n"), "request_link_form"),
        (&format!("openid-vc://?{uri}é"), "request_link_form"),
        (&format!("openid-vc://?{uri}{}", "x".repeat(5000)), "request_link_form"),
        (&format!("openid://vc/?{uri}"), "request_link_scheme"),
        (&format!("https://?{uri}"), "request_link_scheme"),
        (&format!("haip://?{uri}"), "request_link_scheme"),
        (&format!("haip-vp://?{uri}"), "request_link_parameter"),
        (&format!("openid4vp://?{uri}"), "request_link_parameter"),
        (&format!("openid4vp://?client_id=&{uri}"), "request_link_parameter"),
        (&format!("openid4vp://?client_id=a&client_id=a&{uri}"), "request_link_parameter"),
        (
            &format!("openid4vp://?client_id=a&{uri}&request_uri_method=POST"),
            "request_link_parameter",
        ),
        (&format!("openid4vp://?client_id=a&{uri}&request_uri_method="), "request_link_parameter"),
        (&format!("openid-vc://?{uri}&{uri}"), "request_link_parameter"),
        (&format!("openid-vc://?{uri}&request=a.b.c"), "request_link_parameter"),
        ("openid-vc://?request=a.b.c", "request_link_parameter"),
        ("openid-vc://?request_uri=", "request_link_parameter"),
        ("openid-vc://?x=1", "request_link_parameter"),
        ("openid-vc://?request_uri=a", "request_address_form"),
        ("openid-vc://?request_uri=https://a@b.example/r", "request_address_form"),
        ("openid-vc://?request_uri=https://a.example/r%20x", "request_address_form"),
        ("openid-vc://?request_uri=https:/a.example/r", "request_address_form"),
        ("openid-vc://?request_uri=https:a.example/r", "request_address_form"),
        ("openid-vc://?request_uri=https:///a.example/r", "request_address_form"),
        ("openid-vc://?request_uri=https:%5C%5Ca.example/r", "request_address_form"),
        ("openid-vc://?request_uri=https://a.exam%09ple/r", "request_address_form"),
        ("openid-vc://?request_uri=https://a.example/%FF", "request_address_form"),
        ("openid-vc://?request_uri=http://a.example/r", "request_address_scheme"),
        ("openid-vc://?request_uri=http://localhost/r", "request_address_scheme"),
        ("openid-vc://?request_uri=file:///etc/passwd", "request_address_scheme"),
    ] {
        assert_eq!(code(Link::parse(text)), expected, "{text:?}");
    }
}

#[test]
fn a_link_to_the_loopback_needs_the_named_option() {
    let text = "openid-vc://?request_uri=http://127.0.0.1:8080/r/1";
    assert_eq!(code(Link::parse(text)), "request_address_scheme");
    assert!(Link::parse_with(text, Transport::HttpsOrLoopbackHttp).is_ok());
}

#[test]
fn p22_an_object_of_another_protocol_than_its_link_is_refused() {
    let (microsoft, openid4vp) = (microsoft_request(1), openid4vp_request(1));
    let link = Link::parse(microsoft.link()).unwrap();
    assert_eq!(code(link.read_object(openid4vp.object().as_str())), "request_link_protocol");
    let link = Link::parse(openid4vp.link()).unwrap();
    assert_eq!(code(link.read_object(microsoft.object().as_str())), "request_link_protocol");
}

#[test]
fn an_object_of_another_client_than_its_link_is_refused() {
    let request = openid4vp_request(1);
    let link = Link::parse(&request.link().replace("portal.example&", "other.example&")).unwrap();
    assert_eq!(code(link.read_object(request.object().as_str())), "request_link_client_id");
}

// ---- properties ----

proptest! {
    #[test]
    fn what_is_built_is_read(
        ids in prop::collection::btree_set("[a-z][a-z0-9_-]{0,12}", 1..6),
        host in "[a-z]{1,10}(\\.[a-z]{1,10}){1,3}",
        claims in prop::collection::btree_set("[a-z_]{1,8}(\\.[a-z_]{1,8}){0,2}", 0..4),
        seed: u64,
        lifetime in 1_u64..=600,
    ) {
        let issuer = format!("did:web:{host}");
        let credentials: Vec<_> = ids
            .iter()
            .map(|id| {
                RequestedCredential::new(id, "StaffTraining")
                    .with_issuers([issuer.as_str()])
                    .with_claims(claims.iter().map(String::as_str))
            })
            .collect();
        let lifetime = std::time::Duration::from_secs(lifetime);
        let microsoft = microsoft::RequestBuilder::new(&microsoft_party(), credentials.clone())
            .lifetime(lifetime)
            .build(now(), &mut rng(seed))
            .unwrap();
        let openid4vp = openid4vp::RequestBuilder::new(&openid4vp_party(), credentials)
            .unwrap()
            .lifetime(lifetime)
            .build(now(), &mut rng(seed))
            .unwrap();
        for unsigned in [microsoft, openid4vp] {
            let request = unsigned.sign(&key()).unwrap();
            let object = Link::parse(request.link()).unwrap().read_object(request.object().as_str());
            let object = object.unwrap();
            let read = object.unverified_request();
            let kept = request.expectation();
            prop_assert_eq!(
                serde_json::to_value(read.query()).unwrap(),
                serde_json::to_value(kept.query().unwrap()).unwrap()
            );
            prop_assert!(kept.nonce().matches(read.nonce()));
            prop_assert_eq!(read.expires_at().unwrap().floor(), kept.expires_at());
        }
    }

    #[test]
    fn no_flipped_bit_verifies(microsoft: bool, at: prop::sample::Index, bit in 0..7_u32) {
        let key = key();
        let unsigned = if microsoft {
            let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity()]);
            builder.build(now(), &mut rng(1)).unwrap()
        } else {
            let builder = openid4vp::RequestBuilder::new(&openid4vp_party(), [identity()]).unwrap();
            builder.build(now(), &mut rng(1)).unwrap()
        };
        let request = unsigned.sign(&key).unwrap();
        let mut bytes = request.object().as_str().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(object) = RequestObject::parse(std::str::from_utf8(&bytes).unwrap()) {
            prop_assert!(object.verify(key.verification_key()).is_err());
        }
    }

    #[test]
    fn no_link_makes_it_panic(text in "\\PC{0,80}") {
        let _ = Link::parse(&text);
    }

    #[test]
    fn no_query_of_a_link_makes_it_panic(
        scheme in "openid-vc|openid4vp",
        query in "(request_uri|client_id|request_uri_method|request|[a-z%&=+]{0,5})=[ -~]{0,30}",
    ) {
        let text = format!("{scheme}://?client_id=a&{query}");
        if let Ok(link) = Link::parse_with(&text, Transport::HttpsOrLoopbackHttp) {
            let again = Link::parse_with(&link.to_string(), Transport::HttpsOrLoopbackHttp);
            prop_assert_eq!(again.unwrap(), link);
        }
    }

    #[test]
    fn no_claims_make_it_panic(
        member in prop::sample::select(vec![
            "client_id", "redirect_uri", "response_uri", "nonce", "state", "exp", "registration",
            "claims", "dcql_query", "client_metadata", "aud",
        ]),
        value in prop::sample::select(vec![
            json!(null), json!(5), json!("x"), json!([]), json!({}), json!([{}]), json!({ "a": [] }),
            json!(true), json!(1.5), json!({ "vp_token": [] }), json!({ "credentials": [5] }),
        ]),
    ) {
        for request in [microsoft_request(1), openid4vp_request(1)] {
            let _ = with(request.object().as_str(), member, value.clone());
        }
    }
}
