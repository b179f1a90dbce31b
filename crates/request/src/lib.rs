//! Asks: builds a presentation request in the wallet's protocol, and remembers exactly what it
//! asked.
//!
//! ```text
//!  Party ──┐                       ┌─ link ─────────► QR code: where the object is, nothing else
//!          ├─► RequestBuilder      │
//!  asked ──┘       │ build(now, rng)
//!                  ▼               ├─ object ───────► served to the wallet, the same each time
//!           UnsignedRequest ─ sign ┤
//!                                  └─ Expectation ──► kept under the digest of the handle, which is
//!                                                     the end of the address where the answer comes
//! ```
//!
//! - [`microsoft`]: the JWT VC Presentation Profile, as Microsoft Authenticator speaks it, and a
//!   [doctor](microsoft::doctor) for what a verifier publishes;
//! - [`openid4vp`]: OpenID4VP 1.0, with DCQL, a signed request object by reference, `direct_post`
//!   and `direct_post.jwt`; and HAIP 1.0 as a profile of it;
//! - [`openid4vp_draft`]: what OpenID4VP was before 1.0, with Presentation Exchange; asked, not read;
//! - [`entra`]: the Request Service of Microsoft Entra Verified ID, where Microsoft asks and calls
//!   back.
//!
//! Each protocol is a module, and its quirks stay in it. What they have in common:
//!
//! - **An address for each request.** The response address ends in a [`Handle`]. It names the
//!   request when the answer comes, so nothing in the answer chooses how the answer is judged.
//! - **Nonce and state are made here**, from the caller's generator, and nobody else chooses them.
//! - **The [`Expectation`] is the record**: protocol, mode, client identifier, nonce, state, query,
//!   life. `staffpass-verify` judges an answer against it and nothing else.
//! - **What a wallet would misread is refused when it is built**, with a code that stays.
//!
//! No I/O, no clock, no randomness of its own: time and generator are arguments. Signing is in two
//! steps ([`UnsignedRequest::signing_input`], [`UnsignedRequest::with_signature`]) where the key is
//! in a KMS.
//!
//! ```
//! # use chrono::{TimeZone, Utc};
//! use staffpass_jose::Algorithm;
//! use staffpass_jose_aws_lc::SigningKey;
//! use staffpass_request::{Endpoints, Handle, RequestedCredential, microsoft};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let base = "https://portal.example";
//! let endpoints = Endpoints::new(&format!("{base}/request"), &format!("{base}/response"))?;
//! let kid = "did:web:portal.example#key-1";
//! let party = microsoft::Party::new(kid, Algorithm::Es256, "Example Trust", endpoints)?;
//!
//! let identity = RequestedCredential::new("identity", "StaffIdentity")
//!     .with_issuers(["did:web:old-trust.example"])
//!     .with_claims(["family_name"]);
//! # let now = Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap();
//! let builder = microsoft::RequestBuilder::new(&party, [identity]);
//! let request = builder.build(now, &mut rand::rng())?.sign(&key)?;
//!
//! assert!(request.link().starts_with("openid-vc://?request_uri=https%3A%2F%2Fportal.example"));
//! let called = request.response_uri().rsplit('/').next().unwrap_or_default();
//! let handle = Handle::parse(called)?;
//! assert_eq!(request.expectation().handle_digest(), Some(&handle.digest()));
//! # Ok(())
//! # }
//! ```
//!
//! # Asking other wallets
//!
//! ```
//! # use chrono::{TimeZone, Utc};
//! use staffpass_jose::{Algorithm, Signer};
//! use staffpass_jose_aws_lc::SigningKey;
//! use staffpass_request::{Endpoints, Link, RequestedCredential, openid4vp};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap();
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a")?;
//! let party = openid4vp::Party::new("did:web:portal.example#key-1", Algorithm::Es256, endpoints)?;
//! let identity = RequestedCredential::new("identity", "StaffIdentity").with_claims(["family_name"]);
//! let request =
//!     openid4vp::RequestBuilder::new(&party, [identity])?.build(now, &mut rand::rng())?.sign(&key)?;
//!
//! // A wallet reads the link, fetches the object, and believes it once its signature verifies.
//! let link = Link::parse(request.link())?;
//! assert_eq!(link.request_uri(), request.request_uri());
//! let object = link.read_object(request.object().as_str())?;
//! assert!(object.verify(key.verification_key()).is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! What a wallet would misread is refused when the party is made:
//!
//! ```
//! use staffpass_jose::Algorithm;
//! use staffpass_request::{Endpoints, microsoft};
//!
//! let endpoints = Endpoints::new("https://portal.example/q", "https://elsewhere.example/a");
//! let party = endpoints.and_then(|endpoints| {
//!     let kid = "did:web:portal.example#key-1";
//!     microsoft::Party::new(kid, Algorithm::Es256, "Example Trust", endpoints)
//! });
//! assert!(party.is_err()); // request, answer and did:web are of one origin
//! ```
//!
//! # Reading a request
//!
//! A wallet reads a [`Link`], fetches what it points to, and reads that by [`Link::read_object`].
//! What comes out is an [`UnverifiedRequestObject`]: its claims are believed only by
//! [`verify`](UnverifiedRequestObject::verify), with the key to which
//! [`client_key`](UnverifiedRequestObject::client_key) leads.
//!
//! # After it is sent
//!
//! [`Progress`] is the course of one request: fetched, answered once, refused five times at most,
//! expired. On the same device the wallet carries a [`ResponseCode`] back to a [`ReturnAddress`].
//!
//! # Features
//!
//! `qr`: the [`qr`] module draws a link as SVG, PNG or blocks for a terminal.
//!
//! # What it does not do
//!
//! OpenID4VP: the prefixes `verifier_attestation` and `openid_federation`, the Digital Credentials
//! API, encrypted request objects, formats other than `jwt_vc_json` and `dc+sd-jwt`. Each is refused
//! by name where it is read or built.

mod address;
mod asked;
mod certificate;
mod client;
pub mod entra;
mod error;
mod expectation;
mod link;
pub mod microsoft;
mod object;
pub mod openid4vp;
pub mod openid4vp_draft;
mod progress;
mod protocol;
#[cfg(feature = "qr")]
pub mod qr;
mod reply;
mod request;
mod secret;
mod text;

pub use address::{Endpoints, Transport};
pub use asked::RequestedCredential;
pub use client::ClientKey;
pub use error::{Address, RequestError};
pub use expectation::{Expectation, ExpectationBuilder};
pub use link::{Link, RequestUriMethod};
pub use object::{
    AuthorizationRequest, RequestObject, UnsignedRequestObject, UnverifiedRequestObject,
};
pub use progress::{MAX_ANSWERS, NotTaken, Progress, RequestStatus};
pub use protocol::{Profile, Protocol, ResponseMode};
pub use reply::ReturnAddress;
pub use request::{ByValueRequest, DEFAULT_LIFETIME, MAX_LIFETIME, Request, UnsignedRequest};
pub use secret::{
    Handle, HandleDigest, Nonce, RequestId, RequestIdDigest, ResponseCode, ResponseCodeDigest,
    State,
};
