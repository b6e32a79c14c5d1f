//! The schema and its history: each entry of [`MIGRATIONS`] takes the store one version forward. Entries are
//! only ever added, never changed.

use anyhow::{Result, bail};
use rusqlite::Connection;

/// Version N of the schema is reached by the first N entries; kept in `user_version`.
const MIGRATIONS: &[&str] = &[VERSION_1, VERSION_2, VERSION_3, VERSION_4];

const VERSION_1: &str = "
CREATE TABLE message (
    id           INTEGER PRIMARY KEY,
    account      TEXT NOT NULL,
    folder       TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL,
    message_id   TEXT,                 -- without brackets
    thread       TEXT NOT NULL,
    sent_at      INTEGER NOT NULL,     -- Date, else when it was received; Unix seconds
    from_name    TEXT NOT NULL,
    from_address TEXT NOT NULL,
    subject      TEXT NOT NULL,
    flags        TEXT NOT NULL,        -- as on the server, separated by spaces
    raw          BLOB NOT NULL,
    arrived_at   INTEGER NOT NULL,     -- when it came in here; Unix seconds
    done         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, folder, uid_validity, uid)
) STRICT;
CREATE INDEX message_by_id ON message (message_id);
CREATE INDEX message_by_thread ON message (thread);
CREATE INDEX message_by_date ON message (sent_at);

-- Which messages a message refers to, so that threads can be joined whatever the order of arrival.
CREATE TABLE reference (
    message    INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    PRIMARY KEY (message, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_by_id ON reference (message_id);

CREATE TABLE verdict (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    reader  TEXT NOT NULL,             -- the engine and its settings
    json    TEXT NOT NULL
) STRICT;

CREATE TABLE correction (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    json    TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE draft (
    id         INTEGER PRIMARY KEY,
    account    TEXT NOT NULL,
    reply_to   INTEGER UNIQUE REFERENCES message (id) ON DELETE SET NULL,
    template   TEXT,
    json       TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given out twice: it may be on its way in memory
    account       TEXT NOT NULL,
    reply_to      INTEGER REFERENCES message (id) ON DELETE SET NULL,
    message_id    TEXT NOT NULL UNIQUE,
    envelope_from TEXT NOT NULL,
    envelope_to   TEXT NOT NULL,      -- JSON array
    bytes         BLOB NOT NULL,      -- exactly what goes out
    draft         TEXT NOT NULL,      -- JSON, to make it editable again
    state         TEXT NOT NULL
        CHECK (state IN ('queued', 'sending', 'sent', 'filed', 'failed', 'unknown')),
    not_before    INTEGER NOT NULL,   -- Unix milliseconds: end of the undo window, or of the wait to retry
    attempts      INTEGER NOT NULL DEFAULT 0,
    words         TEXT NOT NULL DEFAULT '',
    answered      INTEGER NOT NULL DEFAULT 0, -- \\Answered is set on the original
    queued_at     INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_message ON outbox (reply_to);

CREATE TABLE cursor (
    account      TEXT NOT NULL,
    folder       TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    last_uid     INTEGER NOT NULL,
    checked_at   INTEGER NOT NULL,
    PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;
";

const VERSION_2: &str = "
-- What the readers made of a message before lessons; without it the message is read again.
ALTER TABLE verdict ADD COLUMN basis BLOB;

-- What the owner taught. Of each lesson the last event counts; one without JSON forgets it.
CREATE TABLE lesson_event (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    lesson  INTEGER NOT NULL,
    message INTEGER,                   -- the message that was corrected; it may be gone
    json    TEXT,
    at      INTEGER NOT NULL           -- Unix seconds
) STRICT;
CREATE INDEX lesson_event_by_lesson ON lesson_event (lesson);
CREATE INDEX lesson_event_by_message ON lesson_event (message);
";

const VERSION_3: &str = "
-- What a reply promises, as JSON; and the template that it began with, by which the history of a client is told.
ALTER TABLE draft ADD COLUMN promises TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN promises TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN template TEXT;

-- Who is owed what by when. It goes with its reply, if that is taken back.
CREATE TABLE commitment (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox         INTEGER REFERENCES outbox (id) ON DELETE CASCADE,
    message        INTEGER REFERENCES message (id) ON DELETE SET NULL,
    client_name    TEXT NOT NULL,
    client_address TEXT NOT NULL,
    who            TEXT NOT NULL CHECK (who IN ('owner', 'client')),
    what           TEXT NOT NULL,
    said_by        TEXT NOT NULL,      -- by when, as it was said
    due            INTEGER,            -- the same in Unix seconds; none where it hangs on something
    condition      TEXT,
    state          TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'released')),
    moved          INTEGER NOT NULL DEFAULT 0,
    made_at        INTEGER NOT NULL,
    settled_at     INTEGER,
    settled_by     INTEGER REFERENCES outbox (id) ON DELETE SET NULL -- the reply that keeps it
) STRICT;
CREATE INDEX commitment_by_client ON commitment (client_address);
CREATE INDEX commitment_by_outbox ON commitment (outbox);
CREATE INDEX message_by_address ON message (from_address);
";

const VERSION_4: &str = "
-- What is told of a message for the ledger, as JSON; none where it came in before there was one.
ALTER TABLE message ADD COLUMN signs TEXT;

-- What a mail is for, as JSON: a reply, a reminder, a notice. Only a reply answers the message that it is written under.
ALTER TABLE draft ADD COLUMN errand TEXT NOT NULL DEFAULT '\"reply\"';
ALTER TABLE outbox ADD COLUMN errand TEXT NOT NULL DEFAULT '\"reply\"';
ALTER TABLE outbox ADD COLUMN awaits INTEGER NOT NULL DEFAULT 0; -- it asks something, and waits for an answer

-- What the owner says of clients. Of these and the messages the ledger is made; a row that is deleted never was.
CREATE TABLE ledger_entry (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,             -- Unix seconds
    json TEXT NOT NULL
) STRICT;

-- Messages that were put off.
CREATE TABLE snooze (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    until   INTEGER,                   -- Unix seconds; none: until the client writes again
    since   INTEGER NOT NULL
) STRICT;

-- What the owner thought about at the end of a week, if they wanted it kept.
CREATE TABLE reflection (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
";

/// An empty store as an earlier version made it.
#[cfg(test)]
pub(super) fn build(db: &Connection, version: u32) -> Result<()> {
    for (_, step) in (0..version).zip(MIGRATIONS) {
        db.execute_batch(step)?;
    }
    db.pragma_update(None, "user_version", version)?;
    Ok(())
}

/// Brings the schema to this version, each step in a transaction of its own.
pub(super) fn migrate(db: &mut Connection) -> Result<()> {
    let found: u32 = db.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))?;
    let known = MIGRATIONS.len();
    if found as usize > known {
        bail!(
            "it was written by a later version of amicable (schema {found}, this one knows {known}); update amicable"
        );
    }
    for (version, step) in (0..).zip(MIGRATIONS).skip(found as usize) {
        let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have come first while this one waited for the lock.
        let now: u32 =
            transaction.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))?;
        if now == version {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", version + 1)?;
        }
        transaction.commit()?;
    }
    Ok(())
}
