//! The request object: as it is served, and as a wallet reads it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass_jose::{
    HeaderBuilder, NumericDate, Signer, UnsignedJws, UnverifiedJws, VerificationKey, json, jws,
};
use staffpass_query::Query;

use crate::client::{Client, ClientKey};
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

    /// The same object with the `wallet_nonce` of a wallet that fetches it by POST (OpenID4VP 1.0
    /// §5.10), to be signed again and served to that wallet alone.
    ///
    /// # Errors
    /// [`RequestError::MemberForbidden`] in the JWT VC Presentation Profile, which knows no such
    /// thing.
    pub fn with_wallet_nonce(&self, nonce: &str) -> Result<UnsignedRequestObject, RequestError> {
        if self.protocol == Protocol::JwtVcPresentationProfile {
            return Err(RequestError::MemberForbidden { member: "wallet_nonce" });
        }
        let limits = object_limits();
        let jws = UnverifiedJws::parse(&self.compact, &limits)?;
        let mut claims: Map<String, Value> = json::parse(jws.unverified_payload(), &limits.json)?;
        claims.insert("wallet_nonce".to_owned(), nonce.into());
        let mut header = HeaderBuilder::new(jws.header().alg).typ(self.protocol.request_typ());
        if let Some(kid) = jws.header().kid.as_deref() {
            header = header.kid(kid);
        }
        if let Some(certificates) = jws.header().x5c() {
            header = header.x5c(certificates);
        }
        let payload = Value::Object(claims).to_string();
        let jws = UnsignedJws::new(&header, payload.as_bytes());
        Ok(UnsignedRequestObject { jws, protocol: self.protocol })
    }
}

/// A request object whose signature is still missing, in the two steps of
/// [`UnsignedRequest`](crate::UnsignedRequest).
#[must_use]
pub struct UnsignedRequestObject {
    jws: UnsignedJws,
    protocol: Protocol,
}

impl UnsignedRequestObject {
    /// The bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// Adds the signature, after checking it under the published key.
    ///
    /// # Errors
    /// [`RequestError::Signing`].
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<RequestObject, RequestError> {
        Ok(RequestObject::signed(self.jws.with_signature(signature, published)?, self.protocol))
    }

    /// Signs at once.
    ///
    /// # Errors
    /// [`RequestError::Signing`].
    pub fn sign(self, signer: &dyn Signer) -> Result<RequestObject, RequestError> {
        Ok(RequestObject::signed(self.jws.sign(signer)?, self.protocol))
    }
}

/// Prints nothing of what it says.
impl fmt::Debug for UnsignedRequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequestObject").finish_non_exhaustive()
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
/// Act on what [`verify`](Self::verify) returns alone. It wants the key to which
/// [`client_key`](Self::client_key) leads (that it is the client's own, by `client_id`, has been
/// checked).
#[derive(Clone)]
pub struct UnverifiedRequestObject {
    jws: UnverifiedJws,
    client: Client,
    request: AuthorizationRequest,
}

impl UnverifiedRequestObject {
    /// Reads a request object, and refuses what the wallets of its protocol refuse.
    ///
    /// # Errors
    /// [`RequestError::Jws`], [`RequestError::Json`] for what cannot be read at all;
    /// [`RequestError::Typ`] for another `typ` than that of a protocol;
    /// [`RequestError::KeyIdForm`], [`RequestError::Algorithm`], [`RequestError::ClientIdNotOfKey`],
    /// [`RequestError::ClientIdPrefix`], [`RequestError::CertificateForm`],
    /// [`RequestError::CertificateSelfSigned`] and [`RequestError::CertificateName`] for who asks; [`RequestError::MemberMissing`],
    /// [`RequestError::MemberValue`] and [`RequestError::MemberForbidden`] for how;
    /// [`RequestError::AddressForm`] and [`RequestError::AddressScheme`] for where the answer
    /// should go; [`RequestError::Query`] for what is asked.
    pub fn parse(compact: &str, transport: Transport) -> Result<Self, RequestError> {
        let limits = object_limits();
        let jws = UnverifiedJws::parse(compact, &limits)?;
        let (request, client) = match protocol_of(jws.header().typ.as_deref())? {
            // The drafts share this `typ`, and are not read: they have no query that 1.0 knows.
            Protocol::OpenId4Vp | Protocol::OpenId4VpDraftPe => {
                let read = openid4vp::AuthorizationRequest::read(&jws, transport, &limits.json)?;
                (AuthorizationRequest::OpenId4Vp(read.0), read.1)
            }
            Protocol::JwtVcPresentationProfile => {
                let key = Client::key_id(jws.header())?;
                let read = microsoft::AuthorizationRequest::read;
                let request = read(&jws, &key, transport, &limits.json)?;
                (AuthorizationRequest::JwtVcPresentationProfile(request), Client::Did(key))
            }
        };
        Ok(Self { jws, client, request })
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

    /// Where its key is to be found.
    #[must_use]
    pub fn client_key(&self) -> ClientKey<'_> {
        self.client.key()
    }

    /// The DID of the client, whose document must have the key; empty, which is no DID, where the
    /// client is not known by one ([`client_key`](Self::client_key) says how it is).
    #[must_use]
    pub fn client_did(&self) -> &str {
        match self.client_key() {
            ClientKey::VerificationMethod { did, .. } => did,
            _ => "",
        }
    }

    /// `kid`: the DID URL of the key, or empty as [`client_did`](Self::client_did) is.
    #[must_use]
    pub fn key_id(&self) -> &str {
        match self.client_key() {
            ClientKey::VerificationMethod { key_id, .. } => key_id,
            _ => "",
        }
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
