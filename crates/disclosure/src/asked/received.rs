//! Asked, chosen and received, side by side.

use super::{AskedPart, AskedSet};
use crate::{DisclosureError, PartId};

/// An entry of the catalogue, and what came of it: a line to show to the person, and to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetRow {
    /// The entry's id.
    pub entry: PartId,
    /// The entry's label.
    pub label: String,
    /// Whether it cannot be left out.
    pub mandatory: bool,
    /// Whether the person chose it.
    pub chosen: bool,
    /// The parts that the request asked for it by, in order; none where it was not chosen.
    pub asked: Vec<PartId>,
    /// Those of them that came.
    pub received: Vec<PartId>,
}

impl SetRow {
    /// Whether everything that was asked for came.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.asked.len() == self.received.len()
    }

    /// The parts that were asked for and did not come.
    pub fn missing(&self) -> impl Iterator<Item = &PartId> {
        self.asked.iter().filter(|part| !self.received.contains(part))
    }
}

impl AskedSet {
    /// Lays an answer beside the set, without judging whether it is enough: `parts` are the ids of those
    /// parts for which a credential was verified, in any order.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`] for a part that was not asked for.
    pub fn side_by_side<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p str>,
    ) -> Result<Vec<SetRow>, DisclosureError> {
        let mut came = Vec::new();
        for id in parts {
            came.push(&self.part(id).ok_or(DisclosureError::UnknownPart)?.id);
        }
        let row = |entry: &crate::CatalogueEntry| {
            let asked = self.parts.iter().filter(|part| part.entry.id == entry.id);
            let asked: Vec<&AskedPart> = asked.collect();
            let received = asked.iter().filter(|part| came.contains(&&part.id));
            SetRow {
                entry: entry.id.clone(),
                label: entry.label.clone(),
                mandatory: entry.mandatory,
                chosen: self.set.contains(entry.id.as_str()),
                received: received.map(|part| part.id.clone()).collect(),
                asked: asked.iter().map(|part| part.id.clone()).collect(),
            }
        };
        Ok(self.offered.iter().map(row).collect())
    }

    /// Lays an answer beside the set, and judges it by the set's
    /// [`Completeness`](super::Completeness).
    ///
    /// # Errors
    /// [`DisclosureError::NotReceived`] names what had to come: every part of a strict set, the
    /// mandatory ones of a lenient one. [`DisclosureError::UnknownPart`].
    pub fn receive<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p str>,
    ) -> Result<Vec<SetRow>, DisclosureError> {
        let rows = self.side_by_side(parts)?;
        let came = |part: &AskedPart| rows.iter().any(|row| row.received.contains(&part.id));
        let missing = self.parts.iter().filter(|part| self.must_come(part) && !came(part));
        let missing: Vec<PartId> = missing.map(|part| part.id.clone()).collect();
        if missing.is_empty() {
            Ok(rows)
        } else {
            Err(DisclosureError::NotReceived { parts: missing })
        }
    }
}
