//! Who signs.

use staffpass_did::{Did, DidUrl};
use staffpass_jose::{Algorithm, HeaderBuilder};

/// The key that an issuer signs with, as it is published: its id in the issuer's DID document and
/// its algorithm. The private half stays with a [`Signer`](staffpass_jose::Signer), an HSM or a KMS.
///
/// The issuer of everything signed with it is the DID of the key's id, so that `kid` and `iss`
/// cannot differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerKey {
    id: DidUrl,
    algorithm: Algorithm,
}

impl IssuerKey {
    /// A key by the id under which its DID document lists it for `assertionMethod`.
    #[must_use]
    pub fn new(id: DidUrl, algorithm: Algorithm) -> Self {
        Self { id, algorithm }
    }

    /// The issuer.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.id.did()
    }

    /// The id of the key.
    #[must_use]
    pub fn id(&self) -> &DidUrl {
        &self.id
    }

    /// The algorithm of its signatures.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header of a VC-JWT: `alg`, `kid` and `typ`.
    pub(crate) fn header(&self) -> HeaderBuilder {
        HeaderBuilder::new(self.algorithm).typ("JWT").kid(self.id.as_str())
    }
}
