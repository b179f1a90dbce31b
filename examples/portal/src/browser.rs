//! What the portal knows of a browser: one cookie with a secret, and forms that only a page of this
//! portal, shown to that browser, can have sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngExt as _;
use sha2::Sha256;
use staffpass::jose::base64url;
use staffpass::share::SessionDigest;
use subtle::ConstantTimeEq as _;

use crate::pages;
use crate::service::Portal;

/// The cookie's secret: 256 random bits. Before a session it ties forms to the browser; a session has
/// another one, and another again after each step up.
#[derive(Clone, Copy)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    pub(crate) fn generate() -> Self {
        Self(rand::rng().random())
    }

    fn parse(text: &str) -> Option<Self> {
        base64url::decode(text).ok()?.try_into().ok().map(Self)
    }

    pub(crate) fn digest(&self) -> SessionDigest {
        SessionDigest::of(&self.0)
    }
}

/// What a cookie is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The person's session, or what comes before it.
    Session,
    /// That this browser has submitted: which share, authenticated.
    Done,
    /// The sign-in of a member of the recruitment team.
    Staff,
}

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "staffpass-session",
            Self::Done => "staffpass-done",
            Self::Staff => "staffpass-staff",
        }
    }
}

impl Portal {
    /// `__Host-` wants https: on loopback http the plain name must do, where the configuration lets it.
    fn cookie_name(&self, cookie: Cookie) -> String {
        if self.has_https() {
            format!("__Host-{}", cookie.name())
        } else {
            cookie.name().to_owned()
        }
    }

    fn set_cookie_value(&self, cookie: Cookie, value: &str, more: &str) -> HeaderValue {
        let secure = if self.has_https() { "; Secure" } else { "" };
        let name = self.cookie_name(cookie);
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// Lasts as long as the browser runs; what it stands for ends earlier.
    pub(crate) fn set_secret(&self, cookie: Cookie, secret: &Secret) -> HeaderValue {
        self.set_cookie_value(cookie, &base64url::encode(secret.0), "")
    }

    pub(crate) fn delete_cookie(&self, cookie: Cookie) -> HeaderValue {
        self.set_cookie_value(cookie, "", "; Max-Age=0")
    }

    /// For the last page, which has no session any more: half an hour.
    pub(crate) fn set_done(&self, reference: &str) -> HeaderValue {
        let value = format!("{reference}.{}", self.mac("done", reference.as_bytes()));
        self.set_cookie_value(Cookie::Done, &value, "; Max-Age=1800")
    }

    /// The token of a form, for one browser.
    pub(crate) fn form_token(&self, secret: &Secret) -> String {
        self.mac("form", &secret.0)
    }

    pub(crate) fn mac(&self, purpose: &str, value: &[u8]) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.keys().browser) else {
            return String::new();
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        base64url::encode(mac.finalize().into_bytes())
    }

    pub(crate) fn is_mac(&self, purpose: &str, value: &[u8], given: &str) -> bool {
        self.mac(purpose, value).as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// Whether the browser has submitted, by its cookie.
    pub(crate) fn done(&self, headers: &HeaderMap) -> Option<String> {
        let value = self.cookie(headers, Cookie::Done)?;
        let (reference, mac) = value.split_once('.')?;
        self.is_mac("done", reference.as_bytes(), mac).then(|| reference.to_owned())
    }

    /// A cookie that comes twice counts as none: nobody can tell whose is which.
    fn cookie(&self, headers: &HeaderMap, cookie: Cookie) -> Option<String> {
        let name = self.cookie_name(cookie);
        let sent = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            sent.flat_map(|sent| sent.split(';')).filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(sent, _)| sent.trim() == name)?.1.trim().to_owned();
        pairs.all(|(sent, _)| sent.trim() != name).then_some(found)
    }

    pub(crate) fn secret(&self, headers: &HeaderMap, cookie: Cookie) -> Option<Secret> {
        Secret::parse(&self.cookie(headers, cookie)?)
    }
}

/// A browser that asks for a page.
pub(crate) struct Browser {
    pub(crate) headers: HeaderMap,
    pub(crate) network: String,
}

impl FromRequestParts<Portal> for Browser {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Portal,
    ) -> Result<Self, Self::Rejection> {
        let network = portal.network(parts);
        Ok(Self { headers: parts.headers.clone(), network })
    }
}

/// A form that a page of this portal sent, from the browser that it was shown to. There is no other
/// way to a form's fields (ASVS 5.0 3.5.1).
pub(crate) struct Posted {
    pub(crate) browser: Browser,
    pub(crate) secret: Secret,
    fields: Vec<(String, String)>,
}

impl Posted {
    /// The first of the name, without the spaces around it.
    pub(crate) fn text(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map_or("", |(_, value)| value.trim())
    }

    pub(crate) fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| &**value)
    }
}

impl FromRequest<Portal> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(browser) = Browser::from_request_parts(&mut parts, portal).await;
        let cookie = if parts.uri.path().starts_with("/recruitment") {
            Cookie::Staff
        } else {
            Cookie::Session
        };
        let secret = portal.secret(&browser.headers, cookie);
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, portal).await;
        let body = body.map_err(|_| pages::too_large(portal))?;
        let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
        let token = fields.iter().find(|(name, _)| name == "token").map_or("", |(_, value)| value);
        match secret {
            Some(secret)
                if is_form(&browser.headers)
                    && is_ours(&browser.headers)
                    && portal.is_mac("form", &secret.0, token) =>
            {
                Ok(Self { browser, secret, fields })
            }
            _ => Err(pages::out_of_date(portal)),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Browsers that say where a request comes from say that it comes from here.
fn is_ours(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin")
}
