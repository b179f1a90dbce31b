//! One share of staff credentials, from invitation to verified: an issuing trust, a wallet and a
//! receiving trust's portal, over real HTTP on loopback.
//!
//! ```text
//!  options ──► flow ──┬─► issuer   did.json, status list; issues the credentials
//!                     ├─► wallet   reads the request, chooses, shares
//!                     ├─► portal   did.json, request object, response address; verifies
//!                     └─► terminal tells every step, or one JSON object
//! ```

mod flow;
mod host;
mod issuer;
mod options;
mod person;
mod portal;
mod terminal;
mod wallet;

pub use flow::play;
pub use options::{Dialect, Holder, Kind, Optional, Options};
pub use terminal::{Ending, Terminal};

/// Whatever ends the flow before its time.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The README of the repository, whose example is compiled here.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct ReadMe;
