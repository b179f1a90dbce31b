//! Before anything is shown: whether a request is what it says, and who asks.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use staffpass_did::{
    Did, DidDocument, LoopbackHttp, Method, Relationship, ResolveOptions, resolve_in_place, web,
};
use staffpass_jose::{Algorithm, CryptoProvider, KeyMaterial, NumericDate, VerificationKey};
use staffpass_query::{Format, Query};
use staffpass_request::{AuthorizationRequest, ClientKey, Protocol, UnverifiedRequestObject};
use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors, ValidatedLeaf};
use url::{Origin, Url};

use crate::DisclosureError;
use crate::linked_domain::{ClaimedDomain, DomainRule, LinkedDomain};

/// How far a verifier's clock may be ahead. Requests of the profile live some minutes.
pub(crate) const CLOCK_LEEWAY: TimeDelta = TimeDelta::minutes(5);

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
    /// The domain that has confirmed the verifier.
    pub linked_domain: Option<LinkedDomain>,
    /// When a domain must have confirmed the verifier.
    pub domain_rule: DomainRule,
    /// The authorities whose certificates are believed of a verifier; none are without them.
    pub trust_anchors: Option<TrustAnchors>,
    /// What a verifier's certificate must be for.
    pub certificate_purpose: CertificatePurpose,
    /// The `wallet_nonce` that went out when the request object was fetched by POST.
    pub wallet_nonce: Option<String>,
}

/// The usage that a verifier's certificate must name ([`KeyPurpose`]); none unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a default for a value of another crate")]
pub struct CertificatePurpose(pub KeyPurpose);

impl Default for CertificatePurpose {
    fn default() -> Self {
        Self(KeyPurpose::Any)
    }
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

    /// Believes certificates of verifiers that lead to these authorities.
    #[must_use]
    pub fn with_trust_anchors(mut self, anchors: TrustAnchors) -> Self {
        self.trust_anchors = Some(anchors);
        self
    }

    /// Says what was sent as `wallet_nonce`.
    #[must_use]
    pub fn with_wallet_nonce(mut self, nonce: &str) -> Self {
        self.wallet_nonce = Some(nonce.to_owned());
        self
    }

    /// Brings the domain that has confirmed the verifier
    /// ([`RequestReview::domain_claimed`], [`ClaimedDomain::confirm`]).
    #[must_use]
    pub fn with_linked_domain(mut self, domain: LinkedDomain) -> Self {
        self.linked_domain = Some(domain);
        self
    }

    /// Says when a domain must have confirmed the verifier.
    #[must_use]
    pub const fn with_domain_rule(mut self, rule: DomainRule) -> Self {
        self.domain_rule = rule;
        self
    }

    /// Names the origin of a verifier of did:ion, did:jwk or did:key whose document names no domain.
    /// The caller has established it by other means, and then no domain need confirm it. A did:web's
    /// is always its own.
    #[must_use]
    pub fn with_linked_origin(mut self, origin: Url) -> Self {
        self.linked_origin = Some(origin);
        self
    }
}

/// Who asks, as the signature proves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifierId {
    /// The subject of a DID document.
    Did(Did),
    /// Who has a certificate for a DNS name (`x509_san_dns`, `x509_hash`; OpenID4VP 1.0 §5.9.3).
    Certified {
        /// The name: the host to which the answer goes.
        name: String,
    },
}

impl VerifierId {
    /// The DID, or the DNS name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Did(did) => did.as_str(),
            Self::Certified { name } => name,
        }
    }
}

impl fmt::Display for VerifierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that a wallet may show: signed by the verifier whom it names, in time, and answered
/// at the verifier's own origin.
#[derive(Clone)]
pub struct RequestReview {
    request: AuthorizationRequest,
    verifier: VerifierId,
    origin: Origin,
    linked_domain: Option<LinkedDomain>,
}

impl RequestReview {
    /// The DID whose document must be brought to [`verify`](Self::verify); none where the
    /// verifier's DID is its own document (did:ion, did:jwk, did:key), or the verifier is known by
    /// certificates.
    ///
    /// # Errors
    /// [`DisclosureError::Did`].
    pub fn document_needed(
        object: &UnverifiedRequestObject,
    ) -> Result<Option<Did>, DisclosureError> {
        let ClientKey::VerificationMethod { did, .. } = object.client_key() else {
            return Ok(None);
        };
        let client = Did::parse(did)?;
        let own = matches!(client.method(), Method::Ion | Method::Jwk | Method::Key);
        Ok((!own).then_some(client))
    }

    /// The domain that the verifier's document names and that is to confirm it: fetch its
    /// [`configuration_url`](ClaimedDomain::configuration_url), let the domain
    /// [`confirm`](ClaimedDomain::confirm) it, and bring it to [`verify`](Self::verify) by
    /// [`ReviewOptions::with_linked_domain`]. None where the document names none, or the verifier is
    /// known by certificates.
    ///
    /// # Errors
    /// As [`verify`](Self::verify) for signature and time; [`DisclosureError::DomainAbsent`],
    /// [`DisclosureError::Did`] for a domain that is none.
    pub fn domain_claimed(
        object: &UnverifiedRequestObject,
        document: Option<&DidDocument>,
        provider: &dyn CryptoProvider,
        options: &ReviewOptions,
        now: DateTime<Utc>,
    ) -> Result<Option<ClaimedDomain>, DisclosureError> {
        let ClientKey::VerificationMethod { did, key_id } = object.client_key() else {
            return Ok(None);
        };
        let document = verifier_document(&Did::parse(did)?, document, options)?;
        let request = object.verify(&verification_key(key_id, &document, provider)?)?;
        check_time(request, now)?;
        ClaimedDomain::of(&document, options.loopback)
    }

    /// Verifies a request object: the signature by an authentication key of the verifier's document,
    /// or by the key of a certificate that leads to one of the wallet's
    /// [authorities](ReviewOptions::trust_anchors); the time; the address of the answer; and the domain
    /// that has [confirmed](DomainRule) the verifier, which is the one of that address. That client id and key belong together, that the request is for wallets (`aud`), that there is a nonce, and
    /// what the protocol wants besides, was checked when it was parsed.
    ///
    /// `document` is that of the DID that [`document_needed`](Self::document_needed) names.
    ///
    /// # Errors
    /// [`DisclosureError::DocumentNeeded`], [`DisclosureError::DocumentOfAnother`],
    /// [`DisclosureError::UnknownKey`], [`DisclosureError::KeyNotForAuthentication`],
    /// [`DisclosureError::Certificates`], [`DisclosureError::UnknownClient`],
    /// [`DisclosureError::Key`], [`DisclosureError::Request`] for the signature;
    /// [`DisclosureError::RequestExpired`], [`DisclosureError::RequestFromFuture`],
    /// [`DisclosureError::WalletNonce`]; [`DisclosureError::NoOrigin`],
    /// [`DisclosureError::ForeignOrigin`]; [`DisclosureError::DomainAbsent`],
    /// [`DisclosureError::DomainUnconfirmed`], [`DisclosureError::DomainOfAnother`];
    /// [`DisclosureError::Did`].
    pub fn verify(
        object: &UnverifiedRequestObject,
        document: Option<&DidDocument>,
        provider: &dyn CryptoProvider,
        options: &ReviewOptions,
        now: DateTime<Utc>,
    ) -> Result<Self, DisclosureError> {
        let client = Client::of(object, document, provider, options, now)?;
        let request = object.verify(&client.key)?;
        check_time(request, now)?;
        check_wallet_nonce(request, options.wallet_nonce.as_deref())?;
        check_response_address(request, &client.origin)?;
        let linked_domain = client.confirmed_domain(request.protocol(), options)?;
        let Client { verifier, origin, .. } = client;
        Ok(Self { request: request.clone(), verifier, origin, linked_domain })
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
    pub const fn verifier(&self) -> &VerifierId {
        &self.verifier
    }

    /// Where the answer goes: scheme, host and port, to show beside the name.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin.ascii_serialization()
    }

    /// The domain that has confirmed the verifier as its own; none where none was needed, or asked.
    #[must_use]
    pub const fn linked_domain(&self) -> Option<&LinkedDomain> {
        self.linked_domain.as_ref()
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

    /// Whether the verifier says that it reads the signatures that a holder makes with an algorithm,
    /// beside credentials of a format; a verifier that says nothing of them reads them.
    #[must_use]
    pub fn accepts_algorithm(&self, format: &Format, algorithm: Algorithm) -> bool {
        match &self.request {
            AuthorizationRequest::JwtVcPresentationProfile(request) => {
                let jwt_vp = request.registration.vp_formats.get("jwt_vp");
                let named = jwt_vp.and_then(|format| format.get("alg"));
                named.is_none_or(|names| names.iter().any(|name| name == algorithm.name()))
            }
            AuthorizationRequest::OpenId4Vp(request) => {
                // OpenID4VP 1.0, appendix B.
                let member = match format {
                    Format::DcSdJwt => "kb-jwt_alg_values",
                    _ => "alg_values",
                };
                let format = request.vp_formats_supported.get(format.as_str());
                let named = format.and_then(|format| format.get(member)?.as_array());
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

/// The verifier, once it is known by what key it signs and where it takes answers.
struct Client {
    verifier: VerifierId,
    key: VerificationKey,
    origin: Origin,
    names_domain: bool,
}

impl Client {
    fn of(
        object: &UnverifiedRequestObject,
        document: Option<&DidDocument>,
        provider: &dyn CryptoProvider,
        options: &ReviewOptions,
        now: DateTime<Utc>,
    ) -> Result<Self, DisclosureError> {
        match object.client_key() {
            ClientKey::VerificationMethod { did, key_id } => {
                let did = Did::parse(did)?;
                let document = verifier_document(&did, document, options)?;
                let key = verification_key(key_id, &document, provider)?;
                let origin = verifier_origin(&did, options)?;
                let names_domain = ClaimedDomain::of(&document, options.loopback)?.is_some();
                Ok(Self { verifier: VerifierId::Did(did), key, origin, names_domain })
            }
            ClientKey::Certificates(x5c) => {
                let leaf = validated_leaf(x5c, provider, options, now)?;
                let key = provider.prepare(&KeyMaterial::Public(leaf.public_key().clone()))?;
                let address = response_address(object.unverified_request())?;
                let name = certified_host(&leaf, &address)?;
                let (verifier, origin) = (VerifierId::Certified { name }, address.origin());
                Ok(Self { verifier, key, origin, names_domain: false })
            }
            // A client that is known by its bare name, which is for the wallet's maker to know.
            _ => Err(DisclosureError::UnknownClient),
        }
    }

    /// The domain that was brought is this verifier's, and that to which the answer goes; none is
    /// missing that the rule wants.
    fn confirmed_domain(
        &self,
        protocol: Protocol,
        options: &ReviewOptions,
    ) -> Result<Option<LinkedDomain>, DisclosureError> {
        let VerifierId::Did(did) = &self.verifier else { return Ok(None) };
        if let Some(domain) = &options.linked_domain {
            let own = domain.did() == did && *domain.as_origin() == self.origin;
            return own.then(|| Some(domain.clone())).ok_or(DisclosureError::DomainOfAnother);
        }
        let established = did.method() != Method::Web && options.linked_origin.is_some();
        let always = protocol == Protocol::JwtVcPresentationProfile;
        match options.domain_rule {
            DomainRule::Waived => Ok(None),
            _ if established => Ok(None),
            _ if self.names_domain => Err(DisclosureError::DomainUnconfirmed),
            _ if always => Err(DisclosureError::DomainAbsent),
            _ => Ok(None),
        }
    }
}

/// OpenID4VP 1.0 §5.9.3: the certificate leads to an authority that the wallet believes.
fn validated_leaf(
    x5c: &[Vec<u8>],
    provider: &dyn CryptoProvider,
    options: &ReviewOptions,
    now: DateTime<Utc>,
) -> Result<ValidatedLeaf, DisclosureError> {
    let anchors = options.trust_anchors.as_ref().ok_or(DisclosureError::UnknownClient)?;
    let chain = CertificateChain::from_x5c(x5c)?;
    Ok(chain.validate(anchors, options.certificate_purpose.0, provider, now)?)
}

/// Whoever has the certificate has the host to which the answer goes. `x509_san_dns` says so in the
/// client id; of `x509_hash` the certificate itself must.
fn certified_host(leaf: &ValidatedLeaf, address: &Url) -> Result<String, DisclosureError> {
    let host = address.host_str().ok_or(DisclosureError::ForeignOrigin)?;
    leaf.check_dns_name(host).map_err(|_| DisclosureError::ForeignOrigin)?;
    Ok(host.to_owned())
}

/// The verifier's document: in the DID itself, or as it was brought.
fn verifier_document(
    client: &Did,
    document: Option<&DidDocument>,
    options: &ReviewOptions,
) -> Result<DidDocument, DisclosureError> {
    let own = resolve_in_place(client, &options.resolve)?;
    let document = own.or_else(|| document.cloned()).ok_or(DisclosureError::DocumentNeeded)?;
    if document.id() == client { Ok(document) } else { Err(DisclosureError::DocumentOfAnother) }
}

/// DID Core §5.3.1: a request is signed by a key for authentication.
fn verification_key(
    key_id: &str,
    document: &DidDocument,
    provider: &dyn CryptoProvider,
) -> Result<VerificationKey, DisclosureError> {
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

/// A did:web has the origin of its document; any other DID that of the domain that has confirmed it,
/// or the one that the caller has established.
fn verifier_origin(client: &Did, options: &ReviewOptions) -> Result<Origin, DisclosureError> {
    if client.method() == Method::Web {
        return Ok(web::document_url(client, options.loopback)?.origin());
    }
    if let Some(domain) = options.linked_domain.as_ref().filter(|domain| domain.did() == client) {
        return Ok(domain.as_origin().clone());
    }
    options.linked_origin.as_ref().map(Url::origin).ok_or(DisclosureError::NoOrigin)
}

/// OpenID4VP 1.0 §5.10: what was fetched by POST repeats the wallet's nonce, and only then has one.
fn check_wallet_nonce(
    request: &AuthorizationRequest,
    sent: Option<&str>,
) -> Result<(), DisclosureError> {
    let repeated = match request {
        AuthorizationRequest::OpenId4Vp(request) => request.wallet_nonce.as_deref(),
        _ => None,
    };
    if repeated == sent { Ok(()) } else { Err(DisclosureError::WalletNonce) }
}

/// Attack B6 on the wallet's side: what is shown as one party's request is not answered to another.
fn check_response_address(
    request: &AuthorizationRequest,
    origin: &Origin,
) -> Result<(), DisclosureError> {
    let address = response_address(request)?;
    if address.origin() == *origin { Ok(()) } else { Err(DisclosureError::ForeignOrigin) }
}

fn response_address(request: &AuthorizationRequest) -> Result<Url, DisclosureError> {
    Url::parse(request.response_uri()).map_err(|_| DisclosureError::ForeignOrigin)
}
