//! The web portal of a receiving trust: the whole journey in a browser, on the libraries.
//!
//! ```text
//!  browser ── GET  /i/{token} ────────► the question that the invitation's link leads to
//!          ── POST /i/{token} ────────► a session
//!          ── GET  /share ────────────► the page of the state that the share is in: no other
//!          ── POST /share/{action} ───► a transition, and back to /share
//!
//!  wallet  ── GET  /request/{id} ─────► the request object
//!          ── POST /response/{handle} ► 200, or an error code and nothing more
//!
//!  recruitment team ── /recruitment ──► invite, list, review, confirm, decline
//! ```
//!
//! It is thin: which page may be seen and what moves on is `staffpass-share`'s, what is kept and who
//! wins a race is `staffpass-store`'s, what is believed of a wallet's answer is `staffpass-verify`'s.
//! What is here is HTTP: cookies, forms, headers, pages.

mod ask;
mod browser;
mod certified;
pub mod config;
mod entra;
mod identity;
mod invite;
mod keys;
mod limits;
mod messages;
mod metrics;
mod pages;
mod person;
mod recruitment;
mod reminders;
mod service;
mod shell;
mod start;
mod wallet;

pub use config::{Config, ConfigError, DEFAULTS};
pub use service::Portal;

/// Whatever ends the program.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
