//! OpenID4VP 1.0: one presentation for each credential, under the id of the part that it answers.

use rand_core::CryptoRng;
use serde_json::{Map, Value};

use super::{Chosen, Tokens};
use crate::DisclosureError;

/// `vp_token` (§8.1): an object of arrays. `state` comes after it.
pub(super) fn fields(
    chosen: &[Chosen<'_>],
    tokens: &Tokens<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<(String, String)>, DisclosureError> {
    let mut vp_token = Map::new();
    for one in chosen {
        let credential = std::iter::once(one.credential.as_str());
        let token = tokens.presentation(&one.holder, credential, rng)?;
        let answers = vp_token.entry(one.part).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(answers) = answers {
            answers.push(token.into());
        }
    }
    Ok(vec![("vp_token".to_owned(), Value::Object(vp_token).to_string())])
}
