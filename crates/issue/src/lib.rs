//! Signed staff credentials from typed models, with status entries and the lists that a trust keeps.
//!
//! ```text
//!  StatusRegister ─────── allocate ──► StatusEntry ──► CredentialBuilder ─ build ─────► VC-JWT 1.1
//!       │                                                                └ build_vc2 ─► VC-JOSE-COSE
//!       │    StaffCredential, or any claims ─────────►      │ or
//!       │                                                   ▼
//!  TokenStatusRegister ── allocate ──► TokenStatus ──► SdJwtVcBuilder ──── build ─────► SD-JWT VC
//!       │
//!       └── revoke … publish ──► the list, as credential or as token
//!
//!  whatever is built is signed at once (sign) or elsewhere (signing_input, with_signature)
//! ```
//!
//! - A credential is a VC-JWT (VC Data Model 1.1 §6.3.1) in which each thing is said once: the
//!   issuer in `iss`, the holder in `sub`, the dates in `nbf`, `iat` and `exp`, the rest in `vc`; or
//!   a credential of VC Data Model 2.0 secured with JOSE; or an SD-JWT VC in which every claim is
//!   concealed.
//! - [`openid4vci`] hands credentials over to wallets of any make.
//! - [`UnsignedDidConfiguration`] says that a domain is the issuer's own.
//! - `kid` is an id in the document of the DID that is `iss`: an [`IssuerKey`] has no other. SD-JWT VCs
//!   and their status lists may have an https URL in place of the DID ([`TokenIssuer`]).
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
//!
//! An SD-JWT VC, in which every claim is concealed on its own:
//!
//! ```
//! use serde_json::json;
//! use staffpass_did::DidUrl;
//! use staffpass_issue::{IssuerKey, SdJwtVcBuilder};
//! use staffpass_jose::Algorithm;
//! use staffpass_jose_aws_lc::SigningKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (key, holder) = (SigningKey::generate(Algorithm::Es256)?, SigningKey::generate(Algorithm::Es256)?);
//! let issuer = IssuerKey::new(DidUrl::parse("did:web:eastmoor.example#key-1")?, Algorithm::Es256);
//! let claims = json!({"given_name": "Amara", "family_name": "Okafor-Lee"});
//! let now = "2026-03-02T09:00:00Z".parse()?;
//! let holder = holder.public_key();
//! let sd_jwt = SdJwtVcBuilder::new(&issuer, holder, now, "urn:example:staff:1")
//!     .claims(claims.as_object().cloned().unwrap_or_default())
//!     .build(&mut rand::rng())?
//!     .sign(&key)?;
//! assert_eq!(sd_jwt.matches('~').count(), 3); // two disclosures, and the end
//! # Ok(())
//! # }
//! ```
//!
//! That a domain is the issuer's own, as wallets look it up:
//!
//! ```
//! use staffpass_did::DidUrl;
//! use staffpass_issue::{IssuerKey, UnsignedDidConfiguration};
//! use staffpass_jose::Algorithm;
//! use staffpass_jose_aws_lc::SigningKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let issuer = IssuerKey::new(DidUrl::parse("did:web:eastmoor.example#key-1")?, Algorithm::Es256);
//! let (now, until) = ("2026-03-02T09:00:00Z".parse()?, "2027-03-02T09:00:00Z".parse()?);
//! let origin = "https://eastmoor.example/";
//! let file = UnsignedDidConfiguration::new(&issuer, origin, now, until)?.sign(&key)?;
//! assert!(file.contains("linked_dids"));
//! # Ok(())
//! # }
//! ```

mod allocation;
mod credential;
mod domain_linkage;
mod error;
mod issuer;
pub mod openid4vci;
mod register;
mod sd_jwt_vc;
mod token_issuer;
mod token_register;
mod vc2;
mod web;

pub use credential::{CredentialBuilder, UnsignedCredential};
pub use domain_linkage::UnsignedDidConfiguration;
pub use error::IssueError;
pub use issuer::IssuerKey;
pub use register::{MINIMUM_ENTRIES, StatusRegister};
pub use sd_jwt_vc::SdJwtVcBuilder;
pub use token_issuer::TokenIssuer;
pub use token_register::{TokenState, TokenStatusRegister};
