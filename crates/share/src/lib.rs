//! One share of staff credentials, start to finish: the state machine from invitation to submitted.
//!
//! ```text
//!  invitation ── open ──► registered before? ─► notices ─► select ◄──────── amend ────────┐
//!                                                            │                            │
//!                                                         confirm ─► connect ─► (wallet) ─┤ refuse
//!                                                                       ▲          │      │
//!                                                                       └── again ─┼──────┘
//!                                                                               receive
//!                                                                                  ▼
//!  VerifiedShare ◄── submit ◄── role ◄── mobile, code ◄── email, code ◄── begin profile
//! ```
//!
//! - **[`Share`]** is a small aggregate. Each call is a transition: it takes the time, and returns
//!   what came of it with the [audit entries](AuditEntry), or a [`Refusal`] and the share as it was.
//!   A transition raises the version by one; store by compare-and-set on it.
//! - **[`State`]** says which page may be seen now. What depends on time is computed, not stored.
//! - **[`Receipt`]** holds the credentials that came, typed and checked: of the current request, for
//!   what was confirmed, of one person, and that person the invited one as far as
//!   [`PersonMatch`] can tell. The share stores no claim. A receipt is kept in memory, or
//!   stored as a [`SealedRecord`]; where it is lost, the person opens the invitation and shares again.
//! - **[`VerifiedShare`]** is what the trust gets: it exists only with a verified identity, a
//!   confirmed email address and mobile number, and the notices that were shown.
//! - **[`Review`]** is what the recruitment team makes of it: the identity first, then each
//!   credential, up to the offer of an access key. Where it asks for further credentials, a share of its
//!   own ([`Share::begin_further`]) goes the same way up to the wallet, and what comes joins the review.
//!
//! No I/O, no clock, no randomness of its own. Cookies, CSRF tokens and invitation tokens belong to
//! the portal; sending limits are `staffpass_otp::SendWindow`s beside the share.
//!
//! # What comes from where
//!
//! | call | takes | made by |
//! |---|---|---|
//! | [`Share::select`] | `CredentialSet` | `staffpass-disclosure` |
//! | [`Share::connect`] | `Expectation`, of a request built with the invitation's `.tenant(…)` | `staffpass-request` |
//! | [`Share::receive`] | `VerifiedResponse`, and the digest of the address that the wallet called | `staffpass-verify` |
//! | [`Share::reject`] | `Rejection` | `staffpass-verify` |
//! | [`Share::send_code`], [`Share::count_code`], [`Share::judge_code`] | `CodeKey`, `KeyedIn` | `staffpass-otp` |
//!
//! ```
//! use staffpass_disclosure::CredentialSet;
//! use staffpass_share::{
//!     EmailAddress, Invitation, InvitedPerson, Notices, Role, Rules, SessionDigest, Share, State,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (now, expires_at) = ("2026-03-02T09:00:00Z".parse()?, "2026-03-16T09:00:00Z".parse()?);
//! let rules = Rules::default();
//! let invitation = Invitation::new(
//!     "westmoor",
//!     "invitation-1",
//!     InvitedPerson::new("Okafor-Lee").with_given_name("Amara"),
//!     EmailAddress::parse("amara@hospital.example")?,
//!     Role::new("Medical and dental", "Permanent"),
//!     expires_at,
//! );
//! let mut share = Share::new(invitation, now);
//!
//! let _ = share.open(SessionDigest::of(b"the secret of the browser's session"), &rules, now)?;
//! let _ = share.registered_before(now)?;
//! let _ = share.start(Notices::new([("privacy_notice", "3"), ("terms_of_use", "2")])?, now)?;
//! let set = CredentialSet::with_chosen(rules.catalogue(), ["training"])?;
//! let _ = share.select(&set, &rules, now)?;
//! let moved = share.confirm(now)?;
//!
//! assert_eq!(moved.events.first().map(|entry| entry.event.name()), Some("selection.confirmed"));
//! assert_eq!(share.selection().collect::<Vec<_>>(), ["identity", "training"]);
//! assert_eq!(share.state(now), State::Confirmed); // and now a request, and connect
//! assert_eq!(share.begin_profile(now).unwrap_err().code(), "wrong_state");
//! # Ok(())
//! # }
//! ```
//!
//! What is out of turn is refused, and changes nothing:
//!
//! ```
//! # use staffpass_share::*;
//! # let (now, until) = ("2026-03-02T09:00:00Z".parse().unwrap(), "2026-03-16T09:00:00Z".parse().unwrap());
//! # let invitation = Invitation::new("westmoor", "invitation-1", InvitedPerson::new("Okafor-Lee"),
//! #     EmailAddress::parse("amara@hospital.example").unwrap(), Role::new("Medical", "Permanent"), until);
//! let mut share = Share::new(invitation, now);
//! let version = share.version();
//! assert_eq!(share.confirm_role(now).unwrap_err().code(), "wrong_state");
//! assert_eq!((share.version(), share.state(now)), (version, State::Invited));
//! ```
//!
//! What is stored is sealed for its place, under a key that can be changed:
//!
//! ```
//! use staffpass_share::SealingKeys;
//!
//! let keys = SealingKeys::new(1, [7; 32]); // in earnest: random, and not with the database
//! let place: [&[u8]; 2] = [b"westmoor", b"invitation-1"];
//! let sealed = keys.seal(b"a share", &place, &mut rand::rng())?;
//! assert_eq!(&keys.open(&sealed, &place)?[..], b"a share");
//! assert!(keys.open(&sealed, &[b"eastmoor", b"invitation-1"]).is_err());
//! # Ok::<(), staffpass_share::SealError>(())
//! ```

mod audit;
mod connection;
mod contact;
mod error;
mod further;
mod invitation;
mod journey;
mod name;
mod person;
mod profile;
mod receipt;
mod record;
mod review;
mod rules;
mod same_device;
mod sealed;
mod session;
mod share;
mod state;
mod submitted;
mod through_service;
mod wallet;

pub use audit::{AuditEntry, AuditEvent};
pub use connection::Scanned;
pub use contact::{ContactFault, EmailAddress, MobileNumber};
pub use error::Refusal;
pub use further::{Further, RecordedFurther, SubmittedFurther};
pub use invitation::{Invitation, InvitedPerson, Role};
pub use journey::Notices;
pub use name::{Lookalike, OddCharacter, Oddity, lookalikes, odd_characters};
pub use person::PersonMatch;
pub use profile::{CodeCounted, CodeJudged, CodeToSend};
pub use receipt::{Receipt, SharedCredential};
pub use record::{RecordError, RecordedReceipt, SealedRecord};
pub use review::{
    Act, Came, Confirmed, Decision, DeclineReason, EmploymentType, More, Review, ReviewEvent,
    ReviewRefusal, ReviewState,
};
pub use rules::{Completeness, RoleDispute, Rules};
pub use sealed::{SealError, SealingKeys};
pub use session::SessionDigest;
pub use share::{Moved, Share};
pub use state::{Remedy, State};
pub use submitted::{Flag, RecordedShare, Submitted, SubmittedRecord, VerifiedShare};
pub use wallet::{Arrival, Received, Retrieved};
