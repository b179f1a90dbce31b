//! Keeps a share in SQLite, and checks the audit. Without the default features there is no database.
use staffpass_share::{EmailAddress, Invitation, InvitedPerson, Role, SealingKeys, Share};
use staffpass_store::{Location, Store, StoreKeys, StoreOptions, TokenDigest};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::temp_dir().join(format!("staffpass-consumer-{}.db", std::process::id()));
    let location = Location::Sqlite(file.clone());
    // In earnest: random bytes, from where the database's backups do not go.
    let keys = StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 32], &[3; 32])?;
    let store = match Store::open(&location, keys, &StoreOptions::default()).await {
        Err(error) if cfg!(not(feature = "with-defaults")) => return Ok(println!("{error}")),
        opened => opened?,
    };

    let (now, until) = ("2026-03-02T09:00:00Z".parse()?, "2026-03-16T09:00:00Z".parse()?);
    let email = EmailAddress::parse("amara@hospital.example")?;
    let role = Role::new("Medical and dental", "Permanent");
    let person = InvitedPerson::new("Okafor-Lee");
    let invitation = Invitation::new("westmoor", "invitation-1", person, email, role, until);
    let token = TokenDigest::of("the token in the link");
    store.invite(&Share::new(invitation, now), &token, now).await?;
    println!("audit: {:?}", store.check_audit("westmoor", None).await?);
    store.close().await;
    Ok(std::fs::remove_file(file)?)
}
