//! The header block (RFC 5322, 2.2): where it ends, its fields unfolded, and what can be said of a block
//! that breaks the rules. Never looks into a field but for its name.
//!
//! mailparse gives up on a block that begins with a space, misses fields written `Subject :` and takes text
//! without any header for an empty message; here each of these is read as its sender meant it.

use std::borrow::Cow;

/// A field is cut here before anything is decoded: a hundred times what real programs write (measured:
/// decoding is quick up to this size whatever stands in it).
const FIELD_LIMIT: usize = 64 * 1024;

/// More fields are not kept. Long delivery chains have a hundred.
const FIELD_COUNT: usize = 1000;

/// One field, unfolded, not yet decoded.
pub(super) struct Field<'a> {
    pub name: &'a str,
    pub raw: Cow<'a, [u8]>,
}

/// A header block and what follows it.
#[derive(Default)]
pub(super) struct Block<'a> {
    pub fields: Vec<Field<'a>>,
    pub body: &'a [u8],
    /// What was wrong, in plain words.
    pub faults: Vec<&'static str>,
}

impl Block<'_> {
    /// The first field of that name (case ignored).
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// All fields of that name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| &*field.raw)
    }

    fn fault(&mut self, fault: &'static str) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// Fields by which a block is known to be a mail's. Text may well begin with "Note: ..".
const KNOWN: [&str; 16] = [
    "from",
    "to",
    "subject",
    "date",
    "cc",
    "sender",
    "reply-to",
    "message-id",
    "mime-version",
    "content-type",
    "received",
    "return-path",
    "delivered-to",
    "in-reply-to",
    "references",
    "content-transfer-encoding",
];

/// Makes the line ends of a whole message ones that the rest of the parser knows: `\n`, or `\r\n`. Takes
/// off a byte order mark. The second value says what was wrong.
pub(super) fn straighten(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<&'static str>) {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = raw {
        let (text, _) = super::words::decode(raw, None);
        return (Cow::Owned(text.into_bytes()), vec!["the whole message is written in UTF-16"]);
    }
    let mut faults = Vec::new();
    let mut message = Cow::Borrowed(raw);
    if let Some(rest) = raw.strip_prefix(b"\xef\xbb\xbf") {
        faults.push("the message begins with a byte order mark");
        message = Cow::Borrowed(rest);
    }
    // The header alone decides: a body may hold any bytes.
    let head = &message[..message.len().min(4096)];
    if head.contains(&b'\r') && !head.contains(&b'\n') {
        faults.push("line ends are bare carriage returns");
        let straight = message.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect();
        message = Cow::Owned(straight);
    }
    (message, faults)
}

/// Reads the header block of a message. Text without one is all body.
pub(super) fn of_message(message: &[u8]) -> Block<'_> {
    let trimmed = message.trim_ascii_start();
    let is_mail = |block: &Block| {
        block.fields.iter().any(|field| KNOWN.iter().any(|name| field.name.eq_ignore_ascii_case(name)))
    };
    let mut block = of_part(trimmed);
    if !is_mail(&block) && message.starts_with(b" ") {
        // A folded line that lost the field it belongs to.
        block = of_part(next_line(trimmed).map_or(trimmed, |(_, rest)| rest));
    }
    if !is_mail(&block) {
        let faults =
            if trimmed.is_empty() { vec!["the message is empty"] } else { vec!["there is no mail header"] };
        return Block { fields: Vec::new(), body: message, faults };
    }
    if trimmed.len() < message.len() {
        block.fault("the header begins with white space");
    }
    block
}

/// Reads the header block of a part, which may be empty.
pub(super) fn of_part(part: &[u8]) -> Block<'_> {
    let mut block = Block { body: part, ..Block::default() };
    while let Some((line, rest)) = next_line(block.body) {
        let at_start = block.fields.is_empty();
        if line.is_empty() {
            block.body = rest;
            return block;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if at_start && line.trim_ascii().is_empty() {
                block.body = rest;
                return block;
            }
            continue_field(&mut block, line);
        } else if let Some((name, value)) = field_start(line) {
            start_field(&mut block, name, value);
        } else if line.starts_with(b"From ") || line.starts_with(b">From ") {
            // The separator of mbox files, left in place by some programs.
        } else if at_start || !goes_on(rest) {
            if !at_start {
                block.fault("the header ends without an empty line");
            }
            return block;
        } else {
            block.fault("the header holds a line that is no field");
            continue_field(&mut block, line);
        }
        block.body = rest;
    }
    block
}

fn start_field<'a>(block: &mut Block<'a>, name: &'a [u8], value: &'a [u8]) {
    if block.fields.len() >= FIELD_COUNT {
        block.fault("the header has more than 1000 fields; the rest was left out");
        return;
    }
    if name.ends_with(b" ") || name.ends_with(b"\t") {
        block.fault("a field name is followed by a space");
    }
    let mut value = value.trim_ascii();
    if value.len() > FIELD_LIMIT {
        block.fault("a header field is longer than 64 KB and was cut");
        value = &value[..FIELD_LIMIT];
    }
    // A field name is checked to be ASCII where the field is found.
    let name = std::str::from_utf8(name.trim_ascii_end()).unwrap_or_default();
    block.fields.push(Field { name, raw: Cow::Borrowed(value) });
}

/// Unfolds: the line end and the white space after it become one space.
fn continue_field(block: &mut Block<'_>, line: &[u8]) {
    let Some(field) = block.fields.last_mut() else {
        block.fault("the header of a part begins with a folded line");
        return;
    };
    let line = line.trim_ascii();
    let room = FIELD_LIMIT.saturating_sub(field.raw.len() + 1);
    if !line.is_empty() && room > 0 {
        let raw = field.raw.to_mut();
        if !raw.is_empty() {
            raw.push(b' ');
        }
        raw.extend_from_slice(&line[..line.len().min(room)]);
    }
    if line.len() > room {
        block.fault("a header field is longer than 64 KB and was cut");
    }
}

/// The name, with any white space before the colon, and the body of a field that begins on this line.
fn field_start(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let plain = name.trim_ascii_end();
    let fits = !plain.is_empty() && plain.len() <= 128 && plain.iter().all(u8::is_ascii_graphic);
    fits.then_some((name, value))
}

/// Whether the header goes on after a line that is no field: a fold that lost its space, probably.
fn goes_on(rest: &[u8]) -> bool {
    next_line(rest).is_some_and(|(line, _)| {
        field_start(line).is_some_and(|(name, _)| {
            KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())) || name.starts_with(b"X-")
        })
    })
}

/// The next line without its end, and what follows it.
fn next_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    let (line, rest) = match text.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &text[text.len()..]),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}
