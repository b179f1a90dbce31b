//! A DID's statement that a domain is its own: DIF Well-Known DID Configuration.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use staffpass_jose::{HeaderBuilder, Signer, UnsignedJws, VerificationKey};
use url::Url;

use crate::credential::{BASE_TYPE, CREDENTIALS_V1, envelope};
use crate::{IssueError, IssuerKey, web};

/// The context of a domain linkage credential, as wallets know it.
const LINKAGE_CONTEXT: &str =
    "https://identity.foundation/.well-known/contexts/did-configuration-v0.0.jsonld";

/// A domain linkage credential whose signature is still missing. Signed, it is the file for
/// `/.well-known/did-configuration.json` at the origin it speaks of.
#[derive(Clone, Debug)]
#[must_use]
pub struct UnsignedDidConfiguration {
    jws: UnsignedJws,
}

impl UnsignedDidConfiguration {
    /// The statement by the issuer's DID about an origin, which is written exactly as given: as in the
    /// `LinkedDomains` service of the DID document.
    ///
    /// # Errors
    /// [`IssueError::Origin`], [`IssueError::DateRange`], [`IssueError::ExpiresBeforeIssue`].
    pub fn new(
        issuer: &IssuerKey,
        origin: &str,
        issued_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Self, IssueError> {
        check_origin(origin)?;
        let did = issuer.did().as_str();
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut claims = envelope(did, issued_at, Some(expires_at))?;
        // The statement has exactly the claims that the specification lists, and `iat` is none.
        claims.remove("iat");
        claims.insert("sub".to_owned(), did.into());
        let vc = json!({
            "@context": [CREDENTIALS_V1, LINKAGE_CONTEXT],
            "type": [BASE_TYPE, "DomainLinkageCredential"],
            "issuer": did,
            "issuanceDate": written(issued_at),
            "expirationDate": written(expires_at),
            "credentialSubject": { "id": did, "origin": origin },
        });
        claims.insert("vc".to_owned(), vc);
        // `alg` and `kid` and no more: the specification allows no other member, `typ` neither.
        let header = HeaderBuilder::new(issuer.algorithm()).kid(issuer.id().as_str());
        let payload = serde_json::Value::Object(claims).to_string();
        Ok(Self { jws: UnsignedJws::new(&header, payload.as_bytes()) })
    }

    /// The bytes to sign, for a key in an HSM or a KMS.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// Adds the signature and returns the file's text, after checking it as any wallet will.
    ///
    /// # Errors
    /// [`IssueError::Signing`] where it is another key's or of another algorithm.
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<String, IssueError> {
        Ok(configuration(&self.jws.with_signature(signature, published)?))
    }

    /// Signs with a key at hand and returns the file's text.
    ///
    /// # Errors
    /// [`IssueError::Signing`].
    pub fn sign(self, signer: &dyn Signer) -> Result<String, IssueError> {
        Ok(configuration(&self.jws.sign(signer)?))
    }
}

fn configuration(linkage: &str) -> String {
    json!({ "@context": LINKAGE_CONTEXT, "linked_dids": [linkage] }).to_string()
}

/// Scheme, host and port, with or without a closing slash, at https or on the own machine.
fn check_origin(origin: &str) -> Result<(), IssueError> {
    let url = Url::parse(origin).map_err(|_| IssueError::Origin)?;
    let plain = url.origin().ascii_serialization();
    let written_plainly = origin == plain || origin.strip_suffix('/') == Some(plain.as_str());
    if written_plainly && web::is_safe(&url) { Ok(()) } else { Err(IssueError::Origin) }
}
