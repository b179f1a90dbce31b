//! The invitation's link: a question that changes nothing, and an answer that begins a session.

use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use staffpass::share::{Moved, Refusal, Share, State as Stands};
use staffpass_store::{Change, StoreError, TokenDigest};

use crate::browser::{Browser, Cookie, Posted, Secret};
use crate::pages::{self, Fault, Frame};
use crate::person::{further_page, shown};
use crate::service::Portal;

pub(crate) const NOT_ANSWERED: &str = "Select if you have registered before";

/// `GET /i/{token}` (S0): the first question. Mail scanners fetch links, so this changes nothing; the
/// cookie that may be set is no session.
pub(crate) async fn question(
    State(portal): State<Portal>,
    Path(token): Path<String>,
    browser: Browser,
) -> Response {
    let share = match usable(&portal, &token).await {
        Ok(share) => share,
        Err(page) => return page,
    };
    let secret = portal.secret(&browser.headers, Cookie::Session);
    let (secret, is_new) =
        secret.map_or_else(|| (Secret::generate(), true), |secret| (secret, false));
    let action = format!("/i/{token}");
    let page = match share.further() {
        None => pages::start(&portal, &secret, &action, "invited", Vec::new()),
        Some(_) => {
            let frame = Frame::of(&portal, &secret, "invited");
            pages::show(&further_page(&portal, frame, &share, &action), &[])
        }
    };
    if is_new { with_cookie(&portal, &secret, page) } else { page }
}

/// `POST /i/{token}` (S1): the answer swaps the token for a session, and leads to a clean address.
pub(crate) async fn answer(
    State(portal): State<Portal>,
    Path(token): Path<String>,
    posted: Posted,
) -> Response {
    let share = match usable(&portal, &token).await {
        Ok(share) => share,
        Err(page) => return page,
    };
    if share.further().is_some() {
        return begin_further(&portal, &token, &posted).await;
    }
    let before = match posted.text("registered") {
        "before" => true,
        "first_time" => false,
        _ => {
            let faults = vec![Fault::new("registered", NOT_ANSWERED)];
            return pages::start(
                &portal,
                &posted.secret,
                &format!("/i/{token}"),
                "invited",
                faults,
            );
        }
    };
    let now = portal.now();
    let answered = |share: &mut Share| match before {
        true => share.registered_before(now),
        false => share.first_time(now),
    };
    match open(&portal, &token, answered).await {
        Ok(secret) => with_cookie(&portal, &secret, see("/share")),
        Err(error) => refused(&portal, &error),
    }
}

/// Who shares further credentials has answered that question before: the page has the notices.
async fn begin_further(portal: &Portal, token: &str, posted: &Posted) -> Response {
    let Ok(shown) = shown(portal, posted) else { return pages::conflict(portal) };
    let now = portal.now();
    match open(portal, token, |share| share.start(shown.clone(), now)).await {
        Ok(secret) => with_cookie(portal, &secret, see("/share")),
        Err(error) => refused(portal, &error),
    }
}

/// Opens the invitation, and takes the first step with it.
async fn open(
    portal: &Portal,
    token: &str,
    step: impl Fn(&mut Share) -> Result<Moved, Refusal> + Send + Sync,
) -> Result<Secret, StoreError> {
    let (secret, now, tenant) = (Secret::generate(), portal.now(), portal.tenant());
    let token = TokenDigest::of(token);
    let store = portal.store();
    let opened = store.open_invitation(tenant, &token, secret.digest(), portal.rules(), now);
    let reference = opened.await?;
    let first = |share: &mut Share| {
        share.check_session(&secret.digest())?;
        step(share).map(Change::from)
    };
    store.update(tenant, &reference, now, first).await?;
    Ok(secret)
}

/// The share to which the link leads; if it does to none, the page that says so.
async fn usable(portal: &Portal, token: &str) -> Result<Share, Response> {
    let (tenant, now) = (portal.tenant(), portal.now());
    let found = portal.store().invitation(tenant, &TokenDigest::of(token)).await;
    let reference = found.map_err(|error| refused(portal, &error))?;
    let share = portal.store().share(tenant, &reference).await;
    let share = share.map_err(|error| refused(portal, &error))?;
    match share.state(now) {
        Stands::Submitted => Err(pages::already_sent(portal)),
        Stands::InvitationExpired | Stands::InvitationWithdrawn => {
            Err(pages::no_invitation(portal))
        }
        Stands::NotMatched => Err(pages::not_matched(portal)),
        _ => Ok(share),
    }
}

/// One page for every link that does not do, whatever the reason (attack B15).
fn refused(portal: &Portal, error: &StoreError) -> Response {
    match error {
        StoreError::InvitationUsed | StoreError::Refused(Refusal::AlreadySubmitted) => {
            pages::already_sent(portal)
        }
        StoreError::Refused(Refusal::NotMatched) => pages::not_matched(portal),
        StoreError::NotFound | StoreError::Refused(_) => pages::no_invitation(portal),
        error => pages::of_store_error(portal, error),
    }
}

pub(crate) fn with_cookie(portal: &Portal, secret: &Secret, mut response: Response) -> Response {
    response.headers_mut().append(SET_COOKIE, portal.set_secret(Cookie::Session, secret));
    response
}

/// Post, and then get.
pub(crate) fn see(path: &str) -> Response {
    let mut headers = HeaderMap::new();
    if let Ok(path) = path.parse() {
        headers.insert(LOCATION, path);
    }
    (StatusCode::SEE_OTHER, headers).into_response()
}
