//! How long a document says that it may be kept. Whatever it says is held within bounds by
//! [`Freshness`](crate::Freshness), so nothing of this need be believed.

use std::time::{Duration, SystemTime};

use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};
use serde::Deserialize;
use staffpass_jose::base64url;

use crate::target::Kind;

/// The shortest time of those that the server and the document name.
pub(crate) fn said(headers: &HeaderMap, kind: Kind, bytes: &[u8]) -> Option<Duration> {
    let list = if kind == Kind::StatusList { of_list(bytes, SystemTime::now()) } else { None };
    [of_headers(headers), list].into_iter().flatten().min()
}

/// `Cache-Control` and `Age` (RFC 9111 §5.2.2, §5.1). What must not be stored, or be asked for each
/// time, has the time zero.
fn of_headers(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let times = values.flat_map(|value| value.split(',')).filter_map(directive);
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()).and_then(seconds);
    times.min().map(|time| time.saturating_sub(age.unwrap_or_default()))
}

fn directive(text: &str) -> Option<Duration> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    match name.trim().to_ascii_lowercase().as_str() {
        "no-store" | "no-cache" => Some(Duration::ZERO),
        // A number that cannot be read is a stale answer (RFC 9111 §4.2.1).
        "max-age" => Some(seconds(value.trim().trim_matches('"')).unwrap_or_default()),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More than fits is very long (RFC 9111 §1.2.2).
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))))
}

/// The members of a status list that say how long it may be kept.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    /// In seconds (Token Status List §5.1).
    ttl: Lenient,
    exp: Lenient,
    #[serde(rename = "credentialSubject")]
    subject: ListSubject,
    vc: ListCredential,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListCredential {
    #[serde(rename = "credentialSubject")]
    subject: ListSubject,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListSubject {
    /// In milliseconds (Bitstring Status List §2.2).
    ttl: Lenient,
}

/// A number; whatever else stands there counts as nothing.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Lenient(serde_json::Value);

/// `ttl` of a list, and the time until its `exp`: an expired list is refused, so keeping it longer
/// would only refuse people.
fn of_list(bytes: &[u8], now: SystemTime) -> Option<Duration> {
    let payload = std::str::from_utf8(bytes).ok()?.split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&base64url::decode(payload).ok()?).ok()?;
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let expires = claims.exp.0.as_f64().and_then(|exp| Duration::try_from_secs_f64(exp).ok());
    let milliseconds = [&claims.subject.ttl, &claims.vc.subject.ttl];
    let milliseconds = milliseconds.into_iter().filter_map(|ttl| ttl.0.as_u64());
    let times = milliseconds.map(Duration::from_millis);
    let times = times.chain(claims.ttl.0.as_u64().map(Duration::from_secs));
    times.chain(expires.map(|expires| expires.saturating_sub(now))).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Freshness;

    fn headers(values: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(*name, value.parse().expect("a value"));
        }
        of_headers(&headers).map(|time| time.as_secs())
    }

    #[test]
    fn the_server_names_a_time() {
        assert_eq!(headers(&[]), None);
        assert_eq!(headers(&[("cache-control", "public")]), None);
        assert_eq!(headers(&[("cache-control", "public, Max-Age=300")]), Some(300));
        assert_eq!(headers(&[("cache-control", "max-age=\"300\"")]), Some(300));
        assert_eq!(headers(&[("cache-control", "max-age=300, no-store")]), Some(0));
        assert_eq!(headers(&[("cache-control", "no-cache")]), Some(0));
        assert_eq!(headers(&[("cache-control", "max-age=-1")]), Some(0));
        let twice = [("cache-control", "max-age=300"), ("cache-control", "max-age=60")];
        assert_eq!(headers(&twice), Some(60));
        assert_eq!(headers(&[("cache-control", "max-age=300"), ("age", "100")]), Some(200));
        assert_eq!(headers(&[("cache-control", "max-age=300"), ("age", "400")]), Some(0));
        let beyond = headers(&[("cache-control", "max-age=99999999999999999999")]);
        assert_eq!(beyond, Some(u64::from(u32::MAX)));
    }

    fn list(claims: &str) -> Option<u64> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let list = format!("e30.{}.c2ln", base64url::encode(claims));
        of_list(list.as_bytes(), now).map(|time| time.as_secs())
    }

    #[test]
    fn a_list_names_a_time() {
        assert_eq!(list(r#"{}"#), None);
        assert_eq!(list(r#"{"ttl":60}"#), Some(60));
        assert_eq!(list(r#"{"credentialSubject":{"ttl":60000}}"#), Some(60));
        assert_eq!(list(r#"{"vc":{"credentialSubject":{"ttl":60000}}}"#), Some(60));
        assert_eq!(list(r#"{"ttl":60,"exp":1000030}"#), Some(30));
        assert_eq!(list(r#"{"exp":999999}"#), Some(0));
        for odd in [r#"{"ttl":"60"}"#, r#"{"ttl":-1}"#, r#"{"exp":-1e300}"#, r#"{"exp":1e300}"#] {
            assert_eq!(list(odd), None, "{odd}");
        }
        assert_eq!(of_list(b"<html>", SystemTime::now()), None);
        assert_eq!(of_list(b"a.!.c", SystemTime::now()), None);
    }

    #[test]
    fn whatever_is_said_is_held_within_bounds() {
        let second = Duration::from_secs;
        let bounds = Freshness::new(second(10), second(300), second(3600));
        assert_eq!(bounds.clamp(None), second(300));
        assert_eq!(bounds.clamp(Some(second(0))), second(10));
        assert_eq!(bounds.clamp(Some(second(60))), second(60));
        assert_eq!(bounds.clamp(Some(second(u64::MAX))), second(3600));
    }
}
