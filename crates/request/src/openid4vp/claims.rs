//! The claims of a request, as they are sent: signed, or as parameters of a link.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use staffpass_jose::json::JsonError;
use staffpass_jose::{Algorithm, NumericDate};
use staffpass_query::{CredentialQuery, Format};
use url::form_urlencoded;

use super::{RequestBuilder, encryption};
use crate::request::Draft;
use crate::{Profile, RequestError};

/// §5.8: the audience where the verifier has not discovered the wallet's metadata.
pub(super) const STATIC_AUDIENCE: &str = "https://self-issued.me/v2";

pub(super) const RESPONSE_TYPE: &str = "vp_token";

/// What is on the wire. Members that are not here are ignored, as the text wants it, but for those
/// that a wallet must refuse.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<String>,
    pub(super) response_type: Option<String>,
    pub(super) response_mode: Option<String>,
    pub(super) response_uri: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iat: Option<NumericDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exp: Option<NumericDate>,
    pub(super) dcql_query: Option<Value>,
    pub(super) client_metadata: Option<ClientMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_data: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_info: Option<Vec<Value>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ClientMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jwks: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encrypted_response_enc_values_supported: Option<Vec<String>>,
    pub(super) vp_formats_supported: Option<Map<String, Value>>,
}

impl Claims {
    /// What a builder asks, under a client identifier.
    pub(super) fn of(
        builder: &RequestBuilder,
        client_id: &str,
        draft: &Draft,
        response_uri: &str,
    ) -> Result<Self, RequestError> {
        let transaction_data =
            builder.encoded_transaction_data()?.into_iter().map(Value::from).collect();
        let info = builder.verifier_info.iter().map(|info| info.to_value(&builder.query));
        Ok(Self {
            client_id: Some(client_id.to_owned()),
            aud: Some(STATIC_AUDIENCE.to_owned()),
            response_type: Some(RESPONSE_TYPE.to_owned()),
            response_mode: Some(builder.response_mode().as_str().to_owned()),
            response_uri: Some(response_uri.to_owned()),
            nonce: Some(draft.nonce.as_str().to_owned()),
            state: Some(draft.state.as_str().to_owned()),
            iat: Some(draft.issued),
            exp: Some(draft.expires),
            dcql_query: Some(serde_json::to_value(&builder.query).map_err(shape)?),
            client_metadata: Some(ClientMetadata::of(builder)?),
            transaction_data: some_entries(transaction_data),
            verifier_info: some_entries(info.collect::<Result<_, _>>()?),
        })
    }

    /// The payload to sign.
    pub(super) fn signed(&self) -> Result<Vec<u8>, RequestError> {
        serde_json::to_vec(self).map_err(shape)
    }

    /// The parameters of a request by value (§5, RFC 6749 §4.1.1): strings as they are, everything
    /// else as JSON. Audience and dates belong to a signature.
    pub(super) fn to_link(&self) -> Result<String, RequestError> {
        let members = match serde_json::to_value(self).map_err(shape)? {
            Value::Object(members) => members,
            _ => return Err(shape(())),
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &members {
            match (name.as_str(), value) {
                ("aud" | "iat" | "exp", _) => {}
                (_, Value::String(text)) => drop(query.append_pair(name, text)),
                (_, value) => drop(query.append_pair(name, &value.to_string())),
            }
        }
        // A form writes a space as `+`, and wallets that read a URL leave it so.
        Ok(format!("openid4vp://?{}", query.finish().replace('+', "%20")))
    }
}

impl ClientMetadata {
    fn of(builder: &RequestBuilder) -> Result<Self, RequestError> {
        let key = builder.response_key.as_ref();
        Ok(Self {
            jwks: key.map(|encryption| json!({ "keys": [encryption.public_jwk] })),
            encrypted_response_enc_values_supported: key.map(|_| encryption::names()),
            vp_formats_supported: Some(formats(builder)?),
        })
    }
}

/// §11.1: `vp_formats_supported`, for the formats that are asked for.
fn formats(builder: &RequestBuilder) -> Result<Map<String, Value>, RequestError> {
    let algorithms = match builder.party.profile() {
        Profile::Base => Algorithm::ALL.map(Algorithm::name).to_vec(),
        Profile::Haip => vec![Algorithm::Es256.name()],
    };
    let mut formats = Map::new();
    for (part, credential) in builder.query.credentials().iter().enumerate() {
        let metadata = metadata(credential, &algorithms);
        let metadata = metadata.ok_or(RequestError::FormatNotSpoken { part })?;
        formats.insert(credential.format().as_str().to_owned(), metadata);
    }
    Ok(formats)
}

/// Appendices B.1.3.1 and B.3.4. None for a format that is not spoken here.
fn metadata(credential: &CredentialQuery, algorithms: &[&str]) -> Option<Value> {
    match credential.format() {
        Format::JwtVcJson => Some(json!({ "alg_values": algorithms })),
        Format::DcSdJwt => {
            Some(json!({ "sd-jwt_alg_values": algorithms, "kb-jwt_alg_values": algorithms }))
        }
        _ => None,
    }
}

fn some_entries(entries: Vec<Value>) -> Option<Vec<Value>> {
    (!entries.is_empty()).then_some(entries)
}

fn shape<E>(_: E) -> RequestError {
    RequestError::Json(JsonError::Shape)
}
