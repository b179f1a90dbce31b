//! What a person ticks, and what is then asked.
use staffpass_disclosure::{Catalogue, CredentialSet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalogue = Catalogue::staff();
    let mut set = CredentialSet::with_chosen(&catalogue, ["employment", "training"])?;
    set.remove("training")?;
    println!("identity cannot be taken out: {}", set.remove("identity").unwrap_err());
    for asked in set.to_requested(&catalogue, |_| vec!["did:web:old-trust.example"])? {
        println!("asked for: {asked:?}");
    }
    Ok(())
}
