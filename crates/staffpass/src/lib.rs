//! Verifiable-credential libraries for sharing staff credentials between hospital trusts: the front
//! door.
//!
//! Every crate of staffpass is a module here. Those that verification needs are always there; each
//! other one comes with a feature of its name, and features only add.
//!
//! ```text
//!  portal                        staffpass                               outside
//!  ──────                        ─────────                               ───────
//!  invite (person, role)     ->  share                                -> store
//!  select {employment, …}    ->  disclosure    identity is in it
//!  connect                   ->  request       link, object, expectation
//!                                                                     -> QR code
//!                                                                     <- wallet: GET the object
//!                                                                     <- wallet: POST the response
//!  receive                   ->  verify        did, jose, query,
//!                                              status; Needs(sources) -> fetch
//!                                              Done(verdict, report)
//!  send a code, check it     ->  otp                                  -> email, text message
//!  confirm the role          ->  share         VerifiedShare          -> recruitment team
//! ```
//!
//! | module | what it does | feature |
//! |---|---|---|
//! | [`verify`] | believes only what checks out, under a trust policy, with a report of every check | |
//! | [`request`] | asks, in the wallet's protocol, and remembers exactly what it asked | |
//! | [`query`] | what is asked for, and whether given claims answer it | |
//! | [`status`] | lists that say what was revoked | |
//! | [`did`] | identifiers and their documents | |
//! | [`sd_jwt`] | claims that are disclosed one by one | |
//! | [`x509`] | a key tied to a name by certificates | |
//! | [`jose`] | signed and encrypted JSON, parsed strictly; the joint for a crypto provider | |
//! | [`json`] | JSON that means one thing, read and written | |
//! | [`aws_lc`] | the provider on aws-lc-rs and libsecp256k1 | `aws-lc`, on by default |
//! | `josekit` | the provider on josekit and OpenSSL | `josekit`, `josekit-vendored` |
//! | [`credentials`] | what a staff credential says | `credentials`, on by default |
//! | [`disclosure`] | the chosen set, and the wallet's side | `disclosure`, on by default |
//! | [`issue`] | signed credentials and status lists | `issue`, on by default |
//! | [`otp`] | one-time codes that confirm an address | `otp`, on by default |
//! | [`share`] | one share, start to finish | `share`, on by default |
//! | `fetch` | brings evidence over HTTPS (tokio and reqwest) | `fetch` |
//! | `fetch::entra` | a client of Microsoft's Request Service | `entra` |
//! | `notify` | messages to people: GOV.UK Notify, SMTP, files | `notify` |
//! | `store` | shares in a database | `sqlite`, `postgres` |
//!
//! Only `fetch`, `notify` and `store` do I/O. Everywhere else bytes go in and values come out; time and randomness are
//! arguments.
//!
//! # Verifying a presentation
//!
//! ```
//! use std::sync::Arc;
//!
//! use chrono::{DateTime, Utc};
//! use staffpass::aws_lc::AwsLc;
//! use staffpass::request::Expectation;
//! use staffpass::verify::policy::TrustPolicy;
//! use staffpass::verify::{Evidence, Fetched, Rejection, Source, Step, VerifiedResponse, Verifier};
//!
//! const POLICY: &str = r#"
//!     [[issuer]]
//!     id = "did:web:old-trust.example"
//!     may_assert = ["StaffIdentity", "StaffEmployment"]
//! "#;
//!
//! /// `expectation` was kept when the request was made; `body` is the wallet's POST as it came.
//! fn verify(
//!     expectation: &Expectation,
//!     body: &[u8],
//!     fetch: impl Fn(&Source) -> Option<Vec<u8>>,
//!     now: DateTime<Utc>,
//! ) -> Result<VerifiedResponse, Rejection> {
//!     let policy = TrustPolicy::from_toml(POLICY).expect("is checked by a test");
//!     let mut evidence = Evidence::new(Arc::new(AwsLc));
//!     let mut verification = Verifier::new(policy, Arc::new(AwsLc)).receive(expectation, body);
//!     loop {
//!         match verification.step(&evidence, now) {
//!             Step::Done(verdict) => return *verdict, // either way with a report of every check
//!             Step::Needs(sources) => sources.into_iter().for_each(|source| {
//!                 let document = fetch(&source); // a DID document, a status list
//!                 let fetched = document.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
//!                 evidence.insert(source, fetched, now);
//!             }),
//!         }
//!     }
//! }
//! ```
//!
//! # Asking
//!
//! ```
//! use staffpass::jose::Algorithm;
//! use staffpass::request::{Endpoints, RequestedCredential, openid4vp};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let base = "https://portal.example";
//! let endpoints = Endpoints::new(&format!("{base}/request"), &format!("{base}/response"))?;
//! let key_id = "did:web:portal.example#key-1";
//! let party = openid4vp::Party::new(key_id, Algorithm::Es256, endpoints)?;
//!
//! let identity = RequestedCredential::new("identity", "StaffIdentity");
//! let now = "2026-03-02T09:00:00Z".parse()?; // your clock
//! let unsigned = openid4vp::RequestBuilder::new(&party, [identity])?.build(now, &mut rand::rng())?;
//! // Signed by a `SigningKey` here, or in an HSM: `unsigned.signing_input()`, `with_signature`.
//! # let key = staffpass::aws_lc::SigningKey::generate(Algorithm::Es256)?;
//! let request = unsigned.sign(&key)?;
//! assert!(request.link().starts_with("openid4vp://?"));
//! # Ok(())
//! # }
//! ```
//!
//! # Confirming an address
//!
//! ```
//! use staffpass::otp::{Binding, Channel, Code, CodeKey, Confirmation, KeyedIn, Lifetime, Verdict};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (now, key) = ("2026-03-02T09:00:00Z".parse()?, CodeKey::new(&[7; 32])?); // your clock, your key
//! let binding = Binding::new("share-1", Channel::Email, "amara@hospital.example");
//! let mut confirmation = Confirmation::new();
//! let code = Code::generate(&mut rand::rng());
//! confirmation.add_code(&code, &binding, &key, Lifetime::default(), now)?;
//!
//! let keyed_in = KeyedIn::parse(code.reveal())?;
//! assert_eq!(confirmation.attempt(&keyed_in, &binding, &key, now), Verdict::Confirmed);
//! # Ok(())
//! # }
//! ```
//!
//! # The guide
//!
//! [`guide`] has a page for each thing that people set out to do: a portal in an hour, one crate alone, your own database
//! or HSM, the trust policy, Microsoft Authenticator, moving from other software, several machines, a reviewer's tour.
//!
//! This is independent software, and no service of the NHS.

#[cfg(feature = "default")]
pub mod guide;

#[cfg(feature = "credentials")]
pub use staffpass_credentials as credentials;
#[cfg(feature = "disclosure")]
pub use staffpass_disclosure as disclosure;
#[cfg(feature = "fetch")]
pub use staffpass_fetch as fetch;
#[cfg(feature = "issue")]
pub use staffpass_issue as issue;
#[cfg(feature = "aws-lc")]
pub use staffpass_jose_aws_lc as aws_lc;
#[cfg(feature = "josekit")]
pub use staffpass_jose_josekit as josekit;
#[cfg(feature = "notify")]
pub use staffpass_notify as notify;
#[cfg(feature = "otp")]
pub use staffpass_otp as otp;
#[cfg(feature = "share")]
pub use staffpass_share as share;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use staffpass_store as store;
pub use {
    staffpass_did as did, staffpass_jose as jose, staffpass_json as json, staffpass_query as query,
    staffpass_request as request, staffpass_sd_jwt as sd_jwt, staffpass_status as status,
    staffpass_verify as verify, staffpass_x509 as x509,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
