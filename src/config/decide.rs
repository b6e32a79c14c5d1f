//! The bridge from what was written ([`super::raw`]) to what is meant ([`Config`]): defaults, paths and words are
//! settled here, once. It runs on checked files alone, so what it refuses is a gap in [`super::check`].

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::civil::Weekday;

use super::schema::DAYS;
use super::{Account, Config, Environment, PasswordSource, Security, Server, raw, seconds};
use crate::boundary::{self, Hours};
use crate::mail::Address;
use crate::triage::{Choice, Thresholds};

/// How long a confirmed reply can be called back unless the owner says otherwise.
const UNDO_WINDOW: u64 = 10;

/// How many messages a first fetch looks at unless the owner says otherwise.
const WINDOW: u32 = 200;

/// Which of the two protocols a server speaks: it decides the port.
#[derive(Clone, Copy)]
enum Protocol {
    Imap,
    Smtp,
}

impl Protocol {
    /// The registered ports: 993 and 465 (RFC 8314, 3.2 and 3.3), 143 (RFC 9051, 2.1), 587 (RFC 6409, 3.1) and,
    /// for a mail server on this machine, 25.
    fn port(self, security: Security) -> u16 {
        match (self, security) {
            (Protocol::Imap, Security::Tls) => 993,
            (Protocol::Imap, Security::Starttls | Security::None) => 143,
            (Protocol::Smtp, Security::Tls) => 465,
            (Protocol::Smtp, Security::Starttls) => 587,
            (Protocol::Smtp, Security::None) => 25,
        }
    }
}

/// What the file means. `names` are the accounts in the order of the file.
pub(super) fn config(
    mut written: raw::File,
    names: &[String],
    path: &Path,
    environment: &Environment,
) -> Result<Config, String> {
    let accounts = names
        .iter()
        .filter_map(|name| written.account.remove(name).map(|account| (name, account)))
        .map(|(name, raw)| account(name, raw, path, environment))
        .collect::<Result<Vec<_>, _>>()?;
    let reply = written.reply;
    Ok(Config {
        accounts,
        thresholds: thresholds(&written.triage.thresholds),
        engine: match written.triage.engine {
            raw::Engine::Auto => Choice::Auto,
            raw::Engine::Fast => Choice::Fast,
        },
        hours: hours(&written.hours)?,
        templates: reply.templates.map(|folder| environment.path(&folder, path)).transpose()?,
        undo_window: undo_window(reply.undo_window)?,
        editor: editor(reply.editor, environment)?,
        window: written.fetch.window.unwrap_or(WINDOW),
    })
}

fn account(name: &str, raw: raw::Account, path: &Path, environment: &Environment) -> Result<Account, String> {
    let password = if let Some(command) = raw.password_command {
        PasswordSource::Command(words(command, environment)?)
    } else if let Some(variable) = raw.password_env {
        PasswordSource::Env(variable)
    } else if let Some(file) = raw.password_file {
        PasswordSource::File(environment.path(&file, path)?)
    } else if let Some(secret) = raw.password {
        PasswordSource::Plain(secret.0)
    } else {
        return Err(format!("[account.{name}] does not say where its password is"));
    };
    Ok(Account {
        name: name.to_owned(),
        imap: server(raw.imap, Protocol::Imap, &raw.email),
        smtp: server(raw.smtp, Protocol::Smtp, &raw.email),
        owner: Address::new(raw.name, raw.email),
        aliases: raw.aliases,
        password,
        ca_file: raw.ca_file.map(|file| environment.path(&file, path)).transpose()?,
        inbox: raw.inbox.unwrap_or_else(|| "INBOX".to_owned()),
        sent: raw.sent,
        signature: raw.signature,
    })
}

fn server(raw: raw::Server, protocol: Protocol, email: &str) -> Server {
    let security = match raw.security {
        raw::Security::Tls => Security::Tls,
        raw::Security::Starttls => Security::Starttls,
        raw::Security::None => Security::None,
    };
    Server {
        host: raw.host,
        port: raw.port.unwrap_or_else(|| protocol.port(security)),
        security,
        login: raw.login.unwrap_or_else(|| email.to_owned()),
    }
}

fn thresholds(raw: &raw::Thresholds) -> Thresholds {
    let usual = Thresholds::default();
    Thresholds {
        emergency: raw.emergency.unwrap_or(usual.emergency),
        refund: raw.refund.unwrap_or(usual.refund),
        complaint: raw.complaint.unwrap_or(usual.complaint),
        unusual: raw.unusual.unwrap_or(usual.unusual),
        client: raw.client.unwrap_or(usual.client),
    }
}

/// Without any hours the usual ones; with some, the days that are not named are closed.
fn hours(raw: &BTreeMap<String, String>) -> Result<Hours, String> {
    if raw.is_empty() {
        return Ok(Hours::default());
    }
    raw.iter().try_fold(Hours::none(), |hours, (name, text)| {
        let day = DAYS.iter().position(|day| day == name);
        let day = day.and_then(|day| Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok());
        let stretch = boundary::stretch(text).ok_or_else(|| format!("`{name}` is no hours of a day"))?;
        day.map(|day| hours.with(day, stretch)).ok_or_else(|| format!("`{name}` is no day"))
    })
}

fn undo_window(raw: Option<raw::Seconds>) -> Result<Duration, String> {
    let length = match raw {
        None => Some(UNDO_WINDOW),
        Some(raw::Seconds::Number(number)) => Some(number),
        Some(raw::Seconds::Text(text)) => seconds(&text).and_then(|n| u64::try_from(n).ok()),
    };
    length.map(Duration::from_secs).ok_or_else(|| "`undo_window` is no length of time".to_owned())
}

/// The built-in editor unless the owner names another. `$EDITOR` is what the environment says; where it says
/// nothing the built-in one is there.
fn editor(raw: Option<raw::Command>, environment: &Environment) -> Result<Option<Vec<String>>, String> {
    match raw {
        None => Ok(None),
        Some(raw::Command::Text(text)) if text == "built-in" => Ok(None),
        Some(raw::Command::Text(text)) if text == "$EDITOR" || text == "$VISUAL" => {
            Ok(environment.editor.as_deref().and_then(|line| environment.words(line)))
        }
        Some(command) => words(command, environment).map(Some),
    }
}

fn words(command: raw::Command, environment: &Environment) -> Result<Vec<String>, String> {
    match command {
        raw::Command::Text(text) => {
            environment.words(&text).ok_or_else(|| "a command line is not whole".to_owned())
        }
        raw::Command::Words(words) => Ok(words),
    }
}
