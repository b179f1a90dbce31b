//! The trust's own people, on each database that there is.

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
use staffpass_share::{SealingKeys, SessionDigest};
use staffpass_store::{Retention, Store, StoreError, StoreKeys, StoreOptions, TokenDigest};
use tokio::task::JoinSet;

const OTHER: &str = "eastmoor";

fn session() -> SessionDigest {
    SessionDigest::of(b"the secret of a cookie")
}

fn is_nobody<T: std::fmt::Debug>(found: Result<T, StoreError>) -> bool {
    matches!(found.unwrap_err(), StoreError::NotFound)
}

async fn signed_in(store: &Store) {
    store.sign_in_staff(TENANT, &session(), "A. Reviewer", at(480)).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_is_known_to_every_portal_of_the_trust_until_it_ends() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        assert!(is_nobody(portals[1].staff(TENANT, &session(), at(0)).await));
        signed_in(&portals[0]).await;
        assert_eq!(portals[1].staff(TENANT, &session(), at(479)).await.unwrap(), "A. Reviewer");
        assert!(is_nobody(portals[1].staff(TENANT, &session(), at(480)).await));
        assert!(is_nobody(portals[1].staff(OTHER, &session(), at(1)).await));
        portals[1].sign_out_staff(TENANT, &session()).await.unwrap();
        assert!(is_nobody(portals[0].staff(TENANT, &session(), at(1)).await));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b3_of_twenty_who_come_back_with_one_state_one_is_signed_in() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let state = TokenDigest::of("state");
        portals[0].begin_staff_sign_in(TENANT, &state, b"nonce", at(10)).await.unwrap();
        assert!(is_nobody(portals[0].take_staff_sign_in(OTHER, &state, at(1)).await));
        let mut backs = JoinSet::new();
        for number in 0..20 {
            let (portal, state) = (portals[number % 2].clone(), TokenDigest::of("state"));
            backs.spawn(async move { portal.take_staff_sign_in(TENANT, &state, at(1)).await });
        }
        let backs = backs.join_all().await;
        let won: Vec<_> = backs.iter().filter_map(|back| back.as_ref().ok()).collect();
        assert_eq!(won, [&zeroize::Zeroizing::new(b"nonce".to_vec())]);
        let mut lost = backs.into_iter().filter(Result::is_err);
        assert!(lost.all(is_nobody));
    }
}

#[tokio::test]
async fn a_state_that_is_too_old_is_like_one_that_never_was() {
    for base in Base::all().await {
        let (store, state) = (base.open().await, TokenDigest::of("state"));
        store.begin_staff_sign_in(TENANT, &state, b"nonce", at(10)).await.unwrap();
        assert!(is_nobody(store.take_staff_sign_in(TENANT, &state, at(10)).await));
    }
}

#[tokio::test]
async fn b24_a_restore_signs_everybody_out() {
    for base in Base::all().await {
        let (store, state) = (base.open().await, TokenDigest::of("state"));
        signed_in(&store).await;
        store.begin_staff_sign_in(TENANT, &state, b"nonce", at(10)).await.unwrap();
        store.begin_epoch().await.unwrap();
        assert!(is_nobody(store.staff(TENANT, &session(), at(1)).await));
        assert!(is_nobody(store.take_staff_sign_in(TENANT, &state, at(1)).await));
    }
}

#[tokio::test]
async fn what_has_ended_is_deleted_by_the_job_and_twice_is_no_harm() {
    for base in Base::all().await {
        let (store, state) = (base.open().await, TokenDigest::of("state"));
        signed_in(&store).await;
        store.begin_staff_sign_in(TENANT, &state, b"nonce", at(10)).await.unwrap();
        let run =
            async |minute| store.retain(&Retention::default(), at(minute)).await.unwrap().sign_ins;
        assert_eq!((run(9).await, run(10).await, run(480).await, run(480).await), (0, 1, 1, 0));
    }
}

#[tokio::test]
async fn a_name_is_sealed_and_belongs_to_its_row() {
    for base in Base::all().await {
        let store = base.open().await;
        signed_in(&store).await;
        let other = SessionDigest::of(b"another");
        store.sign_in_staff(TENANT, &other, "B. Other", at(480)).await.unwrap();
        let database = base.administrator().await;
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM staff_sessions")
            .fetch_all(&database)
            .await
            .unwrap();
        let shows = |body: &Vec<u8>| body.windows(8).any(|part| part == b"Reviewer");
        assert!(bodies.len() == 2 && !bodies.iter().any(shows));
        let swap =
            "UPDATE staff_sessions SET body = (SELECT body FROM staff_sessions WHERE session = $1)";
        let swap = sqlx::query(swap).bind(&other.as_bytes()[..]);
        swap.execute(&database).await.unwrap();
        let found = store.staff(TENANT, &session(), at(1)).await;
        assert!(matches!(found.unwrap_err(), StoreError::Sealed(_)));
    }
}

#[tokio::test]
async fn after_a_change_of_keys_staff_stay_signed_in_under_the_new_one_alone() {
    for base in Base::all().await {
        let store = base.open().await;
        let state = TokenDigest::of("state");
        store.begin_staff_sign_in(TENANT, &state, b"nonce", at(480)).await.unwrap();
        signed_in(&store).await;
        let options = StoreOptions::default();
        let both = SealingKeys::new(2, [22; 32]).with_older(1, [1; 32]);
        let both = StoreKeys::new(both, &[2; 32], &[3; 32]).unwrap();
        let both = Store::open(&base.location, both, &options).await.unwrap();
        assert_eq!(both.reseal(at(1)).await.unwrap(), 2);
        assert_eq!(both.reseal(at(1)).await.unwrap(), 0);

        let new = StoreKeys::new(SealingKeys::new(2, [22; 32]), &[2; 32], &[3; 32]).unwrap();
        let new = Store::open(&base.location, new, &options).await.unwrap();
        assert_eq!(new.staff(TENANT, &session(), at(2)).await.unwrap(), "A. Reviewer");
        let taken = new.take_staff_sign_in(TENANT, &state, at(2)).await.unwrap();
        assert_eq!(taken.as_slice(), b"nonce");
    }
}
