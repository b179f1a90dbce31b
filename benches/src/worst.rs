//! Responses that cost the most that the default limits admit. Whoever knows the address of a response
//! may post one: nothing in most of them is signed by anybody.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use staffpass::jose::{Algorithm, base64url};
use staffpass::request::Expectation;
use staffpass::verify::{Evidence, Limits, Step, Verifier};
use staffpass_testkit::{Dialect, HolderKind, IssuerKind, Scenario};

/// A response of the worst kind, and who judges it.
pub struct Worst {
    /// What makes it bad.
    pub name: &'static str,
    verifier: Verifier,
    expectation: Expectation,
    body: Vec<u8>,
    evidence: Evidence,
    now: DateTime<Utc>,
}

impl Worst {
    /// Judges it, whatever the verdict.
    pub fn judge(&self) {
        let mut verification = self.verifier.receive(&self.expectation, &self.body);
        match verification.step(&self.evidence, self.now) {
            Step::Done(verdict) => drop(std::hint::black_box(verdict)),
            Step::Needs(sources) => drop(std::hint::black_box(sources)),
        }
    }

    /// Bytes of the body.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.body.len()
    }
}

/// Every kind that was thought of.
#[must_use]
pub fn worst_inputs() -> Vec<Worst> {
    let values = Limits::default().token.json.max_values - 60;
    let list = |item: &str| format!("[{}{item}]", format!("{item},").repeat(values - 1));
    let object = |name: fn(usize) -> String| {
        let members: Vec<String> = (0..values).map(|at| format!("\"{}\":0", name(at))).collect();
        format!("{{{}}}", members.join(","))
    };
    vec![
        of_credentials("values of one digit", &list("0")),
        of_credentials("empty objects", &list("{}")),
        of_credentials("empty arrays in arrays", &nested(values)),
        of_credentials("short strings", &list("\"\"")),
        of_credentials("members of short names", &object(|at| format!("{at:x}"))),
        of_credentials("members of escaped names", &object(|at| format!("\\u0061{at:x}"))),
        of_credentials("one long text", &format!("\"{}\"", "a".repeat(1_000_000))),
        of_credentials("one long text of escapes", &format!("\"{}\"", "\\n".repeat(500_000))),
        of_disclosures("disclosures of values", &list("0").replace(&"0,".repeat(values / 2), "")),
        signatures(),
    ]
}

fn nested(values: usize) -> String {
    let one = format!("{}{}", "[".repeat(25), "]".repeat(25));
    format!("[{}{one}]", format!("{one},").repeat(values / 25 - 1))
}

/// A body of the Microsoft profile, as long as it may be, of unsigned credentials that hold this JSON.
fn of_credentials(name: &'static str, json: &str) -> Worst {
    let limits = Limits::default();
    let payload = format!(
        r#"{{"iss":"did:web:westmoor.example","vc":{{"credentialSubject":{{"a":{json}}}}}}}"#
    );
    let credential = unsigned("JWT", &payload);
    let presentation = |count: usize| {
        let vp = json!({
            "iss": "did:jwk:e30",
            "vp": {"verifiableCredential": vec![credential.as_str(); count]},
        });
        unsigned("JWT", &vp.to_string())
    };
    let fits = (1..=limits.credentials)
        .take_while(|count| (credential.len() + 3) * count * 4 / 3 + 500 < limits.token.max_bytes)
        .last();
    let presentation = presentation(fits.expect("one credential fits"));
    let many = (limits.body_bytes / (presentation.len() + 10)).min(limits.presentations);
    let field = format!("&vp_token={presentation}");
    let id_token = unsigned("JWT", &json!({"_vp_token": {}}).to_string());
    let body = format!("id_token={id_token}{}", field.repeat(many.max(1)));
    of_body(name, Dialect::MicrosoftTogether, body)
}

/// A body of OpenID4VP, as long as it may be, of unsigned SD-JWTs with as many disclosures as they
/// may have.
fn of_disclosures(name: &'static str, json: &str) -> Worst {
    let limits = Limits::default();
    let value: Value = serde_json::from_str(json).unwrap();
    let share = value.as_array().unwrap().len() / limits.sd_jwt.max_disclosures;
    let disclosures: Vec<String> = (0..limits.sd_jwt.max_disclosures)
        .map(|at| json!(["salt", format!("c{at}"), vec![0; share]]))
        .map(|disclosure| base64url::encode(disclosure.to_string()))
        .collect();
    let digest = |text: &String| {
        base64url::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
    };
    let digests: Vec<String> = disclosures.iter().map(digest).collect();
    let payload = json!({"iss": "did:web:westmoor.example", "vct": "a", "_sd": digests});
    let token = unsigned("dc+sd-jwt", &payload.to_string());
    let sd_jwt = format!("{token}~{}~", disclosures.join("~"));
    let many = (limits.body_bytes / (sd_jwt.len() + 10)).min(limits.presentations);
    let answer = json!({"identity": vec![sd_jwt; many]});
    let encoded = answer.to_string().replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
    of_body(name, Dialect::OpenId4Vp, format!("vp_token={encoded}"))
}

/// As many good signatures as one response may hold, of the slowest algorithm: only a holder of that
/// many credentials of a trusted issuer can send it.
fn signatures() -> Worst {
    let exchange = Scenario::new(Dialect::MicrosoftTogether)
        .holder(HolderKind::Jwk(Algorithm::Es384))
        .issuer(IssuerKind::Web("westmoor.example"), Algorithm::Es384)
        .credentials(Limits::default().credentials)
        .build();
    Worst {
        name: "50 credentials, every signature ES384",
        verifier: exchange.verifier(),
        body: exchange.answer.body(),
        evidence: exchange.evidence(),
        now: exchange.now,
        expectation: exchange.expectation,
    }
}

fn of_body(name: &'static str, dialect: Dialect, body: String) -> Worst {
    let exchange = Scenario::new(dialect).build();
    let state = exchange.expectation.state().map_or("", |state| state.as_str());
    let body = format!("{body}&state={state}").into_bytes();
    assert!(body.len() <= Limits::default().body_bytes, "{name} is too long to be read");
    Worst {
        name,
        verifier: exchange.verifier(),
        body,
        evidence: exchange.evidence(),
        now: exchange.now,
        expectation: exchange.expectation,
    }
}

fn unsigned(typ: &str, payload: &str) -> String {
    let header = json!({"alg": "ES256", "typ": typ, "kid": "did:web:westmoor.example#key-1"});
    let part = |text: &str| base64url::encode(text);
    format!("{}.{}.{}", part(&header.to_string()), part(payload), base64url::encode([1; 64]))
}
