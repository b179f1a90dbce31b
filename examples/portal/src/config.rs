//! The configuration: one TOML file over documented defaults, and the environment over both.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::{env, fs};

use chrono::TimeDelta;
use serde::Deserialize;
use staffpass::did::{Did, LoopbackHttp};
use staffpass::fetch::FetchOptions;
use staffpass::otp::Lifetime;
use staffpass::request::Transport;
use staffpass::share::{Completeness, EmailAddress, RoleDispute, Rules};
use staffpass_notify::NumberRules;
use staffpass_store::{Location, ReminderRules, Retention, SendRules};
use toml::{Table, Value};
use url::{Host, Url};

/// Every setting with its default, and what it means.
pub const DEFAULTS: &str = include_str!("../portal.toml");

/// What is wrong with a configuration: every fault that was found, each with its setting.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigError {
    /// The faults, each a line.
    pub faults: Vec<String>,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.faults.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// A configuration that holds together.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "portal.toml says what each setting means")]
pub struct Config {
    pub trust: Trust,
    pub server: Server,
    pub store: Store,
    pub wallets: Wallets,
    pub entra: Entra,
    pub journey: Journey,
    pub notify: Notify,
    pub notices: Notices,
    pub theme: Theme,
    pub recruitment: Recruitment,
    pub retention: Kept,
}

macro_rules! tables {
    ($($name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        #[derive(Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "portal.toml says what each setting means")]
        pub struct $name { $($(#[$attribute])* pub $field: $type),* }

        // Some hold keys and passwords.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

tables! {
    Trust { id: String, name: String, contact_email: String, contact_phone: String }
    Server {
        listen: SocketAddr,
        #[serde(deserialize_with = "url")]
        public_url: Url, allow_loopback_http: bool, behind_proxy: bool,
        data_dir: PathBuf, metrics_listen: String,
    }
    Store { database: String, connections: u32 }
    Wallets {
        dialects: Vec<String>, openid4vp_format: String, openid4vp_encrypted: bool,
        haip_certificates: String, haip_key: String,
        policy: PathBuf,
    }
    Entra {
        tenant: String, client_id: String, client_secret: String, authority: String,
        login: String, service: String,
    }
    Journey {
        completeness: String, role_dispute: String, code_minutes: i64, session_idle_minutes: i64,
        session_max_minutes: i64, invitation_days: i64, reminder_days: i64, reminders: u32,
    }
    Notify {
        backend: String, outbox: PathBuf, api_key: String, email_code_template: String,
        email_invitation_template: String, email_contact_changed_template: String,
        email_submitted_template: String, email_more_needed_template: String,
        email_reminder_template: String, email_share_more_template: String,
        sms_code_template: String,
        sms_invitation_template: String, smtp_host: String, smtp_port: u16, smtp_user: String,
        smtp_password: String, smtp_from: String, sms_regions: Vec<String>,
        sms_test_numbers: bool, sms_per_day: u32, sms_per_day_of_all: u32,
    }
    Notices {
        privacy_version: String, privacy_url: String, terms_version: String, terms_url: String,
        conditions_version: String, conditions_url: String,
    }
    Theme { stylesheet: String }
    Recruitment {
        sign_in: String, issuer: String, client_id: String, client_secret: String,
        group_claim: String, group: String, anybody: bool,
    }
    Kept { abandoned_hours: i64, unsubmitted_days: i64, submitted_days: i64 }
}

impl Config {
    /// Reads the file, where there is one, over the defaults, and the environment over both.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every fault.
    pub fn read(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => fs::read_to_string(path)
                .map_err(|error| one(format!("{}: {error}", path.display())))?,
            None => String::new(),
        };
        Self::from_text(&text, |name| env::var(name).ok())
    }

    /// The same with the file's text and the environment given.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every fault.
    pub fn from_text(
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut merged: Table = DEFAULTS.parse().map_err(|error| one(format!("{error}")))?;
        let own: Table = text.parse().map_err(|error| one(format!("{error}")))?;
        let mut faults = Vec::new();
        overlay(&mut merged, own, &mut faults);
        overlay_environment(&mut merged, environment, &mut faults);
        if !faults.is_empty() {
            return Err(ConfigError { faults });
        }
        let config = Self {
            trust: table(&merged, "trust", &mut faults)?,
            server: table(&merged, "server", &mut faults)?,
            store: table(&merged, "store", &mut faults)?,
            wallets: table(&merged, "wallets", &mut faults)?,
            entra: table(&merged, "entra", &mut faults)?,
            journey: table(&merged, "journey", &mut faults)?,
            notify: table(&merged, "notify", &mut faults)?,
            notices: table(&merged, "notices", &mut faults)?,
            theme: table(&merged, "theme", &mut faults)?,
            recruitment: table(&merged, "recruitment", &mut faults)?,
            retention: table(&merged, "retention", &mut faults)?,
        };
        config.check(&mut faults);
        if faults.is_empty() { Ok(config) } else { Err(ConfigError { faults }) }
    }

    /// What no type says.
    fn check(&self, faults: &mut Vec<String>) {
        let mut want = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        let (trust, server, journey) = (&self.trust, &self.server, &self.journey);
        let id = &trust.id;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        want(!id.is_empty() && id.chars().all(plain), "trust.id: letters, digits and hyphens only");
        want(!trust.name.trim().is_empty(), "trust.name: must be given");
        let contact = EmailAddress::parse(&trust.contact_email).is_ok();
        want(contact, "trust.contact_email: is not an email address");
        let url = &server.public_url;
        let origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        want(
            origin && url.host().is_some(),
            "server.public_url: must be an origin, without a path",
        );
        let secure = url.scheme() == "https" || (server.allow_loopback_http && is_loopback(url));
        want(secure, "server.public_url: must be https (or http on loopback, if that is allowed)");
        let metrics = &server.metrics_listen;
        let metrics = metrics.is_empty() || metrics.parse::<SocketAddr>().is_ok();
        want(metrics, "server.metrics_listen: must be an address and port, or empty");
        want(self.location().is_some(), "store.database: must be sqlite:<file> or postgres://…");
        want((1..=100).contains(&self.store.connections), "store.connections: 1 to 100");
        let dialects = &self.wallets.dialects;
        let known = ["microsoft", "openid4vp", "haip", "entra"];
        want(
            !dialects.is_empty() && dialects.iter().all(|dialect| known.contains(&&**dialect)),
            "wallets.dialects: \"microsoft\", \"entra\", \"openid4vp\", \"haip\", or several",
        );
        self.check_entra(&mut want);
        let haip = dialects.iter().any(|dialect| dialect == "haip");
        let certified =
            !self.wallets.haip_certificates.is_empty() && !self.wallets.haip_key.is_empty();
        want(
            !haip || certified,
            "wallets.haip_certificates, wallets.haip_key: must be given for \"haip\"",
        );
        let format = ["jwt_vc_json", "dc+sd-jwt"].contains(&&*self.wallets.openid4vp_format);
        want(format, "wallets.openid4vp_format: \"jwt_vc_json\" or \"dc+sd-jwt\"");
        let complete = ["strict", "lenient"].contains(&&*journey.completeness);
        want(complete, "journey.completeness: \"strict\" or \"lenient\"");
        let dispute = ["stop", "continue"].contains(&&*journey.role_dispute);
        want(dispute, "journey.role_dispute: \"stop\" or \"continue\"");
        want((1..=10).contains(&journey.code_minutes), "journey.code_minutes: 1 to 10");
        let idle = journey.session_idle_minutes;
        want((5..=120).contains(&idle), "journey.session_idle_minutes: 5 to 120");
        let max = journey.session_max_minutes;
        want(
            (idle..=720).contains(&max),
            "journey.session_max_minutes: not under the idle time, 720 at most",
        );
        want((1..=90).contains(&journey.invitation_days), "journey.invitation_days: 1 to 90");
        want((1..=90).contains(&journey.reminder_days), "journey.reminder_days: 1 to 90");
        want(journey.reminders <= 10, "journey.reminders: 10 at most");
        let regions = self.notify.sms_regions.iter().map(String::as_str);
        let regions = NumberRules::default().with_regions(regions).is_ok();
        want(regions, "notify.sms_regions: ISO 3166-1 codes of two letters");
        let backend = &*self.notify.backend;
        want(
            ["outbox", "smtp", "gov_uk_notify"].contains(&backend),
            "notify.backend: \"outbox\", \"smtp\" or \"gov_uk_notify\"",
        );
        want(
            backend == "outbox" || !self.notify.api_key.is_empty(),
            "notify.api_key: must be given",
        );
        let mail = backend != "smtp"
            || (!self.notify.smtp_host.is_empty() && !self.notify.smtp_from.is_empty());
        want(mail, "notify.smtp_host, notify.smtp_from: must be given");
        let sign_in = &*self.recruitment.sign_in;
        want(
            ["development", "openid_connect", "off"].contains(&sign_in),
            "recruitment.sign_in: \"development\", \"openid_connect\" or \"off\"",
        );
        want(
            sign_in != "development" || self.on_loopback(),
            "recruitment.sign_in: the development sign-in needs an address on loopback alone (server.listen, server.public_url)",
        );
        if sign_in == "openid_connect" {
            self.check_openid_connect(&mut want);
        }
        let kept = &self.retention;
        let spans = [kept.abandoned_hours, kept.unsubmitted_days, kept.submitted_days];
        want(spans.iter().all(|span| (0..=3650).contains(span)), "retention: 0 to 3650");
        let notices = &self.notices;
        let versions =
            [&notices.privacy_version, &notices.terms_version, &notices.conditions_version];
        want(versions.iter().all(|version| !version.is_empty()), "notices: each needs a version");
    }

    /// Both ways lead to the same app, and a person could not tell them apart.
    fn check_entra(&self, want: &mut impl FnMut(bool, &str)) {
        if !self.has_entra() {
            return;
        }
        let (own, dialects) = (&self.entra, &self.wallets.dialects);
        want(
            !dialects.iter().any(|dialect| dialect == "microsoft"),
            "wallets.dialects: \"microsoft\" or \"entra\", not both",
        );
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let tenant = !own.tenant.is_empty() && own.tenant.chars().all(plain);
        want(tenant, "entra.tenant: the tenant's id or one of its domains");
        want(!own.client_id.is_empty(), "entra.client_id: must be given");
        want(!own.client_secret.is_empty(), "entra.client_secret: must be given");
        want(Did::parse(&own.authority).is_ok(), "entra.authority: must be the verifier's DID");
        for (setting, address) in [("login", &own.login), ("service", &own.service)] {
            want(
                self.is_base(address),
                &format!(
                    "entra.{setting}: must be an https URL without a query (or http on loopback, if that is allowed)"
                ),
            );
        }
    }

    fn is_base(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| {
            let plain = self.server.allow_loopback_http && is_loopback(&url);
            url.query().is_none()
                && url.fragment().is_none()
                && (url.scheme() == "https" || (plain && url.scheme() == "http"))
        })
    }

    /// Whether wallets are asked through Microsoft's Request Service.
    pub(crate) fn has_entra(&self) -> bool {
        self.wallets.dialects.iter().any(|dialect| dialect == "entra")
    }

    pub(crate) fn fetching(&self) -> FetchOptions {
        let options = FetchOptions::default();
        match self.loopback() {
            LoopbackHttp::Allow => options.allow_loopback_http(),
            LoopbackHttp::Refuse => options,
        }
    }

    fn check_openid_connect(&self, want: &mut impl FnMut(bool, &str)) {
        let staff = &self.recruitment;
        want(
            self.is_base(&staff.issuer),
            "recruitment.issuer: must be an https URL without a query (or http on loopback, if that is allowed)",
        );
        want(!staff.client_id.is_empty(), "recruitment.client_id: must be given");
        let named = !staff.group.is_empty() && !staff.group_claim.is_empty();
        want(
            named != staff.anybody,
            "recruitment.group: name the group (and its claim), or say `anybody = true`; not both",
        );
    }

    /// Whether nobody but this machine can come.
    pub(crate) fn on_loopback(&self) -> bool {
        self.server.listen.ip().is_loopback()
            && is_loopback(&self.server.public_url)
            && !self.server.behind_proxy
    }

    pub(crate) fn location(&self) -> Option<Location> {
        let database = &self.store.database;
        if let Some(path) = database.strip_prefix("sqlite:") {
            return (!path.is_empty()).then(|| Location::Sqlite(path.into()));
        }
        let postgres = database.starts_with("postgres://") || database.starts_with("postgresql://");
        postgres.then(|| Location::Postgres(database.clone()))
    }

    pub(crate) const fn loopback(&self) -> LoopbackHttp {
        if self.server.allow_loopback_http { LoopbackHttp::Allow } else { LoopbackHttp::Refuse }
    }

    pub(crate) const fn transport(&self) -> Transport {
        if self.server.allow_loopback_http {
            Transport::HttpsOrLoopbackHttp
        } else {
            Transport::Https
        }
    }

    /// The rules of the trust's shares.
    pub(crate) fn rules(&self) -> Rules {
        let journey = &self.journey;
        let lenient = journey.completeness == "lenient";
        let dispute = journey.role_dispute == "continue";
        Rules::default()
            .with_completeness(if lenient { Completeness::Lenient } else { Completeness::Strict })
            .with_role_dispute(if dispute {
                RoleDispute::ContinueAllowed
            } else {
                RoleDispute::Stop
            })
            .with_code_lifetime(
                Lifetime::from_seconds(journey.code_minutes * 60).unwrap_or_default(),
            )
            .with_session_limits(
                TimeDelta::minutes(journey.session_idle_minutes),
                TimeDelta::minutes(journey.session_max_minutes),
            )
    }

    pub(crate) fn number_rules(&self) -> NumberRules {
        let regions = self.notify.sms_regions.iter().map(String::as_str);
        let rules = NumberRules::default().with_regions(regions).unwrap_or_default();
        if self.notify.sms_test_numbers { rules.with_test_numbers() } else { rules }
    }

    pub(crate) fn reminder_rules(&self) -> ReminderRules {
        let journey = &self.journey;
        ReminderRules::new(TimeDelta::days(journey.reminder_days), journey.reminders)
    }

    pub(crate) fn send_rules(&self) -> SendRules {
        SendRules::default()
            .with_spend_caps(self.notify.sms_per_day, self.notify.sms_per_day_of_all)
    }

    pub(crate) fn retention(&self) -> Retention {
        let kept = &self.retention;
        Retention::default()
            .with_abandoned(TimeDelta::hours(kept.abandoned_hours))
            .with_unsubmitted(TimeDelta::days(kept.unsubmitted_days))
            .with_submitted(TimeDelta::days(kept.submitted_days))
    }
}

fn one(fault: String) -> ConfigError {
    ConfigError { faults: vec![fault] }
}

/// One table, by its type. A fault names the setting.
fn table<T: for<'de> Deserialize<'de>>(
    merged: &Table,
    name: &'static str,
    faults: &mut Vec<String>,
) -> Result<T, ConfigError> {
    let value = merged.get(name).cloned().unwrap_or(Value::Table(Table::new()));
    value.try_into().map_err(|error: toml::de::Error| {
        faults.push(format!("{name}: {}", error.to_string().trim().replace('\n', " ")));
        ConfigError { faults: std::mem::take(faults) }
    })
}

/// A file says no setting that there is not, and each as what it is.
fn overlay(merged: &mut Table, own: Table, faults: &mut Vec<String>) {
    for (name, value) in own {
        match (merged.get_mut(&name), value) {
            (Some(Value::Table(table)), Value::Table(settings)) => {
                for (setting, value) in settings {
                    put(table, &name, &setting, value, faults);
                }
            }
            _ => faults.push(format!("[{name}]: there is no such table")),
        }
    }
}

fn put(table: &mut Table, name: &str, setting: &str, value: Value, faults: &mut Vec<String>) {
    match table.get_mut(setting) {
        None => faults.push(format!("{name}.{setting}: there is no such setting")),
        Some(default) if !default.same_type(&value) => {
            faults.push(format!("{name}.{setting}: must be of type {}", default.type_str()));
        }
        Some(default) => *default = value,
    }
}

fn overlay_environment(
    merged: &mut Table,
    environment: impl Fn(&str) -> Option<String>,
    faults: &mut Vec<String>,
) {
    for (name, value) in merged.iter_mut() {
        let Value::Table(table) = value else { continue };
        let settings: Vec<(String, Value)> =
            table.iter().map(|(setting, value)| (setting.clone(), value.clone())).collect();
        for (setting, default) in settings {
            let variable = format!("PORTAL_{name}_{setting}").to_uppercase();
            let Some(text) = environment(&variable) else { continue };
            match of_type(&default, &text) {
                Some(value) => put(table, name, &setting, value, faults),
                None => faults.push(format!("{variable}: must be of type {}", default.type_str())),
            }
        }
    }
}

fn of_type(default: &Value, text: &str) -> Option<Value> {
    match default {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => None,
    }
}

fn url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    Url::parse(&text).map_err(|error| serde::de::Error::custom(format!("public_url: {error}")))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
