//! The person's pages: the share says which, and each form is one transition of it.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass::disclosure::CredentialSet;
use staffpass::otp::{Channel, KeyedIn, KeyedInFault, Refusal as OtpRefusal, Verdict};
use staffpass::request::openid4vp::ResponseKey;
use staffpass::request::{HandleDigest, Request, ResponseCode};
use staffpass::share::{
    EmailAddress, MobileNumber, Moved, Notices, Refusal, Share, State as Stands,
};
use staffpass_notify::{AddressFault, address};
use staffpass_store::{Change, Store, StoreError};
use zeroize::Zeroizing;

use crate::ask::Wallet;
use crate::browser::{Browser, Cookie, Posted, Secret};
use crate::pages::{self, Fault, Frame, Offer};
use crate::service::Portal;
use crate::start::{NOT_ANSWERED, see, with_cookie};

/// Whose browser it is, as the share stands.
struct At {
    reference: String,
    secret: Secret,
    share: Share,
    now: DateTime<Utc>,
}

/// What the portal keeps with a request, sealed: how to show it again, and the key to which its answer
/// is encrypted.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    link: String,
    wallet: Wallet,
    pub(crate) response_key: Option<ResponseKey>,
    /// For a wallet on the same device: the code with which the person comes back from it.
    #[serde(default)]
    pub(crate) response_code: Option<String>,
}

/// Why a form did not lead to the next page.
enum Failure {
    Store(StoreError),
    /// The page that says so.
    Page(Box<Response>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Response> for Failure {
    fn from(page: Response) -> Self {
        Self::Page(Box::new(page))
    }
}

/// `GET /share`: the page of the state that the share is in. It changes nothing.
pub(crate) async fn page(State(portal): State<Portal>, browser: Browser) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Session);
    match at(&portal, secret).await {
        Ok(Some(at)) => show(&portal, &at, Vec::new(), "").await,
        Ok(None) if portal.done(&browser.headers).is_some() => see("/share/done"),
        Ok(None) => pages::timed_out(&portal),
        Err(error) => pages::of_store_error(&portal, &error),
    }
}

/// `GET /share/status`: the name of the state, for the page that waits for a wallet.
pub(crate) async fn status(State(portal): State<Portal>, browser: Browser) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Session);
    let state = match at(&portal, secret).await {
        Ok(Some(at)) => portal
            .store()
            .scanned(&at.share)
            .await
            .map(|scanned| at.share.state_with(scanned.as_ref(), at.now).name()),
        Ok(None) => Ok("timed_out"),
        Err(error) => Err(error),
    };
    match state {
        Ok(state) => {
            let json = serde_json::json!({ "state": state }).to_string();
            ([(CONTENT_TYPE, "application/json")], json).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// `GET /share/done` (S15), for the browser that has submitted.
pub(crate) async fn done(State(portal): State<Portal>, browser: Browser) -> Response {
    let Some(reference) = portal.done(&browser.headers) else { return pages::timed_out(&portal) };
    match portal.store().share(portal.tenant(), &reference).await {
        Ok(share) if share.state(portal.now()) == Stands::Submitted => pages::done(&portal, &share),
        Ok(_) | Err(StoreError::NotFound) => pages::timed_out(&portal),
        Err(error) => pages::of_store_error(&portal, &error),
    }
}

/// `GET /share/back`: to where a wallet on the same device leads. It changes nothing: the page's form
/// brings the code to the browser's own session.
pub(crate) async fn back(
    State(portal): State<Portal>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Session);
    match at(&portal, secret).await {
        Ok(Some(at)) if at.share.state(at.now).name() == "awaiting_return" => {
            let frame = Frame::in_session(&portal, &at.secret, &at.share, Vec::new());
            let response_code = response_code(&query.unwrap_or_default());
            pages::show(&pages::Back { frame, response_code }, &[])
        }
        Ok(Some(_)) => see("/share"),
        Ok(None) => pages::elsewhere(&portal),
        Err(error) => pages::of_store_error(&portal, &error),
    }
}

/// What the wallet was told to carry; nothing where that stands there twice.
fn response_code(query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut codes = pairs.filter(|(name, _)| name == "response_code").map(|(_, code)| code);
    let code = codes.next().filter(|_| codes.next().is_none());
    code.map(String::from).unwrap_or_default()
}

/// `POST /share/{action}`: a form of a page. Another state than the page's is not acted on.
pub(crate) async fn act(
    State(portal): State<Portal>,
    Path(action): Path<String>,
    posted: Posted,
) -> Response {
    let at = match at(&portal, Some(posted.secret)).await {
        Ok(Some(at)) => at,
        Ok(None) if portal.done(&posted.browser.headers).is_some() => return see("/share/done"),
        Ok(None) => return pages::timed_out(&portal),
        Err(error) => return pages::of_store_error(&portal, &error),
    };
    if posted.text("expected") != at.share.state(at.now).name() {
        return pages::conflict(&portal);
    }
    match step(&portal, &action, &at, &posted).await {
        Ok(response) => response,
        Err(Failure::Page(page)) => *page,
        Err(Failure::Store(error)) => failed(&portal, &error),
    }
}

/// What the share refuses is told by the page that it is on now; the rest is the portal's fault.
fn failed(portal: &Portal, error: &StoreError) -> Response {
    match error {
        StoreError::Refused(Refusal::TooManyRequests { .. }) => pages::too_many_requests(portal),
        StoreError::Refused(Refusal::StartedElsewhere) => pages::timed_out(portal),
        StoreError::Refused(refusal) => {
            tracing::info!(code = refusal.code(), "a form was refused");
            pages::conflict(portal)
        }
        StoreError::NotFound => pages::conflict(portal),
        error => pages::of_store_error(portal, error),
    }
}

async fn at(portal: &Portal, secret: Option<Secret>) -> Result<Option<At>, StoreError> {
    let Some(secret) = secret else { return Ok(None) };
    let (store, tenant) = (portal.store(), portal.tenant());
    let reference = match store.session(tenant, &secret.digest()).await {
        Ok(reference) => reference,
        Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let share = store.share(tenant, &reference).await?;
    let ours = share.check_session(&secret.digest()).is_ok();
    Ok(ours.then(|| At { reference, secret, share, now: portal.now() }))
}

async fn step(
    portal: &Portal,
    action: &str,
    at: &At,
    posted: &Posted,
) -> Result<Response, Failure> {
    let now = at.now;
    match action {
        "registered" => return registered(portal, at, posted).await,
        "registered_before" => at.make(portal, |share| share.registered_before(now)).await?,
        "start" => start(portal, at, posted).await?,
        "select" => select(portal, at, posted).await?,
        "confirm" => return confirm(portal, at, posted).await,
        "connect" => return connect(portal, at, wallet(portal, posted)?).await,
        "connect_here" => return connect_here(portal, at, wallet(portal, posted)?).await,
        "returned" => returned(portal, at, posted).await?,
        "amend" => at.make(portal, |share| share.amend(now)).await?,
        "cancel" => at.make(portal, |share| share.cancel(now)).await?,
        "gaps" => at.make(portal, |share| share.accept_gaps(now)).await?,
        "profile" => return profile(portal, at).await,
        "email" => return email(portal, at, posted).await,
        "mobile" => return mobile(portal, at, posted).await,
        "no_mobile" => at.make(portal, |share| share.no_mobile(now)).await?,
        "code" => return code(portal, at, posted).await,
        "resend" => return resend(portal, at, posted).await,
        "change" => {
            let channel = channel(&at.share.state(now));
            at.make(portal, |share| share.change_contact(channel, now)).await?;
        }
        "role" => return role(portal, at, posted).await,
        "disputed" => {
            let rules = portal.rules();
            at.make(portal, |share| share.continue_with_disputed_role(rules, now)).await?;
            return submit(portal, at).await;
        }
        "hold" => at.make(portal, |share| share.hold(now)).await?,
        "resume" => at.make(portal, |share| share.resume(now)).await?,
        "submit" => return submit(portal, at).await,
        "extend" => at.make(portal, |share| share.extend(now)).await?,
        _ => return Err(pages::nowhere(State(portal.clone())).await.into()),
    }
    Ok(see("/share"))
}

impl At {
    /// The store, which looks at this browser's session in each transaction.
    fn store(&self, portal: &Portal) -> Store {
        portal.store().in_session(self.secret.digest())
    }

    /// A transition, as long as the session is still the share's.
    async fn make(
        &self,
        portal: &Portal,
        change: impl Fn(&mut Share) -> Result<Moved, Refusal> + Send + Sync,
    ) -> Result<(), StoreError> {
        let ours = |share: &mut Share| {
            share.check_session(&self.secret.digest())?;
            change(share).map(Change::from)
        };
        portal.store().update(portal.tenant(), &self.reference, self.now, ours).await
    }

    /// The same page again, with what is wrong.
    async fn again(&self, portal: &Portal, field: &'static str, message: &str) -> Failure {
        let share = portal.store().share(portal.tenant(), &self.reference).await;
        let Ok(share) = share else {
            return share.map_or_else(Failure::from, |_| unreachable(portal));
        };
        let at = Self { share, reference: self.reference.clone(), ..*self };
        show(portal, &at, vec![Fault::new(field, message)], "").await.into()
    }
}

fn unreachable(portal: &Portal) -> Failure {
    pages::problem(portal, StatusCode::INTERNAL_SERVER_ERROR).into()
}

async fn registered(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let now = at.now;
    match posted.text("registered") {
        "before" => at.make(portal, |share| share.registered_before(now)).await?,
        "first_time" => at.make(portal, |share| share.first_time(now)).await?,
        _ => return Err(at.again(portal, "registered", NOT_ANSWERED).await),
    }
    Ok(see("/share"))
}

/// The versions are those of the page that was shown.
async fn start(portal: &Portal, at: &At, posted: &Posted) -> Result<(), Failure> {
    let shown = shown(portal, posted)?;
    Ok(at.make(portal, |share| share.start(shown.clone(), at.now)).await?)
}

/// The notices of the page that was shown, where they are still the ones.
pub(crate) fn shown(portal: &Portal, posted: &Posted) -> Result<Notices, StoreError> {
    let notices = pages::notices(portal);
    let shown = notices.iter().map(|(name, notice)| (*name, &*notice.version));
    match posted.text("versions") == versions(portal) {
        true => Ok(Notices::new(shown)?),
        false => Err(Refusal::NoticesMissing.into()),
    }
}

pub(crate) fn versions(portal: &Portal) -> String {
    pages::notices(portal).map(|(name, notice)| format!("{name}:{}", notice.version)).join(",")
}

/// Identity is in every set, whatever the form says; an id that is not on the page is nobody's tick.
async fn select(portal: &Portal, at: &At, posted: &Posted) -> Result<(), Failure> {
    let set = CredentialSet::with_chosen(portal.rules().catalogue(), posted.all("credential"));
    let set = set.map_err(|_| pages::problem(portal, StatusCode::BAD_REQUEST))?;
    match at.make(portal, |share| share.select(&set, portal.rules(), at.now)).await {
        Err(StoreError::Refused(Refusal::NothingSelected)) => {
            let message = "Select at least one credential to share";
            Err(at.again(portal, "credential", message).await)
        }
        made => Ok(made?),
    }
}

async fn confirm(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let now = at.now;
    let answer = posted.text("answer");
    if answer == "change" {
        at.make(portal, |share| share.amend(now)).await?;
        return Ok(see("/share"));
    }
    let Some(wallet) = chosen(portal, answer) else {
        let message = "Select whether to connect to your wallet";
        return Err(at.again(portal, "answer", message).await);
    };
    at.make(portal, |share| share.confirm(now)).await?;
    connect(portal, at, wallet).await
}

fn chosen(portal: &Portal, id: &str) -> Option<Wallet> {
    Wallet::parse(id).filter(|wallet| portal.asker().wallets.contains(wallet))
}

fn wallet(portal: &Portal, posted: &Posted) -> Result<Wallet, Failure> {
    let wallet = chosen(portal, posted.text("wallet"));
    wallet.ok_or_else(|| pages::problem(portal, StatusCode::BAD_REQUEST).into())
}

/// A request for exactly what was confirmed (S5); where none can be made, E4.
async fn connect(portal: &Portal, at: &At, wallet: Wallet) -> Result<Response, Failure> {
    if wallet == Wallet::Entra {
        return connect_through_service(portal, at).await;
    }
    let request = request(portal, at, wallet)?;
    let secret = kept(request.link(), wallet, request.response_key().cloned(), None);
    let store = at.store(portal);
    store.connect(portal.tenant(), &at.reference, &request, &secret, at.now).await?;
    Ok(see("/share"))
}

/// The same through Microsoft's Request Service, which is asked for nothing that the share would refuse.
async fn connect_through_service(portal: &Portal, at: &At) -> Result<Response, Failure> {
    let (store, whose) = (at.store(portal), (portal.tenant(), &*at.reference));
    let asked = selected(portal, at).and_then(|set| portal.ask_service(&set, at.now));
    let (asked, mut exchange) = asked.map_err(|_| not_made(portal, at))?;
    let mut rehearsed = store.share(whose.0, whose.1).await?;
    let _ = rehearsed.connect_through_service(&exchange, at.now).map_err(StoreError::from)?;
    let service = portal.asker().entra().map_err(|_| not_made(portal, at))?;
    let created = service.client.create(&asked).await.map_err(|error| {
        tracing::warn!(code = error.code(), "the service made no request");
        not_made(portal, at)
    })?;
    exchange.created(&created);
    let secret = kept(created.link(), Wallet::Entra, None, None);
    store.connect_through_service(whose, &exchange, &secret, portal.now()).await?;
    Ok(see("/share"))
}

/// The same for a wallet on this device, from which the person comes back with a code.
async fn connect_here(portal: &Portal, at: &At, wallet: Wallet) -> Result<Response, Failure> {
    if !wallet.leads_back() {
        return Err(pages::problem(portal, StatusCode::BAD_REQUEST).into());
    }
    let request = request(portal, at, wallet)?;
    let code = ResponseCode::generate(&mut rand::rng());
    let secret = kept(request.link(), wallet, request.response_key().cloned(), Some(&code));
    let (store, whose) = (at.store(portal), (portal.tenant(), &*at.reference));
    store.connect_on_same_device(whose, &request, code.digest(), &secret, at.now).await?;
    Ok(see("/share"))
}

fn request(portal: &Portal, at: &At, wallet: Wallet) -> Result<Request, Failure> {
    let request = selected(portal, at).and_then(|set| portal.request(wallet, &set, at.now));
    request.map_err(|_| not_made(portal, at))
}

fn selected(portal: &Portal, at: &At) -> Result<CredentialSet, crate::Error> {
    Ok(CredentialSet::with_chosen(portal.rules().catalogue(), at.share.selection())?)
}

/// The page that says so (E4).
fn not_made(portal: &Portal, at: &At) -> Failure {
    tracing::error!("no request could be made");
    let frame = Frame::in_session(portal, &at.secret, &at.share, Vec::new());
    let frame = frame.for_state("confirmed");
    let wallets = portal.asker().wallets.clone();
    pages::show(&pages::Confirmed { frame, wallets, failed: true }, &[]).into()
}

fn kept(
    link: &str,
    wallet: Wallet,
    response_key: Option<ResponseKey>,
    code: Option<&ResponseCode>,
) -> Zeroizing<Vec<u8>> {
    let kept = Kept {
        link: link.to_owned(),
        wallet,
        response_key,
        response_code: code.map(|code| code.as_str().to_owned()),
    };
    Zeroizing::new(serde_json::to_vec(&kept).unwrap_or_default())
}

/// The person is back from the wallet, in this browser.
async fn returned(portal: &Portal, at: &At, posted: &Posted) -> Result<(), Failure> {
    let code = ResponseCode::parse(posted.text("response_code"));
    let code = code.map_err(|_| StoreError::Refused(Refusal::ResponseCode))?;
    Ok(at.store(portal).returned((portal.tenant(), &at.reference), &code, at.now).await?)
}

/// What was shared is verified: the session steps up to another secret.
async fn profile(portal: &Portal, at: &At) -> Result<Response, Failure> {
    at.make(portal, |share| share.begin_profile(at.now)).await?;
    let (from, secret) = (at.secret.digest(), Secret::generate());
    let (store, tenant) = (portal.store(), portal.tenant());
    store.rotate_session(tenant, &at.reference, &from, secret.digest(), at.now).await?;
    Ok(with_cookie(portal, &secret, see("/share")))
}

const EMAIL_FORM: &str = "Enter an email address in the correct format, like name@example.com";

async fn email(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let text = posted.text("email");
    let email = EmailAddress::parse(text).ok().filter(|_| address::email(text).is_ok());
    let Some(email) = email else {
        let message = if text.is_empty() { "Enter an email address" } else { EMAIL_FORM };
        return Err(at.again(portal, "email", message).await);
    };
    at.make(portal, |share| share.enter_email(email.clone(), at.now)).await?;
    let changed = email != *at.share.invitation().email();
    send_first(portal, at, Channel::Email, posted, changed).await
}

async fn mobile(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let text = posted.text("mobile");
    let fault = match portal.numbers().mobile(text) {
        Ok(_) => None,
        Err(_) if text.is_empty() => Some("Enter a mobile number"),
        Err(AddressFault::Region) => {
            Some("Enter a mobile number from a country that we can send to")
        }
        Err(AddressFault::NotMobile) => Some("Enter a mobile number, not another kind of number"),
        Err(_) => Some("Enter a mobile number, like 07700 900 982 or +44 808 157 0192"),
    };
    let mobile = MobileNumber::parse(text);
    let (Ok(mobile), None) = (mobile, fault) else {
        let message = fault.unwrap_or("Enter a mobile number, like 07700 900 982");
        return Err(at.again(portal, "mobile", message).await);
    };
    at.make(portal, |share| share.enter_mobile(mobile.clone(), at.now)).await?;
    let changed = at.share.invitation().mobile().is_some_and(|invited| *invited != mobile);
    send_first(portal, at, Channel::Mobile, posted, changed).await
}

/// The code to an address that was just entered; where it is another than the invited one, that one
/// is told.
async fn send_first(
    portal: &Portal,
    at: &At,
    channel: Channel,
    posted: &Posted,
    changed: bool,
) -> Result<Response, Failure> {
    let note = send(portal, at, channel, posted).await?;
    if changed && note.is_empty() {
        portal.tell_of_change(&at.share).await;
    }
    if note.is_empty() { Ok(see("/share")) } else { again_with(portal, at, &note).await }
}

/// Sends a code, and says what the person has to know if it did not go.
async fn send(
    portal: &Portal,
    at: &At,
    channel: Channel,
    posted: &Posted,
) -> Result<String, Failure> {
    let whose = (portal.tenant(), &*at.reference);
    let network = &posted.browser.network;
    let (key, rules, limits) = (&portal.keys().codes, portal.rules(), portal.send_rules());
    let sent =
        at.store(portal).send_code(whose, channel, network, key, rules, limits, at.now).await;
    let contact = &portal.config().trust.contact_email;
    match sent {
        Ok(code) if portal.send(&code).await => Ok(String::new()),
        Ok(_) => Ok(format!(
            "We could not send a code just now. Ask for another one in a few minutes, or contact the recruitment team at {contact}."
        )),
        Err(StoreError::Otp(_)) => Ok(format!(
            "We have sent as many codes as we may for now. Use the last one, wait 15 minutes and ask for another one, or contact the recruitment team at {contact}."
        )),
        Err(StoreError::SpendCapReached { .. }) => {
            tracing::error!("no more text messages today: the spend cap is reached");
            Ok(format!(
                "We cannot send any more text messages today. Try again tomorrow, or contact the recruitment team at {contact}."
            ))
        }
        Err(error) => Err(error.into()),
    }
}

async fn resend(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let note = send(portal, at, channel(&at.share.state(at.now)), posted).await?;
    let note = if note.is_empty() { "We have sent another code.".to_owned() } else { note };
    again_with(portal, at, &note).await
}

async fn again_with(portal: &Portal, at: &At, note: &str) -> Result<Response, Failure> {
    let share = portal.store().share(portal.tenant(), &at.reference).await?;
    let at = At { share, reference: at.reference.clone(), ..*at };
    Ok(show(portal, &at, Vec::new(), note).await)
}

async fn code(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let keyed_in = match KeyedIn::parse(posted.text("code")) {
        Ok(keyed_in) => keyed_in,
        Err(fault) => return Err(at.again(portal, "code", keyed_in_fault(fault)).await),
    };
    let channel = channel(&at.share.state(at.now));
    let (store, key) = (at.store(portal), &portal.keys().codes);
    let tried =
        store.try_code(portal.tenant(), &at.reference, channel, &keyed_in, key, at.now).await;
    let refusal = match tried {
        Ok(Verdict::Confirmed) => return Ok(see("/share")),
        Ok(Verdict::Refused(refusal)) => Some(refusal),
        Ok(_) => None,
        Err(StoreError::Refused(Refusal::Otp(refusal))) => Some(refusal),
        Err(error) => return Err(error.into()),
    };
    match refusal {
        // The page says so.
        Some(OtpRefusal::Locked { .. } | OtpRefusal::LockedForGood) => Ok(see("/share")),
        Some(OtpRefusal::Expired { .. } | OtpRefusal::NoLiveCode | OtpRefusal::CodesEnded) => {
            another_code(portal, at, channel, posted).await
        }
        _ => Err(at.again(portal, "code", "The security code you entered is not correct").await),
    }
}

/// The one that was sent is no good any more.
async fn another_code(
    portal: &Portal,
    at: &At,
    channel: Channel,
    posted: &Posted,
) -> Result<Response, Failure> {
    let note = send(portal, at, channel, posted).await?;
    if note.is_empty() {
        let message = "The security code has expired. We have sent you a new one";
        return Err(at.again(portal, "code", message).await);
    }
    again_with(portal, at, &note).await
}

const fn keyed_in_fault(fault: KeyedInFault) -> &'static str {
    match fault {
        KeyedInFault::Empty => "Enter the 6-digit security code",
        KeyedInFault::TooFew => "You have not entered enough numbers. The security code has 6",
        KeyedInFault::TooMany => "You have entered too many numbers. The security code has 6",
        _ => "Security code must be 6 numbers",
    }
}

async fn role(portal: &Portal, at: &At, posted: &Posted) -> Result<Response, Failure> {
    let now = at.now;
    match posted.text("role") {
        "correct" => {
            at.make(portal, |share| share.confirm_role(now)).await?;
            submit(portal, at).await
        }
        "incorrect" => {
            at.make(portal, |share| share.role_incorrect(now)).await?;
            Ok(see("/share"))
        }
        _ => Err(at.again(portal, "role", "Select if your role is correct").await),
    }
}

/// One transaction (S14). The session is over then, and this browser may see the last page.
async fn submit(portal: &Portal, at: &At) -> Result<Response, Failure> {
    portal.tell_submitted(&send_to_trust(portal, at).await?).await;
    let mut response = see("/share/done");
    response.headers_mut().append(SET_COOKIE, portal.set_done(&at.reference));
    response.headers_mut().append(SET_COOKIE, portal.delete_cookie(Cookie::Session));
    Ok(response)
}

/// The details, or what further came. Gives the address that is told.
async fn send_to_trust(portal: &Portal, at: &At) -> Result<String, Failure> {
    let (store, tenant) = (at.store(portal), portal.tenant());
    if at.share.further().is_none() {
        let submitted = store.submit(tenant, &at.reference, at.now).await?;
        return Ok(submitted.email().as_str().to_owned());
    }
    match store.submit_further(tenant, &at.reference, at.now).await {
        Ok(_) => Ok(at.share.email().as_str().to_owned()),
        // The team needs it no more: as if the link had been withdrawn.
        Err(StoreError::Review(_)) => Err(pages::no_invitation(portal).into()),
        Err(error) => Err(error.into()),
    }
}

const fn channel(state: &Stands) -> Channel {
    match state {
        Stands::MobileCode => Channel::Mobile,
        _ => Channel::Email,
    }
}

/// The page of the state: the one place that decides what may be seen, by what the share says.
async fn show(portal: &Portal, at: &At, faults: Vec<Fault>, note: &str) -> Response {
    let scanned = match portal.store().scanned(&at.share).await {
        Ok(scanned) => scanned,
        Err(error) => return pages::of_store_error(portal, &error),
    };
    let (share, now) = (&at.share, at.now);
    let frame = Frame::in_session(portal, &at.secret, share, faults.clone());
    let wallets = portal.asker().wallets.clone();
    let labels = |ids: Vec<String>| labels(portal, ids.iter().map(String::as_str));
    let selected = || self::labels(portal, share.selection());
    let show = |page: &dyn askama::DynTemplate| pages::show(page, &faults);
    match share.state_with(scanned.as_ref(), now) {
        Stands::RegisteredBefore => {
            pages::start(portal, &at.secret, "/share/registered", "registered_before", faults)
        }
        Stands::FirstTime => show(&pages::FirstTime { frame }),
        Stands::Notices if share.further().is_some() => {
            show(&further_page(portal, frame, share, "/share/start"))
        }
        Stands::Notices => show(&pages::Notices {
            frame,
            notices: pages::notices(portal).map(|(_, notice)| notice).into(),
            versions: versions(portal),
            minutes_of_rest: portal.config().journey.session_idle_minutes,
        }),
        Stands::Selecting => show(&pages::Select { frame, offers: offers(portal, share) }),
        Stands::Confirming => show(&pages::Confirm { frame, labels: selected(), wallets }),
        Stands::Confirmed => show(&pages::Confirmed { frame, wallets, failed: false }),
        Stands::Connecting { request, attempt, .. } => {
            match connecting(portal, at, &request, attempt).await {
                Ok(page) => show(&*page),
                Err(error) => pages::of_store_error(portal, &error),
            }
        }
        Stands::AwaitingReturn { .. } => show(&pages::Returning { frame, wallets }),
        Stands::Scanned { .. } => show(&pages::Scanned { frame }),
        Stands::RequestExpired { attempt } => show(&pages::Expired { frame, wallets, attempt }),
        Stands::NotReceived => show(&pages::NotReceived { frame, wallets, labels: selected() }),
        Stands::Refused { remedy, .. } => show(&pages::Refused { frame, wallets, remedy }),
        Stands::ReceivedWithGaps { received, missing } => {
            let (received, missing) = (labels(received), labels(missing));
            show(&pages::Gaps { frame, received, missing, wallets })
        }
        Stands::Received => {
            let received = self::labels(portal, share.received());
            show(&pages::Received { frame, received })
        }
        Stands::NotMatched => pages::not_matched(portal),
        Stands::Email => show(&pages::Email { frame, value: share.email().as_str().to_owned() }),
        Stands::EmailCode => show(&code_page(portal, frame, share, Channel::Email, note)),
        Stands::Mobile => {
            let value = share.mobile().map(|mobile| mobile.as_str().to_owned());
            show(&pages::Mobile { frame, value: value.unwrap_or_default() })
        }
        Stands::MobileCode => show(&code_page(portal, frame, share, Channel::Mobile, note)),
        Stands::CodesLocked { channel } => show(&pages::Locked { frame, channel }),
        Stands::NoMobile => show(&pages::NoMobile { frame }),
        Stands::Role => {
            let role = share.invitation().role();
            show(&pages::Role {
                frame,
                staff_group: role.staff_group.clone(),
                employment_status: role.employment_status.clone(),
                job_role: role.job_role.clone().unwrap_or_default(),
            })
        }
        Stands::RoleDisputed => {
            let may_continue = portal.config().journey.role_dispute == "continue";
            show(&pages::Disputed { frame, may_continue })
        }
        Stands::OnHold => show(&pages::OnHold { frame }),
        Stands::Ready => match share.further() {
            None => show(&pages::Ready { frame }),
            Some(further) => {
                let left_out =
                    further.parts().filter(|part| share.received().all(|id| id != *part));
                let missing = self::labels(portal, left_out);
                let received = self::labels(portal, share.received());
                show(&pages::FurtherReady { frame, received, missing })
            }
        },
        Stands::Submitted => pages::already_sent(portal),
        Stands::InvitationExpired | Stands::InvitationWithdrawn => pages::no_invitation(portal),
        _ => pages::timed_out(portal),
    }
}

/// What is asked for, by whom, and the notices.
pub(crate) fn further_page(
    portal: &Portal,
    frame: Frame,
    share: &Share,
    action: &str,
) -> pages::Further {
    let further = share.further();
    let parts = further.into_iter().flat_map(|further| further.parts());
    pages::Further {
        frame,
        action: action.to_owned(),
        what: further.map(|further| further.what().to_owned()).unwrap_or_default(),
        labels: asked_for(portal, parts),
        notices: pages::notices(portal).map(|(_, notice)| notice).into(),
        versions: versions(portal),
        minutes_of_rest: portal.config().journey.session_idle_minutes,
    }
}

/// The labels of what is asked for, without what comes with everything.
pub(crate) fn asked_for<'i>(portal: &Portal, ids: impl Iterator<Item = &'i str>) -> Vec<String> {
    let catalogue = portal.rules().catalogue();
    let is_chosen = |id: &&str| catalogue.entry(id).is_none_or(|entry| !entry.mandatory);
    labels(portal, ids.filter(is_chosen))
}

fn labels<'i>(portal: &Portal, ids: impl Iterator<Item = &'i str>) -> Vec<String> {
    let chosen: Vec<&str> = ids.collect();
    let entries = portal.rules().catalogue().entries().iter();
    let chosen = entries.filter(|entry| chosen.contains(&entry.id.as_str()));
    chosen.map(|entry| entry.label.clone()).collect()
}

fn offers(portal: &Portal, share: &Share) -> Vec<Offer> {
    let offer = |entry: &staffpass::disclosure::CatalogueEntry| Offer {
        id: entry.id.as_str().to_owned(),
        label: entry.label.clone(),
        hint: entry.hint.clone(),
        purpose: entry.purpose.clone(),
        ticked: share.selection().any(|id| id == entry.id.as_str()),
        fixed: entry.mandatory,
    };
    let entries = portal.rules().catalogue().entries().iter();
    let is_asked = |entry: &&staffpass::disclosure::CatalogueEntry| {
        share.further().is_none_or(|further| further.parts().any(|id| id == entry.id.as_str()))
    };
    entries.filter(is_asked).map(offer).collect()
}

/// The QR code, or the way into the wallet on this device, as the person wanted.
async fn connecting(
    portal: &Portal,
    at: &At,
    request: &HandleDigest,
    attempt: usize,
) -> Result<Box<dyn askama::DynTemplate + Send>, StoreError> {
    let (secret, until) = stored(portal, request).await?;
    let unreadable = StoreError::Unreadable { column: "requests.body" };
    let shown: Kept = serde_json::from_slice(&secret).map_err(|_| unreadable.clone())?;
    let frame = Frame::in_session(portal, &at.secret, &at.share, Vec::new());
    let labels = labels(portal, at.share.selection());
    let left = until.signed_duration_since(at.now);
    let minutes_of_life = left.num_minutes().max(1);
    let (link, wallet) = (shown.link, shown.wallet);
    if shown.response_code.is_some() {
        return Ok(Box::new(pages::Here { frame, link, wallet, labels, minutes_of_life }));
    }
    let code = staffpass::request::qr::QrCode::of(&link).map_err(|_| unreadable)?;
    let svg = code.to_svg("QR code to connect to your wallet");
    Ok(Box::new(pages::Qr { frame, svg, link, wallet, attempt, labels, minutes_of_life }))
}

/// What was kept with a request, whichever way it goes, and until when it lives.
async fn stored(
    portal: &Portal,
    request: &HandleDigest,
) -> Result<(Zeroizing<Vec<u8>>, DateTime<Utc>), StoreError> {
    match portal.store().request(request).await {
        Ok(direct) => Ok((direct.secret, direct.expectation.expires_at())),
        Err(StoreError::NotFound) => {
            let through = portal.store().exchange(request).await?;
            Ok((through.secret, through.exchange.expires_at()))
        }
        Err(error) => Err(error),
    }
}

/// The email address is shown as it was entered; of a mobile number the end.
fn code_page(
    portal: &Portal,
    frame: Frame,
    share: &Share,
    channel: Channel,
    note: &str,
) -> pages::Code {
    let address = match channel {
        Channel::Mobile => {
            let digits = share.mobile().map(MobileNumber::digits).unwrap_or_default();
            let end: String =
                digits.chars().skip(digits.chars().count().saturating_sub(4)).collect();
            format!("the mobile number that ends in {end}")
        }
        _ => share.email().as_str().to_owned(),
    };
    let minutes_of_life = portal.config().journey.code_minutes;
    pages::Code { frame, channel, address, minutes_of_life, note: note.to_owned() }
}
