//! The wallet's side: an offer is not believed before its issuer is known.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use staffpass_did::DidUrl;
use staffpass_jose::{
    Algorithm, HeaderBuilder, NumericDate, PublicKey, UnsignedJws, json as strict,
};
use url::Url;

use super::metadata::check_identifier;
use super::refusal::Refusal;
use super::{PRE_AUTHORIZED_CODE, PROOF_TYPE};
use crate::web;

/// Bytes of an offer: a code and a few names.
const MAX_OFFER: usize = 64 * 1024;

/// Where the offer of a link is (§4.1.3): `openid-credential-offer://?credential_offer_uri=…`, at https or
/// on the own machine. An offer by value is not read: a code has no place in a QR code.
///
/// # Errors
/// [`Refusal::OfferForm`], [`Refusal::IssuerAddress`].
pub fn offer_address(link: &str) -> Result<Url, Refusal> {
    let link = Url::parse(link).map_err(|_| Refusal::OfferForm)?;
    let mut parameters = link.query_pairs();
    let address = match (link.scheme(), parameters.next(), parameters.next()) {
        ("openid-credential-offer", Some((name, address)), None)
            if name == "credential_offer_uri" =>
        {
            address
        }
        _ => return Err(Refusal::OfferForm),
    };
    endpoint(&address)
}

/// An offer (§4.1) as it came from anywhere: a QR code may be anybody's. Of it a wallet may show who it
/// says it is from; a transaction code is asked for only once that issuer is known.
pub struct UntrustedOffer {
    issuer: String,
    configurations: Vec<String>,
    grant: Grant,
}

#[derive(Deserialize)]
struct RawOffer {
    credential_issuer: String,
    credential_configuration_ids: Vec<String>,
    grants: Map<String, Value>,
}

#[derive(Deserialize)]
struct Grant {
    #[serde(rename = "pre-authorized_code")]
    code: String,
    tx_code: Option<Map<String, Value>>,
}

impl UntrustedOffer {
    /// Reads an offer.
    ///
    /// # Errors
    /// [`Refusal::OfferForm`], [`Refusal::IssuerAddress`].
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let mut limits = strict::Limits::default();
        limits.max_bytes = MAX_OFFER;
        let mut raw: RawOffer = strict::parse(json, &limits).map_err(|_| Refusal::OfferForm)?;
        check_identifier(&raw.credential_issuer)?;
        let grant = raw.grants.remove(PRE_AUTHORIZED_CODE).ok_or(Refusal::OfferForm)?;
        let grant: Grant = serde_json::from_value(grant).map_err(|_| Refusal::OfferForm)?;
        if raw.credential_configuration_ids.is_empty() {
            return Err(Refusal::OfferForm);
        }
        let configurations = raw.credential_configuration_ids;
        Ok(Self { issuer: raw.credential_issuer, configurations, grant })
    }

    /// Who it says it is from.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Believes the offer so far as its issuer is one of those that the wallet knows (§13.5).
    ///
    /// # Errors
    /// [`Refusal::IssuerUnknown`].
    pub fn accept(self, known: &[&str]) -> Result<AcceptedOffer, Refusal> {
        if known.contains(&self.issuer.as_str()) {
            Ok(AcceptedOffer { offer: self })
        } else {
            Err(Refusal::IssuerUnknown)
        }
    }
}

impl fmt::Debug for UntrustedOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntrustedOffer").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// An offer of an issuer that the wallet knows.
#[derive(Debug)]
#[must_use]
pub struct AcceptedOffer {
    offer: UntrustedOffer,
}

impl AcceptedOffer {
    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.offer.issuer
    }

    /// What is offered.
    pub fn configurations(&self) -> impl ExactSizeIterator<Item = &str> {
        self.offer.configurations.iter().map(String::as_str)
    }

    /// The code, for the token request.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.offer.grant.code
    }

    /// Whether the person has to key in a transaction code.
    #[must_use]
    pub fn needs_tx_code(&self) -> bool {
        self.offer.grant.tx_code.is_some()
    }
}

/// An issuer's metadata, held against the identifier that it was fetched for.
#[derive(Clone, Debug)]
#[must_use]
pub struct KnownIssuer {
    credential_endpoint: Url,
    nonce_endpoint: Option<Url>,
    configurations: Map<String, Value>,
}

#[derive(Deserialize)]
struct RawMetadata {
    credential_issuer: String,
    credential_endpoint: String,
    nonce_endpoint: Option<String>,
    credential_configurations_supported: Map<String, Value>,
}

impl KnownIssuer {
    /// Reads what came from [`well_known`](super::well_known) of the offer's issuer.
    ///
    /// # Errors
    /// [`Refusal::MetadataForm`]; [`Refusal::MetadataOfAnother`] where it names another issuer, by
    /// comparison of the texts (§12.2.4); [`Refusal::IssuerAddress`].
    pub fn read(json: &[u8], issuer: &str) -> Result<Self, Refusal> {
        let raw: RawMetadata = metadata(json)?;
        if raw.credential_issuer != issuer {
            return Err(Refusal::MetadataOfAnother);
        }
        Ok(Self {
            credential_endpoint: endpoint(&raw.credential_endpoint)?,
            nonce_endpoint: raw.nonce_endpoint.as_deref().map(endpoint).transpose()?,
            configurations: raw.credential_configurations_supported,
        })
    }

    /// Where credentials are asked for.
    #[must_use]
    pub fn credential_endpoint(&self) -> &Url {
        &self.credential_endpoint
    }

    /// Where nonces come from; `None` where proofs need none.
    #[must_use]
    pub fn nonce_endpoint(&self) -> Option<&Url> {
        self.nonce_endpoint.as_ref()
    }

    /// The format of what is offered under an id: `jwt_vc_json`, `dc+sd-jwt` or another.
    #[must_use]
    pub fn format_of(&self, configuration: &str) -> Option<&str> {
        self.configurations.get(configuration)?.get("format")?.as_str()
    }
}

/// The token endpoint of an issuer that is its own authorisation server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct TokenEndpoint(Url);

#[derive(Deserialize)]
struct RawServer {
    issuer: String,
    token_endpoint: String,
}

impl TokenEndpoint {
    /// Reads authorisation server metadata (RFC 8414 §3.2), held against the identifier that it was
    /// fetched for.
    ///
    /// # Errors
    /// As [`KnownIssuer::read`].
    pub fn read(json: &[u8], issuer: &str) -> Result<Self, Refusal> {
        let raw: RawServer = metadata(json)?;
        if raw.issuer != issuer {
            return Err(Refusal::MetadataOfAnother);
        }
        Ok(Self(endpoint(&raw.token_endpoint)?))
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

fn metadata<T: for<'de> Deserialize<'de>>(json: &[u8]) -> Result<T, Refusal> {
    strict::parse(json, &strict::Limits::default()).map_err(|_| Refusal::MetadataForm)
}

fn endpoint(text: &str) -> Result<Url, Refusal> {
    Url::parse(text).ok().filter(web::is_safe).ok_or(Refusal::IssuerAddress)
}

/// The form of a token request (§6.1).
#[must_use]
pub fn token_request(code: &str, tx_code: Option<&str>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", PRE_AUTHORIZED_CODE).append_pair("pre-authorized_code", code);
    if let Some(tx_code) = tx_code {
        form.append_pair("tx_code", tx_code);
    }
    form.finish()
}

/// A key proof (appendix F.1) to be signed by the key itself, which stands in its header.
///
/// # Errors
/// [`Refusal::ProofAlgorithm`] for a key that signs nothing, [`Refusal::Date`].
pub fn key_proof(
    key: &PublicKey,
    issuer: &str,
    nonce: &str,
    now: DateTime<Utc>,
) -> Result<UnsignedJws, Refusal> {
    let algorithm = key.algorithm().ok_or(Refusal::ProofAlgorithm)?;
    let header = HeaderBuilder::new(algorithm).member("jwk", key.to_jwk());
    proof(header, issuer, nonce, now)
}

/// A key proof to be signed by a key of a DID, which its header names (`kid`): the credential is then
/// issued to that DID.
///
/// # Errors
/// [`Refusal::Date`].
pub fn key_proof_of_did(
    key_id: &DidUrl,
    algorithm: Algorithm,
    issuer: &str,
    nonce: &str,
    now: DateTime<Utc>,
) -> Result<UnsignedJws, Refusal> {
    proof(HeaderBuilder::new(algorithm).kid(key_id.as_str()), issuer, nonce, now)
}

fn proof(
    header: HeaderBuilder,
    issuer: &str,
    nonce: &str,
    now: DateTime<Utc>,
) -> Result<UnsignedJws, Refusal> {
    let iat = NumericDate::from_datetime(now).ok_or(Refusal::Date)?;
    let claims = json!({ "aud": issuer, "iat": iat, "nonce": nonce });
    Ok(UnsignedJws::new(&header.typ(PROOF_TYPE), claims.to_string().as_bytes()))
}

/// The body of a credential request (§8.2).
#[must_use]
pub fn credential_request(configuration: &str, proofs: &[String]) -> Value {
    json!({ "credential_configuration_id": configuration, "proofs": { "jwt": proofs } })
}

/// The bearer token of a token response (§6.2).
///
/// # Errors
/// [`Refusal::ResponseForm`], also where it is a token of another kind.
pub fn read_access_token(json: &[u8]) -> Result<String, Refusal> {
    let response: RawToken = response(json)?;
    let bearer = response.token_type.eq_ignore_ascii_case("bearer");
    if bearer { Ok(response.access_token) } else { Err(Refusal::ResponseForm) }
}

#[derive(Deserialize)]
struct RawToken {
    access_token: String,
    token_type: String,
}

/// The nonce of a nonce response (§7.2).
///
/// # Errors
/// [`Refusal::ResponseForm`].
pub fn read_nonce(json: &[u8]) -> Result<String, Refusal> {
    response::<RawNonce>(json).map(|response| response.c_nonce)
}

#[derive(Deserialize)]
struct RawNonce {
    c_nonce: String,
}

/// The credentials of a credential response (§8.3): one at least, each a text.
///
/// # Errors
/// [`Refusal::ResponseForm`], also where they are to be asked for again later.
pub fn read_credentials(json: &[u8]) -> Result<Vec<String>, Refusal> {
    let response: RawCredentials = response(json)?;
    let credentials = response.credentials.into_iter().map(|each| each.credential);
    let credentials: Vec<String> = credentials.collect();
    if credentials.is_empty() { Err(Refusal::ResponseForm) } else { Ok(credentials) }
}

#[derive(Deserialize)]
struct RawCredentials {
    credentials: Vec<RawCredential>,
}

#[derive(Deserialize)]
struct RawCredential {
    credential: String,
}

fn response<T: for<'de> Deserialize<'de>>(json: &[u8]) -> Result<T, Refusal> {
    strict::parse(json, &strict::Limits::default()).map_err(|_| Refusal::ResponseForm)
}
