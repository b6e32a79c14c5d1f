//! Phrases that stand in a text, but not in a sentence with certain others: what the phrase books of situations and of the
//! ledger are made of. Matched without regard to case, on straight quotes and single spaces.

use regex::{Regex, RegexBuilder};

/// Some hundred alternatives with their gaps stay below it.
const SIZE_LIMIT: usize = 64 << 20;

/// Phrases of one meaning.
#[derive(Debug)]
pub struct Phrases {
    any: Regex,
    unless: Option<Regex>,
}

impl Phrases {
    /// One of `any` has to stand there, and none of `unless` in the same sentence. Fails on a faulty pattern.
    pub fn of(any: &[String], unless: &[String]) -> Result<Self, String> {
        let unless = if unless.is_empty() { None } else { Some(one_of(unless)?) };
        Ok(Self { any: one_of(any)?, unless })
    }

    /// Whether they stand in a text.
    pub fn stand_in(&self, text: &str) -> bool {
        let Some(unless) = &self.unless else { return self.any.is_match(text) };
        self.any.find_iter(text).any(|found| !unless.is_match(sentence(text, found.start())))
    }
}

fn one_of(patterns: &[String]) -> Result<Regex, String> {
    let joined = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect::<Vec<_>>().join("|");
    let built = RegexBuilder::new(&joined).case_insensitive(true).size_limit(SIZE_LIMIT).build();
    built.map_err(|error| error.to_string())
}

/// Straight quotes in place of curly ones.
pub fn straight(text: &str) -> String {
    text.replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\"")
}

/// The sentence in which a byte stands.
fn sentence(text: &str, at: usize) -> &str {
    let ends = |c: char| matches!(c, '.' | '!' | '?');
    let start = text[..at].rfind(ends).map_or(0, |end| end + 1);
    let end = text[at..].find(ends).map_or(text.len(), |end| at + end + 1);
    text.get(start..end).unwrap_or(text)
}
