//! The review of a submitted share, on each database that there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use common::*;
use staffpass_share::{Act, Decision, DeclineReason, EmploymentType, ReviewState};

#[tokio::test]
async fn a_review_is_kept_sealed_audited_and_refused_whole() {
    for database in Base::all().await {
        let store = database.open().await;
        let reference = submit(&store, 1).await;
        let act = || Act::new("reviewer", at(120));
        let update = |step: fn(&mut staffpass_share::Review, Act) -> _| {
            let (store, reference, act) = (&store, &reference, act());
            async move {
                store.update_review(TENANT, reference, "reviewer", at(120), |r| step(r, act)).await
            }
        };
        let early = update(|review, act| review.decide(0, Decision::Accepted, act)).await;
        assert_eq!(early.unwrap_err().code(), "review_wrong_state");
        let state = store.review(TENANT, &reference).await.unwrap().state();
        assert_eq!(state, ReviewState::AwaitingIdentity);

        let kind = EmploymentType::TemporaryMover;
        let flags: Vec<_> = store.review(TENANT, &reference).await.unwrap().open_flags().collect();
        for flag in flags {
            let step = |review: &mut staffpass_share::Review| review.clear_flag(flag, act());
            store.update_review(TENANT, &reference, "reviewer", at(120), step).await.unwrap();
        }
        let confirm =
            |review: &mut staffpass_share::Review| review.confirm_identity(kind, true, act());
        store.update_review(TENANT, &reference, "reviewer", at(121), confirm).await.unwrap();
        let late = update(|review, act| review.decline(DeclineReason::Other, act)).await;
        assert_eq!(late.unwrap_err().code(), "review_wrong_state");
        store.close().await;

        let store = database.open().await;
        let review = store.review(TENANT, &reference).await.unwrap();
        assert_eq!(review.state(), ReviewState::Credentials);
        let audit = store.audit(TENANT, 0, 1000).await.unwrap();
        let (_, last) = audit.last().unwrap();
        assert_eq!((&*last.name, &*last.actor), ("hr.identity.confirmed", "reviewer"));
        assert!(store.check_audit(TENANT, None).await.unwrap().is_ok());
        let other = store.review("eastmoor", &reference).await.unwrap_err();
        assert_eq!(other.code(), "store_not_found", "invariant 11");
    }
}
