//! The JWT VC Presentation Profile as wallets post it: `id_token`, one or several `vp_token` fields,
//! `state`.
//!
//! Quirk: a wallet with several presentations repeats the field; drafts of SIOPv2 describe a JSON
//! array in one field instead. Both are read.

use super::form::Fields;
use super::{Answer, within_limits};
use crate::token::{IdToken, Presentation, Room};
use crate::{Code, Limits};

pub(super) fn read(fields: &Fields<'_>, limits: &Limits) -> Result<Answer, Code> {
    if fields.has("response") {
        return Err(Code::ResponseWrongProtocol);
    }
    let id_token = fields.exactly_one("id_token").map_err(|code| wrong_protocol(fields, code))?;
    let tokens = presentations(fields, limits)?;
    let state = fields.at_most_one("state")?.map(str::to_owned);
    let mut room = Room::new(limits);
    let tokens = tokens.into_iter();
    let presentations = tokens.map(|token| Presentation::parse(token, None, limits, &mut room));
    let answer = Answer {
        id_token: Some(IdToken::parse(id_token.to_owned(), limits)),
        submission: None,
        presentations: presentations.collect(),
        state,
    };
    within_limits(answer, limits)
}

/// A body with a JSON object as `vp_token` and no ID token is OpenID4VP's (P22).
fn wrong_protocol(fields: &Fields<'_>, code: Code) -> Code {
    let object = fields.all("vp_token").next().is_some_and(|token| token.starts_with('{'));
    if object && !fields.has("id_token") { Code::ResponseWrongProtocol } else { code }
}

fn presentations(fields: &Fields<'_>, limits: &Limits) -> Result<Vec<String>, Code> {
    let mut tokens = Vec::new();
    for field in fields.all("vp_token") {
        match field.starts_with('[') {
            true => tokens.extend(array(field, limits)?),
            false => tokens.push(field.to_owned()),
        }
        if tokens.len() > limits.presentations {
            return Err(Code::ResponseTooLarge);
        }
    }
    if tokens.is_empty() { Err(Code::ResponseFields) } else { Ok(tokens) }
}

fn array(field: &str, limits: &Limits) -> Result<Vec<String>, Code> {
    staffpass_jose::json::parse(field.as_bytes(), &limits.body_json())
        .map_err(|_| Code::ResponseMalformed)
}
