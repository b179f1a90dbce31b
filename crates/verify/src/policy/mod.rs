//! Whom to believe about what: the trust policy, a value that can be printed, kept and digested.
//!
//! ```
//! use staffpass_verify::policy::{TrustPolicy, TrustedIssuer};
//!
//! let policy = TrustPolicy::builder()
//!     .issuer(TrustedIssuer::new("did:web:trust.example", ["StaffIdentity"]))
//!     .build()?;
//! assert_eq!(policy.digest(), TrustPolicy::from_toml(&policy.to_toml())?.digest());
//! # Ok::<(), staffpass_verify::policy::PolicyError>(())
//! ```
//!
//! # The file form
//!
//! Everything but `issuer`, its `id` and its `may_assert` has a default. Unknown keys are refused.
//!
//! ```toml
//! clock_leeway_seconds = 60        # 0 to 300: how far clocks may differ
//! unknown_status = "deny"          # or "accept": a credential whose list cannot be had
//! algorithms = ["ES256", "ES256K", "ES384", "EdDSA"]
//! mixed_holders = false            # true: presentations by different holders in one response
//! ion_state = "canonical"          # or "accept_raw_bytes": did:ion states that are not RFC 8785
//! holder_binding = "required"      # or "not_required": an SD-JWT without key binding is taken
//! key_binding_max_age_seconds = 600   # up to 86400: how old a KB-JWT may be, or a presentation without exp
//! key_continuity = "hold"          # or "report": an issuer all of whose keys changed at once
//! person_link = { claim = "identity_id", anchor = "StaffIdentity" }   # absent: no such check
//!
//! [[issuer]]
//! id = "did:web:trust.example"     # a DID, or an https URL
//! may_assert = ["StaffIdentity", "StaffEmployment"]
//! formats = ["jwt_vc_json", "vc+jwt", "dc+sd-jwt"]    # that is the default; "vc+sd-jwt" by name
//! where = [{ type = "StaffEmployment", path = ["employer", "ods_code"], values = ["Z9Z9Z"] }]
//! valid_from = "2026-01-01T00:00:00Z"     # the issuer is believed from this instant on
//! valid_until = "2027-01-01T00:00:00Z"    # and before this one
//! issued_before = "2026-12-01T00:00:00Z"  # only credentials issued before this one
//! key_thumbprints = ["…"]                 # RFC 7638, base64url: only these keys
//! status_origins = ["https://status.trust.example"]   # default: the origin of a did:web
//! status_signers = ["did:web:status.trust.example"]   # default: the issuer itself
//! status_bit_order = "most_significant_first"         # of StatusList2021; that is the default
//! status = "required"                     # a credential without a status entry is refused
//! unknown_status = "accept"               # for this issuer
//! accept_authentication_key = true        # its key stands under authentication alone
//! typ_absent = true                       # its VC-JOSE-COSE credentials may lack `typ`
//! linked_domain = "https://trust.example" # its DID configuration must name the issuer's DID
//! # x509 = { anchors = ["-----BEGIN CERTIFICATE-----…"], san = "trust.example", eku = "1.2.3" }
//! # or subject_key_id = "0af1…" for san: it signs under certificates, and in no other way
//! # conventions = "govuk"                 # an https issuer whose keys are those of its host's did:web
//! # conventions = "entra"                 # Entra Verified ID: its hubs are status origins, and the key
//! #                                       # of a did:ion may stand under authentication alone
//! ```
//!
//! # What loosens
//!
//! Keys that let through what the specifications would not are off unless they are written. A check
//! that passed by one is [`Waived`](crate::Outcome::Waived) in the report, under the key's name
//! ([`PolicyKey`](crate::PolicyKey)), and [`TrustPolicy::diff`] says that writing it loosens:
//!
//! | key | the check that it lets be |
//! |---|---|
//! | `unknown_status = "accept"` | status |
//! | `accept_authentication_key` | key of a credential, status and linked domain by the key of a list or statement |
//! | `ion_state = "accept_raw_bytes"` | key, of whoever has such an identifier |
//! | `key_continuity = "report"` | as `accept_authentication_key` |
//! | `typ_absent`, `vc+sd-jwt` in `formats` | token |
//! | `holder_binding = "not_required"` | every check of a key binding, and the holder binding |
//! | `mixed_holders` | holders |
//! | no `person_link` | person |

mod certificates;
mod conventions;
mod diff;
mod file;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use staffpass_did::{Did, IonHashing, LoopbackHttp, Method};
use staffpass_jose::{Algorithm, AlgorithmSet, Thumbprint, json};
use staffpass_status::BitOrder;
use url::{Position, Url};

pub(crate) use certificates::CertificateRules;
pub use diff::{Difference, Effect};
use file::PolicyFile;
pub use file::{
    CredentialFormat, HolderBinding, IonState, IssuerConventions, KeyContinuity, PersonLink,
    StatusBitOrder, StatusRequirement, TrustedIssuer, UnknownStatus, ValueRule, X509Trust,
};

use crate::Source;
use crate::report::Digest;

/// Why a text or a builder is no trust policy. Names the key and the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is not TOML, has an unknown key, or a value of the wrong type.
    #[error("the policy cannot be read: {reason}")]
    Unreadable {
        /// What the TOML reader says, with line and column.
        reason: String,
    },
    /// No issuer is trusted, so nothing could ever be accepted.
    #[error("the policy trusts no issuer")]
    NoIssuer,
    /// One issuer stands twice.
    #[error("issuer {issuer} stands twice")]
    IssuerTwice {
        /// The issuer's id.
        issuer: String,
    },
    /// An issuer's id is neither a DID that can be verified here nor an https URL.
    #[error("issuer {issuer} is neither a DID nor an https URL")]
    IssuerId {
        /// The id as it stands.
        issuer: String,
    },
    /// A key of an issuer breaks a rule.
    #[error("issuer {issuer}: {key} {rule}")]
    Issuer {
        /// The issuer's id.
        issuer: String,
        /// The key.
        key: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// A key of the whole policy breaks a rule.
    #[error("{key} {rule}")]
    Policy {
        /// The key.
        key: &'static str,
        /// The rule.
        rule: &'static str,
    },
}

impl PolicyError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "policy_unreadable",
            Self::NoIssuer => "policy_no_issuer",
            Self::IssuerTwice { .. } => "policy_issuer_twice",
            Self::IssuerId { .. } => "policy_issuer_id",
            Self::Issuer { .. } => "policy_issuer_invalid",
            Self::Policy { .. } => "policy_invalid",
        }
    }
}

/// Whom to believe about what. See the [module](self) for every key.
#[derive(Clone, Debug)]
pub struct TrustPolicy {
    file: PolicyFile,
    digest: Digest,
    algorithms: AlgorithmSet,
    leeway: TimeDelta,
    issuers: BTreeMap<String, IssuerRules>,
    loopback: LoopbackHttp,
}

/// What one issuer is trusted for, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct IssuerRules {
    pub(crate) issuer: TrustedIssuer,
    pub(crate) did: Option<Did>,
    pub(crate) thumbprints: Vec<Thumbprint>,
    pub(crate) status_origins: Vec<String>,
    pub(crate) unknown_status: UnknownStatus,
    pub(crate) bit_order: BitOrder,
    /// Where an https issuer publishes its keys.
    pub(crate) metadata: Option<Url>,
    /// Who else may sign its status lists.
    pub(crate) status_signers: Vec<Self>,
    /// Where it signs under certificates: then in no other way (S22).
    pub(crate) certificates: Option<CertificateRules>,
    pub(crate) linked_domain: Option<LinkedDomain>,
}

/// A domain that must say that an issuer's identifier is its own.
#[derive(Clone, Debug)]
pub(crate) struct LinkedDomain {
    pub(crate) origin: String,
    pub(crate) configuration: Url,
}

impl TrustPolicy {
    /// The schema version that stands in the canonical form.
    pub const SCHEMA: u32 = 1;

    /// Starts a policy with the safe defaults.
    pub fn builder() -> TrustPolicyBuilder {
        TrustPolicyBuilder { file: PolicyFile::default(), loopback: LoopbackHttp::Refuse }
    }

    /// Reads the file form.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        Self::from_toml_with(text, LoopbackHttp::Refuse)
    }

    /// Reads the file form; `loopback` says whether issuers on plain http at this machine's own
    /// loopback addresses may be trusted, for development.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub fn from_toml_with(text: &str, loopback: LoopbackHttp) -> Result<Self, PolicyError> {
        let file = toml::from_str(text)
            .map_err(|error| PolicyError::Unreadable { reason: error.message().to_owned() })?;
        TrustPolicyBuilder { file, loopback }.build()
    }

    /// Writes the file form, every default spelled out.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.file).unwrap_or_default()
    }

    /// SHA-256 over the canonical JSON (RFC 8785) of the policy with every default spelled out.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The trusted issuers, in the order of their ids.
    pub fn issuers(&self) -> impl Iterator<Item = &TrustedIssuer> {
        self.issuers.values().map(|rules| &rules.issuer)
    }

    /// The documents that the policy names by itself, each once, for a portal that keeps its evidence
    /// warm: where the keys of its issuers are, and of those who sign their status lists, and the DID
    /// configurations of linked domains. None is named because a wallet sent something.
    ///
    /// An issuer whose keys stand in its identifier, or in its certificates, has none. What these
    /// documents point to ([`Evidence::points_to`](crate::Evidence::points_to)), and status lists, are
    /// known later.
    pub fn issuers_to_fetch(&self) -> impl Iterator<Item = Source> {
        let named = self.issuers.values().flat_map(IssuerRules::sources);
        named.collect::<BTreeSet<_>>().into_iter()
    }

    pub(crate) fn issuer(&self, id: &str) -> Option<&IssuerRules> {
        self.issuers.get(id)
    }

    pub(crate) fn algorithms(&self) -> AlgorithmSet {
        self.algorithms
    }

    pub(crate) fn leeway(&self) -> TimeDelta {
        self.leeway
    }

    pub(crate) fn mixed_holders(&self) -> bool {
        self.file.mixed_holders
    }

    pub(crate) fn person_link(&self) -> Option<&PersonLink> {
        self.file.person_link.as_ref()
    }

    pub(crate) fn requires_holder_binding(&self) -> bool {
        self.file.holder_binding == HolderBinding::Required
    }

    pub(crate) fn key_binding_max_age(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.file.key_binding_max_age_seconds))
    }

    pub(crate) fn key_continuity(&self) -> KeyContinuity {
        self.file.key_continuity
    }

    pub(crate) fn loopback(&self) -> LoopbackHttp {
        self.loopback
    }

    pub(crate) fn ion_hashing(&self) -> IonHashing {
        match self.file.ion_state {
            IonState::Canonical => IonHashing::Canonical,
            IonState::AcceptRawBytes => IonHashing::AcceptRawBytes,
        }
    }
}

/// Builds a [`TrustPolicy`] and refuses nonsense.
#[derive(Clone, Debug)]
#[must_use]
pub struct TrustPolicyBuilder {
    file: PolicyFile,
    loopback: LoopbackHttp,
}

impl TrustPolicyBuilder {
    /// Trusts an issuer.
    pub fn issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.file.issuer.push(issuer);
        self
    }

    /// How far clocks may differ, 0 to 300 seconds. Default 60.
    pub fn clock_leeway_seconds(mut self, seconds: u32) -> Self {
        self.file.clock_leeway_seconds = seconds;
        self
    }

    /// What becomes of a credential whose status cannot be had. Default: it is refused.
    pub fn unknown_status(mut self, unknown: UnknownStatus) -> Self {
        self.file.unknown_status = unknown;
        self
    }

    /// The algorithms that any signature may have. Default: all that are spoken here.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.file.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Accepts presentations by different holders in one response.
    pub fn accept_mixed_holders(mut self) -> Self {
        self.file.mixed_holders = true;
        self
    }

    /// Accepts did:ion identifiers whose state hashes as raw bytes only.
    pub fn accept_raw_ion_state(mut self) -> Self {
        self.file.ion_state = IonState::AcceptRawBytes;
        self
    }

    /// Whether a presentation must prove that its sender holds the credential's key. Default: it
    /// must.
    pub fn holder_binding(mut self, binding: HolderBinding) -> Self {
        self.file.holder_binding = binding;
        self
    }

    /// How old the key binding of an SD-JWT may be, and an ID token or a presentation that does not
    /// say when it ends, 0 to 86400 seconds. Default 600.
    pub fn key_binding_max_age_seconds(mut self, seconds: u32) -> Self {
        self.file.key_binding_max_age_seconds = seconds;
        self
    }

    /// What becomes of an issuer all of whose keys changed at once. Default: it is held.
    pub fn key_continuity(mut self, continuity: KeyContinuity) -> Self {
        self.file.key_continuity = continuity;
        self
    }

    /// Asks that all credentials speak of one person.
    pub fn person_link(mut self, link: PersonLink) -> Self {
        self.file.person_link = Some(link);
        self
    }

    /// Lets issuers live on plain http at this machine's loopback addresses, for development.
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback = LoopbackHttp::Allow;
        self
    }

    /// Checks every rule and makes the policy.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub fn build(self) -> Result<TrustPolicy, PolicyError> {
        let Self { mut file, loopback } = self;
        check_whole(&file)?;
        file.issuer.iter_mut().try_for_each(|issuer| conventions::spell_out(issuer, loopback))?;
        file.issuer.sort_by(|a, b| a.id.cmp(&b.id));
        let mut issuers = BTreeMap::new();
        for issuer in &file.issuer {
            let rules = compile(issuer, &file, loopback)?;
            if issuers.insert(issuer.id.clone(), rules).is_some() {
                return Err(PolicyError::IssuerTwice { issuer: issuer.id.clone() });
            }
        }
        Ok(TrustPolicy {
            digest: digest(&file)?,
            algorithms: file.algorithms.iter().copied().collect(),
            leeway: TimeDelta::seconds(i64::from(file.clock_leeway_seconds)),
            issuers,
            loopback,
            file,
        })
    }
}

/// The leeway is capped (T5 of the attack catalogue): no setting may accept for longer.
const MAX_LEEWAY_SECONDS: u32 = 300;

/// A day: what a request for later examination may wait. An answer to a request of ours is held to the
/// life of that request beside this.
const MAX_KEY_BINDING_AGE_SECONDS: u32 = 86_400;

fn check_whole(file: &PolicyFile) -> Result<(), PolicyError> {
    let policy = |key, rule| Err(PolicyError::Policy { key, rule });
    if file.issuer.is_empty() {
        return Err(PolicyError::NoIssuer);
    }
    if file.clock_leeway_seconds > MAX_LEEWAY_SECONDS {
        return policy("clock_leeway_seconds", "must be 300 or less");
    }
    if file.key_binding_max_age_seconds > MAX_KEY_BINDING_AGE_SECONDS {
        return policy("key_binding_max_age_seconds", "must be 86400 or less");
    }
    if file.algorithms.is_empty() {
        return policy("algorithms", "must name an algorithm");
    }
    if file.person_link.as_ref().is_some_and(|l| l.claim.is_empty() || l.anchor.is_empty()) {
        return policy("person_link", "must name a claim and an anchor");
    }
    Ok(())
}

fn compile(
    issuer: &TrustedIssuer,
    file: &PolicyFile,
    loopback: LoopbackHttp,
) -> Result<IssuerRules, PolicyError> {
    let (did, origin) = issuer_id(&issuer.id, loopback)?;
    check_issuer(issuer)?;
    let keys = match issuer.conventions {
        Some(IssuerConventions::GovUk) => Some(conventions::did_of_host(issuer)?),
        Some(IssuerConventions::Entra) | None => did.clone(),
    };
    let thumbprints = issuer.key_thumbprints.iter().map(|text| {
        Thumbprint::from_base64url(text)
            .ok_or_else(|| fault(issuer, "key_thumbprints", "must be RFC 7638 SHA-256 thumbprints"))
    });
    let origins = issuer.status_origins.iter().map(|text| {
        let url = allowed_url(text, loopback);
        url.filter(|url| url.path() == "/" && url.query().is_none())
            .map(|url| url.origin().ascii_serialization())
            .ok_or_else(|| fault(issuer, "status_origins", "must be https origins"))
    });
    let status_origins = match issuer.status_origins.is_empty() {
        true => origin.into_iter().collect(),
        false => origins.collect::<Result<_, _>>()?,
    };
    let signers = issuer.status_signers.iter();
    let signers = signers.map(|id| status_signer(issuer, id, file, loopback));
    Ok(IssuerRules {
        certificates: CertificateRules::compile(issuer)?,
        metadata: if keys.is_none() { metadata_url(&issuer.id, loopback) } else { None },
        status_signers: signers.collect::<Result<_, _>>()?,
        linked_domain: linked_domain(issuer, did.as_ref(), loopback)?,
        thumbprints: thumbprints.collect::<Result<_, _>>()?,
        status_origins,
        unknown_status: issuer.unknown_status.unwrap_or(file.unknown_status),
        bit_order: match issuer.status_bit_order {
            StatusBitOrder::MostSignificantFirst => BitOrder::MostSignificantFirst,
            StatusBitOrder::LeastSignificantFirst => BitOrder::LeastSignificantFirst,
        },
        did: keys,
        issuer: issuer.clone(),
    })
}

/// A signer of status lists is found by its identifier, and trusted for nothing else.
fn status_signer(
    issuer: &TrustedIssuer,
    id: &str,
    file: &PolicyFile,
    loopback: LoopbackHttp,
) -> Result<IssuerRules, PolicyError> {
    let mut signer = TrustedIssuer::new(id, [STATUS_LIST]);
    signer.accept_authentication_key = issuer.accept_authentication_key;
    compile(&signer, file, loopback)
        .map_err(|_| fault(issuer, "status_signers", "must be DIDs or https URLs"))
}

/// What a signer of lists may assert.
const STATUS_LIST: &str = "status list";

/// The issuer metadata of an https issuer: the well-known part stands between host and path, once
/// a terminating `/` is gone (SD-JWT VC, "JWT VC Issuer Metadata").
fn metadata_url(issuer: &str, loopback: LoopbackHttp) -> Option<Url> {
    crate::source::metadata_url(&allowed_url(issuer, loopback)?)
}

fn linked_domain(
    issuer: &TrustedIssuer,
    did: Option<&Did>,
    loopback: LoopbackHttp,
) -> Result<Option<LinkedDomain>, PolicyError> {
    let Some(origin) = &issuer.linked_domain else { return Ok(None) };
    if did.is_none() {
        return Err(fault(issuer, "linked_domain", "is for issuers that are DIDs"));
    }
    let url =
        allowed_url(origin, loopback).filter(|url| url.path() == "/" && url.query().is_none());
    let url = url.ok_or_else(|| fault(issuer, "linked_domain", "must be an https origin"))?;
    let configuration = url
        .join("/.well-known/did-configuration.json")
        .map_err(|_| fault(issuer, "linked_domain", "must be an https origin"))?;
    Ok(Some(LinkedDomain { origin: url.origin().ascii_serialization(), configuration }))
}

/// An issuer is named by a DID whose method can be verified here, or by an https URL. Returns the
/// DID, and the origin where its status lists live unless the policy says otherwise.
fn issuer_id(
    id: &str,
    loopback: LoopbackHttp,
) -> Result<(Option<Did>, Option<String>), PolicyError> {
    let wrong = || PolicyError::IssuerId { issuer: id.to_owned() };
    if !id.starts_with("did:") {
        let url = allowed_url(id, loopback).ok_or_else(wrong)?;
        return Ok((None, Some(url.origin().ascii_serialization())));
    }
    let did: Did = id.parse().map_err(|_| wrong())?;
    match did.method() {
        Method::Web => {
            let url = staffpass_did::web::document_url(&did, loopback).map_err(|_| wrong())?;
            Ok((Some(did), Some(url.origin().ascii_serialization())))
        }
        Method::Jwk | Method::Key | Method::Ion => Ok((Some(did), None)),
        _ => Err(wrong()),
    }
}

/// An https URL without userinfo or fragment; plain http on loopback where that is allowed.
pub(crate) fn allowed_url(text: &str, loopback: LoopbackHttp) -> Option<Url> {
    Url::parse(text).ok().filter(|url| is_allowed(url, loopback))
}

pub(crate) fn is_allowed(url: &Url, loopback: LoopbackHttp) -> bool {
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let secure = match url.scheme() {
        "https" => true,
        "http" => loopback == LoopbackHttp::Allow && is_loopback(url),
        _ => false,
    };
    plain && secure
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn check_issuer(issuer: &TrustedIssuer) -> Result<(), PolicyError> {
    if issuer.may_assert.is_empty() || issuer.may_assert.iter().any(String::is_empty) {
        return Err(fault(issuer, "may_assert", "must name the types that the issuer may assert"));
    }
    if issuer.may_assert.iter().any(|t| t == "VerifiableCredential") {
        return Err(fault(issuer, "may_assert", "must not name the type of every credential"));
    }
    if issuer.valid_from.zip(issuer.valid_until).is_some_and(|(from, until)| from >= until) {
        return Err(fault(issuer, "valid_until", "must lie after valid_from"));
    }
    issuer.value_rules.iter().try_for_each(|rule| check_value_rule(issuer, rule))
}

fn check_value_rule(issuer: &TrustedIssuer, rule: &ValueRule) -> Result<(), PolicyError> {
    if !issuer.may_assert.contains(&rule.credential_type) {
        return Err(fault(issuer, "where", "must be about a type that the issuer may assert"));
    }
    if rule.path.is_empty() || rule.values.is_empty() {
        return Err(fault(issuer, "where", "must name a path and at least one value"));
    }
    Ok(())
}

fn fault(issuer: &TrustedIssuer, key: &'static str, rule: &'static str) -> PolicyError {
    PolicyError::Issuer { issuer: issuer.id.clone(), key, rule }
}

fn digest(file: &PolicyFile) -> Result<Digest, PolicyError> {
    let unwritable = PolicyError::Policy { key: "policy", rule: "cannot be written as JSON" };
    let mut value = serde_json::to_value(file).map_err(|_| unwritable.clone())?;
    if let Value::Object(members) = &mut value {
        members.insert("schema".to_owned(), TrustPolicy::SCHEMA.into());
    }
    let canonical = json::canonical(&value).map_err(|_| unwritable)?;
    Ok(Digest(Sha256::digest(canonical).into()))
}

impl IssuerRules {
    fn sources(&self) -> impl Iterator<Item = Source> {
        let signers = self.status_signers.iter().filter_map(Self::source_of_keys);
        let domain = self.linked_domain.iter();
        let domain = domain.map(|domain| Source::DidConfiguration(domain.configuration.clone()));
        self.source_of_keys().into_iter().chain(signers).chain(domain)
    }

    fn source_of_keys(&self) -> Option<Source> {
        match (&self.certificates, &self.did, &self.metadata) {
            (Some(_), ..) => None,
            (None, Some(did), _) if did.method() == Method::Web => {
                Some(Source::DidDocument(did.clone()))
            }
            (None, Some(_), _) => None,
            (None, None, metadata) => metadata.clone().map(Source::IssuerMetadata),
        }
    }

    /// Whether this issuer is believed at `now` about a credential issued at `issued_at`.
    pub(crate) fn trusted_at(&self, now: DateTime<Utc>, issued_at: Option<DateTime<Utc>>) -> bool {
        let in_time = |before| issued_at.is_some_and(|issued_at| issued_at < before);
        self.issuer.valid_from.is_none_or(|from| from <= now)
            && self.issuer.valid_until.is_none_or(|until| now < until)
            && self.issuer.issued_before.is_none_or(in_time)
    }

    pub(crate) fn takes(&self, format: CredentialFormat) -> bool {
        match self.issuer.formats.is_empty() {
            true => CredentialFormat::DEFAULT.contains(&format),
            false => self.issuer.formats.contains(&format),
        }
    }

    pub(crate) fn may_assert(&self, credential_type: &str) -> bool {
        self.issuer.may_assert.contains(credential_type)
    }

    /// Of an https or http URL without user information what stands before the path is its origin
    /// (RFC 6454 §6.2): with a port only where it is not the scheme's own.
    pub(crate) fn may_keep_lists_at(&self, url: &Url) -> bool {
        let origin = &url[..Position::BeforePath];
        self.status_origins.iter().any(|allowed| allowed == origin)
    }

    pub(crate) fn may_use_key(&self, thumbprint: &Thumbprint) -> bool {
        self.thumbprints.is_empty() || self.thumbprints.contains(thumbprint)
    }
}
