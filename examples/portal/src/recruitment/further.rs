//! Asking a person who has submitted for further credentials.

use chrono::TimeDelta;
use rand::RngExt as _;
use staffpass::disclosure::CredentialSet;
use staffpass::jose::base64url;
use staffpass::share::{More, RecordedFurther, RecordedShare, Review, ReviewRefusal, Share};
use staffpass_store::{FurtherInvitation, StoreError, TokenDigest};

use crate::person::asked_for;
use crate::service::Portal;

/// What the team has asked a person to share, and how far that is.
pub(super) struct Asked {
    /// As the review has it.
    pub(super) more: More,
    /// The further share; none where it was not asked for by one, or where it is gone.
    pub(super) share: Option<Share>,
    /// What came.
    pub(super) came: Option<RecordedFurther>,
}

/// All that was asked for in a review, in its order.
pub(super) async fn asked(
    portal: &Portal,
    reference: &str,
    review: &Review,
) -> Result<Vec<Asked>, StoreError> {
    let (store, tenant) = (portal.store(), portal.tenant());
    let mut came = store.further(tenant, reference).await?;
    let mut asked = Vec::new();
    for (place, more) in review.more().iter().enumerate() {
        let share = match &more.share {
            Some(share) => match store.share(tenant, share).await {
                Err(StoreError::NotFound) => None,
                share => Some(share?),
            },
            None => None,
        };
        let found = came.iter().position(|further| further.place() == place);
        let came = found.map(|found| came.remove(found));
        asked.push(Asked { more: more.clone(), share, came });
    }
    Ok(asked)
}

/// What may be asked for: whatever the person has not shared, and what there may be several of.
pub(super) fn offers(
    portal: &Portal,
    submitted: &RecordedShare,
    asked: &[Asked],
) -> Vec<(String, String)> {
    let further = asked.iter().filter_map(|asked| asked.came.as_ref());
    let further = further.flat_map(RecordedFurther::credentials);
    let shared: Vec<&str> =
        submitted.credentials().iter().chain(further).map(|shared| shared.part()).collect();
    let entries = portal.rules().catalogue().entries().iter();
    entries
        .filter(|entry| !entry.mandatory)
        .filter(|entry| entry.several || !shared.contains(&entry.id.as_str()))
        .map(|entry| (entry.id.as_str().to_owned(), entry.label.clone()))
        .collect()
}

/// Asks for what is ticked: the review, the further share and its link at once. Then the email; where it
/// does not go, another link can be sent.
pub(super) async fn ask(
    portal: &Portal,
    reference: &str,
    by: &str,
    (ticked, what): (Vec<&str>, &str),
) -> Result<(), StoreError> {
    let set = CredentialSet::with_chosen(portal.rules().catalogue(), ticked)
        .map_err(|_| ReviewRefusal::NotAskedFor)?;
    let (now, (token, link)) = (portal.now(), portal.link());
    let further = base64url::encode(rand::rng().random::<[u8; 12]>());
    let invitation = FurtherInvitation {
        set: &set,
        what,
        reference: &further,
        token: TokenDigest::of(&token),
        expires_at: now + TimeDelta::days(portal.config().journey.invitation_days),
    };
    let whose = (portal.tenant(), reference);
    let share = portal.store().ask_for_credentials(whose, &invitation, by, now).await?;
    send(portal, &share, &link).await
}

/// Another link for the further share that is awaited; those before are dead.
pub(super) async fn send_again(portal: &Portal, reference: &str) -> Result<(), StoreError> {
    let (store, tenant, now) = (portal.store(), portal.tenant(), portal.now());
    let review = store.review(tenant, reference).await?;
    let awaited = review.awaited().and_then(|(_, more)| more.share.clone());
    let further = awaited.ok_or(ReviewRefusal::NotAskedFor)?;
    let (token, link) = portal.link();
    store.renew_invitation(tenant, &further, &TokenDigest::of(&token), now).await?;
    send(portal, &store.share(tenant, &further).await?, &link).await
}

async fn send(portal: &Portal, share: &Share, link: &str) -> Result<(), StoreError> {
    let further = share.further();
    let parts = further.into_iter().flat_map(|further| further.parts());
    let mut what = asked_for(portal, parts).join(", ");
    if let Some(text) = further.map(|further| further.what()).filter(|text| !text.is_empty()) {
        what = format!("{what} ({text})");
    }
    if portal.ask_to_share_more(share, &what, link).await {
        let (tenant, reference) = (portal.tenant(), share.invitation().reference());
        portal.store().note(tenant, reference, "portal", "invitation.sent", portal.now()).await?;
    }
    Ok(())
}
