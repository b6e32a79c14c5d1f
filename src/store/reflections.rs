//! What the owner thought about at the end of a week, if they wanted it kept. For nobody else.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::messages::{from_json, to_json};
use super::{Store, moment};

/// One exercise, in the owner's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reflection {
    /// The belief that drove the week.
    pub belief: String,
    /// What it cost.
    pub cost: String,
    /// What would be so without it.
    pub without: String,
    /// The belief turned round, each with an example.
    pub turnarounds: Vec<(String, String)>,
    /// The line that became policy.
    pub line: Option<String>,
}

impl Store {
    /// Keeps an exercise.
    pub fn reflect(&self, reflection: &Reflection, now: Timestamp) -> Result<i64> {
        self.db
            .execute(
                "INSERT INTO reflection (at, json) VALUES (?1, ?2)",
                params![now.as_second(), to_json(reflection)?],
            )
            .context("can't keep the exercise")?;
        Ok(self.db.last_insert_rowid())
    }

    /// All that were kept, oldest first, with their numbers.
    pub fn reflections(&self) -> Result<Vec<(i64, Timestamp, Reflection)>> {
        let mut statement = self.db.prepare("SELECT id, at, json FROM reflection ORDER BY id")?;
        let all = statement.query_map([], |row| {
            Ok((row.get(0)?, moment(row.get(1)?), from_json(&row.get::<_, String>(2)?)?))
        })?;
        all.collect::<rusqlite::Result<_>>().context("can't read the exercises")
    }

    /// Forgets one; nothing of it is left.
    pub fn forget_reflection(&self, id: i64) -> Result<()> {
        let changed = self
            .db
            .execute("DELETE FROM reflection WHERE id = ?1", [id])
            .context("can't forget the exercise")?;
        if changed == 0 {
            bail!("there is no exercise {id}; `amicable reflect --list` lists them with their numbers");
        }
        Ok(())
    }
}
