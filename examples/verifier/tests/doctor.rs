//! `--doctor` against the service itself, and against a server that publishes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::*;
use verifier::Service;

/// The service publishes whatever the apps look for. That it is not https is all that is left, and
/// true on loopback.
#[tokio::test]
async fn the_doctor_finds_nothing_wrong_with_what_the_service_publishes_but_plain_http() {
    let world = World::new().await;
    let same = Service::open(&options(&world.directory, &world.base, &["--doctor"])).await.unwrap();
    let findings = same.doctor().await.unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("doctor_not_https: "), "{findings:?}");
}

#[tokio::test]
async fn the_doctor_says_when_another_key_is_published() {
    let world = World::new().await;
    let other = directory();
    std::fs::copy(world.directory.join("policy.toml"), other.join("policy.toml")).unwrap();
    let another = Service::open(&options(&other, &world.base, &["--doctor"])).await.unwrap();
    let findings = another.doctor().await.unwrap();
    std::fs::remove_dir_all(&other).unwrap();
    assert!(findings[1].starts_with("doctor_key_missing: "), "{findings:?}");
}

#[tokio::test]
async fn the_doctor_says_what_cannot_be_fetched() {
    let world = World::new().await;
    let nobody = "http://localhost:1";
    let away = Service::open(&options(&world.directory, nobody, &["--doctor"])).await.unwrap();
    let findings = away.doctor().await.unwrap();
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings.iter().all(|finding| finding.starts_with("fetch_connect: ")), "{findings:?}");
}
