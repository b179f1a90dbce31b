//! A DID's statements about its domains, as a domain publishes them (DIF Well-Known DID Configuration).
//!
//! ```text
//!  https://trust.example/.well-known/did-configuration.json ── DidConfiguration::parse
//!    each statement: a JWT ── (signed by a key for assertions of the DID?) ── DomainLinkage::read
//!                                                                              says, valid_from, expires_at
//! ```
//!
//! Whose key a statement is held against is for the caller, who has the DID's document.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use staffpass_jose::{NumericDate, UnverifiedJws, VerifiedJws, json, jws};
use url::Url;

use crate::DidError;

/// Statements beyond this count are not read: a domain names a DID or two, and during a change of
/// method a few more.
const MAX_STATEMENTS: usize = 32;

/// The longest date text that is read: RFC 3339 with nanoseconds has 35 characters.
const MAX_DATE: usize = 40;

const PATH: &str = "/.well-known/did-configuration.json";

/// Where an origin publishes its configuration ("DID Configuration Resource").
#[must_use]
pub fn configuration_url(origin: &Url) -> Url {
    let mut url = origin.clone();
    url.set_path(PATH);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The DID configuration of a domain: each statement in JWT form. Others are not read.
pub struct DidConfiguration {
    statements: Vec<UnverifiedJws>,
}

#[derive(Deserialize)]
struct RawConfiguration {
    linked_dids: Vec<Value>,
}

impl DidConfiguration {
    /// Reads a configuration, within limits for it and for each of its tokens.
    ///
    /// # Errors
    /// [`DidError::ConfigurationMalformed`], also where it has more than 32 statements.
    pub fn parse(bytes: &[u8], limits: &jws::Limits) -> Result<Self, DidError> {
        let json::Object(raw): json::Object<RawConfiguration> =
            json::parse(bytes, &limits.json).map_err(|_| DidError::ConfigurationMalformed)?;
        if raw.linked_dids.len() > MAX_STATEMENTS {
            return Err(DidError::ConfigurationMalformed);
        }
        let tokens = raw.linked_dids.iter().filter_map(Value::as_str);
        let statements = tokens.filter_map(|token| UnverifiedJws::parse(token, limits).ok());
        Ok(Self { statements: statements.collect() })
    }

    /// Its statements. Each stands for itself: one that is no good takes nothing from another.
    #[must_use]
    pub fn statements(&self) -> &[UnverifiedJws] {
        &self.statements
    }
}

impl fmt::Debug for DidConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.statements.len();
        f.debug_struct("DidConfiguration").field("statements", &count).finish_non_exhaustive()
    }
}

/// A domain linkage credential whose signature has been verified.
pub struct DomainLinkage {
    claims: Claims,
    valid_from: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// The claims of its JWT form: these, and no other ("JSON Web Token Proof Format").
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    sub: String,
    nbf: Option<NumericDate>,
    exp: NumericDate,
    vc: Credential,
}

/// The credential without its proof. It has an issuer and two dates, and no `id`
/// ("Domain Linkage Credential").
#[derive(Deserialize)]
struct Credential {
    id: Option<Value>,
    #[serde(rename = "type")]
    types: Value,
    issuer: String,
    #[serde(rename = "issuanceDate")]
    issued: String,
    #[serde(rename = "expirationDate")]
    expires: String,
    #[serde(rename = "credentialSubject")]
    subject: Subject,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
    origin: String,
}

impl DomainLinkage {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`DidError::LinkageMalformed`].
    pub fn read(statement: &VerifiedJws<'_>, limits: &json::Limits) -> Result<Self, DidError> {
        let json::Object(claims): json::Object<Claims> =
            json::parse(statement.payload(), limits).map_err(|_| DidError::LinkageMalformed)?;
        let issued = rfc3339(&claims.vc.issued).ok_or(DidError::LinkageMalformed)?;
        let expires = rfc3339(&claims.vc.expires).ok_or(DidError::LinkageMalformed)?;
        let valid_from = claims.nbf.map_or(issued, |date| date.ceil().max(issued));
        let expires_at = claims.exp.floor().min(expires);
        Ok(Self { claims, valid_from, expires_at })
    }

    /// Whether it says that this DID belongs to this origin (`https://trust.example`): by the DID
    /// itself, of itself.
    #[must_use]
    pub fn says(&self, did: &str, origin: &str) -> bool {
        let Claims { iss, sub, vc, .. } = &self.claims;
        is_linkage(&vc.types)
            && vc.id.is_none()
            && [iss, sub, &vc.issuer, &vc.subject.id].iter().all(|name| *name == did)
            && is_origin(&vc.subject.origin, origin)
    }

    /// From when it is good: the later of the token's date and the credential's own.
    #[must_use]
    pub const fn valid_from(&self) -> DateTime<Utc> {
        self.valid_from
    }

    /// When it ends: the earlier of the token's date and the credential's own.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

impl fmt::Debug for DomainLinkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DomainLinkage")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// One type or a list of them, each a text.
fn is_linkage(types: &Value) -> bool {
    const LINKAGE: &str = "DomainLinkageCredential";
    match types {
        Value::String(one) => one == LINKAGE,
        Value::Array(many) => {
            many.iter().all(Value::is_string) && many.iter().any(|one| one == LINKAGE)
        }
        _ => false,
    }
}

/// The origin itself, or as it is written with the slash of an empty path: Microsoft's own
/// documents have it, and its wallets compare the text with that of the service endpoint.
fn is_origin(stated: &str, origin: &str) -> bool {
    stated.strip_suffix('/').unwrap_or(stated) == origin
}

fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let text = Some(text).filter(|text| text.len() <= MAX_DATE)?;
    DateTime::parse_from_rfc3339(text).ok().map(|date| date.with_timezone(&Utc))
}
