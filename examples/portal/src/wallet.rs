//! What a wallet calls.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use staffpass::request::{Handle, HandleDigest, Protocol, RequestId, ResponseCode, ReturnAddress};
use staffpass::share::{Refusal, State as Stands};
use staffpass::verify::{Check, Evidence, Outcome, Rejection, Verification};
use staffpass_store::{StoreError, StoredRequest};

use crate::person::Kept;
use crate::service::Portal;

/// `GET /request/{id}`: the request object, the same each time, as long as it may be answered.
pub(crate) async fn object(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    let Ok(id) = RequestId::parse(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let request = match portal.store().request_of_id(&id.digest()).await {
        Ok(request) if request.tenant == portal.tenant() => request,
        Ok(_) | Err(StoreError::NotFound) => return StatusCode::NOT_FOUND.into_response(),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    match note_scanned(&portal, &request).await {
        Ok(true) => served(request),
        Ok(false) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Whether the request is the share's live one, and if so that a wallet has it.
async fn note_scanned(portal: &Portal, request: &StoredRequest) -> Result<bool, StoreError> {
    let (now, store) = (portal.now(), portal.store());
    let share = store.share(portal.tenant(), &request.reference).await?;
    let Some(handle) = request.expectation.handle_digest() else { return Ok(false) };
    let Some(retrieved) = share.retrieved(handle, now) else { return Ok(false) };
    store.note_scanned(retrieved.scanned.request(), now).await?;
    Ok(true)
}

fn served(request: StoredRequest) -> Response {
    let media_type = request.expectation.protocol().map(Protocol::request_media_type);
    let media_type = media_type.unwrap_or("application/octet-stream");
    ([(CONTENT_TYPE, media_type)], request.object).into_response()
}

/// `POST /response/{handle}`: the wallet's answer. The address says to which request.
pub(crate) async fn response(
    State(portal): State<Portal>,
    Path(handle): Path<String>,
    form: Bytes,
) -> Response {
    let Ok(handle) = Handle::parse(&handle) else { return refused(None) };
    let handle = handle.digest();
    let request = match portal.store().request(&handle).await {
        Ok(request) if request.tenant == portal.tenant() => request,
        Ok(_) | Err(StoreError::NotFound) => return refused(None),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let protocol = request.expectation.protocol();
    match judge(&portal, &handle, &request, &form).await {
        Ok(Some(next)) => thanked(protocol, &next),
        Ok(None) => refused(protocol),
        Err(error) if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(error) => {
            tracing::info!(code = error.code(), "an answer was not taken");
            refused(protocol)
        }
    }
}

/// Where the person is to go on once the answer was taken: to the portal, on the same device, or nowhere.
type Next = Option<String>;

/// None where the answer was not taken. Nothing is fetched and no signature is checked for a request
/// that cannot be answered any more.
async fn judge(
    portal: &Portal,
    handle: &HandleDigest,
    request: &StoredRequest,
    form: &[u8],
) -> Result<Option<Next>, StoreError> {
    let share = portal.store().share(portal.tenant(), &request.reference).await?;
    if !waits_for(&share.state(portal.now()), share.retrieved(handle, portal.now()).is_some()) {
        return Ok(None);
    }
    let mut verification = received(portal, request, form);
    let mut evidence = Evidence::new(portal.provider());
    let clock = || portal.now();
    let verified = portal.fetcher().verify(&mut verification, &mut evidence, clock).await;
    let now = portal.now();
    let response = match verified {
        Ok(response) => response,
        Err(rejection) => return reject(portal, handle, &rejection).await,
    };
    match portal.store().receive(handle, &response, portal.rules(), now).await {
        Ok(_) => Ok(Some(way_back(portal, request))),
        Err(StoreError::Refused(refusal)) if is_about_the_answer(&refusal) => {
            tracing::info!(codes = refusal.code(), "an answer was refused");
            portal.store().refuse(handle, &[refusal.code()], now).await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The address with the code that the person must come back with, where one is awaited
/// (OpenID4VP 1.0 §8.2).
fn way_back(portal: &Portal, request: &StoredRequest) -> Next {
    let kept: Kept = serde_json::from_slice(&request.secret).ok()?;
    let code = ResponseCode::parse(&kept.response_code?).ok()?;
    let address = portal.config().server.public_url.join("/share/back").ok()?;
    let address = ReturnAddress::parse_with(address.as_str(), portal.config().transport()).ok()?;
    Some(address.with_code(&code))
}

/// What was asked for encrypted is opened with the key that was kept with the request.
fn received(portal: &Portal, request: &StoredRequest, form: &[u8]) -> Verification {
    let (verifier, asked) = (portal.verifier(), &request.expectation);
    let kept = serde_json::from_slice(&request.secret).ok();
    let key = kept.and_then(|kept: Kept| kept.response_key);
    let key = key
        .and_then(|key| portal.provider().agreement_key_from_private_jwk(key.private_jwk()).ok());
    match key {
        Some(key) => verifier.receive_encrypted(asked, &*key, form),
        None => verifier.receive(asked, form),
    }
}

/// A request stays open for a better answer when one was refused.
pub(crate) const fn waits_for(state: &Stands, is_live: bool) -> bool {
    is_live
        && matches!(
            state,
            Stands::Connecting { .. }
                | Stands::Scanned { .. }
                | Stands::NotReceived
                | Stands::Refused { .. }
        )
}

/// An answer without the right `state` could come from anybody, and changes nothing (attack B4).
async fn reject(
    portal: &Portal,
    handle: &HandleDigest,
    rejection: &Rejection,
) -> Result<Option<Next>, StoreError> {
    let now = portal.now();
    if rejection.wallet_error().is_some() {
        portal.store().refuse(handle, &["wallet_error"], now).await?;
        return Ok(Some(None));
    }
    let mut checks = rejection.report().checks.iter();
    if checks.any(|record| record.check == Check::State && record.outcome == Outcome::Passed) {
        let codes: Vec<&str> = rejection.codes().iter().map(|code| code.as_str()).collect();
        tracing::info!(codes = codes.join(" "), "an answer was refused");
        portal.store().refuse(handle, &codes, now).await?;
    }
    Ok(None)
}

/// What the share says of what came, and not of whether anything may come.
pub(crate) const fn is_about_the_answer(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Unrequested
            | Refusal::IdentityMissing
            | Refusal::CredentialsMissing { .. }
            | Refusal::TooManyCredentials { .. }
            | Refusal::KindDiffers { .. }
            | Refusal::ClaimsInvalid(_)
            | Refusal::NotShareable { .. }
            | Refusal::PersonsDiffer
    )
}

/// OpenID4VP 1.0 §8.2 wants an object; Microsoft's older apps want nothing at all.
fn thanked(protocol: Option<Protocol>, next: &Next) -> Response {
    let json = match (protocol, next) {
        (Some(Protocol::JwtVcPresentationProfile), _) => return StatusCode::OK.into_response(),
        (_, Some(next)) => json!({ "redirect_uri": next }),
        _ => json!({}),
    };
    ([(CONTENT_TYPE, "application/json")], json.to_string()).into_response()
}

/// That it is refused, and not why: an address that never was answers as one whose time is up, or that
/// was sent a wrong nonce (attack B15).
fn refused(protocol: Option<Protocol>) -> Response {
    let code = "invalid_request";
    let error = match protocol {
        Some(Protocol::JwtVcPresentationProfile) => json!({ "error": { "code": code } }),
        _ => json!({ "error": code }),
    };
    let json = [(CONTENT_TYPE, "application/json")];
    (StatusCode::BAD_REQUEST, json, error.to_string()).into_response()
}
