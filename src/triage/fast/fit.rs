//! Learning the fast pass: logistic regression by gradient steps of falling size (AdaGrad), in a fixed order and with
//! arithmetic that is the same on every machine, so that the same corpus gives the same file, byte for byte.

use super::{Fast, QUESTIONS, ROOMS, for_each_feature, norm};
use crate::triage::passage::Words;

/// Times that each message is learned from.
const ROUNDS: usize = 12;
/// Size of the first step.
const STEP: f32 = 0.5;
/// How much each step pulls a weight towards nothing.
const PULL: f32 = 1e-6;
/// Wanted answers are this far from no and yes, so that no weight grows without end.
const SOFT: f32 = 0.02;

/// A message to learn from: its words, and for each question whether the answer is yes.
#[derive(Debug, Clone)]
pub(in crate::triage) struct Lesson {
    /// What is read.
    pub words: Words,
    /// Yes or no, by question.
    pub answers: [bool; QUESTIONS],
}

/// Learns from all lessons.
pub(in crate::triage) fn fit(lessons: &[&Lesson]) -> Fast {
    let features: Vec<Vec<u32>> = lessons.iter().map(|lesson| rooms(&lesson.words)).collect();
    let mut weights = vec![[0.0f32; QUESTIONS]; ROOMS];
    let mut steps = vec![[1e-4f32; QUESTIONS]; ROOMS];
    let mut bias = [0.0f32; QUESTIONS];
    let mut order = Order::of(lessons.len());
    for _ in 0..ROUNDS {
        order.shuffle();
        for &at in &order.numbers {
            let (lesson, rooms) = (lessons[at], &features[at]);
            let norm = norm(u16::try_from(rooms.len()).unwrap_or(u16::MAX));
            for q in 0..QUESTIONS {
                let sum: f32 = rooms.iter().map(|&room| weights[room as usize][q]).sum();
                let wanted = if lesson.answers[q] { 1.0 - SOFT } else { SOFT };
                let error = probability(sum * norm + bias[q]) - wanted;
                bias[q] -= 0.01 * error;
                let slope = error * norm;
                for &room in rooms {
                    let (weight, step) = (&mut weights[room as usize][q], &mut steps[room as usize][q]);
                    let slope = slope + PULL * *weight;
                    *step += slope * slope;
                    *weight -= STEP * slope / step.sqrt();
                }
            }
        }
    }
    whole(&weights, bias)
}

fn rooms(words: &Words) -> Vec<u32> {
    let mut rooms = Vec::new();
    for_each_feature(words, |room| rooms.push(u32::try_from(room).unwrap_or_default()));
    rooms
}

/// The weights as whole numbers of 8 bits.
fn whole(weights: &[[f32; QUESTIONS]], bias: [f32; QUESTIONS]) -> Fast {
    let most = |q: usize| weights.iter().map(|row| row[q].abs()).fold(1e-6, f32::max);
    // A few weights are far larger than all others; they are cut so that the others keep their differences.
    let scales: [f32; QUESTIONS] = std::array::from_fn(|q| most(q) * 0.5 / 127.0);
    #[expect(clippy::cast_possible_truncation, reason = "rounded, and `as` saturates")]
    let rows =
        weights.iter().map(|row| std::array::from_fn(|q| (row[q] / scales[q]).round() as i8)).collect();
    Fast { scales, bias, weights: rows }
}

/// 1 / (1 + e^-x). From `libm`, whose digits don't depend on the machine as those of the C library do.
pub(in crate::triage) fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-log_odds.clamp(-40.0, 40.0)))
}

/// The numbers 0.. in an order that looks random and is always the same.
struct Order {
    numbers: Vec<usize>,
    state: u64,
}

impl Order {
    fn of(count: usize) -> Self {
        Self { numbers: (0..count).collect(), state: 2026 }
    }

    /// Fisher and Yates, with the generator of Knuth's MMIX.
    fn shuffle(&mut self) {
        for last in (1..self.numbers.len()).rev() {
            self.state =
                self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from((self.state >> 33) % (last as u64 + 1)).unwrap_or_default();
            self.numbers.swap(last, other);
        }
    }
}
