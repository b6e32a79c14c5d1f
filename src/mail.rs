//! The nouns: what a mail is once it has been read. No I/O, no decisions, no foreign mail crate.
//!
//! Everything of type `String` in here has been washed by [`crate::parse`]: it holds no control character
//! but `\n` in bodies, no escape sequence, no bidirectional override and no zero-width trick, so it can be
//! shown, logged and quoted as it is.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A message identifier (RFC 5322, 3.6.4) without its angle brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// Takes an identifier with or without angle brackets; nothing if it is empty, is longer than a header
    /// line may be (998 characters, RFC 5322, 2.1.1) or holds white space, control characters or brackets.
    pub fn new(text: &str) -> Option<Self> {
        let id = text.trim();
        let id = id.strip_prefix('<').unwrap_or(id);
        let id = id.strip_suffix('>').unwrap_or(id);
        let fits = !id.is_empty()
            && id.len() <= 998
            && !id.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
        fits.then(|| Self(id.to_owned()))
    }

    /// The identifier without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    /// With angle brackets, as it stands in a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// Names a conversation: the identifier of its first message as far as the headers tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(pub String);

/// A mailbox (RFC 5322, 3.4): a display name, which may be empty, and an address (`local@domain`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The display name, decoded; empty where the sender gave none.
    pub name: String,
    /// The address as written; may be no valid address where the header was malformed.
    pub address: String,
}

impl Address {
    /// An address with its display name.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self { name: name.into(), address: address.into() }
    }

    /// What to call the sender on screen: the display name, else the address.
    pub fn label(&self) -> &str {
        if self.name.is_empty() { &self.address } else { &self.name }
    }

    /// Whether both name the same mailbox. Case is ignored in the whole address: the local part may by
    /// RFC 5321, 2.4 differ in case, but no provider that people use tells them apart.
    pub fn same_mailbox(&self, other: &Address) -> bool {
        self.address.eq_ignore_ascii_case(&other.address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            f.write_str(&self.address)
        } else {
            write!(f, "{} <{}>", self.name, self.address)
        }
    }
}

/// What a stretch of the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneKind {
    /// What the sender newly wrote.
    New,
    /// History of the conversation, with its attribution line ("On Monday Ann wrote:").
    Quoted,
    /// A message of somebody else that was passed on, with its header lines.
    Forwarded,
    /// The sign-off with what follows it: name, address, telephone, "Sent from my phone".
    Signature,
    /// Legal text below the signature.
    Disclaimer,
}

/// A stretch of [`Body::text`], by byte range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// What it is.
    pub kind: ZoneKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Zone {
    /// The byte range.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The readable text of a message: its *clean text*, which all byte ranges of evidence refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Clean text: washed, `\n` line ends, no trailing white space.
    pub text: String,
    /// Zones in order; together they cover the text without gap or overlap, on character boundaries.
    pub zones: Vec<Zone>,
    /// Whether the text was made from HTML.
    pub from_html: bool,
}

impl Body {
    /// The zones of one kind with their text.
    pub fn zones_of(&self, kind: ZoneKind) -> impl Iterator<Item = (&Zone, &str)> {
        self.zones
            .iter()
            .filter(move |zone| zone.kind == kind)
            .filter_map(|zone| self.text.get(zone.range()).map(|text| (zone, text)))
    }

    /// What the sender newly wrote, zones joined by an empty line.
    pub fn new_text(&self) -> String {
        let parts: Vec<&str> = self
            .zones_of(ZoneKind::New)
            .map(|(_, text)| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        parts.join("\n\n")
    }
}

/// A part of the message that is not its text (RFC 2183).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// A file name without path, control characters or leading dots; never empty.
    pub name: String,
    /// The media type, lower case, such as `image/jpeg`.
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: usize,
    /// Shown within the text by the sender (a `cid:` picture, for example).
    pub inline: bool,
}

/// A header field, unfolded, decoded (RFC 2047) and washed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The field name as written.
    pub name: String,
    /// The field body.
    pub value: String,
}

/// A message as a person reads it. Made by [`crate::parse::parse`] from any bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `Message-ID`, if there is a usable one.
    pub id: Option<MessageId>,
    /// `In-Reply-To`, in order.
    pub in_reply_to: Vec<MessageId>,
    /// `References`, oldest first.
    pub references: Vec<MessageId>,
    /// `From`; empty where the header is missing or holds nothing.
    pub from: Vec<Address>,
    /// `Reply-To`.
    pub reply_to: Vec<Address>,
    /// `To`.
    pub to: Vec<Address>,
    /// `Cc`.
    pub cc: Vec<Address>,
    /// `Subject`, decoded; empty where there is none.
    pub subject: String,
    /// `Date` as a moment, if it could be read.
    pub date: Option<Timestamp>,
    /// All header fields in order.
    pub headers: Vec<Header>,
    /// The readable text.
    pub body: Body,
    /// Everything that is not the text.
    pub attachments: Vec<Attachment>,
    /// What was wrong with the message, in plain words; empty for a well-formed one.
    pub notes: Vec<String>,
}

impl Message {
    /// The first author, if the message names one.
    pub fn author(&self) -> Option<&Address> {
        self.from.first()
    }

    /// The first header field of that name (case ignored).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// The conversation this belongs to as far as its own headers tell: the oldest message it refers to,
    /// else itself. A message without any identifier is a thread of its own, named by `fallback` (its place
    /// in the source).
    pub fn thread(&self, fallback: &str) -> ThreadId {
        let root = self.references.first().or(self.in_reply_to.first()).or(self.id.as_ref());
        ThreadId(root.map_or_else(|| fallback.to_owned(), |id| id.as_str().to_owned()))
    }
}

/// A message as it lies in its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// Where it lies, for people and for output: `INBOX/1234`, `inbox/cur/x`, `all.mbox:3`, `-`.
    pub place: String,
    /// Its IMAP UID, where it has one.
    pub uid: Option<u32>,
    /// When the source received it (INTERNALDATE), where it knows.
    pub received: Option<Timestamp>,
    /// IMAP flags and keywords as written (`\Seen`), where there are any.
    pub flags: Vec<String>,
    /// The message.
    pub bytes: Vec<u8>,
}

/// How far the sync of a folder has come (RFC 9051, 2.3.1.1): with another UIDVALIDITY it starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The folder's UIDVALIDITY.
    pub uid_validity: u32,
    /// Every message up to this UID has been taken in, or lay before the window of the first fetch.
    pub last_uid: u32,
}

/// A message as it will go out; never changed after it was queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its `Message-ID`, fixed when it was queued.
    pub message_id: MessageId,
    /// Envelope sender (RFC 5321 reverse-path).
    pub from: String,
    /// Envelope recipients (forward-paths): `To` and `Cc`, each once.
    pub recipients: Vec<String>,
    /// The message in CRLF line ends, 7-bit clean.
    pub bytes: Vec<u8>,
}
