//! The Request Service of Microsoft Entra Verified ID: Microsoft asks the wallet and judges its
//! answer, and this reads what Microsoft says, holds it against what was asked, and against what
//! was checked here.
//!
//! ```text
//!  Party ──┐                      ┌─ CredentialRequest ─► POST createPresentationRequest
//!          ├─► RequestBuilder ────┤                        └─► Created: link, expiry
//!  asked ──┘                      └─ Exchange, kept under the digest of the callback's handle
//!                                       │
//!   callback ─► Exchange::receive ──────┤  api-key, request id, state; accepted once
//!                                       ├─ request_retrieved
//!                                       ├─ presentation_error
//!                                       └─ presentation_verified: answers what was asked?
//!                                            └─ with a receipt: the wallet's own tokens
//!                                                 Receipt::{body, expectation} ─► staffpass-verify
//!                                                 Exchange::confirm: the same, or refused
//! ```
//!
//! What the portal believes on the way:
//!
//! | without a receipt | with a receipt |
//! |---|---|
//! | whoever has the api-key speaks for Microsoft, and Microsoft has verified | signatures, issuers, holder and status are verified here; Microsoft's word must agree |
//!
//! Microsoft's service makes the nonce and tells it to nobody. Even with a receipt it ties the
//! presentations to one another and not to this request: that rests on the api-key, the request id
//! and the state, on the ID token being no older than the request, and on [`NonceDigest`], which a
//! portal keeps so that no receipt is taken twice. Microsoft documents the receipt as something for troubleshooting whose form may
//! change; when it does, a receipt that cannot be read is refused.
//!
//! ```
//! # use chrono::{TimeZone, Utc};
//! use staffpass_request::entra::{Party, RequestBuilder, RequestedCredential};
//!
//! let callback = "https://portal.example/entra/callback";
//! let party = Party::new("did:web:portal.example", "Example Trust", callback)?;
//! let identity = RequestedCredential::new("StaffIdentity", ["did:web:old-trust.example"]);
//! # let now = Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap();
//! let builder = RequestBuilder::new(&party, [identity]).with_receipt();
//! let (request, exchange) = builder.build(now, &mut rand::rng())?;
//!
//! assert!(request.callback().url().starts_with("https://portal.example/entra/callback/"));
//! assert!(exchange.wants_receipt());
//! # Ok::<(), staffpass_request::RequestError>(())
//! ```
//!
//! # In Microsoft's place
//!
//! A service that answers portals as Microsoft's does reads a [`CredentialRequest`], replies with
//! [`Created`] or a [`ServiceError`], holds what it has verified against the request with
//! [`checked_answers`], and calls back with a [`Notice`].
//!
//! FaceCheck: its request and the shape of its answer are read; its receipt is not verified.

mod asked;
mod callback;
mod created;
mod exchange;
mod judge;
mod notice;
mod payload;
mod receipt;
mod service_error;

use std::fmt;

pub use asked::{Constraint, FaceCheck, Matching, RequestedCredential};
pub use callback::{Claimed, PresentationError, Presented, RevocationStatus};
pub use created::Created;
pub use exchange::{CallbackError, Confirmed, Event, Exchange};
pub use judge::{Checked, Difference, checked_answers};
pub use notice::Notice;
pub use payload::{Callback, CredentialRequest, PayloadError, PayloadFault, RequestBuilder};
pub use receipt::{NonceDigest, Receipt};
pub use service_error::{InnerErrorCode, ServiceError, ServiceErrorCode, Target};

use crate::error::Address;
use crate::text::{check_text, is_did};
use crate::{RequestError, Transport};

/// The life of a request, which Microsoft's service fixes (300 s).
pub const LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);

/// Who asks, as Microsoft's service knows it. Made once, used for every request.
#[derive(Clone)]
pub struct Party {
    authority: String,
    client_name: String,
    purpose: Option<String>,
    logo_url: Option<String>,
    terms_of_service_url: Option<String>,
    callback: String,
    transport: Transport,
}

impl Party {
    /// The tenant's verifier DID, the name that the phone shows, and the address at which callbacks
    /// come, to which each request adds a handle of its own.
    ///
    /// # Errors
    /// [`RequestError::MemberValue`] where `authority` is no DID; [`RequestError::TextForm`] for the
    /// name; [`RequestError::AddressForm`], [`RequestError::AddressScheme`] for the callback.
    pub fn new(authority: &str, client_name: &str, callback: &str) -> Result<Self, RequestError> {
        Self::with_transport(authority, client_name, callback, Transport::Https)
    }

    /// The same, with the schemes that `transport` accepts. Microsoft's service calls https alone.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_transport(
        authority: &str,
        client_name: &str,
        callback: &str,
        transport: Transport,
    ) -> Result<Self, RequestError> {
        if !is_did(authority) {
            return Err(RequestError::MemberValue { member: "authority" });
        }
        let url = transport.read(callback, Address::Callback)?;
        if url.query().is_some() {
            return Err(RequestError::AddressForm { address: Address::Callback });
        }
        Ok(Self {
            authority: authority.to_owned(),
            client_name: check_text(client_name, "clientName")?.to_owned(),
            purpose: None,
            logo_url: None,
            terms_of_service_url: None,
            callback: url.as_str().trim_end_matches('/').to_owned(),
            transport,
        })
    }

    /// Says for what the verifier asks, on the phone.
    ///
    /// # Errors
    /// [`RequestError::TextForm`].
    pub fn with_purpose(mut self, purpose: &str) -> Result<Self, RequestError> {
        self.purpose = Some(check_text(purpose, "purpose")?.to_owned());
        Ok(self)
    }

    /// The address of a logo.
    ///
    /// # Errors
    /// [`RequestError::AddressForm`], [`RequestError::AddressScheme`].
    pub fn with_logo_url(mut self, url: &str) -> Result<Self, RequestError> {
        self.logo_url = Some(self.transport.read(url, Address::Logo)?.into());
        Ok(self)
    }

    /// The address of the terms of service.
    ///
    /// # Errors
    /// [`RequestError::AddressForm`], [`RequestError::AddressScheme`].
    pub fn with_terms_of_service_url(mut self, url: &str) -> Result<Self, RequestError> {
        self.terms_of_service_url = Some(self.transport.read(url, Address::Terms)?.into());
        Ok(self)
    }

    /// The verifier's DID.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

/// Prints the verifier alone.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("authority", &self.authority).finish_non_exhaustive()
    }
}
