//! What Microsoft's Request Service calls.
//!
//! An answer of 200 says that the callback was understood: what became of it is for the person to read,
//! and a repetition would not change it. 503 asks for it again.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use staffpass::fetch::entra::ReceiptError;
use staffpass::request::Handle;
use staffpass::request::entra::{CallbackError, Event, Presented};
use staffpass::share::Refusal;
use staffpass::verify::Evidence;
use staffpass_store::{StoreError, StoredExchange};

use crate::service::Portal;
use crate::wallet::{is_about_the_answer, waits_for};

/// `POST /entra/{handle}`: a callback. The address says to which request.
pub(crate) async fn callback(
    State(portal): State<Portal>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Ok(handle) = Handle::parse(&handle) else { return StatusCode::NOT_FOUND };
    let mut stored = match portal.store().exchange(&handle.digest()).await {
        Ok(stored) if stored.tenant == portal.tenant() => stored,
        Ok(_) | Err(StoreError::NotFound) => return StatusCode::NOT_FOUND,
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE,
    };
    let api_key = headers.get("api-key").and_then(|value| value.to_str().ok());
    let event = stored.exchange.receive(api_key, &body, portal.now());
    match take(&portal, stored, event).await {
        Ok(status) => status,
        Err(error) if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
        Err(error) => {
            tracing::info!(code = error.code(), "an answer was not taken");
            StatusCode::OK
        }
    }
}

/// The exchange is stored again with a receipt that was taken, and not before: until then each callback
/// is judged as if it were the first, so that none is lost with a portal that stops.
async fn take(
    portal: &Portal,
    stored: StoredExchange,
    event: Result<Event, CallbackError>,
) -> Result<StatusCode, StoreError> {
    match event {
        Ok(Event::Presented(presented)) => judge(portal, stored, &presented).await?,
        Ok(Event::Failed(_)) => refuse(portal, &stored, &["wallet_error"]).await?,
        Ok(Event::Retrieved) => note_scanned(portal, &stored).await?,
        Ok(_) => {}
        Err(error) => return not_taken(portal, &stored, error).await,
    }
    Ok(StatusCode::OK)
}

async fn not_taken(
    portal: &Portal,
    stored: &StoredExchange,
    error: CallbackError,
) -> Result<StatusCode, StoreError> {
    match error {
        CallbackError::Unanswered { .. } => {
            refuse(portal, stored, &["credentials_missing"]).await?;
        }
        CallbackError::ApiKey => return Ok(StatusCode::UNAUTHORIZED),
        CallbackError::Malformed(_)
        | CallbackError::Status
        | CallbackError::RequestId
        | CallbackError::State => return Ok(StatusCode::BAD_REQUEST),
        CallbackError::Expired | CallbackError::Answered => {}
        other => refuse(portal, stored, &[other.code()]).await?,
    }
    Ok(StatusCode::OK)
}

async fn note_scanned(portal: &Portal, stored: &StoredExchange) -> Result<(), StoreError> {
    let (now, store) = (portal.now(), portal.store());
    let share = store.share(portal.tenant(), &stored.reference).await?;
    match share.retrieved(stored.exchange.handle_digest(), now) {
        Some(retrieved) => store.note_scanned(retrieved.scanned.request(), now).await,
        None => Ok(()),
    }
}

/// What the service says counts when the receipt has been verified here. Nothing is fetched for a request
/// that cannot be answered any more.
async fn judge(
    portal: &Portal,
    mut stored: StoredExchange,
    presented: &Presented,
) -> Result<(), StoreError> {
    let (handle, now) = (*stored.exchange.handle_digest(), portal.now());
    let share = portal.store().share(portal.tenant(), &stored.reference).await?;
    if !waits_for(&share.state(now), share.retrieved(&handle, now).is_some()) {
        return Ok(());
    }
    let (verifier, mut evidence) = (portal.receipt_verifier(), Evidence::new(portal.provider()));
    let (exchange, clock) = (&mut stored.exchange, || portal.now());
    let verified =
        portal.fetcher().verify_receipt(verifier, exchange, presented, &mut evidence, clock).await;
    let response = match verified {
        Ok(response) => response,
        Err(ReceiptError::Rejected(rejection)) => {
            let codes: Vec<_> = rejection.codes().iter().map(|code| code.as_str()).collect();
            return refuse(portal, &stored, &codes).await;
        }
        Err(error) => return refuse(portal, &stored, &[error.code()]).await,
    };
    let taken = portal.store().receive_receipt(&stored, &response, portal.rules(), portal.now());
    match taken.await {
        Err(StoreError::Refused(refusal)) if is_about_what_came(&refusal) => {
            refuse(portal, &stored, &[refusal.code()]).await
        }
        taken => taken.map(drop),
    }
}

const fn is_about_what_came(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::ResponseToAnother) || is_about_the_answer(refusal)
}

async fn refuse(
    portal: &Portal,
    stored: &StoredExchange,
    codes: &[&str],
) -> Result<(), StoreError> {
    tracing::info!(codes = codes.join(" "), "an answer was refused");
    portal.store().refuse(stored.exchange.handle_digest(), codes, portal.now()).await
}
