//! Credential format identifiers (OpenID4VP 1.0, appendix B).

use serde::{Serialize, Serializer};

/// A credential format, by its identifier on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// `jwt_vc_json`: a W3C credential as a JWT, as VC-JWT 1.1 or by VC-JOSE-COSE.
    JwtVcJson,
    /// `dc+sd-jwt`: an SD-JWT VC.
    DcSdJwt,
    /// `ldp_vc`: a W3C credential with a Data Integrity proof.
    LdpVc,
    /// `mso_mdoc`: an ISO mdoc. A query may ask for one; no [`Candidate`](crate::Candidate) is one.
    MsoMdoc,
    /// Any other identifier, as it stands.
    Other(String),
}

impl Format {
    /// Reads an identifier. Byte for byte: `JWT_VC_JSON` is another format.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "jwt_vc_json" => Self::JwtVcJson,
            "dc+sd-jwt" => Self::DcSdJwt,
            "ldp_vc" => Self::LdpVc,
            "mso_mdoc" => Self::MsoMdoc,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The identifier on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::JwtVcJson => "jwt_vc_json",
            Self::DcSdJwt => "dc+sd-jwt",
            Self::LdpVc => "ldp_vc",
            Self::MsoMdoc => "mso_mdoc",
            Self::Other(name) => name,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
