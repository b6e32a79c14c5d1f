//! Between the line and the crate `imap`: reads whole responses (a line with its literals) within limits. The
//! crate gets to see continuation requests and tagged lines, which is all that its raw commands need; untagged
//! responses go to the [`Guard`], one by one, for [`super::session::Answer`]. If the crate saw them, one that it
//! can't parse (ESEARCH, 8-bit text, any extension) would end the running command there and put all later ones
//! out of step; nesting would overflow its stack (5,000 levels, imap-proto 0.16.7), `* NO` would panic it, and
//! it would parse each message once per line. Never changes what a response says, but for missing CRs and, in
//! the crate's copy of a tagged line, 8-bit bytes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;

use imap_proto::parser::parse_response;

use crate::parse::wash_line;

use super::connect::is_untagged;
use super::guard::{Guard, Stop};
use super::stream::Stream;

/// Deepest nesting of parentheses that is handed on. Dovecot stops at 100 MIME levels itself; imap-proto was
/// fine with 1,000.
const DEPTH: usize = 100;

/// Longest line without literals: a search result of a million UIDs has 8 MB.
const LINE_BYTES: usize = 16 << 20;

/// See the head of this file.
pub(super) struct Adapter {
    stream: BufReader<Stream>,
    guard: Arc<Guard>,
    /// What the crate may read next, from `given` on.
    ready: Vec<u8>,
    given: usize,
}

/// An untagged response.
pub(super) struct Untagged {
    /// A line with its literals.
    pub bytes: Vec<u8>,
    /// Parentheses lie in each other too deep for imap-proto.
    pub too_deep: bool,
}

impl Adapter {
    pub fn new(stream: Stream, guard: Arc<Guard>) -> Self {
        let stream = BufReader::with_capacity(1 << 16, stream);
        Self { stream, guard, ready: Vec::new(), given: 0 }
    }

    /// Reads one whole response.
    fn response(&mut self) -> io::Result<Untagged> {
        let mut bytes = Vec::new();
        let mut nesting = Nesting::default();
        loop {
            let start = bytes.len();
            self.line(&mut bytes)?;
            nesting.add(&bytes[start..]);
            let Some(length) = announced_literal(&bytes, start) else {
                return Ok(Untagged { bytes, too_deep: nesting.deepest > DEPTH });
            };
            self.literal(&mut bytes, length)?;
        }
    }

    /// Reads a line onto `bytes`, with CRLF at its end.
    fn line(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let start = bytes.len();
        loop {
            let read = self.stream.fill_buf()?;
            if read.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(read.len(), |end| end + 1);
            bytes.extend_from_slice(&read[..count]);
            self.stream.consume(count);
            self.count_bytes(count, bytes.len())?;
            if bytes.len() - start > LINE_BYTES {
                return Err(self.not_imap("a line without an end"));
            }
            if end.is_some() {
                break;
            }
        }
        if !bytes.ends_with(b"\r\n") {
            bytes.truncate(bytes.len() - 1);
            bytes.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    /// Reads so many bytes onto `bytes`. Memory grows with what arrives, not with what was announced.
    fn literal(&mut self, bytes: &mut Vec<u8>, length: u64) -> io::Result<()> {
        let fits = usize::try_from(length).is_ok_and(|length| length <= self.guard.limits.response_bytes);
        if !fits {
            return Err(self.not_imap(&format!("{length} bytes announced at once")));
        }
        let start = bytes.len();
        let read = (&mut self.stream).take(length).read_to_end(bytes)?;
        self.count_bytes(read, bytes.len())?;
        if (bytes.len() - start) as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn count_bytes(&self, count: usize, response: usize) -> io::Result<()> {
        let limits = &self.guard.limits;
        let mut running = self.guard.running();
        running.bytes += count;
        let answer = running.bytes;
        drop(running);
        if response > limits.response_bytes {
            return Err(self.not_imap(&format!("a response of more than {} bytes", limits.response_bytes)));
        }
        if answer > limits.answer_bytes {
            return Err(self.not_imap(&format!("an answer of more than {} bytes", limits.answer_bytes)));
        }
        Ok(())
    }

    fn not_imap(&self, what: &str) -> io::Error {
        self.guard.stop(Stop::Protocol(what.to_owned()))
    }

    /// Hands a response on to the crate or to the guard.
    fn route(&mut self, response: Untagged) -> io::Result<()> {
        if response.bytes.starts_with(b"+") {
            self.ready = response.bytes;
        } else if response.bytes.starts_with(b"* ") {
            self.untagged(response)?;
        } else {
            self.tagged(response.bytes)?;
        }
        Ok(())
    }

    fn untagged(&mut self, response: Untagged) -> io::Result<()> {
        let mut running = self.guard.running();
        if is_untagged(&response.bytes, "BYE") {
            running.bye = Some(response.bytes);
            return Ok(());
        }
        running.untagged.push(response);
        let endless = running.untagged.len() > self.guard.limits.responses;
        drop(running);
        if endless { Err(self.not_imap("responses without an end")) } else { Ok(()) }
    }

    fn tagged(&mut self, said: Vec<u8>) -> io::Result<()> {
        // imap-proto takes no 8-bit text.
        self.ready = said.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect();
        if matches!(parse_response(&self.ready), Ok(([], _))) {
            self.guard.running().tagged = said;
            return Ok(());
        }
        let text: String = wash_line(&String::from_utf8_lossy(&said)).trim().chars().take(80).collect();
        Err(self.not_imap(&format!("it said {text:?}")))
    }
}

impl Read for Adapter {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let response = self.response()?;
            self.route(response)?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

impl Write for Adapter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.get_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.get_mut().flush()
    }
}

/// How deep parentheses lie in each other, outside of strings.
#[derive(Default)]
struct Nesting {
    open: usize,
    deepest: usize,
}

impl Nesting {
    /// Counts one line; a quoted string never goes on in the next (RFC 9051, 4.3).
    fn add(&mut self, line: &[u8]) {
        let (mut quoted, mut escaped) = (false, false);
        for byte in line {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'(' if !quoted => self.open += 1,
                b')' if !quoted => self.open = self.open.saturating_sub(1),
                _ => {}
            }
            self.deepest = self.deepest.max(self.open);
        }
    }
}

/// The size of the literal that the last line (from `start`) announces. Text for people announces nothing,
/// however it ends.
fn announced_literal(bytes: &[u8], start: usize) -> Option<u64> {
    let text = ["OK", "NO", "BAD", "BYE", "PREAUTH"].iter().any(|status| is_untagged(bytes, status));
    if text || !bytes.starts_with(b"* ") {
        return None;
    }
    let line = bytes[start..].strip_suffix(b"}\r\n")?;
    let brace = line.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(&line[brace + 1..]).ok()?.parse().ok()
}
