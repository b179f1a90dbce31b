//! Who of the recruitment team it is. Sign-ins are in the database: every portal of the trust knows them.

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::TimeDelta;
use staffpass_store::StoreError;

use crate::browser::{Browser, Cookie, Posted, Secret};
use crate::pages::{self, Fault, Frame};
use crate::service::Portal;
use crate::start::see;

use super::openid;

/// A sign-in lasts no longer than this.
const LONGEST: TimeDelta = TimeDelta::hours(8);

/// Who is signed in. A page with one of these in it is not shown to anybody else.
pub(crate) struct Staff {
    pub(crate) name: String,
    pub(crate) secret: Secret,
}

impl FromRequestParts<Portal> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Response> {
        let nobody = || see("/recruitment/sign-in");
        let secret = portal.secret(&parts.headers, Cookie::Staff).ok_or_else(nobody)?;
        match portal.store().staff(portal.tenant(), &secret.digest(), portal.now()).await {
            Ok(name) => Ok(Self { name, secret }),
            Err(StoreError::NotFound) => Err(nobody()),
            Err(error) => Err(pages::of_store_error(portal, &error)),
        }
    }
}

/// By the provider, or by name: what is not configured is not there.
pub(crate) fn routes(portal: &Portal) -> Router<Portal> {
    let page = get(sign_in_page);
    let router = Router::new().route("/recruitment/sign-out", post(sign_out));
    if portal.provider_of_staff().is_some() {
        router
            .route("/recruitment/sign-in", page)
            .route("/recruitment/sign-in/begin", get(openid::begin))
            .route("/recruitment/sign-in/back", get(openid::back))
    } else {
        router.route("/recruitment/sign-in", page.post(sign_in_by_name))
    }
}

/// `GET /recruitment/sign-in`.
async fn sign_in_page(State(portal): State<Portal>, browser: Browser) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Staff);
    let secret = secret.unwrap_or_else(Secret::generate);
    let mut page = if portal.provider_of_staff().is_some() {
        let frame = Frame::of(&portal, &secret, "");
        pages::show(&pages::SignInAtProvider { frame }, &[])
    } else {
        form(&portal, &secret, Vec::new())
    };
    page.headers_mut().append(SET_COOKIE, portal.set_secret(Cookie::Staff, &secret));
    page
}

fn form(portal: &Portal, secret: &Secret, faults: Vec<Fault>) -> Response {
    let frame = Frame::of(portal, secret, "").with_faults(faults.clone());
    pages::show(&pages::SignIn { frame }, &faults)
}

/// `POST /recruitment/sign-in`: the development sign-in, which the configuration refuses on a public
/// address.
async fn sign_in_by_name(State(portal): State<Portal>, posted: Posted) -> Response {
    let name = posted.text("name");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._@ ".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        let fault = Fault::new("name", "Enter your name, in letters and numbers");
        return form(&portal, &posted.secret, vec![fault]);
    }
    signed_in(&portal, name).await
}

/// A new secret, which is signed in.
pub(super) async fn signed_in(portal: &Portal, name: &str) -> Response {
    let (secret, until) = (Secret::generate(), portal.now() + LONGEST);
    let (store, tenant) = (portal.store(), portal.tenant());
    if let Err(error) = store.sign_in_staff(tenant, &secret.digest(), name, until).await {
        return pages::of_store_error(portal, &error);
    }
    let mut response = see("/recruitment");
    response.headers_mut().append(SET_COOKIE, portal.set_secret(Cookie::Staff, &secret));
    response
}

/// `POST /recruitment/sign-out`: of the portal. The provider's own session is the provider's.
async fn sign_out(State(portal): State<Portal>, posted: Posted) -> Response {
    let (store, tenant) = (portal.store(), portal.tenant());
    if let Err(error) = store.sign_out_staff(tenant, &posted.secret.digest()).await {
        return pages::of_store_error(&portal, &error);
    }
    let mut response = see("/recruitment/sign-in");
    response.headers_mut().append(SET_COOKIE, portal.delete_cookie(Cookie::Staff));
    response
}
