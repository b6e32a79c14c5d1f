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
    /// First byte of the quote in that place (the subject, or the body's clean text; 0 for a header).
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How far the log-odds fall without it; negative where it speaks against.
    pub weight: f32,
    /// What it says, in plain words.
    pub says: String,
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
    /// All scores, as the words alone have them: those of an [`Sender::Other`] stay as they are, so that
    /// it can be seen what a newsletter would have set off.
    pub scores: Scores,
    /// The reasons, the strongest first.
    pub evidence: Vec<Evidence>,
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

/// The score from which a concern counts, each in 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// For [`Concern::Emergency`].
    pub emergency: f32,
    /// For [`Concern::Refund`].
    pub refund: f32,
    /// For [`Concern::Complaint`].
    pub complaint: f32,
    /// For [`Concern::Unusual`].
    pub unusual: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { emergency: 0.5, refund: 0.5, complaint: 0.5, unusual: 0.5 }
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
}
