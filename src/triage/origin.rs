//! What wrote a message: a person, a program that answers for one, a mail system, a list, another program. By the header
//! alone, but for out-of-office notices that say so only in their text. Whoever waits for an answer waits for a person's, and
//! whoever tells clients something tells persons.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::headers::{MACHINE_SUBJECTS, NOBODY, SYSTEM};
use crate::mail::Message;

/// What wrote a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Somebody, as far as can be told.
    #[default]
    Person,
    /// A program that answers for somebody (RFC 3834): out of office, "we have received your message".
    AutoReply,
    /// A mail system, about a mail that did or did not arrive (RFC 3464).
    Bounce,
    /// A mailing list or bulk mail (RFC 2369, RFC 2919).
    List,
    /// Another program: receipts, alarms, invitations.
    Robot,
}

impl Origin {
    /// The word in the store and in output.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Person => "person",
            Origin::AutoReply => "auto-reply",
            Origin::Bounce => "bounce",
            Origin::List => "list",
            Origin::Robot => "robot",
        }
    }
}

macro_rules! fixed {
    ($pattern:literal) => {
        LazyLock::new(|| Regex::new($pattern).expect("a fixed pattern that every test compiles"))
    };
}

/// Subjects of out-of-office notices, in the languages whose mail programs send them most.
static AWAY_SUBJECT: LazyLock<Regex> = fixed!(
    r"(?i)^\s*(?:abwesenheitsnotiz|abwesend|automatische antwort|automatisch antwoord|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|risposta automatica|resposta autom[áa]tica|autosvar|automatiskt svar|fuera de la oficina|ooo:|away (?:from the office|until)\b|i am (?:away|out of (?:the )?office)\b)"
);

/// The first words of an out-of-office notice whose header does not say that it is one.
static AWAY_TEXT: LazyLock<Regex> = fixed!(
    r"(?i)^(?:(?:hello|hi|dear [^\n,]{1,30}|good (?:morning|day)|thank you|thanks)[^\n.!]{0,80}[,.!]?\s+)?(?:thank you for (?:your|the) (?:e-?mail|message)[.,!]?\s+)?(?:i am|i'm|i will be|we are|our office is|the office is)\s+(?:currently\s+|now\s+|presently\s+)?(?:out of (?:the )?office|on (?:annual |parental |sick |maternity )?leave|away from (?:my desk|the office)|on holiday|closed)\b"
);

/// What an out-of-office notice says besides.
static AWAY_BESIDES: LazyLock<Regex> = fixed!(
    r"(?i)\b(?:limited|no|little|irregular) access to (?:my |our )?(?:e-?mails?|messages)\b|\b(?:will|shall|'ll) (?:reply|respond|answer|get back|read|deal)[^.!?\n]{0,60}\b(?:return|back|when|as soon)\b|\b(?:urgent|emergency)[^.!?\n]{0,60}\b(?:contact|call|ring|write to|please)\b|\bthis is an automat\w+|\byour (?:e-?mail|message) (?:will not|won't) be (?:read|forwarded)\b"
);

/// Words with which a person answers, whatever else they say.
static AGREES: LazyLock<Regex> = fixed!(
    r"(?i)\b(?:yes|no|go ahead|please do|that works|is fine|sounds good|agreed|the (?:first|second|other) one)\b[,.! ]"
);

/// What wrote a message.
pub fn origin(message: &Message) -> Origin {
    let field = |name: &str| message.header(name).unwrap_or_default().trim().to_lowercase();
    let has = |name: &str| message.header(name).is_some_and(|value| !value.trim().is_empty());
    let author = message.author().map(|author| author.address.as_str()).unwrap_or_default();
    let media = field("Content-Type");
    let automatic = field("Auto-Submitted");
    let by_subject = MACHINE_SUBJECTS
        .iter()
        .find(|(form, ..)| form.is_match(&message.subject))
        .map(|(.., origin)| *origin);
    let null_path = message.header("Return-Path").is_some_and(|path| path.replace(' ', "") == "<>");
    // Anybody can write a report; only a mail system writes it without a way back.
    let is_report = media.starts_with("multipart/report")
        || has("X-Failed-Recipients")
        || by_subject == Some(Origin::Bounce);
    if SYSTEM.is_match(author) || (is_report && null_path) {
        return Origin::Bounce;
    }
    if media.starts_with("multipart/report") {
        return Origin::Robot;
    }
    let precedence = field("Precedence");
    // A vacation notice goes to the return path, and has none of its own; so a null one comes second.
    if automatic.starts_with("auto-replied")
        || precedence.contains("auto_reply")
        || matches!(field("X-Autoreply").as_str(), "yes" | "true" | "1")
        || has("X-Autorespond")
        || by_subject == Some(Origin::AutoReply)
        || AWAY_SUBJECT.is_match(&message.subject)
        || is_away_notice(message)
    {
        return Origin::AutoReply;
    }
    if ["List-Id", "List-Post", "List-Unsubscribe", "List-Help"].iter().any(|name| has(name))
        || ["bulk", "list", "junk"]
            .iter()
            .any(|word| precedence.split_whitespace().any(|found| found == *word))
    {
        return Origin::List;
    }
    let is_automatic = !automatic.is_empty() && !automatic.starts_with("no");
    let calendar = media.starts_with("text/calendar")
        || message.attachments.iter().any(|part| part.media_type == "text/calendar")
        || by_subject == Some(Origin::Robot);
    if null_path || is_automatic || calendar || NOBODY.is_match(author) || has("Feedback-ID") {
        return Origin::Robot;
    }
    Origin::Person
}

/// A text that begins as such notices do and goes on as they do. One that asks something is a person's.
fn is_away_notice(message: &Message) -> bool {
    let text = message.body.new_text();
    let begin = text.get(..text.floor_char_boundary(600)).unwrap_or_default();
    AWAY_TEXT.is_match(begin.trim_start())
        && AWAY_BESIDES.is_match(begin)
        && !AGREES.is_match(begin)
        && !begin.contains('?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrote_a_message_is_told_by_its_header() {
        let rows = [
            ("From: Ann Lee <ann@example.com>\r\nSubject: Hello", "Could I have it?", Origin::Person),
            ("From: ann@example.com\r\nAuto-Submitted: no", "Yes, please.", Origin::Person),
            ("From: ann@example.com\r\nX-Auto-Response-Suppress: All", "Yes.", Origin::Person),
            ("From: ann@example.com\r\nPrecedence: normal", "Yes.", Origin::Person),
            ("From: ann@example.com\r\nAuto-Submitted: auto-replied", "I am away.", Origin::AutoReply),
            ("From: ann@example.com\r\nAuto-Submitted: auto-replied (vacation)", "Away", Origin::AutoReply),
            ("From: ann@example.com\r\nPrecedence: auto_reply", "I am away.", Origin::AutoReply),
            ("From: ann@example.com\r\nSubject: Automatic reply: The cards", "Away.", Origin::AutoReply),
            ("From: ann@example.com\r\nSubject: Abwesenheitsnotiz: Karten", "Bin weg.", Origin::AutoReply),
            (
                "From: ann@example.com\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied",
                "x",
                Origin::AutoReply,
            ),
            (
                "From: ann@example.com\r\nSubject: Re: The cards",
                "Thank you for your message. I am out of the office until Monday and will reply on my return.",
                Origin::AutoReply,
            ),
            (
                "From: ann@example.com\r\nSubject: Re: The cards",
                "I'm on holiday next week, so could you send it before? I will reply when I am back.",
                Origin::Person,
            ),
            (
                "From: MAILER-DAEMON@example.net\r\nSubject: Undelivered Mail Returned to Sender",
                "x",
                Origin::Bounce,
            ),
            (
                "From: postmaster@example.net\r\nContent-Type: multipart/report; report-type=delivery-status",
                "x",
                Origin::Bounce,
            ),
            (
                "From: eve@example.org\r\nContent-Type: multipart/report; report-type=delivery-status",
                "x",
                Origin::Robot,
            ),
            ("From: ann@example.com\r\nSubject: I am out of business cards!", "Two hundred?", Origin::Person),
            ("From: ann@example.com\r\nSubject: Auto: photos of the Volvo", "Lovely.", Origin::Person),
            (
                "From: ann@example.com\r\nSubject: Re: Tuesday",
                "I'm on holiday until Monday but yes, Tuesday is fine. If it is urgent please call Tom.",
                Origin::Person,
            ),
            ("From: makers@example.org\r\nList-Id: <makers.example.org>", "A meeting.", Origin::List),
            ("From: shop@example.org\r\nList-Unsubscribe: <mailto:x@example.org>", "Sale", Origin::List),
            ("From: shop@example.org\r\nPrecedence: bulk", "Sale", Origin::List),
            ("From: noreply@example.org", "Your order", Origin::Robot),
            ("From: shop@example.org\r\nAuto-Submitted: auto-generated", "Your order", Origin::Robot),
            ("From: ann@example.com\r\nReturn-Path: <>", "Your order", Origin::Robot),
            ("From: ann@example.com\r\nReturn-Path: <ann@example.com>", "Yes.", Origin::Person),
        ];
        for (header, text, wanted) in rows {
            let message = crate::parse::parse(format!("{header}\r\n\r\n{text}\r\n").as_bytes());
            assert_eq!(origin(&message), wanted, "{header}\n{text}");
        }
    }
}
