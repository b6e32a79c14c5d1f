//! Learning what the readers know, apart from the encoder, which `training/` trains: the fast pass, how both readers'
//! answers are blended, and the anchors that lessons leave alone. Pure: the corpus comes in as [`Example`]s, the models go out as files.
//!
//! What is said of unseen mail comes from readers that saw nothing of its writer: each fold is read by models trained on
//! the other folds, and blended by weights fitted on the other folds.

use serde::Serialize;

use super::anchors::Anchors;
use super::blend::{self, Blend, Told};
use super::careful::careful;
use super::fast::fit::{Lesson, fit, probability};
use super::fast::{Fast, QUESTIONS};
use super::passage::{Passage, Words};
use super::reading::Reading;
use super::verdict::{Concern, Scores, Sender};
use crate::mail::Message;

/// A message with its labels, as the readers see it.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its name in the corpus.
    pub id: String,
    /// Messages of one writer are in one fold.
    pub fold: usize,
    /// Who wrote it.
    pub sender: Sender,
    /// What they are asking.
    pub concerns: Vec<Concern>,
    /// What the careful reader answers that saw nothing of this fold, in log-odds: emergency, complaint, unusual, refund,
    /// client.
    pub careful: Option<[f32; QUESTIONS]>,
    words: Words,
}

impl Example {
    /// The example of a message.
    pub fn of(id: String, fold: usize, sender: Sender, concerns: Vec<Concern>, message: &Message) -> Self {
        let words = Passage::of(&Reading::of(message)).words();
        Self { id, fold, sender, concerns, careful: None, words }
    }

    /// What the readers see: subject and body.
    pub fn words(&self) -> (&str, &str) {
        (&self.words.subject, &self.words.body)
    }

    fn answers(&self) -> [bool; QUESTIONS] {
        std::array::from_fn(|q| match Concern::QUESTIONS.get(q) {
            Some(concern) => self.concerns.contains(concern),
            None => self.sender == Sender::Client,
        })
    }

    fn lesson(&self) -> Lesson {
        Lesson { words: self.words.clone(), answers: self.answers() }
    }
}

/// What was learned.
#[derive(Debug)]
pub struct Trained {
    /// `assets/model/fast.bin`.
    pub fast: Vec<u8>,
    /// `assets/model/blend.toml`.
    pub blend: String,
    /// What is said of each example by readers that had not seen its fold, in the order of the examples.
    pub unseen: Vec<Unseen>,
}

/// The scores of one example: those of the fast pass alone, of the careful reader alone and of both.
#[derive(Debug, Clone, Copy)]
pub struct Unseen {
    /// The fast pass alone.
    pub fast: Scored,
    /// The careful reader alone.
    pub careful: Scored,
    /// Both, as the program ships.
    pub both: Scored,
}

/// Scores of the concerns and of the sender being a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Scored {
    /// Of the concerns.
    pub scores: Scores,
    /// That a client writes.
    pub client: f32,
}

impl Scored {
    /// The scores of log-odds.
    pub(super) fn of(log_odds: &[f32; QUESTIONS]) -> Self {
        let score = |concern: Concern| probability(log_odds[concern.question()]);
        Self {
            scores: Scores {
                emergency: score(Concern::Emergency),
                complaint: score(Concern::Complaint),
                unusual: score(Concern::Unusual),
                refund: score(Concern::Refund),
            },
            client: probability(log_odds[super::CLIENT]),
        }
    }
}

/// Messages that lessons leave alone. More would hold better and cost each message that is judged after a lesson.
const ANCHORS: usize = 800;

/// The example with this number is an anchor: they are spread evenly over all.
fn is_anchor(number: usize, of: usize) -> bool {
    number * ANCHORS / of.max(1) != (number + 1) * ANCHORS / of.max(1)
}

/// `assets/model/anchors.bin`: the careful reader that is built in reads each anchor, some 20 ms each.
pub fn anchors(examples: &[Example]) -> Vec<u8> {
    let chosen = examples.iter().enumerate().filter(|(number, _)| is_anchor(*number, examples.len()));
    let senses: Vec<Vec<f32>> = chosen.map(|(_, one)| careful().read(&one.words).sense).collect();
    Anchors::file(&senses)
}

/// Learns from all examples; the examples without an answer of the careful reader teach the fast pass alone.
pub fn train(examples: &[Example]) -> Result<Trained, String> {
    let lessons: Vec<Lesson> = examples.iter().map(Example::lesson).collect();
    let folds = examples.iter().map(|example| example.fold).max().map_or(0, |last| last + 1);
    if folds < 2 {
        return Err("the corpus has one writer: two folds at least are needed".to_owned());
    }
    let mut told: Vec<Option<Told>> = vec![None; examples.len()];
    for fold in 0..folds {
        let others: Vec<&Lesson> =
            examples.iter().zip(&lessons).filter(|(e, _)| e.fold != fold).map(|(_, lesson)| lesson).collect();
        let fast = fit(&others);
        for (at, example) in examples.iter().enumerate().filter(|(_, example)| example.fold == fold) {
            told[at] = Some(Told {
                careful: example.careful.unwrap_or_default(),
                fast: fast.read(&example.words),
                is: example.answers(),
            });
        }
    }
    let told: Vec<Told> = told.into_iter().flatten().collect();
    let known = |fold: Option<usize>| -> Vec<Told> {
        let each = examples.iter().zip(&told);
        each.filter(|(e, _)| e.careful.is_some() && Some(e.fold) != fold)
            .map(|(_, told)| told.clone())
            .collect()
    };
    let of_fold: Vec<(Blend, blend::Row)> = (0..folds)
        .map(|fold| known(Some(fold)))
        .map(|known| (blend::fit(&known), blend::fit_careful(&known)))
        .collect();
    let unseen = examples.iter().zip(&told).map(|(example, told)| {
        let (blend, careful) = &of_fold[example.fold];
        Unseen {
            fast: scored(&blend.fast, told),
            careful: scored(careful, told),
            both: scored(&blend.both, told),
        }
    });
    let unseen = unseen.collect();
    let fast = fit(&lessons.iter().collect::<Vec<_>>()).file();
    Fast::load(&fast)?;
    Ok(Trained { fast, blend: blend::fit(&known(None)).text()?, unseen })
}

fn scored(row: &blend::Row, told: &Told) -> Scored {
    Scored::of(&super::held(row.of(&told.careful, &told.fast)))
}
