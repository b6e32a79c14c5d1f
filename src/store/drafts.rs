//! Unfinished replies: one a message at most.

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::Store;
use super::messages::{from_json, to_json};
use crate::ledger::{Errand, Promise};
use crate::reply::Draft;

/// A draft as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDraft {
    /// The account it will be sent from.
    pub account: String,
    /// The template it began with.
    pub template: Option<String>,
    /// The draft.
    pub draft: Draft,
    /// What it promises, as far as its template knows.
    pub promises: Vec<Promise>,
    /// What it is for.
    pub errand: Errand,
}

impl Store {
    /// Keeps the draft of the reply to a message, in place of an earlier one.
    pub fn save_draft(&self, reply_to: i64, saved: &SavedDraft, now: Timestamp) -> Result<()> {
        self.db
            .execute(
                "INSERT INTO draft (account, reply_to, template, json, updated_at, promises, errand) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (reply_to) DO UPDATE SET \
                 account = ?1, template = ?3, json = ?4, updated_at = ?5, promises = ?6, errand = ?7",
                params![
                    saved.account,
                    reply_to,
                    saved.template,
                    to_json(&saved.draft)?,
                    now.as_second(),
                    to_json(&saved.promises)?,
                    to_json(&saved.errand)?
                ],
            )
            .context("can't keep the draft")?;
        Ok(())
    }

    /// The draft of the reply to a message.
    pub fn draft(&self, reply_to: i64) -> Result<Option<SavedDraft>> {
        self.db
            .query_row(
                "SELECT account, template, json, promises, errand FROM draft WHERE reply_to = ?1",
                [reply_to],
                |row| {
                    Ok(SavedDraft {
                        account: row.get(0)?,
                        template: row.get(1)?,
                        draft: from_json(&row.get::<_, String>(2)?)?,
                        promises: from_json(&row.get::<_, String>(3)?)?,
                        errand: from_json(&row.get::<_, String>(4)?)?,
                    })
                },
            )
            .optional()
            .context("can't read the draft")
    }

    /// Throws the draft of the reply to a message away.
    pub fn discard_draft(&self, reply_to: i64) -> Result<()> {
        self.db
            .execute("DELETE FROM draft WHERE reply_to = ?1", [reply_to])
            .context("can't discard the draft")?;
        Ok(())
    }
}
