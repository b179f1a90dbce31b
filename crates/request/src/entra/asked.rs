//! What is asked for, in the words of Microsoft's service.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::RequestError;
use crate::text::{check_text, is_did};

/// A credential that is asked for (`requestedCredentials[]`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestedCredential {
    /// Kept with the exchange, and never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    r#type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(default)]
    accepted_issuers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    constraints: Vec<Constraint>,
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Configuration {
    #[serde(default)]
    validation: Validation,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Validation {
    #[serde(default)]
    allow_revoked: bool,
    #[serde(default)]
    validate_linked_domain: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    face_check: Option<FaceCheck>,
}

impl RequestedCredential {
    /// A credential of a type, by one of these issuers, each by its whole DID. Microsoft's service
    /// takes an empty list as *any issuer*; here it is refused when the request is built.
    #[must_use]
    pub fn new<'i>(r#type: &str, accepted_issuers: impl IntoIterator<Item = &'i str>) -> Self {
        Self {
            part: None,
            r#type: r#type.to_owned(),
            purpose: None,
            accepted_issuers: accepted_issuers.into_iter().map(str::to_owned).collect(),
            constraints: Vec::new(),
            configuration: Configuration::default(),
        }
    }

    /// Which part of the portal's own question it answers, for example an id of its catalogue. The
    /// service is not told: it stays with the [`Exchange`](super::Exchange), and comes back in
    /// [`Confirmed::part`](super::Confirmed::part).
    #[must_use]
    pub fn with_part(mut self, id: &str) -> Self {
        self.part = Some(id.to_owned());
        self
    }

    /// What it is wanted for, as the wallet shows it.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &str) -> Self {
        self.purpose = Some(purpose.to_owned());
        self
    }

    /// A claim must have a value. All constraints of a credential must hold.
    #[must_use]
    pub fn with_constraint(mut self, constraint: Constraint) -> Self {
        self.constraints.push(constraint);
        self
    }

    /// A revoked credential is accepted too.
    #[must_use]
    pub fn accept_revoked(mut self) -> Self {
        self.configuration.validation.allow_revoked = true;
        self
    }

    /// The issuer's linked domain must have been verified.
    #[must_use]
    pub fn with_linked_domain(mut self) -> Self {
        self.configuration.validation.validate_linked_domain = true;
        self
    }

    /// The person must look like the photo in the credential.
    #[must_use]
    pub fn with_face_check(mut self, face_check: FaceCheck) -> Self {
        self.configuration.validation.face_check = Some(face_check);
        self
    }

    /// The part of the portal's own question, where it was given one.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// As it is sent and read.
    pub(super) fn without_part(mut self) -> Self {
        self.part = None;
        self
    }

    /// The type.
    #[must_use]
    pub fn r#type(&self) -> &str {
        &self.r#type
    }

    /// What it is wanted for.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The issuers, by their whole DIDs.
    #[must_use]
    pub fn accepted_issuers(&self) -> &[String] {
        &self.accepted_issuers
    }

    /// The constraints, all of which must hold.
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// Whether a revoked credential is accepted.
    #[must_use]
    pub const fn accepts_revoked(&self) -> bool {
        self.configuration.validation.allow_revoked
    }

    /// Whether the issuer's linked domain must have been verified.
    #[must_use]
    pub const fn wants_linked_domain(&self) -> bool {
        self.configuration.validation.validate_linked_domain
    }

    /// The face check, where one is asked for.
    #[must_use]
    pub const fn face_check(&self) -> Option<&FaceCheck> {
        self.configuration.validation.face_check.as_ref()
    }

    /// Refuses what the service refuses, and the empty list of issuers, which it does not (attack
    /// B12). `part` is its position, from 0.
    pub(super) fn check(&self, part: usize) -> Result<(), RequestError> {
        if self.r#type.trim().is_empty() {
            return Err(RequestError::MemberMissing { member: "type" });
        }
        if self.accepted_issuers.is_empty() {
            return Err(RequestError::NoAcceptedIssuer { part });
        }
        if !self.accepted_issuers.iter().all(|issuer| is_did(issuer)) {
            return Err(RequestError::MemberValue { member: "acceptedIssuers" });
        }
        if let Some(purpose) = &self.purpose {
            check_text(purpose, "purpose")?;
        }
        if !self.constraints.iter().all(Constraint::is_well_formed) {
            return Err(RequestError::MemberValue { member: "constraints" });
        }
        match self.face_check() {
            Some(check) if !check.is_well_formed() => {
                Err(RequestError::MemberValue { member: "faceCheck" })
            }
            _ => Ok(()),
        }
    }
}

/// A claim must have a value (`constraints[]`). Upper and lower case are not told apart.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Constraint {
    claim_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contains: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_with: Option<String>,
}

/// How the value of a claim is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Matching<'a> {
    /// It is one of these.
    Values(&'a [String]),
    /// It has this somewhere in it.
    Contains(&'a str),
    /// It begins with this.
    StartsWith(&'a str),
}

impl Constraint {
    /// The claim's value is one of these.
    #[must_use]
    pub fn one_of<'v>(claim_name: &str, values: impl IntoIterator<Item = &'v str>) -> Self {
        let values = values.into_iter().map(str::to_owned).collect();
        Self { values: Some(values), ..Self::of(claim_name) }
    }

    /// The claim's value has this text somewhere in it.
    #[must_use]
    pub fn contains(claim_name: &str, text: &str) -> Self {
        Self { contains: Some(text.to_owned()), ..Self::of(claim_name) }
    }

    /// The claim's value begins with this text.
    #[must_use]
    pub fn starts_with(claim_name: &str, text: &str) -> Self {
        Self { starts_with: Some(text.to_owned()), ..Self::of(claim_name) }
    }

    fn of(claim_name: &str) -> Self {
        let claim_name = claim_name.to_owned();
        Self { claim_name, values: None, contains: None, starts_with: None }
    }

    /// The claim, by its name in the credential's subject.
    #[must_use]
    pub fn claim_name(&self) -> &str {
        &self.claim_name
    }

    /// How it is compared; none where a constraint that was read says nothing, or two things.
    #[must_use]
    pub fn matching(&self) -> Option<Matching<'_>> {
        match (&self.values, &self.contains, &self.starts_with) {
            (Some(values), None, None) => Some(Matching::Values(values)),
            (None, Some(text), None) => Some(Matching::Contains(text)),
            (None, None, Some(text)) => Some(Matching::StartsWith(text)),
            _ => None,
        }
    }

    /// An empty text would be in every value, and an empty list in none.
    fn is_well_formed(&self) -> bool {
        let said = match self.matching() {
            Some(Matching::Values(values)) => !values.is_empty(),
            Some(Matching::Contains(text) | Matching::StartsWith(text)) => !text.is_empty(),
            None => false,
        };
        said && !self.claim_name.is_empty()
    }

    /// Whether a claim's value is as wanted. What is neither text, number nor truth value never is:
    /// how the service compares lists is not documented.
    pub(super) fn holds(&self, value: Option<&Value>) -> bool {
        let Some(text) = value.and_then(text_of) else { return false };
        let text = text.to_lowercase();
        match self.matching() {
            Some(Matching::Values(values)) => values.iter().any(|v| v.to_lowercase() == text),
            Some(Matching::Contains(part)) => text.contains(&part.to_lowercase()),
            Some(Matching::StartsWith(part)) => text.starts_with(&part.to_lowercase()),
            None => false,
        }
    }
}

/// Prints the claim's name, and no value: it may be a person's.
impl fmt::Debug for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Constraint").field("claim_name", &self.claim_name).finish_non_exhaustive()
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A comparison of the person's face with a photo in the credential (`faceCheck`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaceCheck {
    source_photo_claim_name: String,
    #[serde(default = "usual_threshold")]
    match_confidence_threshold: u8,
}

/// The service's default, in hundredths.
const fn usual_threshold() -> u8 {
    70
}

impl FaceCheck {
    /// With the photo in this claim, and the service's usual threshold of 70.
    #[must_use]
    pub fn new(source_photo_claim_name: &str) -> Self {
        let source_photo_claim_name = source_photo_claim_name.to_owned();
        Self { source_photo_claim_name, match_confidence_threshold: usual_threshold() }
    }

    /// With another threshold, from 50 to 100.
    #[must_use]
    pub const fn with_threshold(mut self, hundredths: u8) -> Self {
        self.match_confidence_threshold = hundredths;
        self
    }

    /// The claim with the photo.
    #[must_use]
    pub fn source_photo_claim_name(&self) -> &str {
        &self.source_photo_claim_name
    }

    /// The least confidence, in hundredths.
    #[must_use]
    pub const fn threshold(&self) -> u8 {
        self.match_confidence_threshold
    }

    fn is_well_formed(&self) -> bool {
        let range = (50..=100).contains(&self.match_confidence_threshold);
        range && !self.source_photo_claim_name.is_empty()
    }
}
