//! Walks a share from the invitation to the page where the wallet is connected.
use staffpass_disclosure::CredentialSet;
use staffpass_share::{
    EmailAddress, Invitation, InvitedPerson, Notices, Role, Rules, SessionDigest, Share,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (now, until) = ("2026-03-02T09:00:00Z".parse()?, "2026-03-16T09:00:00Z".parse()?);
    let rules = Rules::default();
    let person = InvitedPerson::new("Okafor-Lee").with_given_name("Amara");
    let email = EmailAddress::parse("amara@hospital.example")?;
    let role = Role::new("Medical and dental", "Permanent");
    let invitation = Invitation::new("westmoor", "invitation-1", person, email, role, until);

    let mut share = Share::new(invitation, now);
    let _ = share.open(SessionDigest::of(b"the secret of the session"), &rules, now)?;
    let _ = share.registered_before(now)?;
    let _ = share.start(Notices::new([("privacy_notice", "3"), ("terms_of_use", "2")])?, now)?;
    let set = CredentialSet::with_chosen(rules.catalogue(), ["training"])?;
    let _ = share.select(&set, &rules, now)?;
    let moved = share.confirm(now)?;
    println!("{:?}, with {} audit entries", share.state(now), moved.events.len());
    println!("out of turn: {}", share.begin_profile(now).unwrap_err());
    Ok(())
}
