//! Bridge between staffpass and the [`ssi`] crate: further DID methods, and types both ways.
//!
//! ```text
//!  did:pkh, did:ethr ──────────────► SsiResolver ──► Resolved { bytes, DidDocument } ──► Evidence
//!  did:ion (short), did:tz ─ asks ──►    │             read strictly, like any other
//!    a service that you name             └─ time, size, and a panic in ssi, bounded
//!
//!  ssi's resolvers ◄── DidWeb ◄── documents that you fetch: our grammar, our reading of them
//!
//!  PublicKey ◄── key ──► ssi::JWK        DidDocument ◄── document ──► ssi::dids::Document
//!
//!  VerifiedCredential ── credential ──► ssi's AnyJsonCredential ── credential ──► CredentialBuilder
//! ```
//!
//! | DID | who resolves it |
//! |---|---|
//! | did:jwk, did:key, long-form did:ion, did:web | `staffpass-did` (and `staffpass-fetch`); [`SsiResolver`] refuses them, so that no DID has two readings |
//! | did:pkh, did:ethr | [`SsiResolver`], from the DID itself |
//! | short-form did:ion | [`SsiResolver`], by a Sidetree node that you name |
//! | did:tz | [`SsiResolver`], by a TzKT indexer that you name |
//!
//! Nothing that `ssi` judges is believed here: its documents are read again by
//! [`DidDocument::parse`](staffpass_did::DidDocument::parse), its keys are imported again by
//! `staffpass-jose`, and its checks of claims and signatures are not called. What it drags into a
//! build stands in this crate's README, and where it judges otherwise than we do in
//! `DIFFERENCES.md`.
//!
//! ```
//! use staffpass_did::Did;
//! use staffpass_ssi::SsiResolver;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
//! let did: Did = format!("did:ethr:{key}").parse()?;
//!
//! let resolved = SsiResolver::new().resolve(&did).await?;
//! assert!(resolved.document().method(&format!("{did}#controllerKey")).is_some());
//! // evidence.insert(Source::DidDocument(did), Fetched::Document(resolved.bytes()), now);
//! # Ok(())
//! # }
//! ```
//!
//! A key goes over and comes back, judged again on the way in:
//!
//! ```
//! use staffpass_jose::PublicKey;
//! use staffpass_ssi::key;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let ours = PublicKey::from_jwk_json(jwk.as_bytes())?;
//! let theirs: ssi::JWK = key::to_ssi(&ours)?;
//! assert_eq!(key::from_ssi(&theirs)?, ours);
//! # Ok(())
//! # }
//! ```
//!
//! And a document, with the DID that it has to be of:
//!
//! ```
//! use staffpass_did::{Did, DidDocument};
//! use staffpass_ssi::document;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let did: Did = "did:web:trust.example".parse()?;
//! let ours = DidDocument::parse(&did, br#"{"id": "did:web:trust.example"}"#)?;
//! let theirs: ssi::dids::Document = document::to_ssi(&ours)?;
//! assert!(document::from_ssi(&did, &theirs).is_ok());
//! let another: Did = "did:web:another.example".parse()?;
//! assert!(document::from_ssi(&another, &theirs).is_err());
//! # Ok(())
//! # }
//! ```

pub mod credential;
pub mod document;
mod error;
pub mod key;
mod resolver;
mod web;

pub use error::SsiError;
pub use resolver::{Limits, Resolved, SsiResolver};
pub use web::{BoxFuture, DidWeb};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
