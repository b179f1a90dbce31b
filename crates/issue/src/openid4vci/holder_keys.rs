//! Whose key is whose.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{HolderKey, Refusal};

/// Which person holds credentials under which key, by the key's thumbprint (RFC 7638) and whatever the
/// trust calls a person, so that nobody gets a credential under another's key.
///
/// A value to be stored over the one that was read.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HolderKeys {
    persons: BTreeMap<String, String>,
}

impl HolderKeys {
    /// Knows no key yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that these keys are this person's.
    ///
    /// # Errors
    /// [`Refusal::KeyOfAnother`], and then none is noted.
    pub fn note(&mut self, keys: &[HolderKey], person: &str) -> Result<(), Refusal> {
        let names: Vec<_> =
            keys.iter().map(|key| key.public_key().thumbprint().to_string()).collect();
        let another = |name: &String| self.persons.get(name).is_some_and(|owner| owner != person);
        if names.iter().any(another) {
            return Err(Refusal::KeyOfAnother);
        }
        self.persons.extend(names.into_iter().map(|name| (name, person.to_owned())));
        Ok(())
    }
}

impl fmt::Debug for HolderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HolderKeys").field("keys", &self.persons.len()).finish_non_exhaustive()
    }
}
