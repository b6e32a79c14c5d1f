//! One message as `classify` and `explain` print it: the fields of a line of JSON, version 2, whose schema is
//! `verdict_row.schema.json` beside this file. All text in it has been washed.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::mail::{Address, Message};
use crate::parse::{parse, wash_line};
use crate::source::RawMessage;
use crate::source::files::SourceFault;
use crate::triage::{Concern, Due, Evidence, Reader, Scores, Sender, Verdict};

/// The JSON Schema of a row; printed by `classify --schema`.
pub const SCHEMA: &str = include_str!("verdict_row.schema.json");

/// The version of the fields; any change of their meaning raises it.
const VERSION: u32 = 2;

/// One message with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    v: u32,
    /// Where the message lies.
    pub source: String,
    uid: Option<u32>,
    message_id: Option<String>,
    thread: String,
    /// RFC 3339 with the offset of this machine's time zone.
    date: Option<String>,
    /// The first author.
    pub from: Option<Address>,
    /// The subject.
    pub subject: String,
    /// Who writes.
    pub sender: Sender,
    sender_score: f32,
    /// The concerns over their threshold.
    pub concerns: Vec<Concern>,
    primary: Option<Concern>,
    /// All scores.
    pub scores: Scores,
    /// The reasons.
    pub evidence: Vec<Evidence>,
    /// For an emergency, by when it is wanted.
    pub deadline: Option<Due>,
    amounts: Vec<String>,
    reader: Reader,
    language: Option<String>,
    /// What was wrong with the message and what limits the verdict.
    pub notes: Vec<String>,
    model: String,
    /// `Date`, or where the message has none the time of delivery.
    #[serde(skip)]
    pub moment: Option<Timestamp>,
    /// Whether the source could not give the message; the notes say why.
    #[serde(skip)]
    pub unread: bool,
}

impl Row {
    /// The date as it is printed.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }
}

/// A message that was read, with what the engine says of it.
#[derive(Debug)]
pub struct Read {
    /// The message.
    pub message: Message,
    /// The verdict.
    pub verdict: Verdict,
    /// The same as a row.
    pub row: Row,
}

/// Parses what a source gave and has it judged. What it could not give becomes an empty message with a note.
pub fn read(
    given: Result<RawMessage, SourceFault>,
    zone: &TimeZone,
    judge: impl FnOnce(&Message) -> Verdict,
) -> Read {
    let unread = given.is_err();
    let (place, uid, received, message) = match given {
        Ok(raw) => (raw.place, raw.uid, raw.received, parse(&raw.bytes)),
        Err(fault) => {
            let notes = vec![wash_line(&fault.what)];
            (fault.place, None, None, Message { notes, ..Message::default() })
        }
    };
    let verdict = judge(&message);
    let source = wash_line(&place);
    let moment = message.date.or(received);
    let row = Row {
        v: VERSION,
        uid,
        message_id: message.id.as_ref().map(ToString::to_string),
        thread: message.thread(&source).0,
        date: moment.map(|moment| written(moment, zone)),
        from: message.author().cloned(),
        subject: message.subject.clone(),
        sender: verdict.sender,
        sender_score: verdict.sender_score,
        concerns: verdict.concerns.clone(),
        primary: verdict.primary(),
        scores: verdict.scores,
        evidence: verdict.evidence.clone(),
        deadline: verdict.deadline.clone(),
        amounts: verdict.amounts.clone(),
        reader: verdict.reader,
        language: verdict.language.clone(),
        notes: message.notes.iter().chain(&verdict.notes).cloned().collect(),
        model: verdict.model.clone(),
        source,
        moment,
        unread,
    };
    Read { message, verdict, row }
}

fn written(moment: Timestamp, zone: &TimeZone) -> String {
    moment.display_with_offset(zone.to_offset(moment)).to_string()
}
