//! PostgreSQL is stopped and started while people go on: `postgres.sh` runs this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::*;

fn run(variable: &str) {
    let command = std::env::var(variable).expect("postgres.sh says how");
    let status = Command::new("sh").args(["-c", &command]).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a PostgreSQL server that can be stopped: postgres.sh"]
async fn requests_fail_with_a_clear_page_while_the_database_is_gone_and_then_go_on() {
    let world = World::new().await;
    let (browser, reference) = world.at_qr("openid4vp").await;
    let open = world.scan(&browser).await;
    let (over, clear, fine) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let people = (0..4).map(|_| {
        let (mut browser, over) = (browser.clone(), Arc::clone(&over));
        let (clear, fine) = (Arc::clone(&clear), Arc::clone(&fine));
        tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                browser.get("/share").await;
                match (browser.status, browser.title()) {
                    (503, "Sorry, there is a problem with the service") => {
                        clear.fetch_add(1, Ordering::Relaxed);
                    }
                    (200, _) => {
                        fine.fetch_add(1, Ordering::Relaxed);
                    }
                    other => panic!("{other:?}"),
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
    });
    let people: Vec<_> = people.collect();
    let body = world.answer(&open).body();
    tokio::task::spawn_blocking(|| run("PORTAL_TEST_STOP")).await.unwrap();
    assert_eq!(world.respond(&open, body.clone()).await.0, 503, "the wallet may try again");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    tokio::task::spawn_blocking(|| run("PORTAL_TEST_START")).await.unwrap();
    let before = fine.load(Ordering::Relaxed);
    let mut taken = world.respond(&open, body.clone()).await.0;
    for _ in 0..50 {
        if taken == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        taken = world.respond(&open, body.clone()).await.0;
    }
    assert_eq!(taken, 200, "the same answer, once the database is back");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    over.store(true, Ordering::Relaxed);
    for person in people {
        person.await.unwrap();
    }
    assert!(clear.load(Ordering::Relaxed) > 0 && fine.load(Ordering::Relaxed) > before);
    assert_eq!(world.state(&reference).await.name(), "received");
    assert!(world.portal.store().check_audit(TENANT, None).await.unwrap().is_ok());
}
