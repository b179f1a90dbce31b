//! Conceals claims, shows one of them, and reveals what was shown.
use serde_json::json;
use staffpass_jose::{Algorithm, HeaderBuilder};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{Concealer, HeldSdJwt, Limits, SD_JWT_VC_TYPE, UnverifiedSdJwt};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = SigningKey::generate(Algorithm::Es256)?;
    let holder = SigningKey::generate(Algorithm::Es256)?;
    let claims = json!({
        "vct": "https://eastmoor.example/identity",
        "cnf": {"jwk": holder.public_key().to_jwk()},
        "given_name": "Amara", "family_name": "Okafor-Lee",
    });
    let concealed = Concealer::new(claims.as_object().cloned().unwrap_or_default())
        .conceal(ClaimPath::key("given_name"))
        .conceal(ClaimPath::key("family_name"))
        .build(&mut rand::rng())?;
    let payload = concealed.payload().clone();
    let header = HeaderBuilder::new(Algorithm::Es256).typ(SD_JWT_VC_TYPE);
    let issued = concealed.into_unsigned(&header).sign(&issuer)?;

    let held = HeldSdJwt::receive(&issued, &payload, &Limits::default())?;
    let chosen = held.select(&[ClaimPath::key("family_name")])?;
    let now = "2026-03-02T09:00:00Z".parse()?;
    let shown = chosen.bind("https://portal.example", "n-0S6_WzA2Mj", now)?.sign(&holder)?;

    let revealed = UnverifiedSdJwt::parse(&shown, &Limits::default())?.reveal(&payload)?;
    println!("{:?}", revealed.claims().keys().collect::<Vec<_>>());
    Ok(())
}
