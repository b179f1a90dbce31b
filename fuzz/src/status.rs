//! Status lists, the entries that point to them, and SD-JWTs.

use std::str;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use staffpass_jose::json::parse;
use staffpass_sd_jwt::{HeldSdJwt, UnverifiedSdJwt, confirmation_key};
use staffpass_status::token::{StatusListToken, TokenStatus};
use staffpass_status::{
    IdentityHubQuery, Limits, StatusEntry, StatusKind, StatusListCredential, StatusOutcome,
    StatusPurpose, StatusRules, hub, judge, token,
};
use staffpass_testkit::now;

use crate::seeds::{LIST, OBJECT};

/// Lists of half a MiB at most, so that a fuzzer is not kept busy with inflating zeros.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_inflated_bytes = 512 * 1024;
    limits
}

/// The claims of a status list credential of any kind, and what an entry in it says.
pub fn status_list(data: &[u8]) {
    let Ok(credential) = StatusListCredential::parse(data, &limits()) else { return };
    let about = credential.about().clone();
    let _ = about.check_dates(now(), TimeDelta::minutes(1));
    let _ = about.ttl_within(Duration::from_secs(60), Duration::from_secs(86_400));
    let Ok(list) = credential.inflate(&limits()) else { return };
    let rules = StatusRules::new(about.kind).with_minimum_entries(0);
    for index in [0, 7, 94_567, u64::MAX] {
        for entry in entries(about.kind, index) {
            if let Ok(StatusOutcome::Set { value, .. }) = judge(&entry, &list, &rules) {
                assert_ne!(value, 0);
            }
        }
    }
}

fn entries(kind: StatusKind, index: u64) -> Vec<StatusEntry> {
    let entry = json!({
        "type": kind.entry_type(), "statusPurpose": "revocation", "statusListIndex": index.to_string(),
        "statusListCredential": LIST, "id": format!("{LIST}#{index}"),
    });
    StatusEntry::parse_all(&entry).unwrap_or_default()
}

/// The claims of a status list token, and what an entry in it says.
pub fn status_token(data: &[u8]) {
    let Ok(claims) = StatusListToken::parse(data, &limits()) else { return };
    let Ok(list) = claims.inflate(&limits()) else { return };
    for index in [0, 7, 1993, u64::MAX] {
        let status = json!({"status_list": {"idx": index, "uri": LIST}});
        let Ok(status) = TokenStatus::parse(&status) else { continue };
        if let Ok(StatusOutcome::Set { value, .. }) = token::judge(&status, &list) {
            assert_ne!(value, 0);
        }
    }
}

/// The status of a credential: `credentialStatus`, or the claim `status`. What is accepted is written
/// and read as the same entry.
pub fn status_entry(data: &[u8]) {
    let Ok(value) = parse::<Value>(data, &limits().json) else { return };
    let _ = TokenStatus::parse(&value);
    for entry in StatusEntry::parse_all(&value).unwrap_or_default() {
        let again = StatusEntry::parse(&entry.to_json());
        assert!(again.is_ok_and(|again| {
            (again.index(), again.kind(), again.purpose(), again.list())
                == (entry.index(), entry.kind(), entry.purpose(), entry.list())
        }));
        let _ = entry.message(1);
        assert!(entry.purpose() != StatusPurpose::Message || entry.size().values() >= 2);
    }
}

static QUERY: LazyLock<Option<IdentityHubQuery>> =
    LazyLock::new(|| IdentityHubQuery::new("did:ion:abc", OBJECT).ok());

/// The reply of an IdentityHub, and the list in it.
pub fn status_hub(data: &[u8]) {
    let Some(query) = &*QUERY else { return };
    if let Ok(token) = hub::parse_reply(data, query, &limits()) {
        crate::jws(token.as_bytes());
    }
}

/// An SD-JWT, with or without a key binding, over the claims of its own unbelieved issuer's token.
pub fn sd_jwt(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let limits = staffpass_sd_jwt::Limits::default();
    let Ok(parsed) = UnverifiedSdJwt::parse(text, &limits) else { return };
    let kb = parsed.key_binding_jwt().unwrap_or_default();
    assert_eq!(format!("{}{kb}", parsed.without_key_binding()), text);
    let jws_limits = staffpass_jose::jws::Limits::default();
    let Ok(jws) = staffpass_jose::UnverifiedJws::parse(parsed.issuer_jwt(), &jws_limits) else {
        return;
    };
    let payload = parse::<Map<String, Value>>(jws.unverified_payload(), &limits.json);
    let Ok(payload) = payload else { return };
    if let Ok(revealed) = parsed.reveal(&payload) {
        assert_eq!(revealed.disclosed_paths().len(), parsed.disclosures().len());
        assert!(!conceals(&Value::Object(revealed.claims().clone())), "a digest is left");
        let _ = confirmation_key(revealed.claims());
    }
    let _ = HeldSdJwt::receive(text, &payload, &limits);
}

/// Whether a digest of something concealed stands anywhere.
fn conceals(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name == "_sd" || name == "..." || conceals(value))
        }
        Value::Array(elements) => elements.iter().any(conceals),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;

    #[test]
    fn the_lists_are_inflated() {
        for seed in seeds::of("status_list") {
            let list = StatusListCredential::parse(&seed, &limits());
            assert!(list.and_then(|list| list.inflate(&limits())).is_ok());
        }
        for seed in seeds::of("status_token") {
            let list = StatusListToken::parse(&seed, &limits());
            assert!(list.and_then(|list| list.inflate(&limits())).is_ok());
        }
    }

    #[test]
    fn the_sd_jwts_are_revealed() {
        for seed in seeds::of("sd_jwt") {
            let text = str::from_utf8(&seed).unwrap_or_default();
            let limits = staffpass_sd_jwt::Limits::default();
            assert!(UnverifiedSdJwt::parse(text, &limits).is_ok(), "{text}");
        }
    }
}
