//! What the placeholders of a template stand for: what is known of client, owner and message, and what the
//! owner answered. Owns how people are called; never asks and never renders.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::boundary::policy::Tone;
use crate::mail::{Address, Message};
use crate::reply::draft::bare_subject;

/// Placeholders that any template may use without declaring them.
pub const KNOWN: [&str; 7] =
    ["client_first_name", "client_name", "owner_name", "owner_first_name", "sign_off", "subject", "received"];

/// The known placeholders that may stay empty: where a client's name can't be told, the text closes over
/// the gap ("Hello," and not "Hello ,").
pub const MAY_BE_EMPTY: [&str; 2] = ["client_first_name", "client_name"];

/// Values by placeholder name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// What is known without asking. `client` is whom the reply goes to; `zone` is the owner's.
    pub fn known(
        client: Option<&Address>,
        owner: &Address,
        original: &Message,
        zone: &TimeZone,
        tone: &Tone,
    ) -> Self {
        let mut values = Self::default();
        let client = client.map_or("", |client| client.name.as_str());
        let subject = bare_subject(&original.subject);
        let received =
            original.date.map(|date| date.to_zoned(zone.clone()).strftime("%A %-d %B").to_string());
        let known = [
            ("client_first_name", if tone.first_names { first_name(client) } else { full_name(client) }),
            ("sign_off", Some(tone.sign_off.clone())),
            ("client_name", full_name(client)),
            ("owner_first_name", first_name(&owner.name)),
            ("owner_name", full_name(&owner.name)),
            ("subject", (!subject.is_empty()).then_some(subject)),
            ("received", received),
        ];
        for (name, value) in known {
            values.set(name, value.unwrap_or_default());
        }
        values
    }

    /// Sets one value; white space around it goes.
    pub fn set(&mut self, name: &str, value: impl AsRef<str>) {
        self.0.insert(name.to_owned(), value.as_ref().trim().to_owned());
    }

    /// The value, unless there is none or an empty one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Titles that stand before a name, without their full stop.
const TITLES: [&str; 14] =
    ["dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "sir", "dame", "rev", "herr", "frau", "the"];

/// Words by which a display name belongs to an organisation or a desk, whom nobody greets by first name.
const DESKS: [&str; 52] = [
    "accounting",
    "accounts",
    "admin",
    "agency",
    "association",
    "bakery",
    "bank",
    "billing",
    "booking",
    "bookings",
    "cafe",
    "church",
    "club",
    "co",
    "college",
    "company",
    "contact",
    "corp",
    "council",
    "customer",
    "customers",
    "desk",
    "enquiries",
    "events",
    "form",
    "gmbh",
    "group",
    "hotel",
    "inc",
    "info",
    "limited",
    "llc",
    "ltd",
    "newsletter",
    "no-reply",
    "noreply",
    "notification",
    "notifications",
    "office",
    "plc",
    "reception",
    "restaurant",
    "sales",
    "school",
    "service",
    "services",
    "shop",
    "society",
    "store",
    "studio",
    "support",
    "team",
];

/// The name as people write it, if the display name is one: "LEE, ANN" and "Ann Lee via Forms" are Ann Lee.
pub fn full_name(display: &str) -> Option<String> {
    let name = display.trim().trim_matches(['"', '\'', '\u{201c}', '\u{201d}']);
    let name =
        [" via ", " (", " | ", " - "].iter().fold(name, |name, cut| name.split(cut).next().unwrap_or(name));
    let name = unswapped(name);
    let words: Vec<&str> = name.split_whitespace().collect();
    let joined = words.join(" ");
    let is_name = joined.chars().any(char::is_alphabetic)
        && !joined.contains(|c: char| c == '@' || c == '/' || c.is_numeric() || c.is_control());
    is_name.then(|| in_usual_case(&joined))
}

/// What to call a person in a greeting, if it can be told: the first name, or title and surname where that
/// is all there is.
pub fn first_name(display: &str) -> Option<String> {
    let full = full_name(display)?;
    let words: Vec<&str> = full.split(' ').collect();
    if words.iter().any(|word| DESKS.contains(&bare(word).as_str())) || bare(words.first()?) == "the" {
        return None;
    }
    let titled = TITLES.contains(&bare(words.first()?).as_str());
    match (titled, &words[usize::from(titled)..]) {
        (_, []) => None,
        (true, [_]) => Some(full.clone()),
        (_, [one, and, two, ..]) if ["&", "+", "and", "und"].contains(and) => {
            Some(format!("{one} and {two}"))
        }
        // An initial is no name to greet with.
        (_, [one, ..]) if one.contains('.') || (one.len() == 1 && one.is_ascii()) => None,
        (_, [one, ..]) => Some((*one).to_owned()),
    }
}

/// "Lee, Ann" -> "Ann Lee"; "Ann Lee, PhD" -> "Ann Lee".
fn unswapped(name: &str) -> String {
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    let [last, first] = parts.as_slice() else {
        return parts.first().copied().unwrap_or_default().to_owned();
    };
    let one_surname = !last.contains(' ') || last.starts_with(char::is_lowercase);
    if one_surname && !first.is_empty() { format!("{first} {last}") } else { (*last).to_owned() }
}

/// Names typed all in capitals or all in small letters get a capital at the head of each part.
fn in_usual_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().filter(|c| c.is_alphabetic()).collect();
    let shouted = letters.iter().all(|c| c.is_uppercase()) && letters.len() > 2;
    let whispered = letters.iter().all(|c| c.is_lowercase());
    if !shouted && !whispered {
        return name.to_owned();
    }
    let mut cased = String::with_capacity(name.len());
    let mut at_head = true;
    for c in name.chars() {
        if at_head {
            cased.extend(c.to_uppercase());
        } else {
            cased.extend(c.to_lowercase());
        }
        at_head = !c.is_alphabetic();
    }
    cased
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-').to_lowercase()
}
