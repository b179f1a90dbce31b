//! What a person can be asked for.

use std::fmt;

use serde::{Deserialize, Serialize};
use staffpass_credentials::{CredentialKind, TypeNames};

use crate::DisclosureError;
use crate::toml_text;

/// The id of a part: `identity`, `employment`, `training` in the staff catalogue. The same id names
/// the part in a request and in its answer.
///
/// 1 to 64 letters, digits, `_` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartId(String);

impl PartId {
    /// The part that is in every set.
    pub const IDENTITY: &'static str = "identity";

    /// Reads an id.
    ///
    /// # Errors
    /// [`DisclosureError::PartIdForm`].
    pub fn parse(text: &str) -> Result<Self, DisclosureError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=64).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(DisclosureError::PartIdForm);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is [`IDENTITY`](Self::IDENTITY).
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.0 == Self::IDENTITY
    }
}

impl TryFrom<String> for PartId {
    type Error = DisclosureError;

    fn try_from(text: String) -> Result<Self, DisclosureError> {
        Self::parse(&text)
    }
}

impl From<PartId> for String {
    fn from(id: PartId) -> Self {
        id.0
    }
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of a catalogue: a kind of credential that a person can be asked for.
///
/// ```toml
/// [[credential]]
/// id = "training"
/// kind = "training"                                  # identity, employment, training; or none
/// type = "StaffTraining"                             # as it stands in `type`, and
/// vct = "urn:example:staff-passport:training:1"      # of an SD-JWT VC: both come of the kind
/// label = "Training"
/// hint = "Statutory and mandatory training that you have completed."
/// purpose = "To avoid training that you need not repeat."
/// mandatory = false
/// several = true                                     # one for each subject, say
/// claims = ["subject", "awarded_on"]                 # dots between the levels
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CatalogueEntry {
    /// Its id.
    pub id: PartId,
    /// Which of the staff credentials it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CredentialKind>,
    /// The credential's type, as it stands in `type` of a W3C credential.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// The type of an SD-JWT VC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vct: Option<String>,
    /// What the person reads beside the box.
    pub label: String,
    /// A sentence under it.
    #[serde(default)]
    pub hint: String,
    /// What it is wanted for.
    #[serde(default)]
    pub purpose: String,
    /// Whether it is in every set.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether several credentials may come.
    #[serde(default)]
    pub several: bool,
    /// Claims of the subject that the credential must have, with dots between the levels. Of an SD-JWT
    /// VC, of which only what is asked for comes, those are asked for besides that every credential of
    /// its kind has.
    #[serde(default)]
    pub claims: Vec<String>,
}

impl CatalogueEntry {
    /// An entry of a W3C type, that may be left out, for one credential, without hint, purpose or
    /// claims.
    #[must_use]
    pub fn new(id: PartId, type_name: &str, label: &str) -> Self {
        Self {
            id,
            kind: None,
            type_name: Some(type_name.to_owned()),
            vct: None,
            label: label.to_owned(),
            hint: String::new(),
            purpose: String::new(),
            mandatory: false,
            several: false,
            claims: Vec::new(),
        }
    }

    /// An entry of a kind of staff credential, by both its names.
    #[must_use]
    pub fn of_kind(id: PartId, kind: CredentialKind, label: &str) -> Self {
        Self { kind: Some(kind), type_name: None, ..Self::new(id, "", label) }.named()
    }

    /// The names that its kind goes by, where it gives none itself.
    fn named(mut self) -> Self {
        if self.type_name.is_none()
            && self.vct.is_none()
            && let Some(kind) = self.kind
        {
            let names = TypeNames::default();
            let name = names.name(kind);
            self.type_name = Some(name.vc_type.clone());
            self.vct = Some(name.vct.clone());
        }
        self
    }

    /// Sets the type of an SD-JWT VC.
    #[must_use]
    pub fn with_vct(mut self, vct: &str) -> Self {
        self.vct = Some(vct.to_owned());
        self
    }

    /// Lets several credentials come.
    #[must_use]
    pub fn accept_several(mut self) -> Self {
        self.several = true;
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn with_hint(mut self, hint: &str) -> Self {
        self.hint = hint.to_owned();
        self
    }

    /// Sets what it is wanted for.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &str) -> Self {
        self.purpose = purpose.to_owned();
        self
    }

    /// Sets the claims that it must have.
    #[must_use]
    pub fn with_claims<'c>(mut self, claims: impl IntoIterator<Item = &'c str>) -> Self {
        self.claims = claims.into_iter().map(str::to_owned).collect();
        self
    }

    /// Puts it into every set.
    #[must_use]
    pub fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }
}

/// What a person can be asked for, in the order in which it is shown. Identity is in it, and is
/// mandatory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<CatalogueEntry>", into = "Vec<CatalogueEntry>")]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

impl Catalogue {
    /// A catalogue of these entries.
    ///
    /// # Errors
    /// [`DisclosureError::DuplicatePart`]; [`DisclosureError::NoIdentity`] where `identity` is not
    /// among them as mandatory; [`DisclosureError::TypeNameAbsent`] for one without kind, type and
    /// `vct`.
    pub fn new(entries: impl IntoIterator<Item = CatalogueEntry>) -> Result<Self, DisclosureError> {
        let entries: Vec<_> = entries.into_iter().map(CatalogueEntry::named).collect();
        check_ids(entries.iter().map(|entry| (&entry.id, entry.mandatory)))?;
        let unnamed = |entry: &&CatalogueEntry| entry.type_name.is_none() && entry.vct.is_none();
        match entries.iter().find(unnamed) {
            Some(entry) => Err(DisclosureError::TypeNameAbsent { part: entry.id.clone() }),
            None => Ok(Self { entries }),
        }
    }

    /// Reads a catalogue: a `[[credential]]` for each [`CatalogueEntry`], in the order in which they
    /// are shown.
    ///
    /// # Errors
    /// [`DisclosureError::Toml`] with the line, and as [`new`](Self::new).
    pub fn from_toml(text: &str) -> Result<Self, DisclosureError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            credential: Vec<CatalogueEntry>,
        }
        Self::new(toml_text::read::<File>(text)?.credential)
    }

    /// The three staff credentials: identity, mandatory, and employment and training. Of training,
    /// which is a credential for each subject and level, several may come.
    #[must_use]
    pub fn staff() -> Self {
        let entry = |kind: CredentialKind, label| {
            CatalogueEntry::of_kind(PartId(kind.id().to_owned()), kind, label)
        };
        let identity = entry(CredentialKind::Identity, "Identity")
            .with_hint("Your name, date of birth and how your identity was checked.")
            .with_purpose("To check who you are.")
            .mandatory();
        let employment = entry(CredentialKind::Employment, "Employment")
            .with_hint("Your employer, your job, and the checks made before you started.")
            .with_purpose("To know your job and the checks you have passed.");
        let training = entry(CredentialKind::Training, "Training")
            .with_hint("Statutory and mandatory training that you have completed.")
            .with_purpose("To avoid training that you need not repeat.")
            .accept_several();
        Self { entries: vec![identity, employment, training] }
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// One entry, by its id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&CatalogueEntry> {
        self.entries.iter().find(|entry| entry.id.as_str() == id)
    }
}

impl TryFrom<Vec<CatalogueEntry>> for Catalogue {
    type Error = DisclosureError;

    fn try_from(entries: Vec<CatalogueEntry>) -> Result<Self, DisclosureError> {
        Self::new(entries)
    }
}

impl From<Catalogue> for Vec<CatalogueEntry> {
    fn from(catalogue: Catalogue) -> Self {
        catalogue.entries
    }
}

/// Each id once, and identity among the mandatory ones.
pub(crate) fn check_ids<'p>(
    parts: impl Iterator<Item = (&'p PartId, bool)>,
) -> Result<(), DisclosureError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut identity = false;
    for (id, mandatory) in parts {
        if !seen.insert(id) {
            return Err(DisclosureError::DuplicatePart);
        }
        identity |= id.is_identity() && mandatory;
    }
    if identity { Ok(()) } else { Err(DisclosureError::NoIdentity) }
}
