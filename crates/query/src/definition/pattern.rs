//! Patterns: a tiny language that every reader of regular expressions reads alike, without an engine that
//! can be made to backtrack.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::QueryError;
use crate::limits::{MAX_PATTERN, MAX_PATTERN_WORK};

/// A pattern on a string.
///
/// ```text
/// pattern     = alternative *( "|" alternative )
/// alternative = *"^" *atom [ "$" ]
/// atom        = "."                       any character but a line break
///             | "\" ASCII punctuation     that character
///             | any other character that is none of  \ ^ $ . | ? * + ( ) [ ] { }
/// ```
///
/// It matches when an alternative is *found*: anywhere, unless an anchor says where. More than one caret
/// means the same as one. What is outside the language is refused; nothing backtracks (attack Q7).
///
/// Why two carets and no slash: Microsoft's Android wallet always drops the first character of a pattern, its
/// iOS wallet drops everything around slashes, and a reader of JSON Schema takes the pattern as it stands.
/// `^^did:web:trust\.example$` means the same to all three, so that is what
/// [`exactly`](Self::exactly) writes, and a text with a slash is refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    alternatives: Vec<Alternative>,
}

#[derive(Clone, PartialEq, Eq)]
struct Alternative {
    at_start: bool,
    at_end: bool,
    atoms: Vec<Atom>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Atom {
    Any,
    Char(char),
}

/// How a wallet reads the patterns of a definition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternReading {
    /// As JSON Schema has it: upper and lower case are told apart. A verifier reads its own
    /// definition so.
    #[default]
    JsonSchema,
    /// As Microsoft's wallets do: upper and lower case are the same.
    Microsoft,
}

impl Pattern {
    /// The text and no other: `^^…$`, with every sign of regular expressions escaped.
    ///
    /// # Errors
    /// [`QueryError::PatternSlash`] for a text with `/`, [`QueryError::Empty`] for none.
    pub fn exactly(text: &str) -> Result<Self, QueryError> {
        Self::one_of([text])
    }

    /// One of the texts and no other: `^^…$|^^…$`.
    ///
    /// # Errors
    /// As [`exactly`](Self::exactly), and when there is no text.
    pub fn one_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, QueryError> {
        let mut source = String::new();
        for text in texts {
            if !source.is_empty() {
                source.push('|');
            }
            source.push_str("^^");
            escape(text, &mut source)?;
            source.push('$');
        }
        Self::parse(&source)
    }

    /// Any text that is not empty: `^^.`.
    #[must_use]
    pub fn present() -> Self {
        let any = Alternative { at_start: true, at_end: false, atoms: vec![Atom::Any] };
        Self { source: "^^.".to_owned(), alternatives: vec![any] }
    }

    /// Reads a pattern that somebody else wrote.
    ///
    /// # Errors
    /// [`QueryError::PatternOutsideSubset`] for what is outside the language above (an alternative without any
    /// atom too: it would match everything), [`QueryError::TooLarge`], [`QueryError::Empty`].
    pub fn parse(source: &str) -> Result<Self, QueryError> {
        let member = "pattern";
        if source.is_empty() {
            return Err(QueryError::Empty { member });
        }
        if source.len() > MAX_PATTERN {
            return Err(QueryError::TooLarge { member, limit: MAX_PATTERN });
        }
        let alternatives = alternatives(source).ok_or(QueryError::PatternOutsideSubset)?;
        Ok(Self { source: source.to_owned(), alternatives })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether it is found in `text`. A text on which it would cost more comparisons than
    /// [`MAX_PATTERN_WORK`] has no match.
    #[must_use]
    pub fn is_found_in(&self, text: &str, reading: PatternReading) -> bool {
        let text: Vec<char> = text.chars().collect();
        let cost = self.alternatives.iter().map(|alternative| alternative.cost(text.len()));
        cost.fold(0, usize::saturating_add) <= MAX_PATTERN_WORK
            && self.alternatives.iter().any(|alternative| alternative.is_found(&text, reading))
    }

    pub(super) fn has_slash(&self) -> bool {
        self.source.contains('/')
    }
}

impl Alternative {
    /// Comparisons at most. An anchored alternative is compared in one place, another wherever it has room.
    const fn cost(&self, text: usize) -> usize {
        let room = text.saturating_add(1).saturating_sub(self.atoms.len());
        let places = if self.at_start || self.at_end { 1 } else { room };
        self.atoms.len().saturating_mul(places)
    }

    fn is_found(&self, text: &[char], reading: PatternReading) -> bool {
        let matches = |part: &[char]| {
            part.len() == self.atoms.len()
                && self.atoms.iter().zip(part).all(|(atom, c)| atom.is(*c, reading))
        };
        let length = self.atoms.len();
        match (self.at_start, self.at_end) {
            (true, true) => matches(text),
            (true, false) => text.get(..length).is_some_and(matches),
            (false, true) => {
                text.len().checked_sub(length).and_then(|at| text.get(at..)).is_some_and(matches)
            }
            (false, false) => text.windows(length).any(matches),
        }
    }
}

impl Atom {
    fn is(self, c: char, reading: PatternReading) -> bool {
        match (self, reading) {
            (Self::Any, _) => !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}'),
            (Self::Char(asked), PatternReading::JsonSchema) => asked == c,
            (Self::Char(asked), PatternReading::Microsoft) => {
                asked == c || asked.to_lowercase().eq(c.to_lowercase())
            }
        }
    }
}

/// Prints that there is a pattern: what it asks for may be personal.
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern(..)")
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, '\\' | '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}')
}

fn escape(text: &str, source: &mut String) -> Result<(), QueryError> {
    if text.is_empty() {
        return Err(QueryError::Empty { member: "pattern" });
    }
    if text.contains('/') {
        return Err(QueryError::PatternSlash);
    }
    for c in text.chars() {
        if is_sign(c) {
            source.push('\\');
        }
        source.push(c);
    }
    Ok(())
}

/// Reads the whole language in one pass.
fn alternatives(source: &str) -> Option<Vec<Alternative>> {
    let mut done = Vec::new();
    let mut current = Alternative { at_start: false, at_end: false, atoms: Vec::new() };
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '|' => {
                let next = Alternative { at_start: false, at_end: false, atoms: Vec::new() };
                done.push(std::mem::replace(&mut current, next).complete()?);
            }
            _ if current.at_end => return None,
            '^' if current.atoms.is_empty() => current.at_start = true,
            '$' => current.at_end = true,
            '.' => current.atoms.push(Atom::Any),
            '\\' => {
                current.atoms.push(Atom::Char(chars.next().filter(char::is_ascii_punctuation)?))
            }
            _ if is_sign(c) => return None,
            _ => current.atoms.push(Atom::Char(c)),
        }
    }
    done.push(current.complete()?);
    Some(done)
}

impl Alternative {
    fn complete(self) -> Option<Self> {
        (!self.atoms.is_empty()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).unwrap().is_found_in(text, PatternReading::JsonSchema)
    }

    #[test]
    fn exactly_is_anchored_and_escaped() {
        let pattern = Pattern::exactly("did:web:trust.example").unwrap();
        assert_eq!(pattern.as_str(), r"^^did:web:trust\.example$");
        let found = |text: &str| pattern.is_found_in(text, PatternReading::JsonSchema);
        assert!(found("did:web:trust.example"));
        for other in [
            "did:web:trust.example.evil",
            "xdid:web:trust.example",
            "did:web:trustXexample",
            "DID:WEB:TRUST.EXAMPLE",
            "did:web:trust.example\n",
            "",
        ] {
            assert!(!found(other), "{other:?}");
        }
        assert!(pattern.is_found_in("DID:web:Trust.Example", PatternReading::Microsoft));
    }

    #[test]
    fn every_sign_is_escaped() {
        let text = r"a\^$.|?*+()[]{}-_:#é";
        let pattern = Pattern::exactly(text).unwrap();
        assert!(pattern.is_found_in(text, PatternReading::JsonSchema));
        assert!(!pattern.is_found_in("a", PatternReading::JsonSchema));
    }

    #[test]
    fn the_language_is_found_not_matched() {
        assert!(found("did:a|did:b", "x did:b y"));
        assert!(!found("did:a|did:b", "did:c"));
        assert!(found("^ab", "abc") && !found("^ab", "cab"));
        assert!(found("ab$", "cab") && !found("ab$", "abc"));
        assert!(found("a.c", "abc") && !found("a.c", "a\nc"));
        assert!(found("^^.", "x") && !found("^^.", "") && !found("^^.", "\n"));
        assert!(found("did:web:a.nhs.uk", "did:web:a-nhs.uk.evil"), "unescaped, as others write");
        assert!(found(r"^^a\.b$|^^c$", "c") && !found(r"^^a\.b$|^^c$", "acb"));
        assert!(found("^https://a.example/b$", "https://a.example/b"));
    }

    #[test]
    fn q07_patterns_outside_the_language_are_refused() {
        for pattern in [
            "(a+)+$", "a*", "a+", "a?", "[ab]", "a{2}", "(a)", r"\d", r"\w+", r"\b", "a$b", "a^b",
            "a|", "|a", "^$", "^", "$", r"a\", "(?i)a", r"\u0041", "a$$", "]", "}",
        ] {
            let error = Pattern::parse(pattern).unwrap_err();
            assert_eq!(error.code(), "query_pattern_outside_subset", "{pattern}");
        }
        assert_eq!(Pattern::parse("").unwrap_err().code(), "query_empty_member");
        let long = "a".repeat(MAX_PATTERN + 1);
        assert_eq!(Pattern::parse(&long).unwrap_err().code(), "query_too_large");
        assert_eq!(Pattern::exactly("https://a").unwrap_err().code(), "query_pattern_slash");
        assert_eq!(Pattern::one_of([]).unwrap_err().code(), "query_empty_member");
    }

    #[test]
    fn q07_work_is_bounded() {
        let pattern = Pattern::parse(&format!("{}b", "a".repeat(8000))).unwrap();
        let mut text = "a".repeat(1_000_000);
        assert!(!pattern.is_found_in(&text, PatternReading::JsonSchema));
        text.push('b');
        assert!(!pattern.is_found_in(&text, PatternReading::JsonSchema), "dear, so no match");
        assert!(Pattern::present().is_found_in(&text, PatternReading::JsonSchema));
    }
}
