//! The store: opening it, its epoch, shares in it and their transitions.

use chrono::{DateTime, Utc};
use rand::Rng as _;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use staffpass_otp::Channel;
use staffpass_share::{
    AuditEntry, EmailAddress, Further, Invitation, MobileNumber, Moved, Refusal, SessionDigest,
    Share, State,
};

use crate::database::{Database, Location, Tx};
use crate::error::{StoreError, is_duplicate};
use crate::keys::{StoreKeys, subject};

/// A call whose compare-and-set is lost each time is given up after so many tries.
const TRIES: usize = 5;

/// Shares in a database. Cheap to clone; each clone is the same store.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) keys: StoreKeys,
    pub(crate) home: String,
    session: Option<SessionDigest>,
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    connections: u32,
    home: String,
}

impl Default for StoreOptions {
    /// Eight connections, and numbers written for home are of the United Kingdom.
    fn default() -> Self {
        Self { connections: 8, home: "44".to_owned() }
    }
}

impl StoreOptions {
    /// At most so many connections to the database; at least one.
    #[must_use]
    pub fn with_connections(mut self, connections: u32) -> Self {
        self.connections = connections.max(1);
        self
    }

    pub(crate) const fn connections(&self) -> u32 {
        self.connections
    }

    /// The calling code of the country in which a number that begins with one zero is at home.
    #[must_use]
    pub fn with_home_country_code(mut self, digits: &str) -> Self {
        self.home = digits.to_owned();
        self
    }
}

/// What a transition gave, and what the audit has to know of it.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "made by whoever writes a transition")]
pub struct Change<T> {
    /// For the caller, once all is stored.
    pub value: T,
    /// For the audit, in the same transaction.
    pub events: Vec<AuditEntry>,
}

impl From<Moved> for Change<()> {
    fn from(moved: Moved) -> Self {
        Self { value: (), events: moved.events }
    }
}

/// A share in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The reference of the invitation.
    pub reference: String,
    /// What has become of it.
    pub outcome: Outcome,
    /// When it last moved.
    pub touched_at: DateTime<Utc>,
}

/// What has become of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing yet: it may still be submitted, unless it has expired.
    Open,
    /// The details are with the trust.
    Submitted,
    /// The trust withdrew the invitation.
    Withdrawn,
    /// What was shared is not of the invited person.
    NotMatched,
}

impl Outcome {
    fn of(share: &Share, now: DateTime<Utc>) -> Self {
        match share.state(now) {
            State::Submitted => Self::Submitted,
            State::InvitationWithdrawn => Self::Withdrawn,
            State::NotMatched => Self::NotMatched,
            _ => Self::Open,
        }
    }

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Submitted => 1,
            Self::Withdrawn => 2,
            Self::NotMatched => 3,
        }
    }

    pub(crate) const fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Submitted,
            2 => Self::Withdrawn,
            3 => Self::NotMatched,
            _ => Self::Open,
        }
    }
}

/// A share that is locked in a transaction.
pub(crate) struct Locked {
    pub(crate) tx: Tx,
    pub(crate) share: Share,
    pub(crate) epoch: i64,
    version: i64,
}

impl Store {
    /// Opens the store, makes its tables where they are missing, and checks that what it commits
    /// cannot be lost.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotBuilt`], [`StoreError::NotDurable`], [`StoreError::Migration`],
    /// [`StoreError::Unavailable`].
    pub async fn open(
        location: &Location,
        keys: StoreKeys,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let database = Database::open(location, options.connections).await?;
        Ok(Self { database, keys, home: options.home.clone(), session: None })
    }

    /// The same store for what a browser asks for: each call that changes a share looks, in its
    /// transaction, whether this session is still the share's. A browser whose session has ended
    /// between two steps of a portal changes nothing (attack B25).
    ///
    /// Such calls refuse with [`Refusal::StartedElsewhere`], besides what they say.
    #[must_use]
    pub fn in_session(&self, session: SessionDigest) -> Self {
        Self { session: Some(session), ..self.clone() }
    }

    /// Ends all connections. Calls that are under way finish first.
    pub async fn close(&self) {
        self.database.pool.close().await;
    }

    /// Whether the database answers: for a portal's readiness.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn check(&self) -> Result<(), StoreError> {
        self.epoch().await.map(drop)
    }

    /// The epoch: how many times the database was restored from a backup.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn epoch(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT epoch FROM installation WHERE id = 1");
        let row = row.fetch_one(&self.database.pool).await?;
        Ok(unsigned(row.try_get(0)?))
    }

    /// To be called when the database was restored from a backup, and before a portal uses it (attack
    /// B24): every request, code, session and invitation link that is in it is dead, since it may
    /// have been used after the backup was made. Shares that were not submitted begin again, by a
    /// [new link](Self::renew_invitation).
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn begin_epoch(&self) -> Result<u64, StoreError> {
        let raise = "UPDATE installation SET epoch = epoch + 1 WHERE id = 1";
        sqlx::query(raise).execute(&self.database.pool).await?;
        self.epoch().await
    }

    /// Keeps the share of a new invitation, and the SHA-256 of the token that its link carries. The
    /// trust has no other one for the same email address or mobile number.
    ///
    /// # Errors
    ///
    /// [`StoreError::ReferenceTaken`], [`StoreError::ContactTaken`], [`StoreError::Unavailable`].
    pub async fn invite(
        &self,
        share: &Share,
        token: &TokenDigest,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let invitation = share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        let mut tx = self.database.write().await?;
        let epoch = epoch(&mut tx).await?;
        self.insert_share(&mut tx, share, now).await?;
        for (channel, index) in self.contacts(invitation) {
            insert_contact(&mut tx, tenant, reference, channel, &index).await?;
        }
        insert_token(&mut tx, tenant, reference, token, epoch).await?;
        self.insert_subject(&mut tx, tenant, reference).await?;
        let created = ("invitation.created", "trust");
        self.write_note(&mut tx, tenant, reference, created, share.version(), now).await?;
        Ok(tx.commit().await?)
    }

    /// Another link for the invitation; those before are dead. What a session has done stays.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`]; [`StoreError::Refused`] where the invitation cannot be used any more.
    pub async fn renew_invitation(
        &self,
        tenant: &str,
        reference: &str,
        token: &TokenDigest,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        match locked.share.state(now) {
            State::Submitted => return Err(Refusal::AlreadySubmitted.into()),
            State::InvitationWithdrawn => return Err(Refusal::InvitationWithdrawn.into()),
            State::NotMatched => return Err(Refusal::NotMatched.into()),
            _ => {}
        }
        let old =
            "UPDATE invitations SET state = 2 WHERE tenant = $1 AND reference = $2 AND state = 0";
        sqlx::query(old).bind(tenant).bind(reference).execute(&mut *locked.tx).await?;
        insert_token(&mut locked.tx, tenant, reference, token, locked.epoch).await?;
        let (renewed, version) = (("invitation.renewed", "trust"), locked.share.version());
        self.write_note(&mut locked.tx, tenant, reference, renewed, version, now).await?;
        self.save(locked, Vec::new(), now).await
    }

    /// The share as it stands: what was unfinished before a restore is shown as what it is, dead.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`]; [`StoreError::Sealed`] where the row was changed or moved.
    pub async fn share(&self, tenant: &str, reference: &str) -> Result<Share, StoreError> {
        let select = "SELECT s.body, s.version, n.epoch FROM shares s, installation n \
            WHERE s.tenant = $1 AND s.reference = $2";
        let row = sqlx::query(select).bind(tenant).bind(reference);
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        let mut share = self.read_share(&row, tenant, reference)?;
        let (epoch, clock) = (unsigned(row.try_get(2)?), share.clock());
        if share.epoch() < epoch {
            // What is finished refuses, and stays as it is.
            let _ = share.enter_epoch(epoch, clock);
        }
        Ok(share)
    }

    /// Makes a transition: on the share as it stands, locked; stored with its audit entries, by
    /// compare-and-set on the version. Where that is lost it is made again on the fresh share, five
    /// times at most. `change` must do nothing but the transition.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] with what `change` returned: nothing is stored then;
    /// [`StoreError::NotFound`], [`StoreError::Contended`], [`StoreError::Unavailable`].
    pub async fn update<T: Send>(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
        mut change: impl FnMut(&mut Share) -> Result<Change<T>, Refusal> + Send,
    ) -> Result<T, StoreError> {
        let mut tries = 1;
        loop {
            match self.update_once(tenant, reference, now, &mut change).await {
                Err(StoreError::Contended) if tries < TRIES => tries += 1,
                made => return made,
            }
        }
    }

    pub(crate) async fn update_once<T: Send>(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Share) -> Result<Change<T>, Refusal> + Send,
    ) -> Result<T, StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let Change { value, events } = change(&mut locked.share)?;
        self.save(locked, events, now).await?;
        Ok(value)
    }

    /// The trust's invitation of somebody with this email address.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`].
    pub async fn find_by_email(
        &self,
        tenant: &str,
        email: &EmailAddress,
    ) -> Result<String, StoreError> {
        self.find(tenant, Channel::Email, &self.keys.email(tenant, email)).await
    }

    /// The trust's invitation of somebody with this mobile number.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`].
    pub async fn find_by_mobile(
        &self,
        tenant: &str,
        mobile: &MobileNumber,
    ) -> Result<String, StoreError> {
        let index = self.keys.mobile(tenant, &self.home, mobile);
        self.find(tenant, Channel::Mobile, &index).await
    }

    async fn find(
        &self,
        tenant: &str,
        channel: Channel,
        index: &[u8],
    ) -> Result<String, StoreError> {
        let select =
            "SELECT reference FROM contacts WHERE tenant = $1 AND channel = $2 AND idx = $3";
        let row = sqlx::query(select).bind(tenant).bind(channel.id()).bind(index);
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        Ok(row.try_get(0)?)
    }

    /// The trust's shares in the order of their references, from after one on, so many at most: one for
    /// each person, and no further ones.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn list(
        &self,
        tenant: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        let select = "SELECT reference, outcome, touched_at FROM shares \
            WHERE tenant = $1 AND reference > $2 AND further_to IS NULL ORDER BY reference LIMIT $3";
        let rows = sqlx::query(select).bind(tenant).bind(after).bind(i64::from(most));
        let rows = rows.fetch_all(&self.database.pool).await?;
        let listed = |row: &AnyRow| {
            Ok(Listed {
                reference: row.try_get(0)?,
                outcome: Outcome::from_number(row.try_get(1)?),
                touched_at: instant(row.try_get(2)?),
            })
        };
        rows.iter().map(listed).collect()
    }

    /// Locks a share, and brings it into the store's epoch.
    pub(crate) async fn lock(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<Locked, StoreError> {
        let mut tx = self.database.write().await?;
        let whose = (tenant, reference);
        let (share, version, epoch) = self.select_locked(&mut tx, whose, now).await?;
        Ok(Locked { tx, share, epoch, version })
    }

    /// A share in a transaction, locked, in the store's epoch; the version that it had, and the epoch.
    pub(crate) async fn select_locked(
        &self,
        tx: &mut Tx,
        (tenant, reference): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<(Share, i64, i64), StoreError> {
        let select = format!("{SELECT_SHARE}{}", self.database.for_update());
        let row = sqlx::query(&select).bind(tenant).bind(reference);
        let row = row.fetch_optional(&mut **tx).await?.ok_or(StoreError::NotFound)?;
        let mut share = self.read_share(&row, tenant, reference)?;
        let (version, epoch) = (signed(share.version()), epoch(tx).await?);
        self.enter_epoch(tx, &mut share, epoch, now).await?;
        self.check_session(&share)?;
        Ok((share, version, epoch))
    }

    /// A share that has no session refuses what a person asks for, and says why.
    fn check_session(&self, share: &Share) -> Result<(), Refusal> {
        match &self.session {
            Some(session) if share.session_ends_at().is_some() => share.check_session(session),
            _ => Ok(()),
        }
    }

    /// What was unfinished before a restore is dead. Where the call that finds out is refused, this is
    /// not stored, and the next one finds out.
    async fn enter_epoch(
        &self,
        tx: &mut Tx,
        share: &mut Share,
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let epoch = unsigned(epoch);
        if share.epoch() < epoch
            && let Ok(moved) = share.enter_epoch(epoch, now)
        {
            let (tenant, reference) = (share.invitation().tenant(), share.invitation().reference());
            delete_session(tx, tenant, reference).await?;
            delete_receipt(tx, tenant, reference).await?;
            self.write_events(tx, tenant, reference, &moved.events, share.version()).await?;
        }
        Ok(())
    }

    /// Stores a locked share by compare-and-set, with its audit entries, and commits.
    pub(crate) async fn save(
        &self,
        mut locked: Locked,
        events: Vec<AuditEntry>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let invitation = locked.share.invitation();
        touch(&mut locked.tx, invitation.tenant(), invitation.reference(), now).await?;
        self.put(&mut locked, now).await?;
        let invitation = locked.share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        let version = locked.share.version();
        self.write_events(&mut locked.tx, tenant, reference, &events, version).await?;
        Ok(locked.tx.commit().await?)
    }

    /// The same, where nothing has happened to the share.
    pub(crate) async fn save_untouched(
        &self,
        mut locked: Locked,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.put(&mut locked, now).await?;
        Ok(locked.tx.commit().await?)
    }

    async fn put(&self, locked: &mut Locked, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.put_share(&mut locked.tx, &locked.share, locked.version, now).await
    }

    /// By compare-and-set on the version that it had.
    pub(crate) async fn put_share(
        &self,
        tx: &mut Tx,
        share: &Share,
        version: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let invitation = share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        let update = "UPDATE shares SET version = $4, outcome = $5, has_answers = $6, \
            body = $7 WHERE tenant = $1 AND reference = $2 AND version = $3";
        let row = self.row_of(share, now)?;
        let update = sqlx::query(update)
            .bind(tenant)
            .bind(reference)
            .bind(version)
            .bind(row.version)
            .bind(row.outcome)
            .bind(row.has_answers)
            .bind(row.body);
        if update.execute(&mut **tx).await?.rows_affected() != 1 {
            return Err(StoreError::Contended);
        }
        Ok(())
    }

    pub(crate) async fn insert_share(
        &self,
        tx: &mut Tx,
        share: &Share,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let invitation = share.invitation();
        let insert = "INSERT INTO shares (tenant, reference, version, outcome, has_answers, \
            expires_at, touched_at, body, further_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let row = self.row_of(share, now)?;
        let insert = sqlx::query(insert)
            .bind(invitation.tenant())
            .bind(invitation.reference())
            .bind(row.version)
            .bind(row.outcome)
            .bind(row.has_answers)
            .bind(micros(invitation.expires_at()))
            .bind(micros(now))
            .bind(row.body)
            .bind(share.further().map(Further::first));
        match insert.execute(&mut **tx).await {
            Err(error) if is_duplicate(&error) => Err(StoreError::ReferenceTaken),
            done => Ok(done.map(drop)?),
        }
    }

    pub(crate) async fn insert_subject(
        &self,
        tx: &mut Tx,
        tenant: &str,
        reference: &str,
    ) -> Result<(), StoreError> {
        let mut key = [0_u8; 32];
        rand::rng().fill_bytes(&mut key);
        let place = place("subjects", tenant, reference);
        let sealed = self.keys.sealing.seal(&key, &place, &mut rand::rng())?;
        let insert = "INSERT INTO subjects (tenant, reference, body) VALUES ($1, $2, $3)";
        sqlx::query(insert).bind(tenant).bind(reference).bind(sealed).execute(&mut **tx).await?;
        Ok(())
    }

    /// The name of the share in the audit; none where its key is gone.
    pub(crate) async fn subject(
        &self,
        tx: &mut Tx,
        tenant: &str,
        reference: &str,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let select = "SELECT body FROM subjects WHERE tenant = $1 AND reference = $2";
        let row = sqlx::query(select).bind(tenant).bind(reference);
        let Some(row) = row.fetch_optional(&mut **tx).await? else { return Ok(None) };
        let sealed: Vec<u8> = row.try_get(0)?;
        let key = self.keys.sealing.open(&sealed, &place("subjects", tenant, reference))?;
        Ok(subject(&key))
    }

    fn contacts(&self, invitation: &Invitation) -> Vec<(Channel, Vec<u8>)> {
        let tenant = invitation.tenant();
        let email = (Channel::Email, self.keys.email(tenant, invitation.email()));
        let mobile = invitation.mobile();
        let mobile = mobile.map(|m| (Channel::Mobile, self.keys.mobile(tenant, &self.home, m)));
        [email].into_iter().chain(mobile).collect()
    }

    fn row_of(&self, share: &Share, now: DateTime<Utc>) -> Result<ShareRow, StoreError> {
        let invitation = share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        let json = serde_json::to_vec(share).map(zeroize::Zeroizing::new);
        let json = json.map_err(|_| StoreError::Unreadable { column: "shares.body" })?;
        let version = share.version().to_be_bytes();
        let place = share_place(tenant, reference, &version);
        Ok(ShareRow {
            version: signed(share.version()),
            outcome: Outcome::of(share, now).number(),
            has_answers: i64::from(share.session_ends_at().is_some()),
            body: self.keys.sealing.seal(&json, &place, &mut rand::rng())?,
        })
    }

    pub(crate) fn read_share(
        &self,
        row: &AnyRow,
        tenant: &str,
        reference: &str,
    ) -> Result<Share, StoreError> {
        let (sealed, version): (Vec<u8>, i64) = (row.try_get(0)?, row.try_get(1)?);
        let version = unsigned(version).to_be_bytes();
        let json = self.keys.sealing.open(&sealed, &share_place(tenant, reference, &version))?;
        let share = serde_json::from_slice(&json);
        share.map_err(|_| StoreError::Unreadable { column: "shares.body" })
    }
}

/// The columns of a share that change.
struct ShareRow {
    version: i64,
    outcome: i64,
    has_answers: i64,
    body: Vec<u8>,
}

pub(crate) const SELECT_SHARE: &str =
    "SELECT body, version FROM shares WHERE tenant = $1 AND reference = $2";

/// SHA-256 of the token in an invitation's link (32 random bytes, in base64url, make a good one).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of a token, as it stands in the link.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(<sha2::Sha256 as sha2::Digest>::digest(token).into())
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenDigest(_)")
    }
}

async fn insert_contact(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    channel: Channel,
    index: &[u8],
) -> Result<(), StoreError> {
    let insert = "INSERT INTO contacts (tenant, channel, idx, reference) VALUES ($1, $2, $3, $4)";
    let insert = sqlx::query(insert).bind(tenant).bind(channel.id()).bind(index).bind(reference);
    match insert.execute(&mut **tx).await {
        Err(error) if is_duplicate(&error) => Err(StoreError::ContactTaken { channel }),
        done => Ok(done.map(drop)?),
    }
}

pub(crate) async fn insert_token(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    token: &TokenDigest,
    epoch: i64,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO invitations (tenant, token, reference, epoch, state) \
        VALUES ($1, $2, $3, $4, 0)";
    let insert =
        sqlx::query(insert).bind(tenant).bind(&token.as_bytes()[..]).bind(reference).bind(epoch);
    insert.execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn touch(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let touch = "UPDATE shares SET touched_at = $3 WHERE tenant = $1 AND reference = $2";
    let touch = sqlx::query(touch).bind(tenant).bind(reference).bind(micros(now));
    touch.execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn delete_session(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
) -> Result<(), StoreError> {
    let delete = "DELETE FROM sessions WHERE tenant = $1 AND reference = $2";
    sqlx::query(delete).bind(tenant).bind(reference).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn delete_receipt(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
) -> Result<(), StoreError> {
    let delete = "DELETE FROM records WHERE tenant = $1 AND reference = $2 AND kind = 0";
    sqlx::query(delete).bind(tenant).bind(reference).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn epoch(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT epoch FROM installation WHERE id = 1");
    Ok(row.fetch_one(&mut **tx).await?.try_get(0)?)
}

/// The place of a sealed column: table, column, tenant and row.
pub(crate) fn place<'p>(table: &'p str, tenant: &'p str, row: &'p str) -> [&'p [u8]; 4] {
    [table.as_bytes(), b"body", tenant.as_bytes(), row.as_bytes()]
}

/// The version is in the place too: a share's body and its version go together.
pub(crate) fn share_place<'p>(
    tenant: &'p str,
    reference: &'p str,
    version: &'p [u8; 8],
) -> [&'p [u8]; 5] {
    [b"shares", b"body", tenant.as_bytes(), reference.as_bytes(), version]
}

pub(crate) const fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(crate) fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
