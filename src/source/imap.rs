//! Mail over IMAP4rev1 (RFC 3501). The crate `imap` is spoken to here and nowhere else, and never trusted with
//! the line or with a string: `adapter` hands it only what it can take, `command` and `quote` make every line
//! that it sends. Looking changes nothing on the server: folders are opened with EXAMINE and bodies fetched with
//! BODY.PEEK; only [`Connection::create`], [`Connection::append`] and [`Connection::add_flag`] write.
//!
//! ```text
//! session, fetch, folders   what the program wants: folders, messages, flags
//!    |  command, quote      every line that goes out, made of checked parts
//!  crate imap               tags, continuations, login
//!    |
//! adapter                   whole responses in, within limits; untagged ones go round the crate
//! connect > stream          TCP, TLS, STARTTLS; time-outs and cancelling
//! ```

mod adapter;
mod command;
mod connect;
mod fetch;
mod folders;
mod guard;
mod quote;
mod session;
mod stream;

use std::fmt;
use std::time::Duration;

pub use fetch::Taken;
pub use folders::{Folder, SpecialUse};
pub use quote::Flag;
pub use session::{Connection, Selected};

pub use crate::mail::Cursor;

/// What a server may ask of us in time and memory.
#[derive(Debug, Clone)]
pub struct Limits {
    /// To find the server and connect, each TLS handshake included.
    pub connect: Duration,
    /// Without a single byte from the server, or taken by it.
    pub silence: Duration,
    /// For one command with its whole answer.
    pub command: Duration,
    /// Bytes of one response, literals included.
    pub response_bytes: usize,
    /// Bytes of the answer to one command.
    pub answer_bytes: usize,
    /// Responses in the answer to one command.
    pub responses: usize,
    /// A message with more bytes is fetched only in part: [`Limits::cut_bytes`] from its beginning.
    pub message_bytes: u32,
    /// What is fetched of a message that is too large.
    pub cut_bytes: u32,
}

impl Default for Limits {
    /// Patient with a slow line: 4 MB, the size of a batch, take 8 minutes at 64 kbit/s. Usual providers take
    /// messages of 25 MB; encoded (4/3) with room to spare, such a message fits into one response.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            silence: Duration::from_mins(1),
            command: Duration::from_mins(10),
            response_bytes: 64 << 20,
            answer_bytes: 160 << 20,
            responses: 2_000_000,
            message_bytes: 25 << 20,
            cut_bytes: 1 << 20,
        }
    }
}

/// What went wrong, as far as somebody acts on the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The server refuses login name or password.
    Login,
    /// The server's certificate is not trusted or not for this host.
    Certificate,
    /// STARTTLS is demanded and not offered, or was tampered with.
    Starttls,
    /// An unsecured line to another machine was asked for.
    Insecure,
    /// The line: not found, not reachable, lost, too slow.
    Network,
    /// The server turned us away for now.
    Busy,
    /// The server refuses a command.
    Refused,
    /// The server has no such folder.
    NoSuchFolder,
    /// The folder's UIDs were dealt anew: what was remembered about it no longer holds.
    UidsChanged,
    /// What the server says is no IMAP, or more than anybody should take.
    Protocol,
    /// A name or text that IMAP can't carry, or a file of ours that can't be read.
    Argument,
    /// Stopped by us.
    Cancelled,
}

/// Why something did not work, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind.
    pub kind: FaultKind,
    /// What happened, with server and port; washed.
    pub what: String,
    /// The way out, where there is one.
    pub hint: Option<String>,
}

impl Fault {
    fn new(kind: FaultKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Whether the same attempt may go through later, without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, FaultKind::Network | FaultKind::Busy)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, ". {hint}"))
    }
}

impl std::error::Error for Fault {}
