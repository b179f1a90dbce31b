//! The values that a query may name, and when a claim equals one.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use staffpass_json::Node;

use crate::QueryError;
use crate::limits::MAX_TEXT;

/// A value that a claim is asked to have: string, integer or boolean (DCQL, section 6.3).
///
/// "Type and value both match exactly": `"1"` and `true` are not the integer 1, and neither are `1.0` and
/// `1e0`, which are not written as integers. Such a number, `-0`, and an integer outside 64 bits
/// with a sign are refused in a query, and equal nothing in a credential. So no verdict depends on
/// how `serde_json` was told to keep numbers (a double, or its text).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ClaimValue {
    /// A string, compared byte for byte: no case folding, no normalisation.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Bool(bool),
}

impl ClaimValue {
    /// Whether a claim has this value.
    #[must_use]
    pub fn equals<'a>(&self, claim: impl Into<Node<'a>>) -> bool {
        let claim = claim.into();
        match self {
            Self::Text(asked) => claim.as_str() == Some(asked),
            Self::Integer(asked) => claim.as_i64() == Some(*asked),
            Self::Bool(asked) => claim.as_bool() == Some(*asked),
        }
    }

    pub(crate) fn from_value(value: &Value, member: &'static str) -> Result<Self, QueryError> {
        match value {
            Value::String(text) if text.len() > MAX_TEXT => {
                Err(QueryError::TooLarge { member, limit: MAX_TEXT })
            }
            Value::String(text) => Ok(Self::Text(text.clone())),
            Value::Bool(flag) => Ok(Self::Bool(*flag)),
            Value::Number(_) => {
                let integer = Node::from(value).as_i64();
                integer.map(Self::Integer).ok_or(QueryError::ValueNotScalar)
            }
            _ => Err(QueryError::ValueNotScalar),
        }
    }
}

impl From<&str> for ClaimValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for ClaimValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for ClaimValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for ClaimValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// Prints the type alone: what is asked of one person is personal.
impl fmt::Debug for ClaimValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Integer(_) => "Integer(..)",
            Self::Bool(_) => "Bool(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equals(asked: i64, found: &str) -> bool {
        ClaimValue::Integer(asked).equals(&serde_json::from_str::<Value>(found).unwrap())
    }

    #[test]
    fn r03_integers_are_exact_or_nothing() {
        assert!(equals(1, "1") && equals(0, "0") && equals(-1, "-1"));
        assert!(
            equals(i64::MAX, "9223372036854775807") && equals(i64::MIN, "-9223372036854775808")
        );
        for not_one in ["1.0", "1e0", "1.5", "2", "-1", "\"1\"", "true", "null", "[1]", "{}"] {
            assert!(!equals(1, not_one), "{not_one}");
        }
        assert!(!equals(0, "-0") && !equals(0, "-0.0") && !equals(0, "0.0") && !equals(0, "false"));
        assert!(!equals(9_007_199_254_740_992, "9007199254740993"));
        assert!(!equals(i64::MAX, "9223372036854775808"));
        assert!(!equals(i64::MAX, "1e300"));
    }

    #[test]
    fn debug_prints_no_value() {
        let values = [ClaimValue::from("Ada"), ClaimValue::from(7), ClaimValue::from(true)];
        assert_eq!(format!("{values:?}"), "[Text(..), Integer(..), Bool(..)]");
    }
}
