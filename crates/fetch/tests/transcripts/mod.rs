//! What is asked of the Request Service, what it answers, and what its client makes of that: the same
//! for Microsoft's, as it is documented, and for one in its place.

use serde_json::{Value, json};

use super::{Created, CredentialRequest, EntraError};

/// One of them.
pub(crate) struct Transcript(Value);

pub(crate) fn all() -> Vec<Transcript> {
    let all: Vec<Value> = serde_json::from_str(include_str!("create.json")).unwrap();
    all.into_iter().map(Transcript).collect()
}

impl Transcript {
    pub(crate) fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    /// The client's secret, where it is not the good one.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.0["secret"].as_str()
    }

    /// A good request with what this one has otherwise.
    pub(crate) fn request(&self, good: &CredentialRequest) -> CredentialRequest {
        let mut json: Value = serde_json::from_str(&good.to_json()).unwrap();
        let change = self.0["change"].as_object().cloned().unwrap_or_default();
        for (path, value) in change {
            let (parent, member) = path.rsplit_once('/').unwrap();
            json.pointer_mut(parent).unwrap()[member] = value;
        }
        serde_json::from_value(json).unwrap()
    }

    /// The recorded answer: its status and body.
    pub(crate) fn answer(&self) -> Option<(u16, String)> {
        let answer = self.0["answer"].as_object()?;
        let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
        let body = answer.get("body").cloned().unwrap_or_else(|| {
            json!({
                "requestId": "e4ef27ca-eb8c-4b63-823b-3b95140eac11",
                "date": "Mon, 02 Mar 2026 09:00:00 GMT",
                "error": {
                    "code": answer["code"], "message": "for people",
                    "innererror": {
                        "code": answer["inner"], "message": "for people",
                        "target": answer["target"],
                    },
                },
            })
        });
        Some((status, body.to_string()))
    }

    /// Holds what the client said against what it should have said.
    pub(crate) fn check(&self, result: Result<Created, EntraError>) {
        let expected = &self.0["expected"];
        let found = match &result {
            Ok(_) => Value::Null,
            Err(EntraError::Service(error)) => json!({
                "code": error.code(),
                "inner": error.inner.as_str(),
                "target": error.target.as_ref().map(|target| target.as_str()),
            }),
            Err(error) => json!({ "code": error.code() }),
        };
        assert_eq!(found, *expected, "{}", self.name());
    }
}
