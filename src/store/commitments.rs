//! Commitments: who is owed what by when.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::messages::from_json;
use super::{Store, moment};
use crate::ledger::{Commitment, CommitmentState, Party, Promise, Signs};
use crate::mail::Address;

/// A promise that is given with a reply, and the moment that its "by when" means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The promise.
    pub promise: Promise,
    /// When it is due; none where that hangs on something.
    pub due: Option<Timestamp>,
}

/// What a reply does to commitments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pledges {
    /// What it promises.
    pub given: Vec<Given>,
    /// What it keeps, by number.
    pub kept: Vec<i64>,
    /// What it promises takes the place of these, by number: another day was named.
    pub replaced: Vec<i64>,
    /// It asks something, and waits for an answer.
    pub awaits: bool,
}

const COLUMNS: &str = "c.id, c.client_name, c.client_address, c.who, c.what, c.said_by, c.due, c.condition, c.state, \
                       c.made_at, c.moved, c.message, c.settled_at";

/// A reply that was refused has promised nothing.
const GIVEN: &str =
    "FROM commitment c LEFT JOIN outbox o ON o.id = c.outbox WHERE coalesce(o.state, 'sent') <> 'failed'";

impl Store {
    /// All commitments: the open ones first, by when they are due, then the settled ones, the newest first.
    pub fn commitments(&self) -> Result<Vec<Commitment>> {
        let mut statement = self.db.prepare(&format!(
            "SELECT {COLUMNS} {GIVEN} ORDER BY c.state <> 'open', \
             CASE c.state WHEN 'open' THEN coalesce(c.due, 9e15) ELSE -coalesce(c.settled_at, 0) END, c.id"
        ))?;
        let found = statement.query_map([], commitment)?;
        found.collect::<rusqlite::Result<_>>().context("can't read the commitments")
    }

    /// Keeps that a commitment is kept, released, or open again.
    pub fn set_commitment(&self, id: i64, state: CommitmentState, now: Timestamp) -> Result<()> {
        let settled = (state != CommitmentState::Open).then(|| now.as_second());
        let changed = self
            .db
            .execute(
                "UPDATE commitment SET state = ?2, settled_at = ?3, settled_by = NULL WHERE id = ?1",
                params![id, state.word(), settled],
            )
            .context("can't write the commitment")?;
        there(id, changed)
    }

    /// Records promises to the writer of a message that no reply of this program gave.
    pub fn promise(&mut self, message: i64, given: &[Given], now: Timestamp) -> Result<()> {
        record(&self.db, None, Some(message), given, 0, now)
    }

    /// Moves a commitment to another time.
    pub fn move_commitment(&self, id: i64, said_by: &str, due: Option<Timestamp>) -> Result<()> {
        let changed = self
            .db
            .execute(
                "UPDATE commitment SET said_by = ?2, due = ?3, moved = moved + 1 WHERE id = ?1",
                params![id, said_by, due.map(Timestamp::as_second)],
            )
            .context("can't write the commitment")?;
        there(id, changed)
    }
}

fn there(id: i64, changed: usize) -> Result<()> {
    if changed == 0 {
        bail!("there is no commitment {id}; `amicable commitments` lists them with their numbers");
    }
    Ok(())
}

/// Records what a reply promises to the writer of the message that it answers.
pub(super) fn record(
    db: &Connection,
    outbox: Option<i64>,
    reply_to: Option<i64>,
    given: &[Given],
    moved: u32,
    now: Timestamp,
) -> Result<()> {
    let (Some(message), false) = (reply_to, given.is_empty()) else { return Ok(()) };
    let (client, signs): (Address, Option<String>) = db
        .query_row("SELECT from_name, from_address, signs FROM message WHERE id = ?1", [message], |row| {
            Ok((Address { name: row.get(0)?, address: row.get(1)? }, row.get(2)?))
        })
        .context("that message is not in the store any more")?;
    // A form relays somebody's words; they are the client.
    let signs: Option<Signs> = signs.map(|json| from_json(&json)).transpose()?;
    let Address { name, address } = signs.and_then(|signs| signs.writer).unwrap_or(client);
    for Given { promise, due } in given {
        db.execute(
            "INSERT INTO commitment (outbox, message, client_name, client_address, who, what, said_by, due, condition, \
             made_at, moved) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                outbox,
                message,
                name,
                address,
                promise.who.word(),
                promise.what,
                promise.by,
                due.map(Timestamp::as_second),
                promise.condition,
                now.as_second(),
                moved
            ],
        )
        .context("can't write the commitment")?;
    }
    Ok(())
}

/// These commitments are kept by a reply, or another takes their place.
pub(super) fn settle(
    db: &Connection,
    outbox: i64,
    settled: &[i64],
    to: CommitmentState,
    now: Timestamp,
) -> Result<()> {
    for id in settled {
        db.execute(
            "UPDATE commitment SET state = ?4, settled_at = ?3, settled_by = ?2 WHERE id = ?1 AND state = 'open'",
            params![id, outbox, now.as_second(), to.word()],
        )
        .context("can't write the commitment")?;
    }
    Ok(())
}

/// What a reply kept or replaced is open again.
pub(super) fn reopen(db: &Connection, outbox: i64) -> Result<()> {
    db.execute(
        "UPDATE commitment SET state = 'open', settled_at = NULL, settled_by = NULL WHERE settled_by = ?1",
        [outbox],
    )
    .context("can't write the commitment")?;
    Ok(())
}

/// Reads the [`COLUMNS`].
fn commitment(row: &Row<'_>) -> rusqlite::Result<Commitment> {
    let unknown = |()| rusqlite::Error::InvalidColumnName("commitment".to_owned());
    let who: String = row.get(3)?;
    let state: String = row.get(8)?;
    Ok(Commitment {
        id: row.get(0)?,
        client: Address { name: row.get(1)?, address: row.get(2)? },
        who: Party::of_word(&who).ok_or(()).map_err(unknown)?,
        what: row.get(4)?,
        by: row.get(5)?,
        due: row.get::<_, Option<i64>>(6)?.map(moment),
        condition: row.get(7)?,
        state: CommitmentState::ALL
            .into_iter()
            .find(|known| known.word() == state)
            .ok_or(())
            .map_err(unknown)?,
        made_at: moment(row.get(9)?),
        moved: row.get(10)?,
        message: row.get(11)?,
        settled_at: row.get::<_, Option<i64>>(12)?.map(moment),
    })
}
