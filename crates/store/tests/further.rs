//! Further credentials for a submitted share, on each database that there is.

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
use staffpass_share::*;
use staffpass_store::*;

const TRAINING: [&str; 2] = ["identity", "training"];
const MORE: &str = "more-1";

/// A share that was submitted, whose identity is confirmed.
async fn reviewed(store: &Store, number: u32) -> String {
    let first = submit(store, number).await;
    let step = |review: &mut Review| {
        for flag in review.open_flags().collect::<Vec<_>>() {
            review.clear_flag(flag, Act::new("reviewer", at(70)))?;
        }
        review.confirm_identity(EmploymentType::TemporaryMover, true, Act::new("reviewer", at(70)))
    };
    store.update_review(TENANT, &first, "reviewer", at(70), step).await.unwrap();
    first
}

async fn ask(store: &Store, first: &str, reference: &str) -> Result<Share, StoreError> {
    let set = set(&["training"]);
    let asked = FurtherInvitation {
        set: &set,
        what: "of this year",
        reference,
        token: TokenDigest::of(reference),
        expires_at: at(14 * 24 * 3600),
    };
    store.ask_for_credentials((TENANT, first), &asked, "reviewer", at(80)).await
}

/// From the link up to where it can be sent.
async fn up_to_ready(store: &Store, reference: &str) {
    let (token, rules) = (TokenDigest::of(reference), Rules::default());
    store.open_invitation(TENANT, &token, browser(99), &rules, at(90)).await.unwrap();
    go(store, reference, at(91), |share| share.start(notices(), at(91))).await.unwrap();
    go(store, reference, at(92), |share| share.confirm(at(92))).await.unwrap();
    let request = world().request(&TRAINING, at(93));
    store.connect(TENANT, reference, &request, b"", at(93)).await.unwrap();
    let response = world().good_answer(&request, &TRAINING, at(94));
    let taken = store.receive(&handle(&request), &response, &rules, at(94)).await.unwrap();
    assert!(matches!(taken, Arrival::Complete(_)));
}

async fn record_as_seen(store: &Store, first: &str) -> Result<Review, StoreError> {
    let act = Act::new("reviewer", at(95));
    let step = |review: &mut Review| review.record_evidence(0, "seen on paper", act);
    store.update_review(TENANT, first, "reviewer", at(95), step).await
}

fn code(result: Result<impl Sized, StoreError>) -> &'static str {
    result.err().expect("it is refused").code()
}

#[tokio::test]
async fn further_credentials_are_kept_with_the_first_and_go_with_it() {
    for database in Base::all().await {
        let store = database.open().await;
        let first = reviewed(&store, 1).await;
        let further = ask(&store, &first, MORE).await.unwrap();
        assert_eq!(further.invitation().email().as_str(), "amara1@hospital.example");
        assert_eq!(store.list(TENANT, "", 10).await.unwrap().len(), 1, "one for each person");
        up_to_ready(&store, MORE).await;
        assert_eq!(code(store.submit(TENANT, MORE, at(99)).await), "wrong_state");
        let sent = store.submit_further(TENANT, MORE, at(100)).await.unwrap();
        assert_eq!(sent.credentials().len(), 2);
        store.close().await;

        let store = database.open().await;
        let kept = store.further(TENANT, &first).await.unwrap();
        assert_eq!((kept.len(), kept[0].reference(), kept[0].place()), (1, MORE, 0));
        assert_eq!(kept[0].credentials()[1].part(), "training");
        let review = store.review(TENANT, &first).await.unwrap();
        let came = review.more()[0].came.clone().unwrap();
        assert_eq!((came.first, came.credentials, came.at), (1, 2, at(100)));
        assert!(
            store.submitted(TENANT, &first).await.is_ok(),
            "what was sent first opens as before"
        );
        assert_eq!(code(store.submit_further(TENANT, MORE, at(101)).await), "already_submitted");
        let token = TokenDigest::of(MORE);
        assert_eq!(code(store.invitation(TENANT, &token).await), "store_invitation_used");
        assert!(store.further("eastmoor", &first).await.is_err(), "invariant 11");
        let audit = store.audit(TENANT, 0, 1000).await.unwrap();
        let named =
            |name: &str| audit.iter().find(|(_, entry)| entry.name == name).unwrap().1.clone();
        let (asked, got) = (named("credentials.requested"), named("credentials.received"));
        assert_eq!((&*asked.actor, &*got.actor), ("reviewer", "person"));
        assert_eq!(asked.subject, got.subject);
        assert_eq!(audit.iter().filter(|(_, e)| e.name == "submission.received").count(), 2);
        assert!(store.check_audit(TENANT, None).await.unwrap().is_ok());

        store.erase(TENANT, &first, at(110)).await.unwrap();
        assert_eq!(code(store.share(TENANT, MORE).await), "store_not_found");
        assert_eq!(code(store.further(TENANT, &first).await), "store_not_found");
        let gone = store.retired(TENANT, "2026-03", Outcome::Submitted).await.unwrap();
        assert_eq!(gone, 1, "a person has one share");
    }
}

#[tokio::test]
async fn of_many_sendings_at_once_to_two_portals_one_is_taken() {
    for database in Base::all().await {
        let stores = [database.open().await, database.open().await];
        let first = reviewed(&stores[0], 1).await;
        ask(&stores[0], &first, MORE).await.unwrap();
        up_to_ready(&stores[0], MORE).await;
        let tasks: Vec<_> = (0..16)
            .map(|n| {
                let store = stores[n % 2].clone();
                tokio::spawn(async move { store.submit_further(TENANT, MORE, at(100)).await })
            })
            .collect();
        let mut sent = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => sent += 1,
                Err(error) => assert_eq!(error.code(), "already_submitted"),
            }
        }
        assert_eq!(sent, 1);
        assert_eq!(stores[1].further(TENANT, &first).await.unwrap().len(), 1);
        let review = stores[1].review(TENANT, &first).await.unwrap();
        assert_eq!(review.more()[0].came.as_ref().unwrap().credentials, 2);
    }
}

/// The team records what it has seen while the person sends: one of the two is first, and the other is
/// told so. Neither waits for the other.
#[tokio::test]
async fn what_is_awaited_no_more_is_not_sent() {
    for database in Base::all().await {
        let store = database.open().await;
        for number in 1..=8 {
            let (first, more) = (reviewed(&store, number).await, format!("more-{number}"));
            ask(&store, &first, &more).await.unwrap();
            up_to_ready(&store, &more).await;
            let (sends, records) = (store.clone(), store.clone());
            let whose = (first.clone(), more.clone());
            let sending = tokio::spawn(async move {
                sends.submit_further(TENANT, &whose.1, at(95)).await.map(drop)
            });
            let whose = first.clone();
            let recording = tokio::spawn(async move { record_as_seen(&records, &whose).await });
            let (sent, recorded) = (sending.await.unwrap(), recording.await.unwrap());
            assert!(sent.is_ok() != recorded.is_ok(), "one of the two");
            let state = store.share(TENANT, &more).await.unwrap().state(at(96)).name();
            let kept = store.further(TENANT, &first).await.unwrap().len();
            if sent.is_ok() {
                assert_eq!((code(recorded), state, kept), ("review_not_asked_for", "submitted", 1));
            } else {
                assert_eq!(
                    (code(sent), state, kept),
                    ("invitation_withdrawn", "invitation_withdrawn", 0)
                );
            }
        }
    }
}

#[tokio::test]
async fn the_end_of_the_review_withdraws_what_is_under_way() {
    for database in Base::all().await {
        let store = database.open().await;
        let first = reviewed(&store, 1).await;
        ask(&store, &first, MORE).await.unwrap();
        assert_eq!(code(ask(&store, &first, "more-2").await), "review_further_awaited");
        assert_eq!(code(store.share(TENANT, "more-2").await), "store_not_found", "all or nothing");
        up_to_ready(&store, MORE).await;
        let step = |review: &mut Review| review.bypass("enough", Act::new("reviewer", at(95)));
        store.update_review(TENANT, &first, "reviewer", at(95), step).await.unwrap();
        let share = store.share(TENANT, MORE).await.unwrap();
        assert_eq!(share.state(at(96)), State::InvitationWithdrawn);
        assert_eq!(code(store.session(TENANT, &browser(99)).await), "store_not_found");
        assert_eq!(code(store.submit_further(TENANT, MORE, at(96)).await), "invitation_withdrawn");
        assert_eq!(code(ask(&store, &first, "more-2").await), "review_wrong_state");
        // Erased before the review looks for it.
        let other = reviewed(&store, 2).await;
        ask(&store, &other, "more-3").await.unwrap();
        store.erase(TENANT, "more-3", at(97)).await.unwrap();
        assert!(record_as_seen(&store, &other).await.is_ok());
        assert_eq!(store.retired(TENANT, "2026-03", Outcome::Open).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn b24_after_a_restore_the_link_is_dead_and_another_may_be_sent() {
    for database in Base::all().await {
        let store = database.open().await;
        let first = reviewed(&store, 1).await;
        ask(&store, &first, MORE).await.unwrap();
        up_to_ready(&store, MORE).await;
        store.begin_epoch().await.unwrap();
        assert!(store.submit_further(TENANT, MORE, at(100)).await.is_err());
        let token = TokenDigest::of(MORE);
        assert_eq!(code(store.invitation(TENANT, &token).await), "store_not_found");
        let another = TokenDigest::of("another");
        store.renew_invitation(TENANT, MORE, &another, at(101)).await.unwrap();
        assert_eq!(store.invitation(TENANT, &another).await.unwrap(), MORE);
        assert_eq!(store.share(TENANT, MORE).await.unwrap().selection().count(), 2);
    }
}

#[tokio::test]
async fn retention_deletes_what_came_further_with_the_first() {
    for database in Base::all().await {
        let store = database.open().await;
        let first = reviewed(&store, 1).await;
        ask(&store, &first, MORE).await.unwrap();
        up_to_ready(&store, MORE).await;
        store.submit_further(TENANT, MORE, at(40 * 24 * 3600)).await.unwrap_err();
        let day = 24 * 3600;
        store.retain(&Retention::default(), at(2 * day)).await.unwrap();
        let share = store.share(TENANT, MORE).await.unwrap();
        assert_eq!(share.state(at(2 * day)), State::Invited, "what was begun is forgotten");
        store.retain(&Retention::default(), at(50 * day)).await.unwrap();
        assert_eq!(code(store.share(TENANT, MORE).await), "store_not_found");
        assert!(store.submitted(TENANT, &first).await.is_ok());
        store.retain(&Retention::default(), at(91 * day)).await.unwrap();
        assert_eq!(code(store.share(TENANT, &first).await), "store_not_found");
        assert_eq!(store.retired(TENANT, "2026-03", Outcome::Submitted).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn further_credentials_outlive_a_change_of_keys() {
    for database in Base::all().await {
        let store = database.open().await;
        let first = reviewed(&store, 1).await;
        ask(&store, &first, MORE).await.unwrap();
        up_to_ready(&store, MORE).await;
        store.submit_further(TENANT, MORE, at(100)).await.unwrap();
        let with = |sealing| {
            let keys = StoreKeys::new(sealing, &[2; 32], &[3; 32]).unwrap();
            let location = &database.location;
            async move { Store::open(location, keys, &StoreOptions::default()).await.unwrap() }
        };
        let both = with(SealingKeys::new(2, [4; 32]).with_older(1, [1; 32])).await;
        assert_eq!(both.reseal(at(110)).await.unwrap(), 2);
        assert_eq!(both.reseal(at(111)).await.unwrap(), 0);
        let new = with(SealingKeys::new(2, [4; 32])).await;
        assert_eq!(new.further(TENANT, &first).await.unwrap().len(), 1);
    }
}
