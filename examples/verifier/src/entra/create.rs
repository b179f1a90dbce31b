//! `POST /v1.0/verifiableCredentials/createPresentationRequest`: what a portal wants in Entra's
//! words, and the request that says so to a wallet.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use rand::RngExt as _;
use staffpass::aws_lc::AwsLc;
use staffpass::jose::{Algorithm, CryptoProvider as _, base64url};
use staffpass::query::Format;
use staffpass::request::entra::{
    self, Created, CredentialRequest, InnerErrorCode, PayloadError, Target,
};
use staffpass::request::qr::QrCode;
use staffpass::request::{Request, RequestError, RequestedCredential, microsoft, openid4vp};

use super::{Dialect, Entra, Share, random_uuid, refused, token};
use crate::ask::Asked;
use crate::book::{Entry, NotKept};
use crate::service::{Service, body};

/// Why no request is made.
enum Refusal {
    Unauthorized,
    /// The authority is nobody here.
    Authority,
    /// A member of the payload, or the payload itself.
    Payload(Option<Target>),
    Unavailable,
}

pub(crate) async fn create(
    State(service): State<Service>,
    headers: HeaderMap,
    payload: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(entra) = service.entra() else {
        return refused(StatusCode::NOT_FOUND, InnerErrorCode::NotFound, None);
    };
    let created = match token::is_allowed(&service, entra, &headers) {
        true => made(&service, entra, payload).await,
        false => Err(Refusal::Unauthorized),
    };
    match created {
        Ok(created) => {
            (StatusCode::CREATED, body("application/json", created.to_json())).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn made(
    service: &Service,
    entra: &Entra,
    payload: Result<Bytes, BytesRejection>,
) -> Result<Created, Refusal> {
    let payload = payload.map_err(|_| Refusal::Payload(None))?;
    let asked = CredentialRequest::parse(&payload, service.transport())?;
    let named = |authority: &String| authority == asked.authority();
    if asked.authority() != service.did().as_str() && !entra.authorities.iter().any(named) {
        return Err(Refusal::Authority);
    }
    check_served(entra, &asked)?;
    let (now, own) = (Utc::now(), &service.identity().newest().key);
    let (unsigned, signer) = match entra.dialect {
        Dialect::Microsoft => {
            (microsoft_request(service, entra, &asked)?.build(now, &mut rand::rng()), own)
        }
        Dialect::Openid4vp => {
            (openid4vp_request(service, entra, &asked)?.build(now, &mut rand::rng()), own)
        }
        Dialect::Haip => {
            let unsigned = haip_request(service, entra, &asked)?.build(now, &mut rand::rng());
            (unsigned, service.identity().certified_key())
        }
    };
    let request = unsigned?.sign(signer)?;
    let request_id = random_uuid();
    let created = reply(&request, &request_id, asked.wants_qr_code());
    let share = Share::new(asked, request_id, entra.types_by_vct());
    let entry = Entry::new(Asked::signed(&request, signer)).in_entras_words(share);
    // The portal has no other way to look at it than the callbacks.
    let id = base64url::encode(rand::rng().random::<[u8; 16]>());
    service.book().insert(&id, entry, now).await?;
    Ok(created)
}

fn reply(request: &Request, request_id: &str, with_qr_code: bool) -> Created {
    let created = Created::new(request_id, request.link(), request.expectation().expires_at());
    match QrCode::of(request.link()) {
        Ok(code) if with_qr_code => {
            let png = STANDARD.encode(code.to_png());
            created.with_qr_code(format!("data:image/png;base64,{png}"))
        }
        _ => created,
    }
}

/// What the service cannot do, or does otherwise than it is asked to.
fn check_served(entra: &Entra, asked: &CredentialRequest) -> Result<(), PayloadError> {
    if entra.poster.check(asked.callback().url()).is_err() {
        return Err(PayloadError::value("callback.url"));
    }
    // Entra's form of a receipt is that of the JWT VC Presentation Profile.
    if asked.wants_receipt() && entra.dialect != Dialect::Microsoft {
        return Err(PayloadError::value("includeReceipt"));
    }
    for credential in asked.requested_credentials() {
        if entra.dialect == Dialect::Haip && !entra.sd_jwts.contains_key(credential.r#type()) {
            return Err(PayloadError::value("requestedCredentials.type"));
        }
        if credential.face_check().is_some() {
            return Err(PayloadError::value(
                "requestedCredentials.configuration.validation.faceCheck",
            ));
        }
        // What is revoked is the policy's to accept, and no policy does.
        if credential.accepts_revoked() {
            return Err(PayloadError::value(
                "requestedCredentials.configuration.validation.allowRevoked",
            ));
        }
    }
    Ok(())
}

/// Each credential under an id of its own, by those of the issuers that it names whom the policy
/// trusts for its type, and with a linked domain where that is asked for.
fn credentials(
    service: &Service,
    entra: &Entra,
    asked: &CredentialRequest,
) -> Result<Vec<RequestedCredential>, PayloadError> {
    let each = asked.requested_credentials().iter().enumerate();
    each.map(|(place, credential)| requested(service, entra, place, credential)).collect()
}

fn requested(
    service: &Service,
    entra: &Entra,
    place: usize,
    credential: &entra::RequestedCredential,
) -> Result<RequestedCredential, PayloadError> {
    let sd_jwt = entra.sd_jwts.get(credential.r#type());
    let name = sd_jwt.map_or(credential.r#type(), |sd_jwt| &sd_jwt.vct);
    let issuers = issuers(service, name, credential)?;
    let constraints = credential.constraints().iter();
    let mut claims: BTreeSet<&str> = constraints.map(entra::Constraint::claim_name).collect();
    claims.extend(sd_jwt.iter().flat_map(|sd_jwt| sd_jwt.claims.iter().map(String::as_str)));
    let asked = RequestedCredential::new(&format!("credential-{place}"), name)
        .with_name(credential.r#type())
        .with_issuers(issuers)
        .with_claims(claims);
    let asked = match sd_jwt {
        Some(sd_jwt) => asked.with_vct(&sd_jwt.vct).with_format(Format::DcSdJwt),
        None => asked,
    };
    Ok(match credential.purpose() {
        Some(purpose) => asked.with_purpose(purpose),
        None => asked,
    })
}

/// Those whom both the portal and the policy accept for what is called so.
fn issuers<'s>(
    service: &'s Service,
    name: &str,
    credential: &entra::RequestedCredential,
) -> Result<Vec<&'s str>, PayloadError> {
    let accepted = credential.accepted_issuers();
    let named = |issuer: &&str| accepted.iter().any(|accepted| accepted == issuer);
    let issuers: Vec<&str> = service.issuers_of(name).into_iter().filter(named).collect();
    if issuers.is_empty() {
        return Err(PayloadError::value("requestedCredentials.acceptedIssuers"));
    }
    if credential.wants_linked_domain() && !issuers.iter().all(|id| service.links_domain(id)) {
        return Err(PayloadError::value(
            "requestedCredentials.configuration.validation.validateLinkedDomain",
        ));
    }
    Ok(issuers)
}

fn microsoft_request(
    service: &Service,
    entra: &Entra,
    asked: &CredentialRequest,
) -> Result<microsoft::RequestBuilder, Refusal> {
    let key_id = service.identity().newest().id.as_str();
    let (name, endpoints) = (asked.client_name(), service.endpoints());
    let mut party = microsoft::Party::new(key_id, Algorithm::Es256, name, endpoints)
        .map_err(|_| PayloadError::value("registration.clientName"))?;
    if let Some(purpose) = asked.purpose() {
        let at_fault = |_| PayloadError::value("registration.purpose");
        party = party.with_purpose(purpose).map_err(at_fault)?;
    }
    if let Some(logo) = asked.logo_url() {
        let at_fault = |_| PayloadError::value("registration.logoUrl");
        party = party.with_logo_uri(logo).map_err(at_fault)?;
    }
    if let Some(terms) = asked.terms_of_service_url() {
        let at_fault = |_| PayloadError::value("registration.termsOfServiceUrl");
        party = party.with_tos_uri(terms).map_err(at_fault)?;
    }
    Ok(microsoft::RequestBuilder::new(&party, credentials(service, entra, asked)?))
}

fn openid4vp_request(
    service: &Service,
    entra: &Entra,
    asked: &CredentialRequest,
) -> Result<openid4vp::RequestBuilder, Refusal> {
    let key_id = service.identity().newest().id.as_str();
    let party = openid4vp::Party::new(key_id, Algorithm::Es256, service.endpoints())?;
    Ok(openid4vp::RequestBuilder::new(&party, credentials(service, entra, asked)?)?)
}

/// HAIP 1.0 §5: by the certificate, and encrypted to a key of this request.
fn haip_request(
    service: &Service,
    entra: &Entra,
    asked: &CredentialRequest,
) -> Result<openid4vp::RequestBuilder, Refusal> {
    let party = openid4vp::Party::haip(&service.identity().chain, service.endpoints())?;
    let builder = openid4vp::RequestBuilder::new(&party, credentials(service, entra, asked)?)?;
    let key = AwsLc.agreement_key().map_err(|_| Refusal::Unavailable)?;
    Ok(builder.encrypted_to(key))
}

impl From<PayloadError> for Refusal {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error.target().cloned())
    }
}

/// What only shows when the request is built: a claim's name that no path can have, say.
impl From<RequestError> for Refusal {
    fn from(_: RequestError) -> Self {
        PayloadError::value("requestedCredentials").into()
    }
}

impl From<NotKept> for Refusal {
    fn from(_: NotKept) -> Self {
        Self::Unavailable
    }
}

impl Refusal {
    fn into_response(self) -> Response {
        let (status, inner, target) = match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, InnerErrorCode::TokenError, None),
            Self::Authority => {
                (StatusCode::NOT_FOUND, InnerErrorCode::NotFound, Target::parse("authority"))
            }
            Self::Payload(target) => {
                (StatusCode::BAD_REQUEST, InnerErrorCode::BadOrMissingField, target)
            }
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, InnerErrorCode::TransientError, None)
            }
        };
        refused(status, inner, target)
    }
}
