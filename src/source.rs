//! Where mail comes from: IMAP, Maildir, mbox, single files, standard input, the demo inbox.
//! Sources hand out raw bytes; they never parse, judge or change a message.

pub mod imap;

use jiff::Timestamp;

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
