//! Signals -> score and evidence. The weight of each evidence is what the sum loses without its words, computed by
//! the sum that decides; nothing is explained that did not count.

use std::borrow::Cow;
use std::ops::Range;

use super::reading::Reading;
use super::verdict::{Evidence, Place, Topic};

/// Each further signal that says the same counts half of the one before.
const REPEAT: f32 = 0.5;
/// The strongest signals of a topic that are weighed: more say nothing new, and time stays bounded.
const WEIGHED: usize = 48;

/// One find in a message.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    /// What it speaks for or against.
    pub topic: Topic,
    /// Log-odds.
    pub weight: f32,
    /// Plain words; signals that say the same are repeats of each other.
    pub says: Cow<'static, str>,
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
pub(super) fn weigh(topic: Topic, bias: f32, signals: &[Signal], reading: &Reading) -> Weighed {
    let mut mine: Vec<&Signal> = signals.iter().filter(|signal| signal.topic == topic).collect();
    mine.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    mine.truncate(WEIGHED);
    let whole = sum(mine.iter().copied());
    let evidence = counted(mine.iter().copied())
        .into_iter()
        .map(|signal| {
            (signal, whole - sum(mine.iter().copied().filter(|other| !other.spot.overlaps(&signal.spot))))
        })
        .filter(|(_, weight)| weight.abs() > 1e-3)
        .filter_map(|(signal, weight)| evidence(signal, weight, reading))
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

/// The sum of the signals, which come strongest first; of those that say the same each counts [`REPEAT`] of
/// the one before.
fn sum<'s>(signals: impl Iterator<Item = &'s Signal>) -> f32 {
    let counted = counted(signals);
    let weight = |(number, signal): (usize, &&Signal)| {
        let repeats = counted[..number].iter().filter(|other| other.says == signal.says).count();
        signal.weight * repeats.try_into().map_or(0.0, |times| REPEAT.powi(times))
    };
    counted.iter().enumerate().map(weight).sum()
}

/// The signal as a reason: with the words as they stand in subject or clean text.
fn evidence(signal: &Signal, weight: f32, reading: &Reading) -> Option<Evidence> {
    let (place, quote, start) = match &signal.spot {
        Spot::Header(field) => (Place::Header, field.as_str(), 0),
        Spot::Text(number, range) => {
            let stretch = reading.stretches.get(*number)?;
            (stretch.place, stretch.text.get(range.clone())?, stretch.start + range.start)
        }
    };
    Some(Evidence {
        concern: signal.topic,
        quote: quote.to_owned(),
        place,
        start,
        end: start + quote.len(),
        weight,
        says: signal.says.clone().into_owned(),
    })
}
