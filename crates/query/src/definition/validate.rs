//! What makes a presentation definition valid beyond the shape of its members, and what we send besides.

use super::{Field, Filter, InputDescriptor, PresentationDefinition};
use crate::{QueryError, read};

impl PresentationDefinition {
    /// Holds for every definition, ours or not.
    pub(super) fn validate(&self) -> Result<(), QueryError> {
        check_foreign_id(&self.id, "presentation_definition")?;
        let ids = || self.input_descriptors.iter().map(InputDescriptor::id);
        ids().try_for_each(|id| check_foreign_id(id, "input_descriptors"))?;
        read::check_unique(ids(), "input_descriptors")
    }

    /// Holds for what we send: ids of a plain grammar, patterns that all wallets read alike.
    pub(super) fn check_ours(&self) -> Result<(), QueryError> {
        read::check_id(&self.id, "presentation_definition")?;
        for descriptor in &self.input_descriptors {
            read::check_id(&descriptor.id, "input_descriptors")?;
            let mut filters = descriptor.fields().iter().filter_map(Field::filter);
            if filters.any(Filter::has_slash) {
                return Err(QueryError::PatternSlash);
            }
        }
        Ok(())
    }
}

/// Presentation Exchange lets an id be any string; Microsoft's service uses names of types.
fn check_foreign_id(id: &str, member: &'static str) -> Result<(), QueryError> {
    read::check_id_length(id, member)?;
    if id.chars().any(char::is_control) {
        return Err(QueryError::IdGrammar { member });
    }
    Ok(())
}
