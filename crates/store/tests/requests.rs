//! Requests outside any share, on every database that there is.
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

use chrono::TimeDelta;
use common::{Base, at};
use staffpass_request::{HandleDigest, RequestIdDigest};
use staffpass_share::SealingKeys;
use staffpass_store::{KeptRequest, Location, RequestKey, Requests, StoreError, StoreOptions};

const ID: &str = "the-id-of-its-owner";
const HANDLE: HandleDigest = HandleDigest::from_bytes([3; 32]);
const OBJECT: RequestIdDigest = RequestIdDigest::from_bytes([4; 32]);

async fn open(location: &Location) -> Requests<Vec<String>> {
    let keys = SealingKeys::new(1, [9; 32]);
    Requests::open(location, keys, &StoreOptions::default()).await.unwrap()
}

fn kept(text: &str) -> KeptRequest<Vec<String>> {
    let value = vec![text.to_owned()];
    KeptRequest { value, forget_at: at(3600), due_at: None }
}

#[tokio::test]
async fn a_request_is_found_by_each_of_its_secrets_and_by_nothing_else() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        requests.insert(ID, (Some(&HANDLE), Some(&OBJECT)), &kept("one")).await.unwrap();
        for key in [RequestKey::Id(ID), RequestKey::Handle(&HANDLE), RequestKey::Object(&OBJECT)] {
            assert_eq!(requests.get(&key).await.unwrap(), Some(kept("one")), "{key:?}");
        }
        let (handle, object) =
            (HandleDigest::from_bytes([4; 32]), RequestIdDigest::from_bytes([3; 32]));
        for key in [
            RequestKey::Id("another"),
            RequestKey::Handle(&handle),
            RequestKey::Object(&object),
            RequestKey::Digest([3; 32]),
        ] {
            assert_eq!(requests.get(&key).await.unwrap(), None, "{key:?}");
            assert_eq!(requests.update(&key, |_| panic!("nothing to do")).await, Ok(None::<()>));
        }
    }
}

#[tokio::test]
async fn a_secret_is_there_once() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        requests.insert(ID, (Some(&HANDLE), Some(&OBJECT)), &kept("one")).await.unwrap();
        for (id, addresses) in [
            (ID, (None, None)),
            ("another", (Some(&HANDLE), None)),
            ("another", (None, Some(&OBJECT))),
        ] {
            let again = requests.insert(id, addresses, &kept("two")).await;
            assert_eq!(again, Err(StoreError::ReferenceTaken));
        }
        // What has no address is in nobody's way.
        for id in ["two", "three"] {
            requests.insert(id, (None, None), &kept(id)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_a_step_made_is_there_when_the_database_is_opened_again() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        requests.insert(ID, (Some(&HANDLE), None), &kept("made")).await.unwrap();
        let step = |kept: &mut KeptRequest<Vec<String>>| {
            kept.value.push("answered".to_owned());
            kept.due_at = Some(at(5));
            kept.value.len()
        };
        assert_eq!(requests.update(&RequestKey::Handle(&HANDLE), step).await, Ok(Some(2)));
        requests.close().await;
        let again = open(&base.location).await;
        let found = again.get(&RequestKey::Id(ID)).await.unwrap().unwrap();
        assert_eq!(
            (found.value.as_slice(), found.due_at),
            (&["made", "answered"].map(str::to_owned)[..], Some(at(5)))
        );
    }
}

#[tokio::test]
async fn of_many_steps_at_once_none_is_lost() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        requests.insert(ID, (None, None), &kept("0")).await.unwrap();
        let mut steps = tokio::task::JoinSet::new();
        for number in 1..=20 {
            let requests = requests.clone();
            steps.spawn(async move {
                let push =
                    |kept: &mut KeptRequest<Vec<String>>| kept.value.push(number.to_string());
                requests.update(&RequestKey::Id(ID), push).await.unwrap().unwrap();
            });
        }
        steps.join_all().await;
        let found = requests.get(&RequestKey::Id(ID)).await.unwrap().unwrap();
        let distinct: std::collections::BTreeSet<_> = found.value.iter().collect();
        assert_eq!((found.value.len(), distinct.len()), (21, 21));
    }
}

#[tokio::test]
async fn what_is_due_is_named_the_longest_first_and_so_many_at_most() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        for (id, due) in [("a", Some(3)), ("b", Some(1)), ("c", None), ("d", Some(9))] {
            let due_at = due.map(at);
            let kept = KeptRequest { due_at, ..kept(id) };
            requests.insert(id, (None, None), &kept).await.unwrap();
        }
        let named = |digests: Vec<[u8; 32]>| async {
            let mut found = Vec::new();
            for digest in digests {
                let kept = requests.get(&RequestKey::Digest(digest)).await.unwrap().unwrap();
                found.push(kept.value[0].clone());
            }
            found
        };
        assert_eq!(named(requests.due(at(0), 10).await.unwrap()).await, Vec::<String>::new());
        assert_eq!(named(requests.due(at(3), 10).await.unwrap()).await, ["b", "a"]);
        assert_eq!(named(requests.due(at(99), 2).await.unwrap()).await, ["b", "a"]);
    }
}

#[tokio::test]
async fn what_has_been_kept_long_enough_is_forgotten() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        for (id, seconds) in [("a", 10), ("b", 20)] {
            let kept = KeptRequest { forget_at: at(seconds), ..kept(id) };
            requests.insert(id, (None, None), &kept).await.unwrap();
        }
        assert_eq!(requests.forget(at(9)).await, Ok(2));
        assert_eq!(requests.forget(at(10)).await, Ok(1));
        assert_eq!(requests.get(&RequestKey::Id("a")).await, Ok(None));
        assert_eq!(requests.forget(at(10) + TimeDelta::days(1)).await, Ok(0));
    }
}

#[tokio::test]
async fn b26_a_copy_of_the_database_shows_neither_what_is_kept_nor_what_leads_to_it() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        let secret = "a-claim-of-a-person";
        requests.insert(ID, (Some(&HANDLE), Some(&OBJECT)), &kept(secret)).await.unwrap();
        requests.close().await;
        let Some(bytes) = base.bytes() else { continue };
        for text in [secret, ID] {
            let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{text}");
        }
    }
}

#[tokio::test]
async fn b13_a_body_that_was_moved_to_another_row_does_not_open() {
    for base in Base::all().await {
        let requests = open(&base.location).await;
        for id in ["a", "b"] {
            requests.insert(id, (None, None), &kept(id)).await.unwrap();
        }
        let swap =
            "UPDATE open_requests SET body = (SELECT body FROM open_requests ORDER BY id LIMIT 1)";
        sqlx::query(swap).execute(&base.administrator().await).await.unwrap();
        let found = [
            requests.get(&RequestKey::Id("a")).await.is_ok(),
            requests.get(&RequestKey::Id("b")).await.is_ok(),
        ];
        assert_eq!(found.iter().filter(|good| **good).count(), 1);
    }
}

#[tokio::test]
async fn in_memory_it_is_gone_with_the_program() {
    let requests = open(&Location::SqliteMemory).await;
    requests.insert(ID, (None, None), &kept("one")).await.unwrap();
    assert_eq!(requests.get(&RequestKey::Id(ID)).await, Ok(Some(kept("one"))));
    assert_eq!(open(&Location::SqliteMemory).await.get(&RequestKey::Id(ID)).await, Ok(None));
}
