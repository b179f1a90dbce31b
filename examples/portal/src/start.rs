//! The invitation's link: a question that changes nothing, and an answer that begins a session.

use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use staffpass::share::{Refusal, State as Stands};
use staffpass_store::{Change, StoreError, TokenDigest};

use crate::browser::{Browser, Cookie, Posted, Secret};
use crate::pages::{self, Fault};
use crate::service::Portal;

pub(crate) const NOT_ANSWERED: &str = "Select if you have registered before";

/// `GET /i/{token}` (S0): the first question. Mail scanners fetch links, so this changes nothing; the
/// cookie that may be set is no session.
pub(crate) async fn question(
    State(portal): State<Portal>,
    Path(token): Path<String>,
    browser: Browser,
) -> Response {
    if let Err(page) = usable(&portal, &token).await {
        return page;
    }
    let secret = portal.secret(&browser.headers, Cookie::Session);
    let (secret, is_new) =
        secret.map_or_else(|| (Secret::generate(), true), |secret| (secret, false));
    let page = pages::start(&portal, &secret, &format!("/i/{token}"), "invited", Vec::new());
    if is_new { with_cookie(&portal, &secret, page) } else { page }
}

/// `POST /i/{token}` (S1): the answer swaps the token for a session, and leads to a clean address.
pub(crate) async fn answer(
    State(portal): State<Portal>,
    Path(token): Path<String>,
    posted: Posted,
) -> Response {
    let before = match posted.text("registered") {
        "before" => true,
        "first_time" => false,
        _ => {
            if let Err(page) = usable(&portal, &token).await {
                return page;
            }
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
    match open(&portal, &token, before).await {
        Ok(secret) => with_cookie(&portal, &secret, see("/share")),
        Err(error) => refused(&portal, &error),
    }
}

async fn open(portal: &Portal, token: &str, before: bool) -> Result<Secret, StoreError> {
    let (secret, now, tenant) = (Secret::generate(), portal.now(), portal.tenant());
    let token = TokenDigest::of(token);
    let store = portal.store();
    let opened = store.open_invitation(tenant, &token, secret.digest(), portal.rules(), now);
    let reference = opened.await?;
    let answered = |share: &mut staffpass::share::Share| {
        share.check_session(&secret.digest())?;
        let moved = if before { share.registered_before(now) } else { share.first_time(now) };
        moved.map(Change::from)
    };
    store.update(tenant, &reference, now, answered).await?;
    Ok(secret)
}

/// Whether the link leads anywhere; if not, to which page it does.
async fn usable(portal: &Portal, token: &str) -> Result<(), Response> {
    let (tenant, now) = (portal.tenant(), portal.now());
    let found = portal.store().invitation(tenant, &TokenDigest::of(token)).await;
    let reference = found.map_err(|error| refused(portal, &error))?;
    let share = portal.store().share(tenant, &reference).await;
    match share.map_err(|error| refused(portal, &error))?.state(now) {
        Stands::Submitted => Err(pages::already_sent(portal)),
        Stands::InvitationExpired | Stands::InvitationWithdrawn => {
            Err(pages::no_invitation(portal))
        }
        Stands::NotMatched => Err(pages::not_matched(portal)),
        _ => Ok(()),
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
