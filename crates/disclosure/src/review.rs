//! Before anything is shown: whether a request is what it says, and who asks.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use staffpass_did::{
    Did, DidDocument, LoopbackHttp, Method, Relationship, ResolveOptions, resolve_in_place, web,
};
use staffpass_jose::{Algorithm, CryptoProvider, NumericDate, VerificationKey};
use staffpass_query::Query;
use staffpass_request::{AuthorizationRequest, Protocol, UnverifiedRequestObject};
use url::{Origin, Url};

use crate::DisclosureError;

/// How far a verifier's clock may be ahead. Requests of the profile live some minutes.
const CLOCK_LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// What a wallet admits of a verifier. The default is the strict reading.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReviewOptions {
    /// Whether a did:web on this machine's loopback is read.
    pub loopback: LoopbackHttp,
    /// How a verifier's did:ion is resolved.
    pub resolve: ResolveOptions,
    /// The origin of a verifier whose DID names none, as the caller has established it.
    pub linked_origin: Option<Url>,
}

impl ReviewOptions {
    /// Admits a did:web on the loopback, over plain http, for demonstrations and tests.
    #[must_use]
    pub const fn with_loopback_http(mut self, loopback: LoopbackHttp) -> Self {
        self.loopback = loopback;
        self
    }

    /// Resolves the verifier's did:ion with these options.
    #[must_use]
    pub const fn with_resolve_options(mut self, resolve: ResolveOptions) -> Self {
        self.resolve = resolve;
        self
    }

    /// Names the origin of a verifier of did:ion, did:jwk or did:key, which say nothing of a domain.
    /// The caller has established it (by a verified linked domain, say). A did:web's is always its
    /// own.
    #[must_use]
    pub fn with_linked_origin(mut self, origin: Url) -> Self {
        self.linked_origin = Some(origin);
        self
    }
}

/// A request that a wallet may show: signed by the verifier whom it names, in time, and answered
/// at the verifier's own origin.
#[derive(Clone)]
pub struct RequestReview {
    request: AuthorizationRequest,
    client: Did,
    origin: Origin,
}

impl RequestReview {
    /// The DID whose document must be brought to [`verify`](Self::verify); none where the
    /// verifier's DID is its own document (did:ion, did:jwk, did:key).
    ///
    /// # Errors
    /// [`DisclosureError::Did`].
    pub fn document_needed(
        object: &UnverifiedRequestObject,
    ) -> Result<Option<Did>, DisclosureError> {
        let client = Did::parse(object.client_did())?;
        let own = matches!(client.method(), Method::Ion | Method::Jwk | Method::Key);
        Ok((!own).then_some(client))
    }

    /// Verifies a request object: the signature by an authentication key of the verifier's
    /// document, the time, and the address of the answer. That client id and key id name one DID,
    /// that there is a nonce, and what the protocol wants besides, was checked when it was parsed.
    ///
    /// `document` is that of the DID that [`document_needed`](Self::document_needed) names.
    ///
    /// # Errors
    /// [`DisclosureError::DocumentNeeded`], [`DisclosureError::DocumentOfAnother`],
    /// [`DisclosureError::UnknownKey`], [`DisclosureError::KeyNotForAuthentication`],
    /// [`DisclosureError::Key`], [`DisclosureError::Request`] for the signature;
    /// [`DisclosureError::RequestExpired`], [`DisclosureError::RequestFromFuture`];
    /// [`DisclosureError::NoOrigin`], [`DisclosureError::ForeignOrigin`];
    /// [`DisclosureError::Did`].
    pub fn verify(
        object: &UnverifiedRequestObject,
        document: Option<&DidDocument>,
        provider: &dyn CryptoProvider,
        options: &ReviewOptions,
        now: DateTime<Utc>,
    ) -> Result<Self, DisclosureError> {
        let client = Did::parse(object.client_did())?;
        let key = verification_key(object.key_id(), &client, document, provider, options)?;
        let request = object.verify(&key)?;
        check_time(request, now)?;
        let origin = verifier_origin(&client, options)?;
        check_response_address(request, &origin)?;
        Ok(Self { request: request.clone(), client, origin })
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> &AuthorizationRequest {
        &self.request
    }

    /// Its protocol.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.request.protocol()
    }

    /// Who asks, as the signature proves.
    #[must_use]
    pub const fn verifier(&self) -> &Did {
        &self.client
    }

    /// Where the answer goes: scheme, host and port, to show beside the name.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin.ascii_serialization()
    }

    /// The name that the verifier gives itself. Nobody has checked it: show the
    /// [`origin`](Self::origin) too.
    #[must_use]
    pub fn verifier_name(&self) -> Option<&str> {
        match &self.request {
            AuthorizationRequest::JwtVcPresentationProfile(request) => {
                request.registration.client_name.as_deref()
            }
            _ => None,
        }
    }

    /// For what the verifier asks, by its own word.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        match &self.request {
            AuthorizationRequest::JwtVcPresentationProfile(request) => {
                let own = request.registration.client_purpose.as_deref();
                own.or_else(|| request.presentation_definition()?.purpose())
            }
            _ => None,
        }
    }

    /// What is asked for.
    #[must_use]
    pub const fn query(&self) -> &Query {
        self.request.query()
    }

    /// The name of a part, as the verifier wants it shown.
    #[must_use]
    pub fn part_name(&self, part: &str) -> Option<&str> {
        match self.query() {
            Query::PresentationDefinition(definition) => definition.input_descriptor(part)?.name(),
            _ => None,
        }
    }

    /// For what the verifier wants a part, by its own word.
    #[must_use]
    pub fn part_purpose(&self, part: &str) -> Option<&str> {
        match self.query() {
            Query::PresentationDefinition(definition) => {
                definition.input_descriptor(part)?.purpose()
            }
            _ => None,
        }
    }

    /// Whether the verifier says that it reads the signatures of an algorithm.
    #[must_use]
    pub fn accepts_algorithm(&self, algorithm: Algorithm) -> bool {
        match &self.request {
            AuthorizationRequest::JwtVcPresentationProfile(request) => {
                let jwt_vp = request.registration.vp_formats.get("jwt_vp");
                let named = jwt_vp.and_then(|format| format.get("alg"));
                named.is_none_or(|names| names.iter().any(|name| name == algorithm.name()))
            }
            AuthorizationRequest::OpenId4Vp(request) => {
                let format = request.vp_formats_supported.get("jwt_vc_json");
                let named = format.and_then(|format| format.get("alg_values")?.as_array());
                named.is_none_or(|names| {
                    names.iter().any(|name| name.as_str() == Some(algorithm.name()))
                })
            }
            _ => false,
        }
    }
}

/// Prints who asks, and nothing of what.
impl fmt::Debug for RequestReview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestReview").field("protocol", &self.protocol()).finish_non_exhaustive()
    }
}

/// DID Core §5.3.1: a request is signed by a key for authentication.
fn verification_key(
    key_id: &str,
    client: &Did,
    document: Option<&DidDocument>,
    provider: &dyn CryptoProvider,
    options: &ReviewOptions,
) -> Result<VerificationKey, DisclosureError> {
    let own = resolve_in_place(client, &options.resolve)?;
    let document = own.as_ref().or(document).ok_or(DisclosureError::DocumentNeeded)?;
    if document.id() != client {
        return Err(DisclosureError::DocumentOfAnother);
    }
    let method = document.method(key_id).ok_or(DisclosureError::UnknownKey)?;
    if !method.relationships().contains(Relationship::Authentication) {
        return Err(DisclosureError::KeyNotForAuthentication);
    }
    Ok(provider.prepare(method.key())?)
}

/// RFC 7519 §4.1.4 and §4.1.6.
fn check_time(request: &AuthorizationRequest, now: DateTime<Utc>) -> Result<(), DisclosureError> {
    if request.expires_at().is_some_and(|expires| expires.floor() <= now) {
        return Err(DisclosureError::RequestExpired);
    }
    let issued = issued_at(request).map(NumericDate::floor);
    if issued.is_some_and(|issued| issued - CLOCK_LEEWAY > now) {
        return Err(DisclosureError::RequestFromFuture);
    }
    Ok(())
}

const fn issued_at(request: &AuthorizationRequest) -> Option<NumericDate> {
    match request {
        AuthorizationRequest::OpenId4Vp(request) => request.issued_at,
        AuthorizationRequest::JwtVcPresentationProfile(request) => request.issued_at,
        _ => None,
    }
}

/// A did:web has the origin of its document; any other DID the one that the caller has established.
fn verifier_origin(client: &Did, options: &ReviewOptions) -> Result<Origin, DisclosureError> {
    if client.method() == Method::Web {
        return Ok(web::document_url(client, options.loopback)?.origin());
    }
    options.linked_origin.as_ref().map(Url::origin).ok_or(DisclosureError::NoOrigin)
}

/// Attack B6 on the wallet's side: what is shown as one party's request is not answered to another.
fn check_response_address(
    request: &AuthorizationRequest,
    origin: &Origin,
) -> Result<(), DisclosureError> {
    let foreign = DisclosureError::ForeignOrigin;
    let address = Url::parse(request.response_uri()).map_err(|_| foreign.clone())?;
    if address.origin() == *origin { Ok(()) } else { Err(foreign) }
}
