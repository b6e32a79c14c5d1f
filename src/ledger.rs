//! What happened with each client, and what is promised: who they are, what they asked and when, what the owner noted, what
//! waits for an answer, and the next step that may follow. Pure: it is handed what the store holds, in any order, and says
//! what follows from it. It never judges a client, and nothing of it is ever sent.
//!
//! The way of a fact: [`Facts`] (messages, replies, commitments, the owner's own entries) -> [`Ledger`] (clients with their
//! histories) -> [`ladder`] (the plain verdict and the next step), [`follow_up`] (what waits), [`notice`] (whom to tell of an
//! absence or a delay), [`parting`] -> [`Outlook`], which the screen and the commands show.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::mail::Address;
use crate::triage::Concern;

pub mod client;
pub mod commitment;
pub mod entry;
pub mod follow_up;
pub mod history;
pub mod ladder;
pub mod notice;
pub mod outlook;
pub mod parting;
pub mod signs;

pub use client::{Client, Ledger};
pub use commitment::{Commitment, CommitmentState, Load};
pub use entry::{Deed, Entry, Mark, Person};
pub use follow_up::{FollowUp, Snooze};
pub use history::History;
pub use outlook::{Outlook, Records};
pub use signs::Signs;

/// Who is to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The owner owes it to the client.
    Owner,
    /// The client owes it to the owner.
    Client,
}

impl Party {
    /// Both.
    pub const ALL: [Party; 2] = [Party::Owner, Party::Client];

    /// The word in files and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Party::Owner => "owner",
            Party::Client => "client",
        }
    }

    /// The party that a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|party| party.word() == word)
    }
}

/// Something that a reply promises, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Who is to do it.
    pub who: Party,
    /// What.
    pub what: String,
    /// By when, as it is said: "Friday 27 November 12:00", "one working day after their yes".
    pub by: String,
    /// What has to come first: "their yes and the files by Wednesday".
    pub condition: Option<String>,
}

/// A message that came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Its number in the store.
    pub message: i64,
    /// When it was sent, as far as that can be believed: no later than it came in.
    pub at: Timestamp,
    /// When it came in here.
    pub arrived_at: Timestamp,
    /// Who wrote it; for a form that relays somebody's words, that person.
    pub from: Address,
    /// A client wrote it, rather than anybody else.
    pub client: bool,
    /// The conversation it belongs to.
    pub thread: String,
    /// What it was about.
    pub subject: String,
    /// The same without marks of replying, in small letters: two conversations about one thing have one topic.
    pub topic: String,
    /// What it asked.
    pub concerns: Vec<Concern>,
    /// What else can be told of it.
    pub signs: Signs,
    /// It was put away, or answered elsewhere.
    pub settled: bool,
}

/// What a mail of the owner's is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Errand {
    /// It answers a message.
    #[default]
    Reply,
    /// It begins a conversation of its own, below which an open question stays open.
    Letter,
    /// It reminds of the question of an earlier reply, by that one's number in the outbox.
    Nudge(i64),
    /// It tells of an absence or a delay, once a client.
    Notice(Occasion),
}

/// What a notice tells of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// An absence.
    Absence {
        /// Its first day.
        from: Date,
        /// Its last day.
        until: Date,
    },
    /// A delay.
    Delay {
        /// The promises that are late, by their numbers.
        promises: Vec<i64>,
        /// The day that the first of them was due.
        due: Date,
    },
}

impl Occasion {
    /// Whether it is an absence that overlaps these days: one that was moved is still the same.
    pub fn is_of(&self, from: Date, until: Date) -> bool {
        matches!(self, Occasion::Absence { from: first, until: last } if *first <= until && from <= *last)
    }

    /// Whether two are about the same.
    pub fn is_same(&self, other: &Occasion) -> bool {
        match other {
            Occasion::Absence { from, until } => self.is_of(*from, *until),
            Occasion::Delay { .. } => self == other,
        }
    }

    /// The last day on which a notice of it may go out; none where it has no end.
    pub fn ends(&self) -> Option<Date> {
        match self {
            Occasion::Absence { until, .. } => Some(*until),
            Occasion::Delay { .. } => None,
        }
    }
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Occasion::Absence { from, until } => write!(f, "absence {from} {until}"),
            Occasion::Delay { due, .. } => write!(f, "delay {due}"),
        }
    }
}

/// So many, in words: "1 message", "3 messages".
pub fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// A reply of the owner to a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its number in the outbox.
    pub outbox: i64,
    /// The message that it answered, by its number in the store.
    pub message: Option<i64>,
    /// To whom it went.
    pub to: Address,
    /// The conversation it belongs to.
    pub thread: String,
    /// When it was confirmed.
    pub at: Timestamp,
    /// The template that it began with.
    pub template: Option<String>,
    /// What it is for.
    pub errand: Errand,
}

/// All that the ledger is made of, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Messages that came in.
    pub messages: Vec<Past>,
    /// Replies that went out, or are about to.
    pub answers: Vec<Answer>,
    /// What is promised.
    pub commitments: Vec<Commitment>,
    /// What the owner said of clients.
    pub entries: Vec<Entry>,
}
