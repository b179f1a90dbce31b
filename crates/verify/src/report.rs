//! What was checked, and how each check came out. A report holds no claim value and no token.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::{Code, Fault};

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// The response as a whole.
    Response,
    /// The ID token of the Microsoft profile.
    IdToken,
    /// A presentation, by its place in the response.
    Presentation(usize),
    /// A credential, by its presentation's place and its own.
    Credential(usize, usize),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response => f.write_str("response"),
            Self::IdToken => f.write_str("ID token"),
            Self::Presentation(p) => write!(f, "presentation {p}"),
            Self::Credential(p, c) => write!(f, "credential {c} of presentation {p}"),
        }
    }
}

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)*) => {
        /// A check that verification makes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Check {
            $($(#[$doc])* $variant,)*
        }

        impl Check {
            /// The stable name of the check.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

checks! {
    /// The body is the form that this protocol and mode prescribe, within the limits.
    Form = "form";
    /// The request is still open.
    Open = "open";
    /// `state` is the request's.
    State = "state";
    /// The token is a strict compact JWS with an allowed algorithm, the right `typ`, and claims.
    Token = "token";
    /// The issuer is known to the policy.
    Issuer = "issuer";
    /// The key belongs to the token's issuer and serves this purpose.
    Key = "key";
    /// The signature verifies.
    Signature = "signature";
    /// `aud` is this verifier.
    Audience = "audience";
    /// `nonce` is the request's.
    Nonce = "nonce";
    /// The dates are good.
    Dates = "dates";
    /// The hash in a key binding is that of this SD-JWT with exactly these disclosures.
    SdHash = "sd_hash";
    /// The transaction data of the request, where it has any, is what the holder's key signed.
    TransactionData = "transaction_data";
    /// The disclosures are referenced, well formed, and hide nothing that must not be hidden.
    Disclosures = "disclosures";
    /// Context, type and shape are those of the data model.
    Shape = "shape";
    /// `iss` and `sub` of a self-issued ID token are what they must be.
    SelfIssued = "self_issued";
    /// The issuer may assert a type of this credential, and the values it asserts.
    Authority = "authority";
    /// The credential is bound to the key that signed its presentation.
    HolderBinding = "holder_binding";
    /// The issuer's domain says that the issuer's identifier is its own, where the policy asks.
    LinkedDomain = "linked_domain";
    /// The credential is neither revoked nor suspended.
    Status = "status";
    /// All presentations are by one holder, where the policy wants that.
    Holders = "holders";
    /// All credentials speak of one person, where the policy wants that.
    Person = "person";
    /// The verified credentials are what was asked, and nothing more.
    Answer = "answer";
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed, and why.
    Failed(Code),
    /// It was not made, because this other check failed or waits for evidence.
    NotReached(Check),
    /// It did not pass, and the policy lets that be under this key.
    Waived(PolicyKey),
}

/// A loosening of the policy that a report can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PolicyKey {
    /// `unknown_status = "accept"`.
    UnknownStatus,
    /// `accept_authentication_key = true`.
    AcceptAuthenticationKey,
    /// `mixed_holders = true`.
    MixedHolders,
    /// No `person_link` is set, so nobody compares persons.
    PersonLink,
    /// `holder_binding = "not_required"`.
    HolderBinding,
    /// The request asked for this credential without a proof of holding
    /// (`require_cryptographic_holder_binding` is false).
    RequestedWithoutHolderBinding,
    /// `key_continuity = "report"`.
    KeyContinuity,
    /// `typ_absent = true`.
    TypAbsent,
    /// `vc+sd-jwt` among the issuer's `formats`.
    LegacySdJwtVc,
    /// `ion_state = "accept_raw_bytes"`.
    IonState,
}

impl PolicyKey {
    /// The key as the policy's file form spells it; of a format, the format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownStatus => "unknown_status",
            Self::AcceptAuthenticationKey => "accept_authentication_key",
            Self::MixedHolders => "mixed_holders",
            Self::PersonLink => "person_link",
            Self::HolderBinding => "holder_binding",
            Self::RequestedWithoutHolderBinding => "require_cryptographic_holder_binding",
            Self::KeyContinuity => "key_continuity",
            Self::TypAbsent => "typ_absent",
            Self::LegacySdJwtVc => "vc+sd-jwt",
            Self::IonState => "ion_state",
        }
    }
}

/// One line of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckRecord {
    /// What was checked.
    pub subject: Subject,
    /// Which check.
    pub check: Check,
    /// How it came out.
    pub outcome: Outcome,
}

/// A SHA-256 digest, printed as hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub(crate) [u8; 32]);

impl Digest {
    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A document that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceUsed {
    /// What kind of document, and of whom: an issuer's identifier or a list's address.
    pub source: String,
    /// SHA-256 of its bytes; none where it could not be had.
    pub digest: Option<Digest>,
    /// When it was fetched.
    pub fetched_at: DateTime<Utc>,
    /// How old it was when judged, in whole seconds.
    pub age_seconds: i64,
}

/// For which part of the query a credential was offered, by the wallet's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Offer {
    /// The credential.
    pub subject: Subject,
    /// The part of the query: an id that the verifier chose, and no wallet.
    pub part: String,
}

/// Everything that was checked about one response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct Report {
    /// When it was judged: the `now` that was handed in.
    pub judged_at: DateTime<Utc>,
    /// The crypto provider that checked the signatures.
    pub provider: &'static str,
    /// SHA-256 of the policy in its canonical form.
    pub policy: Digest,
    /// SHA-256 of the expectation in its canonical form.
    pub expectation: Digest,
    /// SHA-256 of the response as it came.
    pub response: Digest,
    /// SHA-256 of what stood inside, where the response came encrypted and was opened. Of that one
    /// the digest of the response proves nothing once the key is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Digest>,
    /// Each document that was looked at.
    pub evidence: Vec<EvidenceUsed>,
    /// Which credential was offered for which part of the query, so that a refused one can be named
    /// to the person.
    pub offers: Vec<Offer>,
    /// Each check, in the order of the flow. One that passed under several loosenings stands once
    /// for each.
    pub checks: Vec<CheckRecord>,
    /// Credentials that nothing referred to: dropped unread, never returned.
    pub dropped: Vec<Subject>,
}

impl Report {
    /// Whether every check passed or was waived.
    #[must_use]
    pub fn accepted(&self) -> bool {
        !self.checks.is_empty()
            && self
                .checks
                .iter()
                .all(|record| matches!(record.outcome, Outcome::Passed | Outcome::Waived(_)))
    }

    /// The codes of the checks that failed, each once, in the order of the flow.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes = Vec::new();
        for (_, code) in self.failures() {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    /// The checks that failed: what about, and why.
    pub fn failures(&self) -> impl Iterator<Item = (Subject, Code)> {
        self.checks.iter().filter_map(|record| match record.outcome {
            Outcome::Failed(code) => Some((record.subject, code)),
            _ => None,
        })
    }

    /// The parts of the query whose credentials failed a check, each once.
    #[must_use]
    pub fn failed_parts(&self) -> Vec<&str> {
        let mut parts = Vec::new();
        for (subject, _) in self.failures() {
            for part in self.parts_of(subject) {
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        parts
    }

    fn parts_of(&self, subject: Subject) -> impl Iterator<Item = &str> {
        let offers = self.offers.iter().filter(move |offer| offer.subject == subject);
        offers.map(|offer| offer.part.as_str())
    }

    /// Whose fault the first failure is.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.failures().next().map(|(_, code)| code.fault())
    }
}

impl fmt::Display for Report {
    /// The report as text: one line a check.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in &self.checks {
            let (mark, note) = match record.outcome {
                Outcome::Passed => ("ok  ", String::new()),
                Outcome::Failed(code) => ("FAIL", format!(": {code}")),
                Outcome::NotReached(check) => ("-   ", format!(": not reached, after {check}")),
                Outcome::Waived(key) => ("ok* ", format!(": waived by {}", key.as_str())),
            };
            write!(f, "{mark} {}", record.subject)?;
            for part in self.parts_of(record.subject) {
                write!(f, " ({part})")?;
            }
            writeln!(f, ": {}{note}", record.check)?;
        }
        for subject in &self.dropped {
            writeln!(f, "     {subject}: not asked for, dropped")?;
        }
        Ok(())
    }
}

/// Collects the outcomes of checks while a response is judged.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) checks: Vec<CheckRecord>,
    failed: bool,
}

impl Ledger {
    pub(crate) fn with_capacity(checks: usize) -> Self {
        Self { checks: Vec::with_capacity(checks), failed: false }
    }

    pub(crate) fn record(&mut self, subject: Subject, check: Check, outcome: Outcome) {
        self.failed |= matches!(outcome, Outcome::Failed(_));
        self.checks.push(CheckRecord { subject, check, outcome });
    }

    /// Whether a check about this subject did not pass.
    pub(crate) fn failed(&self, subject: Subject) -> bool {
        let is_failure =
            |r: &CheckRecord| r.subject == subject && matches!(r.outcome, Outcome::Failed(_));
        self.failed && self.checks.iter().any(is_failure)
    }

    pub(crate) fn any_failed(&self) -> bool {
        self.failed
    }

    /// Adds a line for each required check that was not made, and says after which one it stopped.
    pub(crate) fn close(&mut self, subject: Subject, required: &[Check]) {
        let mut last = required.first().copied().unwrap_or(Check::Form);
        for check in required {
            match self.checks.iter().any(|r| r.subject == subject && r.check == *check) {
                true => last = *check,
                false => self.record(subject, *check, Outcome::NotReached(last)),
            }
        }
    }
}
