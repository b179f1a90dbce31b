//! What can be issued.

use serde_json::{Value, json};
use staffpass_credentials::{CredentialKind, TypeNames};
use staffpass_jose::{Algorithm, AlgorithmSet};

use crate::credential::BASE_TYPE;

/// The format of a credential, with its type (appendix A).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigurationFormat {
    /// `jwt_vc_json`: VC-JWT of VC Data Model 1.1, with a type beside `VerifiableCredential`.
    JwtVcJson {
        /// The type.
        vc_type: String,
    },
    /// `dc+sd-jwt`: SD-JWT VC.
    SdJwtVc {
        /// The `vct`.
        vct: String,
    },
}

impl ConfigurationFormat {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::JwtVcJson { .. } => "jwt_vc_json",
            Self::SdJwtVc { .. } => "dc+sd-jwt",
        }
    }
}

/// One entry of `credential_configurations_supported` (§12.2.4).
#[derive(Clone, Debug)]
pub struct CredentialConfiguration {
    id: String,
    name: String,
    format: ConfigurationFormat,
}

impl CredentialConfiguration {
    /// A configuration by its id, with a name for people.
    #[must_use]
    pub fn new(id: &str, name: &str, format: ConfigurationFormat) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), format }
    }

    /// The two configurations of a staff credential: `identity_jwt_vc_json`, say, and
    /// `identity_dc_sd_jwt`.
    #[must_use]
    pub fn staff(kind: CredentialKind, names: &TypeNames, name: &str) -> [Self; 2] {
        let vc_type = names.vc_type(kind).to_owned();
        let vct = names.vct(kind).to_owned();
        let id = |suffix| format!("{}_{suffix}", kind.id());
        [
            Self::new(&id("jwt_vc_json"), name, ConfigurationFormat::JwtVcJson { vc_type }),
            Self::new(&id("dc_sd_jwt"), name, ConfigurationFormat::SdJwtVc { vct }),
        ]
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The format with its type.
    #[must_use]
    pub fn format(&self) -> &ConfigurationFormat {
        &self.format
    }

    pub(crate) fn to_json(&self, signed_with: Algorithm, proofs: AlgorithmSet) -> Value {
        let proofs: Vec<_> = proofs.iter().map(Algorithm::name).collect();
        let mut entry = json!({
            "format": self.format.id(),
            "cryptographic_binding_methods_supported": ["jwk", "did:jwk", "did:key", "did:ion"],
            "credential_signing_alg_values_supported": [signed_with.name()],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": proofs } },
            "credential_metadata": { "display": [{ "name": self.name, "locale": "en-GB" }] },
        });
        let (member, value) = match &self.format {
            ConfigurationFormat::JwtVcJson { vc_type } => {
                ("credential_definition", json!({ "type": [BASE_TYPE, vc_type] }))
            }
            ConfigurationFormat::SdJwtVc { vct } => ("vct", vct.as_str().into()),
        };
        if let Some(members) = entry.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
        entry
    }
}
