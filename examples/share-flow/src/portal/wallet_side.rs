//! What a wallet calls: the address of a request object, and the one where its answer comes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use staffpass::aws_lc::AwsLc;
use staffpass::credentials::{CredentialKind, TypeNames};
use staffpass::did::Did;
use staffpass::disclosure::SetRow;
use staffpass::request::{Handle, HandleDigest, RequestId};
use staffpass::verify::policy::{
    PersonLink, StatusRequirement, TrustPolicy, TrustedIssuer, ValueRule,
};
use staffpass::verify::{Evidence, Rejection, VerifiedResponse};

use super::Desk;
use crate::Error;
use crate::host::body;
use crate::issuer::ODS_CODE;

/// Whom the portal believes about what: the issuing trust about the three types, and about employment
/// for its own ODS code alone. All credentials must speak of the person of whom the identity does.
pub(super) fn policy(issuer: &Did) -> Result<TrustPolicy, Error> {
    let names = TypeNames::default();
    let types = CredentialKind::ALL.map(|kind| names.vc_type(kind).to_owned());
    let employment = names.vc_type(CredentialKind::Employment);
    let own_code = ValueRule::new(employment, ["employer", "ods_code"], [ODS_CODE]);
    let mut trusted = TrustedIssuer::new(issuer.as_str(), types).only_where(own_code);
    trusted.status = StatusRequirement::Required;
    let person = PersonLink::new("identity_id", names.vc_type(CredentialKind::Identity));
    Ok(TrustPolicy::builder().issuer(trusted).person_link(person).allow_loopback_http().build()?)
}

/// `GET /request/{id}`: the request object, the same each time.
pub(super) async fn request_object(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = RequestId::parse(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let mut files = desk.files();
    let Some((object, handle)) = files.objects.get(&id.digest()).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Some(retrieved) = files.share.retrieved(&handle, Utc::now()) {
        files.scanned = Some(retrieved.scanned);
    }
    body(object.media_type(), object.as_str().to_owned())
}

/// `POST /response/{handle}`: the wallet's answer. The address says to which request.
pub(super) async fn response(
    State(desk): State<Arc<Desk>>,
    Path(handle): Path<String>,
    form: Bytes,
) -> Response {
    let Ok(handle) = Handle::parse(&handle) else { return StatusCode::NOT_FOUND.into_response() };
    let handle = handle.digest();
    let Some(expectation) = desk.files().expectations.get(&handle).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut verification = desk.verifier.receive(&expectation, &form);
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    match desk.fetcher.verify(&mut verification, &mut evidence, Utc::now).await {
        Ok(response) => match desk.set_rows(&response, &handle) {
            Ok(rows) => desk.accept(&response, &handle, rows),
            Err(_) => refused(),
        },
        Err(rejection) => desk.reject(rejection, &handle),
    }
}

impl Desk {
    /// The answer beside the set that was asked for; an error where it is not the whole of it.
    fn set_rows(
        &self,
        response: &VerifiedResponse,
        handle: &HandleDigest,
    ) -> Result<Vec<SetRow>, Error> {
        let files = self.files();
        let asked = files.asked.get(handle).ok_or("the request was for no set")?;
        let mut parts: Vec<_> =
            response.credentials().iter().filter_map(|one| one.part()).collect();
        parts.dedup();
        Ok(asked.receive(parts)?)
    }

    fn accept(
        &self,
        response: &VerifiedResponse,
        handle: &HandleDigest,
        rows: Vec<SetRow>,
    ) -> Response {
        let mut files = self.files();
        match files.share.receive(response, handle, &self.rules, Utc::now()) {
            Ok(received) => {
                files.receipt = received.arrival.into_receipt();
                files.rows = rows;
                body("application/json", "{}".to_owned())
            }
            Err(refusal) => {
                let _moved = files.share.refuse(handle, [refusal.code()], Utc::now());
                refused()
            }
        }
    }

    /// A wallet that says that it has no answer is thanked; one whose answer is no good is told so,
    /// and not why.
    fn reject(&self, rejection: Rejection, handle: &HandleDigest) -> Response {
        let mut files = self.files();
        let reply = match rejection.wallet_error() {
            Some(_) => body("application/json", "{}".to_owned()),
            None => refused(),
        };
        let _moved = files.share.reject(handle, &rejection, Utc::now());
        files.rejection = Some(rejection);
        reply
    }
}

fn refused() -> Response {
    let error = body("application/json", r#"{"error":"invalid_request"}"#.to_owned());
    (StatusCode::BAD_REQUEST, error).into_response()
}
