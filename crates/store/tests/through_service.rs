//! Requests through Microsoft's Request Service, on every database that there is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use common::*;
use staffpass_request::HandleDigest;
use staffpass_request::entra::{CredentialRequest, Exchange};
use staffpass_share::*;
use staffpass_store::*;
use tokio::task::JoinSet;

type Made = (CredentialRequest, Exchange);

/// Up to the wallet, with a request through the service that waits for it.
async fn through_service(store: &Store, number: u32) -> (String, Made) {
    let reference = invite(store, number).await;
    while store.share(TENANT, &reference).await.unwrap().state(at(5)).name() != "confirmed" {
        walk(store, number, at(5)).await.unwrap();
    }
    let made = world().service_request(TENANT, &["identity"], at(6));
    let whose = (TENANT, &*reference);
    store.connect_through_service(whose, &made.1, b"a link", at(6)).await.unwrap();
    (reference, made)
}

fn callback(made: &Made) -> String {
    world().service_callback(made, &world().wallet_of(&["identity"]), at(9))
}

/// What a portal does with a callback.
async fn take(store: &Store, made: &Made, callback: &str) -> Result<Arrival, StoreError> {
    let mut stored = store.exchange(made.1.handle_digest()).await?;
    let response = world().take_callback(&made.0, &mut stored.exchange, callback, at(10));
    store.receive_receipt(&stored, &response, &Rules::default(), at(10)).await
}

#[tokio::test]
async fn a_receipt_is_kept_and_the_exchange_knows_its_callback_again() {
    for base in Base::all().await {
        let store = base.open().await;
        let (reference, made) = through_service(&store, 1).await;
        let stored = store.exchange(made.1.handle_digest()).await.unwrap();
        assert_eq!((&*stored.tenant, &stored.reference), (TENANT, &reference));
        assert_eq!(
            (&stored.secret[..], stored.exchange.digest()),
            (&b"a link"[..], made.1.digest())
        );
        let callback = callback(&made);
        assert!(matches!(take(&store, &made, &callback).await.unwrap(), Arrival::Complete(_)));
        store.close().await;
        let store = base.open().await;
        let mut stored = store.exchange(made.1.handle_digest()).await.unwrap();
        let again =
            stored.exchange.receive(made.0.callback().api_key(), callback.as_bytes(), at(11));
        assert!(matches!(again, Ok(staffpass_request::entra::Event::Repeated)), "{again:?}");
        assert_eq!(&stored.secret[..], b"a link");
        while !walk(&store, 1, at(60)).await.unwrap() {}
        assert_eq!(store.submitted(TENANT, &reference).await.unwrap().credentials().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b3_of_twenty_callbacks_at_once_to_two_portals_one_is_accepted() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let (reference, made) = through_service(&portals[0], 1).await;
        let callback = callback(&made);
        let mut verified = Vec::new();
        for _ in 0..20 {
            let mut stored = portals[0].exchange(made.1.handle_digest()).await.unwrap();
            let response = world().take_callback(&made.0, &mut stored.exchange, &callback, at(10));
            verified.push((stored, response));
        }
        let mut posts = JoinSet::new();
        for (number, (stored, response)) in verified.into_iter().enumerate() {
            let portal = portals[number % 2].clone();
            posts.spawn(async move {
                portal.receive_receipt(&stored, &response, &Rules::default(), at(10)).await
            });
        }
        let answers = posts.join_all().await;
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((accepted.len(), refused.len()), (1, 19));
        let codes = refused.into_iter().map(|post| post.unwrap_err().code());
        assert!(codes.collect::<Vec<_>>().iter().all(|code| *code == "already_answered"));
        let share = portals[1].share(TENANT, &reference).await.unwrap();
        assert_eq!(share.state(at(11)), State::Received);
    }
}

/// The tokens that came for one person's request come again for another's.
#[tokio::test]
async fn p24_a_receipt_is_taken_for_one_request_of_a_trust() {
    for base in Base::all().await {
        let store = base.open().await;
        let (_, first) = through_service(&store, 1).await;
        let (other, second) = through_service(&store, 2).await;
        let callback = callback(&first);
        assert!(take(&store, &first, &callback).await.is_ok());
        let again = callback
            .replace(first.1.request_id().unwrap(), second.1.request_id().unwrap())
            .replace(first.0.callback().state(), second.0.callback().state());
        let error = take(&store, &second, &again).await.unwrap_err();
        assert_eq!(error.code(), "response_to_another");
        let share = store.share(TENANT, &other).await.unwrap();
        assert_eq!(share.state(at(11)).name(), "connecting", "and nothing was kept");
        let own = self::callback(&second);
        assert!(take(&store, &second, &own).await.is_ok(), "her own answer is still taken");
    }
}

#[tokio::test]
async fn each_way_has_its_own_addresses() {
    for base in Base::all().await {
        let store = base.open().await;
        let (_, made) = through_service(&store, 1).await;
        let (_, request) = connected(&store, 2).await;
        let missing = StoreError::NotFound;
        assert_eq!(store.request(made.1.handle_digest()).await.unwrap_err(), missing);
        assert_eq!(store.exchange(&handle(&request)).await.unwrap_err(), missing);
        assert_eq!(store.exchange(&HandleDigest::from_bytes([1; 32])).await.unwrap_err(), missing);
        let wallet = store.refuse(made.1.handle_digest(), &["wallet_error"], at(8)).await;
        assert!(wallet.is_ok(), "what did not come is told to the person on either way");
    }
}

#[tokio::test]
async fn what_the_service_has_not_made_is_not_kept() {
    for base in Base::all().await {
        let store = base.open().await;
        let (reference, _) = through_service(&store, 1).await;
        let party = world().service_party();
        let asked = world().service_asks(&["identity"]);
        let builder = staffpass_request::entra::RequestBuilder::new(&party, asked);
        let builder = builder.tenant(TENANT).with_receipt();
        let (_, unmade) = builder.build(at(7), &mut rand::rng()).unwrap();
        let kept = store.connect_through_service((TENANT, &reference), &unmade, b"", at(7)).await;
        assert_eq!(kept.unwrap_err().code(), "request_incomplete");
        assert_eq!(store.exchange(unmade.handle_digest()).await.unwrap_err(), StoreError::NotFound);
    }
}
