//! One-time codes that confirm an address, HOTP and TOTP, and the limits that make six digits safe.
//!
//! A code that was sent to an email address or a mobile and comes back says that somebody can read
//! what is sent there. **It confirms an address; it authenticates nobody**, and must never log
//! anyone in: email and text messages are not authenticators (NIST SP 800-63B-4), and a person who
//! was tricked reads a code aloud.
//!
//! ```text
//!  add_code       ->  store  ->  send                           SendWindow says how often
//!  count_attempt  ->  store  ->  judge  ->  store  ->  show     5 tries a set, 10 a closing, 100 in all
//! ```
//!
//! - **Codes** are six digits, uniform by rejection. What is kept is an HMAC-SHA-256 under a key that
//!   is not in the store, bound to purpose, channel, address and epoch. At most two are live, each
//!   until its own expiry: 5 minutes, never more than 10. Each is good once.
//! - **Tries** are counted before they are compared, in a step that can be committed by itself. Five
//!   end a set of live codes. Over one channel of one share each tenth closes it for 30 minutes and
//!   the hundredth for good, whatever is sent again. Counts never fall.
//! - **Sends** are limited per address, per share and per network block by a [`SendWindow`] each: 3
//!   in 15 minutes, 6 in 24 hours. It delays and never locks, so nobody can shut a stranger out.
//! - **Time** is an argument; where it goes back, the latest seen counts. **Randomness** is an
//!   argument too. Nothing here is sent, stored or logged, and `Debug` shows no code, address or key.
//!
//! ```
//! use staffpass_otp::{Binding, Channel, Code, CodeKey, Confirmation, KeyedIn, Lifetime, Verdict};
//!
//! let now = "2026-03-02T09:00:00Z".parse().unwrap();
//! let key = CodeKey::new(&[7; 32])?; // from the server's configuration
//! let binding = Binding::new("trust-a/share-1/confirm", Channel::Email, "amara@hospital.example");
//! let mut state = Confirmation::new();
//!
//! let code = Code::generate(&mut rand::rng());
//! state.add_code(&code, &binding, &key, Lifetime::default(), now)?;
//! // Store the state, then send `code.reveal()`.
//!
//! let keyed_in = KeyedIn::parse(code.reveal())?; // "123 456" and "123-456" do as well
//! let attempt = state.count_attempt(now)?;
//! // Store the state: from here on the attempt counts, whatever happens.
//! let verdict = state.judge(attempt, &keyed_in, &binding, &key, now);
//! assert_eq!(verdict, Verdict::Confirmed);
//! # Ok::<(), staffpass_otp::Error>(())
//! ```
//!
//! How often a code may be sent to one address:
//!
//! ```
//! use staffpass_otp::{SendLimits, SendWindow};
//!
//! let now = "2026-03-02T09:00:00Z".parse().unwrap();
//! let (limits, mut address) = (SendLimits::default(), SendWindow::new());
//! for _ in 0..3 {
//!     address.count(&limits, now)?;
//! }
//! assert!(address.check(&limits, now).is_err()); // a quarter of an hour later it may again
//! # Ok::<(), staffpass_otp::Error>(())
//! ```
//!
//! An authenticator app's code, each good once:
//!
//! ```
//! use staffpass_otp::{Algorithm, Digits, Hotp, KeyedIn, LastStep, Totp};
//!
//! let now = "2026-03-02T09:00:00Z".parse().unwrap();
//! let totp = Totp::new(Hotp::new(&[7; 20], Algorithm::Sha1, Digits::Six)?, Totp::DEFAULT_PERIOD)?;
//! let mut last = LastStep::default();
//! let keyed_in = KeyedIn::parse(totp.value(now)?.reveal())?;
//! assert!(totp.accept(&keyed_in, &mut last, now).is_ok());
//! assert!(totp.accept(&keyed_in, &mut last, now).is_err()); // a second time it is not
//! # Ok::<(), staffpass_otp::Error>(())
//! ```

mod binding;
mod code;
mod confirmation;
mod counter;
mod error;
mod hotp;

pub use binding::{Binding, Channel, CodeKey};
pub use code::{Code, Digits, KeyedIn};
pub use confirmation::{Confirmation, CountedAttempt, Lifetime, Verdict};
pub use counter::{
    ChannelCounter, LOCK_MINUTES, SendLimits, SendWindow, TRIES_IN_ALL, TRIES_PER_LOCK,
    TRIES_PER_SET,
};
pub use error::{Error, KeyedInFault, Refusal};
pub use hotp::{Algorithm, Hotp, LastStep, Totp};
