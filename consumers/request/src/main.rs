//! Asks Microsoft Authenticator for an identity credential.
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::SigningKey;
use staffpass_request::{Endpoints, RequestedCredential, microsoft};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a")?;
    let kid = "did:web:portal.example#key-1";
    let party = microsoft::Party::new(kid, Algorithm::Es256, "Example Trust", endpoints)?;
    let identity = RequestedCredential::new("identity", "StaffIdentity")
        .with_issuers(["did:web:old-trust.example"])
        .with_claims(["family_name"]);

    let request = microsoft::RequestBuilder::new(&party, [identity])
        .build(chrono::Utc::now(), &mut rand::rng())?
        .sign(&key)?;
    println!("into the QR code: {}", request.link());
    println!("served to the wallet: {} characters", request.object().as_str().len());
    println!("kept, to judge the answer by: {:?}", request.expectation());
    Ok(())
}
