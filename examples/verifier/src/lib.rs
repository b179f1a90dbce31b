//! A JSON API for portals in any language: make a request, show its link, watch it, get the
//! verified result.
//!
//! ```text
//!  portal ── POST /requests ─────────► 201 { id, link, qr_svg, expires_at }
//!         ── GET  /requests/{id} ────► created | retrieved | awaiting_return | verified | …
//!         ── POST /requests/{id}/return   (same device: the code that came back)
//!
//!  wallet ── GET|POST /request/{…} ──► the request object
//!         ── POST /response/{…} ─────► 200, or an error code and nothing more
//! ```
//!
//! What the portal knows a request by (`id`) is in nothing that a wallet sees, and what a wallet is
//! sent gives no access to the result. `GET /openapi.json` describes it all.

use std::path::PathBuf;

mod ask;
mod book;
mod doctor;
mod entra;
mod identity;
mod keys;
mod options;
mod outbox;
mod portal_api;
mod problem;
mod service;
mod wallet_api;

pub use options::Options;
pub use service::{ROUTES, Service};

/// Makes a new signing key in the data directory, and returns its file. A service that is opened
/// afterwards signs with it, and publishes the older ones too.
///
/// # Errors
/// Where the directory cannot be written.
pub fn rotate_key(options: &Options) -> Result<PathBuf, Error> {
    keys::rotate(&options.data_dir)
}

/// Whatever ends the program.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
