//! What waits: replies that asked something, until a person answers, and messages that were put off. Whether an answer has
//! come is never kept but always told from the messages that are there, so nothing has to be cancelled and nothing can be
//! forgotten. An out-of-office notice answers nothing.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::outlook::Records;
use super::{Ledger, Past};
use crate::boundary::{Calendar, WorkingTime};
use crate::mail::{Address, MessageId};
use crate::triage::Origin;

/// So many reminders are proposed; after that the owner decides.
pub const MOST_NUDGES: usize = 2;

/// A clock that is wrong by so much is believed to be slow.
const SLOW: SignedDuration = SignedDuration::from_mins(10);

/// A reply that asked something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The reply's number in the outbox.
    pub outbox: i64,
    /// Its `Message-ID`, and those of its reminders.
    pub message_ids: Vec<MessageId>,
    /// The message that it answered, if that is still here.
    pub message: Option<i64>,
    /// To whom it went.
    pub to: Address,
    /// What it is about.
    pub subject: String,
    /// The same as [`Past::topic`].
    pub topic: String,
    /// The last question in it, word for word.
    pub question: Option<String>,
    /// The conversation.
    pub thread: String,
    /// When it was confirmed.
    pub sent_at: Timestamp,
    /// When the owner reminded them, oldest first.
    pub nudges: Vec<Timestamp>,
    /// Messages that refer to it or to one of its reminders (`In-Reply-To`, `References`), by their numbers.
    pub referred_by: Vec<i64>,
}

/// The last question in what the owner wrote, on one line; none where nothing is asked, or at more length than a reminder
/// can repeat.
pub fn question(own_text: &str) -> Option<String> {
    const LONGEST: usize = 200;
    let paragraph = own_text.rsplit("\n\n").find(|paragraph| paragraph.contains('?'))?;
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.rfind('?')? + 1;
    let start = line[..end - 1].rfind(['.', '!', '?', ':']).map_or(0, |stop| stop + 1);
    let question = line.get(start..end)?.trim();
    (question.chars().count() <= LONGEST).then(|| question.to_owned())
}

/// Where a follow-up stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// An answer may still come.
    Waiting {
        /// When a reminder may be in place.
        due: Option<Timestamp>,
    },
    /// A reminder is in place.
    Due {
        /// Since when.
        since: Timestamp,
    },
    /// A person answered.
    Answered {
        /// With which message.
        message: i64,
    },
    /// It came back: they never had it.
    Returned {
        /// With which message.
        message: i64,
    },
}

/// A follow-up with all that is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The reply.
    pub follow_up: FollowUp,
    /// Where it stands.
    pub stage: Stage,
    /// When a machine answered for them last.
    pub automatic: Option<Timestamp>,
    /// They wrote since, about something else.
    pub wrote_since: Option<i64>,
}

/// Where a follow-up stands at `now`, with a reminder after `patience`.
pub fn waiting(
    follow_up: &FollowUp,
    records: &Records,
    calendar: &Calendar,
    patience: WorkingTime,
    now: &Zoned,
) -> Waiting {
    let mut found = Waiting {
        follow_up: follow_up.clone(),
        stage: Stage::Waiting { due: None },
        automatic: None,
        wrote_since: None,
    };
    let mut answered: Option<&Past> = None;
    let mut returned: Option<&Past> = None;
    // Nothing else can be an answer: what refers to it, what they wrote, what mail systems said.
    let refers = follow_up.referred_by.iter().filter_map(|message| records.message(*message));
    let theirs = records.ledger.client(&follow_up.to).into_iter().flat_map(|client| &client.messages);
    for past in refers.chain(theirs).chain(records.bounces()) {
        match relation(follow_up, &records.ledger, past) {
            Relation::Answer if answered.is_none_or(|other| past.at < other.at) => answered = Some(past),
            Relation::Return => returned = Some(past),
            Relation::Automatic => found.automatic = found.automatic.max(Some(past.at)),
            Relation::Besides => found.wrote_since = found.wrote_since.max(Some(past.message)),
            Relation::Answer | Relation::None => {}
        }
    }
    found.stage = if let Some(past) = answered {
        Stage::Answered { message: past.message }
    } else if let Some(past) = returned {
        Stage::Returned { message: past.message }
    } else {
        let asked = follow_up.nudges.last().copied().unwrap_or(follow_up.sent_at);
        let due = calendar.after(&asked.to_zoned(calendar.zone.clone()), patience);
        match due.map(|due| due.at.timestamp()) {
            Some(due) if due <= now.timestamp() => Stage::Due { since: due },
            due => Stage::Waiting { due },
        }
    };
    found
}

/// What a message is to a follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Answer,
    Return,
    Automatic,
    /// The same client, about something else.
    Besides,
    None,
}

fn relation(follow_up: &FollowUp, ledger: &Ledger, past: &Past) -> Relation {
    let refers = follow_up.referred_by.contains(&past.message);
    // By when it came in, and by its sender's clock, which may be somewhat slow. What came in the same second was there
    // before.
    let later = past.arrived_at > follow_up.sent_at && follow_up.sent_at.duration_since(past.at) <= SLOW;
    let in_thread = later && past.thread == follow_up.thread;
    let same = || ledger.same(&past.from, &follow_up.to);
    match past.signs.origin {
        Origin::Bounce
            if past.signs.returned.iter().any(|id| follow_up.message_ids.contains(id)) || refers =>
        {
            Relation::Return
        }
        Origin::AutoReply if refers || (later && same()) => Relation::Automatic,
        // Whoever of them answers: a colleague who was copied answers, too.
        Origin::Person if refers && past.client => Relation::Answer,
        Origin::Person if later && past.client && same() => {
            // Some programs answer without saying what; then the subject tells.
            let topical = !follow_up.topic.is_empty() && past.topic == follow_up.topic;
            if in_thread || topical { Relation::Answer } else { Relation::Besides }
        }
        _ => Relation::None,
    }
}

/// A message that was put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snooze {
    /// Until then; none: until they write again.
    pub until: Option<Timestamp>,
    /// Since when.
    pub since: Timestamp,
}

impl Snooze {
    /// Whether a message that was put off is back: its time has come, or its client wrote again, in the same conversation
    /// where a time is set, anywhere where none is. A machine that answers for them does not count.
    pub fn is_over(&self, put_off: &Past, ledger: &Ledger, now: Timestamp) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            return true;
        }
        let theirs = ledger.client(&put_off.from).into_iter().flat_map(|client| &client.messages);
        theirs.into_iter().any(|past| {
            // By when it came in: a mail may be on its way while another is put off.
            let newer = past.arrived_at > self.since && past.message != put_off.message;
            let about_it = past.thread == put_off.thread || past.topic == put_off.topic;
            newer && past.signs.by_person() && (self.until.is_none() || about_it)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn the_last_question_is_repeated_word_for_word() {
        let rows = [
            (
                "Hello Ann,\n\nThank you. Which of the two would you like,\nthe red or the blue?\n\nKim",
                Some("Which of the two would you like, the red or the blue?"),
            ),
            (
                "Could you send it? And by when do you need it? Until then it waits.",
                Some("And by when do you need it?"),
            ),
            ("It is done.", None),
        ];
        for (text, wanted) in rows {
            assert_eq!(question(text).as_deref(), wanted, "{text}");
        }
        assert_eq!(question(&format!("{}?", "so ".repeat(90))), None);
    }
}
