//! The walk over a text.

use std::borrow::Cow;

use super::form::Form;
use super::{JsonError, Limits};

/// A place in a text, and what has been counted before it.
pub(super) struct Reader<'a, 'l> {
    text: &'a str,
    at: usize,
    values: usize,
    limits: &'l Limits,
}

impl<'a, 'l> Reader<'a, 'l> {
    pub(super) fn new(bytes: &'a [u8], limits: &'l Limits) -> Result<Self, JsonError> {
        if bytes.len() > limits.max_bytes {
            return Err(JsonError::TooLong { limit: limits.max_bytes });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self { text, at: 0, values: 0, limits })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The one value that the text is.
    pub(super) fn whole<F: Form<'a>>(&mut self) -> Result<F, JsonError> {
        let value = self.value(0)?;
        self.white_space();
        if self.at == self.text.len() { Ok(value) } else { Err(self.syntax()) }
    }

    fn value<F: Form<'a>>(&mut self, depth: usize) -> Result<F, JsonError> {
        self.white_space();
        self.count_value()?;
        match self.peek() {
            Some(b'{') => self.object(self.deeper(depth)?),
            Some(b'[') => self.array(self.deeper(depth)?),
            Some(b'"') => self.string().map(F::string),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true").map(|()| F::bool(true)),
            Some(b'f') => self.word("false").map(|()| F::bool(false)),
            Some(b'n') => self.word("null").map(|()| F::null()),
            _ => Err(self.syntax()),
        }
    }

    fn object<F: Form<'a>>(&mut self, depth: usize) -> Result<F, JsonError> {
        let mut members = F::Members::default();
        self.at += 1;
        self.white_space();
        if self.take(b'}') {
            return Ok(F::object(members));
        }
        loop {
            self.member::<F>(&mut members, depth)?;
            self.white_space();
            if self.take(b'}') {
                return Ok(F::object(members));
            }
            self.expect(b',')?;
        }
    }

    fn member<F: Form<'a>>(
        &mut self,
        members: &mut F::Members,
        depth: usize,
    ) -> Result<(), JsonError> {
        self.white_space();
        let at = self.at;
        let name = self.string()?;
        self.white_space();
        self.expect(b':')?;
        let value = self.value(depth)?;
        if F::insert(members, name, value) {
            Ok(())
        } else {
            Err(JsonError::DuplicateMember { at })
        }
    }

    fn array<F: Form<'a>>(&mut self, depth: usize) -> Result<F, JsonError> {
        let mut elements = Vec::new();
        self.at += 1;
        self.white_space();
        if self.take(b']') {
            return Ok(F::array(elements));
        }
        loop {
            elements.push(self.value(depth)?);
            self.white_space();
            if self.take(b']') {
                return Ok(F::array(elements));
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
    fn number<F: Form<'a>>(&mut self) -> Result<F, JsonError> {
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
        let number = if representable(text, integer, negative) { F::number(text) } else { None };
        number.ok_or(JsonError::Number { at: start })
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
