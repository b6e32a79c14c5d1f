//! Bytes to text: charsets (declared rightly, wrongly or not at all) and the encoded words of header fields
//! (RFC 2047). Owns `encoding_rs`. Never fails: what cannot be read becomes a sensible guess and a note.
//!
//! The encoded words are decoded here and not by mailparse, which takes quadratic time on hostile ones, loses
//! characters that a sender split over two words, and leaves words of an unknown charset as they are.

use encoding_rs::{EUC_KR, Encoding, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// What was wrong with a charset, in plain words; nothing where all was right.
pub(super) type Doubt = Option<String>;

/// Decodes text whose charset the sender declared, or did not.
pub(super) fn decode(bytes: &[u8], declared: Option<&str>) -> (String, Doubt) {
    let label = declared.map(|name| name.trim().trim_matches(['"', '\''])).filter(|name| !name.is_empty());
    if bytes.is_ascii() && !bytes.contains(&0x1b) && !label.is_some_and(is_wide) {
        return (String::from_utf8_lossy(bytes).into_owned(), None);
    }
    let Some(label) = label else { return guess_undeclared(bytes) };
    match known(label) {
        None => {
            let (text, name) = guess(bytes);
            let label: String = super::wash::wash_line(label).chars().take(40).collect();
            (text, Some(format!("the charset \"{label}\" is unknown; read as {name}")))
        }
        Some(encoding) if encoding == UTF_8 => decode_utf8(bytes),
        // Nobody writes text in Latin 1 that happens to be valid UTF-8; many label UTF-8 as Latin 1.
        Some(encoding) if encoding == WINDOWS_1252 => match std::str::from_utf8(bytes) {
            Ok(text) if !bytes.is_ascii() => (
                text.to_owned(),
                Some(format!("declared as {}, but written in UTF-8", label.to_ascii_lowercase())),
            ),
            _ => (WINDOWS_1252.decode(bytes).0.into_owned(), None),
        },
        Some(encoding) => (encoding.decode(bytes).0.into_owned(), None),
    }
}

/// Charsets in which ASCII bytes are not ASCII characters.
fn is_wide(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    label.contains("utf-16") || label.contains("utf16") || label.contains("ucs-2")
}

/// The encoding of that name: the labels of the WHATWG, and the ones that mail has besides.
fn known(label: &str) -> Option<&'static Encoding> {
    let encoding =
        Encoding::for_label(label.as_bytes()).or_else(|| match label.to_ascii_lowercase().as_str() {
            "cp932" | "ms932" => Some(SHIFT_JIS),
            "cp949" | "uhc" => Some(EUC_KR),
            "utf8mb4" | "utf_8" => Some(UTF_8),
            "cp1252" | "iso-8859-1-windows" | "ansi" => Some(WINDOWS_1252),
            _ => None,
        });
    // The WHATWG maps charsets that are dangerous on the web (ISO-2022-KR, HZ) to one that reads nothing.
    encoding.filter(|encoding| *encoding != REPLACEMENT)
}

/// Declared as UTF-8. A few broken characters in otherwise good UTF-8 are damage; more are another charset.
fn decode_utf8(bytes: &[u8]) -> (String, Doubt) {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if bad == 0 {
        return (UTF_8.decode(bytes).0.into_owned(), None);
    }
    if good >= bad {
        let text = String::from_utf8_lossy(bytes).into_owned();
        return (text, Some("declared as UTF-8, but some characters are damaged".to_owned()));
    }
    let text = WINDOWS_1252.decode(bytes).0.into_owned();
    (text, Some("declared as UTF-8, but not written in it; read as windows-1252".to_owned()))
}

/// No charset declared: only what is not ASCII needs one (RFC 2045, 5.2).
fn guess_undeclared(bytes: &[u8]) -> (String, Doubt) {
    let (text, name) = guess(bytes);
    (text, (!bytes.is_ascii()).then(|| format!("no charset was declared; read as {name}")))
}

/// The likeliest reading of bytes in an unknown charset, and its name.
fn guess(bytes: &[u8]) -> (String, &'static str) {
    let switches_to_japanese = bytes.windows(3).any(|w| matches!(w, b"\x1b$B" | b"\x1b$@"));
    if bytes.is_ascii() && switches_to_japanese {
        return (ISO_2022_JP.decode(bytes).0.into_owned(), "ISO-2022-JP");
    }
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    (encoding.decode(bytes).0.into_owned(), encoding.name())
}

/// How long the text of one encoded word may be. RFC 2047 says 75 characters; programs that put a whole
/// subject into one word are common, and the limit keeps hostile fields from costing quadratic time.
const WORD_REACH: usize = 4096;

/// One encoded word, `=?charset?B?text?=` (RFC 2047, 2), taken apart but not yet read as text.
struct EncodedWord<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    /// Where the field goes on.
    rest: &'a str,
}

/// Decodes a header field body with raw 8-bit text and encoded words. Folding is left as it is. Takes time
/// in proportion to the length.
pub(super) fn decode_field(raw: &[u8]) -> (String, Doubt) {
    let (text, doubt) = guess_undeclared(raw);
    // UTF-8 needs no declaration in a header (RFC 6532, 3.2).
    let doubt = doubt.filter(|_| std::str::from_utf8(raw).is_err());
    let (text, word_doubt) = decode_words(&text);
    (text, doubt.or(word_doubt))
}

/// Decodes the encoded words in a text.
pub(super) fn decode_words(text: &str) -> (String, Doubt) {
    let mut out = String::with_capacity(text.len());
    let mut doubt = None;
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let Some(mut word) = encoded_word(&rest[start..]) else {
            out.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            continue;
        };
        out.push_str(&rest[..start]);
        let mut read = |word: &EncodedWord| {
            let (text, was) = decode(&word.bytes, Some(word.charset));
            out.push_str(&text);
            doubt = doubt.take().or(was);
        };
        // White space between neighbours is not text (RFC 2047, 6.2). Neighbours of one charset are put
        // together before they are read, since many programs split characters between them.
        while let Some(next) = encoded_word(word.rest.trim_start()) {
            if next.charset.eq_ignore_ascii_case(word.charset) {
                word.bytes.extend_from_slice(&next.bytes);
                word.rest = next.rest;
            } else {
                read(&word);
                word = next;
            }
        }
        read(&word);
        rest = word.rest;
    }
    out.push_str(rest);
    (out, doubt)
}

/// The encoded word that a text begins with.
fn encoded_word(text: &str) -> Option<EncodedWord<'_>> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    if charset.is_empty() || charset.len() > 40 || !charset.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let is_base64 = match rest.as_bytes() {
        [b'b' | b'B', b'?', ..] => true,
        [b'q' | b'Q', b'?', ..] => false,
        _ => return None,
    };
    let encoded = &rest[2..];
    let end = encoded
        .bytes()
        .take(WORD_REACH)
        .zip(encoded.bytes().skip(1))
        .position(|pair| pair == (b'?', b'='))?;
    let bytes = if is_base64 {
        super::transfer::base64(&encoded.as_bytes()[..end]).bytes
    } else {
        q_encoding(&encoded.as_bytes()[..end])
    };
    // A language may follow the charset (RFC 2231, 5).
    let charset = charset.split('*').next().unwrap_or(charset);
    Some(EncodedWord { charset, bytes, rest: &encoded[end + 2..] })
}

/// The Q encoding (RFC 2047, 4.2).
fn q_encoding(text: &[u8]) -> Vec<u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'_', _) => out.push(b' '),
            (b'=', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(b'='),
            },
            (byte, _) => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read_as_their_senders_meant_them() {
        let rows = [
            ("=?utf-8?Q?Caf=C3=A9_order?=", "Café order"),
            ("=?UTF-8?B?w5xiZXI=?=", "Über"),
            ("Re: =?iso-8859-1?q?Gr=FC=DFe?= again", "Re: Grüße again"),
            ("=?utf-8?q?split=20=C3?= =?utf-8?q?=A9_here?=", "split é here"),
            ("=?utf-8?q?a?=\r\n =?iso-8859-1?q?=E9?= b", "aé b"),
            ("=?x-nonsense?q?still_there?=", "still there"),
            ("=?utf-8*en?q?hello?=", "hello"),
            ("=?utf-8?q?Are_you_there??=", "Are you there?"),
            ("=?utf-8?b?bm8gcGFkZGluZw?=", "no padding"),
            ("=?utf-8?x?what?= =?", "=?utf-8?x?what?= =?"),
            ("=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=", "テスト"),
            ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ];
        for (field, text) in rows {
            assert_eq!(decode_words(field).0, text, "{field}");
        }
    }

    #[test]
    fn a_wrong_charset_gives_a_sensible_guess_and_a_note() {
        let rows: [(&[u8], Option<&str>, &str, bool); 10] = [
            (b"plain", None, "plain", false),
            (b"caf\xc3\xa9", Some("utf-8"), "café", false),
            (b"caf\xe9", Some("utf-8"), "café", true),
            (b"\xc3\xa9\xc3\xa8\xff", Some("UTF-8"), "éè\u{fffd}", true),
            (b"caf\xc3\xa9", Some("iso-8859-1"), "café", true),
            (b"caf\xe9", Some("us-ascii"), "café", false),
            (b"caf\xe9", None, "café", true),
            (b"caf\xc3\xa9", Some("nonsense"), "café", true),
            (b"\xf0\xd2\xc9\xd7\xc5\xd4", Some("koi8-r"), "Привет", false),
            (b"\x1b$B%F%9%H\x1b(B", None, "テスト", false),
        ];
        for (bytes, declared, text, doubtful) in rows {
            let (read, doubt) = decode(bytes, declared);
            assert_eq!((read.as_str(), doubt.is_some()), (text, doubtful), "{bytes:?} {declared:?}");
        }
    }
}
