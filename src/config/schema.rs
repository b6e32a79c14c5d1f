//! The one table of what a configuration file may hold: each key with its kind, whether it must be there, and
//! what it is for. [`super::check`] walks a file along it. It never reads a file or decides what a value means.

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    /// As written in the file.
    pub(super) name: &'static str,
    /// What its value must be.
    pub(super) kind: Kind,
    /// Whether a table without it is faulty.
    pub(super) required: bool,
    /// What it is for; shown where it is missing.
    pub(super) doc: &'static str,
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text on one line, not empty.
    Line,
    /// Text, empty or of several lines.
    Text,
    /// A mail address.
    Email,
    /// A list of mail addresses.
    Emails,
    /// A host name or IP address, without scheme and port.
    Host,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number in this range, both ends included.
    Number(i64, i64),
    /// A number from 0 to 1.
    Score,
    /// The working hours of a day, or that it is closed.
    Hours,
    /// Seconds as a number or text such as "10s", up to this many.
    Seconds(i64),
    /// A program with its arguments: one text, split as a shell would, or a list of texts; with an example.
    Command(&'static str),
    /// The name of an environment variable.
    Variable,
    /// A secret; its value is never shown.
    Secret,
    /// A file that holds a secret: only its owner may read it.
    SecretFile,
    /// A PEM file of certificates.
    Certificates,
    /// A folder.
    Folder,
    /// A table with these keys.
    Table(&'static [Key]),
    /// Tables that the owner names, each with these keys; at least one.
    Named(&'static [Key]),
}

impl Kind {
    /// What was expected, in plain words.
    pub(super) fn expected(self) -> String {
        match self {
            Kind::Line => "text on one line, in quotes".to_owned(),
            Kind::Text => "text in quotes".to_owned(),
            Kind::Email => "a mail address in quotes, such as \"ann@example.com\"".to_owned(),
            Kind::Emails => "a list of mail addresses, such as [\"ann@example.com\"]".to_owned(),
            Kind::Host => "a host name in quotes, such as \"mail.example.com\"".to_owned(),
            Kind::Word(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Kind::Number(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Hours => "hours such as \"9:00-17:00\", or \"closed\"".to_owned(),
            Kind::Score => "a number from 0 to 1, such as 0.5".to_owned(),
            Kind::Seconds(high) => {
                format!("a number of seconds from 0 to {high}, or text such as \"10s\" or \"2m\"")
            }
            Kind::Command(example) => {
                let words: Vec<String> = example.split(' ').map(|word| format!("\"{word}\"")).collect();
                format!("a program with its arguments, such as \"{example}\" or [{}]", words.join(", "))
            }
            Kind::Variable => {
                "the name of an environment variable in quotes, such as \"MAIL_PASSWORD\"".to_owned()
            }
            Kind::Secret => "the password in quotes".to_owned(),
            Kind::SecretFile | Kind::Certificates => {
                "the path of a file in quotes, such as \"~/mail/file\"".to_owned()
            }
            Kind::Folder => "the path of a folder in quotes, such as \"~/mail/folder\"".to_owned(),
            Kind::Table(keys) => {
                let key = keys.first().map_or("key", |key| key.name);
                format!("a table, such as {{ {key} = .. }}")
            }
            Kind::Named(_) => "a table with a name, such as [account.studio]".to_owned(),
        }
    }

    /// Whether a value of this kind may be or hold a secret, so that it is never shown.
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Kind::Secret | Kind::Command(_))
    }
}

const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, doc }
}

const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, doc }
}

/// The whole file.
pub(super) const FILE: &[Key] = &[
    required("account", Kind::Named(ACCOUNT), "a mail account"),
    optional("triage", Kind::Table(TRIAGE), "when a concern counts"),
    optional("hours", Kind::Table(HOURS), "when the owner works"),
    optional("reply", Kind::Table(REPLY), "how replies are written and sent"),
    optional("fetch", Kind::Table(FETCH), "how much mail is fetched"),
];

/// The words for [`super::Security`].
pub(super) const SECURITY: &[&str] = &["tls", "starttls", "none"];

/// The four places a password may come from, of which an account names exactly one.
pub(super) const PASSWORDS: [&str; 4] = ["password_command", "password_env", "password_file", "password"];

const ACCOUNT: &[Key] = &[
    required("email", Kind::Email, "the address that replies come from"),
    optional("name", Kind::Line, "the name beside it"),
    optional("aliases", Kind::Emails, "other addresses that mail for the owner arrives at"),
    required("imap", Kind::Table(SERVER), "the server that mail is read from"),
    required("smtp", Kind::Table(SERVER), "the server that replies are sent through"),
    optional(PASSWORDS[0], Kind::Command("pass show mail"), "a program that prints the password"),
    optional(PASSWORDS[1], Kind::Variable, "an environment variable that holds the password"),
    optional(PASSWORDS[2], Kind::SecretFile, "a file that holds the password"),
    optional(PASSWORDS[3], Kind::Secret, "the password itself"),
    optional("ca_file", Kind::Certificates, "an extra certificate authority, in PEM form"),
    optional("inbox", Kind::Line, "the folder to read"),
    optional("sent", Kind::Line, "the folder for copies of sent mail"),
    optional("signature", Kind::Text, "the text below each reply"),
];

const SERVER: &[Key] = &[
    required("host", Kind::Host, "the server's name"),
    optional("port", Kind::Number(1, 65_535), "its port"),
    optional("security", Kind::Word(SECURITY), "how the line is secured"),
    optional("login", Kind::Line, "the login name"),
];

const TRIAGE: &[Key] = &[
    optional("thresholds", Kind::Table(THRESHOLDS), "the score from which a concern counts"),
    optional("engine", Kind::Word(ENGINES), "who reads"),
];

/// The words for [`crate::triage::Choice`].
pub(super) const ENGINES: &[&str] = &["auto", "fast"];

/// From Monday to Sunday.
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const HOURS: &[Key] = &[
    optional(DAYS[0], Kind::Hours, "hours of work on Monday"),
    optional(DAYS[1], Kind::Hours, "hours of work on Tuesday"),
    optional(DAYS[2], Kind::Hours, "hours of work on Wednesday"),
    optional(DAYS[3], Kind::Hours, "hours of work on Thursday"),
    optional(DAYS[4], Kind::Hours, "hours of work on Friday"),
    optional(DAYS[5], Kind::Hours, "hours of work on Saturday"),
    optional(DAYS[6], Kind::Hours, "hours of work on Sunday"),
];

const THRESHOLDS: &[Key] = &[
    optional("emergency", Kind::Score, "for a last-minute emergency"),
    optional("refund", Kind::Score, "for a refund demand"),
    optional("complaint", Kind::Score, "for a complaint"),
    optional("unusual", Kind::Score, "for an unusual request"),
    optional("client", Kind::Score, "for a sender who is a client"),
];

const REPLY: &[Key] = &[
    optional("templates", Kind::Folder, "the owner's own reply templates"),
    optional("undo_window", Kind::Seconds(3600), "how long a confirmed reply waits before it goes out"),
    optional("editor", Kind::Command("nano --softwrap"), "the editor for replies"),
];

/// An archive of a million messages is past what a first look needs.
const FETCH: &[Key] =
    &[optional("window", Kind::Number(1, 1_000_000), "how many of the newest messages are looked at")];

/// All keys with the tables they stand in, `account.NAME` for the named ones.
pub(super) fn all_keys() -> Vec<(String, &'static Key)> {
    fn below(table: &str, keys: &'static [Key], found: &mut Vec<(String, &'static Key)>) {
        for key in keys {
            found.push((table.to_owned(), key));
            let name = if table.is_empty() { key.name.to_owned() } else { format!("{table}.{}", key.name) };
            match key.kind {
                Kind::Table(inner) => below(&name, inner, found),
                Kind::Named(inner) => below(&format!("{name}.NAME"), inner, found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    below("", FILE, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of the example with the keys in them, offered ones (`# key = value`) included.
    fn keys_of_the_example() -> Vec<String> {
        let example = include_str!("../../config.example.toml");
        let mut table = String::new();
        let mut found = Vec::new();
        for line in example.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                table = name.replace("account.bakery", "account.NAME");
                found.push(format!(".{}", table.split('.').next().unwrap()));
            }
            let line = line.strip_prefix("# ").unwrap_or(line);
            let Some((key, value)) = line.split_once(" = ") else { continue };
            found.push(format!("{table}.{key}"));
            let inline = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or("");
            for (inner, _) in inline.split(',').filter_map(|pair| pair.split_once('=')) {
                found.push(format!("{table}.{key}.{}", inner.trim()));
            }
        }
        found
    }

    #[test]
    fn the_example_shows_every_key() {
        let shown = keys_of_the_example();
        for (table, key) in all_keys() {
            let key = format!("{table}.{}", key.name);
            assert!(shown.contains(&key), "config.example.toml lacks {key}; it has {shown:?}");
        }
    }
}
