//! The trust that issues: its documents, its credentials, its register.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidUrl, Relationships, jwk};
use staffpass_issue::{CredentialBuilder, IssuerKey, MINIMUM_ENTRIES, StatusRegister};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::SigningKey;
use staffpass_status::{IdentityHubQuery, ListLocation, StatusKind, StatusPurpose, hub};
use staffpass_verify::Source;
use staffpass_verify::policy::{StatusRequirement, TrustedIssuer};

use crate::{Seed, Token, claims, now, signing_key};

/// Where did:jwk issuers keep their lists.
const STATUS_ORIGIN: &str = "https://status.example";

/// The IdentityHub in every did:web document.
const HUB_ORIGIN: &str = "https://hub.example";

const HUB_OBJECT: &str = "b7bd5b4c-06f4-4c1d-9d2a-0f3d0d3f7a11";

/// How an issuer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerKind {
    /// By the did:web of this host; its document is to be fetched.
    Web(&'static str),
    /// By a did:jwk.
    Jwk,
}

/// An issuer with one key and one register.
#[derive(Clone, Debug)]
pub struct Issuer {
    key: Arc<SigningKey>,
    id: IssuerKey,
    register: StatusRegister,
    seed: Seed,
    list_key: Arc<SigningKey>,
    silent: bool,
}

impl Issuer {
    /// The issuer of a seed, with a register of this kind.
    #[must_use]
    pub fn new(kind: IssuerKind, algorithm: Algorithm, status: StatusKind, seed: u64) -> Self {
        let key = signing_key(algorithm, seed);
        let (did, fragment) = match kind {
            IssuerKind::Web(host) => (Did::parse(&format!("did:web:{host}")).unwrap(), "key-1"),
            IssuerKind::Jwk => (jwk::from_public_key(key.public_key()), "0"),
        };
        let location = location(kind, &did, status);
        let purpose = StatusPurpose::Revocation;
        let register = StatusRegister::new(status, purpose, location, MINIMUM_ENTRIES).unwrap();
        let id = IssuerKey::new(DidUrl::new(&did, fragment).unwrap(), algorithm);
        let list_key = Arc::clone(&key);
        Self { key, id, register, seed: Seed(seed), list_key, silent: false }
    }

    /// Who it is.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.id.did()
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// A staff credential for a holder with an entry of the register, issued an hour before
    /// [`now`], and the index of the entry.
    pub fn issue(&mut self, kind: CredentialKind, holder: &Did) -> (Token, u64) {
        let entry = self.register.allocate(&mut self.seed.rng()).unwrap();
        let index = entry.index();
        let builder = self.builder(kind, holder).status(entry);
        let unsigned = builder.build(&mut self.seed.rng()).unwrap();
        (Token::of_credential(&unsigned, &self.key), index)
    }

    /// The same without a status entry.
    pub fn issue_without_status(&mut self, kind: CredentialKind, holder: &Did) -> Token {
        let unsigned = self.builder(kind, holder).build(&mut self.seed.rng()).unwrap();
        Token::of_credential(&unsigned, &self.key)
    }

    fn builder(&self, kind: CredentialKind, holder: &Did) -> CredentialBuilder {
        let issued_at = now() - TimeDelta::hours(1);
        let context = ClaimsContext::new(issued_at, issued_at);
        let credential = StaffCredential::from_claims(kind, &claims(kind), &context).unwrap();
        let names = TypeNames::default();
        CredentialBuilder::staff(&self.id, holder, issued_at, &credential, &names).unwrap()
    }

    /// Revokes a credential.
    pub fn revoke(&mut self, index: u64) {
        self.register.revoke(index).unwrap();
    }

    /// Lets another key sign the status list, under this issuer's name.
    pub fn sign_list_with(&mut self, key: &Arc<SigningKey>) {
        self.list_key = Arc::clone(key);
    }

    /// Takes everything that it publishes off the network.
    pub fn fall_silent(&mut self) {
        self.silent = true;
    }

    /// Its `did.json`, with an IdentityHub.
    #[must_use]
    pub fn did_document(&self) -> Vec<u8> {
        let document = DocumentBuilder::new(self.did());
        let key = self.key.public_key();
        let fragment = self.id.id().fragment();
        let mut json = document.key(fragment, key, Relationships::SIGNING).build().unwrap();
        let hub = format!("{HUB_ORIGIN}/v1.0/1");
        let service = json!({
            "id": "#hub", "type": "IdentityHub", "serviceEndpoint": {"instances": [hub]},
        });
        json["service"] = json!([service]);
        json.to_string().into_bytes()
    }

    /// Its status list, good for a day.
    #[must_use]
    pub fn status_list(&self, at: DateTime<Utc>) -> Token {
        let until = Some(at + TimeDelta::days(1));
        let unsigned = self.register.publish(&self.id, at, until).unwrap();
        Token::of_credential(&unsigned, &self.list_key)
    }

    /// Where the list is.
    #[must_use]
    pub fn list_location(&self) -> &ListLocation {
        self.register.location()
    }

    /// What the network gives for a source, if it is this issuer's.
    #[must_use]
    pub fn serve(&self, source: &Source, at: DateTime<Utc>) -> Option<Vec<u8>> {
        let list = || self.status_list(at).compact();
        match (source, self.list_location()) {
            _ if self.silent => None,
            (Source::DidDocument(did), _) if did == self.did() => Some(self.did_document()),
            (Source::StatusList(url), ListLocation::Web(own)) if url == own => {
                Some(list().into_bytes())
            }
            (Source::IdentityHub(asked), ListLocation::IdentityHub(own)) if asked.query == *own => {
                Some(hub::reply_body(own, "request-1", &list()).into_bytes())
            }
            _ => None,
        }
    }

    /// How a policy trusts it: for every kind of staff credential, each with a status.
    #[must_use]
    pub fn trusted(&self) -> TrustedIssuer {
        let names = TypeNames::default();
        let types = CredentialKind::ALL.map(|kind| names.vc_type(kind).to_owned());
        let mut trusted = TrustedIssuer::new(self.did().as_str(), types);
        trusted.status = StatusRequirement::Required;
        trusted.status_origins = match self.list_location() {
            ListLocation::Web(url) => [url.origin().ascii_serialization()].into(),
            _ => [HUB_ORIGIN.to_owned()].into(),
        };
        trusted
    }
}

fn location(kind: IssuerKind, did: &Did, status: StatusKind) -> ListLocation {
    match (kind, status) {
        (IssuerKind::Web(_), StatusKind::RevocationList2021) => {
            let query = IdentityHubQuery::new(did.as_str(), HUB_OBJECT).unwrap();
            ListLocation::IdentityHub(query)
        }
        (IssuerKind::Web(host), _) => {
            ListLocation::parse(&format!("https://{host}/status/1")).unwrap()
        }
        (IssuerKind::Jwk, _) => ListLocation::parse(&format!("{STATUS_ORIGIN}/1")).unwrap(),
    }
}
