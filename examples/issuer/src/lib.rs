//! An issuing trust: its DID, its status lists, and its credentials.
//!
//! ```text
//!  issuer serve    did.json, did-configuration.json, the two status lists, OpenID4VCI
//!  issuer issue    credentials for holders that are known: one, or a CSV file of them
//!  issuer offer    a QR code: whoever scans it and keys in the transaction code gets a credential
//!  issuer revoke   for good
//!  issuer status   how a credential stands
//! ```
//!
//! All of them work on one directory, also at once: each change is made under a lock, in files that are
//! written whole or not at all.

mod commands;
mod credential;
mod csv_file;
mod identity;
mod oauth;
mod offers;
mod options;
mod service;
mod store;

pub use commands::run;
pub use options::{Command, Common, Format, Issue, Kind, Offer, Options, Serve, TxCode};
pub use service::Service;

/// Whatever ends the program.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
