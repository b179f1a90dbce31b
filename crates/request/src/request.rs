//! A request, ready to be shown, served and remembered; and before it is signed.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use staffpass_jose::{NumericDate, Signer, UnsignedJws, VerificationKey};

use crate::openid4vp::ResponseKey;
use crate::{
    Endpoints, Expectation, ExpectationBuilder, Handle, Nonce, Protocol, RequestError, RequestId,
    RequestIdDigest, RequestObject, State,
};

/// How long a request lives unless told otherwise: as long as Microsoft's own.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);

/// How long a request may live at most. A QR code that is photographed and relayed is worth nothing
/// after that (attack B1).
pub const MAX_LIFETIME: Duration = Duration::from_secs(600);

/// A signed request: what the portal shows, serves and stores.
///
/// The object is the same each time it is served until it expires (attack P19). Store all of it or
/// its [`expectation`](Self::expectation) and [`object`](Self::object), under
/// [`request_id_digest`](Self::request_id_digest) and the expectation's `handle_digest`. Its JSON,
/// by serde, is for storage, and holds the secrets of the request.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    link: String,
    request_uri: String,
    request_id_digest: RequestIdDigest,
    response_uri: String,
    object: RequestObject,
    expectation: Expectation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_key: Option<ResponseKey>,
}

impl Request {
    /// What the QR code says, and what a person on the same device follows.
    #[must_use]
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Where the wallet fetches the request object: the address that was given, and an unguessable
    /// segment.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        &self.request_uri
    }

    /// SHA-256 of the last segment of [`request_uri`](Self::request_uri), by which the object is
    /// found.
    #[must_use]
    pub const fn request_id_digest(&self) -> &RequestIdDigest {
        &self.request_id_digest
    }

    /// Where the wallet posts its answer: the address that was given, and the handle. For the
    /// request object and tests; what is stored of it is in the expectation.
    #[must_use]
    pub fn response_uri(&self) -> &str {
        &self.response_uri
    }

    /// The signed request object, to be served.
    #[must_use]
    pub const fn object(&self) -> &RequestObject {
        &self.object
    }

    /// What the answer will be held against.
    #[must_use]
    pub const fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// The key by which an encrypted answer is opened, where one was asked for: to be kept beside the
    /// expectation, sealed if the store is not.
    #[must_use]
    pub const fn response_key(&self) -> Option<&ResponseKey> {
        self.response_key.as_ref()
    }

    /// What the answer will be held against, by itself.
    #[must_use]
    pub fn into_expectation(self) -> Expectation {
        self.expectation
    }
}

/// Prints no secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("expectation", &self.expectation).finish_non_exhaustive()
    }
}

/// A request whose signature is still missing. Sign it at once, or in two steps where the key is in
/// an HSM or a KMS.
#[must_use]
pub struct UnsignedRequest {
    pub(crate) jws: UnsignedJws,
    pub(crate) protocol: Protocol,
    pub(crate) link: String,
    pub(crate) addresses: Addresses,
    pub(crate) expectation: Expectation,
    pub(crate) response_key: Option<ResponseKey>,
}

/// The addresses of one request.
pub(crate) struct Addresses {
    pub(crate) request_uri: String,
    pub(crate) request_id_digest: RequestIdDigest,
    pub(crate) response_uri: String,
}

impl UnsignedRequest {
    /// The bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// Adds the signature, after checking it under the published key as any wallet will.
    ///
    /// # Errors
    /// [`RequestError::Signing`] for a key of another algorithm than the party's, or a signature
    /// that does not verify.
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<Request, RequestError> {
        let Self { jws, protocol, link, addresses, expectation, response_key } = self;
        let object = RequestObject::signed(jws.with_signature(signature, published)?, protocol);
        Ok(signed(object, link, addresses, expectation, response_key))
    }

    /// Signs at once.
    ///
    /// # Errors
    /// [`RequestError::Signing`] where the signer fails, or is of another algorithm than the
    /// party's.
    pub fn sign(self, signer: &dyn Signer) -> Result<Request, RequestError> {
        let Self { jws, protocol, link, addresses, expectation, response_key } = self;
        let object = RequestObject::signed(jws.sign(signer)?, protocol);
        Ok(signed(object, link, addresses, expectation, response_key))
    }
}

/// Prints no secret.
impl fmt::Debug for UnsignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequest")
            .field("expectation", &self.expectation)
            .finish_non_exhaustive()
    }
}

fn signed(
    object: RequestObject,
    link: String,
    addresses: Addresses,
    expectation: Expectation,
    response_key: Option<ResponseKey>,
) -> Request {
    let Addresses { request_uri, request_id_digest, response_uri } = addresses;
    Request {
        link,
        request_uri,
        request_id_digest,
        response_uri,
        object,
        expectation,
        response_key,
    }
}

/// An unsigned request, whole in its link: for tests of wallets alone (see
/// [`openid4vp::Party::unsigned_for_tests`](crate::openid4vp::Party::unsigned_for_tests)).
#[derive(Clone)]
pub struct ByValueRequest {
    pub(crate) link: String,
    pub(crate) response_uri: String,
    pub(crate) expectation: Expectation,
    pub(crate) response_key: Option<ResponseKey>,
}

impl ByValueRequest {
    /// The link, with everything that is asked in it. Too long for many cameras.
    #[must_use]
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Where the wallet posts its answer.
    #[must_use]
    pub fn response_uri(&self) -> &str {
        &self.response_uri
    }

    /// What the answer will be held against. Its client identifier is the response address, handle
    /// and all.
    #[must_use]
    pub const fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// The key by which an encrypted answer is opened.
    #[must_use]
    pub const fn response_key(&self) -> Option<&ResponseKey> {
        self.response_key.as_ref()
    }
}

/// Prints no secret.
impl fmt::Debug for ByValueRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByValueRequest")
            .field("expectation", &self.expectation)
            .finish_non_exhaustive()
    }
}

/// What every request has whatever its protocol: its own secrets, and its life.
pub(crate) struct Draft {
    pub(crate) nonce: Nonce,
    pub(crate) state: State,
    pub(crate) handle: Handle,
    pub(crate) id: RequestId,
    pub(crate) issued: NumericDate,
    pub(crate) expires: NumericDate,
}

impl Draft {
    pub(crate) fn new(
        now: DateTime<Utc>,
        lifetime: Duration,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RequestError> {
        let (issued, expires) = window(now, lifetime)?;
        Ok(Self {
            nonce: Nonce::generate(rng),
            state: State::generate(rng),
            handle: Handle::generate(rng),
            id: RequestId::generate(rng),
            issued,
            expires,
        })
    }

    /// What is kept of it, but for what the protocol adds.
    pub(crate) fn into_expectation(
        self,
        client_id: &str,
        endpoints: &Endpoints,
        tenant: Option<&str>,
    ) -> ExpectationBuilder {
        let (issued, expires) = (self.issued.floor(), self.expires.floor());
        let builder = ExpectationBuilder::new(client_id.to_owned(), self.nonce, issued, expires)
            .own_state(self.state)
            .response_address(endpoints.response(), self.handle.digest());
        match tenant {
            Some(tenant) => builder.tenant(tenant),
            None => builder,
        }
    }

    pub(crate) fn addresses(&self, endpoints: &Endpoints) -> Addresses {
        Addresses {
            request_uri: endpoints.request_uri(self.id.as_str()),
            request_id_digest: self.id.digest(),
            response_uri: endpoints.response_uri(self.handle.as_str()),
        }
    }
}

/// Whole seconds, so that what is kept is what is sent.
fn window(
    now: DateTime<Utc>,
    lifetime: Duration,
) -> Result<(NumericDate, NumericDate), RequestError> {
    let limit = MAX_LIFETIME.as_secs();
    if !(1..=limit).contains(&lifetime.as_secs()) || lifetime > MAX_LIFETIME {
        return Err(RequestError::Lifetime { limit });
    }
    let issued = NumericDate::from_datetime(now).ok_or(RequestError::Clock)?;
    let lifetime = chrono::TimeDelta::from_std(lifetime).map_err(|_| RequestError::Clock)?;
    let expires = issued.floor().checked_add_signed(lifetime).ok_or(RequestError::Clock)?;
    Ok((issued, NumericDate::from_datetime(expires).ok_or(RequestError::Clock)?))
}
