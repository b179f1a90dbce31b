//! The issuing trust: it issues credentials, keeps the list that says which it revoked, and serves
//! that list and its DID document.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::{TimeDelta, Utc};
use staffpass::aws_lc::SigningKey;
use staffpass::credentials::{StaffCredential, TypeNames};
use staffpass::did::Did;
use staffpass::issue::{CredentialBuilder, IssuerKey, MINIMUM_ENTRIES, StatusRegister};
use staffpass::status::{ListLocation, StatusKind, StatusPurpose};

use crate::Error;
use crate::host::{Host, body};

/// The trust where the person works today.
pub(crate) const NAME: &str = "Eastmoor Hospitals (fictional)";

/// Its ODS code: the only one of which it may speak.
pub(crate) const ODS_CODE: &str = "Z9Z9Z";

/// The issuing trust, being served.
pub(crate) struct IssuingTrust {
    pub(crate) did: Did,
    office: Arc<Office>,
}

/// What the trust's pages and its staff both work with.
struct Office {
    issuer: IssuerKey,
    key: SigningKey,
    register: Mutex<StatusRegister>,
}

/// A credential as it was handed to the person, and its number in the status list.
pub(crate) struct Issued {
    pub(crate) compact: String,
    index: u64,
}

impl IssuingTrust {
    /// Opens the trust: did.json and the status list are served from here on.
    pub(crate) async fn open() -> Result<Self, Error> {
        let host = Host::new().await?;
        let did = host.did.clone();
        let issuer = IssuerKey::new(host.key_id.clone(), staffpass::jose::Algorithm::Es256);
        let register = StatusRegister::new(
            StatusKind::BitstringStatusList,
            StatusPurpose::Revocation,
            ListLocation::parse(&host.address("status/1"))?,
            MINIMUM_ENTRIES,
        )?;
        let (listener, who, key) = host.into_parts()?;
        let office = Arc::new(Office { issuer, key, register: Mutex::new(register) });
        let pages = Router::new().route("/status/1", get(status_list)).with_state(office.clone());
        Host::serve(listener, who, pages);
        Ok(Self { did, office })
    }

    /// Issues a credential to a holder, with an entry in the status list.
    pub(crate) fn issue(
        &self,
        holder: &Did,
        credential: &StaffCredential,
    ) -> Result<Issued, Error> {
        let (issuer, rng) = (&self.office.issuer, &mut rand::rng());
        let entry = self.office.register().allocate(rng)?;
        let index = entry.index();
        let names = TypeNames::default();
        let compact = CredentialBuilder::staff(issuer, holder, Utc::now(), credential, &names)?
            .status(entry)
            .build(rng)?
            .sign(&self.office.key)?;
        Ok(Issued { compact, index })
    }

    /// Revokes a credential: the list that is fetched next says so.
    pub(crate) fn revoke(&self, issued: &Issued) -> Result<(), Error> {
        Ok(self.office.register().revoke(issued.index)?)
    }
}

impl Office {
    fn register(&self) -> std::sync::MutexGuard<'_, StatusRegister> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list as it stands, signed for a day.
    fn signed_list(&self) -> Result<String, Error> {
        let now = Utc::now();
        let list = self.register().publish(&self.issuer, now, Some(now + TimeDelta::days(1)))?;
        Ok(list.sign(&self.key)?)
    }
}

/// `GET /status/1`
async fn status_list(State(office): State<Arc<Office>>) -> Response {
    match office.signed_list() {
        Ok(list) => body("application/jwt", list),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
