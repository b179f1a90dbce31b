//! A trust, a wallet and a portal, with keys of their own: every verified response in these tests
//! has gone through the whole pipeline. All names and numbers are made up.

use std::sync::{Arc, LazyLock, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass_did::{Did, DidUrl, jwk};
use staffpass_disclosure::{
    Catalogue, Choice, CredentialSet, HeldCredential, Holder, RequestReview, ReviewOptions,
};
use staffpass_issue::{CredentialBuilder, IssuerKey};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_otp::{Channel, CodeKey, KeyedIn, Verdict};
use staffpass_query::{CredentialQuery, CredentialSetQuery, DcqlQuery};
use staffpass_request::entra::{
    Checked, Claimed, Created, CredentialRequest, Event, Exchange, Notice, Presented,
    Receipt as Tokens,
};
use staffpass_request::{
    Endpoints, HandleDigest, Request, RequestedCredential, UnverifiedRequestObject, entra,
    microsoft, openid4vp,
};
use staffpass_share::*;
use staffpass_verify::policy::{TrustPolicy, TrustedIssuer};
use staffpass_verify::{Evidence, Rejection, Step, VerifiedResponse, Verifier};

pub const TENANT: &str = "westmoor";
pub const PERSON: &str = "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11";
pub const ANOTHER: &str = "0b6f2a3c-58f1-4d7e-8a21-7c1de5f0b9a2";

pub fn start() -> DateTime<Utc> {
    static START: LazyLock<DateTime<Utc>> =
        LazyLock::new(|| "2026-03-02T09:00:00Z".parse().unwrap());
    *START
}

/// So many seconds after the start.
pub fn at(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

pub fn key() -> CodeKey {
    CodeKey::new(&[7; 32]).unwrap()
}

pub fn session(name: &str) -> SessionDigest {
    SessionDigest::of(name.as_bytes())
}

pub fn notices() -> Notices {
    Notices::new([("privacy_notice", "3"), ("terms_of_use", "2")]).unwrap()
}

pub fn invitation() -> Invitation {
    let person = InvitedPerson::new("Okafor-Lee")
        .with_given_name("Amara")
        .with_birthdate("1991-08-10".parse().unwrap());
    Invitation::new(
        TENANT,
        "invitation-1",
        person,
        EmailAddress::parse("amara@hospital.example").unwrap(),
        Role::new("medical_and_dental", "permanent").with_job_role("Consultant"),
        at(14 * 24 * 3600),
    )
    .with_mobile(MobileNumber::parse("07700 900123").unwrap())
}

pub fn share() -> Share {
    Share::new(invitation(), start())
}

pub fn set(parts: &[&str]) -> CredentialSet {
    CredentialSet::with_chosen(&Catalogue::staff(), parts.iter().copied()).unwrap()
}

/// Up to the wallet: confirmed, and no request yet.
pub fn confirmed(parts: &[&str]) -> Share {
    let (mut share, rules) = (share(), Rules::default());
    let _ = share.open(session("browser"), &rules, at(1)).unwrap();
    let _ = share.registered_before(at(2)).unwrap();
    let _ = share.start(notices(), at(3)).unwrap();
    let _ = share.select(&set(parts), &rules, at(4)).unwrap();
    let _ = share.confirm(at(5)).unwrap();
    share
}

struct Party {
    key: SigningKey,
    id: DidUrl,
}

impl Party {
    fn new() -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let did = jwk::from_public_key(key.public_key());
        Self { id: DidUrl::parse(&format!("{did}#0")).unwrap(), key }
    }

    fn did(&self) -> &Did {
        self.id.did()
    }
}

pub struct World {
    issuer: Party,
    wallet: Party,
    portal: Party,
    party: openid4vp::Party,
    verifier: Verifier,
}

pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (issuer, wallet, portal) = (Party::new(), Party::new(), Party::new());
        let base = "https://portal.example";
        let endpoints =
            Endpoints::new(&format!("{base}/request"), &format!("{base}/response")).unwrap();
        let party =
            openid4vp::Party::new(&portal.id.to_string(), Algorithm::Es256, endpoints).unwrap();
        let names = TypeNames::default();
        let types = CredentialKind::ALL.map(|kind| names.vc_type(kind).to_owned());
        let mut trusted = TrustedIssuer::new(issuer.did().as_str(), types);
        trusted.may_assert.insert("StaffParking".to_owned());
        let policy = TrustPolicy::builder().issuer(trusted).build().unwrap();
        let verifier = Verifier::new(policy, Arc::new(AwsLc));
        World { issuer, wallet, portal, party, verifier }
    })
}

impl World {
    /// A request for these parts of the staff catalogue.
    pub fn request(&self, parts: &[&str], now: DateTime<Utc>) -> Request {
        self.ask(DcqlQuery::new(parts.iter().map(|part| credential_query(part))).unwrap(), now)
    }

    /// The same, of which the wallet may answer identity alone.
    pub fn lenient_request(&self, parts: &[&str], now: DateTime<Utc>) -> Request {
        self.lenient_request_of(TENANT, parts, now)
    }

    pub fn lenient_request_of(&self, tenant: &str, parts: &[&str], now: DateTime<Utc>) -> Request {
        let optional = parts.iter().filter(|part| **part != "identity");
        let sets = optional.map(|part| CredentialSetQuery::optional([[*part]]));
        let sets = [CredentialSetQuery::required([["identity"]])].into_iter().chain(sets);
        let queries = parts.iter().map(|part| credential_query(part));
        self.ask_for(tenant, DcqlQuery::with_sets(queries, sets).unwrap(), now)
    }

    pub fn ask(&self, query: DcqlQuery, now: DateTime<Utc>) -> Request {
        self.ask_for(TENANT, query, now)
    }

    fn ask_for(&self, tenant: &str, query: DcqlQuery, now: DateTime<Utc>) -> Request {
        let builder = openid4vp::RequestBuilder::for_query(&self.party, query).tenant(tenant);
        builder.build(now, &mut rand::rng()).unwrap().sign(&self.portal.key).unwrap()
    }

    /// A request of no tenant.
    pub fn request_of_nobody(&self, now: DateTime<Utc>) -> Request {
        let query = DcqlQuery::new([credential_query("identity")]).unwrap();
        let builder = openid4vp::RequestBuilder::for_query(&self.party, query);
        builder.build(now, &mut rand::rng()).unwrap().sign(&self.portal.key).unwrap()
    }

    /// A credential in the wallet, of the type that the kind goes by.
    pub fn credential(&self, kind: CredentialKind, claims: Map<String, Value>) -> String {
        self.credential_of_type(TypeNames::default().vc_type(kind), claims)
    }

    pub fn credential_of_type(&self, vc_type: &str, claims: Map<String, Value>) -> String {
        let issuer = IssuerKey::new(self.issuer.id.clone(), Algorithm::Es256);
        let issued = start() - TimeDelta::hours(1);
        CredentialBuilder::new(&issuer, self.wallet.did(), issued)
            .add_type(vc_type)
            .claims(claims)
            .expires_at(start() + TimeDelta::days(300))
            .build(&mut rand::rng())
            .unwrap()
            .sign(&self.issuer.key)
            .unwrap()
    }

    /// The good credentials of the parts.
    pub fn wallet_of(&self, parts: &[&str]) -> Vec<String> {
        let kinds = parts.iter().map(|part| CredentialKind::from_id(part).unwrap());
        kinds.map(|kind| self.credential(kind, claims(kind))).collect()
    }

    /// The wallet answers the request with the newest of what it has, and the portal verifies it.
    pub fn answer(
        &self,
        request: &Request,
        wallet: &[String],
        now: DateTime<Utc>,
    ) -> Result<VerifiedResponse, Rejection> {
        self.verify(request, self.post(request, wallet, now).as_bytes(), now)
    }

    /// What the wallet posts.
    fn post(&self, request: &Request, wallet: &[String], now: DateTime<Utc>) -> String {
        let object = UnverifiedRequestObject::parse(request.object().as_str(), Default::default());
        let origin = "https://portal.example/".parse().unwrap();
        let options = ReviewOptions::default().with_linked_origin(origin);
        let review = RequestReview::verify(&object.unwrap(), None, &AwsLc, &options, now).unwrap();
        let held: Vec<_> = wallet.iter().map(|vc| HeldCredential::parse(vc).unwrap()).collect();
        let matches = review.matches(&held, &[self.wallet.did().clone()], now);
        // All that the wallet has, where the request lets it.
        let mut choice = Choice::new();
        for part in matches.parts() {
            let most = if part.allows_multiple() { usize::MAX } else { 1 };
            for credential in part.answering().iter().take(most) {
                choice.pick_also(part.id(), *credential);
            }
        }
        let holder = Holder::new(&self.wallet.id, &self.wallet.key);
        let answer = matches.present(&choice, &[holder], now, &mut rand::rng()).unwrap();
        answer.body().to_owned()
    }

    /// A request through the service, for these parts and by this tenant, which the service has made.
    pub fn service_request(
        &self,
        tenant: &str,
        parts: &[&str],
        now: DateTime<Utc>,
    ) -> (CredentialRequest, Exchange) {
        let builder = |party| entra::RequestBuilder::new(party, self.service_asks(parts));
        let party = self.service_party();
        self.made(builder(&party).tenant(tenant).with_receipt(), now)
    }

    pub fn service_party(&self) -> entra::Party {
        let callback = "https://portal.example/entra";
        entra::Party::new(self.portal.did().as_str(), "Westmoor", callback).unwrap()
    }

    pub fn service_asks(&self, parts: &[&str]) -> Vec<entra::RequestedCredential> {
        let asked = |part: &&str| {
            let kind = CredentialKind::from_id(part).unwrap();
            let vc_type = TypeNames::default().vc_type(kind).to_owned();
            entra::RequestedCredential::new(&vc_type, [self.issuer.did().as_str()]).with_part(part)
        };
        parts.iter().map(asked).collect()
    }

    /// The service's clock is three seconds before ours.
    pub fn made(
        &self,
        builder: entra::RequestBuilder<'_>,
        now: DateTime<Utc>,
    ) -> (CredentialRequest, Exchange) {
        let (request, mut exchange) = builder.build(now, &mut rand::rng()).unwrap();
        let until = now + TimeDelta::seconds(303);
        let link = "openid-vc://?request_uri=https://service.example/request/1";
        exchange.created(&Created::new(&format!("id-{}", rand::random::<u64>()), link, until));
        (request, exchange)
    }

    /// What the service asks the wallet in Microsoft's dialect, with a nonce of its own.
    fn service_object(&self, asked: &CredentialRequest, now: DateTime<Utc>) -> Request {
        // The wallets of these tests know one origin.
        let base = "https://portal.example";
        let endpoints = Endpoints::new(&format!("{base}/request"), &format!("{base}/response"));
        let key_id = self.portal.id.to_string();
        let party =
            microsoft::Party::new(&key_id, Algorithm::Es256, "Westmoor", endpoints.unwrap());
        let credentials = asked.requested_credentials().iter().enumerate().map(|(place, asked)| {
            let issuers = asked.accepted_issuers().iter().map(String::as_str);
            RequestedCredential::new(&format!("c{place}"), asked.r#type()).with_issuers(issuers)
        });
        let builder = microsoft::RequestBuilder::new(&party.unwrap(), credentials);
        builder.build(now, &mut rand::rng()).unwrap().sign(&self.portal.key).unwrap()
    }

    /// The wallet answers the service, which calls back: the callback's body.
    pub fn service_callback(
        &self,
        (asked, exchange): &(CredentialRequest, Exchange),
        wallet: &[String],
        now: DateTime<Utc>,
    ) -> String {
        let request = self.service_object(asked, now);
        let body = self.post(&request, wallet, now);
        let response = self.verify(&request, body.as_bytes(), now).unwrap();
        let credentials = response.credentials().iter();
        let claimed = credentials.map(|c| Claimed::new(c.issuer(), c.types(), c.subject()));
        let claimed: Vec<_> = claimed.collect();
        let tokens = Tokens::of_answer(body.as_bytes());
        let id = exchange.request_id().unwrap();
        let holder = Some(self.wallet.did().as_str());
        Notice::verified(asked, id, holder, &claimed, tokens.as_ref()).to_json()
    }

    /// The portal takes the callback, and verifies and confirms its receipt.
    pub fn take_callback(
        &self,
        asked: &CredentialRequest,
        exchange: &mut Exchange,
        callback: &str,
        now: DateTime<Utc>,
    ) -> VerifiedResponse {
        let api_key = asked.callback().api_key();
        let event = exchange.receive(api_key, callback.as_bytes(), now).unwrap();
        let Event::Presented(presented) = event else { panic!("{event:?}") };
        self.confirm(exchange, &presented, now)
    }

    fn confirm(
        &self,
        exchange: &mut Exchange,
        presented: &Presented,
        now: DateTime<Utc>,
    ) -> VerifiedResponse {
        let tokens = presented.receipt().unwrap();
        let expectation = tokens.expectation(exchange).unwrap();
        let mut verification = self.verifier.receive(&expectation, &tokens.body());
        let response = match verification.step(&Evidence::new(Arc::new(AwsLc)), now) {
            Step::Done(verdict) => verdict.unwrap(),
            other => panic!("every issuer here resolves in place: {other:?}"),
        };
        let credentials = response.credentials().iter();
        let checked: Vec<_> = credentials
            .map(|c| Checked::new(c.issuer(), c.types(), c.subject(), c.holder()))
            .collect();
        exchange.confirm(presented, &checked).unwrap();
        response
    }

    /// The whole of it: the wallet answers, and the portal has the verified response.
    pub fn service_answer(
        &self,
        made: &mut (CredentialRequest, Exchange),
        wallet: &[String],
        now: DateTime<Utc>,
    ) -> VerifiedResponse {
        let callback = self.service_callback(made, wallet, now);
        let (asked, exchange) = made;
        self.take_callback(asked, exchange, &callback, now)
    }

    pub fn verify(
        &self,
        request: &Request,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<VerifiedResponse, Rejection> {
        let mut verification = self.verifier.receive(request.expectation(), body);
        match verification.step(&Evidence::new(Arc::new(AwsLc)), now) {
            Step::Done(verdict) => *verdict,
            other => panic!("every issuer here resolves in place: {other:?}"),
        }
    }

    /// The good answer to a request for these parts.
    pub fn good_answer(
        &self,
        request: &Request,
        parts: &[&str],
        now: DateTime<Utc>,
    ) -> VerifiedResponse {
        self.answer(request, &self.wallet_of(parts), now).unwrap()
    }
}

fn credential_query(part: &str) -> CredentialQuery {
    let kind = CredentialKind::from_id(part).unwrap();
    let query = CredentialQuery::jwt_vc(part, TypeNames::default().vc_type(kind));
    if kind == CredentialKind::Training { query.with_multiple() } else { query }
}

pub fn handle(request: &Request) -> HandleDigest {
    *request.expectation().handle_digest().unwrap()
}

pub fn claims(kind: CredentialKind) -> Map<String, Value> {
    let claims = match kind {
        CredentialKind::Identity => json!({
            "identity_id": PERSON, "given_name": "Amara Jane", "family_name": "Okafor-Lee",
            "birthdate": "1991-08-10", "confidence": "high", "evidence_profile": "H1A",
            "checked_by": "idsp: Example IDSP Ltd", "checked_on": "2026-02-27",
            "assurance": assurance(),
        }),
        CredentialKind::Employment => json!({
            "identity_id": PERSON,
            "employer": {"name": "Eastmoor Hospitals (fictional)", "ods_code": "Z9Z9Z"},
            "staff_group": "medical_and_dental", "job_title": "Registrar in Elderly Care",
            "assignment_category": "fixed_term", "assignment_status": "active",
            "start_date": "2024-08-30", "end_date": "2026-10-30", "assurance": assurance(),
        }),
        _ => json!({
            "identity_id": PERSON, "framework": "cstf", "subject": "fire-safety", "level": 1,
            "competency_name": "Fire Safety", "attainment_status": "achieved",
            "awarded_on": "2026-02-12", "renewal_period": {"value": 2, "unit": "year"},
            "valid_to": "2028-02-12", "learning_method": "elearning", "assurance": assurance(),
        }),
    };
    let claims = claims.as_object().cloned().unwrap();
    let context = ClaimsContext::new(start(), start());
    StaffCredential::from_claims(kind, &claims, &context).expect("the fixture is good");
    claims
}

/// The claims of a kind with one of them set to something else.
pub fn claims_with(kind: CredentialKind, name: &str, value: Value) -> Map<String, Value> {
    let mut claims = claims(kind);
    claims.insert(name.to_owned(), value);
    claims
}

fn assurance() -> Value {
    json!({
        "origin": "Substantive NHS Employing Organisation", "assurance_policy": "GPG 45",
        "assurance_outcome": "GPG 45 applied", "provider": "Eastmoor Hospitals (fictional)",
        "verifier": "Origin", "verification_method": "document_verification",
        "pedigree": "sourced", "last_refresh": "2026-03-01",
    })
}

/// Confirms the address of a channel with the right code.
pub fn confirm(share: &mut Share, channel: Channel, now: DateTime<Utc>) {
    let rules = Rules::default();
    let sent = share.send_code(channel, &key(), &rules, &mut rand::rng(), now).unwrap();
    assert_eq!(try_code(share, channel, sent.code.reveal(), now).unwrap(), Verdict::Confirmed);
}

/// Keys in a code.
pub fn try_code(
    share: &mut Share,
    channel: Channel,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Verdict, Refusal> {
    let counted = share.count_code(channel, now)?;
    let keyed_in = KeyedIn::parse(code).unwrap();
    Ok(share.judge_code(channel, counted.attempt, &keyed_in, &key(), now)?.verdict)
}

/// A share in which all came, and its receipt.
pub fn received(parts: &[&str]) -> (Share, Receipt) {
    let mut share = confirmed(parts);
    let request = world().request(parts, at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let response = world().good_answer(&request, parts, at(20));
    let taken = share.receive(&response, &handle(&request), &Rules::default(), at(20)).unwrap();
    (share, taken.arrival.into_receipt().unwrap())
}

/// From what came to the role.
pub fn up_to_role(share: &mut Share) {
    let _ = share.begin_profile(at(30)).unwrap();
    let email = share.email().clone();
    let _ = share.enter_email(email, at(31)).unwrap();
    confirm(share, Channel::Email, at(40));
    let mobile = share.mobile().unwrap().clone();
    let _ = share.enter_mobile(mobile, at(41)).unwrap();
    confirm(share, Channel::Mobile, at(50));
}

pub fn names(events: &[AuditEntry]) -> Vec<&'static str> {
    events.iter().map(|entry| entry.event.name()).collect()
}

/// Everything that is stored of a share.
pub fn stored(share: &Share) -> Value {
    serde_json::to_value(share).unwrap()
}
