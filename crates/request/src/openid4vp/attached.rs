//! What a request may carry beside its query: transaction data (§8.4) and attestations about the
//! verifier (§5.11).

use serde_json::{Map, Value, json};
use staffpass_jose::base64url;
use staffpass_query::{CredentialQuery, DcqlQuery};

use crate::RequestError;

/// Bytes of one entry of transaction data, and of one attestation.
const MAX_ATTACHED: usize = 16 * 1024;

/// Something that the person authorises by presenting (§8.4): the wallet shows it, and signs a hash
/// of it with the credential that it goes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionData {
    members: Map<String, Value>,
    credential_ids: Vec<String>,
}

impl TransactionData {
    /// Transaction data of a type that wallet and verifier both know, for one of the credentials
    /// with these ids.
    #[must_use]
    pub fn new<'i>(r#type: &str, credential_ids: impl IntoIterator<Item = &'i str>) -> Self {
        let credential_ids: Vec<String> = credential_ids.into_iter().map(str::to_owned).collect();
        let mut members = Map::new();
        members.insert("type".to_owned(), r#type.into());
        members.insert("credential_ids".to_owned(), credential_ids.clone().into());
        Self { members, credential_ids }
    }

    /// A member that the type defines. `type` and `credential_ids` stay as they are.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.entry(name).or_insert(value);
        self
    }

    /// As it is sent, and hashed: base64url of its JSON.
    pub(super) fn encode(&self, query: &DcqlQuery) -> Result<String, RequestError> {
        let bound = |id: &String| {
            query.credential(id).is_some_and(CredentialQuery::requires_holder_binding)
        };
        if self.credential_ids.is_empty() || !self.credential_ids.iter().all(bound) {
            return Err(RequestError::MemberValue { member: "transaction_data" });
        }
        let json = Value::Object(self.members.clone()).to_string();
        check_length(&json, "transaction_data")?;
        Ok(base64url::encode(json))
    }
}

/// An attestation about the verifier, for wallets that know its format (§5.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierInfo {
    format: String,
    data: Value,
    credential_ids: Vec<String>,
}

impl VerifierInfo {
    /// An attestation in a format, such as `jwt`.
    #[must_use]
    pub fn new(format: &str, data: Value) -> Self {
        Self { format: format.to_owned(), data, credential_ids: Vec::new() }
    }

    /// It speaks of these credentials of the query alone.
    #[must_use]
    pub fn for_credentials<'i>(mut self, ids: impl IntoIterator<Item = &'i str>) -> Self {
        self.credential_ids = ids.into_iter().map(str::to_owned).collect();
        self
    }

    pub(super) fn to_value(&self, query: &DcqlQuery) -> Result<Value, RequestError> {
        let member = "verifier_info";
        let known = |id: &String| query.credential(id).is_some();
        let shaped = matches!(&self.data, Value::String(_) | Value::Object(_));
        if self.format.is_empty() || !shaped || !self.credential_ids.iter().all(known) {
            return Err(RequestError::MemberValue { member });
        }
        check_length(&self.data.to_string(), member)?;
        let mut info = json!({ "format": self.format, "data": self.data });
        if let (Some(info), false) = (info.as_object_mut(), self.credential_ids.is_empty()) {
            info.insert("credential_ids".to_owned(), self.credential_ids.clone().into());
        }
        Ok(info)
    }
}

fn check_length(json: &str, member: &'static str) -> Result<(), RequestError> {
    if json.len() > MAX_ATTACHED { Err(RequestError::MemberValue { member }) } else { Ok(()) }
}
