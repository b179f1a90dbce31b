//! The routes of Microsoft's Request Service, for portals that were written for it: they move by
//! changing its base address, and that of the login.
//!
//! ```text
//!  portal ── POST /{tenant}/oauth2/v2.0/token ──────────────────────► a bearer token for an hour
//!         ── POST /v1.0/verifiableCredentials/createPresentationRequest ─► 201 { requestId, url, expiry }
//!
//!  request_retrieved, presentation_verified, presentation_error ──────► POST callback.url
//! ```
//!
//! What the service cannot do is refused when the request is made, with the member as `target`, and
//! never passed over.

mod create;
mod share;
mod token;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use rand::RngExt as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use staffpass::fetch::{FetchOptions, Poster};
use staffpass::request::entra::{InnerErrorCode, ServiceError, Target};
use subtle::ConstantTimeEq as _;

use crate::Error;
use crate::service::body;

pub(crate) use create::create;
pub(crate) use share::Share;
pub(crate) use token::token;

/// Who may ask in this way, and in which protocol the wallet is asked.
pub(crate) struct Entra {
    tenant: String,
    dialect: Dialect,
    authorities: Vec<String>,
    /// The types that wallets are asked for as SD-JWT VCs.
    sd_jwts: BTreeMap<String, SdJwt>,
    /// SHA-256 of each client's secret, by the client's id.
    clients: BTreeMap<String, [u8; 32]>,
    pub(crate) poster: Poster,
}

/// In which protocol the wallet is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dialect {
    #[default]
    Microsoft,
    Openid4vp,
    Haip,
}

/// What Entra's words have no place for: what a type is called as an SD-JWT VC, and which claims are
/// to be disclosed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SdJwt {
    vct: String,
    claims: BTreeSet<String>,
}

/// The file that `--entra-file` names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant: String,
    #[serde(default)]
    dialect: Dialect,
    #[serde(default)]
    authorities: Vec<String>,
    /// By the type that portals name.
    #[serde(default)]
    sd_jwt: BTreeMap<String, SdJwt>,
    client: Vec<Client>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    id: String,
    secret: String,
}

impl Entra {
    pub(crate) fn open(path: &Path, fetching: &FetchOptions) -> Result<Self, Error> {
        let file: File = toml::from_str(&fs::read_to_string(path)?)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if file.tenant.is_empty() || !file.tenant.bytes().all(plain) {
            return Err("entra: the tenant is letters, digits, hyphens and dots".into());
        }
        check_sd_jwts(file.dialect, &file.sd_jwt)?;
        let mut clients = BTreeMap::new();
        for Client { id, secret } in file.client {
            if id.is_empty() || secret.len() < 16 {
                return Err("entra: a client has no id, or a secret too short to be one".into());
            }
            if clients.insert(id, Sha256::digest(secret).into()).is_some() {
                return Err("entra: two clients have one id".into());
            }
        }
        Ok(Self {
            tenant: file.tenant,
            dialect: file.dialect,
            authorities: file.authorities,
            sd_jwts: file.sd_jwt,
            clients,
            poster: Poster::new(fetching)?,
        })
    }

    /// Digests, so that no length shows either.
    fn knows(&self, client: &str, secret: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(secret).into();
        let known = self.clients.get(client).copied();
        // Of a client that is not known something is compared too.
        bool::from(given.ct_eq(&known.unwrap_or([0; 32]))) && known.is_some()
    }

    /// The type that a portal knows, by what it is called as an SD-JWT VC.
    fn types_by_vct(&self) -> BTreeMap<String, String> {
        self.sd_jwts.iter().map(|(name, sd_jwt)| (sd_jwt.vct.clone(), name.clone())).collect()
    }

    fn has_client(&self, client: &str) -> bool {
        self.clients.contains_key(client)
    }
}

/// Each type has a `vct` of its own, and something to be disclosed.
fn check_sd_jwts(dialect: Dialect, sd_jwts: &BTreeMap<String, SdJwt>) -> Result<(), Error> {
    match (dialect, sd_jwts.is_empty()) {
        (Dialect::Microsoft, false) => {
            return Err("entra: Microsoft's wallet has no SD-JWT VCs".into());
        }
        (Dialect::Haip, true) => return Err("entra: HAIP needs sd_jwt entries".into()),
        _ => {}
    }
    let names: BTreeSet<&str> = sd_jwts.values().map(|sd_jwt| sd_jwt.vct.as_str()).collect();
    if names.len() != sd_jwts.len() || names.contains("") {
        return Err("entra: an SD-JWT VC has no vct, or two have one".into());
    }
    match sd_jwts.values().any(|sd_jwt| sd_jwt.claims.is_empty()) {
        true => Err("entra: an SD-JWT VC has no claims to disclose".into()),
        false => Ok(()),
    }
}

/// An error as the service writes it.
fn refused(status: StatusCode, inner: InnerErrorCode, target: Option<Target>) -> Response {
    let error = ServiceError::new(status.as_u16(), inner, target);
    let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let json = error.to_json(&random_uuid(), &date, &error.to_string());
    (status, body("application/json", json)).into_response()
}

/// RFC 9562 §5.4: portals may read a request's id as a UUID.
fn random_uuid() -> String {
    let mut bytes: [u8; 16] = rand::rng().random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let at = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [at(0, 8), at(8, 12), at(12, 16), at(16, 20), at(20, 32)].join("-")
}
