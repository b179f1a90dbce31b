//! The two databases, and what is asked of them: that nothing that was committed can be lost.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{Migration, MigrationSource, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Row as _, Transaction};

use crate::error::StoreError;

/// Where the store is.
#[derive(Clone)]
#[non_exhaustive]
pub enum Location {
    /// A SQLite file, which is made where it is missing: for one portal on one machine.
    Sqlite(PathBuf),
    /// SQLite in memory, gone with the program: for tests, and for what lives some minutes.
    SqliteMemory,
    /// A PostgreSQL database, by its URL (`postgres://…`): for several portals. The URL may hold a
    /// password; `Debug` prints none of it.
    Postgres(String),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(_) => f.write_str("Sqlite(_)"),
            Self::SqliteMemory => f.write_str("SqliteMemory"),
            Self::Postgres(_) => f.write_str("Postgres(_)"),
        }
    }
}

/// A pool of connections to one of the two.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) pool: AnyPool,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Memory,
    Postgres,
}

pub(crate) type Tx = Transaction<'static, Any>;

impl Database {
    pub(crate) async fn open(location: &Location, connections: u32) -> Result<Self, StoreError> {
        let (kind, url) = match location {
            Location::Sqlite(path) => (Kind::Sqlite, sqlite_url(path)?),
            Location::SqliteMemory => (Kind::Memory, "sqlite::memory:".to_owned()),
            Location::Postgres(url) => (Kind::Postgres, url.clone()),
        };
        kind.check_built()?;
        sqlx::any::install_default_drivers();
        // Before there is a pool, which would go on trying: what is wrong is said at once.
        kind.check_server(&url).await?;
        let options =
            kind.pool(connections).acquire_timeout(Duration::from_secs(10)).after_connect(
                move |connection, _| Box::pin(async move { kind.prepare(connection).await }),
            );
        let pool = options.connect(&url).await?;
        let database = Self { pool, kind };
        database.check_durable().await?;
        database.migrate().await?;
        Ok(database)
    }

    /// A transaction that will write. SQLite takes its one write lock now: a transaction that read
    /// first and wanted to write later could not.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        match self.kind {
            Kind::Sqlite | Kind::Memory => Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?),
            Kind::Postgres => Ok(self.pool.begin().await?),
        }
    }

    /// What locks the rows of a SELECT: PostgreSQL locks rows, SQLite is locked already.
    pub(crate) const fn for_update(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite | Kind::Memory => "",
            Kind::Postgres => " FOR UPDATE",
        }
    }

    async fn check_durable(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        match self.kind {
            Kind::Sqlite => check_sqlite(&mut connection).await,
            // It is meant to be lost.
            Kind::Memory => Ok(()),
            Kind::Postgres => check_postgres(&mut connection).await,
        }
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let migrator = Migrator::new(self.kind).await.map_err(|_| StoreError::Migration)?;
        migrator.run(&self.pool).await.map_err(|_| StoreError::Migration)
    }
}

impl Kind {
    /// A database in memory is its one connection, which must not end.
    fn pool(self, connections: u32) -> AnyPoolOptions {
        let options = AnyPoolOptions::new();
        match self {
            Self::Memory => options.max_connections(1).idle_timeout(None).max_lifetime(None),
            Self::Sqlite | Self::Postgres => options.max_connections(connections),
        }
    }

    const fn check_built(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite | Self::Memory if cfg!(feature = "sqlite") => Ok(()),
            Self::Postgres if cfg!(feature = "postgres") => Ok(()),
            Self::Sqlite | Self::Memory => Err(StoreError::NotBuilt { name: "sqlite" }),
            Self::Postgres => Err(StoreError::NotBuilt { name: "postgres" }),
        }
    }

    /// Each connection.
    async fn prepare(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite | Self::Memory => {
                // The time-out first, since changing the journal may have to wait. `FULL`: a commit
                // is on the disk before it is one. `secure_delete`: what is deleted is overwritten.
                for pragma in SQLITE_PRAGMAS {
                    sqlx::query(pragma).fetch_all(&mut *connection).await?;
                }
                Ok(())
            }
            // The server may have changed since the store was opened.
            Self::Postgres => match check_postgres(connection).await {
                Ok(()) => Ok(()),
                Err(_) => Err(sqlx::Error::PoolClosed),
            },
        }
    }

    async fn check_server(self, url: &str) -> Result<(), StoreError> {
        if self != Self::Postgres {
            return Ok(());
        }
        let mut connection = AnyConnection::connect(url).await?;
        check_postgres(&mut connection).await?;
        Ok(connection.close().await?)
    }
}

const SQLITE_PRAGMAS: [&str; 5] = [
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
];

/// Reads the settings back: a pragma that SQLite does not know or cannot set is no error.
async fn check_sqlite(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let journal = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    if journal.try_get::<String, _>(0)? != "wal" {
        return Err(StoreError::NotDurable { setting: "journal_mode" });
    }
    // 2 is FULL.
    let wanted =
        [("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 10_000)];
    for (setting, wanted) in wanted {
        let read = format!("PRAGMA {setting}");
        let row = sqlx::query(&read).fetch_one(&mut *connection).await?;
        if row.try_get::<i64, _>(0)? != wanted {
            return Err(StoreError::NotDurable { setting });
        }
    }
    Ok(())
}

/// The primary, and one that has written what it says it has.
async fn check_postgres(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT pg_is_in_recovery()").fetch_one(&mut *connection).await?;
    if row.try_get(0)? {
        return Err(StoreError::Standby);
    }
    for setting in ["synchronous_commit", "fsync"] {
        let row = sqlx::query("SELECT current_setting($1)").bind(setting);
        if row.fetch_one(&mut *connection).await?.try_get::<String, _>(0)? == "off" {
            return Err(StoreError::NotDurable { setting });
        }
    }
    Ok(())
}

impl MigrationSource<'static> for Kind {
    fn resolve(
        self,
    ) -> std::pin::Pin<
        Box<
            dyn Future<Output = Result<Vec<Migration>, Box<dyn std::error::Error + Send + Sync>>>
                + Send,
        >,
    > {
        let [shares, requests, staff, reminders, further] = match self {
            Self::Sqlite | Self::Memory => [
                include_str!("../migrations/sqlite/0001_shares.sql"),
                include_str!("../migrations/sqlite/0002_open_requests.sql"),
                include_str!("../migrations/sqlite/0003_staff.sql"),
                include_str!("../migrations/sqlite/0004_reminders.sql"),
                include_str!("../migrations/sqlite/0005_further.sql"),
            ],
            Self::Postgres => [
                include_str!("../migrations/postgres/0001_shares.sql"),
                include_str!("../migrations/postgres/0002_open_requests.sql"),
                include_str!("../migrations/postgres/0003_staff.sql"),
                include_str!("../migrations/postgres/0004_reminders.sql"),
                include_str!("../migrations/postgres/0005_further.sql"),
            ],
        };
        let migration = |version, name: &'static str, sql: &'static str| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into(), false)
        };
        let all = vec![
            migration(1, "shares", shares),
            migration(2, "open requests", requests),
            migration(3, "staff", staff),
            migration(4, "reminders", reminders),
            migration(5, "further", further),
        ];
        Box::pin(async move { Ok(all) })
    }
}

/// The file, for its owner alone, and its URL.
fn sqlite_url(path: &Path) -> Result<String, StoreError> {
    let path = std::path::absolute(path).map_err(|_| StoreError::Unavailable)?;
    make_private(&path)?;
    let path = path.to_str().ok_or(StoreError::Unavailable)?;
    let mut url = String::from("sqlite://");
    for character in path.chars() {
        match character {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3F"),
            '#' => url.push_str("%23"),
            other => url.push(other),
        }
    }
    Ok(url)
}

/// SQLite gives its journal the mode of the file.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|_| StoreError::Unavailable)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    async fn pragma(connection: &mut AnyConnection, name: &str) -> Result<String, sqlx::Error> {
        let read = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        let read = read.replace("CAST(busy_timeout", "CAST(timeout");
        sqlx::query(&read).fetch_one(connection).await?.try_get(0)
    }

    /// On every connection: all but the journal are settings of a connection.
    #[tokio::test]
    async fn each_connection_to_sqlite_is_durable_private_and_patient() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("shares.db"));
        let database = Database::open(&location, 3).await.unwrap();
        let mut connections = Vec::new();
        for _ in 0..3 {
            connections.push(database.pool.acquire().await.unwrap());
        }
        for connection in &mut connections {
            let wanted = [
                ("journal_mode", "wal"),
                ("synchronous", "2"),
                ("foreign_keys", "1"),
                ("secure_delete", "1"),
                ("busy_timeout", "10000"),
            ];
            for (name, value) in wanted {
                assert_eq!(pragma(connection, name).await.unwrap(), value, "{name}");
            }
        }
    }

    #[tokio::test]
    async fn a_connection_to_sqlite_with_one_setting_less_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("shares.db"));
        let database = Database::open(&location, 1).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let less = [
            ("synchronous", "NORMAL"),
            ("foreign_keys", "OFF"),
            ("secure_delete", "FAST"),
            ("busy_timeout", "0"),
            ("journal_mode", "DELETE"),
        ];
        for (setting, value) in less {
            let set = format!("PRAGMA {setting} = {value}");
            sqlx::query(&set).fetch_all(&mut *connection).await.unwrap();
            let refused = check_sqlite(&mut connection).await.unwrap_err();
            assert_eq!(refused, StoreError::NotDurable { setting });
            Kind::Sqlite.prepare(&mut connection).await.unwrap();
            assert_eq!(check_sqlite(&mut connection).await, Ok(()));
        }
    }
}
