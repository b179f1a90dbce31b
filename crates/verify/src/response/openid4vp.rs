//! OpenID4VP 1.0 `direct_post` (§8.1, §8.2): `vp_token`, a JSON object from query id to an array of
//! presentations, and `state`.

use std::collections::BTreeMap;

use super::form::Fields;
use super::{Answer, count_credentials};
use crate::token::Presentation;
use crate::{Code, Limits};

pub(super) fn read(fields: &Fields<'_>, limits: &Limits) -> Result<Answer, Code> {
    if fields.has("id_token") || fields.has("response") {
        return Err(Code::ResponseWrongProtocol);
    }
    let vp_token = fields.exactly_one("vp_token")?;
    let state = fields.at_most_one("state")?.map(str::to_owned);
    let mut presentations = Vec::new();
    for (part, tokens) in by_part(vp_token, limits)? {
        // A part without an answer is left out, never empty (§8.1).
        if tokens.is_empty() {
            return Err(Code::ResponseMalformed);
        }
        for token in tokens {
            if presentations.len() >= limits.presentations {
                return Err(Code::ResponseTooLarge);
            }
            presentations.push(Presentation::parse(token, Some(part.clone()), limits));
        }
    }
    count_credentials(Answer { id_token: None, presentations, state }, limits)
}

fn by_part(vp_token: &str, limits: &Limits) -> Result<BTreeMap<String, Vec<String>>, Code> {
    // A bare compact token is what the Microsoft profile and the drafts send (P22).
    if !vp_token.starts_with('{') {
        return Err(Code::ResponseWrongProtocol);
    }
    staffpass_jose::json::parse(vp_token.as_bytes(), &limits.body_json())
        .map_err(|_| Code::ResponseMalformed)
}
