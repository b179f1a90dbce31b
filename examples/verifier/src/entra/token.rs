//! Bearer tokens by client credentials (RFC 6749 §4.4), as Microsoft's login gives them; signed by
//! the service's own key (RFC 9068), so that they outlive a restart.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use staffpass::jose::{
    Algorithm, HeaderBuilder, Signer as _, UnsignedJws, UnverifiedJws, json as strict, jws,
};
use url::form_urlencoded;

use super::Entra;
use crate::Error;
use crate::service::Service;

/// The resource that tokens are for, by the id that Microsoft gave its Request Service.
const RESOURCE: &str = "3db474b9-6a0c-4840-96ac-1fceb342124f";

/// How long a token is good: as long as Microsoft's.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// RFC 9068 §2.1: no other token that the service signs has it.
const TYP: &str = "at+jwt";

/// The claims of a token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
}

/// What a client posts. What stands there besides is passed over.
#[derive(Default)]
struct Form {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) async fn token(
    State(service): State<Service>,
    Path(tenant): Path<String>,
    form: Result<Bytes, BytesRejection>,
) -> Response {
    let entra = service.entra().filter(|entra| entra.tenant == tenant);
    let Some(entra) = entra else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let form = form.ok().and_then(|body| Form::parse(&body));
    let client = match form.ok_or("invalid_request").and_then(|form| form.client(entra)) {
        Ok(client) => client,
        Err("invalid_client") => return refused(StatusCode::UNAUTHORIZED, "invalid_client"),
        Err(error) => return refused(StatusCode::BAD_REQUEST, error),
    };
    match signed(&service, &client, Utc::now()) {
        Ok(token) => {
            let life = LIFE.num_seconds();
            let reply = json!({
                "token_type": "Bearer",
                "expires_in": life,
                "ext_expires_in": life,
                "access_token": token,
            });
            ([(CACHE_CONTROL, "no-store")], Json(reply)).into_response()
        }
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    }
}

impl Form {
    /// None where a field stands twice (RFC 6749 §3.2).
    fn parse(body: &[u8]) -> Option<Self> {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let place = match &*name {
                "grant_type" => &mut form.grant_type,
                "client_id" => &mut form.client_id,
                "client_secret" => &mut form.client_secret,
                "scope" => &mut form.scope,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(form)
    }

    /// RFC 6749 §5.2: the client, or the code of what is wrong.
    fn client(self, entra: &Entra) -> Result<String, &'static str> {
        match self.grant_type.as_deref() {
            Some("client_credentials") => {}
            Some(_) => return Err("unsupported_grant_type"),
            None => return Err("invalid_request"),
        }
        let client = self.client_id.ok_or("invalid_request")?;
        if !entra.knows(&client, self.client_secret.as_deref().unwrap_or_default()) {
            return Err("invalid_client");
        }
        let scope = self.scope.ok_or("invalid_scope")?;
        let asked = scope.strip_suffix("/.default") == Some(RESOURCE);
        if asked { Ok(client) } else { Err("invalid_scope") }
    }
}

fn signed(service: &Service, client: &str, now: DateTime<Utc>) -> Result<String, Error> {
    let own = service.identity().newest();
    let claims = Claims {
        iss: service.did().as_str().to_owned(),
        aud: RESOURCE.to_owned(),
        sub: client.to_owned(),
        iat: now.timestamp(),
        exp: (now + LIFE).timestamp(),
        jti: super::random_uuid(),
    };
    let header = HeaderBuilder::new(Algorithm::Es256).typ(TYP).kid(own.id.as_str());
    let jws = UnsignedJws::new(&header, &serde_json::to_vec(&claims)?);
    Ok(jws.sign(&own.key)?)
}

/// Whether a request bears a good token of a client that is still known.
pub(super) fn is_allowed(service: &Service, entra: &Entra, headers: &HeaderMap) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    given.is_some_and(|token| is_good(service, entra, token, Utc::now()).is_some())
}

fn is_good(service: &Service, entra: &Entra, token: &str, now: DateTime<Utc>) -> Option<()> {
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).ok()?;
    let did = service.did().as_str();
    let kid = jws.header().kid.as_deref()?.strip_prefix(did)?.strip_prefix('#')?;
    if jws.header().typ.as_deref() != Some(TYP) {
        return None;
    }
    let key = service.identity().key(kid)?.verification_key();
    let claims = jws.verify(key).ok()?;
    let claims: Claims = strict::parse(claims.payload(), &strict::Limits::default()).ok()?;
    let ours = claims.iss == did && claims.aud == RESOURCE && entra.has_client(&claims.sub);
    (ours && now.timestamp() < claims.exp).then_some(())
}

fn refused(status: StatusCode, error: &'static str) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(json!({ "error": error }))).into_response()
}
