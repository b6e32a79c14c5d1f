//! What can be told of a message for the long run, once, when it comes in: what wrote it, whose words a form relays, which
//! mail a bounce returns, what the client says about payment and changes, what a complaint is about. The phrases stand in
//! `assets/phrasebook/ledger.toml`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::mail::{Address, Message, MessageId, ZoneKind};
use crate::triage::phrases::{Phrases, straight};
use crate::triage::{Origin, origin};

/// What can be told of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    /// What wrote it.
    pub origin: Origin,
    /// Whose words it relays, where its author is a form or a machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<Address>,
    /// The mails that a bounce speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<MessageId>,
    /// What the client says, by the words of the phrasebook: `late-payment`, `redo`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<String>,
    /// What it is about, if it is a complaint: `late`, `faulty`, ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
}

/// What the client says that they themselves pay late.
pub const LATE_PAYMENT: &str = "late-payment";
/// What the client asks for one more round of changes.
pub const REDO: &str = "redo";

/// A bounce is searched this far for the mail that it returns, in bytes: reports are short, what they enclose may be long.
const SEARCHED: usize = 256 * 1024;

impl Signs {
    /// What can be told of a message. `raw` is its bytes; `own` are the owner's addresses.
    pub fn of(message: &Message, raw: &[u8], own: &[Address]) -> Self {
        let mut origin = origin(message);
        let is_own = |address: &Address| own.iter().any(|mine| mine.same_mailbox(address));
        let others = || {
            let author = message.author();
            message.reply_to.iter().find(move |other| {
                !other.address.is_empty() && !is_own(other) && !author.is_some_and(|a| a.same_mailbox(other))
            })
        };
        // A form writes in its own name or in the owner's, and asks to answer the client.
        // What says of itself that it is automatic carries nobody's words.
        let automatic =
            message.header("Auto-Submitted").is_some_and(|value| !value.trim().eq_ignore_ascii_case("no"));
        let relays = (origin == Origin::Robot && !automatic) || message.author().is_some_and(is_own);
        let writer = others().filter(|_| relays).cloned();
        if writer.is_some() {
            origin = Origin::Person;
        }
        // A receipt and a word that it takes longer are no failures (RFC 3464, 2.3.3; RFC 8098).
        if origin == Origin::Bounce && is_no_failure(message, raw) {
            origin = Origin::Robot;
        }
        let returned = if origin == Origin::Bounce { returned(raw) } else { Vec::new() };
        let (said, about) =
            if origin == Origin::Person { heard(&text_of(message)) } else { Default::default() };
        Self { origin, writer, returned, said, about }
    }

    /// Whether a person wrote it, as far as can be told.
    pub fn by_person(&self) -> bool {
        self.origin == Origin::Person
    }
}

/// What a topic of complaints says, and what may be learned from it.
pub fn topic(id: &str) -> Option<(&'static str, &'static str)> {
    let found = BOOK.about.iter().find(|entry| entry.id == id)?;
    Some((&found.says, &found.lesson))
}

/// Whether a report says that a mail arrived, or will.
fn is_no_failure(message: &Message, raw: &[u8]) -> bool {
    let media = message.header("Content-Type").unwrap_or_default().to_lowercase();
    let report = String::from_utf8_lossy(&raw[..raw.len().min(SEARCHED)]).to_lowercase();
    let says = |action: &str| {
        report
            .lines()
            .any(|line| line.strip_prefix("action:").is_some_and(|value| value.trim().starts_with(action)))
    };
    media.contains("disposition-notification")
        || (["delayed", "delivered", "relayed", "expanded"].iter().any(|action| says(action))
            && !says("failed"))
}

/// The identifiers of mails that stand in a bounce below its own header.
fn returned(raw: &[u8]) -> Vec<MessageId> {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(SEARCHED)]);
    let mut ids = Vec::new();
    let mut in_body = false;
    for line in text.lines() {
        in_body |= line.trim().is_empty();
        let Some((name, value)) = line.split_once(':').filter(|_| in_body) else { continue };
        if name.trim().eq_ignore_ascii_case("message-id") {
            ids.extend(MessageId::new(value));
        }
    }
    ids.dedup();
    ids
}

/// What the writer newly wrote, with the subject.
fn text_of(message: &Message) -> String {
    let new: Vec<&str> = message.body.zones_of(ZoneKind::New).map(|(_, text)| text).collect();
    format!("{}. {}", message.subject, new.join("\n"))
}

/// `ledger.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    said: Vec<WrittenEntry>,
    about: Vec<WrittenEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    id: String,
    says: String,
    #[serde(default)]
    lesson: String,
    any: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

struct Book {
    said: Vec<Entry>,
    about: Vec<Entry>,
}

struct Entry {
    id: String,
    says: String,
    lesson: String,
    phrases: Phrases,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    book(include_str!("../../assets/phrasebook/ledger.toml"))
        .expect("the phrases are compiled in, and a test reads them")
});

fn book(text: &str) -> Result<Book, String> {
    let written: Written = toml::from_str(text).map_err(|error| error.to_string())?;
    let read = |entry: WrittenEntry| {
        let phrases = Phrases::of(&entry.any, &entry.unless)?;
        Ok(Entry { id: entry.id, says: entry.says, lesson: entry.lesson, phrases })
    };
    let all = |entries: Vec<WrittenEntry>| entries.into_iter().map(read).collect::<Result<Vec<_>, String>>();
    Ok(Book { said: all(written.said)?, about: all(written.about)? })
}

/// What a client's text says, and what it is about if it is a complaint, by the words of the phrasebook.
pub fn heard(text: &str) -> (Vec<String>, Vec<String>) {
    /// No more than people write.
    const LONGEST: usize = 32 * 1024;
    let text = straight(&text[..text.floor_char_boundary(LONGEST)]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let stands = |entries: &[Entry]| {
        entries.iter().filter(|entry| entry.phrases.stand_in(&text)).map(|entry| entry.id.clone()).collect()
    };
    (stands(&BOOK.said), stands(&BOOK.about))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(raw: &str, own: &str) -> Signs {
        let raw = raw.replace('\n', "\r\n");
        Signs::of(&crate::parse::parse(raw.as_bytes()), raw.as_bytes(), &[Address::new("", own)])
    }

    #[test]
    fn a_form_is_told_by_whom_it_wants_answered() {
        let form = "From: Studio website <wordpress@studio.example.com>\nReply-To: Ann Lee <ann@example.com>\nReturn-Path: <>\n\nHello";
        let found = signs(form, "kim@studio.example.com");
        assert_eq!(found.writer, Some(Address::new("Ann Lee", "ann@example.com")));
        assert!(found.by_person());
        let own = "From: Kim <kim@studio.example.com>\nReply-To: Ann Lee <ann@example.com>\n\nHello";
        assert!(signs(own, "kim@studio.example.com").writer.is_some());
        let private = "From: Ann <ann@work.example.com>\nReply-To: Ann Lee <ann@example.com>\n\nHello";
        assert_eq!(signs(private, "kim@studio.example.com").writer, None, "a person with two addresses");
    }

    #[test]
    fn a_bounce_says_which_mail_it_returns() {
        let bounce = "From: MAILER-DAEMON@mx.example.net\nMessage-ID: <bounce@mx.example.net>\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nNot delivered.\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <mine@example.com>\nSubject: Hello\n\nText\n--b--\n";
        let found = signs(bounce, "kim@example.com");
        assert_eq!(found.origin, Origin::Bounce);
        assert_eq!(found.returned, [MessageId::new("mine@example.com").unwrap()]);
    }

    #[test]
    fn a_receipt_and_a_delay_are_no_bounces() {
        let report = |kind: &str, action: &str| {
            format!(
                "From: MAILER-DAEMON@mx.example.net\nContent-Type: multipart/report; report-type={kind}; boundary=b\n\n--b\nContent-Type: message/{kind}\n\n{action}\n--b--\n"
            )
        };
        let rows = [
            ("delivery-status", "Action: failed", Origin::Bounce),
            ("delivery-status", "Action: delayed", Origin::Robot),
            ("delivery-status", "Action: delivered\n\nAction: failed", Origin::Bounce),
            (
                "disposition-notification",
                "Disposition: manual-action/MDN-sent-manually; displayed",
                Origin::Robot,
            ),
        ];
        for (kind, action, wanted) in rows {
            assert_eq!(signs(&report(kind, action), "kim@example.com").origin, wanted, "{action}");
        }
    }

    #[test]
    fn what_was_kept_before_is_read() {
        let signs: Signs = serde_json::from_str(r#"{"origin":"person"}"#).unwrap();
        assert_eq!(signs, Signs::default());
    }
}
