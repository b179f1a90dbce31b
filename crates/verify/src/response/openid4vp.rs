//! OpenID4VP 1.0 `direct_post` (§8.1, §8.2): `vp_token`, a JSON object from query id to an array of
//! presentations, and `state`.

use std::collections::BTreeMap;

use staffpass_query::{Format, Query};

use super::form::Fields;
use super::{Answer, within_limits};
use crate::token::{Presentation, Room};
use crate::{Code, Limits};

pub(super) fn read(
    fields: &Fields<'_>,
    query: Option<&Query>,
    limits: &Limits,
) -> Result<Answer, Code> {
    if fields.has("id_token") || fields.has("response") {
        return Err(Code::ResponseWrongProtocol);
    }
    let vp_token = fields.exactly_one("vp_token")?;
    let state = fields.at_most_one("state")?.map(str::to_owned);
    answer(by_part(vp_token, limits)?, state, query, limits)
}

/// The presentations under each query id, and the `state` that came with them.
pub(super) fn answer(
    parts: BTreeMap<String, Vec<String>>,
    state: Option<String>,
    query: Option<&Query>,
    limits: &Limits,
) -> Result<Answer, Code> {
    let mut presentations = Vec::new();
    let mut room = Room::new(limits);
    for (part, tokens) in parts {
        // A part without an answer is left out, never empty (§8.1).
        if tokens.is_empty() {
            return Err(Code::ResponseMalformed);
        }
        for token in tokens {
            if presentations.len() >= limits.presentations {
                return Err(Code::ResponseTooLarge);
            }
            presentations.push(presentation(token, &part, query, limits, &mut room));
        }
    }
    within_limits(Answer { presentations, state, ..Answer::default() }, limits)
}

/// D11: the format is the one that the query asked for, never sniffed. A part that was not asked
/// for is read as a W3C presentation, and refused when the answer is matched.
fn presentation(
    token: String,
    part: &str,
    query: Option<&Query>,
    limits: &Limits,
    room: &mut Room,
) -> Result<Presentation, Code> {
    match query.and_then(|query| query.format(part)) {
        Some(Format::DcSdJwt) => {
            Presentation::parse_sd_jwt(&token, Some(part.to_owned()), limits, room)
        }
        _ => Presentation::parse(token, Some(part.to_owned()), limits, room),
    }
}

fn by_part(vp_token: &str, limits: &Limits) -> Result<BTreeMap<String, Vec<String>>, Code> {
    // A bare compact token is what the Microsoft profile and the drafts send (P22).
    if !vp_token.starts_with('{') {
        return Err(Code::ResponseWrongProtocol);
    }
    staffpass_jose::json::parse(vp_token.as_bytes(), &limits.body_json())
        .map_err(|_| Code::ResponseMalformed)
}
