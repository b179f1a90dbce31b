//! The pages in a real browser: `browser/run` starts this. It gives the browser's script a portal, an
//! issuer, a phone with a wallet and a clock.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::{get, post};
use chrono::TimeDelta;
use common::*;
use staffpass::share::InvitedPerson;
use tokio::net::TcpListener;

type Stage = State<Arc<World>>;
type Asked = Query<BTreeMap<String, String>>;

/// One invitation at a time: the trust has each person once. Between two, long enough for another few
/// codes to the same address.
async fn invite(State(world): Stage, Query(asked): Asked) -> String {
    world.wait(TimeDelta::hours(9));
    for listed in world.portal.store().list(TENANT, "", 100).await.unwrap() {
        world.portal.store().erase(TENANT, &listed.reference, world.now()).await.unwrap();
    }
    let person = match asked.get("name") {
        Some(name) => InvitedPerson::new(name),
        None => InvitedPerson::new("Testerby").with_given_name("Rowan"),
    };
    let (link, _) = world.invite_person(person).await;
    format!("{}{link}", world.base)
}

/// The phone scans, and does as it is told.
async fn phone(State(world): Stage, Query(asked): Asked) -> String {
    let mut browser = world.browser();
    browser.html = format!("href=\"{}\"", asked["link"]);
    let open = world.scan(&browser).await;
    let ids: Vec<&str> = asked["ids"].split(',').collect();
    let body = match &*asked["how"] {
        "scan" => return "scanned".to_owned(),
        "decline" => {
            let state = open.asked.state().unwrap().as_str().to_owned();
            format!("error=access_denied&state={state}").into_bytes()
        }
        "foreign" => {
            let mut credentials = world.credentials(&["identity", "employment", "training"]);
            credentials[1].1.set("iss", "did:web:stranger.example");
            world.answer_with(&open, credentials).body()
        }
        _ => world.answer_with(&open, world.credentials(&ids)).body(),
    };
    let (status, reply) = world.respond(&open, body).await;
    match reply.split("\"redirect_uri\":\"").nth(1) {
        Some(next) => next.split('"').next().unwrap().to_owned(),
        None => status.to_string(),
    }
}

async fn code(State(world): Stage, Query(asked): Asked) -> String {
    match asked.contains_key("wrong") {
        true => world.wrong_code(&asked["channel"]),
        false => world.code(&asked["channel"]),
    }
}

/// The path of the link in the latest email.
async fn link(State(world): Stage) -> String {
    invitation(&world.directory)
}

async fn wait(State(world): Stage, Query(asked): Asked) -> String {
    world.wait(TimeDelta::minutes(asked["minutes"].parse().unwrap()));
    "waited".to_owned()
}

async fn close(State(world): Stage) -> String {
    world.portal.store().close().await;
    "closed".to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium and node: browser/run"]
async fn the_pages_in_chromium() {
    let world = Arc::new(World::with("journey.role_dispute = \"continue\"").await);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let stage = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let router = Router::new()
        .route("/invite", post(invite))
        .route("/phone", post(phone))
        .route("/code", get(code))
        .route("/link", get(link))
        .route("/wait", post(wait))
        .route("/close", post(close))
        .with_state(Arc::clone(&world));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");
    let status = tokio::process::Command::new("node")
        .arg("pages.mjs")
        .current_dir(directory)
        .env("STAGE", &stage)
        .env("PORTAL", &world.base)
        .status()
        .await
        .unwrap();
    assert!(status.success(), "the browser's script says what is wrong");
}
