//! Signed staff credentials from typed models, with status entries and the lists that a trust keeps.
//!
//! ```text
//!  StatusRegister ── allocate ──► StatusEntry ──┐
//!       │                                       ▼
//!       │           StaffCredential ──► CredentialBuilder ── build ──► UnsignedCredential ──► VC-JWT
//!       │           any claims                                         sign, or signing_input
//!       └── revoke … publish ────────────────────────────────────────► and with_signature
//! ```
//!
//! - A credential is a VC-JWT (VC Data Model 1.1 §6.3.1) in which each thing is said once: the
//!   issuer in `iss`, the holder in `sub`, the dates in `nbf`, `iat` and `exp`, the rest in `vc`.
//! - `kid` is an id in the document of the DID that is `iss`: an [`IssuerKey`] has no other.
//! - A register gives its entries out at random and never twice. It is a value with a version;
//!   whoever stores it compares and sets.
//! - Private keys stay elsewhere; time and randomness are arguments.
//!
//! ```
//! # use staffpass_jose::Signer as _;
//! use serde_json::json;
//! use staffpass_did::{Did, DidUrl};
//! use staffpass_issue::{CredentialBuilder, IssuerKey, StatusRegister};
//! use staffpass_jose::{Algorithm, UnverifiedJws, jws};
//! use staffpass_jose_aws_lc::SigningKey;
//! use staffpass_status::{ListLocation, StatusKind, StatusPurpose};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = "2026-03-02T09:00:00Z".parse()?;
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let issuer = IssuerKey::new(DidUrl::parse("did:web:eastmoor.example#key-1")?, Algorithm::Es256);
//! let holder: Did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp".parse()?;
//!
//! let mut register = StatusRegister::new(
//!     StatusKind::BitstringStatusList,
//!     StatusPurpose::Revocation,
//!     ListLocation::parse("https://eastmoor.example/status/1")?,
//!     staffpass_issue::MINIMUM_ENTRIES,
//! )?;
//! let entry = register.allocate(&mut rand::rng())?;
//! let index = entry.index();
//!
//! let claims = json!({"displayName": "Amara Okafor-Lee"});
//! let token = CredentialBuilder::new(&issuer, &holder, now)
//!     .add_type("VerifiedEmployee")
//!     .claims(claims.as_object().cloned().unwrap_or_default())
//!     .status(entry)
//!     .build(&mut rand::rng())?
//!     .sign(&key)?;
//! let parsed = UnverifiedJws::parse(token, &jws::Limits::default())?;
//! assert!(parsed.verify(key.verification_key()).is_ok());
//!
//! // She leaves the trust.
//! register.revoke(index)?;
//! let list = register.publish(&issuer, now, Some("2026-03-03T09:00:00Z".parse()?))?.sign(&key)?;
//! # assert!(list.starts_with("ey"));
//! # Ok(())
//! # }
//! ```

mod credential;
mod error;
mod issuer;
mod register;

pub use credential::{CredentialBuilder, UnsignedCredential};
pub use error::IssueError;
pub use issuer::IssuerKey;
pub use register::{MINIMUM_ENTRIES, StatusRegister};
