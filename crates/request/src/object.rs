//! The request object: as it is served, and as a wallet reads it.

use std::fmt;

use serde::{Deserialize, Serialize};
use staffpass_jose::{NumericDate, UnverifiedJws, VerificationKey, json, jws};
use staffpass_query::Query;

use crate::text::KeyId;
use crate::{Protocol, RequestError, Transport, microsoft, openid4vp};

/// A signed request object, in compact form, as it is served: with [`media_type`](Self::media_type)
/// and not a byte more, since a line break after it would break the signature's base64url in a
/// wallet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestObject {
    protocol: Protocol,
    compact: String,
}

impl RequestObject {
    pub(crate) const fn signed(compact: String, protocol: Protocol) -> Self {
        Self { protocol, compact }
    }

    /// Reads a request object that somebody else made, with addresses over https.
    ///
    /// # Errors
    /// See [`UnverifiedRequestObject::parse`].
    pub fn parse(compact: &str) -> Result<UnverifiedRequestObject, RequestError> {
        UnverifiedRequestObject::parse(compact, Transport::Https)
    }

    /// The compact form: the whole body of the reply to the wallet.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compact
    }

    /// The `Content-Type` of the reply to the wallet.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        self.protocol.request_media_type()
    }

    /// Its protocol.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }
}

/// Prints nothing of what it says.
impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObject").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// A request object as a wallet received it: well-formed, and not believed.
///
/// Act on what [`verify`](Self::verify) returns alone. It wants a key of the DID that
/// [`client_did`](Self::client_did) names (that `client_id` is that DID's has been checked).
#[derive(Clone)]
pub struct UnverifiedRequestObject {
    jws: UnverifiedJws,
    key_id: KeyId,
    request: AuthorizationRequest,
}

impl UnverifiedRequestObject {
    /// Reads a request object, and refuses what the wallets of its protocol refuse.
    ///
    /// # Errors
    /// [`RequestError::Jws`], [`RequestError::Json`] for what cannot be read at all;
    /// [`RequestError::Typ`] for another `typ` than that of a protocol;
    /// [`RequestError::KeyIdForm`], [`RequestError::Algorithm`], [`RequestError::ClientIdNotOfKey`]
    /// and [`RequestError::ClientIdPrefix`] for who asks; [`RequestError::MemberMissing`],
    /// [`RequestError::MemberValue`] and [`RequestError::MemberForbidden`] for how;
    /// [`RequestError::AddressForm`] and [`RequestError::AddressScheme`] for where the answer
    /// should go; [`RequestError::Query`] for what is asked.
    pub fn parse(compact: &str, transport: Transport) -> Result<Self, RequestError> {
        let limits = object_limits();
        let jws = UnverifiedJws::parse(compact, &limits)?;
        let kid =
            jws.header().kid.as_deref().ok_or(RequestError::MemberMissing { member: "kid" })?;
        let key_id = KeyId::parse(kid)?;
        let request = match protocol_of(jws.header().typ.as_deref())? {
            Protocol::OpenId4Vp => AuthorizationRequest::OpenId4Vp(
                openid4vp::AuthorizationRequest::read(&jws, &key_id, transport, &limits.json)?,
            ),
            Protocol::JwtVcPresentationProfile => AuthorizationRequest::JwtVcPresentationProfile(
                microsoft::AuthorizationRequest::read(&jws, &key_id, transport, &limits.json)?,
            ),
        };
        Ok(Self { jws, key_id, request })
    }

    /// Its protocol, by its `typ`.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.request.protocol()
    }

    /// The client identifier, with its prefix if it has one.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.request.client_id()
    }

    /// The DID of the client, whose document must have the key.
    #[must_use]
    pub fn client_did(&self) -> &str {
        self.key_id.did()
    }

    /// `kid`: the DID URL of the key.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.key_id.as_str()
    }

    /// The claims, once the signature verifies under a key that the caller has found in the
    /// client's DID document.
    ///
    /// # Errors
    /// [`RequestError::Jws`] where it does not.
    pub fn verify(&self, key: &VerificationKey) -> Result<&AuthorizationRequest, RequestError> {
        let _verified = self.jws.verify(key)?;
        Ok(&self.request)
    }

    /// The claims without any belief, for tools that show what a request says.
    #[must_use]
    pub const fn unverified_request(&self) -> &AuthorizationRequest {
        &self.request
    }
}

/// Prints nothing of what it says.
impl fmt::Debug for UnverifiedRequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedRequestObject")
            .field("protocol", &self.protocol())
            .finish_non_exhaustive()
    }
}

/// What a verifier asks, in one of the protocols.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthorizationRequest {
    /// OpenID4VP 1.0.
    OpenId4Vp(openid4vp::AuthorizationRequest),
    /// The JWT VC Presentation Profile, as Microsoft's wallets read it.
    JwtVcPresentationProfile(microsoft::AuthorizationRequest),
}

impl AuthorizationRequest {
    /// Its protocol.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::OpenId4Vp(_) => Protocol::OpenId4Vp,
            Self::JwtVcPresentationProfile(_) => Protocol::JwtVcPresentationProfile,
        }
    }

    /// The client identifier: the audience of every presentation.
    #[must_use]
    pub fn client_id(&self) -> &str {
        match self {
            Self::OpenId4Vp(request) => &request.client_id,
            Self::JwtVcPresentationProfile(request) => &request.client_id,
        }
    }

    /// The nonce of every presentation.
    #[must_use]
    pub fn nonce(&self) -> &str {
        match self {
            Self::OpenId4Vp(request) => &request.nonce,
            Self::JwtVcPresentationProfile(request) => &request.nonce,
        }
    }

    /// The state to send back, if there is one.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::OpenId4Vp(request) => request.state.as_deref(),
            Self::JwtVcPresentationProfile(request) => Some(&request.state),
        }
    }

    /// Where the answer is posted.
    #[must_use]
    pub fn response_uri(&self) -> &str {
        match self {
            Self::OpenId4Vp(request) => &request.response_uri,
            Self::JwtVcPresentationProfile(request) => &request.redirect_uri,
        }
    }

    /// What is asked for.
    #[must_use]
    pub const fn query(&self) -> &Query {
        match self {
            Self::OpenId4Vp(request) => &request.query,
            Self::JwtVcPresentationProfile(request) => &request.query,
        }
    }

    /// From when on no answer is wanted, if it says so.
    #[must_use]
    pub const fn expires_at(&self) -> Option<NumericDate> {
        match self {
            Self::OpenId4Vp(request) => request.expires_at,
            Self::JwtVcPresentationProfile(request) => Some(request.expires_at),
        }
    }
}

/// The one place where `typ` chooses (RFC 8725 §3.11): each protocol has a `typ` of its own.
fn protocol_of(typ: Option<&str>) -> Result<Protocol, RequestError> {
    let protocols = [Protocol::OpenId4Vp, Protocol::JwtVcPresentationProfile];
    let own = |protocol: &Protocol| Some(protocol.request_typ()) == typ;
    protocols.into_iter().find(own).ok_or(RequestError::Typ)
}

/// A real request of Microsoft's service has 15 kB (two long-form did:ion, and 3 kB of state).
fn object_limits() -> jws::Limits {
    let mut limits = jws::Limits::default();
    limits.max_bytes = 256 * 1024;
    limits.json = json_limits(limits.json);
    limits
}

const fn json_limits(mut limits: json::Limits) -> json::Limits {
    limits.max_bytes = 192 * 1024;
    limits
}
