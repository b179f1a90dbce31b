//! The portal of the guide, whole: its pieces are the ones that the page shows, and the wallet that
//! answers is the library's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]
#![cfg(feature = "default")]

#[path = "../src/guide/portal/ask.rs"]
mod ask;
#[path = "../src/guide/portal/confirm.rs"]
mod confirm;
#[path = "../src/guide/portal/identity.rs"]
mod identity;
#[path = "../src/guide/portal/judge.rs"]
mod judge;

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::credentials::{CredentialKind, TypeNames};
use staffpass::did::{DidDocument, DidUrl, jwk};
use staffpass::disclosure::{CredentialSet, HeldCredential, Holder, RequestReview, ReviewOptions};
use staffpass::issue::{CredentialBuilder, IssuerKey};
use staffpass::jose::{Algorithm, Signer as _};
use staffpass::otp::{Channel, CodeKey};
use staffpass::request::microsoft::{self, doctor};
use staffpass::request::{Endpoints, Handle, Request, UnverifiedRequestObject};
use staffpass::share::{
    EmailAddress, Invitation, InvitedPerson, MobileNumber, Notices, Role, Rules, SessionDigest,
    Share, State,
};
use staffpass::verify::policy::TrustPolicy;
use staffpass::verify::{Evidence, Verifier};

const ORIGIN: &str = "https://portal.example";

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// Somebody with a key whose DID is made of it: her wallet, and the trust that issued to it.
struct Somebody {
    key: SigningKey,
    id: DidUrl,
}

impl Somebody {
    fn new() -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let id = DidUrl::new(&jwk::from_public_key(key.public_key()), "0").unwrap();
        Self { key, id }
    }
}

fn invited() -> Share {
    let person = InvitedPerson::new("Okafor-Lee").with_given_name("Amara");
    let email = EmailAddress::parse("amara@hospital.example").unwrap();
    let role = Role::new("Medical and dental", "Permanent");
    let until = now() + TimeDelta::days(14);
    Share::new(Invitation::new("westmoor", "invitation-1", person, email, role, until), now())
}

/// From the link in the email to the confirmed selection, which is identity alone.
fn up_to_the_wallet(share: &mut Share, rules: &Rules) {
    let _ = share.open(SessionDigest::of(b"the secret of the session"), rules, now()).unwrap();
    let _ = share.registered_before(now()).unwrap();
    let notices = Notices::new([("privacy_notice", "3"), ("terms_of_use", "2")]).unwrap();
    let _ = share.start(notices, now()).unwrap();
    let set = CredentialSet::new(rules.catalogue());
    let _ = share.select(&set, rules, now()).unwrap();
    let _ = share.confirm(now()).unwrap();
}

fn claims() -> Map<String, Value> {
    let claims = json!({
        "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "given_name": "Amara", "family_name": "Okafor-Lee", "birthdate": "1991-08-10",
        "confidence": "high", "evidence_profile": "H1A",
        "checked_by": "idsp: Example IDSP Ltd", "checked_on": "2026-02-27",
        "assurance": {
            "origin": "Substantive NHS Employing Organisation", "assurance_policy": "GPG 45",
            "assurance_outcome": "GPG 45 applied", "provider": "Eastmoor Hospitals (fictional)",
            "verifier": "Origin", "verification_method": "document_verification",
            "pedigree": "sourced", "last_refresh": "2026-03-01",
        },
    });
    claims.as_object().cloned().unwrap()
}

fn issued(issuer: &Somebody, holder: &Somebody) -> HeldCredential {
    let key = IssuerKey::new(issuer.id.clone(), Algorithm::Es256);
    let token = CredentialBuilder::new(&key, holder.id.did(), now() - TimeDelta::hours(1))
        .add_type(TypeNames::default().vc_type(CredentialKind::Identity))
        .claims(claims())
        .expires_at(now() + TimeDelta::days(300))
        .build(&mut rand::rng())
        .unwrap()
        .sign(&issuer.key)
        .unwrap();
    HeldCredential::parse(&token).unwrap()
}

/// The wallet reads the request as it is served, asks the portal's domain, and answers.
fn answer(
    request: &Request,
    us: &identity::Identity,
    holder: &Somebody,
    held: &[HeldCredential],
) -> String {
    let object = UnverifiedRequestObject::parse(request.object().as_str(), Default::default());
    let (object, portal) = (object.unwrap(), "did:web:portal.example".parse().unwrap());
    let document = DidDocument::parse(&portal, us.did_json.as_bytes()).unwrap();
    let (document, options) = (Some(&document), ReviewOptions::default());
    let claimed = RequestReview::domain_claimed(&object, document, &AwsLc, &options, now());
    let claimed = claimed.unwrap().expect("the document names the portal's domain");
    let domain = claimed.confirm(us.did_configuration.as_bytes(), &AwsLc, now()).unwrap();
    let options = options.with_linked_domain(domain);
    let review = RequestReview::verify(&object, document, &AwsLc, &options, now()).unwrap();
    let matches = review.matches(held, &[holder.id.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let keys = [Holder::new(&holder.id, &holder.key)];
    matches.present(&choice, &keys, now(), &mut rand::rng()).unwrap().body().to_owned()
}

fn handle(request: &Request) -> Handle {
    Handle::parse(request.response_uri().rsplit('/').next().unwrap()).unwrap()
}

struct Portal {
    us: identity::Identity,
    party: microsoft::Party,
    verifier: Verifier,
    rules: Rules,
}

impl Portal {
    fn trusting(issuer: &Somebody) -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let us = identity::identity(ORIGIN, key, now()).unwrap();
        let endpoints =
            Endpoints::new(&format!("{ORIGIN}/request"), &format!("{ORIGIN}/response")).unwrap();
        let party =
            microsoft::Party::new(us.key_id.as_str(), Algorithm::Es256, "Westmoor", endpoints)
                .unwrap();
        let policy = format!(
            "[[issuer]]\nid = \"{}\"\nmay_assert = [\"StaffIdentity\"]\n",
            issuer.id.did().as_str()
        );
        let policy = TrustPolicy::from_toml(&policy).unwrap();
        let verifier = Verifier::new(policy, Arc::new(AwsLc));
        Self { us, party, verifier, rules: Rules::default() }
    }

    fn ask(&self, share: &mut Share) -> Request {
        let (key, policy) = (&self.us.key, self.verifier.policy());
        ask::ask(share, &self.party, key, &self.rules, policy, now()).unwrap()
    }

    fn judge(
        &self,
        share: &mut Share,
        request: &Request,
        body: &str,
    ) -> Option<staffpass::share::Receipt> {
        let verification = self.verifier.receive(request.expectation(), body.as_bytes());
        let evidence = Evidence::new(Arc::new(AwsLc));
        let verdict = judge::verdict(verification, evidence, |_| None, now());
        judge::take(share, verdict, &handle(request).digest(), &self.rules, now()).unwrap()
    }
}

#[test]
fn the_portal_of_the_guide_takes_a_share_from_invitation_to_submitted() {
    let (issuer, holder) = (Somebody::new(), Somebody::new());
    let portal = Portal::trusting(&issuer);
    let mut share = invited();
    up_to_the_wallet(&mut share, &portal.rules);

    let request = portal.ask(&mut share);
    let held = [issued(&issuer, &holder)];
    let body = answer(&request, &portal.us, &holder, &held);
    let receipt = portal.judge(&mut share, &request, &body).expect("all that was asked came");
    assert_eq!(share.state(now()), State::Received);

    let codes = CodeKey::new(&[7; 32]).unwrap();
    let rules = &portal.rules;
    let _ = share.begin_profile(now()).unwrap();
    let email = share.email().clone();
    let _ = share.enter_email(email, now()).unwrap();
    confirmed(&mut share, Channel::Email, &codes, rules);
    let _ = share.enter_mobile(MobileNumber::parse("07700 900123").unwrap(), now()).unwrap();
    confirmed(&mut share, Channel::Mobile, &codes, rules);
    let _ = share.confirm_role(now()).unwrap();

    let submitted = share.submit(&receipt, now()).unwrap();
    assert_eq!(submitted.share.credentials().len(), 1);
    assert_eq!(submitted.share.tenant(), "westmoor");
}

fn confirmed(share: &mut Share, channel: Channel, codes: &CodeKey, rules: &Rules) {
    let inbox = RefCell::new(String::new());
    let deliver = |_: &str, code: &str| inbox.borrow_mut().push_str(code);
    confirm::send_code(share, channel, codes, rules, deliver, now()).unwrap();
    let code = inbox.into_inner();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(!confirm::check_code(share, channel, wrong, codes, now()).unwrap());
    assert!(confirm::check_code(share, channel, &code, codes, now()).unwrap());
}

#[test]
fn an_untrusted_issuer_is_refused_and_the_person_may_try_again() {
    let (issuer, stranger, holder) = (Somebody::new(), Somebody::new(), Somebody::new());
    let portal = Portal::trusting(&issuer);
    let mut share = invited();
    up_to_the_wallet(&mut share, &portal.rules);
    let request = portal.ask(&mut share);

    // The wallet offers only what was asked of the trusted issuer; so the forger asks itself.
    let other = Portal::trusting(&stranger);
    let mut elsewhere = invited();
    up_to_the_wallet(&mut elsewhere, &other.rules);
    let relayed = other.ask(&mut elsewhere);
    let held = [issued(&stranger, &holder)];
    let body = answer(&relayed, &other.us, &holder, &held);
    assert!(portal.judge(&mut share, &request, &body).is_none());
    assert!(
        matches!(share.state(now()), State::Connecting { .. }),
        "another's state moves nothing"
    );

    let held = [issued(&issuer, &holder)];
    let body = answer(&request, &portal.us, &holder, &held);
    assert!(portal.judge(&mut share, &request, &body).is_some());
}

/// What the guide publishes is what Microsoft's wallets take.
#[test]
fn the_doctor_finds_nothing() {
    let portal = Portal::trusting(&Somebody::new());
    let (us, public) = (&portal.us, portal.us.key.verification_key().public_key());
    let (document, configuration) = (us.did_json.as_bytes(), us.did_configuration.as_bytes());
    let found = doctor::examine(&portal.party, public, document, configuration, &AwsLc, now());
    assert_eq!(found, []);
}
