//! The JWT VC Presentation Profile, as Microsoft Authenticator speaks it: SIOPv2 and Presentation
//! Exchange, by `openid-vc://?request_uri=…`.
//!
//! It shares words with OpenID4VP 1.0, and no rules. What the two phone apps are known to refuse, a builder here
//! refuses first:
//!
//! | what the apps look at | what is sent |
//! |---|---|
//! | header `kid`, `typ`, `alg` | an absolute DID URL of the client, `JWT`, any but ES384 |
//! | `response_type`, `response_mode`, `scope` | `id_token`, `post`, `openid` |
//! | `client_id` | the bare DID of `kid`; no `iss`, no `aud`, as the real service |
//! | `redirect_uri` | one origin with the request and the client's did:web; ends in the handle |
//! | `nonce`, `state`, `exp` | always, in letters that no form encoding changes |
//! | `registration.subject_syntax_types_supported` | has `did:ion`, whatever the client's own method |
//! | `registration.vp_formats.*.alg` | has `ES256K`, and every algorithm that is verified here |
//! | `claims.vp_token.presentation_definition` | one, with an id; each descriptor has its own id and its issuers |
//! | `filter.pattern` | on every field, `^^…$` escaped, no slash (see `staffpass_query::Pattern`) |
//!
//! ```
//! # use chrono::{TimeZone, Utc};
//! use staffpass_jose::Algorithm;
//! use staffpass_request::{Endpoints, RequestedCredential, microsoft};
//!
//! let base = "https://portal.example";
//! let endpoints = Endpoints::new(&format!("{base}/request"), &format!("{base}/response"))?;
//! let kid = "did:web:portal.example#key-1";
//! let party = microsoft::Party::new(kid, Algorithm::Es256, "Example Trust", endpoints)?
//!     .with_purpose("To bring your staff record with you")?;
//!
//! let identity = RequestedCredential::new("identity", "StaffIdentity")
//!     .with_issuers(["did:web:old-trust.example"]);
//! # let now = Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap();
//! let unsigned = microsoft::RequestBuilder::new(&party, [identity]).build(now, &mut rand::rng())?;
//! assert!(!unsigned.signing_input().is_empty());
//! # Ok::<(), staffpass_request::RequestError>(())
//! ```

mod claims;
mod definition;
pub mod doctor;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use staffpass_jose::{Algorithm, AlgorithmSet, HeaderBuilder, UnsignedJws};
use staffpass_query::PresentationDefinition;

pub use claims::{AuthorizationRequest, Registration};

use crate::error::Address;
use crate::link::Link;
use crate::request::Draft;
use crate::text::{KeyId, check_text, did_web};
use crate::{
    DEFAULT_LIFETIME, Endpoints, Protocol, RequestError, RequestedCredential, ResponseMode,
    UnsignedRequest,
};

/// Who asks: a verifier, as Microsoft's wallets see it. Made once, checked once, used for every
/// request.
#[derive(Clone)]
pub struct Party {
    key_id: KeyId,
    algorithm: Algorithm,
    registration: Registration,
    endpoints: Endpoints,
}

impl Party {
    /// A verifier whose requests are signed by the key `key_id` (`<did>#<fragment>`) with
    /// `algorithm`, and who is called `client_name` on the phone.
    ///
    /// # Errors
    /// [`RequestError::KeyIdForm`]; [`RequestError::Algorithm`] for ES384, which the apps do not
    /// verify; [`RequestError::TextForm`] for the name; [`RequestError::AddressOrigin`] where the
    /// two addresses and the client's did:web are not of one origin; [`RequestError::DidWebPath`]
    /// where the did:web has a path.
    pub fn new(
        key_id: &str,
        algorithm: Algorithm,
        client_name: &str,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        if matches!(did_web(KeyId::parse(key_id)?.did()), Some((_, true))) {
            return Err(RequestError::DidWebPath);
        }
        Self::accept_did_web_path(key_id, algorithm, client_name, endpoints)
    }

    /// The same, and the client's did:web may have a path (`did:web:portal.example:trust-a`).
    /// Microsoft's resolver refuses such a DID unless its support has enabled it for the tenant
    /// (`discovery_service.web_method_path_not_supported`).
    ///
    /// # Errors
    /// As [`new`](Self::new), but for the path.
    pub fn accept_did_web_path(
        key_id: &str,
        algorithm: Algorithm,
        client_name: &str,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        let key_id = KeyId::parse(key_id)?;
        check_algorithm(algorithm)?;
        check_origin(&key_id, &endpoints)?;
        let registration = Registration::of(check_text(client_name, "client_name")?);
        Ok(Self { key_id, algorithm, registration, endpoints })
    }

    /// Says for what the verifier asks, on the phone.
    ///
    /// # Errors
    /// [`RequestError::TextForm`].
    pub fn with_purpose(mut self, client_purpose: &str) -> Result<Self, RequestError> {
        let purpose = check_text(client_purpose, "client_purpose")?;
        self.registration.client_purpose = Some(purpose.to_owned());
        Ok(self)
    }

    /// The address of a logo.
    ///
    /// # Errors
    /// [`RequestError::AddressForm`], [`RequestError::AddressScheme`].
    pub fn with_logo_uri(mut self, logo_uri: &str) -> Result<Self, RequestError> {
        self.registration.logo_uri = Some(self.shown(logo_uri, Address::Logo)?);
        Ok(self)
    }

    /// The address of the terms of service.
    ///
    /// # Errors
    /// [`RequestError::AddressForm`], [`RequestError::AddressScheme`].
    pub fn with_tos_uri(mut self, tos_uri: &str) -> Result<Self, RequestError> {
        self.registration.tos_uri = Some(self.shown(tos_uri, Address::Terms)?);
        Ok(self)
    }

    /// The client identifier: the DID of the signing key.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.key_id.did()
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

    fn shown(&self, address: &str, what: Address) -> Result<String, RequestError> {
        self.endpoints.transport().read(address, what).map(String::from)
    }
}

/// The algorithms that both apps verify (P-384 is neither's): iOS goes by the key's curve, Android
/// by the header.
const SIGNED_WITH: AlgorithmSet =
    AlgorithmSet::EMPTY.with(Algorithm::Es256).with(Algorithm::Es256k).with(Algorithm::EdDsa);

fn check_algorithm(algorithm: Algorithm) -> Result<(), RequestError> {
    if SIGNED_WITH.contains(algorithm) {
        Ok(())
    } else {
        Err(RequestError::Algorithm { algorithm })
    }
}

/// Prints the client alone.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("client_id", &self.client_id()).finish_non_exhaustive()
    }
}

/// The wallet ties `redirect_uri` to the verifier's linked domain, so request, answer and did:web
/// are of one origin.
fn check_origin(key_id: &KeyId, endpoints: &Endpoints) -> Result<(), RequestError> {
    let origin = match did_web(key_id.did()) {
        Some((host, _)) => endpoints.origin_of(&host).ok_or(RequestError::KeyIdForm)?,
        None => endpoints.request_origin(),
    };
    endpoints.check_origin(&origin)
}

/// Builds one request.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBuilder {
    party: Party,
    asked: Asked,
    lifetime: Duration,
    tenant: Option<String>,
}

#[derive(Clone, Debug)]
enum Asked {
    Credentials(Vec<RequestedCredential>),
    Definition(PresentationDefinition),
}

impl RequestBuilder {
    /// Asks for credentials, each by its type and its issuers.
    pub fn new(party: &Party, credentials: impl IntoIterator<Item = RequestedCredential>) -> Self {
        Self::asking(party, Asked::Credentials(credentials.into_iter().collect()))
    }

    /// Asks by a presentation definition. It is sent as it is, and refused where a wallet would
    /// misread it.
    pub fn for_definition(party: &Party, definition: PresentationDefinition) -> Self {
        Self::asking(party, Asked::Definition(definition))
    }

    fn asking(party: &Party, asked: Asked) -> Self {
        Self { party: party.clone(), asked, lifetime: DEFAULT_LIFETIME, tenant: None }
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

    /// The request, with a nonce, a state, a handle and ids of its own.
    ///
    /// # Errors
    /// [`RequestError::Lifetime`], [`RequestError::Clock`]; [`RequestError::Query`] for no part at
    /// all, an id used twice, a pattern with a slash …; [`RequestError::NoAcceptedIssuer`],
    /// [`RequestError::PartNamedAsType`], [`RequestError::FieldWithoutPattern`],
    /// [`RequestError::PatternNotAnchored`]; [`RequestError::TextForm`].
    pub fn build(
        self,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<UnsignedRequest, RequestError> {
        let Self { party, asked, lifetime, tenant } = self;
        let draft = Draft::new(now, lifetime, rng)?;
        let definition = match asked {
            Asked::Credentials(credentials) => definition::of_credentials(&credentials, rng)?,
            Asked::Definition(definition) => definition,
        };
        definition::check(&definition)?;
        let addresses = draft.addresses(&party.endpoints);
        let payload = claims::write(&party, &draft, &addresses.response_uri, &definition, rng)?;
        let protocol = Protocol::JwtVcPresentationProfile;
        let header = HeaderBuilder::new(party.algorithm)
            .typ(protocol.request_typ())
            .kid(party.key_id.as_str());
        let link = Link::new(protocol, None, &addresses.request_uri).to_string();
        let expectation = draft
            .into_expectation(party.client_id(), &party.endpoints, tenant.as_deref())
            .protocol(protocol, ResponseMode::Post)
            .query(definition)
            .build()?;
        let jws = UnsignedJws::new(&header, &payload);
        Ok(UnsignedRequest { jws, protocol, link, addresses, expectation, response_key: None })
    }
}
