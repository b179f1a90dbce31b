//! Selectively disclosable JWTs (RFC 9901), the verifier's side: taken apart, revealed, bound.
//!
//! ```text
//!  compact text ── UnverifiedSdJwt::parse ──► issuer_jwt ── verified by staffpass-jose ──► payload
//!                                        └──► reveal(payload) ──► Revealed: claims, in which
//!                                                                 every disclosure has its place
//!                                        └──► key_binding_jwt ── verified under the key in `cnf`
//!                                                             ──► KeyBinding, check_sd_hash
//! ```
//!
//! ```
//! use serde_json::json;
//! use staffpass_sd_jwt::{Disclosure, HashAlgorithm, Limits, UnverifiedSdJwt};
//!
//! let text = r#"["6qMQvRL5haj", "family_name", "Example"]"#;
//! let disclosure = Disclosure::from_json_text(text, &Limits::default().json)?;
//! let compact = format!("e30.e30.AA~{}~", disclosure.encoded());
//!
//! // Of a JWT whose signature has verified:
//! let payload = json!({ "_sd": [disclosure.digest(HashAlgorithm::Sha256)] });
//! let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default())?;
//! let revealed = sd_jwt.reveal(payload.as_object().unwrap())?;
//! assert_eq!(revealed.claims().get("family_name"), Some(&json!("Example")));
//! assert!(revealed.is_selectively_disclosable("family_name"));
//! # Ok::<(), staffpass_sd_jwt::SdJwtError>(())
//! ```
//!
//! Of the issuer's and the holder's work it makes single [`Disclosure`]s.

mod compact;
mod disclosure;
mod error;
mod hash;
mod key_binding;
mod limits;
mod reveal;

pub use compact::UnverifiedSdJwt;
pub use disclosure::Disclosure;
pub use error::SdJwtError;
pub use hash::HashAlgorithm;
pub use key_binding::{KeyBinding, confirmation_key};
pub use limits::Limits;
pub use reveal::Revealed;

/// `typ` of a key binding JWT (RFC 9901 §4.3).
pub const KEY_BINDING_TYPE: &str = "kb+jwt";

/// `typ` of an SD-JWT VC.
pub const SD_JWT_VC_TYPE: &str = "dc+sd-jwt";

/// `typ` of an SD-JWT VC by drafts before November 2024, and of an SD-JWT of the VC data model by
/// VC-JOSE-COSE.
pub const LEGACY_SD_JWT_VC_TYPE: &str = "vc+sd-jwt";
