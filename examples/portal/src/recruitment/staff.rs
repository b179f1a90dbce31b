//! Who of the recruitment team it is: the development sign-in, which the configuration refuses on a
//! public address.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};

use crate::browser::{Browser, Cookie, Posted, Secret};
use crate::pages::{self, Fault, Frame};
use crate::service::Portal;
use crate::start::see;

/// A sign-in lasts no longer than this.
const LONGEST: TimeDelta = TimeDelta::hours(8);

/// Who is signed in.
pub(crate) struct Staff {
    pub(crate) name: String,
    pub(crate) secret: Secret,
}

/// Sign-ins, by the digest of the cookie's secret. They are in memory: a restart ends them.
#[derive(Default)]
pub(crate) struct Desk(Mutex<HashMap<[u8; 32], Shift>>);

/// Whose, and until when.
type Shift = (String, DateTime<Utc>);

impl Desk {
    fn sign_in(&self, secret: &Secret, name: &str, now: DateTime<Utc>) {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.retain(|_, (_, until)| now < *until);
        desk.insert(*secret.digest().as_bytes(), (name.to_owned(), now + LONGEST));
    }

    fn sign_out(&self, secret: &Secret) {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.remove(secret.digest().as_bytes());
    }

    fn name(&self, secret: &Secret, now: DateTime<Utc>) -> Option<String> {
        let desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, until) = desk.get(secret.digest().as_bytes())?;
        (now < *until).then(|| name.clone())
    }
}

impl Portal {
    pub(crate) fn staff(&self, headers: &HeaderMap) -> Option<Staff> {
        let secret = self.secret(headers, Cookie::Staff)?;
        let name = self.desk().name(&secret, self.now())?;
        Some(Staff { name, secret })
    }
}

/// `GET /recruitment/sign-in`.
pub(crate) async fn sign_in_page(State(portal): State<Portal>, browser: Browser) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Staff);
    let secret = secret.unwrap_or_else(Secret::generate);
    let mut page = form(&portal, &secret, Vec::new());
    page.headers_mut().append(SET_COOKIE, portal.set_secret(Cookie::Staff, &secret));
    page
}

fn form(portal: &Portal, secret: &Secret, faults: Vec<Fault>) -> Response {
    let frame = Frame::of(portal, secret, "").with_faults(faults.clone());
    pages::show(&pages::SignIn { frame }, &faults)
}

/// `POST /recruitment/sign-in`: a new secret, which is signed in.
pub(crate) async fn sign_in(State(portal): State<Portal>, posted: Posted) -> Response {
    let name = posted.text("name");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._@ ".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        let fault = Fault::new("name", "Enter your name, in letters and numbers");
        return form(&portal, &posted.secret, vec![fault]);
    }
    let secret = Secret::generate();
    portal.desk().sign_in(&secret, name, portal.now());
    let mut response = see("/recruitment");
    response.headers_mut().append(SET_COOKIE, portal.set_secret(Cookie::Staff, &secret));
    response
}

/// `POST /recruitment/sign-out`.
pub(crate) async fn sign_out(State(portal): State<Portal>, posted: Posted) -> Response {
    portal.desk().sign_out(&posted.secret);
    let mut response = see("/recruitment/sign-in");
    response.headers_mut().append(SET_COOKIE, portal.delete_cookie(Cookie::Staff));
    response
}
