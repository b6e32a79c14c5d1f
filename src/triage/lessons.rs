//! What the owner taught: each correction moves the scores of messages that are like the corrected one, and of the same
//! client, and leaves the rest alone. Lessons are data: any order of teaching and forgetting that leaves the same
//! lessons gives the same scores. Reads no message and knows no thresholds.

use serde::{Deserialize, Serialize};

use super::encoder::dot;
use super::fast::{QUESTIONS, fit::probability};
use super::verdict::{Concern, Sender};

/// Nearness falls by the factor e for each such step of the cosine away from 1 (measured: `docs/evaluation.md`).
const REACH: f32 = 0.002;
/// Messages of the client who was corrected count as nearer by this much of the cosine.
const SAME_CLIENT: f32 = 0.004;
/// Less near than this is not like it at all.
const LEAST: f32 = 0.02;
/// How far one lesson may move a message like it, in log-odds.
const MOST: f32 = 8.0;
/// Rounds in which the lessons are made to agree; more change nothing visible.
const ROUNDS: usize = 60;

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

/// Whole numbers of a stored sense: -127..=127.
const STEPS: f32 = 127.0;

impl Basis {
    /// As the store keeps it: the log-odds, then the sense as whole numbers of 8 bits, then the address.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.log_odds.iter().flat_map(|number| number.to_le_bytes()).collect();
        let most = self.sense.iter().fold(1e-6f32, |most, number| most.max(number.abs()));
        bytes.extend(u16::try_from(self.sense.len()).unwrap_or_default().to_le_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "rounded, and `as` saturates")]
        bytes.extend(self.sense.iter().map(|number| ((number / most * STEPS).round() as i8).cast_unsigned()));
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
        let length = dot(&sense, &sense).sqrt().max(1e-6);
        Some(Self {
            log_odds,
            sense: sense.into_iter().map(|number| number / length).collect(),
            address: String::from_utf8(address.to_vec()).ok()?,
        })
    }
}

/// A lesson in force.
#[derive(Debug, Clone)]
struct Taught {
    lesson: Lesson,
    basis: Basis,
    /// How far it moves what is exactly like it.
    push: [f32; QUESTIONS],
}

/// All lessons in force.
#[derive(Debug, Clone, Default)]
pub(super) struct Lessons {
    taught: Vec<Taught>,
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
        let mut all = Self { taught };
        all.agree();
        all
    }

    /// What the readers made of a lesson, where it is here unchanged.
    pub fn basis_of(&self, lesson: &Lesson) -> Option<&Basis> {
        self.taught.iter().find(|one| one.lesson == *lesson).map(|one| &one.basis)
    }

    pub fn len(&self) -> usize {
        self.taught.len()
    }

    /// Finds pushes with which each lesson holds for its own message, as far as they don't contradict each other.
    fn agree(&mut self) {
        let count = self.taught.len();
        let near: Vec<Vec<[f32; QUESTIONS]>> = (0..count)
            .map(|a| (0..count).map(|b| nearness(&self.taught[a].basis, &self.taught[b].basis)).collect())
            .collect();
        for _ in 0..ROUNDS {
            for (one, near) in near.iter().enumerate() {
                for q in 0..QUESTIONS {
                    let moved: f32 =
                        near.iter().zip(&self.taught).map(|(near, other)| near[q] * other.push[q]).sum();
                    let wanted = if answer(&self.taught[one].lesson, q) { 0.95 } else { 0.05 };
                    let error = wanted - probability(self.taught[one].basis.log_odds[q] + moved);
                    // A lesson that agrees with the reader teaches nothing.
                    let push = &mut self.taught[one].push[q];
                    *push = (*push + 2.0 * error).clamp(-MOST, MOST);
                }
            }
        }
    }

    /// The log-odds of a message with what was taught, and the lesson that moved it most, if one moved it much.
    pub fn apply(&self, basis: &Basis) -> ([f32; QUESTIONS], Option<&Lesson>) {
        let mut log_odds = basis.log_odds;
        let mut most: (f32, Option<&Lesson>) = (0.5, None);
        for one in &self.taught {
            let near = nearness(basis, &one.basis);
            let mut moved = 0.0f32;
            for q in 0..QUESTIONS {
                let by = near[q] * one.push[q];
                log_odds[q] += by;
                moved = moved.max(by.abs());
            }
            if moved > most.0 {
                most = (moved, Some(&one.lesson));
            }
        }
        (log_odds, most.1)
    }

    /// How near the nearest lesson is, 0..=1.
    pub fn nearest(&self, basis: &Basis) -> f32 {
        self.taught.iter().map(|one| nearness(basis, &one.basis)[0]).fold(0.0, f32::max)
    }
}

/// Whether the answer to a question is yes.
pub(super) fn answer(lesson: &Lesson, question: usize) -> bool {
    match Concern::QUESTIONS.get(question) {
        Some(concern) => lesson.concerns.contains(concern),
        None => lesson.sender == Sender::Client,
    }
}

/// How near two messages are, 0..=1, for each question. Who writes is told by the address alone where it is the same.
fn nearness(a: &Basis, b: &Basis) -> [f32; QUESTIONS] {
    let same_client = !a.address.is_empty() && a.address == b.address;
    let alike =
        if a.sense.is_empty() || a.sense.len() != b.sense.len() { 0.0 } else { dot(&a.sense, &b.sense) };
    let alike = (alike + if same_client { SAME_CLIENT } else { 0.0 }).min(1.0);
    let near = ((alike - 1.0) / REACH).exp();
    let near = if near < LEAST { 0.0 } else { near };
    let mut each = [near; QUESTIONS];
    if same_client {
        each[QUESTIONS - 1] = 1.0;
    }
    each
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
        assert!(refund(0.0) > refund(0.05) && refund(0.05) > refund(0.2), "{} {}", refund(0.05), refund(0.2));
        assert!(
            (refund(1.5) + 4.0).abs() < f32::EPSILON,
            "what is not like it is left alone: {}",
            refund(1.5)
        );
        let other = lessons.apply(&basis(0.0, "bo@example.org", -4.0)).0[Concern::Unusual.question()];
        assert!(other < 0.0, "a question whose answer was right stays as it was: {other}");
    }

    #[test]
    fn who_writes_is_learned_of_the_address() {
        let taught = (lesson(1, Sender::Other, &[]), basis(0.0, "ann@example.org", 4.0));
        let lessons = Lessons::of(vec![taught]);
        let client = |address: &str| lessons.apply(&basis(1.5, address, 4.0)).0[QUESTIONS - 1];
        assert!(client("ann@example.org") < 0.0 && client("bo@example.org") > 3.9);
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
