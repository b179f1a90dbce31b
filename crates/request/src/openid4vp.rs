//! OpenID for Verifiable Presentations 1.0: DCQL, a signed request object by reference,
//! `direct_post`, by `openid4vp://?client_id=…&request_uri=…`.
//!
//! | member | what is sent | section |
//! |---|---|---|
//! | header `typ`, `kid` | `oauth-authz-req+jwt`, a DID URL of the client | 5, 5.9.3 |
//! | `client_id` | `decentralized_identifier:` and the DID of `kid` | 5.9.3 |
//! | `aud` | `https://self-issued.me/v2`: the wallet's metadata are static | 5.8 |
//! | `response_type`, `response_mode` | `vp_token`, `direct_post` | 5.6, 8.2 |
//! | `response_uri` | ends in the handle; no `redirect_uri` | 8.2 |
//! | `nonce`, `state` | always, of unreserved characters | 5.2 |
//! | `dcql_query` | the query; no `scope` | 5.1 |
//! | `client_metadata.vp_formats_supported` | the formats of the query, with the algorithms that are verified here | 5.1, 11.1 |
//!
//! ```
//! # use chrono::{TimeZone, Utc};
//! use staffpass_jose::Algorithm;
//! use staffpass_request::{Endpoints, RequestedCredential, openid4vp};
//!
//! let base = "https://portal.example";
//! let endpoints = Endpoints::new(&format!("{base}/request"), &format!("{base}/response"))?;
//! let party = openid4vp::Party::new("did:web:portal.example#key-1", Algorithm::Es256, endpoints)?;
//!
//! let identity = RequestedCredential::new("identity", "StaffIdentity")
//!     .with_claims(["family_name"]);
//! # let now = Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap();
//! let unsigned = openid4vp::RequestBuilder::new(&party, [identity])?.build(now, &mut rand::rng())?;
//! assert!(!unsigned.signing_input().is_empty());
//! # Ok::<(), staffpass_request::RequestError>(())
//! ```

mod claims;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use staffpass_jose::{Algorithm, HeaderBuilder, UnsignedJws};
use staffpass_query::DcqlQuery;

pub use claims::AuthorizationRequest;

use crate::link::Link;
use crate::request::Draft;
use crate::text::KeyId;
use crate::{
    DEFAULT_LIFETIME, Endpoints, Protocol, RequestError, RequestedCredential, ResponseMode,
    UnsignedRequest,
};

/// How a client identifier says what it is (§5.9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientIdPrefix {
    /// A DID, whose key signs the request object.
    DecentralizedIdentifier,
}

impl ClientIdPrefix {
    /// The prefix, without the colon after it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DecentralizedIdentifier => "decentralized_identifier",
        }
    }

    /// The prefix of a client identifier, and what follows it. None for a prefix that is not spoken
    /// here.
    #[must_use]
    pub fn split(client_id: &str) -> Option<(Self, &str)> {
        let (prefix, rest) = client_id.split_once(':')?;
        let known = Self::DecentralizedIdentifier;
        (prefix == known.as_str()).then_some((known, rest))
    }
}

/// Who asks: a verifier, as wallets of OpenID4VP see it. Made once, checked once, used for every
/// request.
#[derive(Clone)]
pub struct Party {
    key_id: KeyId,
    client_id: String,
    algorithm: Algorithm,
    endpoints: Endpoints,
}

impl Party {
    /// A verifier whose requests are signed by the key `key_id` (`<did>#<fragment>`) with
    /// `algorithm`, and who is known by the DID of that key.
    ///
    /// # Errors
    /// [`RequestError::KeyIdForm`].
    pub fn new(
        key_id: &str,
        algorithm: Algorithm,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        let key_id = KeyId::parse(key_id)?;
        let prefix = ClientIdPrefix::DecentralizedIdentifier.as_str();
        let client_id = format!("{prefix}:{}", key_id.did());
        Ok(Self { key_id, client_id, algorithm, endpoints })
    }

    /// The whole client identifier, with its prefix.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The signing key's id.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.key_id.as_str()
    }

    /// The algorithm of the signatures.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Prints the client alone.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Builds one request.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBuilder {
    party: Party,
    query: DcqlQuery,
    lifetime: Duration,
    tenant: Option<String>,
}

impl RequestBuilder {
    /// Asks for credentials, each by its type and its claims, all of them.
    ///
    /// # Errors
    /// [`RequestError::Query`] for no credential at all, an id used twice, a claim that is no name.
    pub fn new(
        party: &Party,
        credentials: impl IntoIterator<Item = RequestedCredential>,
    ) -> Result<Self, RequestError> {
        let queries: Vec<_> = credentials
            .into_iter()
            .map(|credential| credential.to_credential_query())
            .collect::<Result<_, _>>()?;
        Ok(Self::for_query(party, DcqlQuery::new(queries)?))
    }

    /// Asks by a DCQL query.
    pub fn for_query(party: &Party, query: DcqlQuery) -> Self {
        Self { party: party.clone(), query, lifetime: DEFAULT_LIFETIME, tenant: None }
    }

    /// How long an answer is taken: [`DEFAULT_LIFETIME`] unless said,
    /// [`MAX_LIFETIME`](crate::MAX_LIFETIME) at most.
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Whose request it is, for the expectation alone: nothing of it is sent.
    pub fn tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.to_owned());
        self
    }

    /// The request, with a nonce, a state, a handle and an id of its own.
    ///
    /// # Errors
    /// [`RequestError::Lifetime`], [`RequestError::Clock`]; [`RequestError::FormatNotSpoken`] where
    /// the query asks for a format other than `jwt_vc_json`.
    pub fn build(
        self,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<UnsignedRequest, RequestError> {
        let Self { party, query, lifetime, tenant } = self;
        let draft = Draft::new(now, lifetime, rng)?;
        let addresses = draft.addresses(&party.endpoints);
        let payload = claims::write(&party, &draft, &addresses.response_uri, &query)?;
        let protocol = Protocol::OpenId4Vp;
        let header = HeaderBuilder::new(party.algorithm)
            .typ(protocol.request_typ())
            .kid(party.key_id.as_str());
        let link = Link::new(protocol, Some(&party.client_id), &addresses.request_uri).to_string();
        let expectation = draft
            .into_expectation(&party.client_id, &party.endpoints, tenant.as_deref())
            .protocol(protocol, ResponseMode::DirectPost)
            .query(query)
            .build()?;
        let jws = UnsignedJws::new(&header, &payload);
        Ok(UnsignedRequest { jws, protocol, link, addresses, expectation })
    }
}
