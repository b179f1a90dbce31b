//! For every request and wallet: what leaves has each claim that was asked for and no other that could
//! be hidden, and it verifies.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;

use common::{Person, Portal, bound_claims, field, now, opened, sd_jwt_vc};
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_disclosure::HeldCredential;
use staffpass_query::{ClaimPath, CredentialQuery, DcqlQuery, PathElement};

const VCT: &str = "urn:example:a:1";
const CLIENT: &str = "decentralized_identifier:did:web:portal.example";

/// Two levels of objects, with an array: nine claims, each named by its keys.
const LEAVES: [&[&str]; 7] =
    [&["a"], &["b"], &["c"], &["o", "d"], &["o", "e"], &["o", "p", "f"], &["o", "p", "g"]];
const BRANCHES: [&[&str]; 2] = [&["o"], &["o", "p"]];

fn claims() -> Value {
    json!({
        "a": "a", "b": ["x", "y"], "c": 7,
        "o": { "d": true, "e": null, "p": { "f": {}, "g": "g" } },
    })
}

fn path(keys: &[&str]) -> ClaimPath {
    ClaimPath::keys(keys.iter().copied()).unwrap()
}

/// Every claim of an object by its path, objects themselves left out.
fn leaves(value: &Value, at: &mut Vec<String>, found: &mut BTreeSet<Vec<String>>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, inner) in members {
                at.push(name.clone());
                leaves(inner, at, found);
                at.pop();
            }
        }
        _ => {
            found.insert(at.clone());
        }
    }
}

fn keys_of(path: &ClaimPath) -> Vec<String> {
    let key = |element: &PathElement| match element {
        PathElement::Key(key) => key.clone(),
        other => panic!("{other:?}"),
    };
    path.elements().iter().map(key).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_sd_jwt_vc_shows_each_claim_that_was_asked_for_and_no_hidden_one_besides(
        hidden in proptest::collection::vec(any::<bool>(), LEAVES.len() + BRANCHES.len()),
        asked in proptest::collection::vec(any::<bool>(), LEAVES.len() + BRANCHES.len()),
    ) {
        let all: Vec<&[&str]> = LEAVES.iter().chain(&BRANCHES).copied().collect();
        let chosen = |flags: &[bool]| -> Vec<ClaimPath> {
            all.iter().zip(flags).filter(|(_, on)| **on).map(|(keys, _)| path(keys)).collect()
        };
        let (hidden, asked) = (chosen(&hidden), chosen(&asked));
        let (portal, person) = (Portal::new(), Person::new());
        let held = [HeldCredential::parse(&sd_jwt_vc(&person.key, VCT, &claims(), &hidden)).unwrap()];
        let query = CredentialQuery::sd_jwt_vc("a", VCT);
        let query = asked.iter().fold(query, |query, path| query.with_claim(path.clone()));
        let review = portal.review(&portal.dcql(DcqlQuery::new([query]).unwrap()));
        let matches = review.matches(&held, &[person.did().clone()], now());
        let choice = matches.default_choice().unwrap();
        let answer = matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
        let tokens: Value = serde_json::from_str(&field(&answer, "vp_token")[0]).unwrap();
        let token = tokens["a"][0].as_str().unwrap();
        let seen = bound_claims(token, &person.key, CLIENT, review.request().nonce());

        let issued = claims();
        for path in &asked {
            prop_assert_eq!(path.select(&seen).unwrap(), path.select(&issued).unwrap());
        }
        let mut shown = BTreeSet::new();
        leaves(&seen, &mut Vec::new(), &mut shown);
        for leaf in shown.iter().filter(|leaf| LEAVES.iter().any(|keys| *keys == leaf.as_slice())) {
            let wanted = asked.iter().any(|path| leaf.starts_with(&keys_of(path)));
            let hidden_at = |keys: &[String]| hidden.iter().any(|path| keys_of(path) == keys);
            // What is hidden in something that is shown for another claim's sake, and not itself
            // hidden, comes with it.
            let open = !hidden_at(leaf);
            prop_assert!(wanted || open, "{leaf:?} was not asked for");
            if !wanted {
                // Open, and so is or was needed everything that it stands in.
                for length in 1..leaf.len() {
                    let above = &leaf[..length];
                    let needed = asked.iter().any(|path| keys_of(path).starts_with(above));
                    prop_assert!(!hidden_at(above) || needed, "{above:?} was opened for nothing");
                }
            }
        }
        // No disclosure too many: one for each hidden claim that is asked for, is in one that is, or
        // has one in it.
        let needed = hidden.iter().filter(|path| {
            let keys = keys_of(path);
            asked.iter().any(|asked| {
                let asked = keys_of(asked);
                asked.starts_with(&keys) || keys.starts_with(&asked)
            })
        });
        prop_assert_eq!(token.matches('~').count() - 1, needed.count());
    }

    #[test]
    fn of_vc_jwts_those_that_were_chosen_leave_and_no_other(
        held in proptest::collection::vec(0_usize..3, 1..8),
        asked in proptest::collection::btree_set(0_usize..3, 1..3),
    ) {
        let types = ["StaffIdentity", "StaffEmployment", "StaffTraining"];
        let parts = ["identity", "employment", "training"];
        let (portal, person) = (Portal::new(), Person::new());
        let held: Vec<_> =
            held.iter().zip(0..).map(|(kind, nth)| person.holds_of(types[*kind], nth)).collect();
        let requested: Vec<_> = asked.iter().map(|kind| common::asks(parts[*kind])).collect();
        for request in [portal.openid4vp(requested.clone()), portal.microsoft(requested)] {
            let review = portal.review(&request);
            let matches = review.matches(&held, &[person.did().clone()], now());
            let Ok(choice) = matches.default_choice() else {
                let lacking = asked.iter().any(|kind| {
                    !held.iter().any(|one| one.types().iter().any(|name| name == types[*kind]))
                });
                prop_assert!(lacking);
                continue;
            };
            let answer = matches.present(&choice, &[person.holder()], now(), &mut rand::rng());
            let answer = answer.unwrap();
            let mut left = BTreeSet::new();
            for form in field(&answer, "vp_token") {
                let tokens: Vec<String> = match serde_json::from_str::<Value>(&form) {
                    Ok(Value::Object(parts)) => parts
                        .values()
                        .flat_map(|tokens| tokens.as_array().unwrap())
                        .map(|token| token.as_str().unwrap().to_owned())
                        .collect(),
                    _ => vec![form],
                };
                for token in tokens {
                    let (_, vp) = opened(&token, &person.key);
                    let inside = vp["vp"]["verifiableCredential"].as_array().unwrap().clone();
                    left.extend(inside.iter().map(|one| one.as_str().unwrap().to_owned()));
                }
            }
            let chosen: BTreeSet<String> = choice
                .iter()
                .flat_map(|(_, held)| held)
                .map(|at| held[*at].as_str().to_owned())
                .collect();
            prop_assert_eq!(left, chosen);
        }
    }
}
