//! The body that a wallet posted, read as the protocol and mode of its address prescribe, never
//! sniffed.

mod encrypted;
mod form;
mod microsoft;
mod openid4vp;
mod openid4vp_draft;

use staffpass_jose::jwe::AgreementKey;
use staffpass_query::PresentationSubmission;
use staffpass_request::{Expectation, Protocol, ResponseMode};
use zeroize::Zeroizing;

use crate::token::{IdToken, Presentation, Room};
use crate::{Code, Limits};

/// What a wallet sent, parsed and unbelieved.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) id_token: Option<Result<IdToken, Code>>,
    /// The wallet's map, where it stands in a field of its own.
    pub(crate) submission: Option<PresentationSubmission>,
    pub(crate) presentations: Vec<Result<Presentation, Code>>,
    pub(crate) state: Option<String>,
}

/// The error that a wallet sent in place of an answer (OpenID4VP 1.0 §8.5, RFC 6749 §4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalletError {
    /// `access_denied`: the person declined, has no such credential, or could not be
    /// authenticated. The protocol does not tell which.
    AccessDenied,
    /// `wallet_unavailable`.
    WalletUnavailable,
    /// `vp_formats_not_supported`.
    FormatsNotSupported,
    /// `invalid_request`, `invalid_client`, `invalid_scope` and their like: the wallet finds fault
    /// with the request.
    RequestRefused,
    /// A code that no specification names.
    Other,
}

impl WalletError {
    fn from_code(code: &str) -> Self {
        match code {
            "access_denied" => Self::AccessDenied,
            "wallet_unavailable" => Self::WalletUnavailable,
            "vp_formats_not_supported" => Self::FormatsNotSupported,
            "invalid_request"
            | "invalid_client"
            | "invalid_scope"
            | "invalid_request_uri_method"
            | "invalid_transaction_data" => Self::RequestRefused,
            _ => Self::Other,
        }
    }
}

/// A body that is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// It breaks a rule. With it the `state`, where one stands where the mode has it.
    Refused { code: Code, state: Option<String> },
    /// It is an error of the wallet's, with the `state` beside it.
    Error { error: WalletError, state: Option<String> },
}

impl From<Code> for NoAnswer {
    fn from(code: Code) -> Self {
        Self::Refused { code, state: None }
    }
}

impl NoAnswer {
    /// In a form that is not encrypted `state` is a field of its own, and says whose the body is
    /// whatever else is wrong with it. One that stands twice says nothing.
    fn beside_state(self, fields: &form::Fields<'_>) -> Self {
        match self {
            Self::Refused { code, state: None } => {
                let state = fields.at_most_one("state").ok().flatten().map(str::to_owned);
                Self::Refused { code, state }
            }
            other => other,
        }
    }
}

/// How an encrypted body is opened.
#[derive(Clone, Copy)]
pub(crate) enum Opening<'a> {
    /// With the key of its request.
    With(&'a dyn AgreementKey),
    /// It was opened before, to this; none where it was not.
    Before(Option<&'a [u8]>),
}

/// What a body was read as.
pub(crate) struct Read {
    pub(crate) answer: Result<Answer, NoAnswer>,
    /// What stood inside, where it came encrypted and could be opened.
    pub(crate) opened: Option<Zeroizing<Vec<u8>>>,
}

impl From<Result<Answer, NoAnswer>> for Read {
    fn from(answer: Result<Answer, NoAnswer>) -> Self {
        Self { answer, opened: None }
    }
}

/// Reads a body (V1, V4).
pub(crate) fn read(
    expectation: &Expectation,
    opening: Opening<'_>,
    body: &[u8],
    limits: &Limits,
) -> Read {
    match form::Fields::parse(body, limits) {
        Ok(fields) => read_fields(expectation, opening, &fields, limits),
        Err(code) => Err(NoAnswer::from(code)).into(),
    }
}

/// A wallet may send an error in the clear whatever the mode.
fn read_fields(
    expectation: &Expectation,
    opening: Opening<'_>,
    fields: &form::Fields<'_>,
    limits: &Limits,
) -> Read {
    match fields.at_most_one("error") {
        Err(code) => return Err(NoAnswer::from(code)).into(),
        Ok(Some(error)) => return wallet_error(fields, error).into(),
        Ok(None) => {}
    }
    let encrypted = (Some(Protocol::OpenId4Vp), Some(ResponseMode::DirectPostJwt));
    if (expectation.protocol(), expectation.response_mode()) != encrypted {
        return in_the_clear(expectation, fields, limits).into();
    }
    match encrypted::open(fields, expectation, &opening, limits) {
        Err(code) => Err(NoAnswer::from(code)).into(),
        Ok(opened) => {
            let answer = encrypted::read(&opened, fields, expectation, limits);
            Read { answer, opened: Some(opened) }
        }
    }
}

fn in_the_clear(
    expectation: &Expectation,
    fields: &form::Fields<'_>,
    limits: &Limits,
) -> Result<Answer, NoAnswer> {
    let answer = match (expectation.protocol(), expectation.response_mode()) {
        (Some(Protocol::JwtVcPresentationProfile), Some(ResponseMode::Post)) => {
            microsoft::read(fields, limits)
        }
        (Some(Protocol::OpenId4VpDraftPe), Some(ResponseMode::DirectPost)) => {
            openid4vp_draft::read(fields, limits)
        }
        (Some(Protocol::OpenId4Vp), Some(ResponseMode::DirectPost)) => {
            openid4vp::read(fields, expectation.query(), limits)
        }
        _ => return Err(Code::ResponseWrongProtocol.into()),
    };
    answer.map_err(|code| NoAnswer::from(code).beside_state(fields))
}

/// Reads a presentation that came by itself: an SD-JWT where it has a `~`, which no compact JWS has.
pub(crate) fn read_presentation(compact: &str, limits: &Limits) -> Result<Answer, NoAnswer> {
    if compact.len() > limits.body_bytes {
        return Err(Code::ResponseTooLarge.into());
    }
    let mut room = Room::new(limits);
    let presentation = match compact.contains('~') {
        true => Presentation::parse_sd_jwt(compact, None, limits, &mut room),
        false => Presentation::parse(compact.to_owned(), None, limits, &mut room),
    };
    let answer = Answer { presentations: vec![presentation], ..Answer::default() };
    Ok(within_limits(answer, limits)?)
}

/// An error stands alone: beside tokens it is neither an answer nor an error (P15).
fn wallet_error(fields: &form::Fields<'_>, error: &str) -> Result<Answer, NoAnswer> {
    if ["vp_token", "id_token", "response"].iter().any(|name| fields.has(name)) {
        return Err(Code::ResponseFields.into());
    }
    let state = fields.at_most_one("state")?.map(str::to_owned);
    Err(NoAnswer::Error { error: WalletError::from_code(error), state })
}

/// A presentation for whose credentials there was no room makes the whole response too large.
fn within_limits(answer: Answer, limits: &Limits) -> Result<Answer, Code> {
    let no_room = |p: &Result<_, Code>| p.as_ref().is_err_and(|c| *c == Code::ResponseTooLarge);
    if answer.presentations.len() > limits.presentations || answer.presentations.iter().any(no_room)
    {
        return Err(Code::ResponseTooLarge);
    }
    Ok(answer)
}
