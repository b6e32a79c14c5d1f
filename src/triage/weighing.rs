//! Signals -> score and evidence. The finds of one clause are one reason; its weight is what the sum loses without
//! them, computed by the sum that decides; nothing is explained that did not count.
//!
//! What a text says against a topic can be held back ([`Held`]): then it comes near a limit and never to it,
//! and each further sign still moves the sum, so that it can be given as a reason.

use std::borrow::Cow;
use std::ops::Range;

use super::reading::{QUOTE, Reading};
use super::verdict::{Evidence, Place, Topic};

/// Each further signal that says the same counts half of the one before.
const REPEAT: f32 = 0.5;
/// The strongest signals of a topic that are weighed: more say nothing new, and time stays bounded.
const WEIGHED: usize = 48;

/// How far the text may pull a topic below 0. Header fields are never held back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held {
    /// As far as it pulls.
    Not,
    /// Each sign less than this many log-odds (above 0), however often it is found: it takes another to go on.
    EachSign(f32),
}

impl Held {
    /// Whether both say the same. Signs that are held back one by one are no repeats of each other.
    fn repeats(self, signal: &Signal, before: &Signal) -> bool {
        match self {
            Held::EachSign(_) if signal.weight < 0.0 => before.sign == signal.sign,
            Held::EachSign(_) | Held::Not => before.kind == signal.kind,
        }
    }

    /// What is left of the `pull` (below 0) of one sign: nearly all of it while it is small.
    fn left(self, pull: f32) -> f32 {
        match self {
            Held::Not => pull,
            Held::EachSign(limit) => limit * (pull / limit).exp_m1(),
        }
    }
}

/// One find in a message.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    /// What it speaks for or against.
    pub topic: Topic,
    /// Log-odds.
    pub weight: f32,
    /// Plain words.
    pub says: Cow<'static, str>,
    /// Signals of the same kind are repeats of each other.
    pub kind: &'static str,
    /// Signals of the same sign are told by the same pattern or fact, and held back together.
    pub sign: &'static str,
    /// Where it stands.
    pub spot: Spot,
}

/// Where a signal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// In a stretch of the reading (its number), by byte range within the stretch.
    Text(usize, Range<usize>),
    /// A header field, `Name: value`.
    Header(String),
}

impl Spot {
    /// Whether all its words are words of `other`, or the other way round.
    pub fn is_within(&self, other: &Spot) -> bool {
        match (self, other) {
            (Spot::Text(a, x), Spot::Text(b, y)) => {
                a == b && ((y.start <= x.start && x.end <= y.end) || (x.start <= y.start && y.end <= x.end))
            }
            _ => false,
        }
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Spot::Text(..))
    }

    fn range(&self) -> Option<&Range<usize>> {
        match self {
            Spot::Text(_, range) => Some(range),
            Spot::Header(_) => None,
        }
    }

    fn overlaps(&self, other: &Spot) -> bool {
        match (self, other) {
            (Spot::Text(a, x), Spot::Text(b, y)) => a == b && x.start < y.end && y.start < x.end,
            (Spot::Header(a), Spot::Header(b)) => a == b,
            _ => false,
        }
    }
}

/// What the signals of one topic come to.
#[derive(Debug)]
pub(super) struct Weighed {
    /// logistic(bias + sum), 0..=1.
    pub probability: f32,
    /// A reason for each signal that moves the sum.
    pub evidence: Vec<Evidence>,
}

/// Weighs the signals of one topic.
pub(super) fn weigh(topic: Topic, bias: f32, held: Held, signals: &[Signal], reading: &Reading) -> Weighed {
    let mut mine: Vec<&Signal> = signals.iter().filter(|signal| signal.topic == topic).collect();
    mine.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    mine.truncate(WEIGHED);
    let whole = sum(mine.iter().copied(), held);
    let counted = counted(mine.iter().copied());
    let evidence = reasons(&mine, reading)
        .into_iter()
        .filter_map(|reason| {
            let others = mine.iter().copied().filter(|signal| !reason.holds(signal, reading));
            let weight = whole - sum(others, held);
            // Those that pull to the side to which all of them come, the strongest first.
            let finds: Vec<&Signal> = counted
                .iter()
                .copied()
                .filter(|signal| (signal.weight > 0.0) == (weight > 0.0) && reason.holds(signal, reading))
                .collect();
            if weight.abs() > 1e-3 { reason.evidence(&finds, weight, reading) } else { None }
        })
        .collect();
    Weighed { probability: logistic(bias + whole), evidence }
}

fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The signals that count, strongest first: of those in the same direction that share words only the
/// strongest.
fn counted<'s>(signals: impl Iterator<Item = &'s Signal>) -> Vec<&'s Signal> {
    let mut counted: Vec<&Signal> = Vec::new();
    for signal in signals {
        let taken = counted
            .iter()
            .any(|other| (other.weight > 0.0) == (signal.weight > 0.0) && other.spot.overlaps(&signal.spot));
        if !taken {
            counted.push(signal);
        }
    }
    counted
}

/// The sum of the signals, which come strongest first; of those of a kind each counts [`REPEAT`] of the
/// one before. What pulls below 0 is `held` back.
fn sum<'s>(signals: impl Iterator<Item = &'s Signal>, held: Held) -> f32 {
    let counted = counted(signals);
    let mut free = 0.0;
    let mut pulls: Vec<(&str, f32)> = Vec::new();
    for (number, signal) in counted.iter().enumerate() {
        let repeats = counted[..number].iter().filter(|other| held.repeats(signal, other)).count();
        let weight = signal.weight * repeats.try_into().map_or(0.0, |times| REPEAT.powi(times));
        if weight >= 0.0 || !signal.spot.is_text() {
            free += weight;
        } else if let Some((_, pull)) = pulls.iter_mut().find(|(sign, _)| *sign == signal.sign) {
            *pull += weight;
        } else {
            pulls.push((signal.sign, weight));
        }
    }
    free + pulls.into_iter().map(|(_, pull)| held.left(pull)).sum::<f32>()
}

/// What stands together: a header field, or clauses of a stretch.
#[derive(Debug)]
enum Reason<'s> {
    Header(&'s str),
    Text(usize, Range<usize>),
}

/// The fields and clauses in which the signals stand. Clauses that share a find are one.
fn reasons<'s>(signals: &[&'s Signal], reading: &Reading) -> Vec<Reason<'s>> {
    let mut headers: Vec<&str> = Vec::new();
    let mut clauses: Vec<(usize, Range<usize>)> = Vec::new();
    for signal in signals {
        match &signal.spot {
            Spot::Header(field) if headers.contains(&field.as_str()) => {}
            Spot::Header(field) => headers.push(field),
            Spot::Text(number, range) => {
                clauses.extend(reading.stretches.get(*number).map(|s| (*number, s.clause_around(range))));
            }
        }
    }
    clauses.sort_by_key(|(number, clause)| (*number, clause.start));
    let mut apart: Vec<(usize, Range<usize>)> = Vec::new();
    for (number, clause) in clauses {
        match apart.last_mut() {
            Some((last, before)) if *last == number && clause.start < before.end => {
                before.end = before.end.max(clause.end);
            }
            _ => apart.push((number, clause)),
        }
    }
    let clauses = apart.into_iter().map(|(number, clause)| Reason::Text(number, clause));
    headers.into_iter().map(Reason::Header).chain(clauses).collect()
}

impl Reason<'_> {
    fn holds(&self, signal: &Signal, reading: &Reading) -> bool {
        match (self, &signal.spot) {
            (Reason::Header(field), Spot::Header(other)) => field == other,
            (Reason::Text(number, clauses), Spot::Text(stretch, range)) => {
                number == stretch
                    && reading.stretches.get(*number).is_some_and(|s| {
                        let clause = s.clause_around(range);
                        clauses.start <= clause.start && clause.end <= clauses.end
                    })
            }
            _ => false,
        }
    }

    /// With the words as they stand in subject or clean text, around those of `finds`.
    fn evidence(&self, finds: &[&Signal], weight: f32, reading: &Reading) -> Option<Evidence> {
        let first = finds.first()?;
        let (place, quote, start) = match (self, &first.spot) {
            (Reason::Text(number, clauses), Spot::Text(_, range)) => {
                let stretch = reading.stretches.get(*number)?;
                let quote = stretch.quote(clauses, &core(finds, range));
                (stretch.place, stretch.text.get(quote.clone())?, stretch.start + quote.start)
            }
            (_, Spot::Header(field)) => (Place::Header, field.as_str(), 0),
            (Reason::Header(_), Spot::Text(..)) => return None,
        };
        Some(Evidence {
            concern: first.topic,
            quote: quote.to_owned(),
            place,
            start,
            end: start + quote.len(),
            weight,
            says: first.says.clone().into_owned(),
        })
    }
}

/// All the words found, or where they stand too far apart for one quote, those of the strongest.
fn core(finds: &[&Signal], strongest: &Range<usize>) -> Range<usize> {
    let ranges = || finds.iter().filter_map(|find| find.spot.range());
    let start = ranges().map(|range| range.start).min().unwrap_or(strongest.start);
    let end = ranges().map(|range| range.end).max().unwrap_or(strongest.end);
    if end - start <= QUOTE { start..end } else { strongest.clone() }
}
