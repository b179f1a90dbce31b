//! A set as it was asked for, and what came of it.

mod query;
mod received;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use staffpass_credentials::CredentialKind;

pub use received::SetRow;

use crate::{Catalogue, CatalogueEntry, CredentialSet, DisclosureError, PartId, TrainingRule};

/// How much of a set must come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "everything, or what there is")]
pub enum Completeness {
    /// Every credential that was chosen, or an error: as the published guidance of the staff passport
    /// has it.
    Strict,
    /// What arrived is shown and the rest is listed; identity must come all the same.
    Lenient,
}

/// A set frozen into a request: what the person chose, in the words of the catalogue as it was then,
/// and each part that the request asks for. It is kept beside the request, and the answer is held
/// against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct AskedSet {
    completeness: Completeness,
    set: CredentialSet,
    offered: Vec<CatalogueEntry>,
    parts: Vec<AskedPart>,
}

/// As it was stored; without a part for what was chosen, identity above all, it is not read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    completeness: Completeness,
    set: CredentialSet,
    offered: Vec<CatalogueEntry>,
    parts: Vec<AskedPart>,
}

impl TryFrom<Stored> for AskedSet {
    type Error = DisclosureError;

    fn try_from(stored: Stored) -> Result<Self, DisclosureError> {
        let Stored { completeness, set, offered, parts } = stored;
        let offered = Vec::from(Catalogue::new(offered)?);
        let asked = |id: &PartId| parts.iter().any(|part| part.entry.id == *id);
        if !set.parts().all(asked) {
            return Err(DisclosureError::UnknownPart);
        }
        Self { completeness, set, offered, parts }.with_distinct_parts()
    }
}

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AskedPart {
    /// Its id in the request and in the answer.
    pub id: PartId,
    /// The entry of the catalogue that it is of.
    pub entry: CatalogueEntry,
    /// The training that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRule>,
}

impl AskedPart {
    /// What a person reads: the entry's label, with the training that it is about.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.training {
            Some(rule) => format!("{}: {}", self.entry.label, rule.title()),
            None => self.entry.label.clone(),
        }
    }
}

impl CredentialSet {
    /// Freezes the set as it is now: a part for each entry that is chosen, under the entry's id.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`] where the catalogue is another and lacks a part of the set.
    pub fn freeze(
        &self,
        catalogue: &Catalogue,
        completeness: Completeness,
    ) -> Result<AskedSet, DisclosureError> {
        let part = |id: &PartId| {
            let entry = catalogue.entry(id.as_str()).ok_or(DisclosureError::UnknownPart)?;
            Ok(AskedPart { id: id.clone(), entry: entry.clone(), training: None })
        };
        let parts = self.parts().map(part).collect::<Result<_, DisclosureError>>()?;
        let offered = catalogue.entries().to_vec();
        Ok(AskedSet { completeness, set: self.clone(), offered, parts })
    }
}

impl AskedSet {
    /// Asks for these pieces of training, one part each (`training-1`, `training-2` …), in place of any
    /// training: [`TrainingPolicy::mandatory`](crate::TrainingPolicy::mandatory) for all that the
    /// trust wants of everybody, [`about`](crate::TrainingPolicy::about) for some subjects. Without
    /// this call any training answers. A set in which no training was chosen stays as it is.
    ///
    /// # Errors
    /// [`DisclosureError::PartIdForm`] where the training entry's id is so long that no number fits
    /// behind it; [`DisclosureError::DuplicatePart`] where another part has that id.
    pub fn with_training<'r>(
        mut self,
        rules: impl IntoIterator<Item = &'r TrainingRule>,
    ) -> Result<Self, DisclosureError> {
        let is_any = |part: &AskedPart| {
            part.entry.kind == Some(CredentialKind::Training) && part.training.is_none()
        };
        let Some(at) = self.parts.iter().position(is_any) else { return Ok(self) };
        let any = self.parts.remove(at);
        let mut about = Vec::new();
        for (number, rule) in (1..).zip(rules) {
            about.push(any.about(number, rule)?);
        }
        if about.is_empty() {
            about.push(any);
        }
        self.parts.splice(at..at, about);
        self.with_distinct_parts()
    }

    fn with_distinct_parts(self) -> Result<Self, DisclosureError> {
        let mut ids = BTreeSet::new();
        let distinct = self.parts.iter().all(|part| ids.insert(&part.id));
        if distinct { Ok(self) } else { Err(DisclosureError::DuplicatePart) }
    }

    /// How much of it must come.
    #[must_use]
    pub const fn completeness(&self) -> Completeness {
        self.completeness
    }

    /// What the person chose.
    #[must_use]
    pub const fn set(&self) -> &CredentialSet {
        &self.set
    }

    /// What the request asks for, in order.
    #[must_use]
    pub fn parts(&self) -> &[AskedPart] {
        &self.parts
    }

    /// One part, by its id.
    #[must_use]
    pub fn part(&self, id: &str) -> Option<&AskedPart> {
        self.parts.iter().find(|part| part.id.as_str() == id)
    }

    /// Whether the answer must have this part.
    fn must_come(&self, part: &AskedPart) -> bool {
        self.completeness == Completeness::Strict || part.entry.mandatory
    }
}

impl AskedPart {
    fn about(&self, number: u32, rule: &TrainingRule) -> Result<Self, DisclosureError> {
        let id = PartId::parse(&format!("{}-{number}", self.id))?;
        Ok(Self { id, entry: self.entry.clone(), training: Some(rule.clone()) })
    }
}
