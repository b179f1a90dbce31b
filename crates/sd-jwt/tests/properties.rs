//! What holds for all claims and all choices of what to hide and what to show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use chrono::{DateTime, Utc};
use common::{all_concealed, holder, issue, issuer, members, rng};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};
use staffpass_jose::{Signer as _, UnverifiedJws, jws};
use staffpass_query::{ClaimPath, PathElement};
use staffpass_sd_jwt::{
    Concealer, HashAlgorithm, HeldSdJwt, KeyBinding, Limits, UnverifiedSdJwt, confirmation_key,
};

/// Values of a few levels, with names that repeat and start like one another.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z é\"\\\\]{0,6}".prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(a|b|ab|c)", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn claims() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("(a|b|ab|c|d)", value(), 1..5)
        .prop_map(|claims| claims.into_iter().collect())
}

/// Every place in the claims, as the path to it.
fn places(claims: &Map<String, Value>) -> Vec<ClaimPath> {
    let mut found = Vec::new();
    for (name, value) in claims {
        walk(value, ClaimPath::key(name), &mut found);
    }
    found
}

fn walk(value: &Value, path: ClaimPath, found: &mut Vec<ClaimPath>) {
    found.push(path.clone());
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, value)| walk(value, path.clone().then_key(name), found));
        }
        Value::Array(elements) => {
            let indexed = elements.iter().enumerate();
            indexed.for_each(|(index, value)| walk(value, path.clone().then_index(index), found));
        }
        _ => {}
    }
}

#[derive(Debug)]
struct Case {
    claims: Map<String, Value>,
    hidden: Vec<ClaimPath>,
    asked: Vec<ClaimPath>,
    decoys: usize,
    algorithm: HashAlgorithm,
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let rest = (0_usize..3, select(HashAlgorithm::ALL.to_vec()), any::<u64>());
    (claims(), rest).prop_flat_map(|(claims, (decoys, algorithm, seed))| {
        let all = places(&claims);
        let some = subsequence(all.clone(), 0..=all.len());
        let asked = subsequence(all.clone(), 0..=all.len().min(4));
        (Just(claims), some, asked).prop_map(move |(claims, hidden, asked)| Case {
            claims,
            hidden,
            asked,
            decoys,
            algorithm,
            seed,
        })
    })
}

fn hold(case: &Case) -> (HeldSdJwt, Map<String, Value>, String) {
    let concealer = case.hidden.iter().cloned().fold(
        Concealer::new(case.claims.clone()).decoys(case.decoys).hash_algorithm(case.algorithm),
        Concealer::conceal,
    );
    let concealed = concealer.build(&mut rng(case.seed)).unwrap();
    let payload = concealed.payload().clone();
    let compact = issue(concealed);
    (HeldSdJwt::receive(&compact, &payload, &Limits::default()).unwrap(), payload, compact)
}

fn is_prefix(shorter: &[PathElement], longer: &[PathElement]) -> bool {
    longer.starts_with(shorter)
}

fn related(one: &ClaimPath, other: &ClaimPath) -> bool {
    is_prefix(one.elements(), other.elements()) || is_prefix(other.elements(), one.elements())
}

/// What is left of the claims when each hidden place that no request touches is taken away.
fn expected(case: &Case) -> Map<String, Value> {
    let kept = |path: &ClaimPath| {
        !case.hidden.contains(path) || case.asked.iter().any(|asked| related(asked, path))
    };
    keep_members(&case.claims, None, &kept)
}

fn keep_members(
    members: &Map<String, Value>,
    at: Option<&ClaimPath>,
    kept: &dyn Fn(&ClaimPath) -> bool,
) -> Map<String, Value> {
    let path = |name: &str| at.map_or_else(|| ClaimPath::key(name), |at| at.clone().then_key(name));
    let members = members.iter().filter(|(name, _)| kept(&path(name)));
    members.map(|(name, value)| (name.clone(), keep(value, &path(name), kept))).collect()
}

fn keep(value: &Value, at: &ClaimPath, kept: &dyn Fn(&ClaimPath) -> bool) -> Value {
    match value {
        Value::Object(members) => Value::Object(keep_members(members, Some(at), kept)),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, value)| (at.clone().then_index(index), value))
            .filter(|(path, _)| kept(path))
            .map(|(path, value)| keep(value, &path, kept))
            .collect(),
        plain => plain.clone(),
    }
}

proptest! {
    #[test]
    fn what_is_concealed_and_then_revealed_is_the_same_claims(case in case()) {
        let (held, payload, compact) = hold(&case);
        prop_assert_eq!(held.claims(), &case.claims);
        let mut hidden = held.concealed_paths().to_vec();
        hidden.sort();
        let mut wanted = case.hidden.clone();
        wanted.sort();
        prop_assert_eq!(hidden, wanted);
        let parsed = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
        let jws = UnverifiedJws::parse(parsed.issuer_jwt(), &jws::Limits::default()).unwrap();
        let verified = jws.verify(issuer().verification_key()).unwrap();
        let signed: Map<String, Value> = serde_json::from_slice(verified.payload()).unwrap();
        prop_assert_eq!(signed, payload);
    }

    #[test]
    fn a_selection_shows_what_was_asked_and_nothing_that_was_not(case in case()) {
        let (held, payload, _) = hold(&case);
        let selected = held.select(&case.asked).unwrap();
        let parsed = UnverifiedSdJwt::parse(selected.as_str(), &Limits::default()).unwrap();
        let revealed = parsed.reveal(&payload).unwrap();
        prop_assert_eq!(revealed.claims(), &expected(&case));
        for path in selected.disclosed_paths() {
            prop_assert!(case.asked.iter().any(|asked| related(asked, path)));
        }
        prop_assert_eq!(selected.disclosed_paths().len(), parsed.disclosures().len());
    }

    #[test]
    fn no_disclosure_of_a_selection_could_be_left_out(case in case(), which: Index) {
        let (held, payload, _) = hold(&case);
        let selected = held.select(&case.asked).unwrap();
        let mut parts: Vec<_> = selected.as_str().split('~').collect();
        let count = selected.disclosed_paths().len();
        prop_assume!(count > 0);
        parts.remove(1 + which.index(count));
        let fewer = parts.join("~");
        let parsed = UnverifiedSdJwt::parse(&fewer, &Limits::default()).unwrap();
        // Refused, as its child refers to nothing, or something that was asked is missing.
        if let Ok(revealed) = parsed.reveal(&payload) {
            prop_assert_ne!(revealed.claims(), &expected(&case));
        }
    }

    #[test]
    fn no_flipped_bit_is_accepted(at: Index, bit in 0_u8..8) {
        let good = bound();
        prop_assert!(accepted(good));
        let mut bytes = good.as_bytes().to_vec();
        let index = at.index(bytes.len());
        *bytes.get_mut(index).unwrap() ^= 1 << bit;
        if let Ok(flipped) = String::from_utf8(bytes) {
            prop_assert!(!accepted(&flipped));
        }
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in "[a-zA-Z0-9._~-]{0,200}", payload in value()) {
        if let Ok(sd_jwt) = UnverifiedSdJwt::parse(&text, &Limits::default()) {
            let payload = members(json!({"_sd": [], "x": payload}));
            let _ = sd_jwt.reveal(&payload);
            prop_assert!(text.starts_with(sd_jwt.issuer_jwt()));
        }
    }
}

const AUDIENCE: &str = "https://portal.example";
const NONCE: &str = "n-0S6_WzA2Mj";

fn bound() -> &'static str {
    static BOUND: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let (held, _) = common::held(all_concealed().decoys(1));
        let paths = [ClaimPath::key("address").then_key("city"), ClaimPath::key("trainings")];
        let now: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let unsigned = held.select(&paths).unwrap().bind(AUDIENCE, NONCE, now).unwrap();
        unsigned.sign(holder()).unwrap()
    });
    &BOUND
}

/// A verifier in small: every check that this crate and `jose` offer, in order.
fn accepted(compact: &str) -> bool {
    verify(compact).is_some()
}

fn verify(compact: &str) -> Option<()> {
    let limits = jws::Limits::default();
    let sd_jwt = UnverifiedSdJwt::parse(compact, &Limits::default()).ok()?;
    let jws = UnverifiedJws::parse(sd_jwt.issuer_jwt(), &limits).ok()?;
    let verified = jws.verify(issuer().verification_key()).ok()?;
    let payload: Map<String, Value> = serde_json::from_slice(verified.payload()).ok()?;
    let revealed = sd_jwt.reveal(&payload).ok()?;
    let key = confirmation_key(revealed.claims()).ok()??;
    let binding = UnverifiedJws::parse(sd_jwt.key_binding_jwt()?, &limits).ok()?;
    let holder = holder().verification_key();
    let binding =
        binding.verify(holder).ok().filter(|_| holder.thumbprint() == key.thumbprint())?;
    let binding = KeyBinding::read(&binding, &limits.json).ok()?;
    binding.check_sd_hash(&sd_jwt, revealed.hash_algorithm()).ok()?;
    (binding.audience() == AUDIENCE && binding.nonce() == NONCE).then_some(())
}
