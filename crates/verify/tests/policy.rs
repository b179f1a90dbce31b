//! The trust policy as a value: its contract form, what it refuses, and its digest.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use staffpass_did::LoopbackHttp;
use staffpass_jose::Algorithm;
use staffpass_verify::policy::{
    Difference, Effect, PersonLink, PolicyError, TrustPolicy, TrustedIssuer, UnknownStatus,
    ValueRule, X509Trust,
};

/// The smallest form, which is a contract.
const CONTRACT: &str = r#"
clock_leeway_seconds = 60
unknown_status = "deny"
[[issuer]]
id = "did:web:trust.example"
may_assert = ["StaffIdentity", "https://credentials.trust.example/identity"]
"#;

fn code(text: &str) -> &'static str {
    match TrustPolicy::from_toml(text) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn with_issuer_line(line: &str) -> String {
    format!("{CONTRACT}{line}\n")
}

fn good_issuer() -> TrustedIssuer {
    TrustedIssuer::new("did:web:trust.example", ["StaffIdentity"])
}

#[test]
fn the_smallest_form_is_read_and_every_default_is_the_safe_one() {
    let policy = TrustPolicy::from_toml(CONTRACT).unwrap();
    let text = policy.to_toml();
    for line in [
        "clock_leeway_seconds = 60",
        "unknown_status = \"deny\"",
        "mixed_holders = false",
        "ion_state = \"canonical\"",
        "accept_authentication_key = false",
        "status = \"optional\"",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn what_is_written_is_read_as_the_same_policy() {
    let mut issuer = good_issuer().only_where(ValueRule::new(
        "StaffIdentity",
        ["confidence"],
        ["high", "very_high"],
    ));
    issuer.accept_authentication_key = true;
    issuer.unknown_status = Some(UnknownStatus::Accept);
    issuer.valid_from = Some("2026-01-01T00:00:00Z".parse().unwrap());
    let policy = TrustPolicy::builder()
        .issuer(issuer)
        .person_link(PersonLink::new("identity_id", "StaffIdentity"))
        .algorithms([Algorithm::Es256])
        .build()
        .unwrap();
    let again = TrustPolicy::from_toml(&policy.to_toml()).unwrap();
    assert_eq!(again.digest(), policy.digest());
    assert_eq!(again.to_toml(), policy.to_toml());
}

#[test]
fn the_digest_is_of_the_meaning_not_of_the_text() {
    let spelled = format!("# a comment\n{CONTRACT}accept_authentication_key = false\n");
    let digest = |text: &str| TrustPolicy::from_toml(text).unwrap().digest();
    assert_eq!(digest(CONTRACT), digest(&spelled));
    assert_ne!(digest(CONTRACT), digest(&with_issuer_line("accept_authentication_key = true")));
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    assert_eq!(code(&format!("trust_everybody = true\n{CONTRACT}")), "policy_unreadable");
    assert_eq!(code(&with_issuer_line("may_asert = []")), "policy_unreadable");
    assert_eq!(code("not toml ["), "policy_unreadable");
}

#[test]
fn a_policy_that_trusts_nobody_is_refused() {
    assert_eq!(TrustPolicy::builder().build().unwrap_err(), PolicyError::NoIssuer);
    assert_eq!(code("clock_leeway_seconds = 60"), "policy_no_issuer");
}

#[test]
fn an_issuer_that_may_assert_nothing_is_refused() {
    let none: [&str; 0] = [];
    for may_assert in [&none[..], &[""], &["VerifiableCredential"]] {
        let issuer = TrustedIssuer::new("did:web:trust.example", may_assert.iter().copied());
        let error = TrustPolicy::builder().issuer(issuer).build().unwrap_err();
        assert_eq!(error.code(), "policy_issuer_invalid");
    }
}

#[test]
fn the_same_issuer_twice_is_refused() {
    let policy = TrustPolicy::builder().issuer(good_issuer()).issuer(good_issuer());
    assert_eq!(policy.build().unwrap_err().code(), "policy_issuer_twice");
}

#[test]
fn an_issuer_that_cannot_be_verified_is_refused() {
    for id in [
        "trust.example",
        "did:web:",
        "did:example:1",
        "did:web:127.0.0.1",
        "http://trust.example",
        "https://user@trust.example",
        "",
    ] {
        let issuer = TrustedIssuer::new(id, ["StaffIdentity"]);
        let error = TrustPolicy::builder().issuer(issuer).build().unwrap_err();
        assert_eq!(error.code(), "policy_issuer_id", "{id}");
    }
}

#[test]
fn n13_plain_http_on_loopback_needs_the_programs_consent() {
    let text = CONTRACT.replace("did:web:trust.example", "did:web:localhost%3A8080");
    assert_eq!(code(&text), "policy_issuer_id");
    assert!(TrustPolicy::from_toml_with(&text, LoopbackHttp::Allow).is_ok());
}

#[test]
fn t05_the_leeway_is_capped() {
    assert_eq!(code(&CONTRACT.replace("= 60", "= 301")), "policy_invalid");
    assert_eq!(code(&CONTRACT.replace("= 60", "= 300")), "accepted");
    assert_eq!(code(&CONTRACT.replace("= 60", "= -1")), "policy_unreadable");
}

#[test]
fn nonsense_in_an_issuers_keys_is_refused() {
    for line in [
        "key_thumbprints = [\"short\"]",
        "status_origins = [\"http://lists.example\"]",
        "status_origins = [\"https://lists.example/path\"]",
        "where = [{ type = \"Other\", path = [\"a\"], values = [\"b\"] }]",
        "where = [{ type = \"StaffIdentity\", path = [], values = [\"b\"] }]",
        "where = [{ type = \"StaffIdentity\", path = [\"a\"], values = [] }]",
        "valid_from = \"2026-02-01T00:00:00Z\"\nvalid_until = \"2026-01-01T00:00:00Z\"",
    ] {
        assert_eq!(code(&with_issuer_line(line)), "policy_issuer_invalid", "{line}");
    }
    assert_eq!(code(&format!("algorithms = []\n{CONTRACT}")), "policy_invalid");
    assert_eq!(code(&format!("algorithms = [\"none\"]\n{CONTRACT}")), "policy_unreadable");
}

fn smallest() -> TrustPolicy {
    TrustPolicy::builder().issuer(good_issuer()).build().unwrap()
}

/// What changes when a line is added to the issuer, and back.
fn both_ways(line: &str) -> (Vec<String>, Vec<String>) {
    let changed = TrustPolicy::from_toml(&with_issuer_line(line)).unwrap();
    let plain = TrustPolicy::from_toml(&with_issuer_line("")).unwrap();
    let text = |differences: Vec<Difference>| {
        differences.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    (text(plain.diff(&changed)), text(changed.diff(&plain)))
}

#[test]
fn a_difference_names_what_it_loosens() {
    for (line, key, effect, back) in [
        ("typ_absent = true", "typ_absent", Effect::Loosens, Effect::Tightens),
        (
            "accept_authentication_key = true",
            "accept_authentication_key",
            Effect::Loosens,
            Effect::Tightens,
        ),
        ("unknown_status = 'accept'", "unknown_status", Effect::Loosens, Effect::Tightens),
        ("status = 'required'", "status", Effect::Tightens, Effect::Loosens),
        ("formats = ['dc+sd-jwt']", "formats", Effect::Tightens, Effect::Loosens),
        ("valid_until = '2027-01-01T00:00:00Z'", "valid_until", Effect::Tightens, Effect::Loosens),
        ("valid_from = '2026-01-01T00:00:00Z'", "valid_from", Effect::Tightens, Effect::Loosens),
        (
            "linked_domain = 'https://trust.example'",
            "linked_domain",
            Effect::Tightens,
            Effect::Loosens,
        ),
        (
            "status_origins = ['https://elsewhere.example']",
            "status_origins",
            Effect::Loosens,
            Effect::Loosens,
        ),
        (
            "status_signers = ['did:web:lists.example']",
            "status_signers",
            Effect::Loosens,
            Effect::Loosens,
        ),
    ] {
        let (there, again) = both_ways(line);
        let said = |effect| vec![format!("did:web:trust.example: {key} {effect}")];
        assert_eq!((there, again), (said(effect), said(back)), "{line}");
    }
}

#[test]
fn a_new_issuer_loosens_and_a_policy_is_no_different_from_itself() {
    let two = TrustPolicy::builder()
        .issuer(good_issuer())
        .issuer(TrustedIssuer::new("https://other.example", ["StaffIdentity"]))
        .clock_leeway_seconds(0)
        .build()
        .unwrap();
    let text: Vec<_> = smallest().diff(&two).iter().map(ToString::to_string).collect();
    assert_eq!(text, ["clock_leeway_seconds tightens", "https://other.example: id loosens"]);
    assert_eq!(two.diff(&two.clone()), []);
}

#[test]
fn an_age_of_a_key_binding_beyond_a_day_is_refused() {
    for seconds in [0, 86_400] {
        let policy = TrustPolicy::builder().issuer(good_issuer());
        assert!(policy.key_binding_max_age_seconds(seconds).build().is_ok());
    }
    let policy = TrustPolicy::builder().issuer(good_issuer()).key_binding_max_age_seconds(86_401);
    assert_eq!(policy.build().unwrap_err().code(), "policy_invalid");
}

/// A root in PEM.
fn root() -> String {
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

#[test]
fn nonsense_about_certificates_is_refused() {
    let root = root();
    let with = |id: &str, change: &dyn Fn(&mut X509Trust)| {
        let mut trust = X509Trust::named([&root], "trust.example");
        change(&mut trust);
        let mut issuer = TrustedIssuer::new(id, ["StaffIdentity"]);
        issuer.x509 = Some(trust);
        TrustPolicy::builder().issuer(issuer).build().map_err(|error| error.to_string())
    };
    let url = "https://trust.example";
    assert!(with(url, &|_| ()).is_ok());
    let by_key = |trust: &mut X509Trust| {
        trust.san = None;
        trust.subject_key_id = Some("0a1B".to_owned());
    };
    assert!(with(url, &by_key).is_ok());
    assert!(with("did:web:trust.example", &|_| ()).is_err());
    assert!(with(url, &|trust| trust.anchors.clear()).is_err());
    assert!(with(url, &|trust| trust.anchors = vec!["no certificate".to_owned()]).is_err());
    assert!(with(url, &|trust| trust.san = None).is_err());
    assert!(with(url, &|trust| trust.san = Some(String::new())).is_err());
    assert!(with(url, &|trust| trust.subject_key_id = Some("0a".to_owned())).is_err());
    assert!(with(url, &|trust| trust.eku = Some("clientAuth".to_owned())).is_err());
    for odd in ["", "0", "zz"] {
        let error = with(url, &|trust| {
            trust.san = None;
            trust.subject_key_id = Some(odd.to_owned());
        });
        assert!(error.is_err(), "{odd}");
    }
}

fn entra(id: &str) -> Result<TrustPolicy, PolicyError> {
    let text = format!(
        "[[issuer]]\nid = \"{id}\"\nmay_assert = [\"StaffIdentity\"]\nconventions = \"entra\"\n"
    );
    TrustPolicy::from_toml(&text)
}

const HUBS: [&str; 2] = ["https://hub.did.msidentity.com", "https://verifiedid.hub.msidentity.com"];

#[test]
fn entras_conventions_are_spelled_out_in_the_keys_that_they_stand_for() {
    let policy = entra("did:web:trust.example").unwrap();
    let issuer = policy.issuers().next().unwrap();
    let origins = [HUBS[0], "https://trust.example", HUBS[1]];
    assert!(issuer.status_origins.iter().eq(origins.iter()));
    assert!(!issuer.accept_authentication_key);
    // What is written is read as the same, and the keys count without the word.
    let again = TrustPolicy::from_toml(&policy.to_toml()).unwrap();
    assert_eq!(again.digest(), policy.digest());
    let spelled = policy.to_toml().replace("conventions = \"entra\"\n", "");
    assert_eq!(policy.diff(&TrustPolicy::from_toml(&spelled).unwrap()), []);
}

#[test]
fn a_difference_names_each_key_that_entras_conventions_switch_on() {
    let plain = |id: &str| {
        let issuer = TrustedIssuer::new(id, ["StaffIdentity"]);
        TrustPolicy::builder().issuer(issuer).build().unwrap()
    };
    let named = |old: &TrustPolicy, new: &TrustPolicy| -> Vec<_> {
        old.diff(new).into_iter().map(|change| (change.key, change.effect)).collect()
    };
    let (web, ion) = ("did:web:trust.example", include_str!("vectors/entra/sample_vc.jwt"));
    let (old, new) = (plain(web), entra(web).unwrap());
    assert_eq!(named(&old, &new), [("status_origins", Effect::Loosens)]);
    assert_eq!(named(&new, &old), [("status_origins", Effect::Tightens)]);
    let ion = issuer_of(ion);
    let (old, new) = (plain(&ion), entra(&ion).unwrap());
    let loosened =
        [("status_origins", Effect::Loosens), ("accept_authentication_key", Effect::Loosens)];
    assert_eq!(named(&old, &new), loosened);
    assert!(new.issuers().next().unwrap().status_origins.iter().eq(HUBS.iter()));
}

/// Who issued a token, unverified.
fn issuer_of(token: &str) -> String {
    let payload = staffpass_jose::base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    payload.get("iss").unwrap().as_str().unwrap().to_owned()
}

#[test]
fn entras_conventions_are_for_the_identifiers_that_entra_has() {
    for id in [
        "https://trust.example",
        "did:jwk:e30",
        "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH",
    ] {
        let error = entra(id).unwrap_err();
        assert_eq!(error.code(), "policy_issuer_invalid", "{id}");
        assert!(error.to_string().contains("\"entra\""), "{error}");
    }
    assert_eq!(entra("trust.example").unwrap_err().code(), "policy_issuer_id");
    // Beside one issuer's conventions another's keys are as they were.
    let both = TrustPolicy::builder()
        .issuer(TrustedIssuer::new("did:web:other.example", ["StaffIdentity"]))
        .issuer(entra("did:web:trust.example").unwrap().issuers().next().unwrap().clone())
        .build()
        .unwrap();
    let other = both.issuers().find(|issuer| issuer.id == "did:web:other.example").unwrap();
    assert!(other.status_origins.is_empty() && !other.accept_authentication_key);
}

#[test]
fn the_documents_to_fetch_are_those_that_the_policy_names_by_itself() {
    let named = |toml: &str| -> Vec<String> {
        let policy = TrustPolicy::from_toml(toml).unwrap();
        policy.issuers_to_fetch().map(|source| source.to_string()).collect()
    };
    let in_place = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";
    let toml = format!(
        r#"
        issuer = [
            {{ id = "did:web:a.example", may_assert = ["S"], linked_domain = "https://a.example" }},
            {{ id = "https://b.example/staff", may_assert = ["S"], status_signers = ["https://lists.example"] }},
            {{ id = "https://c.example/permits", may_assert = ["S"], conventions = "govuk" }},
            {{ id = "https://d.example", may_assert = ["S"], status_signers = ["did:web:a.example"] }},
            {{ id = "{in_place}", may_assert = ["S"] }},
        ]
        "#
    );
    let expected = [
        "DID document of did:web:a.example",
        "DID document of did:web:c.example",
        "issuer metadata https://b.example/.well-known/jwt-vc-issuer/staff",
        "issuer metadata https://d.example/.well-known/jwt-vc-issuer",
        "issuer metadata https://lists.example/.well-known/jwt-vc-issuer",
        "DID configuration https://a.example/.well-known/did-configuration.json",
    ];
    assert_eq!(named(&toml), expected);
    let alone = format!("[[issuer]]\nid = \"{in_place}\"\nmay_assert = [\"S\"]\n");
    assert!(named(&alone).is_empty());
}
