//! A request as a wallet reads it.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};
use staffpass_jose::json;
use staffpass_jose::{NumericDate, UnverifiedJws};
use staffpass_query::{CredentialQuery, DcqlQuery, Query};
use url::form_urlencoded;

use super::claims::{Claims, ClientMetadata, RESPONSE_TYPE, STATIC_AUDIENCE};
use super::party::check_unsigned;
use super::{ResponseEncryption, encryption};
use crate::client::Client;
use crate::error::Address;
use crate::{RequestError, ResponseMode, Transport};

/// Bytes of `nonce` and `state` that are read.
const MAX_ECHOED: usize = 1024;

/// Bytes of a link that holds a whole request.
const MAX_LINK: usize = 16 * 1024;

/// A request as a wallet of this protocol understands it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// The client identifier, with its prefix: the audience of every presentation.
    pub client_id: String,
    /// How the answer is sent.
    pub response_mode: ResponseMode,
    /// To which key the answer is encrypted, where `response_mode` wants it so.
    pub response_encryption: Option<ResponseEncryption>,
    /// What the wallet gave as `wallet_nonce`, if it did: to be compared with what it sent.
    pub wallet_nonce: Option<String>,
    /// Where the answer is posted.
    pub response_uri: String,
    /// Goes into every presentation.
    pub nonce: String,
    /// Goes back beside the `vp_token`.
    pub state: Option<String>,
    /// When the request was made, if it says so.
    pub issued_at: Option<NumericDate>,
    /// When it ends, if it says so.
    pub expires_at: Option<NumericDate>,
    /// What is asked for: a DCQL query.
    pub query: Query,
    /// The formats that the verifier can verify, each with its parameters (§11.1).
    pub vp_formats_supported: Map<String, Value>,
}

impl AuthorizationRequest {
    /// Reads the claims of a signed request, and refuses what the text forbids or what is not
    /// implemented.
    pub(crate) fn read(
        jws: &UnverifiedJws,
        transport: Transport,
        limits: &json::Limits,
    ) -> Result<(Self, Client), RequestError> {
        let payload = jws.unverified_payload();
        let claims: Claims = json::parse(payload, limits)?;
        let further: Further = json::parse(payload, limits)?;
        check_constant(claims.aud.as_deref(), STATIC_AUDIENCE, "aud")?;
        let request = Self::of(claims, further, transport)?;
        let client = Client::of(&request.client_id, jws.header(), &request.response_uri)?;
        Ok((request, client))
    }

    /// Reads an unsigned request out of its own link (§5, prefix `redirect_uri`). Nobody vouches for
    /// it: whoever made the link is whom it answers.
    ///
    /// # Errors
    /// [`RequestError::LinkForm`], [`RequestError::LinkParameter`], and what is said at
    /// [`UnverifiedRequestObject::parse`](crate::UnverifiedRequestObject::parse).
    pub fn from_unsigned_link(link: &str, transport: Transport) -> Result<Self, RequestError> {
        let members = by_value(link)?;
        let limits = json::Limits::default();
        let text = serde_json::Value::Object(members).to_string();
        let claims: Claims = json::parse(text.as_bytes(), &limits)?;
        let further: Further = json::parse(text.as_bytes(), &limits)?;
        let request = Self::of(claims, further, transport)?;
        check_unsigned(&request.client_id, &request.response_uri)?;
        Ok(request)
    }

    fn of(claims: Claims, further: Further, transport: Transport) -> Result<Self, RequestError> {
        check_refused(&further)?;
        check_constant(claims.response_type.as_deref(), RESPONSE_TYPE, "response_type")?;
        let response_mode = response_mode(claims.response_mode.as_deref())?;
        let client_id = claims.client_id.ok_or(missing("client_id"))?;
        let response_uri = claims.response_uri.ok_or(missing("response_uri"))?;
        transport.read(&response_uri, Address::Response)?;
        let query = claims.dcql_query.ok_or(missing("dcql_query"))?;
        let query = DcqlQuery::from_value(&query)?;
        let state = claims.state.map(|state| unreserved(state, "state")).transpose()?;
        check_state(state.as_deref(), &query)?;
        let metadata = claims.client_metadata.ok_or(missing("client_metadata"))?;
        Ok(Self {
            client_id,
            response_mode,
            response_encryption: encryption_of(response_mode, &metadata)?,
            wallet_nonce: further.wallet_nonce,
            response_uri,
            nonce: unreserved(claims.nonce.ok_or(missing("nonce"))?, "nonce")?,
            state,
            issued_at: claims.iat,
            expires_at: claims.exp,
            query: query.into(),
            vp_formats_supported: formats_of(metadata)?,
        })
    }

    /// The DCQL query.
    #[must_use]
    pub const fn dcql_query(&self) -> Option<&DcqlQuery> {
        match &self.query {
            Query::Dcql(query) => Some(query),
            _ => None,
        }
    }
}

/// Prints neither secrets nor what is asked.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("response_mode", &self.response_mode)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Members that change what a request means, and that are not implemented or not allowed; and the
/// one that only a wallet reads.
#[derive(Deserialize)]
struct Further {
    redirect_uri: Option<Value>,
    scope: Option<Value>,
    transaction_data: Option<Value>,
    presentation_definition: Option<Value>,
    request: Option<Value>,
    request_uri: Option<Value>,
    wallet_nonce: Option<String>,
}

/// §8.2: no `redirect_uri` beside `response_uri`. §5.1: one query, and here it is DCQL. §8.4:
/// transaction data that a wallet does not understand end the request. RFC 9101 §4: no request in a
/// request.
fn check_refused(members: &Further) -> Result<(), RequestError> {
    let refused = [
        (&members.redirect_uri, "redirect_uri"),
        (&members.scope, "scope"),
        (&members.transaction_data, "transaction_data"),
        (&members.presentation_definition, "presentation_definition"),
        (&members.request, "request"),
        (&members.request_uri, "request_uri"),
    ];
    match refused.into_iter().find(|(value, _)| value.is_some()) {
        Some((_, member)) => Err(RequestError::MemberForbidden { member }),
        None => Ok(()),
    }
}

fn check_constant(
    found: Option<&str>,
    wanted: &str,
    member: &'static str,
) -> Result<(), RequestError> {
    match found {
        Some(found) if found == wanted => Ok(()),
        Some(_) => Err(RequestError::MemberValue { member }),
        None => Err(missing(member)),
    }
}

fn response_mode(found: Option<&str>) -> Result<ResponseMode, RequestError> {
    let member = "response_mode";
    let spoken = [ResponseMode::DirectPost, ResponseMode::DirectPostJwt];
    let found = found.ok_or(missing(member))?;
    let mode = spoken.into_iter().find(|mode| mode.as_str() == found);
    mode.ok_or(RequestError::MemberValue { member })
}

/// §8.3.1: an encrypted answer needs a key.
fn encryption_of(
    mode: ResponseMode,
    metadata: &ClientMetadata,
) -> Result<Option<ResponseEncryption>, RequestError> {
    if mode != ResponseMode::DirectPostJwt {
        return Ok(None);
    }
    let listed = metadata.encrypted_response_enc_values_supported.as_deref();
    encryption::read(metadata.jwks.as_ref(), listed).map(Some)
}

/// §5.3: required as soon as one presentation may lack holder binding.
fn check_state(state: Option<&str>, query: &DcqlQuery) -> Result<(), RequestError> {
    let bound = query.credentials().iter().all(CredentialQuery::requires_holder_binding);
    if state.is_none() && !bound { Err(missing("state")) } else { Ok(()) }
}

/// §5.1: required, unless the wallet knows it otherwise.
fn formats_of(metadata: ClientMetadata) -> Result<Map<String, Value>, RequestError> {
    metadata.vp_formats_supported.ok_or(missing("vp_formats_supported"))
}

/// The parameters of a link by value: those that are JSON are read as such.
fn by_value(link: &str) -> Result<Map<String, Value>, RequestError> {
    if link.len() > MAX_LINK || !link.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(RequestError::LinkForm);
    }
    let query = link.strip_prefix("openid4vp://?").ok_or(RequestError::LinkScheme)?;
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(query.replace('+', "%2B").as_bytes()) {
        let value = match &*name {
            "dcql_query" | "client_metadata" | "transaction_data" | "verifier_info" => {
                json::parse(value.as_bytes(), &json::Limits::default())?
            }
            _ => Value::from(&*value),
        };
        if members.insert(name.into_owned(), value).is_some() {
            return Err(RequestError::LinkForm);
        }
    }
    Ok(members)
}

/// §5.2: letters, digits, `-`, `.`, `_`, `~` (RFC 3986 §2.3).
fn unreserved(text: String, member: &'static str) -> Result<String, RequestError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.is_empty() || text.len() > MAX_ECHOED || !text.bytes().all(allowed) {
        return Err(RequestError::MemberValue { member });
    }
    Ok(text)
}

const fn missing(member: &'static str) -> RequestError {
    RequestError::MemberMissing { member }
}
