//! Signs a token, and verifies it.
use staffpass_jose::{Algorithm, HeaderBuilder, Signer, UnsignedJws, UnverifiedJws, jws};
use staffpass_jose_aws_lc::SigningKey;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm)?;
        let header = HeaderBuilder::new(algorithm).typ("JWT");
        let token = UnsignedJws::new(&header, br#"{"iss":"https://trust.example"}"#).sign(&key)?;
        let parsed = UnverifiedJws::parse(token, &jws::Limits::default())?;
        let verified = parsed.verify(key.verification_key())?;
        println!("{algorithm}: {}", String::from_utf8_lossy(verified.payload()));
    }
    Ok(())
}
