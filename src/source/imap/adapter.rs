//! Between the line and the crate `imap`: reads whole responses (a line with its literals) within limits, and
//! hands on only what the crate can take. One line that it can't parse would end the running command there and
//! put all later ones out of step, and nesting overflows its stack (5,000 levels were enough in imap-proto
//! 0.16.7). The rest goes to the side queue of the [`Guard`], for readers of our own. Never changes what a
//! response says, but for 8-bit bytes in status text and missing CRs.

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
    /// Untagged responses that wait for a continuation request.
    held: Vec<u8>,
}

impl Adapter {
    pub fn new(stream: Stream, guard: Arc<Guard>) -> Self {
        let stream = BufReader::with_capacity(1 << 16, stream);
        Self { stream, guard, ready: Vec::new(), given: 0, held: Vec::new() }
    }

    /// Reads one whole response.
    fn response(&mut self) -> io::Result<Response> {
        let mut bytes = Vec::new();
        let mut nesting = Nesting::default();
        loop {
            let start = bytes.len();
            self.line(&mut bytes)?;
            nesting.add(&bytes[start..]);
            let Some(length) = announced_literal(&bytes, start) else {
                return Ok(Response { bytes, too_deep: nesting.deepest > DEPTH });
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
                return Err(self.too_much("a line without an end"));
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
            return Err(self.too_much(&format!("{length} bytes announced at once")));
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
            return Err(self.too_much(&format!("a response of more than {} bytes", limits.response_bytes)));
        }
        if answer > limits.answer_bytes {
            return Err(self.too_much(&format!("an answer of more than {} bytes", limits.answer_bytes)));
        }
        Ok(())
    }

    fn too_much(&self, what: &str) -> io::Error {
        self.guard.stop(Stop::Protocol(what.to_owned()))
    }

    /// Hands a response on, sets it aside, or holds it back.
    fn route(&mut self, response: Response) -> io::Result<()> {
        let mut running = self.guard.running();
        running.responses += 1;
        let endless = running.responses > self.guard.limits.responses;
        drop(running);
        if endless {
            return Err(self.too_much("responses without an end"));
        }
        if response.bytes.starts_with(b"+") {
            self.guard.running().awaits_continuation = false;
            self.ready = response.bytes;
            self.ready.append(&mut self.held);
        } else if response.bytes.starts_with(b"* ") {
            self.untagged(response);
        } else {
            self.tagged(response.bytes)?;
        }
        Ok(())
    }

    fn untagged(&mut self, Response { mut bytes, too_deep }: Response) {
        let mut running = self.guard.running();
        if is_untagged(&bytes, "BYE") {
            running.bye = Some(bytes);
            return;
        }
        // The crate panics on these (parse.rs, `unreachable`), and they change nothing.
        let remark = ["NO", "BAD", "PREAUTH"].iter().any(|status| is_untagged(&bytes, status));
        if is_untagged(&bytes, "OK") {
            blank_eight_bit(&mut bytes);
        }
        if remark || too_deep || !parses(&bytes) {
            running.set_aside(bytes);
        } else if running.awaits_continuation {
            self.held.append(&mut bytes);
        } else {
            self.ready = bytes;
        }
    }

    fn tagged(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        let said = bytes.clone();
        blank_eight_bit(&mut bytes);
        if !parses(&bytes) {
            let text: String = wash_line(&String::from_utf8_lossy(&said)).trim().chars().take(80).collect();
            return Err(self.guard.stop(Stop::Protocol(format!("it said {text:?}"))));
        }
        let mut running = self.guard.running();
        running.tagged = said;
        if running.awaits_continuation {
            // Refused instead: the crate reads this one line and nothing else.
            running.awaits_continuation = false;
            self.held.clear();
        }
        self.ready = bytes;
        Ok(())
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

/// A line with its literals.
struct Response {
    bytes: Vec<u8>,
    too_deep: bool,
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

fn parses(bytes: &[u8]) -> bool {
    matches!(parse_response(bytes), Ok((rest, _)) if rest.is_empty())
}

fn blank_eight_bit(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !byte.is_ascii()) {
        *byte = b'?';
    }
}
