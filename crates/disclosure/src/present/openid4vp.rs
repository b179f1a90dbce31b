//! OpenID4VP 1.0: one presentation for each credential, under the id of the part that it answers.

use rand_core::CryptoRng;
use serde_json::{Map, Value};

use super::{Chosen, Tokens};
use crate::DisclosureError;

/// `vp_token` (§8.1): an object of arrays.
pub(super) fn vp_token(
    chosen: &[Chosen<'_>],
    tokens: &Tokens<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Map<String, Value>, DisclosureError> {
    let mut vp_token = Map::new();
    for one in chosen {
        let token = tokens.present(one, rng)?;
        let answers = vp_token.entry(one.part).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(answers) = answers {
            answers.push(token.into());
        }
    }
    Ok(vp_token)
}
