//! Requests of OpenID4VP 1.0: their shape member by member, and what is refused when it is built.

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
use serde_json::json;
use staffpass_jose::Algorithm;
use staffpass_query::{CredentialQuery, DcqlQuery, Format, Meta};
use staffpass_request::openid4vp::{ClientIdPrefix, Party, RequestBuilder};
use staffpass_request::{Protocol, RequestedCredential, ResponseMode};

const CLIENT_ID: &str = "decentralized_identifier:did:web:portal.example";

#[test]
fn the_request_object_is_this_and_nothing_else() {
    let request = openid4vp_request(7);
    let (header, claims) = decode(request.object().as_str());
    let expectation = request.expectation();
    assert_eq!(header, json!({ "alg": "ES256", "kid": KID, "typ": "oauth-authz-req+jwt" }));
    assert_eq!(
        claims,
        json!({
            "client_id": CLIENT_ID,
            "aud": "https://self-issued.me/v2",
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "response_uri": request.response_uri(),
            "nonce": expectation.nonce().as_str(),
            "state": expectation.state().unwrap().as_str(),
            "iat": now().timestamp(),
            "exp": now().timestamp() + 300,
            "dcql_query": { "credentials": [
                {
                    "id": "identity",
                    "format": "jwt_vc_json",
                    "meta": { "type_values": [["StaffIdentity"]] },
                },
                {
                    "id": "employment",
                    "format": "jwt_vc_json",
                    "meta": { "type_values": [["StaffEmployment"]] },
                    "claims": [
                        { "path": ["credentialSubject", "job_title"] },
                        { "path": ["credentialSubject", "employer", "name"] },
                    ],
                },
            ] },
            "client_metadata": { "vp_formats_supported": {
                "jwt_vc_json": { "alg_values": ["ES256", "ES256K", "ES384", "EdDSA"] },
            } },
        })
    );
}

#[test]
fn the_link_has_client_id_and_request_uri_percent_encoded_once_and_nothing_else() {
    let request = openid4vp_request(2);
    let id = last_segment(request.request_uri());
    assert_eq!(
        request.link(),
        format!(
            "openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Aportal.example\
             &request_uri=https%3A%2F%2Fportal.example%2Frequest%2F{id}"
        )
    );
    assert_eq!(request.object().media_type(), "application/oauth-authz-req+jwt");
}

#[test]
fn p22_the_expectation_knows_protocol_mode_and_whole_client_id() {
    let request = openid4vp_request(3);
    let expectation = request.expectation();
    assert_eq!(expectation.protocol(), Some(Protocol::OpenId4Vp));
    assert_eq!(expectation.response_mode(), Some(ResponseMode::DirectPost));
    assert_eq!(expectation.client_id(), CLIENT_ID);
    assert_eq!(expectation.definition_id(), None);
    assert_eq!(expectation.query().unwrap().parts(), ["identity", "employment"]);
}

#[test]
fn p20_no_wallet_nonce_is_asked_for_or_reflected() {
    let request = openid4vp_request(4);
    let claims = decode(request.object().as_str()).1;
    assert!(claims.get("wallet_nonce").is_none());
    assert!(!request.link().contains("request_uri_method"));
}

#[test]
fn a_redirect_uri_never_stands_beside_the_response_uri() {
    let claims = decode(openid4vp_request(5).object().as_str()).1;
    for member in ["redirect_uri", "scope", "registration", "presentation_definition", "iss"] {
        assert!(claims.get(member).is_none(), "{member}");
    }
}

#[test]
fn issuers_are_for_the_policy_and_not_in_a_dcql_query() {
    let claims = decode(openid4vp_request(6).object().as_str()).1;
    assert!(!claims["dcql_query"].to_string().contains("old-trust"));
}

#[test]
fn a_path_did_web_and_another_origin_are_good_here() {
    let party = Party::new("did:web:other.example:trust#k", Algorithm::EdDsa, endpoints()).unwrap();
    assert_eq!(party.client_id(), "decentralized_identifier:did:web:other.example:trust");
}

#[test]
fn a_client_identifier_with_an_unknown_prefix_is_nobodys() {
    assert_eq!(
        ClientIdPrefix::split(CLIENT_ID),
        Some((ClientIdPrefix::DecentralizedIdentifier, DID))
    );
    for client_id in ["", DID, "verifier_attestation:portal", "origin:https://a", ":a"] {
        assert_eq!(ClientIdPrefix::split(client_id), None, "{client_id}");
    }
}

#[test]
fn refusals_when_built() {
    let party = openid4vp_party();
    let code = |credentials: Vec<RequestedCredential>| {
        RequestBuilder::new(&party, credentials).map(|_| ()).unwrap_err().code()
    };
    assert_eq!(code(vec![]), "query_empty_member");
    assert_eq!(code(vec![identity(), identity()]), "query_duplicate_id");
    assert_eq!(code(vec![identity().with_claims(["a[0]"])]), "query_path_outside_subset");
    assert_eq!(code(vec![identity().with_claims(["a", "a"])]), "query_duplicate_claim_path");
    let kid = Party::new("did:web:portal.example", Algorithm::Es256, endpoints());
    assert_eq!(kid.map(|_| ()).unwrap_err().code(), "request_key_id_form");
    let long = RequestBuilder::new(&party, [identity()]).unwrap();
    let long = long.lifetime(Duration::from_secs(601)).build(now(), &mut rng(1));
    assert_eq!(long.map(|_| ()).unwrap_err().code(), "request_lifetime");
}

#[test]
fn a_format_that_nothing_here_verifies_is_not_asked_for() {
    let credentials = [
        CredentialQuery::jwt_vc("identity", "StaffIdentity"),
        CredentialQuery::with_meta("employment", Format::LdpVc, Meta::Any {}),
    ];
    let query = DcqlQuery::new(credentials).unwrap();
    let built = RequestBuilder::for_query(&openid4vp_party(), query).build(now(), &mut rng(1));
    let error = built.map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "request_format_not_spoken");
    assert_eq!(error.to_string(), "part 1 asks for a format that is not spoken");
}
