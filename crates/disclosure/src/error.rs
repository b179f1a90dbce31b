//! Why something cannot be chosen, read or shown.

use staffpass_did::DidError;
use staffpass_jose::json::JsonError;
use staffpass_jose::jwe::JweError;
use staffpass_jose::{Algorithm, JwsError, KeyError, SigningError};
use staffpass_query::QueryError;
use staffpass_request::RequestError;
use staffpass_sd_jwt::SdJwtError;
use staffpass_x509::X509Error;

use crate::{Missing, PartId};

/// Why a set, a credential, a request or a choice is refused. No variant holds a claim, a token or
/// an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisclosureError {
    /// A part's id is not 1 to 64 letters, digits, `_` and `-`.
    #[error("not the id of a part")]
    PartIdForm,
    /// A catalogue has an id twice.
    #[error("two entries of the catalogue have one id")]
    DuplicatePart,
    /// A catalogue or a set has no identity, or has it as something that may be left out.
    #[error("identity is not there, or not mandatory")]
    NoIdentity,
    /// Nothing of that id can be chosen.
    #[error("the catalogue has no such part")]
    UnknownPart,
    /// The part is always shared and cannot be taken out.
    #[error("a mandatory part cannot be taken out")]
    MandatoryPart,

    /// A table is not the TOML that is read here.
    #[error("line {line} of the table cannot be read")]
    Toml {
        /// The line, from 1.
        line: usize,
    },
    /// An entry of a catalogue has no name for its type, or none in the format that is asked for.
    #[error("the entry {part} has no type name of the format")]
    TypeNameAbsent {
        /// The entry's id.
        part: PartId,
    },
    /// A member of the table of training is outside its range.
    #[error("{member} is outside its range")]
    TrainingRule {
        /// The position of the line, from 0; none for a member of the table itself.
        rule: Option<usize>,
        /// The member's name.
        member: &'static str,
    },
    /// A table of training has two lines about the same.
    #[error("line {rule} of the table of training is there before")]
    TrainingRuleTwice {
        /// The position of the later line, from 0.
        rule: usize,
    },
    /// What is asked for cannot be put into a query.
    #[error("the set cannot be asked for")]
    Query(#[from] QueryError),
    /// What was asked for did not come.
    #[error("{} parts of the set did not come", parts.len())]
    NotReceived {
        /// Their ids, in the order in which they were asked for.
        parts: Vec<PartId>,
    },

    /// A credential is not a compact JWS.
    #[error("the credential is no signed token")]
    CredentialJws(#[source] JwsError),
    /// A credential's payload is not the JSON of a credential.
    #[error("the credential's payload is no JSON object")]
    CredentialJson(#[source] JsonError),
    /// A credential's `typ` is none that is read here.
    #[error("the credential is of another type of token")]
    CredentialType,
    /// A claim of a credential has not the shape of its name.
    #[error("a claim of the credential cannot be read")]
    CredentialClaims,
    /// An SD-JWT that cannot be kept, or not shown as asked.
    #[error("the SD-JWT cannot be used")]
    SdJwt(#[from] SdJwtError),
    /// A member of a credential that is needed is missing.
    #[error("the credential has no {member}")]
    CredentialMember {
        /// The member's name.
        member: &'static str,
    },
    /// A credential names two subjects, and they differ.
    #[error("the credential names two subjects")]
    CredentialSubjects,

    /// The verifier's DID, or the holder's, cannot be used.
    #[error(transparent)]
    Did(#[from] DidError),
    /// The verifier's DID document must be brought, and was not.
    #[error("the verifier's DID document is needed")]
    DocumentNeeded,
    /// The DID document is not that of the verifier.
    #[error("the DID document is another's")]
    DocumentOfAnother,
    /// The verifier's document has no such key, or one that cannot be read.
    #[error("the verifier's document has no such key")]
    UnknownKey,
    /// The key is not for authentication.
    #[error("the verifier's key is not for authentication")]
    KeyNotForAuthentication,
    /// The crypto library refuses the verifier's key.
    #[error("the verifier's key cannot be used")]
    Key(#[from] KeyError),
    /// The verifier's certificates lead to no authority that the wallet knows, or do not belong to the
    /// client that they came with.
    #[error("the verifier's certificates are not accepted")]
    Certificates(#[from] X509Error),
    /// The verifier is to be known to the wallet beforehand, and is not.
    #[error("the verifier is not known")]
    UnknownClient,
    /// The request does not repeat what the wallet sent when it fetched it.
    #[error("the request was made for another wallet's call")]
    WalletNonce,
    /// The request's signature does not verify.
    #[error("the request is not believed")]
    Request(#[from] RequestError),
    /// The request has expired.
    #[error("the request has expired")]
    RequestExpired,
    /// The request was made in the future.
    #[error("the request was made in the future")]
    RequestFromFuture,
    /// The verifier's DID names no domain, and none was established otherwise.
    #[error("nothing says at which address the verifier takes answers")]
    NoOrigin,
    /// The answer would go to another origin than the verifier's.
    #[error("the answer would go to another origin than the verifier's")]
    ForeignOrigin,
    /// The verifier's DID document names no domain, or none that can be asked.
    #[error("the verifier's document names no domain that could confirm it")]
    DomainAbsent,
    /// The domain that the verifier names has not confirmed it.
    #[error("the domain that the verifier names does not confirm it")]
    DomainUnconfirmed,
    /// The domain that was brought has confirmed another verifier, or is not where the answer goes.
    #[error("the confirmed domain is another's")]
    DomainOfAnother,
    /// The protocol is not spoken here.
    #[error("the request's protocol is not spoken")]
    Protocol,

    /// Nothing that is held answers a part that the request needs.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The choice names a credential that does not answer the part, or is not there.
    #[error("the chosen credential does not answer the part")]
    NotAnAnswer,
    /// The choice has several credentials where one is asked for, or the same one twice.
    #[error("more credentials are chosen than the part takes")]
    TooManyChosen,
    /// Nothing is chosen.
    #[error("nothing is chosen")]
    NothingChosen,
    /// The key of the credential's holder was not given.
    #[error("the key of the credential's holder is not given")]
    HolderKeyMissing,
    /// The verifier does not read signatures of the holder's algorithm.
    #[error("the verifier reads no signature of {algorithm}")]
    HolderAlgorithm {
        /// The algorithm of the holder's key.
        algorithm: Algorithm,
    },
    /// The holder's key did not sign.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The request wants an encrypted answer, and was to be answered in the open.
    #[error("the verifier wants the answer encrypted")]
    EncryptionNeeded,
    /// The answer could not be encrypted.
    #[error("the answer cannot be encrypted")]
    Encryption(#[from] JweError),
    /// The time is outside 1970 to 9999.
    #[error("the time is out of range")]
    Clock,
}

impl DisclosureError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PartIdForm => "part_id_form",
            Self::DuplicatePart => "part_duplicate",
            Self::NoIdentity => "identity_absent",
            Self::UnknownPart => "part_unknown",
            Self::MandatoryPart => "part_mandatory",
            Self::Toml { .. } => "toml_line",
            Self::TypeNameAbsent { .. } => "type_name_absent",
            Self::TrainingRule { .. } => "training_rule_range",
            Self::TrainingRuleTwice { .. } => "training_rule_twice",
            Self::Query(error) => error.code(),
            Self::NotReceived { .. } => "set_not_received",
            Self::CredentialJws(error) => error.code(),
            Self::CredentialJson(error) => error.code(),
            Self::CredentialType => "credential_type",
            Self::CredentialClaims => "credential_claims",
            Self::SdJwt(error) => error.code(),
            Self::CredentialMember { .. } => "credential_member_missing",
            Self::CredentialSubjects => "credential_subjects_differ",
            Self::Did(error) => error.code(),
            Self::DocumentNeeded => "verifier_document_needed",
            Self::DocumentOfAnother => "verifier_document_of_another",
            Self::UnknownKey => "verifier_key_unknown",
            Self::KeyNotForAuthentication => "verifier_key_relationship",
            Self::Key(error) => error.code(),
            Self::Certificates(error) => error.code(),
            Self::UnknownClient => "verifier_unknown",
            Self::WalletNonce => "wallet_nonce_mismatch",
            Self::Request(error) => error.code(),
            Self::RequestExpired => "request_expired",
            Self::RequestFromFuture => "request_from_future",
            Self::NoOrigin => "verifier_origin_unknown",
            Self::ForeignOrigin => "response_origin_foreign",
            Self::DomainAbsent => "verifier_domain_absent",
            Self::DomainUnconfirmed => "verifier_domain_unconfirmed",
            Self::DomainOfAnother => "verifier_domain_of_another",
            Self::Protocol => "protocol_not_spoken",
            Self::Missing(_) => "credentials_missing",
            Self::NotAnAnswer => "choice_no_answer",
            Self::TooManyChosen => "choice_too_many",
            Self::NothingChosen => "choice_empty",
            Self::HolderKeyMissing => "holder_key_missing",
            Self::HolderAlgorithm { .. } => "holder_algorithm",
            Self::Signing(error) => error.code(),
            Self::EncryptionNeeded => "encryption_needed",
            Self::Encryption(error) => error.code(),
            Self::Clock => "clock_out_of_range",
        }
    }
}
