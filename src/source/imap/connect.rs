//! From a server's name to a line that is ready for login: greeting, capabilities, TLS or STARTTLS. Never
//! weaker than what was configured, and never a byte of a secret: login is [`super::session`]'s.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use native_tls::{Certificate, HandshakeError, Protocol, TlsConnector};

use crate::config::{Security, Server};
use crate::parse::wash_line;

use super::guard::{Guard, Stop};
use super::stream::{Line, NoLine, Stream};
use super::{Fault, FaultKind};

/// Longest line before login; RFC 9051, 4 leaves it open, RFC 2683, 3.2.1.5 names 8000 octets.
const LINE_BYTES: usize = 8192;

/// How a certificate begins in a PEM file (RFC 7468).
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// What a server says it can do, in capitals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// Reads `* CAPABILITY ..` or a status line with `[CAPABILITY ..]`.
    pub fn in_line(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line).to_ascii_uppercase();
        let list = match line.split_once("[CAPABILITY ") {
            Some((_, rest)) => rest.split_once(']')?.0,
            None => line.strip_prefix("* CAPABILITY ")?,
        };
        Some(Self(list.split_ascii_whitespace().map(str::to_owned).collect()))
    }

    /// Whether a capability, written in capitals, is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// The server, for words: `imap.example.com:993`.
pub(super) fn place(server: &Server) -> String {
    wash_line(&format!("{}:{}", server.host, server.port))
}

/// Connects, secures the line as configured, and asks what the server can do.
pub(super) fn connect(
    server: &Server,
    ca_file: Option<&Path>,
    guard: &Arc<Guard>,
) -> Result<(Stream, Capabilities), Fault> {
    let loopback_only = server.security == Security::None;
    let line =
        Line::dial(&server.host, server.port, loopback_only, Arc::clone(guard)).map_err(|e| match e {
            NoLine::Io(e) => lost(&place(server), guard, &e),
            NoLine::NotLoopback(ip) => {
                let what = format!(
                    "{} is {ip}, another machine: password and mail would go there unsecured",
                    place(server)
                );
                Fault::new(FaultKind::Insecure, what).hint("Set `security` to \"tls\" or \"starttls\"")
            }
        })?;
    match server.security {
        Security::None => greeted(server, Stream::Plain(line), guard),
        Security::Tls => greeted(server, secure(server, ca_file, line, guard)?, guard),
        Security::Starttls => {
            let (stream, capabilities) = greeted(server, Stream::Plain(line), guard)?;
            let line = starttls(server, stream, &capabilities, guard)?;
            let mut stream = secure(server, ca_file, line, guard)?;
            // What was said in the clear may have been said by anybody (RFC 3501, 6.2.1).
            let capabilities = ask_capabilities(server, &mut stream, guard)?;
            Ok((stream, capabilities))
        }
    }
}

/// Reads the greeting.
fn greeted(server: &Server, mut stream: Stream, guard: &Guard) -> Result<(Stream, Capabilities), Fault> {
    let place = place(server);
    let greeting = read_line(&mut stream, guard).map_err(|e| lost(&place, guard, &e))?;
    let words = words_after(&greeting, 2);
    if is_untagged(&greeting, "OK") {
        let capabilities = match Capabilities::in_line(&greeting) {
            Some(capabilities) => capabilities,
            None => ask_capabilities(server, &mut stream, guard)?,
        };
        return Ok((stream, capabilities));
    }
    if is_untagged(&greeting, "BYE") {
        return Err(Fault::new(FaultKind::Busy, format!("{place} turned us away: {words}")));
    }
    if is_untagged(&greeting, "PREAUTH") {
        let what =
            format!("{place} says we are logged in before any login (PREAUTH), as whom it does not say");
        return Err(Fault::new(FaultKind::Protocol, what).hint("Use a port that asks for a login"));
    }
    let said = wash_line(&String::from_utf8_lossy(&greeting));
    let what = format!("{place} does not greet like an IMAP server: {said:?}");
    Err(Fault::new(FaultKind::Protocol, what)
        .hint("Check `host`, `port` and `security` of the account's imap server"))
}

fn ask_capabilities(server: &Server, stream: &mut Stream, guard: &Guard) -> Result<Capabilities, Fault> {
    let answer = ask(server, stream, guard, "CAPABILITY")?;
    let found = answer.iter().find_map(|line| Capabilities::in_line(line));
    found.ok_or_else(|| {
        Fault::new(FaultKind::Protocol, format!("{} does not say what it can do (CAPABILITY)", place(server)))
    })
}

/// Asks for encryption and gives the bare line back, at the very byte where TLS begins.
fn starttls(
    server: &Server,
    mut stream: Stream,
    capabilities: &Capabilities,
    guard: &Guard,
) -> Result<Line, Fault> {
    let place = place(server);
    if !capabilities.has("STARTTLS") {
        let what = format!("{place} offers no STARTTLS; nothing was sent unsecured");
        let hint = "Set `security` to \"tls\", usually with port 993; if the server is known to offer STARTTLS, \
                    somebody on the way may be taking it out";
        return Err(Fault::new(FaultKind::Starttls, what).hint(hint));
    }
    ask(server, &mut stream, guard, "STARTTLS")?;
    let Stream::Plain(line) = stream else {
        return Err(Fault::new(FaultKind::Starttls, format!("{place} is already secured")));
    };
    // The server must be silent until our side of the handshake: anything here was smuggled in.
    if line.has_unread().map_err(|e| lost(&place, guard, &e))? {
        let what =
            format!("{place} sent more than the answer to STARTTLS: somebody may be tampering with the line");
        return Err(
            Fault::new(FaultKind::Starttls, what).hint("Set `security` to \"tls\", usually with port 993")
        );
    }
    Ok(line)
}

/// One command before the crate takes over; its answer without the closing line, which must be OK.
fn ask(server: &Server, stream: &mut Stream, guard: &Guard, command: &str) -> Result<Vec<Vec<u8>>, Fault> {
    let place = place(server);
    let lost = |e: io::Error| lost(&place, guard, &e);
    stream.write_all(format!("c {command}\r\n").as_bytes()).map_err(lost)?;
    stream.flush().map_err(lost)?;
    let mut lines = Vec::new();
    // No server has a hundred lines to say here.
    for _ in 0..100 {
        let line = read_line(stream, guard).map_err(lost)?;
        if line.starts_with(b"c ") {
            let ok = line.get(2..4).is_some_and(|status| status.eq_ignore_ascii_case(b"OK"));
            let said = words_after(&line, 1);
            return if ok {
                Ok(lines)
            } else {
                Err(Fault::new(FaultKind::Refused, format!("{place} refuses {command}: {said}")))
            };
        }
        if is_untagged(&line, "BYE") {
            let said = words_after(&line, 2);
            return Err(Fault::new(FaultKind::Busy, format!("{place} closed the connection: {said}")));
        }
        lines.push(line);
    }
    Err(Fault::new(FaultKind::Protocol, format!("{place} does not come to an end answering {command}")))
}

/// The TLS handshake: TLS 1.2 or later, certificate and host name checked.
fn secure(server: &Server, ca_file: Option<&Path>, line: Line, guard: &Guard) -> Result<Stream, Fault> {
    let place = place(server);
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    for authority in ca_file.map(authorities).transpose()?.unwrap_or_default() {
        builder.add_root_certificate(authority);
    }
    let connector = builder
        .build()
        .map_err(|e| Fault::new(FaultKind::Certificate, format!("TLS can't be set up: {e}")))?;
    match connector.connect(&server.host, line) {
        Ok(tls) => Ok(Stream::Tls(Box::new(tls))),
        Err(HandshakeError::WouldBlock(_)) => Err(lost(&place, guard, &io::ErrorKind::WouldBlock.into())),
        Err(HandshakeError::Failure(e)) if guard.stopped().is_none() => Err(handshake_failed(&place, &e)),
        Err(HandshakeError::Failure(e)) => Err(lost(&place, guard, &io::Error::other(e))),
    }
}

fn handshake_failed(place: &str, e: &native_tls::Error) -> Fault {
    let text = wash_line(&e.to_string());
    if text.to_ascii_lowercase().contains("certificate verify failed") {
        // OpenSSL closes with the reason in brackets.
        let reason = text.rsplit_once('(').map_or(text.as_str(), |(_, reason)| reason.trim_end_matches(')'));
        let what = format!("{place} shows a certificate that is not trusted: {reason}");
        let hint = "Check `host` against the name that the provider gives. If the server is your own, set `ca_file` \
                    to its authority's PEM file. Otherwise don't go on: somebody may be listening in";
        return Fault::new(FaultKind::Certificate, what).hint(hint);
    }
    // Somebody answers who speaks no TLS there: waiting won't help.
    let lasting = text.to_ascii_lowercase().contains("wrong version number");
    let kind = if lasting { FaultKind::Protocol } else { FaultKind::Network };
    let fault = Fault::new(kind, format!("{place} can't agree on a secured line: {text}"));
    fault.hint("Check `port` and `security`: \"tls\" usually goes with port 993, \"starttls\" with 143")
}

/// The certificates of a PEM file.
fn authorities(path: &Path) -> Result<Vec<Certificate>, Fault> {
    let unreadable = |why: String| {
        let what = format!("`ca_file` {} can't be used: {why}", wash_line(&path.display().to_string()));
        Fault::new(FaultKind::Argument, what)
    };
    let pem = fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    let blocks = pem.split(BEGIN).skip(1).map(|block| format!("{BEGIN}{block}"));
    let certificates: Result<Vec<_>, _> =
        blocks.map(|block| Certificate::from_pem(block.as_bytes())).collect();
    let certificates = certificates.map_err(|e| unreadable(wash_line(&e.to_string())))?;
    if certificates.is_empty() {
        return Err(unreadable(format!("it holds no certificate ({BEGIN})")));
    }
    Ok(certificates)
}

/// A line, byte by byte: what comes after it may already belong to TLS.
fn read_line(stream: &mut Stream, guard: &Guard) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        if stream.read(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.push(byte[0]);
        if line.len() > LINE_BYTES {
            return Err(guard.stop(Stop::Protocol("a line before login has no end".to_owned())));
        }
    }
    Ok(line)
}

/// Whether a line is `* STATUS ..`.
pub(super) fn is_untagged(line: &[u8], status: &str) -> bool {
    let Some(rest) = line.strip_prefix(b"* ") else { return false };
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    rest[..end].eq_ignore_ascii_case(status.as_bytes())
}

/// The human part of a line, washed: what follows so many words.
pub(super) fn words_after(line: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(line);
    wash_line(text.splitn(count + 1, ' ').nth(count).unwrap_or("").trim())
}

/// The fault for a line that broke, by the reason that was remembered on the way.
pub(super) fn lost(place: &str, guard: &Guard, e: &io::Error) -> Fault {
    match guard.stopped() {
        Some(Stop::Cancelled) => Fault::new(FaultKind::Cancelled, "stopped"),
        Some(Stop::Late(how)) => Fault::new(FaultKind::Network, format!("{place} is too slow: {how}")),
        Some(Stop::Protocol(how)) => {
            Fault::new(FaultKind::Protocol, format!("{place} does not keep to IMAP: {how}"))
        }
        None if is_closed(e) => Fault::new(FaultKind::Network, format!("{place} closed the connection")),
        None => {
            let fault = Fault::new(
                FaultKind::Network,
                format!("{place} can't be reached: {}", wash_line(&e.to_string())),
            );
            fault.hint("Check the network, and `host` and `port` of the account")
        }
    }
}

/// Whether an error means that the other side hung up. OpenSSL has no kind for it where TLS was not closed.
fn is_closed(e: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(e.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
        || e.to_string().contains("unexpected eof")
}
