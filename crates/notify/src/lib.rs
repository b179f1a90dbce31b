//! Carries a code or a message to a person: GOV.UK Notify, SMTP, an outbox of files, memory.
//!
//! ```text
//!  address::email, NumberRules::mobile ─► Recipient ─► Message ─► Notifier::send
//!                                                                   ├─ GovUkNotify   email, SMS
//!                                                                   ├─ Smtp          email
//!                                                                   ├─ outbox        files, email and SMS
//!                                                                   └─ memory        for tests
//! ```
//!
//! - **Addresses** are judged here: an email address by RFC 5321, a mobile number by the numbering
//!   plan of its region and its type, not by a prefix.
//! - **Messages** have a text of their own for email and text message. GOV.UK Notify keeps the texts
//!   itself, and is given the values only.
//! - **Sent** means taken by the service. Store what a code is judged by before it is sent, and count
//!   the sending before too (`staffpass-store` does).
//! - No address and no code is in an error or in `Debug`.
//!
//! ```
//! use staffpass_notify::{Message, Notifier, NumberRules, Recipient, address};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (notifier, memory) = Notifier::memory();
//! let numbers = NumberRules::default().with_test_numbers();
//!
//! let to = numbers.mobile("07700 900123")?;
//! assert_eq!(to, Recipient::Mobile("+447700900123".into()));
//! let message = Message::code(to, "Westmoor", "042917", 5).with_origin("portal.example");
//! notifier.send(&message).await?;
//!
//! assert!(memory.messages()[0].text().starts_with("042917 is your security code for Westmoor."));
//! assert!(address::email("amara@hospital").is_err());
//! # Ok(())
//! # }
//! ```
//!
//! An outbox of files, for trying things out without an account anywhere:
//!
//! ```
//! use staffpass_notify::{Message, Notifier, address};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let outbox = std::env::temp_dir().join(format!("staffpass-doc-outbox-{}", std::process::id()));
//! let notifier = Notifier::outbox(&outbox)?;
//! let to = address::email("amara@hospital.example")?;
//! notifier.send(&Message::code(to, "Westmoor", "042917", 5)).await?;
//! assert_eq!(std::fs::read_dir(&outbox)?.count(), 1);
//! # std::fs::remove_dir_all(outbox)?;
//! # Ok(())
//! # }
//! ```
//!
//! Numbers are judged by the numbering plan, and which regions get text messages is the trust's to say:
//!
//! ```
//! use staffpass_notify::NumberRules;
//!
//! let numbers = NumberRules::default();
//! assert!(numbers.mobile("020 7946 0123").is_err()); // no mobile
//! assert!(numbers.mobile("07700 900123").is_err()); // fictional, and not allowed unless it is said
//! assert!(numbers.with_test_numbers().mobile("07700 900123").is_ok());
//! ```

pub mod address;
mod error;
mod gov_uk_notify;
mod message;
mod notifier;
mod outbox;
mod smtp;

pub use address::{AddressFault, NumberRules};
pub use error::NotifyError;
pub use gov_uk_notify::GovUkNotify;
pub use message::{Channel, Kind, Message, Recipient};
pub use notifier::{Memory, Notifier};
pub use smtp::{Smtp, SmtpOptions};
