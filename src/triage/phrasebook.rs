//! The phrases that say something, from `assets/phrasebook/*.toml`: parsed once, found fast. Owns no weight
//! and no phrase itself; they stand in the files, where they can be read and changed without Rust. What is found decides
//! nothing: it says in plain words what is in the clauses on which the trained readers' answer rests.
//!
//! A file has entries:
//!
//! ```toml
//! [[phrase]]
//! says = "asks for money back"       # plain words, shown to the owner, who knows who is meant
//! weight = 4.0                       # how telling it is; negative speaks against
//! any = ["money back", "{want} {gap}refund"]
//! unless = "policy"                  # not where this stands in the same sentence
//! with = "please"                    # only where this stands in the same sentence
//! unless_anywhere = "..."            # the same for all that the sender newly wrote
//! with_anywhere = "..."
//! deadline = true                    # only where a near deadline stands in this sentence or beside it; a
//!                                    # "by then" or "then" in `says` becomes what the deadline says
//! ```
//!
//! Patterns are regular expressions, in any case, bounded by words. A space stands for any white space, with
//! or without a comma before it; `'` for the straight and the curly apostrophe; `n't` also for `nt`; `{name}`
//! for a piece of `words.toml`. `~` at the front or the end: no word boundary there.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::deadline::Deadline;
use super::evidence::{Signal, Spot};
use super::reading::{Reading, Stretch};
use super::verdict::Topic;

const WORDS: &str = include_str!("../../assets/phrasebook/words.toml");
const CHAPTERS: [(Topic, &str); 5] = [
    (Topic::Sender, include_str!("../../assets/phrasebook/sender.toml")),
    (Topic::Emergency, include_str!("../../assets/phrasebook/emergency.toml")),
    (Topic::Complaint, include_str!("../../assets/phrasebook/complaint.toml")),
    (Topic::Unusual, include_str!("../../assets/phrasebook/unusual.toml")),
    (Topic::Refund, include_str!("../../assets/phrasebook/refund.toml")),
];

/// A phrase is looked for so often in one text; each further time would count at most an eighth.
const TIMES: usize = 3;
/// Bytes for the states of one set while it searches; more than a letter needs, so that it stays quick.
const SEARCH_MEMORY: usize = 16 << 20;

/// The built-in phrasebook, parsed and compiled at the first call.
pub(super) fn phrasebook() -> &'static Phrasebook {
    static BOOK: LazyLock<Phrasebook> =
        LazyLock::new(|| Phrasebook::parse().expect("the phrasebook is compiled in, and the tests parse it"));
    &BOOK
}

fn pieces() -> Result<BTreeMap<String, String>, String> {
    Ok(toml::from_str::<Words>(WORDS).map_err(|error| format!("words.toml: {error}"))?.words)
}

fn sections() -> Result<Vec<Section>, String> {
    let pieces = pieces()?;
    CHAPTERS.iter().map(|&(topic, text)| section(topic, text, &pieces)).collect()
}

fn section(topic: Topic, text: &str, pieces: &BTreeMap<String, String>) -> Result<Section, String> {
    let chapter = toml::from_str(text).map_err(|error| format!("{topic:?}: {error}"))?;
    Section::new(topic, chapter, pieces).map_err(|error| format!("{topic:?}: {error}"))
}

/// `words.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: BTreeMap<String, String>,
}

/// One of the other files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chapter {
    phrase: Vec<Entry>,
}

/// One `[[phrase]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    says: String,
    weight: f32,
    any: Vec<String>,
    unless: Option<String>,
    with: Option<String>,
    unless_anywhere: Option<String>,
    with_anywhere: Option<String>,
    #[serde(default)]
    deadline: bool,
}

/// A pattern that is compiled when it is first needed: a message needs a few of many hundred.
#[derive(Debug)]
struct Pattern {
    source: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    fn new(source: String) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            RegexBuilder::new(&self.source)
                .case_insensitive(true)
                .build()
                .expect("phrasebook patterns are compiled in, and a test compiles each")
        })
    }

    fn is_in(&self, text: &str) -> bool {
        self.regex().is_match(text)
    }
}

/// What must and must not stand around a phrase.
#[derive(Debug)]
struct Context {
    unless: Option<Pattern>,
    with: Option<Pattern>,
    unless_anywhere: Option<Pattern>,
    with_anywhere: Option<Pattern>,
    deadline: bool,
}

/// An entry, ready to be found.
#[derive(Debug)]
struct Phrase {
    topic: Topic,
    says: String,
    weight: f32,
    context: Context,
}

/// The phrases of one file, with the set that finds which of them occur at all.
#[derive(Debug)]
struct Section {
    set: RegexSet,
    /// As in `set`: the pattern and the number of its phrase.
    patterns: Vec<(Pattern, usize)>,
    phrases: Vec<Phrase>,
}

/// All phrases.
#[derive(Debug)]
pub(super) struct Phrasebook {
    /// Compiled when a message is first searched; the few patterns below are needed far more often.
    sections: LazyLock<Vec<Section>>,
    adopting: Pattern,
    appointment: Pattern,
    asking: Pattern,
    past: Pattern,
}

impl Phrasebook {
    fn parse() -> Result<Self, String> {
        let pieces = pieces()?;
        Ok(Self {
            sections: LazyLock::new(|| {
                sections().expect("the phrasebook is compiled in, and the tests parse it")
            }),
            adopting: Pattern::new(expand("{adopting}", &pieces)?),
            appointment: Pattern::new(expand("{appointment}", &pieces)?),
            asking: Pattern::new(expand("{ask}|{asking}", &pieces)?),
            past: Pattern::new(expand("{past}", &pieces)?),
        })
    }

    /// Whether the new text makes what is forwarded below it the sender's own.
    pub fn adopts(&self, text: &str) -> bool {
        self.adopting.is_in(text)
    }

    /// Whether a sentence names a time to meet, not a time by which something is wanted.
    pub fn makes_an_appointment(&self, sentence: &str) -> bool {
        self.appointment.is_in(sentence)
    }

    /// Whether a sentence asks the owner for something, or says that it is needed.
    pub fn asks(&self, sentence: &str) -> bool {
        self.asking.is_in(sentence)
    }

    /// Whether a clause tells of something that is over.
    pub fn tells_of_the_past(&self, clause: &str) -> bool {
        self.past.is_in(clause)
    }

    /// All phrases that stand in the reading and whose context fits.
    pub fn signals(&'static self, reading: &Reading, deadlines: &[Deadline]) -> Vec<Signal> {
        let mut found = Vec::new();
        for section in self.sections.iter() {
            // Whether the whole text suits a phrase is asked once, however often the phrase stands in it.
            let suited: Vec<OnceCell<bool>> = vec![OnceCell::new(); section.phrases.len()];
            for (number, stretch) in reading.stretches.iter().enumerate() {
                for hit in &section.set.matches(stretch.text) {
                    let (pattern, phrase) = &section.patterns[hit];
                    let context = &section.phrases[*phrase].context;
                    if *suited[*phrase].get_or_init(|| context.suits(reading)) {
                        let place = Place { stretch, number, deadlines };
                        found.extend(section.phrases[*phrase].find(pattern, &place));
                    }
                }
            }
        }
        found
    }
}

/// Where a phrase is being looked for.
struct Place<'r, 'm> {
    stretch: &'r Stretch<'m>,
    number: usize,
    deadlines: &'r [Deadline],
}

impl Phrase {
    fn find(&'static self, pattern: &'static Pattern, place: &Place) -> Vec<Signal> {
        let stretch = place.stretch;
        pattern
            .regex()
            .find_iter(stretch.text)
            .take(TIMES)
            .map(|found| found.range())
            .filter(|range| self.context.fits(place, range))
            .map(|range| Signal {
                topic: self.topic,
                weight: self.weight * stretch.factor,
                says: self.said(place, &range),
                spot: Spot::Text(place.number, range),
            })
            .collect()
    }

    /// What it says; where it hangs on a deadline, with that.
    fn said(&'static self, place: &Place, range: &Range<usize>) -> Cow<'static, str> {
        let Some(deadline) = place.pressing(range).filter(|_| self.context.deadline) else {
            return self.says.as_str().into();
        };
        match self.says.strip_suffix(" by then") {
            Some(says) => format!("{says} {}", deadline.by()).into(),
            None => self.says.replace(" then", &format!(" {}", deadline.when())).into(),
        }
    }
}

impl Place<'_, '_> {
    /// The nearest in time of the deadlines that press beside these words.
    fn pressing(&self, range: &Range<usize>) -> Option<&Deadline> {
        let mut pressing = self
            .deadlines
            .iter()
            .filter(|deadline| deadline.presses(self.stretch, self.number, range))
            .collect::<Vec<_>>();
        pressing.sort_by(|a, b| a.hours().total_cmp(&b.hours()));
        pressing.first().copied()
    }
}

impl Context {
    /// Whether the whole reading has what it must and not what it must not.
    fn suits(&self, reading: &Reading) -> bool {
        let anywhere =
            |pattern: &Pattern| reading.stretches.iter().any(|stretch| pattern.is_in(stretch.text));
        self.unless_anywhere.as_ref().is_none_or(|pattern| !anywhere(pattern))
            && self.with_anywhere.as_ref().is_none_or(anywhere)
    }

    /// Whether the sentence and the deadlines beside these words are as they must be.
    fn fits(&self, place: &Place, range: &Range<usize>) -> bool {
        let sentence = place.stretch.sentence_around(range);
        self.unless.as_ref().is_none_or(|pattern| !pattern.is_in(sentence))
            && self.with.as_ref().is_none_or(|pattern| pattern.is_in(sentence))
            && (!self.deadline || place.pressing(range).is_some())
    }
}

impl Section {
    fn new(topic: Topic, chapter: Chapter, pieces: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut patterns = Vec::new();
        let mut phrases = Vec::new();
        for entry in chapter.phrase {
            for written in &entry.any {
                patterns.push((Pattern::new(expand(written, pieces)?), phrases.len()));
            }
            phrases.push(Phrase::new(topic, entry, pieces)?);
        }
        let set = RegexSetBuilder::new(patterns.iter().map(|(pattern, _)| &pattern.source))
            .case_insensitive(true)
            .size_limit(SEARCH_MEMORY * 4)
            .dfa_size_limit(SEARCH_MEMORY)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { set, patterns, phrases })
    }
}

impl Phrase {
    fn new(topic: Topic, entry: Entry, pieces: &BTreeMap<String, String>) -> Result<Self, String> {
        let pattern = |written: Option<String>| {
            written.map(|written| expand(&written, pieces).map(Pattern::new)).transpose()
        };
        let context = Context {
            unless: pattern(entry.unless)?,
            with: pattern(entry.with)?,
            unless_anywhere: pattern(entry.unless_anywhere)?,
            with_anywhere: pattern(entry.with_anywhere)?,
            deadline: entry.deadline,
        };
        Ok(Self { topic, says: entry.says, weight: entry.weight, context })
    }
}

/// The written pattern as a regular expression. Word boundaries are those of ASCII: with Unicode's the
/// quick way of searching would end at the first curly apostrophe.
fn expand(written: &str, pieces: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = written.to_owned();
    // Pieces may hold pieces; four levels are more than any needs, and end a circle.
    for _ in 0..4 {
        for (name, piece) in pieces {
            text = text.replace(&format!("{{{name}}}"), &format!("(?:{piece})"));
        }
    }
    if let Some(at) =
        text.find('{').filter(|&at| text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()))
    {
        return Err(format!("'{written}' names an unknown piece: {}", &text[at..]));
    }
    let (front, text) = text.strip_prefix('~').map_or((r"(?-u:\b)", text.as_str()), |rest| ("", rest));
    let text = text.replace("n't", "n(?:'|\u{2019})?t").replace('\'', "(?:'|\u{2019})");
    let text = text.replace("(?:(?:'|\u{2019})|\u{2019})", "(?:'|\u{2019})").replace(' ', r"(?:,?\s+)");
    let (text, back) = text.strip_suffix('~').map_or((text.as_str(), r"(?-u:\b)"), |rest| (rest, ""));
    Ok(format!(r"{front}(?:{text}){back}"))
}

#[cfg(test)]
mod tests {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::string::string_regex;
    use proptest::test_runner::TestRunner;

    use super::*;

    /// A text that the pattern matches, made from the pattern itself.
    fn sample(pattern: &Pattern, runner: &mut TestRunner) -> String {
        let source = pattern
            .source
            .replace(r"(?-u:\b)", "")
            .replace(r"\b", "")
            .replace("(?:^|", "(?:")
            .replace("|^|", "|")
            .replace("|$", "");
        let strategy = string_regex(&source).unwrap_or_else(|error| panic!("{error}: {source}"));
        strategy.new_tree(runner).unwrap().current()
    }

    #[test]
    fn each_pattern_compiles_and_finds_its_own_words() {
        let book = phrasebook();
        let mut runner = TestRunner::deterministic();
        let mut lost = Vec::new();
        for section in book.sections.iter() {
            for (number, (pattern, phrase)) in section.patterns.iter().enumerate() {
                let found = (0..40).any(|_| {
                    let text = format!(" {} ", sample(pattern, &mut runner));
                    pattern.is_in(&text) && section.set.matches(&text).matched(number)
                });
                if !found {
                    lost.push(pattern.source.clone());
                }
                assert!(!section.phrases[*phrase].says.is_empty() && section.phrases[*phrase].weight != 0.0);
            }
        }
        assert!(lost.is_empty(), "{}", lost.join("\n"));
    }

    #[test]
    fn each_context_compiles() {
        for phrase in phrasebook().sections.iter().flat_map(|section| &section.phrases) {
            let Context { unless, with, unless_anywhere, with_anywhere, deadline: _ } = &phrase.context;
            for pattern in [unless, with, unless_anywhere, with_anywhere].into_iter().flatten() {
                assert!(pattern.regex().as_str().len() > 10);
            }
        }
    }

    #[test]
    fn a_faulty_phrasebook_names_its_file_and_fault() {
        let no_entry = section(Topic::Refund, "x = 1", &BTreeMap::new()).unwrap_err();
        assert!(no_entry.starts_with("Refund: ") && no_entry.contains("unknown field"), "{no_entry}");
        let unknown = "[[phrase]]\nsays = 'x'\nweight = 1.0\nany = ['{what}']";
        assert!(section(Topic::Refund, unknown, &BTreeMap::new()).unwrap_err().contains("unknown piece"));
    }
}
