//! Reading a table that somebody wrote by hand.

use serde::de::DeserializeOwned;

use crate::DisclosureError;

/// A value of its TOML.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, DisclosureError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let lines = before.map_or(0, |before| before.matches('\n').count());
        DisclosureError::Toml { line: lines + 1 }
    })
}
