//! A domain's statement that a DID is its own (Well Known DID Configuration).

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use staffpass_jose::{NumericDate, UnverifiedJws, VerifiedJws, json};

use crate::Limits;
use crate::token::{rfc3339, strings};

/// Statements beyond this count are not read: a domain names a DID or two, and during a change of
/// method a few more.
const MAX_STATEMENTS: usize = 32;

/// The DID configuration of a domain: each statement in JWT form. Others are not read.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) statements: Vec<UnverifiedJws>,
}

#[derive(Deserialize)]
struct RawConfiguration {
    linked_dids: Vec<Value>,
}

impl Configuration {
    pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let raw: RawConfiguration = json::parse(bytes, &limits.json()).ok()?;
        if raw.linked_dids.len() > MAX_STATEMENTS {
            return None;
        }
        let tokens = raw.linked_dids.iter().filter_map(Value::as_str);
        let statements = tokens.filter_map(|token| UnverifiedJws::parse(token, &limits.token).ok());
        Some(Self { statements: statements.collect() })
    }
}

/// The claims of a domain linkage credential in its JWT form: these, and no other ("JSON
/// Web Token Proof Format").
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    iss: String,
    sub: String,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) exp: NumericDate,
    vc: LinkageCredential,
}

/// The credential without its proof. It has an issuer and two dates, and no `id`
/// ("Domain Linkage Credential").
#[derive(Deserialize)]
struct LinkageCredential {
    id: Option<Value>,
    #[serde(rename = "type")]
    types: Value,
    issuer: String,
    #[serde(rename = "issuanceDate")]
    issued: String,
    #[serde(rename = "expirationDate")]
    expires: String,
    #[serde(rename = "credentialSubject")]
    subject: LinkageSubject,
}

#[derive(Deserialize)]
struct LinkageSubject {
    id: String,
    origin: String,
}

impl Statement {
    pub(crate) fn read(jws: &VerifiedJws<'_>, limits: &json::Limits) -> Option<Self> {
        json::parse(jws.payload(), limits).ok()
    }

    /// Whether it says that this DID belongs to this origin: by the DID itself, of itself.
    pub(crate) fn says(&self, did: &str, origin: &str) -> bool {
        let types = strings(&self.vc.types).unwrap_or_default();
        let names = [&self.iss, &self.sub, &self.vc.issuer, &self.vc.subject.id];
        types.contains(&"DomainLinkageCredential")
            && self.vc.id.is_none()
            && names.iter().all(|name| *name == did)
            && is_origin(&self.vc.subject.origin, origin)
    }

    /// The dates of the credential itself, from and until; none where either is no date.
    pub(crate) fn own_dates(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((rfc3339(&self.vc.issued)?, rfc3339(&self.vc.expires)?))
    }
}

/// The origin itself, or as it is written with the slash of an empty path: Microsoft's own
/// documents have it, and its wallets compare the text with that of the service endpoint.
fn is_origin(stated: &str, origin: &str) -> bool {
    stated.strip_suffix('/').unwrap_or(stated) == origin
}
