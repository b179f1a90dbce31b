//! Brings the documents that a verdict needs over HTTPS: of public addresses only, each within its
//! size and its time, without redirects, and no oftener than needed.
//!
//! ```text
//!  Verification::step ──► Needs(sources) ──► Fetcher::bring ──► Evidence ──► step again
//!                                              │
//!       kept and fresh? ── no ──► on its way? ─┤
//!                                              ├─ DidDocument       GET  did.json
//!       URL judged: https, a name, no user     ├─ IssuerMetadata    GET  jwt-vc-issuer
//!       host not asked too often               ├─ JwkSet            GET
//!       name resolved once, every address      ├─ DidConfiguration  GET  did-configuration.json
//!       judged, and the connection made        ├─ StatusList        GET
//!       to those                               └─ IdentityHub       POST one query
//!                                                all of a round at once
//! ```
//!
//! | what | rule |
//! |---|---|
//! | scheme | https; plain http on loopback by [`FetchOptions::allow_loopback_http`] alone |
//! | host | a name. An IP address in a URL is refused, but for loopback under that option |
//! | addresses | every one that the name resolves to must be public ([`is_public`]); one that is not refuses them all |
//! | redirects, proxies, cookies | none |
//! | answer | status 200, not compressed, at most as long as [`FetchOptions`] says, in its time |
//! | kept | as long as `Cache-Control`, and a status list itself, say; held between the bounds of [`Freshness`] |
//! | when its time is up | asked for by its `ETag` where it has one; an older one serves only where [`Freshness::stale_if_error`] says so, with its true age |
//! | not to be had | remembered for [`FetchOptions::negative_ttl`] |
//! | wanted by many at once | asked for once |
//! | an unknown key id | its issuer's keys are fetched once more, unless that was done [a moment ago](FetchOptions::refetch_after) |
//! | a credential's signature that does not verify | the same, where the document is [old enough](FetchOptions::recheck_after) |
//! | one host | [`FetchOptions::host_burst`] requests at once, then one each [`FetchOptions::host_interval`] |
//!
//! Whether a source may be fetched at all is not judged here: `staffpass-verify` names only those
//! that its policy allows.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use chrono::{DateTime, Utc};
//! use staffpass_fetch::{FetchOptions, Fetcher};
//! use staffpass_verify::{Evidence, Source};
//!
//! # async fn example(provider: Arc<dyn staffpass_jose::CryptoProvider>, now: DateTime<Utc>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let fetcher = Fetcher::new(&FetchOptions::default())?;
//! let mut evidence = Evidence::new(provider);
//! let needs = [Source::DidDocument("did:web:trust.example".parse()?)];
//! for failure in fetcher.bring(&needs, &mut evidence, now).await {
//!     eprintln!("{}: {}", failure.source, failure.error.code());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What is sent to an address that somebody else chose, a callback, is sent by a [`Poster`], under the
//! same rules for addresses.
//!
//! A [`Fetcher`] keeps documents in memory, and a clone shares them; a restart begins with none.
//! [`Evidence`] is a snapshot for one verdict or many, and is the caller's.
//!
//! Which addresses are public, and which options loosen what:
//!
//! ```
//! use staffpass_fetch::{FetchOptions, is_public};
//!
//! assert!(is_public("9.9.9.9".parse().unwrap()));
//! for private in ["10.0.0.7", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1"] {
//!     assert!(!is_public(private.parse().unwrap()), "{private}");
//! }
//! let in_development = FetchOptions::default().allow_loopback_http();
//! assert_ne!(in_development.loopback, FetchOptions::default().loopback);
//! ```
//!
//! One that refuses before it connects:
//!
//! ```
//! use staffpass_fetch::{FetchOptions, Fetcher};
//! use staffpass_verify::Source;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Whatever the name resolves to: one address that is not public refuses it.
//! let internal = |_: &str| Ok(vec!["10.0.0.7".parse().unwrap()]);
//! let fetcher = Fetcher::with_lookup(&FetchOptions::default(), internal)?;
//! let source = Source::DidDocument("did:web:trust.example".parse()?);
//! let fetched = fetcher.fetch(&[source]).await;
//! assert!(fetched[0].1.is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! `entra`: the `entra` module, the client of Microsoft's Request Service.
//!
//! [`Evidence`]: staffpass_verify::Evidence

mod address;
mod cache;
#[cfg(feature = "entra")]
pub mod entra;
mod error;
mod fetcher;
mod flights;
mod freshness;
mod hosts;
mod http;
mod options;
mod post;
mod resolver;
mod target;

pub use address::is_public;
pub use error::FetchError;
pub use fetcher::{Failure, Fetcher};
pub use options::{FetchOptions, Freshness};
pub use post::Poster;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
