//! What a wallet calls.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use serde_json::{Value, json};
use staffpass::aws_lc::AwsLc;
use staffpass::jose::CryptoProvider as _;
use staffpass::request::entra::PresentationError;
use staffpass::request::openid4vp::{ResponseKey, WalletPost};
use staffpass::request::{
    Handle, HandleDigest, NotTaken, Protocol, RequestId, RequestObject, ResponseCode, ReturnAddress,
};
use staffpass::store::{RequestKey, StoreError};
use staffpass::verify::{
    Check, Evidence, Outcome as Checked, Rejection, Report, Verification, VerifiedResponse,
};

use crate::ask::SignedObject;
use crate::book::{Entry, Outcome};
use crate::service::{Service, body};

/// `GET /request/{request_id}`: the request object, the same each time.
pub(crate) async fn object(State(service): State<Service>, Path(id): Path<String>) -> Response {
    match find(&service, &id).await {
        Ok(signed) => served(&signed.object),
        Err(status) => status.into_response(),
    }
}

/// `POST /request/{request_id}`: the same with the wallet's nonce in it (OpenID4VP 1.0 §5.10).
pub(crate) async fn object_for(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    let signed = match find(&service, &id).await {
        Ok(signed) => signed,
        Err(status) => return status.into_response(),
    };
    let nonce = match WalletPost::parse(&form) {
        Ok(post) => post.wallet_nonce,
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let Some(nonce) = nonce else { return served(&signed.object) };
    // A key that was taken away meanwhile signs nothing more.
    let Some(signer) = service.identity().key(&signed.signer) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let again = signed.object.with_wallet_nonce(&nonce);
    match again.and_then(|object| object.sign(signer)) {
        Ok(object) => served(&object),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The object, and that somebody has fetched it.
async fn find(service: &Service, id: &str) -> Result<SignedObject, StatusCode> {
    let digest = RequestId::parse(id).map_err(|_| StatusCode::NOT_FOUND)?.digest();
    let step = |entry: &mut Entry| {
        if entry.expectation.is_expired(Utc::now()) {
            return None;
        }
        entry.fetched(Utc::now());
        entry.object.clone()
    };
    let found = service.book().step(RequestKey::Object(&digest), step).await;
    let found = found.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    found.flatten().ok_or(StatusCode::NOT_FOUND)
}

fn served(object: &RequestObject) -> Response {
    let reply = body(object.media_type(), object.as_str().to_owned());
    ([(CACHE_CONTROL, "no-store")], reply).into_response()
}

/// `POST /response/{handle}`: the wallet's answer. The address says to which request.
pub(crate) async fn response(
    State(service): State<Service>,
    Path(handle): Path<String>,
    form: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(handle) = Handle::parse(&handle) else { return StatusCode::NOT_FOUND.into_response() };
    let handle = handle.digest();
    let entry = match service.book().get(RequestKey::Handle(&handle)).await {
        Ok(Some(entry)) => entry,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(_) => return unavailable(None),
    };
    let protocol = entry.expectation.protocol();
    let form = match form {
        Ok(form) if entry.progress.may_answer(Utc::now()).is_ok() => form,
        Ok(_) => return refused(protocol),
        Err(rejection) => return error(rejection.status(), INVALID, protocol),
    };
    let mut verification = receive(&service, &entry, &form);
    let mut evidence = Evidence::new(service.provider());
    let verdict = service.fetcher().verify(&mut verification, &mut evidence, Utc::now).await;
    let answer = Answer { service: &service, handle: &handle, protocol, form: &form };
    let answered = match &verdict {
        Ok(response) => match entry.is_answered_by(response) {
            Ok(()) => answer.accept(response).await,
            Err(error) => answer.refuse(response.report(), false, error).await,
        },
        Err(rejection) if had_state(rejection) => {
            let (report, declined) = (rejection.report(), rejection.wallet_error().is_some());
            answer.refuse(report, declined, PresentationError::Other).await
        }
        // It could come from anybody, and changes nothing.
        Err(_) => Ok(refused(protocol)),
    };
    answered.unwrap_or_else(|_| unavailable(protocol))
}

/// An answer that was asked for encrypted is opened with the key of its request.
fn receive(service: &Service, entry: &Entry, form: &[u8]) -> Verification {
    let opened = |key: &ResponseKey| AwsLc.agreement_key_from_private_jwk(key.private_jwk()).ok();
    match entry.response_key.as_ref().and_then(opened) {
        Some(key) => service.verifier().receive_encrypted(&entry.expectation, &*key, form),
        None => service.verifier().receive(&entry.expectation, form),
    }
}

/// An answer that has been judged, and where it came.
struct Answer<'a> {
    service: &'a Service,
    handle: &'a HandleDigest,
    protocol: Option<Protocol>,
    form: &'a [u8],
}

impl Answer<'_> {
    async fn accept(&self, response: &VerifiedResponse) -> Result<Response, StoreError> {
        let outcome = Outcome {
            report: serde_json::to_value(response.report()).unwrap_or_default(),
            credentials: credentials(response),
        };
        let code = ResponseCode::generate(&mut rand::rng());
        let step = |entry: &mut Entry| {
            let (back, now) = (entry.return_url.clone(), Utc::now());
            entry.progress.accept(back.is_some().then_some(&code), now)?;
            match &mut entry.entra {
                Some(share) => {
                    share.accepted(response, self.service.verifier().policy(), self.form, now);
                }
                None => entry.outcome = Some(outcome),
            }
            Ok::<_, NotTaken>(back)
        };
        let Some(Ok(back)) = self.step(step).await? else {
            // Another answer was faster.
            return Ok(refused(self.protocol));
        };
        let transport = self.service.transport();
        let address = back.and_then(|url| ReturnAddress::parse_with(&url, transport).ok());
        Ok(thanked(self.protocol, address.map(|address| address.with_code(&code))))
    }

    /// A wallet that says that the person declined is thanked for it.
    async fn refuse(
        &self,
        report: &Report,
        declined: bool,
        error: PresentationError,
    ) -> Result<Response, StoreError> {
        let report = serde_json::to_value(report).unwrap_or_default();
        let step = |entry: &mut Entry| {
            let now = Utc::now();
            entry.progress.refuse(now)?;
            match &mut entry.entra {
                Some(share) => share.refused(error, now),
                None => entry.outcome = Some(Outcome { report, credentials: Vec::new() }),
            }
            Ok::<_, NotTaken>(())
        };
        let counted = matches!(self.step(step).await?, Some(Ok(())));
        Ok(if declined && counted { thanked(self.protocol, None) } else { refused(self.protocol) })
    }

    async fn step<T: Send>(
        &self,
        step: impl FnOnce(&mut Entry) -> T + Send,
    ) -> Result<Option<T>, StoreError> {
        self.service.book().step(RequestKey::Handle(self.handle), step).await
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

/// One entry for each credential, under the part that it answers.
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

const INVALID: &str = "invalid_request";

/// That it is refused, and not why.
fn refused(protocol: Option<Protocol>) -> Response {
    error(StatusCode::BAD_REQUEST, INVALID, protocol)
}

/// The answer may have been good: the wallet may send it again.
fn unavailable(protocol: Option<Protocol>) -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", protocol)
}

fn error(status: StatusCode, code: &str, protocol: Option<Protocol>) -> Response {
    let error = match protocol {
        Some(Protocol::JwtVcPresentationProfile) => json!({ "error": { "code": code } }),
        _ => json!({ "error": code }),
    };
    (status, body("application/json", error.to_string())).into_response()
}
