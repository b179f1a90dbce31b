//! The configuration: documented defaults, the environment over them, and an error for each wrong
//! value.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use portal::Config;

fn faults(text: &str) -> Vec<String> {
    Config::from_text(text, |_| None).map(|_| Vec::new()).unwrap_or_else(|error| error.faults)
}

#[test]
fn the_defaults_hold_together() {
    assert_eq!(faults(""), Vec::<String>::new());
    assert_eq!(faults(portal::DEFAULTS), Vec::<String>::new());
}

#[test]
fn the_configuration_of_a_trust_holds_together() {
    let text = include_str!("../../../deploy/portal.toml");
    assert_eq!(faults(text), Vec::<String>::new());
}

#[test]
fn each_wrong_value_is_named() {
    for (text, named) in [
        ("trust.id = \"\"", "trust.id"),
        ("trust.name = \" \"", "trust.name"),
        ("trust.contact_email = \"nobody\"", "trust.contact_email"),
        ("server.listen = \"here\"", "listen"),
        ("server.public_url = \"http://portal.example\"", "server.public_url"),
        ("server.public_url = \"https://portal.example/path\"", "server.public_url"),
        ("server.public_url = \"nothing\"", "public_url"),
        ("server.metrics_listen = \"x\"", "server.metrics_listen"),
        ("store.database = \"mysql://x\"", "store.database"),
        ("store.connections = 0", "store.connections"),
        ("wallets.dialects = []", "wallets.dialects"),
        ("wallets.dialects = [\"other\"]", "wallets.dialects"),
        ("wallets.dialects = [\"haip\"]", "wallets.haip_certificates, wallets.haip_key"),
        ("wallets.dialects = [\"entra\", \"microsoft\"]", "not both"),
        ("wallets.dialects = [\"entra\"]", "entra.tenant"),
        ("wallets.dialects = [\"entra\"]\nentra.tenant = \"a/b\"", "entra.tenant"),
        ("wallets.dialects = [\"entra\"]", "entra.client_id"),
        ("wallets.dialects = [\"entra\"]", "entra.client_secret"),
        ("wallets.dialects = [\"entra\"]\nentra.authority = \"me\"", "entra.authority"),
        ("wallets.dialects = [\"entra\"]\nentra.login = \"http://x.example\"", "entra.login"),
        (
            "wallets.dialects = [\"entra\"]\nentra.service = \"https://x.example/?a\"",
            "entra.service",
        ),
        ("journey.completeness = \"some\"", "journey.completeness"),
        ("journey.role_dispute = \"maybe\"", "journey.role_dispute"),
        ("journey.code_minutes = 11", "journey.code_minutes"),
        ("journey.session_idle_minutes = 1", "journey.session_idle_minutes"),
        ("journey.session_max_minutes = 5", "journey.session_max_minutes"),
        ("journey.invitation_days = 0", "journey.invitation_days"),
        ("journey.reminder_days = 0", "journey.reminder_days"),
        ("journey.reminders = 11", "journey.reminders"),
        ("notify.backend = \"pigeon\"", "notify.backend"),
        ("notify.backend = \"gov_uk_notify\"", "notify.api_key"),
        ("notify.backend = \"smtp\"", "notify.smtp_host"),
        ("notify.sms_regions = [\"Q\"]", "notify.sms_regions"),
        ("recruitment.sign_in = \"open\"", "recruitment.sign_in"),
        ("retention.submitted_days = -1", "retention"),
        ("notices.privacy_version = \"\"", "notices"),
        ("trust.colour = \"blue\"", "trust.colour: there is no such setting"),
        ("trust.name = 3", "trust.name: must be of type string"),
        ("other.x = 1", "[other]: there is no such table"),
        ("this is no toml", "TOML parse error"),
    ] {
        let found = faults(text).join("\n");
        assert!(found.contains(named), "{text}: {found}");
    }
}

#[test]
fn every_fault_is_said_at_once() {
    assert_eq!(faults("trust.id = \"\"\nstore.connections = 0").len(), 2);
}

#[test]
fn the_environment_is_over_the_file() {
    let environment = |name: &str| match name {
        "PORTAL_TRUST_NAME" => Some("Northfield".to_owned()),
        "PORTAL_JOURNEY_CODE_MINUTES" => Some("7".to_owned()),
        "PORTAL_WALLETS_DIALECTS" => Some("openid4vp".to_owned()),
        _ => None,
    };
    let config = Config::from_text("trust.name = \"Other\"", environment).unwrap();
    assert_eq!((&*config.trust.name, config.journey.code_minutes), ("Northfield", 7));
    assert_eq!(config.wallets.dialects, ["openid4vp"]);
    let wrong = |name: &str| (name == "PORTAL_STORE_CONNECTIONS").then(|| "many".to_owned());
    let error = Config::from_text("", wrong).unwrap_err();
    assert!(error.to_string().contains("PORTAL_STORE_CONNECTIONS: must be of type integer"));
}

#[test]
fn what_is_secret_is_not_printed() {
    let text = "entra.client_secret = \"canary-secret\"";
    let config = Config::from_text(text, |_| None).unwrap();
    assert!(!format!("{config:?}").contains("canary"));
    let text =
        "notify.api_key = \"canary-key\"\nstore.database = \"postgres://u:canary-password@h/d\"";
    let config = Config::from_text(text, |_| None).unwrap();
    assert!(!format!("{config:?}").contains("canary"));
}
