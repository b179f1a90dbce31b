//! What has been verified. None of these types can be made but by verification.

use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use staffpass_jose::json::Node;

use crate::judge::Believed;
use crate::policy::CredentialFormat;
use crate::response::WalletError;
use crate::token::Payload;
use crate::{Code, Report};

/// A response in which every check passed, or was waived by the policy.
#[must_use]
pub struct VerifiedResponse {
    credentials: Vec<VerifiedCredential>,
    report: Report,
}

impl VerifiedResponse {
    pub(crate) fn new(believed: Vec<Believed<'_>>, report: Report) -> Self {
        let credentials = believed.into_iter().map(VerifiedCredential::new).collect();
        Self { credentials, report }
    }

    /// The verified credentials, in the order of the response.
    #[must_use]
    pub fn credentials(&self) -> &[VerifiedCredential] {
        &self.credentials
    }

    /// The credentials that answer a part of the query.
    pub fn part<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a VerifiedCredential> {
        self.credentials.iter().filter(move |credential| credential.answers(part))
    }

    /// What was checked.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl fmt::Debug for VerifiedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedResponse")
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// What is known of a credential's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialStatus {
    /// It names no list: it has no status.
    None,
    /// Every list that it names says that it is valid.
    Valid,
    /// It names a list that could not be had, and the policy accepts that.
    Unknown,
}

/// A credential whose signature, dates, issuer, binding and status have been checked.
#[derive(Clone)]
pub struct VerifiedCredential {
    issuer: String,
    types: Vec<String>,
    parts: Vec<String>,
    /// The whole credential, of which the subject is a part.
    payload: Arc<Payload>,
    /// Its subject, once somebody has asked for it.
    subject: OnceLock<Map<String, Value>>,
    id: Option<String>,
    issued_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    holder: Option<String>,
    format: CredentialFormat,
    status: CredentialStatus,
}

impl VerifiedCredential {
    fn new(believed: Believed<'_>) -> Self {
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        Self {
            issuer: believed.issuer.to_owned(),
            types: owned(believed.types),
            parts: owned(believed.parts),
            payload: Arc::clone(&believed.credential.payload),
            subject: OnceLock::new(),
            id: believed.credential.id().map(str::to_owned),
            format: believed.credential.format,
            issued_at: believed.issued_at,
            expires_at: believed.expires_at,
            holder: believed.holder.map(str::to_owned),
            status: believed.status,
        }
    }

    /// The issuer, as the policy names it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The types that the issuer may assert, in the credential's order; others are left out.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The first part of the query that it answers.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.parts.first().map(String::as_str)
    }

    /// Whether it answers this part of the query.
    #[must_use]
    pub fn answers(&self, part: &str) -> bool {
        self.parts.iter().any(|answered| answered == part)
    }

    /// In which format it came.
    #[must_use]
    pub fn format(&self) -> CredentialFormat {
        self.format
    }

    /// The credential subject; of an SD-JWT VC the whole payload, as its disclosures leave it. Its
    /// values are signed, and still somebody else's text.
    #[must_use]
    pub fn subject(&self) -> &Map<String, Value> {
        self.subject.get_or_init(|| {
            let subject = self.payload.subject(self.format);
            // Only a credential that has one subject is believed.
            subject.and_then(Node::to_members).unwrap_or_default()
        })
    }

    /// The credential's own id (`jti`).
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Since when it is good: `validFrom` (VC data model 2.0), `nbf`, else `iat`. An SD-JWT VC need
    /// not say.
    #[must_use]
    pub fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.issued_at
    }

    /// When it expires; none where it does not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    /// The holder's identifier, a DID or the thumbprint of a key (RFC 9278): personal data, since
    /// it is the same for every verifier. None where no proof of holding was asked for.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// What is known of its status.
    #[must_use]
    pub fn status(&self) -> CredentialStatus {
        self.status
    }
}

impl fmt::Debug for VerifiedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCredential")
            .field("issuer", &self.issuer)
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

/// A response that was refused, and everything that was checked of it.
#[must_use]
#[derive(Clone, Debug)]
pub struct Rejection {
    report: Box<Report>,
    wallet_error: Option<WalletError>,
}

impl Rejection {
    pub(crate) fn new(report: Report, wallet_error: Option<WalletError>) -> Self {
        Self { report: Box::new(report), wallet_error }
    }

    /// What was checked, and what failed.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Why it was refused: each code once, never empty.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        self.report.codes()
    }

    /// The error that the wallet sent in place of an answer.
    #[must_use]
    pub fn wallet_error(&self) -> Option<WalletError> {
        self.wallet_error
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response was refused:")?;
        self.codes().iter().try_for_each(|code| write!(f, " {code}"))
    }
}

impl std::error::Error for Rejection {}
