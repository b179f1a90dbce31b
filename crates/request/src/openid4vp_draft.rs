//! OpenID for Verifiable Presentations as its drafts were before 1.0, with Presentation Exchange: for
//! wallets that have not moved. It shares the link's scheme and the names of most members with 1.0, and
//! no query language and no form of answer.
//!
//! | member | what is sent |
//! |---|---|
//! | header | `typ` `oauth-authz-req+jwt`, `kid` |
//! | `client_id`, `client_id_scheme` | the bare DID of `kid`, and `did`: drafts up to 21 read both, later ones the first |
//! | `response_type`, `response_mode`, `response_uri` | `vp_token`, `direct_post`, an address that ends in the handle |
//! | `nonce`, `state` | always, of unreserved characters |
//! | `presentation_definition` | of version 2, in a fixed subset: types and issuers are fields |
//! | `client_metadata.vp_formats` | `jwt_vp_json` and `jwt_vc_json`, with the algorithms that are verified here |
//!
//! The answer is a form with `vp_token` (one presentation, or a JSON array of them),
//! `presentation_submission` and `state`. What is outside the subset cannot be built: SD-JWT VCs, which
//! the drafts had in a form of their own, encrypted answers, clients other than DIDs, and definitions that
//! [`PresentationDefinition`] does not know.
//!
//! The texts of the drafts are many and differ. What is here is what those from 18 to 23 have in common
//! and what another implementation that reads them all takes (`examples/verifier/interop`); which wallets
//! still want it is not known.
//!
//! ```
//! # use chrono::{TimeZone, Utc};
//! use staffpass_jose::Algorithm;
//! use staffpass_request::{Endpoints, RequestedCredential, openid4vp_draft};
//!
//! let base = "https://portal.example";
//! let endpoints = Endpoints::new(&format!("{base}/request"), &format!("{base}/response"))?;
//! let kid = "did:web:portal.example#key-1";
//! let party = openid4vp_draft::Party::new(kid, Algorithm::Es256, endpoints)?;
//!
//! let identity = RequestedCredential::new("identity", "StaffIdentity").with_claims(["family_name"]);
//! # let now = Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap();
//! let builder = openid4vp_draft::RequestBuilder::new(&party, [identity]);
//! assert!(!builder.build(now, &mut rand::rng())?.signing_input().is_empty());
//! # Ok::<(), staffpass_request::RequestError>(())
//! ```

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde_json::{Value, json};
use staffpass_jose::{Algorithm, HeaderBuilder, UnsignedJws};
use staffpass_query::{
    Field, FieldPath, Filter, Format, InputDescriptor, Pattern, PresentationDefinition,
};

use crate::asked::names;
use crate::link::Link;
use crate::request::Draft;
use crate::secret::random_id;
use crate::text::KeyId;
use crate::{
    DEFAULT_LIFETIME, Endpoints, Protocol, RequestError, RequestedCredential, ResponseMode,
    UnsignedRequest,
};

/// Where the types of a credential stand in the payload of its JWT: VC data model 1.1, and 2.0.
const TYPES: [&str; 2] = ["$.vc.type", "$.type"];

/// Where its subject stands.
const SUBJECTS: [&str; 2] = ["$.vc.credentialSubject", "$.credentialSubject"];

/// Who asks: a verifier, known by a DID. Made once, used for every request.
#[derive(Clone)]
pub struct Party {
    key_id: KeyId,
    algorithm: Algorithm,
    endpoints: Endpoints,
}

impl Party {
    /// A verifier whose requests are signed by the key `key_id` (`<did>#<fragment>`) with
    /// `algorithm`.
    ///
    /// # Errors
    /// [`RequestError::KeyIdForm`].
    pub fn new(
        key_id: &str,
        algorithm: Algorithm,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        Ok(Self { key_id: KeyId::parse(key_id)?, algorithm, endpoints })
    }

    /// The client identifier: the DID of the signing key.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.key_id.did()
    }
}

/// Prints the client alone.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("client_id", &self.client_id()).finish_non_exhaustive()
    }
}

/// Builds one request.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBuilder {
    party: Party,
    credentials: Vec<RequestedCredential>,
    lifetime: Duration,
    tenant: Option<String>,
}

impl RequestBuilder {
    /// Asks for credentials, each by its type, its claims and, where they are named, its issuers.
    pub fn new(party: &Party, credentials: impl IntoIterator<Item = RequestedCredential>) -> Self {
        Self {
            party: party.clone(),
            credentials: credentials.into_iter().collect(),
            lifetime: DEFAULT_LIFETIME,
            tenant: None,
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

    /// The request, with a nonce, a state, a handle and ids of its own.
    ///
    /// # Errors
    /// [`RequestError::Lifetime`], [`RequestError::Clock`]; [`RequestError::Query`] for no credential
    /// at all, an id used twice, a claim that is no name; [`RequestError::FormatNotSpoken`] for
    /// another format than `jwt_vc_json`.
    pub fn build(
        self,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<UnsignedRequest, RequestError> {
        let Self { party, credentials, lifetime, tenant } = self;
        let draft = Draft::new(now, lifetime, rng)?;
        let id = random_id(rng);
        let sent = definition(&id, &credentials, false)?;
        let kept = definition(&id, &credentials, true)?;
        let addresses = draft.addresses(&party.endpoints);
        let payload = payload(&party, &draft, &addresses.response_uri, &sent).to_string();
        let protocol = Protocol::OpenId4VpDraftPe;
        let header = HeaderBuilder::new(party.algorithm)
            .typ(protocol.request_typ())
            .kid(party.key_id.as_str());
        let client_id = party.client_id();
        let link = Link::new(protocol, Some(client_id), &addresses.request_uri).to_string();
        let expectation = draft
            .into_expectation(client_id, &party.endpoints, tenant.as_deref())
            .protocol(protocol, ResponseMode::DirectPost)
            .query(kept)
            .build()?;
        let jws = UnsignedJws::new(&header, payload.as_bytes());
        Ok(UnsignedRequest { jws, protocol, link, addresses, expectation, response_key: None })
    }
}

fn payload(
    party: &Party,
    draft: &Draft,
    response_uri: &str,
    definition: &PresentationDefinition,
) -> Value {
    let algorithms = json!({ "alg": Algorithm::ALL.map(Algorithm::name) });
    json!({
        "client_id": party.client_id(),
        "client_id_scheme": "did",
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "response_mode": ResponseMode::DirectPost.as_str(),
        "response_uri": response_uri,
        "nonce": draft.nonce.as_str(),
        "state": draft.state.as_str(),
        "iat": draft.issued,
        "exp": draft.expires,
        "presentation_definition": definition,
        "client_metadata": {
            "vp_formats": { "jwt_vp_json": algorithms, "jwt_vc_json": algorithms },
        },
    })
}

/// What is sent names a type in a field alone, since `schema` is of version 1, and a reader of version 2
/// may refuse it. What is kept has it as `schema` too: of a field only the credential's own word is
/// looked at, of `schema` the types in which its issuer is believed.
fn definition(
    id: &str,
    credentials: &[RequestedCredential],
    with_types: bool,
) -> Result<PresentationDefinition, RequestError> {
    let descriptors: Vec<InputDescriptor> = credentials
        .iter()
        .enumerate()
        .map(|(part, credential)| descriptor(part, credential, with_types))
        .collect::<Result<_, _>>()?;
    Ok(PresentationDefinition::new(id, descriptors)?)
}

fn descriptor(
    part: usize,
    credential: &RequestedCredential,
    with_types: bool,
) -> Result<InputDescriptor, RequestError> {
    if *credential.format() != Format::JwtVcJson {
        return Err(RequestError::FormatNotSpoken { part });
    }
    let r#type = credential.r#type();
    let named = Filter::containing(Filter::constant(r#type));
    let types = with_types.then_some(r#type);
    let mut descriptor = InputDescriptor::new(credential.id(), types)
        .with_field(Field::new(paths(TYPES, "")?, named));
    if !credential.issuers().is_empty() {
        let issuers = credential.issuers().iter().map(String::as_str);
        descriptor = descriptor.with_field(Field::issued_by(issuers)?);
    }
    for claim in credential.claims() {
        let path = format!(".{}", names(claim)?.join("."));
        let present = Filter::pattern(Pattern::present());
        descriptor = descriptor.with_field(Field::new(paths(SUBJECTS, &path)?, present));
    }
    Ok(descriptor)
}

fn paths(tops: [&str; 2], rest: &str) -> Result<Vec<FieldPath>, RequestError> {
    let each = tops.into_iter().map(|top| FieldPath::parse(&format!("{top}{rest}")));
    Ok(each.collect::<Result<_, _>>()?)
}
