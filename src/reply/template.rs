//! Reply templates: Markdown files with front matter (`front.rs`), the built-in ones and the
//! owner's over them. The only file that knows minijinja. A faulty template is reported and left out; the
//! others still load. Never fills in a value by itself that the owner has to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use minijinja::{Environment, UndefinedBehavior};
use regex::Regex;

use crate::ledger::Promise;
use crate::reply::front::{self, Front};
use crate::reply::leftover::leftovers;
use crate::reply::signal::Signal;
use crate::reply::suggestion::Suggestion;
use crate::reply::values::{KNOWN, MAY_BE_EMPTY, Values};
use crate::triage::Concern;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/templates");

/// Longest template read, in bytes; a reply is a page, so a bigger file is no template.
const LONGEST_FILE: usize = 64 * 1024;

/// The place of a template that names none.
const MIDDLE: u8 = 5;

/// How a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stance {
    /// Heard you; the real answer comes then.
    Acknowledge,
    /// Put right what is ours.
    MakeRight,
    /// Yes, on these terms.
    Accept,
    /// Not this, but that.
    Decline,
    /// Money back.
    Refund,
    /// Two short questions first.
    Clarify,
    /// Someone else is better for this.
    Refer,
    /// Glad to go on, within this line.
    Limit,
    /// What was agreed, and the next step.
    Remind,
    /// What changes, and what follows from it.
    Inform,
    /// We part, kindly.
    End,
}

impl Stance {
    /// All, in the order in which they are offered.
    pub const ALL: [Stance; 11] = [
        Stance::Acknowledge,
        Stance::MakeRight,
        Stance::Accept,
        Stance::Decline,
        Stance::Refund,
        Stance::Clarify,
        Stance::Refer,
        Stance::Limit,
        Stance::Remind,
        Stance::Inform,
        Stance::End,
    ];

    /// The word used in front matter.
    pub fn word(self) -> &'static str {
        match self {
            Stance::Acknowledge => "acknowledge",
            Stance::MakeRight => "make-right",
            Stance::Accept => "accept",
            Stance::Decline => "decline",
            Stance::Refund => "refund",
            Stance::Clarify => "clarify",
            Stance::Refer => "refer",
            Stance::Limit => "limit",
            Stance::Remind => "remind",
            Stance::Inform => "inform",
            Stance::End => "end",
        }
    }
}

/// What kind of answer a placeholder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AskKind {
    /// Any words.
    Text,
    /// A day, as said to people: "Tuesday 24 November".
    Date,
    /// A time of day: "12:00", "noon".
    Time,
    /// An amount: "80 EUR".
    Money,
    /// A number: "3", "two".
    Number,
}

impl AskKind {
    /// All kinds.
    pub const ALL: [AskKind; 5] =
        [AskKind::Text, AskKind::Date, AskKind::Time, AskKind::Money, AskKind::Number];

    /// The word used in front matter.
    pub fn word(self) -> &'static str {
        match self {
            AskKind::Text => "text",
            AskKind::Date => "date",
            AskKind::Time => "time",
            AskKind::Money => "money",
            AskKind::Number => "number",
        }
    }

    /// Whether an answer may stand in a letter; the error says what is wrong with it. Dates and times are
    /// taken as people say them: what they promise is read elsewhere.
    pub fn accepts(self, answer: &str) -> Result<(), String> {
        if answer.trim().is_empty() {
            return Err("an answer is needed".to_owned());
        }
        if answer.chars().any(|c| c.is_control() && c != '\n') {
            return Err("the answer holds a control character: delete it".to_owned());
        }
        if let Some(left) = leftovers(answer).first() {
            return Err(format!("\"{}\" is itself a placeholder", left.quote));
        }
        if self == AskKind::Date && !names_a_day(answer) {
            return Err(format!("\"{}\" names no day: write it as in Tuesday 24 November", answer.trim()));
        }
        if self == AskKind::Money && !answer.contains(|c: char| c.is_numeric()) {
            return Err(format!(
                "\"{}\" names no amount: write it with its currency, as in 80 EUR",
                answer.trim()
            ));
        }
        Ok(())
    }
}

/// Whether an answer may name a day; which one is reckoned elsewhere.
fn names_a_day(answer: &str) -> bool {
    const WORDS: [&str; 13] = [
        "day", "tomorrow", "tonight", "week", "month", "morning", "noon", "evening", "mon", "tue", "wed",
        "thu", "fri",
    ];
    let lower = answer.to_lowercase();
    lower.contains(|c: char| c.is_numeric()) || WORDS.iter().any(|word| lower.contains(word))
}

/// A placeholder that the owner is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Its name in the text.
    pub name: String,
    /// What kind of answer it takes.
    pub kind: AskKind,
    /// The question.
    pub question: String,
    /// Offered as the answer; stands only once the owner has taken it.
    pub default: Option<String>,
    /// Shown beside the question.
    pub example: Option<String>,
    /// What calendar and policy propose, where they can; it goes before the default.
    pub suggest: Option<Suggestion>,
}

/// A reply for a situation.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its file name without `.md`.
    pub id: String,
    /// One line for the list.
    pub title: String,
    /// How it answers.
    pub stance: Stance,
    /// What it answers; empty: any message.
    pub concerns: Vec<Concern>,
    /// When to use it.
    pub situation: String,
    /// What ranks it up, the most telling first.
    pub when: Vec<Signal>,
    /// What ranks it down.
    pub unless: Vec<Signal>,
    /// Its place among those that fit alike.
    pub place: u8,
    /// The subject under which it begins a new conversation, with placeholders; none: it answers the message.
    subject: Option<String>,
    /// What it promises, with placeholders.
    promises: Vec<Promise>,
    /// What the owner is asked for, in order; last what is usually known but was not.
    pub asks: Vec<Ask>,
    /// Whether it is the owner's.
    pub own: bool,
    body: String,
    body_line: usize,
}

/// A fault of a template file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateFault {
    /// The file's name, or the folder's path where that can't be read.
    pub file: String,
    /// From 1; 0 where a fault has no place.
    pub line: usize,
    /// What is wrong and the way out.
    pub what: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}:{line}: {}", self.file, self.what),
        }
    }
}

/// Why a template gave no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderFault {
    /// These placeholders have no value yet.
    Missing(Vec<String>),
    /// The template failed with these values; its line and what happened.
    Failed(usize, String),
}

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderFault::Missing(names) => write!(f, "still to be filled in: {}", names.join(", ")),
            RenderFault::Failed(line, what) => write!(f, "the template failed on line {line}: {what}"),
        }
    }
}

impl std::error::Error for RenderFault {}

impl Template {
    /// What has to be asked before it can be rendered, in order. A default is offered, not taken.
    pub fn missing(&self, values: &Values) -> Vec<&Ask> {
        self.asks.iter().filter(|ask| values.get(&ask.name).is_none()).collect()
    }

    /// The text with every placeholder filled; no text as long as one has no value.
    pub fn render(&self, values: &Values) -> Result<String, RenderFault> {
        let missing = self.missing(values);
        if !missing.is_empty() {
            return Err(RenderFault::Missing(missing.iter().map(|ask| ask.name.clone()).collect()));
        }
        fill(&self.body, &self.context(values))
            .map_err(|(line, what)| RenderFault::Failed(self.body_line + line - 1, what))
    }

    /// The subject under which it begins a new conversation with these values, if it does.
    pub fn subject(&self, values: &Values) -> Option<String> {
        line(self.subject.as_deref()?, &self.context(values))
    }

    /// What the text promises with these values; a promise of which something is not filled in is left out.
    pub fn promises(&self, values: &Values) -> Vec<Promise> {
        let context = self.context(values);
        let filled = |text: &str| line(text, &context);
        let promise = |promise: &Promise| {
            Some(Promise {
                who: promise.who,
                what: filled(&promise.what)?,
                by: filled(&promise.by)?,
                condition: promise.condition.as_deref().and_then(filled),
            })
        };
        self.promises.iter().filter_map(promise).collect()
    }

    /// The placeholders with their values.
    fn context<'v>(&'v self, values: &'v Values) -> BTreeMap<&'v str, &'v str> {
        let names = self.asks.iter().map(|ask| ask.name.as_str()).chain(KNOWN);
        names.map(|name| (name, values.get(name).unwrap_or_default())).collect()
    }

    /// Reads a template file. `file` is its name, with `.md`.
    fn read(file: &str, bytes: &[u8], own: bool) -> Result<Self, Vec<TemplateFault>> {
        let fault = |(line, what)| TemplateFault { file: file.to_owned(), line, what };
        let text = decode(bytes).map_err(|found| vec![fault(found)])?;
        let cut = front::cut(&text).map_err(|found| vec![fault(found)])?;
        let stem = file.strip_suffix(".md").unwrap_or(file);
        let (front, mut faults) = front::read(cut.front, stem);
        let Front { id, title, stance, concerns, situation, when, unless, place, subject, asks, promises } =
            front;
        // Without a readable list of placeholders each would be called undeclared.
        if faults.is_empty() {
            faults = body_faults(cut.body, cut.body_line, &asks);
            faults.extend(promise_faults(&promises, &asks));
            faults.extend(subject.iter().flat_map(|(text, line)| line_faults("subject", text, *line, &asks)));
        }
        let (true, Some(stance)) = (faults.is_empty(), stance) else {
            return Err(faults.into_iter().map(fault).collect());
        };
        let mut asks: Vec<Ask> = asks.into_iter().map(|(ask, _)| ask).collect();
        asks.extend(asks_for_known(cut.body));
        let (body, body_line) = (cut.body.to_owned(), cut.body_line);
        let promises = promises.into_iter().map(|(promise, _)| promise).collect();
        let place = place.unwrap_or(MIDDLE);
        let subject = subject.map(|(subject, _)| subject);
        Ok(Self {
            id,
            title,
            stance,
            concerns,
            situation,
            when,
            unless,
            place,
            subject,
            promises,
            asks,
            own,
            body,
            body_line,
        })
    }
}

/// The built-in templates with the owner's over them, ordered by id.
#[derive(Debug, Clone, Default)]
pub struct TemplateSet {
    templates: BTreeMap<String, Template>,
}

impl TemplateSet {
    /// The built-in templates and those of the owner's folder, where there is one. What can't be used is
    /// reported; a built-in template stays where the owner's of the same name is faulty.
    pub fn load(own: Option<&Path>) -> (Self, Vec<TemplateFault>) {
        let (files, mut faults) = own.map(read_folder).unwrap_or_default();
        let (set, more) = Self::with_own(files);
        faults.extend(more);
        (set, faults)
    }

    /// The same from files already read: name (with `.md`) and bytes.
    pub fn with_own(own: impl IntoIterator<Item = (String, Vec<u8>)>) -> (Self, Vec<TemplateFault>) {
        let built_in = BUILT_IN.files().filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            Some((name.to_owned(), file.contents().to_vec(), false))
        });
        let own = own.into_iter().map(|(name, bytes)| (name, bytes, true));
        let (mut set, mut faults) = (Self::default(), Vec::new());
        for (name, bytes, own) in built_in.chain(own) {
            match Template::read(&name, &bytes, own) {
                Ok(template) => {
                    set.templates.insert(template.id.clone(), template);
                }
                Err(found) => faults.extend(found),
            }
        }
        (set, faults)
    }

    /// The file of a built-in template.
    pub fn built_in_source(id: &str) -> Option<&'static str> {
        BUILT_IN.get_file(format!("{id}.md"))?.contents_utf8()
    }

    /// One template.
    pub fn get(&self, id: &str) -> Option<&Template> {
        self.templates.get(id)
    }

    /// All templates, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }
}

/// The Markdown files of a folder, in order of their names; hidden ones and other kinds are left alone.
fn read_folder(folder: &Path) -> (Vec<(String, Vec<u8>)>, Vec<TemplateFault>) {
    let fault = |file: &Path, what: String| TemplateFault { file: file.display().to_string(), line: 0, what };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            return (Vec::new(), vec![fault(folder, format!("the templates folder can't be read: {error}"))]);
        }
    };
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with('.') || path.extension().is_none_or(|kind| kind != "md") || !path.is_file() {
            continue;
        }
        match std::fs::read(&path) {
            Ok(bytes) => files.push((name.to_owned(), bytes)),
            Err(error) => faults.push(fault(&path, format!("can't be read: {error}"))),
        }
    }
    files.sort();
    (files, faults)
}

/// Text with `\n` line ends and without a byte order mark.
fn decode(bytes: &[u8]) -> Result<String, front::Fault> {
    if bytes.len() > LONGEST_FILE {
        return Err((
            1,
            format!("{} bytes are too much for a template: {LONGEST_FILE} at most", bytes.len()),
        ));
    }
    let line_of = |at: usize| bytes[..at].split(|byte| *byte == b'\n').count();
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err((line_of(at), "this holds a NUL byte: save the file as plain UTF-8 text".to_owned()));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n")),
        Err(error) => {
            Err((line_of(error.valid_up_to()), "this is not UTF-8: save the file as UTF-8".to_owned()))
        }
    }
}

/// What is wrong with the text of a template that declares these placeholders.
fn body_faults(body: &str, body_line: usize, asks: &[(Ask, usize)]) -> Vec<front::Fault> {
    if body.trim().is_empty() {
        return vec![(body_line, "the template has no text: write it below the closing `+++`".to_owned())];
    }
    let used = match placeholders(body) {
        Ok(used) => used,
        Err((line, what)) => return vec![(body_line + line - 1, what)],
    };
    let is_declared = |name: &str| KNOWN.contains(&name) || asks.iter().any(|(ask, _)| ask.name == name);
    let undeclared = used.iter().filter(|name| !is_declared(name)).map(|name| {
        let line = body.lines().position(|line| line.contains(name.as_str())).unwrap_or(0);
        (
            body_line + line,
            format!("the placeholder \"{name}\" is not declared: add an [[ask]] with name = \"{name}\""),
        )
    });
    let unused = asks.iter().filter(|(ask, _)| !used.contains(&ask.name)).map(|(ask, line)| {
        let name = &ask.name;
        (
            *line,
            format!(
                "the placeholder \"{name}\" is asked for but not used: write {{{{ {name} }}}} or drop it"
            ),
        )
    });
    let mut faults: Vec<front::Fault> = undeclared.chain(unused).collect();
    if faults.is_empty() {
        // Unknown filters and the like only show when it runs.
        let context = used.iter().map(|name| (name.as_str(), "1")).collect();
        faults.extend(fill(body, &context).err().map(|(line, what)| (body_line + line - 1, what)));
    }
    faults.sort();
    faults
}

/// Placeholders of promises that the template does not ask for.
fn promise_faults(promises: &[(Promise, usize)], asks: &[(Ask, usize)]) -> Vec<front::Fault> {
    let texts = promises.iter().flat_map(|(promise, line)| {
        let texts = [Some(&promise.what), Some(&promise.by), promise.condition.as_ref()];
        texts.into_iter().flatten().map(move |text| (text, *line))
    });
    texts.flat_map(|(text, line)| line_faults("commitment", text, line, asks)).collect()
}

/// Placeholders of a line of the front matter that the template does not ask for.
fn line_faults(key: &str, text: &str, line: usize, asks: &[(Ask, usize)]) -> Vec<front::Fault> {
    let is_declared = |name: &str| KNOWN.contains(&name) || asks.iter().any(|(ask, _)| ask.name == name);
    let undeclared = |name: &String| {
        let what = format!(
            "{key}: the placeholder \"{name}\" is not declared: add an [[ask]] with name = \"{name}\""
        );
        (line, what)
    };
    match placeholders(text) {
        Ok(used) => used.iter().filter(|name| !is_declared(name)).map(undeclared).collect(),
        Err((_, what)) => vec![(line, format!("{key}: {what}"))],
    }
}

/// The names of the placeholders in a text.
fn placeholders(body: &str) -> Result<BTreeSet<String>, front::Fault> {
    let jinja = strict();
    let template = jinja.template_from_str(body).map_err(|error| jinja_fault(&error))?;
    Ok(template.undeclared_variables(false).into_iter().collect())
}

/// Questions for what is usually known, should it be unknown once: a message without a date, for example.
fn asks_for_known(body: &str) -> Vec<Ask> {
    let used = placeholders(body).unwrap_or_default();
    let ask = |name: &str, kind: AskKind, question: &str| Ask {
        name: name.to_owned(),
        kind,
        question: question.to_owned(),
        default: None,
        example: None,
        suggest: None,
    };
    let known = [
        ask("owner_first_name", AskKind::Text, "Your first name?"),
        ask("owner_name", AskKind::Text, "Your name?"),
        ask("subject", AskKind::Text, "What is their message about?"),
        ask("received", AskKind::Date, "On which day did their message arrive?"),
        ask("sign_off", AskKind::Text, "How does your letter end? (Kind regards,)"),
    ];
    debug_assert_eq!(known.len() + MAY_BE_EMPTY.len(), KNOWN.len());
    known.into_iter().filter(|ask| used.contains(&ask.name)).collect()
}

/// Stands in a rendered text where a value was empty. No text that gets here can hold it: foreign text was
/// washed, answers are checked, templates with it are not filled.
const GAP: &str = "\0";

/// minijinja that takes no undefined value and leaves a mark where a value is empty.
fn strict() -> Environment<'static> {
    let mut jinja = Environment::new();
    jinja.set_undefined_behavior(UndefinedBehavior::Strict);
    jinja.set_formatter(|out, state, value| {
        if value.as_str().is_some_and(str::is_empty) {
            return Ok(out.write_str(GAP)?);
        }
        minijinja::escape_formatter(out, state, value)
    });
    jinja
}

/// A line of the front matter with its placeholders filled; nothing where that leaves nothing.
fn line(text: &str, context: &BTreeMap<&str, &str>) -> Option<String> {
    let text = fill(text, context).ok()?.replace('\n', " ");
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// A text with its placeholders filled.
fn fill(body: &str, context: &BTreeMap<&str, &str>) -> Result<String, front::Fault> {
    let jinja = strict();
    let text = jinja
        .template_from_str(body)
        .and_then(|template| {
            template.render(minijinja::Value::from_pairs(context.iter().map(|(name, value)| (*name, *value))))
        })
        .map_err(|error| jinja_fault(&error))?;
    Ok(closed_over_gaps(&text))
}

fn jinja_fault(error: &minijinja::Error) -> front::Fault {
    let what = error
        .detail()
        .map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    (error.line().unwrap_or(1), what)
}

/// How a sentence closes over a name that is not there, in this order.
static CLOSINGS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        // "Dear ," and a line that greets by name alone
        (r"(?m)^(?:Dear )?\x00,[ \t]*$", "Hello,"),
        // "Thank you, Ann, for waiting."
        (r",\s*\x00,", ""),
        // "Thank you, Ann."
        (r",\s*\x00([.!?;:]|$)", "$1"),
        // "about Ann's order"
        (r"\x00['\u{2019}]s\b", "your"),
        // "Ann, thank you": see `capitalised`.
        (r"(?m)^\x00[,:][ \t]*", "\x00"),
        // "Hello Ann,"
        (r"[ \t]+\x00", ""),
    ]
    .into_iter()
    .map(|(gap, closing)| (Regex::new(gap).expect("a fixed pattern, compiled by every test"), closing))
    .collect()
});

/// The text without its gaps, without more than one empty line in a row, without space at its ends.
fn closed_over_gaps(text: &str) -> String {
    let mut closed = text.to_owned();
    if closed.contains(GAP) {
        for (gap, closing) in CLOSINGS.iter() {
            closed = gap.replace_all(&closed, *closing).into_owned();
        }
        closed = capitalised(&closed);
    }
    let mut lines: Vec<&str> = Vec::new();
    for line in closed.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_some_and(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// Takes the gaps that are left, at the head of a sentence, and makes the next letter a capital.
fn capitalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_gap = false;
    for c in text.chars() {
        match c {
            '\0' => after_gap = true,
            c if after_gap => {
                out.extend(c.to_uppercase());
                after_gap = false;
            }
            c => out.push(c),
        }
    }
    out
}
