//! The kit itself: what is good is accepted in every combination, what is not is refused for its own
//! reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use staffpass_jose::Algorithm;
use staffpass_status::StatusKind;
use staffpass_testkit::{
    Dialect, Exchange, HolderKind, IssuerKind, Scenario, Tamper, presentation_vp3,
};
use staffpass_verify::Step;

const WEB: IssuerKind = IssuerKind::Web("westmoor.example");

fn assert_accepted(exchange: &Exchange, credentials: usize, what: &str) {
    match exchange.verify() {
        Ok(response) => assert_eq!(response.credentials().len(), credentials, "{what}"),
        Err(rejection) => panic!("{what}: {}", rejection.report()),
    }
}

#[test]
fn every_holder_is_accepted_in_every_dialect() {
    for dialect in Dialect::ALL {
        for holder in HolderKind::ALL {
            let exchange = Scenario::new(dialect).holder(holder).build();
            assert_accepted(&exchange, 3, &format!("{dialect:?} {holder:?}"));
        }
    }
}

#[test]
fn every_issuer_is_accepted_in_every_dialect() {
    for dialect in Dialect::ALL {
        for algorithm in Algorithm::ALL {
            for issuer in [WEB, IssuerKind::Jwk] {
                let exchange = Scenario::new(dialect).issuer(issuer, algorithm).build();
                assert_accepted(&exchange, 3, &format!("{dialect:?} {issuer:?} {algorithm}"));
            }
        }
    }
}

#[test]
fn every_status_list_is_accepted() {
    for status in [
        StatusKind::BitstringStatusList,
        StatusKind::StatusList2021,
        StatusKind::RevocationList2021,
        StatusKind::RevocationList2020,
    ] {
        let exchange = Scenario::new(Dialect::MicrosoftTogether).status(status).build();
        assert_accepted(&exchange, 3, &format!("{status:?}"));
        let rejection = exchange.tampered(Tamper::Revoked).verify().expect_err("revoked");
        assert_eq!(rejection.codes(), [Tamper::Revoked.code()], "{status:?}");
    }
}

#[test]
fn as_many_credentials_as_are_asked_for_are_accepted() {
    for dialect in Dialect::ALL {
        for credentials in [1, 2, 5, 8] {
            let exchange = Scenario::new(dialect).credentials(credentials).build();
            assert_accepted(&exchange, credentials, &format!("{dialect:?} {credentials}"));
        }
    }
}

#[test]
fn whatever_is_wrong_is_refused_for_its_own_reason() {
    for dialect in Dialect::ALL {
        let good = Scenario::new(dialect).build();
        for tamper in Tamper::ALL {
            let rejection = good.tampered(tamper).verify().expect_err(&format!("{tamper:?}"));
            let codes = rejection.codes();
            assert_eq!(codes, [tamper.code()], "{dialect:?} {tamper:?}");
        }
    }
}

#[test]
fn a_seed_makes_the_same_exchange_again_and_another_seed_another() {
    let eddsa = |seed: u64| {
        let scenario = Scenario::new(Dialect::OpenId4Vp).seed(seed);
        let holder = HolderKind::Key(Algorithm::EdDsa);
        scenario.holder(holder).issuer(IssuerKind::Jwk, Algorithm::EdDsa).build().body()
    };
    assert_eq!(eddsa(7), eddsa(7));
    assert_ne!(eddsa(7), eddsa(8));
}

#[test]
fn the_presentation_of_three_is_accepted_at_the_first_step() {
    for algorithm in Algorithm::ALL {
        let presented = presentation_vp3(algorithm);
        let (expectation, compact) = (&presented.expectation, &presented.compact);
        let mut verification = presented.verifier.receive_presentation(expectation, compact);
        match verification.step(&presented.evidence, presented.now) {
            Step::Done(verdict) => match *verdict {
                Ok(response) => assert_eq!(response.credentials().len(), 3, "{algorithm}"),
                Err(rejection) => panic!("{algorithm}: {}", rejection.report()),
            },
            Step::Needs(needs) => panic!("{algorithm}: {needs:?}"),
        }
    }
}
