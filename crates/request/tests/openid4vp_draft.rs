//! Requests by the drafts of OpenID4VP: what is sent, what is kept, and what cannot be built.

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
use serde_json::json;
use staffpass_jose::Algorithm;
use staffpass_query::{Format, Query};
use staffpass_request::openid4vp_draft::{Party, RequestBuilder};
use staffpass_request::{Protocol, Request, RequestError, RequestedCredential, ResponseMode};

fn build(asked: impl IntoIterator<Item = RequestedCredential>) -> Result<Request, RequestError> {
    let party = Party::new(KID, Algorithm::Es256, endpoints())?;
    RequestBuilder::new(&party, asked).build(now(), &mut rng(3))?.sign(&key())
}

fn asked() -> RequestedCredential {
    RequestedCredential::new("identity", "StaffIdentity")
        .with_issuers([ISSUER])
        .with_claims(["name.family"])
}

#[test]
fn the_request_object_is_this_and_nothing_else() {
    let request = build([asked()]).unwrap();
    let (header, claims) = decode(request.object().as_str());
    let expectation = request.expectation();
    let algorithms = json!({ "alg": Algorithm::ALL.map(Algorithm::name) });
    assert_eq!(header, json!({ "alg": "ES256", "kid": KID, "typ": "oauth-authz-req+jwt" }));
    assert_eq!(
        claims,
        json!({
            "client_id": DID,
            "client_id_scheme": "did",
            "aud": "https://self-issued.me/v2",
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "response_uri": request.response_uri(),
            "nonce": expectation.nonce().as_str(),
            "state": expectation.state().unwrap().as_str(),
            "iat": now().timestamp(),
            "exp": now().timestamp() + 300,
            "presentation_definition": {
                "id": expectation.definition_id().unwrap(),
                "input_descriptors": [{
                    "id": "identity",
                    "constraints": { "fields": [
                        {
                            "path": ["$.vc.type", "$.type"],
                            "filter": { "type": "array", "contains": { "const": "StaffIdentity" } },
                        },
                        {
                            "path": ["$.issuer", "$.vc.issuer", "$.iss"],
                            "filter": {
                                "type": "string",
                                "pattern": "^^did:web:old-trust\\.example$",
                            },
                        },
                        {
                            "path": [
                                "$.vc.credentialSubject.name.family",
                                "$.credentialSubject.name.family",
                            ],
                            "filter": { "type": "string", "pattern": "^^." },
                        },
                    ]},
                }],
            },
            "client_metadata": {
                "vp_formats": { "jwt_vp_json": algorithms, "jwt_vc_json": algorithms },
            },
        })
    );
    let link = request.link();
    assert!(
        link.starts_with("openid4vp://?client_id=did%3Aweb%3Aportal.example&request_uri=https")
    );
}

#[test]
fn what_is_kept_names_the_types_in_which_an_issuer_must_be_believed() {
    let request = build([asked()]).unwrap();
    let expectation = request.expectation();
    assert_eq!(expectation.protocol(), Some(Protocol::OpenId4VpDraftPe));
    assert_eq!(expectation.response_mode(), Some(ResponseMode::DirectPost));
    assert_eq!(expectation.client_id(), DID);
    let Some(Query::PresentationDefinition(definition)) = expectation.query() else { panic!() };
    let types: Vec<_> = definition.input_descriptors()[0].types().collect();
    assert_eq!(types, ["StaffIdentity"]);
    let stored = serde_json::to_value(expectation).unwrap();
    assert_eq!(stored["protocol"], "openid4vp_draft_pe");
    assert_eq!(
        serde_json::from_value::<staffpass_request::Expectation>(stored).unwrap(),
        *expectation
    );
}

#[test]
fn what_is_outside_the_subset_is_not_built() {
    let sd_jwt = asked().with_format(Format::DcSdJwt).with_vct("https://c.example/identity");
    for (asked, code) in [
        (vec![], "query_empty_member"),
        (vec![asked(), asked()], "query_duplicate_id"),
        (vec![sd_jwt], "request_format_not_spoken"),
        (vec![asked().with_claims(["a[*]"])], "query_path_outside_subset"),
        (vec![asked().with_claims(["$..a"])], "query_path_outside_subset"),
        (vec![RequestedCredential::new("a b", "StaffIdentity")], "query_id_grammar"),
    ] {
        assert_eq!(build(asked).unwrap_err().code(), code);
    }
    assert!(Party::new("did:web:portal.example", Algorithm::Es256, endpoints()).is_err());
}
