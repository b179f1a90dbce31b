//! Asks for a job title, and holds a credential against the question.
use staffpass_query::{
    Candidate, ClaimPath, ClaimsQuery, CredentialQuery, DcqlQuery, Format, Query,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let job = ClaimPath::key("credentialSubject").then_key("job_title");
    let asked = CredentialQuery::jwt_vc("employment", "StaffEmployment")
        .with_claim(ClaimsQuery::new(job).with_values(["Nurse", "Midwife"]));
    let query = Query::Dcql(DcqlQuery::new([asked])?);

    for title in ["Midwife", "Porter"] {
        let credential = serde_json::json!({
            "type": ["VerifiableCredential", "StaffEmployment"],
            "credentialSubject": {"job_title": title},
        });
        let held = Candidate::w3c(Format::JwtVcJson, &credential).with_holder_binding(true);
        println!("{title}: {:?}", query.check("employment", &held));
    }
    Ok(())
}
