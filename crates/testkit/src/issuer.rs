//! The trust that issues: its documents, its credentials, its register.

use std::collections::BTreeSet;
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

use crate::encoding::{self, Encoding};
use crate::{Holder, Seed, Token, claims, now, signing_key};

/// The list in the IdentityHub.
const HUB_OBJECT: &str = "b7bd5b4c-06f4-4c1d-9d2a-0f3d0d3f7a11";

/// How an issuer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerKind {
    /// By the did:web of this host; its document is to be fetched.
    Web(&'static str),
    /// By the did:web of this port of `localhost`, where its document, its list (`/status/1`) and
    /// its IdentityHub (`/hub`) are fetched over plain http.
    Loopback(u16),
    /// By a did:jwk.
    Jwk,
    /// By an https URL with metadata, for SD-JWT VC; what is written in another encoding is by the
    /// did:web of this host.
    Https(&'static str),
    /// The same by the plain http URL of this port of `localhost`.
    LoopbackUrl(u16),
}

impl IssuerKind {
    fn did(self, key: &SigningKey) -> Did {
        match self {
            Self::Web(host) | Self::Https(host) => Did::parse(&format!("did:web:{host}")).unwrap(),
            Self::Loopback(port) | Self::LoopbackUrl(port) => {
                Did::parse(&format!("did:web:localhost%3A{port}")).unwrap()
            }
            Self::Jwk => jwk::from_public_key(key.public_key()),
        }
    }

    /// Where everything is published.
    fn origin(self) -> String {
        match self {
            Self::Web(host) | Self::Https(host) => format!("https://{host}"),
            Self::Loopback(port) | Self::LoopbackUrl(port) => format!("http://localhost:{port}"),
            Self::Jwk => "https://status.example".to_owned(),
        }
    }

    fn is_url(self) -> bool {
        matches!(self, Self::Https(_) | Self::LoopbackUrl(_))
    }

    fn hub(self) -> String {
        match self {
            Self::Loopback(_) => format!("{}/hub", self.origin()),
            _ => "https://hub.example/v1.0/1".to_owned(),
        }
    }

    fn list_location(self, did: &Did, status: StatusKind) -> ListLocation {
        match (self, status) {
            (Self::Web(_) | Self::Loopback(_), StatusKind::RevocationList2021) => {
                let query = IdentityHubQuery::new(did.as_str(), HUB_OBJECT).unwrap();
                ListLocation::IdentityHub(query)
            }
            _ => ListLocation::parse(&format!("{}/status/1", self.origin())).unwrap(),
        }
    }
}

/// An issuer with one key and one register.
#[derive(Clone, Debug)]
pub struct Issuer {
    kind: IssuerKind,
    key: Arc<SigningKey>,
    id: IssuerKey,
    register: StatusRegister,
    seed: Seed,
    list_key: Arc<SigningKey>,
    revoked: BTreeSet<u64>,
    silent: bool,
}

impl Issuer {
    /// The issuer of a seed, with a register of this kind.
    #[must_use]
    pub fn new(kind: IssuerKind, algorithm: Algorithm, status: StatusKind, seed: u64) -> Self {
        let key = signing_key(algorithm, seed);
        let did = kind.did(&key);
        let fragment = if kind == IssuerKind::Jwk { "0" } else { "key-1" };
        let location = kind.list_location(&did, status);
        let purpose = StatusPurpose::Revocation;
        let register = StatusRegister::new(status, purpose, location, MINIMUM_ENTRIES).unwrap();
        let id = IssuerKey::new(DidUrl::new(&did, fragment).unwrap(), algorithm);
        let list_key = Arc::clone(&key);
        let revoked = BTreeSet::new();
        Self { kind, key, id, register, seed: Seed(seed), list_key, revoked, silent: false }
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

    /// The same in an encoding.
    pub fn issue_as(
        &mut self,
        encoding: Encoding,
        kind: CredentialKind,
        holder: &Holder,
    ) -> (Token, u64) {
        let (token, index) = self.issue(kind, holder.did());
        let token = match encoding {
            Encoding::VcJwt => token,
            Encoding::VcJose => encoding::to_vc_jose(token),
            Encoding::SdJwtVc => {
                let list = Some((index, self.token_list_uri()));
                let list = list.as_ref().map(|(index, uri)| (*index, uri.as_str()));
                let (name, names) = (self.name(), TypeNames::default());
                let mut token = encoding::sd_jwt_vc(token, &name, names.vct(kind), holder, list);
                if self.kind.is_url() {
                    token.header.insert("kid".to_owned(), self.id.id().fragment().into());
                }
                token
            }
        };
        (token, index)
    }

    /// Who it is in an SD-JWT VC: its https URL, if it has one.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind.is_url() {
            true => self.kind.origin(),
            false => self.did().to_string(),
        }
    }

    /// Its metadata as an https issuer (SD-JWT VC, "JWT VC Issuer Metadata").
    #[must_use]
    pub fn metadata(&self) -> Vec<u8> {
        let mut jwk = self.key.public_key().to_jwk();
        jwk["kid"] = self.id.id().fragment().into();
        json!({"issuer": self.name(), "jwks": {"keys": [jwk]}}).to_string().into_bytes()
    }

    /// Where its Status List Token is.
    fn token_list_uri(&self) -> String {
        format!("{}/status/token", self.kind.origin())
    }

    /// The `kid` with which it signs under its own name.
    fn key_id(&self) -> &str {
        match self.kind.is_url() {
            true => self.id.id().fragment(),
            false => self.id.id().as_str(),
        }
    }

    /// Its Status List Token, good for a day.
    #[must_use]
    pub fn status_list_token(&self, at: DateTime<Utc>) -> Token {
        let key = (&self.list_key, self.key_id());
        let uri = self.token_list_uri();
        encoding::status_list_token(key, &self.name(), &uri, &self.revoked, at)
    }

    /// Its statement that this origin is its own.
    #[must_use]
    pub fn domain_linkage(&self, origin: &str, at: DateTime<Utc>) -> Token {
        let key = (&self.key, self.id.id().as_str());
        encoding::domain_linkage(key, self.did().as_str(), origin, at)
    }

    /// The DID configuration of its origin.
    #[must_use]
    pub fn did_configuration(&self, at: DateTime<Utc>) -> Vec<u8> {
        let linked = [self.domain_linkage(&self.kind.origin(), at).compact()];
        let context =
            "https://identity.foundation/.well-known/contexts/did-configuration-v0.0.jsonld";
        json!({"@context": context, "linked_dids": linked}).to_string().into_bytes()
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
        self.revoked.insert(index);
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
        let instances = json!([self.kind.hub()]);
        let service = json!({
            "id": "#hub", "type": "IdentityHub", "serviceEndpoint": {"instances": instances},
        });
        json["service"] = json!([service]);
        json.to_string().into_bytes()
    }

    /// Its status list, good for a day.
    #[must_use]
    pub fn status_list(&self, at: DateTime<Utc>) -> Token {
        self.status_list_for(at, TimeDelta::days(1))
    }

    /// Its status list, good for a span: where a test's clock runs ahead of a cache's.
    #[must_use]
    pub fn status_list_for(&self, at: DateTime<Utc>, span: TimeDelta) -> Token {
        let unsigned = self.register.publish(&self.id, at, Some(at + span)).unwrap();
        Token::of_credential(&unsigned, &self.list_key)
    }

    /// Where the list is.
    #[must_use]
    pub fn list_location(&self) -> &ListLocation {
        self.register.location()
    }

    /// Its IdentityHub's reply to whoever asks for the list.
    #[must_use]
    pub fn hub_reply(&self, at: DateTime<Utc>) -> Vec<u8> {
        let query = IdentityHubQuery::new(self.did().as_str(), HUB_OBJECT).unwrap();
        let list = self.status_list(at).compact();
        hub::reply_body(&query, "request-1", &list).into_bytes()
    }

    /// What the network gives for a source, if it is this issuer's.
    #[must_use]
    pub fn serve(&self, source: &Source, at: DateTime<Utc>) -> Option<Vec<u8>> {
        match (source, self.list_location()) {
            _ if self.silent => None,
            (Source::DidDocument(did), _) if did == self.did() => Some(self.did_document()),
            (Source::IssuerMetadata(_), _)
                if Source::issuer_metadata(&self.name()).as_ref() == Some(source) =>
            {
                Some(self.metadata())
            }
            (Source::DidConfiguration(url), _)
                if url.origin().ascii_serialization() == self.kind.origin() =>
            {
                Some(self.did_configuration(at))
            }
            (Source::StatusList(url), _) if url.as_str() == self.token_list_uri() => {
                Some(self.status_list_token(at).compact().into_bytes())
            }
            (Source::StatusList(url), ListLocation::Web(own)) if url == own => {
                Some(self.status_list(at).compact().into_bytes())
            }
            (Source::IdentityHub(asked), ListLocation::IdentityHub(own)) if asked.query == *own => {
                Some(self.hub_reply(at))
            }
            _ => None,
        }
    }

    /// How a policy trusts it: for every kind of staff credential, each with a status.
    #[must_use]
    pub fn trusted(&self) -> TrustedIssuer {
        let names = TypeNames::default();
        let types = CredentialKind::ALL.map(|kind| names.vc_type(kind).to_owned());
        let vcts = CredentialKind::ALL.map(|kind| names.vct(kind).to_owned());
        let types = types.into_iter().chain(vcts);
        let mut trusted = TrustedIssuer::new(self.name(), types);
        trusted.status = StatusRequirement::Required;
        let location = match self.list_location() {
            ListLocation::Web(url) => url.clone(),
            _ => self.kind.hub().parse().unwrap(),
        };
        trusted.status_origins = [location.origin().ascii_serialization()].into();
        trusted
    }
}
