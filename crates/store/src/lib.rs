//! Keeps shares in SQL: SQLite embedded, PostgreSQL for several machines.
//!
//! ```text
//!  invite ─► open_invitation ─► update … ─► connect ─► receive ─► update … ─► send_code, try_code ─► submit ─► update_review
//!                                              │          ▲
//!                                   request ◄──┘          └── the wallet's POST, to any portal
//! ```
//!
//! - **A transition is one transaction.** [`Store::update`] locks the row of a share, makes the
//!   transition, and stores share and audit entries by compare-and-set on the version. What a
//!   transition refuses leaves nothing behind. The steps that touch more than the share have methods
//!   of their own.
//! - **One winner.** A response, a code, an invitation, a nonce and a session each have one, however
//!   many portals are asked at once: SQLite takes its write lock first, PostgreSQL locks the rows, and
//!   each consuming step is one statement that changes one row or none. What a browser asks for goes
//!   through [`Store::in_session`]: its session is looked at in the transaction.
//! - **A tenant is in every key**, and in what is authenticated with every sealed column, beside table
//!   and row. Shares, requests and records are sealed by [`SealingKeys`]; [`Store::reseal`] changes the
//!   key. Tokens, sessions and response addresses are stored as SHA-256; email addresses and mobile
//!   numbers are looked up by a keyed digest that differs in each tenant.
//! - **Nothing committed is lost**: SQLite runs with a write-ahead log and `synchronous = FULL`, which
//!   is read back; PostgreSQL is refused where `synchronous_commit` or `fsync` is off, or where it is
//!   a standby. After a restore, [`Store::begin_epoch`] kills what was unfinished.
//! - **Nothing is kept longer than told**: [`Store::retain`] may run at any time, in several portals,
//!   and twice; [`Store::erase`] deletes one share. The audit stays, and no longer names it.
//! - **The audit is a chain** for each tenant, under a key outside the database:
//!   [`Store::check_audit`] finds what was changed, cut off or put back.
//! - **Requests without a share** are a store of their own ([`Requests`]), with the same rules: for a
//!   service that asks wallets on behalf of others.
//!
//! ```
//! use staffpass_share::{
//!     EmailAddress, Invitation, InvitedPerson, Role, Rules, SealingKeys, SessionDigest, Share, State,
//! };
//! use staffpass_store::{Change, Location, Store, StoreKeys, StoreOptions, TokenDigest};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let location = Location::Sqlite(folder.path().join("shares.db"));
//! // In earnest: 32 random bytes each, from where the database's backups do not go.
//! let keys = StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 32], &[3; 32])?;
//! let store = Store::open(&location, keys, &StoreOptions::default()).await?;
//!
//! let (now, expires_at) = ("2026-03-02T09:00:00Z".parse()?, "2026-03-16T09:00:00Z".parse()?);
//! let invitation = Invitation::new(
//!     "westmoor",
//!     "invitation-1",
//!     InvitedPerson::new("Okafor-Lee"),
//!     EmailAddress::parse("amara@hospital.example")?,
//!     Role::new("Medical and dental", "Permanent"),
//!     expires_at,
//! );
//! let token = TokenDigest::of("the token in the link");
//! store.invite(&Share::new(invitation, now), &token, now).await?;
//!
//! let session = SessionDigest::of(b"the secret of the browser's session");
//! let rules = Rules::default();
//! let reference = store.open_invitation("westmoor", &token, session, &rules, now).await?;
//! let answered = |share: &mut Share| share.registered_before(now).map(Change::from);
//! store.update("westmoor", &reference, now, answered).await?;
//!
//! assert_eq!(store.share("westmoor", &reference).await?.state(now), State::Notices);
//! assert_eq!(store.check_audit("westmoor", None).await?, Ok(2));
//! # store.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! What was never submitted goes when its time is over, and one share can be erased at once; the audit stays whole:
//!
//! ```
//! # use staffpass_share::{EmailAddress, Invitation, InvitedPerson, Role, SealingKeys, Share};
//! use staffpass_store::{Location, Retention, Store, StoreKeys, StoreOptions, TokenDigest};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let keys = StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 32], &[3; 32])?;
//! let store = Store::open(&Location::SqliteMemory, keys, &StoreOptions::default()).await?;
//! # let (now, expires_at) = ("2026-03-02T09:00:00Z".parse()?, "2026-03-16T09:00:00Z".parse()?);
//! # let (who, role) = (InvitedPerson::new("Okafor-Lee"), Role::new("Medical and dental", "Permanent"));
//! # let email = EmailAddress::parse("amara@hospital.example")?;
//! # let invitation = Invitation::new("westmoor", "invitation-1", who, email, role, expires_at);
//! # let share = Share::new(invitation, now);
//! # let token = TokenDigest::of("the token in the link");
//! store.invite(&share, &token, now).await?;
//!
//! let a_year_later = "2027-03-02T09:00:00Z".parse()?;
//! store.retain(&Retention::default(), a_year_later).await?;
//! assert!(store.invitation("westmoor", &token).await.is_err());
//! assert!(store.check_audit("westmoor", None).await?.is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! A service that asks wallets on behalf of others keeps its requests with the same care:
//!
//! ```
//! use staffpass_share::SealingKeys;
//! use staffpass_store::{KeptRequest, Location, RequestKey, Requests, StoreOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (keys, options) = (SealingKeys::new(1, [7; 32]), StoreOptions::default());
//! let requests: Requests<String> = Requests::open(&Location::SqliteMemory, keys, &options).await?;
//!
//! let forget_at = "2026-03-02T10:00:00Z".parse()?;
//! let kept = KeptRequest { value: "created".to_owned(), forget_at, due_at: None };
//! requests.insert("an id that cannot be guessed", (None, None), &kept).await?;
//!
//! assert_eq!(requests.forget(forget_at).await?, 0); // none is left
//! assert!(requests.get(&RequestKey::Id("an id that cannot be guessed")).await?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! [`SealingKeys`]: staffpass_share::SealingKeys

mod audit;
mod codes;
mod database;
mod error;
mod further;
mod journey;
mod keys;
mod reminders;
mod requests;
mod reseal;
mod retention;
mod review;
mod staff;
mod store;

pub use audit::{AuditFault, AuditHead, Audited};
pub use codes::SendRules;
pub use database::Location;
pub use error::StoreError;
pub use further::FurtherInvitation;
pub use journey::{StoredExchange, StoredRequest};
pub use keys::StoreKeys;
pub use reminders::ReminderRules;
pub use requests::{KeptRequest, RequestKey, Requests};
pub use retention::{Retained, Retention};
pub use store::{Change, Listed, Outcome, Store, StoreOptions, TokenDigest};
