//! Paths of fields: `$.a.b`, `$['a']`, `$.a[0]` and nothing else of JSONPath.

use std::fmt;

use serde::{Serialize, Serializer};
use staffpass_json::Node;

use crate::QueryError;
use crate::limits::{MAX_PATH, MAX_TEXT};

/// A path to one place in a credential: members and positions, no wildcard, no `..`, no filter. So a path
/// costs as many steps as it has segments, and points to one value (attacks Q6, Q7).
#[derive(Clone, PartialEq, Eq)]
pub struct FieldPath {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    Index(usize),
}

impl FieldPath {
    /// Reads a path: `$`, and one segment at least of the forms `.name` (letters, digits, `_`, `-`), `['name']`
    /// or `["name"]` (no quote, no backslash, no control character), `[0]` (no leading zero).
    ///
    /// # Errors
    /// [`QueryError::PathOutsideSubset`] for anything else, [`QueryError::TooLarge`] beyond the limits.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > MAX_TEXT {
            return Err(QueryError::TooLarge { member: "path", limit: MAX_TEXT });
        }
        let mut rest = text.strip_prefix('$').ok_or(QueryError::PathOutsideSubset)?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let (segment, after) = segment(rest).ok_or(QueryError::PathOutsideSubset)?;
            segments.push(segment);
            rest = after;
        }
        check_count(segments.len())?;
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands there.
    #[must_use]
    pub fn select<'v>(&self, root: impl Into<Node<'v>>) -> Option<Node<'v>> {
        self.segments.iter().try_fold(root.into(), |value, segment| match segment {
            Segment::Name(name) => value.get(name),
            Segment::Index(index) => value.element(*index),
        })
    }

    /// Where the wallets look for a credential's issuer.
    pub(super) fn of_issuer() -> [Self; 3] {
        let path = |text: &str, names: &[&str]| Self {
            text: text.to_owned(),
            segments: names.iter().map(|name| Segment::Name((*name).to_owned())).collect(),
        };
        [
            path("$.issuer", &["issuer"]),
            path("$.vc.issuer", &["vc", "issuer"]),
            path("$.iss", &["iss"]),
        ]
    }

    pub(super) fn is_issuer(&self) -> bool {
        Self::of_issuer().iter().any(|path| path.segments == self.segments)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

const fn check_count(segments: usize) -> Result<(), QueryError> {
    match segments {
        0 => Err(QueryError::PathOutsideSubset),
        1..=MAX_PATH => Ok(()),
        _ => Err(QueryError::TooLarge { member: "path", limit: MAX_PATH }),
    }
}

/// The first segment, and what follows it.
fn segment(text: &str) -> Option<(Segment, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        return dotted(rest);
    }
    let rest = text.strip_prefix('[')?;
    match rest.strip_prefix(['\'', '"']) {
        Some(_) => quoted(rest),
        None => index(rest),
    }
}

fn dotted(text: &str) -> Option<(Segment, &str)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty()).then(|| (Segment::Name(name.to_owned()), rest))
}

fn quoted(text: &str) -> Option<(Segment, &str)> {
    let quote = text.chars().next()?;
    let (name, rest) = text.strip_prefix(quote)?.split_once(quote)?;
    let rest = rest.strip_prefix(']')?;
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\\' | '\'' | '"');
    (!name.is_empty() && name.chars().all(is_plain)).then(|| (Segment::Name(name.to_owned()), rest))
}

fn index(text: &str) -> Option<(Segment, &str)> {
    let (digits, rest) = text.split_once(']')?;
    Some((Segment::Index(crate::submission::position(digits)?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_of_the_subset_select_one_value() {
        let root = json!({"vc": {"type": ["A", "B"], "credentialSubject": {"job title": "x"}}});
        let at = |path: &str| FieldPath::parse(path).unwrap().select(&root).map(Node::to_value);
        assert_eq!(at("$.vc.type[1]"), Some(json!("B")));
        assert_eq!(at("$['vc']['credentialSubject'][\"job title\"]"), Some(json!("x")));
        assert_eq!(at("$.vc.type[2]"), None);
        assert_eq!(at("$.vc.type.length"), None);
        assert_eq!(at("$.vc[0]"), None);
    }

    #[test]
    fn q06_paths_outside_the_subset_are_refused() {
        let outside = [
            "",
            "$",
            "vc.type",
            "$.",
            "$..type",
            "$.vc.*",
            "$.vc.type[*]",
            "$.a[-1]",
            "$.a[01]",
            "$.a[0:2]",
            "$.a[?(@.b)]",
            "$.a[(@.length-1)]",
            "$['a','b']",
            "$['a\\u0041']",
            "$['a",
            "$[]",
            "$['']",
            "$.a b",
            "$ .a",
            "$.a[99999999999999999999]",
            "@.a",
            "$.a[0",
            "$.é",
        ];
        for path in outside {
            let error = FieldPath::parse(path).unwrap_err();
            assert_eq!(error.code(), "query_path_outside_subset", "{path}");
        }
        let long = FieldPath::parse(&format!("${}", ".a".repeat(33))).unwrap_err();
        assert_eq!(long.code(), "query_too_large");
    }
}
