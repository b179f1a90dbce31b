//! The IdentityHub exchange, by which Entra hands out its status lists.
//!
//! The address of the hub is the `serviceEndpoint` of the service of type `IdentityHub` in the
//! issuer's DID document. [`request_body`] is posted there as JSON; [`parse_reply`] finds the list
//! in the reply: a compact JWT that is then verified like any other.

use serde::Deserialize;
use serde_json::{Value, json};
use staffpass_jose::{base64url, json};

use crate::location::decode_any_base64;
use crate::{IdentityHubQuery, Limits, StatusError};

/// The body of the request: one query. `request_id` is a UUID that the caller makes; hubs send it
/// back, and nothing depends on it.
#[must_use]
pub fn request_body(query: &IdentityHubQuery, request_id: &str) -> String {
    json!({
        "requestId": request_id,
        "target": query.did(),
        "messages": [{"descriptor": query.descriptor()}],
    })
    .to_string()
}

/// The body of a hub's reply: one object, the compact token of a list.
#[must_use]
pub fn reply_body(query: &IdentityHubQuery, request_id: &str, token: &str) -> String {
    let descriptor = json!({
        "method": "CollectionsWrite",
        "dataFormat": "application/vc+jwt",
        "objectId": query.object_id(),
    });
    let entry = json!({"descriptor": descriptor, "data": base64url::encode(token)});
    json!({
        "requestId": request_id,
        "status": {"code": 200},
        "replies": [{"status": {"code": 200}, "entries": [entry]}],
    })
    .to_string()
}

/// Finds the list that was asked for in a hub's reply, and returns its compact JWT, unbelieved.
///
/// # Errors
/// [`StatusError::HubMalformed`]; [`StatusError::HubRefused`] where any status in the reply is not
/// 200 (the one at the top may be missing); [`StatusError::HubObject`] where the object is not there
/// exactly once; [`StatusError::HubData`].
pub fn parse_reply(
    body: &[u8],
    query: &IdentityHubQuery,
    limits: &Limits,
) -> Result<String, StatusError> {
    let json::Object(reply): json::Object<Reply> =
        json::parse(body, &limits.json).map_err(StatusError::HubMalformed)?;
    check_status(reply.status.as_ref())?;
    for message in &reply.replies {
        check_status(message.status.as_ref())?;
    }
    let data = the_object(&reply, query.object_id())?;
    let bytes = decode_any_base64(data).ok_or(StatusError::HubData)?;
    String::from_utf8(bytes).map_err(|_| StatusError::HubData)
}

#[derive(Deserialize)]
struct Reply {
    status: Option<Status>,
    replies: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    status: Option<Status>,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Status {
    code: u16,
}

#[derive(Deserialize)]
struct Entry {
    descriptor: Value,
    data: Value,
}

fn check_status(status: Option<&Status>) -> Result<(), StatusError> {
    match status {
        None | Some(Status { code: 200 }) => Ok(()),
        Some(Status { code }) => Err(StatusError::HubRefused { status: *code }),
    }
}

/// The data of the one entry with this id.
fn the_object<'a>(reply: &'a Reply, object_id: &str) -> Result<&'a str, StatusError> {
    let mut found = reply.replies.iter().flat_map(|message| &message.entries).filter(|entry| {
        let id = entry.descriptor.get("objectId").and_then(Value::as_str);
        id.is_some_and(|id| id.eq_ignore_ascii_case(object_id))
    });
    match (found.next(), found.next()) {
        (Some(entry), None) => entry.data.as_str().ok_or(StatusError::HubData),
        _ => Err(StatusError::HubObject),
    }
}
