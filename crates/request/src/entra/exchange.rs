//! The course of one request: which callbacks are taken, and what they change.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use staffpass_jose::base64url;
use staffpass_jose::json::JsonError;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::callback::Body;
use super::judge::{Checked, Difference, agree, answers, positions};
use super::{Created, NonceDigest, PresentationError, Presented, RequestedCredential};
use crate::RequestStatus;
use crate::secret::{HandleDigest, State};

/// How long after the request's end a callback is still taken: the wallet may have answered in the
/// last second, and the service has to judge it first.
const DELIVERY: TimeDelta = TimeDelta::seconds(60);

/// A request to the service and where it stands: to be stored, by the digest of the handle that
/// ends the callback's address.
///
/// ```text
///  created ─ request_retrieved ─► retrieved ─┐
///     └──────────────────────────────────────┴─ presentation_verified ─┬─ no receipt ─► verified
///                      ▲                                               └─ receipt ─ confirm ─► verified
///                      └──────────── refused ◄─ presentation_error, or not what was asked, or not the same
/// ```
///
/// Each method is one step, taken under the store's own lock or compare-and-set.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    authority: String,
    asked: Vec<RequestedCredential>,
    state: State,
    api_key: ApiKeyDigest,
    handle: HandleDigest,
    receipt: bool,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    stage: Stage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<BodyDigest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<Confirmed>,
}

/// What never changes of an exchange.
#[derive(Serialize)]
struct Identity<'a>(
    Option<&'a str>,
    &'a str,
    &'a [RequestedCredential],
    &'a State,
    ApiKeyDigest,
    HandleDigest,
    bool,
    DateTime<Utc>,
);

/// Against what a receipt was verified, and which part each of its credentials answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    expectation: [u8; 32],
    nonce: NonceDigest,
    parts: Vec<Option<String>>,
}

impl Confirmed {
    /// The [digest](crate::Expectation::digest) of the receipt's expectation. The report of the
    /// verified response has the same.
    #[must_use]
    pub const fn expectation_digest(&self) -> &[u8; 32] {
        &self.expectation
    }

    /// The digest of the receipt's nonce, to be kept where it can stand but once.
    #[must_use]
    pub const fn nonce_digest(&self) -> NonceDigest {
        self.nonce
    }

    /// The [part](RequestedCredential::with_part) that the verified credential at this position
    /// answers, in the order in which they were given to [`Exchange::confirm`].
    #[must_use]
    pub fn part(&self, position: usize) -> Option<&str> {
        self.parts.get(position)?.as_deref()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Created,
    Retrieved,
    /// Presented by the service's word, and not yet confirmed.
    Presented,
    Verified,
    Refused,
}

/// What a new exchange is made of.
pub(super) struct Draft {
    pub(super) tenant: Option<String>,
    pub(super) authority: String,
    pub(super) asked: Vec<RequestedCredential>,
    pub(super) state: State,
    pub(super) api_key: ApiKeyDigest,
    pub(super) handle: HandleDigest,
    pub(super) receipt: bool,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// What a callback says, once it has been taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The wallet has fetched the request.
    Retrieved,
    /// The wallet has presented what was asked, by the service's word. Where a receipt was asked for
    /// it counts only when it is [confirmed](Exchange::confirm).
    Presented(Box<Presented>),
    /// The wallet's answer was not accepted. Another may follow while the request lives.
    Failed(PresentationError),
    /// The same callback again: nothing changes, and the service is answered as before.
    Repeated,
}

/// Why a callback is not taken, or what it says not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The api-key is missing, or another: it is not the service that calls. Nothing changes.
    #[error("the api-key is not the request's")]
    ApiKey,
    /// The body cannot be read. Nothing changes.
    #[error("the callback cannot be read")]
    Malformed(#[source] JsonError),
    /// The status is none that is known. Nothing changes.
    #[error("the callback has an unknown status")]
    Status,
    /// The request id is another's, or the request has none yet. Nothing changes.
    #[error("the callback is for another request")]
    RequestId,
    /// The state is another's. Nothing changes.
    #[error("the callback has another state")]
    State,
    /// The time is up. Nothing changes.
    #[error("the request has expired")]
    Expired,
    /// A presentation has been taken: a request is answered once. Nothing changes.
    #[error("the request has been answered")]
    Answered,
    /// No credential answers a part.
    #[error("part {part} is not answered")]
    Unanswered {
        /// Position of the part, from 0.
        part: usize,
    },
    /// A credential answers no part.
    #[error("a credential was not asked for")]
    Unrequested,
    /// A credential is of an issuer that the request does not accept.
    #[error("a credential is of another issuer")]
    Issuer,
    /// A claim is not as a constraint wants it.
    #[error("a claim is not as it was asked for")]
    Constraint,
    /// A credential is revoked, or has a status that is not documented.
    #[error("a credential is revoked")]
    Revoked,
    /// A credential has expired.
    #[error("a credential has expired")]
    CredentialExpired,
    /// The issuer's linked domain has not been verified.
    #[error("the issuer's linked domain has not been verified")]
    LinkedDomain,
    /// The face check is missing or below its threshold.
    #[error("the face check is missing or too low")]
    FaceCheck,
    /// A receipt was asked for and has not come, or has no presentation.
    #[error("the receipt is missing")]
    ReceiptMissing,
    /// Nothing is there to be confirmed.
    #[error("nothing waits for confirmation")]
    NothingToConfirm,
    /// What the service says is not what was verified.
    #[error("the service's word differs from what was verified")]
    Differs(Difference),
}

impl CallbackError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ApiKey => "entra_api_key",
            Self::Malformed(error) => error.code(),
            Self::Status => "entra_status",
            Self::RequestId => "entra_request_id",
            Self::State => "entra_state",
            Self::Expired => "entra_expired",
            Self::Answered => "entra_answered",
            Self::Unanswered { .. } => "entra_unanswered",
            Self::Unrequested => "entra_unrequested",
            Self::Issuer => "entra_issuer",
            Self::Constraint => "entra_constraint",
            Self::Revoked => "entra_revoked",
            Self::CredentialExpired => "entra_credential_expired",
            Self::LinkedDomain => "entra_linked_domain",
            Self::FaceCheck => "entra_face_check",
            Self::ReceiptMissing => "entra_receipt_missing",
            Self::NothingToConfirm => "entra_nothing_to_confirm",
            Self::Differs(Difference::Count) => "entra_differs_count",
            Self::Differs(Difference::Holder) => "entra_differs_holder",
            Self::Differs(Difference::Credential) => "entra_differs_credential",
        }
    }
}

impl Exchange {
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            tenant: draft.tenant,
            authority: draft.authority,
            asked: draft.asked,
            state: draft.state,
            api_key: draft.api_key,
            handle: draft.handle,
            receipt: draft.receipt,
            created_at: draft.created_at,
            expires_at: draft.expires_at,
            request_id: None,
            stage: Stage::Created,
            accepted: None,
            confirmed: None,
        }
    }

    /// The service has made the request. Its end is the service's, but no later than an hour from
    /// the beginning.
    pub fn created(&mut self, created: &Created) {
        let latest = self.created_at + TimeDelta::hours(1);
        self.request_id = Some(created.request_id().to_owned());
        self.expires_at = created.expires_at().clamp(self.created_at, latest);
    }

    /// Takes a callback: its header `api-key`, and its body.
    ///
    /// # Errors
    /// [`CallbackError`]. Until the state has been compared nothing changes, so that whoever has no
    /// api-key cannot end a person's request; a presentation that is not what was asked leaves it
    /// refused.
    pub fn receive(
        &mut self,
        api_key: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Event, CallbackError> {
        self.comes_from_the_service(api_key)?;
        let callback = Body::parse(body).map_err(CallbackError::Malformed)?;
        self.is_for_this_request(&callback)?;
        let digest = BodyDigest::of(body);
        if self.accepted == Some(digest) {
            return Ok(Event::Repeated);
        }
        match callback.status() {
            "request_retrieved" => Ok(self.retrieved()),
            "presentation_error" => self.failed(&callback, now),
            "presentation_verified" => self.presented(callback, digest, now),
            _ => Err(CallbackError::Status),
        }
    }

    /// The receipt has been verified: whether what came of it is what the service says, and what was
    /// asked. Any difference is a refusal.
    ///
    /// # Errors
    /// [`CallbackError::NothingToConfirm`]; [`CallbackError::Differs`];
    /// [`CallbackError::ReceiptMissing`] where the receipt cannot be read; and, of the verified
    /// credentials, what [`receive`](Self::receive) finds wrong with the service's.
    pub fn confirm(
        &mut self,
        presented: &Presented,
        checked: &[Checked<'_>],
    ) -> Result<(), CallbackError> {
        if self.stage != Stage::Presented {
            return Err(CallbackError::NothingToConfirm);
        }
        let confirmed = self.compare(presented, checked).inspect_err(|_| self.refuse())?;
        self.confirmed = Some(confirmed);
        self.stage = Stage::Verified;
        Ok(())
    }

    fn compare(
        &self,
        presented: &Presented,
        checked: &[Checked<'_>],
    ) -> Result<Confirmed, CallbackError> {
        agree(presented, checked).map_err(CallbackError::Differs)?;
        let positions = positions(&self.asked, checked)?;
        let receipt = presented.receipt().ok_or(CallbackError::ReceiptMissing)?;
        let expectation = receipt.expectation(self).map_err(|_| CallbackError::ReceiptMissing)?;
        let nonce = receipt.nonce_digest().map_err(|_| CallbackError::ReceiptMissing)?;
        let part = |position: usize| self.asked.get(position).and_then(RequestedCredential::part);
        let parts = positions.into_iter().map(|position| part(position).map(str::to_owned));
        Ok(Confirmed { expectation: expectation.digest(), nonce, parts: parts.collect() })
    }

    /// What was [confirmed](Self::confirm), once it is.
    #[must_use]
    pub fn confirmed(&self) -> Option<&Confirmed> {
        self.confirmed.as_ref().filter(|_| self.receipt && self.stage == Stage::Verified)
    }

    /// SHA-256 over what never changes: tenant, verifier, what was asked, and the secrets of this
    /// request. The service's answer, the stage and the end are not in it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let identity = Identity(
            self.tenant(),
            &self.authority,
            &self.asked,
            &self.state,
            self.api_key,
            self.handle,
            self.receipt,
            self.created_at,
        );
        // It cannot fail. If it did, the digest would be that of nothing, as of no exchange.
        let json = serde_json::to_value(identity).ok();
        let json = json.and_then(|value| staffpass_jose::json::canonical(&value).ok());
        Sha256::digest(json.unwrap_or_default()).into()
    }

    /// The tenant, where the request was built with one.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The receipt was not accepted. Another answer may follow while the request lives.
    pub fn refuse(&mut self) {
        if self.stage == Stage::Presented {
            self.stage = Stage::Refused;
            self.accepted = None;
        }
    }

    /// Where it stands. A presentation that waits to be confirmed shows as retrieved.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> RequestStatus {
        match self.stage {
            Stage::Verified => RequestStatus::Verified,
            Stage::Refused => RequestStatus::Refused,
            _ if self.is_over(now) => RequestStatus::Expired,
            Stage::Retrieved | Stage::Presented => RequestStatus::Retrieved,
            Stage::Created => RequestStatus::Created,
        }
    }

    /// The verifier's DID, which is the audience of every presentation.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What was asked for.
    #[must_use]
    pub fn requested_credentials(&self) -> &[RequestedCredential] {
        &self.asked
    }

    /// SHA-256 of the handle at the end of the callback's address: the key under which this is
    /// stored.
    #[must_use]
    pub const fn handle_digest(&self) -> &HandleDigest {
        &self.handle
    }

    /// The service's id of the request, once it is made.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Whether a presentation counts only once its receipt has been verified.
    #[must_use]
    pub const fn wants_receipt(&self) -> bool {
        self.receipt
    }

    /// When the request was made.
    #[must_use]
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// From when on the wallet can no longer answer.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// From when on no callback is taken.
    pub(super) fn answerable_until(&self) -> DateTime<Utc> {
        self.expires_at + DELIVERY
    }

    fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.answerable_until()
    }

    /// The digests are compared, in constant time: neither length nor content is betrayed.
    fn comes_from_the_service(&self, api_key: Option<&str>) -> Result<(), CallbackError> {
        let given = ApiKeyDigest::of(api_key.ok_or(CallbackError::ApiKey)?);
        if bool::from(given.0.ct_eq(&self.api_key.0)) { Ok(()) } else { Err(CallbackError::ApiKey) }
    }

    fn is_for_this_request(&self, callback: &Body) -> Result<(), CallbackError> {
        if self.request_id.as_deref() != Some(callback.request_id.as_str()) {
            return Err(CallbackError::RequestId);
        }
        if self.state.matches(&callback.state) { Ok(()) } else { Err(CallbackError::State) }
    }

    /// It gates nothing, and may come after the others.
    fn retrieved(&mut self) -> Event {
        if self.stage == Stage::Created {
            self.stage = Stage::Retrieved;
        }
        Event::Retrieved
    }

    fn failed(&mut self, callback: &Body, now: DateTime<Utc>) -> Result<Event, CallbackError> {
        self.may_be_answered(now)?;
        self.stage = Stage::Refused;
        Ok(Event::Failed(callback.error()))
    }

    fn presented(
        &mut self,
        callback: Body,
        digest: BodyDigest,
        now: DateTime<Utc>,
    ) -> Result<Event, CallbackError> {
        self.may_be_answered(now)?;
        let presented = callback.into_presented();
        let verdict =
            answers(&self.asked, &presented, now).and_then(|()| self.has_receipt(&presented));
        if let Err(error) = verdict {
            self.stage = Stage::Refused;
            return Err(error);
        }
        self.stage = if self.receipt { Stage::Presented } else { Stage::Verified };
        self.accepted = Some(digest);
        Ok(Event::Presented(Box::new(presented)))
    }

    fn may_be_answered(&self, now: DateTime<Utc>) -> Result<(), CallbackError> {
        match self.stage {
            Stage::Presented | Stage::Verified => Err(CallbackError::Answered),
            _ if self.is_over(now) => Err(CallbackError::Expired),
            _ => Ok(()),
        }
    }

    fn has_receipt(&self, presented: &Presented) -> Result<(), CallbackError> {
        let has = presented.receipt().is_some_and(|receipt| !receipt.vp_tokens().is_empty());
        if has || !self.receipt { Ok(()) } else { Err(CallbackError::ReceiptMissing) }
    }
}

/// Prints neither secrets nor what is asked.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("stage", &self.stage)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What the service shows to be believed. It goes into the request and nowhere else.
pub(super) struct ApiKey(Zeroizing<String>);

impl ApiKey {
    pub(super) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(Zeroizing::new(base64url::encode(bytes.as_slice())))
    }

    pub(super) fn digest(&self) -> ApiKeyDigest {
        ApiKeyDigest::of(&self.0)
    }

    pub(super) fn into_string(self) -> String {
        self.0.as_str().to_owned()
    }
}

/// SHA-256 of an api-key.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct ApiKeyDigest([u8; 32]);

impl ApiKeyDigest {
    fn of(api_key: &str) -> Self {
        Self(Sha256::digest(api_key).into())
    }
}

/// SHA-256 of a callback's body.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct BodyDigest([u8; 32]);

impl BodyDigest {
    fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }
}
