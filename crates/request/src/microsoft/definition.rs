//! The presentation definition, so written that both phone apps and a reader of JSON Schema read it
//! alike.

use rand_core::CryptoRng;
use serde_json::Value;
use staffpass_query::{Field, InputDescriptor, PresentationDefinition, QueryError};

use crate::secret::random_id;
use crate::{RequestError, RequestedCredential};

/// One descriptor for each credential, under an id of the definition's own.
pub(super) fn of_credentials(
    credentials: &[RequestedCredential],
    rng: &mut impl CryptoRng,
) -> Result<PresentationDefinition, RequestError> {
    let descriptors: Vec<InputDescriptor> = credentials
        .iter()
        .enumerate()
        .map(|(part, credential)| credential.to_descriptor(part))
        .collect::<Result<_, _>>()?;
    Ok(PresentationDefinition::new(&random_id(rng), descriptors)?)
}

/// What the wallets, or we, would misread is refused before it is sent.
pub(super) fn check(definition: &PresentationDefinition) -> Result<(), RequestError> {
    check_grammar(definition.id(), "presentation_definition")?;
    for (part, descriptor) in definition.input_descriptors().iter().enumerate() {
        check_grammar(descriptor.id(), "input_descriptors")?;
        check_type(part, descriptor)?;
        check_fields(part, descriptor)?;
    }
    Ok(())
}

/// Ids that stand unescaped in any path or form. (A definition that was read may have others.)
fn check_grammar(id: &str, member: &'static str) -> Result<(), RequestError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.bytes().all(plain) { Ok(()) } else { Err(QueryError::IdGrammar { member }.into()) }
}

/// The real service takes the type's name as id, and then two parts of one type cannot be told
/// apart.
fn check_type(part: usize, descriptor: &InputDescriptor) -> Result<(), RequestError> {
    if descriptor.types().next().is_none() {
        return Err(RequestError::Query(QueryError::Empty { member: "schema" }));
    }
    if descriptor.types().any(|r#type| r#type == descriptor.id()) {
        return Err(RequestError::PartNamedAsType { part });
    }
    Ok(())
}

/// Every field has a pattern, and one of them names whole issuers.
fn check_fields(part: usize, descriptor: &InputDescriptor) -> Result<(), RequestError> {
    let mut issuers = false;
    for (position, field) in descriptor.fields().iter().enumerate() {
        let pattern =
            pattern_of(field).ok_or(RequestError::FieldWithoutPattern { part, field: position })?;
        if pattern.contains('/') {
            return Err(RequestError::Query(QueryError::PatternSlash));
        }
        let names_issuer = field.paths().iter().any(|path| ISSUER.contains(&path.as_str()));
        let anchored = pattern.starts_with("^^") && (!names_issuer || is_exact(&pattern));
        if !anchored {
            return Err(RequestError::PatternNotAnchored { part, field: position });
        }
        issuers |= names_issuer && !field.is_optional();
    }
    if issuers { Ok(()) } else { Err(RequestError::NoAcceptedIssuer { part }) }
}

/// Where the wallets look for a credential's issuer.
const ISSUER: [&str; 3] = ["$.issuer", "$.vc.issuer", "$.iss"];

/// The pattern of a filter that says nothing else: the wallets pass over `const`, `enum`,
/// `contains`, and then offer what we refuse.
fn pattern_of(field: &Field) -> Option<String> {
    let filter = serde_json::to_value(field.filter()?).ok()?;
    let filter = filter.as_object()?;
    let plain = filter.keys().all(|keyword| keyword == "type" || keyword == "pattern");
    let string = filter.get("type").is_none_or(|r#type| r#type == "string");
    let pattern = filter.get("pattern").and_then(Value::as_str)?;
    (plain && string).then(|| pattern.to_owned())
}

/// Whether each alternative is one whole text: `^^…$`, with every sign escaped.
fn is_exact(pattern: &str) -> bool {
    let mut rest = pattern;
    loop {
        let Some(text) = rest.strip_prefix("^^") else { return false };
        let Some((length, end)) = end_of_text(text) else { return false };
        match (length, end) {
            (0, _) => return false,
            (_, "$") => return true,
            (_, more) => match more.strip_prefix("$|") {
                Some(next) => rest = next,
                None => return false,
            },
        }
    }
}

/// Goes over literal and escaped characters; returns how many there were, and the rest from the
/// first bare sign on.
fn end_of_text(text: &str) -> Option<(usize, &str)> {
    let mut length = 0;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next()?;
            }
            '$' | '|' | '.' | '^' => return text.get(at..).map(|rest| (length, rest)),
            _ => {}
        }
        length += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use staffpass_query::Pattern;

    #[test]
    fn what_the_query_crate_writes_is_exact() {
        let issuers = ["did:web:a.example", "did:web:b.example%3A8443", "did:jwk:eyJ4"];
        let pattern = Pattern::one_of(issuers).unwrap();
        assert!(is_exact(pattern.as_str()));
        assert!(is_exact(Pattern::exactly("did:web:issuer.example").unwrap().as_str()));
    }

    proptest! {
        #[test]
        fn whatever_the_query_crate_writes_is_exact(
            issuers in prop::collection::vec("[ -.0-~é]{1,20}", 1..5),
        ) {
            let pattern = Pattern::one_of(issuers.iter().map(String::as_str)).unwrap();
            prop_assert!(is_exact(pattern.as_str()));
        }

        #[test]
        fn no_pattern_makes_it_panic(pattern in "[\\^$|.a\\\\é]{0,12}") {
            let _ = is_exact(&pattern);
        }
    }

    #[test]
    fn patterns_that_let_more_through_are_not_exact() {
        for pattern in [
            "did:web:a|did:web:b",
            "^^did:web:a",
            "^did:web:a$",
            "^^did:web:a.example$",
            "^^did:web:a$|did:web:b$",
            "^^did:web:a$|^^did:web:b",
            "^^did:web:a$|",
            "^^$",
            "^^.",
            "^^a\\$",
            "^^a\\",
            "",
        ] {
            assert!(!is_exact(pattern), "{pattern}");
        }
    }
}
