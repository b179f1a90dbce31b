//! What an issuer publishes about itself (§12.2, §12.3).

use serde_json::{Map, Value, json};
use staffpass_jose::{Algorithm, AlgorithmSet};
use url::Url;

use super::PRE_AUTHORIZED_CODE;
use super::configuration::CredentialConfiguration;
use super::refusal::Refusal;
use crate::web;

/// The metadata of an issuer that is its own authorisation server.
///
/// Its endpoints are its identifier with `/token`, `/nonce` and `/credential` after it.
#[derive(Clone, Debug)]
#[must_use]
pub struct IssuerMetadata {
    identifier: String,
    name: String,
    signed_with: Algorithm,
    proof_algorithms: AlgorithmSet,
    batch_size: usize,
    configurations: Vec<CredentialConfiguration>,
}

impl IssuerMetadata {
    /// Of an issuer, by its identifier (an https URL, or http on the own machine, without query,
    /// fragment and closing slash), a name for people, and the algorithm that it signs with.
    ///
    /// # Errors
    /// [`Refusal::IssuerAddress`].
    pub fn new(identifier: &str, name: &str, signed_with: Algorithm) -> Result<Self, Refusal> {
        check_identifier(identifier)?;
        Ok(Self {
            identifier: identifier.to_owned(),
            name: name.to_owned(),
            signed_with,
            proof_algorithms: AlgorithmSet::ALL,
            batch_size: 1,
            configurations: Vec::new(),
        })
    }

    /// Adds what can be issued.
    pub fn configurations(
        mut self,
        configurations: impl IntoIterator<Item = CredentialConfiguration>,
    ) -> Self {
        self.configurations.extend(configurations);
        self
    }

    /// The algorithms of key proofs, as in [`ProofRules::algorithms`](super::ProofRules::algorithms).
    pub fn proof_algorithms(self, proof_algorithms: AlgorithmSet) -> Self {
        Self { proof_algorithms, ..self }
    }

    /// How many credentials a request may ask for, as in
    /// [`ProofRules::batch_size`](super::ProofRules::batch_size).
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// The identifier.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// What can be issued under an id.
    #[must_use]
    pub fn configuration(&self, id: &str) -> Option<&CredentialConfiguration> {
        self.configurations.iter().find(|configuration| configuration.id() == id)
    }

    /// For `/.well-known/openid-credential-issuer`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let entry = |configuration: &CredentialConfiguration| {
            let json = configuration.to_json(self.signed_with, self.proof_algorithms);
            (configuration.id().to_owned(), json)
        };
        let configurations: Map<_, _> = self.configurations.iter().map(entry).collect();
        let mut metadata = json!({
            "credential_issuer": self.identifier,
            "credential_endpoint": self.endpoint("credential"),
            "nonce_endpoint": self.endpoint("nonce"),
            "display": [{ "name": self.name, "locale": "en-GB" }],
            "credential_configurations_supported": configurations,
        });
        if let (Some(members), true) = (metadata.as_object_mut(), self.batch_size > 1) {
            let batch = json!({ "batch_size": self.batch_size });
            members.insert("batch_credential_issuance".to_owned(), batch);
        }
        metadata
    }

    /// For `/.well-known/oauth-authorization-server` (RFC 8414 §2).
    #[must_use]
    pub fn authorization_server_json(&self) -> Value {
        json!({
            "issuer": self.identifier,
            "token_endpoint": self.endpoint("token"),
            "grant_types_supported": [PRE_AUTHORIZED_CODE],
            "token_endpoint_auth_methods_supported": ["none"],
            "response_types_supported": [],
            "pre-authorized_grant_anonymous_access_supported": true,
        })
    }

    fn endpoint(&self, name: &str) -> String {
        format!("{}/{name}", self.identifier)
    }
}

/// The well-known address of an identifier: the name stands between its host and its path (§12.2.2,
/// RFC 8414 §3.1), for `openid-credential-issuer` or `oauth-authorization-server`.
///
/// # Errors
/// [`Refusal::IssuerAddress`] for what is no identifier.
pub fn well_known(identifier: &str, name: &str) -> Result<Url, Refusal> {
    Ok(web::well_known(&check_identifier(identifier)?, name))
}

/// §12.2.1: https (or the own machine), no query, no fragment; and no user, and written as a URL is.
pub(crate) fn check_identifier(identifier: &str) -> Result<Url, Refusal> {
    web::issuer_url(identifier).ok_or(Refusal::IssuerAddress)
}
