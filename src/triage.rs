//! [`Message`] -> [`Verdict`]: who writes, what they are asking, and the words that say so.
//!
//! Pure: no clock, no file, no network; the same message gives the same verdict, apart from what the owner taught.
//! Nothing here changes a message or hides one.
//!
//! # The way of a message
//!
//! 1. `reading` picks out what the sender newly wrote, `passage` makes it the words that the trained readers see, and
//!    `language` tells whether it can be read at all.
//! 2. `headers` gives the facts about the sender that no word can give: lists, robots, the owner's own addresses.
//! 3. `fast`, a linear model, answers every message in microseconds. Where that and the header settle that nobody is
//!    asking anything, it ends there; most bulk mail does.
//! 4. `careful`, a small encoder, reads the rest.
//! 5. `blend` makes one answer of both: log-odds that are true to what was counted on unseen mail.
//! 6. `lessons` moves it by what the owner taught.
//! 7. `evidence` finds the words without which the answer would be another, by leaving them out and reading again;
//!    `phrasebook`, `deadline` and `money` say in plain words what is in them.
//!
//! Nobody who waits for an answer is to be overlooked: in doubt the sender is a client.

mod anchors;
mod blend;
mod careful;
mod deadline;
mod encoder;
pub mod evaluation;
mod evidence;
mod fast;
mod headers;
mod language;
mod lessons;
mod money;
mod origin;
mod passage;
mod phrasebook;
pub mod phrases;
mod reading;
pub mod training;
mod verdict;
mod wordpiece;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use lessons::{Basis, Lesson};
pub use origin::{Origin, origin};
pub use verdict::{Concern, Depth, Due, Evidence, Place, Reader, Scores, Sender, Thresholds, Topic, Verdict};

use crate::boundary::Calendar;
use crate::mail::{Address, Message};
use evidence::Signal;
use fast::{QUESTIONS, fit::probability};
use lessons::Lessons;
use passage::{Passage, Words};
use reading::Reading;
use training::Scored;

/// The last question: whether a client writes. Those before it are [`Concern::QUESTIONS`].
const CLIENT: usize = QUESTIONS - 1;
/// Words alone never make it surer than this who writes, in log-odds: header fields have the last word.
const WORDS_SAY: f32 = 4.5;
/// The largest log-odds of words: a score of 0.9997.
const MOST: f32 = 8.0;
/// What is said where nothing is written: no concern, and in doubt a client.
const NOTHING: [f32; QUESTIONS] = [-5.0, -5.0, -5.0, -5.0, 1.0];
/// The fast pass settles a message whose words and header say this surely that no client writes, in log-odds. That is
/// beyond what words alone may say, so it takes a header field.
const SETTLED: f32 = -5.0;

/// From these log-odds on a concern may come to count: a score of a quarter.
const HEARD: f32 = -1.1;

/// How an owner set the engine up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// From which score a concern counts.
    pub thresholds: Thresholds,
    /// The owner's addresses.
    pub own: Vec<Address>,
    /// When the owner works.
    pub calendar: Calendar,
    /// The owner's clock; without one, that of the message.
    pub zone: Option<TimeZone>,
    /// Who reads.
    pub choice: Choice,
}

/// Who reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The fast pass, and the careful reader for what that does not settle.
    #[default]
    Auto,
    /// The fast pass alone.
    Fast,
}

/// What is known of the sender from before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Acquaintance {
    /// The owner has written to this address as to a client.
    pub known_client: bool,
    /// The message answers one of the owner's.
    pub answers_owner: bool,
}

/// A verdict, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What is said.
    pub verdict: Verdict,
    /// What the readers made of it before lessons.
    pub basis: Basis,
}

/// A verdict with all that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What is said, with all reasons.
    pub verdict: Verdict,
    /// What phrases and deadlines stand in the text; the weight says only how telling a phrase is.
    pub facts: Vec<Evidence>,
    /// What the fast pass alone would say.
    pub fast: Scored,
    /// What both readers say together, before lessons; nothing where the fast pass settled it.
    pub both: Option<Scored>,
    /// The concern that came nearest without being found, and its score.
    pub runner_up: Option<(Concern, f32)>,
    /// What would have changed the verdict.
    pub flips: Vec<Flip>,
}

/// Words without which something would not have been found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// What would not have been found.
    pub topic: Topic,
    /// The words, together; nothing where no few words would change it.
    pub without: Vec<String>,
    /// The score that is left without them.
    pub score: f32,
}

/// The one engine: the screen, `classify`, `explain` and the evaluation all ask it.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    lessons: RwLock<Arc<Lessons>>,
    model: String,
    fingerprint: String,
}

/// A message made ready for the readers.
struct Prepared<'m> {
    message: &'m Message,
    reading: Reading<'m>,
    passage: Passage,
    tongue: language::Tongue,
    /// What is known of the sender without the words.
    facts: Vec<Signal>,
}

/// A message with what the readers made of its words.
struct Answered<'m> {
    prepared: Prepared<'m>,
    answers: Answers,
    /// What the careful reader made of it; nothing where the fast pass settled it.
    encoding: Option<encoder::Encoding>,
    /// The answers to parts of it that were read already.
    read: RefCell<HashMap<Words, [f32; QUESTIONS]>>,
}

/// The answers of the readers to one text.
#[derive(Debug, Clone)]
struct Answers {
    fast: [f32; QUESTIONS],
    /// Blended; the sender's without header facts.
    log_odds: [f32; QUESTIONS],
}

impl Engine {
    /// The engine with its built-in models.
    pub fn new(settings: Settings) -> Self {
        let model = model_name().to_owned();
        let fingerprint = format!("{model} {settings:?}");
        Self { settings, lessons: RwLock::default(), model, fingerprint }
    }

    /// Which engine this is: the `model` of its verdicts.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The engine with its settings: with the same fingerprint and lessons it says the same of the same message.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// From which score a concern counts.
    pub fn thresholds(&self) -> Thresholds {
        self.settings.thresholds
    }

    /// Reads one message of somebody unknown, with all reasons.
    pub fn read(&self, message: &Message) -> Verdict {
        self.judge(message, Acquaintance::default(), Depth::Full).verdict
    }

    /// Reads one message. When it is unsure who writes, it is a client: nobody who waits for an answer is to be
    /// overlooked.
    pub fn judge(&self, message: &Message, acquaintance: Acquaintance, depth: Depth) -> Judged {
        let prepared = self.prepare(message, acquaintance);
        if let Some(name) = prepared.tongue.unread {
            return self.judge_unread(&prepared, name);
        }
        self.judge_answered(&self.answered(prepared), depth)
    }

    /// Reads one message and tells all that led to the verdict.
    pub fn explain(&self, message: &Message, acquaintance: Acquaintance) -> Explanation {
        let prepared = self.prepare(message, acquaintance);
        if let Some(name) = prepared.tongue.unread {
            let verdict = self.judge_unread(&prepared, name).verdict;
            return Explanation {
                facts: Vec::new(),
                fast: Scored::default(),
                both: None,
                runner_up: verdict.runner_up(),
                flips: Vec::new(),
                verdict,
            };
        }
        let answered = self.answered(prepared);
        let verdict = self.judge_answered(&answered, Depth::Full).verdict;
        let Answered { prepared, answers, encoding, .. } = &answered;
        let with_facts = |mut log_odds: [f32; QUESTIONS]| {
            log_odds[CLIENT] += prepared.known();
            Scored::of(&log_odds)
        };
        let deadlines = deadline::find(message, &prepared.reading, phrasebook::phrasebook());
        let case = answered.case(&deadlines, &verdict);
        let flip = |concern: &Concern| {
            let threshold = self.settings.thresholds.of(*concern).clamp(0.001, 0.999);
            let limit = (threshold / (1.0 - threshold)).ln();
            let found = case.flip(concern.question(), limit, |words| answered.again(words));
            let (without, left) = found.unwrap_or_default();
            let without: Vec<String> = without.into_iter().map(|evidence| evidence.quote).collect();
            let score = if without.is_empty() { verdict.scores.of(*concern) } else { probability(left) };
            Flip { topic: Topic::from(*concern), without, score }
        };
        Explanation {
            facts: case.facts(),
            fast: with_facts(blended(&answers.fast, None)),
            both: encoding.as_ref().map(|_| with_facts(answers.log_odds)),
            runner_up: verdict.runner_up(),
            flips: verdict.concerns.iter().map(flip).collect(),
            verdict,
        }
    }

    /// The verdict on a message that was read before, with the lessons of now. Its reasons stay those of the reading.
    pub fn judge_again(&self, before: &Verdict, basis: &Basis) -> Verdict {
        let now = self.verdict(basis);
        let not_taught = |evidence: &&Evidence| evidence.place != Place::Taught;
        let mut evidence: Vec<Evidence> = before.evidence.iter().filter(not_taught).cloned().collect();
        evidence.extend(now.evidence);
        Verdict {
            sender: now.sender,
            sender_score: now.sender_score,
            concerns: now.concerns,
            scores: now.scores,
            evidence,
            ..before.clone()
        }
    }

    /// Takes lessons to heart, in place of those it had.
    pub fn teach(&self, lessons: Vec<Lesson>) {
        let before = self.taught();
        let known = lessons.into_iter().map(|lesson| {
            if let Some(basis) = before.basis_of(&lesson) {
                let basis = basis.clone();
                return (lesson, basis);
            }
            let words = Words { subject: lesson.subject.clone(), body: lesson.body.clone() };
            let (Answers { mut log_odds, .. }, encoding) = self.answer(&words, lesson.known);
            log_odds[CLIENT] += lesson.known;
            let sense =
                encoding.map(|encoding| anchors::anchors().place(&encoding.sense)).unwrap_or_default();
            let basis = Basis { log_odds, sense, address: lesson.address.clone() };
            (lesson, basis)
        });
        let lessons = Arc::new(Lessons::of(known.collect()));
        *self.lessons.write().unwrap_or_else(PoisonError::into_inner) = lessons;
    }

    /// What the owner's word on a message teaches. `id` tells it from other lessons.
    pub fn lesson(&self, id: i64, message: &Message, sender: Sender, concerns: &[Concern]) -> Lesson {
        let prepared = self.prepare(message, Acquaintance::default());
        let Words { subject, body } = prepared.passage.words();
        let (address, known) = (address_of(message), prepared.known());
        Lesson { id, address, known, subject, body, sender, concerns: concerns.to_vec() }
    }

    /// The ranges of the body's clean text that are read, in order: what the sender newly wrote and what
    /// they made their own. Each begins with a zone, and ends before it where a very long text is cut.
    pub fn read_ranges(&self, message: &Message) -> Vec<Range<usize>> {
        let body = Reading::of(message).stretches.into_iter().filter(|s| s.place == Place::Body);
        body.map(|stretch| stretch.start..stretch.start + stretch.text.len()).collect()
    }

    fn taught(&self) -> Arc<Lessons> {
        Arc::clone(&self.lessons.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn prepare<'m>(&self, message: &'m Message, acquaintance: Acquaintance) -> Prepared<'m> {
        let reading = Reading::of(message);
        let passage = Passage::of(&reading);
        let tongue = language::of(&reading);
        let mut facts = headers::signals(message, &reading, &self.settings.own);
        facts.extend(acquaintance.signals());
        Prepared { message, reading, passage, tongue, facts }
    }

    fn answered<'m>(&self, prepared: Prepared<'m>) -> Answered<'m> {
        let (answers, encoding) = self.answer(&prepared.passage.words(), prepared.known());
        Answered { prepared, answers, encoding, read: RefCell::default() }
    }

    /// What the readers say, and what the careful one made of the text, if it was asked. `known` is what is known of
    /// the sender without the words.
    fn answer(&self, words: &Words, known: f32) -> (Answers, Option<encoder::Encoding>) {
        if words.is_empty() {
            return (Answers { fast: NOTHING, log_odds: NOTHING }, None);
        }
        let fast = fast_reader().read(words);
        let alone = blended(&fast, None);
        let settled = known + alone[CLIENT] < SETTLED;
        if self.settings.choice == Choice::Fast || settled {
            return (Answers { fast, log_odds: alone }, None);
        }
        let encoding = careful::careful().read(words);
        let log_odds = heard(words, &fast, &encoding);
        (Answers { fast, log_odds }, Some(encoding))
    }

    fn judge_answered(&self, answered: &Answered, depth: Depth) -> Judged {
        let Answered { prepared, answers, encoding, .. } = answered;
        let mut log_odds = answers.log_odds;
        log_odds[CLIENT] += prepared.known();
        let basis = Basis {
            log_odds,
            sense: encoding.as_ref().map(|it| anchors::anchors().place(&it.sense)).unwrap_or_default(),
            address: address_of(prepared.message),
        };
        let mut verdict = self.verdict(&basis);
        verdict.reader = if encoding.is_some() { Reader::Careful } else { Reader::Fast };
        verdict.language = prepared.tongue.code.map(str::to_owned);
        if prepared.reading.cut {
            verdict.notes.push(format!("read only the first {} kB", reading::LIMIT / 1000));
        }
        self.add_reasons(&mut verdict, answered, depth);
        Judged { verdict, basis }
    }

    /// A message in a language that is not read: routine, unless the owner taught what such a message is.
    fn judge_unread(&self, prepared: &Prepared, name: &str) -> Judged {
        let mut basis = Basis { address: address_of(prepared.message), ..Basis::default() };
        let taught = self.taught();
        if taught.len() > 0 {
            let encoding = careful::careful().read(&prepared.passage.words());
            basis.sense = anchors::anchors().place(&encoding.sense);
        }
        // Nothing is guessed: far from any concern, and a client unless the header says otherwise.
        basis.log_odds = [-20.0; QUESTIONS];
        basis.log_odds[CLIENT] = 1.0 + prepared.known();
        let is_taught = taught.nearest(&basis) > 0.5;
        if is_taught {
            basis.log_odds[..CLIENT].fill(-3.0);
        }
        let mut verdict = self.verdict(&basis);
        verdict.language = prepared.tongue.code.map(str::to_owned);
        if !is_taught {
            verdict.scores = Scores::default();
            verdict.notes.push(format!("not read: {name}"));
        }
        verdict.evidence.extend(evidence::of_facts(&prepared.facts));
        verdict.depth = Depth::Full;
        Judged { verdict, basis }
    }

    /// Scores and what they come to, with the lessons; the only reasons are those of lessons.
    fn verdict(&self, basis: &Basis) -> Verdict {
        let taught = self.taught();
        let (log_odds, lesson) = taught.apply(basis);
        let Scored { scores, client: sender_score } = Scored::of(&log_odds);
        let thresholds = &self.settings.thresholds;
        let sender = if sender_score < thresholds.client { Sender::Other } else { Sender::Client };
        let concerns = if sender == Sender::Client { thresholds.over(scores) } else { Vec::new() };
        let evidence = lesson.map(|lesson| evidence::of_lesson(lesson, &basis.log_odds, &log_odds));
        Verdict {
            sender,
            sender_score,
            concerns,
            scores,
            evidence: evidence.into_iter().flatten().collect(),
            deadline: None,
            amounts: Vec::new(),
            depth: Depth::Brief,
            reader: Reader::Fast,
            language: None,
            notes: Vec::new(),
            model: self.model.clone(),
        }
    }

    fn add_reasons(&self, verdict: &mut Verdict, answered: &Answered, depth: Depth) {
        verdict.depth = depth;
        let Prepared { message, reading, facts, .. } = &answered.prepared;
        let is_emergency = verdict.concerns.contains(&Concern::Emergency);
        let deadlines = if is_emergency || depth == Depth::Full {
            deadline::find(message, reading, phrasebook::phrasebook())
        } else {
            Vec::new()
        };
        if is_emergency {
            verdict.deadline = deadline::due(&deadlines, message, &self.settings);
        }
        verdict.amounts = money::amounts(reading);
        verdict.evidence.extend(evidence::of_facts(facts));
        if !verdict.concerns.is_empty() || depth == Depth::Full {
            let reasons = answered.case(&deadlines, verdict).reasons(depth, |words| answered.again(words));
            verdict.evidence.extend(reasons);
        }
        verdict.evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    }
}

impl Prepared<'_> {
    /// The log-odds of a client before the words.
    fn known(&self) -> f32 {
        self.facts.iter().map(|fact| fact.weight).sum()
    }
}

impl Answered<'_> {
    fn case<'c>(&'c self, deadlines: &'c [deadline::Deadline], verdict: &'c Verdict) -> evidence::Case<'c> {
        let Prepared { reading, passage, .. } = &self.prepared;
        evidence::Case {
            reading,
            passage,
            deadlines,
            log_odds: &self.answers.log_odds,
            shares: self.encoding.as_ref().map(|encoding| careful::careful().shares(passage, encoding)),
            concerns: &verdict.concerns,
            sender: verdict.sender,
        }
    }

    /// The log-odds of other words, by the readers that decided.
    fn again(&self, words: &Words) -> [f32; QUESTIONS] {
        if words.is_empty() {
            return NOTHING;
        }
        if let Some(known) = self.read.borrow().get(words) {
            return *known;
        }
        let fast = fast_reader().read(words);
        let log_odds = match &self.encoding {
            Some(_) => heard(words, &fast, &careful::careful().read(words)),
            None => blended(&fast, None),
        };
        self.read.borrow_mut().insert(words.clone(), log_odds);
        log_odds
    }
}

/// What both readers say. The subject of a reply was mostly written long before, so where a concern is heard in one it
/// counts half of what is left of it without the subject: "thank you" in answer to a complaint is none.
fn heard(words: &Words, fast: &[f32; QUESTIONS], encoding: &encoder::Encoding) -> [f32; QUESTIONS] {
    let mut log_odds = blended(fast, Some(encoding));
    let is_heard = log_odds[..CLIENT].iter().any(|&number| number > HEARD);
    if is_heard && words.is_reply() {
        let bare = Words { subject: String::new(), body: words.body.clone() };
        let bare = blended(&fast_reader().read(&bare), Some(&careful::careful().read(&bare)));
        for (number, bare) in log_odds[..CLIENT].iter_mut().zip(bare) {
            *number = f32::midpoint(*number, bare);
        }
    }
    log_odds
}

/// One answer of the fast reader's and, where it read, the careful one's.
fn blended(fast: &[f32; QUESTIONS], encoding: Option<&encoder::Encoding>) -> [f32; QUESTIONS] {
    held(match encoding {
        Some(encoding) => {
            let careful = std::array::from_fn(|q| encoding.answers.get(q).copied().unwrap_or_default());
            blend::blend().both.of(&careful, fast)
        }
        None => blend::blend().fast.of(&[0.0; QUESTIONS], fast),
    })
}

impl Acquaintance {
    /// What it says about the sender.
    fn signals(self) -> Vec<Signal> {
        let known = self.known_client.then(|| Signal::fact(3.0, "a client you have written to", "From"));
        let answers =
            self.answers_owner.then(|| Signal::fact(3.0, "answers a message of yours", "In-Reply-To"));
        known.into_iter().chain(answers).collect()
    }
}

/// Nothing is ever certain: no log-odds are larger than [`MOST`], and words alone say who writes with no more than
/// [`WORDS_SAY`].
fn held(mut log_odds: [f32; QUESTIONS]) -> [f32; QUESTIONS] {
    log_odds = log_odds.map(|number| number.clamp(-MOST, MOST));
    log_odds[CLIENT] = log_odds[CLIENT].clamp(-WORDS_SAY, WORDS_SAY);
    log_odds
}

fn address_of(message: &Message) -> String {
    message.author().map(|author| author.address.to_lowercase()).unwrap_or_default()
}

static FAST_FILE: &[u8] = include_bytes!("../assets/model/fast.bin");

fn fast_reader() -> &'static fast::Fast {
    static FAST: LazyLock<fast::Fast> = LazyLock::new(|| {
        fast::Fast::load(FAST_FILE).expect("the model is compiled in, and the tests load it")
    });
    &FAST
}

/// The version of the engine with a hash of all that was learned, so that a verdict can be traced to its model.
fn model_name() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let mut digest = Sha256::new();
        digest.update(careful::fingerprint());
        digest.update(FAST_FILE);
        digest.update(blend::FILE);
        digest.update(anchors::FILE);
        let [a, b, ..] = <[u8; 32]>::from(digest.finalize());
        format!("2026.2-{a:02x}{b:02x}")
    });
    &NAME
}

/// A moment on the owner's clock.
fn on_the_clock(settings: &Settings, moment: jiff::Timestamp, local: DateTime) -> DateTime {
    settings.zone.as_ref().map_or(local, |zone| zone.to_datetime(moment))
}
