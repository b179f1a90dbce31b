use chrono::{DateTime, Utc};
use staffpass::aws_lc::SigningKey;
use staffpass::disclosure::CredentialSet;
use staffpass::request::{Request, microsoft};
use staffpass::share::{Rules, Share};
use staffpass::verify::policy::TrustPolicy;

/// A signed request for what the person confirmed, of the issuers that the policy trusts for each type.
/// The share knows it from now on as the one that may be answered.
pub fn ask(
    share: &mut Share,
    party: &microsoft::Party,
    key: &SigningKey,
    rules: &Rules,
    policy: &TrustPolicy,
    now: DateTime<Utc>,
) -> Result<Request, Box<dyn std::error::Error>> {
    let catalogue = rules.catalogue();
    let set = CredentialSet::with_chosen(catalogue, share.selection())?;
    let asked = set.to_requested(catalogue, |part| {
        let name = catalogue.entry(part.as_str()).and_then(|entry| entry.type_name.as_deref());
        let issuers = policy.issuers();
        let trusted = issuers.filter(|issuer| name.is_some_and(|n| issuer.may_assert.contains(n)));
        trusted.map(|issuer| issuer.id.clone()).collect::<Vec<_>>()
    })?;
    let request = microsoft::RequestBuilder::new(party, asked)
        .tenant(share.invitation().tenant())
        .build(now, &mut rand::rng())?
        .sign(key)?;
    let moved = share.connect(request.expectation(), now)?;
    println!("audit: {:?}", moved.events);
    Ok(request)
}
