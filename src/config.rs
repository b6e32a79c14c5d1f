//! `config.toml` -> [`Config`]: what the owner wrote, checked and settled. Every fault is reported at once, with its
//! line and column. It reads its file and those that the file names, and never writes one, never opens a
//! connection and never asks on the terminal.
//!
//! The way of a file: `schema` (the one table of keys) -> `check` (every fault) -> `raw` (what was written) ->
//! `decide` (what is meant). A new key stands in `schema` and `raw` and gets its meaning in `decide`.

mod check;
mod decide;
pub mod edit;
mod holidays;
mod password;
mod raw;
mod schema;

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy as _;
use secrecy::SecretString;
use serde::Deserialize as _;
use toml::de::DeTable;

use crate::boundary::{Calendar, Policy};
use crate::mail::Address;
use crate::triage::{Choice, Settings, Thresholds};

/// What the owner decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// At least one, in the order of the file.
    pub accounts: Vec<Account>,
    /// From which score a concern counts.
    pub thresholds: Thresholds,
    /// Who reads.
    pub engine: Choice,
    /// When the owner works.
    pub calendar: Calendar,
    /// What the owner has decided.
    pub policy: Policy,
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
            let path = self.path.display();
            match fault.line {
                0 => writeln!(f, "{path}: {}", fault.what)?,
                line => writeln!(f, "{path}:{line}:{}: {}", fault.column, fault.what)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// What the meaning of a file depends on beside the file.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// What `~/` stands for.
    pub home: Option<PathBuf>,
    /// `$VISUAL`, else `$EDITOR`.
    pub editor: Option<String>,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        let said = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self { home: etcetera::home_dir().ok(), editor: said("VISUAL").or_else(|| said("EDITOR")) }
    }

    /// The path meant by `written`: `~/` is the home folder, and a relative path starts at the folder of the
    /// configuration file `config`.
    fn path(&self, written: &str, config: &Path) -> Result<PathBuf, String> {
        if written.is_empty() || written.contains('\0') {
            return Err("expected a path".to_owned());
        }
        let home =
            || self.home.clone().ok_or_else(|| "no home folder is known; write the whole path".to_owned());
        match written.strip_prefix('~') {
            Some("") => home(),
            Some(rest) => match rest.strip_prefix('/') {
                Some(below) => Ok(home()?.join(below)),
                None => Err("only ~/ stands for a home folder; write the whole path".to_owned()),
            },
            None => Ok(config.parent().unwrap_or(Path::new("")).join(written)),
        }
    }

    /// The words of a command line, split as a shell would, without a shell: quotes and backslashes count, and
    /// nothing but `~/` at the start of a word is expanded. Nothing where a quote has no end or there is no word.
    fn words(&self, line: &str) -> Option<Vec<String>> {
        let words = shlex::split(line)?;
        let expanded = |word: String| match (word.strip_prefix("~/"), &self.home) {
            (Some(below), Some(home)) => home.join(below).to_string_lossy().into_owned(),
            _ => word,
        };
        let usable = !line.contains('\0') && words.first().is_some_and(|program| !program.is_empty());
        usable.then(|| words.into_iter().map(expanded).collect())
    }
}

impl Config {
    /// How the owner set the engine up, on the clock of this machine.
    pub fn triage(&self) -> Settings {
        Settings {
            thresholds: self.thresholds,
            own: self.own_addresses(),
            calendar: self.calendar.clone(),
            zone: Some(self.calendar.zone.clone()),
            choice: self.engine,
        }
    }

    /// Reads a configuration file.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        let text = fs::read(path)
            .map_err(|e| unreadable(path, &e))
            .and_then(|bytes| String::from_utf8(bytes).map_err(|e| not_utf8(&e)))
            .map_err(|fault| Faults { path: path.to_owned(), faults: vec![fault] })?;
        Self::from_toml(&text, path, &Environment::of_process())
    }

    /// Reads the text of a configuration file that lies at `path`.
    pub fn from_toml(text: &str, path: &Path, environment: &Environment) -> Result<Self, Faults> {
        let refused = |mut faults: Vec<Fault>| {
            faults.sort_by_key(|fault| (fault.line, fault.column));
            faults.dedup();
            Faults { path: path.to_owned(), faults }
        };
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut faults: Vec<Fault> = errors.iter().map(|error| syntax_fault(text, error)).collect();
        // What follows a line that could not be read may have landed in a wrong table, so its keys are not
        // judged. A key that is there twice disturbs nothing.
        if errors.iter().all(is_duplicate) {
            faults.extend(check::walk(document.get_ref(), text, path, environment));
        }
        if !faults.is_empty() {
            return Err(refused(faults));
        }
        let names = account_names(document.get_ref());
        let written = raw::File::deserialize(toml::Deserializer::from(document))
            .map_err(|error| refused(vec![syntax_fault(text, &error)]))?;
        decide::config(written, &names, path, environment)
            .map_err(|what| refused(vec![Fault { line: 0, column: 0, what }]))
    }

    /// Where the configuration lies: `$AMICABLE_CONFIG`, else `amicable/config.toml` in the XDG configuration
    /// folder (`~/.config`).
    pub fn default_path() -> Result<PathBuf, String> {
        place_of("AMICABLE_CONFIG", |xdg| xdg.config_dir().join("amicable").join("config.toml"))
    }

    /// Where amicable keeps its data: `$AMICABLE_DATA`, else `amicable` in the XDG data folder
    /// (`~/.local/share`). It need not exist yet.
    pub fn data_dir() -> Result<PathBuf, String> {
        place_of("AMICABLE_DATA", |xdg| xdg.data_dir().join("amicable"))
    }

    /// Every address that the owner receives mail at, of all accounts.
    pub fn own_addresses(&self) -> Vec<Address> {
        self.accounts.iter().flat_map(Account::own).collect()
    }
}

impl Account {
    /// Every address that the owner receives mail at in this account, that of their replies first.
    pub fn own(&self) -> Vec<Address> {
        let aliases = self.aliases.iter().map(|alias| Address::new("", alias.as_str()));
        std::iter::once(self.owner.clone()).chain(aliases).collect()
    }
}

fn place_of(
    variable: &str,
    usual: impl Fn(&etcetera::base_strategy::Xdg) -> PathBuf,
) -> Result<PathBuf, String> {
    match env::var_os(variable).filter(|value| !value.is_empty()) {
        Some(path) => Ok(PathBuf::from(path)),
        None => etcetera::base_strategy::Xdg::new()
            .map(|xdg| usual(&xdg))
            .map_err(|e| format!("no home folder is known ({e}); set {variable}")),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    let what = if error.kind() == std::io::ErrorKind::NotFound {
        "there is no configuration here. `amicable demo` shows the program on a built-in inbox, without an account. \
         For your own mail copy config.example.toml, which comes with amicable, to this place and fill it in"
            .to_owned()
    } else if path.is_dir() {
        "this is a folder; expected a configuration file, such as config.toml in it".to_owned()
    } else {
        format!("it can't be read: {error}")
    };
    Fault { line: 0, column: 0, what }
}

fn not_utf8(error: &std::string::FromUtf8Error) -> Fault {
    let at = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&error.as_bytes()[..at]);
    let (line, column) = check::place(&before, before.len());
    Fault { line, column, what: "this is not UTF-8; save the file as UTF-8".to_owned() }
}

fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message() == "duplicate key"
}

/// What the TOML reader says, with the most frequent slips in plainer words. The line itself is never shown: it may
/// hold a password.
fn syntax_fault(text: &str, error: &toml::de::Error) -> Fault {
    let at = error.span().map_or(0, |span| span.start);
    let (line, column) = check::place(text, at);
    let written = text.lines().nth(line - 1).unwrap_or_default();
    let value = written.split_once('=').map(|(_, value)| value.trim_start());
    let unquoted = value
        .is_some_and(|value| value.starts_with(|c: char| c.is_alphabetic() || "~/$.“”„‘’«»".contains(c)));
    let what = match error.message() {
        "duplicate key" => {
            let key = error.span().and_then(|span| text.get(span)).unwrap_or("this key");
            format!("`{key}` is here a second time; keep one")
        }
        _ if value.is_some_and(str::is_empty) => "a value is missing after `=`".to_owned(),
        _ if unquoted => "text must stand in straight quotes, such as key = \"text\"".to_owned(),
        message
            if message.contains("basic string, expected") || message.contains("literal string, expected") =>
        {
            "the quote at the end of the text is missing".to_owned()
        }
        message if message.starts_with("key with no value") => {
            "this is not TOML: expected a line such as key = \"value\"".to_owned()
        }
        message => format!("this is not TOML: {message}"),
    };
    Fault { line, column, what }
}

fn account_names(document: &DeTable<'_>) -> Vec<String> {
    let accounts = document.get("account").and_then(|value| value.get_ref().as_table());
    let mut names: Vec<_> = accounts
        .into_iter()
        .flat_map(|table| table.iter())
        .map(|(name, _)| (name.span().start, name.get_ref().to_string()))
        .collect();
    names.sort_unstable();
    names.into_iter().map(|(_, name)| name).collect()
}

/// A length of time such as `10s` or `2 minutes` in whole seconds.
fn seconds(text: &str) -> Option<i64> {
    let length: jiff::SignedDuration = text.trim().parse().ok()?;
    (length.subsec_nanos() == 0).then_some(length.as_secs())
}
