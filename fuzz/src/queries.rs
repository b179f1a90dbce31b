//! Queries, and what a wallet says that answers them.

use std::sync::LazyLock;

use serde_json::{Value, json};
use staffpass_jose::json::{Limits, parse};
use staffpass_query::{
    Assignments, Candidate, DcqlQuery, Format, PresentationDefinition, PresentationSubmission,
    Query,
};

use crate::seeds;

/// A credential of each format, with members of every type.
static CREDENTIALS: LazyLock<(Value, Value)> = LazyLock::new(|| {
    let claims = json!({
        "given_name": "Asha", "age": 41, "part_time": false, "none": null, "hours": 37.5,
        "employer": {"ods_code": "Z9Z9Z", "names": ["Westmoor", "Westmoor NHS"]},
        "registrations": [{"body": "NMC"}, {"body": "GMC"}],
    });
    let w3c = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "StaffIdentity"],
        "issuer": "did:web:trust.example", "credentialSubject": claims,
    });
    let mut sd_jwt = claims;
    if let Some(members) = sd_jwt.as_object_mut() {
        members.insert("vct".into(), "https://trust.example/identity".into());
        members.insert("iss".into(), "https://trust.example".into());
    }
    (w3c, sd_jwt)
});

/// Holds a query against credentials, every way that a caller may.
fn evaluate(query: &Query) {
    let (w3c, sd_jwt) = &*CREDENTIALS;
    let candidates = [
        Candidate::w3c(Format::JwtVcJson, w3c).with_holder_binding(true),
        Candidate::sd_jwt_vc(sd_jwt).with_holder_binding(true),
        Candidate::sd_jwt_vc(sd_jwt),
    ];
    let matches = query.matches(&candidates);
    assert_eq!(matches.parts().len(), query.parts().len());
    for part in query.parts() {
        assert!(query.has_part(part));
        for candidate in &candidates {
            let disclosed = query.claims_to_disclose(part, candidate);
            assert_eq!(disclosed.is_ok(), query.check(part, candidate).is_ok());
        }
    }
    // What requires a part is not satisfied by nothing; with everything any query is.
    if !query.required_parts().is_empty() {
        assert!(query.satisfied_by(|_| false).is_err());
    }
    assert!(query.satisfied_by(|_| true).is_ok());
}

/// A DCQL query. What is accepted is written and read as the same query.
pub fn dcql(data: &[u8]) {
    let Ok(value) = parse::<Value>(data, &Limits::default()) else { return };
    let Ok(query) = DcqlQuery::from_value(&value) else { return };
    let written = serde_json::to_value(&query).unwrap_or_default();
    assert_eq!(DcqlQuery::from_value(&written).as_ref(), Ok(&query));
    evaluate(&query.into());
}

/// A presentation definition. What is accepted is written and read as the same definition.
pub fn definition(data: &[u8]) {
    let Ok(value) = parse::<Value>(data, &Limits::default()) else { return };
    let Ok(definition) = PresentationDefinition::from_value(&value) else { return };
    let written = serde_json::to_value(&definition).unwrap_or_default();
    assert_eq!(PresentationDefinition::from_value(&written).as_ref(), Ok(&definition));
    evaluate(&definition.into());
}

static DEFINITION: LazyLock<Option<PresentationDefinition>> = LazyLock::new(|| {
    let value = serde_json::from_slice::<Value>(seeds::DEFINITION).ok()?;
    PresentationDefinition::from_value(&value).ok()
});

/// A presentation submission. What it refers to is there.
pub fn submission(data: &[u8]) {
    let Some(definition) = &*DEFINITION else { return };
    let Ok(value) = parse::<Value>(data, &Limits::default()) else { return };
    let Ok(submission) = PresentationSubmission::from_value(&value) else { return };
    let credentials = [2, 1];
    let Ok(found) = Assignments::resolve(definition, &[submission], &credentials) else { return };
    for (descriptor, location) in found.iter() {
        assert!(definition.input_descriptor(descriptor).is_some());
        assert!(found.refers_to(location));
        let count = credentials.get(location.presentation).copied().unwrap_or_default();
        assert!(location.credential < count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;

    #[test]
    fn the_queries_and_submissions_are_read() {
        let values = |name| {
            let read = |seed: &Vec<u8>| serde_json::from_slice::<Value>(seed).unwrap_or_default();
            seeds::of(name).iter().map(read).collect::<Vec<_>>()
        };
        for query in values("dcql") {
            assert_eq!(DcqlQuery::from_value(&query).map(drop), Ok(()));
        }
        for definition in values("definition") {
            assert_eq!(PresentationDefinition::from_value(&definition).map(drop), Ok(()));
        }
        for submission in values("submission") {
            let submission = PresentationSubmission::from_value(&submission);
            let found = submission.map(|submission| {
                DEFINITION.as_ref().map(|definition| {
                    Assignments::resolve(definition, &[submission], &[2, 1]).map(drop)
                })
            });
            assert_eq!(found, Ok(Some(Ok(()))));
        }
    }
}
