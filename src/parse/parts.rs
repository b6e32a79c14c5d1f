//! The parts of a message (RFC 2045 to 2049): which of them are its text, which are attachments. Knows
//! structure, never what the text says.
//!
//! Multiparts are cut here and not by mailparse, which takes the boundary `b` for a prefix of `--bb`, drops
//! all text where a boundary is missing or wrong, and gives up on a whole message for one bad part or for
//! deep nesting. The fields of a part, its parameters and quoted-printable are mailparse's.

use std::collections::BTreeMap;

use mailparse::{DispositionType, ParsedContentType, parse_content_disposition, parse_content_type};

use super::headers::{self, Block};
use super::wash::{Removed, wash_line_noting};
use super::{transfer, words};
use crate::mail::Attachment;

/// Multiparts nested deeper are listed and not opened. Real mail has four or five.
const DEPTH_LIMIT: usize = 24;

/// More parts are not looked at.
const PART_LIMIT: usize = 2000;

/// A structured field is cut here: mailparse takes quadratic time on many parameters.
const STRUCTURED_LIMIT: usize = 8 * 1024;

/// File systems commonly allow 255 bytes; 120 characters are readable and fit with any suffix.
const NAME_LIMIT: usize = 120;

/// One text of the message, decoded, not yet washed.
pub(super) enum Text {
    /// As the sender typed it.
    Plain(String),
    /// HTML.
    Html(String),
}

impl Text {
    fn content(&self) -> &str {
        match self {
            Text::Plain(text) | Text::Html(text) => text,
        }
    }
}

/// Everything found in a message below its header.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// Its texts in order; of alternatives, the one to show.
    pub texts: Vec<Text>,
    pub attachments: Vec<Attachment>,
    /// Whole messages that are attached (`message/rfc822`).
    pub messages: Vec<&'a [u8]>,
    pub notes: Vec<String>,
    pub removed: Removed,
    count: usize,
    /// A part of this multipart is one itself.
    has_multipart: bool,
}

/// Finds the parts of a message.
pub(super) fn of_message<'a>(block: &Block<'a>) -> Parts<'a> {
    let mut parts = Parts::default();
    parts.open(block, 0, false);
    parts
}

/// What a part says of itself.
struct Label {
    content: ParsedContentType,
    is_declared: bool,
    is_attachment: bool,
    is_inline: bool,
    name: Option<String>,
    encoding: String,
}

impl<'a> Parts<'a> {
    /// Reads one part, or the message itself (depth 0). `digest`: without a type it is a message.
    fn open(&mut self, block: &Block<'a>, depth: usize, digest: bool) {
        self.count += 1;
        if self.count > PART_LIMIT {
            self.note("the message has more than 2000 parts; the rest was left out");
            return;
        }
        if depth > 0 {
            for fault in &block.faults {
                self.note(fault);
            }
        }
        let label = label_of(block, digest);
        let media = label.content.mimetype.as_str();
        if let Some(kind) = media.strip_prefix("multipart/") {
            if depth >= DEPTH_LIMIT {
                self.note("parts are nested too deeply; the inner ones were not opened");
                return self.attach(&label, block.body);
            }
            self.has_multipart = true;
            return self.multipart(&label, kind, block.body, depth);
        }
        if media == "message/rfc822" || media == "message/global" {
            self.attached_message(&label, block.body);
        } else if self.is_text(&label) {
            self.text(&label, block.body);
        } else {
            self.attach(&label, block.body);
        }
    }

    /// Text to show: no attachment by its own word, and no named file unless nothing came before it.
    fn is_text(&self, label: &Label) -> bool {
        let media = label.content.mimetype.as_str();
        let readable = matches!(media, "text/plain" | "text/html" | "text" | "text/enriched" | "")
            || !media.contains('/') && !label.is_attachment;
        readable && !label.is_attachment && (label.name.is_none() || self.texts.is_empty())
    }

    fn multipart(&mut self, label: &Label, kind: &str, body: &'a [u8], depth: usize) {
        let declared = label.content.params.get("boundary").map(String::as_str).unwrap_or_default();
        let mut pieces = split(body, declared.as_bytes());
        if pieces.is_empty()
            && let Some(found) = guess_boundary(body)
        {
            self.note("the boundary between the parts is missing or wrong; the one in use was taken");
            pieces = split(body, found);
        }
        if pieces.is_empty() {
            self.note("the parts could not be told apart; the raw text is shown");
            let (text, doubt) = words::decode(body, None);
            self.notes.extend(doubt);
            return self.texts.push(Text::Plain(text));
        }
        let mut inner = Parts { count: self.count, ..Parts::default() };
        for piece in pieces {
            if kind == "alternative" || inner.count > PART_LIMIT {
                let mut one = Parts { count: inner.count, ..Parts::default() };
                one.open(&headers::of_part(piece), depth + 1, false);
                inner.take_alternative(one);
            } else {
                inner.open(&headers::of_part(piece), depth + 1, kind == "digest");
            }
            if inner.count > PART_LIMIT {
                break;
            }
        }
        if kind != "alternative" && !inner.has_multipart {
            inner.drop_repeated_html();
        }
        self.take(inner);
    }

    fn take(&mut self, mut other: Parts<'a>) {
        self.texts.append(&mut other.texts);
        self.take_all_but_texts(other);
    }

    fn take_all_but_texts(&mut self, mut other: Parts<'a>) {
        self.attachments.append(&mut other.attachments);
        self.messages.append(&mut other.messages);
        for note in other.notes {
            self.note(&note);
        }
        self.removed.join(other.removed);
        self.count = other.count;
    }

    /// Another rendering of the same text: typed text wins over HTML, unless it says nothing.
    fn take_alternative(&mut self, mut other: Parts<'a>) {
        let is_plain = |texts: &[Text]| matches!(texts.first(), Some(Text::Plain(text)) if !is_stub(text));
        let better = match (self.texts.is_empty(), other.texts.is_empty()) {
            (_, true) => false,
            (true, false) => true,
            (false, false) => {
                is_plain(&other.texts) && !is_plain(&self.texts)
                    || !is_plain(&self.texts) && !other.texts.iter().all(|text| is_stub(text.content()))
            }
        };
        if better {
            self.texts = std::mem::take(&mut other.texts);
        }
        self.take_all_but_texts(other);
    }

    /// Some programs send text and HTML as a mixture where alternatives are meant. Only the parts of one
    /// multipart are compared, and only where they begin.
    fn drop_repeated_html(&mut self) {
        let [Text::Plain(plain), Text::Html(html)] = self.texts.as_slice() else { return };
        let letters =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).take(80).collect() };
        let (plain_start, html_start) = (letters(plain), letters(&super::html::beginning(html)));
        if plain_start.len() >= 20 && plain_start == html_start {
            self.texts.truncate(1);
        }
    }

    fn text(&mut self, label: &Label, body: &[u8]) {
        let bytes = self.decoded(label, body);
        let is_html = label.content.mimetype == "text/html" || !label.is_declared && looks_like_html(&bytes);
        let declared = label.content.params.get("charset").cloned();
        let charset = declared.or_else(|| if is_html { charset_in_html(&bytes) } else { None });
        let (text, doubt) = words::decode(&bytes, charset.as_deref());
        if let Some(doubt) = doubt {
            self.note(&doubt);
        }
        self.texts.push(if is_html {
            Text::Html(text)
        } else if flag(&label.content.params, "format", "flowed") {
            Text::Plain(transfer::unflow(&text, flag(&label.content.params, "delsp", "yes")))
        } else {
            Text::Plain(text)
        });
    }

    fn decoded(&mut self, label: &Label, body: &[u8]) -> Vec<u8> {
        match label.encoding.as_str() {
            "base64" => {
                let read = transfer::base64(body);
                if read.damaged {
                    self.note("a part's base64 is damaged; what could be read is shown");
                }
                read.bytes
            }
            "quoted-printable" => transfer::quoted_printable(body),
            "" | "7bit" | "8bit" | "binary" => body.to_vec(),
            _ => {
                self.note("a part has an unknown transfer encoding and was read as it is");
                body.to_vec()
            }
        }
    }

    fn attach(&mut self, label: &Label, body: &[u8]) {
        let size = if label.encoding == "7bit" || label.encoding.is_empty() {
            body.len()
        } else {
            self.decoded(label, body).len()
        };
        let media_type = media_type(&label.content.mimetype);
        let fallback = fallback_name(&media_type);
        let given = label.name.as_deref().unwrap_or(fallback);
        let (name, removed) = safe_name(given, fallback);
        self.removed.join(removed);
        if media_type == "application/pkcs7-mime" || media_type == "application/x-pkcs7-mime" {
            self.note("the message is encrypted or wrapped by S/MIME; its text cannot be read here");
        } else if media_type == "application/pgp-encrypted" {
            self.note("the message is encrypted by PGP; its text cannot be read here");
        }
        let inline = label.is_inline && media_type.starts_with("image/");
        self.attachments.push(Attachment { name, media_type, size, inline });
    }

    fn attached_message(&mut self, label: &Label, body: &'a [u8]) {
        let inner = headers::of_message(body);
        let subject = inner.first("subject").map(|raw| words::decode_field(raw).0).unwrap_or_default();
        let given =
            label.name.clone().unwrap_or_else(|| format!("{}.eml", subject.replace(['/', '\\'], "-")));
        let (name, removed) = safe_name(&given, "message.eml");
        let name = if name == "eml" { "message.eml".to_owned() } else { name };
        self.removed.join(removed);
        let media_type = media_type(&label.content.mimetype);
        self.attachments.push(Attachment { name, media_type, size: body.len(), inline: false });
        // Encoding a whole message is forbidden (RFC 2046, 5.2.1), so its bytes are the message.
        if !inner.fields.is_empty() {
            self.messages.push(body);
        }
    }

    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }
}

fn flag(params: &BTreeMap<String, String>, name: &str, value: &str) -> bool {
    params.get(name).is_some_and(|given| given.trim().eq_ignore_ascii_case(value))
}

fn label_of(block: &Block<'_>, digest: bool) -> Label {
    let text_of = |name: &str| {
        block.first(name).map(|raw| {
            let (text, _) = words::decode(&raw[..raw.len().min(STRUCTURED_LIMIT)], None);
            text
        })
    };
    let declared = text_of("content-type").filter(|value| !value.trim().is_empty());
    let default = if digest { "message/rfc822" } else { "text/plain" };
    let parse = |value: &str| super::contain::quietly(|| parse_content_type(value)).unwrap_or_default();
    let content = parse(declared.as_deref().unwrap_or(default));
    let disposition = text_of("content-disposition")
        .and_then(|value| super::contain::quietly(|| parse_content_disposition(&value)))
        .unwrap_or_default();
    let encoding = text_of("content-transfer-encoding").unwrap_or_default();
    let encoding = encoding.split(['(', ';']).next().unwrap_or_default().trim().to_ascii_lowercase();
    Label {
        name: parameter(&disposition.params, "filename").or_else(|| parameter(&content.params, "name")),
        is_attachment: disposition.disposition == DispositionType::Attachment,
        is_inline: block.first("content-id").is_some()
            || text_of("content-disposition").is_some_and(|value| {
                value.trim_start().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("inline"))
            }) && disposition.disposition == DispositionType::Inline,
        is_declared: declared.is_some(),
        content,
        encoding,
    }
}

/// A parameter that may be written in the extended way (RFC 2231), which then wins over the plain one
/// (RFC 6266, 4.3; RFC 2231 leaves it open). mailparse lets the plain one win.
fn parameter(params: &BTreeMap<String, String>, name: &str) -> Option<String> {
    let extended = params.get(&format!("{name}*")).and_then(|value| {
        let alone = parse_content_disposition(&format!("attachment; {name}*={value}"));
        alone.params.get(name).cloned()
    });
    let continued = || {
        let pieces: Vec<&str> =
            (0..64).map_while(|index| params.get(&format!("{name}*{index}")).map(String::as_str)).collect();
        (!pieces.is_empty()).then(|| pieces.concat())
    };
    let plain = || params.get(name).map(|value| words::decode_words(value).0);
    extended.or_else(continued).or_else(plain).filter(|value| !value.trim().is_empty())
}

/// The media type, lower case, only of the characters that a token may have (RFC 2045, 5.1).
fn media_type(given: &str) -> String {
    let token = |c: char| c.is_ascii_graphic() && !r#"()<>@,;:\"[]?="#.contains(c);
    let clean: String = given.chars().filter(|&c| token(c)).take(100).collect();
    if clean.split('/').filter(|half| !half.is_empty()).count() == 2 {
        clean
    } else {
        "application/octet-stream".to_owned()
    }
}

/// What to call a part without a name.
fn fallback_name(media_type: &str) -> &'static str {
    match media_type {
        "text/calendar" => "invitation.ics",
        "text/html" => "page.html",
        "text/plain" => "text.txt",
        "image/jpeg" => "picture.jpg",
        "image/png" => "picture.png",
        "image/gif" => "picture.gif",
        "application/pdf" => "document.pdf",
        "application/ms-tnef" => "winmail.dat",
        "application/pgp-signature" => "signature.asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "smime.p7s",
        "message/delivery-status" => "delivery-status.txt",
        "text/rfc822-headers" => "headers.txt",
        _ => "attachment",
    }
}

/// A file name that is safe to write anywhere: no path, no control or hidden characters, no leading dots,
/// none of the characters that some file system refuses, 1 to 120 characters, its suffix kept.
fn safe_name(given: &str, fallback: &str) -> (String, Removed) {
    let (washed, removed) = wash_line_noting(given);
    let last = washed
        .rsplit(['/', '\\'])
        .find(|piece| !piece.trim_matches(['.', ' ']).is_empty())
        .unwrap_or_default();
    let clean: String = last.chars().map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c }).collect();
    let name = clean.trim_start_matches(['.', ' ', '~', '-']).trim_end_matches(['.', ' ']);
    if name.is_empty() {
        return (fallback.to_owned(), removed);
    }
    let length = name.chars().count();
    if length <= NAME_LIMIT {
        return (name.to_owned(), removed);
    }
    let suffix =
        name.rsplit_once('.').map(|(_, suffix)| suffix).filter(|suffix| suffix.chars().count() <= 10);
    let suffix = suffix.map(|suffix| format!(".{suffix}")).unwrap_or_default();
    let stem: String = name.chars().take(NAME_LIMIT - suffix.chars().count()).collect();
    (format!("{}{suffix}", stem.trim_end_matches(['.', ' '])), removed)
}

/// The parts between the delimiter lines (RFC 2046, 5.1.1), none where there is no such line. A missing
/// last delimiter is no fault that costs text.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    if boundary.is_empty() {
        return pieces;
    }
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let delimiter =
            line.trim_ascii_end().strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        if let Some(rest) = delimiter.filter(|rest| rest.is_empty() || *rest == b"--") {
            if let Some(start) = open.take() {
                pieces.push(&body[start..at]);
            }
            if !rest.is_empty() {
                return pieces;
            }
            open = Some(at + line.len());
        }
        at += line.len();
    }
    pieces.extend(open.map(|start| &body[start..]));
    pieces
}

/// The boundary that the body itself shows: the first line of two dashes and a word with a header field of
/// a part on the line after it.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).peekable();
    while let Some(line) = lines.next() {
        let word = line.strip_prefix(b"--").filter(|word| !word.is_empty() && word.len() <= 200);
        let starts_part = lines
            .peek()
            .and_then(|next| next.get(..8))
            .is_some_and(|next| next.eq_ignore_ascii_case(b"content-"));
        if starts_part && word.is_some() {
            return word;
        }
    }
    None
}

/// A text part that only says that the mail is in HTML.
fn is_stub(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return true;
    }
    if text.len() >= 400 {
        return false;
    }
    let lower = text.to_lowercase();
    lower.contains("html")
        && [
            "not support",
            "doesn't support",
            "does not display",
            "cannot display",
            "can't display",
            "unable to",
            "html version",
            "view this",
            "to view",
            "please use",
            "in html",
            "html format",
            "html-fähig",
            "kein html",
            "pas le html",
        ]
        .iter()
        .any(|words| lower.contains(words))
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    [b"<html".as_slice(), b"<!doctype html", b"<body"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
}

/// The charset that HTML declares in itself.
fn charset_in_html(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let name: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    (!name.is_empty()).then_some(name)
}
