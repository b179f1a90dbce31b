//! Selectively disclosable JWTs (RFC 9901): conceal, disclose, reveal, bind.
//!
//! ```text
//!  issuer    claims ── Concealer ── build ──► Concealed ── into_unsigned, sign ──► compact text
//!
//!  holder    compact text ── HeldSdJwt::receive ── select(paths) ──► Presentation ── bind, sign
//!                                                                                       │
//!  verifier  compact text ◄─────────────────────────────────────────────────────────────┘
//!              └─ UnverifiedSdJwt::parse ──► issuer_jwt ── verified by staffpass-jose ──► payload
//!                                       └──► reveal(payload) ──► Revealed: claims, in which
//!                                                                every disclosure has its place
//!                                       └──► key_binding_jwt ── verified under the key in `cnf`
//!                                                            ──► KeyBinding, check_sd_hash
//! ```
//!
//! ```
//! # use staffpass_jose::Signer as _;
//! use serde_json::json;
//! use staffpass_jose::{Algorithm, HeaderBuilder};
//! use staffpass_jose_aws_lc::SigningKey;
//! use staffpass_query::ClaimPath;
//! use staffpass_sd_jwt::{Concealer, HeldSdJwt, Limits, SD_JWT_VC_TYPE, UnverifiedSdJwt};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (issuer, holder) =
//!     (SigningKey::generate(Algorithm::Es256)?, SigningKey::generate(Algorithm::Es256)?);
//! let claims = json!({
//!     "vct": "https://eastmoor.example/identity",
//!     "cnf": { "jwk": holder.public_key().to_jwk() },
//!     "given_name": "Amara",
//!     "address": { "city": "Eastmoor", "postcode": "ZZ99 3WZ" },
//! });
//! let concealed = Concealer::new(claims.as_object().cloned().unwrap_or_default())
//!     .conceal(ClaimPath::key("given_name"))
//!     .conceal_all_inside(ClaimPath::key("address"))
//!     .decoys(2)
//!     .build(&mut rand::rng())?;
//! let payload = concealed.payload().clone();
//! let header = HeaderBuilder::new(Algorithm::Es256).typ(SD_JWT_VC_TYPE);
//! let issued = concealed.into_unsigned(&header).sign(&issuer)?;
//!
//! let held = HeldSdJwt::receive(&issued, &payload, &Limits::default())?;
//! let presentation = held.select(&[ClaimPath::key("address").then_key("city")])?;
//! let now = "2026-03-02T09:00:00Z".parse()?;
//! let shown = presentation.bind("https://portal.example", "n-0S6_WzA2Mj", now)?.sign(&holder)?;
//!
//! // The verifier, once the issuer's signature has verified:
//! let revealed = UnverifiedSdJwt::parse(&shown, &Limits::default())?.reveal(&payload)?;
//! assert_eq!(revealed.claims().get("address"), Some(&json!({ "city": "Eastmoor" })));
//! assert_eq!(revealed.claims().get("given_name"), None);
//! # Ok(())
//! # }
//! ```
//!
//! Only the compact form is spoken: an SD-JWT in JSON form (RFC 9901 §8) is refused by its grammar.
//!
//! What is not there cannot be shown, and what is concealed is not seen:
//!
//! ```
//! use serde_json::json;
//! use staffpass_query::ClaimPath;
//! use staffpass_sd_jwt::Concealer;
//!
//! let claims = json!({"given_name": "Amara", "family_name": "Okafor-Lee"});
//! let concealed = Concealer::new(claims.as_object().cloned().unwrap())
//!     .conceal(ClaimPath::key("given_name"))
//!     .build(&mut rand::rng())?;
//! assert!(!concealed.payload().contains_key("given_name"));
//! assert_eq!(concealed.payload()["family_name"], "Okafor-Lee");
//!
//! let absent = Concealer::new(Default::default()).conceal(ClaimPath::key("birthdate"));
//! assert!(absent.build(&mut rand::rng()).is_err());
//! # Ok::<(), staffpass_sd_jwt::SdJwtError>(())
//! ```
//!
//! A text that is no SD-JWT is refused with a code that stays:
//!
//! ```
//! use staffpass_sd_jwt::{Limits, UnverifiedSdJwt};
//!
//! let refused = UnverifiedSdJwt::parse("eyJhbGciOiJub25lIn0.e30.AA", &Limits::default()).unwrap_err();
//! assert!(refused.code().starts_with("sd_jwt"));
//! ```

mod compact;
mod conceal;
mod disclosure;
mod error;
mod hash;
mod hold;
mod key_binding;
mod limits;
mod reveal;

pub use compact::UnverifiedSdJwt;
pub use conceal::{ALWAYS_OPEN, Concealed, Concealer, UnsignedSdJwt};
pub use disclosure::Disclosure;
pub use error::SdJwtError;
pub use hash::HashAlgorithm;
pub use hold::{HeldSdJwt, Presentation};
pub use key_binding::{KeyBinding, UnsignedKeyBinding, confirmation_key};
pub use limits::Limits;
pub use reveal::Revealed;

/// `typ` of a key binding JWT (RFC 9901 §4.3).
pub const KEY_BINDING_TYPE: &str = "kb+jwt";

/// `typ` of an SD-JWT VC.
pub const SD_JWT_VC_TYPE: &str = "dc+sd-jwt";

/// `typ` of an SD-JWT VC by drafts before November 2024, and of an SD-JWT of the VC data model by
/// VC-JOSE-COSE.
pub const LEGACY_SD_JWT_VC_TYPE: &str = "vc+sd-jwt";
