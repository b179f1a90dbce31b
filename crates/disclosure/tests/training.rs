//! The receiving trust's table of training, and what it says of records.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_credentials::{ClaimsContext, Subject, TrainingCredential};
use staffpass_disclosure::{TrainingPolicy, TrainingRule, TrainingVerdict, UnknownTraining};

const TABLE: &str = r#"
expiring_soon_days = 30

[[training]]
subject = "fire-safety"
level = 1
max_age_months = 12
mandatory = true

[[training]]
subject = "resuscitation"
level = 1
max_age_months = 24

[[training]]
subject = "resuscitation"
level = 2
max_age_months = 12
higher_levels = false

[[training]]
subject = "resuscitation"
level = 2
variant = "newborn"
max_age_months = 6

[[training]]
subject = "ward-induction"
framework = "local"
max_age_months = 36
"#;

fn policy() -> TrainingPolicy {
    TrainingPolicy::from_toml(TABLE).unwrap()
}

fn record(members: &Value) -> TrainingCredential {
    let mut claims = json!({
        "identity_id": "6f1b3a52-7c1e-4d0a-9f3e-2b8a4c6d8e10",
        "framework": "cstf",
        "subject": "fire-safety",
        "level": 1,
        "competency_name": "Fire safety",
        "attainment_status": "achieved",
        "awarded_on": "2025-06-10",
        "assurance": {
            "origin": "Eastmoor Hospitals (fictional)",
            "assurance_policy": "CSTF",
            "assurance_outcome": "CSTF applied",
            "provider": "Eastmoor Hospitals (fictional)",
            "verifier": "Origin",
            "verification_method": "document_verification",
            "pedigree": "sourced",
            "last_refresh": "2025-06-11",
        },
    });
    for (name, value) in members.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let context = ClaimsContext::new(at(2027, 1, 1), at(2027, 1, 1));
    TrainingCredential::from_claims(claims.as_object().unwrap(), &context).unwrap()
}

fn at(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn a_record_within_its_age_is_accepted_to_the_end_of_its_last_day() {
    let fire = record(&json!({}));
    let until = day(2026, 6, 10);
    let verdict = |now| policy().judge(&fire, now);
    assert_eq!(verdict(at(2025, 6, 10)), TrainingVerdict::Accepted { until });
    assert_eq!(verdict(at(2026, 5, 10)), TrainingVerdict::Accepted { until });
    assert_eq!(verdict(at(2026, 5, 11)), TrainingVerdict::ExpiringSoon { until });
    assert_eq!(verdict(at(2026, 6, 10)), TrainingVerdict::ExpiringSoon { until });
    assert_eq!(verdict(at(2026, 6, 11)), TrainingVerdict::ExpiredByPolicy { until });
}

#[test]
fn the_last_day_ends_in_london() {
    let fire = record(&json!({}));
    let before_midnight = Utc.with_ymd_and_hms(2026, 6, 10, 22, 59, 59).unwrap();
    assert!(policy().judge(&fire, before_midnight).counts());
    let after = Utc.with_ymd_and_hms(2026, 6, 10, 23, 0, 0).unwrap();
    assert_eq!(policy().judge(&fire, after).code(), "training_expired_by_policy");
}

#[test]
fn the_issuers_own_end_does_not_count() {
    let own = record(&json!({"valid_to": "2030-01-01"}));
    assert_eq!(policy().judge(&own, at(2026, 7, 1)).code(), "training_expired_by_policy");
}

#[test]
fn a_record_that_no_line_is_about_is_unknown() {
    let cases = [
        (json!({"subject": "moving-and-handling"}), UnknownTraining::NoRule),
        (json!({"framework": "local"}), UnknownTraining::NoRule),
        (json!({"attainment_status": "in_progress"}), UnknownTraining::NotAchieved),
    ];
    for (members, why) in cases {
        let verdict = policy().judge(&record(&members), at(2025, 7, 1));
        assert_eq!(verdict, TrainingVerdict::Unknown(why), "{members}");
        assert!(!verdict.counts());
    }
    let later = policy().judge(&record(&json!({})), at(2025, 6, 9));
    assert_eq!(later, TrainingVerdict::Unknown(UnknownTraining::AwardedLater));
}

#[test]
fn a_higher_level_satisfies_a_lower_one() {
    let third = record(&json!({"level": 3}));
    assert!(policy().judge(&third, at(2025, 7, 1)).counts());
    assert!(policy().rules()[0].is_satisfied_by(&third));
}

#[test]
fn a_higher_level_does_not_satisfy_where_the_table_says_so() {
    let third = record(&json!({"subject": "resuscitation", "level": 3}));
    let policy = policy();
    assert!(!policy.rules()[2].is_satisfied_by(&third));
    // The line of level 1 lets it in, and its age of 24 months judges it.
    let until = day(2027, 6, 10);
    assert_eq!(policy.judge(&third, at(2026, 7, 1)), TrainingVerdict::Accepted { until });
}

#[test]
fn a_lower_level_never_satisfies_a_higher_one() {
    let first = record(&json!({"subject": "resuscitation"}));
    assert!(!policy().rules()[2].is_satisfied_by(&first));
}

#[test]
fn the_most_particular_line_judges() {
    let second = json!({"subject": "resuscitation", "level": 2});
    let newborn = json!({"subject": "resuscitation", "level": 2, "variant": "newborn"});
    let until = |members| match policy().judge(&record(members), at(2025, 7, 1)) {
        TrainingVerdict::Accepted { until } => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(until(&second), day(2026, 6, 10));
    assert_eq!(until(&newborn), day(2025, 12, 10));
}

#[test]
fn each_line_is_covered_by_the_record_that_counts_longest() {
    let held = [
        record(&json!({})),
        record(&json!({"awarded_on": "2025-09-01", "level": 2})),
        record(&json!({"awarded_on": "2026-12-31", "attainment_status": "not_achieved"})),
    ];
    let policy = policy();
    let cover = policy.cover(&held, at(2025, 10, 1));
    assert_eq!(cover.len(), 5);
    let until = day(2026, 9, 1);
    assert_eq!(cover[0].best, Some((1, TrainingVerdict::Accepted { until })));
    assert!(cover[0].is_satisfied());
    assert_eq!(cover[1].best, None);
    assert!(!cover[1].is_satisfied());
}

#[test]
fn a_table_outside_its_ranges_is_refused() {
    let rule = |members: &str| {
        TrainingPolicy::from_toml(&format!("[[training]]\nsubject = \"a\"\n{members}\n"))
    };
    for members in [
        "max_age_months = 0",
        "max_age_months = 121",
        "max_age_months = 12\nlevel = 0",
        "max_age_months = 12\nlevel = 6",
        "max_age_months = 12\nvariant = \"\"",
    ] {
        assert_eq!(rule(members).unwrap_err().code(), "training_rule_range", "{members}");
    }
    assert_eq!(rule("").unwrap_err().code(), "toml_line");
    assert_eq!(rule("max_age_months = 12\nmax_age = 1").unwrap_err().code(), "toml_line");
    let twice =
        [TrainingRule::new(Subject::FireSafety, 1), TrainingRule::new(Subject::FireSafety, 2)];
    assert_eq!(TrainingPolicy::new(twice).unwrap_err().code(), "training_rule_twice");
    let notice = policy().with_notice_days(367);
    assert_eq!(notice.unwrap_err().code(), "training_rule_range");
}

#[test]
fn a_table_is_stored_and_comes_back() {
    let json = serde_json::to_string(&policy()).unwrap();
    assert_eq!(serde_json::from_str::<TrainingPolicy>(&json).unwrap(), policy());
}

proptest! {
    /// A record that is refused today for its age is refused on every later day, and one that
    /// counts today counted on every day since its award.
    #[test]
    fn age_only_grows(age in 0_i64..1500, more in 0_i64..1500) {
        let fire = record(&json!({}));
        let now = at(2025, 6, 10) + chrono::TimeDelta::days(age);
        let later = now + chrono::TimeDelta::days(more);
        let (now, later) = (policy().judge(&fire, now), policy().judge(&fire, later));
        prop_assert!(now.counts() || !later.counts());
    }
}
