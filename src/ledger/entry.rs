//! What the owner says of clients: who is who, and what they noted. Entries are only ever added or taken back; the ledger is
//! what follows from those that are there, so taking one back leaves everything as if it had never been made.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ladder::Step;
use crate::mail::Address;

/// A person, as far as an address tells: the address in small letters, and for one that several people share the name
/// beside it: `ann@example.com`, `office@example.com (ann lee)`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Person(String);

impl Person {
    /// The person behind an address, where these addresses are shared.
    pub fn of(address: &Address, shared: &BTreeSet<String>) -> Self {
        let mailbox = address.address.trim().to_lowercase();
        let name = words(&address.name);
        if shared.contains(&mailbox) && !name.is_empty() {
            return Self(format!("{mailbox} ({name})"));
        }
        Self(mailbox)
    }

    /// As an owner writes it: the address, for a shared one with the name in brackets. Nothing without an `@`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = words(text);
        let usable = text.contains('@') && !text.starts_with('@') && !text.contains(['<', '>']);
        usable.then_some(Self(text))
    }

    /// The address alone.
    pub fn address(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// In small letters, with single spaces.
fn words(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the store; later ones have higher numbers.
    pub id: i64,
    /// When it was made.
    pub at: Timestamp,
    /// What it says.
    pub deed: Deed,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case")]
pub enum Deed {
    /// Two persons are one client, with all that were joined to either.
    Join {
        /// One.
        one: Person,
        /// The other.
        other: Person,
    },
    /// A person is a client of their own again.
    Split {
        /// Who.
        person: Person,
    },
    /// Several people write from an address, or only one does.
    Share {
        /// The address, in small letters.
        address: String,
        /// Several do.
        shared: bool,
    },
    /// The owner noted something.
    Mark {
        /// Of whom.
        person: Person,
        /// What.
        mark: Mark,
    },
}

impl Deed {
    /// In plain words.
    pub fn says(&self) -> String {
        match self {
            Deed::Join { one, other } => format!("{one} and {other} are one client"),
            Deed::Split { person } => format!("{person} is a client of its own"),
            Deed::Share { address, shared: true } => format!("{address} is shared"),
            Deed::Share { address, shared: false } => format!("{address} belongs to one person"),
            Deed::Mark { mark, .. } => mark.says(),
        }
    }
}

/// What the owner noted of a client. Never part of any mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mark", rename_all = "kebab-case")]
pub enum Mark {
    /// They paid late.
    LatePayment {
        /// What, in the owner's words; may be empty.
        text: String,
    },
    /// Another round of changes.
    Redo {
        /// What, in the owner's words; may be empty.
        text: String,
    },
    /// Anything.
    Note {
        /// In the owner's words.
        text: String,
    },
    /// They owe money.
    Unpaid {
        /// What for.
        text: String,
    },
    /// Money is owed to them.
    RefundDue {
        /// What for.
        text: String,
    },
    /// What an earlier entry said is owed is paid.
    Paid {
        /// That entry's number.
        entry: i64,
    },
    /// The yearly talk was had.
    CheckIn,
    /// A step of the ladder was taken without a letter: on the telephone, for example.
    Taken {
        /// Which.
        step: Step,
    },
    /// The work together comes to its end.
    Parting {
        /// The last day.
        last_day: Date,
    },
    /// It has ended.
    Parted,
    /// It goes on after all.
    Resumed,
}

impl Mark {
    /// In plain words.
    pub fn says(&self) -> String {
        let with = |what: &str, text: &str| {
            if text.is_empty() { what.to_owned() } else { format!("{what}: {text}") }
        };
        match self {
            Mark::LatePayment { text } => with("paid late", text),
            Mark::Redo { text } => with("another round of changes", text),
            Mark::Note { text } => with("note", text),
            Mark::Unpaid { text } => with("unpaid", text),
            Mark::RefundDue { text } => with("money owed to them", text),
            Mark::Paid { .. } => "paid".to_owned(),
            Mark::CheckIn => "yearly talk".to_owned(),
            Mark::Taken { step } => format!("told them: {}", step.word()),
            Mark::Parting { last_day } => format!("parting, last day {}", last_day.strftime("%-d %B %Y")),
            Mark::Parted => "parted".to_owned(),
            Mark::Resumed => "the work goes on".to_owned(),
        }
    }

    /// The owner's own words in it, which are nobody else's to read.
    pub fn words(&self) -> Option<&str> {
        match self {
            Mark::LatePayment { text }
            | Mark::Redo { text }
            | Mark::Note { text }
            | Mark::Unpaid { text }
            | Mark::RefundDue { text } => Some(text),
            _ => None,
        }
    }
}
