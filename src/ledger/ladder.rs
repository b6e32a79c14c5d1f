//! The plain verdict on what happened with a client, with its evidence, and the next step that may follow: note, rule,
//! surcharge, review talk, parting. A step is never proposed before the one below it was taken, so nobody is parted with who
//! was not told and heard; and what happens with every client is no pattern of one. The owner decides.

use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::client::Kind;
use super::history::month;
use super::{Client, Ledger, Mark, parting};
use crate::boundary::Calendar;

/// The steps, each more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Nothing to be done.
    None,
    /// To be kept in mind.
    Note,
    /// A rule, told once and kindly.
    Rule,
    /// What is asked costs more from now on.
    Surcharge,
    /// A talk about how the work together goes on.
    ReviewTalk,
    /// The end of it, in kindness.
    Parting,
}

impl Step {
    /// All but none.
    pub const ALL: [Step; 5] = [Step::Note, Step::Rule, Step::Surcharge, Step::ReviewTalk, Step::Parting];

    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Step::None => "none",
            Step::Note => "note",
            Step::Rule => "rule",
            Step::Surcharge => "surcharge",
            Step::ReviewTalk => "review talk",
            Step::Parting => "parting",
        }
    }

    /// The letters with which it is taken, for what happens often.
    fn letters(self, kind: Kind) -> &'static [&'static str] {
        match (self, kind) {
            (Step::None | Step::Note, _) => &[],
            (Step::Rule, Kind::Emergency) => &["emergency-pattern", "relationship-rule"],
            (Step::Rule, _) => &["relationship-rule"],
            (Step::Surcharge, Kind::Emergency) => &["emergency-surcharge", "relationship-surcharge"],
            (Step::Surcharge, Kind::LatePayment) => &["relationship-payment-2"],
            (Step::Surcharge, _) => &["relationship-surcharge"],
            (Step::ReviewTalk, _) => &["relationship-yearly-review", "relationship-part-warning"],
            (Step::Parting, _) => &["relationship-part-notice", "relationship-part-final"],
        }
    }
}

/// From how many on each step may follow, and within which time. Steps that make no sense for a kind are left out: nobody
/// pays a surcharge for complaining.
struct Pattern {
    kind: Kind,
    days: i64,
    steps: &'static [(usize, Step)],
}

/// Four months for emergencies, as for the letter on their pattern ([`super::history`]); half a year for most; a year for
/// what happens seldom.
const PATTERNS: [Pattern; 6] = [
    Pattern {
        kind: Kind::Emergency,
        days: 122,
        steps: &[
            (2, Step::Note),
            (3, Step::Rule),
            (4, Step::Surcharge),
            (5, Step::ReviewTalk),
            (6, Step::Parting),
        ],
    },
    Pattern {
        kind: Kind::Complaint,
        days: 183,
        steps: &[(2, Step::Note), (3, Step::ReviewTalk), (6, Step::Parting)],
    },
    Pattern {
        kind: Kind::Unusual,
        days: 183,
        steps: &[
            (3, Step::Note),
            (4, Step::Rule),
            (5, Step::Surcharge),
            (7, Step::ReviewTalk),
            (9, Step::Parting),
        ],
    },
    Pattern {
        kind: Kind::Refund,
        days: 365,
        steps: &[(2, Step::Note), (3, Step::Rule), (4, Step::ReviewTalk), (6, Step::Parting)],
    },
    Pattern {
        kind: Kind::Redo,
        days: 183,
        steps: &[
            (2, Step::Note),
            (3, Step::Rule),
            (4, Step::Surcharge),
            (6, Step::ReviewTalk),
            (8, Step::Parting),
        ],
    },
    Pattern {
        kind: Kind::LatePayment,
        days: 365,
        steps: &[
            (1, Step::Note),
            (2, Step::Rule),
            (3, Step::Surcharge),
            (4, Step::ReviewTalk),
            (5, Step::Parting),
        ],
    },
];

/// What happened often, with the dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// When, oldest first.
    pub dates: Vec<Timestamp>,
    /// Within so many days.
    pub days: i64,
    /// How often with another client on average.
    pub others: f64,
    /// What may follow, if all steps before were taken.
    pub step: Step,
}

/// The verdict on a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// What happened often, the most telling first.
    pub findings: Vec<Finding>,
    /// The next step.
    pub step: Step,
    /// Why that one, in one line.
    pub why: String,
    /// The letter with which it may be taken.
    pub letter: Option<&'static str>,
}

impl Finding {
    /// In plain words: "4 emergencies in 122 days, others have 0.3".
    pub fn says(&self) -> String {
        let others = format!("{:.1}", self.others);
        format!("{} in {} days, others have {others}", self.kind.count(self.dates.len()), self.days)
    }
}

/// Steps so far back don't count any more: half a year.
const HOLDS: SignedDuration = SignedDuration::from_hours(24 * 183);
/// A client of whom nothing was heard for a year is no other client to compare with.
const ACTIVE: SignedDuration = SignedDuration::from_hours(24 * 365);
/// It is a pattern of this client where it happens this much oftener than with others.
const OFTENER: f64 = 2.0;

/// When a step was taken with a client for what happens often, and still holds: by a letter, or as the owner noted.
fn taken(step: Step, kind: Kind, client: &Client, now: Timestamp) -> Option<Timestamp> {
    let resumed = client.marks.iter().rev().find(|(_, _, mark)| matches!(mark, Mark::Resumed));
    let holds = |at: &Timestamp| {
        now.duration_since(*at) <= HOLDS && resumed.is_none_or(|(_, resumed, _)| at > resumed)
    };
    let is_it = |mark: &Mark| match mark {
        Mark::Taken { step: noted } => *noted == step,
        Mark::CheckIn => step == Step::ReviewTalk,
        _ => false,
    };
    let noted = client.marks.iter().rev().find(|(_, _, mark)| is_it(mark)).map(|(_, at, _)| *at);
    let by_letter = client.told(step.letters(kind)).map(|answer| answer.at);
    noted.max(by_letter).filter(holds)
}

/// The last of the steps that were taken one after the other, and when; a note is taken by being read.
fn reached(pattern: &Pattern, client: &Client, now: Timestamp) -> (Step, Option<Timestamp>) {
    let mut reached = (Step::Note, None);
    for (_, step) in pattern.steps.iter().filter(|(_, step)| *step > Step::Note) {
        let Some(at) = taken(*step, pattern.kind, client, now) else { break };
        reached = (*step, Some(at));
    }
    reached
}

/// The verdict on a client; nothing where nothing happens oftener than with others.
pub fn advice(client: &Client, ledger: &Ledger, now: &Zoned) -> Option<Advice> {
    let moment = now.timestamp();
    let mut findings: Vec<Finding> =
        PATTERNS.iter().filter_map(|pattern| finding(pattern, client, ledger, moment)).collect();
    findings.sort_by(|a, b| b.step.cmp(&a.step).then(b.dates.len().cmp(&a.dates.len())));
    let first = findings.first()?.clone();
    let pattern = PATTERNS.iter().find(|pattern| pattern.kind == first.kind)?;
    let (done, done_at) = reached(pattern, client, moment);
    let next = pattern.steps.iter().map(|(_, step)| *step).find(|step| *step > done);
    // What was done already is not proposed again while it holds.
    let step = next.filter(|next| *next <= first.step).unwrap_or(Step::Note);
    let date = |at: Timestamp| at.to_zoned(now.time_zone().clone()).strftime("%-d %b").to_string();
    let since = first.dates.first().map(|at| month(*at, now)).unwrap_or_default();
    let mut why = format!("{} since {since}", first.kind.count(first.dates.len()));
    if let Some(at) = done_at {
        why = format!("{why}; the last step, {}, was on {}", done.word(), date(at));
    } else if step < first.step {
        why = format!("{why}; they have not been told yet");
    }
    Some(Advice { letter: letter(step, client, first.kind, moment), findings, step, why })
}

fn finding(pattern: &Pattern, client: &Client, ledger: &Ledger, now: Timestamp) -> Option<Finding> {
    let time = SignedDuration::from_hours(24 * pattern.days);
    let dates = client.within(pattern.kind, time, now);
    let step = pattern.steps.iter().rev().find(|(from, _)| dates.len() >= *from).map(|(_, step)| *step)?;
    let active = |other: &&Client| {
        *other != client && other.last().is_some_and(|last| now.duration_since(last) <= ACTIVE)
    };
    let (mut clients, mut sum) = (0_u32, 0_u32);
    for other in ledger.clients().iter().filter(active) {
        clients += 1;
        sum += u32::try_from(other.within(pattern.kind, time, now).len()).unwrap_or(u32::MAX);
    }
    let others = if clients == 0 { 0.0 } else { f64::from(sum) / f64::from(clients) };
    let count = f64::from(u32::try_from(dates.len()).unwrap_or(u32::MAX));
    (count >= OFTENER * others).then_some(Finding {
        kind: pattern.kind,
        dates,
        days: pattern.days,
        others,
        step,
    })
}

/// The letter for a step.
fn letter(step: Step, client: &Client, kind: Kind, now: Timestamp) -> Option<&'static str> {
    match step {
        Step::None | Step::Note => None,
        // A parting has its own order of letters.
        Step::Parting => parting::checklist(client, now).next().map(|letter| letter.template),
        step => step.letters(kind).first().copied(),
    }
}

/// After so long a talk about the year is due again.
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);
/// With whom nothing happened for so long there is nothing to talk about.
const QUIET: SignedDuration = SignedDuration::from_hours(24 * 183);
/// A client, rather than somebody who asked once.
const REPLIES: usize = 3;

/// Since when a yearly talk with this client is due: a year after the first message or the last talk.
pub fn check_in_due(client: &Client, now: Timestamp) -> Option<Timestamp> {
    let talked =
        client.marks.iter().filter(|(_, _, mark)| matches!(mark, Mark::CheckIn)).map(|(_, at, _)| *at);
    let invited = client.told(&["relationship-yearly-review"]).map(|answer| answer.at);
    let last = talked.max().max(invited).or_else(|| client.first())?;
    let due = last.checked_add(YEAR).ok()?;
    let active = client.last().is_some_and(|last| now.duration_since(last) <= QUIET);
    let ends = super::parting::standing(client).is_some();
    (due <= now && active && client.answers.len() >= REPLIES && !ends).then_some(due)
}

/// When a client writes: their messages by weekday (Monday first) and hour, and how many lie outside the owner's hours.
pub fn hours(client: &Client, calendar: &Calendar) -> ([[u32; 24]; 7], usize) {
    let mut table = [[0; 24]; 7];
    let mut outside = 0;
    for past in client.written() {
        let at = past.at.to_zoned(calendar.zone.clone());
        let day = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let hour = usize::try_from(at.hour()).unwrap_or_default();
        if let Some(cell) = table.get_mut(day).and_then(|hours| hours.get_mut(hour)) {
            *cell += 1;
        }
        outside += usize::from(calendar.is_outside(&at));
    }
    (table, outside)
}
