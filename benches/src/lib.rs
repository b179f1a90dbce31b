//! What the benches measure: one presentation of three credentials with status, and the raw
//! signature checks of the same bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::exhaustive_structs,
    reason = "a bench that cannot make its input has nothing to measure"
)]

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, DidUrl, Relationships, jwk};
use staffpass::jose::{Algorithm, HeaderBuilder, PublicKey, Signer, UnsignedJws, base64url};
use staffpass::query::{ClaimPath, ClaimsQuery, CredentialQuery, DcqlQuery, Query};
use staffpass::request::Expectation;
use staffpass::status::{BitOrder, EntrySize, StatusKind, StatusListBuilder};
use staffpass::verify::policy::{PersonLink, TrustPolicy, TrustedIssuer};
use staffpass::verify::{Evidence, Fetched, Source, Step, VerifiedResponse, Verifier};

const ISSUER: &str = "did:web:trust.example";
const LIST: &str = "https://trust.example/status/1";
const KINDS: [&str; 3] = ["StaffIdentity", "StaffEmployment", "StaffTraining"];

/// A VP-JWT with three VC-JWTs, all ES256, each with a status entry; the list and the issuer's
/// document are in evidence.
pub struct Presentation {
    verifier: Verifier,
    expectation: Expectation,
    compact: String,
    evidence: Evidence,
    now: DateTime<Utc>,
    raw: Vec<RawCheck>,
}

/// One signature, its message, and its key, parsed once.
struct RawCheck {
    key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Presentation {
    /// Makes the presentation.
    #[must_use]
    pub fn three_credentials() -> Self {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let issuer = SigningKey::generate(Algorithm::Es256).unwrap();
        let holder = SigningKey::generate(Algorithm::Es256).unwrap();
        let holder_did = jwk::from_public_key(holder.public_key());
        let credentials: Vec<_> = KINDS
            .iter()
            .zip(0..)
            .map(|(kind, at)| credential(&issuer, &holder_did, kind, at, now))
            .collect();
        let compact = presentation(&holder, &holder_did, &credentials, now);
        let raw = credentials.iter().map(|token| RawCheck::new(token, issuer.public_key()));
        let raw = raw.chain([RawCheck::new(&compact, holder.public_key())]).collect();
        Self {
            verifier: Verifier::new(policy(), Arc::new(AwsLc)),
            expectation: expectation(now),
            compact,
            evidence: evidence(&issuer, now),
            now,
            raw,
        }
    }

    /// The whole verification: parsing, policy, keys in evidence, four signatures, three status
    /// bits, the query, the report.
    pub fn verify(&self) -> VerifiedResponse {
        let mut verification = self.verifier.receive_presentation(&self.expectation, &self.compact);
        match verification.step(&self.evidence, self.now) {
            Step::Done(verdict) => verdict.expect("a good presentation"),
            Step::Needs(sources) => panic!("warm evidence lacks {sources:?}"),
        }
    }

    /// The four raw signature checks with prepared keys: the limit.
    pub fn raw_checks(&self) {
        for check in &self.raw {
            check.key.verify_sig(&check.message, &check.signature).expect("a good signature");
        }
    }

    /// Bytes of the presentation.
    #[must_use]
    pub fn len(&self) -> usize {
        self.compact.len()
    }

    /// Never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.compact.is_empty()
    }
}

impl RawCheck {
    fn new(token: &str, key: &PublicKey) -> Self {
        let (message, signature) = token.rsplit_once('.').unwrap();
        Self {
            key: ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.to_sec1()).unwrap(),
            message: message.as_bytes().to_vec(),
            signature: base64url::decode(signature).unwrap(),
        }
    }
}

fn sign(key: &SigningKey, kid: &str, claims: &Value) -> String {
    let header = HeaderBuilder::new(key.algorithm()).typ("JWT").kid(kid);
    UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(key).unwrap()
}

fn credential(
    issuer: &SigningKey,
    holder: &Did,
    kind: &str,
    index: u64,
    now: DateTime<Utc>,
) -> String {
    let at = now.timestamp();
    let claims = json!({
        "iss": ISSUER, "sub": holder.as_str(), "jti": format!("urn:uuid:{index}"),
        "nbf": at - 86_400, "iat": at - 86_400, "exp": at + 86_400 * 300,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", kind],
            "credentialSubject": {
                "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
                "given_name": "Amara Jane", "family_name": "Okafor-Lee", "birthdate": "1991-08-10",
                "job_title": "Registrar in Elderly Care", "confidence": "high",
                "checked_by": "idsp: Example IDSP Ltd", "checked_on": "2025-12-27",
                "assurance": {
                    "origin": "Substantive NHS Employing Organisation",
                    "assurance_policy": "GPG 45", "assurance_outcome": "GPG 45 applied",
                    "provider": "Eastmoor Hospitals (fictional)", "verifier": "Origin",
                    "verification_method": "document_verification", "pedigree": "sourced",
                    "last_refresh": "2025-12-27",
                },
            },
            "credentialStatus": {
                "id": format!("{LIST}#{index}"), "type": "StatusList2021Entry",
                "statusPurpose": "revocation", "statusListIndex": index.to_string(),
                "statusListCredential": LIST,
            },
        },
    });
    sign(issuer, &format!("{ISSUER}#key-1"), &claims)
}

fn presentation(holder: &SigningKey, did: &Did, vcs: &[String], now: DateTime<Utc>) -> String {
    let at = now.timestamp();
    let claims = json!({
        "jti": "urn:uuid:presentation", "iss": did.as_str(), "aud": "did:web:portal.example",
        "nonce": "n-0S6_WzA2Mj", "iat": at, "nbf": at, "exp": at + 300,
        "vp": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": vcs,
        },
    });
    sign(holder, &format!("{}#0", did.as_str()), &claims)
}

fn policy() -> TrustPolicy {
    let link = PersonLink::new("identity_id", "StaffIdentity");
    let issuer = TrustedIssuer::new(ISSUER, KINDS);
    TrustPolicy::builder().issuer(issuer).person_link(link).build().unwrap()
}

fn expectation(now: DateTime<Utc>) -> Expectation {
    let part = |kind: &str| {
        let path = ClaimPath::keys(["credentialSubject", "identity_id"]).unwrap();
        CredentialQuery::jwt_vc(&kind.to_lowercase(), kind).with_claim(ClaimsQuery::new(path))
    };
    let query = DcqlQuery::new(KINDS.iter().map(|kind| part(kind)).collect::<Vec<_>>()).unwrap();
    let until = now + TimeDelta::minutes(5);
    let query = Some(Query::from(query));
    Expectation::for_presentation("did:web:portal.example", "n-0S6_WzA2Mj", query, now, until)
        .unwrap()
}

fn evidence(issuer: &SigningKey, now: DateTime<Utc>) -> Evidence {
    let did: Did = ISSUER.parse().unwrap();
    let document = DocumentBuilder::new(&did)
        .key("key-1", issuer.public_key(), Relationships::SIGNING)
        .build()
        .unwrap();
    let list = status_list(issuer, now);
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let keys = Source::DidDocument(did);
    evidence.insert(keys, Fetched::Document(document.to_string().as_bytes()), now);
    let status = Source::StatusList(LIST.parse().unwrap());
    evidence.insert(status, Fetched::Document(list.as_bytes()), now);
    evidence
}

fn status_list(issuer: &SigningKey, now: DateTime<Utc>) -> String {
    let bits = StatusListBuilder::new(131_072, EntrySize::ONE, BitOrder::MostSignificantFirst);
    let kind = StatusKind::StatusList2021;
    let claims = json!({
        "iss": ISSUER, "sub": format!("{LIST}#list"), "jti": LIST, "nbf": now.timestamp() - 60,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1"],
            "id": LIST,
            "type": ["VerifiableCredential", kind.credential_type()],
            "credentialSubject": {
                "id": format!("{LIST}#list"), "type": kind.list_type(),
                "statusPurpose": "revocation",
                "encodedList": bits.unwrap().encode(kind.encoding()).unwrap(),
            },
        },
    });
    let kid = DidUrl::parse(&format!("{ISSUER}#key-1")).unwrap();
    sign(issuer, kid.as_str(), &claims)
}
