//! OpenID for Verifiable Presentations 1.0: DCQL, `direct_post` and `direct_post.jwt`, by
//! `openid4vp://?client_id=…&request_uri=…`; and HAIP 1.0 as a [`Profile`] of it.
//!
//! | member | what is sent | section |
//! |---|---|---|
//! | header | `typ` `oauth-authz-req+jwt`; `kid`, or `x5c` without the anchor | 5, 5.9.3 |
//! | `client_id` | as the [`Party`] is known, with its prefix | 5.9 |
//! | `aud` | `https://self-issued.me/v2`: the wallet's metadata are static | 5.8 |
//! | `response_type`, `response_mode` | `vp_token`, `direct_post` or `direct_post.jwt` | 5.6, 8.2, 8.3.1 |
//! | `response_uri` | ends in the handle; no `redirect_uri` | 8.2 |
//! | `nonce`, `state` | always, of unreserved characters | 5.2 |
//! | `dcql_query` | the query; no `scope` | 5.1 |
//! | `client_metadata.vp_formats_supported` | the formats of the query, with the algorithms that are verified here | 5.1, 11.1 |
//! | `client_metadata.jwks` | one key, made for this request, where the answer is encrypted | 8.3 |
//! | `transaction_data`, `verifier_info` | as given | 8.4, 5.11 |
//! | `wallet_nonce` | the wallet's, where it posts for the object | 5.10 |
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

mod attached;
mod claims;
mod encryption;
mod party;
mod read;
mod wallet_post;

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use staffpass_jose::{AgreementKey, UnsignedJws};
use staffpass_query::{CredentialQuery, DcqlQuery, Format};

pub use attached::{TransactionData, VerifierInfo};
pub use encryption::{ResponseEncryption, ResponseKey};
pub(crate) use party::is_host_of;
pub use party::{ClientIdPrefix, Party};
pub use read::AuthorizationRequest;
pub use wallet_post::WalletPost;

use crate::link::Link;
use crate::request::{ByValueRequest, Draft};
use crate::{
    DEFAULT_LIFETIME, Expectation, ExpectationBuilder, Profile, Protocol, RequestError,
    RequestUriMethod, RequestedCredential, ResponseMode, UnsignedRequest,
};

/// Builds one request.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBuilder {
    party: Party,
    query: DcqlQuery,
    lifetime: Duration,
    tenant: Option<String>,
    method: RequestUriMethod,
    response_key: Option<Encryption>,
    transaction_data: Vec<TransactionData>,
    verifier_info: Vec<VerifierInfo>,
}

#[derive(Clone, Debug)]
struct Encryption {
    key: ResponseKey,
    public_jwk: serde_json::Value,
}

impl RequestBuilder {
    /// Asks for credentials, each by its type and its claims, all of them.
    ///
    /// # Errors
    /// [`RequestError::Query`] for no credential at all, an id used twice, a claim that is no name;
    /// [`RequestError::MemberMissing`] for an SD-JWT VC without a `vct`.
    pub fn new(
        party: &Party,
        credentials: impl IntoIterator<Item = RequestedCredential>,
    ) -> Result<Self, RequestError> {
        let queries: Vec<_> = credentials
            .into_iter()
            .enumerate()
            .map(|(part, credential)| credential.to_credential_query(part))
            .collect::<Result<_, _>>()?;
        Ok(Self::for_query(party, DcqlQuery::new(queries)?))
    }

    /// Asks by a DCQL query.
    pub fn for_query(party: &Party, query: DcqlQuery) -> Self {
        Self {
            party: party.clone(),
            query,
            lifetime: DEFAULT_LIFETIME,
            tenant: None,
            method: RequestUriMethod::Get,
            response_key: None,
            transaction_data: Vec::new(),
            verifier_info: Vec::new(),
        }
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

    /// How the wallet fetches the request object. Serve both: a wallet that does not know
    /// `request_uri_method` comes by GET (§5.10).
    pub const fn request_uri_method(mut self, method: RequestUriMethod) -> Self {
        self.method = method;
        self
    }

    /// Has the answer encrypted (`direct_post.jwt`) to a key that was made for this request and is
    /// given away here. Its private half comes out as
    /// [`Request::response_key`](crate::Request::response_key).
    pub fn encrypted_to(mut self, key: Box<dyn AgreementKey>) -> Self {
        let public_jwk = key.public_jwk();
        self.response_key = Some(Encryption { key: ResponseKey::of(&*key), public_jwk });
        self
    }

    /// Adds something to be authorised by presenting (§8.4).
    pub fn transaction_data(mut self, data: TransactionData) -> Self {
        self.transaction_data.push(data);
        self
    }

    /// Adds an attestation about the verifier (§5.11).
    pub fn verifier_info(mut self, info: VerifierInfo) -> Self {
        self.verifier_info.push(info);
        self
    }

    /// The request, with a nonce, a state, a handle and an id of its own.
    ///
    /// # Errors
    /// [`RequestError::Lifetime`], [`RequestError::Clock`]; [`RequestError::FormatNotSpoken`] where
    /// the query asks for a format other than `jwt_vc_json` and `dc+sd-jwt`;
    /// [`RequestError::Profile`] for what the party's profile does not allow;
    /// [`RequestError::MemberValue`] for transaction data and attestations that do not fit the
    /// query; [`RequestError::Unsigned`] for a party that cannot sign.
    pub fn build(
        self,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<UnsignedRequest, RequestError> {
        self.check_profile()?;
        let protocol = Protocol::OpenId4Vp;
        let header = self.party.header().ok_or(RequestError::Unsigned)?;
        let header = header.typ(protocol.request_typ());
        let draft = Draft::new(now, self.lifetime, rng)?;
        let addresses = draft.addresses(&self.party.endpoints);
        let client_id = self.party.client_id.clone();
        let claims = claims::Claims::of(&self, &client_id, &draft, &addresses.response_uri)?;
        let link = Link::new(protocol, Some(&client_id), &addresses.request_uri)
            .with_method(self.method)
            .with_profile(self.party.profile)
            .to_string();
        let jws = UnsignedJws::new(&header, &claims.signed()?);
        let response_key = self.response_key.clone().map(|encryption| encryption.key);
        let expectation = self.expectation(draft, &client_id)?;
        Ok(UnsignedRequest { jws, protocol, link, addresses, expectation, response_key })
    }

    /// The request of [`Party::unsigned_for_tests`], whole in its link: nobody vouches for it.
    ///
    /// # Errors
    /// As [`build`](Self::build), but [`RequestError::Unsigned`] for a party that signs.
    pub fn build_by_value(
        self,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<ByValueRequest, RequestError> {
        if self.party.client_id_prefix() != ClientIdPrefix::RedirectUri {
            return Err(RequestError::Unsigned);
        }
        let draft = Draft::new(now, self.lifetime, rng)?;
        let response_uri = draft.addresses(&self.party.endpoints).response_uri;
        let client_id = party::unsigned_client_id(&response_uri);
        let claims = claims::Claims::of(&self, &client_id, &draft, &response_uri)?;
        let link = claims.to_link()?;
        let response_key = self.response_key.clone().map(|encryption| encryption.key);
        let expectation = self.expectation(draft, &client_id)?;
        Ok(ByValueRequest { link, response_uri, expectation, response_key })
    }

    fn expectation(self, draft: Draft, client_id: &str) -> Result<Expectation, RequestError> {
        let (mode, transaction_data) = (self.response_mode(), self.encoded_transaction_data()?);
        let tenant = self.tenant.as_deref();
        let mut builder: ExpectationBuilder = draft
            .into_expectation(client_id, &self.party.endpoints, tenant)
            .protocol(Protocol::OpenId4Vp, mode)
            .profile(self.party.profile)
            .transaction_data(transaction_data);
        if let Some(encryption) = &self.response_key {
            builder = builder.response_key_id(encryption.key.kid());
        }
        builder.query(self.query).build()
    }

    const fn response_mode(&self) -> ResponseMode {
        match self.response_key {
            Some(_) => ResponseMode::DirectPostJwt,
            None => ResponseMode::DirectPost,
        }
    }

    fn encoded_transaction_data(&self) -> Result<Vec<String>, RequestError> {
        self.transaction_data.iter().map(|data| data.encode(&self.query)).collect()
    }

    /// HAIP 1.0 §5 and §5.1: what [`Party::haip`] has not settled by itself.
    fn check_profile(&self) -> Result<(), RequestError> {
        if self.party.profile == Profile::Base {
            return Ok(());
        }
        if self.response_key.is_none() {
            return Err(RequestError::Profile { member: "response_mode" });
        }
        for credential in self.query.credentials() {
            if *credential.format() != Format::DcSdJwt {
                return Err(RequestError::Profile { member: "format" });
            }
            if !CredentialQuery::requires_holder_binding(credential) {
                let member = "require_cryptographic_holder_binding";
                return Err(RequestError::Profile { member });
            }
        }
        Ok(())
    }
}
