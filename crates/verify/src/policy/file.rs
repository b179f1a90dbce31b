//! The policy as its TOML file spells it. What is not spelled has the safe default.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass_jose::Algorithm;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyFile {
    pub(crate) clock_leeway_seconds: u32,
    pub(crate) unknown_status: UnknownStatus,
    pub(crate) algorithms: BTreeSet<Algorithm>,
    pub(crate) mixed_holders: bool,
    pub(crate) ion_state: IonState,
    pub(crate) holder_binding: HolderBinding,
    pub(crate) key_binding_max_age_seconds: u32,
    pub(crate) key_continuity: KeyContinuity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_link: Option<PersonLink>,
    pub(crate) issuer: Vec<TrustedIssuer>,
}

impl Default for PolicyFile {
    fn default() -> Self {
        Self {
            clock_leeway_seconds: 60,
            unknown_status: UnknownStatus::Deny,
            algorithms: Algorithm::ALL.into_iter().collect(),
            mixed_holders: false,
            ion_state: IonState::Canonical,
            holder_binding: HolderBinding::Required,
            key_binding_max_age_seconds: 600,
            key_continuity: KeyContinuity::Hold,
            person_link: None,
            issuer: Vec::new(),
        }
    }
}

/// What becomes of a credential whose status cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnknownStatus {
    /// It is refused.
    #[default]
    Deny,
    /// It is accepted, and the report says so.
    Accept,
}

/// Whether a credential must name a status list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatusRequirement {
    /// A credential without a status entry has no status, which is not an unknown one.
    #[default]
    Optional,
    /// A credential without a status entry is refused.
    Required,
}

/// In which order an issuer's StatusList2021 numbers the bits of a byte. Bitstring status lists are
/// always most significant first, Entra's lists always least significant first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatusBitOrder {
    /// Index 0 is the left-most bit, as the W3C text says since 2023.
    #[default]
    MostSignificantFirst,
    /// Index 0 is the right-most bit.
    LeastSignificantFirst,
}

/// How the hashes of a long-form did:ion are recomputed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IonState {
    /// Over the canonical form (RFC 8785), as Sidetree prescribes.
    #[default]
    Canonical,
    /// Over the canonical form or, where that fails, over the bytes as they stand. The test vectors
    /// in the text of the JWT VC Presentation Profile need it; no wallet is known to.
    AcceptRawBytes,
}

/// How a credential is encoded and secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CredentialFormat {
    /// A credential of the VC data model 1.1 as VC-JWT (§6.3.1), in the claim `vc`.
    #[serde(rename = "jwt_vc_json")]
    VcJwt,
    /// A credential of the VC data model 2.0 by VC-JOSE-COSE: the payload is the credential.
    #[serde(rename = "vc+jwt")]
    VcJose,
    /// An SD-JWT VC of `typ` `dc+sd-jwt`.
    #[serde(rename = "dc+sd-jwt")]
    SdJwtVc,
    /// An SD-JWT VC of the `typ` that drafts before November 2024 gave it. Never taken unless named.
    #[serde(rename = "vc+sd-jwt")]
    LegacySdJwtVc,
}

impl CredentialFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::VcJwt, Self::VcJose, Self::SdJwtVc, Self::LegacySdJwtVc];

    pub(crate) const DEFAULT: [Self; 3] = [Self::VcJwt, Self::VcJose, Self::SdJwtVc];
}

/// Whether a presentation must prove that its sender holds the credential's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HolderBinding {
    /// It must, unless the request itself asked for the credential without.
    #[default]
    Required,
    /// An SD-JWT without key binding is taken. One that has a key binding must have a good one.
    NotRequired,
}

/// What becomes of an issuer whose keys changed with none left of those that were last seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyContinuity {
    /// Its credentials are refused until the operator has looked
    /// ([`Evidence::accept_keys`](crate::Evidence::accept_keys)).
    #[default]
    Hold,
    /// They are accepted, and the report says so.
    Report,
}

/// How an issuer's certificate chain (`x5c`) is judged. An issuer that has this is verified by its
/// chain and in no other way; one that has not is never verified by a chain (S22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct X509Trust {
    /// The anchors, each one certificate in PEM.
    pub anchors: Vec<String>,
    /// The name that the leaf must have as subject alternative name: a DNS name, or a URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san: Option<String>,
    /// In place of a name: the leaf's subject key identifier, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_key_id: Option<String>,
    /// The extended key usage that the leaf must have, as a dotted object identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eku: Option<String>,
}

impl X509Trust {
    /// Chains to one of these anchors, with a leaf of this name.
    #[must_use]
    pub fn named<T: Into<String>>(
        anchors: impl IntoIterator<Item = T>,
        san: impl Into<String>,
    ) -> Self {
        Self {
            anchors: anchors.into_iter().map(Into::into).collect(),
            san: Some(san.into()),
            subject_key_id: None,
            eku: None,
        }
    }
}

/// What an issuer does in a way of its own. None changes how a credential is judged beyond what stands
/// here, nor anything of another issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IssuerConventions {
    /// GOV.UK Wallet's issuers (its technical documentation of 2026-07-01): the credential names an
    /// https URL as its issuer, and its `kid` is a key of the did:web of that URL's host. Their dates
    /// and lists are held to the specifications; where the documentation's own examples are not, they
    /// are refused.
    GovUk,
    /// Authorities of Microsoft Entra Verified ID, each a did:web, or a did:ion of before 2024. It is
    /// short for two other keys, which the policy spells out, so that its file form, its digest,
    /// [`diff`](crate::policy::TrustPolicy::diff) and each report name them:
    ///
    /// - `status_origins`, where none are written: its own origin and the IdentityHubs that its DID
    ///   document may name, `https://verifiedid.hub.msidentity.com` and
    ///   `https://hub.did.msidentity.com`;
    /// - `accept_authentication_key`, of a did:ion alone, for whose only key no other purpose was
    ///   stated (a real credential of 2022 is so).
    ///
    /// All else that these credentials do is what any issuer's may do: no `nbf` beside `iat`, no
    /// `issuer` and no subject `id` in `vc`, a `kid` relative to the DID, a `statusListIndex` that is
    /// a number, and a RevocationList2021, which is read from its least significant bit by its type.
    /// In which order a StatusList2021 of theirs is numbered, if there is one, is not known:
    /// `status_bit_order` stays as it is.
    Entra,
}

/// How one person is recognised across credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PersonLink {
    /// The claim of the credential subject that all credentials repeat.
    pub claim: String,
    /// The credential that speaks for the person: its type, or the id of the part that it answers.
    pub anchor: String,
}

impl PersonLink {
    /// A link by this claim, asserted by the anchor.
    #[must_use]
    pub fn new(claim: impl Into<String>, anchor: impl Into<String>) -> Self {
        Self { claim: claim.into(), anchor: anchor.into() }
    }
}

/// Which values of a claim an issuer may assert. A value outside is refused, and so is a credential
/// of the type that lacks the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ValueRule {
    /// The credential type that the rule is about.
    #[serde(rename = "type")]
    pub credential_type: String,
    /// Member names from the credential subject down.
    pub path: Vec<String>,
    /// The values that may stand there.
    pub values: Vec<Value>,
}

impl ValueRule {
    /// A rule about one claim of one type.
    #[must_use]
    pub fn new<P, V>(
        credential_type: impl Into<String>,
        path: impl IntoIterator<Item = P>,
        values: impl IntoIterator<Item = V>,
    ) -> Self
    where
        P: Into<String>,
        V: Into<Value>,
    {
        Self {
            credential_type: credential_type.into(),
            path: path.into_iter().map(Into::into).collect(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }
}

/// An issuer, and what it is trusted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrustedIssuer {
    /// A DID, or an https URL. Compared as a whole, byte for byte.
    pub id: String,
    /// The credential types (or `vct` values) that it may assert.
    pub may_assert: BTreeSet<String>,
    /// The formats in which its credentials are taken; empty: all but `vc+sd-jwt`.
    #[serde(default)]
    pub formats: BTreeSet<CredentialFormat>,
    /// Which values it may assert.
    #[serde(rename = "where", default)]
    pub value_rules: Vec<ValueRule>,
    /// It is believed from this instant on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<DateTime<Utc>>,
    /// It is believed before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
    /// Only credentials issued before this instant are believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_before: Option<DateTime<Utc>>,
    /// Its pinned keys, as RFC 7638 thumbprints; empty: any key that its document lists.
    #[serde(default)]
    pub key_thumbprints: BTreeSet<String>,
    /// Where its status lists may live; empty: at the origin of its own identifier.
    #[serde(default)]
    pub status_origins: BTreeSet<String>,
    /// Who may sign its status lists, DIDs or https URLs; empty: itself.
    #[serde(default)]
    pub status_signers: BTreeSet<String>,
    /// The bit order of its StatusList2021.
    #[serde(default)]
    pub status_bit_order: StatusBitOrder,
    /// Whether its credentials must name a status list.
    #[serde(default)]
    pub status: StatusRequirement,
    /// What becomes of its credentials whose status cannot be had; none: as the whole policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_status: Option<UnknownStatus>,
    /// Accepts a key that its document lists under `authentication` alone.
    #[serde(default)]
    pub accept_authentication_key: bool,
    /// Accepts its VC-JOSE-COSE credentials without `typ`, which the specification only recommends.
    #[serde(default)]
    pub typ_absent: bool,
    /// The https origin whose DID configuration must say that the issuer's DID is its own; none: no
    /// such check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_domain: Option<String>,
    /// It signs under certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x509: Option<X509Trust>,
    /// What it does in a way of its own; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conventions: Option<IssuerConventions>,
}

impl TrustedIssuer {
    /// An issuer that may assert these types, with the safe defaults for everything else.
    #[must_use]
    pub fn new<T: Into<String>>(
        id: impl Into<String>,
        may_assert: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            id: id.into(),
            may_assert: may_assert.into_iter().map(Into::into).collect(),
            formats: BTreeSet::new(),
            value_rules: Vec::new(),
            valid_from: None,
            valid_until: None,
            issued_before: None,
            key_thumbprints: BTreeSet::new(),
            status_origins: BTreeSet::new(),
            status_signers: BTreeSet::new(),
            status_bit_order: StatusBitOrder::default(),
            status: StatusRequirement::default(),
            unknown_status: None,
            accept_authentication_key: false,
            typ_absent: false,
            linked_domain: None,
            x509: None,
            conventions: None,
        }
    }

    /// Adds a rule about the values that it may assert.
    #[must_use]
    pub fn only_where(mut self, rule: ValueRule) -> Self {
        self.value_rules.push(rule);
        self
    }
}
