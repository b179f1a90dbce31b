//! Databases of their own for each test, and a person who walks through a share.

#![allow(dead_code, reason = "each test takes what it needs")]

#[path = "../../../share/tests/common/mod.rs"]
pub mod shares;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use sqlx::AnyPool;
use staffpass_otp::{Channel, KeyedIn, SendLimits, Verdict};
use staffpass_request::{HandleDigest, Request};
use staffpass_share::*;
use staffpass_store::*;

pub use shares::{TENANT, at, key, notices, set, world};

/// A database, which is gone with the test.
pub struct Base {
    pub location: Location,
    file: Option<PathBuf>,
}

impl Base {
    pub fn sqlite() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("staffpass-store-{}-{number} %?#.db", std::process::id());
        let file = std::env::temp_dir().join(name);
        Self { location: Location::Sqlite(file.clone()), file: Some(file) }
    }

    /// In the server that `STAFFPASS_POSTGRES` names, if it names one.
    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("STAFFPASS_POSTGRES").ok()?;
        let name = format!("staffpass_{:032x}", rand::random::<u128>());
        sqlx::any::install_default_drivers();
        let admin = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
        sqlx::query(&format!("CREATE DATABASE {name}")).execute(&admin).await.unwrap();
        let location = Location::Postgres(format!("{server}/{name}"));
        Some(Self { location, file: None })
    }

    /// One of each that there is.
    pub async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        if cfg!(feature = "sqlite") {
            all.push(Self::sqlite());
        }
        if cfg!(feature = "postgres") {
            all.extend(Self::postgres().await);
        }
        all
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.location, keys(), &StoreOptions::default()).await.unwrap()
    }

    /// Past the store, as an administrator of the database.
    pub async fn administrator(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        match &self.location {
            Location::Postgres(url) => AnyPool::connect(url).await.unwrap(),
            _ => {
                let path = self.file.as_ref().unwrap().to_str().unwrap();
                let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
                AnyPool::connect(&format!("sqlite://{path}")).await.unwrap()
            }
        }
    }

    /// Everything that is in the files of a SQLite database.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let file = self.file.as_ref()?;
        let parts = ["", "-wal", "-shm"]
            .map(|part| std::fs::read(format!("{}{part}", file.display())).unwrap_or_default());
        Some(parts.concat())
    }

    pub fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            for part in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{part}", file.display()));
            }
        }
    }
}

pub fn keys() -> StoreKeys {
    StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 32], &[3; 32]).unwrap()
}

pub fn reference(number: u32) -> String {
    format!("invitation-{number}")
}

pub fn token(number: u32) -> TokenDigest {
    TokenDigest::of(&format!("token-{number}"))
}

pub fn browser(number: u32) -> SessionDigest {
    SessionDigest::of(format!("browser-{number}").as_bytes())
}

/// The invitation of a person with that number; all have one name.
pub fn invitation(tenant: &str, number: u32) -> Invitation {
    let person = InvitedPerson::new("Okafor-Lee")
        .with_given_name("Amara")
        .with_birthdate("1991-08-10".parse().unwrap());
    let email = EmailAddress::parse(&format!("amara{number}@hospital.example")).unwrap();
    let mobile = MobileNumber::parse(&format!("07700 {:06}", 900_000 + number)).unwrap();
    let role = Role::new("medical_and_dental", "permanent");
    Invitation::new(tenant, &reference(number), person, email, role, at(14 * 24 * 3600))
        .with_mobile(mobile)
}

pub async fn invite(store: &Store, number: u32) -> String {
    let share = Share::new(invitation(TENANT, number), at(0));
    store.invite(&share, &token(number), at(0)).await.unwrap();
    reference(number)
}

/// Limits that no test meets by the way.
pub fn generous() -> SendRules {
    let many = SendLimits::new(1000, 1000).unwrap();
    SendRules::default()
        .with_limits(many, many)
        .with_network_limits(many)
        .with_spend_caps(1_000_000, 1_000_000)
}

/// A transition of the person, by its name.
pub async fn go(
    store: &Store,
    reference: &str,
    now: DateTime<Utc>,
    step: impl Fn(&mut Share) -> Result<Moved, Refusal> + Send + Sync,
) -> Result<(), StoreError> {
    store.update(TENANT, reference, now, |share| step(share).map(Change::from)).await
}

/// Up to the wallet, with a request that waits for it.
pub async fn connected(store: &Store, number: u32) -> (String, Request) {
    let reference = invite(store, number).await;
    while store.share(TENANT, &reference).await.unwrap().state(at(5)).name() != "confirmed" {
        walk(store, number, at(5)).await.unwrap();
    }
    let request = world().request(&["identity"], at(6));
    store.connect(TENANT, &reference, &request, b"", at(6)).await.unwrap();
    (reference, request)
}

/// Up to where a code by email is awaited.
pub async fn at_email_code(store: &Store, number: u32) -> String {
    let reference = invite(store, number).await;
    while store.share(TENANT, &reference).await.unwrap().state(at(5)).name() != "email_code" {
        walk(store, number, at(5)).await.unwrap();
    }
    reference
}

pub fn handle(request: &Request) -> HandleDigest {
    *request.expectation().handle_digest().unwrap()
}

/// The person's next step, whatever it is; whether it was the last.
pub async fn walk(store: &Store, number: u32, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let reference = reference(number);
    let reference = reference.as_str();
    let rules = Rules::default();
    let share = store.share(TENANT, reference).await?;
    match share.state(now).name() {
        "submitted" => return Ok(true),
        "invited" | "timed_out" => {
            let session = browser(number);
            store.open_invitation(TENANT, &token(number), session, &rules, now).await?;
        }
        "registered_before" => go(store, reference, now, |s| s.registered_before(now)).await?,
        "notices" => go(store, reference, now, |s| s.start(notices(), now)).await?,
        "selecting" => {
            go(store, reference, now, |s| s.select(&set(&["identity"]), &rules, now)).await?;
        }
        "confirming" => go(store, reference, now, |s| s.confirm(now)).await?,
        "confirmed" | "connecting" | "request_expired" => answer(store, reference, now).await?,
        "received" => go(store, reference, now, |s| s.begin_profile(now)).await?,
        "email" => {
            let email = share.email().clone();
            go(store, reference, now, |s| s.enter_email(email.clone(), now)).await?;
        }
        "email_code" => confirm(store, number, Channel::Email, now).await?,
        "mobile" => {
            let mobile = share.mobile().unwrap().clone();
            go(store, reference, now, |s| s.enter_mobile(mobile.clone(), now)).await?;
        }
        "mobile_code" => confirm(store, number, Channel::Mobile, now).await?,
        "role" => go(store, reference, now, |s| s.confirm_role(now)).await?,
        "ready" => {
            store.submit(TENANT, reference, now).await?;
        }
        other => panic!("no step from {other}"),
    }
    Ok(false)
}

async fn answer(store: &Store, reference: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let request = world().request(&["identity"], now);
    store.connect(TENANT, reference, &request, b"", now).await?;
    let response = world().good_answer(&request, &["identity"], now);
    store.receive(&handle(&request), &response, &Rules::default(), now).await.map(drop)
}

/// Sends a code and keys it in. Each person comes from a network block of their own.
async fn confirm(
    store: &Store,
    number: u32,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (rules, limits) = (Rules::default(), generous());
    let (reference, network) = (reference(number), format!("2001:db8:{number:x}::/48"));
    let share = (TENANT, reference.as_str());
    let sent = store.send_code(share, channel, &network, &key(), &rules, &limits, now).await?;
    let keyed_in = KeyedIn::parse(sent.code.reveal()).unwrap();
    let verdict = store.try_code(TENANT, &reference, channel, &keyed_in, &key(), now).await?;
    assert_eq!(verdict, Verdict::Confirmed);
    Ok(())
}

/// From the invitation to the end.
pub async fn submit(store: &Store, number: u32) -> String {
    let reference = invite(store, number).await;
    while !walk(store, number, at(60)).await.unwrap() {}
    reference
}
