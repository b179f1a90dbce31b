//! Resolves a did:ethr by the `ssi` crate.
use staffpass_did::Did;
use staffpass_ssi::SsiResolver;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    let did: Did = format!("did:ethr:{key}").parse()?;
    let resolved = SsiResolver::new().resolve(&did).await?;
    println!("a document of {} bytes", resolved.bytes().len());
    Ok(())
}
