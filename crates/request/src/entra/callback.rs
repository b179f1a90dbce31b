//! What the service says in a callback, read and unbelieved.
//!
//! Older shapes are read too: `code` for `requestStatus`, `issuers` for `verifiedCredentialsData`
//! with `authority` for `issuer`.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass_jose::json::{self, JsonError};

use super::Receipt;

/// The largest callback that is read, in bytes: a receipt with two photos of the 1 MB that Entra
/// allows, encoded twice, and the same again as claims.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The most credentials, and types of one, that are looked at.
const MAX_CREDENTIALS: usize = 32;

/// A callback's body.
#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(rename = "requestId")]
    pub(super) request_id: String,
    #[serde(default, rename = "requestStatus")]
    status: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default, rename = "verifiedCredentialsData")]
    credentials: Vec<Claimed>,
    #[serde(default)]
    issuers: Vec<Claimed>,
    #[serde(default)]
    receipt: Option<Receipt>,
    #[serde(default)]
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireError {
    code: String,
}

impl Body {
    pub(super) fn parse(body: &[u8]) -> Result<Self, JsonError> {
        let mut limits = json::Limits::default();
        limits.max_bytes = MAX_BYTES;
        let body: Self = json::parse(body, &limits)?;
        let claimed = body.credentials.iter().chain(&body.issuers);
        if claimed.clone().count() > MAX_CREDENTIALS
            || claimed.into_iter().any(|claimed| claimed.types.len() > MAX_CREDENTIALS)
        {
            return Err(JsonError::TooManyValues { limit: MAX_CREDENTIALS });
        }
        Ok(body)
    }

    /// What the callback says; where both members stand, the documented one.
    pub(super) fn status(&self) -> &str {
        self.status.as_deref().or(self.code.as_deref()).unwrap_or_default()
    }

    pub(super) fn error(&self) -> PresentationError {
        PresentationError::named(self.error.as_ref().map_or("", |error| error.code.as_str()))
    }

    pub(super) fn into_presented(self) -> Presented {
        let older = self.credentials.is_empty();
        let credentials = if older { self.issuers } else { self.credentials };
        Presented { subject: self.subject, credentials, receipt: self.receipt }
    }
}

/// What the service says that a wallet presented. It answers what was asked; whether it is true is
/// the service's word alone, until [`Exchange::confirm`](super::Exchange::confirm).
#[derive(Clone)]
pub struct Presented {
    subject: Option<String>,
    credentials: Vec<Claimed>,
    receipt: Option<Receipt>,
}

impl Presented {
    /// The holder's DID: personal data.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The credentials, in the service's order.
    #[must_use]
    pub fn credentials(&self) -> &[Claimed] {
        &self.credentials
    }

    /// The wallet's own tokens, where they came.
    #[must_use]
    pub const fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }
}

/// Prints how many there are, and nothing of them.
impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("credentials", &self.credentials.len())
            .field("receipt", &self.receipt.is_some())
            .finish_non_exhaustive()
    }
}

/// A credential, by the service's word.
#[derive(Clone, Serialize, Deserialize)]
pub struct Claimed {
    #[serde(alias = "authority")]
    issuer: String,
    #[serde(rename = "type")]
    types: Vec<String>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default, rename = "credentialState", skip_serializing_if = "Option::is_none")]
    state: Option<CredentialState>,
    #[serde(default, rename = "domainValidation", skip_serializing_if = "Option::is_none")]
    domain: Option<DomainValidation>,
    #[serde(default, rename = "issuanceDate", skip_serializing_if = "Option::is_none")]
    issued_at: Option<DateTime<Utc>>,
    #[serde(default, rename = "expirationDate", skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(default, rename = "faceCheck", skip_serializing_if = "Option::is_none")]
    face_check: Option<FaceCheckResult>,
}

#[derive(Clone, Serialize, Deserialize)]
struct CredentialState {
    #[serde(rename = "revocationStatus")]
    revocation_status: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct DomainValidation {
    url: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct FaceCheckResult {
    #[serde(rename = "matchConfidenceScore")]
    score: f64,
}

/// A credential's status, by the service's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationStatus {
    /// `VALID`.
    Valid,
    /// `REVOKED`.
    Revoked,
    /// Nothing is said, as in older callbacks.
    NotStated,
    /// A word that is not documented.
    Other,
}

/// For a service that answers as Microsoft's does.
impl Claimed {
    /// A credential that was verified: its issuer, the types that this issuer is believed in, and its
    /// subject. As Entra writes it, `VerifiableCredential` stands first among the types, and no `id`
    /// among the claims.
    #[must_use]
    pub fn new(issuer: &str, types: &[String], subject: &Map<String, Value>) -> Self {
        let general = "VerifiableCredential".to_owned();
        let further = types.iter().filter(|r#type| **r#type != general).cloned();
        let mut claims = subject.clone();
        claims.remove("id");
        Self {
            issuer: issuer.to_owned(),
            types: std::iter::once(general.clone()).chain(further).collect(),
            claims,
            state: None,
            domain: None,
            issued_at: None,
            expires_at: None,
            face_check: None,
        }
    }

    /// It has been found not to be revoked.
    #[must_use]
    pub fn not_revoked(mut self) -> Self {
        self.state = Some(CredentialState { revocation_status: "VALID".to_owned() });
        self
    }

    /// The domain that is linked to its issuer has been verified.
    #[must_use]
    pub fn with_linked_domain(mut self, url: &str) -> Self {
        self.domain = Some(DomainValidation { url: url.to_owned() });
        self
    }

    /// When it was issued, and when it expires, where it says so.
    #[must_use]
    pub const fn with_dates(
        mut self,
        issued_at: Option<DateTime<Utc>>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Self {
        self.issued_at = issued_at;
        self.expires_at = expires_at;
        self
    }
}

impl Claimed {
    /// The issuer's DID.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The types, with `VerifiableCredential` among them.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The claims: the credential's subject.
    #[must_use]
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The status.
    #[must_use]
    pub fn revocation_status(&self) -> RevocationStatus {
        match self.state.as_ref().map(|state| state.revocation_status.as_str()) {
            None => RevocationStatus::NotStated,
            Some("VALID") => RevocationStatus::Valid,
            Some("REVOKED") => RevocationStatus::Revoked,
            Some(_) => RevocationStatus::Other,
        }
    }

    /// The domain that is linked to the issuer, where the service verified one.
    #[must_use]
    pub fn linked_domain(&self) -> Option<&str> {
        self.domain.as_ref().map(|domain| domain.url.as_str())
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.issued_at
    }

    /// When it expires.
    #[must_use]
    pub const fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    /// How like the photo the person looks, in hundredths, where that was asked for.
    #[must_use]
    pub fn match_confidence_score(&self) -> Option<f64> {
        self.face_check.as_ref().map(|check| check.score)
    }
}

/// Prints the issuer and types, and no claim.
impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed")
            .field("issuer", &self.issuer)
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

/// Why the service has no presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresentationError {
    /// `claimValidationError`: a claim is not as a constraint wants it.
    ClaimValidation,
    /// Any other. The codes are not all documented.
    Other,
}

impl PresentationError {
    fn named(code: &str) -> Self {
        match code {
            "claimValidationError" => Self::ClaimValidation,
            _ => Self::Other,
        }
    }

    /// The code on the wire, and the sentence for people. For others a code of our own: Microsoft's
    /// are not all documented.
    pub(super) const fn as_sent(self) -> (&'static str, &'static str) {
        match self {
            Self::ClaimValidation => {
                ("claimValidationError", "a claim is not as the request wants it")
            }
            Self::Other => ("presentationRefused", "the presentation was not accepted"),
        }
    }
}
