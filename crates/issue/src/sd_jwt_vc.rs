//! An SD-JWT VC in the making (draft-ietf-oauth-sd-jwt-vc).

use std::fmt;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, StaffCredential, TypeNames};
use staffpass_jose::PublicKey;
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{ALWAYS_OPEN, Concealer, UnsignedSdJwt};
use staffpass_status::token::TokenStatus;

use crate::credential::{envelope, staff_expiry};
use crate::issuer::SD_JWT_VC;
use crate::{IssueError, TokenIssuer};

/// Names beside [`ALWAYS_OPEN`] that the subject's claims may not have: what JWT and SD-JWT VC say
/// about the token, and its subject, who here is the holder of the key in `cnf`.
const RESERVED: [&str; 3] = ["iat", "jti", "sub"];

/// An SD-JWT VC in the making.
///
/// Every claim is concealed, and everything inside each, on its own: a holder can show an employer's
/// code without its name. Open are only the issuer, the type, the dates, the holder's key and the
/// status. There is no `sub` and no `jti`: the holder is who has the key.
#[derive(Clone)]
#[must_use]
pub struct SdJwtVcBuilder {
    issuer: TokenIssuer,
    holder: PublicKey,
    issued_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    vct: String,
    claims: Map<String, Value>,
    status: Option<TokenStatus>,
    decoys: usize,
}

impl SdJwtVcBuilder {
    /// A credential of a type (`vct`) for the holder of a key, valid from its issue on, with no claims
    /// yet.
    pub fn new(
        issuer: impl Into<TokenIssuer>,
        holder: &PublicKey,
        issued_at: DateTime<Utc>,
        vct: &str,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            holder: holder.clone(),
            issued_at,
            expires_at: None,
            vct: vct.to_owned(),
            claims: Map::new(),
            status: None,
            decoys: 0,
        }
    }

    /// A staff credential for the holder of a key: its type and its claims, held against every rule of
    /// its model first. It expires as [`CredentialBuilder::staff`](crate::CredentialBuilder::staff)
    /// says.
    ///
    /// # Errors
    /// [`IssueError::Claims`], with every fault.
    pub fn staff(
        issuer: impl Into<TokenIssuer>,
        holder: &PublicKey,
        issued_at: DateTime<Utc>,
        credential: &StaffCredential,
        names: &TypeNames,
    ) -> Result<Self, IssueError> {
        credential.validate(&ClaimsContext::new(issued_at, issued_at))?;
        Ok(Self::new(issuer, holder, issued_at, names.vct(credential.kind()))
            .claims(credential.to_claims())
            .expires_at(staff_expiry(credential, issued_at)))
    }

    /// Sets what the credential says of its holder.
    pub fn claims(self, claims: Map<String, Value>) -> Self {
        Self { claims, ..self }
    }

    /// Sets when the credential expires; fractions of a second are cut off.
    pub fn expires_at(self, expires_at: DateTime<Utc>) -> Self {
        Self { expires_at: Some(expires_at), ..self }
    }

    /// Sets the status entry, as
    /// [`TokenStatusRegister::allocate`](crate::TokenStatusRegister::allocate) gives it.
    pub fn status(self, status: TokenStatus) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Adds so many digests that nothing fits to each object and each array
    /// ([`Concealer::decoys`]), so that claims that some people lack cannot be counted. Default 0.
    pub fn decoys(self, each: usize) -> Self {
        Self { decoys: each, ..self }
    }

    /// Makes the credential, ready to be signed.
    ///
    /// # Errors
    /// [`IssueError::Types`] for an empty `vct`, [`IssueError::NoClaims`],
    /// [`IssueError::ReservedClaim`], [`IssueError::Conceal`], [`IssueError::DateRange`],
    /// [`IssueError::ExpiresBeforeIssue`].
    pub fn build(self, rng: &mut impl CryptoRng) -> Result<UnsignedSdJwt, IssueError> {
        self.check()?;
        let mut payload = envelope(self.issuer.id(), self.issued_at, self.expires_at)?;
        payload.insert("vct".to_owned(), self.vct.into());
        payload.insert("cnf".to_owned(), json!({ "jwk": self.holder.to_jwk() }));
        if let Some(status) = &self.status {
            let list = json!({ "idx": status.index(), "uri": status.uri() });
            payload.insert("status".to_owned(), json!({ "status_list": list }));
        }
        let names: Vec<_> = self.claims.keys().map(|name| ClaimPath::key(name)).collect();
        payload.extend(self.claims);
        let concealer = Concealer::new(payload).decoys(self.decoys);
        let concealer = names.into_iter().fold(concealer, Concealer::conceal_all_inside);
        Ok(concealer.build(rng)?.into_unsigned(&self.issuer.header(SD_JWT_VC)))
    }

    fn check(&self) -> Result<(), IssueError> {
        if self.vct.is_empty() {
            return Err(IssueError::Types);
        }
        if self.claims.is_empty() {
            return Err(IssueError::NoClaims);
        }
        let reserved = |name: &str| ALWAYS_OPEN.contains(&name) || RESERVED.contains(&name);
        if self.claims.keys().any(|name| reserved(name)) {
            return Err(IssueError::ReservedClaim);
        }
        Ok(())
    }
}

impl fmt::Debug for SdJwtVcBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdJwtVcBuilder").field("vct", &self.vct).finish_non_exhaustive()
    }
}
