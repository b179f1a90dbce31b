//! A backup is made while people are under way, and restored: by the database's own means, as
//! `deploy/README.md` says. SQLite here; PostgreSQL too where `postgres.sh` runs this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::*;
use portal::Portal;
use staffpass::share::State;
use staffpass_store::TokenDigest;
use tokio::net::TcpListener;

/// The URL in the configuration.
fn database_of(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("store.database = \""));
    line.unwrap().trim_end_matches('"')
}

fn pg(program: &str, arguments: &[&str]) {
    let program = PathBuf::from(std::env::var("PORTAL_TEST_PG_BIN").unwrap()).join(program);
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{arguments:?}");
}

/// Gives the backup's file.
async fn back_up(world: &World) -> String {
    let file = world.directory.join("backup").to_str().unwrap().to_owned();
    match database_of(&world.text).strip_prefix("sqlite:") {
        Some(path) => {
            sqlx::any::install_default_drivers();
            let database = sqlx::AnyPool::connect(&format!("sqlite:{path}")).await.unwrap();
            sqlx::query("VACUUM INTO $1").bind(&file).execute(&database).await.unwrap();
            database.close().await;
        }
        None => pg("pg_dump", &["-Fc", "-f", &file, "-d", database_of(&world.text)]),
    }
    file
}

/// Gives a database in which everything is as it was at the backup.
fn restore(world: &World, backup: &str) -> String {
    let used = database_of(&world.text);
    if used.starts_with("sqlite:") {
        let path = world.directory.join("restored.db");
        std::fs::copy(backup, &path).unwrap();
        return format!("sqlite:{}", path.display());
    }
    let (server, name) = used.rsplit_once('/').unwrap();
    let restored = format!("{server}/{name}_restored");
    pg(
        "psql",
        &["-q", "-c", &format!("CREATE DATABASE {name}_restored"), &format!("{server}/postgres")],
    );
    pg("pg_restore", &["-d", &restored, backup]);
    restored
}

/// A portal with the same keys on the restored database, and where it is.
async fn reopened(world: &World, database: &str) -> (Portal, String) {
    let text = world.text.replace(database_of(&world.text), database);
    let portal = open(&text, &world.clock).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let served = portal.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
    (portal, base)
}

#[tokio::test]
async fn b24_what_was_unfinished_at_the_backup_is_dead_and_what_was_finished_is_kept() {
    let world = World::new().await;
    let (mut first, submitted) = world.at_role("openid4vp").await;
    first.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    // The trust has one invitation for an address: the second person has another one.
    let second = staffpass::share::InvitedPerson::new("Testerby").with_given_name("Rowan");
    let (link, under_way) = world.invite_another(second, "second@example.com").await;
    let mut browser = world.to_qr(&link, "openid4vp", &["employment", "training"]).await;
    let asked = world.scan(&browser).await;
    let head = world.portal.store().audit_head(TENANT).await.unwrap();

    let backup = back_up(&world).await;

    let answer = world.answer(&asked).body();
    assert_eq!(world.respond(&asked, answer.clone()).await.0, 200);
    browser.get("/share").await.shows("Create your profile");
    let later = world.portal.store().audit_head(TENANT).await.unwrap();

    let (portal, base) = reopened(&world, &restore(&world, &backup)).await;
    assert_eq!(portal.store().begin_epoch().await.unwrap(), 1);
    let store = portal.store();
    let kept = store.submitted(TENANT, &submitted).await.unwrap();
    assert_eq!(kept.credentials().len(), 3);
    assert!(store.check_audit(TENANT, head.as_ref()).await.unwrap().is_ok());
    let lost = store.check_audit(TENANT, later.as_ref()).await.unwrap();
    assert!(lost.is_err(), "whoever kept a later head sees that entries are gone");

    browser.base = base.clone();
    browser.get("/share").await.shows("Your session has ended");
    let path = asked.response_uri.strip_prefix(&world.base).unwrap();
    let again = http().post(format!("{base}{path}")).body(answer).send().await.unwrap();
    assert_eq!(again.status(), 400, "a request of before the restore takes no answer");
    browser.get(&link).await.shows("This invitation cannot be used");

    let token = random();
    let digest = TokenDigest::of(&token);
    store.renew_invitation(TENANT, &under_way, &digest, world.now()).await.unwrap();
    let link = format!("/i/{token}");
    browser.get(&link).await.shows("Have you registered before?");
    browser.submit(&link, &[("registered", "before")]).await.shows("What you will do");
    let state = store.share(TENANT, &under_way).await.unwrap().state(world.now());
    assert_eq!(state, State::Notices);
}
