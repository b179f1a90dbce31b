//! Decentralized identifiers and their documents: did:web, did:jwk, did:key and long-form did:ion.
//!
//! ```text
//!  text ── Did::parse ──► Did ─┬─ resolve_in_place ───────────► DidDocument   did:jwk, did:key,
//!          DID Core §3.1       │   nothing is fetched              ▲          long-form did:ion
//!                              └─ web::document_url ─► (fetch) ─ parse        did:web
//!
//!  kid ── DidUrl::parse_relative_to ──► DidUrl ── DidDocument::method ──► VerificationMethod
//!                                        exact absolute id                key, relationships
//! ```
//!
//! - [`Did`] and [`DidUrl`] prove the grammar; [`DidDocument`] proves that the document is the
//!   DID's own and names each key once.
//! - [`web`], [`jwk`], [`key`] and [`ion`] are the methods; [`publish`] writes the `did.json` of a
//!   verifier or an issuer.
//! - [`linked_domain`] reads what a domain says of its DIDs.
//! - Keys come out as [`staffpass_jose::KeyMaterial`]: a crypto provider prepares them, and only
//!   then it is known whether a point lies on its curve.
//!
//! It does no I/O. Short-form did:ion, and every method not named here, needs a resolver from
//! elsewhere; [`DidDocument::parse`] reads what that resolver brings.
//!
//! ```
//! use staffpass_did::{Did, Relationship, ResolveOptions, resolve_in_place};
//!
//! let did: Did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp".parse()?;
//! let document = resolve_in_place(&did, &ResolveOptions::default())?.expect("did:key is not fetched");
//!
//! let id = format!("{did}#z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp");
//! let method = document.method(&id).expect("the DID's own key");
//! assert!(method.relationships().contains(Relationship::AssertionMethod));
//! # Ok::<(), staffpass_did::DidError>(())
//! ```
//!
//! Where the document of a did:web is, for whoever fetches it:
//!
//! ```
//! use staffpass_did::{Did, LoopbackHttp, web};
//!
//! let did: Did = "did:web:trust.example:staff".parse()?;
//! let url = web::document_url(&did, LoopbackHttp::Refuse)?;
//! assert_eq!(url.as_str(), "https://trust.example/staff/did.json");
//! assert!("did:web:192.168.0.1".parse::<Did>().and_then(|did| {
//!     web::document_url(&did, LoopbackHttp::Refuse)
//! }).is_err());
//! # Ok::<(), staffpass_did::DidError>(())
//! ```
//!
//! A document of one's own, as Microsoft's wallets read it:
//!
//! ```
//! use staffpass_did::publish::DocumentBuilder;
//! use staffpass_did::{Did, LoopbackHttp, Relationships};
//! use staffpass_jose::PublicKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let did: Did = "did:web:trust.example".parse()?;
//! let document = DocumentBuilder::new(&did)
//!     .key("key-1", &PublicKey::from_jwk_json(jwk)?, Relationships::SIGNING)
//!     .linked_domain(&"https://trust.example".parse()?, LoopbackHttp::Refuse)?
//!     .build()?;
//! assert_eq!(document["verificationMethod"][0]["id"], "#key-1");
//! # Ok(())
//! # }
//! ```

mod assembly;
mod did;
mod did_url;
mod document;
mod error;
pub mod ion;
pub mod jwk;
pub mod key;
pub mod linked_domain;
mod multikey;
pub mod publish;
mod relationship;
mod resolve;
mod service;
pub mod web;

pub use did::{Did, Method};
pub use did_url::DidUrl;
pub use document::{DidDocument, VerificationMethod};
pub use error::DidError;
pub use ion::IonHashing;
pub use relationship::{Relationship, Relationships};
pub use resolve::{ResolveOptions, resolve_in_place};
pub use service::{Service, ServiceEndpoint};
pub use web::LoopbackHttp;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
