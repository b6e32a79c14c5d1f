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
    /// A list of texts, each on one line.
    Lines,
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
    /// A length of working time.
    WorkingTime,
    /// A part of a price, or an amount of money.
    Share,
    /// A day.
    Date,
    /// A list of days with their names.
    Holidays,
    /// An iCalendar file of holidays.
    HolidaysFile,
    /// A time zone by its IANA name.
    Zone,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables, each with these keys.
    Tables(&'static [Key]),
    /// A table whose keys the owner names, each with such a value.
    Each(&'static Kind),
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
            Kind::Lines => "a list of texts in quotes, each on one line".to_owned(),
            Kind::Emails => "a list of mail addresses, such as [\"ann@example.com\"]".to_owned(),
            Kind::Host => "a host name in quotes, such as \"mail.example.com\"".to_owned(),
            Kind::Word(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Kind::Number(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Hours => {
                "hours such as \"9:00-17:00\", with a break \"9:00-12:30, 13:30-17:00\", or \"closed\""
                    .to_owned()
            }
            Kind::WorkingTime => {
                "working time such as \"4 hours\", \"2 working days\" or \"3 weeks\"".to_owned()
            }
            Kind::Share => "a part such as \"50 %\", or an amount such as \"80 EUR\"".to_owned(),
            Kind::Date => "a day such as \"2026-12-24\"".to_owned(),
            Kind::Holidays => "a list of days, such as [\"2026-12-25 Christmas Day\"]".to_owned(),
            Kind::HolidaysFile => {
                "the path of an iCalendar file in quotes, such as \"~/holidays.ics\"".to_owned()
            }
            Kind::Zone => "a time zone in quotes, such as \"Europe/London\"".to_owned(),
            Kind::Tables(keys) => {
                let key = keys.first().map_or("key", |key| key.name);
                format!("a list of tables, such as [{{ {key} = .. }}]")
            }
            Kind::Each(kind) => format!("a table, such as {{ \"your word\" = .. }} with {}", kind.expected()),
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
    optional("calendar", Kind::Table(CALENDAR), "when the owner does not work"),
    optional("policy", Kind::Table(POLICY), "what the owner has decided"),
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
    optional("zone", Kind::Zone, "the owner's time zone"),
];

const CALENDAR: &[Key] = &[
    optional("holidays", Kind::Holidays, "days on which the owner does not work"),
    optional("holidays_file", Kind::HolidaysFile, "a calendar file with such days"),
    optional("absences", Kind::Tables(ABSENCE), "when the owner is away"),
];

const ABSENCE: &[Key] = &[
    required("from", Kind::Date, "the first day"),
    required("until", Kind::Date, "the last day"),
    optional("stand_in", Kind::Line, "who answers meanwhile"),
];

const POLICY: &[Key] = &[
    optional("response", Kind::WorkingTime, "by when a message is answered"),
    optional("response_for", Kind::Table(RESPONSES), "the same by what is asked"),
    optional("lead_time", Kind::WorkingTime, "how long work usually takes"),
    optional("lead_times", Kind::Each(&Kind::WorkingTime), "the same by kind of work"),
    optional("rush", Kind::Table(RUSH), "work in less than its usual time"),
    optional("cut_offs", Kind::Each(&Kind::Line), "until when an order counts"),
    optional("revisions", Kind::Number(0, 99), "rounds of changes that the price includes"),
    optional("refund", Kind::Table(REFUND), "money back"),
    optional("deposit", Kind::Table(DEPOSIT), "money in advance"),
    optional("discount", Kind::Table(DISCOUNT), "reductions"),
    optional("payment", Kind::Table(PAYMENT), "when invoices are due"),
    optional("channels", Kind::Each(&Kind::Line), "what is answered where and when"),
    optional("partners", Kind::Each(&Kind::Line), "who else can help"),
    optional("promises_a_day", Kind::Number(1, 99), "how many promises make a day full"),
    optional(
        "reminder_after",
        Kind::WorkingTime,
        "after how long a question without an answer is asked again",
    ),
    optional("principles", Kind::Lines, "what the owner keeps to"),
];

const RESPONSES: &[Key] = &[
    optional("emergency", Kind::WorkingTime, "to an emergency"),
    optional("refund", Kind::WorkingTime, "to a refund demand"),
    optional("complaint", Kind::WorkingTime, "to a complaint"),
    optional("unusual", Kind::WorkingTime, "to an unusual request"),
];

/// The words for [`crate::boundary::policy::Rush`].
pub(super) const RUSH_OFFERS: &[&str] = &["never", "on terms"];

const RUSH: &[Key] = &[
    required("offer", Kind::Word(RUSH_OFFERS), "whether it is done"),
    optional("notice", Kind::WorkingTime, "the least time that it takes"),
    optional("surcharge", Kind::Share, "what it costs on top"),
    optional("slots_a_week", Kind::Number(1, 99), "how many a week"),
];

/// The words for [`crate::boundary::policy::Remedy`].
pub(super) const REMEDIES: &[&str] = &["replacement", "repair"];
/// The words for [`crate::boundary::policy::Payer`].
pub(super) const PAYERS: &[&str] = &["you", "client"];

const REFUND: &[Key] = &[
    optional("within_days", Kind::Number(0, 3650), "until how many days after delivery; 0 for never"),
    optional("most", Kind::Share, "how much"),
    optional("first", Kind::Word(REMEDIES), "what is offered before"),
    optional("return_postage", Kind::Word(PAYERS), "who pays for sending things back"),
];

const DEPOSIT: &[Key] = &[
    required("share", Kind::Share, "how much"),
    optional("kept_within_days", Kind::Number(0, 3650), "kept when cancelled less than so many days ahead"),
];

const DISCOUNT: &[Key] =
    &[required("most", Kind::Share, "how much"), optional("for", Kind::Line, "what it is given for")];

const PAYMENT: &[Key] = &[
    optional("within_days", Kind::Number(0, 3650), "after how many days invoices are due"),
    optional("late_fee", Kind::Share, "what a late one costs on top"),
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
    optional("names", Kind::Word(NAMES), "how clients are called"),
    optional("sign_off", Kind::Line, "the line above the owner's name"),
];

/// How clients are called in a greeting.
pub(super) const NAMES: &[&str] = &["first", "whole"];

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
                Kind::Table(inner) | Kind::Tables(inner) => below(&name, inner, found),
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
            let value = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value);
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
