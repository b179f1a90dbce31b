//! The pages, each a template.

use askama::{DynTemplate, Template};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{Html, IntoResponse as _, Response};
use staffpass::otp::Channel;
use staffpass::share::{Remedy, ReviewState, Share};
use staffpass_store::StoreError;

use crate::ask::Wallet;
use crate::browser::{Cookie, Secret};
use crate::recruitment::{Row, Sheet, Typed};
use crate::service::Portal;

/// Something that the person has to put right: where, and what it says there and in the summary.
#[derive(Clone)]
pub(crate) struct Fault {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// What every page has.
#[derive(Clone)]
pub(crate) struct Frame {
    trust: String,
    email: String,
    phone: String,
    /// The token of the page's forms.
    token: String,
    /// The state that the page shows, for its forms.
    state: &'static str,
    /// Whether it is of a share of further credentials.
    further: bool,
    /// In how many minutes the session ends, where there is one.
    minutes: Option<i64>,
    faults: Vec<Fault>,
}

impl Frame {
    pub(crate) fn plain(portal: &Portal) -> Self {
        let trust = &portal.config().trust;
        Self {
            trust: trust.name.clone(),
            email: trust.contact_email.clone(),
            phone: trust.contact_phone.clone(),
            token: String::new(),
            state: "",
            further: false,
            minutes: None,
            faults: Vec::new(),
        }
    }

    pub(crate) fn of(portal: &Portal, secret: &Secret, state: &'static str) -> Self {
        Self { token: portal.form_token(secret), state, ..Self::plain(portal) }
    }

    pub(crate) fn in_session(
        portal: &Portal,
        secret: &Secret,
        share: &Share,
        faults: Vec<Fault>,
    ) -> Self {
        let now = portal.now();
        let left = share.session_ends_at().map(|end| end.signed_duration_since(now).num_minutes());
        let frame = Self::of(portal, secret, share.state(now).name());
        Self { minutes: left, faults, further: share.further().is_some(), ..frame }
    }

    pub(crate) fn with_faults(self, faults: Vec<Fault>) -> Self {
        Self { faults, ..self }
    }

    /// For a page of another state than the one before the form.
    pub(crate) fn for_state(self, state: &'static str) -> Self {
        Self { state, ..self }
    }

    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|fault| fault.field == field);
        found.map(|fault| fault.message.as_str())
    }
}

macro_rules! pages {
    ($($name:ident $path:literal { $($field:ident: $type:ty),* $(,)? })*) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        pub(crate) struct $name {
            pub(crate) frame: Frame,
            $(pub(crate) $field: $type,)*
        }
    )*};
}

/// A credential as it may be ticked.
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) purpose: String,
    pub(crate) ticked: bool,
    pub(crate) fixed: bool,
}

/// A notice: what it is called, where it stands, and which version.
pub(crate) struct Notice {
    pub(crate) title: &'static str,
    pub(crate) href: String,
    pub(crate) version: String,
}

pages! {
    Start "start.html" { action: String }
    FirstTime "first_time.html" {}
    Notices "notices.html" { notices: Vec<Notice>, versions: String, minutes_of_rest: i64 }
    Further "further.html" { action: String, what: String, labels: Vec<String>, notices: Vec<Notice>, versions: String, minutes_of_rest: i64 }
    Select "select.html" { offers: Vec<Offer> }
    Confirm "confirm.html" { labels: Vec<String>, wallets: Vec<Wallet> }
    Confirmed "confirmed.html" { wallets: Vec<Wallet>, failed: bool }
    Qr "qr.html" { svg: String, link: String, wallet: Wallet, attempt: usize, labels: Vec<String>, minutes_of_life: i64 }
    Scanned "scanned.html" {}
    Expired "expired.html" { wallets: Vec<Wallet>, attempt: usize }
    NotReceived "not_received.html" { wallets: Vec<Wallet>, labels: Vec<String> }
    Refused "refused.html" { wallets: Vec<Wallet>, remedy: Remedy }
    Gaps "gaps.html" { received: Vec<String>, missing: Vec<String>, wallets: Vec<Wallet> }
    Received "received.html" { received: Vec<String> }
    Email "email.html" { value: String }
    Mobile "mobile.html" { value: String }
    Code "code.html" { channel: Channel, address: String, minutes_of_life: i64, note: String }
    Locked "locked.html" { channel: Channel }
    NoMobile "no_mobile.html" {}
    Role "role.html" { staff_group: String, employment_status: String, job_role: String }
    Disputed "disputed.html" { may_continue: bool }
    OnHold "on_hold.html" {}
    Ready "ready.html" {}
    FurtherReady "further_ready.html" { received: Vec<String>, missing: Vec<String> }
    Done "done.html" {}
    FurtherDone "further_done.html" {}
    NoInvitation "no_invitation.html" {}
    AlreadySent "already_sent.html" {}
    NotMatched "not_matched.html" {}
    Here "here.html" { link: String, wallet: Wallet, labels: Vec<String>, minutes_of_life: i64 }
    Returning "returning.html" { wallets: Vec<Wallet> }
    Back "back.html" { response_code: String }
    Elsewhere "elsewhere.html" {}
    TimedOut "timed_out.html" {}
    Problem "problem.html" {}
    TooMany "too_many.html" {}
    TooManyRequests "too_many_requests.html" {}
    OutOfDate "out_of_date.html" {}
    TooLarge "too_large.html" {}
    Nowhere "nowhere.html" {}
    Front "front.html" {}
    NoticePage "notice.html" { title: &'static str, version: String, paragraphs: Vec<&'static str> }
    Accessibility "accessibility.html" {}
    SignIn "recruitment/sign_in.html" {}
    SignInAtProvider "recruitment/sign_in_at_provider.html" {}
    NotSignedIn "recruitment/not_signed_in.html" { why: &'static str }
    People "recruitment/people.html" { staff: String, rows: Vec<Row> }
    Invite "recruitment/invite.html" { staff: String, typed: Typed, list: String, groups: Vec<&'static str>, statuses: Vec<&'static str> }
    Person "recruitment/person.html" { staff: String, sheet: Sheet }
    Audit "recruitment/audit.html" { staff: String, entries: Vec<(u64, String, String, String)>, fault: String }
}

/// A page with faults in it was not accepted.
pub(crate) fn show(page: &dyn DynTemplate, faults: &[Fault]) -> Response {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    with_status(page, status)
}

fn with_status(page: &dyn DynTemplate, status: StatusCode) -> Response {
    match page.dyn_render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn plain<T: Template>(
    portal: &Portal,
    status: StatusCode,
    page: impl FnOnce(Frame) -> T,
) -> Response {
    with_status(&page(Frame::plain(portal)), status)
}

pub(crate) fn start(
    portal: &Portal,
    secret: &Secret,
    action: &str,
    state: &'static str,
    faults: Vec<Fault>,
) -> Response {
    let frame = Frame { faults: faults.clone(), ..Frame::of(portal, secret, state) };
    show(&Start { frame, action: action.to_owned() }, &faults)
}

/// E1: one page for every link that does not do.
pub(crate) fn no_invitation(portal: &Portal) -> Response {
    plain(portal, StatusCode::NOT_FOUND, |frame| NoInvitation { frame })
}

/// E2.
pub(crate) fn already_sent(portal: &Portal) -> Response {
    plain(portal, StatusCode::OK, |frame| AlreadySent { frame })
}

/// E7: says nothing of what did not match.
pub(crate) fn not_matched(portal: &Portal) -> Response {
    plain(portal, StatusCode::OK, |frame| NotMatched { frame })
}

/// E10.
pub(crate) fn timed_out(portal: &Portal) -> Response {
    plain(portal, StatusCode::FORBIDDEN, |frame| TimedOut { frame })
}

/// A wallet led to a browser that has no session here (attack B3).
pub(crate) fn elsewhere(portal: &Portal) -> Response {
    plain(portal, StatusCode::OK, |frame| Elsewhere { frame })
}

/// E9: ours, and not the person's.
pub(crate) fn problem(portal: &Portal, status: StatusCode) -> Response {
    plain(portal, status, |frame| Problem { frame })
}

pub(crate) fn of_store_error(portal: &Portal, error: &StoreError) -> Response {
    tracing::error!(code = error.code(), "the store did not do what it was asked to");
    let passing = error.is_passing();
    let status =
        if passing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
    problem(portal, status)
}

/// The page was not the latest, or not of this browser.
pub(crate) fn out_of_date(portal: &Portal) -> Response {
    plain(portal, StatusCode::FORBIDDEN, |frame| OutOfDate { frame })
}

/// The share has moved on since the page was shown.
pub(crate) fn conflict(portal: &Portal) -> Response {
    plain(portal, StatusCode::CONFLICT, |frame| OutOfDate { frame })
}

pub(crate) fn too_many_calls(portal: &Portal) -> Response {
    plain(portal, StatusCode::TOO_MANY_REQUESTS, |frame| TooMany { frame })
}

pub(crate) fn too_many_requests(portal: &Portal) -> Response {
    plain(portal, StatusCode::TOO_MANY_REQUESTS, |frame| TooManyRequests { frame })
}

pub(crate) fn too_large(portal: &Portal) -> Response {
    plain(portal, StatusCode::PAYLOAD_TOO_LARGE, |frame| TooLarge { frame })
}

/// S15. The session is over, and its cookie goes.
pub(crate) fn done(portal: &Portal, share: &Share) -> Response {
    let mut page = match share.further() {
        None => plain(portal, StatusCode::OK, |frame| Done { frame }),
        Some(_) => plain(portal, StatusCode::OK, |frame| FurtherDone { frame }),
    };
    page.headers_mut().append(SET_COOKIE, portal.delete_cookie(Cookie::Session));
    page
}

pub(crate) async fn nowhere(State(portal): State<Portal>) -> Response {
    plain(&portal, StatusCode::NOT_FOUND, |frame| Nowhere { frame })
}

pub(crate) async fn front(State(portal): State<Portal>) -> Response {
    plain(&portal, StatusCode::OK, |frame| Front { frame })
}

pub(crate) async fn accessibility(State(portal): State<Portal>) -> Response {
    plain(&portal, StatusCode::OK, |frame| Accessibility { frame })
}

/// The notices, by the names under which they are recorded.
pub(crate) fn notices(portal: &Portal) -> [(&'static str, Notice); 3] {
    let notices = &portal.config().notices;
    let notice = |name: &str, title, url: &str, version: &str| {
        let own = format!("/notices/{name}");
        let href = if url.is_empty() { own } else { url.to_owned() };
        Notice { title, href, version: version.to_owned() }
    };
    [
        (
            "privacy_notice",
            notice("privacy", "Privacy notice", &notices.privacy_url, &notices.privacy_version),
        ),
        (
            "terms_of_use",
            notice("terms", "Terms of use", &notices.terms_url, &notices.terms_version),
        ),
        (
            "terms_and_conditions",
            notice(
                "conditions",
                "Terms and conditions",
                &notices.conditions_url,
                &notices.conditions_version,
            ),
        ),
    ]
}

/// `GET /notices/{name}`: the portal's own texts, for a trust that has none elsewhere.
pub(crate) async fn notice(State(portal): State<Portal>, Path(name): Path<String>) -> Response {
    let notices = &portal.config().notices;
    let (title, version, paragraphs): (_, _, &[&str]) = match &*name {
        "privacy" => ("Privacy notice", &notices.privacy_version, &PRIVACY),
        "terms" => ("Terms of use", &notices.terms_version, &TERMS),
        "conditions" => ("Terms and conditions", &notices.conditions_version, &CONDITIONS),
        _ => return nowhere(State(portal)).await,
    };
    let (version, paragraphs) = (version.clone(), paragraphs.to_vec());
    plain(&portal, StatusCode::OK, |frame| NoticePage { frame, title, version, paragraphs })
}

const PRIVACY: [&str; 5] = [
    "We receive the credentials that you choose to share from your wallet, your email address, your mobile number, and what you tell us about your role. We use them to prepare for you to work with us, and for nothing else.",
    "We check each credential with the organisation that issued it. We tell that organisation nothing about you: we read documents that it publishes for everyone.",
    "If you stop before the end, what you entered is deleted within the time that our retention rules set, a day unless we tell you otherwise. What you send is kept until your employment record takes over.",
    "We use one cookie, which is needed for the pages to work, and one more when you have finished. They are deleted when you close your browser, or half an hour after you finish.",
    "You can ask us to show you, correct or delete what we hold. Contact the recruitment team; their address is on every page.",
];

const TERMS: [&str; 2] = [
    "Use this service only if you were invited to, and only to share your own credentials.",
    "Do not share the link in your invitation, your security codes, or a photograph of a QR code from this service with anyone. We never ask you for them.",
];

const CONDITIONS: [&str; 2] = [
    "Sharing credentials is not an offer of employment. We make our own checks of your identity and of what you share before you start.",
    "A credential that has expired, or that its issuer has revoked, is not accepted.",
];
