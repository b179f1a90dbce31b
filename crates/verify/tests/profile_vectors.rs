//! The JWT VC Presentation Profile's own vectors, and real tokens of Entra and its wallet: what
//! others made, verified end to end, and refused as soon as one byte changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use staffpass_did::{DidUrl, Relationship, resolve_in_place};
use staffpass_jose::{CryptoProvider, UnverifiedJws, jws};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_query::{PresentationDefinition, Query};
use staffpass_request::{Expectation, Protocol, ResponseMode};
use staffpass_status::{BitOrder, IdentityHubQuery, StatusListCredential, hub};
use staffpass_verify::policy::{
    IssuerConventions, TrustPolicy, TrustPolicyBuilder, TrustedIssuer, UnknownStatus,
};
use staffpass_verify::{
    Check, Code, Evidence, Outcome, PolicyKey, Rejection, Step, Subject, VerifiedResponse, Verifier,
};

const ALL_ED25519: &str = include_str!("vectors/jwt-vc-presentation-profile/all-ed25519.json");
const SPEC: &str = include_str!("vectors/jwt-vc-presentation-profile/spec_test_vectors.json");
const WALLET_VP: &str =
    include_str!("vectors/jwt-vc-presentation-profile/encoded_vptoken_jwt.json");
const ENTRA_VC: &str = include_str!("vectors/jwt-vc-presentation-profile/vc_jwt.json");
const DOMAIN_LINKAGE: &str =
    include_str!("vectors/jwt-vc-presentation-profile/2_domain_linkage_credential.json");
const ENTRA_REPLY: &str = include_str!("vectors/entra/identity_hub_response_jwt.json");
const ENTRA_LIST: &str = include_str!("vectors/entra/sample_vc.jwt");

/// One whole exchange: what was asked, and what came.
struct Exchange {
    expectation: Expectation,
    id_token: String,
    vp_token: String,
    state: String,
    issuer: String,
    credential_type: &'static str,
    at: DateTime<Utc>,
}

impl Exchange {
    fn new(request: &str, id_token: &str, vp_token: &str, credential_type: &'static str) -> Self {
        let request = payload(request);
        let text = |member: &str| request[member].as_str().unwrap().to_owned();
        let definition = &request["claims"]["vp_token"]["presentation_definition"];
        let definition = PresentationDefinition::from_value(definition).unwrap();
        let at =
            |member: &str| DateTime::from_timestamp(request[member].as_i64().unwrap(), 0).unwrap();
        let expectation =
            Expectation::builder(&text("client_id"), &text("nonce"), at("iat"), at("exp"))
                .protocol(Protocol::JwtVcPresentationProfile, ResponseMode::Post)
                .query(Query::from(definition))
                .state(&text("state"))
                .build()
                .unwrap();
        let vc = payload(payload(vp_token)["vp"]["verifiableCredential"][0].as_str().unwrap());
        Self {
            expectation,
            id_token: id_token.to_owned(),
            vp_token: vp_token.to_owned(),
            state: text("state"),
            issuer: vc["iss"].as_str().unwrap().to_owned(),
            credential_type,
            at: at("iat") + TimeDelta::seconds(30),
        }
    }

    fn all_ed25519() -> Self {
        let all: Value = serde_json::from_str(ALL_ED25519).unwrap();
        let answer = &all["siopResponse"];
        Self::new(
            all["siopRequest"].as_str().unwrap(),
            answer["id_token"].as_str().unwrap(),
            answer["vp_token"].as_str().unwrap(),
            "WorkplaceCredential",
        )
    }

    fn of_the_specification() -> Self {
        let spec: Value = serde_json::from_str(SPEC).unwrap();
        let token = |n: usize| spec["tokens"][n]["jwt"].as_str().unwrap().to_owned();
        Self::new(&token(0), &token(1), &token(2), "VerifiedEmployee")
    }

    fn policy(&self, change: impl FnOnce(&mut TrustedIssuer)) -> TrustPolicyBuilder {
        let mut issuer = TrustedIssuer::new(&self.issuer, [self.credential_type]);
        change(&mut issuer);
        TrustPolicy::builder().issuer(issuer)
    }

    fn body(&self, id_token: &str, vp_token: &str) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("id_token", id_token)
            .append_pair("vp_token", vp_token)
            .append_pair("state", &self.state)
            .finish()
    }

    fn verify(&self, policy: TrustPolicyBuilder) -> Result<VerifiedResponse, Rejection> {
        let verifier = Verifier::new(policy.build().unwrap(), Arc::new(AwsLc));
        self.verify_tokens(&verifier, &self.id_token, &self.vp_token)
    }

    fn verify_tokens(
        &self,
        verifier: &Verifier,
        id_token: &str,
        vp_token: &str,
    ) -> Result<VerifiedResponse, Rejection> {
        let body = self.body(id_token, vp_token);
        let mut verification = verifier.receive(&self.expectation, body.as_bytes());
        verdict(verification.step(&Evidence::new(Arc::new(AwsLc)), self.at))
    }
}

fn verdict(step: Step) -> Result<VerifiedResponse, Rejection> {
    match step {
        Step::Done(verdict) => *verdict,
        Step::Needs(sources) => panic!("asks for {sources:?}"),
    }
}

fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&staffpass_jose::base64url::decode(part).unwrap()).unwrap()
}

fn loosened(issuer: &mut TrustedIssuer) {
    issuer.accept_authentication_key = true;
    issuer.unknown_status = Some(UnknownStatus::Accept);
}

fn codes(verdict: Result<VerifiedResponse, Rejection>) -> Vec<Code> {
    verdict.map(|_| ()).unwrap_err().codes()
}

/// A character of the same alphabet that decodes to other bits.
fn changed(token: &str, at: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    bytes[at] = match bytes[at] {
        b'.' => b'-',
        b'A' => b'B',
        _ => b'A',
    };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_whole_exchange_verifies() {
    let exchange = Exchange::all_ed25519();
    let policy = exchange.policy(|issuer| issuer.accept_authentication_key = true);
    let verified = exchange.verify(policy).unwrap();
    let [credential] = verified.credentials() else { panic!("one credential") };
    assert_eq!(credential.types(), ["WorkplaceCredential"]);
    assert_eq!(credential.part(), Some("WorkplaceCredentialVC"));
    assert_eq!(credential.subject()["displayName"], "Pat Smith");
    assert!(verified.report().accepted());
    let (credential, response) = (Subject::Credential(0, 0), Subject::Response);
    let named = [
        (credential, Check::Key, PolicyKey::AcceptAuthenticationKey),
        (response, Check::Person, PolicyKey::PersonLink),
    ];
    assert_eq!(waived(&verified), named);
}

/// That raw states are allowed is not said of an identifier that has no need of it.
#[test]
fn a_canonical_state_leans_on_no_raw_bytes() {
    let exchange = Exchange::all_ed25519();
    let policy = exchange.policy(|issuer| issuer.accept_authentication_key = true);
    let verified = exchange.verify(policy.accept_raw_ion_state()).unwrap();
    assert!(waived(&verified).iter().all(|(.., key)| *key != PolicyKey::IonState));
}

fn waived(verified: &VerifiedResponse) -> Vec<(Subject, Check, PolicyKey)> {
    let waived = verified.report().checks.iter().filter_map(|r| match r.outcome {
        Outcome::Waived(key) => Some((r.subject, r.check, key)),
        _ => None,
    });
    waived.collect()
}

#[test]
fn the_whole_exchange_is_refused_without_the_named_loosening() {
    let exchange = Exchange::all_ed25519();
    assert_eq!(codes(exchange.verify(exchange.policy(|_| {}))), [Code::KeyPurpose]);
}

#[test]
fn the_exchange_of_the_specification_needs_three_names() {
    let exchange = Exchange::of_the_specification();
    let verified = exchange.verify(exchange.policy(loosened).accept_raw_ion_state()).unwrap();
    assert_eq!(verified.credentials()[0].subject()["surname"], "Smith");
    // A check that leans on two of them has a line for each.
    let credential = Subject::Credential(0, 0);
    let waived = waived(&verified);
    assert!(waived.contains(&(credential, Check::Key, PolicyKey::AcceptAuthenticationKey)));
    assert!(waived.contains(&(credential, Check::Key, PolicyKey::IonState)));
    assert!(waived.contains(&(credential, Check::Status, PolicyKey::UnknownStatus)));

    let strict = exchange.verify(exchange.policy(loosened));
    assert!(codes(strict).contains(&Code::IdentifierNotSupported));
    let no_key = exchange.policy(|i| i.unknown_status = Some(UnknownStatus::Accept));
    assert_eq!(codes(exchange.verify(no_key.accept_raw_ion_state())), [Code::KeyPurpose]);
    let no_status = exchange.policy(|i| i.accept_authentication_key = true);
    let refused = codes(exchange.verify(no_status.accept_raw_ion_state()));
    assert_eq!(refused, [Code::StatusOriginNotAllowed]);
}

#[test]
fn no_other_issuer_type_or_clock_will_do() {
    let exchange = Exchange::all_ed25519();
    let other = TrustedIssuer::new("did:web:other.example", ["WorkplaceCredential"]);
    let refused = exchange.verify(TrustPolicy::builder().issuer(other));
    assert_eq!(codes(refused), [Code::IssuerNotTrusted]);
    let mut issuer = TrustedIssuer::new(&exchange.issuer, ["StaffIdentity"]);
    issuer.accept_authentication_key = true;
    let refused = exchange.verify(TrustPolicy::builder().issuer(issuer));
    assert_eq!(codes(refused), [Code::TypeNotTrusted]);

    let policy = exchange.policy(|issuer| issuer.accept_authentication_key = true);
    let verifier = Verifier::new(policy.build().unwrap(), Arc::new(AwsLc));
    let body = exchange.body(&exchange.id_token, &exchange.vp_token);
    let at = |now| {
        let mut verification = verifier.receive(&exchange.expectation, body.as_bytes());
        codes(verdict(verification.step(&Evidence::new(Arc::new(AwsLc)), now)))
    };
    assert!(at(exchange.at + TimeDelta::days(1)).contains(&Code::RequestExpired));
    assert!(at(exchange.at + TimeDelta::days(1)).contains(&Code::Expired));
    assert!(at(exchange.at - TimeDelta::hours(1)).contains(&Code::NotYetValid));
}

/// Every byte of a token, each changed by itself, on two threads.
fn no_changed_byte_is_accepted(length: usize, refused: impl Fn(usize) -> bool + Sync) {
    std::thread::scope(|scope| {
        for half in 0..2 {
            let refused = &refused;
            scope.spawn(move || {
                for at in (half..length).step_by(2) {
                    assert!(refused(at), "byte {at}");
                }
            });
        }
    });
}

#[test]
fn s10_no_changed_byte_of_any_token_is_accepted() {
    let exchange = Exchange::all_ed25519();
    let policy = exchange.policy(|issuer| issuer.accept_authentication_key = true);
    let verifier = Verifier::new(policy.build().unwrap(), Arc::new(AwsLc));
    no_changed_byte_is_accepted(exchange.id_token.len(), |at| {
        let token = changed(&exchange.id_token, at);
        exchange.verify_tokens(&verifier, &token, &exchange.vp_token).is_err()
    });
    no_changed_byte_is_accepted(exchange.vp_token.len(), |at| {
        let token = changed(&exchange.vp_token, at);
        exchange.verify_tokens(&verifier, &exchange.id_token, &token).is_err()
    });
}

/// A presentation by itself, as a real wallet sent it.
fn wallet_presentation() -> (String, Expectation, DateTime<Utc>) {
    let vp = WALLET_VP.trim().split("&state=").next().unwrap().to_owned();
    let claims = payload(&vp);
    let issued = DateTime::from_timestamp(claims["iat"].as_i64().unwrap(), 0).unwrap();
    let expectation = Expectation::for_presentation(
        claims["aud"].as_str().unwrap(),
        claims["nonce"].as_str().unwrap(),
        None,
        issued,
        issued + TimeDelta::minutes(5),
    )
    .unwrap();
    (vp, expectation, issued + TimeDelta::seconds(10))
}

fn verify_wallet_presentation(
    vp: &str,
    change: impl FnOnce(&mut TrustedIssuer),
) -> Result<VerifiedResponse, Rejection> {
    let (_, expectation, now) = wallet_presentation();
    let issuer = payload(ENTRA_VC.trim())["iss"].as_str().unwrap().to_owned();
    let mut issuer = TrustedIssuer::new(issuer, ["InteropExampleVC"]);
    change(&mut issuer);
    let policy = TrustPolicy::builder().issuer(issuer).build().unwrap();
    let verifier = Verifier::new(policy, Arc::new(AwsLc));
    let mut verification = verifier.receive_presentation(&expectation, vp);
    verdict(verification.step(&Evidence::new(Arc::new(AwsLc)), now))
}

#[test]
fn a_real_wallets_presentation_with_a_real_entra_credential_verifies() {
    let (vp, ..) = wallet_presentation();
    let verified = verify_wallet_presentation(&vp, loosened).unwrap();
    assert_eq!(verified.credentials()[0].subject()["MemberId"], "943856208");
    let refused = verify_wallet_presentation(&vp, |i| i.accept_authentication_key = true);
    assert_eq!(codes(refused), [Code::StatusOriginNotAllowed]);
    let refused = verify_wallet_presentation(&vp, |_| {});
    assert_eq!(codes(refused), [Code::KeyPurpose]);
}

/// Entra's conventions say of a did:ion what has to be said of this one's key, and no more: its
/// document names no hub.
#[test]
fn entras_conventions_are_those_of_a_real_entra_credential() {
    let (vp, ..) = wallet_presentation();
    let entra = |issuer: &mut TrustedIssuer| issuer.conventions = Some(IssuerConventions::Entra);
    let refused = verify_wallet_presentation(&vp, entra);
    assert_eq!(codes(refused), [Code::StatusOriginNotAllowed]);
    let verified = verify_wallet_presentation(&vp, |issuer| {
        entra(issuer);
        issuer.unknown_status = Some(UnknownStatus::Accept);
    });
    let named = waived(&verified.unwrap());
    let key = (Subject::Credential(0, 0), Check::Key, PolicyKey::AcceptAuthenticationKey);
    assert!(named.contains(&key), "{named:?}");
}

#[test]
fn s10_no_changed_byte_of_a_real_presentation_is_accepted() {
    let (vp, ..) = wallet_presentation();
    no_changed_byte_is_accepted(vp.len(), |at| {
        verify_wallet_presentation(&changed(&vp, at), loosened).is_err()
    });
}

/// The issuer's signature on a token, under the key that `kid` names in the issuer's own document.
fn issuer_signature(token: &str, purpose: Relationship) -> Result<(), &'static str> {
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).map_err(|e| e.code())?;
    let kid = DidUrl::parse(jws.header().kid.as_deref().unwrap()).unwrap();
    assert_eq!(payload(token)["iss"], kid.did().as_str());
    let document = resolve_in_place(kid.did(), &Default::default()).unwrap().unwrap();
    let method = document.method(kid.as_str()).unwrap();
    if !method.relationships().contains(purpose) {
        return Err("purpose");
    }
    let key = AwsLc.prepare(method.key()).unwrap();
    jws.verify(&key).map(drop).map_err(|e| e.code())
}

#[test]
fn a_real_domain_linkage_credential_is_signed_for_assertion() {
    let configuration: Value = serde_json::from_str(DOMAIN_LINKAGE).unwrap();
    let token = configuration["linked_dids"][0].as_str().unwrap();
    assert_eq!(issuer_signature(token, Relationship::AssertionMethod), Ok(()));
    let forged = changed(token, token.len() - 20);
    assert_eq!(
        issuer_signature(&forged, Relationship::AssertionMethod),
        Err("jws_signature_mismatch")
    );
}

#[test]
fn a_real_hubs_reply_holds_the_real_list() {
    let claims = payload(ENTRA_LIST.trim());
    let object_id = claims["sub"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
    let query = IdentityHubQuery::new(claims["iss"].as_str().unwrap(), object_id).unwrap();
    let limits = staffpass_status::Limits::default();
    let list = hub::parse_reply(ENTRA_REPLY.as_bytes(), &query, &limits).unwrap();
    assert_eq!(list, ENTRA_LIST.trim());
}

#[test]
fn a_real_entra_status_list_is_signed_with_a_high_s_and_read_from_the_right() {
    let token = ENTRA_LIST.trim();
    assert_eq!(issuer_signature(token, Relationship::AssertionMethod), Ok(()));
    let signature = token.rsplit('.').next().unwrap();
    let signature = staffpass_jose::base64url::decode(signature).unwrap();
    assert!(signature[32] > 0x7f, "S is in the upper half");
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).unwrap();
    let limits = staffpass_status::Limits::default();
    let list = StatusListCredential::parse(jws.unverified_payload(), &limits).unwrap();
    let list = list.inflate(&limits).unwrap();
    let size = staffpass_status::EntrySize::ONE;
    let set: Vec<_> = (0..48)
        .filter(|index| {
            list.bits().value(*index, size, BitOrder::LeastSignificantFirst).unwrap() != 0
        })
        .collect();
    assert!(set.contains(&22) && set.contains(&26) && !set.contains(&27), "{set:?}");
}
