//! What the owner taught, as events that are only ever added: the lessons in force are what a replay of them leaves.

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::messages::{from_json, to_json};
use super::{Store, moment};
use crate::triage::Lesson;

/// A lesson in force.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptLesson {
    /// What was taught.
    pub lesson: Lesson,
    /// When.
    pub at: Timestamp,
    /// The message that was corrected, where it came from one.
    pub message: Option<i64>,
}

impl Store {
    /// Keeps a lesson. One on a message that taught a lesson before takes that one's number and place; any other gets a
    /// new number, which is given back.
    pub fn teach(&mut self, message: Option<i64>, mut lesson: Lesson, now: Timestamp) -> Result<i64> {
        let transaction = self.transaction()?;
        let before = message.map(|message| lesson_of(&transaction, message)).transpose()?.flatten();
        lesson.id = match before {
            Some(id) => id,
            None => {
                transaction.query_row("SELECT coalesce(max(lesson), 0) + 1 FROM lesson_event", [], |row| {
                    row.get(0)
                })?
            }
        };
        transaction.execute(
            "INSERT INTO lesson_event (lesson, message, json, at) VALUES (?1, ?2, ?3, ?4)",
            params![lesson.id, message, to_json(&lesson)?, now.as_second()],
        )?;
        transaction.commit().context("can't keep the lesson")?;
        Ok(lesson.id)
    }

    /// Takes a lesson out of force; false where there is none of that number.
    pub fn forget(&mut self, lesson: i64, now: Timestamp) -> Result<bool> {
        let known = self.lessons()?.iter().any(|kept| kept.lesson.id == lesson);
        if known {
            self.db
                .execute(
                    "INSERT INTO lesson_event (lesson, at) VALUES (?1, ?2)",
                    params![lesson, now.as_second()],
                )
                .context("can't keep that the lesson is forgotten")?;
        }
        Ok(known)
    }

    /// The number of the lesson that a message teaches, if it teaches one.
    pub fn lesson_of(&self, message: i64) -> Result<Option<i64>> {
        lesson_of(&self.db, message).context("can't read the lessons")
    }

    /// The lessons in force, the oldest first.
    pub fn lessons(&self) -> Result<Vec<KeptLesson>> {
        let mut statement = self.db.prepare(
            "SELECT e.json, e.at, e.message FROM lesson_event e WHERE e.json IS NOT NULL \
             AND e.id = (SELECT max(id) FROM lesson_event WHERE lesson = e.lesson) ORDER BY e.lesson",
        )?;
        let lessons = statement.query_map([], |row| {
            Ok(KeptLesson {
                lesson: from_json(&row.get::<_, String>(0)?)?,
                at: moment(row.get(1)?),
                message: row.get(2)?,
            })
        })?;
        lessons.collect::<rusqlite::Result<_>>().context("can't read the lessons")
    }
}

/// The lesson in force whose last event is about this message.
fn lesson_of(db: &Connection, message: i64) -> rusqlite::Result<Option<i64>> {
    db.query_row(
        "SELECT e.lesson FROM lesson_event e WHERE e.message = ?1 AND e.json IS NOT NULL \
         AND e.id = (SELECT max(id) FROM lesson_event WHERE lesson = e.lesson) ORDER BY e.id DESC LIMIT 1",
        [message],
        |row| row.get(0),
    )
    .optional()
}
