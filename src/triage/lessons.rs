//! What the owner taught: each correction moves the scores of messages that are like the corrected one, and of the same
//! client, and leaves the rest alone. Lessons are data: any order of teaching and forgetting that leaves the same
//! lessons gives the same scores. Reads no message and knows no thresholds.
//!
//! It is a regression by likeness (kernel ridge regression; Rasmussen and Williams, Gaussian Processes for Machine
//! Learning, 2.2): each lesson wants its message moved, each anchor wants to stay, and the smoothest change that serves
//! both is made. The numbers below are those that helped most while no more than one in 250 other messages was read
//! worse (`docs/evaluation.md`).

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::anchors::{Anchors, anchors, unit, whole};
use super::encoder::dot;
use super::fast::QUESTIONS;
use super::verdict::{Concern, Sender};

/// Likeness falls by the factor e for each such step of the cosine away from 1.
const REACH: f32 = 0.2;
/// The larger, the less a lesson moves and the less it disturbs.
const CAUTION: f64 = 0.03;
/// Messages of the client who was corrected are like each other by this much more.
const SAME_CLIENT: f32 = 0.15;
/// Who writes is told by the address first of all: in that question messages of one address are like by this much more.
const SAME_SENDER: f32 = 3.0;
/// The log-odds that a lesson wants for its own message; what is like it is moved less.
const WANTED: f32 = 6.0;
/// From these log-odds on the right side a lesson agrees with the reader, and moves nothing.
const AGREES: f32 = 1.0;
/// How far all lessons together may move a message, in log-odds.
const MOST: f32 = 8.0;

/// What a message is, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Which correction it comes from; a later lesson with the same number replaces it.
    pub id: i64,
    /// The client's address, in lower case.
    pub address: String,
    /// The log-odds of a client that the header gave, without the words.
    #[serde(default)]
    pub known: f32,
    /// The subject as the readers see it.
    pub subject: String,
    /// The body as the readers see it.
    pub body: String,
    /// Who wrote it.
    pub sender: Sender,
    /// What they were asking.
    pub concerns: Vec<Concern>,
}

/// What the readers made of a message: enough to apply lessons to it without reading it again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Basis {
    /// Log-odds of each question before any lesson.
    pub log_odds: [f32; QUESTIONS],
    /// Where it stands in the space of meanings, of length 1; empty where only the fast reader read it.
    pub sense: Vec<f32>,
    /// The client's address, in lower case.
    pub address: String,
}

impl Basis {
    /// As the store keeps it: the log-odds, then the sense as whole numbers of 8 bits, then the address.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.log_odds.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.extend(u16::try_from(self.sense.len()).unwrap_or_default().to_le_bytes());
        bytes.extend(whole(&self.sense).map(i8::cast_unsigned));
        bytes.extend(self.address.as_bytes());
        bytes
    }

    /// What [`Basis::to_bytes`] made; nothing of anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.split_at_checked(4 * QUESTIONS)?;
        let (length, rest) = rest.split_at_checked(2)?;
        let (sense, address) =
            rest.split_at_checked(usize::from(u16::from_le_bytes(length.try_into().ok()?)))?;
        let mut log_odds = [0.0; QUESTIONS];
        for (number, four) in log_odds.iter_mut().zip(numbers.chunks_exact(4)) {
            *number = f32::from_le_bytes(four.try_into().ok()?);
        }
        let sense: Vec<f32> = sense.iter().map(|byte| f32::from(byte.cast_signed())).collect();
        Some(Self {
            log_odds,
            sense: if sense.is_empty() { sense } else { unit(sense) },
            address: String::from_utf8(address.to_vec()).ok()?,
        })
    }
}

/// A lesson in force.
#[derive(Debug, Clone)]
struct Taught {
    lesson: Lesson,
    basis: Basis,
    /// How far it moves what is exactly like it, for each question.
    push: [f32; QUESTIONS],
}

/// All lessons in force.
#[derive(Debug, Clone, Default)]
pub(super) struct Lessons {
    taught: Vec<Taught>,
    /// How far each anchor holds against the lessons.
    holds: Vec<[f32; QUESTIONS]>,
}

impl Lessons {
    /// Lessons with what the readers made of them.
    pub fn of(lessons: Vec<(Lesson, Basis)>) -> Self {
        let mut taught: Vec<Taught> = Vec::new();
        for (lesson, basis) in lessons {
            taught.retain(|other| other.lesson.id != lesson.id);
            taught.push(Taught { lesson, basis, push: [0.0; QUESTIONS] });
        }
        taught.sort_by_key(|one| one.lesson.id);
        let mut all = Self { taught, holds: Vec::new() };
        if !all.taught.is_empty() {
            all.settle(Held::built_in());
        }
        all
    }

    /// What the readers made of a lesson, where it is here unchanged.
    pub fn basis_of(&self, lesson: &Lesson) -> Option<&Basis> {
        self.taught.iter().find(|one| one.lesson == *lesson).map(|one| &one.basis)
    }

    pub fn len(&self) -> usize {
        self.taught.len()
    }

    /// Finds the pushes with which each lesson holds for its own message, as far as they don't contradict each other, and
    /// the anchors stay where they are.
    fn settle(&mut self, held: &Held) {
        let count = self.taught.len();
        // Of the equations of lessons and anchors those of the anchors are solved first (Schur complement): their part is
        // always the same.
        let beside: Vec<Vec<f64>> = self.taught.iter().map(|one| held.likeness(&one.basis)).collect();
        let solved: Vec<Vec<f64>> = beside.iter().map(|row| held.factor.solve(row)).collect();
        let by_anchors = |a: usize, b: usize| -> f64 { product(&beside[a], &solved[b]) };
        // Who writes is told by the address, so that question has likenesses of its own.
        let mut pushes = vec![[0.0f64; QUESTIONS]; count];
        for questions in [0..QUESTIONS - 1, QUESTIONS - 1..QUESTIONS] {
            let matrix: Vec<Vec<f64>> = (0..count)
                .map(|a| {
                    let like = |b: usize| {
                        let like = likeness(&self.taught[a].basis, &self.taught[b].basis)[questions.start];
                        f64::from(like) - by_anchors(a, b) + if a == b { CAUTION } else { 0.0 }
                    };
                    (0..count).map(like).collect()
                })
                .collect();
            let factor = Factor::of(matrix);
            for q in questions {
                let wanted: Vec<f64> = self.taught.iter().map(|one| f64::from(one.wanted(q))).collect();
                for (push, solved) in pushes.iter_mut().zip(factor.solve(&wanted)) {
                    push[q] = solved;
                }
            }
        }
        self.holds = vec![[0.0; QUESTIONS]; held.places.len()];
        for (one, (push, solved)) in self.taught.iter_mut().zip(pushes.iter().zip(&solved)) {
            one.push = push.map(short);
            for (hold, part) in self.holds.iter_mut().zip(solved) {
                for q in 0..QUESTIONS {
                    hold[q] -= short(push[q] * part);
                }
            }
        }
    }

    /// The log-odds of a message with what was taught, and the lesson that moved it most, if one moved it much.
    pub fn apply(&self, basis: &Basis) -> ([f32; QUESTIONS], Option<&Lesson>) {
        let mut moved = [0.0f32; QUESTIONS];
        let mut most: (f32, Option<&Lesson>) = (0.5, None);
        for one in &self.taught {
            let like = likeness(basis, &one.basis);
            let by: [f32; QUESTIONS] = std::array::from_fn(|q| like[q] * one.push[q]);
            moved.iter_mut().zip(by).for_each(|(moved, by)| *moved += by);
            let by = by.iter().fold(0.0f32, |most, by| most.max(by.abs()));
            if by > most.0 {
                most = (by, Some(&one.lesson));
            }
        }
        if !self.holds.is_empty() && !basis.sense.is_empty() {
            for (place, hold) in Held::built_in().places.iter().zip(&self.holds) {
                let like = alike(&basis.sense, place);
                moved.iter_mut().zip(hold).for_each(|(moved, hold)| *moved += like * hold);
            }
        }
        let log_odds = std::array::from_fn(|q| basis.log_odds[q] + moved[q].clamp(-MOST, MOST));
        (log_odds, most.1)
    }

    /// How like the most alike lesson is, 0..=1.
    pub fn nearest(&self, basis: &Basis) -> f32 {
        let like = |one: &Taught| {
            let same = !basis.address.is_empty() && basis.address == one.basis.address;
            if same { 1.0 } else { alike(&basis.sense, &one.basis.sense) }
        };
        self.taught.iter().map(like).fold(0.0, f32::max)
    }
}

impl Taught {
    /// How far the message is to be moved.
    fn wanted(&self, q: usize) -> f32 {
        let side = if answer(&self.lesson, q) { 1.0 } else { -1.0 };
        let now = self.basis.log_odds[q] * side;
        if now >= AGREES { 0.0 } else { side * (WANTED - now) }
    }
}

/// The anchors, with their equations solved.
struct Held {
    places: &'static [Vec<f32>],
    factor: Factor,
}

impl Held {
    fn built_in() -> &'static Self {
        static HELD: LazyLock<Held> = LazyLock::new(|| Held::of(anchors()));
        &HELD
    }

    fn of(anchors: &'static Anchors) -> Self {
        let places = anchors.places();
        let row = |a: usize| {
            let like =
                |b: usize| f64::from(alike(&places[a], &places[b])) + if a == b { CAUTION } else { 0.0 };
            (0..=a).map(like).collect()
        };
        Self { places, factor: Factor::of((0..places.len()).map(row).collect()) }
    }

    /// How like each anchor a message is.
    fn likeness(&self, basis: &Basis) -> Vec<f64> {
        self.places.iter().map(|place| f64::from(alike(&basis.sense, place))).collect()
    }
}

/// The lower triangle L of a symmetric matrix L Lᵀ (Cholesky).
struct Factor(Vec<Vec<f64>>);

impl Factor {
    /// Of a positive definite matrix; only its lower triangle is looked at.
    fn of(mut matrix: Vec<Vec<f64>>) -> Self {
        for a in 0..matrix.len() {
            let (done, rest) = matrix.split_at_mut(a);
            let row = &mut rest[0];
            for (b, other) in done.iter().enumerate() {
                row[b] = (row[b] - product(&row[..b], &other[..b])) / other[b];
            }
            row[a] = (row[a] - product(&row[..a], &row[..a])).max(1e-9).sqrt();
            row.truncate(a + 1);
        }
        Self(matrix)
    }

    /// The x of `matrix x = wanted`.
    fn solve(&self, wanted: &[f64]) -> Vec<f64> {
        let mut x = wanted.to_vec();
        for (a, row) in self.0.iter().enumerate() {
            x[a] = (x[a] - product(&row[..a], &x[..a])) / row[a];
        }
        for (a, row) in self.0.iter().enumerate().rev() {
            x[a] /= row[a];
            let this = x[a];
            x[..a].iter_mut().zip(row).for_each(|(x, number)| *x -= number * this);
        }
        x
    }
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for log-odds")]
fn short(number: f64) -> f32 {
    number as f32
}

/// Whether the answer to a question is yes.
pub(super) fn answer(lesson: &Lesson, question: usize) -> bool {
    match Concern::QUESTIONS.get(question) {
        Some(concern) => lesson.concerns.contains(concern),
        None => lesson.sender == Sender::Client,
    }
}

/// How like two messages are, for each question; those of one client are more so.
fn likeness(a: &Basis, b: &Basis) -> [f32; QUESTIONS] {
    let same_client = !a.address.is_empty() && a.address == b.address;
    let alike = alike(&a.sense, &b.sense);
    let more = |by: f32| if same_client { by } else { 0.0 };
    let mut each = [alike + more(SAME_CLIENT); QUESTIONS];
    each[QUESTIONS - 1] = alike + more(SAME_SENDER);
    each
}

/// How near two places are, 0..=1; 0 where one is not known.
fn alike(a: &[f32], b: &[f32]) -> f32 {
    if a.is_empty() || a.len() != b.len() {
        return 0.0;
    }
    ((dot(a, b) - 1.0) / REACH).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sense(at: f32) -> Vec<f32> {
        vec![at.cos(), at.sin()]
    }

    fn basis(at: f32, address: &str, log_odds: f32) -> Basis {
        Basis { log_odds: [log_odds; QUESTIONS], sense: sense(at), address: address.to_owned() }
    }

    fn lesson(id: i64, sender: Sender, concerns: &[Concern]) -> Lesson {
        Lesson {
            id,
            address: "ann@example.org".to_owned(),
            known: 0.0,
            subject: "Cake".to_owned(),
            body: String::new(),
            sender,
            concerns: concerns.to_vec(),
        }
    }

    #[test]
    fn a_lesson_holds_for_its_message_and_less_the_farther_one_goes() {
        let taught = (lesson(1, Sender::Client, &[Concern::Refund]), basis(0.0, "ann@example.org", -4.0));
        let lessons = Lessons::of(vec![taught]);
        let refund =
            |at: f32| lessons.apply(&basis(at, "bo@example.org", -4.0)).0[Concern::Refund.question()];
        assert!(refund(0.0) > 0.0, "{}", refund(0.0));
        assert!(refund(0.0) > refund(0.5) && refund(0.5) > refund(1.0), "{} {}", refund(0.5), refund(1.0));
        assert!(refund(1.5) < -3.0, "what is not like it is hardly moved: {}", refund(1.5));
        let other = lessons.apply(&basis(0.0, "bo@example.org", -4.0)).0[Concern::Unusual.question()];
        assert!(other <= -3.0, "a question whose answer was right stays as it was: {other}");
    }

    #[test]
    fn who_writes_is_learned_of_the_address() {
        let taught = (lesson(1, Sender::Other, &[]), basis(0.0, "ann@example.org", 4.0));
        let lessons = Lessons::of(vec![taught]);
        let client = |address: &str| lessons.apply(&basis(1.5, address, 4.0)).0[QUESTIONS - 1];
        assert!(client("ann@example.org") < 0.0 && client("bo@example.org") > 3.0);
    }

    #[test]
    fn order_does_not_matter_and_a_lesson_of_the_same_number_takes_the_others_place() {
        let one = (lesson(1, Sender::Client, &[Concern::Refund]), basis(0.0, "", -4.0));
        let two = (lesson(2, Sender::Client, &[Concern::Unusual]), basis(0.06, "", -4.0));
        let again = (lesson(1, Sender::Client, &[]), basis(0.0, "", -4.0));
        let asked = basis(0.03, "", -4.0);
        let there = Lessons::of(vec![one.clone(), two.clone()]).apply(&asked).0;
        let back = Lessons::of(vec![two.clone(), one.clone()]).apply(&asked).0;
        let digits = |odds: [f32; QUESTIONS]| odds.map(f32::to_bits);
        assert_eq!(digits(there), digits(back));
        let replaced = Lessons::of(vec![one, two.clone(), again.clone()]);
        assert_eq!(replaced.len(), 2);
        assert_eq!(digits(replaced.apply(&asked).0), digits(Lessons::of(vec![two, again]).apply(&asked).0));
    }

    #[test]
    fn a_basis_comes_back_from_its_bytes_and_rubbish_does_not() {
        let mut kept = basis(0.7, "zoë@example.org", 1.5);
        let back = Basis::from_bytes(&kept.to_bytes()).unwrap();
        assert_eq!(
            (back.log_odds.map(f32::to_bits), &back.address),
            (kept.log_odds.map(f32::to_bits), &kept.address)
        );
        assert!(dot(&back.sense, &kept.sense) > 0.999, "{:?}", back.sense);
        kept.sense.clear();
        assert_eq!(Basis::from_bytes(&kept.to_bytes()), Some(kept));
        for rubbish in [&b""[..], b"short", &[255; 30]] {
            assert_eq!(Basis::from_bytes(rubbish), None);
        }
    }
}
