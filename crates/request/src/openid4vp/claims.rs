//! The claims of a request object, written and read.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use staffpass_jose::json::{self, JsonError};
use staffpass_jose::{Algorithm, NumericDate, UnverifiedJws};
use staffpass_query::{CredentialQuery, DcqlQuery, Format, Query};

use super::{ClientIdPrefix, Party};
use crate::error::Address;
use crate::request::Draft;
use crate::text::KeyId;
use crate::{RequestError, ResponseMode, Transport};

/// §5.8: the audience where the verifier has not discovered the wallet's metadata.
const STATIC_AUDIENCE: &str = "https://self-issued.me/v2";

const RESPONSE_TYPE: &str = "vp_token";

/// Bytes of `nonce` and `state` that are read.
const MAX_ECHOED: usize = 1024;

/// What is on the wire. Members that are not here are ignored, as the text wants it, but for those
/// in [`Refused`].
#[derive(Serialize, Deserialize)]
struct Claims {
    client_id: Option<String>,
    aud: Option<String>,
    response_type: Option<String>,
    response_mode: Option<String>,
    response_uri: Option<String>,
    nonce: Option<String>,
    state: Option<String>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
    dcql_query: Option<Value>,
    client_metadata: Option<ClientMetadata>,
}

#[derive(Serialize, Deserialize)]
struct ClientMetadata {
    vp_formats_supported: Option<Map<String, Value>>,
}

/// Members that change what a request means, and that are not implemented or not allowed.
#[derive(Deserialize)]
struct Refused {
    redirect_uri: Option<Value>,
    scope: Option<Value>,
    transaction_data: Option<Value>,
    presentation_definition: Option<Value>,
    request: Option<Value>,
    request_uri: Option<Value>,
}

/// The payload to sign.
pub(super) fn write(
    party: &Party,
    draft: &Draft,
    response_uri: &str,
    query: &DcqlQuery,
) -> Result<Vec<u8>, RequestError> {
    let shape = |_| RequestError::Json(JsonError::Shape);
    let claims = Claims {
        client_id: Some(party.client_id.clone()),
        aud: Some(STATIC_AUDIENCE.to_owned()),
        response_type: Some(RESPONSE_TYPE.to_owned()),
        response_mode: Some(ResponseMode::DirectPost.as_str().to_owned()),
        response_uri: Some(response_uri.to_owned()),
        nonce: Some(draft.nonce.as_str().to_owned()),
        state: Some(draft.state.as_str().to_owned()),
        iat: Some(draft.issued),
        exp: Some(draft.expires),
        dcql_query: Some(serde_json::to_value(query).map_err(shape)?),
        client_metadata: Some(ClientMetadata { vp_formats_supported: Some(formats(query)?) }),
    };
    serde_json::to_vec(&claims).map_err(shape)
}

/// §11.1: `vp_formats_supported`, for the formats that are asked for.
fn formats(query: &DcqlQuery) -> Result<Map<String, Value>, RequestError> {
    let mut formats = Map::new();
    for (part, credential) in query.credentials().iter().enumerate() {
        let metadata = metadata(credential).ok_or(RequestError::FormatNotSpoken { part })?;
        formats.insert(credential.format().as_str().to_owned(), metadata);
    }
    Ok(formats)
}

/// Appendix B.1.3.1 for `jwt_vc_json`. None for a format that is not spoken here.
fn metadata(credential: &CredentialQuery) -> Option<Value> {
    match credential.format() {
        Format::JwtVcJson => Some(json!({ "alg_values": Algorithm::ALL.map(Algorithm::name) })),
        _ => None,
    }
}

/// A request as a wallet of this protocol understands it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// The client identifier, with its prefix: the audience of every presentation.
    pub client_id: String,
    /// How the answer is sent.
    pub response_mode: ResponseMode,
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
    /// Reads the claims, and refuses what the text forbids or what is not implemented.
    pub(crate) fn read(
        jws: &UnverifiedJws,
        key_id: &KeyId,
        transport: Transport,
        limits: &json::Limits,
    ) -> Result<Self, RequestError> {
        let payload = jws.unverified_payload();
        let claims: Claims = json::parse(payload, limits)?;
        check_refused(&json::parse(payload, limits)?)?;
        check_constants(&claims)?;
        let client_id = claims.client_id.ok_or(missing("client_id"))?;
        check_client_id(&client_id, key_id)?;
        let response_uri = claims.response_uri.ok_or(missing("response_uri"))?;
        transport.read(&response_uri, Address::Response)?;
        let query = claims.dcql_query.ok_or(missing("dcql_query"))?;
        let query = DcqlQuery::from_value(&query)?;
        let state = claims.state.map(|state| unreserved(state, "state")).transpose()?;
        check_state(state.as_deref(), &query)?;
        Ok(Self {
            client_id,
            response_mode: ResponseMode::DirectPost,
            response_uri,
            nonce: unreserved(claims.nonce.ok_or(missing("nonce"))?, "nonce")?,
            state,
            issued_at: claims.iat,
            expires_at: claims.exp,
            query: query.into(),
            vp_formats_supported: formats_of(claims.client_metadata)?,
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

/// §8.2: no `redirect_uri` beside `response_uri`. §5.1: one query, and here it is DCQL. §8.4:
/// transaction data that a wallet does not understand end the request. RFC 9101 §4: no request in a
/// request.
fn check_refused(members: &Refused) -> Result<(), RequestError> {
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

fn check_constants(claims: &Claims) -> Result<(), RequestError> {
    let constants = [
        (&claims.aud, STATIC_AUDIENCE, "aud"),
        (&claims.response_type, RESPONSE_TYPE, "response_type"),
        (&claims.response_mode, ResponseMode::DirectPost.as_str(), "response_mode"),
    ];
    for (found, wanted, member) in constants {
        match found.as_deref() {
            Some(found) if found == wanted => {}
            Some(_) => return Err(RequestError::MemberValue { member }),
            None => return Err(missing(member)),
        }
    }
    Ok(())
}

/// §5.9.3: `kid` is a key of the DID after the prefix.
fn check_client_id(client_id: &str, key_id: &KeyId) -> Result<(), RequestError> {
    let (prefix, did) = ClientIdPrefix::split(client_id).ok_or(RequestError::ClientIdPrefix)?;
    match prefix {
        ClientIdPrefix::DecentralizedIdentifier if did == key_id.did() => Ok(()),
        ClientIdPrefix::DecentralizedIdentifier => Err(RequestError::ClientIdNotOfKey),
    }
}

/// §5.3: required as soon as one presentation may lack holder binding.
fn check_state(state: Option<&str>, query: &DcqlQuery) -> Result<(), RequestError> {
    let bound = query.credentials().iter().all(CredentialQuery::requires_holder_binding);
    if state.is_none() && !bound { Err(missing("state")) } else { Ok(()) }
}

/// §5.1: required, unless the wallet knows it otherwise.
fn formats_of(metadata: Option<ClientMetadata>) -> Result<Map<String, Value>, RequestError> {
    let metadata = metadata.ok_or(missing("client_metadata"))?;
    metadata.vp_formats_supported.ok_or(missing("vp_formats_supported"))
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
