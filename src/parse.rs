//! Raw bytes -> [`Message`]: MIME, charsets, HTML, zones, washing of foreign text. Never fails, never
//! panics, never takes more than time in proportion to the size: whatever was wrong is said in
//! [`Message::notes`], in plain words.
//!
//! The path: `headers` finds the fields, `parts` the texts and attachments, `html` makes text of
//! HTML, `wash` takes out what must not reach a screen, `zones` tells new words from old ones. Owns the
//! crates mailparse, html2text and `encoding_rs`. Does no input or output, and judges no content.

mod addresses;
mod contain;
mod dates;
mod headers;
mod html;
mod parts;
mod transfer;
mod wash;
mod words;
mod zones;

use std::sync::LazyLock;

use regex::Regex;

pub use contain::hush_caught_panics;
pub use wash::{wash_line, wash_text};

use crate::mail::{Address, Body, Header, Message, MessageId};
use headers::Block;
use parts::{Parts, Text};
use wash::{Removed, wash_line_noting, wash_text_noting};

/// More text is not shown: nobody reads it, and everything after this is linear in it (measured without
/// optimisation: up to a second for hostile text of this size).
const TEXT_LIMIT: usize = 512 * 1024;

/// Messages within messages that are opened for their text.
const MESSAGE_DEPTH: usize = 3;

/// Begins a note about a message that is shown because it is all there is.
const WITHIN: &str = "in the message passed on: ";

/// Identifiers in one field. Long threads have a hundred.
const IDENTIFIER_LIMIT: usize = 1000;

/// Reads any bytes as a message.
pub fn parse(raw: &[u8]) -> Message {
    // Everything in here is written not to panic; the outer net is for what foreign code still may do.
    contain::quietly(|| read(raw, 0)).unwrap_or_else(|| Message {
        notes: vec!["the message could not be read: the parser failed on it".to_owned()],
        ..Message::default()
    })
}

/// Reads a message that stands `depth` messages deep in another.
fn read(raw: &[u8], depth: usize) -> Message {
    let (straight, mut faults) = headers::straighten(raw);
    let block = headers::of_message(&straight);
    faults.extend(&block.faults);
    let mut reading = Reading { depth, ..Reading::default() };
    for fault in faults {
        reading.note(fault);
    }
    let mut message = reading.envelope(&block);
    let parts = parts::of_message(&block);
    let hints = zones::Hints {
        is_reply: is_reply(&message),
        is_forward: is_forward(&message.subject),
        author: message.author().map(|author| author.name.as_str()).unwrap_or_default(),
    };
    message.body = reading.body(&parts, hints);
    if message.body.text.is_empty() && !raw.is_empty() {
        reading.note("there is no readable text");
    }
    message.attachments = parts.attachments;
    reading.removed.join(parts.removed);
    message.notes = reading.into_notes();
    message
}

/// A message being read: what was noticed on the way.
#[derive(Default)]
struct Reading {
    notes: Vec<String>,
    removed: Removed,
    depth: usize,
}

impl Reading {
    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    fn into_notes(mut self) -> Vec<String> {
        for note in self.removed.notes() {
            self.note(note);
        }
        // Notes may quote the message.
        self.notes.iter().map(|note| wash_line(note)).collect()
    }

    /// Everything that the header says.
    fn envelope(&mut self, block: &Block<'_>) -> Message {
        for name in ["From", "Subject", "Date"] {
            if block.all(name).nth(1).is_some() {
                self.note(&format!("there is more than one {name} field; the first counts"));
            }
        }
        let mut message = Message {
            headers: self.fields(block),
            from: self.mailboxes(block, "From", 1),
            reply_to: self.mailboxes(block, "Reply-To", 1),
            to: self.mailboxes(block, "To", usize::MAX),
            cc: self.mailboxes(block, "Cc", usize::MAX),
            id: identifiers(block, "Message-ID").into_iter().next(),
            in_reply_to: identifiers(block, "In-Reply-To"),
            references: identifiers(block, "References"),
            ..Message::default()
        };
        message.subject = message.header("Subject").unwrap_or_default().to_owned();
        if !block.fields.is_empty() {
            self.date_and_author(block, &mut message);
        }
        message
    }

    fn date_and_author(&mut self, block: &Block<'_>, message: &mut Message) {
        message.date = block.first("Date").and_then(|raw| dates::read(&String::from_utf8_lossy(raw)));
        if message.date.is_none() {
            let note =
                if block.first("Date").is_some() { "the date cannot be read" } else { "there is no date" };
            self.note(note);
        }
        if message.from.is_empty() {
            message.from = self.mailboxes(block, "Sender", 1);
            self.note("the message names no author");
        } else if message.from.iter().all(|author| !author.address.contains('@')) {
            self.note("the author's address is not valid");
        }
    }

    fn fields(&mut self, block: &Block<'_>) -> Vec<Header> {
        let decode = |field: &headers::Field<'_>| {
            let (text, doubt) = words::decode_field(&field.raw);
            let (value, removed) = wash_line_noting(&text);
            // Mailing programs leave much odd text in fields that nobody reads.
            if ["from", "to", "cc", "subject", "reply-to"]
                .iter()
                .any(|name| field.name.eq_ignore_ascii_case(name))
            {
                self.removed.join(removed);
                if let Some(doubt) = doubt {
                    self.note(&format!("{}: {doubt}", wash_line(field.name)));
                }
            }
            Header { name: wash_line(field.name), value }
        };
        block.fields.iter().map(decode).collect()
    }

    fn mailboxes(&mut self, block: &Block<'_>, name: &str, fields: usize) -> Vec<Address> {
        let read = |raw: &[u8]| addresses::read(&words::decode(raw, None).0, &mut self.removed);
        block.all(name).take(fields).flat_map(read).collect()
    }

    /// The clean text and its zones.
    fn body(&mut self, parts: &Parts<'_>, hints: zones::Hints<'_>) -> Body {
        for note in &parts.notes {
            self.note(note);
        }
        let mut text = String::new();
        let mut from_html = false;
        let mut allowance = html::Allowance::default();
        for part in &parts.texts {
            if text.len() >= TEXT_LIMIT {
                break;
            }
            from_html |= matches!(part, Text::Html(_));
            self.add_text(&mut text, part, &mut allowance);
        }
        if text.is_empty()
            && let Some(inner) = parts.messages.first()
            && self.depth < MESSAGE_DEPTH
        {
            text = self.passed_on(inner);
        }
        let found = zones::find(&text, hints);
        if found.answers_inside {
            self.note("answers may stand in the quoted text, so it is read as new");
        }
        Body { text, zones: found.zones, from_html }
    }

    fn add_text(&mut self, text: &mut String, part: &Text, allowance: &mut html::Allowance) {
        let clean = match part {
            Text::Plain(plain) => self.clean(plain),
            Text::Html(html) => {
                let readable = html::to_text(html, allowance);
                for note in &readable.notes {
                    self.note(note);
                }
                self.clean(&readable.text)
            }
        };
        if !text.is_empty() && !clean.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&clean);
        if text.len() > TEXT_LIMIT {
            text.truncate(char_boundary(text, TEXT_LIMIT));
            text.truncate(text.trim_end().len());
            self.note("the text is longer than 512 KB and was cut");
        }
    }

    /// Washed, without empty lines at the ends and with at most two in a row.
    fn clean(&mut self, text: &str) -> String {
        let text = if text.len() > TEXT_LIMIT {
            self.note("the text is longer than 512 KB and was cut");
            &text[..char_boundary(text, TEXT_LIMIT)]
        } else {
            text
        };
        let (washed, removed) = wash_text_noting(text);
        self.removed.join(removed);
        let mut out = String::with_capacity(washed.len());
        let mut empty = 0;
        for line in washed.split('\n') {
            empty = if line.is_empty() { empty + 1 } else { 0 };
            if empty <= 2 && !(line.is_empty() && out.is_empty()) {
                out.push_str(line);
                out.push('\n');
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// A message that holds nothing but another: what that one says, marked as mail programs mark it.
    fn passed_on(&mut self, inner: &[u8]) -> String {
        let inner = read(inner, self.depth + 1);
        for note in &inner.notes {
            let known = note.starts_with(WITHIN);
            self.note(&if known { note.clone() } else { format!("{WITHIN}{note}") });
        }
        let mut text = "---------- Forwarded message ---------\n".to_owned();
        for name in ["From", "Date", "Subject", "To"] {
            if let Some(value) = inner.header(name) {
                text.extend([name, ": ", value, "\n"]);
            }
        }
        text.push('\n');
        text.push_str(&inner.body.text);
        text.truncate(text.trim_end().len());
        text
    }
}

/// The last character boundary at or before a byte.
fn char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The identifiers in a field; phrases and comments around them are passed over (RFC 5322, 4.5.4).
fn identifiers(block: &Block<'_>, name: &str) -> Vec<MessageId> {
    let mut found: Vec<MessageId> = Vec::new();
    for raw in block.all(name) {
        let text = wash_line(&String::from_utf8_lossy(raw));
        let bracketed = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(id, _)| id);
        let mut ids: Vec<MessageId> = bracketed.filter_map(MessageId::new).take(IDENTIFIER_LIMIT).collect();
        if ids.is_empty() {
            ids.extend(
                text.split_whitespace().filter(|word| word.contains('@')).filter_map(MessageId::new).take(1),
            );
        }
        found.append(&mut ids);
    }
    found.truncate(IDENTIFIER_LIMIT);
    found
}

/// Prefixes that mail programs put before the subject of an answer.
static REPLY_PREFIX: LazyLock<Regex> =
    LazyLock::new(|| prefix(r"(?i)^(?:re|aw|antw|sv|vs|odp|rif|res|réf)(?:\[\d+\]|\(\d+\))?\s?:"));

/// Prefixes that mail programs put before the subject of a passed-on message.
static FORWARD_PREFIX: LazyLock<Regex> =
    LazyLock::new(|| prefix(r"(?i)^(?:fwd?|wg|tr|rv|i|enc|doorst|vb|vl|fs)\s?:"));

fn prefix(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that every run of the tests compiles")
}

fn is_reply(message: &Message) -> bool {
    !is_forward(&message.subject)
        && (REPLY_PREFIX.is_match(&message.subject)
            || !message.in_reply_to.is_empty()
            || !message.references.is_empty())
}

fn is_forward(subject: &str) -> bool {
    FORWARD_PREFIX.is_match(subject)
}
