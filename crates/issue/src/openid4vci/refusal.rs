//! Why a request of a wallet, or an offer to it, is refused.

use staffpass_jose::json::JsonError;
use staffpass_jose::{JwsError, KeyError};

/// Why an issuer refuses a wallet's request, or a wallet an issuer's offer. Holds no part of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A token request that is no form, repeats a parameter or lacks one.
    #[error("the token request is malformed")]
    TokenRequestForm,
    /// A token request of another grant type.
    #[error("the grant type is not the pre-authorised code")]
    GrantType,
    /// No offer has this code.
    #[error("the pre-authorised code is unknown")]
    CodeUnknown,
    /// The code's time is over.
    #[error("the pre-authorised code has expired")]
    CodeExpired,
    /// The code was redeemed before.
    #[error("the pre-authorised code was used before")]
    CodeUsed,
    /// The offer asks for a transaction code, and none came.
    #[error("the transaction code is missing")]
    TxCodeMissing,
    /// A transaction code came that the offer did not ask for.
    #[error("a transaction code was not asked for")]
    TxCodeUnexpected,
    /// The transaction code is wrong.
    #[error("the transaction code is wrong")]
    TxCodeWrong,
    /// The transaction code was wrong five times: the offer is dead.
    #[error("the transaction code was wrong too often")]
    TxCodeExhausted,
    /// An access token that no issuance has.
    #[error("the access token is unknown")]
    TokenUnknown,
    /// The access token's time is over.
    #[error("the access token has expired")]
    TokenExpired,
    /// A credential request that is no JSON object of the right form.
    #[error("the credential request is malformed")]
    CredentialRequestForm,
    /// A credential that was not offered.
    #[error("the credential configuration was not offered")]
    ConfigurationUnknown,
    /// A credential asked for by an identifier. None is given out here.
    #[error("credential identifiers are not given out")]
    IdentifierUnknown,
    /// An encrypted response was asked for.
    #[error("encrypted responses are not offered")]
    EncryptionUnsupported,
    /// The credential was issued under this token before.
    #[error("the credential was issued before")]
    AlreadyIssued,
    /// No proof of possession of a key.
    #[error("no key proof")]
    ProofMissing,
    /// Proofs of another type than `jwt`.
    #[error("the proof type is not jwt")]
    ProofUnsupported,
    /// More proofs than the metadata allows.
    #[error("more than {limit} key proofs")]
    TooManyProofs {
        /// The limit in force.
        limit: usize,
    },
    /// A proof that is no JWT.
    #[error("a key proof is no JWT")]
    ProofJwt(#[source] JwsError),
    /// A proof whose `typ` is not `openid4vci-proof+jwt`.
    #[error("a key proof has another type")]
    ProofType,
    /// A proof signed with an algorithm that the metadata does not list.
    #[error("a key proof has an algorithm that is not offered")]
    ProofAlgorithm,
    /// A proof that does not have exactly one of `kid`, `jwk` and `x5c`.
    #[error("a key proof does not name exactly one key")]
    ProofKeyCount,
    /// A proof whose key comes in a certificate, or by a DID that must be fetched.
    #[error("a key proof names its key in a way that is not offered")]
    ProofKeyUnsupported,
    /// A proof whose key cannot be used: malformed, not on its curve, or with a private member.
    #[error("the key of a key proof cannot be used")]
    ProofKey(#[source] KeyError),
    /// A proof that its key did not sign.
    #[error("the signature of a key proof does not verify")]
    ProofSignature,
    /// A proof without `aud` as one string, `iat`, or `nonce`.
    #[error("the claims of a key proof cannot be read")]
    ProofClaims(#[source] JsonError),
    /// A proof made for another issuer.
    #[error("a key proof was made for another issuer")]
    ProofAudience,
    /// A proof that is too old, from the future, or expired.
    #[error("a key proof is not fresh")]
    ProofTime,
    /// A nonce that was not made here.
    #[error("the nonce was not given out here")]
    NonceUnknown,
    /// A nonce whose time is over.
    #[error("the nonce has expired")]
    NonceExpired,
    /// A nonce that came before.
    #[error("the nonce was used before")]
    NonceUsed,
    /// The proofs of one request have different nonces.
    #[error("the key proofs have different nonces")]
    NonceMixed,
    /// Two proofs of one request have the same key: one key gets one credential.
    #[error("two key proofs have the same key")]
    KeyRepeated,
    /// The key holds credentials of another person.
    #[error("the key is another person's")]
    KeyOfAnother,
    /// An offer of no credential, or of one twice.
    #[error("the offer names no credential, or one twice")]
    OfferTerms,
    /// An offer that is no JSON object of the right form, or has another grant only.
    #[error("the offer is malformed, or not of this flow")]
    OfferForm,
    /// An offer of an issuer that is not on the wallet's list.
    #[error("the issuer of the offer is not known")]
    IssuerUnknown,
    /// An issuer identifier or an endpoint that is no https URL, or has a query or fragment.
    #[error("the issuer's address is not acceptable")]
    IssuerAddress,
    /// Issuer metadata that is no JSON object of the right form.
    #[error("the issuer's metadata is malformed")]
    MetadataForm,
    /// Metadata that names another issuer than the one it was fetched for.
    #[error("the metadata is another issuer's")]
    MetadataOfAnother,
    /// An issuer's answer that is no JSON object of the right form.
    #[error("the issuer's answer is malformed")]
    ResponseForm,
    /// A date outside 1970 to 9999.
    #[error("the date is outside 1970 to 9999")]
    Date,
}

impl Refusal {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenRequestForm => "vci_token_request_form",
            Self::GrantType => "vci_grant_type",
            Self::CodeUnknown => "vci_code_unknown",
            Self::CodeExpired => "vci_code_expired",
            Self::CodeUsed => "vci_code_used",
            Self::TxCodeMissing => "vci_tx_code_missing",
            Self::TxCodeUnexpected => "vci_tx_code_unexpected",
            Self::TxCodeWrong => "vci_tx_code_wrong",
            Self::TxCodeExhausted => "vci_tx_code_exhausted",
            Self::TokenUnknown => "vci_token_unknown",
            Self::TokenExpired => "vci_token_expired",
            Self::CredentialRequestForm => "vci_credential_request_form",
            Self::ConfigurationUnknown => "vci_configuration_unknown",
            Self::IdentifierUnknown => "vci_identifier_unknown",
            Self::EncryptionUnsupported => "vci_encryption_unsupported",
            Self::AlreadyIssued => "vci_already_issued",
            Self::ProofMissing => "vci_proof_missing",
            Self::ProofUnsupported => "vci_proof_unsupported",
            Self::TooManyProofs { .. } => "vci_too_many_proofs",
            Self::ProofJwt(_) => "vci_proof_jwt",
            Self::ProofType => "vci_proof_type",
            Self::ProofAlgorithm => "vci_proof_algorithm",
            Self::ProofKeyCount => "vci_proof_key_count",
            Self::ProofKeyUnsupported => "vci_proof_key_unsupported",
            Self::ProofKey(_) => "vci_proof_key",
            Self::ProofSignature => "vci_proof_signature",
            Self::ProofClaims(_) => "vci_proof_claims",
            Self::ProofAudience => "vci_proof_audience",
            Self::ProofTime => "vci_proof_time",
            Self::NonceUnknown => "vci_nonce_unknown",
            Self::NonceExpired => "vci_nonce_expired",
            Self::NonceUsed => "vci_nonce_used",
            Self::NonceMixed => "vci_nonce_mixed",
            Self::KeyRepeated => "vci_key_repeated",
            Self::KeyOfAnother => "vci_key_of_another",
            Self::OfferTerms => "vci_offer_terms",
            Self::OfferForm => "vci_offer_form",
            Self::IssuerUnknown => "vci_issuer_unknown",
            Self::IssuerAddress => "vci_issuer_address",
            Self::MetadataForm => "vci_metadata_form",
            Self::MetadataOfAnother => "vci_metadata_of_another",
            Self::ResponseForm => "vci_response_form",
            Self::Date => "vci_date",
        }
    }

    /// The `error` that the wallet gets: of the token endpoint (§6.3, RFC 6749 §5.2), of the
    /// credential endpoint (§8.3.1.2), or of its access token (RFC 6750 §3.1). What a wallet refuses
    /// itself, and what the issuer did wrong, is a `server_error`.
    #[must_use]
    pub fn error(&self) -> &'static str {
        match self {
            Self::TokenRequestForm | Self::TxCodeMissing | Self::TxCodeUnexpected => {
                "invalid_request"
            }
            Self::GrantType => "unsupported_grant_type",
            Self::CodeUnknown
            | Self::CodeExpired
            | Self::CodeUsed
            | Self::TxCodeWrong
            | Self::TxCodeExhausted => "invalid_grant",
            Self::TokenUnknown | Self::TokenExpired => "invalid_token",
            Self::CredentialRequestForm => "invalid_credential_request",
            Self::ConfigurationUnknown => "unknown_credential_configuration",
            Self::IdentifierUnknown => "unknown_credential_identifier",
            Self::EncryptionUnsupported => "invalid_encryption_parameters",
            Self::AlreadyIssued => "credential_request_denied",
            Self::NonceUnknown | Self::NonceExpired | Self::NonceUsed | Self::NonceMixed => {
                "invalid_nonce"
            }
            Self::ProofMissing
            | Self::ProofUnsupported
            | Self::TooManyProofs { .. }
            | Self::ProofJwt(_)
            | Self::ProofType
            | Self::ProofAlgorithm
            | Self::ProofKeyCount
            | Self::ProofKeyUnsupported
            | Self::ProofKey(_)
            | Self::ProofSignature
            | Self::ProofClaims(_)
            | Self::ProofAudience
            | Self::ProofTime
            | Self::KeyRepeated
            | Self::KeyOfAnother => "invalid_proof",
            _ => "server_error",
        }
    }

    /// The HTTP status of the answer: 401 for the access token, 500 for what is not the wallet's
    /// fault, 400 for everything else.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error() {
            "invalid_token" => 401,
            "server_error" => 500,
            _ => 400,
        }
    }
}
