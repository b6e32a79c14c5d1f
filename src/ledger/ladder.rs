//! The plain verdict on what happened with a client, with its evidence, and the next step that may follow: note, rule,
//! surcharge, review talk, parting. A step is never proposed before the one below it was taken, so nobody is parted with who
//! was not told and heard; and what happens with every client is no pattern of one. The owner decides.

use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::client::Kind;
use super::history::{HOLDS, PATTERN_DAYS, month};
use super::{Client, Ledger, Mark, parting};

/// The steps, each more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
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
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
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
            (Step::Note, _) => &[],
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
        days: PATTERN_DAYS,
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
            (2, Step::Note),
            (3, Step::Rule),
            (4, Step::Surcharge),
            (5, Step::ReviewTalk),
            (6, Step::Parting),
        ],
    },
];

/// What happened often, with the dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
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
    pub habits: Vec<Habit>,
    /// The next step.
    pub step: Step,
    /// Why that one, in one line.
    pub why: String,
    /// The letter with which it may be taken.
    pub letter: Option<&'static str>,
}

impl Habit {
    /// In plain words: "4 emergencies in 122 days, others have 0.3".
    pub fn says(&self) -> String {
        let others = if self.others < 0.05 { "none".to_owned() } else { format!("{:.1}", self.others) };
        format!("{} in {} days, others have {others}", self.kind.count(self.dates.len()), self.days)
    }
}

impl Advice {
    /// In one line: "next rule: 3 emergencies in 122 days, others have 0.3".
    pub fn line(&self) -> String {
        let first = self.habits.first().map(Habit::says).unwrap_or_default();
        if self.step > Step::Note { format!("next {}: {first}", self.step.word()) } else { first }
    }
}

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

/// The verdict on a client; nothing where nothing happens oftener than with others. Of several habits the one whose next step
/// is highest comes first.
pub fn advice(client: &Client, everybody: &Everybody, now: &Zoned) -> Option<Advice> {
    let moment = now.timestamp();
    let of = |pattern: &'static Pattern| {
        let habit = habit(pattern, client, everybody, moment)?;
        let (done, at) = reached(pattern, client, moment);
        let next = pattern.steps.iter().map(|(_, step)| *step).find(|step| *step > done);
        // What was done already is not proposed again while it holds.
        let step = next.filter(|next| *next <= habit.step).unwrap_or(Step::Note);
        Some((step, done, at, habit))
    };
    let mut found: Vec<_> = PATTERNS.iter().filter_map(of).collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(b.3.dates.len().cmp(&a.3.dates.len())));
    let (step, done, done_at, first) = found.first()?;
    let date = |at: Timestamp| at.to_zoned(now.time_zone().clone()).strftime("%-d %b").to_string();
    let since = first.dates.first().map(|at| month(*at, now)).unwrap_or_default();
    let mut why = format!("{} since {since}", first.kind.count(first.dates.len()));
    if let Some(at) = done_at {
        why = format!("{why}; the last step, {}, was on {}", done.word(), date(*at));
    } else if *step < first.step {
        why = format!("{why}; they have not been told yet");
    }
    let (step, letter) = (*step, letter(*step, client, first.kind, moment));
    Some(Advice { habits: found.into_iter().map(|(.., habit)| habit).collect(), step, why, letter })
}

/// How often things happen with all clients together, to compare one with the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Everybody {
    /// Clients of whom something was heard within the year.
    active: u32,
    /// How often each pattern's matter happened with them, within its time.
    sums: [u32; PATTERNS.len()],
}

impl Everybody {
    /// That of a ledger.
    pub fn of(ledger: &Ledger, now: &Zoned) -> Self {
        let now = now.timestamp();
        let mut all = Self { active: 0, sums: [0; PATTERNS.len()] };
        for client in ledger.clients().iter().filter(|client| is_active(client, now)) {
            all.active += 1;
            for (sum, pattern) in all.sums.iter_mut().zip(&PATTERNS) {
                *sum += number(pattern.dates(client, now).len());
            }
        }
        all
    }

    /// How often a pattern's matter happens with a client other than this one, with whom it happened `own` times.
    fn others(&self, pattern: &Pattern, client: &Client, own: usize, now: Timestamp) -> f64 {
        let at = PATTERNS.iter().position(|other| other.kind == pattern.kind);
        let sum = at.and_then(|at| self.sums.get(at)).copied().unwrap_or(0);
        let (clients, sum) = if is_active(client, now) {
            (self.active.saturating_sub(1), sum.saturating_sub(number(own)))
        } else {
            (self.active, sum)
        };
        if clients == 0 { 0.0 } else { f64::from(sum) / f64::from(clients) }
    }
}

impl Pattern {
    /// When its matter happened with a client, within its time.
    fn dates(&self, client: &Client, now: Timestamp) -> Vec<Timestamp> {
        client.within(self.kind, SignedDuration::from_hours(24 * self.days), now)
    }
}

fn is_active(client: &Client, now: Timestamp) -> bool {
    client.last().is_some_and(|last| now.duration_since(last) <= ACTIVE)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn habit(pattern: &Pattern, client: &Client, everybody: &Everybody, now: Timestamp) -> Option<Habit> {
    let dates = pattern.dates(client, now);
    let step = pattern.steps.iter().rev().find(|(from, _)| dates.len() >= *from).map(|(_, step)| *step)?;
    let others = everybody.others(pattern, client, dates.len(), now);
    let is_oftener = f64::from(number(dates.len())) >= OFTENER * others;
    is_oftener.then_some(Habit { kind: pattern.kind, dates, days: pattern.days, others, step })
}

/// The letter for a step.
fn letter(step: Step, client: &Client, kind: Kind, now: Timestamp) -> Option<&'static str> {
    match step {
        Step::Note => None,
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
    let ends = super::parting::stage(client).is_some();
    (due <= now && active && client.replies().count() >= REPLIES && !ends).then_some(due)
}
