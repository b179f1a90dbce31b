//! The claims of a staff credential, where only what is asked for comes.
//!
//! An SD-JWT VC of which no claim is asked for shows none that can be hidden (OpenID4VP 1.0 §6.4.1),
//! and so is no credential of its kind. What its model requires is asked for; what only some have, and
//! the receiving trust has a use for, is asked for by claim sets, of which a wallet takes the first that
//! the credential satisfies. Nothing else is asked for, and so stays with the person.

use staffpass_credentials::CredentialKind;
use staffpass_query::{ClaimPath, ClaimsQuery, CredentialQuery};

/// What some credentials have and a trust reads: a person with one name has no `given_name`, only a
/// fixed term has an `end_date`, only the Core Skills framework has a `level`.
const fn wanted(kind: CredentialKind) -> &'static [&'static str] {
    match kind {
        CredentialKind::Identity => &["given_name"],
        CredentialKind::Employment => &["end_date", "registrations"],
        CredentialKind::Training => &["level", "variant", "valid_to"],
        _ => &[],
    }
}

/// The query with every claim of the kind's model that it does not have yet.
pub(super) fn ask_for_all_of(kind: CredentialKind, query: &CredentialQuery) -> CredentialQuery {
    let (format, meta) = (query.format().clone(), query.meta().clone());
    let mut asked = CredentialQuery::with_meta(query.id(), format, meta);
    let mut always: Vec<String> = Vec::new();
    for (number, claim) in query.claims().iter().enumerate() {
        let id = format!("own-{number}");
        asked = asked.with_claim(claim.clone().with_id(&id));
        always.push(id);
    }
    let is_new = |name: &&&str| {
        let path = ClaimPath::key(name);
        query.claims().iter().all(|claim| *claim.path() != path)
    };
    for name in kind.required_claims().iter().filter(is_new) {
        asked = asked.with_claim(claim(name));
        always.push((*name).to_owned());
    }
    let wanted: Vec<&str> = wanted(kind).iter().filter(is_new).copied().collect();
    for name in &wanted {
        asked = asked.with_claim(claim(name));
    }
    combinations(&wanted).into_iter().fold(asked, |asked, some| {
        asked.with_claim_set(always.iter().map(String::as_str).chain(some))
    })
}

fn claim(name: &str) -> ClaimsQuery {
    ClaimsQuery::new(ClaimPath::key(name)).with_id(name)
}

/// Every choice of some of the names, one with more of them before one with fewer; none where there are
/// no names, since all claims are asked for then.
fn combinations<'n>(names: &[&'n str]) -> Vec<Vec<&'n str>> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for name in names {
        let with = all.iter().map(|some| some.iter().copied().chain([*name]).collect());
        let with: Vec<Vec<&str>> = with.collect();
        all.extend(with);
    }
    all.sort_by_key(|some| std::cmp::Reverse(some.len()));
    all
}
