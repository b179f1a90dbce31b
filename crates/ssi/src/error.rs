//! Why something did not cross the bridge.

use std::time::Duration;

use staffpass_did::DidError;
use staffpass_jose::KeyError;

/// Why a DID is not resolved, or a value is not converted. Holds no part of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SsiError {
    /// A method that `staffpass-did` reads itself: it is never asked of `ssi`.
    #[error("the DID's method is resolved by staffpass-did")]
    OwnMethod,
    /// A method that `ssi` does not resolve.
    #[error("the DID's method is not supported")]
    MethodNotSupported,
    /// A method that needs a service, and none is named: see [`crate::SsiResolver`].
    #[error("the DID's method needs a service that is not configured")]
    NotConfigured,
    /// A service address that is not https (or http on loopback), or has a user, a query or a
    /// fragment.
    #[error("not an address of a service that can be asked")]
    ServiceAddress,

    /// The DID does not have the form of its method.
    #[error("the DID does not have the form of its method")]
    MethodSpecificId,
    /// The service says that there is no such DID.
    #[error("the DID is not known")]
    NotFound,
    /// The service cannot be reached, or its answer cannot be used.
    #[error("the DID's resolver failed")]
    Broken,
    /// `ssi` panicked on this DID.
    #[error("the DID's resolver broke down")]
    Panicked,
    /// It took too long.
    #[error("the DID was not resolved within {limit:?}")]
    TimedOut {
        /// The limit in force.
        limit: Duration,
    },
    /// The document is too long.
    #[error("the DID document is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },

    /// The document is refused.
    #[error("the DID document is refused")]
    Document(#[source] DidError),
    /// The key is refused.
    #[error("the key is refused")]
    Key(#[source] KeyError),
    /// A credential of `ssi`'s is none that an issuer of ours could sign.
    #[error("the credential's {member} is not what it must be")]
    Credential {
        /// The member of the credential; `other` for one that has no place here.
        member: &'static str,
    },
    /// The type of `ssi` has no place for this value.
    #[error("ssi has no such value")]
    NotRepresentable,
}

impl SsiError {
    /// The stable code of this cause. A refused document or key has the code of its own cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OwnMethod => "ssi_own_method",
            Self::MethodNotSupported => "ssi_method_not_supported",
            Self::NotConfigured => "ssi_not_configured",
            Self::ServiceAddress => "ssi_service_address",
            Self::MethodSpecificId => "ssi_method_specific_id",
            Self::NotFound => "ssi_not_found",
            Self::Broken => "ssi_broken",
            Self::Panicked => "ssi_panicked",
            Self::TimedOut { .. } => "ssi_timed_out",
            Self::TooLong { .. } => "ssi_too_long",
            Self::Document(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Credential { .. } => "ssi_credential",
            Self::NotRepresentable => "ssi_not_representable",
        }
    }
}
