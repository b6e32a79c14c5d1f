//! [`Message`] -> [`Verdict`]: who writes, what they are asking, and the words that say so.
//!
//! Pure: no clock, no file, no network; the same message gives the same verdict. Nothing here changes a
//! message or hides one.
//!
//! The way of a message: `reading` picks out what the sender newly wrote, `language` tells whether it can
//! be read, `deadline` and `headers` find the facts, `phrasebook` the phrases; each find is a `Signal`, and
//! `weighing` makes scores and evidence of them, both from the same sums.

mod deadline;
mod headers;
mod language;
mod phrasebook;
mod reading;
mod verdict;
mod weighing;

pub use verdict::{Concern, Evidence, Place, Scores, Sender, Thresholds, Topic, Verdict};

use crate::mail::{Address, Message};
use phrasebook::{Phrasebook, phrasebook};
use reading::Reading;
use weighing::{Signal, Weighed, weigh};

/// The one engine: the screen, `classify` and `explain` all ask it.
#[derive(Debug)]
pub struct Engine {
    thresholds: Thresholds,
    own: Vec<Address>,
    book: &'static Phrasebook,
}

impl Engine {
    /// The engine with its built-in phrasebook, for an owner who writes from the addresses `own`.
    pub fn new(thresholds: Thresholds, own: Vec<Address>) -> Self {
        Self { thresholds, own, book: phrasebook() }
    }

    /// Which engine this is: the `model` of its verdicts.
    pub fn model(&self) -> &str {
        self.book.name()
    }

    /// Reads one message. When it is unsure who writes, it is a client: nobody who waits for an answer is
    /// to be overlooked.
    pub fn read(&self, message: &Message) -> Verdict {
        let reading = Reading::of(message, self.book);
        let tongue = language::of(&reading);
        let mut signals = headers::signals(message, &self.own);
        if tongue.unread.is_none() {
            signals.extend(self.words(message, &reading));
        }
        let mut notes = Vec::new();
        notes.extend(tongue.unread.map(|name| format!("not read: {name}")));
        notes.extend(reading.cut.then(|| format!("read only the first {} kB", reading::LIMIT / 1000)));
        self.decide(&reading, &signals, tongue.code.map(str::to_owned), notes)
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
        let mut score = |topic: Topic| {
            let Weighed { probability, evidence: mut reasons } =
                weigh(topic, self.book.bias(topic), signals, reading);
            evidence.append(&mut reasons);
            probability
        };
        let sender_score = score(Topic::Sender);
        let scores = if unread {
            Scores::default()
        } else {
            Scores {
                emergency: score(Topic::Emergency),
                complaint: score(Topic::Complaint),
                unusual: score(Topic::Unusual),
                refund: score(Topic::Refund),
            }
        };
        let sender = if sender_score < 0.5 { Sender::Other } else { Sender::Client };
        evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        Verdict {
            sender,
            sender_score,
            concerns: self.concerns(sender, scores),
            scores,
            evidence,
            language,
            notes,
            model: self.model().to_owned(),
        }
    }

    /// The concerns over their threshold, highest score first; of equals the more pressing first. A score
    /// of 0 means that nothing was read, and meets no threshold.
    fn concerns(&self, sender: Sender, scores: Scores) -> Vec<Concern> {
        if sender == Sender::Other {
            return Vec::new();
        }
        let mut found: Vec<Concern> = Concern::ALL
            .into_iter()
            .filter(|&concern| scores.of(concern) > 0.0 && scores.of(concern) >= self.thresholds.of(concern))
            .collect();
        found.sort_by(|&a, &b| scores.of(b).total_cmp(&scores.of(a)));
        found
    }
}
