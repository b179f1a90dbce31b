//! The presentation submission of Presentation Exchange: where a wallet says that the answers are.
//!
//! It is read, and never believed: after resolving, every credential is held against its descriptor again.

mod resolve;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::PresentationDefinition;
use crate::limits::{MAX_ID, MAX_PARTS, MAX_TEXT};
pub use resolve::Location;
pub(crate) use resolve::position;

/// A presentation submission: `_vp_token.presentation_submission` of an ID token in the Microsoft
/// profile, `presentation_submission` of a response in drafts of OpenID4VP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PresentationSubmission {
    /// Its own id.
    pub id: String,
    /// The id of the definition that it answers. Wallets that are asked several definitions name the first
    /// for all of them, so entries are matched by descriptor id.
    pub definition_id: String,
    /// One entry for each answer.
    pub descriptor_map: Vec<DescriptorMapEntry>,
}

/// Where the answer to one input descriptor is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DescriptorMapEntry {
    /// The input descriptor's id.
    pub id: String,
    /// `jwt_vp`, `jwt_vp_json`, or without [`path_nested`](Self::path_nested) `jwt_vc`, `jwt_vc_json`; in upper
    /// or lower case.
    pub format: String,
    /// Which presentation: `$` or `$[k]`.
    pub path: String,
    /// Which credential in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_nested: Option<PathNested>,
}

/// Where a credential is in its presentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PathNested {
    /// The input descriptor's id once more; some wallets leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `jwt_vc` or `jwt_vc_json`; in upper or lower case.
    pub format: String,
    /// `$.verifiableCredential[j]` and the other forms of the dialects.
    pub path: String,
}

impl PresentationSubmission {
    /// A submission with its entries.
    #[must_use]
    pub fn new(
        id: &str,
        definition_id: &str,
        entries: impl IntoIterator<Item = DescriptorMapEntry>,
    ) -> Self {
        Self {
            id: id.to_owned(),
            definition_id: definition_id.to_owned(),
            descriptor_map: entries.into_iter().collect(),
        }
    }

    /// Reads a submission out of untrusted JSON. Unknown members are passed over.
    ///
    /// # Errors
    /// [`SubmissionError::Malformed`] for a member that is missing or of another type or too long,
    /// [`SubmissionError::TooManyEntries`], [`SubmissionError::NestedTooDeep`].
    pub fn from_value(value: &Value) -> Result<Self, SubmissionError> {
        let map = value.get("descriptor_map").and_then(Value::as_array);
        let map = map.ok_or(SubmissionError::Malformed)?;
        if map.len() > MAX_PARTS {
            return Err(SubmissionError::TooManyEntries { limit: MAX_PARTS });
        }
        Ok(Self {
            id: text(value, "id", MAX_TEXT)?,
            definition_id: text(value, "definition_id", MAX_TEXT)?,
            descriptor_map: map
                .iter()
                .map(DescriptorMapEntry::from_value)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl DescriptorMapEntry {
    /// The entry for a credential in a VP-JWT, in the dialect of the JWT VC Presentation Profile: `$`, and
    /// `$.verifiableCredential[j]` in it.
    #[must_use]
    pub fn jwt_vc_in_vp(id: &str, credential: usize) -> Self {
        Self {
            id: id.to_owned(),
            format: "jwt_vp".to_owned(),
            path: "$".to_owned(),
            path_nested: Some(PathNested {
                id: Some(id.to_owned()),
                format: "jwt_vc".to_owned(),
                path: format!("$.verifiableCredential[{credential}]"),
            }),
        }
    }

    /// The same entry for the presentation at position `k`: `$[k]`.
    #[must_use]
    pub fn in_presentation(mut self, k: usize) -> Self {
        self.path = format!("$[{k}]");
        self
    }

    fn from_value(value: &Value) -> Result<Self, SubmissionError> {
        Ok(Self {
            id: text(value, "id", MAX_ID)?,
            format: text(value, "format", MAX_TEXT)?,
            path: text(value, "path", MAX_TEXT)?,
            path_nested: member(value, "path_nested").map(PathNested::from_value).transpose()?,
        })
    }
}

impl PathNested {
    fn from_value(value: &Value) -> Result<Self, SubmissionError> {
        if member(value, "path_nested").is_some() {
            return Err(SubmissionError::NestedTooDeep);
        }
        let id = member(value, "id").map(|_| text(value, "id", MAX_ID)).transpose()?;
        Ok(Self {
            id,
            format: text(value, "format", MAX_TEXT)?,
            path: text(value, "path", MAX_TEXT)?,
        })
    }
}

/// A member that some wallets write as null when they mean that there is none.
fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn text(object: &Value, member: &str, limit: usize) -> Result<String, SubmissionError> {
    let text = object.get(member).and_then(Value::as_str).filter(|text| text.len() <= limit);
    text.map(str::to_owned).ok_or(SubmissionError::Malformed)
}

impl<'de> Deserialize<'de> for PresentationSubmission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Which credential of which presentation is offered for which input descriptor, by a wallet's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignments {
    by_descriptor: BTreeMap<String, Location>,
}

impl Assignments {
    /// Reads the entries of all submissions of a response against the definition that was sent.
    /// `presentations` holds the number of credentials of each presentation, in the order of the response.
    /// A descriptor may be without an entry:
    /// [`PresentationDefinition::satisfied_by`] says so.
    ///
    /// # Errors
    /// [`SubmissionError`] for an entry that resolves to nothing, one for a descriptor that was not asked for
    /// (attack Q2), and two for the same one.
    pub fn resolve(
        definition: &PresentationDefinition,
        submissions: &[PresentationSubmission],
        presentations: &[usize],
    ) -> Result<Self, SubmissionError> {
        let mut by_descriptor = BTreeMap::new();
        for entry in submissions.iter().flat_map(|submission| &submission.descriptor_map) {
            if definition.input_descriptor(&entry.id).is_none() {
                return Err(SubmissionError::UnknownDescriptor);
            }
            let location = entry.resolve(presentations)?;
            if by_descriptor.insert(entry.id.clone(), location).is_some() {
                return Err(SubmissionError::DuplicateDescriptor);
            }
        }
        Ok(Self { by_descriptor })
    }

    /// Where the answer to a descriptor is said to be.
    #[must_use]
    pub fn location(&self, descriptor: &str) -> Option<Location> {
        self.by_descriptor.get(descriptor).copied()
    }

    /// Every descriptor that has an entry, with its location, by descriptor id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Location)> {
        self.by_descriptor.iter().map(|(id, location)| (id.as_str(), *location))
    }

    /// The credentials that are offered for more than one descriptor (attack Q8). Whether that is allowed is
    /// the verifier's policy.
    #[must_use]
    pub fn reused(&self) -> Vec<Location> {
        let mut locations: Vec<_> = self.by_descriptor.values().copied().collect();
        locations.sort_unstable();
        let again = locations.iter().zip(locations.iter().skip(1)).filter(|(one, two)| one == two);
        let mut reused: Vec<_> = again.map(|(one, _)| *one).collect();
        reused.dedup();
        reused
    }

    /// Whether a credential is offered for any descriptor. One that is not was not asked for (fault PF22).
    #[must_use]
    pub fn refers_to(&self, location: Location) -> bool {
        self.by_descriptor.values().any(|other| *other == location)
    }
}

/// Why a presentation submission was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmissionError {
    /// A member is missing, of another JSON type, or too long.
    #[error("the presentation submission is malformed")]
    Malformed,
    /// It has more entries than there can be descriptors.
    #[error("the presentation submission has more than {limit} entries")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// A `path_nested` has a `path_nested`.
    #[error("path_nested is nested")]
    NestedTooDeep,
    /// An entry's format is none of a VP-JWT, or its nested one none of a VC-JWT.
    #[error("an entry has another format")]
    Format,
    /// An entry's `path` is neither `$` nor `$[k]`.
    #[error("an entry's path names no presentation")]
    PresentationPath,
    /// `$` where there are several presentations.
    #[error("an entry's path may mean several presentations")]
    AmbiguousPresentation,
    /// `$[k]` where there are fewer presentations.
    #[error("an entry names a presentation that is not there")]
    NoSuchPresentation,
    /// A `path_nested.path` is of no dialect.
    #[error("an entry's nested path names no credential")]
    CredentialPath,
    /// The two paths of an entry name different presentations.
    #[error("an entry's two paths name different presentations")]
    PresentationsDiffer,
    /// The two ids of an entry differ.
    #[error("an entry's two ids differ")]
    IdsDiffer,
    /// No index where the presentation does not hold exactly one credential.
    #[error("an entry does not say which credential")]
    AmbiguousCredential,
    /// An index where the presentation holds fewer credentials.
    #[error("an entry names a credential that is not there")]
    NoSuchCredential,
    /// An entry for a descriptor that was not asked for.
    #[error("an entry answers a descriptor that was not asked for")]
    UnknownDescriptor,
    /// Two entries for one descriptor.
    #[error("two entries answer the same descriptor")]
    DuplicateDescriptor,
}

impl SubmissionError {
    /// The stable code for logs, reports and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "submission_malformed",
            Self::TooManyEntries { .. } => "submission_too_many_entries",
            Self::NestedTooDeep => "submission_nested_too_deep",
            Self::Format => "submission_format",
            Self::PresentationPath => "submission_presentation_path",
            Self::AmbiguousPresentation => "submission_ambiguous_presentation",
            Self::NoSuchPresentation => "submission_no_such_presentation",
            Self::CredentialPath => "submission_credential_path",
            Self::PresentationsDiffer => "submission_presentations_differ",
            Self::IdsDiffer => "submission_ids_differ",
            Self::AmbiguousCredential => "submission_ambiguous_credential",
            Self::NoSuchCredential => "submission_no_such_credential",
            Self::UnknownDescriptor => "submission_unknown_descriptor",
            Self::DuplicateDescriptor => "submission_duplicate_descriptor",
        }
    }
}
