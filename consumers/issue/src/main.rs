//! Issues a credential that can be revoked, and revokes it.
use staffpass_did::{Did, DidUrl};
use staffpass_issue::{CredentialBuilder, IssuerKey, MINIMUM_ENTRIES, StatusRegister};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::SigningKey;
use staffpass_status::{ListLocation, StatusKind, StatusPurpose};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-02T09:00:00Z".parse()?;
    let key = SigningKey::generate(Algorithm::Es256)?;
    let issuer = IssuerKey::new(DidUrl::parse("did:web:eastmoor.example#key-1")?, Algorithm::Es256);
    let holder: Did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp".parse()?;
    let (kind, purpose) = (StatusKind::BitstringStatusList, StatusPurpose::Revocation);
    let at = ListLocation::parse("https://eastmoor.example/status/1")?;
    let mut register = StatusRegister::new(kind, purpose, at, MINIMUM_ENTRIES)?;

    let entry = register.allocate(&mut rand::rng())?;
    let index = entry.index();
    let claims = serde_json::json!({"displayName": "Amara Okafor-Lee"});
    let token = CredentialBuilder::new(&issuer, &holder, now)
        .add_type("VerifiedEmployee")
        .claims(claims.as_object().cloned().unwrap_or_default())
        .status(entry)
        .build(&mut rand::rng())?
        .sign(&key)?;
    println!("a credential of {} characters", token.len());

    register.revoke(index)?;
    let list = register.publish(&issuer, now, Some("2026-03-03T09:00:00Z".parse()?))?.sign(&key)?;
    println!("a list of {} characters", list.len());
    Ok(())
}
