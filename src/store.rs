//! What amicable keeps: messages, verdicts, corrections, drafts, the outbox, commitments, what the owner says of clients,
//! the sync cursor. One SQLite
//! file (WAL, foreign keys on) in the owner's data folder, readable by nobody else.
//!
//! Knows nothing of networks, and never decides: it keeps what the layers above and below hand it. Each
//! thread opens its own [`Store`] on the same file.

mod clients;
mod commitments;
mod drafts;
mod lessons;
mod messages;
mod outbox;
mod reflections;
mod schema;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::mail::Cursor;

pub use commitments::{Given, Pledges};
pub use drafts::SavedDraft;
pub use lessons::KeptLesson;
pub use messages::{Arrival, Correction, Row, TakenIn};
pub use outbox::{OutboxItem, OutboxState};
pub use reflections::Reflection;

/// The database within the data folder.
const FILE: &str = "amicable.db";

/// An open store.
#[derive(Debug)]
pub struct Store {
    db: Connection,
}

impl Store {
    /// Opens the store in a folder, making both where missing (0700 and 0600), and brings its schema up to
    /// date.
    ///
    /// Fails if the folder can't be made or written, if the file is no SQLite database, or if a later
    /// version of amicable wrote it.
    pub fn open(folder: &Path) -> Result<Self> {
        make_private_folder(folder)?;
        let file = folder.join(FILE);
        make_private_file(&file)?;
        let mut db =
            Connection::open(&file).with_context(|| format!("can't open the store {}", file.display()))?;
        prepare(&mut db).with_context(|| {
            format!("can't use the store {} (to start anew, move that file away)", file.display())
        })?;
        Ok(Self { db })
    }

    /// Whether there is a store in a folder.
    pub fn is_there(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// How far the sync of a folder has come.
    pub fn cursor(&self, account: &str, folder: &str) -> Result<Option<Cursor>> {
        self.db
            .query_row(
                "SELECT uid_validity, last_uid FROM cursor WHERE account = ?1 AND folder = ?2",
                params![account, folder],
                |row| Ok(Cursor { uid_validity: row.get(0)?, last_uid: row.get(1)? }),
            )
            .optional()
            .context("can't read the sync cursor")
    }

    /// Says how far the sync of a folder has come, and that it was looked at just now.
    pub fn set_cursor(&self, account: &str, folder: &str, cursor: Cursor, now: Timestamp) -> Result<()> {
        self.db
            .execute(
                "INSERT INTO cursor (account, folder, uid_validity, last_uid, checked_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account, folder) DO UPDATE SET \
                 uid_validity = ?3, last_uid = ?4, checked_at = ?5",
                params![account, folder, cursor.uid_validity, cursor.last_uid, now.as_second()],
            )
            .context("can't keep the sync cursor")?;
        Ok(())
    }

    /// When an account's folder was last looked at with success.
    pub fn last_checked(&self, account: &str) -> Result<Option<Timestamp>> {
        let seconds: Option<i64> = self
            .db
            .query_row("SELECT max(checked_at) FROM cursor WHERE account = ?1", [account], |row| row.get(0))
            .context("can't read the sync cursor")?;
        Ok(seconds.map(moment))
    }
}

/// Pragmas and migrations.
fn prepare(db: &mut Connection) -> Result<()> {
    // Another amicable on the same store may hold the write lock for a moment.
    db.busy_timeout(Duration::from_secs(10))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: a commit is on the disk when it returns; the outbox depends on it.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    schema::migrate(db)
}

fn make_private_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("can't make the data folder {}", folder.display()))?;
    restrict(folder, 0o700)
}

/// Made by ourselves before SQLite does, since SQLite gives its WAL files the mode of the database.
fn make_private_file(file: &PathBuf) -> Result<()> {
    // Only where it is missing: closing the file again would take away the locks that other connections of this process
    // hold on it (POSIX, fcntl), and another program could then remove their journal.
    match fs::OpenOptions::new().create_new(true).write(true).open(file) {
        Ok(_) => {}
        Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(fault) => {
            return Err(fault).with_context(|| format!("can't write the store {}", file.display()));
        }
    }
    restrict(file, 0o600)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("can't make {} private (mode {mode:o})", path.display()))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> Result<()> {
    Ok(())
}

impl Store {
    /// A transaction that may write. It takes the write lock at once: one that began by reading could not wait
    /// for another writer any more when it came to write.
    fn transaction(&mut self) -> Result<Transaction<'_>> {
        self.db.transaction_with_behavior(TransactionBehavior::Immediate).context("can't write to the store")
    }
}

/// A moment from stored seconds; the epoch where the number is out of range.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
