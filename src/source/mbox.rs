//! An mbox file (RFC 4155 and the forms around it): messages one after another, each begun by a line `From `. Read as
//! a stream, so that memory holds one message and a file of any size can be read.

use std::io::{self, BufRead, Read as _};

use super::RawMessage;
use super::files::{LARGEST, SourceFault, too_large};

/// How an mbox begins.
pub(super) const SEPARATOR: &[u8] = b"From ";

/// A line longer than this comes in pieces: RFC 5322, 2.1.1 allows 998 characters, and no separator is longer.
const PIECE: u64 = 64 << 10;

/// The messages of an mbox, each read when it is asked for.
#[derive(Debug)]
pub(super) struct Mbox<R> {
    from: R,
    place: String,
    /// Counts from 1.
    number: usize,
    /// The last piece that was read.
    line: Vec<u8>,
    /// Whether the last piece was a separator, so that the next message begins after it.
    separated: bool,
    /// After a failure to read there is nothing more to be had.
    ended: bool,
}

impl<R: BufRead> Mbox<R> {
    /// `from` begins with a separator, whatever else is on that line.
    pub(super) fn new(from: R, place: String) -> Self {
        Self { from, place, number: 0, line: Vec::new(), separated: false, ended: false }
    }

    /// Reads the next line, or a piece of a very long one; whether there was one.
    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        (&mut self.from).take(PIECE).read_until(b'\n', &mut self.line).map(|length| length > 0)
    }

    /// Reads to the next separator or to the end. Nothing where a message was too large; its rest is passed over.
    fn read_message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let mut fits = true;
        let mut line_starts = true;
        let mut after_empty = false;
        self.separated = false;
        while self.read_line()? {
            if line_starts && is_separator(&self.line, after_empty) {
                self.separated = true;
                break;
            }
            let line = if line_starts { unquoted(&self.line) } else { &self.line };
            fits &= bytes.len() + line.len() <= LARGEST;
            if fits {
                bytes.extend_from_slice(line);
            }
            after_empty = line_starts && matches!(line, b"\n" | b"\r\n");
            line_starts = self.line.ends_with(b"\n");
        }
        if after_empty {
            // RFC 4155: an empty line ends each message; it is none of its text.
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        Ok(fits.then_some(bytes))
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = Result<RawMessage, SourceFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.number += 1;
        let place = format!("{}:{}", self.place, self.number);
        let begun = if self.number == 1 { self.read_line() } else { Ok(self.separated) };
        let read = match begun {
            Ok(true) => self.read_message(),
            Ok(false) => return None,
            Err(e) => Err(e),
        };
        Some(match read {
            Ok(Some(bytes)) => Ok(RawMessage { place, uid: None, received: None, flags: Vec::new(), bytes }),
            Ok(None) => Err(SourceFault::new(place, too_large())),
            Err(e) => {
                self.ended = true;
                Err(SourceFault::new(place, format!("can't be read: {e}")))
            }
        })
    }
}

/// Whether a line begins a message. Not every writer quotes a `From ` of the text, and not every one leaves an empty
/// line before the separator, so both the line before and the look of the line count: with a full date it is a
/// separator anywhere; with a sender alone, or with nothing (as some mail programs write), after an empty line.
fn is_separator(line: &[u8], after_empty: bool) -> bool {
    let Some(rest) = line.strip_prefix(SEPARATOR) else { return false };
    let rest = String::from_utf8_lossy(rest);
    let words: Vec<&str> = rest.split_whitespace().collect();
    let is_time = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        let two_digits = |part: &&str| part.len() <= 2 && part.parse::<u8>().is_ok();
        (2..=3).contains(&parts.len()) && parts.iter().all(two_digits)
    };
    let is_day =
        |word: &str| ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&word.trim_end_matches(','));
    let dated = words.iter().any(|word| is_time(word)) && words.iter().any(|word| is_day(word));
    dated || after_empty && words.len() <= 1
}

/// A quoted line without its quote: `>From ` of mboxo and `>>From ` of mboxrd lose one `>`.
fn unquoted(line: &[u8]) -> &[u8] {
    let text = line.iter().position(|&b| b != b'>').map_or(&[][..], |start| &line[start..]);
    if line.starts_with(b">") && text.starts_with(SEPARATOR) { &line[1..] } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(mbox: &str) -> Vec<String> {
        let text =
            |message: Result<RawMessage, SourceFault>| String::from_utf8(message.unwrap().bytes).unwrap();
        Mbox::new(mbox.as_bytes(), "m".to_owned()).map(text).collect()
    }

    #[test]
    fn separators_are_told_from_text() {
        for (line, after_empty, expected) in [
            ("From ann@example.com Sun Nov 22 18:45:14 2026\n", true, true),
            ("From ann@example.com Sun Nov 22 18:45:14 2026\n", false, true),
            ("From - Tue, 3 Nov 2026 9:05 +0100\r\n", false, true),
            ("From \n", true, true),
            ("From \n", false, false),
            ("From ann@example.com\n", true, true),
            ("From my point of view it is Monday.\n", true, false),
            ("From 9:30 on we are open.\n", true, false),
            ("From: ann@example.com\n", true, false),
            (">From ann@example.com Sun Nov 22 18:45:14 2026\n", true, false),
        ] {
            assert_eq!(
                is_separator(line.as_bytes(), after_empty),
                expected,
                "{line:?} after empty: {after_empty}"
            );
        }
    }

    #[test]
    fn quoted_lines_lose_one_quote_and_other_lines_keep_all() {
        for (line, expected) in [
            (">From me\n", "From me\n"),
            (">>From me\n", ">From me\n"),
            ("> From me\n", "> From me\n"),
            (">> text\n", ">> text\n"),
            (">\n", ">\n"),
            ("", ""),
        ] {
            assert_eq!(unquoted(line.as_bytes()), expected.as_bytes(), "{line:?}");
        }
    }

    #[test]
    fn messages_keep_their_bytes_but_the_empty_line_between_them() {
        let dated = "From a@example.com Sun Nov 22 18:45:14 2026\n";
        let found =
            messages(&format!("{dated}A: 1\n\none\n\n\n{dated}B: 2\r\n\r\ntwo\r\n\r\n{dated}{dated}last"));
        assert_eq!(found, ["A: 1\n\none\n\n", "B: 2\r\n\r\ntwo\r\n", "", "last"]);
    }

    #[test]
    fn a_line_without_end_is_read_in_pieces_and_never_taken_for_a_separator() {
        let long = "x".repeat(usize::try_from(PIECE).unwrap());
        let text = format!("A: 1\n\n{long}From \n\nend\n");
        assert_eq!(messages(&format!("From \n{text}")), [text]);
    }
}
