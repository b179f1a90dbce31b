//! What a portal calls.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::{SecondsFormat, Utc};
use rand::RngExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use staffpass::jose::{base64url, json as strict};
use staffpass::request::qr::QrCode;
use staffpass::request::{NotTaken, RequestStatus};
use staffpass::store::RequestKey;
use subtle::ConstantTimeEq as _;

use crate::ask::Ask;
use crate::book::Entry;
use crate::problem::Problem;
use crate::service::Service;

/// Lets in who has the API key, where there is one. Results are never kept on the way.
pub(crate) async fn guard(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match is_allowed(&service, request.headers()) {
        true => next.run(request).await,
        false => Problem::unauthorized().into_response(),
    };
    let no_store = axum::http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

fn is_allowed(service: &Service, headers: &HeaderMap) -> bool {
    let Some(key) = service.api_key() else { return true };
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    // Digests, so that no length shows either.
    let given: [u8; 32] = Sha256::digest(given).into();
    given.ct_eq(key).into()
}

/// `POST /requests`.
pub(crate) async fn create(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (ask, now): (Ask, _) = (read(&headers, body)?, Utc::now());
    let asked = ask.into_request(&service, now)?;
    let id = base64url::encode(rand::rng().random::<[u8; 16]>());
    let expires_at = asked.expectation.expires_at().to_rfc3339_opts(SecondsFormat::Secs, true);
    let reply = json!({
        "id": id,
        "link": asked.link,
        // A request by value may be too long for any code.
        "qr_svg": QrCode::of(&asked.link).map(|code| code.to_svg("Scan with your wallet")).ok(),
        "expires_at": expires_at,
    });
    service.book().insert(&id, Entry::new(asked), now).await?;
    Ok((StatusCode::CREATED, Json(reply)).into_response())
}

/// `GET /requests/{id}`.
pub(crate) async fn status(
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let entry = service.book().get(RequestKey::Id(&id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(shown(&entry)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {
    response_code: String,
}

/// `POST /requests/{id}/return`: the person is back in the browser that began, with the code that
/// the wallet was told.
pub(crate) async fn come_back(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let back: Return = read(&headers, body)?;
    let step = |entry: &mut Entry| {
        if entry.return_url.is_none() {
            return Err(NotTaken::ResponseCode);
        }
        entry.progress.returned(&back.response_code, Utc::now())?;
        Ok(Json(shown(entry)))
    };
    let shown = service.book().step(RequestKey::Id(&id), step).await?;
    Ok(shown.ok_or_else(Problem::not_found)??)
}

/// What the portal may see now: of an answer that waits for the person to come back, nothing.
fn shown(entry: &Entry) -> Value {
    let status = entry.progress.status(Utc::now());
    let judged = matches!(status, RequestStatus::Verified | RequestStatus::Refused);
    let outcome = entry.outcome.as_ref().filter(|_| judged);
    json!({
        "status": status.as_str(),
        "report": outcome.map(|outcome| &outcome.report),
        "credentials": outcome.map(|outcome| outcome.credentials.as_slice()).unwrap_or_default(),
    })
}

/// JSON, strictly. The media type is asked for because a page of another origin cannot send it
/// unasked.
fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Problem> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Problem::media_type());
    }
    let body = body.map_err(|rejection| Problem::body(rejection.status()))?;
    strict::parse(&body, &strict::Limits::default())
        .map_err(|error| Problem::bad_request(error.code(), error))
}
