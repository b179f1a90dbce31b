//! `NumericDate` (RFC 7519 §2): seconds since 1970, perhaps with a fraction, always bounded.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use staffpass_json::Node;

/// A point in time as JWT claims carry it.
///
/// Only a JSON number without an exponent, from 1970 to the end of the year 9999, is one. A string,
/// `1e300` or milliseconds where seconds belong are refused when the claims are read, never skipped.
/// A fraction is legal: `exp` is then taken as its [`floor`](Self::floor), `nbf` and `iat` as their
/// [`ceil`](Self::ceil), so that rounding never lengthens a validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate {
    seconds: i64,
    fraction: bool,
}

impl NumericDate {
    /// The last second of the year 9999.
    const MAX_SECONDS: i64 = 253_402_300_799;

    /// The date of an instant, cut to whole seconds. `None` outside 1970 to 9999.
    #[must_use]
    pub fn from_datetime(at: DateTime<Utc>) -> Option<Self> {
        let seconds = at.timestamp();
        (0..=Self::MAX_SECONDS).contains(&seconds).then_some(Self { seconds, fraction: false })
    }

    /// Reads a JSON number.
    #[must_use]
    pub fn from_node(node: Node<'_>) -> Option<Self> {
        Self::from_text(&node.number()?)
    }

    /// The last whole second not after this date: how `exp` is read.
    #[must_use]
    pub fn floor(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The first whole second not before this date: how `nbf` and `iat` are read.
    #[must_use]
    pub fn ceil(self) -> DateTime<Utc> {
        let seconds = self.seconds + i64::from(self.fraction);
        DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Reads the text of a JSON number.
    fn from_text(text: &str) -> Option<Self> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, fraction),
            None => (text, "0"),
        };
        let digits = |part: &str, max| {
            (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(whole, 12) || !digits(fraction, 9) {
            return None;
        }
        let seconds = whole.parse().ok().filter(|s| *s <= Self::MAX_SECONDS)?;
        Some(Self { seconds, fraction: fraction.bytes().any(|b| b != b'0') })
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The raw text, since a float has already forgotten how it was written.
        let raw = <&RawValue>::deserialize(deserializer)?;
        Self::from_text(raw.get()).ok_or_else(|| D::Error::custom("not a NumericDate"))
    }
}

impl Serialize for NumericDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.seconds)
    }
}

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.floor().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use staffpass_json::{Limits, Tree};

    /// By either way.
    fn read(text: &str) -> Option<NumericDate> {
        let read = serde_json::from_str(text).ok();
        if let Ok(tree) = Tree::parse(text.as_bytes(), &Limits::default()) {
            assert_eq!(NumericDate::from_node(tree.root()), read, "{text}");
        }
        read
    }

    #[test]
    fn t01_only_a_plain_number_in_range_is_a_date() {
        for text in [
            "\"1700000000\"",
            "true",
            "null",
            "[1]",
            "1e9",
            "1.7E9",
            "1e300",
            "-1",
            "-0",
            "18446744073709551615",
            "1.0000000000",
            "9007199254740993000",
            "{}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn t01_a_fraction_never_lengthens_a_validity() {
        let date = read("1609529004.5").expect("a date with a fraction");
        assert_eq!(date.floor().timestamp(), 1_609_529_004);
        assert_eq!(date.ceil().timestamp(), 1_609_529_005);
        let whole = read("1609529004.0").expect("a date with an empty fraction");
        assert_eq!(whole.floor(), whole.ceil());
    }

    #[test]
    fn a_date_is_printed_in_utc() {
        let date = read("1767225600.5").expect("a date");
        assert_eq!(date.to_string(), "2026-01-01 00:00:00 UTC");
    }

    #[test]
    fn t09_milliseconds_are_no_seconds() {
        assert_eq!(read("1700000000000"), None);
        assert!(read("253402300799").is_some());
        assert_eq!(read("253402300800"), None);
    }
}
