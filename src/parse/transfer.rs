//! Transfer encodings (RFC 2045, 6) and `format=flowed` (RFC 3676): from what travelled to what was meant.
//! Lenient: whatever can be read is read. Knows nothing of charsets.

/// Decoded base64, and whether foreign lines (a list's footer, a virus scanner's boast) ended it.
pub(super) struct Base64 {
    pub bytes: Vec<u8>,
    pub damaged: bool,
}

/// Decodes base64 as far as it goes. mailparse refuses a whole part for a missing `=` or one stray
/// character; here line ends and stray characters are passed over, and a line that is clearly no base64
/// ends it.
pub(super) fn base64(encoded: &[u8]) -> Base64 {
    let mut out = Base64 { bytes: Vec::with_capacity(encoded.len() / 4 * 3), damaged: false };
    let (mut bits, mut count) = (0_u32, 0_u32);
    for line in encoded.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        let strays = line.iter().filter(|&&byte| sextet(byte).is_none() && byte != b'=').count();
        if strays * 10 > line.len() {
            out.damaged = true;
            break;
        }
        out.damaged |= strays > 0;
        for value in line.iter().filter_map(|&byte| sextet(byte)) {
            bits = bits << 6 | u32::from(value);
            count += 6;
            if count >= 8 {
                count -= 8;
                out.bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
            }
        }
        if line.ends_with(b"=") {
            // Some programs encode in pieces, each with its padding: go on with a fresh piece.
            (bits, count) = (0, 0);
        }
    }
    out
}

/// The value of a base64 digit (RFC 4648, 4).
fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Joins the lines of a `format=flowed` text into paragraphs (RFC 3676, 4.2-4.5). `delsp`: the space at the
/// end of a flowed line is not part of the text.
pub(super) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The depth of quotation of the paragraph that the next line may continue.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        if open != Some(depth) || is_signature {
            if open.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        let flows = content.ends_with(' ') && !is_signature;
        out.push_str(if flows && delsp { &content[..content.len() - 1] } else { content });
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    out
}

/// Decodes quoted-printable; damaged sequences are left as they are written.
pub(super) fn quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let ignored = mailparse::ParsedContentType::default();
    match mailparse::body::Body::new(encoded, &ignored, &Some("quoted-printable".to_owned())) {
        mailparse::body::Body::QuotedPrintable(body) => {
            body.get_decoded().unwrap_or_else(|_| encoded.to_vec())
        }
        _ => encoded.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_far_as_it_goes() {
        let rows: [(&[u8], &[u8], bool); 8] = [
            (b"aGVsbG8=", b"hello", false),
            (b"aGVs\r\nbG8=\r\n", b"hello", false),
            (b"aGVsbG8", b"hello", false),
            (b"aGVsbG8hIGFuZCBtb3Jl!", b"hello! and more", true),
            (b"aGVsbG8=\n_______\nBakers list: leave at example.org, any time", b"hello", true),
            (b"aGVsbG8=\nIQ==", b"hello!", false),
            (b"", b"", false),
            (b"====", b"", false),
        ];
        for (encoded, decoded, damaged) in rows {
            let read = base64(encoded);
            assert_eq!((read.bytes.as_slice(), read.damaged), (decoded, damaged), "{encoded:?}");
        }
    }

    #[test]
    fn flowed_lines_become_paragraphs() {
        let rows = [
            ("one \ntwo\nthree", false, "one two\nthree\n"),
            ("over \nthere", true, "overthere\n"),
            ("> quoted \n> text\nmine \ntoo", false, "> quoted text\nmine too\n"),
            ("> quoted \nmine", false, "> quoted \nmine\n"),
            (" >stuffed", false, ">stuffed\n"),
            ("text \n-- \nAnn", false, "text \n-- \nAnn\n"),
            ("a\n\nb", false, "a\n\nb\n"),
        ];
        for (flowed, delsp, text) in rows {
            assert_eq!(unflow(flowed, delsp), text, "{flowed:?}");
        }
    }
}
