//! The client of Microsoft's Request Service, and the verification of its receipts.
//!
//! ```text
//!  EntraClient::create ─ token, by client credentials ─► login.microsoftonline.com   (kept until it ends)
//!        │
//!        └─ POST createPresentationRequest ─► verifiedid.did.msidentity.com ─► Created
//!
//!  callback ─► Exchange::receive ─► Presented ─► Fetcher::verify_receipt ─► VerifiedResponse
//! ```
//!
//! | answer | what is done |
//! |---|---|
//! | 401 | the token is thrown away, and another is asked for once |
//! | 429, 5xx, no answer | asked again after a pause that doubles, or after `Retry-After`, three times in all |
//! | any other | the service's error, with the member at fault |
//!
//! The rules for addresses, redirects, sizes and times are those of [`Fetcher`](crate::Fetcher). A request that is
//! sent twice makes two at the service: the first is never shown to anybody, and its callbacks have
//! another request id.
//!
//! ```no_run
//! use staffpass_fetch::FetchOptions;
//! use staffpass_fetch::entra::{ClientSecret, EntraClient, EntraOptions};
//! use staffpass_request::entra::{Party, RequestBuilder, RequestedCredential};
//!
//! # async fn example(secret: String, now: chrono::DateTime<chrono::Utc>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let options = EntraOptions::new("tenant.example", "11111111-2222-3333-4444-555555555555");
//! let client = EntraClient::new(&options, &FetchOptions::default(), ClientSecret::new(secret))?;
//!
//! let callback = "https://portal.example/entra/callback";
//! let party = Party::new("did:web:portal.example", "Example Trust", callback)?;
//! let identity = RequestedCredential::new("StaffIdentity", ["did:web:old-trust.example"]);
//! let builder = RequestBuilder::new(&party, [identity]).with_receipt();
//! let (request, mut exchange) = builder.build(now, &mut rand::rng())?;
//! // Store the exchange here: a callback may be quicker than the answer.
//! let created = client.create(&request).await?;
//! exchange.created(&created);
//! println!("{}", created.link());
//! # Ok(())
//! # }
//! ```

mod client;
mod error;
mod options;
mod receipt;
mod reply;
mod token;

pub use client::EntraClient;
pub use error::{EntraError, TokenFault};
pub use options::{ClientSecret, EntraOptions};
pub use receipt::ReceiptError;
