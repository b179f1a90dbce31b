//! What a wallet calls.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use serde_json::{Value, json};
use staffpass::aws_lc::AwsLc;
use staffpass::jose::CryptoProvider as _;
use staffpass::request::openid4vp::{ResponseKey, WalletPost};
use staffpass::request::{
    Expectation, Handle, HandleDigest, NotTaken, Protocol, RequestId, RequestObject, ResponseCode,
};
use staffpass::verify::{
    Check, Evidence, Outcome as Checked, Rejection, Verification, VerifiedResponse,
};

use crate::book::{Entry, Outcome};
use crate::service::{Service, body};

/// `GET /request/{request_id}`: the request object, the same each time.
pub(crate) async fn object(State(service): State<Service>, Path(id): Path<String>) -> Response {
    match find(&service, &id) {
        Some((object, _)) => served(&object),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `POST /request/{request_id}`: the same with the wallet's nonce in it (OpenID4VP 1.0 §5.10).
pub(crate) async fn object_for(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    let Some((object, certified)) = find(&service, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let nonce = match WalletPost::parse(&form) {
        Ok(post) => post.wallet_nonce,
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let Some(nonce) = nonce else { return served(&object) };
    let signed = object.with_wallet_nonce(&nonce);
    match signed.and_then(|object| object.sign(service.signer(certified))) {
        Ok(object) => served(&object),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn find(service: &Service, id: &str) -> Option<(RequestObject, bool)> {
    let digest = RequestId::parse(id).ok()?.digest();
    let step = |entry: &mut Entry| {
        if entry.expectation.is_expired(Utc::now()) {
            return None;
        }
        entry.progress.fetched();
        entry.object.as_ref().map(|(_, object)| (object.clone(), entry.certified))
    };
    service.book().by_object(&digest, step).flatten()
}

fn served(object: &RequestObject) -> Response {
    let reply = body(object.media_type(), object.as_str().to_owned());
    ([(CACHE_CONTROL, "no-store")], reply).into_response()
}

/// `POST /response/{handle}`: the wallet's answer. The address says to which request.
pub(crate) async fn response(
    State(service): State<Service>,
    Path(handle): Path<String>,
    form: Bytes,
) -> Response {
    let Ok(handle) = Handle::parse(&handle) else { return StatusCode::NOT_FOUND.into_response() };
    let handle = handle.digest();
    let open = |entry: &mut Entry| {
        let taken = entry.progress.may_answer(Utc::now());
        (taken, entry.expectation.clone(), entry.response_key.clone())
    };
    let Some((taken, expectation, response_key)) = service.book().by_handle(&handle, open) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let protocol = expectation.protocol();
    if taken.is_err() {
        return refused(protocol);
    }
    let mut verification = receive(&service, &expectation, response_key.as_ref(), &form);
    let mut evidence = Evidence::new(service.provider());
    match service.fetcher().verify(&mut verification, &mut evidence, Utc::now).await {
        Ok(response) => accept(&service, &handle, &response, protocol),
        Err(rejection) => reject(&service, &handle, &rejection, protocol),
    }
}

/// An answer that was asked for encrypted is opened with the key of its request.
fn receive(
    service: &Service,
    expectation: &Expectation,
    response_key: Option<&ResponseKey>,
    form: &[u8],
) -> Verification {
    let opened = |key: &ResponseKey| AwsLc.agreement_key_from_private_jwk(key.private_jwk()).ok();
    match response_key.and_then(opened) {
        Some(key) => service.verifier().receive_encrypted(expectation, &*key, form),
        None => service.verifier().receive(expectation, form),
    }
}

fn accept(
    service: &Service,
    handle: &HandleDigest,
    response: &VerifiedResponse,
    protocol: Option<Protocol>,
) -> Response {
    let outcome = Outcome {
        report: serde_json::to_value(response.report()).unwrap_or_default(),
        credentials: credentials(response),
    };
    let step = |entry: &mut Entry| {
        let back = entry.return_address.clone();
        let back = back.map(|address| (address, ResponseCode::generate(&mut rand::rng())));
        entry.progress.accept(back.as_ref().map(|(_, code)| code), Utc::now())?;
        entry.outcome = Some(outcome);
        Ok::<_, NotTaken>(back.map(|(address, code)| address.with_code(&code)))
    };
    match service.book().by_handle(handle, step) {
        Some(Ok(redirect_uri)) => thanked(protocol, redirect_uri),
        // Another answer was faster.
        Some(Err(_)) | None => refused(protocol),
    }
}

/// An answer without the right `state` could come from anybody, and changes nothing.
fn reject(
    service: &Service,
    handle: &HandleDigest,
    rejection: &Rejection,
    protocol: Option<Protocol>,
) -> Response {
    if !had_state(rejection) {
        return refused(protocol);
    }
    let report = serde_json::to_value(rejection.report()).unwrap_or_default();
    let step = |entry: &mut Entry| {
        entry.progress.refuse(Utc::now())?;
        entry.outcome = Some(Outcome { report, credentials: Vec::new() });
        Ok::<_, NotTaken>(())
    };
    let counted = service.book().by_handle(handle, step);
    match (rejection.wallet_error(), counted) {
        (Some(_), Some(Ok(()))) => thanked(protocol, None),
        _ => refused(protocol),
    }
}

fn had_state(rejection: &Rejection) -> bool {
    let mut checks = rejection.report().checks.iter();
    let compared = |check: Check, outcome: &Checked| {
        check == Check::State && matches!(outcome, Checked::Passed)
    };
    rejection.wallet_error().is_some()
        || checks.any(|record| compared(record.check, &record.outcome))
}

/// One entry for each part that a credential answers.
fn credentials(response: &VerifiedResponse) -> Vec<Value> {
    let credentials = response.credentials().iter();
    credentials
        .map(|credential| {
            json!({
                "id": credential.part(),
                "type": credential.types().first(),
                "issuer": credential.issuer(),
                "claims": credential.subject(),
            })
        })
        .collect()
}

/// OpenID4VP 1.0 §8.2 wants an object; Microsoft's older apps want nothing at all.
fn thanked(protocol: Option<Protocol>, redirect_uri: Option<String>) -> Response {
    match (redirect_uri, protocol) {
        (Some(address), _) => {
            body("application/json", json!({ "redirect_uri": address }).to_string())
        }
        (None, Some(Protocol::JwtVcPresentationProfile)) => StatusCode::OK.into_response(),
        (None, _) => body("application/json", "{}".to_owned()),
    }
}

/// That it is refused, and not why.
fn refused(protocol: Option<Protocol>) -> Response {
    let code = "invalid_request";
    let error = match protocol {
        Some(Protocol::JwtVcPresentationProfile) => json!({ "error": { "code": code } }),
        _ => json!({ "error": code }),
    };
    (StatusCode::BAD_REQUEST, body("application/json", error.to_string())).into_response()
}
