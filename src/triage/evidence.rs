//! Why a verdict is as it is. The weight of words is what the log-odds lose when the same readers read the message
//! without them: a true counterfactual. What the words say in plain language comes from the facts found in them (a
//! phrase, a deadline); the facts decide nothing here. Header facts and lessons count in the sum, and are given with
//! what they count.

use std::borrow::Cow;
use std::ops::Range;

use super::deadline::{self, Deadline};
use super::fast::QUESTIONS;
use super::lessons::Lesson;
use super::passage::{Passage, Words};
use super::phrasebook::phrasebook;
use super::reading::Reading;
use super::verdict::{Concern, Evidence, Place, Sender, Topic};
use super::{CLIENT, Depth};

/// Readings without a piece, at most, when all reasons are wanted: with 20 ms each a quarter of a second.
const READINGS: usize = 10;
/// What moves the log-odds less is no reason.
const LEAST: f32 = 0.25;
/// Reasons given for each question, the strongest.
const GIVEN: usize = 4;
/// So many pieces are left out to see what would have changed the verdict.
const FLIP: usize = 4;
/// Steps of leaving out more and more where no single piece decides, as in a mail that says everything twice.
const STEPS: usize = 3;

/// Something found in a message that says something.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    /// What it speaks for or against.
    pub topic: Topic,
    /// Log-odds; of words found in the text only the sign counts.
    pub weight: f32,
    /// Plain words.
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

impl Signal {
    /// A fact about the sender.
    pub fn fact(weight: f32, says: &'static str, field: &str) -> Self {
        Self { topic: Topic::Sender, weight, says: says.into(), spot: Spot::Header(field.to_owned()) }
    }
}

/// Header facts as reasons.
pub(super) fn of_facts(facts: &[Signal]) -> Vec<Evidence> {
    let header = |fact: &Signal| match &fact.spot {
        Spot::Header(field) => Some(Evidence {
            concern: fact.topic,
            quote: field.clone(),
            place: Place::Header,
            start: 0,
            end: field.len(),
            weight: fact.weight,
            says: fact.says.clone().into_owned(),
        }),
        Spot::Text(..) => None,
    };
    facts.iter().filter_map(header).collect()
}

/// What a lesson changed, for each question that it moved.
pub(super) fn of_lesson(
    lesson: &Lesson,
    before: &[f32; QUESTIONS],
    after: &[f32; QUESTIONS],
) -> Vec<Evidence> {
    let quote = if lesson.subject.is_empty() { &lesson.body } else { &lesson.subject };
    let quote: String = quote.chars().take(60).collect();
    let moved = (0..QUESTIONS).filter(|&q| (after[q] - before[q]).abs() >= LEAST);
    let evidence = moved.map(|q| Evidence {
        concern: topic(q),
        quote: quote.clone(),
        place: Place::Taught,
        start: 0,
        end: quote.len(),
        weight: after[q] - before[q],
        says: format!("you taught this on lesson {}", lesson.id),
    });
    evidence.collect()
}

/// The facts that stand in a text.
#[derive(Debug, Default)]
struct Told {
    deadlines: Vec<Signal>,
    phrases: Vec<Signal>,
}

impl Told {
    fn of_deadlines(deadlines: &[Deadline]) -> Self {
        Self { deadlines: deadline::signals(deadlines), phrases: Vec::new() }
    }
}

/// A message whose reasons are looked for.
pub(super) struct Case<'c> {
    pub reading: &'c Reading<'c>,
    pub passage: &'c Passage,
    pub deadlines: &'c [Deadline],
    /// Of the words alone.
    pub log_odds: &'c [f32; QUESTIONS],
    /// The share of each piece in each answer of the careful reader, where it read.
    pub shares: Option<Vec<Vec<f32>>>,
    pub concerns: &'c [Concern],
    pub sender: Sender,
}

impl Case<'_> {
    /// The reasons; `again` gives the log-odds of other words by the readers that decided.
    pub fn reasons(&self, depth: Depth, again: impl Fn(&Words) -> [f32; QUESTIONS]) -> Vec<Evidence> {
        let questions = self.questions(depth);
        if self.passage.pieces.is_empty() || questions.is_empty() {
            return Vec::new();
        }
        // The phrases take some milliseconds to find; where there is room for one reason they are not looked for.
        let told = if depth == Depth::Full { self.told() } else { Told::of_deadlines(self.deadlines) };
        if self.passage.pieces.len() == 1 {
            // Without it there is nothing: it is the whole reason.
            let fall = |q: usize| {
                self.log_odds[q] - again(&Words { subject: String::new(), body: String::new() })[q]
            };
            return questions.iter().filter_map(|&q| self.evidence(0, q, fall(q), &told)).collect();
        }
        let falls = self.falls(&questions, depth, &again);
        let mut reasons = Vec::new();
        for &q in &questions {
            let mut mine: Vec<(usize, f32)> = falls.iter().map(|(piece, fall)| (*piece, fall[q])).collect();
            mine.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            let strongest = mine.iter().map(|(_, fall)| *fall).fold(0.0, f32::max);
            if self.log_odds[q] > 0.0 && strongest < 1.0 && depth == Depth::Full {
                mine = self.step_by_step(q, &mine, &again);
            }
            // For what was decided something is always shown, be it ever so weak.
            let most = mine.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
            mine.retain(|(_, fall)| fall.abs() >= LEAST);
            if mine.iter().all(|(_, fall)| *fall <= 0.0) && q != CLIENT {
                mine.splice(0..0, most.filter(|(_, fall)| *fall > 0.0));
            }
            mine.truncate(GIVEN);
            reasons.extend(mine.iter().filter_map(|&(piece, fall)| self.evidence(piece, q, fall, &told)));
        }
        reasons
    }

    /// The fewest pieces found, the strongest first, without which the log-odds of a question fall to `limit`; nothing
    /// where leaving out [`FLIP`] of them does not do it. With the log-odds that are left.
    pub fn flip(
        &self,
        q: usize,
        limit: f32,
        again: impl Fn(&Words) -> [f32; QUESTIONS],
    ) -> Option<(Vec<Evidence>, f32)> {
        let falls = self.falls(&[q], Depth::Full, &again);
        let mut order: Vec<(usize, f32)> = falls.iter().map(|(piece, fall)| (*piece, fall[q])).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut left_out = Vec::new();
        for &(piece, _) in order.iter().take(FLIP) {
            left_out.push(piece);
            let left = again(&self.passage.without(&left_out))[q];
            if left < limit {
                let each = left_out
                    .iter()
                    .filter_map(|&piece| self.evidence(piece, q, self.log_odds[q] - left, &Told::default()));
                return Some((each.collect(), left));
            }
        }
        None
    }

    /// The facts in the text, each once, in the order of the text.
    pub fn facts(&self) -> Vec<Evidence> {
        let Told { deadlines, phrases } = self.told();
        let mut told: Vec<Signal> = deadlines.into_iter().chain(phrases).collect();
        told.sort_by_key(|signal| match &signal.spot {
            Spot::Text(stretch, range) => (*stretch, range.start),
            Spot::Header(_) => (0, 0),
        });
        let fact = |signal: &Signal| {
            let Spot::Text(number, range) = &signal.spot else { return None };
            let stretch = self.reading.stretches.get(*number)?;
            Some(Evidence {
                concern: signal.topic,
                quote: stretch.text.get(range.clone())?.to_owned(),
                place: stretch.place,
                start: stretch.start + range.start,
                end: stretch.start + range.end,
                weight: signal.weight,
                says: signal.says.clone().into_owned(),
            })
        };
        told.iter().filter_map(fact).collect()
    }

    /// What reasons are given for: the concerns found and an other; without a concern, the sender.
    fn questions(&self, depth: Depth) -> Vec<usize> {
        let mut questions: Vec<usize> = self.concerns.iter().map(|concern| concern.question()).collect();
        if depth == Depth::Full && (questions.is_empty() || self.sender == Sender::Other) {
            questions.push(CLIENT);
        }
        questions
    }

    /// For each piece that may matter, what the log-odds lose without it.
    fn falls(
        &self,
        questions: &[usize],
        depth: Depth,
        again: &impl Fn(&Words) -> [f32; QUESTIONS],
    ) -> Vec<(usize, [f32; QUESTIONS])> {
        let most = if depth == Depth::Full { READINGS.div_ceil(questions.len()) } else { 1 };
        let mut tried: Vec<usize> = Vec::new();
        for &q in questions {
            for piece in self.by_share(q).into_iter().take(most) {
                if !tried.contains(&piece) {
                    tried.push(piece);
                }
            }
        }
        let fall = |piece: usize| {
            let without = again(&self.passage.without(&[piece]));
            (piece, std::array::from_fn(|q| self.log_odds[q] - without[q]))
        };
        tried.into_iter().map(fall).collect()
    }

    /// The pieces by their share in an answer, the one that speaks most for what was decided first.
    fn by_share(&self, q: usize) -> Vec<usize> {
        let sign = if q == CLIENT && self.sender == Sender::Other { -1.0 } else { 1.0 };
        let mut order: Vec<usize> = (0..self.passage.pieces.len()).collect();
        let share = |piece: usize| match &self.shares {
            Some(shares) => shares.get(piece).and_then(|each| each.get(q)).map_or(0.0, |share| share * sign),
            // The fast reader is asked about each piece alone.
            None => super::fast_reader().read(&self.passage.only(piece))[q] * sign,
        };
        order.sort_by(|&a, &b| share(b).total_cmp(&share(a)));
        order
    }

    /// Leaves out piece after piece, the strongest first: what each step takes away.
    fn step_by_step(
        &self,
        q: usize,
        strongest: &[(usize, f32)],
        again: &impl Fn(&Words) -> [f32; QUESTIONS],
    ) -> Vec<(usize, f32)> {
        let mut left_out = Vec::new();
        let mut now = self.log_odds[q];
        let mut steps = Vec::new();
        for &(piece, _) in strongest.iter().filter(|(_, fall)| *fall > 0.0).take(STEPS) {
            left_out.push(piece);
            let then = again(&self.passage.without(&left_out))[q];
            steps.push((piece, now - then));
            now = then;
            if now < 0.0 {
                break;
            }
        }
        steps.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        steps
    }

    /// The facts that stand in the text.
    fn told(&self) -> Told {
        let phrases = phrasebook().signals(self.reading, self.deadlines);
        Told { phrases, ..Told::of_deadlines(self.deadlines) }
    }

    /// A piece as a reason: with what a fact in it says, where one speaks the same way.
    fn evidence(&self, piece: usize, q: usize, weight: f32, told: &Told) -> Option<Evidence> {
        let piece = self.passage.pieces.get(piece)?;
        let stretch = self.reading.stretches.get(piece.stretch)?;
        let topic = topic(q);
        let in_piece = |signal: &Signal| match &signal.spot {
            Spot::Text(at, range) if *at == piece.stretch => {
                let shared = range.start.max(piece.range.start)..range.end.min(piece.range.end);
                (!shared.is_empty()).then_some(shared)
            }
            _ => None,
        };
        let strongest = |signals: &'_ [Signal]| {
            signals
                .iter()
                .filter(|signal| signal.topic == topic && (signal.weight > 0.0) == (weight > 0.0))
                .filter_map(|signal| in_piece(signal).map(|shared| (signal.clone(), shared)))
                .max_by(|(a, _), (b, _)| a.weight.abs().total_cmp(&b.weight.abs()))
        };
        // A deadline knows better than a phrase what its words say.
        let fact = strongest(&told.deadlines).or_else(|| strongest(&told.phrases));
        let (says, core) = match fact {
            Some((signal, core)) => (signal.says, Some(core)),
            None => (plain(topic, weight > 0.0).into(), None),
        };
        let range = stretch.quote(&piece.range, core.as_ref());
        let quote = stretch.text.get(range.clone())?;
        Some(Evidence {
            concern: topic,
            quote: quote.to_owned(),
            place: stretch.place,
            start: stretch.start + range.start,
            end: stretch.start + range.end,
            weight,
            says: says.into_owned(),
        })
    }
}

/// What a question is about.
pub(super) fn topic(q: usize) -> Topic {
    Concern::QUESTIONS.get(q).map_or(Topic::Sender, |concern| Topic::from(*concern))
}

/// What words say where no fact says it better.
fn plain(topic: Topic, speaks_for: bool) -> &'static str {
    match (topic, speaks_for) {
        (Topic::Emergency, true) => "reads as wanted at short notice",
        (Topic::Emergency, false) => "reads as in good time",
        (Topic::Complaint, true) => "reads as something that went wrong",
        (Topic::Complaint, false) => "reads as content",
        (Topic::Unusual, true) => "reads as outside the usual",
        (Topic::Unusual, false) => "reads as an ordinary request",
        (Topic::Refund, true) => "reads as wanting money back",
        (Topic::Refund, false) => "reads as not about money back",
        (Topic::Sender, true) => "reads as written by a client",
        (Topic::Sender, false) => "reads as not written by a client",
    }
}
