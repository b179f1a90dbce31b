//! The Request Service of Microsoft Entra Verified ID: what is sent, what is answered, and which
//! callbacks are believed. The callbacks are written here after Microsoft's documentation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{DID, ISSUER, now, rng};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use staffpass_jose::base64url;
use staffpass_request::entra::{
    CallbackError, Checked, Claimed, Constraint, Created, CredentialRequest, Difference, Event,
    Exchange, FaceCheck, InnerErrorCode, Notice, Party, PresentationError, Receipt, RequestBuilder,
    RequestedCredential, ServiceError, ServiceErrorCode, Target,
};
use staffpass_request::{Protocol, RequestError, RequestStatus, ResponseMode, Transport};

const CALLBACK: &str = "https://portal.example/entra/callback";
const REQUEST_ID: &str = "e4ef27ca-eb8c-4b63-823b-3b95140eac11";
const HOLDER: &str = "did:jwk:eyJrdHkiOiJFQyJ9";

fn party() -> Party {
    Party::new(DID, "Example Trust", CALLBACK).unwrap()
}

fn identity() -> RequestedCredential {
    RequestedCredential::new("StaffIdentity", [ISSUER])
}

/// A request that the service has made.
struct Made {
    request: CredentialRequest,
    exchange: Exchange,
}

impl Made {
    fn of(credentials: impl IntoIterator<Item = RequestedCredential>, receipt: bool) -> Self {
        let party = party();
        let builder = RequestBuilder::new(&party, credentials);
        let builder = if receipt { builder.with_receipt() } else { builder };
        let (request, mut exchange) = builder.build(now(), &mut rng(7)).unwrap();
        let link = "openid-vc://?request_uri=https://service.example/request/1";
        let created = Created::new(REQUEST_ID, link, now() + TimeDelta::seconds(300));
        exchange.created(&Created::parse(created.to_json().as_bytes()).unwrap());
        Self { request, exchange }
    }

    fn state(&self) -> String {
        self.request.callback().state().to_owned()
    }

    fn callback(&self, status: &str) -> Value {
        json!({"requestId": REQUEST_ID, "requestStatus": status, "state": self.state()})
    }

    fn presented(&self) -> Value {
        let mut body = self.callback("presentation_verified");
        body["subject"] = json!(HOLDER);
        body["verifiedCredentialsData"] = json!([claimed()]);
        body
    }

    fn with_receipt(&self) -> Value {
        let mut body = self.presented();
        let payload = base64url::encode(r#"{"nonce":"bm9uY2U"}"#);
        body["receipt"] = json!({
            "id_token": format!("e30.{payload}.c2ln"),
            "vp_token": "a.b.c",
            "state": "the service's own",
        });
        body
    }

    fn receive(&mut self, body: &Value, now: DateTime<Utc>) -> Result<Event, CallbackError> {
        let api_key = self.request.callback().api_key().map(str::to_owned);
        self.exchange.receive(api_key.as_deref(), body.to_string().as_bytes(), now)
    }

    fn code(&mut self, body: &Value) -> &'static str {
        self.receive(body, now()).expect_err("refused").code()
    }

    fn status(&self) -> RequestStatus {
        self.exchange.status(now())
    }
}

fn claimed() -> Value {
    json!({
        "issuer": ISSUER,
        "type": ["VerifiableCredential", "StaffIdentity"],
        "claims": {"family_name": "Okonkwo", "grade": 6},
        "credentialState": {"revocationStatus": "VALID"},
        "domainValidation": {"url": "https://old-trust.example/"},
        "issuanceDate": "2026-01-01T09:00:00Z",
        "expirationDate": "2027-01-01T09:00:00Z",
    })
}

/// What verification says of the same credential.
fn verified() -> (Vec<String>, Map<String, Value>) {
    let subject = json!({"family_name": "Okonkwo", "grade": 6});
    (vec!["StaffIdentity".to_owned()], subject.as_object().unwrap().clone())
}

// What is sent.

#[test]
fn a_request_is_as_the_service_documents_it() {
    let party = Party::new(DID, "Example Trust", CALLBACK)
        .and_then(|party| party.with_purpose("To bring your staff record with you"))
        .and_then(|party| party.with_logo_url("https://portal.example/logo.png"))
        .and_then(|party| party.with_terms_of_service_url("https://portal.example/terms"))
        .unwrap();
    let asked = identity()
        .with_purpose("To know you")
        .with_constraint(Constraint::one_of("grade", ["6", "7"]))
        .with_constraint(Constraint::contains("email", "@"))
        .with_constraint(Constraint::starts_with("family_name", "O"))
        .with_linked_domain();
    let builder = RequestBuilder::new(&party, [asked]).with_qr_code().with_receipt();
    let (request, _) = builder.build(now(), &mut rng(1)).unwrap();
    let sent: Value = serde_json::from_str(&request.to_json()).unwrap();
    let callback = request.callback();
    let expected = json!({
        "authority": DID,
        "includeQRCode": true,
        "includeReceipt": true,
        "registration": {
            "clientName": "Example Trust",
            "purpose": "To bring your staff record with you",
            "logoUrl": "https://portal.example/logo.png",
            "termsOfServiceUrl": "https://portal.example/terms",
        },
        "callback": {
            "url": callback.url(),
            "state": callback.state(),
            "headers": {"api-key": callback.api_key()},
        },
        "requestedCredentials": [{
            "type": "StaffIdentity",
            "purpose": "To know you",
            "acceptedIssuers": [ISSUER],
            "constraints": [
                {"claimName": "grade", "values": ["6", "7"]},
                {"claimName": "email", "contains": "@"},
                {"claimName": "family_name", "startsWith": "O"},
            ],
            "configuration": {"validation": {"allowRevoked": false, "validateLinkedDomain": true}},
        }],
    });
    assert_eq!(sent, expected);
}

#[test]
fn a_face_check_has_the_documented_shape_and_threshold() {
    let asked = identity().accept_revoked().with_face_check(FaceCheck::new("photo"));
    let made = Made::of([asked], false);
    let sent: Value = serde_json::from_str(&made.request.to_json()).unwrap();
    let validation = &sent["requestedCredentials"][0]["configuration"]["validation"];
    let face_check = json!({"sourcePhotoClaimName": "photo", "matchConfidenceThreshold": 70});
    assert_eq!(validation["faceCheck"], face_check);
    assert_eq!(validation["allowRevoked"], true);
}

#[test]
fn the_callback_address_ends_in_the_handle_under_which_the_exchange_is_kept() {
    let made = Made::of([identity()], false);
    let called = made.request.callback().url().rsplit('/').next().unwrap().to_owned();
    let handle = staffpass_request::Handle::parse(&called).unwrap();
    assert_eq!(*made.exchange.handle_digest(), handle.digest());
}

#[test]
fn pf21_callback_key_is_per_request() {
    let party = party();
    let mut rng = rng(3);
    let mut keys = std::collections::HashSet::new();
    for _ in 0..100 {
        let (request, _) =
            RequestBuilder::new(&party, [identity()]).build(now(), &mut rng).unwrap();
        let key = request.callback().api_key().unwrap().to_owned();
        assert_eq!(base64url::decode(&key).unwrap().len(), 32);
        assert!(keys.insert(key));
    }
}

fn refused(asked: impl IntoIterator<Item = RequestedCredential>) -> &'static str {
    let party = party();
    let built = RequestBuilder::new(&party, asked).build(now(), &mut rng(1));
    built.expect_err("refused").code()
}

#[test]
fn b12_a_request_that_accepts_any_issuer_is_refused() {
    assert_eq!(refused([RequestedCredential::new("A", [])]), "request_no_accepted_issuer");
    let second = [identity(), RequestedCredential::new("A", [])];
    assert_eq!(refused(second), "request_no_accepted_issuer");
    for issuer in ["", "old-trust.example", "did:web:", ".*", "did:web:a|did:web:b"] {
        let asked = RequestedCredential::new("A", [issuer]);
        assert_eq!(refused([asked]), "request_member_value", "{issuer}");
    }
}

#[test]
fn what_the_service_refuses_is_refused_when_it_is_built() {
    assert_eq!(refused([]), "request_member_missing");
    assert_eq!(refused([RequestedCredential::new(" ", [ISSUER])]), "request_member_missing");
    assert_eq!(refused([identity(), identity()]), "request_member_value");
    assert_eq!(refused([identity().with_purpose("\u{7}")]), "request_text_form");
    let no_values = Constraint::one_of("grade", []);
    assert_eq!(refused([identity().with_constraint(no_values)]), "request_member_value");
    let no_text = Constraint::contains("grade", "");
    assert_eq!(refused([identity().with_constraint(no_text)]), "request_member_value");
    for threshold in [0, 49, 101] {
        let check = FaceCheck::new("photo").with_threshold(threshold);
        assert_eq!(refused([identity().with_face_check(check)]), "request_member_value");
    }
    let party = party();
    let asked = identity().with_face_check(FaceCheck::new("photo"));
    let builder = RequestBuilder::new(&party, [asked]).with_receipt();
    let error = builder.build(now(), &mut rng(1)).expect_err("refused");
    assert_eq!(error, RequestError::MemberForbidden { member: "includeReceipt" });
}

#[test]
fn a_party_has_a_did_a_name_and_an_https_callback() {
    let code = |authority, name, callback| {
        Party::new(authority, name, callback).expect_err("refused").code()
    };
    assert_eq!(code("portal.example", "Example", CALLBACK), "request_member_value");
    assert_eq!(code(DID, "", CALLBACK), "request_text_form");
    assert_eq!(code(DID, "Example", "http://portal.example/"), "request_address_scheme");
    assert_eq!(code(DID, "Example", "http://localhost/"), "request_address_scheme");
    assert_eq!(code(DID, "Example", "https://portal.example/?a=b"), "request_address_form");
    let loopback = Transport::HttpsOrLoopbackHttp;
    assert!(Party::with_transport(DID, "Example", "http://localhost:1/", loopback).is_ok());
}

// What is read as a service in Microsoft's place.

#[test]
fn a_request_that_is_written_is_read_the_same() {
    let asked = identity().with_constraint(Constraint::one_of("grade", ["6"]));
    let made = Made::of([asked], true);
    let read = CredentialRequest::parse(made.request.to_json().as_bytes(), Transport::Https);
    assert!(read.unwrap() == made.request);
}

#[test]
fn a_request_that_cannot_be_answered_names_the_member() {
    let good: Value =
        serde_json::from_str(&Made::of([identity()], false).request.to_json()).unwrap();
    let fault = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        let read = CredentialRequest::parse(body.to_string().as_bytes(), Transport::Https);
        let error = read.expect_err("refused");
        (error.target().map(|target| target.as_str().to_owned()).unwrap_or_default(), error.code())
    };
    let missing = "entra_payload_missing";
    assert_eq!(fault("/authority", json!("")), ("authority".into(), missing));
    assert_eq!(fault("/callback", json!({})), ("callback.url".into(), missing));
    assert_eq!(fault("/callback/state", json!("")), ("callback.state".into(), missing));
    let url = fault("/callback/url", json!("http://portal.example/"));
    assert_eq!(url, ("callback.url".into(), "entra_payload_value"));
    let headers = fault("/callback/headers", json!({"api-key": "a\r\nb"}));
    assert_eq!(headers, ("callback.headers".into(), "entra_payload_value"));
    assert_eq!(fault("/registration", json!({})), ("registration.clientName".into(), missing));
    let credentials = fault("/requestedCredentials", json!([]));
    assert_eq!(credentials, ("requestedCredentials".into(), missing));
    let issuers = fault("/requestedCredentials/0/acceptedIssuers", json!([]));
    assert_eq!(issuers, ("requestedCredentials.acceptedIssuers".into(), missing));
    let both = json!([{"claimName": "a", "contains": "b", "startsWith": "c"}]);
    let mut with_constraints = good.clone();
    with_constraints["requestedCredentials"][0]["constraints"] = both;
    let read = CredentialRequest::parse(with_constraints.to_string().as_bytes(), Transport::Https);
    let target = read.expect_err("refused").target().cloned().unwrap();
    assert_eq!(target.as_str(), "requestedCredentials.constraints");
    let shape = CredentialRequest::parse(br#"{"authority": 1}"#, Transport::Https);
    assert_eq!(shape.expect_err("refused").code(), "entra_payload_malformed");
}

// What the service answers.

#[test]
fn the_answer_is_read() {
    let body = json!({
        "requestId": REQUEST_ID,
        "url": "openid-vc://?request_uri=https://service.example/v1.0/request/1",
        "expiry": now().timestamp() + 300,
        "qrCode": "data:image/png;base64,iVBORw0KGgo=",
    });
    let created = Created::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(created.request_id(), REQUEST_ID);
    assert_eq!(created.expires_at(), now() + TimeDelta::seconds(300));
    assert_eq!(created.qr_code(), Some("data:image/png;base64,iVBORw0KGgo="));
    assert!(!format!("{created:?}").contains("request_uri"));
}

#[test]
fn an_answer_that_would_lead_elsewhere_is_refused() {
    let code = |url: &str, id: &str, qr: &str| {
        let body = json!({"requestId": id, "url": url, "expiry": 1, "qrCode": qr});
        Created::parse(body.to_string().as_bytes()).expect_err("refused").code()
    };
    let (link, qr) = ("openid-vc://?request_uri=https://a.example", "data:image/png;base64,AA==");
    for url in ["https://evil.example/", "javascript:alert(1)", "", "OPENID-VC:x"] {
        assert_eq!(code(url, REQUEST_ID, qr), "request_link_scheme", "{url}");
    }
    for id in ["", "a b", "a\u{7f}"] {
        assert_eq!(code(link, id, qr), "request_member_value", "{id}");
    }
    for qr in ["data:text/html;base64,AA==", "https://evil.example/", "data:image/png;base64,\"x"] {
        assert_eq!(code(link, REQUEST_ID, qr), "request_member_value", "{qr}");
    }
    assert!(Created::parse(b"<html>").is_err());
    assert!(Created::parse(br#"{"requestId":"1","url":"openid-vc://"}"#).is_err());
}

#[test]
fn an_error_is_read_with_its_target_and_without_its_message() {
    let body = json!({
        "requestId": REQUEST_ID,
        "date": "Sun, 01 Mar 2026 09:00:00 GMT",
        "mscv": "x",
        "error": {
            "code": "badRequest",
            "message": "secret",
            "innererror": {
                "code": "badOrMissingField",
                "message": "secret",
                "target": "requestedCredentials[0].acceptedIssuers",
            },
        },
    });
    let error = ServiceError::read(400, body.to_string().as_bytes());
    assert_eq!(error.code, ServiceErrorCode::BadRequest);
    assert_eq!(error.inner, InnerErrorCode::BadOrMissingField);
    let target = error.target.as_ref().map(Target::as_str);
    assert_eq!(target, Some("requestedCredentials[0].acceptedIssuers"));
    assert_eq!(error.code(), "entra_service_bad_request");
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn an_error_that_cannot_be_read_leaves_the_status() {
    for body in [&b""[..], b"<html>busy</html>", b"[]", br#"{"error":{}}"#] {
        let error = ServiceError::read(503, body);
        assert_eq!((error.status, error.code), (503, ServiceErrorCode::Other));
        assert!(error.is_transient());
    }
    assert!(ServiceError::read(429, b"").is_transient());
    assert_eq!(ServiceError::read(429, b"").code(), "entra_service_too_many_requests");
    assert!(!ServiceError::read(401, b"").is_transient());
    let odd = br#"{"error":{"code":"x","innererror":{"code":"y","target":"<b>\n"}}}"#;
    assert_eq!(ServiceError::read(400, odd).target, None);
}

#[test]
fn an_error_that_is_written_is_read_the_same() {
    let target = Target::parse("callback.url");
    let error = ServiceError::new(400, InnerErrorCode::BadOrMissingField, target);
    let json =
        error.to_json(REQUEST_ID, "Sun, 01 Mar 2026 09:00:00 GMT", "callback.url is missing");
    assert_eq!(ServiceError::read(400, json.as_bytes()), error);
}

// Callbacks.

#[test]
fn a_share_without_a_receipt_is_retrieved_and_then_verified_by_the_services_word() {
    let mut made = Made::of([identity()], false);
    assert_eq!(made.status(), RequestStatus::Created);
    let retrieved = made.callback("request_retrieved");
    assert!(matches!(made.receive(&retrieved, now()), Ok(Event::Retrieved)));
    assert_eq!(made.status(), RequestStatus::Retrieved);
    let body = made.presented();
    let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!("presented") };
    assert_eq!(presented.subject(), Some(HOLDER));
    assert_eq!(presented.credentials()[0].claims()["family_name"], "Okonkwo");
    assert_eq!(made.status(), RequestStatus::Verified);
}

#[test]
fn b11_a_callback_without_the_requests_api_key_changes_nothing() {
    let mut made = Made::of([identity()], false);
    let body = made.presented().to_string();
    let other = Made::of([identity()], false).request.to_json();
    for key in [None, Some(""), Some("a"), Some("Bearer x"), Some(other.as_str())] {
        let error = made.exchange.receive(key, body.as_bytes(), now()).unwrap_err();
        assert_eq!(error.code(), "entra_api_key");
        assert_eq!(made.status(), RequestStatus::Created);
    }
    // Nor is a body read that comes without it.
    let error = made.exchange.receive(None, b"<html>", now()).unwrap_err();
    assert_eq!(error.code(), "entra_api_key");
}

#[test]
fn b11_a_callback_for_another_request_or_state_changes_nothing() {
    let mut made = Made::of([identity()], false);
    let mut body = made.presented();
    body["requestId"] = json!("another");
    assert_eq!(made.code(&body), "entra_request_id");
    for state in ["", "another", "null"] {
        let mut body = made.presented();
        body["state"] = json!(state);
        assert_eq!(made.code(&body), "entra_state");
    }
    assert_eq!(made.status(), RequestStatus::Created);
}

#[test]
fn b11_a_callback_before_the_service_has_made_the_request_is_refused() {
    let party = party();
    let built = RequestBuilder::new(&party, [identity()]).build(now(), &mut rng(7)).unwrap();
    let mut made = Made { request: built.0, exchange: built.1 };
    let mut body = made.presented();
    assert_eq!(made.code(&body), "entra_request_id");
    body["requestId"] = json!("");
    assert_eq!(made.code(&body), "entra_request_id");
}

#[test]
fn b11_a_presentation_is_taken_once_and_its_repetition_changes_nothing() {
    let mut made = Made::of([identity()], false);
    let body = made.presented();
    assert!(matches!(made.receive(&body, now()), Ok(Event::Presented(_))));
    assert!(matches!(made.receive(&body, now()), Ok(Event::Repeated)));
    let mut other = body.clone();
    other["verifiedCredentialsData"][0]["claims"]["family_name"] = json!("Another");
    assert_eq!(made.code(&other), "entra_answered");
    let failed = made.callback("presentation_error");
    assert_eq!(made.code(&failed), "entra_answered");
    let late = made.callback("request_retrieved");
    assert!(made.receive(&late, now()).is_ok());
    assert_eq!(made.status(), RequestStatus::Verified);
}

#[test]
fn after_an_error_another_answer_may_follow() {
    let mut made = Made::of([identity()], false);
    let mut body = made.callback("presentation_error");
    body["error"] = json!({"code": "claimValidationError", "message": "x"});
    let event = made.receive(&body, now()).unwrap();
    assert!(matches!(event, Event::Failed(PresentationError::ClaimValidation)));
    assert_eq!(made.status(), RequestStatus::Refused);
    let body = made.presented();
    assert!(matches!(made.receive(&body, now()), Ok(Event::Presented(_))));
    assert_eq!(made.status(), RequestStatus::Verified);
}

#[test]
fn a_callback_after_the_end_is_refused_but_for_a_minute_of_delivery() {
    let mut made = Made::of([identity()], false);
    let end = made.exchange.expires_at();
    let body = made.presented();
    let late = made.receive(&body, end + TimeDelta::seconds(60)).unwrap_err();
    assert_eq!(late.code(), "entra_expired");
    assert_eq!(made.exchange.status(end + TimeDelta::seconds(60)), RequestStatus::Expired);
    assert!(made.receive(&body, end + TimeDelta::seconds(59)).is_ok());
}

#[test]
fn the_service_cannot_prolong_a_request_beyond_an_hour() {
    let mut made = Made::of([identity()], false);
    let created = Created::new(REQUEST_ID, "openid-vc://x", now() + TimeDelta::days(365));
    made.exchange.created(&created);
    assert_eq!(made.exchange.expires_at(), now() + TimeDelta::hours(1));
}

#[test]
fn a_callback_that_cannot_be_read_changes_nothing() {
    let mut made = Made::of([identity()], false);
    let key = made.request.callback().api_key().map(str::to_owned);
    for body in [&b""[..], b"{}", b"[]", b"\xff", br#"{"requestId":"a","requestId":"b"}"#] {
        let error = made.exchange.receive(key.as_deref(), body, now()).unwrap_err();
        assert!(matches!(error, CallbackError::Malformed(_)), "{error:?}");
    }
    let unknown = made.callback("presentation_pending");
    assert_eq!(made.code(&unknown), "entra_status");
    assert_eq!(made.status(), RequestStatus::Created);
}

#[test]
fn older_shapes_are_read() {
    let mut made = Made::of([identity()], false);
    let body = json!({
        "requestId": REQUEST_ID,
        "code": "presentation_verified",
        "state": made.state(),
        "subject": HOLDER,
        "issuers": [{
            "authority": ISSUER,
            "type": ["VerifiableCredential", "StaffIdentity"],
            "claims": {"family_name": "Okonkwo"},
            "domain": "https://old-trust.example/",
            "verified": "DNS",
        }],
    });
    let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!("presented") };
    assert_eq!(presented.credentials()[0].issuer(), ISSUER);
}

#[test]
fn members_that_are_not_known_are_passed_over() {
    let mut made = Made::of([identity()], false);
    let mut body = made.presented();
    body["new"] = json!({"a": 1});
    body["verifiedCredentialsData"][0]["new"] = json!([1]);
    assert!(made.receive(&body, now()).is_ok());
}

// The service's word against what was asked.

/// The fault that the service's word has with this change.
fn fault(asked: RequestedCredential, path: &str, value: Value) -> &'static str {
    let mut made = Made::of([asked], false);
    let mut body = made.presented();
    match path.rsplit_once('/') {
        Some((parent, name)) => {
            let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match value {
                Value::Null => drop(parent.remove(name)),
                value => drop(parent.insert(name.to_owned(), value)),
            }
        }
        None => panic!("a path"),
    }
    let code = made.code(&body);
    assert_eq!(made.status(), RequestStatus::Refused);
    code
}

const FIRST: &str = "/verifiedCredentialsData/0";

#[test]
fn pf27_issuer_prefix_is_not_issuer() {
    for issuer in [
        "did:web:old-trust.example.evil",
        "did:web:old-trust.exampl",
        "did:web:oldXtrust.example",
        "DID:web:old-trust.example",
        "",
    ] {
        assert_eq!(fault(identity(), &format!("{FIRST}/issuer"), json!(issuer)), "entra_issuer");
    }
}

#[test]
fn what_does_not_answer_is_refused() {
    let of = |member: &str| format!("{FIRST}/{member}");
    assert_eq!(fault(identity(), &of("type"), json!(["Other"])), "entra_unanswered");
    assert_eq!(fault(identity(), &of("type"), json!([])), "entra_unanswered");
    assert_eq!(fault(identity(), "/verifiedCredentialsData", json!([])), "entra_unanswered");
    let state = |status: &str| json!({"revocationStatus": status});
    assert_eq!(fault(identity(), &of("credentialState"), state("REVOKED")), "entra_revoked");
    assert_eq!(fault(identity(), &of("credentialState"), state("valid")), "entra_revoked");
    let expired = json!("2026-03-01T08:59:00Z");
    assert_eq!(fault(identity(), &of("expirationDate"), expired), "entra_credential_expired");
    let linked = identity().with_linked_domain();
    assert_eq!(fault(linked, &of("domainValidation"), Value::Null), "entra_linked_domain");
    let face = identity().with_face_check(FaceCheck::new("photo"));
    assert_eq!(fault(face.clone(), &of("new"), json!(1)), "entra_face_check");
    let low = json!({"matchConfidenceScore": 69.9, "sourcePhotoQuality": "HIGH"});
    assert_eq!(fault(face, &of("faceCheck"), low), "entra_face_check");
    let twice = json!([claimed(), claimed()]);
    assert_eq!(fault(identity(), "/verifiedCredentialsData", twice), "entra_unrequested");
}

#[test]
fn a_revoked_credential_is_taken_where_the_request_accepts_it() {
    let mut made = Made::of([identity().accept_revoked()], false);
    let mut body = made.presented();
    body["verifiedCredentialsData"][0]["credentialState"] = json!({"revocationStatus": "REVOKED"});
    assert!(made.receive(&body, now()).is_ok());
}

#[test]
fn constraints_are_held_whatever_the_service_says() {
    let path = format!("{FIRST}/claims");
    let of = |constraint: Constraint, value: Value| {
        fault(identity().with_constraint(constraint), &path, json!({"role": value}))
    };
    let unmet = "entra_constraint";
    assert_eq!(of(Constraint::one_of("role", ["Nurse"]), json!("Midwife")), unmet);
    assert_eq!(of(Constraint::one_of("role", ["Nurse"]), json!("Nurses")), unmet);
    assert_eq!(of(Constraint::contains("role", "wife"), json!("Nurse")), unmet);
    assert_eq!(of(Constraint::starts_with("role", "Nur"), json!("A Nurse")), unmet);
    assert_eq!(of(Constraint::one_of("role", ["Nurse"]), json!(["Nurse"])), unmet);
    assert_eq!(of(Constraint::one_of("role", ["null"]), json!({})), unmet);
    assert_eq!(of(Constraint::one_of("other", ["Nurse"]), json!("Nurse")), unmet);
    for good in [
        Constraint::one_of("family_name", ["x", "OKONKWO"]),
        Constraint::contains("family_name", "konK"),
        Constraint::starts_with("family_name", "oko"),
        Constraint::one_of("grade", ["6"]),
    ] {
        let mut made = Made::of([identity().with_constraint(good.clone())], false);
        let body = made.presented();
        assert!(made.receive(&body, now()).is_ok(), "{good:?}");
    }
}

#[test]
fn q08_one_credential_does_not_answer_two_parts() {
    let training = RequestedCredential::new("StaffTraining", [ISSUER]);
    let both = json!(["VerifiableCredential", "StaffIdentity", "StaffTraining"]);
    let mut made = Made::of([identity(), training.clone()], false);
    let mut body = made.presented();
    body["verifiedCredentialsData"][0]["type"] = both.clone();
    assert_eq!(made.code(&body), "entra_unanswered");
    // Two do, in any order.
    for order in [[0, 1], [1, 0]] {
        let mut made = Made::of([identity(), training.clone()], false);
        let mut body = made.presented();
        let mut second = claimed();
        second["type"] = both.clone();
        let credentials = [claimed(), second];
        body["verifiedCredentialsData"] = json!(order.map(|place| credentials[place].clone()));
        assert!(made.receive(&body, now()).is_ok());
    }
}

// The receipt.

#[test]
fn a_receipt_becomes_the_body_that_the_wallet_posted_and_what_it_is_held_against() {
    let mut made = Made::of([identity()], true);
    let mut body = made.with_receipt();
    body["receipt"]["vp_token"] = json!(["a.b.c", "d.e.f"]);
    let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!("presented") };
    let receipt = presented.receipt().unwrap();
    let id_token = receipt.id_token();
    let posted = format!("id_token={id_token}&vp_token=a.b.c&vp_token=d.e.f");
    assert_eq!(receipt.body(), posted.as_bytes());
    let expectation = receipt.expectation(&made.exchange).unwrap();
    assert_eq!(expectation.client_id(), DID);
    assert_eq!(expectation.nonce().as_str(), "bm9uY2U");
    assert_eq!(expectation.created_at(), now());
    assert_eq!(expectation.protocol(), Some(Protocol::JwtVcPresentationProfile));
    assert_eq!(expectation.response_mode(), Some(ResponseMode::Post));
    assert!(expectation.state().is_none() && expectation.query().is_none());
}

#[test]
fn with_a_receipt_nothing_counts_until_it_is_confirmed() {
    let mut made = Made::of([identity()], true);
    let body = made.with_receipt();
    let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!("presented") };
    assert_eq!(made.status(), RequestStatus::Retrieved);
    let (types, subject) = verified();
    let checked = [Checked::new(ISSUER, &types, &subject, Some(HOLDER))];
    assert_eq!(made.exchange.confirm(&presented, &checked), Ok(()));
    assert_eq!(made.status(), RequestStatus::Verified);
    let again = made.exchange.confirm(&presented, &checked).unwrap_err();
    assert_eq!(again.code(), "entra_nothing_to_confirm");
}

#[test]
fn a_receipt_that_was_asked_for_and_does_not_come_is_missed() {
    let mut made = Made::of([identity()], true);
    let body = made.presented();
    assert_eq!(made.code(&body), "entra_receipt_missing");
    let mut body = made.with_receipt();
    body["receipt"]["vp_token"] = json!([]);
    assert_eq!(made.code(&body), "entra_receipt_missing");
    assert_eq!(made.status(), RequestStatus::Refused);
}

/// What `confirm` says of verified credentials that differ from the service's word.
fn differs(holder: &str, checked: &[(&str, Vec<String>, Map<String, Value>)]) -> &'static str {
    let mut made = Made::of([identity()], true);
    let body = made.with_receipt();
    let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!("presented") };
    let checked: Vec<_> = checked
        .iter()
        .map(|(issuer, types, subject)| Checked::new(issuer, types, subject, Some(holder)))
        .collect();
    let error = made.exchange.confirm(&presented, &checked).unwrap_err();
    assert_eq!(made.status(), RequestStatus::Refused);
    error.code()
}

#[test]
fn p24_any_difference_between_the_services_word_and_the_tokens_is_a_refusal() {
    let (types, subject) = verified();
    let good = (ISSUER, types.clone(), subject.clone());
    let with = |name: &str, value: Value| {
        let mut subject = subject.clone();
        subject.insert(name.to_owned(), value);
        (ISSUER, types.clone(), subject)
    };
    assert_eq!(differs("did:jwk:other", std::slice::from_ref(&good)), "entra_differs_holder");
    assert_eq!(differs(HOLDER, &[]), "entra_differs_count");
    assert_eq!(differs(HOLDER, &[good.clone(), good.clone()]), "entra_differs_count");
    let other = "entra_differs_credential";
    assert_eq!(differs(HOLDER, &[with("family_name", json!("Other"))]), other);
    assert_eq!(differs(HOLDER, &[with("more", json!("x"))]), other);
    assert_eq!(differs(HOLDER, &[with("grade", json!("6"))]), other);
    let mut less = subject.clone();
    less.remove("grade");
    assert_eq!(differs(HOLDER, &[(ISSUER, types.clone(), less)]), other);
    let issuer = ("did:web:other-trust.example", types.clone(), subject.clone());
    assert_eq!(differs(HOLDER, &[issuer]), other);
    let more_types = vec!["StaffIdentity".to_owned(), "Other".to_owned()];
    assert_eq!(differs(HOLDER, &[(ISSUER, more_types, subject.clone())]), other);
    // The types that the policy believes are what answers, not those that the service names.
    assert_eq!(differs(HOLDER, &[(ISSUER, Vec::new(), subject)]), "entra_unanswered");
}

#[test]
fn p24_a_receipt_that_comes_again_has_the_same_nonce_digest() {
    let digest = |nonce: &str| {
        let mut made = Made::of([identity()], true);
        let mut body = made.with_receipt();
        let payload = base64url::encode(json!({"nonce": nonce}).to_string());
        body["receipt"]["id_token"] = json!(format!("e30.{payload}.c2ln"));
        let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!() };
        presented.receipt().unwrap().nonce_digest().unwrap()
    };
    assert_eq!(digest("one"), digest("one"));
    assert_ne!(digest("one"), digest("another"));
}

#[test]
fn a_receipt_whose_id_token_cannot_be_read_has_no_expectation() {
    for id_token in ["", "a", "a.!.c", "a.e30.c", "a.bnVsbA.c"] {
        let mut made = Made::of([identity()], true);
        let mut body = made.with_receipt();
        body["receipt"]["id_token"] = json!(id_token);
        let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!() };
        let receipt = presented.receipt().unwrap();
        assert!(receipt.expectation(&made.exchange).is_err(), "{id_token}");
        assert!(receipt.nonce_digest().is_err(), "{id_token}");
        made.exchange.refuse();
        assert_eq!(made.status(), RequestStatus::Refused);
    }
}

// Storage and logs.

#[test]
fn an_exchange_is_stored_and_comes_back_the_same_and_holds_no_api_key() {
    let mut made = Made::of([identity().with_constraint(Constraint::contains("a", "b"))], true);
    let stored = serde_json::to_string(&made.exchange).unwrap();
    assert!(!stored.contains(made.request.callback().api_key().unwrap()));
    made.exchange = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&made.exchange).unwrap(), stored);
    let later = stored.replacen('{', "{\"later\":1,", 1);
    assert!(serde_json::from_str::<Exchange>(&later).is_err());
}

#[test]
fn pf21_no_token_in_log() {
    let mut made = Made::of([identity()], true);
    let body = made.with_receipt();
    let event = made.receive(&body, now()).unwrap();
    let Event::Presented(presented) = &event else { panic!("presented") };
    let logged = format!(
        "{:?} {:?} {event:?} {:?} {:?} {:?} {:?}",
        made.request,
        made.exchange,
        presented.credentials(),
        presented.receipt(),
        made.request.callback(),
        Constraint::one_of("number", ["Okonkwo"]),
    );
    let secrets = [made.request.callback().api_key().unwrap(), made.request.callback().state()];
    for secret in secrets.into_iter().chain(["Okonkwo", HOLDER, "e30.", "a.b.c", CALLBACK]) {
        assert!(!logged.contains(secret), "{secret}");
    }
}

#[test]
fn every_difference_has_a_code_of_its_own() {
    let differences = [Difference::Count, Difference::Holder, Difference::Credential];
    let codes: std::collections::HashSet<_> =
        differences.map(|difference| CallbackError::Differs(difference).code()).into();
    assert_eq!(codes.len(), 3);
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut made = Made::of([identity()], true);
        let key = made.request.callback().api_key().map(str::to_owned);
        prop_assert!(made.exchange.receive(key.as_deref(), &body, now()).is_err());
        prop_assert!(Created::parse(&body).is_err());
        prop_assert!(CredentialRequest::parse(&body, Transport::Https).is_err());
        prop_assert_eq!(ServiceError::read(400, &body).status, 400);
    }

    #[test]
    fn one_changed_byte_of_the_api_key_is_another_key(at in 0usize..43, byte in 33u8..127) {
        let mut made = Made::of([identity()], false);
        let mut key = made.request.callback().api_key().unwrap().as_bytes().to_vec();
        prop_assume!(key[at] != byte);
        key[at] = byte;
        let key = String::from_utf8(key).unwrap();
        let body = made.presented().to_string();
        let error = made.exchange.receive(Some(&key), body.as_bytes(), now()).unwrap_err();
        prop_assert_eq!(error.code(), "entra_api_key");
    }
}

/// What a service in Microsoft's place writes is read by the exchange as Microsoft's own.
#[test]
fn a_notice_that_is_written_is_read_the_same() {
    let mut made = Made::of([identity()], true);
    let (types, mut subject) = verified();
    subject.insert("id".to_owned(), json!(HOLDER));
    let claimed = Claimed::new(ISSUER, &types, &subject)
        .not_revoked()
        .with_linked_domain("https://old-trust.example")
        .with_dates(Some(now()), Some(now() + TimeDelta::days(1)));
    let written =
        |notice: Notice<'_>| -> Value { serde_json::from_str(&notice.to_json()).unwrap() };
    let request = &made.request;
    let id = made.exchange.request_id().unwrap().to_owned();
    let answer = b"id_token=a.eyJub25jZSI6ImJtOXVZMlUifQ.c&vp_token=a.b.c&vp_token=%5B%22d.e.f%22%5D&state=x";
    let receipt = Receipt::of_answer(answer).unwrap();
    assert_eq!(receipt.vp_tokens(), ["a.b.c", "d.e.f"]);
    let retrieved = written(Notice::retrieved(request, &id));
    let failed = written(Notice::failed(request, &id, PresentationError::ClaimValidation));
    let credentials = [claimed];
    let presented =
        written(Notice::verified(request, &id, Some(HOLDER), &credentials, Some(&receipt)));
    assert_eq!(retrieved, made.callback("request_retrieved"));
    assert!(matches!(made.receive(&retrieved, now()), Ok(Event::Retrieved)));
    let event = made.receive(&failed, now());
    assert!(matches!(event, Ok(Event::Failed(PresentationError::ClaimValidation))), "{event:?}");
    let Ok(Event::Presented(read)) = made.receive(&presented, now()) else { panic!("presented") };
    let [credential] = read.credentials() else { panic!("one") };
    assert_eq!(credential.types()[0], "VerifiableCredential");
    assert_eq!(credential.claims().get("id"), None);
    assert_eq!(credential.linked_domain(), Some("https://old-trust.example"));
    assert_eq!(credential.issued_at(), Some(now()));
    let checked = [Checked::new(ISSUER, &types, &subject, Some(HOLDER))];
    assert_eq!(made.exchange.confirm(&read, &checked), Ok(()));
}

#[test]
fn an_answer_without_one_id_token_makes_no_receipt() {
    for answer in ["", "vp_token=a.b.c", "id_token=a.b.c&id_token=d.e.f&vp_token=a.b.c"] {
        assert!(Receipt::of_answer(answer.as_bytes()).is_none(), "{answer}");
    }
    let one = Receipt::of_answer(b"id_token=a.b.c&vp_token=d.e.f").unwrap();
    assert_eq!(
        serde_json::to_value(&one).unwrap(),
        json!({"id_token": "a.b.c", "vp_token": "d.e.f"})
    );
}

// What a portal keeps.

fn two_parts() -> [RequestedCredential; 2] {
    [
        RequestedCredential::new("StaffTraining", [ISSUER]).with_part("training"),
        identity().with_part("identity"),
    ]
}

#[test]
fn the_part_stays_with_the_exchange_and_the_service_is_not_told() {
    let made = Made::of(two_parts(), true);
    let json = made.request.to_json();
    assert!(!json.contains("part"), "{json}");
    let kept = serde_json::to_string(&made.exchange).unwrap();
    let kept: Exchange = serde_json::from_str(&kept).unwrap();
    let parts = kept.requested_credentials().iter().map(RequestedCredential::part);
    assert_eq!(parts.collect::<Vec<_>>(), [Some("training"), Some("identity")]);
    let told = json.replacen("\"type\"", "\"part\":\"training\",\"type\"", 1);
    let read = CredentialRequest::parse(told.as_bytes(), Transport::Https).unwrap();
    assert_eq!(read.requested_credentials()[0].part(), None);
}

#[test]
fn a_part_is_asked_for_once() {
    let party = party();
    let twice = two_parts().map(|credential| credential.with_part("identity"));
    let error = RequestBuilder::new(&party, twice).build(now(), &mut rng(1)).unwrap_err();
    assert!(matches!(error, RequestError::MemberValue { member: "part" }), "{error:?}");
}

#[test]
fn what_was_confirmed_says_against_what_and_for_which_part() {
    let mut made = Made::of(two_parts(), true);
    let mut body = made.with_receipt();
    let mut training = claimed();
    training["type"] = json!(["VerifiableCredential", "StaffTraining"]);
    body["verifiedCredentialsData"] = json!([claimed(), training]);
    let Ok(Event::Presented(presented)) = made.receive(&body, now()) else { panic!("presented") };
    assert_eq!(made.exchange.confirmed(), None);
    let (identity, subject) = verified();
    let training = vec!["StaffTraining".to_owned()];
    let checked =
        [&identity, &training].map(|types| Checked::new(ISSUER, types, &subject, Some(HOLDER)));
    made.exchange.confirm(&presented, &checked).unwrap();
    let confirmed = made.exchange.confirmed().unwrap();
    let parts = [0, 1, 2].map(|position| confirmed.part(position));
    assert_eq!(parts, [Some("identity"), Some("training"), None]);
    let receipt = presented.receipt().unwrap();
    let expectation = receipt.expectation(&made.exchange).unwrap();
    assert_eq!(*confirmed.expectation_digest(), expectation.digest());
    assert_eq!(confirmed.nonce_digest(), receipt.nonce_digest().unwrap());
}

#[test]
fn nothing_is_confirmed_by_the_services_word_alone() {
    let mut made = Made::of([identity()], false);
    let body = made.presented();
    assert!(matches!(made.receive(&body, now()), Ok(Event::Presented(_))));
    assert_eq!(made.status(), RequestStatus::Verified);
    assert_eq!(made.exchange.confirmed(), None);
}

#[test]
fn the_digest_is_of_what_never_changes() {
    let party = party();
    let build = |tenant: &str, seed: u64| {
        let builder = RequestBuilder::new(&party, two_parts()).tenant(tenant).with_receipt();
        builder.build(now(), &mut rng(seed)).unwrap().1
    };
    let mut exchange = build("westmoor", 1);
    let digest = exchange.digest();
    let link = "openid-vc://?request_uri=https://service.example/request/1";
    exchange.created(&Created::new(REQUEST_ID, link, now() + TimeDelta::seconds(290)));
    assert_eq!(exchange.digest(), digest);
    assert_eq!(exchange.tenant(), Some("westmoor"));
    assert_ne!(build("eastmoor", 1).digest(), digest);
    assert_ne!(build("westmoor", 2).digest(), digest);
    let fewer = RequestBuilder::new(&party, [identity().with_part("identity")]);
    let fewer = fewer.tenant("westmoor").with_receipt().build(now(), &mut rng(1)).unwrap().1;
    assert_ne!(fewer.digest(), digest);
}
