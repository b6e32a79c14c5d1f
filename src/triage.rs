//! [`Message`] -> [`Verdict`]: who writes, what they are asking, and the words that say so.
//!
//! Pure: no clock, no file, no network; the same message gives the same verdict. Nothing here changes a
//! message or hides one.
//!
//! The way of a message: `reading` picks out what the sender newly wrote, `language` tells whether it can
//! be read, `deadline` and `headers` find the facts, `phrasebook` the phrases; each find is a `Signal`, and
//! `weighing` makes scores and evidence of them, both from the same sums.
//!
//! Nobody who waits for an answer is to be overlooked, so it takes much to call a sender an other:
//!
//! 1. The sum leans to a client before anything is read (the bias of `sender.toml`).
//! 2. Header fields count in full. One sure fact, such as a list or an automatic reply, is enough.
//! 3. In the text, one sign (a pattern of the phrasebook, however often it is found) never outweighs the
//!    leaning: without a header fact it takes two. "Still no reply to my previous email" is what a seller
//!    writes, and a client.
//! 4. Where a concern is over its threshold and no header field speaks against a client, two never do: it
//!    takes three. (That no number of them did was tried: the demo inbox, whose spam and quiz nights complain
//!    and want refunds, fell from a macro-F1 of 0.99 to 0.90.)
//!
//! Rules 3 and 4 are limits within the sum (`weighing::Held`), so the evidence shows what they left.

mod deadline;
mod headers;
mod language;
mod phrasebook;
mod reading;
mod verdict;
mod weighing;

use std::ops::Range;

pub use verdict::{Concern, Evidence, Place, Scores, Sender, Thresholds, Topic, Verdict};

use crate::mail::{Address, Message};
use phrasebook::{Phrasebook, phrasebook};
use reading::Reading;
use weighing::{Held, Signal, Weighed, weigh};

/// What held text leaves of the leaning towards a client, in log-odds: enough that no rounding decides.
const SPARE: f32 = 0.1;

/// The one engine: the screen, `classify` and `explain` all ask it.
#[derive(Debug)]
pub struct Engine {
    thresholds: Thresholds,
    own: Vec<Address>,
    book: &'static Phrasebook,
    fingerprint: String,
}

impl Engine {
    /// The engine with its built-in phrasebook, for an owner who writes from the addresses `own`.
    pub fn new(thresholds: Thresholds, own: Vec<Address>) -> Self {
        let book = phrasebook();
        let fingerprint = format!("{} {thresholds:?} {own:?}", book.name());
        Self { thresholds, own, book, fingerprint }
    }

    /// Which engine this is: the `model` of its verdicts.
    pub fn model(&self) -> &str {
        self.book.name()
    }

    /// The engine with its settings: with the same fingerprint it says the same of the same message.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Reads one message. When it is unsure who writes, it is a client: nobody who waits for an answer is
    /// to be overlooked.
    pub fn read(&self, message: &Message) -> Verdict {
        let reading = Reading::of(message, self.book);
        let tongue = language::of(&reading);
        let mut signals = headers::signals(message, &reading, &self.own);
        if tongue.unread.is_none() {
            signals.extend(self.words(message, &reading));
        }
        let mut notes = Vec::new();
        notes.extend(tongue.unread.map(|name| format!("not read: {name}")));
        notes.extend(reading.cut.then(|| format!("read only the first {} kB", reading::LIMIT / 1000)));
        self.decide(&reading, &signals, tongue.code.map(str::to_owned), notes)
    }

    /// The ranges of the body's clean text that are read, in order: what the sender newly wrote and what
    /// they made their own. Each begins with a zone, and ends before it where a very long text is cut.
    pub fn read_ranges(&self, message: &Message) -> Vec<Range<usize>> {
        let body = Reading::of(message, self.book).stretches.into_iter().filter(|s| s.place == Place::Body);
        body.map(|stretch| stretch.start..stretch.start + stretch.text.len()).collect()
    }

    /// What the words say: phrases and deadlines.
    fn words(&self, message: &Message, reading: &Reading) -> Vec<Signal> {
        let deadlines = deadline::find(message, reading, self.book);
        let mut signals = self.book.signals(reading, &deadlines);
        for named in deadline::signals(&deadlines) {
            // A phrase on the words of a deadline ("in two hours") counts for what it weighs; the deadline
            // knows better what the words say.
            let phrases =
                signals.iter_mut().filter(|signal| signal.topic == named.topic && signal.weight > 0.0);
            for phrase in phrases.filter(|signal| signal.spot.is_within(&named.spot)) {
                phrase.says.clone_from(&named.says);
            }
            signals.push(named);
        }
        signals
    }

    /// Scores, thresholds, evidence.
    fn decide(
        &self,
        reading: &Reading,
        signals: &[Signal],
        language: Option<String>,
        notes: Vec<String>,
    ) -> Verdict {
        let unread = notes.iter().any(|note| note.starts_with("not read"));
        let mut evidence = Vec::new();
        let mut score = |topic: Topic, held: Held| {
            let Weighed { probability, evidence: mut reasons } =
                weigh(topic, self.book.bias(topic), held, signals, reading);
            evidence.append(&mut reasons);
            probability
        };
        let scores = if unread {
            Scores::default()
        } else {
            Scores {
                emergency: score(Topic::Emergency, Held::Not),
                complaint: score(Topic::Complaint, Held::Not),
                unusual: score(Topic::Unusual, Held::Not),
                refund: score(Topic::Refund, Held::Not),
            }
        };
        let concerns = self.concerns(scores);
        let sender_score = score(Topic::Sender, self.held(&concerns, signals));
        let sender = if sender_score < 0.5 { Sender::Other } else { Sender::Client };
        evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        Verdict {
            sender,
            sender_score,
            concerns: if sender == Sender::Client { concerns } else { Vec::new() },
            scores,
            evidence,
            language,
            notes,
            model: self.model().to_owned(),
        }
    }

    /// How far the text may speak against a client: rules 3 and 4 of the module's head.
    fn held(&self, concerns: &[Concern], signals: &[Signal]) -> Held {
        let leaning = self.book.bias(Topic::Sender) - SPARE;
        let header_speaks = signals
            .iter()
            .any(|signal| signal.topic == Topic::Sender && signal.weight < 0.0 && !signal.spot.is_text());
        Held::EachSign(if concerns.is_empty() || header_speaks { leaning } else { leaning / 2.0 })
    }

    /// The concerns over their threshold, highest score first; of equals the more pressing first. A score
    /// of 0 means that nothing was read, and meets no threshold.
    fn concerns(&self, scores: Scores) -> Vec<Concern> {
        let mut found: Vec<Concern> = Concern::ALL
            .into_iter()
            .filter(|&concern| scores.of(concern) > 0.0 && scores.of(concern) >= self.thresholds.of(concern))
            .collect();
        found.sort_by(|&a, &b| scores.of(b).total_cmp(&scores.of(a)));
        found
    }
}
