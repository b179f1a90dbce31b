//! The doctor: what the two phone apps would find wrong with what a verifier publishes.
//!
//! It reads `did.json` and `did-configuration.json` as the apps and Microsoft's resolver are known to
//! read them, which is stricter than the specifications in places and looser in others. It fetches
//! nothing: whoever brings the two files learns on the way whether the server redirects, has a
//! certificate that everybody believes, and can be reached.
//!
//! ```
//! # fn example(party: &staffpass_request::microsoft::Party, key: &staffpass_jose::PublicKey,
//! #     did_json: &[u8], configuration: &[u8],
//! #     provider: &dyn staffpass_jose::CryptoProvider, now: chrono::DateTime<chrono::Utc>) {
//! use staffpass_request::microsoft::doctor;
//!
//! for finding in doctor::examine(party, key, did_json, configuration, provider, now) {
//!     println!("{}: {finding}", finding.code());
//! }
//! # }
//! ```

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;
use staffpass_jose::{CryptoProvider, KeyMaterial, PublicKey, UnverifiedJws, json, jws};
use url::Url;

use super::Party;
use crate::text::did_web;

/// Something that an app, or Microsoft's resolver, will not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// The verifier is no did:web, so that it publishes nothing that can be looked at.
    NotDidWeb,
    /// The did:web has a path.
    DidPath,
    /// `request_uri` or `redirect_uri` is on another origin than the did:web.
    AddressOrigin,
    /// An address is plain http.
    NotHttps,
    /// `did.json` is no JSON object.
    DocumentUnreadable,
    /// `id` of `did.json` is another.
    DocumentId,
    /// The key that signs requests is not in `verificationMethod`.
    KeyMissing,
    /// The key is there with an absolute id.
    KeyIdAbsolute,
    /// The key has no `publicKeyJwk` with all its members.
    KeyForm,
    /// The key is another than the one that signs.
    KeyOther,
    /// The key is on a curve that the apps do not verify.
    KeyCurve,
    /// `authentication` is not a list of strings.
    AuthenticationForm,
    /// The key is not in `authentication`.
    AuthenticationMissing,
    /// The key is not in `assertionMethod`.
    AssertionMethodMissing,
    /// There is no service of type `LinkedDomains`.
    ServiceMissing,
    /// Its `serviceEndpoint` is not an object with `origins`.
    ServiceForm,
    /// Its first origin is not the verifier's own.
    FirstOrigin,
    /// `did-configuration.json` is no JSON object with `linked_dids`.
    ConfigurationUnreadable,
    /// Its `@context` is not a string.
    ConfigurationContext,
    /// An entry of `linked_dids` is not a string.
    ConfigurationEntry,
    /// The verifier's own statement is not the first.
    StatementNotFirst,
    /// No statement is the verifier's own.
    StatementMissing,
    /// The statement's `origin` is not, letter for letter, that of the service.
    StatementOrigin,
    /// The statement lacks an issuer or a date, or has one that is no string.
    StatementForm,
    /// The statement has expired, or is not yet valid.
    StatementDates,
    /// The statement is not signed by the key.
    StatementSignature,
}

impl Finding {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDidWeb => "doctor_not_did_web",
            Self::DidPath => "doctor_did_path",
            Self::AddressOrigin => "doctor_address_origin",
            Self::NotHttps => "doctor_not_https",
            Self::DocumentUnreadable => "doctor_document_unreadable",
            Self::DocumentId => "doctor_document_id",
            Self::KeyMissing => "doctor_key_missing",
            Self::KeyIdAbsolute => "doctor_key_id_absolute",
            Self::KeyForm => "doctor_key_form",
            Self::KeyOther => "doctor_key_other",
            Self::KeyCurve => "doctor_key_curve",
            Self::AuthenticationForm => "doctor_authentication_form",
            Self::AuthenticationMissing => "doctor_authentication_missing",
            Self::AssertionMethodMissing => "doctor_assertion_method_missing",
            Self::ServiceMissing => "doctor_service_missing",
            Self::ServiceForm => "doctor_service_form",
            Self::FirstOrigin => "doctor_first_origin",
            Self::ConfigurationUnreadable => "doctor_configuration_unreadable",
            Self::ConfigurationContext => "doctor_configuration_context",
            Self::ConfigurationEntry => "doctor_configuration_entry",
            Self::StatementNotFirst => "doctor_statement_not_first",
            Self::StatementMissing => "doctor_statement_missing",
            Self::StatementOrigin => "doctor_statement_origin",
            Self::StatementForm => "doctor_statement_form",
            Self::StatementDates => "doctor_statement_dates",
            Self::StatementSignature => "doctor_statement_signature",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::NotDidWeb => "the verifier is not a did:web, so nothing published says who it is",
            Self::DidPath => {
                "the did:web has a path: Microsoft's resolver refuses it unless its support has \
                 enabled it"
            }
            Self::AddressOrigin => {
                "the request and response addresses must be on the did:web's own host: the apps \
                 are about to refuse others"
            }
            Self::NotHttps => "an address is not https: no phone reaches it",
            Self::DocumentUnreadable => "did.json is not a JSON object",
            Self::DocumentId => "the id in did.json is not the did:web: the resolver refuses it",
            Self::KeyMissing => {
                "the key that signs requests is not in did.json: both apps refuse the request"
            }
            Self::KeyIdAbsolute => {
                "the key's id in did.json is absolute: the app on iOS finds only \"#fragment\""
            }
            Self::KeyForm => "the key has no publicKeyJwk with kty, crv, x and y",
            Self::KeyOther => {
                "the key of that id in did.json is not the one that signs: both apps refuse the \
                 request"
            }
            Self::KeyCurve => {
                "the apps verify P-256, secp256k1 and Ed25519, and the key is another"
            }
            Self::AuthenticationForm => {
                "authentication is not a list of strings: the app on iOS cannot read did.json"
            }
            Self::AuthenticationMissing => "the key is not listed under authentication",
            Self::AssertionMethodMissing => {
                "the key is not listed under assertionMethod, so it cannot vouch for the domain"
            }
            Self::ServiceMissing => {
                "did.json has no LinkedDomains service: the apps show the verifier as unverified"
            }
            Self::ServiceForm => "serviceEndpoint is not an object with a list \"origins\"",
            Self::FirstOrigin => {
                "the first origin of LinkedDomains is not the verifier's own: the apps look at no \
                 other"
            }
            Self::ConfigurationUnreadable => {
                "did-configuration.json is not a JSON object with linked_dids"
            }
            Self::ConfigurationContext => {
                "@context of did-configuration.json is not a string: the app on iOS cannot read it"
            }
            Self::ConfigurationEntry => {
                "an entry of linked_dids is not a JWT: the app on iOS reads none of them then"
            }
            Self::StatementNotFirst => {
                "the verifier's statement is not the first: the app on Android reads no other"
            }
            Self::StatementMissing => {
                "no statement of did-configuration.json is the verifier's own"
            }
            Self::StatementOrigin => {
                "the statement's origin is not written exactly as in did.json (a slash at the end \
                 counts): the app on iOS refuses it"
            }
            Self::StatementForm => "the statement lacks vc.issuer, issuanceDate or expirationDate",
            Self::StatementDates => "the statement has expired, or is not valid yet",
            Self::StatementSignature => "the statement is not signed by the key in did.json",
        }
    }
}

/// In words for whoever runs the verifier.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Everything that would go wrong for a party whose requests this key signs, in the order in which a
/// phone would meet it; nothing where all is well.
#[must_use]
pub fn examine(
    party: &Party,
    key: &PublicKey,
    did_json: &[u8],
    did_configuration: &[u8],
    provider: &dyn CryptoProvider,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let mut doctor = Doctor { party, own: key, provider, now, findings: Vec::new() };
    let Some(origin) = doctor.addresses() else { return doctor.findings };
    let Some(document) = object(did_json) else {
        doctor.note(Finding::DocumentUnreadable);
        return doctor.findings;
    };
    doctor.check(
        document.get("id").and_then(Value::as_str) == Some(party.client_id()),
        Finding::DocumentId,
    );
    let key = doctor.key(&document);
    doctor.relationships(&document);
    if let Some(linked) = doctor.service(&document, &origin) {
        doctor.configuration(did_configuration, linked, key.as_ref());
    }
    doctor.findings
}

struct Doctor<'a> {
    party: &'a Party,
    own: &'a PublicKey,
    provider: &'a dyn CryptoProvider,
    now: DateTime<Utc>,
    findings: Vec<Finding>,
}

/// What a domain linkage credential says.
struct Statement {
    jws: UnverifiedJws,
    claims: Value,
}

impl Doctor<'_> {
    fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn check(&mut self, good: bool, finding: Finding) {
        if !good {
            self.note(finding);
        }
    }

    /// The verifier's own origin, where its DID has one.
    fn addresses(&mut self) -> Option<String> {
        let Some((host, path)) = did_web(self.party.client_id()) else {
            self.note(Finding::NotDidWeb);
            return None;
        };
        self.check(!path, Finding::DidPath);
        // Over plain http where the addresses are, so that on a developer's machine that is all that
        // is found.
        let origin = self.party.endpoints.origin_of(&host)?;
        let endpoints = &self.party.endpoints;
        let addresses =
            [endpoints.request(), endpoints.response()].map(|text| Url::parse(text).ok());
        let https = addresses.iter().flatten().all(|url| url.scheme() == "https");
        self.check(https, Finding::NotHttps);
        let same = addresses.iter().flatten().all(|url| url.origin() == origin);
        self.check(same, Finding::AddressOrigin);
        Some(origin.ascii_serialization())
    }

    fn fragment(&self) -> String {
        let fragment = self.party.key_id().split_once('#').map(|(_, fragment)| fragment);
        format!("#{}", fragment.unwrap_or_default())
    }

    /// The key that signs requests, as both apps look for it.
    fn key(&mut self, document: &Value) -> Option<KeyMaterial> {
        let (relative, absolute) = (self.fragment(), self.party.key_id());
        let id = |method: &&Value| {
            method.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut methods = document.get("verificationMethod").and_then(Value::as_array)?.iter();
        let method = methods.find(|method| {
            let id = id(method);
            id == relative || id == absolute
        });
        let Some(method) = method else {
            self.note(Finding::KeyMissing);
            return None;
        };
        let is_relative = id(&method) == relative;
        self.check(is_relative, Finding::KeyIdAbsolute);
        let key = method.get("publicKeyJwk").and_then(|jwk| PublicKey::from_jwk(jwk).ok());
        let same = key.as_ref().is_none_or(|key| key.to_jwk() == self.own.to_jwk());
        self.check(same, Finding::KeyOther);
        let key = key.map(KeyMaterial::from);
        self.check(key.is_some(), Finding::KeyForm);
        let known = key.as_ref().and_then(KeyMaterial::algorithm);
        let verified = known.is_some_and(|algorithm| super::SIGNED_WITH.contains(algorithm));
        self.check(verified || key.is_none(), Finding::KeyCurve);
        key
    }

    fn relationships(&mut self, document: &Value) {
        let names = [self.fragment(), self.party.key_id().to_owned()];
        let listed = |member: &str| {
            let list = document.get(member).and_then(Value::as_array);
            list.is_some_and(|list| {
                list.iter().any(|id| id.as_str().is_some_and(|id| names.iter().any(|n| n == id)))
            })
        };
        let list = document.get("authentication").and_then(Value::as_array);
        let strings = list.is_some_and(|list| list.iter().all(Value::is_string));
        let (authentication, assertion) = (listed("authentication"), listed("assertionMethod"));
        self.check(strings, Finding::AuthenticationForm);
        self.check(authentication, Finding::AuthenticationMissing);
        self.check(assertion, Finding::AssertionMethodMissing);
    }

    /// The first origin of the first service that links domains, exactly as it is written.
    fn service<'d>(&mut self, document: &'d Value, own: &str) -> Option<&'d str> {
        let services = document.get("service").and_then(Value::as_array);
        let linked = services.and_then(|services| services.iter().find(|s| links_domains(s)));
        let Some(service) = linked else {
            self.note(Finding::ServiceMissing);
            return None;
        };
        let first = service.pointer("/serviceEndpoint/origins/0").and_then(Value::as_str);
        let Some(first) = first else {
            self.note(Finding::ServiceForm);
            return None;
        };
        self.check(first.strip_suffix('/').unwrap_or(first) == own, Finding::FirstOrigin);
        Some(first)
    }

    fn configuration(&mut self, bytes: &[u8], origin: &str, key: Option<&KeyMaterial>) {
        let file = object(bytes);
        let entries = file.as_ref().and_then(|file| file.get("linked_dids")?.as_array());
        let (Some(file), Some(entries)) = (&file, entries) else {
            return self.note(Finding::ConfigurationUnreadable);
        };
        self.check(
            file.get("@context").is_some_and(Value::is_string),
            Finding::ConfigurationContext,
        );
        self.check(entries.iter().all(Value::is_string), Finding::ConfigurationEntry);
        let statements: Vec<_> =
            entries.iter().map(|entry| entry.as_str().and_then(Statement::read)).collect();
        let is_own = |statement: &Statement| statement.is_by(self.party.client_id());
        let own = statements.iter().position(|s| s.as_ref().is_some_and(is_own));
        match own.and_then(|place| Some((place, statements.get(place)?.as_ref()?))) {
            None => self.note(Finding::StatementMissing),
            Some((place, statement)) => {
                self.check(place == 0, Finding::StatementNotFirst);
                self.statement(statement, origin, key);
            }
        }
    }

    fn statement(&mut self, statement: &Statement, origin: &str, key: Option<&KeyMaterial>) {
        let text = |path: &str| statement.claims.pointer(path).and_then(Value::as_str);
        let said = text("/vc/credentialSubject/origin");
        let date = |path: &str| DateTime::parse_from_rfc3339(text(path)?).ok();
        let (from, until) = (date("/vc/issuanceDate"), date("/vc/expirationDate"));
        self.check(said == Some(origin), Finding::StatementOrigin);
        let form = from.is_some() && until.is_some() && text("/vc/issuer").is_some();
        self.check(form, Finding::StatementForm);
        let early = from.is_some_and(|from| self.now < from);
        let late = until.is_some_and(|until| self.now >= until);
        self.check(!early && !late, Finding::StatementDates);
        if let Some(key) = key {
            let prepared = self.provider.prepare(key).ok();
            let signed = prepared.is_some_and(|key| statement.jws.verify(&key).is_ok());
            self.check(signed, Finding::StatementSignature);
        }
    }
}

impl Statement {
    fn read(token: &str) -> Option<Self> {
        let jws = UnverifiedJws::parse(token, &jws::Limits::default()).ok()?;
        let claims = json::parse(jws.unverified_payload(), &json::Limits::default()).ok()?;
        Some(Self { jws, claims })
    }

    /// By the DID, of itself.
    fn is_by(&self, did: &str) -> bool {
        let names = ["/iss", "/sub", "/vc/credentialSubject/id"];
        names.iter().all(|path| self.claims.pointer(path).and_then(Value::as_str) == Some(did))
    }
}

fn object(bytes: &[u8]) -> Option<Value> {
    json::parse::<Value>(bytes, &json::Limits::default()).ok().filter(Value::is_object)
}

/// `type` is a string or a list of them (DID Core §5.4).
fn links_domains(service: &Value) -> bool {
    match service.get("type") {
        Some(Value::String(name)) => name == "LinkedDomains",
        Some(Value::Array(names)) => names.iter().any(|name| name == "LinkedDomains"),
        _ => false,
    }
}
