//! The request as it is sent to the service, built and read.

use std::fmt;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use staffpass_jose::json;
use staffpass_jose::json::JsonError;

use super::exchange::{ApiKey, Draft};
use super::{Exchange, LIFETIME, Party, RequestedCredential, Target};
use crate::error::Address;
use crate::secret::{Handle, State};
use crate::{RequestError, Transport};

/// The most credentials that one request asks for.
const MAX_CREDENTIALS: usize = 16;

/// The largest request that is read, in bytes.
const MAX_BYTES: usize = 128 * 1024;

/// The body of `createPresentationRequest`. It holds the api-key: send it, and keep the
/// [`Exchange`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRequest {
    #[serde(default)]
    authority: String,
    #[serde(default, rename = "includeQRCode")]
    include_qr_code: bool,
    #[serde(default)]
    include_receipt: bool,
    #[serde(default)]
    registration: Registration,
    #[serde(default)]
    callback: Callback,
    #[serde(default)]
    requested_credentials: Vec<RequestedCredential>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    #[serde(default)]
    client_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logo_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms_of_service_url: Option<String>,
}

/// Where and how the service calls back.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Callback {
    #[serde(default)]
    url: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    headers: Headers,
}

/// The two that the service sends.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Headers {
    #[serde(default, rename = "api-key", skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    #[serde(default, rename = "Authorization", skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
}

impl Callback {
    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What comes back in each callback.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The header `api-key`, where there is one.
    #[must_use]
    pub fn api_key(&self) -> Option<&str> {
        self.headers.api_key.as_deref()
    }

    /// The header `Authorization`, where there is one.
    #[must_use]
    pub fn authorization(&self) -> Option<&str> {
        self.headers.authorization.as_deref()
    }
}

/// Prints neither address nor secrets.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback(..)")
    }
}

/// Builds a request.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBuilder<'p> {
    party: &'p Party,
    credentials: Vec<RequestedCredential>,
    tenant: Option<String>,
    qr_code: bool,
    receipt: bool,
}

impl<'p> RequestBuilder<'p> {
    /// A request for these credentials, all of which must be presented.
    pub fn new(
        party: &'p Party,
        credentials: impl IntoIterator<Item = RequestedCredential>,
    ) -> Self {
        let credentials = credentials.into_iter().collect();
        Self { party, credentials, tenant: None, qr_code: false, receipt: false }
    }

    /// Whose request it is, where one portal serves several tenants. The service is not told.
    pub fn tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.to_owned());
        self
    }

    /// The service is to draw the QR code.
    pub const fn with_qr_code(mut self) -> Self {
        self.qr_code = true;
        self
    }

    /// The service is to pass on the wallet's own tokens, so that they can be verified here. Not
    /// with a face check, which the service refuses to combine.
    pub const fn with_receipt(mut self) -> Self {
        self.receipt = true;
        self
    }

    /// Builds it, with a handle, a state and an api-key of its own.
    ///
    /// # Errors
    /// [`RequestError::NoAcceptedIssuer`] for a credential of any issuer;
    /// [`RequestError::MemberMissing`], [`RequestError::MemberValue`], [`RequestError::TextForm`]
    /// for what the service refuses, for a type or part that is asked for twice, and for a life beyond the calendar; [`RequestError::MemberForbidden`] for a receipt
    /// with a face check.
    pub fn build(
        self,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<(CredentialRequest, Exchange), RequestError> {
        check_asked(&self.credentials, self.receipt)?;
        let (handle, state) = (Handle::generate(rng), State::generate(rng));
        let api_key = ApiKey::generate(rng);
        let expires_at = now + chrono::TimeDelta::from_std(LIFETIME).unwrap_or_default();
        let exchange = Exchange::new(Draft {
            tenant: self.tenant.clone(),
            authority: self.party.authority.clone(),
            asked: self.credentials.clone(),
            state: state.clone(),
            api_key: api_key.digest(),
            handle: handle.digest(),
            receipt: self.receipt,
            created_at: now,
            expires_at,
        });
        let url = format!("{}/{}", self.party.callback, handle.as_str());
        let headers = Headers { api_key: Some(api_key.into_string()), authorization: None };
        let callback = Callback { url, state: state.as_str().to_owned(), headers };
        Ok((self.request(callback), exchange))
    }

    fn request(self, callback: Callback) -> CredentialRequest {
        let party = self.party;
        CredentialRequest {
            authority: party.authority.clone(),
            include_qr_code: self.qr_code,
            include_receipt: self.receipt,
            registration: Registration {
                client_name: party.client_name.clone(),
                purpose: party.purpose.clone(),
                logo_url: party.logo_url.clone(),
                terms_of_service_url: party.terms_of_service_url.clone(),
            },
            callback,
            requested_credentials: without_parts(self.credentials),
        }
    }
}

fn without_parts(credentials: Vec<RequestedCredential>) -> Vec<RequestedCredential> {
    credentials.into_iter().map(RequestedCredential::without_part).collect()
}

fn check_asked(credentials: &[RequestedCredential], receipt: bool) -> Result<(), RequestError> {
    if credentials.is_empty() {
        return Err(RequestError::MemberMissing { member: "requestedCredentials" });
    }
    if credentials.len() > MAX_CREDENTIALS {
        return Err(RequestError::MemberValue { member: "requestedCredentials" });
    }
    for (part, credential) in credentials.iter().enumerate() {
        credential.check(part)?;
        let mut before = credentials.iter().take(part);
        if before.clone().any(|other| other.r#type() == credential.r#type()) {
            return Err(RequestError::MemberValue { member: "type" });
        }
        if credential.part().is_some() && before.any(|other| other.part() == credential.part()) {
            return Err(RequestError::MemberValue { member: "part" });
        }
    }
    if receipt && credentials.iter().any(|credential| credential.face_check().is_some()) {
        return Err(RequestError::MemberForbidden { member: "includeReceipt" });
    }
    Ok(())
}

/// Why a request that came is not one that can be answered: for a service that answers as
/// Microsoft's does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The body is not JSON that can be read, or a member has another type.
    #[error("the request cannot be read")]
    Malformed(#[source] JsonError),
    /// A member is at fault.
    #[error("{target} is missing or not as it must be")]
    Field {
        /// Which.
        target: Target,
        /// What is wrong with it.
        fault: PayloadFault,
    },
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadFault {
    /// It is not there, or empty.
    Missing,
    /// It has another form or value than it may.
    Value,
}

impl PayloadError {
    /// A member has not the value that it may: for what a service cannot do. `path` names members,
    /// positions and dots.
    #[must_use]
    pub fn value(path: &'static str) -> Self {
        field(path, PayloadFault::Value)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "entra_payload_malformed",
            Self::Field { fault: PayloadFault::Missing, .. } => "entra_payload_missing",
            Self::Field { fault: PayloadFault::Value, .. } => "entra_payload_value",
        }
    }

    /// The member at fault, where one is.
    #[must_use]
    pub const fn target(&self) -> Option<&Target> {
        match self {
            Self::Field { target, .. } => Some(target),
            Self::Malformed(_) => None,
        }
    }
}

impl CredentialRequest {
    /// Reads a request that somebody sent, as strictly as Microsoft documents it and more: an empty
    /// list of issuers is refused.
    ///
    /// # Errors
    /// [`PayloadError`].
    pub fn parse(body: &[u8], transport: Transport) -> Result<Self, PayloadError> {
        let mut limits = json::Limits::default();
        limits.max_bytes = MAX_BYTES;
        let mut request: Self = json::parse(body, &limits).map_err(PayloadError::Malformed)?;
        request.requested_credentials = without_parts(request.requested_credentials);
        request.check(transport)?;
        Ok(request)
    }

    fn check(&self, transport: Transport) -> Result<(), PayloadError> {
        present(&self.authority, "authority")?;
        present(&self.registration.client_name, "registration.clientName")?;
        present(&self.callback.url, "callback.url")?;
        if transport.read(&self.callback.url, Address::Callback).is_err() {
            return Err(field("callback.url", PayloadFault::Value));
        }
        present(&self.callback.state, "callback.state")?;
        let headers = [&self.callback.headers.api_key, &self.callback.headers.authorization];
        let printable = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !headers.into_iter().flatten().all(|header| printable(header)) {
            return Err(field("callback.headers", PayloadFault::Value));
        }
        check_asked(&self.requested_credentials, self.include_receipt).map_err(of_asked)
    }

    /// The body, to be posted as `application/json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, lists and truth values: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The verifier's DID.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether the answer is to have a QR code.
    #[must_use]
    pub const fn wants_qr_code(&self) -> bool {
        self.include_qr_code
    }

    /// Whether the last callback is to have the wallet's own tokens.
    #[must_use]
    pub const fn wants_receipt(&self) -> bool {
        self.include_receipt
    }

    /// The name that the phone shows.
    #[must_use]
    pub fn client_name(&self) -> &str {
        &self.registration.client_name
    }

    /// What it is asked for, as the phone shows it.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.registration.purpose.as_deref()
    }

    /// The address of a logo, where there is one. Not checked.
    #[must_use]
    pub fn logo_url(&self) -> Option<&str> {
        self.registration.logo_url.as_deref()
    }

    /// The address of the terms of service, where there are any. Not checked.
    #[must_use]
    pub fn terms_of_service_url(&self) -> Option<&str> {
        self.registration.terms_of_service_url.as_deref()
    }

    /// Where and how the service calls back.
    #[must_use]
    pub const fn callback(&self) -> &Callback {
        &self.callback
    }

    /// What is asked for.
    #[must_use]
    pub fn requested_credentials(&self) -> &[RequestedCredential] {
        &self.requested_credentials
    }
}

fn present(text: &str, path: &'static str) -> Result<(), PayloadError> {
    if text.is_empty() { Err(field(path, PayloadFault::Missing)) } else { Ok(()) }
}

fn field(path: &'static str, fault: PayloadFault) -> PayloadError {
    PayloadError::Field { target: Target::of(path), fault }
}

/// In the service's words.
fn of_asked(error: RequestError) -> PayloadError {
    match error {
        RequestError::NoAcceptedIssuer { .. } => {
            field("requestedCredentials.acceptedIssuers", PayloadFault::Missing)
        }
        RequestError::MemberMissing { member: "type" } => {
            field("requestedCredentials.type", PayloadFault::Missing)
        }
        RequestError::MemberMissing { .. } => field("requestedCredentials", PayloadFault::Missing),
        RequestError::MemberForbidden { .. } => field("includeReceipt", PayloadFault::Value),
        RequestError::MemberValue { member: "type" } => {
            field("requestedCredentials.type", PayloadFault::Value)
        }
        RequestError::MemberValue { member: "acceptedIssuers" } => {
            field("requestedCredentials.acceptedIssuers", PayloadFault::Value)
        }
        RequestError::MemberValue { member: "constraints" } => {
            field("requestedCredentials.constraints", PayloadFault::Value)
        }
        RequestError::MemberValue { member: "faceCheck" } => {
            field("requestedCredentials.configuration.validation.faceCheck", PayloadFault::Value)
        }
        _ => field("requestedCredentials", PayloadFault::Value),
    }
}

/// Prints the verifier and what is asked for.
impl fmt::Debug for CredentialRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialRequest")
            .field("authority", &self.authority)
            .field("requested_credentials", &self.requested_credentials)
            .finish_non_exhaustive()
    }
}
