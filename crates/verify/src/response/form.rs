//! `application/x-www-form-urlencoded`, with its counts bounded before anything is decoded.

use std::borrow::Cow;

use crate::{Code, Limits};

/// The fields of a form, in their order. Names that no protocol defines are kept and never read.
pub(crate) struct Fields<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    pub(crate) fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, Code> {
        if body.len() > limits.body_bytes {
            return Err(Code::ResponseTooLarge);
        }
        if body.split(|byte| *byte == b'&').count() > limits.form_fields {
            return Err(Code::ResponseTooLarge);
        }
        let text = std::str::from_utf8(body).map_err(|_| Code::ResponseMalformed)?;
        Ok(Self { fields: form_urlencoded::parse(text.as_bytes()).collect() })
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
