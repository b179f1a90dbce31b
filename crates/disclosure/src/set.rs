//! The credentials that a person has chosen to share.

use serde::{Deserialize, Serialize};
use staffpass_request::RequestedCredential;

use crate::catalogue::check_ids;
use crate::{Catalogue, CatalogueEntry, DisclosureError, PartId};

/// What a person has chosen of a catalogue. Identity, and whatever else is mandatory, is in every
/// set: no constructor leaves it out, no call takes it out, and no stored set without it is read.
///
/// It knows the ids of its catalogue, so that an id that nobody offered is refused whenever it
/// comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Offered>", into = "Vec<Offered>")]
pub struct CredentialSet {
    offered: Vec<Offered>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offered {
    id: PartId,
    mandatory: bool,
    chosen: bool,
}

impl CredentialSet {
    /// The smallest set: what is mandatory.
    #[must_use]
    pub fn new(catalogue: &Catalogue) -> Self {
        let offered = catalogue.entries().iter().map(|entry| Offered {
            id: entry.id.clone(),
            mandatory: entry.mandatory,
            chosen: entry.mandatory,
        });
        Self { offered: offered.collect() }
    }

    /// What is mandatory and what was ticked. A mandatory part may be named or not: a box that
    /// cannot be unticked is not sent by a browser.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`] for an id that the catalogue has not.
    pub fn with_chosen<'i>(
        catalogue: &Catalogue,
        ids: impl IntoIterator<Item = &'i str>,
    ) -> Result<Self, DisclosureError> {
        Self::new(catalogue).amend(ids)
    }

    /// Another set of the same catalogue: what is mandatory and what is ticked now. This one stays
    /// as it was, so that what was asked before can still be shown.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`].
    pub fn amend<'i>(
        &self,
        ids: impl IntoIterator<Item = &'i str>,
    ) -> Result<Self, DisclosureError> {
        let mut amended = self.clone();
        for offered in &mut amended.offered {
            offered.chosen = offered.mandatory;
        }
        for id in ids {
            amended.add(id)?;
        }
        Ok(amended)
    }

    /// The same set without one part.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`], [`DisclosureError::MandatoryPart`].
    pub fn without(&self, id: &str) -> Result<Self, DisclosureError> {
        let mut smaller = self.clone();
        smaller.remove(id)?;
        Ok(smaller)
    }

    /// Adds a part; false if it was in the set.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`].
    pub fn add(&mut self, id: &str) -> Result<bool, DisclosureError> {
        let offered = self.offered_mut(id)?;
        Ok(!std::mem::replace(&mut offered.chosen, true))
    }

    /// Takes a part out; false if it was not in the set.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`]; [`DisclosureError::MandatoryPart`] for identity and
    /// whatever else is mandatory.
    pub fn remove(&mut self, id: &str) -> Result<bool, DisclosureError> {
        let offered = self.offered_mut(id)?;
        if offered.mandatory {
            return Err(DisclosureError::MandatoryPart);
        }
        Ok(std::mem::replace(&mut offered.chosen, false))
    }

    /// Whether a part is in the set.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.parts().any(|part| part.as_str() == id)
    }

    /// Whether a part cannot be taken out.
    #[must_use]
    pub fn is_mandatory(&self, id: &str) -> bool {
        self.offered.iter().any(|offered| offered.mandatory && offered.id.as_str() == id)
    }

    /// The parts in the set, in the catalogue's order.
    pub fn parts(&self) -> impl Iterator<Item = &PartId> {
        self.offered.iter().filter(|offered| offered.chosen).map(|offered| &offered.id)
    }

    /// What to ask a wallet for, in the catalogue's order; `issuers` names the accepted issuers of
    /// each part.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`] where the catalogue is another and lacks a part of the set;
    /// [`DisclosureError::TypeNameAbsent`] for an entry that is asked for as an SD-JWT VC alone.
    pub fn to_requested<S: AsRef<str>>(
        &self,
        catalogue: &Catalogue,
        mut issuers: impl FnMut(&PartId) -> Vec<S>,
    ) -> Result<Vec<RequestedCredential>, DisclosureError> {
        let requested = |id: &PartId| {
            let entry = catalogue.entry(id.as_str()).ok_or(DisclosureError::UnknownPart)?;
            requested(entry, &issuers(id))
        };
        self.parts().map(requested).collect()
    }

    fn offered_mut(&mut self, id: &str) -> Result<&mut Offered, DisclosureError> {
        let mut offered = self.offered.iter_mut();
        offered.find(|offered| offered.id.as_str() == id).ok_or(DisclosureError::UnknownPart)
    }
}

impl TryFrom<Vec<Offered>> for CredentialSet {
    type Error = DisclosureError;

    fn try_from(offered: Vec<Offered>) -> Result<Self, DisclosureError> {
        check_ids(offered.iter().map(|part| (&part.id, part.mandatory)))?;
        if offered.iter().any(|part| part.mandatory && !part.chosen) {
            return Err(DisclosureError::MandatoryPart);
        }
        Ok(Self { offered })
    }
}

impl From<CredentialSet> for Vec<Offered> {
    fn from(set: CredentialSet) -> Self {
        set.offered
    }
}

/// An empty label or purpose is not said at all.
fn requested<S: AsRef<str>>(
    entry: &CatalogueEntry,
    issuers: &[S],
) -> Result<RequestedCredential, DisclosureError> {
    let name = entry.type_name.as_deref();
    let name = name.ok_or_else(|| DisclosureError::TypeNameAbsent { part: entry.id.clone() })?;
    let mut requested = RequestedCredential::new(entry.id.as_str(), name)
        .with_issuers(issuers.iter().map(AsRef::as_ref))
        .with_claims(entry.claims.iter().map(String::as_str));
    if let Some(vct) = &entry.vct {
        requested = requested.with_vct(vct);
    }
    if !entry.label.is_empty() {
        requested = requested.with_name(&entry.label);
    }
    if !entry.purpose.is_empty() {
        requested = requested.with_purpose(&entry.purpose);
    }
    Ok(requested)
}
