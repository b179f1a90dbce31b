//! Why the store did not do what it was asked to.

use staffpass_otp::Channel;
use staffpass_share::{RecordError, Refusal, ReviewRefusal, SealError};
use thiserror::Error;

/// Why a call to the store failed. Nothing of it was kept. It holds no claim, code, address or token,
/// and no text of the database's that could quote one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The share's own refusal.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The review's own refusal.
    #[error(transparent)]
    Review(#[from] ReviewRefusal),
    /// A record does not open.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A column does not open: it was changed or moved, or its key is missing.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// A column opens, and cannot be read by this version.
    #[error("the stored `{column}` cannot be read")]
    Unreadable {
        /// Which.
        column: &'static str,
    },

    /// There is no such share, session, request or invitation, or no longer. Which, is not said.
    #[error("there is no such thing")]
    NotFound,
    /// The trust has an invitation under this reference.
    #[error("there is a share under this reference")]
    ReferenceTaken,
    /// The trust has an invitation of somebody with this email address or mobile number.
    #[error("there is a share with this {} address", .channel.id())]
    ContactTaken {
        /// Which of the two.
        channel: Channel,
    },
    /// The invitation was used already, or another one took its place.
    #[error("the invitation was used")]
    InvitationUsed,

    /// Too many codes were sent.
    #[error(transparent)]
    Otp(#[from] staffpass_otp::Error),
    /// As many text messages were sent today as may be.
    #[error("no more text messages today")]
    SpendCapReached {
        /// Whether it is the cap of the whole installation, and not the trust's.
        of_all: bool,
    },

    /// Others changed the same share each time. Nothing was kept; try again.
    #[error("others were faster each time")]
    Contended,
    /// The database cannot be reached, or is stopping or starting. Nothing was kept, unless the
    /// connection was lost while it committed: read before repeating.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The database refused, with this code of its own.
    #[error("the database refused{}", .code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Database {
        /// `SQLSTATE`, or SQLite's result code.
        code: Option<String>,
    },
    /// This build has no such database.
    #[error("this build does not know the database `{name}`")]
    NotBuilt {
        /// The feature that is missing.
        name: &'static str,
    },
    /// The database is set up in a way in which a committed step could be lost.
    #[error("the database may lose what it has committed: {setting}")]
    NotDurable {
        /// The setting that says so.
        setting: &'static str,
    },
    /// The database is a standby, which only repeats what its primary does: name the primary.
    #[error("the database is a standby, and not the primary")]
    Standby,
    /// A migration that ran is not the one that this version knows, or one failed.
    #[error("the database's tables are not of this version")]
    Migration,
    /// A key has fewer than 32 bytes.
    #[error("the {name} key has {bytes} bytes; it needs 32")]
    KeyTooShort {
        /// Which.
        name: &'static str,
        /// Its length.
        bytes: usize,
    },
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Review(refusal) => refusal.code(),
            Self::Record(error) => error.code(),
            Self::Sealed(error) => error.code(),
            Self::Unreadable { .. } => "store_unreadable",
            Self::NotFound => "store_not_found",
            Self::ReferenceTaken => "store_reference_taken",
            Self::ContactTaken { .. } => "store_contact_taken",
            Self::InvitationUsed => "store_invitation_used",
            Self::Otp(error) => error.code(),
            Self::SpendCapReached { .. } => "store_spend_cap_reached",
            Self::Contended => "store_contended",
            Self::Unavailable => "store_unavailable",
            Self::Database { .. } => "store_database",
            Self::NotBuilt { .. } => "store_not_built",
            Self::NotDurable { .. } => "store_not_durable",
            Self::Standby => "store_standby",
            Self::Migration => "store_migration",
            Self::KeyTooShort { .. } => "store_key_too_short",
        }
    }

    /// Whether the same call may succeed in a moment.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Contended | Self::Unavailable)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as Sql;
        match error {
            Sql::Io(_)
            | Sql::Tls(_)
            | Sql::PoolTimedOut
            | Sql::PoolClosed
            | Sql::WorkerCrashed
            | Sql::Protocol(_) => Self::Unavailable,
            Sql::RowNotFound => Self::NotFound,
            Sql::ColumnDecode { .. } | Sql::Decode(_) | Sql::ColumnNotFound(_) => {
                Self::Unreadable { column: "row" }
            }
            Sql::Database(error) => Self::of_code(error.code().map(|code| code.into_owned())),
            _ => Self::Database { code: None },
        }
    }
}

impl StoreError {
    fn of_code(code: Option<String>) -> Self {
        match code.as_deref() {
            // PostgreSQL: a lost serialisation, a deadlock, a lock not had.
            Some("40001" | "40P01" | "55P03") => Self::Contended,
            // SQLite: busy, and busy with a stale snapshot.
            Some("5" | "6" | "261" | "262" | "517") => Self::Contended,
            // PostgreSQL: connection exceptions; stopping, crashed, starting; too many connections;
            // a primary that has become a standby.
            Some("57P01" | "57P02" | "57P03" | "53300" | "25006") => Self::Unavailable,
            Some(code) if code.len() == 5 && code.starts_with("08") => Self::Unavailable,
            _ => Self::Database { code },
        }
    }
}

/// Whether the error is that a row with such a key is there already.
pub(crate) fn is_duplicate(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.is_unique_violation())
}
