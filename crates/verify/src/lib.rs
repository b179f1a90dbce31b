//! Believes only what checks out: presentations and credentials, their keys, holders, dates and
//! status, under a trust policy, with a report of every check.
//!
//! ```text
//!  body of the POST ─┐                       ┌─► Needs(sources) ── you fetch ──► Evidence ─┐
//!  Expectation ──────┼─► Verifier::receive ──┤                                            │
//!  (by its address)  │   Verification::step ─┤◄──────────────────────────────────────────┘
//!  TrustPolicy ──────┘                       └─► Done( VerifiedResponse | Rejection ), each
//!                                                with its Report
//! ```
//!
//! It does no I/O and has no clock: documents and `now` are arguments. The same bytes, evidence and
//! `now` give the same verdict on any machine in any year.
//!
//! # The checks
//!
//! | stage | of what | checks |
//! |---|---|---|
//! | 1 | the response | its form and limits, the request still open, `state` |
//! | 2 | ID token (Microsoft profile) | form, key, signature, issuer, audience, nonce, dates |
//! | 3 | each presentation | form, holder's key, signature, audience, nonce, dates, shape |
//! | 4 | each credential asked for | form, trusted issuer, its key, signature; then shape, dates, types and values the issuer may assert, bound to the presentation's key |
//! | 5 | each such credential | status, of every list it names |
//! | 6 | all together | one holder (Microsoft profile), one person (where the policy links) |
//! | 7 | the answer | what was asked, matched on the verified data, and nothing more |
//!
//! Checks of one stage are all made; no later stage looks at a token whose signature failed. A
//! response is accepted when every check passed or was waived by a key of the policy that the report
//! names.
//!
//! What it reads today: VC-JWT (VC data model 1.1) in VP-JWT, in the JWT VC Presentation Profile and
//! in OpenID4VP 1.0 `direct_post`; StatusList2021, Bitstring status lists, and Entra's
//! RevocationList2021.

mod code;
mod evidence;
mod judge;
mod keyset;
mod limits;
mod linked_domain;
pub mod policy;
mod report;
mod response;
mod source;
mod token;
mod verification;
mod verified;

pub use code::{Code, Fault};
pub use evidence::{Evidence, Fetched};
pub use limits::Limits;
pub use report::{
    Check, CheckRecord, Digest, EvidenceUsed, Offer, Outcome, PolicyKey, Report, Subject,
};
pub use response::WalletError;
pub use source::{IdentityHubSource, Source};
pub use verification::{Step, Verification, Verifier};
pub use verified::{CredentialStatus, Rejection, VerifiedCredential, VerifiedResponse};
