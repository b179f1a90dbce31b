//! A process that is killed at random moments loses no share and accepts none twice.
//!
//! `STAFFPASS_KILLS` says how often it is killed on each database; 50 unless told otherwise.

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
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::*;
use staffpass_store::*;

/// Where the process that is killed finds its store.
const CHILD: &str = "STAFFPASS_KILL_STORE";

/// The process that is killed, the same test once more: it walks through shares, and says each step
/// once it is stored.
async fn child(place: String) {
    let location = if place.starts_with("postgres") {
        Location::Postgres(place)
    } else {
        Location::Sqlite(place.into())
    };
    let number = |name: &str| std::env::var(name).unwrap().parse::<u32>().unwrap();
    let (first, last) = (number("STAFFPASS_KILL_FIRST"), number("STAFFPASS_KILL_SHARES"));
    // Each process is a while later than the one before: requests of the dead one have expired.
    let now = at(60 + 301 * i64::from(number("STAFFPASS_KILL_ROUND")));
    let store = Store::open(&location, keys(), &StoreOptions::default()).await.unwrap();
    println!("\nready");
    for number in first..last {
        if store.share(TENANT, &reference(number)).await.is_err() {
            invite(&store, number).await;
        }
        while !walk(&store, number, now).await.unwrap() {
            let version = store.share(TENANT, &reference(number)).await.unwrap().version();
            println!("\nstored {number} {version}");
        }
        println!("\nfinished {number}");
    }
    println!("\nall");
}

/// Starts it at the first share that none has said to be finished: one that walked past a thousand
/// finished ones would be killed on the way, and meet the same share with a new request each time,
/// until that share has had all the requests that it may.
fn start(place: &str, seen: &Seen, shares: u32, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_process_loses_no_share_and_accepts_none_twice", "--nocapture"])
        .env(CHILD, place)
        .env("STAFFPASS_KILL_FIRST", seen.finished.to_string())
        .env("STAFFPASS_KILL_SHARES", shares.to_string())
        .env("STAFFPASS_KILL_ROUND", round.to_string())
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the processes have said.
#[derive(Default)]
struct Seen {
    /// The version that was stored of each share.
    stored: BTreeMap<u32, u64>,
    /// Shares below this number are finished.
    finished: u32,
}

/// Reads what a process says until it is killed or done; whether it was done.
fn follow(child: &mut Child, life: Option<Duration>, seen: &mut Seen) -> bool {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (pid, mut killer) = (child.id(), None);
    let mut done = false;
    for line in lines.map_while(Result::ok) {
        let words: Vec<_> = line.split(' ').collect();
        match words.as_slice() {
            ["ready"] => {
                killer = life.map(|life| {
                    std::thread::spawn(move || {
                        std::thread::sleep(life);
                        // The shell's own: not every machine has a program of that name.
                        let kill = format!("kill -9 {pid}");
                        Command::new("sh").args(["-c", &kill]).status().unwrap();
                    })
                });
            }
            ["stored", number, version] => {
                seen.stored.insert(number.parse().unwrap(), version.parse().unwrap());
            }
            ["finished", number] => seen.finished = number.parse::<u32>().unwrap() + 1,
            ["all"] => done = true,
            _ => {}
        }
    }
    let status = child.wait().unwrap();
    let was_killed = std::os::unix::process::ExitStatusExt::signal(&status) == Some(9);
    assert!(was_killed || (done && status.success()), "nothing else ends it ({status})");
    if let Some(killer) = killer {
        killer.join().unwrap();
    }
    done
}

#[tokio::test]
async fn a_killed_process_loses_no_share_and_accepts_none_twice() {
    if let Ok(place) = std::env::var(CHILD) {
        return child(place).await;
    }
    let kills: u32 = std::env::var("STAFFPASS_KILLS").map_or(50, |kills| kills.parse().unwrap());
    for base in Base::all().await {
        let place = match &base.location {
            Location::Postgres(url) => url.clone(),
            _ => base.file().unwrap().to_str().unwrap().to_owned(),
        };
        let (shares, mut seen, mut killed) = (kills.max(20), Seen::default(), 0);
        let started = Instant::now();
        while killed < kills {
            let life = Duration::from_millis(5 + u64::from(rand::random::<u8>()) / 2);
            let mut child = start(&place, &seen, shares, killed);
            if follow(&mut child, Some(life), &mut seen) {
                break;
            }
            killed += 1;
            // What was said to be stored is there.
            let store = base.open().await;
            for (number, version) in &seen.stored {
                let share = store.share(TENANT, &reference(*number)).await.unwrap();
                assert!(share.version() >= *version, "share {number} has gone back");
            }
            store.close().await;
        }
        assert!(killed > 0);
        assert!(
            follow(&mut start(&place, &seen, shares, killed), None, &mut seen),
            "the rest is finished"
        );

        let store = base.open().await;
        let audit = store.audit(TENANT, 0, 1_000_000).await.unwrap();
        for number in 0..shares {
            assert!(store.submitted(TENANT, &reference(number)).await.is_ok(), "share {number}");
        }
        let mut submitted = BTreeMap::new();
        for (_, entry) in audit.iter().filter(|(_, entry)| entry.name == "submission.received") {
            *submitted.entry(entry.subject.clone()).or_insert(0) += 1;
        }
        assert_eq!(submitted.len(), shares as usize);
        assert!(submitted.values().all(|times| *times == 1), "none twice");
        assert!(store.check_audit(TENANT, None).await.unwrap().is_ok());
        println!("{killed} kills, {shares} shares, {:?}", started.elapsed());
    }
}
