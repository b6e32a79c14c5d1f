//! How well verdicts agree with labels: counted, never judged. Pure; the verdicts come from the engine or from readers
//! that had not seen the messages.

use serde::Serialize;

use super::training::Scored;
use super::verdict::{Concern, Sender, Thresholds};

/// A label beside what was said.
#[derive(Debug, Clone)]
pub struct Case {
    /// Names the message.
    pub id: String,
    /// The label: who wrote.
    pub sender: Sender,
    /// The label: what they are asking.
    pub concerns: Vec<Concern>,
    /// What was said.
    pub scored: Scored,
    /// The beginning of the message, to know it by.
    pub text: String,
}

/// How often a yes was right, wrong and lacking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Count {
    /// Said and so.
    pub right: u32,
    /// Said and not so.
    pub wrong: u32,
    /// So and not said.
    pub missed: u32,
}

impl Count {
    /// Share of what was said that is so; 1 where nothing was said.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Share of what is so that was said; 1 where nothing is so.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// The harmonic mean of both; 1 where nothing was said and nothing is so.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

fn share(of: u32, all: u32) -> f64 {
    if all == 0 { 1.0 } else { f64::from(of) / f64::from(all) }
}

/// One row of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Of which concern.
    pub concern: Concern,
    /// The counts.
    #[serde(flatten)]
    pub count: Count,
    /// See [`Count::precision`].
    pub precision: f64,
    /// See [`Count::recall`].
    pub recall: f64,
    /// See [`Count::f1`].
    pub f1: f64,
    /// Threshold: what it was, and what other ones would give.
    pub threshold: f32,
    /// Precision and recall at other thresholds.
    pub at: Vec<At>,
}

/// What a threshold gives.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct At {
    /// The threshold.
    pub threshold: f32,
    /// Share of what is said that is so.
    pub precision: f64,
    /// Share of what is so that is said.
    pub recall: f64,
}

/// A bar of the reliability diagram.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Bar {
    /// From this score on, a tenth wide.
    pub from: f32,
    /// Scores in it.
    pub scores: u32,
    /// Their mean.
    pub said: f64,
    /// The share of them that is so.
    pub is: f64,
}

/// A message on which label and verdict differ.
#[derive(Debug, Clone, Serialize)]
pub struct Miss {
    /// Names the message.
    pub id: String,
    /// Labels: `client emergency+refund`.
    pub label: String,
    /// What was said.
    pub said: String,
    /// The beginning of the text.
    pub text: String,
    /// How far the score was off, 0..=1.
    pub off: f32,
}

/// The whole of it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Messages.
    pub messages: u32,
    /// Messages of others.
    pub others: u32,
    /// One line a concern.
    pub concerns: Vec<Line>,
    /// The mean of the four F1.
    pub macro_f1: f64,
    /// Share of messages whose sender is right.
    pub sender_accuracy: f64,
    /// Clients taken for others: the worst error.
    pub clients_overlooked: u32,
    /// Messages of others with any concern, of each thousand of them.
    pub false_alarms_per_1000: f64,
    /// Messages with all labels right.
    pub exact: f64,
    /// The mean distance of score and truth over the bars, weighed by their scores, for concerns together.
    pub calibration_error: f64,
    /// The reliability diagram, over all concerns.
    pub reliability: Vec<Bar>,
    /// The messages that went wrong, the worst first.
    pub misses: Vec<Miss>,
}

/// Tenths of the reliability diagram.
const BARS: usize = 10;
/// The thresholds whose cost is shown.
const THRESHOLDS: [f32; 7] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/// The sender and the concerns that were said.
type Said = (Sender, Vec<Concern>);

/// Counts.
pub fn report(cases: &[Case], thresholds: Thresholds) -> Report {
    let said: Vec<Said> = cases.iter().map(|case| said(case, thresholds)).collect();
    let concerns: Vec<Line> =
        Concern::ALL.into_iter().map(|concern| line(concern, cases, thresholds)).collect();
    let count = |is: &dyn Fn(&Case, &Said) -> bool| {
        let hits = cases.iter().zip(&said).filter(|(case, said)| is(case, said)).count();
        u32::try_from(hits).unwrap_or(u32::MAX)
    };
    let messages = count(&|_, _| true);
    let others = count(&|case, _| case.sender == Sender::Other);
    let alarms = count(&|case, said| case.sender == Sender::Other && !said.1.is_empty());
    let right_senders = count(&|case, said| case.sender == said.0);
    let reliability = reliability(cases);
    Report {
        messages,
        others,
        macro_f1: concerns.iter().map(|line| line.f1).sum::<f64>() / 4.0,
        concerns,
        sender_accuracy: share(right_senders, messages),
        clients_overlooked: count(&|case, said| case.sender == Sender::Client && said.0 == Sender::Other),
        false_alarms_per_1000: if others == 0 { 0.0 } else { share(alarms, others) * 1000.0 },
        exact: share(count(&|case, said| case.sender == said.0 && same(&case.concerns, &said.1)), messages),
        calibration_error: calibration_error(&reliability),
        reliability,
        misses: misses(cases, &said),
    }
}

fn said(case: &Case, thresholds: Thresholds) -> (Sender, Vec<Concern>) {
    if case.scored.client < thresholds.client {
        (Sender::Other, Vec::new())
    } else {
        (Sender::Client, thresholds.over(case.scored.scores))
    }
}

fn same(a: &[Concern], b: &[Concern]) -> bool {
    a.len() == b.len() && a.iter().all(|concern| b.contains(concern))
}

fn line(concern: Concern, cases: &[Case], thresholds: Thresholds) -> Line {
    let count_at = |threshold: f32| {
        let mut count = Count::default();
        for case in cases {
            let is = case.concerns.contains(&concern);
            let client = case.scored.client >= thresholds.client;
            let said = client && case.scored.scores.of(concern) >= threshold;
            match (said, is) {
                (true, true) => count.right += 1,
                (true, false) => count.wrong += 1,
                (false, true) => count.missed += 1,
                (false, false) => {}
            }
        }
        count
    };
    let count = count_at(thresholds.of(concern));
    let at = THRESHOLDS.map(|threshold| {
        let count = count_at(threshold);
        At { threshold, precision: count.precision(), recall: count.recall() }
    });
    Line {
        concern,
        count,
        precision: count.precision(),
        recall: count.recall(),
        f1: count.f1(),
        threshold: thresholds.of(concern),
        at: at.to_vec(),
    }
}

fn reliability(cases: &[Case]) -> Vec<Bar> {
    let mut sums = [(0u32, 0.0f64, 0u32); BARS];
    for case in cases {
        for concern in Concern::ALL {
            let score = case.scored.scores.of(concern);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score is 0..=1")]
            let bar = ((score * 10.0) as usize).min(BARS - 1);
            sums[bar].0 += 1;
            sums[bar].1 += f64::from(score);
            sums[bar].2 += u32::from(case.concerns.contains(&concern));
        }
    }
    let bar = |(number, &(scores, said, is)): (usize, &(u32, f64, u32))| Bar {
        from: [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9][number],
        scores,
        said: if scores == 0 { 0.0 } else { said / f64::from(scores) },
        is: if scores == 0 { 0.0 } else { share(is, scores) },
    };
    sums.iter().enumerate().map(bar).collect()
}

fn calibration_error(bars: &[Bar]) -> f64 {
    let all: u32 = bars.iter().map(|bar| bar.scores).sum();
    bars.iter().map(|bar| share(bar.scores, all.max(1)) * (bar.said - bar.is).abs()).sum()
}

fn misses(cases: &[Case], said: &[(Sender, Vec<Concern>)]) -> Vec<Miss> {
    let differs =
        |case: &Case, said: &(Sender, Vec<Concern>)| case.sender != said.0 || !same(&case.concerns, &said.1);
    let mut misses: Vec<Miss> = cases
        .iter()
        .zip(said)
        .filter(|(case, said)| differs(case, said))
        .map(|(case, (sender, concerns))| Miss {
            id: case.id.clone(),
            label: named(case.sender, &case.concerns),
            said: named(*sender, concerns),
            text: case.text.clone(),
            off: off(case),
        })
        .collect();
    misses.sort_by(|a, b| b.off.total_cmp(&a.off));
    misses
}

/// The largest distance of a score from its label.
fn off(case: &Case) -> f32 {
    let distance = |score: f32, is: bool| if is { 1.0 - score } else { score };
    let concerns = Concern::ALL.map(|c| distance(case.scored.scores.of(c), case.concerns.contains(&c)));
    concerns.into_iter().fold(distance(case.scored.client, case.sender == Sender::Client), f32::max)
}

/// `client emergency+refund`, `client routine`, `other`.
fn named(sender: Sender, concerns: &[Concern]) -> String {
    match sender {
        Sender::Other => "other".to_owned(),
        Sender::Client if concerns.is_empty() => "client routine".to_owned(),
        Sender::Client => {
            let mut words: Vec<&str> = concerns.iter().map(|concern| concern.word()).collect();
            words.sort_unstable();
            format!("client {}", words.join("+"))
        }
    }
}
