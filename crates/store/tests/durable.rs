//! Servers of PostgreSQL that may lose what they have committed are refused. `tests/postgres.sh` starts
//! them; without it there is nothing to refuse.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]
#![cfg(feature = "postgres")]

mod common;

use common::*;
use sqlx::AnyPool;
use staffpass_store::*;

/// The server of this name. Where the tests have a server at all they have this one too.
fn server(name: &str) -> Option<String> {
    std::env::var("STAFFPASS_POSTGRES").ok()?;
    Some(std::env::var(name).unwrap_or_else(|_| panic!("{name} names no server")))
}

async fn refused(url: String) -> StoreError {
    Store::open(&Location::Postgres(url), keys(), &StoreOptions::default()).await.unwrap_err()
}

#[tokio::test]
async fn a_standby_is_refused() {
    let Some(server) = server("STAFFPASS_POSTGRES_STANDBY") else { return };
    let error = refused(format!("{server}/postgres")).await;
    assert_eq!((error.code(), error), ("store_standby", StoreError::Standby));
}

#[tokio::test]
async fn a_server_that_does_not_wait_for_the_disk_is_refused() {
    let Some(server) = server("STAFFPASS_POSTGRES_UNSYNCED") else { return };
    let error = refused(format!("{server}/postgres")).await;
    assert_eq!(error, StoreError::NotDurable { setting: "fsync" });
}

#[tokio::test]
async fn a_server_that_answers_before_it_has_written_is_refused() {
    let Some(server) = server("STAFFPASS_POSTGRES_HASTY") else { return };
    let error = refused(format!("{server}/postgres")).await;
    assert_eq!(error, StoreError::NotDurable { setting: "synchronous_commit" });
}

/// The setting may also stand on the database, or on the role.
#[tokio::test]
async fn a_database_that_answers_before_it_has_written_is_refused() {
    let Some(base) = Base::postgres().await else { return };
    let Location::Postgres(url) = &base.location else { panic!("it is one") };
    let (server, name) = url.rsplit_once('/').unwrap();
    sqlx::any::install_default_drivers();
    let admin = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    let alter = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    sqlx::query(&alter).execute(&admin).await.unwrap();
    let error = refused(url.clone()).await;
    assert_eq!(error, StoreError::NotDurable { setting: "synchronous_commit" });
}
