//! `type_values` against the types of a W3C credential (OpenID4VP 1.0, appendix B.1.1).
//!
//! By the text the types are compared fully expanded; in the field, plain terms are sent and matched.
//! Both forms are matched: as they stand, and expanded by a fixed table of the base contexts. No
//! context is ever fetched (attack R7), and nothing is normalised (attack R8).

use staffpass_json::Node;

use crate::Candidate;

/// Whether one of the credential's types is the one asked for.
pub(super) fn answers_type(asked: &str, candidate: &Candidate<'_>) -> bool {
    let context = candidate.credential.get("@context");
    candidate.types.contains(&asked)
        || candidate.types.iter().any(|found| same_expanded(asked, found, context))
}

fn same_expanded(asked: &str, found: &str, context: Option<Node<'_>>) -> bool {
    match (expanded(asked), expanded(found)) {
        (Some(term), None) => term.is_listed(context) && term.is_written(found),
        (None, Some(term)) => term.is_listed(context) && term.is_written(asked),
        _ => false,
    }
}

/// A type that a base context defines.
struct Term {
    name: &'static str,
    vocabulary: &'static str,
    contexts: &'static [&'static str],
}

const V1: &str = "https://www.w3.org/2018/credentials/v1";
const V2: &str = "https://www.w3.org/ns/credentials/v2";
const CREDENTIALS: &str = "https://www.w3.org/2018/credentials#";
const STATUS: &str = "https://www.w3.org/ns/credentials/status#";

/// The types of credentials and presentations that the contexts of VC Data Model 1.1 and 2.0 define.
const TERMS: [Term; 6] = [
    Term { name: "VerifiableCredential", vocabulary: CREDENTIALS, contexts: &[V1, V2] },
    Term { name: "VerifiablePresentation", vocabulary: CREDENTIALS, contexts: &[V1, V2] },
    Term { name: "EnvelopedVerifiableCredential", vocabulary: CREDENTIALS, contexts: &[V2] },
    Term { name: "EnvelopedVerifiablePresentation", vocabulary: CREDENTIALS, contexts: &[V2] },
    Term { name: "JsonSchemaCredential", vocabulary: CREDENTIALS, contexts: &[V2] },
    Term { name: "BitstringStatusListCredential", vocabulary: STATUS, contexts: &[V2] },
];

fn expanded(name: &str) -> Option<&'static Term> {
    TERMS.iter().find(|term| term.name == name)
}

impl Term {
    /// Whether `iri` is this term, expanded.
    fn is_written(&self, iri: &str) -> bool {
        iri.strip_prefix(self.vocabulary) == Some(self.name)
    }

    /// Whether the credential lists a context that defines this term. Where it has no `@context` at all,
    /// the base context is taken for granted: every W3C credential has it.
    fn is_listed(&self, context: Option<Node<'_>>) -> bool {
        let Some(context) = context else { return true };
        let defines =
            |context: Node<'_>| context.as_str().is_some_and(|c| self.contexts.contains(&c));
        match context.elements() {
            Some(mut several) => several.any(defines),
            None => defines(context),
        }
    }
}
