//! Reads a claims set that a stranger sent, and one that two readers would understand differently.
use staffpass_json::{JsonError, Limits, Tree};

fn issuer(text: &str) -> Result<String, JsonError> {
    let tree = Tree::parse(text.as_bytes(), &Limits::default())?;
    let issuer = tree.root().get("iss").and_then(|iss| iss.as_str());
    Ok(issuer.unwrap_or("nobody").to_owned())
}

fn main() {
    for text in [r#"{"iss": "did:web:trust.example"}"#, r#"{"iss": "a", "iss": "b"}"#] {
        match issuer(text) {
            Ok(issuer) => println!("issued by {issuer}"),
            Err(error) => println!("refused: {error} [{}]", error.code()),
        }
    }
}
