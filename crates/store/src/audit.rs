//! The audit: a chain of entries for each tenant, which can be continued and not changed.
//!
//! Each entry is linked to the one before by an HMAC under a key that is not in the database (attack
//! B23). One row says where the chain ends, and is locked while it is continued: two portals make one
//! chain. [`Store::audit_head`] is to be copied out of the database on a timer; with such a copy
//! [`Store::check_audit`] finds out that the end was cut off. An entry names its share by a keyed
//! digest: when the share is erased its key goes, and the entries stay in the chain, of nobody.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use staffpass_share::AuditEntry;
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::database::Tx;
use crate::error::StoreError;
use crate::store::{SELECT_SHARE, Store, signed, unsigned};

/// So many entries are read at a time.
const PAGE: i64 = 1000;

/// An entry of the audit. It holds no claim, code, token or address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Audited {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: `share` for the person and her wallet, otherwise what [`Store::note`] was told.
    pub actor: String,
    /// What happened: the stable name.
    pub name: String,
    /// More about it, in the share's own form.
    pub event: Value,
    /// Which share, by its keyed digest in hexadecimal; empty where its key is gone.
    pub subject: String,
    /// The version of the share after it.
    pub version: u64,
}

/// Where the audit of a tenant ends. Export it on a timer, to where the database's administrator
/// cannot write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AuditHead {
    /// The tenant.
    pub tenant: String,
    /// The number of the last entry; they begin with 1.
    pub seq: u64,
    /// Its link, in hexadecimal.
    pub mac: String,
}

/// What is wrong with an audit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuditFault {
    /// An entry was changed, or put in, or another key made the chain.
    #[error("entry {seq} is not linked to the one before")]
    Broken {
        /// The first such entry.
        seq: u64,
    },
    /// An entry is missing.
    #[error("entry {seq} is missing")]
    Missing {
        /// The first that is.
        seq: u64,
    },
    /// The chain is shorter than a head that was exported, or not the one that it was taken from.
    #[error("the chain does not hold the head that was exported at entry {seq}")]
    HeadLost {
        /// Where the exported head is.
        seq: u64,
    },
    /// A share is older than the audit says: somebody put an old row back (attack B22).
    #[error("the share `{reference}` is at version {version}; the audit knows version {audited}")]
    RolledBack {
        /// The reference of its invitation.
        reference: String,
        /// Its version.
        version: u64,
        /// The latest version in the audit.
        audited: u64,
    },
}

impl AuditFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Broken { .. } => "audit_broken",
            Self::Missing { .. } => "audit_missing",
            Self::HeadLost { .. } => "audit_head_lost",
            Self::RolledBack { .. } => "audit_rolled_back",
        }
    }
}

impl Store {
    /// Writes down something that is not a transition of the share: who did it, and its name. Neither
    /// may hold anything personal.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`], [`StoreError::Unavailable`].
    pub async fn note(
        &self,
        tenant: &str,
        reference: &str,
        actor: &str,
        name: &'static str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let version = locked.share.version();
        self.write_note(&mut locked.tx, tenant, reference, (name, actor), version, now).await?;
        self.save(locked, Vec::new(), now).await
    }

    /// Where the tenant's audit ends; none where it has not begun.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn audit_head(&self, tenant: &str) -> Result<Option<AuditHead>, StoreError> {
        let select = "SELECT seq, mac FROM audit_heads WHERE tenant = $1 AND seq > 0";
        let row = sqlx::query(select).bind(tenant).fetch_optional(&self.database.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let mac: Vec<u8> = row.try_get(1)?;
        let seq = unsigned(row.try_get(0)?);
        Ok(Some(AuditHead { tenant: tenant.to_owned(), seq, mac: hex(&mac) }))
    }

    /// Entries of the tenant's audit in order, from after one on, so many at most.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn audit(
        &self,
        tenant: &str,
        after: u64,
        most: u32,
    ) -> Result<Vec<(u64, Audited)>, StoreError> {
        let rows = self.audit_rows(tenant, signed(after), i64::from(most)).await?;
        rows.into_iter().map(|row| Ok((unsigned(row.seq), read(&row.entry)?))).collect()
    }

    /// Checks the tenant's audit from its first entry to its last, against a head that was exported,
    /// and the shares against it. Says how many entries there are, and the first fault.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`]; a fault of the audit is no error of
    /// the store.
    pub async fn check_audit(
        &self,
        tenant: &str,
        exported: Option<&AuditHead>,
    ) -> Result<Result<u64, AuditFault>, StoreError> {
        // The ends first: what is written meanwhile only makes the chain longer.
        let heads = [exported.cloned(), self.audit_head(tenant).await?];
        let mut chain = Chain::default();
        loop {
            let rows = self.audit_rows(tenant, signed(chain.seq), PAGE).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let link = self.keys.chain(tenant, row.seq, &chain.mac, &row.entry);
                if let Err(fault) = chain.follow(&row, link, &heads) {
                    return Ok(Err(fault));
                }
                chain.note(&read(&row.entry)?);
            }
        }
        if let Err(fault) = chain.check_heads(&heads) {
            return Ok(Err(fault));
        }
        let rolled_back = self.find_rolled_back(tenant, &chain.versions).await?;
        Ok(rolled_back.map_or(Ok(chain.seq), Err))
    }

    async fn find_rolled_back(
        &self,
        tenant: &str,
        audited: &BTreeMap<String, u64>,
    ) -> Result<Option<AuditFault>, StoreError> {
        let select = "SELECT reference FROM shares WHERE tenant = $1 ORDER BY reference";
        let rows = sqlx::query(select).bind(tenant).fetch_all(&self.database.pool).await?;
        for row in rows {
            let reference: String = row.try_get(0)?;
            let mut tx = self.database.pool.begin().await?;
            let subject = self.subject(&mut tx, tenant, &reference).await?;
            let row = sqlx::query(SELECT_SHARE).bind(tenant).bind(&reference);
            let Some(row) = row.fetch_optional(&mut *tx).await? else { continue };
            let version = unsigned(row.try_get(1)?);
            let audited = subject.and_then(|subject| audited.get(&hex(&subject)).copied());
            if let Some(audited) = audited.filter(|audited| *audited > version) {
                return Ok(Some(AuditFault::RolledBack { reference, version, audited }));
            }
        }
        Ok(None)
    }

    async fn audit_rows(
        &self,
        tenant: &str,
        after: i64,
        most: i64,
    ) -> Result<Vec<Row>, StoreError> {
        let select = "SELECT seq, entry, mac FROM audit WHERE tenant = $1 AND seq > $2 \
            ORDER BY seq LIMIT $3";
        let rows = sqlx::query(select).bind(tenant).bind(after).bind(most);
        let rows = rows.fetch_all(&self.database.pool).await?;
        let row = |row: &sqlx::any::AnyRow| {
            Ok(Row { seq: row.try_get(0)?, entry: row.try_get(1)?, mac: row.try_get(2)? })
        };
        rows.iter().map(row).collect()
    }

    pub(crate) async fn write_note(
        &self,
        tx: &mut Tx,
        tenant: &str,
        reference: &str,
        (name, actor): (&str, &str),
        version: u64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let subject = self.subject(tx, tenant, reference).await?;
        let entry = Audited {
            at: now,
            actor: actor.to_owned(),
            name: name.to_owned(),
            event: Value::Null,
            subject: subject.map(|subject| hex(&subject)).unwrap_or_default(),
            version,
        };
        self.append(tx, tenant, &[entry]).await
    }

    pub(crate) async fn write_events(
        &self,
        tx: &mut Tx,
        tenant: &str,
        reference: &str,
        events: &[AuditEntry],
        version: u64,
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let subject = self.subject(tx, tenant, reference).await?;
        let subject = subject.map(|subject| hex(&subject)).unwrap_or_default();
        let audited = |entry: &AuditEntry| {
            Ok(Audited {
                at: entry.at,
                actor: "share".to_owned(),
                name: entry.event.name().to_owned(),
                event: serde_json::to_value(&entry.event).map_err(|_| unreadable())?,
                subject: subject.clone(),
                version,
            })
        };
        let entries: Vec<_> = events.iter().map(audited).collect::<Result<_, StoreError>>()?;
        self.append(tx, tenant, &entries).await
    }

    /// Continues the chain. The row of its end is locked from here to the end of the transaction.
    async fn append(
        &self,
        tx: &mut Tx,
        tenant: &str,
        entries: &[Audited],
    ) -> Result<(), StoreError> {
        let begin = "INSERT INTO audit_heads (tenant, seq, mac) VALUES ($1, 0, $2) \
            ON CONFLICT (tenant) DO NOTHING";
        sqlx::query(begin).bind(tenant).bind(Vec::new()).execute(&mut **tx).await?;
        let select = "SELECT seq, mac FROM audit_heads WHERE tenant = $1";
        let select = format!("{select}{}", self.database.for_update());
        let head = sqlx::query(&select).bind(tenant).fetch_one(&mut **tx).await?;
        let (mut seq, mut mac): (i64, Vec<u8>) = (head.try_get(0)?, head.try_get(1)?);
        for entry in entries {
            let entry = serde_json::to_string(entry).map_err(|_| unreadable())?;
            seq = seq.saturating_add(1);
            mac = self.keys.chain(tenant, seq, &mac, &entry).to_vec();
            let insert = "INSERT INTO audit (tenant, seq, entry, mac) VALUES ($1, $2, $3, $4)";
            let insert = sqlx::query(insert).bind(tenant).bind(seq).bind(entry).bind(mac.clone());
            insert.execute(&mut **tx).await?;
        }
        let update = "UPDATE audit_heads SET seq = $2, mac = $3 WHERE tenant = $1";
        sqlx::query(update).bind(tenant).bind(seq).bind(mac).execute(&mut **tx).await?;
        Ok(())
    }
}

struct Row {
    seq: i64,
    entry: String,
    mac: Vec<u8>,
}

/// A chain, as far as it has been followed.
#[derive(Default)]
struct Chain {
    seq: u64,
    mac: Vec<u8>,
    /// The latest version of each subject.
    versions: BTreeMap<String, u64>,
}

impl Chain {
    fn follow(
        &mut self,
        row: &Row,
        link: [u8; 32],
        heads: &[Option<AuditHead>],
    ) -> Result<(), AuditFault> {
        let seq = self.seq.saturating_add(1);
        if unsigned(row.seq) != seq {
            return Err(AuditFault::Missing { seq });
        }
        if !bool::from(row.mac.as_slice().ct_eq(&link)) {
            return Err(AuditFault::Broken { seq });
        }
        let exported = heads.iter().flatten().find(|head| head.seq == seq);
        if exported.is_some_and(|head| head.mac != hex(&link)) {
            return Err(AuditFault::HeadLost { seq });
        }
        (self.seq, self.mac) = (seq, link.to_vec());
        Ok(())
    }

    fn note(&mut self, entry: &Audited) {
        let latest = self.versions.entry(entry.subject.clone()).or_default();
        *latest = entry.version.max(*latest);
    }

    fn check_heads(&self, heads: &[Option<AuditHead>]) -> Result<(), AuditFault> {
        let beyond = heads.iter().flatten().find(|head| head.seq > self.seq);
        beyond.map_or(Ok(()), |head| Err(AuditFault::HeadLost { seq: head.seq }))
    }
}

fn read(entry: &str) -> Result<Audited, StoreError> {
    serde_json::from_str(entry).map_err(|_| unreadable())
}

const fn unreadable() -> StoreError {
    StoreError::Unreadable { column: "audit.entry" }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
