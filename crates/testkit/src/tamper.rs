//! One thing wrong.

use chrono::TimeDelta;
use serde_json::json;
use staffpass_credentials::CredentialKind;
use staffpass_jose::{Algorithm, base64url};
use staffpass_status::StatusKind;
use staffpass_verify::Code;

use crate::{
    Dialect, Exchange, Holder, HolderKind, Issuer, IssuerKind, Scenario, Token, signing_key,
};

/// One thing wrong with an exchange, for which it must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tamper {
    /// The presentation is for another verifier.
    Audience,
    /// The presentation has another request's nonce.
    Nonce,
    /// The presentation has expired.
    PresentationExpired,
    /// The presentation is older than the request.
    PresentationOld,
    /// The presentation's header says `none`.
    AlgorithmNone,
    /// One bit of the presentation's signature is another.
    PresentationSignature,
    /// The presentation is signed by a key that its holder does not have.
    PresentationKey,
    /// One bit of a credential's signature is another.
    CredentialSignature,
    /// A claim of a credential was changed after it was signed.
    ClaimChanged,
    /// A credential is signed by another key, under the issuer's name.
    CredentialForged,
    /// A credential has expired.
    CredentialExpired,
    /// A credential is not valid yet.
    CredentialEarly,
    /// A credential of another person.
    OtherHolder,
    /// A credential by an issuer that nobody trusts.
    ForeignIssuer,
    /// A credential of a type that its issuer may not assert.
    TypeNotTrusted,
    /// A credential of another type than was asked.
    WrongType,
    /// A credential without the status that the policy asks for.
    NoStatus,
    /// A credential is revoked.
    Revoked,
    /// The status list is signed by another key, under the issuer's name.
    ListByAnother,
    /// Nothing that the issuer publishes can be had.
    IssuerSilent,
    /// `state` is missing.
    StateMissing,
    /// `state` is another request's.
    StateWrong,
    /// `state` stands twice.
    StateTwice,
    /// An answer to something that was not asked.
    Unrequested,
    /// Something that was asked is missing.
    Incomplete,
    /// The answer comes in the other protocol.
    WrongProtocol,
    /// The answer comes when the request is no longer open.
    RequestExpired,
}

impl Tamper {
    /// Every one.
    pub const ALL: [Self; 27] = [
        Self::Audience,
        Self::Nonce,
        Self::PresentationExpired,
        Self::PresentationOld,
        Self::AlgorithmNone,
        Self::PresentationSignature,
        Self::PresentationKey,
        Self::CredentialSignature,
        Self::ClaimChanged,
        Self::CredentialForged,
        Self::CredentialExpired,
        Self::CredentialEarly,
        Self::OtherHolder,
        Self::ForeignIssuer,
        Self::TypeNotTrusted,
        Self::WrongType,
        Self::NoStatus,
        Self::Revoked,
        Self::ListByAnother,
        Self::IssuerSilent,
        Self::StateMissing,
        Self::StateWrong,
        Self::StateTwice,
        Self::Unrequested,
        Self::Incomplete,
        Self::WrongProtocol,
        Self::RequestExpired,
    ];

    /// The code with which it is refused, perhaps beside others.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Audience => Code::AudienceMismatch,
            Self::Nonce => Code::NonceMismatch,
            Self::PresentationExpired | Self::CredentialExpired => Code::Expired,
            Self::PresentationOld => Code::TooOld,
            Self::AlgorithmNone => Code::AlgorithmNotAllowed,
            Self::PresentationSignature
            | Self::PresentationKey
            | Self::CredentialSignature
            | Self::ClaimChanged
            | Self::CredentialForged => Code::SignatureInvalid,
            Self::CredentialEarly => Code::NotYetValid,
            Self::OtherHolder => Code::HolderBinding,
            Self::ForeignIssuer => Code::IssuerNotTrusted,
            Self::TypeNotTrusted => Code::TypeNotTrusted,
            Self::WrongType => Code::AnswerWrongType,
            Self::NoStatus => Code::StatusRequired,
            Self::Revoked => Code::Revoked,
            Self::ListByAnother => Code::StatusListNotAuthentic,
            Self::IssuerSilent => Code::IssuerUnavailable,
            Self::StateMissing | Self::StateWrong => Code::StateMismatch,
            Self::StateTwice => Code::ResponseFields,
            Self::Unrequested => Code::Unrequested,
            Self::Incomplete => Code::AnswerIncomplete,
            Self::WrongProtocol => Code::ResponseWrongProtocol,
            Self::RequestExpired => Code::RequestExpired,
        }
    }

    /// Does it.
    pub(crate) fn apply(self, exchange: &mut Exchange) {
        let now = exchange.now;
        match self {
            Self::Audience => presentation(exchange).set("aud", "did:web:elsewhere.example"),
            Self::Nonce => presentation(exchange).set("nonce", "another-request-s-nonce"),
            Self::PresentationExpired => {
                presentation(exchange).set("exp", (now - TimeDelta::minutes(10)).timestamp());
            }
            Self::PresentationOld => {
                presentation(exchange).set("iat", (now - TimeDelta::minutes(10)).timestamp());
            }
            Self::AlgorithmNone => {
                presentation(exchange).header.insert("alg".to_owned(), "none".into());
            }
            Self::PresentationSignature => presentation(exchange).afterwards = flip_signature,
            Self::PresentationKey => resign(presentation(exchange)),
            Self::CredentialSignature => credential(exchange).afterwards = flip_signature,
            Self::ClaimChanged => credential(exchange).afterwards = change_claim,
            Self::CredentialForged => resign(credential(exchange)),
            Self::CredentialExpired => {
                credential(exchange).set("exp", (now - TimeDelta::minutes(10)).timestamp());
            }
            Self::CredentialEarly => {
                credential(exchange).set("nbf", (now + TimeDelta::minutes(10)).timestamp());
            }
            Self::OtherHolder => other_holder(exchange),
            Self::ForeignIssuer => foreign_issuer(exchange),
            Self::TypeNotTrusted => {
                credential(exchange).claims["vc"]["type"] = types("StaffSuperuser");
            }
            Self::WrongType => {
                credential(exchange).claims["vc"]["type"] = types("StaffEmployment");
            }
            Self::NoStatus => {
                let vc = credential(exchange).claims["vc"].as_object_mut().unwrap();
                vc.remove("credentialStatus");
            }
            Self::Revoked => exchange.issuer.revoke(exchange.indices[0]),
            Self::ListByAnother => {
                let algorithm = staffpass_jose::Signer::algorithm(&**exchange.issuer.key());
                exchange.issuer.sign_list_with(&signing_key(algorithm, u64::MAX));
            }
            Self::IssuerSilent => exchange.issuer.fall_silent(),
            Self::StateMissing => exchange.answer.state = None,
            Self::StateWrong => exchange.answer.state = Some("another-request-s-state".to_owned()),
            Self::StateTwice => {
                let state = exchange.answer.state.clone().unwrap_or_default();
                exchange.answer.extra.push(("state".to_owned(), state));
            }
            Self::Unrequested => unrequested(exchange),
            Self::Incomplete => incomplete(exchange),
            Self::WrongProtocol => wrong_protocol(exchange),
            Self::RequestExpired => exchange.now = exchange.expectation.expires_at(),
        }
    }
}

fn presentation(exchange: &mut Exchange) -> &mut Token {
    &mut exchange.answer.presentations[0].token
}

/// The first credential: the identity.
fn credential(exchange: &mut Exchange) -> &mut Token {
    &mut exchange.answer.presentations[0].credentials[0]
}

fn types(name: &str) -> serde_json::Value {
    json!(["VerifiableCredential", name])
}

/// Another key of the same algorithm, under the same `kid`.
fn resign(token: &mut Token) {
    token.key = signing_key(staffpass_jose::Signer::algorithm(&*token.key), u64::MAX);
}

/// Flips a bit in the middle of S.
fn flip_signature(compact: String) -> String {
    let (input, signature) = compact.rsplit_once('.').unwrap();
    let mut bytes = base64url::decode(signature).unwrap();
    let place = bytes.len() * 3 / 4;
    bytes[place] ^= 1;
    format!("{input}.{}", base64url::encode(bytes))
}

/// Makes the person another one, and keeps the signature.
fn change_claim(compact: String) -> String {
    let parts: Vec<&str> = compact.split('.').collect();
    let claims = String::from_utf8(base64url::decode(parts[1]).unwrap()).unwrap();
    let changed = claims.replace("Testerby", "Otherby");
    assert_ne!(changed, claims, "the claim is there");
    format!("{}.{}.{}", parts[0], base64url::encode(changed), parts[2])
}

/// The issuer's own credential, for somebody else.
fn other_holder(exchange: &mut Exchange) {
    let other = Holder::new(HolderKind::Jwk(Algorithm::Es256), u64::MAX);
    let (token, _) = exchange.issuer.issue(CredentialKind::Identity, other.did());
    *credential(exchange) = token;
}

/// A credential that is good but for its issuer.
fn foreign_issuer(exchange: &mut Exchange) {
    let kind = IssuerKind::Web("stranger.example");
    let status = StatusKind::BitstringStatusList;
    let mut stranger = Issuer::new(kind, Algorithm::Es256, status, u64::MAX);
    let (token, _) = stranger.issue(CredentialKind::Identity, exchange.holder.did());
    *credential(exchange) = token;
}

/// Offers a credential for a part that the request does not have.
fn unrequested(exchange: &mut Exchange) {
    match &mut exchange.answer.id_token {
        Some(token) => {
            let map = &mut token.claims["_vp_token"]["presentation_submission"]["descriptor_map"];
            map[0]["id"] = "payslip".into();
            map[0]["path_nested"]["id"] = "payslip".into();
        }
        None => exchange.answer.presentations[0].part = "payslip".to_owned(),
    }
}

/// Leaves out the last part.
fn incomplete(exchange: &mut Exchange) {
    let answer = &mut exchange.answer;
    if let Some(token) = &mut answer.id_token {
        let map = &mut token.claims["_vp_token"]["presentation_submission"]["descriptor_map"];
        map.as_array_mut().unwrap().pop();
    }
    match answer.dialect {
        Dialect::MicrosoftTogether => {
            answer.presentations[0].credentials.pop();
        }
        _ => {
            answer.presentations.pop();
        }
    }
}

/// A good answer to the same questions, in the protocol in which they were not asked.
fn wrong_protocol(exchange: &mut Exchange) {
    let other = match exchange.answer.dialect {
        Dialect::OpenId4Vp => Dialect::MicrosoftTogether,
        _ => Dialect::OpenId4Vp,
    };
    exchange.answer = Scenario::new(other).seed(exchange.seed / 16).build().answer;
}
