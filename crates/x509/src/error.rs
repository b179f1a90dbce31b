//! Why a certificate proves nothing.

use chrono::{DateTime, Utc};
use staffpass_jose::KeyError;

/// Why a chain, an anchor or a name is refused. Holds nothing of a certificate but its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum X509Error {
    /// No certificate at all, or more than [`CertificateChain::MAX_LENGTH`](crate::CertificateChain).
    #[error("the chain is empty or has more than {limit} certificates")]
    ChainLength {
        /// The limit in force, in certificates.
        limit: usize,
    },
    /// One certificate is longer than [`CertificateChain::MAX_BYTES`](crate::CertificateChain).
    #[error("a certificate is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Not a certificate (RFC 5280 §4.1), or one with an extension that cannot be read.
    #[error("a certificate cannot be read")]
    Malformed,
    /// A certificate that can be read, and is not written in DER (X.690 §10).
    #[error("a certificate is not canonically encoded")]
    NotCanonical,
    /// Not PEM (RFC 7468) with at least one certificate and nothing else.
    #[error("not a PEM text of certificates")]
    Pem,
    /// The leaf certifies itself (HAIP 1.0 §6.1.1).
    #[error("the leaf is self-signed")]
    SelfSignedLeaf,
    /// An anchor, or a certificate that certifies itself, stands in the chain (HAIP 1.0 §6.1.1).
    #[error("the trust anchor stands in the chain")]
    AnchorInChain,
    /// A certificate is not followed by its issuer's (RFC 7515 §4.1.6).
    #[error("the chain is not in the order of its issuers")]
    Order,
    /// No path leads to an anchor.
    #[error("no trust anchor certifies the chain")]
    UnknownIssuer,
    /// A certificate's signature does not verify.
    #[error("a certificate's signature does not verify")]
    SignatureMismatch,
    /// A certificate is signed with an algorithm that the provider does not lend.
    #[error("a certificate's signature algorithm is not supported")]
    UnsupportedAlgorithm,
    /// A certificate of the path is no longer valid.
    #[error("a certificate expired at {until} (now {now})")]
    Expired {
        /// The time of judgement.
        now: DateTime<Utc>,
        /// The end of its validity.
        until: DateTime<Utc>,
    },
    /// A certificate of the path is not yet valid.
    #[error("a certificate is not valid before {from} (now {now})")]
    NotYetValid {
        /// The time of judgement.
        now: DateTime<Utc>,
        /// The beginning of its validity.
        from: DateTime<Utc>,
    },
    /// The leaf is a certificate authority.
    #[error("the leaf is a certificate authority")]
    CaAsLeaf,
    /// An issuer in the path is no certificate authority, or may not sign certificates.
    #[error("an issuer in the path is no certificate authority")]
    NotACa,
    /// A `pathLenConstraint` is exceeded (RFC 5280 §4.2.1.9).
    #[error("a path length constraint is exceeded")]
    PathLength,
    /// A name constraint is violated (RFC 5280 §4.2.1.10).
    #[error("a name constraint is violated")]
    NameConstraint,
    /// A critical extension is not understood (RFC 5280 §4.2).
    #[error("a certificate has an unknown critical extension")]
    CriticalExtension,
    /// The leaf may not make digital signatures (RFC 5280 §4.2.1.3).
    #[error("the leaf's key usage forbids signatures")]
    KeyUsage,
    /// A certificate's extended key usage does not include the one asked for (RFC 5280 §4.2.1.12).
    #[error("the extended key usage is not the one asked for")]
    ExtendedKeyUsage,
    /// The path breaks another rule of RFC 5280 §6.
    #[error("the certificate path is refused")]
    Path,
    /// The leaf's key is not spoken here.
    #[error("the leaf's key is refused")]
    Key(#[source] KeyError),
    /// The leaf does not have the name that was asked for.
    #[error("the leaf does not have this name")]
    NameMismatch,
    /// The text is no object identifier in dotted form.
    #[error("not an object identifier")]
    ObjectIdentifier,
}

impl X509Error {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ChainLength { .. } => "x509_chain_length",
            Self::TooLong { .. } => "x509_too_long",
            Self::Malformed => "x509_malformed",
            Self::NotCanonical => "x509_not_canonical",
            Self::Pem => "x509_pem",
            Self::SelfSignedLeaf => "x509_self_signed_leaf",
            Self::AnchorInChain => "x509_anchor_in_chain",
            Self::Order => "x509_chain_order",
            Self::UnknownIssuer => "x509_unknown_issuer",
            Self::SignatureMismatch => "x509_signature_mismatch",
            Self::UnsupportedAlgorithm => "x509_algorithm_unsupported",
            Self::Expired { .. } => "x509_expired",
            Self::NotYetValid { .. } => "x509_not_yet_valid",
            Self::CaAsLeaf => "x509_ca_as_leaf",
            Self::NotACa => "x509_not_a_ca",
            Self::PathLength => "x509_path_length",
            Self::NameConstraint => "x509_name_constraint",
            Self::CriticalExtension => "x509_critical_extension",
            Self::KeyUsage => "x509_key_usage",
            Self::ExtendedKeyUsage => "x509_extended_key_usage",
            Self::Path => "x509_path",
            Self::Key(_) => "x509_key",
            Self::NameMismatch => "x509_name_mismatch",
            Self::ObjectIdentifier => "x509_object_identifier",
        }
    }
}
