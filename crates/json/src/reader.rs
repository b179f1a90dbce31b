//! The walk over a text.

use std::borrow::Cow;

use crate::names::Names;
use crate::tree::{Index, What};
use crate::{JsonError, Limits};

/// The index counts in 32 bits.
const MOST_BYTES: usize = 1 << 31;

/// A place in a text, and what has been found before it.
pub(crate) struct Reader<'a, 'l> {
    text: &'a str,
    at: usize,
    values: usize,
    limits: &'l Limits,
    index: Index,
}

/// A string: where what is between its quotes begins, and what it says.
struct Text<'a> {
    start: usize,
    says: Cow<'a, str>,
}

impl<'a, 'l> Reader<'a, 'l> {
    pub(crate) fn new(bytes: &'a [u8], limits: &'l Limits) -> Result<Self, JsonError> {
        let limit = limits.max_bytes.min(MOST_BYTES);
        if bytes.len() > limit {
            return Err(JsonError::TooLong { limit });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self { text, at: 0, values: 0, limits, index: Index::for_text(text.len()) })
    }

    /// The text, and the one value that it is.
    pub(crate) fn index(mut self) -> Result<(&'a str, Index), JsonError> {
        self.value(0)?;
        self.white_space();
        if self.at == self.text.len() { Ok((self.text, self.index)) } else { Err(self.syntax()) }
    }

    fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        self.white_space();
        self.count_value()?;
        match self.peek() {
            Some(b'{') => self.object(self.deeper(depth)?),
            Some(b'[') => self.array(self.deeper(depth)?),
            Some(b'"') => self.string().map(|text| self.found(&text)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", What::True),
            Some(b'f') => self.word("false", What::False),
            Some(b'n') => self.word("null", What::Null),
            _ => Err(self.syntax()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        let (object, mut names) = (self.index.open(What::Object), Names::default());
        self.at += 1;
        self.white_space();
        if !self.take(b'}') {
            loop {
                self.member(&mut names, depth)?;
                self.white_space();
                if self.take(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        self.index.close(object);
        Ok(())
    }

    fn member(&mut self, names: &mut Names<'a>, depth: usize) -> Result<(), JsonError> {
        self.white_space();
        let at = self.at;
        let name = self.string()?;
        self.found(&name);
        if !names.insert(name.says) {
            return Err(JsonError::DuplicateMember { at });
        }
        self.white_space();
        self.expect(b':')?;
        self.value(depth)
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        let array = self.index.open(What::Array);
        self.at += 1;
        self.white_space();
        if !self.take(b']') {
            loop {
                self.value(depth)?;
                self.white_space();
                if self.take(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        self.index.close(array);
        Ok(())
    }

    fn found(&mut self, text: &Text<'_>) {
        match &text.says {
            Cow::Borrowed(plain) => {
                self.index.span(What::Plain, text.start, text.start + plain.len());
            }
            Cow::Owned(unescaped) => self.index.unescaped(unescaped),
        }
    }

    fn string(&mut self) -> Result<Text<'a>, JsonError> {
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
            return Ok(Text { start, says: Cow::Borrowed(raw) });
        }
        let says = unescape(raw, opening)?;
        if says.contains('\0') {
            return Err(JsonError::Nul { at: opening });
        }
        Ok(Text { start, says: says.into() })
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
        if !representable(text, integer, negative) {
            return Err(JsonError::Number { at: start });
        }
        self.index.span(What::Number, start, self.at);
        Ok(())
    }

    fn digits(&mut self) -> Result<usize, JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax()) } else { Ok(self.at - start) }
    }

    fn word(&mut self, word: &str, what: What) -> Result<(), JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.syntax());
        }
        self.at += word.len();
        self.index.word(what);
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
