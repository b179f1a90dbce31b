//! What issuers do in ways of their own.

use staffpass_did::{Did, LoopbackHttp, Method};
use url::Url;

use super::file::{IssuerConventions, TrustedIssuer};
use super::{PolicyError, fault, issuer_id};

/// The hubs in which Entra keeps the status lists of its authorities: the present one, and the one
/// that documents of 2022 name.
const ENTRA_HUBS: [&str; 2] =
    ["https://verifiedid.hub.msidentity.com", "https://hub.did.msidentity.com"];

/// Conventions that are short for other keys become those keys.
pub(super) fn spell_out(
    issuer: &mut TrustedIssuer,
    loopback: LoopbackHttp,
) -> Result<(), PolicyError> {
    match issuer.conventions {
        Some(IssuerConventions::Entra) => spell_out_entra(issuer, loopback),
        Some(IssuerConventions::GovUk) | None => Ok(()),
    }
}

fn spell_out_entra(issuer: &mut TrustedIssuer, loopback: LoopbackHttp) -> Result<(), PolicyError> {
    let (did, own) = issuer_id(&issuer.id, loopback)?;
    let Some(method @ (Method::Web | Method::Ion)) = did.map(|did| did.method()) else {
        let rule = "\"entra\" is for issuers that are did:web or did:ion";
        return Err(fault(issuer, "conventions", rule));
    };
    if issuer.status_origins.is_empty() {
        let hubs = ENTRA_HUBS.map(str::to_owned);
        issuer.status_origins = hubs.into_iter().chain(own).collect();
    }
    issuer.accept_authentication_key |= method == Method::Ion;
    Ok(())
}

/// GOV.UK Wallet: the keys of an https issuer are those of the did:web of its host.
pub(super) fn did_of_host(issuer: &TrustedIssuer) -> Result<Did, PolicyError> {
    let wrong = || fault(issuer, "conventions", "\"govuk\" is for issuers that are https URLs");
    if issuer.x509.is_some() {
        return Err(fault(issuer, "conventions", "\"govuk\" knows no certificates"));
    }
    let url = Url::parse(&issuer.id).ok().filter(|url| !url.cannot_be_a_base());
    let url = url.ok_or_else(wrong)?;
    let host = url.host_str().ok_or_else(wrong)?;
    let port = url.port().map(|port| format!("%3A{port}")).unwrap_or_default();
    Did::parse(&format!("did:web:{host}{port}")).map_err(|_| wrong())
}
