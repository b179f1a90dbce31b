//! The attacks of the field against a verifier, each by its id, each refused with its code.
//!
//! Every test starts from the same good exchange and changes one thing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod certificates;
mod conventions;
mod draft;
mod encrypted;
mod formats;
mod linked_domains;
mod peers;
mod presentations;
mod query;
mod report;
mod resources;
mod sd_jwt;
mod signatures;
mod status;
mod time;
mod transaction;

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_credentials::CredentialKind;
use staffpass_did::Did;
use staffpass_jose::{Algorithm, base64url};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_testkit::{
    Dialect, Encoding, Exchange, Holder, HolderKind, IssuerKind, Scenario, Tamper, Token,
    signing_key,
};
use staffpass_verify::policy::{
    PersonLink, StatusRequirement, TrustPolicy, TrustedIssuer, UnknownStatus, ValueRule,
};
use staffpass_verify::{
    Check, Code, CredentialStatus, Evidence, Fetched, Limits, Outcome, PolicyKey, Rejection,
    Source, Step, Subject, Verification, VerifiedResponse, Verifier, WalletError,
};

fn good(dialect: Dialect) -> Exchange {
    Scenario::new(dialect).build()
}

/// The codes with which the exchange is refused once it is changed, in each dialect.
fn refused(change: impl Fn(&mut Exchange)) -> Vec<Code> {
    let codes = |dialect| {
        let mut exchange = good(dialect);
        change(&mut exchange);
        codes(exchange.verify())
    };
    let microsoft = codes(Dialect::MicrosoftTogether);
    assert_eq!(microsoft, codes(Dialect::OpenId4Vp), "the dialects differ");
    microsoft
}

fn codes(verdict: Result<VerifiedResponse, Rejection>) -> Vec<Code> {
    let rejection = verdict.map(|_| ()).expect_err("refused");
    assert!(!rejection.report().accepted());
    assert!(!rejection.codes().is_empty());
    rejection.codes()
}

/// What an accepted response passed only because the policy let it be, in the order of the report.
fn waived(verified: &VerifiedResponse) -> Vec<(Subject, Check, PolicyKey)> {
    let records = verified.report().checks.iter();
    let waived = records.filter_map(|record| match record.outcome {
        Outcome::Waived(PolicyKey::PersonLink) => None,
        Outcome::Waived(key) => Some((record.subject, record.check, key)),
        _ => None,
    });
    waived.collect()
}

/// One line for each of the three credentials of a good exchange.
fn of_each_credential(check: Check, key: PolicyKey) -> Vec<(Subject, Check, PolicyKey)> {
    (0..3).map(|place| (Subject::Credential(place, 0), check, key)).collect()
}

fn identity(exchange: &mut Exchange) -> &mut Token {
    &mut exchange.answer.presentations[0].credentials[0]
}

fn presentation(exchange: &mut Exchange) -> &mut Token {
    &mut exchange.answer.presentations[0].token
}

/// The issuer as the good policy has it, changed.
fn trust(exchange: &mut Exchange, change: impl FnOnce(&mut TrustedIssuer)) {
    let mut issuer = exchange.issuer.trusted();
    change(&mut issuer);
    exchange.policy = TrustPolicy::builder().issuer(issuer);
}
