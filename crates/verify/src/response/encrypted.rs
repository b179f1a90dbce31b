//! OpenID4VP 1.0 `direct_post.jwt` (§8.3, §8.3.1): one field, `response`, a JWE to the key of this
//! request; its plaintext is the parameters, `state` among them.

use serde::Deserialize;
use serde_json::Value;
use staffpass_jose::json::Object;
use staffpass_jose::jwe::{self, UnopenedJwe};
use staffpass_request::Expectation;
use zeroize::Zeroizing;

use super::form::Fields;
use super::{Answer, NoAnswer, Opening, WalletError, openid4vp};
use crate::{Code, Limits};

#[derive(Deserialize)]
struct Parameters {
    vp_token: Option<Value>,
    state: Option<String>,
    error: Option<String>,
}

/// What stands inside the body's JWE.
pub(super) fn open(
    fields: &Fields<'_>,
    expectation: &Expectation,
    opening: &Opening<'_>,
    limits: &Limits,
) -> Result<Zeroizing<Vec<u8>>, Code> {
    // What was asked for encrypted is not taken in the clear.
    if fields.has("vp_token") || fields.has("id_token") {
        return Err(Code::ResponseWrongProtocol);
    }
    let jwe = jwe_to_this_request(fields.exactly_one("response")?, expectation, limits)?;
    match opening {
        Opening::With(key) if jwe.header().kid.as_deref() == Some(&key.kid()) => {
            key.open(&jwe).map_err(|_| Code::ResponseEncryption)
        }
        Opening::Before(Some(plaintext)) => Ok(Zeroizing::new(plaintext.to_vec())),
        _ => Err(Code::ResponseEncryption),
    }
}

/// P9: `kid` names the key of this request and of no other.
fn jwe_to_this_request(
    response: &str,
    expectation: &Expectation,
    limits: &Limits,
) -> Result<UnopenedJwe, Code> {
    let mut size = jwe::Limits::default();
    size.max_bytes = limits.body_bytes;
    let jwe = UnopenedJwe::parse(response, &size).map_err(|_| Code::ResponseEncryption)?;
    let named = jwe.header().kid.as_deref();
    match named.is_some() && named == expectation.response_key_id() {
        true => Ok(jwe),
        false => Err(Code::ResponseEncryption),
    }
}

/// Reads what stood inside.
pub(super) fn read(
    plaintext: &[u8],
    fields: &Fields<'_>,
    expectation: &Expectation,
    limits: &Limits,
) -> Result<Answer, NoAnswer> {
    let Object(parameters): Object<Parameters> =
        staffpass_jose::json::parse(plaintext, &limits.body_json())
            .map_err(|_| Code::ResponseMalformed)?;
    outer_state_agrees(fields, parameters.state.as_deref())?;
    match (parameters.vp_token, parameters.error) {
        (Some(parts), None) => {
            let state = parameters.state;
            let parts = serde_json::from_value(parts).map_err(|_| Code::ResponseMalformed);
            let answer = parts
                .and_then(|p| openid4vp::answer(p, state.clone(), expectation.query(), limits));
            answer.map_err(|code| NoAnswer::Refused { code, state })
        }
        (None, Some(error)) => {
            let error = WalletError::from_code(&error);
            Err(NoAnswer::Error { error, state: parameters.state })
        }
        // P15: an error stands alone.
        _ => Err(NoAnswer::Refused { code: Code::ResponseFields, state: parameters.state }),
    }
}

/// P9: `state` stands inside; one that stands outside too says the same.
fn outer_state_agrees(fields: &Fields<'_>, inner: Option<&str>) -> Result<(), Code> {
    match fields.at_most_one("state")? {
        Some(outer) if Some(outer) != inner => Err(Code::StateMismatch),
        _ => Ok(()),
    }
}
