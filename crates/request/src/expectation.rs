//! What the verifier keeps of a request, and holds the answer against.

use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use staffpass_jose::json;
use staffpass_query::{PatternReading, Query};

use crate::{Handle, HandleDigest, Nonce, Profile, Protocol, RequestError, ResponseMode, State};

/// Exactly what was asked: everything against which an answer is judged.
///
/// A request that is built comes with one. It is stored under
/// [`handle_digest`](Self::handle_digest) and found again by the address that a wallet calls, so
/// that neither the tenant, nor the protocol, nor the response mode, nor the query is ever taken
/// from the body of an answer (attacks P21, P22).
///
/// Its JSON, by serde, is for storage. A member that is not known is refused there: it was written
/// by a later version, and may ask for a check that this one does not make.
///
/// [`builder`](Self::builder) is public for two uses: a protocol that this crate does not know, and
/// judging offline what was asked elsewhere (test vectors, an audit). Only there are nonce and
/// state given by the caller; a request that is sent has its own from the caller's generator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocol: Option<Protocol>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_mode: Option<ResponseMode>,
    #[serde(default, skip_serializing_if = "Profile::is_base")]
    profile: Profile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transaction_data: Vec<String>,
    client_id: String,
    nonce: Nonce,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "shared_query")]
    query: Option<Arc<Query>>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle_digest: Option<HandleDigest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(skip)]
    digest: KnownDigest,
}

/// A query is shared by the clones of its expectation.
mod shared_query {
    use super::{Arc, Query};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(
        query: &Option<Arc<Query>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        query.as_deref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<Query>>, D::Error> {
        Option::<Query>::deserialize(deserializer).map(|query| query.map(Arc::new))
    }
}

/// The digest, once it has been asked for: an expectation never changes. It is no part of what makes
/// two expectations equal.
#[derive(Clone, Default)]
struct KnownDigest(OnceLock<[u8; 32]>);

impl PartialEq for KnownDigest {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for KnownDigest {}

impl Expectation {
    /// Begins an expectation of what was asked elsewhere, or in a protocol of the caller's own.
    ///
    /// `client_id` is the audience of every presentation: with its prefix in OpenID4VP
    /// (`decentralized_identifier:did:web:…`), the bare DID in the JWT VC Presentation Profile.
    /// `nonce` must have been fresh and unguessable where it was made: nothing here can tell.
    pub fn builder(
        client_id: &str,
        nonce: &str,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> ExpectationBuilder {
        let nonce = Nonce::given(nonce);
        ExpectationBuilder::new(client_id.to_owned(), nonce, created_at, expires_at)
    }

    /// The expectation of a bare presentation, outside any protocol: an audience, a nonce and
    /// perhaps a query. For tools that judge offline.
    ///
    /// # Errors
    /// As [`ExpectationBuilder::build`].
    pub fn for_presentation(
        audience: &str,
        nonce: &str,
        query: Option<Query>,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Self, RequestError> {
        let builder = Self::builder(audience, nonce, created_at, expires_at);
        match query {
            Some(query) => builder.query(query).build(),
            None => builder.build(),
        }
    }

    /// The protocol in which the answer must come. None for a bare presentation, and for a protocol
    /// of the caller's own.
    #[must_use]
    pub const fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// How the answer must come.
    #[must_use]
    pub const fn response_mode(&self) -> Option<ResponseMode> {
        self.response_mode
    }

    /// What the answer may be made of.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The id of the key to which the answer is encrypted, where it is: that of the request's
    /// [`ResponseKey`](crate::openid4vp::ResponseKey), which is kept beside this.
    #[must_use]
    pub fn response_key_id(&self) -> Option<&str> {
        self.response_key_id.as_deref()
    }

    /// The transaction data, each entry exactly as it was sent: what the holder's key signs hashes
    /// of (OpenID4VP 1.0 §8.4, B.3.3).
    #[must_use]
    pub fn transaction_data(&self) -> &[String] {
        &self.transaction_data
    }

    /// The whole client identifier, which is the audience of every presentation.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The nonce of every presentation.
    #[must_use]
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// The state that must come back, if one was sent.
    #[must_use]
    pub const fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// What was asked for. None for a bare presentation without a query.
    #[must_use]
    pub fn query(&self) -> Option<&Query> {
        self.query.as_deref()
    }

    /// The id of the presentation definition, where the query is one.
    #[must_use]
    pub fn definition_id(&self) -> Option<&str> {
        match self.query() {
            Some(Query::PresentationDefinition(definition)) => Some(definition.id()),
            _ => None,
        }
    }

    /// When the request was made, in whole seconds.
    #[must_use]
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// From when on no answer is taken, in whole seconds.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Whether no answer is taken any more. No leeway: both times are this verifier's own.
    #[must_use]
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
    }

    /// The address under which answers are taken, without the handle.
    #[must_use]
    pub fn response_endpoint(&self) -> Option<&str> {
        self.response_endpoint.as_deref()
    }

    /// The whole response address, for the handle that belongs to it. (The handle itself is not
    /// kept.)
    #[must_use]
    pub fn response_uri(&self, handle: &Handle) -> Option<String> {
        let endpoint = self.response_endpoint.as_deref()?;
        let own = self.handle_digest == Some(handle.digest());
        own.then(|| format!("{endpoint}/{}", handle.as_str()))
    }

    /// SHA-256 of the handle at the end of the response address: the key under which this is
    /// stored.
    #[must_use]
    pub const fn handle_digest(&self) -> Option<&HandleDigest> {
        self.handle_digest.as_ref()
    }

    /// Whose request it is, where one installation serves several.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// SHA-256 of its JSON in canonical form (RFC 8785), for reports: it proves what was asked, and
    /// betrays nothing, since the nonce cannot be guessed. Computed once.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        *self.digest.0.get_or_init(|| self.compute_digest())
    }

    fn compute_digest(&self) -> [u8; 32] {
        // Neither step can fail: every member is a string, a list or a bounded integer. If one did,
        // the digest would be that of nothing, and match no expectation.
        let json = serde_json::to_value(self).ok().and_then(|value| json::canonical(&value).ok());
        Sha256::digest(json.unwrap_or_default()).into()
    }
}

/// Prints neither secrets nor what is asked.
impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectation")
            .field("protocol", &self.protocol)
            .field("response_mode", &self.response_mode)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Makes an [`Expectation`]; see [`Expectation::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ExpectationBuilder {
    expectation: Expectation,
}

impl ExpectationBuilder {
    pub(crate) fn new(
        client_id: String,
        nonce: Nonce,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            expectation: Expectation {
                protocol: None,
                response_mode: None,
                profile: Profile::Base,
                response_key_id: None,
                transaction_data: Vec::new(),
                client_id,
                nonce,
                state: None,
                query: None,
                created_at,
                expires_at,
                response_endpoint: None,
                handle_digest: None,
                tenant: None,
                digest: KnownDigest::default(),
            },
        }
    }

    /// The protocol and mode in which the answer comes.
    pub const fn protocol(mut self, protocol: Protocol, response_mode: ResponseMode) -> Self {
        self.expectation.protocol = Some(protocol);
        self.expectation.response_mode = Some(response_mode);
        self
    }

    /// The profile under which it was asked.
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.expectation.profile = profile;
        self
    }

    /// The id of the key to which the answer is encrypted.
    pub fn response_key_id(mut self, kid: &str) -> Self {
        self.expectation.response_key_id = Some(kid.to_owned());
        self
    }

    /// The transaction data, as they were sent.
    pub fn transaction_data(mut self, entries: impl IntoIterator<Item = String>) -> Self {
        self.expectation.transaction_data = entries.into_iter().collect();
        self
    }

    /// What was asked for. Patterns of a definition are read as JSON Schema has it, with upper and
    /// lower case told apart, whatever reading the definition came with: that one is the wallet's.
    pub fn query(mut self, query: impl Into<Query>) -> Self {
        self.expectation.query = Some(Arc::new(match query.into() {
            Query::PresentationDefinition(definition) => {
                definition.with_reading(PatternReading::JsonSchema).into()
            }
            other => other,
        }));
        self
    }

    /// The state that was sent.
    pub fn state(self, state: &str) -> Self {
        self.own_state(State::given(state))
    }

    /// Where the answer comes: the address without its last segment, and the digest of that
    /// segment.
    pub fn response_address(mut self, endpoint: &str, handle: HandleDigest) -> Self {
        self.expectation.response_endpoint = Some(endpoint.trim_end_matches('/').to_owned());
        self.expectation.handle_digest = Some(handle);
        self
    }

    /// Whose request it is.
    pub fn tenant(mut self, tenant: &str) -> Self {
        self.expectation.tenant = Some(tenant.to_owned());
        self
    }

    pub(crate) fn own_state(mut self, state: State) -> Self {
        self.expectation.state = Some(state);
        self
    }

    /// The expectation.
    ///
    /// # Errors
    /// [`RequestError::MemberMissing`] for an empty client identifier, nonce or state (each would
    /// match an empty one), [`RequestError::EmptyWindow`] where it expires no later than it begins.
    pub fn build(self) -> Result<Expectation, RequestError> {
        let expectation = self.expectation;
        refuse_empty(&expectation.client_id, "client_id")?;
        refuse_empty(expectation.nonce.as_str(), "nonce")?;
        if let Some(state) = &expectation.state {
            refuse_empty(state.as_str(), "state")?;
        }
        if expectation.expires_at <= expectation.created_at {
            return Err(RequestError::EmptyWindow);
        }
        Ok(expectation)
    }
}

fn refuse_empty(text: &str, member: &'static str) -> Result<(), RequestError> {
    if text.is_empty() { Err(RequestError::MemberMissing { member }) } else { Ok(()) }
}
