//! A credential in the making, and as VC-JWT (VC Data Model 1.1 §6.3.1).

use std::fmt;

use chrono::{DateTime, Months, Utc};
use rand_core::CryptoRng;
use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, StaffCredential, TypeNames};
use staffpass_did::Did;
use staffpass_jose::{HeaderBuilder, NumericDate, Signer, UnsignedJws, VerificationKey};
use staffpass_status::{MAX_ENTRIES, StatusEntry};

use crate::issuer::{VC_JWT, VC2_JWT};
use crate::{IssueError, IssuerKey, vc2};

/// The context that stands first in every credential of VC Data Model 1.1.
pub(crate) const CREDENTIALS_V1: &str = "https://www.w3.org/2018/credentials/v1";

/// The type of every credential.
pub(crate) const BASE_TYPE: &str = "VerifiableCredential";

/// A credential in the making.
///
/// What is made has the shape of the credentials that Entra issues: `iss`, `sub`, `jti`, `nbf`,
/// `iat`, `exp`, and under `vc` its context, types, subject and status, each said in one place.
#[derive(Clone)]
#[must_use]
pub struct CredentialBuilder {
    pub(crate) issuer: IssuerKey,
    pub(crate) subject: Did,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    types: Vec<String>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) status: Vec<StatusEntry>,
}

impl CredentialBuilder {
    /// A credential for a holder, valid from its issue on, with no type and no claims yet.
    pub fn new(issuer: &IssuerKey, holder: &Did, issued_at: DateTime<Utc>) -> Self {
        Self {
            issuer: issuer.clone(),
            subject: holder.clone(),
            issued_at,
            expires_at: None,
            types: Vec::new(),
            claims: Map::new(),
            status: Vec::new(),
        }
    }

    /// A staff credential for a holder: its type and its claims, held against every rule of its
    /// model first. An employment credential expires with the employment
    /// ([`default_expiry`](staffpass_credentials::EmploymentCredential::default_expiry)), any other
    /// 12 months after its issue, unless [`expires_at`](Self::expires_at) says otherwise.
    ///
    /// # Errors
    /// [`IssueError::Claims`], with every fault.
    pub fn staff(
        issuer: &IssuerKey,
        holder: &Did,
        issued_at: DateTime<Utc>,
        credential: &StaffCredential,
        names: &TypeNames,
    ) -> Result<Self, IssueError> {
        credential.validate(&ClaimsContext::new(issued_at, issued_at))?;
        Ok(Self::new(issuer, holder, issued_at)
            .add_type(names.vc_type(credential.kind()))
            .claims(credential.to_claims())
            .expires_at(staff_expiry(credential, issued_at)))
    }

    /// Adds a type beside `VerifiableCredential`.
    pub fn add_type(mut self, name: &str) -> Self {
        self.types.push(name.to_owned());
        self
    }

    /// Sets what the credential says of its subject. No member may be called `id`.
    pub fn claims(self, claims: Map<String, Value>) -> Self {
        Self { claims, ..self }
    }

    /// Sets when the credential expires; fractions of a second are cut off.
    pub fn expires_at(self, expires_at: DateTime<Utc>) -> Self {
        Self { expires_at: Some(expires_at), ..self }
    }

    /// Adds a status entry, as [`StatusRegister::allocate`](crate::StatusRegister::allocate) gives
    /// it.
    pub fn status(mut self, entry: StatusEntry) -> Self {
        self.status.push(entry);
        self
    }

    /// Makes the credential as VC-JWT of VC Data Model 1.1, with a random `jti`, ready to be signed.
    ///
    /// # Errors
    /// [`IssueError::Types`], [`IssueError::NoClaims`], [`IssueError::SubjectInClaims`],
    /// [`IssueError::DateRange`], [`IssueError::ExpiresBeforeIssue`],
    /// [`IssueError::TooManyStatusEntries`].
    pub fn build(self, rng: &mut impl CryptoRng) -> Result<UnsignedCredential, IssueError> {
        self.check()?;
        let id = random_urn(rng);
        let payload = self.payload(&id)?;
        Ok(UnsignedCredential::new(&self.issuer.header(VC_JWT), id, &payload))
    }

    /// Makes the credential in VC Data Model 2.0, secured as VC-JOSE-COSE says (§3.1.1): `typ`
    /// `vc+jwt`, the payload is the credential itself, dated by `validFrom` and `validUntil`, and
    /// nothing of it is said again in a claim of the JWT.
    ///
    /// # Errors
    /// As [`build`](Self::build); [`IssueError::StatusForm`] for a status entry that is no
    /// `BitstringStatusListEntry`.
    pub fn build_vc2(self, rng: &mut impl CryptoRng) -> Result<UnsignedCredential, IssueError> {
        self.check()?;
        let id = random_urn(rng);
        let payload = vc2::credential(&self, &id)?;
        Ok(UnsignedCredential::new(&self.issuer.header(VC2_JWT), id, &payload))
    }

    fn check(&self) -> Result<(), IssueError> {
        check_types(&self.types)?;
        check_claims(&self.claims)?;
        if self.status.len() > MAX_ENTRIES {
            return Err(IssueError::TooManyStatusEntries { limit: MAX_ENTRIES });
        }
        Ok(())
    }

    fn payload(&self, id: &str) -> Result<Value, IssueError> {
        let mut claims = envelope(self.issuer.did().as_str(), self.issued_at, self.expires_at)?;
        claims.insert("jti".to_owned(), id.into());
        claims.insert("sub".to_owned(), self.subject.as_str().into());
        claims.insert("vc".to_owned(), self.vc());
        Ok(claims.into())
    }

    fn vc(&self) -> Value {
        let types = self.all_types();
        let mut vc = json!({
            "@context": [CREDENTIALS_V1],
            "type": types,
            "credentialSubject": self.claims,
        });
        if let (Some(status), Some(vc)) = (self.status_member(), vc.as_object_mut()) {
            vc.insert("credentialStatus".to_owned(), status);
        }
        vc
    }

    /// The base type and those beside it.
    pub(crate) fn all_types(&self) -> Vec<&str> {
        std::iter::once(BASE_TYPE).chain(self.types.iter().map(String::as_str)).collect()
    }

    /// One entry stands alone, as wallets expect it; several stand in an array.
    pub(crate) fn status_member(&self) -> Option<Value> {
        match self.status.as_slice() {
            [] => None,
            [entry] => Some(entry.to_json()),
            entries => Some(entries.iter().map(StatusEntry::to_json).collect()),
        }
    }
}

impl fmt::Debug for CredentialBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialBuilder").field("types", &self.types).finish_non_exhaustive()
    }
}

/// A credential whose signature is still missing.
#[derive(Clone)]
#[must_use]
pub struct UnsignedCredential {
    id: String,
    jws: UnsignedJws,
}

impl UnsignedCredential {
    pub(crate) fn new(header: &HeaderBuilder, id: String, payload: &Value) -> Self {
        let jws = UnsignedJws::new(header, payload.to_string().as_bytes());
        Self { id, jws }
    }

    /// The credential's id (`jti`): what an issuer's own records are kept under.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The bytes to sign, for a key in an HSM or a KMS.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// Adds the signature and returns the compact token, after checking it as any verifier will.
    ///
    /// # Errors
    /// [`IssueError::Signing`] where it is another key's or of another algorithm.
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<String, IssueError> {
        Ok(self.jws.with_signature(signature, published)?)
    }

    /// Signs with a key at hand and returns the compact token.
    ///
    /// # Errors
    /// [`IssueError::Signing`].
    pub fn sign(self, signer: &dyn Signer) -> Result<String, IssueError> {
        Ok(self.jws.sign(signer)?)
    }
}

impl fmt::Debug for UnsignedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedCredential").finish_non_exhaustive()
    }
}

/// The claims that every token of ours has: `iss`, `iat`, `nbf` (the `issuanceDate` of the data
/// model) and, where there is an end, `exp`.
pub(crate) fn envelope(
    issuer: &str,
    issued: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
) -> Result<Map<String, Value>, IssueError> {
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), issuer.into());
    claims.insert("iat".to_owned(), seconds(issued)?);
    claims.insert("nbf".to_owned(), seconds(issued)?);
    check_period(issued, expires)?;
    if let Some(expires) = expires {
        claims.insert("exp".to_owned(), seconds(expires)?);
    }
    Ok(claims)
}

/// Nothing expires before, or as soon as, it is issued; fractions of a second are cut off.
pub(crate) fn check_period(
    issued: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
) -> Result<(), IssueError> {
    match expires {
        Some(expires) if expires.timestamp() <= issued.timestamp() => {
            Err(IssueError::ExpiresBeforeIssue { issued, expires })
        }
        _ => Ok(()),
    }
}

pub(crate) fn seconds(at: DateTime<Utc>) -> Result<Value, IssueError> {
    let date = NumericDate::from_datetime(at).ok_or(IssueError::DateRange)?;
    Ok(date.floor().timestamp().into())
}

/// An employment credential ends with the employment, any other after a year.
pub(crate) fn staff_expiry(
    credential: &StaffCredential,
    issued_at: DateTime<Utc>,
) -> DateTime<Utc> {
    match credential {
        StaffCredential::Employment(employment) => employment.default_expiry(issued_at),
        _ => issued_at.checked_add_months(Months::new(12)).unwrap_or(issued_at),
    }
}

fn check_types(types: &[String]) -> Result<(), IssueError> {
    let mut seen = vec![BASE_TYPE];
    for name in types {
        if name.is_empty() || seen.contains(&name.as_str()) {
            return Err(IssueError::Types);
        }
        seen.push(name);
    }
    if types.is_empty() { Err(IssueError::Types) } else { Ok(()) }
}

fn check_claims(claims: &Map<String, Value>) -> Result<(), IssueError> {
    if claims.is_empty() {
        return Err(IssueError::NoClaims);
    }
    if claims.contains_key("id") { Err(IssueError::SubjectInClaims) } else { Ok(()) }
}

/// A random UUID (RFC 9562 §5.4) as a URN.
pub(crate) fn random_urn(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    let [a, b, c, d, e, f, version, g, variant, h, rest @ ..] = bytes;
    let (version, variant) = (version & 0x0f | 0x40, variant & 0x3f | 0x80);
    let node: String = rest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "urn:uuid:{a:02x}{b:02x}{c:02x}{d:02x}-{e:02x}{f:02x}-{version:02x}{g:02x}-\
         {variant:02x}{h:02x}-{node}"
    )
}
