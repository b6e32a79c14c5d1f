//! Hands a message to the owner's mail server, step by step, so that the phase of a failure is known: until
//! the body is handed over nothing was sent; after it, only the server knows. Never tries twice and never
//! speaks in the clear where TLS was asked for.

use std::borrow::Cow;
use std::error::Error as _;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters, TlsVersion};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Security, Server};
use crate::deliver::{Outcome, Outgoing};
use crate::parse::wash_line;

/// How long to wait for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection and each answer but the last.
    pub command: Duration,
    /// For the answer to the body. Giving up early makes an unclear attempt out of one that went well.
    pub answer: Duration,
}

impl Default for Timeouts {
    /// A minute where a person waits, and for the last answer the ten minutes of RFC 5321, 4.5.3.2.6.
    fn default() -> Self {
        Self { command: Duration::from_mins(1), answer: Duration::from_mins(10) }
    }
}

/// The last line of a certificate in PEM (RFC 7468, 5.1).
const END: &str = "-----END CERTIFICATE-----";
/// Longest stretch of a server's words that is passed on, in characters.
const LONGEST_WORDS: usize = 300;
/// How long to wait for the goodbye; the message is out by then.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long to look for answers that nobody asked for after STARTTLS: what is there is there at once.
const LOOK: Duration = Duration::from_millis(2);

/// Sends a message once. `password` is not used where `server.login` is empty. `ca_file` holds further
/// certificate authorities (PEM), beside the system's.
pub fn send(
    outgoing: &Outgoing,
    server: &Server,
    password: &SecretString,
    ca_file: Option<&Path>,
    timeouts: Timeouts,
) -> Outcome {
    let at = At { server };
    let mut line = match connect(&at, password, ca_file, timeouts) {
        Ok(line) => line,
        Err(why) => return Outcome::NotSent(why),
    };
    if let Err(outcome) = hand_over_envelope(&mut line, outgoing, &at) {
        goodbye(&mut line);
        return outcome;
    }
    // From here on a failure no longer means that nothing was sent.
    let outcome = match line.set_timeout(Some(timeouts.answer)) {
        Ok(()) => hand_over_body(&mut line, &outgoing.bytes, &at),
        Err(error) => return Outcome::NotSent(at.says(&format!("the connection was lost: {error}"))),
    };
    if !matches!(outcome, Outcome::Unknown(_)) {
        goodbye(&mut line);
    }
    outcome
}

/// A connection on which mail may be handed over: secured as configured, logged in where there is a login.
fn connect(
    at: &At<'_>,
    password: &SecretString,
    ca_file: Option<&Path>,
    timeouts: Timeouts,
) -> Result<SmtpConnection, String> {
    let server = at.server;
    let addresses: Vec<SocketAddr> = (server.host.as_str(), server.port)
        .to_socket_addrs()
        .map_err(|error| {
            at.says(&format!("the host name can't be found ({error}): check the host and the network"))
        })?
        .collect();
    let local = !addresses.is_empty() && addresses.iter().all(|address| address.ip().is_loopback());
    if server.security == Security::None && !local {
        return Err(
            at.says("mail and password would travel in the clear: set security to \"tls\" or \"starttls\"")
        );
    }
    let tls = match server.security {
        Security::None => None,
        Security::Tls | Security::Starttls => Some(tls(at, ca_file)?),
    };
    // An address literal (RFC 5321, 4.1.4): this machine's name is nobody's business.
    let me = ClientId::Ipv4(Ipv4Addr::LOCALHOST);
    let from_the_start = tls.as_ref().filter(|_| server.security == Security::Tls);
    let mut line = SmtpConnection::connect(&addresses[..], Some(timeouts.command), &me, from_the_start, None)
        .map_err(|error| at.failed("connecting", &error))?;
    if let (Security::Starttls, Some(tls)) = (server.security, &tls) {
        if !line.can_starttls() {
            goodbye(&mut line);
            return Err(at.says(
                "it offers no STARTTLS, so mail and password would travel in the clear; nothing was sent: \
                 use security = \"tls\" (usually port 465) or ask the provider",
            ));
        }
        // After a failure in here the line is unusable, even for a goodbye.
        line.starttls(tls, &me).map_err(|error| at.failed("STARTTLS", &error))?;
        refuse_injected_answers(&mut line, at, timeouts)?;
    }
    log_in(&mut line, at, password, local)?;
    Ok(line)
}

fn tls(at: &At<'_>, ca_file: Option<&Path>) -> Result<TlsParameters, String> {
    let mut parameters =
        TlsParameters::builder(at.server.host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
    if let Some(path) = ca_file {
        let unusable =
            |why: String| format!("ca_file {}: {why}: it must hold certificates in PEM", path.display());
        let pem = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        // native-tls takes one certificate at a time.
        let certificates: Vec<&str> = pem.split_inclusive(END).filter(|pem| pem.contains(END)).collect();
        if certificates.is_empty() {
            return Err(unusable("no certificate in it".to_owned()));
        }
        for certificate in certificates {
            let certificate =
                Certificate::from_pem(certificate.as_bytes()).map_err(|error| unusable(error.to_string()))?;
            parameters = parameters.add_root_certificate(certificate);
        }
    }
    parameters.build().map_err(|error| at.says(&format!("TLS can't be set up: {error}")))
}

/// Whoever sits on the line may put answers behind the server's consent to STARTTLS, in the clear, hoping
/// that they are read as if they came under TLS (CVE-2011-0411). lettre keeps what it has read so far, so
/// they show as answers that are there without a question.
fn refuse_injected_answers(line: &mut SmtpConnection, at: &At<'_>, timeouts: Timeouts) -> Result<(), String> {
    let lost = |error: std::io::Error| at.says(&format!("the connection was lost: {error}"));
    line.set_timeout(Some(LOOK)).map_err(lost)?;
    match line.read_response() {
        Err(error) if is_timeout(&error) => line.set_timeout(Some(timeouts.command)).map_err(lost),
        _ => {
            Err(at.says("somebody tampered with the start of TLS; nothing was sent: do not use this network"))
        }
    }
}

fn log_in(
    line: &mut SmtpConnection,
    at: &At<'_>,
    password: &SecretString,
    local: bool,
) -> Result<(), String> {
    if at.server.login.is_empty() {
        return Ok(());
    }
    let mechanisms = [Mechanism::Plain, Mechanism::Login];
    if line.server_info().get_auth_mechanism(&mechanisms).is_none() {
        // A mail server of this very machine often knows its users without.
        return if local {
            Ok(())
        } else {
            Err(at.says("it offers no login by PLAIN or LOGIN: check the port"))
        };
    }
    let credentials = Credentials::new(at.server.login.clone(), password.expose_secret().to_owned());
    match line.auth(&mechanisms, &credentials) {
        Ok(answer) if answer.has_code(235) => Ok(()),
        Ok(answer) => Err(at.says(&format!("the login ended in a strange answer: {}", words(&answer)))),
        Err(error) if error.is_permanent() => {
            goodbye(line);
            Err(at.says(&format!(
                "login as \"{}\" was refused ({}): check login and password; some providers want an app password",
                at.server.login,
                server_words(&error)
            )))
        }
        Err(error) => Err(at.failed("logging in", &error)),
    }
}

/// MAIL, RCPT and DATA. Each answer must be the one that belongs to the step, so that nothing is taken for
/// an answer that is none.
fn hand_over_envelope(line: &mut SmtpConnection, outgoing: &Outgoing, at: &At<'_>) -> Result<(), Outcome> {
    let mut parameters = Vec::new();
    if !outgoing.bytes.is_ascii() {
        if !line.server_info().supports_feature(Extension::EightBitMime) {
            return Err(Outcome::NotSent(at.says("it takes no 8-bit text: queue this reply again")));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let mail = Mail::new(Some(envelope_address(&outgoing.from)?), parameters);
    expect(line.command(mail), &[250], &format!("the sender {}", outgoing.from), at)?;
    for recipient in &outgoing.recipients {
        let rcpt = Rcpt::new(envelope_address(recipient)?, Vec::new());
        // 251: it will be forwarded. 252 is for VRFY, but some say it.
        expect(line.command(rcpt), &[250, 251, 252], &format!("the recipient {recipient}"), at)?;
    }
    expect(line.command(Data), &[354], "the message", at)
}

fn envelope_address(address: &str) -> Result<lettre::Address, Outcome> {
    address.parse().map_err(|error| Outcome::Refused(format!("\"{address}\" is no mail address: {error}")))
}

fn expect(answer: Result<Response, Error>, codes: &[u16], what: &str, at: &At<'_>) -> Result<(), Outcome> {
    match answer {
        Ok(answer) if codes.iter().any(|code| answer.has_code(*code)) => Ok(()),
        Ok(answer) => {
            Err(Outcome::NotSent(at.says(&format!("a strange answer about {what}: {}", words(&answer)))))
        }
        // 530, 534, 535, 538: it wants another login (RFC 4954, 6), which says nothing about the message.
        Err(error) if error.is_permanent() && wants_login(&error) => Err(Outcome::NotSent(
            at.says(&format!("it wants a login ({}): check login and password", server_words(&error))),
        )),
        Err(error) if error.is_permanent() => {
            Err(Outcome::Refused(at.says(&format!("{what} was refused: {}", server_words(&error)))))
        }
        Err(error) => Err(Outcome::NotSent(at.failed(what, &error))),
    }
}

fn wants_login(error: &Error) -> bool {
    error.status().is_some_and(|code| [530, 534, 535, 538].contains(&u16::from(code)))
}

fn hand_over_body(line: &mut SmtpConnection, bytes: &[u8], at: &At<'_>) -> Outcome {
    let bytes = crlf(bytes);
    // lettre ends the body with CRLF . CRLF itself.
    match line.message(bytes.strip_suffix(b"\r\n").unwrap_or(&bytes)) {
        Ok(answer) if answer.has_code(250) => Outcome::Accepted(words(&answer)),
        Err(error) if error.is_permanent() => {
            Outcome::Refused(at.says(&format!("the message was refused: {}", server_words(&error))))
        }
        Err(error) if error.is_transient() => {
            Outcome::NotSent(at.says(&format!("it can't take the message now: {}", server_words(&error))))
        }
        Ok(answer) => {
            Outcome::Unknown(at.says(&format!("a strange answer to the message: {}", words(&answer))))
        }
        Err(error) => Outcome::Unknown(at.failed("waiting for the answer to the message", &error)),
    }
}

/// Every line end as CRLF: a bare LF would go out as it is, and servers differ in what they take it for.
fn crlf(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_bare = |(at, byte): (usize, &u8)| match byte {
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    if !bytes.iter().enumerate().any(is_bare) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => {}
            b'\r' | b'\n' => out.extend_from_slice(b"\r\n"),
            byte => out.push(*byte),
        }
    }
    Cow::Owned(out)
}

/// Leaves politely and quickly; what the server says to it changes nothing. lettre's own `quit` would wait
/// twice.
fn goodbye(line: &mut SmtpConnection) {
    if line.set_timeout(Some(GOODBYE)).is_ok() {
        let _ = line.command(Quit);
    }
}

/// Linux reports a socket's time-out as `WouldBlock` (socket(7), SO_RCVTIMEO), which lettre's own test misses.
fn is_timeout(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return matches!(io.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        }
        source = inner.source();
    }
    false
}

fn words(answer: &Response) -> String {
    shown(&format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")))
}

/// Code and words of a refusal.
fn server_words(error: &Error) -> String {
    let code = error.status().map(|code| format!("{code} ")).unwrap_or_default();
    shown(&format!("{code}{}", error.source().map_or_else(|| error.to_string(), ToString::to_string)))
}

/// Foreign words, fit for one line of a screen.
fn shown(text: &str) -> String {
    wash_line(text).trim().chars().take(LONGEST_WORDS).collect()
}

/// Names the server in what is said about it.
struct At<'a> {
    server: &'a Server,
}

impl At<'_> {
    fn says(&self, what: &str) -> String {
        format!("mail server {} port {}: {what}", self.server.host, self.server.port)
    }

    /// What went wrong while `doing` something, and the way out where there is one.
    fn failed(&self, doing: &str, error: &Error) -> String {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        // What a server said instead of an answer is no reason of ours.
        let lower = if error.is_response() { String::new() } else { cause.to_lowercase() };
        let what = if is_timeout(error) {
            format!("no answer in time ({doing}): try again later, or check host, port and security")
        } else if error.status().is_some() {
            format!("{doing}: it said {}", server_words(error))
        } else if lower.contains("hostname mismatch") || lower.contains("ip address mismatch") {
            format!(
                "its certificate is for another name than {}: set host to the name it is for",
                self.server.host
            )
        } else if lower.contains("certificate") {
            // OpenSSL's reason stands in brackets behind its place in the source.
            let reason =
                cause.rsplit_once('(').map_or(cause.as_str(), |(_, reason)| reason.trim_end_matches(')'));
            format!(
                "its certificate is not trusted ({}): if it is your own server, set ca_file to the certificate \
                 of its authority",
                shown(reason)
            )
        } else if lower.contains("wrong version number") || lower.contains("packet length too long") {
            "it does not speak TLS on this port: use security = \"starttls\" (usually port 587)".to_owned()
        } else if lower.contains("refused") {
            "nothing listens there: check host and port".to_owned()
        } else {
            format!("{doing} failed: {}", shown(&cause))
        };
        self.says(&what)
    }
}
