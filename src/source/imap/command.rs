//! Every command line that is sent after login. The only way to make a [`Command`] is out of checked parts, and
//! the only way to send anything is a [`Command`]. Pure.

use super::quote::{Flag, Mailbox, QuotedId, UidSet};

/// A whole command without its tag.
pub(super) struct Command {
    text: String,
    /// The name of the command, for words.
    pub name: &'static str,
}

/// What is fetched of messages.
#[derive(Debug, Clone, Copy)]
pub(super) enum Items {
    Sizes,
    Flags,
    /// Everything, without setting `\Seen`.
    Whole,
    /// The same with so many bytes from the beginning.
    Beginning(u32),
}

impl Items {
    fn text(self) -> String {
        const WITH: &str = "UID FLAGS INTERNALDATE RFC822.SIZE";
        match self {
            Self::Sizes => "(UID RFC822.SIZE)".to_owned(),
            Self::Flags => "(UID FLAGS)".to_owned(),
            Self::Whole => format!("({WITH} BODY.PEEK[])"),
            Self::Beginning(bytes) => format!("({WITH} BODY.PEEK[]<0.{bytes}>)"),
        }
    }
}

impl Command {
    fn new(name: &'static str, arguments: &str) -> Self {
        let space = if arguments.is_empty() { "" } else { " " };
        Self { text: format!("{name}{space}{arguments}"), name }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn capability() -> Self {
        Self::new("CAPABILITY", "")
    }

    /// All folders; asks for their special uses where that must be asked for (RFC 6154, 2).
    pub fn list(ask_special_use: bool) -> Self {
        Self::new("LIST", if ask_special_use { "\"\" \"*\" RETURN (SPECIAL-USE)" } else { "\"\" \"*\"" })
    }

    pub fn examine(folder: &Mailbox) -> Self {
        Self::new("EXAMINE", &folder.to_string())
    }

    pub fn select(folder: &Mailbox) -> Self {
        Self::new("SELECT", &folder.to_string())
    }

    pub fn create(folder: &Mailbox) -> Self {
        Self::new("CREATE", &folder.to_string())
    }

    pub fn subscribe(folder: &Mailbox) -> Self {
        Self::new("SUBSCRIBE", &folder.to_string())
    }

    pub fn search_all() -> Self {
        Self::new("UID SEARCH", "ALL")
    }

    pub fn search_message_id(id: &QuotedId) -> Self {
        Self::new("UID SEARCH", &format!("HEADER Message-ID {id}"))
    }

    pub fn fetch(uids: &UidSet, items: Items) -> Self {
        Self::new("UID FETCH", &format!("{uids} {}", items.text()))
    }

    /// Sizes from a message number (not UID) to the newest message.
    pub fn fetch_sizes_from_number(first: u32) -> Self {
        Self::new("FETCH", &format!("{first}:* {}", Items::Sizes.text()))
    }

    /// Adds a flag. Not silently: the answer tells whether the message is there.
    pub fn add_flag(uid: u32, flag: &Flag) -> Self {
        Self::new("UID STORE", &format!("{uid} +FLAGS ({})", flag.as_str()))
    }
}
