//! Who was invited and has not shared is reminded.

use staffpass_store::{Listed, Outcome, StoreError};

use crate::service::Portal;

/// Read from the database at a time.
const PAGE: u32 = 500;

impl Portal {
    /// Sends the reminders that are due, and says how many went. By a timer; several portals may.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: what was not looked at is so the next time.
    pub async fn remind(&self) -> Result<usize, StoreError> {
        let (mut sent, mut after) = (0, String::new());
        loop {
            let page = self.store().list(self.tenant(), &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(sent) };
            after.clone_from(&last.reference);
            for listed in page.iter().filter(|listed| listed.outcome == Outcome::Open) {
                sent += usize::from(self.remind_one(listed).await?);
            }
        }
    }

    async fn remind_one(&self, listed: &Listed) -> Result<bool, StoreError> {
        let (store, tenant, now) = (self.store(), self.tenant(), self.now());
        let (reference, rules) = (&*listed.reference, self.config().reminder_rules());
        match store.claim_reminder(tenant, reference, &rules, now).await {
            Ok(true) => {}
            Ok(false) | Err(StoreError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        }
        let share = store.share(tenant, reference).await?;
        let went = self.remind_by_message(&share).await;
        if went {
            store.note(tenant, reference, "portal", "invitation.reminded", now).await?;
        }
        Ok(went)
    }
}
