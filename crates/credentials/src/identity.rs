//! Who the person is.

use core::fmt;

use chrono::NaiveDate;
use serde_json::Value;

use crate::assurance::Assurance;
use crate::dates::london_date;
use crate::error::{Rule, Warning, WarningReason};
use crate::ids::{IdentityId, OdsCode};
use crate::reader::{
    ClaimsContext, Reader, birthdate, clean, date, date_by_issue, list, object, parsed, shaped,
    text, word,
};
use crate::table::{ToClaim, claims};
use crate::vocabulary::{Confidence, LegalGender};

claims! {
    /// Who the person is, and how that was checked. It holds no document, National Insurance or
    /// NHS number.
    pub struct IdentityCredential (Draft, check) {
        required {
            /// The identifier of this identity, repeated by the person's other credentials.
            identity_id: IdentityId = parsed(IdentityId::parse),
            /// Legal surname; the only name of a person with one name. 1 to 100 characters.
            family_name: String = text(1, 100),
            /// Date of birth; an age from 14 to 110 at issue.
            birthdate: NaiveDate = birthdate,
            /// Confidence in the identity (GPG45).
            confidence: Confidence = word,
            /// Who checked the identity.
            checked_by: CheckedBy = parsed(CheckedBy::parse),
            /// When the identity was checked; not after issue.
            checked_on: NaiveDate = date_by_issue(0),
            /// Where the statements come from.
            assurance: Assurance = object(Assurance::read),
        }
        optional {
            /// Legal first names; absent for a person with one name. 1 to 100 characters.
            given_name: String = text(1, 100),
            /// Middle names, where they are kept apart. Up to 100 characters.
            middle_name: String = text(0, 100),
            /// The name that the person likes to be called by: for display, never for matching.
            preferred_name: String = text(1, 100),
            /// Legal gender.
            legal_gender: LegalGender = word,
            /// Nationalities as ISO 3166-1 alpha-2 codes; 1 to 4.
            nationalities: Vec<String> = list(4, shaped(is_country_code)),
            /// Home address.
            address: Address = object(Address::read),
            /// A JPEG or PNG of at most 30 KiB (30,720 bytes), in base64 with padding.
            portrait: String = shaped(is_portrait),
            /// The GPG45 profile that was met, for example "H1A"; agrees with `confidence`.
            evidence_profile: String = shaped(is_evidence_profile),
            /// When the evidence (for example a passport) expires. Past: the identity stands, and
            /// [`warnings`](Self::warnings) says so.
            evidence_expires_on: NaiveDate = date,
        }
    }
}

impl IdentityCredential {
    /// What a person should look at.
    #[must_use]
    pub fn warnings(&self, context: &ClaimsContext) -> Vec<Warning> {
        let today = london_date(context.now);
        let expired = self.evidence_expires_on.is_some_and(|expiry| expiry < today);
        let warning = Warning::new(&["evidence_expires_on"], WarningReason::EvidenceExpired);
        expired.then_some(warning).into_iter().collect()
    }
}

/// The letter of the profile is its confidence (GPG45).
fn check(draft: &Draft, reader: &mut Reader) {
    let letter = draft.evidence_profile.as_deref().and_then(|profile| profile.chars().next());
    let stated = match letter {
        Some('L') => Confidence::Low,
        Some('M') => Confidence::Medium,
        Some('H') => Confidence::High,
        Some('V') => Confidence::VeryHigh,
        _ => return,
    };
    if draft.confidence.is_some_and(|confidence| confidence != stated) {
        reader.fault("evidence_profile", Rule::Disagrees { other: "confidence" });
    }
}

/// `[A-Z]{2}`.
fn is_country_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// `[LMHV][1-4][A-D]`.
fn is_evidence_profile(text: &str) -> bool {
    matches!(text.as_bytes(), [b'L' | b'M' | b'H' | b'V', b'1'..=b'4', b'A'..=b'D'])
}

/// Base64 (RFC 4648 section 4) that begins as a JPEG or a PNG does, of at most 30 KiB.
fn is_portrait(text: &str) -> bool {
    const MAX_CHARACTERS: usize = 30 * 1024 / 3 * 4;
    let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    text.len() <= MAX_CHARACTERS
        && text.len().is_multiple_of(4)
        && (text.starts_with("/9j/") || text.starts_with("iVBORw0KGgo"))
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}

/// Who checked an identity. In a claim: `idsp: Example IDSP Ltd` or `face_to_face: Z9Z9Z`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckedBy {
    /// An identity service provider, by name (1 to 200 characters).
    Idsp(String),
    /// An organisation that met the person, by its ODS code.
    FaceToFace(OdsCode),
}

impl CheckedBy {
    /// Reads `idsp: <name>` or `face_to_face: <ODS code>`.
    ///
    /// # Errors
    ///
    /// [`Rule::Form`], or what is wrong with the name.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        match text.split_once(": ") {
            Some(("idsp", name)) => clean(name, 1, 200).map(Self::Idsp),
            Some(("face_to_face", code)) => OdsCode::parse(code).map(Self::FaceToFace),
            _ => Err(Rule::Form),
        }
    }
}

impl fmt::Display for CheckedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idsp(name) => write!(f, "idsp: {name}"),
            Self::FaceToFace(code) => write!(f, "face_to_face: {}", code.as_str()),
        }
    }
}

impl fmt::Debug for CheckedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idsp(_) => "Idsp(_)",
            Self::FaceToFace(_) => "FaceToFace(_)",
        })
    }
}

impl ToClaim for CheckedBy {
    fn to_claim(&self) -> Value {
        self.to_string().to_claim()
    }
}

claims! {
    /// A postal address.
    pub struct Address (AddressDraft, |_, _| ()) {
        required {}
        optional {
            /// House and street; 1 to 200 characters.
            street_address: String = text(1, 200),
            /// Town or city; 1 to 200 characters.
            locality: String = text(1, 200),
            /// County or region; 1 to 200 characters.
            region: String = text(1, 200),
            /// Postcode, free text; 1 to 12 characters.
            postal_code: String = text(1, 12),
            /// Country; 1 to 200 characters.
            country: String = text(1, 200),
        }
    }
}
