//! The front matter of a template: TOML between `+++` lines. Reports every fault with its line in the file;
//! never looks at the text below.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::ledger::{Party, Promise};
use crate::reply::signal::Signal;
use crate::reply::suggestion::Suggestion;
use crate::reply::template::{Ask, AskKind, Stance};
use crate::reply::values::KNOWN;
use crate::triage::Concern;

/// What the front matter says.
#[derive(Debug, Clone, Default)]
pub struct Front {
    /// The file name without `.md`.
    pub id: String,
    /// One line for the list of templates.
    pub title: String,
    /// How it answers.
    pub stance: Option<Stance>,
    /// What it answers; empty: any message.
    pub concerns: Vec<Concern>,
    /// When to use it, in one line.
    pub situation: String,
    /// What ranks it up, the most telling first.
    pub when: Vec<Signal>,
    /// What ranks it down.
    pub unless: Vec<Signal>,
    /// Its place among those that fit alike, from 1; 5 where the file says nothing.
    pub place: Option<u8>,
    /// The subject under which it begins a new conversation, with its line in the file.
    pub subject: Option<(String, usize)>,
    /// What the owner is asked for, each with its line in the file.
    pub asks: Vec<(Ask, usize)>,
    /// What it promises, each with its line in the file.
    pub promises: Vec<(Promise, usize)>,
}

/// A template file cut in two.
pub struct Cut<'a> {
    /// The front matter, without its `+++` lines. It begins on line 2.
    pub front: &'a str,
    /// The text below.
    pub body: &'a str,
    /// The line on which the text below begins, from 1.
    pub body_line: usize,
}

/// A fault: the line in the file, from 1, and what is wrong.
pub type Fault = (usize, String);

/// Tells front matter and text apart.
pub fn cut(text: &str) -> Result<Cut<'_>, Fault> {
    let Some(rest) = text.strip_prefix("+++\n") else {
        return Err((
            1,
            "a template begins with a line `+++`, its front matter, and another line `+++`".to_owned(),
        ));
    };
    let mut at = 0;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "+++" {
            return Ok(Cut { front: &rest[..at], body: &rest[at + line.len()..], body_line: index + 3 });
        }
        at += line.len();
    }
    Err((1, "the front matter that begins here is not closed: add a line `+++` below it".to_owned()))
}

const KEYS: [&str; 11] = [
    "id",
    "title",
    "subject",
    "stance",
    "concerns",
    "situation",
    "when",
    "unless",
    "place",
    "ask",
    "commitment",
];
const ASK_KEYS: [&str; 6] = ["name", "kind", "question", "default", "example", "suggest"];
const COMMITMENT_KEYS: [&str; 4] = ["who", "what", "by", "condition"];

/// Reads the front matter of the template whose file is named `stem`.md.
pub fn read(front: &str, stem: &str) -> (Front, Vec<Fault>) {
    let (document, errors) = DeTable::parse_recoverable(front);
    let mut reader = Reader { front, faults: Vec::new() };
    for error in &errors {
        let line = error.span().map_or(2, |span| reader.line(&span));
        reader.faults.push((line, format!("front matter: {}", error.message())));
    }
    if !errors.is_empty() {
        // Half-read keys would only add faults that are none.
        return (Front::default(), reader.faults);
    }
    let front = reader.front(document.get_ref(), stem);
    reader.faults.sort();
    (front, reader.faults)
}

struct Reader<'a> {
    front: &'a str,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// The line in the file: the front matter begins on its second.
    fn line(&self, span: &Range<usize>) -> usize {
        2 + self.front.get(..span.start).unwrap_or(self.front).matches('\n').count()
    }

    fn front(&mut self, table: &DeTable<'_>, stem: &str) -> Front {
        self.known_keys(table, &KEYS, "");
        let mut front = Front::default();
        if let Some((id, line)) = self.required(table, "id", 2) {
            if id != stem {
                self.faults
                    .push((line, format!("id: \"{id}\" differs from the file name: write \"{stem}\"")));
            }
            front.id = id;
        }
        front.title = self.required(table, "title", 2).map(|(title, _)| title).unwrap_or_default();
        front.situation =
            self.required(table, "situation", 2).map(|(situation, _)| situation).unwrap_or_default();
        if let Some((word, line)) = self.required(table, "stance", 2) {
            front.stance = Stance::ALL.into_iter().find(|stance| stance.word() == word);
            if front.stance.is_none() {
                self.unknown_word(line, "stance", &word, &Stance::ALL.map(Stance::word));
            }
        }
        front.concerns = self.concerns(table);
        front.when = self.signals(table, "when");
        front.unless = self.signals(table, "unless");
        front.place = self.place(table);
        front.subject = self.optional(table, "subject");
        front.asks = self.asks(table);
        front.promises = self.promises(table);
        front
    }

    /// A list of signals, which may be left out.
    fn signals(&mut self, table: &DeTable<'_>, key: &str) -> Vec<Signal> {
        let Some(value) = entry(table, key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "a list of words");
            return Vec::new();
        };
        let mut signals = Vec::new();
        for item in items {
            let word = item.get_ref().as_str().unwrap_or_default();
            match Signal::of_word(word) {
                Some(signal) => signals.push(signal),
                None if item.get_ref().is_str() => {
                    self.unknown_word(self.line(&item.span()), key, word, &Signal::ALL.map(Signal::word));
                }
                None => self.wrong_type(item, key, "a list of words"),
            }
        }
        signals
    }

    fn place(&mut self, table: &DeTable<'_>) -> Option<u8> {
        let value = entry(table, "place")?;
        let found = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        if found.is_none_or(|place| !(1..=9).contains(&place)) {
            self.faults
                .push((self.line(&value.span()), "place: a number from 1 to 9 is expected".to_owned()));
            return None;
        }
        found
    }

    fn promises(&mut self, table: &DeTable<'_>) -> Vec<(Promise, usize)> {
        let Some(value) = entry(table, "commitment") else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(value, "commitment", "[[commitment]] tables");
            return Vec::new();
        };
        let mut promises = Vec::new();
        for item in items {
            let line = self.line(&item.span());
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(item, "commitment", "[[commitment]] tables");
                continue;
            };
            self.known_keys(table, &COMMITMENT_KEYS, "commitment: ");
            let who = self.required(table, "who", line);
            let what = self.required(table, "what", line);
            let by = self.required(table, "by", line);
            let condition = self.optional(table, "condition").map(|(condition, _)| condition);
            let (Some((who, who_line)), Some((what, _)), Some((by, _))) = (who, what, by) else { continue };
            match Party::of_word(&who) {
                Some(who) => promises.push((Promise { who, what, by, condition }, line)),
                None => self.unknown_word(who_line, "who", &who, &Party::ALL.map(Party::word)),
            }
        }
        promises
    }

    fn concerns(&mut self, table: &DeTable<'_>) -> Vec<Concern> {
        let Some(value) = entry(table, "concerns") else {
            self.faults.push((
                2,
                "concerns is missing: list them, or write `concerns = []` for any message".to_owned(),
            ));
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(value, "concerns", "a list of words");
            return Vec::new();
        };
        let words = Concern::ALL.map(Concern::word);
        let mut concerns = Vec::new();
        for item in items {
            let word = item.get_ref().as_str().unwrap_or_default();
            match Concern::ALL.into_iter().find(|concern| concern.word() == word) {
                Some(concern) if concerns.contains(&concern) => {
                    self.faults
                        .push((self.line(&item.span()), format!("concerns: \"{word}\" stands there twice")));
                }
                Some(concern) => concerns.push(concern),
                None if item.get_ref().is_str() => {
                    self.unknown_word(self.line(&item.span()), "concerns", word, &words);
                }
                None => self.wrong_type(item, "concerns", "a list of words"),
            }
        }
        concerns
    }

    fn asks(&mut self, table: &DeTable<'_>) -> Vec<(Ask, usize)> {
        let Some(value) = entry(table, "ask") else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(value, "ask", "[[ask]] tables");
            return Vec::new();
        };
        let mut asks: Vec<(Ask, usize)> = Vec::new();
        for item in items {
            let line = self.line(&item.span());
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(item, "ask", "[[ask]] tables");
                continue;
            };
            let Some((ask, line)) = self.ask(table, line) else { continue };
            if asks.iter().any(|(known, _)| known.name == ask.name) {
                self.faults.push((line, format!("ask: the placeholder \"{}\" is asked for twice", ask.name)));
            } else {
                asks.push((ask, line));
            }
        }
        asks
    }

    fn ask(&mut self, table: &DeTable<'_>, line: usize) -> Option<(Ask, usize)> {
        self.known_keys(table, &ASK_KEYS, "ask: ");
        let name = self.required(table, "name", line);
        let question = self.required(table, "question", line);
        let kind = self.required(table, "kind", line);
        let default = self.optional(table, "default");
        let example = self.optional(table, "example").map(|(example, _)| example);
        let suggest = self.optional(table, "suggest").and_then(|(word, line)| {
            let found = Suggestion::of_word(&word);
            if found.is_none() {
                self.unknown_word(line, "suggest", &word, &Suggestion::ALL.map(Suggestion::word));
            }
            found
        });
        let (kind, kind_line) = kind?;
        let Some(kind) = AskKind::ALL.into_iter().find(|known| known.word() == kind) else {
            self.unknown_word(kind_line, "kind", &kind, &AskKind::ALL.map(AskKind::word));
            return None;
        };
        let ((name, line), (question, _)) = (name?, question?);
        let is_identifier = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
        if !is_identifier {
            self.faults.push((
                line,
                format!("name: \"{name}\" is no placeholder name: write a-z, 0-9 and _, as in new_date"),
            ));
            return None;
        }
        if KNOWN.contains(&name.as_str()) {
            self.faults
                .push((line, format!("name: \"{name}\" is filled without asking: leave this [[ask]] out")));
            return None;
        }
        if let Some((default, line)) = &default
            && let Err(why) = kind.accepts(default)
        {
            self.faults.push((*line, format!("default: {why}")));
        }
        let default = default.map(|(default, _)| default);
        Some((Ask { name, kind, question, default, example, suggest }, line))
    }

    /// A one-line text that must be there; `near` is the line to name where it is not.
    fn required(&mut self, table: &DeTable<'_>, key: &str, near: usize) -> Option<(String, usize)> {
        if entry(table, key).is_none() {
            self.faults.push((near, format!("{key} is missing: write `{key} = \"...\"`")));
        }
        self.optional(table, key)
    }

    fn optional(&mut self, table: &DeTable<'_>, key: &str) -> Option<(String, usize)> {
        let value = entry(table, key)?;
        let line = self.line(&value.span());
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, key, "a text in quotes");
            return None;
        };
        if text.trim().is_empty() || text.contains('\n') {
            self.faults.push((line, format!("{key}: one line of text is expected")));
            return None;
        }
        Some((text.trim().to_owned(), line))
    }

    fn known_keys(&mut self, table: &DeTable<'_>, keys: &[&str], within: &str) {
        for key in table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref();
            let line = self.line(&key.span());
            self.faults.push((line, format!("{within}unknown key \"{word}\"{}", suggestion(word, keys))));
        }
    }

    fn unknown_word(&mut self, line: usize, key: &str, word: &str, words: &[&str]) {
        self.faults.push((line, format!("{key}: \"{word}\" is unknown{}", suggestion(word, words))));
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, key: &str, expected: &str) {
        let line = self.line(&value.span());
        self.faults.push((
            line,
            format!("{key}: {expected} is expected, and this is of type {}", value.get_ref().type_str()),
        ));
    }
}

fn entry<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

/// The nearest known word if it is near (0.8 by Jaro-Winkler catches one slip of the keys), else all of them.
fn suggestion(word: &str, words: &[&str]) -> String {
    let nearest = words
        .iter()
        .map(|known| (strsim::jaro_winkler(word, known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(near, _)| *near >= 0.8);
    match nearest {
        Some((_, known)) => format!(": did you mean \"{known}\"?"),
        None => format!(": it is one of {}", words.join(", ")),
    }
}
