//! What makes a presentation definition valid, and what we send besides.

use super::{Field, Filter, InputDescriptor, PresentationDefinition};
use crate::limits::{MAX_CLAIMS, MAX_PARTS, MAX_VALUES};
use crate::{QueryError, read};

impl PresentationDefinition {
    /// Holds for every definition, ours or not.
    pub(super) fn validate(&self) -> Result<(), QueryError> {
        check_foreign_id(&self.id, "presentation_definition")?;
        check_length(self.input_descriptors.len(), MAX_PARTS, "input_descriptors")?;
        self.input_descriptors.iter().try_for_each(InputDescriptor::validate)?;
        read::check_unique(
            self.input_descriptors.iter().map(InputDescriptor::id),
            "input_descriptors",
        )
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

impl InputDescriptor {
    fn validate(&self) -> Result<(), QueryError> {
        check_foreign_id(&self.id, "input_descriptors")?;
        if self.schema.len() > MAX_VALUES {
            return Err(QueryError::TooLarge { member: "schema", limit: MAX_VALUES });
        }
        if self.fields().len() > MAX_CLAIMS {
            return Err(QueryError::TooLarge { member: "fields", limit: MAX_CLAIMS });
        }
        self.fields().iter().try_for_each(Field::validate)
    }
}

impl Field {
    fn validate(&self) -> Result<(), QueryError> {
        check_length(self.path.len(), MAX_VALUES, "path")?;
        self.filter.as_ref().map_or(Ok(()), Filter::validate)
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

const fn check_length(length: usize, limit: usize, member: &'static str) -> Result<(), QueryError> {
    match length {
        0 => Err(QueryError::Empty { member }),
        length if length > limit => Err(QueryError::TooLarge { member, limit }),
        _ => Ok(()),
    }
}
