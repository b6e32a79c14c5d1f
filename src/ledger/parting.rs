//! The end of working with a client, in kindness and in order: what is still open between the two, which letters come one
//! after the other, and how far it has come. The owner takes each step.

use jiff::Timestamp;
use jiff::civil::Date;

use super::history::HOLDS;
use super::{Client, Commitment, Mark, Party};

/// Where a parting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It has begun.
    Leaving {
        /// Since when.
        since: Timestamp,
        /// The last day, where the owner has set one.
        last_day: Option<Date>,
    },
    /// It is over.
    Parted {
        /// Since when.
        since: Timestamp,
    },
}

/// The letters, in their order, and what each is for.
pub const LETTERS: [(&str, &str); 3] = [
    ("relationship-part-warning", "what would have to change"),
    ("relationship-part-notice", "the last day, and what is handed over"),
    ("relationship-part-final", "the last word, and who can carry on"),
];

/// One letter of a parting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its template.
    pub template: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// When it was sent.
    pub sent: Option<Timestamp>,
}

/// What there is to do before it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Checklist<'c> {
    /// Promises of the owner that are still open, refunds apart.
    pub promises: Vec<&'c Commitment>,
    /// Unpaid items that the owner marked.
    pub unpaid: Vec<(i64, &'c str)>,
    /// Money that goes back: promised, and marked by the owner.
    pub refunds: Vec<&'c Commitment>,
    /// The same, marked by the owner.
    pub refunds_marked: Vec<(i64, &'c str)>,
    /// The last day.
    pub last_day: Option<Date>,
    /// The letters, in order.
    pub letters: Vec<Letter>,
}

/// Where the parting with a client stands; nothing where there is none.
pub fn stage(client: &Client) -> Option<Stage> {
    let letters = client.answers.iter().filter_map(|answer| match answer.template.as_deref()? {
        "relationship-part-notice" => {
            Some((answer.at, Some(Stage::Leaving { since: answer.at, last_day: None })))
        }
        "relationship-part-final" => Some((answer.at, Some(Stage::Parted { since: answer.at }))),
        _ => None,
    });
    let marks = client.marks.iter().filter_map(|(_, at, mark)| match mark {
        Mark::Parting { last_day } => {
            Some((*at, Some(Stage::Leaving { since: *at, last_day: Some(*last_day) })))
        }
        Mark::Parted => Some((*at, Some(Stage::Parted { since: *at }))),
        Mark::Resumed => Some((*at, None)),
        _ => None,
    });
    let mut steps: Vec<(Timestamp, Option<Stage>)> = letters.chain(marks).collect();
    steps.sort_by_key(|(at, _)| *at);
    let mut now: Option<Stage> = None;
    for (_, step) in steps {
        now = match (now, step) {
            // The notice comes after the day was set, or before; neither undoes the other.
            (Some(Stage::Leaving { since, last_day }), Some(Stage::Leaving { last_day: newer, .. })) => {
                Some(Stage::Leaving { since, last_day: newer.or(last_day) })
            }
            (_, step) => step,
        };
    }
    now
}

/// What there is to do before the work with a client ends.
pub fn checklist(client: &Client, now: Timestamp) -> Checklist<'_> {
    let (refunds, promises): (Vec<_>, Vec<_>) = client.open(Party::Owner).partition(|owed| owed.is_refund());
    let marked = |refund: bool| {
        let items = client.unpaid().filter_map(move |(id, _, mark)| match mark {
            Mark::Unpaid { text } if !refund => Some((*id, text.as_str())),
            Mark::RefundDue { text } if refund => Some((*id, text.as_str())),
            _ => None,
        });
        items.collect::<Vec<_>>()
    };
    // Letters of an earlier parting that did not come about don't count, and a warning is forgotten with time.
    let resumed = client.marks.iter().rev().find(|(_, _, mark)| matches!(mark, Mark::Resumed));
    let since = resumed.map(|(_, at, _)| *at);
    let holds = |template: &str, at: Timestamp| {
        template != LETTERS[0].0 || now.duration_since(at) <= HOLDS || stage(client).is_some()
    };
    let letters = LETTERS.into_iter().map(|(template, says)| {
        let sent = client.told(&[template]).map(|answer| answer.at);
        let sent = sent.filter(|at| since.is_none_or(|since| *at > since) && holds(template, *at));
        Letter { template, says, sent }
    });
    Checklist {
        promises,
        unpaid: marked(false),
        refunds,
        refunds_marked: marked(true),
        last_day: match stage(client) {
            Some(Stage::Leaving { last_day, .. }) => last_day,
            _ => None,
        },
        letters: letters.collect(),
    }
}

impl Checklist<'_> {
    /// The letter that comes next: the first after the last that was sent.
    pub fn next(&self) -> Option<&Letter> {
        let sent = self.letters.iter().rposition(|letter| letter.sent.is_some());
        self.letters.get(sent.map_or(0, |at| at + 1))
    }

    /// Whether a letter was written.
    pub fn has_begun(&self) -> bool {
        self.letters.iter().any(|letter| letter.sent.is_some())
    }

    /// Nothing is open between the two any more.
    pub fn is_clear(&self) -> bool {
        self.promises.is_empty()
            && self.unpaid.is_empty()
            && self.refunds.is_empty()
            && self.refunds_marked.is_empty()
    }
}
