//! The service: which path leads to what.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use staffpass::did::Did;
use staffpass::issue::openid4vci::{
    AccessToken, CredentialRequest, IssuerMetadata, Nonces, Refusal,
};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::identity::Identity;
use crate::store::{REVOCATION, Store, TOKENS};
use crate::{Common, Error, oauth, offers};

/// Bytes of a request: a batch of proofs, each of a long-form did:ion.
const MAX_BODY: usize = 256 * 1024;

/// How long a published list is good; a reader that keeps it so long learns of no revocation since.
const LIST_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// How long a reader may keep a token list before it asks again.
const LIST_TTL: TimeDelta = TimeDelta::minutes(15);

/// The issuing trust as wallets and verifiers reach it.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    identity: Identity,
    store: Store,
    metadata: IssuerMetadata,
    nonces: Mutex<Nonces>,
}

impl Service {
    /// Opens the trust's directory, or makes it.
    ///
    /// # Errors
    /// Whatever in the options or the files does not do.
    pub fn open(common: &Common) -> Result<Self, Error> {
        let identity = Identity::open(common, Utc::now())?;
        let store = Store::open(&common.data_dir, &identity)?;
        let metadata = offers::metadata(&identity, &common.name)?;
        let nonces = Mutex::new(Nonces::new(&mut rand::rng()));
        Ok(Self { inner: Arc::new(Inner { identity, store, metadata, nonces }) })
    }

    /// The DID of the trust.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.inner.identity.did()
    }

    /// Serves it until the program ends.
    ///
    /// # Errors
    /// What the listener says.
    pub async fn serve(self, listener: TcpListener) -> Result<(), Error> {
        Ok(axum::serve(listener, self.router()).await?)
    }

    fn router(self) -> Router {
        let identity = &self.inner.identity;
        let document = |text: String| get(move || async move { json_text(text) });
        let did = document(identity.did_json.clone());
        let linkage = document(identity.did_configuration.clone());
        let metadata = document(self.inner.metadata.to_json().to_string());
        let server = document(self.inner.metadata.authorization_server_json().to_string());
        let router = match identity.token_issuer.metadata(identity.key.public_key()) {
            Some((url, json)) => Router::new().route(url.path(), document(json.to_string())),
            None => Router::new(),
        };
        router
            .route("/.well-known/did.json", did)
            .route("/.well-known/did-configuration.json", linkage)
            .route("/.well-known/openid-credential-issuer", metadata)
            .route("/.well-known/oauth-authorization-server", server)
            .route("/status/{list}", get(status_list))
            .route("/offers/{code}", get(offer))
            .route("/token", post(token))
            .route("/nonce", post(nonce))
            .route("/credential", post(credential))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self)
    }

    /// Does what reads and writes files where that holds up no one else.
    async fn blocking<T: Send + 'static>(
        self,
        work: impl FnOnce(&Inner, DateTime<Utc>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        spawn_blocking(move || work(&self.inner, Utc::now())).await?
    }
}

async fn status_list(State(service): State<Service>, Path(list): Path<String>) -> Response {
    let media_type = match list.as_str() {
        REVOCATION => "application/jwt",
        TOKENS => "application/statuslist+jwt",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match service.blocking(move |inner, now| inner.list(&list, now)).await {
        Ok(token) => ([(CONTENT_TYPE, media_type)], token).into_response(),
        Err(error) => failed(&error),
    }
}

async fn offer(State(service): State<Service>, Path(code): Path<String>) -> Response {
    let found = service
        .blocking(move |inner, now| oauth::offer(&inner.identity, &inner.store, &code, now))
        .await;
    match found {
        Ok(Some(offer)) => uncached(StatusCode::OK, &offer),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => failed(&error),
    }
}

async fn token(State(service): State<Service>, form: Bytes) -> Response {
    let answer = service
        .blocking(move |inner, now| oauth::token(&inner.identity, &inner.store, &form, now))
        .await;
    reply(answer)
}

async fn nonce(State(service): State<Service>) -> Response {
    let nonces = service.inner.nonces.lock().unwrap_or_else(PoisonError::into_inner);
    uncached(StatusCode::OK, &nonces.response(Utc::now(), &mut rand::rng()))
}

async fn credential(State(service): State<Service>, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = AccessToken::from_authorization(authorization.unwrap_or_default());
    let asked = token.and_then(|token| Ok((token, CredentialRequest::parse(&body)?)));
    let (token, request) = match asked {
        Ok(asked) => asked,
        Err(refusal) => return reply(Ok(Err(refusal))),
    };
    reply(service.blocking(move |inner, now| inner.credential(&token, &request, now)).await)
}

impl Inner {
    /// The list as it stands, signed now.
    fn list(&self, name: &str, now: DateTime<Utc>) -> Result<String, Error> {
        let (identity, until) = (&self.identity, Some(now + LIST_LIFETIME));
        let unsigned = self.store.with(|books| {
            Ok(match name {
                TOKENS => {
                    books.tokens.publish(&identity.token_issuer, now, until, Some(LIST_TTL))?
                }
                _ => books.revocation.publish(&identity.issuer, now, until)?,
            })
        })?;
        Ok(unsigned.sign(&identity.key)?)
    }

    fn credential(
        &self,
        token: &AccessToken,
        request: &CredentialRequest,
        now: DateTime<Utc>,
    ) -> Result<Result<Value, Refusal>, Error> {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let (identity, metadata) = (&self.identity, &self.metadata);
        oauth::credential(identity, metadata, &self.store, &mut nonces, token, request, now)
    }
}

fn reply(answer: Result<Result<Value, Refusal>, Error>) -> Response {
    match answer {
        Ok(Ok(body)) => uncached(StatusCode::OK, &body),
        Ok(Err(refusal)) => refused(refusal),
        Err(error) => failed(&error),
    }
}

/// RFC 6749 §5.2, RFC 6750 §3.
fn refused(refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({ "error": refusal.error(), "error_description": refusal.code() });
    let mut response = uncached(status, &body);
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// What is the trust's own fault is for its operator to read.
fn failed(error: &Error) -> Response {
    eprintln!("issuer: {error}");
    uncached(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": "server_error" }))
}

fn uncached(status: StatusCode, body: &Value) -> Response {
    let headers: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

fn json_text(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
