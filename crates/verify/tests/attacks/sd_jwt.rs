//! SD-JWT VC with key binding (D, P), at the layer where a verdict is reached. What a broken SD-JWT
//! is refused for in itself is tested in the crate that reads it.

use staffpass_verify::policy::{CredentialFormat, HolderBinding};

use super::formats::{body_of, codes_of, written};
use super::*;

fn sd_jwt() -> Exchange {
    written(Encoding::SdJwtVc)
}

#[test]
fn p03_a_key_binding_that_was_taken_off_is_missed() {
    let exchange = sd_jwt();
    let bare = exchange.answer.presentations[0].without_key_binding();
    let codes = codes_of(&exchange, &body_of(&exchange, "identity", &bare));
    assert_eq!(codes, [Code::KeyBindingMissing]);
}

#[test]
fn p03_without_key_binding_is_taken_only_where_the_policy_names_it() {
    let one = Scenario::new(Dialect::OpenId4Vp).encoding(Encoding::SdJwtVc).credentials(1);
    let mut exchange = one.build();
    exchange.policy = exchange.policy.holder_binding(HolderBinding::NotRequired);
    let bare = exchange.answer.presentations[0].without_key_binding();
    let body = body_of(&exchange, "identity", &bare);
    let verification = exchange.verifier().receive(&exchange.expectation, &body);
    let verdict = exchange.drive(verification, &mut Evidence::new(Arc::new(AwsLc))).unwrap();
    let waived = Outcome::Waived(PolicyKey::HolderBinding);
    assert!(verdict.report().checks.iter().any(|record| record.outcome == waived));
    assert_eq!(verdict.credentials()[0].holder(), None);
}

#[test]
fn t02_a_key_binding_is_held_to_the_exp_and_nbf_that_it_has() {
    let with = |name: &str, seconds: i64| {
        let mut exchange = sd_jwt();
        let date = (exchange.now + TimeDelta::seconds(seconds)).timestamp();
        presentation(&mut exchange).set(name, date);
        exchange.verify()
    };
    assert!(with("exp", -59).is_ok() && with("nbf", 60).is_ok());
    assert_eq!(codes(with("exp", -60)), [Code::Expired]);
    assert_eq!(codes(with("nbf", 61)), [Code::NotYetValid]);
}

#[test]
fn p05_a_key_binding_by_another_key_is_refused() {
    let mut exchange = sd_jwt();
    presentation(&mut exchange).key = signing_key(Algorithm::Es256, 999);
    assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid]);
}

#[test]
fn p05_a_credential_bound_to_nobody_is_refused() {
    for cnf in [json!({}), json!({"kid": "1"}), json!({"jwk": {"kty": "EC"}}), json!("key")] {
        let mut exchange = sd_jwt();
        identity(&mut exchange).set("cnf", cnf.clone());
        let codes = codes(exchange.verify());
        let expected = [Code::HolderBinding, Code::KeyUnusable];
        assert!(codes.iter().all(|code| expected.contains(code)), "{cnf}: {codes:?}");
    }
}

#[test]
fn pf15_kb_jwt_sd_hash_of_other_disclosures_is_refused() {
    // A disclosure is withheld after the holder signed.
    let exchange = sd_jwt();
    let whole = exchange.answer.presentations[0].compact();
    let mut parts: Vec<&str> = whole.split('~').collect();
    parts.remove(1);
    let codes = codes_of(&exchange, &body_of(&exchange, "identity", &parts.join("~")));
    assert_eq!(codes, [Code::SdHashMismatch]);
    let mut exchange = sd_jwt();
    presentation(&mut exchange).set("sd_hash", "bm90IHRoZSBoYXNo");
    assert_eq!(self::codes(exchange.verify()), [Code::SdHashMismatch]);
}

#[test]
fn pf15_kb_jwt_iat_window() {
    let now = good(Dialect::OpenId4Vp).now;
    for (seconds, code) in [(-3600, Code::TooOld), (3600, Code::NotYetValid)] {
        let mut exchange = sd_jwt();
        presentation(&mut exchange).set("iat", now.timestamp() + seconds);
        assert_eq!(codes(exchange.verify()), [code], "{seconds}");
    }
    let mut exchange = sd_jwt();
    presentation(&mut exchange).claims.remove("iat");
    assert_eq!(codes(exchange.verify()), [Code::ClaimsMalformed]);
}

#[test]
fn pf18_expected_audience_is_not_optional() {
    for audience in [json!(["https://portal.example"]), json!(null), json!("")] {
        let mut exchange = sd_jwt();
        presentation(&mut exchange).set("aud", audience.clone());
        let codes = codes(exchange.verify());
        let expected = [Code::AudienceMismatch, Code::ClaimsMalformed];
        assert!(codes.iter().all(|code| expected.contains(code)), "{audience}: {codes:?}");
    }
}

#[test]
fn pf44_no_claim_can_be_read_before_its_signature_is_good() {
    let mut exchange = sd_jwt();
    identity(&mut exchange).key = signing_key(Algorithm::Es256, 999);
    let rejection = exchange.verify().unwrap_err();
    let report = serde_json::to_string(rejection.report()).unwrap();
    assert!(!report.contains("Rowan") && !report.contains("Testerby"), "{report}");
    assert!(!format!("{rejection:?}").contains("Rowan"));
}

#[test]
fn d01_d02_d07_what_is_no_sd_jwt_is_refused_with_its_code() {
    let twice = |e: &mut Exchange| {
        let first = identity(e).disclosures[0].clone();
        identity(e).disclosures.push(first);
    };
    let unreferenced = |e: &mut Exchange| {
        identity(e).disclosures.push(json!(["another-salt-0123456789", "role", "consultant"]));
    };
    let of_two = |e: &mut Exchange| identity(e).disclosures[0] = json!(["salt", "given_name"]);
    let of_four = |e: &mut Exchange| {
        identity(e).disclosures[0] = json!(["salt", "given_name", "Rowan", 1]);
    };
    let changes: [&dyn Fn(&mut Exchange); 4] = [&twice, &unreferenced, &of_two, &of_four];
    for (place, change) in changes.into_iter().enumerate() {
        let mut exchange = sd_jwt();
        change(&mut exchange);
        let codes = codes(exchange.verify());
        assert!(codes.contains(&Code::DisclosuresInvalid), "{place}: {codes:?}");
    }
}

#[test]
fn d04_what_must_be_open_may_not_be_disclosed() {
    for (name, value) in [
        ("vct", json!("urn:example:staff-passport:identity:1")),
        ("cnf", json!({"jwk": {}})),
        ("status", json!({"status_list": {"idx": 1, "uri": "https://westmoor.example/s"}})),
        ("nbf", json!(1)),
        ("exp", json!(1_900_000_000)),
    ] {
        let mut exchange = sd_jwt();
        let token = identity(&mut exchange);
        token.claims.remove(name);
        token.conceal(name, value);
        let codes = codes(exchange.verify());
        let expected = [Code::DisclosureForbidden, Code::HolderBinding, Code::KeyUnusable];
        assert!(codes.iter().any(|code| expected.contains(code)), "{name}: {codes:?}");
    }
    let mut exchange = sd_jwt();
    identity(&mut exchange).conceal("vct", json!("urn:example:another"));
    assert!(codes(exchange.verify()).contains(&Code::DisclosuresInvalid));
}

#[test]
fn d12_the_types_that_a_vct_is_also_known_as_are_not_believed() {
    let mut exchange = sd_jwt();
    let wanted = identity(&mut exchange).claims["vct"].clone();
    identity(&mut exchange).set("vct", "urn:example:visitor:1");
    identity(&mut exchange).set("aka_vcts", json!([wanted]));
    assert_eq!(codes(exchange.verify()), [Code::TypeNotTrusted]);
}

#[test]
fn d13_type_metadata_is_fetched_by_nobody() {
    let mut exchange = sd_jwt();
    let vct = "https://canary.example/types/identity";
    identity(&mut exchange).set("vct", vct);
    identity(&mut exchange).set("vct#integrity", "sha256-AAAA");
    trust(&mut exchange, |issuer| issuer.may_assert.extend([vct.to_owned()]));
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    let Step::Needs(needs) = verification.step(&Evidence::new(Arc::new(AwsLc)), exchange.now)
    else {
        panic!("the issuer's document is needed");
    };
    assert!(needs.into_iter().all(|source| !source.to_string().contains("canary")));
}

#[test]
fn d15_vc_sd_jwt_is_taken_by_name_alone_and_means_one_thing() {
    let mut exchange = sd_jwt();
    for presentation in &mut exchange.answer.presentations {
        presentation.credentials[0].header.insert("typ".to_owned(), "vc+sd-jwt".into());
    }
    let refused = exchange.verify().unwrap_err();
    assert_eq!(refused.codes(), [Code::FormatNotTrusted]);
    let lines = refused.report().checks.iter();
    assert_eq!(lines.filter(|line| matches!(line.outcome, Outcome::Waived(_))).count(), 0);
    let legacy = CredentialFormat::LegacySdJwtVc;
    trust(&mut exchange, |issuer| issuer.formats = [legacy].into());
    let accepted = exchange.verify().unwrap();
    assert_eq!(waived(&accepted), of_each_credential(Check::Token, PolicyKey::LegacySdJwtVc));
    assert!(accepted.report().to_string().contains("token: waived by vc+sd-jwt"));
    // Named beside the present type, it is named where it was used and nowhere else.
    let mut present = sd_jwt();
    trust(&mut present, |issuer| issuer.formats = [legacy, CredentialFormat::SdJwtVc].into());
    assert_eq!(waived(&present.verify().unwrap()), []);
    // With both, or with neither, nobody knows what it is.
    let mut both = exchange.clone();
    identity(&mut both).set("@context", json!(["https://www.w3.org/ns/credentials/v2"]));
    assert_eq!(codes(both.verify()), [Code::CredentialShape]);
    let mut neither = exchange;
    identity(&mut neither).claims.remove("vct");
    assert!(!codes(neither.verify()).is_empty());
}

#[test]
fn pf24_holder_binding_is_not_left_to_the_caller() {
    // Another person's credential, presented by a wallet with a key of its own.
    let mut exchange = sd_jwt();
    let thief = Holder::new(HolderKind::Jwk(Algorithm::Es256), 999);
    for presentation in &mut exchange.answer.presentations {
        presentation.token.key = Arc::clone(thief.key());
    }
    assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid]);
}

/// HAIP 1.0 §7, §8: ES256 and SHA-256 are what everybody has, and here nothing is added to them.
#[test]
fn under_haip_nothing_but_es256_and_sha_256_is_taken() {
    let under_haip = |mut exchange: Exchange| {
        let mut expectation = serde_json::to_value(&exchange.expectation).unwrap();
        expectation["profile"] = json!("haip");
        exchange.expectation = serde_json::from_value(expectation).unwrap();
        exchange
    };
    let scenario = || Scenario::new(Dialect::OpenId4Vp).encoding(Encoding::SdJwtVc);
    assert!(under_haip(scenario().build()).verify().is_ok());
    for algorithm in [Algorithm::Es384, Algorithm::Es256k, Algorithm::EdDsa] {
        let by_holder = scenario().holder(HolderKind::Jwk(algorithm)).build();
        let by_issuer = scenario().issuer(IssuerKind::Web("westmoor.example"), algorithm).build();
        for exchange in [by_holder, by_issuer] {
            assert!(exchange.verify().is_ok(), "{algorithm}");
            assert_eq!(codes(under_haip(exchange).verify()), [Code::AlgorithmNotAllowed]);
        }
    }
    let mut exchange = scenario().build();
    let identity = identity(&mut exchange);
    identity.disclosures.clear();
    identity.claims.remove("_sd");
    identity.set("_sd_alg", "sha-512");
    assert_eq!(codes(exchange.clone().verify()), [Code::SdHashMismatch]);
    assert_eq!(codes(under_haip(exchange).verify()), [Code::AlgorithmNotAllowed]);
}
