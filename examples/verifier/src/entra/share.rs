//! What a request has beside the others where it was made in Entra's words: what was asked in them,
//! and the callbacks that are still to be sent.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass::fetch::FetchError;
use staffpass::request::entra::{
    CallbackError, Checked, Claimed, CredentialRequest, Notice, PresentationError, Receipt,
    checked_answers,
};
use staffpass::verify::policy::{CredentialFormat, TrustPolicy};
use staffpass::verify::{CredentialStatus, VerifiedCredential, VerifiedResponse};

/// How often one callback is tried: for four minutes or so.
const MAX_ATTEMPTS: u32 = 10;

/// The pause after the first attempt; it doubles up to the longest, and up to half as much comes on top
/// at random.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// For how long an attempt that is under way keeps others from being made: longer than it can take. Where
/// the program ends meanwhile, the callback is sent again after that.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The members of an SD-JWT VC that say nothing of a person.
const TOKENS_OWN: [&str; 10] =
    ["iss", "iat", "nbf", "exp", "sub", "jti", "vct", "vct#integrity", "cnf", "status"];

/// A verified credential, as the portal calls it.
struct Words<'c> {
    credential: &'c VerifiedCredential,
    types: Vec<String>,
    subject: Cow<'c, Map<String, Value>>,
}

impl Words<'_> {
    fn checked(&self) -> Checked<'_> {
        let credential = self.credential;
        Checked::new(credential.issuer(), &self.types, &self.subject, credential.holder())
    }
}

/// One request in Entra's words.
#[derive(Serialize, Deserialize)]
pub(crate) struct Share {
    request: CredentialRequest,
    request_id: String,
    /// What the portal calls the types of SD-JWT VCs.
    #[serde(default)]
    types_by_vct: BTreeMap<String, String>,
    retrieved: bool,
    /// In the order in which they are sent.
    pending: VecDeque<Pending>,
}

#[derive(Serialize, Deserialize)]
struct Pending {
    json: String,
    attempts: u32,
    due_at: DateTime<Utc>,
}

/// A callback that is under way.
pub(crate) struct Sending {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) json: String,
}

impl Share {
    pub(crate) const fn new(
        request: CredentialRequest,
        request_id: String,
        types_by_vct: BTreeMap<String, String>,
    ) -> Self {
        Self { request, request_id, types_by_vct, retrieved: false, pending: VecDeque::new() }
    }

    /// A wallet has fetched the object: said once.
    pub(crate) fn fetched(&mut self, now: DateTime<Utc>) {
        if !self.retrieved {
            self.retrieved = true;
            let json = Notice::retrieved(&self.request, &self.request_id).to_json();
            self.push(json, now);
        }
    }

    /// Whether what was verified is what was asked in Entra's words, constraints and all.
    pub(crate) fn is_answered_by(&self, response: &VerifiedResponse) -> Result<(), CallbackError> {
        let words: Vec<_> = response.credentials().iter().map(|c| self.words(c)).collect();
        let checked: Vec<_> = words.iter().map(Words::checked).collect();
        checked_answers(self.request.requested_credentials(), &checked)
    }

    /// An SD-JWT VC under the name that the portal knows, with the claims that are somebody's: the
    /// token's own (RFC 9901 §4.1, SD-JWT VC §3.2.2) are not.
    fn words<'c>(&self, credential: &'c VerifiedCredential) -> Words<'c> {
        if credential.format() != CredentialFormat::SdJwtVc {
            let types = credential.types().to_vec();
            return Words { credential, types, subject: Cow::Borrowed(credential.subject()) };
        }
        let named = credential.types().iter().filter_map(|vct| self.types_by_vct.get(vct));
        let types = ["VerifiableCredential".to_owned()].into_iter().chain(named.cloned());
        let is_own = |name: &String| TOKENS_OWN.contains(&name.as_str());
        let claims = credential.subject().iter().filter(|(name, _)| !is_own(name));
        let subject = claims.map(|(name, value)| (name.clone(), value.clone())).collect();
        Words { credential, types: types.collect(), subject: Cow::Owned(subject) }
    }

    pub(crate) fn accepted(
        &mut self,
        response: &VerifiedResponse,
        policy: &TrustPolicy,
        form: &[u8],
        now: DateTime<Utc>,
    ) {
        let credentials: Vec<_> =
            response.credentials().iter().map(|c| claimed(&self.words(c), policy)).collect();
        let subject = response.credentials().iter().find_map(VerifiedCredential::holder);
        let receipt = if self.request.wants_receipt() { Receipt::of_answer(form) } else { None };
        let (request, id) = (&self.request, &self.request_id);
        let notice = Notice::verified(request, id, subject, &credentials, receipt.as_ref());
        let json = notice.to_json();
        self.push(json, now);
    }

    pub(crate) fn refused(&mut self, error: PresentationError, now: DateTime<Utc>) {
        let json = Notice::failed(&self.request, &self.request_id, error).to_json();
        self.push(json, now);
    }

    fn push(&mut self, json: String, now: DateTime<Utc>) {
        self.pending.push_back(Pending { json, attempts: 0, due_at: now });
    }

    /// When the next callback is to be sent.
    pub(crate) fn due_at(&self) -> Option<DateTime<Utc>> {
        self.pending.front().map(|pending| pending.due_at)
    }

    /// The next callback, if it is due. Nobody else sends it until the lease is over.
    pub(crate) fn lease(&mut self, now: DateTime<Utc>) -> Option<Sending> {
        let pending = self.pending.front_mut().filter(|pending| pending.due_at <= now)?;
        pending.due_at = now + LEASE;
        let callback = self.request.callback();
        let named = [("api-key", callback.api_key()), ("Authorization", callback.authorization())];
        let headers = named.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned())));
        Some(Sending {
            url: callback.url().to_owned(),
            headers: headers.collect(),
            json: pending.json.clone(),
        })
    }

    /// What became of the callback that was leased; returns whether it is given up.
    pub(crate) fn sent(&mut self, result: Result<(), FetchError>, now: DateTime<Utc>) -> bool {
        let Some(pending) = self.pending.front_mut() else { return false };
        pending.attempts += 1;
        let again = result.is_err_and(is_transient) && pending.attempts < MAX_ATTEMPTS;
        if again {
            pending.due_at = now + pause(pending.attempts);
        } else {
            self.pending.pop_front();
        }
        !again && result.is_err()
    }
}

/// Whether the same may succeed later. An address that may not be called never will.
const fn is_transient(error: FetchError) -> bool {
    match error {
        FetchError::Status { status } => status == 408 || status == 429 || status >= 500,
        FetchError::Connect | FetchError::Timeout | FetchError::Unresolved | FetchError::Broken => {
            true
        }
        _ => false,
    }
}

fn pause(attempts: u32) -> TimeDelta {
    let pause = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let pause = pause.min(LONGEST_PAUSE);
    let pause = pause + pause.mul_f64(rand::rng().random::<f64>() / 2.0);
    TimeDelta::from_std(pause).unwrap_or(LEASE)
}

/// A credential in Entra's words. One that names no list has not been revoked either; of one whose
/// list could not be had nothing is said.
fn claimed(words: &Words<'_>, policy: &TrustPolicy) -> Claimed {
    let (credential, issuer) = (words.credential, words.credential.issuer());
    let claimed = Claimed::new(issuer, &words.types, &words.subject)
        .with_dates(credential.issued_at(), credential.expires_at());
    let claimed = match credential.status() {
        CredentialStatus::Valid | CredentialStatus::None => claimed.not_revoked(),
        _ => claimed,
    };
    let mut issuers = policy.issuers();
    match issuers.find(|trusted| trusted.id == issuer).and_then(|i| i.linked_domain.as_ref()) {
        Some(domain) => claimed.with_linked_domain(domain),
        None => claimed,
    }
}
