//! The whole path: from the body of a POST, and the documents it needs, to the verdict.

use std::str;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};
use staffpass_jose::{Algorithm, Signer as _, base64url, json};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_sd_jwt::HashAlgorithm;
use staffpass_status::{ListLocation, StatusKind};
use staffpass_testkit::{
    Dialect, Encoding, Exchange, HolderKind, IssuerKind, Presentation, Scenario, Token,
};
use staffpass_verify::policy::TrustPolicy;
use staffpass_verify::{
    Evidence, Fetched, Rejection, Source, Step, Verification, VerifiedResponse,
};

/// Exchanges in each dialect and each encoding, each with another kind of status list or another kind of
/// issuer.
pub(crate) static EXCHANGES: LazyLock<[Exchange; 6]> = LazyLock::new(|| {
    let scenario = |dialect, encoding, status, issuer| {
        Scenario::new(dialect)
            .holder(HolderKind::Jwk(Algorithm::EdDsa))
            .issuer(issuer, Algorithm::EdDsa)
            .status(status)
            .encoding(encoding)
            .credentials(2)
            .build()
    };
    let web = IssuerKind::Web("westmoor.example");
    let https = IssuerKind::Https("westmoor.example");
    let (jwt, jose, sd_jwt) = (Encoding::VcJwt, Encoding::VcJose, Encoding::SdJwtVc);
    let bitstring = StatusKind::BitstringStatusList;
    [
        scenario(Dialect::OpenId4Vp, jwt, bitstring, web),
        scenario(Dialect::MicrosoftTogether, jwt, StatusKind::RevocationList2021, web),
        scenario(Dialect::MicrosoftEach, jwt, StatusKind::StatusList2021, web),
        with_linked_domain(scenario(Dialect::OpenId4Vp, jose, bitstring, web)),
        scenario(Dialect::OpenId4Vp, sd_jwt, bitstring, web),
        scenario(Dialect::OpenId4Vp, sd_jwt, bitstring, https),
    ]
});

fn with_linked_domain(mut exchange: Exchange) -> Exchange {
    let mut issuer = exchange.issuer.trusted();
    issuer.linked_domain = Some("https://westmoor.example".to_owned());
    exchange.policy = TrustPolicy::builder().issuer(issuer);
    exchange
}

/// The exchange of a number, and what is left of the number.
fn choose(first: u8) -> (Option<&'static Exchange>, usize) {
    let first = usize::from(first);
    (EXCHANGES.get(first % EXCHANGES.len()), first / EXCHANGES.len())
}

type Verdict = Result<VerifiedResponse, Rejection>;

/// Steps a verification to its end. What it needs comes from the exchange's issuer, or from `other`.
fn drive(
    exchange: &Exchange,
    mut verification: Verification,
    other: impl Fn(&Source) -> Option<Vec<u8>>,
) -> Verdict {
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    loop {
        let needs = match verification.step(&evidence, exchange.now) {
            Step::Done(verdict) => return *verdict,
            Step::Needs(needs) => needs,
        };
        assert!(!needs.is_empty(), "asks for nothing");
        for source in needs {
            match other(&source).or_else(|| exchange.issuer.serve(&source, exchange.now)) {
                Some(bytes) => evidence.insert(source, Fetched::Document(&bytes), exchange.now),
                None => evidence.insert(source, Fetched::Unavailable, exchange.now),
            }
        }
    }
}

/// What holds for any verdict: a refusal says why, an acceptance is the trusted issuer's and this
/// holder's, and either can be written.
fn check(exchange: &Exchange, verdict: &Verdict) {
    match verdict {
        Ok(response) => {
            assert!(response.report().accepted() && response.report().codes().is_empty());
            for credential in response.credentials() {
                assert_eq!(credential.issuer(), exchange.issuer.name());
            }
            let _ = response.report().to_string();
        }
        Err(rejection) => {
            assert!(!rejection.report().accepted());
            assert!(!rejection.codes().is_empty() || rejection.wallet_error().is_some());
            let _ = rejection.report().to_string();
        }
    }
}

/// The first byte says which exchange; the rest is the body of the wallet's POST.
pub fn response(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let (Some(exchange), _) = choose(*first) else { return };
    let verification = exchange.verifier().receive(&exchange.expectation, body);
    check(exchange, &drive(exchange, verification, |_| None));
    if let Ok(text) = str::from_utf8(body) {
        let verification = exchange.verifier().receive_presentation(&exchange.expectation, text);
        check(exchange, &drive(exchange, verification, |_| None));
    }
}

/// The first byte says which exchange, which token, and which of its parts the rest is. The token is
/// then signed by whoever should sign it, so that everything after the signature is reached.
pub fn verdict(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let (Some(exchange), rest) = choose(*first) else { return };
    let (slot, part) = (SLOTS.get(rest % 4), PARTS.get(rest / 4 % 3));
    let (Some(slot), Some(part)) = (slot, part) else { return };
    let change = Change { slot: *slot, part: *part, bytes };
    let Some((body, claims)) = change.body(exchange) else { return };
    let verification = exchange.verifier().receive(&exchange.expectation, &body);
    let verdict = drive(exchange, verification, |_| None);
    check(exchange, &verdict);
    if verdict.is_ok() {
        slot.check_accepted(exchange, &claims);
    }
}

/// A token of the answer.
#[derive(Clone, Copy, PartialEq)]
enum Slot {
    /// A presentation, or the key binding of an SD-JWT.
    Presentation,
    Credential,
    IdToken,
    /// One more disclosure of an SD-JWT, with its digest among the issuer's.
    Disclosure,
}

const SLOTS: [Slot; 4] = [Slot::Presentation, Slot::Credential, Slot::IdToken, Slot::Disclosure];

impl Slot {
    /// What an answer must say that was accepted with this token in it.
    fn check_accepted(self, exchange: &Exchange, claims: &[u8]) {
        let claims = serde_json::from_slice::<Map<String, Value>>(claims).unwrap_or_default();
        let says = |name: &str| claims.get(name).and_then(Value::as_str);
        let asked = &exchange.expectation;
        let name = exchange.issuer.name();
        match (self, encoding(exchange)) {
            (Self::Credential, Encoding::VcJwt) => {
                assert_eq!(says("iss"), Some(&*name));
                assert_eq!(says("sub"), Some(exchange.holder.did().as_str()));
            }
            (Self::Credential, Encoding::SdJwtVc) => assert_eq!(says("iss"), Some(&*name)),
            (Self::Presentation | Self::IdToken, _) => {
                assert_eq!(says("nonce"), Some(asked.nonce().as_str()));
                assert_eq!(says("aud"), Some(asked.client_id()));
            }
            _ => {}
        }
    }
}

fn encoding(exchange: &Exchange) -> Encoding {
    exchange.answer.presentations.first().map_or(Encoding::VcJwt, |first| first.encoding)
}

/// What the bytes are: a whole header, all claims, or an object whose members are laid over the claims.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Over,
    Claims,
    Header,
}

const PARTS: [Part; 3] = [Part::Over, Part::Claims, Part::Header];

struct Change<'a> {
    slot: Slot,
    part: Part,
    bytes: &'a [u8],
}

impl Change<'_> {
    /// The body with one token changed, and that token's claims.
    fn body(&self, exchange: &Exchange) -> Option<(Vec<u8>, Vec<u8>)> {
        let answer = &exchange.answer;
        let mut changed = None;
        let mut vps = Vec::new();
        for (place, presentation) in answer.presentations.iter().enumerate() {
            let written = self.presentation(place == 0, presentation, &mut changed)?;
            vps.push((presentation.part.clone(), written));
        }
        let id_token = answer.id_token.as_ref();
        let id_token = match id_token.map(|t| self.write(Slot::IdToken, true, t, &mut changed)) {
            Some(written) => Some(written?),
            None => None,
        };
        Some((form(exchange, id_token, vps), changed?))
    }

    /// A presentation with its credentials in it, in its encoding.
    fn presentation(
        &self,
        first: bool,
        presentation: &Presentation,
        changed: &mut Option<Vec<u8>>,
    ) -> Option<String> {
        let mut token = presentation.token.clone();
        if presentation.encoding == Encoding::SdJwtVc {
            let sd_jwt = self.sd_jwt(first, presentation.credentials.first()?, changed)?;
            token.set("sd_hash", HashAlgorithm::Sha256.digest(&sd_jwt));
            let kb = self.write(Slot::Presentation, first, &token, changed)?;
            return Some(sd_jwt + &kb);
        }
        let mut credentials = Vec::new();
        for (at, credential) in presentation.credentials.iter().enumerate() {
            credentials.push(self.write(
                Slot::Credential,
                first && at == 0,
                credential,
                changed,
            )?);
        }
        if presentation.encoding == Encoding::VcJose {
            let enveloped: Vec<Value> = credentials.into_iter().map(enveloped).collect();
            token.set("verifiableCredential", enveloped);
        } else {
            let vp = token.claims.get_mut("vp")?.as_object_mut()?;
            vp.insert("verifiableCredential".to_owned(), credentials.into());
        }
        self.write(Slot::Presentation, first, &token, changed)
    }

    /// An SD-JWT with its disclosures, up to the last tilde.
    fn sd_jwt(
        &self,
        first: bool,
        credential: &Token,
        changed: &mut Option<Vec<u8>>,
    ) -> Option<String> {
        let mut credential = credential.clone();
        let texts = credential.disclosures.iter().map(Value::to_string);
        let mut disclosures: Vec<_> = texts.map(base64url::encode).collect();
        if first && self.slot == Slot::Disclosure {
            let one_more = base64url::encode(self.bytes);
            let digest = HashAlgorithm::Sha256.digest(&one_more);
            credential.claims.get_mut("_sd")?.as_array_mut()?.push(digest.into());
            disclosures.push(one_more);
            *changed = Some(self.bytes.to_vec());
        }
        let jwt = self.write(Slot::Credential, first, &credential, changed)?;
        Some(disclosures.iter().fold(jwt + "~", |text, one| text + one + "~"))
    }

    /// A token as it is, or changed and signed again.
    fn write(
        &self,
        slot: Slot,
        first: bool,
        token: &Token,
        changed: &mut Option<Vec<u8>>,
    ) -> Option<String> {
        if slot != self.slot || !first {
            return Some(token.compact());
        }
        let text = |members: &Map<String, Value>| Value::Object(members.clone()).to_string();
        let header = match self.part {
            Part::Header => self.bytes.to_vec(),
            _ => text(&token.header).into_bytes(),
        };
        let claims = match self.part {
            Part::Claims => self.bytes.to_vec(),
            Part::Header => text(&token.claims).into_bytes(),
            Part::Over => text(&over(&token.claims, self.bytes)?).into_bytes(),
        };
        let compact = signed(&token.key, &header, &claims);
        *changed = Some(claims);
        compact
    }
}

/// A credential in a presentation of VC data model 2.0.
fn enveloped(compact: String) -> Value {
    serde_json::json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/vc+jwt,{compact}"),
    })
}

/// One object over the other, and objects in it likewise.
fn over(below: &Map<String, Value>, bytes: &[u8]) -> Option<Map<String, Value>> {
    let above: Map<String, Value> = json::parse(bytes, &json::Limits::default()).ok()?;
    Some(lay(below.clone(), above))
}

fn lay(mut below: Map<String, Value>, above: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in above {
        let value = match (below.remove(&name), value) {
            (Some(Value::Object(below)), Value::Object(above)) => lay(below, above).into(),
            (_, value) => value,
        };
        if !value.is_null() {
            below.insert(name, value);
        }
    }
    below
}

fn signed(key: &SigningKey, header: &[u8], claims: &[u8]) -> Option<String> {
    let input = format!("{}.{}", base64url::encode(header), base64url::encode(claims));
    let signature = key.sign(input.as_bytes()).ok()?;
    Some(format!("{input}.{}", base64url::encode(signature)))
}

/// The form that a wallet posts.
fn form(exchange: &Exchange, id_token: Option<String>, vps: Vec<(String, String)>) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(id_token.iter().map(|token| ("id_token", token)));
    if exchange.answer.dialect == Dialect::OpenId4Vp {
        let parts = vps.into_iter().map(|(part, token)| (part, Value::from(vec![token])));
        form.append_pair("vp_token", &Value::Object(parts.collect()).to_string());
    } else {
        form.extend_pairs(vps.iter().map(|(_, token)| ("vp_token", token)));
    }
    form.extend_pairs(exchange.answer.state.iter().map(|state| ("state", state)));
    form.finish().into_bytes()
}

/// The first byte says which exchange, and what the rest is that is served to its good answer: the
/// issuer's document, its list, the claims of its list, its metadata, its key set, or what its domain
/// says of it.
pub fn evidence(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let (Some(exchange), kind) = choose(*first) else { return };
    let document = |source: &Source| match (kind % 6, source) {
        (0, Source::DidDocument(_))
        | (1, Source::StatusList(_) | Source::IdentityHub(_))
        | (3, Source::IssuerMetadata(_))
        | (4, Source::JwkSet(_))
        | (5, Source::DidConfiguration(_)) => Some(bytes.to_vec()),
        (2, Source::StatusList(_) | Source::IdentityHub(_)) => list(exchange, bytes),
        (4, Source::IssuerMetadata(_)) => Some(METADATA.to_vec()),
        _ => None,
    };
    let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    check(exchange, &drive(exchange, verification, document));
}

/// Metadata that points to a key set.
const METADATA: &[u8] =
    br#"{"issuer":"https://westmoor.example","jwks_uri":"https://westmoor.example/keys"}"#;

/// The issuer's list with other claims, as it is served.
fn list(exchange: &Exchange, claims: &[u8]) -> Option<Vec<u8>> {
    let list = list_token(exchange);
    let header = Value::Object(list.header).to_string();
    let token = signed(&list.key, header.as_bytes(), claims)?;
    Some(match (encoding(exchange), exchange.issuer.list_location()) {
        (Encoding::VcJwt, ListLocation::IdentityHub(query)) => {
            staffpass_status::hub::reply_body(query, "request-1", &token).into_bytes()
        }
        _ => token.into_bytes(),
    })
}

/// The issuer's list, of the kind that the credentials of the exchange point to.
pub(crate) fn list_token(exchange: &Exchange) -> Token {
    match encoding(exchange) {
        Encoding::SdJwtVc => exchange.issuer.status_list_token(exchange.now),
        _ => exchange.issuer.status_list(exchange.now),
    }
}

/// A trust policy. What is accepted is written and read as the same policy.
pub fn policy(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(policy) = TrustPolicy::from_toml(text) else { return };
    assert!(policy.issuers().count() > 0);
    let again = TrustPolicy::from_toml(&policy.to_toml());
    assert!(again.is_ok_and(|again| again.digest() == policy.digest()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;

    #[test]
    fn the_good_answers_are_accepted() {
        for exchange in &*EXCHANGES {
            let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
            assert!(drive(exchange, verification, |_| None).is_ok());
        }
    }

    #[test]
    fn a_token_signed_again_is_accepted_in_every_place() {
        for exchange in &*EXCHANGES {
            for slot in SLOTS {
                let more = br#"["salt-of-the-disclosure","more",1]"#.as_slice();
                let bytes = if slot == Slot::Disclosure { more } else { b"{}" };
                let change = Change { slot, part: Part::Over, bytes };
                let Some((body, _)) = change.body(exchange) else {
                    let sd_jwt = encoding(exchange) == Encoding::SdJwtVc;
                    assert!(slot == Slot::IdToken || (slot == Slot::Disclosure && !sd_jwt));
                    continue;
                };
                let verification = exchange.verifier().receive(&exchange.expectation, &body);
                assert!(drive(exchange, verification, |_| None).is_ok());
            }
        }
    }

    #[test]
    fn a_list_with_its_own_claims_is_believed() {
        for exchange in &*EXCHANGES {
            let claims = Value::Object(list_token(exchange).claims);
            let document = |source: &Source| match source {
                Source::StatusList(_) | Source::IdentityHub(_) => {
                    list(exchange, claims.to_string().as_bytes())
                }
                _ => None,
            };
            let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
            assert!(drive(exchange, verification, document).is_ok());
        }
    }

    #[test]
    fn the_policies_are_read() {
        let read =
            |seed: &Vec<u8>| TrustPolicy::from_toml(str::from_utf8(seed).unwrap_or_default());
        let codes: Vec<_> = seeds::of("policy").iter().map(read).map(|p| p.map(drop)).collect();
        assert!(codes.iter().any(Result::is_ok), "{codes:?}");
    }
}
