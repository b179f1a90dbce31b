//! `application/x-www-form-urlencoded`, with its counts bounded before anything is decoded.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2};

use crate::{Code, Limits};

/// The fields of a form, in their order. Names that no protocol defines are kept and never read.
pub(crate) struct Fields<'a> {
    fields: Vec<Field<'a>>,
}

type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Name and value of a pair. Tokens need no decoding, and are not copied.
fn field(pair: &str) -> Option<Field<'_>> {
    if memchr2(b'%', b'+', pair.as_bytes()).is_some() {
        return form_urlencoded::parse(pair.as_bytes()).next();
    }
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((Cow::Borrowed(name), Cow::Borrowed(value)))
}

impl<'a> Fields<'a> {
    pub(crate) fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, Code> {
        if body.len() > limits.body_bytes {
            return Err(Code::ResponseTooLarge);
        }
        if memchr_iter(b'&', body).count() >= limits.form_fields {
            return Err(Code::ResponseTooLarge);
        }
        let text = std::str::from_utf8(body).map_err(|_| Code::ResponseMalformed)?;
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Ok(Self { fields: pairs.flat_map(field).collect() })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let matching = self.fields.iter().filter(move |(field, _)| field == name);
        matching.map(|(_, value)| value.as_ref())
    }

    /// The value of a field that may stand once (V4: no parameter pollution).
    pub(crate) fn at_most_one(&self, name: &str) -> Result<Option<&str>, Code> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Code::ResponseFields),
        }
    }

    /// The value of a field that must stand exactly once.
    pub(crate) fn exactly_one(&self, name: &str) -> Result<&str, Code> {
        self.at_most_one(name)?.ok_or(Code::ResponseFields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v04_a_form_is_read_as_another_reader_reads_it() {
        for body in [
            "",
            "&&a=b&",
            "a",
            "=b",
            "a=b=c&=&a=",
            "a=%7B%22x%22%3A1%7D&b=c+d&%61=e",
            "a=%&b=%2&c=%zz",
            "a=b&a=b",
        ] {
            let ours = Fields::parse(body.as_bytes(), &Limits::default()).unwrap().fields;
            let theirs: Vec<_> = form_urlencoded::parse(body.as_bytes()).collect();
            assert_eq!(ours, theirs, "{body}");
        }
    }
}
