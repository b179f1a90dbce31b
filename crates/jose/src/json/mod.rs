//! JSON (RFC 8259), read strictly: what two readers could understand differently is refused.
//!
//! `serde_json` keeps the last of two members of one name, and reads a number larger than it can
//! hold as the nearest float. Signed JSON must mean one thing, so a text is refused that has, at any depth:
//!
//! - a member name that stands twice in one object (RFC 7515 §4, RFC 7519 §4);
//! - text that is not UTF-8, a byte order mark, a lone surrogate, a NUL;
//! - nesting, or a count of values, beyond [`Limits`];
//! - an integer outside the 64-bit range, `-0`, a number that no finite float can hold.
//!
//! [`check`] only looks, [`read`] makes a tree of it, both by the same walk; [`parse`] checks, and
//! then reads into a type.

mod error;
mod form;
mod names;
mod object;
mod reader;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;

pub use error::JsonError;
pub use object::Object;
use reader::Reader;

/// How large and how deep a JSON text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the whole text. Default 2 MiB: a credential with the 1 MB photo that Entra allows,
    /// and room for its other claims.
    pub max_bytes: usize,
    /// Nesting of arrays and objects. Default 32: a DID document or a presentation definition needs
    /// 8, and `serde_json` itself stops at 128.
    pub max_depth: usize,
    /// Values of any kind in the whole text. Default 20,000: a status list reply or a key set needs
    /// some hundred.
    pub max_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 2 * 1024 * 1024, max_depth: 32, max_values: 20_000 }
    }
}

/// Checks a JSON text and reads it into `T`.
///
/// # Errors
/// Whatever [`check`] refuses, and [`JsonError::Shape`] where the text is not a `T`.
pub fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8], limits: &Limits) -> Result<T, JsonError> {
    let text = check(bytes, limits)?;
    serde_json::from_str(text).map_err(|_| JsonError::Shape)
}

/// Checks that a text is JSON which every reader understands alike, and returns it as `str`.
///
/// # Errors
/// See [`JsonError`].
pub fn check<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, JsonError> {
    let mut reader = Reader::new(bytes, limits)?;
    let () = reader.whole()?;
    Ok(reader.text())
}

/// Checks a JSON text and reads it into a [`Value`], both in one pass: what [`parse`] gives, sooner.
///
/// # Errors
/// Whatever [`check`] refuses.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    Reader::new(bytes, limits)?.whole()
}

/// Writes a value in the canonical form of RFC 8785 (JCS): members sorted by UTF-16 code unit,
/// no white space, numbers as ECMAScript prints them.
///
/// # Errors
/// [`JsonError::Number`] for a number that ECMAScript cannot print.
pub fn canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    serde_json_canonicalizer::to_vec(value).map_err(|_| JsonError::Number { at: 0 })
}
