//! A status list of a million entries: inserted, and asked.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rand::Rng as _;
use serde_json::json;
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, Relationships, jwk};
use staffpass::jose::{Algorithm, HeaderBuilder, Signer as _, UnsignedJws, UnverifiedJws, jws};
use staffpass::request::Expectation;
use staffpass::status::{
    BitOrder, EntrySize, Limits, ListLocation, StatusEntry, StatusKind, StatusList,
    StatusListBuilder, StatusListCredential, StatusOutcome, StatusPurpose, StatusRules, judge,
};
use staffpass::verify::policy::{TrustPolicy, TrustedIssuer};
use staffpass::verify::{Evidence, Fetched, Source, Step, Verifier};
use staffpass_testkit::{now, rng};

const ISSUER: &str = "did:web:trust.example";
const LIST: &str = "https://trust.example/status/1";
const ENTRIES: u64 = 1_000_000;

/// One credential, and a signed list of a million entries of which one in a hundred is set.
pub struct List {
    verifier: Verifier,
    expectation: Expectation,
    /// The presentation of the same credential with status entries, and without.
    with_status: String,
    without_status: String,
    keys: Evidence,
    list: String,
    inflated: StatusList,
    entry: StatusEntry,
    now: DateTime<Utc>,
}

impl List {
    /// Signs the list and the credential.
    #[must_use]
    pub fn of_a_million() -> Self {
        let (issuer, holder) = (key(), key());
        let now = now();
        let did = jwk::from_public_key(holder.public_key());
        let presented = |status| {
            let credential = credential(&issuer, &did, status, now);
            presentation(&holder, &did, &credential, now)
        };
        let trusted = TrustedIssuer::new(ISSUER, ["StaffIdentity"]);
        let policy = TrustPolicy::builder().issuer(trusted).build().unwrap();
        let list = status_list(&issuer, now);
        let location = ListLocation::parse(LIST).unwrap();
        let (kind, purpose) = (StatusKind::StatusList2021, StatusPurpose::Revocation);
        let until = now + chrono::TimeDelta::minutes(5);
        let expectation =
            Expectation::for_presentation("did:web:portal.example", "n-1", None, now, until);
        Self {
            verifier: Verifier::new(policy, Arc::new(AwsLc)),
            expectation: expectation.unwrap(),
            with_status: presented(true),
            without_status: presented(false),
            keys: keys(&issuer, now),
            inflated: inflated(&list),
            list,
            entry: StatusEntry::new(kind, purpose, 1, location),
            now,
        }
    }

    /// Bytes of the list's bits.
    #[must_use]
    pub fn inflated_bytes(&self) -> u64 {
        ENTRIES / 8
    }

    /// Asks the list about the entry, both read already.
    pub fn ask(&self) {
        let rules = StatusRules::new(self.entry.kind());
        let said = judge(&self.entry, &self.inflated, &rules).expect("a list of this kind");
        assert_eq!(said, StatusOutcome::Valid, "entry 1 is never set");
    }

    /// The issuer's keys, without the list.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.keys.clone()
    }

    /// Inserts the list.
    pub fn insert(&self, evidence: &mut Evidence) {
        let source = Source::StatusList(LIST.parse().unwrap());
        evidence.insert(source, Fetched::Document(self.list.as_bytes()), self.now);
    }

    /// Verifies the credential with its status entry: the first time the list's own signature is
    /// checked, and its bits inflated.
    pub fn verify(&self, evidence: &Evidence) {
        self.judge(&self.with_status, evidence);
    }

    /// Verifies the credential that names no list.
    pub fn verify_without_status(&self, evidence: &Evidence) {
        self.judge(&self.without_status, evidence);
    }

    fn judge(&self, compact: &str, evidence: &Evidence) {
        let mut received = self.verifier.receive_presentation(&self.expectation, compact);
        match received.step(evidence, self.now) {
            Step::Done(verdict) => drop(verdict.expect("a good presentation")),
            Step::Needs(sources) => panic!("the evidence lacks {sources:?}"),
        }
    }
}

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

fn sign(key: &SigningKey, kid: &str, claims: &serde_json::Value) -> String {
    let header = HeaderBuilder::new(key.algorithm()).typ("JWT").kid(kid);
    UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(key).unwrap()
}

fn inflated(list: &str) -> StatusList {
    let limits = Limits::default();
    let jws = UnverifiedJws::parse(list, &jws::Limits::default()).unwrap();
    let list = StatusListCredential::parse(jws.unverified_payload(), &limits).unwrap();
    list.inflate(&limits).unwrap()
}

fn credential(issuer: &SigningKey, holder: &Did, status: bool, now: DateTime<Utc>) -> String {
    let at = now.timestamp();
    let mut claims = json!({
        "iss": ISSUER, "sub": holder.as_str(), "nbf": at - 86_400, "exp": at + 86_400,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", "StaffIdentity"],
            "credentialSubject": {"given_name": "Rowan"},
        },
    });
    if status {
        claims["vc"]["credentialStatus"] = json!({
            "id": format!("{LIST}#1"), "type": "StatusList2021Entry",
            "statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": LIST,
        });
    }
    sign(issuer, &format!("{ISSUER}#key-1"), &claims)
}

fn presentation(holder: &SigningKey, did: &Did, credential: &str, now: DateTime<Utc>) -> String {
    let at = now.timestamp();
    let claims = json!({
        "iss": did.as_str(), "aud": "did:web:portal.example", "nonce": "n-1", "iat": at,
        "exp": at + 300,
        "vp": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiablePresentation"], "verifiableCredential": [credential],
        },
    });
    sign(holder, &format!("{did}#0"), &claims)
}

fn keys(issuer: &SigningKey, now: DateTime<Utc>) -> Evidence {
    let did: Did = ISSUER.parse().unwrap();
    let document = DocumentBuilder::new(&did)
        .key("key-1", issuer.public_key(), Relationships::SIGNING)
        .build()
        .unwrap();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let document = document.to_string();
    evidence.insert(Source::DidDocument(did), Fetched::Document(document.as_bytes()), now);
    evidence
}

fn status_list(issuer: &SigningKey, now: DateTime<Utc>) -> String {
    let kind = StatusKind::StatusList2021;
    let order = BitOrder::MostSignificantFirst;
    let mut bits = StatusListBuilder::new(ENTRIES, EntrySize::ONE, order).unwrap();
    let mut random = rng(7);
    for _ in 0..ENTRIES / 100 {
        let index = random.next_u64() % ENTRIES;
        if index != 1 {
            bits.set(index, 1).unwrap();
        }
    }
    let claims = json!({
        "iss": ISSUER, "sub": format!("{LIST}#list"), "jti": LIST, "nbf": now.timestamp() - 60,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1"],
            "id": LIST,
            "type": ["VerifiableCredential", kind.credential_type()],
            "credentialSubject": {
                "id": format!("{LIST}#list"), "type": kind.list_type(),
                "statusPurpose": "revocation", "encodedList": bits.encode(kind.encoding()).unwrap(),
            },
        },
    });
    sign(issuer, &format!("{ISSUER}#key-1"), &claims)
}
