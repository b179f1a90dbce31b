//! Further credentials: asked for, and submitted, each with the share and the review that they belong to.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use staffpass_disclosure::CredentialSet;
use staffpass_share::{
    Act, RecordedFurther, Refusal, Review, ReviewEvent, ReviewRefusal, SealedRecord, Share, State,
};

use crate::database::Tx;
use crate::error::StoreError;
use crate::journey::{consume_invitation, put_record, refuse_finished, select_record};
use crate::store::{
    Locked, Store, TokenDigest, delete_receipt, delete_session, insert_token, touch,
};

/// From here on the kinds of records are what further came, by its place in the review.
const FURTHER: i64 = 16;

/// What the trust asks for, and how the person gets to it.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "made by whoever asks")]
pub struct FurtherInvitation<'f> {
    /// Identity and what else is to be shared.
    pub set: &'f CredentialSet,
    /// What the trust wants to see, in its words; may be empty.
    pub what: &'f str,
    /// The reference of the further share, which the tenant gives once.
    pub reference: &'f str,
    /// Of the token in its link.
    pub token: TokenDigest,
    /// From when it cannot be used.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// The trust asks the person of a submitted share for further credentials
    /// ([`Review::ask_for_credentials`], [`Share::begin_further`]): the review and the further share, one
    /// transaction. Gives the further share.
    ///
    /// # Errors
    ///
    /// [`StoreError::Review`], [`StoreError::Refused`] with what they refuse;
    /// [`StoreError::ReferenceTaken`]; and as [`update_review`](Self::update_review).
    pub async fn ask_for_credentials(
        &self,
        (tenant, first): (&str, &str),
        asked: &FurtherInvitation<'_>,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Share, StoreError> {
        let mut locked = self.lock(tenant, first, now).await?;
        let mut review = self.locked_review(&mut locked, now).await?;
        let act = Act::new(by, now);
        let event = review.ask_for_credentials(asked.set, asked.what, asked.reference, act)?;
        let record = select_record(&mut locked.tx, (tenant, first), 1).await?;
        let submitted = record.open_share(&self.keys.sealing, &locked.share)?;
        let further = locked.share.begin_further(&submitted, &review, asked.expires_at, now)?;
        let (reference, epoch) = (asked.reference, locked.epoch);
        self.insert_share(&mut locked.tx, &further, now).await?;
        insert_token(&mut locked.tx, tenant, reference, &asked.token, epoch).await?;
        self.insert_subject(&mut locked.tx, tenant, reference).await?;
        let created = ("invitation.created", by);
        self.write_note(&mut locked.tx, tenant, reference, created, 0, now).await?;
        self.save_review(locked, &review, (event, by), now).await?;
        Ok(further)
    }

    /// Sends what further came ([`Share::submit_further`]): it is recorded with the first share, joins its
    /// review, the link is used and the session has ended, all or nothing. Of any number of calls one
    /// sends it, and none once the review awaits it no more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Review`] with what the review refuses; [`StoreError::NotFound`] where the first share
    /// is gone; and as [`submit`](Self::submit).
    pub async fn submit_further(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<RecordedFurther, StoreError> {
        let share = self.share(tenant, reference).await?;
        let further = share.further().ok_or(Refusal::NotAskedFor)?;
        // The first share's row before the further one's, as everywhere: no two calls wait for each other.
        let mut first = self.lock(tenant, further.first(), now).await?;
        let mut locked = self.lock_beside(&mut first, reference, now).await?;
        refuse_finished(&locked.share, now)?;
        let record = select_record(&mut first.tx, (tenant, reference), 0).await?;
        let receipt = record.open_receipt(&self.keys.sealing, &locked.share)?;
        let sent = locked.share.submit_further(&receipt, now)?;
        consume_invitation(&mut first.tx, tenant, reference, first.epoch).await?;
        self.put_beside(&mut first, &locked, &sent.events, now).await?;
        let mut review = self.locked_review(&mut first, now).await?;
        let event = review.further_came(&sent.further)?;
        let record = sent.further.record(&self.keys.sealing, &mut rand::rng())?;
        let whose = (tenant, further.first());
        put_record(&mut first.tx, whose, kind(sent.further.place()), &record, now).await?;
        self.save_review(first, &review, (event, "person"), now).await?;
        Ok(sent.further)
    }

    /// What further came for a submitted share, in the order in which it was asked for.
    ///
    /// # Errors
    ///
    /// As [`submitted`](Self::submitted).
    pub async fn further(
        &self,
        tenant: &str,
        first: &str,
    ) -> Result<Vec<RecordedFurther>, StoreError> {
        let share = self.share(tenant, first).await?;
        let select = "SELECT kind, body FROM records \
            WHERE tenant = $1 AND reference = $2 AND kind >= $3 ORDER BY kind";
        let rows = sqlx::query(select).bind(tenant).bind(first).bind(FURTHER);
        let mut further = Vec::new();
        for row in rows.fetch_all(&self.database.pool).await? {
            let (kind, body): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            let place = place_of(kind).ok_or(StoreError::NotFound)?;
            let record = SealedRecord::from_bytes(body);
            further.push(record.open_further(&self.keys.sealing, &share, place)?);
        }
        Ok(further)
    }

    /// A step of a locked review. A further share that it awaits no more is withdrawn with it.
    pub(crate) async fn step_review(
        &self,
        locked: &mut Locked,
        review: &mut Review,
        step: impl FnOnce(&mut Review) -> Result<ReviewEvent, ReviewRefusal> + Send,
        now: DateTime<Utc>,
    ) -> Result<ReviewEvent, StoreError> {
        let awaited = |review: &Review| review.awaited().and_then(|(_, more)| more.share.clone());
        let before = awaited(review);
        let event = step(review)?;
        if let Some(reference) = before.filter(|before| awaited(review).as_ref() != Some(before)) {
            self.withdraw_beside(locked, &reference, now).await?;
        }
        Ok(event)
    }

    /// One that is gone, or has ended by itself, is left as it is.
    async fn withdraw_beside(
        &self,
        first: &mut Locked,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut beside = match self.lock_beside(first, reference, now).await {
            Err(StoreError::NotFound) => return Ok(()),
            beside => beside?,
        };
        match beside.share.withdraw(now) {
            Ok(moved) => self.put_beside(first, &beside, &moved.events, now).await,
            Err(_) => Ok(()),
        }
    }

    /// Another share of the tenant in the same transaction, locked.
    async fn lock_beside(
        &self,
        first: &mut Locked,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<Beside, StoreError> {
        let tenant = first.share.invitation().tenant().to_owned();
        let whose = (&*tenant, reference);
        let (share, version, _) = self.select_locked(&mut first.tx, whose, now).await?;
        Ok(Beside { share, version })
    }

    /// Stores a share that ends: neither session nor receipt is left of it.
    async fn put_beside(
        &self,
        first: &mut Locked,
        Beside { share, version }: &Beside,
        events: &[staffpass_share::AuditEntry],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (tenant, reference) = (share.invitation().tenant(), share.invitation().reference());
        let tx: &mut Tx = &mut first.tx;
        delete_receipt(tx, tenant, reference).await?;
        delete_session(tx, tenant, reference).await?;
        touch(tx, tenant, reference, now).await?;
        self.put_share(tx, share, *version, now).await?;
        self.write_events(tx, tenant, reference, events, share.version()).await
    }

    /// The review of a locked share, which was submitted.
    pub(crate) async fn locked_review(
        &self,
        locked: &mut Locked,
        now: DateTime<Utc>,
    ) -> Result<Review, StoreError> {
        if locked.share.state(now) != State::Submitted {
            return Err(StoreError::NotFound);
        }
        let invitation = locked.share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        if let Some(review) = self.stored_review(&mut locked.tx, tenant, reference).await? {
            return Ok(review);
        }
        let record = select_record(&mut locked.tx, (tenant, reference), 1).await?;
        Ok(Review::of(&record.open_share(&self.keys.sealing, &locked.share)?))
    }
}

/// A share beside the one that holds the transaction, and the version that it had.
struct Beside {
    share: Share,
    version: i64,
}

fn kind(place: usize) -> i64 {
    FURTHER.saturating_add(i64::try_from(place).unwrap_or(i64::MAX))
}

/// The place in the review of a kind of record, where it is one of further credentials.
pub(crate) fn place_of(kind: i64) -> Option<usize> {
    usize::try_from(kind.checked_sub(FURTHER)?).ok()
}
