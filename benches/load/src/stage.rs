//! The portals, their database, an issuer that they trust, and people who were invited.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex as Lock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use chrono::{TimeDelta, Utc};
use rand::RngExt as _;
use sqlx::postgres::PgPool;
use staffpass::credentials::CredentialKind;
use staffpass::jose::Algorithm;
use staffpass::status::StatusKind;
use staffpass::verify::policy::{PersonLink, TrustPolicy};
use staffpass_testkit::{Holder, HolderKind, Issuer, IssuerKind, Token};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::figures::Figures;
use crate::messages::Messages;
use crate::site::{Browser, Portals};
use crate::{Error, Options};

/// Wallets that are filled before; people share them in turn.
const WALLETS: u64 = 200;

/// So many are invited at a time.
const LIST: usize = 200;

pub(crate) struct Stage {
    pub(crate) portals: Portals,
    pub(crate) messages: Arc<Messages>,
    pub(crate) figures: Figures,
    origin: String,
    directory: PathBuf,
    children: Lock<Vec<Child>>,
    database: PgPool,
    wallets: Vec<Wallet>,
    next_wallet: AtomicU64,
    guests: Mutex<Guests>,
}

/// A holder, and three credentials of hers.
pub(crate) struct Wallet {
    pub(crate) holder: Holder,
    pub(crate) credentials: Vec<(String, Token)>,
}

/// Somebody who was invited.
pub(crate) struct Guest {
    pub(crate) path: String,
    pub(crate) email: String,
    pub(crate) mobile: String,
}

struct Guests {
    staff: Browser,
    waiting: Vec<u64>,
    next: u64,
}

impl Stage {
    pub(crate) async fn open(options: &Options) -> Result<Self, Error> {
        let directory = std::env::temp_dir().join(format!("load-{}", rand::rng().random::<u64>()));
        std::fs::create_dir_all(&directory)?;
        let (issuer, policy) = issuer().await?;
        std::fs::write(directory.join("policy.toml"), policy)?;
        let (url, database) = database(&options.postgres).await?;
        let ports = ports(options.portals)?;
        let origin = format!("http://localhost:{}", ports.first().ok_or("no portal")?);
        let mut children = Vec::new();
        for port in &ports {
            let config = directory.join(format!("portal-{port}.toml"));
            std::fs::write(&config, configuration(&origin, *port, &directory, &url))?;
            children.push(start(&options.portal, &config, *port).await?);
        }
        let portals =
            Portals::new(ports.iter().map(|port| format!("http://localhost:{port}")).collect());
        let messages = Arc::new(Messages::default());
        let (watched, outbox) = (Arc::clone(&messages), directory.join("outbox"));
        tokio::spawn(async move { watched.watch(outbox).await });
        let staff = sign_in(&portals).await?;
        Ok(Self {
            portals,
            messages,
            figures: Figures::default(),
            origin,
            directory,
            children: Lock::new(children),
            database,
            wallets: (0..WALLETS).map(|seed| wallet(&issuer, seed)).collect::<Result<_, _>>()?,
            next_wallet: AtomicU64::default(),
            guests: Mutex::new(Guests { staff, waiting: Vec::new(), next: 0 }),
        })
    }

    pub(crate) fn wallet(&self) -> &Wallet {
        let place = self.next_wallet.fetch_add(1, Ordering::Relaxed) % WALLETS;
        &self.wallets[place as usize]
    }

    /// The same path at the next portal.
    pub(crate) fn address(&self, url: &str) -> String {
        format!("{}{}", self.portals.next(), url.strip_prefix(&self.origin).unwrap_or(url))
    }

    /// The next who was invited; where all have come, more are.
    pub(crate) async fn guest(&self) -> Result<Guest, Error> {
        let mut guests = self.guests.lock().await;
        if guests.waiting.is_empty() {
            guests.invite().await?;
        }
        let number = guests.waiting.pop().ok_or("nobody was invited")?;
        drop(guests);
        let email = email(number);
        let text = self.messages.next(&email).await?;
        let link = text.split("Start now: ").nth(1).and_then(|rest| rest.lines().next());
        let path = link.and_then(|link| link.strip_prefix(&self.origin)).ok_or("no link")?;
        // Numbers that are given out to mobiles; each person has another.
        let mobile = format!("+4474{:08}", number + 10_000_000);
        Ok(Guest { path: path.to_owned(), email, mobile })
    }

    /// What each portal has resident (proc(5), `VmRSS`).
    pub(crate) fn note_memory(&self) -> Result<(), Error> {
        let children = self.children.lock().map_err(|_| "poisoned")?;
        let resident = |child: &Child| {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()?)).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.split_whitespace().next()?.parse().ok()
        };
        self.figures.memory(children.iter().filter_map(resident).collect());
        Ok(())
    }

    /// How many shares are submitted, as the database says.
    pub(crate) async fn submitted(&self) -> Result<u64, Error> {
        let count = "SELECT count(*) FROM shares WHERE outcome = 1";
        let count: i64 = sqlx::query_scalar(count).fetch_one(&self.database).await?;
        Ok(count.try_into()?)
    }

    pub(crate) async fn close(&self) -> Result<(), Error> {
        let children = std::mem::take(&mut *self.children.lock().map_err(|_| "poisoned")?);
        for mut child in children {
            child.kill().await?;
        }
        std::fs::remove_dir_all(&self.directory)?;
        Ok(())
    }
}

impl Guests {
    /// By the recruitment team's page, as a list.
    async fn invite(&mut self) -> Result<(), Error> {
        let numbers: Vec<u64> = (self.next..).take(LIST).collect();
        let mut list = String::from("family_name,given_name,email,staff_group,employment_status\n");
        for number in &numbers {
            let row =
                format!("Testerby,Rowan,{},Medical and Dental,Temporary mover\n", email(*number));
            list.push_str(&row);
        }
        self.staff.get("/recruitment/invite").await?;
        self.staff.submit("/recruitment/invite-list", &[("list", &list)]).await?;
        self.next += LIST as u64;
        self.waiting = numbers;
        Ok(())
    }
}

fn email(number: u64) -> String {
    format!("person-{number}@example.com")
}

async fn sign_in(portals: &Portals) -> Result<Browser, Error> {
    let mut staff = Browser::new(portals, [127, 0, 0, 1].into())?;
    staff.get("/recruitment/sign-in").await?;
    staff.submit("/recruitment/sign-in", &[("name", "load")]).await?;
    Ok(staff)
}

/// An issuer whose document and status list are on loopback, and the policy that trusts it.
async fn issuer() -> Result<(Arc<Lock<Issuer>>, String), Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let kind = IssuerKind::Loopback(listener.local_addr()?.port());
    let issuer = Issuer::new(kind, Algorithm::Es256, StatusKind::BitstringStatusList, 11);
    let person = PersonLink::new("identity_id", "identity");
    let policy = TrustPolicy::builder().issuer(issuer.trusted()).person_link(person);
    let policy = policy.allow_loopback_http().build()?.to_toml();
    let document = issuer.did_document();
    let list = issuer.status_list_for(Utc::now(), TimeDelta::days(1)).compact();
    let pages = Router::new()
        .route("/.well-known/did.json", get(move || async move { document }))
        .route("/status/1", get(move || async move { list }));
    tokio::spawn(async move { axum::serve(listener, pages).await });
    Ok((Arc::new(Lock::new(issuer)), policy))
}

fn wallet(issuer: &Lock<Issuer>, seed: u64) -> Result<Wallet, Error> {
    let holder = Holder::new(HolderKind::Jwk(Algorithm::Es256), seed + 1000);
    let mut issuer = issuer.lock().map_err(|_| "poisoned")?;
    let kinds = CredentialKind::ALL.into_iter();
    let credentials = kinds.map(|kind| {
        let mut token = issuer.issue(kind, holder.did()).0;
        last(&mut token);
        (kind.id().to_owned(), token)
    });
    let credentials = credentials.collect();
    Ok(Wallet { holder, credentials })
}

/// The issuer's staff have dates of their own; here, what ends goes on for a year.
fn last(token: &mut Token) {
    let end = Utc::now() + TimeDelta::days(365);
    token.set("exp", end.timestamp());
    let Some(vc) = token.claims.get_mut("vc") else { return };
    for name in ["end_date", "valid_to"] {
        if let Some(date) = vc["credentialSubject"].get_mut(name) {
            *date = end.format("%Y-%m-%d").to_string().into();
        }
    }
}

async fn database(server: &str) -> Result<(String, PgPool), Error> {
    let name = format!("load_{:016x}", rand::rng().random::<u64>());
    let admin = PgPool::connect(&format!("{server}/postgres")).await?;
    sqlx::query(&format!("CREATE DATABASE {name}")).execute(&admin).await?;
    let url = format!("{server}/{name}");
    let pool = PgPool::connect(&url).await?;
    Ok((url, pool))
}

fn ports(count: usize) -> Result<Vec<u16>, Error> {
    let held: Vec<_> = (0..count)
        .map(|_| std::net::TcpListener::bind(("127.0.0.1", 0)))
        .collect::<Result<_, _>>()?;
    Ok(held
        .iter()
        .map(|held| Ok(held.local_addr()?.port()))
        .collect::<Result<_, std::io::Error>>()?)
}

/// As a trust would have it, but that nobody is held back: each person is a network of her own, and text
/// messages cost nothing.
fn configuration(origin: &str, port: u16, directory: &Path, database: &str) -> String {
    let at = |name: &str| directory.join(name).display().to_string();
    format!(
        "server.public_url = \"{origin}\"\nserver.listen = \"127.0.0.1:{port}\"\n\
         server.data_dir = \"{}\"\nstore.database = \"{database}\"\nwallets.policy = \"{}\"\n\
         notify.outbox = \"{}\"\nnotify.sms_per_day = 1000000\n\
         notify.sms_per_day_of_all = 1000000\n",
        at("data"),
        at("policy.toml"),
        at("outbox"),
    )
}

async fn start(program: &Path, config: &Path, port: u16) -> Result<Child, Error> {
    let log = std::fs::File::create(config.with_extension("log"))?;
    let mut command = Command::new(program);
    command.arg("--config").arg(config).arg("serve");
    command.stdout(Stdio::null()).stderr(log).kill_on_drop(true);
    let child = command.spawn()?;
    let ready = format!("http://localhost:{port}/readyz");
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if reqwest::get(&ready).await.is_ok_and(|reply| reply.status().is_success()) {
            return Ok(child);
        }
    }
    Err("a portal does not start".into())
}
