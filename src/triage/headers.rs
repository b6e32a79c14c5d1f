//! What the header fields say about who writes. Of the body it asks no more than whether somebody else's address
//! stands in it, and knows no concern.

use std::sync::LazyLock;

use regex::Regex;

use super::Origin;
use super::evidence::Signal;
use super::reading::Reading;
use crate::mail::{Address, Message};

/// A quoted header field is cut at this many characters.
const SHOWN: usize = 120;

/// A field, what its value must look like, the log-odds of a client, and what it says.
struct Fact {
    field: &'static str,
    value: LazyLock<Regex>,
    weight: f32,
    says: &'static str,
}

macro_rules! fact {
    ($field:literal, $value:literal, $weight:literal, $says:literal) => {
        Fact {
            field: $field,
            value: LazyLock::new(|| Regex::new($value).expect("a fixed pattern that a test compiles")),
            weight: $weight,
            says: $says,
        }
    };
}

/// The weights are set so that one sure sign (a list, an automatic reply) outweighs the leaning towards a
/// client, and two doubtful ones together do. A form that relays a client's words outweighs them again; it
/// is known by its text (`sender.toml`).
static FACTS: [Fact; 23] = [
    fact!("List-Id", r".", -3.6, "sent to a mailing list"),
    fact!("List-Unsubscribe", r".", -3.4, "bulk mail: can be unsubscribed from"),
    fact!("List-Post", r".", -2.0, "sent to a mailing list"),
    fact!("Precedence", r"(?i)\b(?:bulk|list|junk)\b", -3.4, "bulk mail"),
    fact!("Precedence", r"(?i)auto_reply", -6.0, "an automatic reply"),
    fact!("Auto-Submitted", r"(?i)auto-replied", -6.0, "an automatic reply"),
    fact!("Auto-Submitted", r"(?i)auto-(?:generated|notified)", -3.2, "sent by a machine"),
    fact!("X-Auto-Response-Suppress", r"(?i)\b(?:all|oof|autoreply)\b", -1.2, "wants no automatic answer"),
    fact!("X-Autoreply", r"(?i)yes|true|1", -6.0, "an automatic reply"),
    fact!("X-Autorespond", r".", -6.0, "an automatic reply"),
    fact!("X-Failed-Recipients", r".", -8.0, "a mail that could not be delivered"),
    fact!("Return-Path", r"^\s*<\s*>\s*$", -4.0, "sent by a mail system"),
    fact!(
        "Return-Path",
        r"(?i)^\s*<?(?:[^<>@]*[+._=-])?bounces?(?:[+._=-][^@]*)?@",
        -2.0,
        "sent by a bulk mailer"
    ),
    fact!("Feedback-ID", r".", -1.6, "sent by a bulk mailer"),
    fact!("X-CSA-Complaints", r".", -2.0, "sent by a bulk mailer"),
    fact!("X-Campaign", r".", -3.4, "part of a campaign"),
    fact!("X-CampaignID", r".", -3.4, "part of a campaign"),
    fact!("X-Mailchimp-Campaign-Id", r".", -3.6, "part of a campaign"),
    fact!("X-MC-User", r".", -2.6, "sent by a bulk mailer"),
    fact!(
        "X-Mailer",
        r"(?i)mailchimp|mailerlite|brevo|sendinblue|constant ?contact|klaviyo|campaign|newsletter|hubspot|phplist|bulk",
        -3.0,
        "sent by a bulk mailer"
    ),
    fact!("Content-Type", r"(?i)^\s*multipart/report", -8.0, "a report of a mail system"),
    fact!("Content-Type", r"(?i)^\s*text/calendar", -6.0, "a calendar notice"),
    fact!("X-Spam-Flag", r"(?i)yes", -3.2, "marked as spam by the server"),
];

/// Addresses that no person writes from.
pub(super) static NOBODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[a-z0-9.+_-]*(?:no-?_?\.?reply|do-?not-?_?reply|dont-?reply)[a-z0-9.+_-]*|bounces?[+@._-].*|notifications?|notify|alerts?|updates?|news|newsletters?|marketing|offers?|digest|mailer|automated|auto-?confirm|invitations?|receipts?|statements?)(?:@|$)")
        .expect("a fixed pattern that every test compiles")
});

/// Addresses of the mail system (RFC 2142 and custom).
pub(super) static SYSTEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:mailer-daemon|postmaster|mail-daemon|mdaemon)(?:@|$)")
        .expect("a fixed pattern that every test compiles")
});

/// The facts of a message's header; `own` are the owner's addresses.
pub(super) fn signals(message: &Message, reading: &Reading, own: &[Address]) -> Vec<Signal> {
    let mut found: Vec<Signal> = FACTS
        .iter()
        .filter_map(|fact| {
            let header = message.headers.iter().find(|header| {
                header.name.eq_ignore_ascii_case(fact.field) && fact.value.is_match(&header.value)
            })?;
            Some(signal(fact.weight, fact.says, &header.name, &header.value))
        })
        .collect();
    found.extend(machine_subject(message));
    found.extend(calendar(message));
    found.extend(message.author().and_then(|author| author_fact(author, message, reading, own)));
    found
}

/// What only a program puts at the front of a subject.
pub(super) static MACHINE_SUBJECTS: [(LazyLock<Regex>, f32, &str, Origin); 3] = [
    (
        LazyLock::new(|| {
            Regex::new(r"(?i)^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply|out of (?:the )?office(?: reply| autoreply)?)\s*:")
                .expect("a fixed pattern that every test compiles")
        }),
        -6.0,
        "an automatic reply",
        Origin::AutoReply,
    ),
    (
        LazyLock::new(|| {
            Regex::new(r"(?i)^\s*(?:undeliver(?:able|ed mail)\b|delivery status notification\b|mail delivery (?:failed|subsystem)|returned mail:|failure notice\s*$)")
                .expect("a fixed pattern that every test compiles")
        }),
        -4.0,
        "a report of a mail system",
        Origin::Bounce,
    ),
    (
        LazyLock::new(|| {
            Regex::new(r"(?i)^\s*(?:(?:updated )?invitation|accepted|declined|tentative|cancell?ed event):.{0,80}@ (?:mon|tue|wed|thu|fri|sat|sun)")
                .expect("a fixed pattern that every test compiles")
        }),
        -3.2,
        "a calendar notice",
        Origin::Robot,
    ),
];

fn machine_subject(message: &Message) -> Option<Signal> {
    let (_, weight, says, _) = MACHINE_SUBJECTS.iter().find(|(form, ..)| form.is_match(&message.subject))?;
    Some(signal(*weight, says, "Subject", &message.subject))
}

/// An invitation is a calendar part beside the text.
fn calendar(message: &Message) -> Option<Signal> {
    let part = message.attachments.iter().find(|part| part.media_type == "text/calendar")?;
    Some(signal(-6.0, "a calendar notice", "Content-Type", &part.media_type))
}

fn author_fact(author: &Address, message: &Message, reading: &Reading, own: &[Address]) -> Option<Signal> {
    let is_own = |address: &Address| own.iter().any(|mine| mine.same_mailbox(address));
    let (weight, says) = if is_own(author) {
        // The form on the owner's own page often writes in the owner's name and asks to reply to the client.
        let for_somebody = message.reply_to.iter().any(|address| !is_own(address));
        // A form that is badly set up says only in its text whose words it carries.
        let to_self = !message.to.is_empty() && message.to.iter().all(is_own);
        if for_somebody {
            (-1.0, "in your name, to be answered to somebody else")
        } else if to_self && reading.names_an_address_besides(own) {
            (-1.0, "in your name, with somebody else's address in the text")
        } else {
            (-7.0, "from yourself")
        }
    } else if SYSTEM.is_match(&author.address) {
        (-7.0, "from a mail system")
    } else if NOBODY.is_match(&author.address) {
        (-3.2, "from an address that nobody reads")
    } else {
        return None;
    };
    Some(signal(weight, says, "From", &author.address))
}

fn signal(weight: f32, says: &'static str, name: &str, value: &str) -> Signal {
    let field: String = format!("{name}: {value}").chars().take(SHOWN).collect();
    Signal::fact(weight, says, &field)
}
