//! Reads a key and a token strictly.
use staffpass_jose::{PublicKey, UnverifiedJws, jws};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    println!("thumbprint: {}", PublicKey::from_jwk_json(jwk.as_bytes())?.thumbprint());

    let forged = "eyJhbGciOiJub25lIn0.e30.AA";
    let refused = UnverifiedJws::parse(forged, &jws::Limits::default()).unwrap_err();
    println!("alg none: {}", refused.code());
    Ok(())
}
