//! A draft becomes the bytes that go out: RFC 5322 headers, one text part, CRLF, 7-bit clean. Pure: clock and
//! randomness are arguments. What can't go out unharmed is refused here, before it is queued; nothing is
//! mended in silence.

use std::fmt;

use jiff::{Timestamp, Zoned};
use lettre::message::header::{self, ContentTransferEncoding, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MessageBuilder};

use crate::deliver::Outgoing;
use crate::mail::{Address, MessageId};
use crate::reply::{Draft, Leftover, address_fault, leftovers};

/// Longest line in bytes without CRLF (RFC 5322, 2.1.1).
const LONGEST_LINE: usize = 998;
/// Longest display name in bytes: unfolded it must fit into a line beside its address.
const LONGEST_NAME: usize = 512;
/// From this length on a word of the subject can't be left as it is: lines should be no longer than 78.
const LONGEST_WORD: usize = 66;

/// Why a draft can't go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeFault {
    /// Neither `To` nor `Cc` names anyone.
    NoRecipient,
    /// There is nothing to read in it.
    EmptyBody,
    /// Placeholders that nobody filled.
    Leftovers(Vec<Leftover>),
    /// An address that mail can't be sent to or from; which field, and why.
    Address(&'static str, String),
    /// A field holds what must not stand in a header; which field, and what.
    Field(&'static str, String),
    /// The text holds a NUL character, which mail can't carry.
    NulInBody,
}

impl fmt::Display for ComposeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComposeFault::NoRecipient => f.write_str("this reply has no recipient: add one to To"),
            ComposeFault::EmptyBody => f.write_str("this reply is empty: write something first"),
            ComposeFault::Leftovers(left) => {
                let quotes: Vec<&str> = left.iter().map(|left| left.quote.as_str()).collect();
                write!(f, "still to be filled in: {}", quotes.join(", "))
            }
            ComposeFault::Address(field, why) | ComposeFault::Field(field, why) => {
                write!(f, "{field}: {why}")
            }
            ComposeFault::NulInBody => f.write_str("the text holds a NUL character: delete it"),
        }
    }
}

impl std::error::Error for ComposeFault {}

/// Makes the message that goes out, under the identifier and date it keeps from then on. The `Date` carries
/// the offset of `date`'s zone.
pub fn compose(
    draft: &Draft,
    from: &Address,
    message_id: MessageId,
    date: &Zoned,
) -> Result<Outgoing, ComposeFault> {
    let text = checked_text(&draft.body)?;
    let recipients = envelope(draft)?;
    let mut builder = MessageBuilder::new()
        .header(header::MIME_VERSION_1_0)
        .header(header::ContentType::TEXT_PLAIN)
        .message_id(Some(identifiers("Message-ID", std::slice::from_ref(&message_id))?))
        .from(mailbox("From", from)?);
    for address in &draft.to {
        builder = builder.to(mailbox("To", address)?);
    }
    for address in &draft.cc {
        builder = builder.cc(mailbox("Cc", address)?);
    }
    if let Some(parent) = &draft.in_reply_to {
        builder = builder.in_reply_to(identifiers("In-Reply-To", std::slice::from_ref(parent))?);
    }
    if !draft.references.is_empty() {
        builder = builder.references(identifiers("References", &draft.references)?);
    }
    if let Some(automatic) = draft.auto_submitted {
        builder = builder.raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            automatic.keyword().to_owned(),
        ));
    }
    let mut message = builder
        .raw_header(subject(&draft.subject)?)
        .body(text)
        .map_err(|error| ComposeFault::Field("message", error.to_string()))?;
    // After the builder: it takes a Date that it can't read as UTC for missing and would put its own clock.
    message.headers_mut().insert_raw(date_header(date)?);
    let bytes = message.formatted();
    match first_bad_line(&bytes) {
        Some(line) => Err(ComposeFault::Field("message", format!("line {line} can't be sent as it is"))),
        None => Ok(Outgoing { message_id, from: from.address.clone(), recipients, bytes }),
    }
}

/// An identifier that is ours alone: moment and chance before the @, the owner's mail domain behind it. It
/// gives away nothing that the message does not.
#[expect(clippy::missing_panics_doc, reason = "what it is made of always makes an identifier")]
pub fn new_message_id(domain: &str, random: u128, now: Timestamp) -> MessageId {
    let domain: String =
        domain.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    let domain = domain.trim_matches(['.', '-']);
    let domain = if domain.is_empty() || domain.len() > 253 { "localhost" } else { domain };
    MessageId::new(&format!("{}.{random:032x}@{domain}", now.as_millisecond()))
        .expect("digits, letters, dots and one @, shorter than a line")
}

/// The recipients of the envelope: everybody named, each once.
fn envelope(draft: &Draft) -> Result<Vec<String>, ComposeFault> {
    let mut recipients: Vec<String> = Vec::new();
    for address in draft.to.iter().chain(&draft.cc) {
        if !recipients.iter().any(|known| known.eq_ignore_ascii_case(&address.address)) {
            recipients.push(address.address.clone());
        }
    }
    if recipients.is_empty() { Err(ComposeFault::NoRecipient) } else { Ok(recipients) }
}

fn mailbox(field: &'static str, address: &Address) -> Result<Mailbox, ComposeFault> {
    if let Some(why) = address_fault(&address.address) {
        return Err(ComposeFault::Address(field, why));
    }
    one_line(field, &address.name)?;
    if address.name.len() > LONGEST_NAME {
        return Err(ComposeFault::Field(
            field,
            format!("the name of {} is too long: shorten it", address.address),
        ));
    }
    let parsed = address.address.parse().map_err(|error| {
        ComposeFault::Address(field, format!("\"{}\" is no mail address: {error}", address.address))
    })?;
    let name = address.name.trim();
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), parsed))
}

/// A header is one line: whoever could put a line break into it could add headers and recipients.
fn one_line(field: &'static str, value: &str) -> Result<(), ComposeFault> {
    match value.chars().find(|c| c.is_control()) {
        None => Ok(()),
        Some(c) => {
            let what =
                format!("it holds a line break or control character (U+{:04X}): delete it", u32::from(c));
            Err(ComposeFault::Field(field, what))
        }
    }
}

fn identifiers(field: &'static str, ids: &[MessageId]) -> Result<String, ComposeFault> {
    let ids: Vec<String> = ids.iter().map(MessageId::to_string).collect();
    match ids.iter().find(|id| !id.is_ascii() || id.len() + field.len() + 2 > LONGEST_LINE) {
        Some(id) => Err(ComposeFault::Field(field, format!("the identifier {id} can't stand in a header"))),
        None => Ok(ids.join(" ")),
    }
}

fn subject(subject: &str) -> Result<HeaderValue, ComposeFault> {
    one_line("Subject", subject)?;
    let subject = subject.trim();
    let name = HeaderName::new_from_ascii_str("Subject");
    // lettre leaves ASCII words alone: those that look encoded would be decoded at the other end, very long
    // ones would break the limit of a line, and spaces between two encoded words would be lost (RFC 2047, 6.2).
    let as_it_is = subject.is_ascii()
        && !subject.contains("=?")
        && subject.split(' ').all(|word| word.len() < LONGEST_WORD);
    Ok(if as_it_is {
        HeaderValue::new(name, subject.to_owned())
    } else {
        HeaderValue::dangerous_new_pre_encoded(name, subject.to_owned(), encoded_words(subject))
    })
}

/// The whole text as encoded words (RFC 2047, 4.2), one a line, none longer than 75 characters (2).
fn encoded_words(text: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars() {
        let mut utf8 = [0; 4];
        let encoded: String = match c {
            ' ' => "_".to_owned(),
            c if c.is_ascii_alphanumeric() => c.to_string(),
            c => c
                .encode_utf8(&mut utf8)
                .bytes()
                .fold(String::new(), |word, byte| format!("{word}={byte:02X}")),
        };
        // 75 without "=?utf-8?q?" and "?=".
        match words.last_mut() {
            Some(word) if word.len() + encoded.len() <= 63 => word.push_str(&encoded),
            _ => words.push(encoded),
        }
    }
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?q?{word}?=")).collect();
    words.join("\r\n ")
}

fn date_header(date: &Zoned) -> Result<HeaderValue, ComposeFault> {
    let value = jiff::fmt::rfc2822::to_string(date)
        .map_err(|error| ComposeFault::Field("Date", format!("{date} can't stand in a header: {error}")))?;
    Ok(HeaderValue::new(HeaderName::new_from_ascii_str("Date"), value))
}

/// The text as it will be sent, if it may be: 7bit where it is that, else quoted-printable.
fn checked_text(body: &str) -> Result<Body, ComposeFault> {
    if body.contains('\0') {
        return Err(ComposeFault::NulInBody);
    }
    if !says_something(body) {
        return Err(ComposeFault::EmptyBody);
    }
    let left = leftovers(body);
    if !left.is_empty() {
        return Err(ComposeFault::Leftovers(left));
    }
    let mut text = body.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Body::new_with_encoding(text, ContentTransferEncoding::SevenBit)
        .or_else(|crlf_text| {
            // The bytes come back as they went in.
            let text = String::from_utf8_lossy(&crlf_text).into_owned();
            Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
        })
        .map_err(|_| ComposeFault::EmptyBody)
}

/// Whether somebody wrote something: the quoted original, its attribution and the signature (up to the next
/// empty line) don't count.
fn says_something(body: &str) -> bool {
    let is_quote = |line: &str| line.trim_start().starts_with('>');
    let mut lines = body.lines().peekable();
    let mut in_signature = false;
    while let Some(line) = lines.next() {
        let is_attribution =
            line.trim_end().ends_with("wrote:") && lines.peek().is_some_and(|next| is_quote(next));
        if line == "-- " {
            in_signature = true;
        } else if line.trim().is_empty() || is_quote(line) {
            in_signature = false;
        } else if !in_signature && !is_attribution {
            return true;
        }
    }
    false
}

/// The number of the first line that breaks the rules for lines, as a last look at what the libraries made.
fn first_bad_line(bytes: &[u8]) -> Option<usize> {
    bytes.split(|byte| *byte == b'\n').enumerate().find_map(|(index, line)| {
        let (line, ended) = line.strip_suffix(b"\r").map_or((line, line.is_empty()), |line| (line, true));
        let clean = line.iter().all(|byte| byte.is_ascii() && !matches!(byte, 0 | b'\r'));
        (!ended || !clean || line.len() > LONGEST_LINE).then_some(index + 1)
    })
}
