//! What a stretch of time was like: who asked for what, how quickly it was answered against the promise, what was kept, how
//! many evenings went into it, who took most, and what complaints were about. For the owner alone: nothing of it is ever
//! sent. Pure: it is handed the ledger, and says what follows from it.

mod figures;
pub mod html;
mod scale;
pub mod text;
mod words;

use jiff::civil::Date;
use serde::Serialize;

pub use figures::Period;

/// The version of the JSON form; it changes when a field changes its name or meaning.
pub const VERSION: u8 = 1;

/// The figures of a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`VERSION`].
    pub v: u8,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Week by week, the oldest first; a week begins on Monday, the first and the last may be cut.
    pub weeks: Vec<Week>,
    /// How quickly messages were answered.
    pub answers: Answers,
    /// What became of the owner's promises that were due in this time.
    pub promises: Promises,
    /// Replies that were written outside the hours of work.
    pub outside: Outside,
    /// The clients with whom most time went, the most first; at most ten.
    pub clients: Vec<ClientShare>,
    /// All clients who wrote or were written to in this time.
    pub clients_in_all: u32,
    /// What complaints were about, the most frequent first.
    pub complaints: Vec<Topic>,
}

/// The messages of clients in one week. A message may have several concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// All messages of clients.
    pub messages: u32,
    /// Emergencies.
    pub emergency: u32,
    /// Complaints.
    pub complaint: u32,
    /// Unusual requests.
    pub unusual: u32,
    /// Refund demands.
    pub refund: u32,
    /// Messages without any of these.
    pub plain: u32,
    /// Replies that the owner wrote outside their hours.
    pub outside: u32,
}

/// How quickly messages of clients were answered for the first time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answers {
    /// What the owner has promised, in words: "1 working day; to an emergency 4 hours".
    pub promise: String,
    /// Messages that have their answer.
    pub answered: u32,
    /// Of these, within what is promised.
    pub in_time: u32,
    /// Messages that wait for one still, and whose promise is over.
    pub overdue: u32,
    /// Half of the answers came within so many working hours.
    pub median_hours: Option<f64>,
    /// The longest waits, the longest first; at most five.
    pub slowest: Vec<Wait>,
}

/// One long wait.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wait {
    /// Who waited.
    pub client: String,
    /// For what.
    pub subject: String,
    /// The day on which they wrote.
    pub date: Date,
    /// How many working hours it took.
    pub hours: f64,
}

/// What became of promises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promises {
    /// Kept by their day.
    pub kept: u32,
    /// Kept later than that.
    pub kept_late: u32,
    /// Still open, and their day is over.
    pub overdue: u32,
    /// Not owed any more.
    pub released: u32,
    /// Of all these, given another day at least once.
    pub moved: u32,
    /// The ones that were late or are: what, to whom, and by how many days; at most five.
    pub late: Vec<Late>,
}

/// A promise that was late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Late {
    /// What was promised.
    pub what: String,
    /// To whom.
    pub client: String,
    /// How many days late it was, or is.
    pub days: i32,
    /// It is still open.
    pub open: bool,
}

/// Replies outside the hours of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// All replies in this time.
    pub replies: u32,
    /// Those on a working day, before or after the hours of work.
    pub evenings: u32,
    /// Those on a day of the week on which the owner does not work.
    pub weekends: u32,
    /// Those on a holiday or while away.
    pub days_off: u32,
    /// Replies by weekday (Monday first) and hour of the day (0 to 23).
    pub by_hour: [[u32; 24]; 7],
}

/// What one client took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientShare {
    /// Their name.
    pub name: String,
    /// Their messages.
    pub messages: u32,
    /// The owner's replies to them.
    pub replies: u32,
    /// Of these, outside the hours of work.
    pub outside: u32,
    /// Emergencies.
    pub emergency: u32,
    /// Complaints.
    pub complaint: u32,
    /// Unusual requests.
    pub unusual: u32,
    /// Refund demands.
    pub refund: u32,
    /// Their part in all messages and replies, from 0 to 1.
    pub share: f64,
}

/// What complaints were about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// A word for it, as in `assets/phrasebook/ledger.toml`: `late`.
    pub topic: String,
    /// In plain words: "it came late".
    pub says: String,
    /// How many complaints.
    pub complaints: u32,
    /// Of how many clients.
    pub clients: u32,
    /// What may be learned from it, in one line.
    pub lesson: String,
}
