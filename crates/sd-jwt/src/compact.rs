//! The compact form (RFC 9901 §4), taken apart and unbelieved.

use std::fmt;

use staffpass_jose::json::Node;

use crate::{HashAlgorithm, Limits, Revealed, SdJwtError, reveal};

/// An SD-JWT, with or without key binding, that has been taken apart and not yet believed.
///
/// Only the grammar has been checked. No disclosure is decoded before [`reveal`](Self::reveal), which
/// is for after the issuer's signature.
#[derive(Clone)]
pub struct UnverifiedSdJwt<'a> {
    compact: &'a str,
    issuer_jwt: &'a str,
    disclosures: Vec<&'a str>,
    key_binding_jwt: Option<&'a str>,
    limits: Limits,
}

impl<'a> UnverifiedSdJwt<'a> {
    /// Takes a compact form apart: `JWT~disclosure~…~` and perhaps a key binding JWT at the end.
    ///
    /// # Errors
    /// [`SdJwtError::TooLong`], [`SdJwtError::TooManyDisclosures`], [`SdJwtError::Grammar`].
    pub fn parse(compact: &'a str, limits: &Limits) -> Result<Self, SdJwtError> {
        if compact.len() > limits.max_bytes {
            return Err(SdJwtError::TooLong { limit: limits.max_bytes });
        }
        let (bound, last) = compact.rsplit_once('~').ok_or(SdJwtError::Grammar)?;
        let mut parts = bound.split('~');
        let issuer_jwt = parts.next().filter(|jwt| is_jwt(jwt)).ok_or(SdJwtError::Grammar)?;
        let disclosures = take_disclosures(parts, limits)?;
        let key_binding_jwt = (!last.is_empty()).then_some(last);
        if !key_binding_jwt.is_none_or(is_jwt) {
            return Err(SdJwtError::Grammar);
        }
        Ok(Self { compact, issuer_jwt, disclosures, key_binding_jwt, limits: *limits })
    }

    /// The JWT that the issuer signed, for `staffpass_jose::UnverifiedJws`.
    #[must_use]
    pub fn issuer_jwt(&self) -> &'a str {
        self.issuer_jwt
    }

    /// The disclosures, encoded as they came, in their order.
    pub fn disclosures(&self) -> impl ExactSizeIterator<Item = &'a str> + '_ {
        self.disclosures.iter().copied()
    }

    /// The key binding JWT, if one came. Whether one must come is for the policy to say.
    #[must_use]
    pub fn key_binding_jwt(&self) -> Option<&'a str> {
        self.key_binding_jwt
    }

    /// The hash that the key binding must carry: over the bytes received, from the start to the last
    /// `~` (RFC 9901 §4.3.1).
    #[must_use]
    pub fn sd_hash(&self, algorithm: HashAlgorithm) -> String {
        algorithm.digest(self.without_key_binding())
    }

    /// The bytes received, from the start to the last `~`: the SD-JWT without its key binding.
    #[must_use]
    pub fn without_key_binding(&self) -> &'a str {
        let end = self.compact.len() - self.key_binding_jwt.map_or(0, str::len);
        self.compact.get(..end).unwrap_or_default()
    }

    /// Puts the disclosures in their places (RFC 9901 §7.1, step 3 on).
    ///
    /// `payload` is the payload of [`issuer_jwt`](Self::issuer_jwt) *after* its signature has verified,
    /// read strictly (`staffpass_jose::json`).
    ///
    /// # Errors
    /// [`SdJwtError`]: whatever RFC 9901 refuses, and what exceeds the limits.
    pub fn reveal<'p>(&self, payload: impl Into<Node<'p>>) -> Result<Revealed, SdJwtError> {
        reveal::reveal(&self.disclosures, payload.into(), &self.limits)
    }
}

impl fmt::Debug for UnverifiedSdJwt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedSdJwt")
            .field("disclosures", &self.disclosures.len())
            .field("key_binding", &self.key_binding_jwt.is_some())
            .finish_non_exhaustive()
    }
}

fn take_disclosures<'a>(
    parts: impl Iterator<Item = &'a str>,
    limits: &Limits,
) -> Result<Vec<&'a str>, SdJwtError> {
    let limit = limits.max_disclosures;
    let mut disclosures = Vec::new();
    for part in parts {
        if part.is_empty() {
            return Err(SdJwtError::Grammar);
        }
        if disclosures.len() >= limit {
            return Err(SdJwtError::TooManyDisclosures { limit });
        }
        disclosures.push(part);
    }
    Ok(disclosures)
}

/// Three parts, none empty. What they hold is for the reader of the JWT.
fn is_jwt(text: &str) -> bool {
    text.split('.').count() == 3 && text.split('.').all(|part| !part.is_empty())
}
