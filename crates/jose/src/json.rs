//! JSON (RFC 8259), read strictly: what two readers could understand differently is refused.
//!
//! `serde_json` keeps the last of two members of one name, and reads a number larger than it can
//! hold as the nearest float. Signed JSON must mean one thing, so [`check`] walks the bytes once
//! before anything is deserialised and refuses, at any depth:
//!
//! - a member name that stands twice in one object (RFC 7515 §4, RFC 7519 §4);
//! - text that is not UTF-8, a byte order mark, a lone surrogate, a NUL;
//! - nesting, or a count of values, beyond [`Limits`];
//! - an integer outside the 64-bit range, `-0`, a number that no finite float can hold.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

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

/// Why a JSON text is refused. Holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Longer than [`Limits::max_bytes`].
    #[error("JSON text is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Nested deeper than [`Limits::max_depth`].
    #[error("JSON text is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in force, in levels.
        limit: usize,
    },
    /// More values than [`Limits::max_values`].
    #[error("JSON text has more than {limit} values")]
    TooManyValues {
        /// The limit in force, in values.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("JSON text is not UTF-8")]
    NotUtf8,
    /// Not JSON (RFC 8259), a lone surrogate included.
    #[error("not a JSON text (at byte {at})")]
    Syntax {
        /// Offset in bytes of the first thing that does not fit.
        at: usize,
    },
    /// One object has two members of one name.
    #[error("a JSON object has one member twice (at byte {at})")]
    DuplicateMember {
        /// Offset in bytes of the second name.
        at: usize,
    },
    /// A string holds U+0000.
    #[error("a JSON string holds a NUL (at byte {at})")]
    Nul {
        /// Offset in bytes of the string.
        at: usize,
    },
    /// A number that no reader can hold exactly, or at all.
    #[error("a JSON number is out of range (at byte {at})")]
    Number {
        /// Offset in bytes of the number.
        at: usize,
    },
    /// A well-formed JSON text of another shape than the one asked for: a member is missing or of
    /// the wrong type.
    #[error("a JSON member is missing or of the wrong type")]
    Shape,
}

impl JsonError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "json_too_long",
            Self::TooDeep { .. } => "json_too_deep",
            Self::TooManyValues { .. } => "json_too_many_values",
            Self::NotUtf8 => "json_not_utf8",
            Self::Syntax { .. } => "json_syntax",
            Self::DuplicateMember { .. } => "json_duplicate_member",
            Self::Nul { .. } => "json_nul",
            Self::Number { .. } => "json_number",
            Self::Shape => "json_shape",
        }
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
    reader.value(0)?;
    reader.end()?;
    Ok(reader.text)
}

/// Checks a JSON text and reads it into a [`Value`], both in one pass: what [`parse`] gives, sooner.
///
/// # Errors
/// Whatever [`check`] refuses.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    let mut reader = Reader::new(bytes, limits)?;
    let value = reader.tree(0)?;
    reader.end()?;
    Ok(value)
}

/// Writes a value in the canonical form of RFC 8785 (JCS): members sorted by UTF-16 code unit,
/// no white space, numbers as ECMAScript prints them.
///
/// # Errors
/// [`JsonError::Number`] for a number that ECMAScript cannot print.
pub fn canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    let mut text = Vec::with_capacity(512);
    write_canonical(value, &mut text)?;
    Ok(text)
}

fn write_canonical(value: &Value, text: &mut Vec<u8>) -> Result<(), JsonError> {
    match value {
        Value::Object(members) => write_object(members, text),
        Value::Array(elements) => write_array(elements, text),
        Value::Number(number) if !is_exact_in_ecmascript(number) => {
            let number = serde_json_canonicalizer::to_vec(value);
            text.extend(number.map_err(|_| JsonError::Number { at: 0 })?);
            Ok(())
        }
        // `serde_json` writes strings as RFC 8785 §3.2.2.2 has it.
        plain => serde_json::to_writer(text, plain).map_err(|_| JsonError::Number { at: 0 }),
    }
}

/// An integer that a double holds exactly is printed as it is (RFC 8785 §3.2.2.3).
fn is_exact_in_ecmascript(number: &Number) -> bool {
    const MAX_SAFE: u64 = 1 << 53;
    number.as_u64().is_some_and(|number| number <= MAX_SAFE)
}

/// RFC 8785 §3.2.3. Where every name is ASCII, the order of bytes is that of UTF-16 code units.
fn write_object(members: &Map<String, Value>, text: &mut Vec<u8>) -> Result<(), JsonError> {
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    match members.iter().all(|(name, _)| name.is_ascii()) {
        true => members.sort_unstable_by(|a, b| a.0.cmp(b.0)),
        false => members.sort_unstable_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16())),
    }
    text.push(b'{');
    for (place, (name, value)) in members.into_iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut *text, name).map_err(|_| JsonError::Shape)?;
        text.push(b':');
        write_canonical(value, text)?;
    }
    text.push(b'}');
    Ok(())
}

fn write_array(elements: &[Value], text: &mut Vec<u8>) -> Result<(), JsonError> {
    text.push(b'[');
    for (place, element) in elements.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        write_canonical(element, text)?;
    }
    text.push(b']');
    Ok(())
}

/// Under `serde_json/arbitrary_precision`, an object whose first member has this prefix is read as
/// a number or a raw text. No such object may come from outside.
const RESERVED: &str = "$serde_json::private::";

struct Reader<'a, 'l> {
    text: &'a str,
    at: usize,
    values: usize,
    limits: &'l Limits,
}

impl<'a, 'l> Reader<'a, 'l> {
    fn new(bytes: &'a [u8], limits: &'l Limits) -> Result<Self, JsonError> {
        if bytes.len() > limits.max_bytes {
            return Err(JsonError::TooLong { limit: limits.max_bytes });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self { text, at: 0, values: 0, limits })
    }

    fn end(&mut self) -> Result<(), JsonError> {
        self.white_space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.syntax()) }
    }

    /// What [`value`](Self::value) checks, read into a tree.
    fn tree(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.white_space();
        self.count_value()?;
        match self.peek() {
            Some(b'{') => self.object_tree(self.deeper(depth)?),
            Some(b'[') => self.array_tree(self.deeper(depth)?),
            Some(b'"') => self.string().map(|text| Value::String(text.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number_tree(),
            Some(b't') => self.word("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Value::Null),
            _ => Err(self.syntax()),
        }
    }

    fn object_tree(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut members = Map::new();
        self.at += 1;
        self.white_space();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.white_space();
            let at = self.at;
            let name = self.string()?.into_owned();
            if name.starts_with(RESERVED) {
                return Err(JsonError::DuplicateMember { at });
            }
            let Entry::Vacant(place) = members.entry(name) else {
                return Err(JsonError::DuplicateMember { at });
            };
            self.white_space();
            self.expect(b':')?;
            place.insert(self.tree(depth)?);
            self.white_space();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn array_tree(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut elements = Vec::new();
        self.at += 1;
        self.white_space();
        if self.take(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.tree(depth)?);
            self.white_space();
            if self.take(b']') {
                return Ok(Value::Array(elements));
            }
            self.expect(b',')?;
        }
    }

    fn number_tree(&mut self) -> Result<Value, JsonError> {
        let at = self.at;
        self.number()?;
        let text = self.text.get(at..self.at).unwrap_or_default();
        if let Ok(number) = text.parse::<u64>() {
            return Ok(number.into());
        }
        serde_json::from_str(text).map_err(|_| JsonError::Number { at })
    }

    fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        self.white_space();
        self.count_value()?;
        match self.peek() {
            Some(b'{') => self.object(self.deeper(depth)?),
            Some(b'[') => self.array(self.deeper(depth)?),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(self.syntax()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        let mut names = Names::default();
        self.at += 1;
        self.white_space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.white_space();
            let at = self.at;
            names.insert(self.string()?, at)?;
            self.white_space();
            self.expect(b':')?;
            self.value(depth)?;
            self.white_space();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        self.at += 1;
        self.white_space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            self.white_space();
            if self.take(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// Reads a string and returns what it says.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let opening = self.at;
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            self.at += plain_bytes(rest);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                _ => return Err(self.syntax()),
            }
        }
        let raw = self.text.get(start..self.at).ok_or(JsonError::Syntax { at: opening })?;
        self.at += 1;
        if !escaped {
            return Ok(Cow::Borrowed(raw));
        }
        let text = unescape(raw, opening)?;
        if text.contains('\0') { Err(JsonError::Nul { at: opening }) } else { Ok(text.into()) }
    }

    /// A number (RFC 8259 §6). Integers must fit 64 bits, so that they are exact in every reader.
    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        let negative = self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits()?;
        if leading_zero && digits > 1 {
            return Err(JsonError::Syntax { at: start });
        }
        let mut integer = true;
        if self.take(b'.') {
            integer = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            integer = false;
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if representable(text, integer, negative) {
            Ok(())
        } else {
            Err(JsonError::Number { at: start })
        }
    }

    fn digits(&mut self) -> Result<usize, JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax()) } else { Ok(self.at - start) }
    }

    fn word(&mut self, word: &str) -> Result<(), JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.syntax());
        }
        self.at += word.len();
        Ok(())
    }

    fn deeper(&self, depth: usize) -> Result<usize, JsonError> {
        let limit = self.limits.max_depth;
        if depth >= limit { Err(JsonError::TooDeep { limit }) } else { Ok(depth + 1) }
    }

    fn count_value(&mut self) -> Result<(), JsonError> {
        let limit = self.limits.max_values;
        self.values += 1;
        if self.values > limit { Err(JsonError::TooManyValues { limit }) } else { Ok(()) }
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.syntax()) }
    }

    fn syntax(&self) -> JsonError {
        JsonError::Syntax { at: self.at }
    }
}

/// How many bytes stand before the first quote, backslash or control character, eight looked at in one
/// step: most of a token's JSON is long strings.
fn plain_bytes(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let plain = words.iter().take_while(|word| all_plain(u64::from_le_bytes(**word))).count() * 8;
    let rest = bytes.get(plain..).unwrap_or_default();
    let is_plain = |byte: &&u8| !matches!(byte, 0x00..=0x1f | b'"' | b'\\');
    plain + rest.iter().take_while(is_plain).count()
}

/// Whether none of the eight bytes is a quote, a backslash or below 0x20. Of each byte the high bit tells:
/// a subtraction borrows where the byte is less, unless the byte itself has its high bit set.
fn all_plain(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let below = |word: u64, least: u64| word.wrapping_sub(ONES * least) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & HIGHS == 0
}

fn representable(text: &str, integer: bool, negative: bool) -> bool {
    if text.len() > 64 {
        return false;
    }
    match (integer, negative) {
        (true, true) => text.parse::<i64>().is_ok_and(|n| n != 0),
        (true, false) => text.parse::<u64>().is_ok(),
        (false, _) => text.parse::<f64>().is_ok_and(f64::is_finite),
    }
}

fn unescape(raw: &str, at: usize) -> Result<String, JsonError> {
    serde_json::from_str(&format!("\"{raw}\"")).map_err(|_| JsonError::Syntax { at })
}

/// How many member names are compared in place.
const FEW_NAMES: usize = 16;

/// The member names of one object. Small objects, nearly all, are compared in place; large ones go
/// into a keyed hash set, so that no input makes this quadratic.
#[derive(Default)]
struct Names<'a> {
    few: [&'a str; FEW_NAMES],
    count: usize,
    many: Option<HashSet<String>>,
}

impl<'a> Names<'a> {
    fn insert(&mut self, name: Cow<'a, str>, at: usize) -> Result<(), JsonError> {
        let fresh = match name {
            Cow::Borrowed(name) => self.insert_plain(name),
            Cow::Owned(name) => self.insert_owned(name),
        };
        if fresh { Ok(()) } else { Err(JsonError::DuplicateMember { at }) }
    }

    fn insert_plain(&mut self, name: &'a str) -> bool {
        let Some(free) = self.few.get_mut(self.count) else {
            return self.insert_owned(name.to_owned());
        };
        *free = name;
        let known = self.few.iter().take(self.count).any(|other| *other == name);
        self.count += 1;
        let among_many = self.many.as_ref().is_some_and(|many| many.contains(name));
        !known && !among_many && !name.starts_with(RESERVED)
    }

    fn insert_owned(&mut self, name: String) -> bool {
        let known = self.few.iter().take(self.count).any(|other| *other == name);
        !known && !name.starts_with(RESERVED) && self.many.get_or_insert_default().insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> &'static str {
        match check(text.as_bytes(), &Limits::default()) {
            Ok(_) => "accepted",
            Err(error) => error.code(),
        }
    }

    #[test]
    fn s16_a_member_that_stands_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"\u0061":1,"a":2}"#,
            r#"[{"x":{"b":[],"c":0,"b":null}}]"#,
        ] {
            assert_eq!(code(text), "json_duplicate_member", "{text}");
        }
    }

    #[test]
    fn s16_the_same_member_in_two_objects_is_no_duplicate() {
        assert_eq!(code(r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#), "accepted");
    }

    #[test]
    fn s16_a_duplicate_among_many_members_is_found() {
        let members: Vec<_> = (0..100).map(|n| format!("\"m{n}\":{n}")).collect();
        let good = format!("{{{}}}", members.join(","));
        assert_eq!(code(&good), "accepted");
        for n in [0, 15, 16, 17, 99] {
            let bad = format!("{{{},\"m{n}\":0}}", members.join(","));
            assert_eq!(code(&bad), "json_duplicate_member", "m{n}");
        }
    }

    #[test]
    fn r01_nesting_beyond_the_limit_is_refused() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(code(&nested(32)), "accepted");
        assert_eq!(code(&nested(33)), "json_too_deep");
        assert_eq!(code(&nested(500_000)), "json_too_deep");
    }

    #[test]
    fn r02_too_many_values_and_too_many_bytes_are_refused() {
        assert_eq!(code(&format!("[{}0]", "0,".repeat(20_000))), "json_too_many_values");
        assert_eq!(code(&format!("\"{}\"", "a".repeat(3 << 20))), "json_too_long");
    }

    #[test]
    fn pf33_a_count_bounds_what_few_bytes_can_ask_for() {
        let values = |n: usize| format!("[{}0]", "0,".repeat(n - 1));
        let limits = Limits { max_values: 1_000, ..Limits::default() };
        assert_eq!(check(values(999).as_bytes(), &limits).map(|_| ()), Ok(()));
        let refused = Err(JsonError::TooManyValues { limit: 1_000 });
        assert_eq!(check(values(1_000).as_bytes(), &limits).map(|_| ()), refused);
        // Members count like elements, and at any depth.
        let members: Vec<_> = (0..1_000).map(|n| format!("\"{n}\":0")).collect();
        let members = format!("{{{}}}", members.join(","));
        assert_eq!(check(members.as_bytes(), &limits).map(|_| ()), refused);
        let arrays = format!("[{}[]]", "[[]],".repeat(500));
        assert_eq!(check(arrays.as_bytes(), &limits).map(|_| ()), refused);
    }

    #[test]
    fn pf39_a_text_at_its_limit_is_whole_and_beyond_it_an_error() {
        let limits = Limits { max_bytes: 7, ..Limits::default() };
        assert_eq!(check(b"[1,2,3]", &limits), Ok("[1,2,3]"));
        assert_eq!(check(b"[1,2,3] ", &limits), Err(JsonError::TooLong { limit: 7 }));
    }

    /// Were the names of an object compared one by one, this would be 200 million comparisons.
    #[test]
    fn r06_an_object_of_many_names_is_judged_in_linear_time() {
        let limits = Limits { max_values: 50_000, ..Limits::default() };
        let members: Vec<_> = (0..40_000).map(|n| format!("\"{n:040}\":0")).collect();
        let good = format!("{{{}}}", members.join(","));
        let start = std::time::Instant::now();
        assert!(check(good.as_bytes(), &limits).is_ok());
        assert!(start.elapsed() < std::time::Duration::from_secs(2));
        let bad = format!("{{{},{}}}", members.join(","), members[39_999]);
        assert_eq!(
            check(bad.as_bytes(), &limits).map_err(|e| e.code()),
            Err("json_duplicate_member")
        );
    }

    #[test]
    fn r03_numbers_that_no_reader_holds_exactly_are_refused() {
        for text in ["1e400", "-0", "18446744073709551616", "-9223372036854775809", "1e-99999"] {
            let expected = if text == "1e-99999" { "accepted" } else { "json_number" };
            assert_eq!(code(text), expected, "{text}");
        }
        for text in ["0", "-1", "18446744073709551615", "9007199254740993", "1.5e3", "-0.5"] {
            assert_eq!(code(text), "accepted", "{text}");
        }
    }

    #[test]
    fn r04_text_that_readers_understand_differently_is_refused() {
        assert_eq!(check(b"\"\xff\"", &Limits::default()), Err(JsonError::NotUtf8));
        assert_eq!(code("\u{feff}{}"), "json_syntax");
        assert_eq!(code(r#""\ud800""#), "json_syntax");
        assert_eq!(code(r#""a\u0000b""#), "json_nul");
        for text in
            ["", "{", "01", "1.", ".5", "+1", "nul", "{\"a\"}", "[1,]", "\"\t\"", "'a'", "{}x"]
        {
            assert_eq!(code(text), "json_syntax", "{text:?}");
        }
    }

    #[test]
    fn pf45_members_that_a_feature_of_serde_json_reads_as_numbers_are_refused() {
        assert_eq!(code(r#"{"$serde_json::private::Number":"1"}"#), "json_duplicate_member");
        assert_eq!(code(r#"{"\u0024serde_json::private::Number":"1"}"#), "json_duplicate_member");
    }

    #[test]
    fn canonical_form_sorts_members_and_drops_white_space() {
        let value: Value =
            serde_json::from_str(r#"{ "b": [1, "é"], "a": {"d": 1, "c": 2} }"#).expect("JSON");
        let text = canonical(&value).expect("canonical");
        assert_eq!(text, r#"{"a":{"c":2,"d":1},"b":[1,"é"]}"#.as_bytes());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[^\\x00]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[^\\x00]{0,4}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn s16_a_text_is_read_as_it_is_checked() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"x":{"b":[],"c":0,"b":null}}]"#,
            r#"{"$serde_json::private::RawValue":"1"}"#,
            "[1,]",
            "{\"a\":1,}",
            "\"a\u{1}b\"",
            "-0",
            "18446744073709551616",
        ] {
            let limits = Limits::default();
            let checked = check(text.as_bytes(), &limits).map(drop);
            assert_eq!(read(text.as_bytes(), &limits).map(drop), checked, "{text}");
            assert!(checked.is_err(), "{text}");
        }
    }

    #[test]
    fn every_byte_at_every_place_of_a_string_is_seen() {
        for place in 0..24 {
            for byte in 0..=0x7f_u8 {
                let mut text = [b'a'; 26];
                (text[0], text[25]) = (b'"', b'"');
                text[place + 1] = byte;
                let accepted = check(&text, &Limits::default()).is_ok();
                let plain = !matches!(byte, 0x00..=0x1f | b'"' | b'\\');
                assert_eq!(accepted, plain, "{byte} at {place}");
            }
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_that_of_another_implementation(value in any_value()) {
            let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(canonical(&value).unwrap(), theirs);
        }

        #[test]
        fn what_is_read_is_what_is_parsed(value in any_value()) {
            let (text, limits) = (value.to_string(), Limits::default());
            prop_assert_eq!(
                read(text.as_bytes(), &limits),
                parse::<Value>(text.as_bytes(), &limits)
            );
        }

        #[test]
        fn any_text_is_read_or_refused_as_it_is_checked(text in "[\\[\\]{}:,\"a\\\\u0-9.eE+\\- tfn]{0,24}") {
            let limits = Limits::default();
            let parsed = parse::<Value>(text.as_bytes(), &limits);
            prop_assert_eq!(read(text.as_bytes(), &limits), parsed);
        }

        #[test]
        fn what_serde_json_writes_is_accepted(value in any_json()) {
            let text = value.to_string();
            prop_assert_eq!(parse::<Value>(text.as_bytes(), &Limits::default()), Ok(value));
        }

        #[test]
        fn what_is_accepted_serde_json_reads(text in "[\\[\\]{}:,\"\\\\au0-9eE.\\-+ tfn]{0,24}") {
            if check(text.as_bytes(), &Limits::default()).is_ok() {
                prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = check(&bytes, &Limits::default());
        }
    }
}
