//! Reading claims with every fault collected: what a cell of a table may say about a value.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use crate::dates::{self, DateOrTime, london_date};
use crate::error::{Fault, FieldPath, Rule, Segment};
use crate::vocabulary::Vocabulary;

/// The moments that some rules look at: when the credential was issued, and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimsContext {
    /// When the credential was, or will be, issued (`iat`).
    pub issued_at: DateTime<Utc>,
    /// The time at which it is read.
    pub now: DateTime<Utc>,
}

impl ClaimsContext {
    /// A credential issued at `issued_at` and read at `now`.
    #[must_use]
    pub const fn new(issued_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { issued_at, now }
    }
}

/// Where the reading stands, and what it has found wrong.
pub(crate) struct Reader {
    pub(crate) context: ClaimsContext,
    path: FieldPath,
    faults: Vec<Fault>,
}

impl Reader {
    pub(crate) fn new(context: ClaimsContext) -> Self {
        Self { context, path: FieldPath::default(), faults: Vec::new() }
    }

    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    pub(crate) fn required<T>(
        &mut self,
        claims: &Map<String, Value>,
        name: &'static str,
        parse: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> Option<T> {
        if present(claims, name).is_none() {
            self.fault(name, Rule::Missing);
        }
        self.optional(claims, name, parse)
    }

    pub(crate) fn optional<T>(
        &mut self,
        claims: &Map<String, Value>,
        name: &'static str,
        parse: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> Option<T> {
        let value = present(claims, name)?;
        self.within(Segment::Name(name), |reader| parse(reader, value))
    }

    /// Notes a fault of the named field of the object at hand.
    pub(crate) fn fault(&mut self, name: &'static str, rule: Rule) {
        self.within(Segment::Name(name), |reader| reader.fault_here(rule));
    }

    /// Whether the named field of the object at hand already has a fault.
    pub(crate) fn has_fault(&mut self, name: &'static str) -> bool {
        self.within(Segment::Name(name), |reader| {
            reader.faults.iter().any(|fault| fault.field == reader.path)
        })
    }

    fn fault_here(&mut self, rule: Rule) {
        self.faults.push(Fault { field: self.path.clone(), rule });
    }

    fn within<T>(&mut self, segment: Segment, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment);
        let outcome = read(self);
        self.path.pop();
        outcome
    }

    fn keep<T>(&mut self, outcome: Result<T, Rule>) -> Option<T> {
        outcome.map_err(|rule| self.fault_here(rule)).ok()
    }
}

/// A claim that is there. Null is read as absent: some issuers write it for what they do not know.
fn present<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).filter(|value| !value.is_null())
}

// What a cell of a table may say about a value: each of these is a parser for `claims!`.

/// A string of `min` to `max` characters.
pub(crate) fn text(min: usize, max: usize) -> impl Fn(&mut Reader, &Value) -> Option<String> {
    move |reader, value| {
        let outcome = string(value).and_then(|raw| clean(raw, min, max));
        reader.keep(outcome)
    }
}

/// A string of a form, taken exactly as it stands.
pub(crate) fn shaped(
    form: impl Fn(&str) -> bool,
) -> impl Fn(&mut Reader, &Value) -> Option<String> {
    parsed(move |raw| if form(raw) { Ok(raw.to_owned()) } else { Err(Rule::Form) })
}

/// A string that another parser reads.
pub(crate) fn parsed<T>(
    parse: impl Fn(&str) -> Result<T, Rule>,
) -> impl Fn(&mut Reader, &Value) -> Option<T> {
    move |reader, value| {
        let outcome = string(value).and_then(&parse);
        reader.keep(outcome)
    }
}

/// A word of a vocabulary.
pub(crate) fn word<T: Vocabulary>(reader: &mut Reader, value: &Value) -> Option<T> {
    let outcome = string(value).and_then(|raw| clean(raw, 1, 120)).and_then(|raw| T::read(&raw));
    reader.keep(outcome)
}

/// A full-date.
pub(crate) fn date(reader: &mut Reader, value: &Value) -> Option<NaiveDate> {
    parsed(dates::full_date)(reader, value)
}

/// A full-date not later than the day of issue and so many days more.
pub(crate) fn date_by_issue(days: i64) -> impl Fn(&mut Reader, &Value) -> Option<NaiveDate> {
    move |reader, value| {
        let read = date(reader, value)?;
        let issued = london_date(reader.context.issued_at);
        let late = read.signed_duration_since(issued) > TimeDelta::days(days);
        reader.keep(if late { Err(Rule::AfterIssue) } else { Ok(read) })
    }
}

/// A full-date that gives an age from 14 to 110 at issue.
pub(crate) fn birthdate(reader: &mut Reader, value: &Value) -> Option<NaiveDate> {
    let born = date(reader, value)?;
    let age = london_date(reader.context.issued_at).years_since(born);
    reader.keep(if age.is_some_and(|age| (14..=110).contains(&age)) {
        Ok(born)
    } else {
        Err(Rule::Age)
    })
}

/// A date or a date-time, at most five minutes from now.
pub(crate) fn refreshed(reader: &mut Reader, value: &Value) -> Option<DateOrTime> {
    let read = parsed(DateOrTime::parse)(reader, value)?;
    let now = reader.context.now;
    let bound = now.checked_add_signed(TimeDelta::minutes(5)).unwrap_or(now);
    reader.keep(if read.is_after(bound) { Err(Rule::InFuture) } else { Ok(read) })
}

/// True or false.
pub(crate) fn boolean(reader: &mut Reader, value: &Value) -> Option<bool> {
    reader.keep(value.as_bool().ok_or(Rule::NotABoolean))
}

/// An integer of these bounds.
pub(crate) fn integer(min: u8, max: u8) -> impl Fn(&mut Reader, &Value) -> Option<u8> {
    let range = Rule::OutOfRange { min: min.into(), max: max.into() };
    move |reader, value| {
        let small = |number| u8::try_from(number).ok().filter(|n| (min..=max).contains(n));
        let outcome = match value.as_u64() {
            Some(number) => small(number).ok_or(range),
            None if value.is_i64() => Err(range),
            None => Err(Rule::NotAnInteger),
        };
        reader.keep(outcome)
    }
}

/// A list of one to `max` items.
pub(crate) fn list<T>(
    max: usize,
    item: impl Fn(&mut Reader, &Value) -> Option<T>,
) -> impl Fn(&mut Reader, &Value) -> Option<Vec<T>> {
    move |reader, value| {
        let items = reader.keep(value.as_array().ok_or(Rule::NotAnArray))?;
        let bounds = match items.len() {
            0 => Err(Rule::NoItems),
            many if many > max => Err(Rule::TooManyItems { max }),
            _ => Ok(()),
        };
        reader.keep(bounds)?;
        let read = |(index, value)| reader.within(Segment::Index(index), |r| item(r, value));
        // Every item is read, so that every fault is found, before a missing one ends it.
        let read: Vec<Option<T>> = items.iter().enumerate().map(read).collect();
        read.into_iter().collect()
    }
}

/// An object with a table of its own.
pub(crate) fn object<T>(
    read: impl Fn(&mut Reader, &Map<String, Value>) -> Option<T>,
) -> impl Fn(&mut Reader, &Value) -> Option<T> {
    move |reader, value| {
        let claims = reader.keep(value.as_object().ok_or(Rule::NotAnObject))?;
        read(reader, claims)
    }
}

fn string(value: &Value) -> Result<&str, Rule> {
    value.as_str().ok_or(Rule::NotAString)
}

/// NFC (UAX 15), trimmed, and of `min` to `max` harmless characters.
pub(crate) fn clean(raw: &str, min: usize, max: usize) -> Result<String, Rule> {
    let text = normal(raw);
    let length = text.chars().count();
    if text.chars().any(is_forbidden) {
        Err(Rule::ForbiddenCharacter)
    } else if length < min {
        Err(Rule::TooShort { min })
    } else if length > max {
        Err(Rule::TooLong { max })
    } else {
        Ok(text)
    }
}

pub(crate) fn normal(raw: &str) -> String {
    raw.nfc().collect::<String>().trim().to_owned()
}

/// Controls, line separators, and what embeds, overrides or isolates direction (UAX 9).
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_normalised_trimmed_and_counted_in_characters() {
        assert_eq!(clean(" Zoe\u{308} ", 1, 3).as_deref(), Ok("Zoë"));
        assert_eq!(clean("  ", 1, 3), Err(Rule::TooShort { min: 1 }));
        assert_eq!(clean("ëëëë", 1, 3), Err(Rule::TooLong { max: 3 }));
    }

    #[test]
    fn text_has_no_control_or_override() {
        for wrong in ["a\u{0}b", "a\nb", "a\u{85}b", "a\u{202E}b", "a\u{2066}b", "a\u{2028}b"] {
            assert_eq!(clean(wrong, 1, 10), Err(Rule::ForbiddenCharacter));
        }
        assert_eq!(clean("نور\u{200F}", 1, 10).as_deref(), Ok("نور\u{200F}"));
    }
}
