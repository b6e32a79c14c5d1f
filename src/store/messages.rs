//! Messages with their verdicts and the owner's corrections; threads.

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Store, moment};
use crate::ledger::{Signs, Snooze};
use crate::mail::{Address, Message, MessageId, RawMessage, ThreadId};
use crate::triage::{Acquaintance, Basis, Concern, Judged, Sender, Verdict};

/// A message on its way into the store.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The account it belongs to.
    pub account: &'a str,
    /// The folder it lies in.
    pub folder: &'a str,
    /// The UIDVALIDITY of that folder (RFC 9051, 2.3.1.1).
    pub uid_validity: u32,
    /// The message as it lies in the source; needs a UID.
    pub raw: &'a RawMessage,
    /// The message as read.
    pub message: &'a Message,
    /// What the engine says of it.
    pub judged: &'a Judged,
    /// Which engine with which settings that was.
    pub reader: &'a str,
    /// What is told of it for the ledger.
    pub signs: &'a Signs,
}

/// What became of an [`Arrival`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenIn {
    /// It is new here.
    New(i64),
    /// It was here already, maybe under another UID; its flags and verdict are renewed.
    Known(i64),
}

/// What the owner says a message is, against or with the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Who writes.
    pub sender: Sender,
    /// What they are asking.
    pub concerns: Vec<Concern>,
}

/// A line of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The message in the store.
    pub id: i64,
    /// The account it came to.
    pub account: String,
    /// The conversation it belongs to.
    pub thread: ThreadId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Who wrote it.
    pub from: Address,
    /// Its subject.
    pub subject: String,
    /// What the engine says.
    pub verdict: Verdict,
    /// What the owner says, where they corrected it.
    pub correction: Option<Correction>,
    /// The owner put it away.
    pub done: bool,
    /// The server says it was answered (`\Answered`).
    pub answered: bool,
    /// There is an unfinished reply.
    pub has_draft: bool,
    /// State of the newest reply in the outbox.
    pub reply: Option<super::OutboxState>,
    /// How often that reply was tried.
    pub tries: u32,
    /// When that reply was confirmed.
    pub replied_at: Option<Timestamp>,
    /// When the message came into the store; unlike [`Row::sent_at`] no claim of the sender.
    pub arrived_at: Timestamp,
    /// What is told of it for the ledger.
    pub signs: Signs,
    /// The owner put it off.
    pub snooze: Option<Snooze>,
}

impl Row {
    /// Who writes: the owner's word over the engine's.
    pub fn sender(&self) -> Sender {
        self.correction.as_ref().map_or(self.verdict.sender, |correction| correction.sender)
    }

    /// What they are asking: the owner's word over the engine's.
    pub fn concerns(&self) -> &[Concern] {
        self.correction.as_ref().map_or(&self.verdict.concerns, |correction| &correction.concerns)
    }
}

impl Store {
    /// Keeps messages with their verdicts, all or none of them, and joins them to their threads.
    ///
    /// A message that is here already under the same UID is only renewed. One that comes with another
    /// UIDVALIDITY is recognised by its bytes, so that what was done and corrected stays with it.
    pub fn take_in(&mut self, arrivals: &[Arrival<'_>], now: Timestamp) -> Result<Vec<TakenIn>> {
        let transaction = self.transaction()?;
        let take = |arrival: &Arrival<'_>| {
            take_in(&transaction, arrival, now)
                .with_context(|| format!("can't keep message {}", arrival.raw.place))
        };
        let taken = arrivals.iter().map(take).collect::<Result<_>>()?;
        transaction.commit().context("can't write to the store")?;
        Ok(taken)
    }

    /// All messages as lines of the queue, newest first.
    pub fn rows(&self) -> Result<Vec<Row>> {
        let mut statement = self.db.prepare(
            "SELECT m.id, m.account, m.thread, m.sent_at, m.from_name, m.from_address, m.subject, m.done, \
             m.flags, v.json, c.json, \
             EXISTS (SELECT 1 FROM draft d WHERE d.reply_to = m.id), \
             o.state, coalesce(o.attempts, 0), o.queued_at, m.arrived_at, m.signs, s.since, s.until \
             FROM message m JOIN verdict v ON v.message = m.id LEFT JOIN correction c ON c.message = m.id \
             LEFT JOIN snooze s ON s.message = m.id \
             LEFT JOIN outbox o ON o.id = (SELECT max(id) FROM outbox WHERE reply_to = m.id \
             AND (errand = '\"reply\"' OR state IN ('failed', 'unknown'))) \
             ORDER BY m.sent_at DESC, m.id DESC",
        )?;
        let rows = statement.query_map([], |row| {
            let verdict: String = row.get(9)?;
            let correction: Option<String> = row.get(10)?;
            let flags: String = row.get(8)?;
            Ok(Row {
                id: row.get(0)?,
                account: row.get(1)?,
                thread: ThreadId(row.get(2)?),
                sent_at: moment(row.get(3)?),
                from: Address { name: row.get(4)?, address: row.get(5)? },
                subject: row.get(6)?,
                verdict: from_json(&verdict)?,
                correction: correction.map(|json| from_json(&json)).transpose()?,
                done: row.get(7)?,
                answered: flags.split(' ').any(|flag| flag.eq_ignore_ascii_case("\\Answered")),
                has_draft: row.get(11)?,
                reply: row.get(12)?,
                tries: row.get(13)?,
                replied_at: row.get::<_, Option<i64>>(14)?.map(moment),
                arrived_at: moment(row.get(15)?),
                signs: row
                    .get::<_, Option<String>>(16)?
                    .map(|json| from_json(&json))
                    .transpose()?
                    .unwrap_or_default(),
                snooze: row.get::<_, Option<i64>>(17)?.map(|since| {
                    let until: rusqlite::Result<Option<i64>> = row.get(18);
                    Snooze { since: moment(since), until: until.ok().flatten().map(moment) }
                }),
            })
        })?;
        rows.collect::<rusqlite::Result<_>>().context("can't read the queue from the store")
    }

    /// Messages of which nothing is told for the ledger yet: they came in before there was one.
    pub fn without_signs(&self) -> Result<Vec<i64>> {
        let mut statement = self.db.prepare("SELECT id FROM message WHERE signs IS NULL")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        ids.collect::<rusqlite::Result<_>>().context("can't read messages from the store")
    }

    /// Keeps what is told of messages for the ledger.
    pub fn set_signs(&mut self, signs: &[(i64, Signs)]) -> Result<()> {
        let transaction = self.transaction()?;
        for (id, signs) in signs {
            transaction
                .execute("UPDATE message SET signs = ?2 WHERE id = ?1", params![id, to_json(signs)?])?;
        }
        transaction.commit().context("can't write to the store")
    }

    /// The bytes of a message, if it is here.
    pub fn raw(&self, id: i64) -> Result<Option<Vec<u8>>> {
        self.db
            .query_row("SELECT raw FROM message WHERE id = ?1", [id], |row| row.get(0))
            .optional()
            .context("can't read a message from the store")
    }

    /// Where a message lies on its server: account, folder, UIDVALIDITY, UID.
    pub fn location(&self, id: i64) -> Result<Option<(String, String, u32, u32)>> {
        self.db
            .query_row("SELECT account, folder, uid_validity, uid FROM message WHERE id = ?1", [id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()
            .context("can't read a message from the store")
    }

    /// Keeps what the owner says a message is; `None` takes their word back.
    pub fn correct(&self, id: i64, correction: Option<&Correction>, now: Timestamp) -> Result<()> {
        match correction {
            Some(correction) => self.db.execute(
                "INSERT INTO correction (message, json, made_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (message) DO UPDATE SET json = ?2, made_at = ?3",
                params![id, to_json(correction)?, now.as_second()],
            ),
            None => self.db.execute("DELETE FROM correction WHERE message = ?1", [id]),
        }
        .context("can't keep the correction")?;
        Ok(())
    }

    /// Puts a message away, or takes it out again. Nothing changes on the server.
    pub fn set_done(&self, id: i64, done: bool) -> Result<()> {
        self.db
            .execute("UPDATE message SET done = ?2 WHERE id = ?1", params![id, done])
            .context("can't keep that the message is done")?;
        Ok(())
    }

    /// The messages that another engine read, or one with other settings: their verdicts are out of date.
    ///
    /// Of one account, the newest first.
    pub fn read_by_another(&self, account: &str, reader: &str) -> Result<Vec<i64>> {
        let mut statement = self.db.prepare(
            "SELECT v.message FROM verdict v JOIN message m ON m.id = v.message \
             WHERE m.account = ?1 AND (v.reader <> ?2 OR v.basis IS NULL) ORDER BY m.sent_at DESC",
        )?;
        let ids = statement.query_map([account, reader], |row| row.get(0))?;
        ids.collect::<rusqlite::Result<_>>().context("can't read verdicts from the store")
    }

    /// The messages that are not put away and have only their strongest reasons from this engine, the newest first.
    pub fn without_all_reasons(&self, reader: &str) -> Result<Vec<i64>> {
        let mut statement = self.db.prepare_cached(
            "SELECT v.message FROM verdict v JOIN message m ON m.id = v.message \
             WHERE m.done = 0 AND v.reader = ?1 AND coalesce(json_extract(v.json, '$.depth'), 'brief') = 'brief' \
             ORDER BY m.sent_at DESC, m.id DESC",
        )?;
        let ids = statement.query_map([reader], |row| row.get(0))?;
        ids.collect::<rusqlite::Result<_>>().context("can't read verdicts from the store")
    }

    /// The verdicts on messages that are not put away, with what they rest on.
    pub fn judged(&self) -> Result<Vec<(i64, Judged)>> {
        let mut statement = self.db.prepare(
            "SELECT v.message, v.json, v.basis FROM verdict v JOIN message m ON m.id = v.message \
             WHERE m.done = 0 AND v.basis IS NOT NULL",
        )?;
        let all = statement.query_map([], |row| {
            let verdict = from_json(&row.get::<_, String>(1)?)?;
            let basis = Basis::from_bytes(&row.get::<_, Vec<u8>>(2)?);
            Ok(basis.map(|basis| (row.get(0), Judged { verdict, basis })))
        })?;
        let all: Vec<_> =
            all.collect::<rusqlite::Result<_>>().context("can't read verdicts from the store")?;
        all.into_iter().flatten().map(|(id, judged)| Ok((id?, judged))).collect()
    }

    /// Renews what is said of messages; what it rests on stays.
    pub fn renew_verdicts(&mut self, verdicts: &[(i64, Verdict)]) -> Result<()> {
        let transaction = self.transaction()?;
        for (id, verdict) in verdicts {
            transaction
                .execute("UPDATE verdict SET json = ?2 WHERE message = ?1", params![id, to_json(verdict)?])?;
        }
        transaction.commit().context("can't keep the verdicts")
    }

    /// Whether the owner has written to this address in answer to a client, or this message answers a mail of theirs.
    pub fn acquaintance(&self, message: &Message) -> Result<Acquaintance> {
        let address = message.author().map(|author| author.address.to_lowercase()).unwrap_or_default();
        let mut by_address = self.db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox o JOIN message m ON m.id = o.reply_to \
             WHERE o.state IN ('sent', 'filed') AND lower(m.from_address) = ?1)",
        )?;
        let known_client = !address.is_empty() && by_address.query_row([&address], |row| row.get(0))?;
        let mut by_id =
            self.db.prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE message_id = ?1)")?;
        let mut answers_owner = false;
        for id in message.in_reply_to.iter().chain(&message.references) {
            answers_owner |= by_id.query_row([id.as_str()], |row| row.get::<_, bool>(0))?;
        }
        Ok(Acquaintance { known_client, answers_owner })
    }

    /// The lowest UID of a folder that is here.
    pub fn first_uid(&self, account: &str, folder: &str, uid_validity: u32) -> Result<Option<u32>> {
        self.db
            .query_row(
                "SELECT min(uid) FROM message WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3",
                params![account, folder, uid_validity],
                |row| row.get(0),
            )
            .context("can't read messages from the store")
    }

    /// Keeps the flags that messages of a folder have on the server now, by UID.
    pub fn set_flags(
        &mut self,
        account: &str,
        folder: &str,
        uid_validity: u32,
        flags: &[(u32, Vec<String>)],
    ) -> Result<()> {
        let transaction = self.transaction()?;
        {
            let mut change = transaction.prepare(
                "UPDATE message SET flags = ?5 WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3 \
                 AND uid = ?4 AND flags <> ?5",
            )?;
            for (uid, flags) in flags {
                change.execute(params![account, folder, uid_validity, uid, flags.join(" ")])?;
            }
        }
        transaction.commit().context("can't write to the store")
    }

    /// Renews the verdicts of messages, all at once.
    pub fn set_verdicts(&mut self, verdicts: &[(i64, Judged)], reader: &str) -> Result<()> {
        let transaction = self.transaction()?;
        for (id, judged) in verdicts {
            set_verdict(&transaction, *id, judged, reader).context("can't keep a verdict")?;
        }
        transaction.commit().context("can't write to the store")
    }
}

fn take_in(db: &Transaction<'_>, arrival: &Arrival<'_>, now: Timestamp) -> Result<TakenIn> {
    let uid = arrival.raw.uid.context("the source gave no UID")?;
    let flags = arrival.raw.flags.join(" ");
    if let Some(id) = known(db, arrival, uid)? {
        db.execute(
            "UPDATE message SET uid_validity = ?2, uid = ?3, flags = ?4, signs = ?5 WHERE id = ?1",
            params![id, arrival.uid_validity, uid, flags, to_json(arrival.signs)?],
        )?;
        set_verdict(db, id, arrival.judged, arrival.reader)?;
        return Ok(TakenIn::Known(id));
    }
    let message = arrival.message;
    let author = message.author().cloned().unwrap_or_else(|| Address::new("", ""));
    let sent_at = message.date.or(arrival.raw.received).unwrap_or(now);
    let thread = join_thread(db, message, &format!("{}/{}/{uid}", arrival.account, arrival.folder))?;
    db.execute(
        "INSERT INTO message (account, folder, uid_validity, uid, message_id, thread, sent_at, from_name, \
         from_address, subject, flags, raw, arrived_at, signs) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            arrival.account,
            arrival.folder,
            arrival.uid_validity,
            uid,
            message.id.as_ref().map(MessageId::as_str),
            thread.0,
            sent_at.as_second(),
            author.name,
            author.address,
            message.subject,
            flags,
            arrival.raw.bytes,
            now.as_second(),
            to_json(arrival.signs)?,
        ],
    )?;
    let id = db.last_insert_rowid();
    for reference in message.references.iter().chain(&message.in_reply_to) {
        db.execute(
            "INSERT OR IGNORE INTO reference (message, message_id) VALUES (?1, ?2)",
            params![id, reference.as_str()],
        )?;
    }
    set_verdict(db, id, arrival.judged, arrival.reader)?;
    Ok(TakenIn::New(id))
}

/// The same place, or the same bytes in the same folder from before a change of UIDVALIDITY.
fn known(db: &Connection, arrival: &Arrival<'_>, uid: u32) -> rusqlite::Result<Option<i64>> {
    let here = db
        .query_row(
            "SELECT id FROM message WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3 AND uid = ?4",
            params![arrival.account, arrival.folder, arrival.uid_validity, uid],
            |row| row.get(0),
        )
        .optional()?;
    if here.is_some() {
        return Ok(here);
    }
    db.query_row(
        "SELECT id FROM message WHERE account = ?1 AND folder = ?2 AND uid_validity <> ?3 \
         AND message_id IS ?4 AND raw = ?5",
        params![
            arrival.account,
            arrival.folder,
            arrival.uid_validity,
            arrival.message.id.as_ref().map(MessageId::as_str),
            arrival.raw.bytes
        ],
        |row| row.get(0),
    )
    .optional()
}

/// The thread of a new message. If it links threads that were apart so far, they become one, named by the
/// thread of its oldest known relative.
fn join_thread(db: &Connection, message: &Message, fallback: &str) -> rusqlite::Result<ThreadId> {
    let own = message.thread(fallback);
    let mut found: Vec<String> = Vec::new();
    let mut note = |thread: Option<String>| {
        if let Some(thread) = thread
            && !found.contains(&thread)
        {
            found.push(thread);
        }
    };
    let mut by_id = db.prepare_cached("SELECT thread FROM message WHERE message_id = ?1 LIMIT 1")?;
    let mut by_reference = db.prepare_cached(
        "SELECT m.thread FROM reference r JOIN message m ON m.id = r.message WHERE r.message_id = ?1 LIMIT 1",
    )?;
    for relative in message.references.iter().chain(&message.in_reply_to) {
        note(by_id.query_row([relative.as_str()], |row| row.get(0)).optional()?);
        note(by_reference.query_row([relative.as_str()], |row| row.get(0)).optional()?);
    }
    if let Some(id) = &message.id {
        note(by_reference.query_row([id.as_str()], |row| row.get(0)).optional()?);
    }
    let Some((first, others)) = found.split_first() else { return Ok(own) };
    for other in others {
        db.execute("UPDATE message SET thread = ?1 WHERE thread = ?2", [first, other])?;
    }
    Ok(ThreadId(first.clone()))
}

fn set_verdict(db: &Connection, id: i64, judged: &Judged, reader: &str) -> Result<()> {
    db.execute(
        "INSERT INTO verdict (message, reader, json, basis) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (message) DO UPDATE SET reader = ?2, json = ?3, basis = ?4",
        params![id, reader, to_json(&judged.verdict)?, judged.basis.to_bytes()],
    )?;
    Ok(())
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).context("can't write it as JSON")
}

/// For use in row closures: a fault is one of the stored text.
pub(super) fn from_json<T: for<'de> Deserialize<'de>>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|fault| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(fault))
    })
}
