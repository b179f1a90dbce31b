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

    /// The header of what is signed: `alg`, `kid` and `typ`.
    pub(crate) fn header(&self, typ: Typ) -> HeaderBuilder {
        let header = HeaderBuilder::new(self.algorithm).typ(typ.typ).kid(self.id.as_str());
        match typ.cty {
            Some(cty) => header.member("cty", cty.into()),
            None => header,
        }
    }
}

/// What a token says that it is: `typ`, and `cty` where its format has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typ {
    typ: &'static str,
    cty: Option<&'static str>,
}

impl Typ {
    pub(crate) const fn typ(self) -> &'static str {
        self.typ
    }
}

/// VC-JWT of VC Data Model 1.1.
pub(crate) const VC_JWT: Typ = Typ { typ: "JWT", cty: None };

/// VC-JOSE-COSE §3.1.1.
pub(crate) const VC2_JWT: Typ = Typ { typ: "vc+jwt", cty: Some("vc") };

/// SD-JWT VC, "Header Parameters".
pub(crate) const SD_JWT_VC: Typ = Typ { typ: staffpass_sd_jwt::SD_JWT_VC_TYPE, cty: None };

/// Token Status List §5.1.
pub(crate) const STATUS_LIST: Typ = Typ { typ: "statuslist+jwt", cty: None };
