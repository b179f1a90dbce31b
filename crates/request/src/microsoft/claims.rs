//! The claims of a request object: written as the real service writes them, read as the phone apps
//! read them.

use std::collections::BTreeMap;
use std::fmt;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass_jose::{Algorithm, NumericDate, UnverifiedJws, json};
use staffpass_query::{Formats, PatternReading, PresentationDefinition, Query};

use super::{Party, check_algorithm};
use crate::error::Address;
use crate::request::Draft;
use crate::secret::random_id;
use crate::text::KeyId;
use crate::{RequestError, Transport};

/// Holders' DID methods that are verified here. The apps insist on the first.
const SUBJECT_SYNTAX_TYPES: [&str; 3] = ["did:ion", "did:jwk", "did:key"];

/// Bytes of `state` and `nonce` that are read. The real service's state has some 3,000.
const MAX_ECHOED: usize = 8192;

/// What is read of what is on the wire. Members that are not here (`jti`, `nbf`, `iss` …) say nothing to a
/// wallet.
#[derive(Deserialize)]
struct Claims {
    response_type: Option<String>,
    response_mode: Option<String>,
    scope: Option<String>,
    client_id: Option<String>,
    redirect_uri: Option<String>,
    nonce: Option<String>,
    state: Option<String>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
    registration: Option<Registration>,
    claims: Option<ClaimsParameter>,
}

#[derive(Deserialize)]
struct ClaimsParameter {
    vp_token: Option<Value>,
}

/// `registration`: how the verifier presents itself, and what it can verify (SIOPv2, first
/// implementer's draft, §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Registration {
    /// The verifier's name, as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// For what it asks, as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_purpose: Option<String>,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// The holders' DID methods that it can verify.
    #[serde(default)]
    pub subject_syntax_types_supported: Vec<String>,
    /// The algorithms (`alg`) that it can verify, by format (`jwt_vp`, `jwt_vc`).
    #[serde(default)]
    pub vp_formats: Formats,
}

impl Registration {
    pub(super) fn of(client_name: &str) -> Self {
        Self {
            client_name: Some(client_name.to_owned()),
            client_purpose: None,
            logo_uri: None,
            tos_uri: None,
            subject_syntax_types_supported: SUBJECT_SYNTAX_TYPES.map(str::to_owned).to_vec(),
            vp_formats: FORMATS.into_iter().map(|name| (name.to_owned(), algorithms())).collect(),
        }
    }
}

/// The two formats in which the profile speaks of algorithms.
const FORMATS: [&str; 2] = ["jwt_vp", "jwt_vc"];

fn algorithms() -> BTreeMap<String, Vec<String>> {
    let names = Algorithm::ALL.map(|algorithm| algorithm.name().to_owned()).to_vec();
    BTreeMap::from([("alg".to_owned(), names)])
}

/// What is written on the wire.
#[derive(Serialize)]
struct Written<'a> {
    response_type: &'a str,
    response_mode: &'a str,
    scope: &'a str,
    client_id: &'a str,
    redirect_uri: &'a str,
    nonce: &'a str,
    state: &'a str,
    iat: NumericDate,
    exp: NumericDate,
    jti: String,
    registration: &'a Registration,
    claims: WrittenParameter<'a>,
}

#[derive(Serialize)]
struct WrittenParameter<'a> {
    vp_token: VpToken<'a>,
}

#[derive(Serialize)]
struct VpToken<'a> {
    presentation_definition: &'a PresentationDefinition,
}

/// The payload to sign.
pub(super) fn write(
    party: &Party,
    draft: &Draft,
    redirect_uri: &str,
    definition: &PresentationDefinition,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RequestError> {
    let written = Written {
        response_type: RESPONSE_TYPE,
        response_mode: RESPONSE_MODE,
        scope: SCOPE,
        client_id: party.client_id(),
        redirect_uri,
        nonce: draft.nonce.as_str(),
        state: draft.state.as_str(),
        iat: draft.issued,
        exp: draft.expires,
        jti: random_id(rng),
        registration: &party.registration,
        claims: WrittenParameter { vp_token: VpToken { presentation_definition: definition } },
    };
    serde_json::to_vec(&written).map_err(|_| RequestError::Json(json::JsonError::Shape))
}

const RESPONSE_TYPE: &str = "id_token";
const RESPONSE_MODE: &str = "post";
const SCOPE: &str = "openid";

/// A request as a wallet of this protocol understands it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// The verifier's DID: the audience of the ID token and of every presentation.
    pub client_id: String,
    /// Where the answer is posted.
    pub redirect_uri: String,
    /// Goes into the ID token and every presentation. In other letters than ours, perhaps: the real
    /// service writes standard base64.
    pub nonce: String,
    /// Goes back beside the tokens.
    pub state: String,
    /// When the request was made, if it says so.
    pub issued_at: Option<NumericDate>,
    /// When it ends.
    pub expires_at: NumericDate,
    /// Who asks, as it is shown.
    pub registration: Registration,
    /// What is asked for: a presentation definition, its patterns read as Microsoft's wallets do.
    pub query: Query,
}

impl AuthorizationRequest {
    /// Reads the claims, and refuses what one of the two apps refuses.
    pub(crate) fn read(
        jws: &UnverifiedJws,
        key_id: &KeyId,
        transport: Transport,
        limits: &json::Limits,
    ) -> Result<Self, RequestError> {
        check_algorithm(jws.header().alg)?;
        let claims: Claims = json::parse(jws.unverified_payload(), limits)?;
        check_constants(&claims)?;
        let client_id = required(claims.client_id, "client_id")?;
        if client_id != key_id.did() {
            return Err(RequestError::ClientIdNotOfKey);
        }
        let redirect_uri = required(claims.redirect_uri, "redirect_uri")?;
        transport.read(&redirect_uri, Address::Response)?;
        let registration = claims.registration.ok_or(missing("registration"))?;
        check_registration(&registration)?;
        Ok(Self {
            client_id,
            redirect_uri,
            nonce: echoed(claims.nonce, "nonce")?,
            state: echoed(claims.state, "state")?,
            issued_at: claims.iat,
            expires_at: claims.exp.ok_or(missing("exp"))?,
            registration,
            query: definition(claims.claims)?.into(),
        })
    }

    /// The presentation definition.
    #[must_use]
    pub const fn presentation_definition(&self) -> Option<&PresentationDefinition> {
        match &self.query {
            Query::PresentationDefinition(definition) => Some(definition),
            _ => None,
        }
    }
}

/// Prints neither secrets nor what is asked.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The app on iOS compares exactly, that on Android without case; both refuse another value.
fn check_constants(claims: &Claims) -> Result<(), RequestError> {
    let constants = [
        (&claims.response_type, RESPONSE_TYPE, "response_type"),
        (&claims.response_mode, RESPONSE_MODE, "response_mode"),
        (&claims.scope, SCOPE, "scope"),
    ];
    for (found, wanted, member) in constants {
        match found.as_deref() {
            Some(found) if found == wanted => {}
            Some(_) => return Err(RequestError::MemberValue { member }),
            None => return Err(missing(member)),
        }
    }
    Ok(())
}

/// The two gates at which a verifier of did:web with P-256 fails without noticing.
fn check_registration(registration: &Registration) -> Result<(), RequestError> {
    let mut methods = registration.subject_syntax_types_supported.iter();
    if !methods.any(|method| method == "did:ion") {
        return Err(RequestError::MemberValue { member: "subject_syntax_types_supported" });
    }
    let mut formats =
        FORMATS.iter().filter_map(|name| registration.vp_formats.get(*name)?.get("alg"));
    if !formats.all(|algorithms| algorithms.iter().any(|name| name == Algorithm::Es256k.name())) {
        return Err(RequestError::MemberValue { member: "vp_formats" });
    }
    Ok(())
}

/// `claims.vp_token.presentation_definition`; since 2023 `vp_token` may also be an array of such
/// objects. One is read: the apps answer the second one wrongly.
fn definition(claims: Option<ClaimsParameter>) -> Result<PresentationDefinition, RequestError> {
    let vp_token = claims.and_then(|claims| claims.vp_token).ok_or(missing("vp_token"))?;
    let holder = match &vp_token {
        Value::Array(several) => match several.as_slice() {
            [one] => one,
            _ => return Err(RequestError::MemberValue { member: "vp_token" }),
        },
        one => one,
    };
    let definition =
        holder.get("presentation_definition").ok_or(missing("presentation_definition"))?;
    Ok(PresentationDefinition::from_value(definition)?.with_reading(PatternReading::Microsoft))
}

/// A value that the wallet sends back as it is. Empty is as good as absent: Android then throws.
fn echoed(value: Option<String>, member: &'static str) -> Result<String, RequestError> {
    let value = required(value, member)?;
    if value.len() > MAX_ECHOED { Err(RequestError::MemberValue { member }) } else { Ok(value) }
}

fn required(value: Option<String>, member: &'static str) -> Result<String, RequestError> {
    value.filter(|value| !value.is_empty()).ok_or(missing(member))
}

const fn missing(member: &'static str) -> RequestError {
    RequestError::MemberMissing { member }
}
