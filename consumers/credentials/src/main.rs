//! Reads the claims of a training credential, and says what is wrong with others.
use staffpass_credentials::{ClaimsContext, TrainingCredential};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-02T09:00:00Z".parse()?;
    let context = ClaimsContext::new(now, now);
    let claims = serde_json::json!({
        "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "framework": "cstf", "subject": "fire-safety", "level": 1,
        "competency_name": "Fire Safety", "attainment_status": "achieved",
        "awarded_on": "2026-02-12", "learning_method": "elearning",
        "assurance": {
            "origin": "Substantive NHS Employing Organisation", "assurance_policy": "GPG 45",
            "assurance_outcome": "GPG 45 applied", "provider": "Eastmoor Hospitals (fictional)",
            "verifier": "Origin", "verification_method": "document_verification",
            "pedigree": "sourced", "last_refresh": "2026-03-01"
        }
    });
    let claims = claims.as_object().ok_or("no object")?;
    println!("{:?}", TrainingCredential::from_claims(claims, &context)?);

    // What is wrong is named by field and rule, never by value.
    let faults = TrainingCredential::from_claims(&Default::default(), &context).unwrap_err();
    println!("of nothing: {faults}");
    Ok(())
}
