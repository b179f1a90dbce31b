//! Selectively disclosable JWTs (RFC 9901): conceal, disclose, reveal, bind.

mod compact;
mod disclosure;
mod error;
mod hash;
mod key_binding;
mod limits;
mod path;
mod reveal;

pub use compact::UnverifiedSdJwt;
pub use disclosure::Disclosure;
pub use error::SdJwtError;
pub use hash::HashAlgorithm;
pub use key_binding::{KeyBinding, confirmation_key};
pub use limits::Limits;
pub use path::{ClaimPath, PathElement};
pub use reveal::Revealed;

/// `typ` of a key binding JWT (RFC 9901 §4.3).
pub const KEY_BINDING_TYPE: &str = "kb+jwt";

/// `typ` of an SD-JWT VC.
pub const SD_JWT_VC_TYPE: &str = "dc+sd-jwt";

/// `typ` of an SD-JWT VC by drafts before November 2024, and of an SD-JWT of the VC data model by
/// VC-JOSE-COSE.
pub const LEGACY_SD_JWT_VC_TYPE: &str = "vc+sd-jwt";
