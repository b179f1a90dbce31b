//! What a wallet asks for, under the lock: offer, token, credential.

use chrono::{DateTime, Utc};
use serde_json::Value;
use staffpass::aws_lc::AwsLc;
use staffpass::credentials::{CredentialKind, StaffCredential};
use staffpass::issue::openid4vci::{
    AccessToken, ConfigurationFormat, CredentialRequest, HolderKey, Issuance, IssuerMetadata,
    Nonces, ProofRules, Refusal, TokenRequest, credential_response, offer_json,
};

use crate::Error;
use crate::credential::{self, Holder, read_claims};
use crate::identity::Identity;
use crate::offers::BATCH;
use crate::options::Format;
use crate::store::{Books, OpenOffer, Store};

/// An offer by its code; `None` once it cannot be redeemed any more.
pub(crate) fn offer(
    identity: &Identity,
    store: &Store,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<Value>, Error> {
    let open = store.with(|books| books.offer(&Issuance::id_of_code(code)))?;
    let open = open.filter(|open| open.issuance.is_redeemable(now));
    Ok(open.map(|open| offer_json(&identity.origin, &open.issuance, code)))
}

/// A token for a code. Whatever comes of it, the offer is written before the answer goes out.
pub(crate) fn token(
    identity: &Identity,
    store: &Store,
    form: &[u8],
    now: DateTime<Utc>,
) -> Result<Result<Value, Refusal>, Error> {
    let request = match TokenRequest::parse(form) {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(refusal)),
    };
    store.with(|books| {
        let Some(mut open) = books.offer(&request.issuance_id())? else {
            return Ok(Err(Refusal::CodeUnknown));
        };
        let key = &identity.code_key;
        let response = open.issuance.redeem(&request, key, now, &mut rand::rng());
        books.keep_offer(&open, now)?;
        Ok(response.map(|response| response.to_json()))
    })
}

/// The credentials of a request: one for each key whose possession it proves.
pub(crate) fn credential(
    identity: &Identity,
    metadata: &IssuerMetadata,
    store: &Store,
    nonces: &mut Nonces,
    token: &AccessToken,
    request: &CredentialRequest,
    now: DateTime<Utc>,
) -> Result<Result<Value, Refusal>, Error> {
    store.with(|books| {
        let Some(mut open) = books.offer(token.issuance_id())? else {
            return Ok(Err(Refusal::TokenUnknown));
        };
        let rules = ProofRules::new(&identity.origin, &AwsLc).batch_size(BATCH);
        let accepted = open.issuance.accept(token, request, &rules, nonces, now);
        let accepted = accepted.and_then(|keys| {
            books.holder_keys.note(&keys, person(&open))?;
            Ok(keys)
        });
        let keys = match accepted {
            Ok(keys) => keys,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let format = format_of(metadata, request.configuration_id())?;
        let credentials = issue_all(identity, books, &open, &keys, format, now)?;
        books.keep_offer(&open, now)?;
        Ok(Ok(credential_response(credentials.iter().map(String::as_str))))
    })
}

fn issue_all(
    identity: &Identity,
    books: &mut Books,
    open: &OpenOffer,
    keys: &[HolderKey],
    format: Format,
    now: DateTime<Utc>,
) -> Result<Vec<String>, Error> {
    let says = says(open, now)?;
    let each = |key: &HolderKey| {
        let holder = Holder { did: key.did().clone(), key: key.public_key().clone() };
        Ok(credential::issue(identity, books, &says, &holder, format, now)?.credential)
    };
    keys.iter().map(each).collect()
}

fn says(open: &OpenOffer, now: DateTime<Utc>) -> Result<StaffCredential, Error> {
    let kind = CredentialKind::from_id(&open.kind).ok_or("the offer is of no known kind")?;
    read_claims(kind, &open.claims, now)
}

/// Whom the trust means: every staff credential has the person's identifier.
fn person(open: &OpenOffer) -> &str {
    open.claims.get("identity_id").and_then(Value::as_str).unwrap_or_default()
}

fn format_of(metadata: &IssuerMetadata, id: &str) -> Result<Format, Error> {
    match metadata.configuration(id).map(|configuration| configuration.format()) {
        Some(ConfigurationFormat::JwtVcJson { .. }) => Ok(Format::JwtVcJson),
        Some(ConfigurationFormat::SdJwtVc { .. }) => Ok(Format::DcSdJwt),
        _ => Err("an offer of what the metadata does not have".into()),
    }
}
