//! Brings DID documents and status lists over HTTPS, with size and time limits and no redirects.
//!
//! ```text
//!  Verification::step ──► Needs(sources) ──► Fetcher::bring ──► Evidence ──► step again
//!                                              │
//!            URL judged: https, a name,        ├─ DidDocument   GET  did.json
//!            no user                           ├─ StatusList    GET
//!            name resolved once, every         └─ IdentityHub   POST one query
//!            address judged, and the           all of a round at once
//!            connection made to those
//! ```
//!
//! | what | rule |
//! |---|---|
//! | scheme | https; plain http on loopback by [`FetchOptions::allow_loopback_http`] alone |
//! | host | a name. An IP address in a URL is refused, but for loopback under that option |
//! | addresses | every one that the name resolves to must be public ([`is_public`]); one that is not refuses them all |
//! | redirects, proxies, cookies | none |
//! | answer | status 200, not compressed, at most as long as [`FetchOptions`] says, in its time |
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
//! What it does not do: it keeps nothing between rounds and asks again each time it is told to.
//! There is no cache, and no limit on how often one host is asked; [`Evidence`] is what a caller
//! keeps.
//!
//! [`Evidence`]: staffpass_verify::Evidence

mod address;
mod cache;
mod error;
mod fetcher;
mod flights;
mod freshness;
mod hosts;
mod http;
mod options;
mod resolver;
mod target;

pub use address::is_public;
pub use error::FetchError;
pub use fetcher::{Failure, Fetcher};
pub use options::{FetchOptions, Freshness};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
