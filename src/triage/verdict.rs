//! The words of a verdict: what was decided about a message, and why. Owns no decision.

use serde::{Deserialize, Serialize};

/// What a client may be asking that touches the owner's boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concern {
    /// Wanted in clearly less time than such work takes, or a true accident.
    Emergency,
    /// Money is to be given back.
    Refund,
    /// Unhappy with work, product, service, price or conduct.
    Complaint,
    /// Outside the normal offer, the agreed scope or the owner's terms.
    Unusual,
}

impl Concern {
    /// All concerns, the most pressing first: the order of the queue.
    pub const ALL: [Concern; 4] = [Concern::Emergency, Concern::Refund, Concern::Complaint, Concern::Unusual];

    /// The concerns in the order in which the trained readers answer.
    pub(super) const QUESTIONS: [Concern; 4] =
        [Concern::Emergency, Concern::Complaint, Concern::Unusual, Concern::Refund];

    /// Its number in [`Concern::QUESTIONS`].
    pub(super) fn question(self) -> usize {
        match self {
            Concern::Emergency => 0,
            Concern::Complaint => 1,
            Concern::Unusual => 2,
            Concern::Refund => 3,
        }
    }

    /// The word used in output, configuration and templates.
    pub fn word(self) -> &'static str {
        match self {
            Concern::Emergency => "emergency",
            Concern::Refund => "refund",
            Concern::Complaint => "complaint",
            Concern::Unusual => "unusual",
        }
    }
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// A client, a customer or someone enquiring as one.
    Client,
    /// Anyone or anything else: newsletter, notice, supplier, colleague, family, spam.
    Other,
}

/// A score in 0..=1 for each concern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Score of [`Concern::Emergency`].
    pub emergency: f32,
    /// Score of [`Concern::Complaint`].
    pub complaint: f32,
    /// Score of [`Concern::Unusual`].
    pub unusual: f32,
    /// Score of [`Concern::Refund`].
    pub refund: f32,
}

impl Scores {
    /// The score of one concern.
    pub fn of(&self, concern: Concern) -> f32 {
        match concern {
            Concern::Emergency => self.emergency,
            Concern::Refund => self.refund,
            Concern::Complaint => self.complaint,
            Concern::Unusual => self.unusual,
        }
    }
}

/// Where a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the subject.
    Subject,
    /// In the clean text of the body.
    Body,
    /// In a header field; the quote is `Name: value`.
    Header,
    /// In a message that the owner corrected; the quote is its subject, or its beginning.
    Taught,
}

/// What an evidence speaks for or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// For (weight above 0) or against an emergency.
    Emergency,
    /// For or against a refund demand.
    Refund,
    /// For or against a complaint.
    Complaint,
    /// For or against an unusual request.
    Unusual,
    /// For (weight above 0) or against the sender being a client.
    Sender,
}

impl Topic {
    /// The concern, unless it is the sender.
    pub fn concern(self) -> Option<Concern> {
        Concern::ALL.into_iter().find(|concern| Topic::from(*concern) == self)
    }
}

impl From<Concern> for Topic {
    fn from(concern: Concern) -> Self {
        match concern {
            Concern::Emergency => Topic::Emergency,
            Concern::Refund => Topic::Refund,
            Concern::Complaint => Topic::Complaint,
            Concern::Unusual => Topic::Unusual,
        }
    }
}

/// One reason of a verdict, from the arithmetic that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it speaks for or against.
    pub concern: Topic,
    /// The words.
    pub quote: String,
    /// Where they stand.
    #[serde(rename = "in")]
    pub place: Place,
    /// First byte of the quote in that place (the subject, or the body's clean text; 0 elsewhere).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How far the log-odds fall without it, by reading the message again without it; negative where it speaks
    /// against. Of a header field or a lesson: how far it moves them.
    pub weight: f32,
    /// What it says, in plain words.
    pub says: String,
}

/// The moment by which a client wants something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Due {
    /// The words that say so.
    pub quote: String,
    /// When, in plain words ("tomorrow 12:00").
    pub when: String,
    /// The moment on the clock of the sender, as `2026-11-27T12:00:00`; nothing where only the words are known.
    pub at: Option<jiff::civil::DateTime>,
    /// Hours from sending until then.
    pub hours: Option<f64>,
    /// Hours of the owner's working time from sending until then.
    pub working_hours: Option<f64>,
}

/// How many reasons are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// The strongest for each concern found, with one or two more readings.
    #[default]
    Brief,
    /// All, with up to a dozen more readings.
    Full,
}

/// Which reader decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reader {
    /// The fast pass settled it.
    Fast,
    /// The careful reader, with the fast pass.
    Careful,
}

/// What the program thinks of one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Who writes.
    pub sender: Sender,
    /// How likely it is a client, 0..=1.
    pub sender_score: f32,
    /// The concerns over their threshold, highest score first; none where the sender is [`Sender::Other`].
    pub concerns: Vec<Concern>,
    /// All scores: 0.8 means that four of five such messages are so. Those of an [`Sender::Other`] stay as they are, so
    /// that it can be seen what a newsletter would have set off.
    pub scores: Scores,
    /// The reasons, the strongest first.
    pub evidence: Vec<Evidence>,
    /// How many of them were looked for.
    #[serde(default)]
    pub depth: Depth,
    /// For an emergency, by when it is wanted, if it can be told.
    pub deadline: Option<Due>,
    /// Amounts of money, as they are written.
    pub amounts: Vec<String>,
    /// Which reader decided.
    pub reader: Reader,
    /// ISO 639-1 code of the language, if it could be told.
    pub language: Option<String>,
    /// What limits the verdict ("not read: German").
    pub notes: Vec<String>,
    /// Which engine and version said so.
    pub model: String,
}

impl Verdict {
    /// The concern to answer first.
    pub fn primary(&self) -> Option<Concern> {
        self.concerns.first().copied()
    }

    /// Of the concerns that were not found, the one with the highest score.
    pub fn runner_up(&self) -> Option<(Concern, f32)> {
        let missing = Concern::ALL.into_iter().filter(|concern| !self.concerns.contains(concern));
        missing.map(|concern| (concern, self.scores.of(concern))).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The reasons for and against one concern, the strongest first.
    pub fn evidence_for(&self, concern: Concern) -> impl Iterator<Item = &Evidence> {
        self.evidence_on(Topic::from(concern))
    }

    /// The reasons for (weight above 0) and against the sender being a client, the strongest first.
    pub fn evidence_for_sender(&self) -> impl Iterator<Item = &Evidence> {
        self.evidence_on(Topic::Sender)
    }

    /// The one reason to show where there is room for one: the strongest that speaks for the primary
    /// concern; without a concern the strongest that speaks for the sender as decided. Nothing if the
    /// verdict rests on no words at all.
    pub fn top_evidence(&self) -> Option<&Evidence> {
        match (self.primary(), self.sender) {
            (Some(concern), _) => self.evidence_for(concern).find(|evidence| evidence.weight > 0.0),
            (None, Sender::Client) => self.evidence_for_sender().find(|evidence| evidence.weight > 0.0),
            (None, Sender::Other) => self.evidence_for_sender().find(|evidence| evidence.weight < 0.0),
        }
    }

    fn evidence_on(&self, topic: Topic) -> impl Iterator<Item = &Evidence> {
        self.evidence.iter().filter(move |evidence| evidence.concern == topic)
    }
}

/// The score from which something counts, each in 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// For [`Concern::Emergency`].
    pub emergency: f32,
    /// For [`Concern::Refund`].
    pub refund: f32,
    /// For [`Concern::Complaint`].
    pub complaint: f32,
    /// For [`Concern::Unusual`].
    pub unusual: f32,
    /// For [`Sender::Client`]: below it a sender is an other.
    pub client: f32,
}

impl Default for Thresholds {
    /// A little under a half: a concern overlooked costs an owner more than one shown that is none, and on unseen writers
    /// the F1 is highest there (`docs/guide.md` has the table).
    fn default() -> Self {
        Self { emergency: 0.4, refund: 0.4, complaint: 0.4, unusual: 0.4, client: 0.35 }
    }
}

impl Thresholds {
    /// The threshold of one concern.
    pub fn of(self, concern: Concern) -> f32 {
        match concern {
            Concern::Emergency => self.emergency,
            Concern::Refund => self.refund,
            Concern::Complaint => self.complaint,
            Concern::Unusual => self.unusual,
        }
    }

    /// The concerns over their threshold, highest score first; of equals the more pressing first. A score of 0 means
    /// that nothing was read, and meets no threshold.
    pub fn over(self, scores: Scores) -> Vec<Concern> {
        let is_over =
            |concern: &Concern| scores.of(*concern) > 0.0 && scores.of(*concern) >= self.of(*concern);
        let mut found: Vec<Concern> = Concern::ALL.into_iter().filter(is_over).collect();
        found.sort_by(|&a, &b| scores.of(b).total_cmp(&scores.of(a)));
        found
    }
}
