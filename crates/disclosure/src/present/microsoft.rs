//! The JWT VC Presentation Profile: an ID token that says where the answers are, and one VP for each
//! holder.

use rand_core::CryptoRng;
use serde_json::json;
use staffpass_query::{DescriptorMapEntry, PresentationSubmission};
use staffpass_request::microsoft::AuthorizationRequest;

use super::{Chosen, Holder, Tokens, sign, uuid};
use crate::DisclosureError;

/// `iss` of an ID token, as Microsoft's wallets write it.
const ISSUER: &str = "https://self-issued.me/v2/openid-vc";

/// `id_token`, `vp_token` once for each holder. `state` comes after them.
pub(super) fn fields(
    request: &AuthorizationRequest,
    chosen: &[Chosen<'_>],
    tokens: &Tokens<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<(String, String)>, DisclosureError> {
    let presentations = by_holder(chosen);
    let first = presentations.first().ok_or(DisclosureError::NothingChosen)?;
    let definition = request.presentation_definition().ok_or(DisclosureError::Protocol)?;
    let map = descriptor_map(chosen, &presentations);
    let submission = PresentationSubmission::new(&uuid(rng), definition.id(), map);
    let id_token = id_token(&first.holder, &submission, tokens)?;

    let mut fields = vec![("id_token".to_owned(), id_token)];
    for presentation in &presentations {
        let credentials = presentation.credentials.iter().copied();
        let token = tokens.presentation(&presentation.holder, credentials, rng)?;
        fields.push(("vp_token".to_owned(), token));
    }
    Ok(fields)
}

/// The credentials of one holder, each once.
struct Presentation<'c> {
    holder: Holder<'c>,
    credentials: Vec<&'c str>,
}

fn by_holder<'c>(chosen: &[Chosen<'c>]) -> Vec<Presentation<'c>> {
    let mut presentations: Vec<Presentation<'c>> = Vec::new();
    for one in chosen {
        let token = one.credential.as_str();
        let mut same = presentations.iter_mut();
        match same.find(|presentation| presentation.holder.did() == one.holder.did()) {
            Some(presentation) if presentation.credentials.contains(&token) => {}
            Some(presentation) => presentation.credentials.push(token),
            None => {
                let credentials = vec![token];
                presentations.push(Presentation { holder: one.holder, credentials });
            }
        }
    }
    presentations
}

/// The dialects of Authenticator: `$` where there is one presentation, `$[k]` where there are several.
fn descriptor_map(
    chosen: &[Chosen<'_>],
    presentations: &[Presentation<'_>],
) -> Vec<DescriptorMapEntry> {
    let entry = |one: &Chosen<'_>| {
        let mut places = presentations.iter().enumerate();
        let (k, j) = places.find_map(|(k, presentation)| {
            let mut credentials = presentation.credentials.iter();
            Some((k, credentials.position(|token| *token == one.credential.as_str())?))
        })?;
        let entry = DescriptorMapEntry::jwt_vc_in_vp(one.part, j);
        Some(if presentations.len() == 1 { entry } else { entry.in_presentation(k) })
    };
    chosen.iter().filter_map(entry).collect()
}

/// SIOPv2, with the submission where the profile puts it.
fn id_token(
    holder: &Holder<'_>,
    submission: &PresentationSubmission,
    tokens: &Tokens<'_>,
) -> Result<String, DisclosureError> {
    let claims = json!({
        "iss": ISSUER,
        "sub": holder.did().as_str(),
        "aud": tokens.client_id,
        "nonce": tokens.nonce,
        "iat": tokens.issued,
        "exp": tokens.expires,
        "_vp_token": { "presentation_submission": submission },
    });
    sign(holder, &claims)
}
