//! Walks a parsed file along [`super::schema`] and collects every fault with its place. It says what is wrong and
//! what was expected; it decides nothing and changes nothing. The files that a configuration names are looked
//! at here, since a wrong path is a fault like any other.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::schema::{self, Key, Kind};
use super::{Environment, Fault, holidays, seconds};
use crate::boundary::{self, Share, WorkingTime};

/// The permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// The longest address that SMTP carries (RFC 5321, 4.5.3.1.3, without its angle brackets).
const LONGEST_ADDRESS: usize = 254;

/// A bundle of all public authorities has about 250 KB; more than this is no certificate file.
const LARGEST_CA_FILE: u64 = 4 << 20;

/// Everything wrong with a document that could be parsed, in no order.
pub(super) fn walk(document: &DeTable<'_>, text: &str, path: &Path, environment: &Environment) -> Vec<Fault> {
    let mut walk = Walk { text, path, environment, faults: Vec::new() };
    walk.table("", schema::FILE, document, None);
    walk.faults
}

/// The place of a byte of `text`: line and column from 1, the column in characters.
pub(super) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].trim_start_matches('\u{feff}').chars().count() + 1)
}

struct Walk<'a> {
    text: &'a str,
    path: &'a Path,
    environment: &'a Environment,
    faults: Vec<Fault>,
}

impl Walk<'_> {
    /// `at` is a byte of the file, or nothing where a fault has no place.
    fn fault(&mut self, at: Option<usize>, what: String) {
        let (line, column) = at.map_or((0, 0), |byte| place(self.text, byte));
        self.faults.push(Fault { line, column, what });
    }

    fn table(&mut self, name: &str, keys: &'static [Key], table: &DeTable<'_>, at: Option<usize>) {
        for (written, value) in table {
            match keys.iter().find(|key| key.name == written.get_ref()) {
                Some(key) => self.value(name, key, value),
                None => {
                    self.fault(Some(written.span().start), unknown(name, keys, written.get_ref()));
                }
            }
        }
        for key in keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
            let what = if let Kind::Named(_) = key.kind {
                "no account is configured; expected at least one table such as [account.studio]".to_owned()
            } else {
                format!("[{name}] lacks `{}`, {}; expected {}", key.name, key.doc, key.kind.expected())
            };
            self.fault(at, what);
        }
    }

    fn value(&mut self, table: &str, key: &'static Key, value: &Spanned<DeValue<'_>>) {
        let at = value.span().start;
        let name = if table.is_empty() { key.name.to_owned() } else { format!("{table}.{}", key.name) };
        let fits = match (key.kind, value.get_ref()) {
            (Kind::Table(keys), DeValue::Table(inner)) => {
                self.table(&name, keys, inner, Some(at));
                match key.name {
                    "imap" | "smtp" => self.line_is_secured(inner),
                    "hours" => self.some_hours(inner, at),
                    "rush" => self.rush_has_notice(inner, at),
                    _ => {}
                }
                Ok(())
            }
            (Kind::Named(keys), DeValue::Table(inner)) => {
                self.accounts(keys, inner, at);
                Ok(())
            }
            (Kind::Emails | Kind::Holidays | Kind::Lines, DeValue::Array(list)) => {
                let kind = match key.kind {
                    Kind::Emails => Kind::Email,
                    Kind::Lines => Kind::Line,
                    kind => kind,
                };
                for item in list {
                    let fits = match item.get_ref() {
                        DeValue::String(text) => self.text_fits(kind, text),
                        _ => Err(expected(kind)),
                    };
                    self.judge(key, item, fits);
                }
                Ok(())
            }
            (Kind::Tables(keys), DeValue::Array(list)) => {
                for item in list {
                    match item.get_ref() {
                        DeValue::Table(inner) => {
                            self.table(&name, keys, inner, Some(item.span().start));
                            self.absence_ends(inner);
                        }
                        _ => self.judge(key, item, Err(expected(key.kind))),
                    }
                }
                Ok(())
            }
            (Kind::Each(kind), DeValue::Table(inner)) => {
                for (written, value) in inner {
                    let fits = match value.get_ref() {
                        DeValue::String(text) => self.text_fits(*kind, text),
                        _ => Err(expected(*kind)),
                    };
                    if let Err(why) = fits {
                        let shown = shown(value.get_ref(), false);
                        let what = format!("`{}` is {shown}; {why}", written.get_ref());
                        self.fault(Some(value.span().start), what);
                    }
                }
                Ok(())
            }
            (Kind::Holidays | Kind::Lines, _) => Err(expected(key.kind)),
            (Kind::Command(_), DeValue::Array(list)) => words_fit(key.kind, list),
            (Kind::Number(..) | Kind::Score | Kind::Seconds(_), found) => number_fits(key.kind, found),
            (kind, DeValue::String(text)) => self.text_fits(kind, text),
            (kind, _) => Err(expected(kind)),
        };
        self.judge(key, value, fits);
    }

    /// Makes a fault of what does not fit: the key, the value unless it is a secret, and what was expected.
    fn judge(&mut self, key: &Key, value: &Spanned<DeValue<'_>>, fits: Result<(), String>) {
        if let Err(why) = fits {
            let shown = shown(value.get_ref(), key.kind.is_secret());
            self.fault(Some(value.span().start), format!("`{}` is {shown}; {why}", key.name));
        }
    }

    fn accounts(&mut self, keys: &'static [Key], accounts: &DeTable<'_>, at: usize) {
        let nameless = accounts.iter().find(|(name, value)| {
            !value.get_ref().is_table() && keys.iter().any(|key| key.name == name.get_ref())
        });
        if nameless.is_some() {
            let what = "an account needs a name: write [account.studio], not [account]".to_owned();
            return self.fault(Some(at), what);
        }
        if accounts.is_empty() {
            let what = "no account is configured; expected at least one table such as [account.studio]";
            self.fault(Some(at), what.to_owned());
        }
        for (name, value) in accounts {
            let at = value.span().start;
            if name.get_ref().is_empty() || name.get_ref().chars().any(char::is_control) {
                let what = format!("{:?} can't name an account; expected a word or two", name.get_ref());
                self.fault(Some(name.span().start), what);
            }
            if let DeValue::Table(account) = value.get_ref() {
                let table = format!("account.{}", name.get_ref());
                self.table(&table, keys, account, Some(at));
                self.one_password(&table, account, at);
            } else {
                let shown = shown(value.get_ref(), true);
                let what = format!("`{}` is {shown}; {}", name.get_ref(), expected(Kind::Named(keys)));
                self.fault(Some(name.span().start), what);
            }
        }
    }

    fn one_password(&mut self, table: &str, account: &DeTable<'_>, at: usize) {
        let mut named: Vec<_> = schema::PASSWORDS
            .into_iter()
            .filter_map(|name| account.get_key_value(name).map(|(key, _)| (key.span().start, name)))
            .collect();
        named.sort_unstable();
        match named.as_slice() {
            [] => {
                let keys = schema::PASSWORDS.map(|name| format!("`{name}`")).join(", ");
                let what = format!("[{table}] does not say where its password is; expected one of {keys}");
                self.fault(Some(at), what);
            }
            [(at, "password")] => self.file_is_private(*at),
            [_] => {}
            [(_, first), others @ ..] => {
                for (at, name) in others {
                    let what = format!("`{first}` already says where the password is; keep it or `{name}`");
                    self.fault(Some(*at), what);
                }
            }
        }
    }

    /// A configuration that holds a password is for its owner's eyes only.
    fn file_is_private(&mut self, at: usize) {
        let Some(mode) = others_may(self.path) else { return };
        let path = self.path.display();
        let what = format!(
            "the password stands in this file, which other users of this machine can get at (mode {mode:04o}); \
             run: chmod 600 {path}"
        );
        self.fault(Some(at), what);
    }

    /// Hours that are written down leave some time to work in: in an empty week nothing could be promised.
    fn some_hours(&mut self, hours: &DeTable<'_>, at: usize) {
        let days: Vec<&str> = schema::DAYS
            .iter()
            .filter_map(|day| {
                hours.get(*day).and_then(|value: &Spanned<DeValue<'_>>| value.get_ref().as_str())
            })
            .collect();
        if !days.is_empty() && days.iter().all(|text| text.trim().eq_ignore_ascii_case("closed")) {
            let what =
                "every day is closed, so nothing could ever be promised; open one, or leave all days out";
            self.fault(Some(at), what.to_owned());
        }
    }

    fn rush_has_notice(&mut self, rush: &DeTable<'_>, at: usize) {
        let offer = rush.get("offer").and_then(|value: &Spanned<DeValue<'_>>| value.get_ref().as_str());
        if offer == Some("on terms") && !rush.contains_key("notice") {
            let what = "[policy.rush] lacks `notice`, the least time that rush work takes; expected working time such as \
                        \"4 hours\"";
            self.fault(Some(at), what.to_owned());
        }
    }

    fn absence_ends(&mut self, absence: &DeTable<'_>) {
        let day = |name| {
            let value: Option<&Spanned<DeValue<'_>>> = absence.get(name);
            value.and_then(|value| value.get_ref().as_str()?.parse::<jiff::civil::Date>().ok())
        };
        if let (Some(from), Some(until)) = (day("from"), day("until"))
            && until < from
        {
            let at = absence.get("until").map(|value| value.span().start);
            self.fault(
                at,
                format!("`until` is {until}, which is before `from`, {from}; expected the last day"),
            );
        }
    }

    /// A line in the clear carries the password with it: only within this machine.
    fn line_is_secured(&mut self, server: &DeTable<'_>) {
        let word = |name| server.get(name).and_then(|value: &Spanned<DeValue<'_>>| value.get_ref().as_str());
        let (Some("none"), Some(host)) = (word("security"), word("host")) else { return };
        if !is_loopback(host) {
            let at = server.get("security").map(|value| value.span().start);
            let what = format!(
                "`security` is \"none\", which would send the password unprotected to {host}; expected \"tls\" or \
                 \"starttls\" (\"none\" is for this machine alone: localhost, 127.0.0.1 or ::1)"
            );
            self.fault(at, what);
        }
    }

    fn text_fits(&self, kind: Kind, text: &str) -> Result<(), String> {
        match kind {
            Kind::Text => no_nul(text),
            Kind::Line | Kind::Secret => one_line(text).map_err(|()| expected(kind)),
            Kind::Email => is_address(text),
            Kind::Host => is_host(text),
            Kind::Word(words) => word_fits(words, text),
            Kind::Hours => boundary::hours::day(text).map(|_| ()).ok_or_else(|| expected(kind)),
            Kind::WorkingTime => fits(WorkingTime::parse(text), kind),
            Kind::Share => fits(Share::parse(text), kind),
            Kind::Date => fits(text.parse::<jiff::civil::Date>().ok(), kind),
            Kind::Holidays => fits(holidays::line(text), kind),
            Kind::HolidaysFile => {
                let path = self.environment.path(text, self.path)?;
                holidays::file(&path).map(|_| ())
            }
            Kind::Zone => {
                fits(jiff::tz::TimeZone::get(text).ok(), kind).map_err(|why| format!("{why} (its IANA name)"))
            }
            Kind::Command(_) => match self.environment.words(text) {
                Some(_) => Ok(()),
                None => Err(format!("{}; each quote in it must have its end", expected(kind))),
            },
            Kind::Variable => {
                let fits = !text.is_empty() && !text.contains(['=', '$', '\0']) && !text.contains(' ');
                if fits { Ok(()) } else { Err(format!("{} (the name alone, without $)", expected(kind))) }
            }
            Kind::SecretFile => self.secret_file(text),
            Kind::Certificates => self.certificates(text),
            Kind::Folder => {
                let path = self.environment.path(text, self.path)?;
                if path.is_dir() { Ok(()) } else { Err(format!("there is no folder {}", path.display())) }
            }
            Kind::Emails
            | Kind::Lines
            | Kind::Number(..)
            | Kind::Score
            | Kind::Seconds(_)
            | Kind::Table(_)
            | Kind::Tables(_)
            | Kind::Each(_)
            | Kind::Named(_) => Err(expected(kind)),
        }
    }

    fn secret_file(&self, text: &str) -> Result<(), String> {
        let path = self.environment.path(text, self.path)?;
        match fs::metadata(&path) {
            Err(e) => Err(format!("{} can't be read: {e}", path.display())),
            Ok(about) if about.is_dir() => Err(format!("{} is a folder, not a file", path.display())),
            Ok(_) => others_may(&path).map_or(Ok(()), |mode| {
                let path = path.display();
                Err(format!(
                    "other users of this machine can get at it (mode {mode:04o}); run: chmod 600 {path}"
                ))
            }),
        }
    }

    fn certificates(&self, text: &str) -> Result<(), String> {
        let path = self.environment.path(text, self.path)?;
        let mut held = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(LARGEST_CA_FILE).read_to_end(&mut held))
            .map_err(|e| format!("{} can't be read: {e}", path.display()))?;
        let pem = b"-----BEGIN CERTIFICATE-----";
        if held.windows(pem.len()).any(|window| window == pem) {
            Ok(())
        } else {
            let way_out = "expected PEM, text with a line -----BEGIN CERTIFICATE-----";
            Err(format!("{} holds no certificate; {way_out}", path.display()))
        }
    }
}

fn fits<T>(read: Option<T>, kind: Kind) -> Result<(), String> {
    read.map(|_| ()).ok_or_else(|| expected(kind))
}

fn expected(kind: Kind) -> String {
    format!("expected {}", kind.expected())
}

/// What stands there, in words; of a secret only what sort of value it is.
fn shown(value: &DeValue<'_>, secret: bool) -> String {
    match value {
        DeValue::String(_) if secret => "text (not shown here)".to_owned(),
        DeValue::String(text) => format!("the text {text:?}"),
        DeValue::Integer(_) | DeValue::Float(_) if secret => "a number".to_owned(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(word) => format!("{word} (without quotes)"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Names the key and the nearest one that is known, or the table where it belongs, or all that are known.
fn unknown(table: &str, keys: &'static [Key], written: &str) -> String {
    let mut what = if table.is_empty() {
        format!("`{written}` is not known")
    } else {
        format!("`{written}` is not known in [{table}]")
    };
    let elsewhere = schema::all_keys().into_iter().find(|(_, key)| key.name == written);
    let hint = if let Some(near) = nearest(keys.iter().map(|key| key.name), written) {
        write!(what, "; did you mean `{near}`?")
    } else if let Some((home, _)) = elsewhere.filter(|(home, _)| !home.is_empty()) {
        write!(what, "; it belongs in [{home}]")
    } else {
        let known: Vec<_> = keys.iter().map(|key| key.name).collect();
        write!(what, "; known here: {}", known.join(", "))
    };
    hint.expect("writing to a String never fails");
    what
}

/// The nearest word, if it is near enough to have been meant: one slip, and one more for each four letters.
fn nearest<'w>(words: impl Iterator<Item = &'w str>, written: &str) -> Option<&'w str> {
    let plain = written.to_lowercase().replace('-', "_");
    words
        .map(|word| (strsim::damerau_levenshtein(word, &plain), word))
        .filter(|(slips, word)| *slips <= 1 + plain.len() / 4 && *slips < word.len())
        .min()
        .map(|(_, word)| word)
}

fn word_fits(words: &'static [&'static str], text: &str) -> Result<(), String> {
    if words.contains(&text) {
        return Ok(());
    }
    let hint = nearest(words.iter().copied(), text).map(|near| format!("; did you mean \"{near}\"?"));
    Err(format!("{}{}", expected(Kind::Word(words)), hint.unwrap_or_default()))
}

fn number_fits(kind: Kind, found: &DeValue<'_>) -> Result<(), String> {
    let whole = found.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
    let fits = match kind {
        Kind::Number(low, high) => whole.is_some_and(|n| (low..=high).contains(&n)),
        Kind::Seconds(high) => {
            let meant = found.as_str().and_then(seconds).or(whole);
            meant.is_some_and(|n| (0..=high).contains(&n))
        }
        _ => {
            let float = found.as_float().and_then(|n| n.as_str().parse::<f64>().ok());
            whole.is_some_and(|n| n == 0 || n == 1) || float.is_some_and(|n| (0.0..=1.0).contains(&n))
        }
    };
    let quoted_number = found.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok());
    match (fits, quoted_number) {
        (true, _) => Ok(()),
        (false, true) => Err(format!("{}, without quotes", expected(kind))),
        (false, false) => Err(expected(kind)),
    }
}

fn words_fit(kind: Kind, list: &[Spanned<DeValue<'_>>]) -> Result<(), String> {
    let texts = list.iter().all(|word| word.get_ref().as_str().is_some_and(|text| !text.contains('\0')));
    let program = list.first().and_then(|word| word.get_ref().as_str());
    if texts && program.is_some_and(|name| !name.trim().is_empty()) { Ok(()) } else { Err(expected(kind)) }
}

fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("it holds a NUL character".to_owned()) } else { Ok(()) }
}

fn one_line(text: &str) -> Result<(), ()> {
    if text.trim().is_empty() || text.chars().any(char::is_control) { Err(()) } else { Ok(()) }
}

/// As much of RFC 5321, 4.1.2 as catches slips: the server judges the rest.
fn is_address(text: &str) -> Result<(), String> {
    if text.contains(['<', '>']) {
        return Err(format!("{}, alone; the name goes under `name`", expected(Kind::Email)));
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';');
    let fits = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && !domain.is_empty()
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with('.')
    });
    if fits && !text.contains(odd) && text.len() <= LONGEST_ADDRESS {
        Ok(())
    } else {
        Err(expected(Kind::Email))
    }
}

fn is_host(text: &str) -> Result<(), String> {
    if text.contains("://") {
        return Err(format!("{}, without the part up to //", expected(Kind::Host)));
    }
    if text.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    if text.contains(':') {
        return Err(format!("{}; its port goes under `port`", expected(Kind::Host)));
    }
    let fits = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if fits { Ok(()) } else { Err(expected(Kind::Host)) }
}

/// `localhost` (RFC 6761, 6.3) and the loopback addresses.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The mode of a file that others than its owner may use in any way; nothing where they may not. What is not a
/// regular file (a pipe from a password manager) has no mode that would mean anything.
fn others_may(path: &Path) -> Option<u32> {
    let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mode = about.permissions().mode() & 0o7777;
    (mode & OTHERS != 0).then_some(mode)
}
