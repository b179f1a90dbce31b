//! `inspect policy`: what a policy says, in words, with every default spelled out.

use serde_json::{Value, json};
use staffpass_verify::policy::{
    CredentialFormat, IssuerConventions, StatusRequirement, TrustPolicy, TrustedIssuer,
    UnknownStatus, ValueRule,
};

use crate::options::PolicyOptions;
use crate::terminal::{BAD, HEADING, NOTE, plain, pretty, styled};
use crate::verify::text;
use crate::{Ending, Failure};

/// Explains a policy. A file that is no policy is not good, and the rule that it breaks is named.
pub(crate) fn run(options: &PolicyOptions) -> Result<Ending, Failure> {
    let policy = match TrustPolicy::from_toml(&text(&options.policy)?) {
        Ok(policy) => policy,
        Err(error) if options.form.is_json() => {
            let shown =
                json!({"valid": false, "codes": [error.code()], "error": error.to_string()});
            anstream::println!("{}", pretty(&shown)?);
            return Ok(Ending::Bad);
        }
        Err(error) => {
            anstream::println!("{}: {}", styled(BAD, "no policy"), plain(&error.to_string()));
            return Ok(Ending::Bad);
        }
    };
    if options.form.is_json() {
        let normalised: toml::Table = toml::from_str(&policy.to_toml())?;
        let shown = json!({
            "valid": true, "codes": [], "digest": policy.digest(), "schema": TrustPolicy::SCHEMA,
            "policy": normalised,
        });
        anstream::println!("{}", pretty(&shown)?);
    } else {
        anstream::print!("{}", in_words(&policy)?);
    }
    Ok(Ending::Good)
}

fn in_words(policy: &TrustPolicy) -> Result<String, Failure> {
    let mut words = format!("{} {}\n", styled(HEADING, "digest"), policy.digest());
    words += &format!("schema {}\n\n", TrustPolicy::SCHEMA);
    for issuer in policy.issuers() {
        words += &about(issuer);
    }
    words += &format!("\n{}\n", styled(HEADING, "with every default spelled out"));
    words += &plain(&policy.to_toml());
    Ok(words)
}

fn about(issuer: &TrustedIssuer) -> String {
    let mut lines = vec![format!("may assert {}", list(&issuer.may_assert))];
    if !issuer.formats.is_empty() {
        lines.push(format!(
            "in the formats {}",
            Value::from_iter(issuer.formats.iter().map(|f| json!(f)))
        ));
    }
    lines.extend(issuer.value_rules.iter().map(rule));
    lines.extend(issuer.valid_from.map(|date| format!("believed from {}", date.to_rfc3339())));
    lines.extend(issuer.valid_until.map(|date| format!("believed until {}", date.to_rfc3339())));
    lines.extend(
        issuer.issued_before.map(|date| format!("credentials issued before {}", date.to_rfc3339())),
    );
    lines.push(match issuer.key_thumbprints.is_empty() {
        true => "signs with any key that its document lists".to_owned(),
        false => format!("signs with the pinned keys {}", list(&issuer.key_thumbprints)),
    });
    lines.push(match issuer.status_origins.is_empty() {
        true => "keeps its status lists at the origin of its identifier".to_owned(),
        false => format!("keeps its status lists at {}", list(&issuer.status_origins)),
    });
    if !issuer.status_signers.is_empty() {
        lines.push(format!("lets its status lists be signed by {}", list(&issuer.status_signers)));
    }
    lines.extend(issuer.linked_domain.iter().map(|origin| format!("its DID is that of {origin}")));
    if issuer.conventions == Some(IssuerConventions::GovUk) {
        lines.push("its keys are those of the did:web of its host".to_owned());
    }
    lines.extend(issuer.x509.as_ref().map(|_| "signs under certificates".to_owned()));
    if issuer.status == StatusRequirement::Required {
        lines.push("a credential without a status is refused".to_owned());
    }
    let mut words = format!("{}\n", styled(HEADING, plain(&issuer.id)));
    lines.iter().for_each(|line| words += &format!("  {}\n", plain(line)));
    loosenings(issuer).for_each(|line| words += &format!("  {}\n", styled(NOTE, line)));
    words
}

/// What makes it accept more than the default does.
fn loosenings(issuer: &TrustedIssuer) -> impl Iterator<Item = &'static str> {
    let unknown = issuer.unknown_status == Some(UnknownStatus::Accept);
    let authentication = issuer.accept_authentication_key;
    let legacy = issuer.formats.contains(&CredentialFormat::LegacySdJwtVc);
    [
        legacy.then_some("looser: its SD-JWT VCs may have the type of early drafts"),
        issuer.typ_absent.then_some("looser: its VC-JOSE-COSE credentials need no typ"),
        unknown.then_some("looser: accepted although its status cannot be had"),
        authentication.then_some("looser: its key may stand under authentication alone"),
    ]
    .into_iter()
    .flatten()
}

fn rule(rule: &ValueRule) -> String {
    let values = Value::from(rule.values.clone());
    format!("of {} only where {} is in {values}", rule.credential_type, rule.path.join("."))
}

fn list<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    texts.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
