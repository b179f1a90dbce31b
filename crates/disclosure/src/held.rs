//! A credential as its holder keeps it.

mod sd_jwt;
mod w3c;

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use staffpass_did::jwk;
use staffpass_jose::{PublicKey, UnverifiedJws, json, jws};
use staffpass_query::{Candidate, ClaimPath, Format};
use staffpass_sd_jwt::{HeldSdJwt, Presentation};

use crate::DisclosureError;

/// How a credential is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// VC Data Model 1.1 as a JWT (§6.3.1), with the credential in `vc`. It cannot hide a claim.
    VcJwt,
    /// VC Data Model 2.0 as `vc+jwt` (VC-JOSE-COSE), where the payload is the credential. It cannot
    /// hide a claim.
    VcJose,
    /// An SD-JWT VC, `dc+sd-jwt`, bound to the key in `cnf`: each claim may be shown by itself.
    SdJwtVc,
}

impl Encoding {
    /// The format under which a request asks for it.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::VcJwt | Self::VcJose => Format::JwtVcJson,
            Self::SdJwtVc => Format::DcSdJwt,
        }
    }
}

/// A credential in a wallet, with its bytes as they came.
///
/// Its signature is not checked: whether the issuer is believed is for the verifier. What it says is
/// read only to show it to the person and to hold it against a request.
#[derive(Clone)]
pub struct HeldCredential {
    compact: String,
    encoding: Encoding,
    issuer: String,
    holder: String,
    types: Vec<String>,
    dates: Dates,
    /// The claims of the JWT; of an SD-JWT VC they are `credential`.
    payload: Value,
    /// The credential, or an SD-JWT VC with every disclosure in its place.
    credential: Value,
    sd_jwt: Option<Box<HeldSdJwt>>,
}

#[derive(Clone, Copy, Default)]
struct Dates {
    issued_at: Option<DateTime<Utc>>,
    valid_from: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
}

impl HeldCredential {
    /// Reads a credential of any [`Encoding`]: an SD-JWT by its tildes, the others by `typ`.
    ///
    /// # Errors
    /// [`DisclosureError::CredentialJws`], [`DisclosureError::CredentialJson`],
    /// [`DisclosureError::CredentialType`] for another `typ`,
    /// [`DisclosureError::CredentialMember`] for one without issuer, or without subject (`cnf` in an
    /// SD-JWT VC), [`DisclosureError::CredentialSubjects`], [`DisclosureError::SdJwt`].
    pub fn parse(compact: &str) -> Result<Self, DisclosureError> {
        if compact.contains('~') {
            return sd_jwt::parse(compact);
        }
        let jws = jws(compact)?;
        let payload: Map<String, Value> = payload(&jws)?;
        match (jws.header().typ.as_deref(), payload.contains_key("vc")) {
            (Some("JWT") | None, true) => w3c::parse_1_1(compact, &jws, payload),
            (Some("JWT"), false) => Err(missing("vc")),
            (Some("vc+jwt") | None, false) => w3c::parse_2_0(compact, payload),
            _ => Err(DisclosureError::CredentialType),
        }
    }

    /// The token as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compact
    }

    /// How it is written.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Who issued it, by its own word; empty where an SD-JWT VC leaves that to its certificate.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who alone can present it: the DID of its subject; of an SD-JWT VC the did:jwk of the key in
    /// `cnf`, whatever other DID that key may have.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Its types, as they stand in `type`; of an SD-JWT VC its `vct`.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// When it was issued (`iat`, or else `nbf` or `validFrom`), if it says so.
    #[must_use]
    pub const fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.dates.issued_at
    }

    /// From when on it is valid, if it says so: the latest of its own words.
    #[must_use]
    pub const fn valid_from(&self) -> Option<DateTime<Utc>> {
        self.dates.valid_from
    }

    /// When it expires, if it does: the earliest of its own words.
    #[must_use]
    pub const fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.dates.expires_at
    }

    /// What it says of its subject, to show to the person: `credentialSubject`; of an SD-JWT VC every
    /// claim.
    #[must_use]
    pub fn subject(&self) -> Option<&Map<String, Value>> {
        match self.encoding {
            Encoding::SdJwtVc => self.credential.as_object(),
            _ => self.credential.get("credentialSubject").and_then(Value::as_object),
        }
    }

    /// Where it says whether it was revoked: `credentialStatus`, or `status` of an SD-JWT VC.
    #[must_use]
    pub fn status(&self) -> Option<&Value> {
        match self.encoding {
            Encoding::SdJwtVc => self.credential.get("status"),
            _ => self.credential.get("credentialStatus"),
        }
    }

    /// The claims that it can hide; none of a credential that is shown whole.
    #[must_use]
    pub fn concealed_paths(&self) -> &[ClaimPath] {
        self.sd_jwt.as_deref().map_or(&[], HeldSdJwt::concealed_paths)
    }

    /// The credential as the evaluator sees it. Bound: the wallet presents only what it has the key
    /// for.
    pub(crate) fn candidate(&self) -> Candidate<'_> {
        let candidate = match self.encoding {
            Encoding::VcJwt => {
                Candidate::w3c(Format::JwtVcJson, &self.credential).with_jwt_payload(&self.payload)
            }
            Encoding::VcJose => Candidate::w3c(Format::JwtVcJson, &self.credential),
            Encoding::SdJwtVc => Candidate::sd_jwt_vc(&self.credential),
        };
        candidate.with_holder_binding(true)
    }

    /// The least of an SD-JWT VC that shows these claims; none of any other encoding.
    pub(crate) fn select(
        &self,
        paths: &[ClaimPath],
    ) -> Result<Option<Presentation>, DisclosureError> {
        let Some(sd_jwt) = &self.sd_jwt else { return Ok(None) };
        Ok(Some(sd_jwt.select(paths)?))
    }

    /// What a verifier reads of it who is shown these claims: of an SD-JWT VC what is open and what is
    /// disclosed, of any other encoding the whole credential.
    pub(crate) fn shown(&self, paths: &[ClaimPath]) -> Result<Value, DisclosureError> {
        match self.select(paths)? {
            Some(presentation) => sd_jwt::shown(&presentation),
            None => Ok(self.credential.clone()),
        }
    }
}

/// Prints no claim and no identifier of a person.
impl fmt::Debug for HeldCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldCredential")
            .field("encoding", &self.encoding)
            .field("types", &self.types)
            .field("expires_at", &self.dates.expires_at)
            .finish_non_exhaustive()
    }
}

fn jws(compact: &str) -> Result<UnverifiedJws, DisclosureError> {
    UnverifiedJws::parse(compact, &limits()).map_err(DisclosureError::CredentialJws)
}

fn limits() -> jws::Limits {
    jws::Limits::default()
}

fn payload<T: serde::de::DeserializeOwned>(jws: &UnverifiedJws) -> Result<T, DisclosureError> {
    json::parse(jws.unverified_payload(), &limits().json).map_err(DisclosureError::CredentialJson)
}

/// Claims of a value in which disclosures have their places. Through text, because dates are read as they
/// are written.
fn claims_of<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, DisclosureError> {
    let text = value.to_string();
    json::parse(text.as_bytes(), &limits().json).map_err(|_| DisclosureError::CredentialClaims)
}

/// A key's own name as a holder.
pub(crate) fn holder_of_key(key: &PublicKey) -> String {
    jwk::from_public_key(key).as_str().to_owned()
}

const fn missing(member: &'static str) -> DisclosureError {
    DisclosureError::CredentialMember { member }
}
