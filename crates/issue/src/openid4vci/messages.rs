//! The messages of the issuer's side: offer (§4.1), token (§6), credential (§8).

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use rand_core::CryptoRng;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use staffpass_jose::json as strict;
use staffpass_otp::Channel;
use url::Url;

use super::refusal::Refusal;
use super::secret::draw;
use super::{Issuance, PRE_AUTHORIZED_CODE};

/// Bytes of a token request. A code has 43 characters, and OAuth's own parameters are short.
const MAX_FORM: usize = 8 * 1024;

/// Bytes of a credential request: a batch of proofs, each of a long-form did:ion with its kilobyte.
const MAX_REQUEST: usize = 256 * 1024;

/// The link of an offer by reference, as a QR code shows it (§4.1.3).
#[must_use]
pub fn offer_link(offer: &Url) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("credential_offer_uri", offer.as_str())
        .finish();
    format!("openid-credential-offer://?{query}")
}

/// The offer itself, for its own unguessable address (§4.1.1). It holds the code: whoever reads it may
/// redeem it, who has the transaction code too.
#[must_use]
pub fn offer_json(issuer: &str, issuance: &Issuance, code: &str) -> Value {
    let mut grant = Map::new();
    grant.insert("pre-authorized_code".to_owned(), code.into());
    if let Some(channel) = issuance.tx_code_channel() {
        let description = match channel {
            Channel::Email => "The six digits that you got by email",
            _ => "The six digits that you got by text message",
        };
        let asked = json!({ "input_mode": "numeric", "length": 6, "description": description });
        grant.insert("tx_code".to_owned(), asked);
    }
    json!({
        "credential_issuer": issuer,
        "credential_configuration_ids": issuance.configurations().collect::<Vec<_>>(),
        "grants": { PRE_AUTHORIZED_CODE: grant },
    })
}

/// A token request of the pre-authorised code flow (§6.1), parsed and unbelieved.
pub struct TokenRequest {
    code: String,
    tx_code: Option<String>,
}

impl TokenRequest {
    /// Reads the form. Parameters that the flow does not know are ignored, as OAuth asks; none may
    /// come twice.
    ///
    /// # Errors
    /// [`Refusal::TokenRequestForm`], [`Refusal::GrantType`].
    pub fn parse(form: &[u8]) -> Result<Self, Refusal> {
        if form.len() > MAX_FORM {
            return Err(Refusal::TokenRequestForm);
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(form) {
            if parameters.insert(name, value.into_owned()).is_some() {
                return Err(Refusal::TokenRequestForm);
            }
        }
        let grant = parameters.remove("grant_type").ok_or(Refusal::TokenRequestForm)?;
        if grant != PRE_AUTHORIZED_CODE {
            return Err(Refusal::GrantType);
        }
        let code = parameters.remove("pre-authorized_code").ok_or(Refusal::TokenRequestForm)?;
        Ok(Self { code, tx_code: parameters.remove("tx_code") })
    }

    /// Under what the issuance is stored ([`Issuance::id`]).
    #[must_use]
    pub fn issuance_id(&self) -> String {
        Issuance::id_of_code(&self.code)
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn tx_code(&self) -> Option<&str> {
        self.tx_code.as_deref()
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("tx_code", &self.tx_code.is_some())
            .finish_non_exhaustive()
    }
}

/// A bearer token: the id of its issuance, a dot, and 256 random bits.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    pub(crate) fn new(issuance_id: &str, rng: &mut impl CryptoRng) -> Self {
        Self(format!("{issuance_id}.{}", draw(rng)))
    }

    /// Reads the `Authorization` header (RFC 6750 §2.1).
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`] where it is no bearer token of ours.
    pub fn from_authorization(header: &str) -> Result<Self, Refusal> {
        let (scheme, token) = header.split_once(' ').ok_or(Refusal::TokenUnknown)?;
        let ours = token.len() < 200 && token.matches('.').count() == 1;
        if scheme.eq_ignore_ascii_case("Bearer") && ours {
            Ok(Self(token.to_owned()))
        } else {
            Err(Refusal::TokenUnknown)
        }
    }

    /// Under what the issuance is stored ([`Issuance::id`]).
    #[must_use]
    pub fn issuance_id(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(_)")
    }
}

/// The answer to a token request (§6.2), to be sent with `Cache-Control: no-store`.
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenResponse {
    token: AccessToken,
    lifetime: TimeDelta,
}

impl TokenResponse {
    pub(crate) fn new(token: AccessToken, lifetime: TimeDelta) -> Self {
        Self { token, lifetime }
    }

    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "access_token": self.token.as_str(),
            "token_type": "Bearer",
            "expires_in": self.lifetime.num_seconds(),
        })
    }
}

/// A credential request (§8.2), parsed and unbelieved.
pub struct CredentialRequest {
    configuration_id: String,
    proofs: Vec<String>,
}

#[derive(Deserialize)]
struct RawRequest {
    credential_configuration_id: Option<String>,
    credential_identifier: Option<Value>,
    credential_response_encryption: Option<Value>,
    proofs: Option<Map<String, Value>>,
}

impl CredentialRequest {
    /// Reads the body. Members that the flow does not know are ignored, as §8.2 asks.
    ///
    /// # Errors
    /// [`Refusal::CredentialRequestForm`], [`Refusal::IdentifierUnknown`],
    /// [`Refusal::EncryptionUnsupported`], [`Refusal::ProofMissing`], [`Refusal::ProofUnsupported`].
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut limits = strict::Limits::default();
        limits.max_bytes = MAX_REQUEST;
        let raw: RawRequest =
            strict::parse(body, &limits).map_err(|_| Refusal::CredentialRequestForm)?;
        if raw.credential_identifier.is_some() {
            return Err(Refusal::IdentifierUnknown);
        }
        if raw.credential_response_encryption.is_some() {
            return Err(Refusal::EncryptionUnsupported);
        }
        let configuration_id =
            raw.credential_configuration_id.ok_or(Refusal::CredentialRequestForm)?;
        Ok(Self { configuration_id, proofs: jwt_proofs(raw.proofs)? })
    }

    /// Which credential is asked for.
    #[must_use]
    pub fn configuration_id(&self) -> &str {
        &self.configuration_id
    }

    pub(crate) fn proofs(&self) -> &[String] {
        &self.proofs
    }
}

impl fmt::Debug for CredentialRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialRequest")
            .field("proofs", &self.proofs.len())
            .finish_non_exhaustive()
    }
}

/// §8.2: exactly one proof type, and a list that is not empty.
fn jwt_proofs(proofs: Option<Map<String, Value>>) -> Result<Vec<String>, Refusal> {
    let mut proofs = proofs.ok_or(Refusal::ProofMissing)?;
    let jwt = proofs.remove("jwt");
    if !proofs.is_empty() {
        return Err(Refusal::ProofUnsupported);
    }
    let Some(Value::Array(jwts)) = jwt else { return Err(Refusal::ProofMissing) };
    let texts: Option<Vec<_>> = jwts.iter().map(|jwt| jwt.as_str().map(str::to_owned)).collect();
    texts.filter(|texts| !texts.is_empty()).ok_or(Refusal::ProofMissing)
}

/// The answer to a credential request (§8.3), to be sent with `Cache-Control: no-store`: one
/// credential for each key.
#[must_use]
pub fn credential_response<'c>(credentials: impl IntoIterator<Item = &'c str>) -> Value {
    let each = |credential: &str| json!({ "credential": credential });
    json!({ "credentials": credentials.into_iter().map(each).collect::<Vec<_>>() })
}
