//! What a client's history says about their message now: the third emergency since August, a complaint that was answered
//! before, a promise that is late. Facts with their dates; what follows from them is the owner's to decide.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Answer, Commitment, CommitmentState, Errand, Party, Past};
use crate::triage::Concern;

/// Emergencies so far back belong to the same pattern: four months.
pub(super) const PATTERN_DAYS: i64 = 122;
const PATTERN: SignedDuration = SignedDuration::from_hours(24 * PATTERN_DAYS);
/// Complaints so far back count as several: half a year.
const SEVERAL: SignedDuration = SignedDuration::from_hours(24 * 183);
/// A complaint that was answered so far back is still the same: two months.
const ANSWERED: SignedDuration = SignedDuration::from_hours(24 * 61);
/// Warnings and reminders so far back still hold: half a year.
pub(super) const HOLDS: SignedDuration = SignedDuration::from_hours(24 * 183);

/// One client's history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Their messages before the one at hand, oldest first.
    pub messages: Vec<Past>,
    /// The owner's replies to them, oldest first.
    pub answers: Vec<Answer>,
    /// What is promised between the two.
    pub commitments: Vec<Commitment>,
}

impl History {
    /// Earlier messages with this concern within a time.
    pub fn earlier(&self, concern: Concern, within: SignedDuration, now: Timestamp) -> Vec<&Past> {
        let young = |at: Timestamp| now.duration_since(at) <= within;
        self.messages.iter().filter(|past| past.concerns.contains(&concern) && young(past.at)).collect()
    }

    /// Earlier emergencies of the same pattern.
    pub fn emergencies(&self, now: Timestamp) -> Vec<&Past> {
        self.earlier(Concern::Emergency, PATTERN, now)
    }

    /// Earlier complaints.
    pub fn complaints(&self, now: Timestamp) -> Vec<&Past> {
        self.earlier(Concern::Complaint, SEVERAL, now)
    }

    /// When the newest earlier complaint was answered.
    pub fn complaint_answered(&self, now: Timestamp) -> Option<Timestamp> {
        let complaints = self.earlier(Concern::Complaint, ANSWERED, now);
        let answered = |answer: &&Answer| {
            answer.errand == Errand::Reply
                && complaints.iter().any(|past| answer.message == Some(past.message))
        };
        self.answers.iter().rev().find(answered).map(|answer| answer.at)
    }

    /// The newest reply that began with this template and still holds.
    pub fn answered_with(&self, template: &str, now: Timestamp) -> Option<Timestamp> {
        let is_it = |answer: &&Answer| answer.template.as_deref() == Some(template);
        let newest = self.answers.iter().rev().find(is_it)?;
        (now.duration_since(newest.at) <= HOLDS).then_some(newest.at)
    }

    /// What is still open of one side's promises.
    pub fn open(&self, who: Party) -> impl Iterator<Item = &Commitment> {
        self.commitments
            .iter()
            .filter(move |commitment| commitment.who == who && commitment.state == CommitmentState::Open)
    }

    /// One line about this client's past, if there is any: "3 emergencies and 1 complaint since August, 4 replies".
    pub fn line(&self, now: &Zoned) -> Option<String> {
        let first = self.messages.first()?;
        let count =
            |concern: Concern| self.messages.iter().filter(|past| past.concerns.contains(&concern)).count();
        let named: Vec<String> = [
            (count(Concern::Emergency), "emergency", "emergencies"),
            (count(Concern::Complaint), "complaint", "complaints"),
            (count(Concern::Unusual), "unusual request", "unusual requests"),
            (count(Concern::Refund), "refund demand", "refund demands"),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, several)| format!("{count} {}", if count == 1 { one } else { several }))
        .collect();
        let all = match self.messages.len() {
            1 => "1 earlier message".to_owned(),
            count => format!("{count} earlier messages"),
        };
        let since = month(first.at, now);
        let with = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
        Some(format!("{all} since {since}{with}"))
    }
}

/// The month of a moment, with its year where it is not this one's.
pub fn month(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    at.strftime(if at.year() == now.year() { "%B" } else { "%B %Y" }).to_string()
}

/// "third": for patterns.
pub fn ordinal(number: usize) -> String {
    let words =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    words.get(number.wrapping_sub(1)).map_or_else(|| format!("{number}th"), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-24T10:00[Europe/London]".parse().unwrap()
    }

    fn past(message: i64, at: &str, concerns: &[Concern]) -> Past {
        Past { message, at: at.parse().unwrap(), concerns: concerns.to_vec(), ..Past::default() }
    }

    #[test]
    fn patterns_are_counted_within_their_time() {
        let history = History {
            messages: vec![
                past(1, "2026-03-01T09:00:00Z", &[Concern::Emergency]),
                past(2, "2026-08-03T09:00:00Z", &[Concern::Emergency]),
                past(3, "2026-10-10T09:00:00Z", &[Concern::Emergency, Concern::Complaint]),
            ],
            answers: vec![Answer {
                message: Some(3),
                at: "2026-10-11T09:00:00Z".parse().unwrap(),
                ..Answer::default()
            }],
            commitments: Vec::new(),
        };
        let now_at = now().timestamp();
        assert_eq!(history.emergencies(now_at).len(), 2);
        assert!(history.complaint_answered(now_at).is_some());
        assert_eq!(
            history.line(&now()).unwrap(),
            "3 earlier messages since March: 3 emergencies, 1 complaint"
        );
        assert_eq!(History::default().line(&now()), None);
    }

    #[test]
    fn a_warning_holds_for_half_a_year() {
        let mut history = History::default();
        let warned = |at: &str| Answer {
            message: None,
            at: at.parse().unwrap(),
            template: Some("relationship-part-warning".to_owned()),
            ..Answer::default()
        };
        history.answers.push(warned("2026-01-24T10:00:00Z"));
        assert_eq!(history.answered_with("relationship-part-warning", now().timestamp()), None);
        history.answers.push(warned("2026-10-24T10:00:00Z"));
        assert!(history.answered_with("relationship-part-warning", now().timestamp()).is_some());
    }
}
