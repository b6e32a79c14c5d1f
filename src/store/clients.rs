//! What the ledger is made of: messages, replies, commitments, and what the owner says of clients; what waits for an answer,
//! and what was put off.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rusqlite::params;

use super::messages::{from_json, to_json};
use super::{OutboxItem, OutboxState, Row, Store, moment};
use crate::ledger::follow_up::question;
use crate::ledger::{Answer, Commitment, Deed, Entry, Errand, Facts, FollowUp, Past, Records};
use crate::reply::draft::bare_subject;
use crate::reply::own_text_end;

impl Row {
    /// The message as the ledger knows it.
    pub fn past(&self) -> Past {
        Past {
            message: self.id,
            // A date in the future is a claim.
            at: self.sent_at.min(self.arrived_at),
            arrived_at: self.arrived_at,
            from: self.signs.writer.clone().unwrap_or_else(|| self.from.clone()),
            client: self.sender() == crate::triage::Sender::Client,
            thread: self.thread.0.clone(),
            subject: self.subject.clone(),
            topic: topic(&self.subject),
            concerns: self.concerns().to_vec(),
            signs: self.signs.clone(),
            settled: self.done || self.answered,
        }
    }
}

/// A subject without marks of replying, in small letters.
fn topic(subject: &str) -> String {
    bare_subject(subject).to_lowercase()
}

/// What the ledger is made of, from what is in the store. A reply that was refused has told nobody anything.
fn facts(rows: &[Row], outbox: &[OutboxItem], commitments: &[Commitment], entries: &[Entry]) -> Facts {
    let by_id: BTreeMap<i64, &Row> = rows.iter().map(|row| (row.id, row)).collect();
    let answer = |item: &OutboxItem| Answer {
        outbox: item.id,
        message: item.reply_to,
        to: item.draft.to.first().cloned().unwrap_or_else(|| crate::mail::Address::new("", "")),
        thread: item
            .reply_to
            .and_then(|id| by_id.get(&id))
            .map(|row| row.thread.0.clone())
            .unwrap_or_default(),
        at: item.queued_at,
        template: item.template.clone(),
        errand: item.errand.clone(),
    };
    Facts {
        messages: rows.iter().map(Row::past).collect(),
        answers: outbox.iter().filter(|item| item.state != OutboxState::Failed).map(answer).collect(),
        commitments: commitments.to_vec(),
        entries: entries.to_vec(),
    }
}

impl Store {
    /// All that there is about clients.
    pub fn records(&self) -> Result<Records> {
        self.records_of(&self.rows()?, &self.outbox()?, &self.commitments()?)
    }

    /// The same, where rows, outbox and commitments have been read already.
    pub fn records_of(
        &self,
        rows: &[Row],
        outbox: &[OutboxItem],
        commitments: &[Commitment],
    ) -> Result<Records> {
        let facts = facts(rows, outbox, commitments, &self.entries()?);
        let snoozes = rows.iter().filter_map(|row| Some((row.id, row.snooze?))).collect();
        Ok(Records::of(facts, self.follow_ups(outbox)?, snoozes))
    }

    /// What the owner said of clients, in order.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let mut statement = self.db.prepare("SELECT id, at, json FROM ledger_entry ORDER BY id")?;
        let entries = statement.query_map([], |row| {
            Ok(Entry {
                id: row.get(0)?,
                at: moment(row.get(1)?),
                deed: from_json(&row.get::<_, String>(2)?)?,
            })
        })?;
        entries.collect::<rusqlite::Result<_>>().context("can't read what you said of clients")
    }

    /// Keeps what the owner says of a client; gives the entry's number.
    pub fn add_entry(&self, deed: &Deed, now: Timestamp) -> Result<i64> {
        self.db
            .execute(
                "INSERT INTO ledger_entry (at, json) VALUES (?1, ?2)",
                params![now.as_second(), to_json(deed)?],
            )
            .context("can't keep what you said of a client")?;
        Ok(self.db.last_insert_rowid())
    }

    /// Takes an entry back: everything is as if it had never been made.
    pub fn remove_entry(&self, id: i64) -> Result<()> {
        let changed = self
            .db
            .execute("DELETE FROM ledger_entry WHERE id = ?1", [id])
            .context("can't take the entry back")?;
        if changed == 0 {
            bail!("there is no entry {id}; `amicable clients show WHO` lists them with their numbers");
        }
        Ok(())
    }

    /// Puts a message off: until a moment, or, without one, until its client writes again.
    pub fn snooze(&self, message: i64, until: Option<Timestamp>, now: Timestamp) -> Result<()> {
        self.db
            .execute(
                "INSERT INTO snooze (message, until, since) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (message) DO UPDATE SET until = ?2, since = ?3",
                params![message, until.map(Timestamp::as_second), now.as_second()],
            )
            .context("can't put the message off")?;
        Ok(())
    }

    /// A message is not put off any more.
    pub fn wake(&self, message: i64) -> Result<()> {
        self.db
            .execute("DELETE FROM snooze WHERE message = ?1", [message])
            .context("can't take the message out again")?;
        Ok(())
    }

    /// Replies that asked something and went out, or are about to, oldest first. Those whose message is gone are left out:
    /// their conversation is not known any more.
    fn follow_ups(&self, outbox: &[OutboxItem]) -> Result<Vec<FollowUp>> {
        let mut threads = self.db.prepare_cached("SELECT thread FROM message WHERE id = ?1")?;
        let mut referring = self.db.prepare_cached("SELECT message FROM reference WHERE message_id = ?1")?;
        let mut found = Vec::new();
        for item in outbox.iter().rev().filter(|item| item.awaits && item.state != OutboxState::Failed) {
            let Some(message) = item.reply_to else { continue };
            // A letter begins a conversation of its own.
            let thread: String = if item.errand == Errand::Letter {
                item.message_id.as_str().to_owned()
            } else {
                threads.query_row([message], |row| row.get(0))?
            };
            let nudges: Vec<&OutboxItem> = outbox
                .iter()
                .rev()
                .filter(|other| other.errand == Errand::Nudge(item.id) && other.state != OutboxState::Failed)
                .collect();
            let message_ids: Vec<_> = [item]
                .into_iter()
                .chain(nudges.iter().copied())
                .map(|item| item.message_id.clone())
                .collect();
            let mut referred_by: Vec<i64> = Vec::new();
            for id in &message_ids {
                let messages = referring.query_map([id.as_str()], |row| row.get(0))?;
                referred_by.extend(messages.collect::<rusqlite::Result<Vec<i64>>>()?);
            }
            found.push(FollowUp {
                outbox: item.id,
                message_ids,
                message: Some(message),
                to: item.draft.to.first().cloned().unwrap_or_else(|| crate::mail::Address::new("", "")),
                subject: item.draft.subject.clone(),
                topic: topic(&item.draft.subject),
                question: question(item.draft.body.get(..own_text_end(&item.draft.body)).unwrap_or_default()),
                thread,
                sent_at: item.queued_at,
                nudges: nudges.iter().map(|item| item.queued_at).collect(),
                referred_by,
            });
        }
        Ok(found)
    }
}
