//! `config.toml` -> [`Config`]. Every fault is reported at once, with its line and column.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use crate::mail::Address;
use crate::triage::Thresholds;

/// What the owner decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// At least one, in the order of the file.
    pub accounts: Vec<Account>,
    /// From which score a concern counts.
    pub thresholds: Thresholds,
    /// The owner's templates, over the built-in ones.
    pub templates: Option<PathBuf>,
    /// How long a confirmed reply waits before it goes out.
    pub undo_window: Duration,
    /// `$VISUAL`, `$EDITOR` or the configured program with its arguments, if the owner wants an external one.
    pub editor: Option<Vec<String>>,
    /// How far back the first fetch goes, in messages an account.
    pub window: u32,
}

/// One mail account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The key in the file: `[account.NAME]`.
    pub name: String,
    /// The owner's name and address: `From` of every reply.
    pub owner: Address,
    /// Other addresses the owner receives mail at.
    pub aliases: Vec<String>,
    /// Where mail comes from.
    pub imap: Server,
    /// Where replies go.
    pub smtp: Server,
    /// Where the password is to be had.
    pub password: PasswordSource,
    /// An extra certificate authority (PEM), beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Folder to read; `INBOX` unless said otherwise.
    pub inbox: String,
    /// Folder for the copies of sent mail, where the server does not tell.
    pub sent: Option<String>,
    /// Text below each reply.
    pub signature: String,
}

/// A server and how to log in to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Host name; certificates are checked against it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the line is secured.
    pub security: Security,
    /// The login name.
    pub login: String,
}

/// How a line is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// In the clear until STARTTLS, which is demanded (RFC 3207, RFC 9051 6.2.1).
    Starttls,
    /// Never secured; only towards this machine.
    None,
}

/// Where a password is to be had.
#[derive(Debug, Clone)]
pub enum PasswordSource {
    /// The first line that a program prints; program and arguments, no shell.
    Command(Vec<String>),
    /// An environment variable.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// In the configuration itself.
    Plain(SecretString),
}

/// One fault of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From 1; 0 where a fault has no place.
    pub line: usize,
    /// From 1, in characters; 0 where a fault has no place.
    pub column: usize,
    /// What is wrong, what was expected, and the way out.
    pub what: String,
}

/// Everything that is wrong with a configuration file.
#[derive(Debug)]
pub struct Faults {
    /// The file.
    pub path: PathBuf,
    /// At least one, in the order of the file.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "{}:{}:{}: {}", self.path.display(), fault.line, fault.column, fault.what)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

impl Config {
    /// Reads a configuration file.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        Err(Faults { path: path.to_owned(), faults: Vec::new() })
    }
}
