//! The parts of a command that come from outside: folder names, search text, flags, sets of UIDs. Each is a type
//! that can only be made of what fits into an IMAP line, so that nothing can smuggle in a command of its own.
//! Pure.

use std::fmt::{self, Write};

use crate::mail::MessageId;
use crate::parse::wash_line;

use super::{Fault, FaultKind};

/// A folder's name as it stands between the quotes of a quoted string: encoded and escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox(String);

impl Mailbox {
    /// Encodes a name that a person wrote or reads.
    pub fn new(name: &str) -> Result<Self, Fault> {
        if name.is_empty() {
            return Err(Fault::new(FaultKind::Argument, "a folder needs a name"));
        }
        if name.contains(['\0', '\r', '\n']) {
            let what = format!("{:?} is no folder name: it holds a line end or NUL", wash_line(name));
            return Err(Fault::new(FaultKind::Argument, what));
        }
        Ok(Self(escape(&encode_modified_utf7(name))))
    }

    /// Takes a name as the server wrote it, whatever its encoding; nothing if it can't stand in a line.
    pub fn from_wire(name: &str) -> Option<Self> {
        let fits = !name.is_empty() && !name.contains(['\0', '\r', '\n']);
        fits.then(|| Self(escape(name)))
    }

    /// Without the quotes, as the crate wants it for APPEND.
    pub fn between_quotes(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// A `Message-ID` as search text.
pub(super) struct QuotedId(String);

impl QuotedId {
    /// Only ASCII can be searched for without agreeing on a charset first (RFC 3501, 6.4.4).
    pub fn new(id: &MessageId) -> Result<Self, Fault> {
        let text = id.to_string();
        // A `MessageId` holds no control characters; quoting must not depend on that.
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(format!("\"{}\"", escape(&text))));
        }
        let what =
            format!("the Message-ID {:?} can't be searched for: it is not plain ASCII", wash_line(&text));
        Err(Fault::new(FaultKind::Argument, what))
    }
}

impl fmt::Display for QuotedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A flag or keyword that we set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag {
    /// Read.
    Seen,
    /// Replied to.
    Answered,
    /// Starred.
    Flagged,
    /// Not finished.
    Draft,
    /// A word of our own; made by [`Flag::keyword`].
    Keyword(Keyword),
}

/// An IMAP atom (RFC 3501, 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword(String);

impl Flag {
    /// A keyword, if it is an atom of at most 100 characters that does not begin with `\`.
    pub fn keyword(name: &str) -> Option<Self> {
        let atom = |byte: u8| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte);
        let fits = (1..=100).contains(&name.len()) && name.bytes().all(atom);
        fits.then(|| Self::Keyword(Keyword(name.to_owned())))
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Seen => "\\Seen",
            Self::Answered => "\\Answered",
            Self::Flagged => "\\Flagged",
            Self::Draft => "\\Draft",
            Self::Keyword(Keyword(name)) => name,
        }
    }
}

/// UIDs for one command; never empty.
pub(super) struct UidSet(String);

impl UidSet {
    /// So many UIDs in ascending order, neighbours as ranges; nothing for no UID.
    pub fn new(uids: &[u32]) -> Option<Self> {
        let mut set = String::new();
        let mut rest = uids;
        while let Some((&first, _)) = rest.split_first() {
            let run = rest.iter().zip(first..=u32::MAX).take_while(|(uid, next)| *uid == next).count();
            let separator = if set.is_empty() { "" } else { "," };
            let last = rest[run - 1];
            let written = if run == 1 {
                write!(set, "{separator}{first}")
            } else {
                write!(set, "{separator}{first}:{last}")
            };
            written.expect("a String takes all");
            rest = &rest[run..];
        }
        (!set.is_empty()).then_some(Self(set))
    }

    /// From one UID to another, both included.
    pub fn range(first: u32, last: u32) -> Self {
        Self(format!("{first}:{last}"))
    }

    /// From one UID to the newest message. Where all UIDs are lower, this is the newest message itself.
    pub fn from(first: u32) -> Self {
        Self(format!("{first}:*"))
    }
}

impl fmt::Display for UidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Takes the escapes of a quoted string away.
pub(super) fn unescape(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        plain.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    plain
}

/// Base64 as modified UTF-7 has it, with `,` for `/` (RFC 3501, 5.1.3).
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Writes a folder name in modified UTF-7 (RFC 3501, 5.1.3).
fn encode_modified_utf7(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        if matches!(c, ' '..='~') {
            encoded.push_str(if c == '&' { "&-" } else { &rest[..1] });
            rest = &rest[1..];
            continue;
        }
        let end = rest.find(|c| matches!(c, ' '..='~')).unwrap_or(rest.len());
        encoded.push('&');
        let (mut bits, mut count) = (0_u32, 0);
        for unit in rest[..end].encode_utf16() {
            bits = bits << 16 | u32::from(unit);
            count += 16;
            while count >= 6 {
                count -= 6;
                encoded.push(digit(bits >> count));
            }
            bits &= (1 << count) - 1;
        }
        if count > 0 {
            encoded.push(digit(bits << (6 - count)));
        }
        encoded.push('-');
        rest = &rest[end..];
    }
    encoded
}

fn digit(bits: u32) -> char {
    char::from(DIGITS[(bits & 63) as usize])
}

/// Reads a folder name in modified UTF-7; nothing where it is none, or not the one way to write that name.
pub(super) fn decode_modified_utf7(encoded: &str) -> Option<String> {
    let mut name = String::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((plain, shifted)) = rest.split_once('&') {
        let (shifted, after) = shifted.split_once('-')?;
        name.push_str(plain);
        if shifted.is_empty() {
            name.push('&');
        } else {
            name.push_str(&decode_shifted(shifted)?);
        }
        rest = after;
    }
    name.push_str(rest);
    (encode_modified_utf7(&name) == encoded).then_some(name)
}

fn decode_shifted(shifted: &str) -> Option<String> {
    let (mut bits, mut count) = (0_u32, 0);
    let mut units = Vec::with_capacity(shifted.len() * 6 / 16);
    for byte in shifted.bytes() {
        let value = DIGITS.iter().position(|digit| *digit == byte)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_encoded_and_read_back() {
        let rows = [
            ("INBOX", "INBOX"),
            ("Tom & Ann", "Tom &- Ann"),
            ("Gelöscht", "Gel&APY-scht"),
            // RFC 3501, 5.1.3
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Rechnungen 🎂", "Rechnungen &2Dzfgg-"),
            ("ä&ö", "&AOQ-&-&APY-"),
            ("tab\there", "tab&AAk-here"),
        ];
        for (name, encoded) in rows {
            assert_eq!(encode_modified_utf7(name), encoded);
            assert_eq!(decode_modified_utf7(encoded).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_no_modified_utf7_is_not_decoded() {
        for encoded in ["a&b", "&A-", "&AP-", "&!!!!-", "&2DwAQQ-", "&AGEA-", "&AGE-", "&APY-&APY-", "grün"]
        {
            assert_eq!(decode_modified_utf7(encoded), None, "{encoded}");
        }
    }

    #[test]
    fn nothing_gets_out_of_a_quoted_string() {
        assert_eq!(Mailbox::new(r#"a" "b\"#).unwrap().to_string(), r#""a\" \"b\\""#);
        assert_eq!(unescape(r#"a\" \"b\\"#), r#"a" "b\"#);
        for name in ["", "a\r\nz LOGOUT", "a\nb", "a\0b"] {
            assert_eq!(Mailbox::new(name).unwrap_err().kind, FaultKind::Argument);
            assert_eq!(Mailbox::from_wire(name), None);
        }
        for keyword in ["", "a b", "a)", "\\Seen", "a\r\n", "ä", "a]", "*", "\"", "{3}"] {
            assert_eq!(Flag::keyword(keyword), None, "{keyword:?}");
        }
        assert_eq!(Flag::keyword("$amicable-refund").unwrap().as_str(), "$amicable-refund");
        assert!(QuotedId::new(&MessageId::new("grün@example.com").unwrap()).is_err());
        let id = QuotedId::new(&MessageId::new(r#"<a"b\c@example.com>"#).unwrap()).unwrap();
        assert_eq!(id.to_string(), r#""<a\"b\\c@example.com>""#);
    }

    #[test]
    fn neighbouring_uids_become_ranges() {
        let set = |uids: &[u32]| UidSet::new(uids).map(|set| set.to_string());
        assert_eq!(set(&[]), None);
        assert_eq!(set(&[7]).as_deref(), Some("7"));
        assert_eq!(
            set(&[1, 2, 3, 5, 8, 9, u32::MAX - 1, u32::MAX]).as_deref(),
            Some("1:3,5,8:9,4294967294:4294967295")
        );
    }
}
