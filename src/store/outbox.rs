//! Replies on their way out. Each change of state is on the disk before the step it announces is taken.
//!
//! ```text
//! queued -> sending -> sent -> filed
//!              |-> queued   (nothing was sent: tried again later)
//!              |-> failed   (refused for good: the owner edits it)
//!              `-> unknown  (the line was lost after the body was handed over: the owner decides)
//! ```

use std::fmt;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::messages::{from_json, to_json};
use super::{Pledges, SavedDraft, Store, moment};
use crate::ledger::{CommitmentState, Errand, Promise};
use crate::mail::{MessageId, Outgoing};
use crate::reply::Draft;

/// Where a reply is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// Waits for its time; may be taken back.
    Queued,
    /// Being handed to the server.
    Sending,
    /// The server took it; the copy in Sent is still to be filed.
    Sent,
    /// Done: sent, and its copy is filed (or the server needs none).
    Filed,
    /// Refused for good; nothing was sent.
    Failed,
    /// May or may not have gone out; never sent again by itself.
    Unknown,
}

impl OutboxState {
    const WORDS: [(OutboxState, &'static str); 6] = [
        (OutboxState::Queued, "queued"),
        (OutboxState::Sending, "sending"),
        (OutboxState::Sent, "sent"),
        (OutboxState::Filed, "filed"),
        (OutboxState::Failed, "failed"),
        (OutboxState::Unknown, "unknown"),
    ];

    /// The word in the store and on screen.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for OutboxState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl ToSql for OutboxState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for OutboxState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        let found = Self::WORDS.iter().find(|(_, known)| *known == word);
        found.map(|(state, _)| *state).ok_or(FromSqlError::InvalidType)
    }
}

/// A reply in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its number.
    pub id: i64,
    /// The account it is sent from.
    pub account: String,
    /// The message it answers, if that is still here.
    pub reply_to: Option<i64>,
    /// Its `Message-ID`.
    pub message_id: MessageId,
    /// Everybody it goes to.
    pub recipients: Vec<String>,
    /// The template that it began with.
    pub template: Option<String>,
    /// The draft it was made from.
    pub draft: Draft,
    /// What it promises, as far as its template knows.
    pub promises: Vec<Promise>,
    /// What it is for.
    pub errand: Errand,
    /// It asks something, and waits for an answer.
    pub awaits: bool,
    /// Where it is.
    pub state: OutboxState,
    /// Not sent before: the end of the undo window, or of the wait before the next try.
    pub not_before: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What the server or the network said last.
    pub words: String,
    /// `\Answered` is set on the original.
    pub answered: bool,
    /// When the owner confirmed it.
    pub queued_at: Timestamp,
}

const COLUMNS: &str = "id, account, reply_to, message_id, envelope_to, draft, state, not_before, attempts, words, \
                       answered, queued_at, template, promises, errand, awaits";

/// What may go out at the moment `?1`. A time far ahead, where nothing was tried yet, is that of a clock which
/// has been set back since: the undo window is an hour at most (3,600,000 ms).
const DUE: &str = "state = 'queued' AND (not_before <= ?1 OR (attempts = 0 AND not_before > ?1 + 3600000))";

impl Store {
    /// Puts a confirmed reply into the outbox, to go out at `not_before`, and removes its draft. What is promised in it is
    /// recorded with it, and what it keeps is kept.
    pub fn queue(
        &mut self,
        saved: &SavedDraft,
        reply_to: Option<i64>,
        outgoing: &Outgoing,
        pledges: &Pledges,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<i64> {
        let transaction = self.transaction()?;
        once(&transaction, saved)?;
        transaction
            .execute(
                "INSERT INTO outbox (account, reply_to, message_id, envelope_from, envelope_to, bytes, draft, \
                 state, not_before, queued_at, updated_at, template, promises, errand, awaits) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14)",
                params![
                    saved.account,
                    reply_to,
                    outgoing.message_id.as_str(),
                    outgoing.from,
                    to_json(&outgoing.recipients)?,
                    outgoing.bytes,
                    to_json(&saved.draft)?,
                    OutboxState::Queued,
                    not_before.as_millisecond(),
                    now.as_second(),
                    saved.template,
                    to_json(&saved.promises)?,
                    to_json(&saved.errand)?,
                    pledges.awaits,
                ],
            )
            .context("can't write to the outbox")?;
        let id = transaction.last_insert_rowid();
        let Pledges { given, kept, replaced, awaits: _ } = pledges;
        let moved = u32::from(!replaced.is_empty());
        super::commitments::record(&transaction, Some(id), reply_to, given, moved, now)?;
        super::commitments::settle(&transaction, id, kept, CommitmentState::Kept, now)?;
        super::commitments::settle(&transaction, id, replaced, CommitmentState::Released, now)?;
        if let Some(reply_to) = reply_to {
            // A draft of something else under the same message stays.
            transaction.execute(
                "DELETE FROM draft WHERE reply_to = ?1 AND errand = ?2",
                params![reply_to, to_json(&saved.errand)?],
            )?;
        }
        transaction.commit().context("can't write to the outbox")?;
        Ok(id)
    }

    /// Whether a reply waits for an answer: the owner's word.
    pub fn set_awaits(&self, id: i64, awaits: bool) -> Result<()> {
        self.db
            .execute("UPDATE outbox SET awaits = ?2 WHERE id = ?1", params![id, awaits])
            .context("can't write to the outbox")?;
        Ok(())
    }

    /// Stops mails that are queued and have become pointless, for these reasons; they can be edited, and nothing was sent.
    pub fn stop(&mut self, pointless: &[(i64, String)], now: Timestamp) -> Result<usize> {
        let transaction = self.transaction()?;
        let mut stopped = 0;
        for (id, words) in pointless {
            let changed = transaction.execute(
                "UPDATE outbox SET state = 'failed', words = ?2, updated_at = ?3 WHERE id = ?1 AND state = 'queued'",
                params![id, words, now.as_second()],
            )?;
            if changed > 0 {
                super::commitments::reopen(&transaction, *id)?;
            }
            stopped += changed;
        }
        transaction.commit().context("can't write to the outbox")?;
        Ok(stopped)
    }

    /// Everything in the outbox, newest first.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>> {
        self.items("ORDER BY id DESC", &[])
    }

    /// One reply.
    pub fn outbox_item(&self, id: i64) -> Result<Option<OutboxItem>> {
        Ok(self.items("WHERE id = ?1", &[&id])?.pop())
    }

    /// Whether something is queued and its time has come.
    pub fn has_due(&self, now: Timestamp) -> Result<bool> {
        self.db
            .query_row(
                &format!("SELECT EXISTS (SELECT 1 FROM outbox WHERE {DUE})"),
                [now.as_millisecond()],
                |row| row.get(0),
            )
            .context("can't read the outbox")
    }

    /// What is sent but whose copy is not filed, or whose original is not marked answered yet.
    pub fn unfiled(&self, now: Timestamp) -> Result<Vec<OutboxItem>> {
        self.items(
            "WHERE (state = 'sent' OR (state = 'filed' AND answered = 0)) AND not_before <= ?1 ORDER BY id",
            &[&now.as_millisecond()],
        )
    }

    /// Takes the first reply that is due from `queued` to `sending`, and gives what goes out as it stands at
    /// this moment; nothing if none is due.
    pub fn begin_sending(&self, now: Timestamp) -> Result<Option<(OutboxItem, Outgoing)>> {
        let id: Option<i64> = self
            .db
            .query_row(
                &format!(
                    "UPDATE outbox SET state = 'sending', attempts = attempts + 1, updated_at = ?2 \
                     WHERE id = (SELECT min(id) FROM outbox WHERE {DUE}) RETURNING id"
                ),
                params![now.as_millisecond(), now.as_second()],
                |row| row.get(0),
            )
            .optional()
            .context("can't write to the outbox")?;
        // What is sending is changed by nobody else.
        let Some(id) = id else { return Ok(None) };
        let item = self.outbox_item(id)?.with_context(|| format!("reply {id} is not in the outbox"))?;
        Ok(Some((item, self.outgoing(id)?)))
    }

    /// What goes out for a reply, byte for byte.
    pub fn outgoing(&self, id: i64) -> Result<Outgoing> {
        self.db
            .query_row(
                "SELECT message_id, envelope_from, envelope_to, bytes FROM outbox WHERE id = ?1",
                [id],
                |row| {
                    Ok(Outgoing {
                        message_id: message_id(&row.get::<_, String>(0)?)?,
                        from: row.get(1)?,
                        recipients: from_json(&row.get::<_, String>(2)?)?,
                        bytes: row.get(3)?,
                    })
                },
            )
            .with_context(|| format!("can't read reply {id} from the outbox"))
    }

    /// Keeps how a step ended.
    pub fn set_outbox_state(
        &self,
        id: i64,
        state: OutboxState,
        words: &str,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        self.db
            .execute(
                "UPDATE outbox SET state = ?2, words = ?3, not_before = ?4, updated_at = ?5 WHERE id = ?1",
                params![id, state, words, not_before.as_millisecond(), now.as_second()],
            )
            .context("can't write to the outbox")?;
        if state == OutboxState::Failed {
            // What was refused has kept nothing.
            super::commitments::reopen(&self.db, id)?;
        }
        Ok(())
    }

    /// The owner's word on an unknown reply: it went ([`OutboxState::Sent`]), or it is to be sent again
    /// ([`OutboxState::Queued`]). A reply that is not unknown any more stays as it is.
    pub fn settle(&self, id: i64, to: OutboxState, now: Timestamp) -> Result<()> {
        self.db
            .execute(
                "UPDATE outbox SET state = ?2, words = '', not_before = ?3, updated_at = ?4 \
                 WHERE id = ?1 AND state = 'unknown'",
                params![id, to, now.as_millisecond(), now.as_second()],
            )
            .context("can't write to the outbox")?;
        Ok(())
    }

    /// What waits for its next try is due at once. An undo window is left as it is.
    pub fn retry_now(&self, now: Timestamp) -> Result<()> {
        self.db
            .execute(
                "UPDATE outbox SET not_before = ?1 WHERE not_before > ?1 \
                 AND ((state = 'queued' AND attempts > 0) OR state IN ('sent', 'filed'))",
                [now.as_millisecond()],
            )
            .context("can't write to the outbox")?;
        Ok(())
    }

    /// Keeps that `\Answered` is set on the original (or that there is none to set it on).
    pub fn set_answered(&self, id: i64) -> Result<()> {
        self.db
            .execute("UPDATE outbox SET answered = 1 WHERE id = ?1", [id])
            .context("can't write to the outbox")?;
        Ok(())
    }

    /// What a program that ended in the middle left in `sending` becomes `unknown`. Only for the one who
    /// holds the sender's lock. Returns how many there were.
    pub fn interrupt_sending(&self, now: Timestamp) -> Result<usize> {
        self.db
            .execute(
                "UPDATE outbox SET state = 'unknown', updated_at = ?1, \
                 words = 'amicable ended while it was being sent' WHERE state = 'sending'",
                [now.as_second()],
            )
            .context("can't write to the outbox")
    }

    /// Takes a reply out of the outbox and makes it a draft again. For what is queued, failed or unknown;
    /// anything else has gone out, and stays.
    pub fn take_back(&mut self, id: i64, now: Timestamp) -> Result<OutboxItem> {
        let transaction = self.transaction()?;
        let item = transaction
            .query_row(&format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"), [id], item)
            .optional()?
            .with_context(|| format!("reply {id} is not in the outbox"))?;
        if !matches!(item.state, OutboxState::Queued | OutboxState::Failed | OutboxState::Unknown) {
            bail!("reply {id} is {} and can't be taken back", item.state);
        }
        let reply_to = item.reply_to.with_context(|| {
            format!("the message that reply {id} answers is gone, so it stays in the outbox")
        })?;
        let kept = transaction.execute(
            "INSERT INTO draft (account, reply_to, json, updated_at, template, promises, errand) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (reply_to) DO NOTHING",
            params![
                item.account,
                reply_to,
                to_json(&item.draft)?,
                now.as_second(),
                item.template,
                to_json(&item.promises)?,
                to_json(&item.errand)?
            ],
        )?;
        if kept == 0 {
            bail!("there is another draft of a reply to this message; send it or throw it away first");
        }
        super::commitments::reopen(&transaction, id)?;
        transaction.execute("DELETE FROM outbox WHERE id = ?1", [id])?;
        transaction.commit().context("can't write to the outbox")?;
        Ok(item)
    }

    fn items(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<OutboxItem>> {
        let mut statement = self.db.prepare(&format!("SELECT {COLUMNS} FROM outbox {condition}"))?;
        let items = statement.query_map(values, item)?;
        items.collect::<rusqlite::Result<_>>().context("can't read the outbox")
    }
}

/// A notice goes to nobody twice, and of two reminders of one question the second waits for the first.
fn once(db: &Connection, saved: &SavedDraft) -> Result<()> {
    let mut statement = db.prepare(
        "SELECT errand, envelope_to, state FROM outbox WHERE errand NOT IN (?1, ?2) AND state <> 'failed'",
    )?;
    let others = [to_json(&Errand::Reply)?, to_json(&Errand::Letter)?];
    let sent = statement.query_map(params![others[0], others[1]], |row| {
        let errand: Errand = from_json(&row.get::<_, String>(0)?)?;
        Ok((errand, from_json::<Vec<String>>(&row.get::<_, String>(1)?)?, row.get::<_, OutboxState>(2)?))
    })?;
    for item in sent {
        let (errand, recipients, state) = item?;
        let is_to =
            |address: &String| saved.draft.to.iter().any(|to| to.address.eq_ignore_ascii_case(address));
        match (&saved.errand, &errand) {
            (Errand::Notice(one), Errand::Notice(other)) if one.is_same(other) => {
                if let Some(address) = recipients.iter().find(|address| is_to(address)) {
                    bail!("{address} has been told already ({other}); nothing was sent");
                }
            }
            (Errand::Nudge(one), Errand::Nudge(other)) if one == other && state == OutboxState::Queued => {
                bail!("a reminder of this question waits in the outbox already");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads the [`COLUMNS`].
fn item(row: &Row<'_>) -> rusqlite::Result<OutboxItem> {
    Ok(OutboxItem {
        id: row.get(0)?,
        account: row.get(1)?,
        reply_to: row.get(2)?,
        message_id: message_id(&row.get::<_, String>(3)?)?,
        recipients: from_json(&row.get::<_, String>(4)?)?,
        draft: from_json(&row.get::<_, String>(5)?)?,
        state: row.get(6)?,
        not_before: Timestamp::from_millisecond(row.get(7)?).unwrap_or(Timestamp::UNIX_EPOCH),
        attempts: row.get(8)?,
        words: row.get(9)?,
        answered: row.get(10)?,
        queued_at: moment(row.get(11)?),
        template: row.get(12)?,
        promises: from_json(&row.get::<_, String>(13)?)?,
        errand: from_json(&row.get::<_, String>(14)?)?,
        awaits: row.get(15)?,
    })
}

fn message_id(text: &str) -> rusqlite::Result<MessageId> {
    MessageId::new(text).ok_or_else(|| rusqlite::Error::InvalidColumnName("message_id".to_owned()))
}
