//! OpenID4VP before 1.0 with Presentation Exchange, `direct_post`: `vp_token`, one presentation or a JSON
//! array of them, `presentation_submission` and `state`.

use staffpass_query::PresentationSubmission;

use super::form::Fields;
use super::{Answer, within_limits};
use crate::token::{Presentation, Room};
use crate::{Code, Limits};

pub(super) fn read(fields: &Fields<'_>, limits: &Limits) -> Result<Answer, Code> {
    if fields.has("id_token") || fields.has("response") {
        return Err(Code::ResponseWrongProtocol);
    }
    let vp_token = fields.exactly_one("vp_token")?;
    // By query id: the answer of 1.0 (P22).
    if vp_token.starts_with('{') {
        return Err(Code::ResponseWrongProtocol);
    }
    let submission = fields.exactly_one("presentation_submission")?;
    let submission: PresentationSubmission =
        staffpass_jose::json::parse(submission.as_bytes(), &limits.body_json())
            .map_err(|_| Code::SubmissionInvalid)?;
    let tokens = presentations(vp_token, limits)?;
    let mut room = Room::new(limits);
    let tokens = tokens.into_iter();
    let presentations = tokens.map(|token| Presentation::parse(token, None, limits, &mut room));
    let answer = Answer {
        id_token: None,
        submission: Some(submission),
        presentations: presentations.collect(),
        state: fields.at_most_one("state")?.map(str::to_owned),
    };
    within_limits(answer, limits)
}

fn presentations(vp_token: &str, limits: &Limits) -> Result<Vec<String>, Code> {
    if !vp_token.starts_with('[') {
        return Ok(vec![vp_token.to_owned()]);
    }
    let tokens: Vec<String> = staffpass_jose::json::parse(vp_token.as_bytes(), &limits.body_json())
        .map_err(|_| Code::ResponseMalformed)?;
    match tokens.len() {
        0 => Err(Code::ResponseMalformed),
        count if count > limits.presentations => Err(Code::ResponseTooLarge),
        _ => Ok(tokens),
    }
}
