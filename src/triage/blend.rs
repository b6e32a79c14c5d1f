//! One answer of several readers: for each question the readers' log-odds are weighed, added up and stretched so that
//! 0.8 means that four of five are so. The weights are fitted on answers to messages whose writers the readers had
//! not seen (`amicable model train`), and stand in `assets/model/blend.toml`, where they can be read.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::fast::{QUESTIONS, fit::probability};

pub(super) static FILE: &str = include_str!("../../assets/model/blend.toml");

/// The weights of both engines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Blend {
    /// Fast and careful reader together.
    pub both: Row,
    /// The fast reader alone.
    pub fast: Row,
}

/// For each question: log-odds = bias + careful * its answer + fast * its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub bias: [f32; QUESTIONS],
    pub careful: [f32; QUESTIONS],
    pub fast: [f32; QUESTIONS],
}

/// The built-in weights.
pub(super) fn blend() -> &'static Blend {
    static BLEND: LazyLock<Blend> =
        LazyLock::new(|| Blend::parse(FILE).expect("the weights are compiled in, and the tests read them"));
    &BLEND
}

impl Blend {
    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The file of these weights.
    pub fn text(&self) -> Result<String, String> {
        let head = "# How the answers of the readers are blended: log-odds = bias + careful * c + fast * f, in the order emergency,\n\
                    # complaint, unusual, refund, client. Written by `amicable model train`.\n\n";
        Ok(format!("{head}{}", toml::to_string(self).map_err(|error| error.to_string())?))
    }
}

impl Row {
    /// The log-odds of each answer.
    pub fn of(&self, careful: &[f32; QUESTIONS], fast: &[f32; QUESTIONS]) -> [f32; QUESTIONS] {
        std::array::from_fn(|q| self.bias[q] + self.careful[q] * careful[q] + self.fast[q] * fast[q])
    }
}

/// What both readers said of a message, and what is so.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub careful: [f32; QUESTIONS],
    pub fast: [f32; QUESTIONS],
    pub is: [bool; QUESTIONS],
}

/// Rounds of the descent; it stands still long before.
const ROUNDS: usize = 4000;

/// Fits both rows. The concerns are fitted on clients' messages and others alike, since an other has none.
pub(super) fn fit(told: &[Told]) -> Blend {
    Blend { both: fit_row(told, true, true), fast: fit_row(told, false, true) }
}

/// The careful reader alone, for comparison.
pub(super) fn fit_careful(told: &[Told]) -> Row {
    fit_row(told, true, false)
}

/// Logistic regression by steepest descent with momentum on standardised answers: three numbers a question.
fn fit_row(told: &[Told], with_careful: bool, with_fast: bool) -> Row {
    let mut row = Row { bias: [0.0; QUESTIONS], careful: [0.0; QUESTIONS], fast: [0.0; QUESTIONS] };
    let count = told.iter().fold(0.0, |n, _| n + 1.0f32).max(1.0);
    for q in 0..QUESTIONS {
        let mut at = [0.0f32; 3];
        let mut speed = [0.0f32; 3];
        for _ in 0..ROUNDS {
            let mut slope = [0.0f32; 3];
            for one in told {
                let (careful, fast) = (one.careful[q] * 0.25, one.fast[q] * 0.25);
                let careful = if with_careful { careful } else { 0.0 };
                let fast = if with_fast { fast } else { 0.0 };
                let wanted = if one.is[q] { 1.0 } else { 0.0 };
                let error = probability(at[0] + at[1] * careful + at[2] * fast) - wanted;
                slope[0] += error;
                slope[1] += error * careful;
                slope[2] += error * fast;
            }
            for axis in 0..3 {
                speed[axis] = 0.9 * speed[axis] - 0.5 * slope[axis] / count;
                at[axis] += speed[axis];
            }
        }
        // Rounded, so that the file is short and the same everywhere.
        let short = |number: f32| (number * 1000.0).round() / 1000.0;
        row.bias[q] = short(at[0]);
        row.careful[q] = short(at[1] * 0.25);
        row.fast[q] = short(at[2] * 0.25);
    }
    row
}
