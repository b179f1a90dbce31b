//! Why an identifier, or a document, is refused.

use staffpass_jose::KeyError;
use staffpass_jose::json::JsonError;

/// Why an identifier or a document is refused. Holds no part of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidError {
    /// Longer than this crate reads.
    #[error("the identifier is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Not a DID (DID Core §3.1).
    #[error("not a DID")]
    Syntax,
    /// Not a DID URL that is a DID and a fragment (DID Core §3.2).
    #[error("not a DID URL with a fragment")]
    UrlSyntax,
    /// A function for one method was given a DID of another.
    #[error("the DID is of another method")]
    OtherMethod,

    /// The host of a did:web is no domain name, or is an IP address in some spelling.
    #[error("the did:web has no acceptable host")]
    WebHost,
    /// The host of a did:web is this machine, which only [`crate::LoopbackHttp::Allow`] admits.
    #[error("the did:web names this machine")]
    WebLoopback,
    /// The port of a did:web is not a number from 1 to 65535.
    #[error("the did:web has no acceptable port")]
    WebPort,
    /// The path of a did:web has an empty segment, a dot segment or a character that is not plain.
    #[error("the did:web has no acceptable path")]
    WebPath,

    /// The document is not JSON which every reader understands alike.
    #[error("the DID document cannot be read")]
    DocumentJson(#[source] JsonError),
    /// A member of the document is missing or of the wrong type (DID Core §4, §5).
    #[error("a member of the DID document is missing or of the wrong type")]
    DocumentMalformed,
    /// The document's `id` is not the DID.
    #[error("the DID document is another DID's")]
    DocumentIdMismatch,
    /// The document's `@base` is not the DID, so its relative ids would mean something else.
    #[error("the DID document's base is not the DID")]
    DocumentBaseMismatch,
    /// Two verification methods, or two services, have one id.
    #[error("the DID document has one id twice")]
    DuplicateId,
    /// One key stands in two verification methods under different `alg` or `use`.
    #[error("the DID document gives one key two meanings")]
    AmbiguousKey,
    /// More verification methods, services or references than are read.
    #[error("the DID document has more than {limit} entries of one kind")]
    TooManyEntries {
        /// The limit in force.
        limit: usize,
    },

    /// The key cannot be imported.
    #[error("the DID's key is refused")]
    Key(#[source] KeyError),
    /// A did:jwk whose value is not canonical base64url (RFC 7515 §2).
    #[error("the did:jwk is not canonical base64url")]
    JwkEncoding,
    /// Not a base58btc multibase value with a canonical multicodec prefix.
    #[error("the multibase key is malformed")]
    MultikeyMalformed,
    /// A multicodec of a key type that is not spoken here.
    #[error("the multibase key is of a type that is not supported")]
    MultikeyUnsupported,

    /// A did:ion without its state: an ION node must be asked.
    #[error("the did:ion is in its short form")]
    IonShortForm,
    /// The did:ion has another number of segments, a network that is not known, or a state whose
    /// members are missing, unknown or of the wrong type.
    #[error("the did:ion is malformed")]
    IonMalformed,
    /// The state is not the canonical JSON (RFC 8785) of its members.
    #[error("the did:ion's state is not canonical")]
    IonNotCanonical,
    /// A multihash that is not SHA-256 (`12 20`, then 32 bytes), or not canonical base64url.
    #[error("the did:ion has a hash that is not SHA-256")]
    IonMultihash,
    /// The suffix is not the hash of `suffixData`.
    #[error("the did:ion's suffix is not the hash of its state")]
    IonSuffixMismatch,
    /// `deltaHash` is not the hash of `delta`.
    #[error("the did:ion's delta is not the one that its suffix names")]
    IonDeltaMismatch,
    /// A patch with an action that is not known.
    #[error("the did:ion has a patch that is not supported")]
    IonPatch,

    /// An origin to publish that is not https (or http on loopback, where that is allowed), or has
    /// more than scheme, host and port.
    #[error("not an origin that a linked domain can have")]
    Origin,
    /// A `did-configuration.json` that is no JSON object with at most 32 `linked_dids`.
    #[error("the DID configuration is malformed")]
    ConfigurationMalformed,
    /// A domain linkage credential with other claims than its specification lists, or dates that are
    /// none.
    #[error("the domain linkage credential is malformed")]
    LinkageMalformed,
}

impl DidError {
    /// The stable code of this cause. A refused key has the code of its own cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "did_too_long",
            Self::Syntax => "did_syntax",
            Self::UrlSyntax => "did_url_syntax",
            Self::OtherMethod => "did_other_method",
            Self::WebHost => "did_web_host",
            Self::WebLoopback => "did_web_loopback",
            Self::WebPort => "did_web_port",
            Self::WebPath => "did_web_path",
            Self::DocumentJson(_) => "did_document_json",
            Self::DocumentMalformed => "did_document_malformed",
            Self::DocumentIdMismatch => "did_document_id_mismatch",
            Self::DocumentBaseMismatch => "did_document_base_mismatch",
            Self::DuplicateId => "did_document_duplicate_id",
            Self::AmbiguousKey => "did_document_ambiguous_key",
            Self::TooManyEntries { .. } => "did_document_too_many_entries",
            Self::Key(error) => error.code(),
            Self::JwkEncoding => "did_jwk_encoding",
            Self::MultikeyMalformed => "did_multikey_malformed",
            Self::MultikeyUnsupported => "did_multikey_unsupported",
            Self::IonShortForm => "did_ion_short_form",
            Self::IonMalformed => "did_ion_malformed",
            Self::IonNotCanonical => "did_ion_not_canonical",
            Self::IonMultihash => "did_ion_multihash",
            Self::IonSuffixMismatch => "did_ion_suffix_mismatch",
            Self::IonDeltaMismatch => "did_ion_delta_mismatch",
            Self::IonPatch => "did_ion_patch",
            Self::Origin => "did_origin",
            Self::ConfigurationMalformed => "did_configuration_malformed",
            Self::LinkageMalformed => "did_linkage_malformed",
        }
    }
}
