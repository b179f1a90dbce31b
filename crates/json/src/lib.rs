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
//! ```text
//!  bytes ──► one strict walk ──┬──► check   the text, and that it may be read
//!            within Limits     ├──► Tree    where each value stands ──► Node ──► serde_json::Value
//!                              └──► parse   a type of yours
//! ```
//!
//! # Reading into a type
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use staffpass_json::{self as json, Limits};
//!
//! let twice = br#"{"iss": "https://trust.example", "iss": "https://other.example"}"#;
//! let read = json::parse::<BTreeMap<String, String>>(twice, &Limits::default());
//! assert_eq!(read.unwrap_err().code(), "json_duplicate_member");
//! ```
//!
//! # Walking a text
//!
//! ```
//! use staffpass_json::{Limits, Tree};
//!
//! let tree = Tree::parse(br#"{"vc": {"type": ["VerifiableCredential"]}}"#, &Limits::default())?;
//! let types = tree.root().get("vc").and_then(|vc| vc.get("type"));
//! let first = types.and_then(|types| types.element(0));
//! assert_eq!(first.and_then(|first| first.as_str()), Some("VerifiableCredential"));
//! # Ok::<(), staffpass_json::JsonError>(())
//! ```
//!
//! # Writing what will be signed
//!
//! ```
//! use serde_json::json;
//!
//! let canonical = staffpass_json::canonical(&json!({"b": 1.0, "a": []}))?;
//! assert_eq!(canonical, br#"{"a":[],"b":1}"#);
//! # Ok::<(), staffpass_json::JsonError>(())
//! ```

mod error;
mod names;
mod node;
mod object;
mod reader;
#[cfg(test)]
mod tests;
mod tree;

use serde::Deserialize;
use serde_json::Value;

pub use error::JsonError;
pub use node::{Kind, Node};
pub use object::Object;
use reader::Reader;
pub use tree::Tree;

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

impl Limits {
    /// Limits of one's own: bytes, nesting, values.
    #[must_use]
    pub const fn new(max_bytes: usize, max_depth: usize, max_values: usize) -> Self {
        Self { max_bytes, max_depth, max_values }
    }
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
    let (text, _) = Reader::new(bytes, limits)?.index()?;
    Ok(text)
}

/// Writes a value in the canonical form of RFC 8785 (JCS): members sorted by UTF-16 code unit,
/// no white space, numbers as ECMAScript prints them.
///
/// # Errors
/// [`JsonError::Number`] for a number that ECMAScript cannot print.
pub fn canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    serde_json_canonicalizer::to_vec(value).map_err(|_| JsonError::Number { at: 0 })
}
