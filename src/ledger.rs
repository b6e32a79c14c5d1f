//! What happened with each client, and what is promised: history, promises, commitments. Pure: it is handed what the store
//! holds, and says what follows from it. It never judges a client.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::triage::Concern;

pub mod commitment;
pub mod history;

pub use commitment::{Commitment, CommitmentState, Load};
pub use history::History;

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

/// A message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its number in the store.
    pub message: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// What it asked.
    pub concerns: Vec<Concern>,
    /// What it was about.
    pub subject: String,
}

/// A reply of the owner to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The message that it answered, by its number in the store.
    pub message: Option<i64>,
    /// When it was confirmed.
    pub at: Timestamp,
    /// The template that it began with.
    pub template: Option<String>,
}
